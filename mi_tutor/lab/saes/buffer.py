"""Activations on disk: read once with the model, then used for as many passes and SAEs as one likes.

A folder holds shards of float16 rows and a manifest. Filling can be killed at any moment and started again: whole
shards are kept, and the result is the same. Neither filling nor reading holds more than one shard or batch in memory.

A few positions of a language model have norms tens of times larger than all others (the first token, some line
breaks). They carry next to no information and would dominate any squared error. Rows whose norm is more than five
times the median stay on disk, but no batch contains them.
"""

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

import torch
from jaxtyping import Float, Int
from torch import Tensor

from mi_tutor.lab.progress import progress_bar
from mi_tutor.lab.running import run_with
from mi_tutor.lab.saes import atomic
from mi_tutor.lab.saes.batches import Batches, Rows
from mi_tutor.lab.saes.texts import Pieces

HUGE = 5.0  # times the median norm
LARGEST = torch.finfo(torch.float16).max


class Buffer:
    """Activations of one place in a model, row by row. Make one with `fill`, open it again with `Buffer(folder)`.

    Attributes:
        name: the hook name.
        kept: Int[Tensor, "row"], the rows that batches are drawn from.
        mean: Float[Tensor, "d_model"], and scale: float. (x − mean) / scale has the mean norm √d_model over kept rows.
        norm_limit: rows with a larger norm are left out.
        ids, source, piece, norm: [row], for each row its token, source, text and norm.
        sources: the names of the sources.

    Raises:
        FileNotFoundError: nothing was filled into this folder, or filling has not finished.
    """

    def __init__(self, folder: str | Path):
        self.folder = Path(folder)
        if not (self.folder / "manifest.json").exists():
            raise FileNotFoundError(f"There is no finished buffer in {self.folder}: call fill(folder, ...) first.")
        self.manifest = json.loads((self.folder / "manifest.json").read_text(encoding="utf-8"))
        facts, _ = atomic.read_tensors(self.folder / "facts.safetensors")
        self.ids, self.source, self.piece, self.norm = (facts[one] for one in ("ids", "source", "piece", "norm"))
        self.kept, self.mean = facts["kept"], facts["mean"]
        self.name, self.sources = self.manifest["name"], self.manifest["sources"]
        self.scale, self.norm_limit = self.manifest["scale"], self.manifest["norm_limit"]
        self._rows = Rows(_shards(self.folder))

    def __len__(self) -> int:
        return len(self.ids)

    def rows(self, index: Int[Tensor, "batch"]) -> Float[Tensor, "batch d_model"]:
        """Chosen rows, read from disk, in the model's units."""
        return self._rows.read(index).float()

    def batches(self, size: int = 1024, *, seed: int = 0) -> Batches:
        """Shuffled batches of kept rows, centred and scaled: a function of the step, see `Batches`."""
        return Batches(self.rows, self.kept, size, seed=seed, mean=self.mean, scale=self.scale)

    def window(self, row: int, *, before: int = 8, after: int = 4) -> tuple[list[int], int]:
        """Token ids around a row, within its piece of text, and the row's own index among them."""
        inside = (self.piece == self.piece[row]).nonzero()[:, 0]
        first, last = max(int(inside[0]), row - before), min(int(inside[-1]), row + after)
        return self.ids[first : last + 1].tolist(), row - first


def fill(
    folder: str | Path,
    model,
    pieces: Pieces,
    name: str,
    *,
    batch_size: int = 16,
    shard: int = 128,
    text: str = "Reading",
) -> Buffer:
    """Run the model over the pieces and store what passes at `name`; goes on where an earlier call was stopped.

    Args:
        name: for example `activations.residual_name(10)`, or `activations.neuron_name(10)` for MLP neurons.
        pieces: from `texts.pieces`; BOS is put in front of each, and its row left out.
        batch_size: pieces in one forward pass.
        shard: pieces in one file.

    Raises:
        ValueError: the folder holds activations of another place or of other texts.
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    _claim(folder, model, pieces, name, shard)
    if not (folder / "manifest.json").exists():
        starts = range(0, len(pieces.ids), shard)
        missing = [start for start in starts if not _file(folder, start // shard).exists()]
        for start in progress_bar(missing, text):
            _write_shard(_file(folder, start // shard), model, pieces.ids[start : start + shard], name, batch_size)
        _finish(folder, pieces, name)
    return Buffer(folder)


def _claim(folder: Path, model, pieces: Pieces, name: str, shard: int) -> None:
    """Write down what this folder is for, or compare with what stands there."""
    size = f"{model.cfg.model_name} {model.cfg.n_layers} {model.cfg.d_model}"
    digest = hashlib.sha256(pieces.ids.numpy().tobytes() + pieces.source.numpy().tobytes()).hexdigest()
    claim = {"name": name, "model": size, "texts": digest, "shard": shard}
    path = folder / "claim.json"
    if path.exists() and json.loads(path.read_text(encoding="utf-8")) != claim:
        raise ValueError(f"{folder} holds activations of another place or of other texts: choose another folder.")
    atomic.write_json(path, claim)


def _write_shard(path: Path, model, ids: Int[Tensor, "piece pos"], name: str, batch_size: int) -> None:
    bos = torch.full((len(ids), 1), model.tokenizer.bos_token_id)
    parts, norms = [], []
    for batch in torch.cat([bos, ids], dim=1).split(batch_size):
        found = run_with(model, batch, name)[name][:, 1:].flatten(0, 1)
        norms.append(found.norm(dim=-1))
        parts.append(found.clamp(-LARGEST, LARGEST).half())
    atomic.write_tensors(path, {"rows": torch.cat(parts), "norm": torch.cat(norms)})


def _finish(folder: Path, pieces: Pieces, name: str) -> None:
    """Two more passes over the shards: which rows to keep and their mean, then the scale."""
    files = _shards(folder)
    norm = torch.cat([atomic.read_tensors(file)[0]["norm"] for file in files])
    limit = HUGE * float(norm.median())
    kept = (norm <= limit).nonzero()[:, 0]
    mean = sum(rows.double().sum(0) for rows in _each_kept(files, limit)) / len(kept)
    distance = sum(float((rows.double() - mean).norm(dim=-1).sum()) for rows in _each_kept(files, limit)) / len(kept)
    length = pieces.ids.shape[1]
    facts = {
        "ids": pieces.ids.flatten(),
        "source": pieces.source.repeat_interleave(length),
        "piece": torch.arange(len(pieces.ids)).repeat_interleave(length),
        "norm": norm,
        "kept": kept,
        "mean": mean.float(),
    }
    atomic.write_tensors(folder / "facts.safetensors", facts)
    manifest = {"name": name, "sources": pieces.names, "scale": distance / len(mean) ** 0.5, "norm_limit": limit}
    atomic.write_json(folder / "manifest.json", manifest | {"rows": len(norm), "kept": len(kept)})


def _each_kept(files: list[Path], limit: float) -> Iterator[Float[Tensor, "row d_model"]]:
    for file in files:
        shard, _ = atomic.read_tensors(file)
        yield shard["rows"][shard["norm"] <= limit]


def _file(folder: Path, number: int) -> Path:
    return folder / f"shard_{number:05}.safetensors"


def _shards(folder: Path) -> list[Path]:
    return sorted(folder.glob("shard_*.safetensors"))
