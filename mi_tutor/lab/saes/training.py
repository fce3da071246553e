"""Train sparse autoencoders: one, or several on one pass over the data.

The batch of a step is a function of the step (see `batches`), and so is every random draw. What a run needs to go on
after it was killed is therefore its weights, Adam's moments and the counters of silent latents. They are written
together into one file, moved into place in one step: whenever the process dies, a run that is started again ends with
the same weights, to the last bit.
"""

import contextlib
import hashlib
import json
from collections.abc import Callable
from pathlib import Path

import torch
from jaxtyping import Float
from torch import Tensor

from mi_tutor.lab.progress import progress_bar
from mi_tutor.lab.saes import atomic, dead, unit_norm
from mi_tutor.lab.saes.recipe import Recipe
from mi_tutor.lab.saes.sae import SAE, Pass

Data = Callable[[int], Float[Tensor, "batch d_model"]]
History = list[dict[str, float]]


class Run:
    """One SAE in training, with its optimizer and counters."""

    def __init__(self, name: str, sae: SAE, recipe: Recipe, steps: int):
        self.name, self.sae, self.recipe, self.steps = name, sae, recipe, steps
        self.optimizer = torch.optim.Adam(sae.parameters(), lr=recipe.lr, betas=recipe.betas, fused=True)
        self.silent = torch.zeros(sae.feature, dtype=torch.long)
        self.history: History = []

    def step(self, number: int, x: Float[Tensor, "batch d_model"], data: Data, measure: bool) -> None:
        """One batch: losses, gradients, Adam, the norm constraint, the care of dead latents."""
        recipe = self.recipe
        self.optimizer.param_groups[0]["lr"] = recipe.rate(number, self.steps)
        out = self.sae.losses(x)
        loss = out.error + recipe.weight(number) * out.penalty + out.extra
        dead.update(self.silent, out.counts, len(x))
        asleep = self.silent > recipe.dead_after
        if recipe.revive == "auxiliary" and asleep.any():
            residual = x - out.reconstruction
            loss = loss + recipe.auxiliary * dead.auxiliary_error(self.sae, x, residual, asleep, recipe.auxiliary_k)
        self.optimizer.zero_grad()
        loss.backward()
        if recipe.unit_norm and recipe.project:
            unit_norm.project(self.sae.W_dec.detach(), self.sae.W_dec.grad)
        self.optimizer.step()
        if recipe.unit_norm:
            unit_norm.normalise(self.sae.W_dec)
        if measure:
            self.history.append(_metrics(number, x, out, asleep))
        if recipe.resamples(number, self.steps):
            self._resample(number, data, asleep)

    def _resample(self, number: int, data: Data, asleep: Tensor) -> None:
        # The rows of the last batches, and a generator of this step: both can be made again after a resume.
        rows = torch.cat([data(one) for one in range(max(0, number - self.recipe.resample_batches + 1), number + 1)])
        generator = torch.Generator().manual_seed(number)
        dead.resample(self.sae, self.optimizer, rows, asleep, generator)
        self.silent[asleep] = 0

    def state(self) -> dict[str, Tensor]:
        """Everything that the next step depends on."""
        tensors = {f"sae/{key}": value for key, value in self.sae.state_dict().items()} | {"silent": self.silent}
        for key, parameter in self.sae.named_parameters():
            for part, value in self.optimizer.state[parameter].items():
                tensors[f"{part}/{key}"] = value
        return {f"{self.name}/{key}": value for key, value in tensors.items()}

    def restore(self, state: dict[str, Tensor], history: History) -> None:
        """Take up a state. Values go into tensors of the old memory layout, because it decides how sums are rounded."""
        start = f"{self.name}/"
        own = {key.removeprefix(start): value for key, value in state.items() if key.startswith(start)}
        self.sae.load_state_dict({key[4:]: value for key, value in own.items() if key.startswith("sae/")})
        self.silent.copy_(own["silent"])
        for key, parameter in self.sae.named_parameters():
            moments = {"step": own[f"step/{key}"]}
            for part in ("exp_avg", "exp_avg_sq"):
                moments[part] = torch.empty_like(parameter, requires_grad=False).copy_(own[f"{part}/{key}"])
            self.optimizer.state[parameter] = moments
        self.history = list(history)


def train(
    saes: SAE | dict[str, SAE],
    data: Data,
    recipe: Recipe | dict[str, Recipe],
    *,
    steps: int,
    folder: str | Path | None = None,
    save_every: int = 200,
    measure_every: int = 20,
    text: str = "Training",
) -> dict[str, History]:
    """Train in place. Each batch is read once and shown to every SAE; they do not influence each other.

    Args:
        saes: one SAE, or several by name (seeds, widths, kinds).
        data: step → batch, for example `buffer.batches()` or `batches.of_tensor(x, 256)`.
        recipe: for all, or one for each name.
        steps: number of batches.
        folder: where to keep the state. A run that was stopped goes on from there when it is called again with the
            same arguments.
        save_every: steps between two saved states.
        measure_every: steps between two lines of the history.
        text: what the progress bar says, before the metrics.

    Returns:
        for each name the history: step, error (see `Pass`), fve (of the batch), l0, dead (share of the latents).

    Raises:
        ValueError: the folder holds a run with other arguments.
    """
    named = {"sae": saes} if isinstance(saes, SAE) else dict(saes)
    recipes = recipe if isinstance(recipe, dict) else dict.fromkeys(named, recipe)
    runs = [Run(name, sae, recipes[name], steps) for name, sae in named.items()]
    file = None if folder is None else _claim(Path(folder), runs, data, steps)
    first = 0 if file is None else _resume(file, runs)
    status = _Status(text, runs)
    for number in progress_bar(range(first, steps), status):
        x = data(number)
        measure = number % measure_every == 0 or number == steps - 1
        for run in runs:
            run.step(number, x, data, measure)
        if file is not None and ((number + 1) % save_every == 0 or number == steps - 1):
            _save(file, runs, number + 1)
    return {run.name: run.history for run in runs}


@torch.no_grad()
def _metrics(number: int, x: Tensor, out: Pass, asleep: Tensor) -> dict[str, float]:
    about_mean = (x - x.mean(0)).pow(2).sum(-1).mean()
    return {
        "step": number,
        "error": out.error.item(),
        "fve": 1 - (out.error / about_mean).item(),
        "l0": out.counts.sum().item() / len(x),
        "dead": asleep.float().mean().item(),
    }


class _Status(str):
    """The words in front of the progress bar: the metrics of the first SAE as they stand when the bar is drawn."""

    def __new__(cls, text: str, runs: list[Run]):
        made = super().__new__(cls, text)
        made.runs = runs
        return made

    def __format__(self, spec: str) -> str:
        if not self.runs[0].history:
            return str(self)
        last = self.runs[0].history[-1]
        return f"{self!s} · FVE {last['fve']:.3f} · L0 {last['l0']:.0f} · dead {last['dead']:.0%}"


def _claim(folder: Path, runs: list[Run], data: Data, steps: int) -> Path:
    """Write down what is trained here, or compare with what stands there. Returns the file of the state."""
    folder.mkdir(parents=True, exist_ok=True)
    each = {run.name: {"kind": run.sae.kind, **run.sae.settings(), "recipe": run.recipe.as_json()} for run in runs}
    digest = hashlib.sha256(data(0).numpy().tobytes()).hexdigest()
    claim, file = {"saes": each, "steps": steps, "data": digest}, folder / "training.json"
    if file.exists() and json.loads(file.read_text(encoding="utf-8")) != claim:
        raise ValueError(f"{folder} holds a run with other settings or other data: choose another folder, or empty it.")
    atomic.write_json(file, claim)
    return folder / "training.safetensors"


def _save(file: Path, runs: list[Run], done: int) -> None:
    tensors = {key: value for run in runs for key, value in run.state().items()}
    atomic.write_tensors(file, tensors, {"done": done, "histories": {run.name: run.history for run in runs}})


def _resume(file: Path, runs: list[Run]) -> int:
    """Restore the saved state, if there is one. Returns the next step."""
    with contextlib.suppress(FileNotFoundError):
        state, record = atomic.read_tensors(file)
        for run in runs:
            run.restore(state, record["histories"][run.name])
        return record["done"]
    return 0
