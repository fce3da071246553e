"""Read chosen positions of many texts at many places in one run of the model, and keep them on disk."""

import math
from collections.abc import Sequence
from functools import partial
from typing import NamedTuple

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

from mi_tutor.lab.lens import _name
from mi_tutor.lab.probes import shelf
from mi_tutor.lab.progress import progress_bar
from mi_tutor.lab.reducing import reduce_with
from mi_tutor.lab.running import _resolve_positions, check_names
from mi_tutor.lab.tokens import Tokens, as_tokens

POSITIONS_AT_ONCE = 640  # in one run, padding included: 45 MB for all stages of SmolLM2
_LARGEST = 65504  # what 16 bits can hold


class Readings:
    """Activations at the chosen positions. `readings[10]` is stage 10, `readings[name]` an activation by its name.

    Each is Float[Tensor, "text d_model"], [text n d_model] when n positions a text were asked for, or [place d_model]
    for single places. It is read from disk at that moment, so that only what is used takes memory. Values were stored
    with 16 bits: three digits.
    """

    def __init__(self, arrays: dict[str, np.ndarray], names: list[str]):
        self._arrays, self.names = arrays, names

    def __len__(self) -> int:
        """How many stages or names there are."""
        return len(self.names)

    def __getitem__(self, which: int | str) -> Float[Tensor, "text ..."]:
        name = self.names[which] if isinstance(which, int) else which
        if name not in self._arrays:
            raise KeyError(f"{name} was not read; there is {', '.join(self.names)}.")
        return torch.from_numpy(_in_memory(self._arrays[name]).astype(np.float32))


def _in_memory(array: np.ndarray) -> np.ndarray:
    """The values of a mapped file, read anew: what is read through the map counts as memory for as long as it lives."""
    if not isinstance(array, np.memmap):
        return array
    try:
        return np.load(array.filename)
    except (OSError, ValueError):  # another process has made room on the shelf; what is mapped stays whole
        return array


def read(
    model,
    texts: Tokens | Tensor | str | list[str],
    positions: int | list[int] | Int[Tensor, "..."] | tuple[Tensor, Tensor] | str = -1,
    *,
    names: Sequence[str] | None = None,
    keep: bool = True,
    text: str = "Reading",
) -> Readings:
    """Activations at chosen positions of every text, all of them in one run a batch, texts of similar length together.

    Args:
        texts: right-padded Tokens, or texts.
        positions: where to read in each text, as for `activations.logits_at`: negative numbers count from the text's
            own end, a list reads several, a tensor [text] or [text n] says it for each text. A pair of tensors
            (text, position) reads one place for each entry, in this order. "mean" is the mean over all positions but
            the first (BOS).
        names: hook names, in the order in which the run reaches them; by default the residual stream at all stages,
            0 (the embedding) to n_layers (the final one).
        keep: store the result in the user's cache, and read it from there the next time. The key is the model's
            weights, the tokens, the positions and the names.
        text: the word in front of the progress bar.

    Raises:
        ValueError: an unknown name, a position outside of its text, hooks left on the model (their runs must not be
            kept), or a value too large for 16 bits.
    """
    batch = as_tokens(model, texts)
    names = [_name(model, stage) for stage in range(model.cfg.n_layers + 1)] if names is None else list(names)
    check_names(model, names)
    where = _places(batch, positions)
    if keep and any(point.fwd_hooks for point in model.hook_dict.values()):
        raise ValueError("There are hooks on the model: take them off (model.reset_hooks()), or read with keep=False.")

    def run() -> dict[str, np.ndarray]:
        return _run(model, batch, where, names, text)

    if not keep:
        return Readings(run(), names)
    key = [_fingerprint(model), batch.ids, batch.mask, where, *names]
    return Readings(shelf.fetch(shelf.key_of(key), names, run), names)


class _Places(NamedTuple):
    """One place for each row of the result, and the shape that the result gets in front of d_model."""

    text: Int[Tensor, "place"]
    position: Int[Tensor, "place"]
    shape: tuple[int, ...]


def _places(batch: Tokens, positions) -> _Places | str:
    if isinstance(positions, str):
        if positions != "mean":
            raise ValueError(f'positions is "{positions}": give numbers, or "mean".')
        if int(batch.lengths.min()) < 2:
            raise ValueError("A text has no token but the first; there is nothing to take a mean of.")
        return positions
    if isinstance(positions, tuple):
        text, position = positions
        if len(text) != len(position) or not bool(((position >= 0) & (position < batch.lengths[text])).all()):
            raise ValueError("Each place needs a text and a position from 0 to its text's last token.")
        return _Places(text, position, tuple(text.shape))
    where = _resolve_positions(positions, batch.lengths)
    text = torch.arange(len(where)).reshape(-1, *[1] * (where.ndim - 1)).expand_as(where)
    return _Places(text.flatten(), where.flatten(), tuple(where.shape))


def _run(model, batch: Tokens, where: _Places | str, names: list[str], text: str) -> dict[str, np.ndarray]:
    shape = (len(batch.ids),) if isinstance(where, str) else where.shape
    found: dict[str, np.ndarray] = {}
    for rows in progress_bar(_batches(batch.lengths), text):
        longest = int(batch.lengths[rows].max())
        part = Tokens(batch.ids[rows, :longest], batch.mask[rows, :longest])
        if isinstance(where, str):
            at, pick = rows, partial(_mean, mask=part.mask)
        else:
            at = torch.isin(where.text, rows).nonzero().flatten()
            local = torch.empty(len(batch.ids), dtype=torch.long)
            local[rows] = torch.arange(len(rows))
            pick = partial(_pick, row=local[where.text[at]], position=where.position[at])
        for name, values in reduce_with(model, part, dict.fromkeys(names, pick)).items():
            if not (values.abs() <= _LARGEST).all():
                raise ValueError(f"{name} has values that 16 bits cannot hold. Is BOS among the positions?")
            if name not in found:
                found[name] = np.empty((math.prod(shape), *values.shape[1:]), dtype=np.float16)
            found[name][at.numpy()] = values.numpy()
    return {name: values.reshape(*shape, *values.shape[1:]) for name, values in found.items()}


def _pick(activation: Tensor, row: Tensor, position: Tensor) -> Tensor:
    return activation[row, position]


def _mean(activation: Tensor, mask: Tensor) -> Tensor:
    counted = mask.clone()
    counted[:, 0] = False
    weights = (counted / counted.sum(dim=1, keepdim=True)).to(activation.dtype)
    return torch.einsum("bp,bp...->b...", weights, activation)


def _batches(lengths: Int[Tensor, "text"]) -> list[Int[Tensor, "row"]]:
    """Rows of similar length together, the longest first; a batch has about `POSITIONS_AT_ONCE` positions."""
    order, batches = lengths.argsort(descending=True, stable=True), []
    while len(order):
        size = max(1, POSITIONS_AT_ONCE // int(lengths[order[0]]))
        batches.append(order[:size])
        order = order[size:]
    return batches


def _fingerprint(model) -> list:
    """What tells two models apart: their sizes, and some numbers of every weight."""
    parts: list = []
    for name, weight in model.named_parameters():
        flat = weight.detach().reshape(-1)
        parts += [name, list(weight.shape), flat[:: max(1, len(flat) // 64)].float()]
    return parts
