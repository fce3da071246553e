"""Activations over a whole text, in batches, with every row traceable to its token."""

import contextlib
import ctypes
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from jaxtyping import Bool, Int
from torch import Tensor

from mi_tutor.lab.progress import progress_bar
from mi_tutor.lab.running import check_names, run_with
from mi_tutor.lab.tokens import Tokens, _bos_id, _pad_id, pad

LARGEST_BATCH = 25  # more rows gain no speed on two cores and cost memory
_REDUCTIONS = ("mean", "max", "last")


@dataclass
class Harvest:
    """Activations of a text; row i of each of them belongs to token i.

    activations: hook name → Float[Tensor, "token ..."]; read them as harvest[name].
    ids: Int[Tensor, "token"], the token ids.
    position: Int[Tensor, "token"], the token's index in its document, from 0, BOS not counted.
    document: Int[Tensor, "token"], which text it is from.

    Rows are in reading order: all of document 0, then document 1. After a reduction there is one row a document, and
    ids and position are those of its last token.
    """

    activations: dict[str, Tensor]
    ids: Int[Tensor, "token"]
    position: Int[Tensor, "token"]
    document: Int[Tensor, "token"]

    def __getitem__(self, name: str) -> Tensor:
        if name not in self.activations:
            raise KeyError(f"{name} was not harvested; there is {', '.join(self.activations)}.")
        return self.activations[name]

    def __len__(self) -> int:
        return len(self.ids)

    def window(self, row: int, *, before: int = 8, after: int = 4) -> tuple[list[int], int]:
        """Token ids around a row, within its document, and the row's own index among them."""
        document = int(self.document[row])
        first, last = row, row
        while first > max(0, row - before) and int(self.document[first - 1]) == document:
            first -= 1
        while last < min(len(self) - 1, row + after) and int(self.document[last + 1]) == document:
            last += 1
        return self.ids[first : last + 1].tolist(), row - first

    def save(self, path: str | Path) -> None:
        """Write to one file, to be read by `Harvest.load`."""
        torch.save(self.__dict__, path)

    @classmethod
    def load(cls, path: str | Path) -> "Harvest":
        return cls(**torch.load(path, weights_only=True))


def harvest(
    model,
    texts: str | list[str] | Tokens,
    names: str | Sequence[str],
    *,
    batch_size: int = 16,
    max_pos: int = 128,
    dtype: torch.dtype = torch.float32,
    reduce: str | None = None,
    limit_mb: float = 500,
    text: str = "Reading",
) -> Harvest:
    """Collect activations over texts. The BOS position is left out: its activations are huge and say nothing.

    Args:
        texts: documents, or Tokens (rows are documents; a BOS in front of them is left out).
        names: hook names; the run stops after the last of them, so early layers are cheap.
        batch_size: rows in one forward pass, at most 25.
        max_pos: positions in a row, BOS included. A longer document is cut into pieces that each start with BOS: the
            model sees no further back than its piece.
        dtype: how to store; torch.float16 halves the memory and keeps three digits.
        reduce: None keeps every token; "mean", "max" or "last" over the tokens of a document keeps one row a document.
        limit_mb: refuse before running out of memory.
        text: the word in front of the progress bar.

    Returns:
        a Harvest: aligned activations, ids, position and document.

    Raises:
        ValueError: an unknown name or reduction, an empty document, batch_size over 25, or more than limit_mb.
    """
    if not 1 <= batch_size <= LARGEST_BATCH:
        raise ValueError(f"batch_size is {batch_size}: choose 1 to {LARGEST_BATCH}. Larger ones cost memory, not time.")
    if reduce not in (None, *_REDUCTIONS):
        raise ValueError(f'reduce is "{reduce}": choose None, "mean", "max" or "last".')
    wanted = check_names(model, names)
    rows, bos = _documents(model, texts)
    pieces = _cut(rows, max_pos - len(bos))
    ids = torch.tensor([token for row in rows for token in row])
    document = torch.tensor([index for index, row in enumerate(rows) for _ in row])
    position = torch.tensor([index for row in rows for index in range(len(row))])

    stored: dict[str, Tensor] = {}
    counts = torch.tensor([len(row) for row in rows])
    order = sorted(range(len(pieces)), key=lambda index: -len(pieces[index][2]))  # equal lengths together: less padding
    batches = [order[start : start + batch_size] for start in range(0, len(order), batch_size)]
    for batch in progress_bar(batches, text):
        chosen = [pieces[index] for index in batch]
        padded = pad([bos + tokens for _, _, tokens in chosen], _pad_id(model))
        found = run_with(model, padded, wanted)
        for name in wanted:
            values = found[name][:, len(bos) :].detach().cpu()
            if name not in stored:
                _check_shape(name, found[name], padded)
                stored[name] = _room(values, len(rows) if reduce else len(ids), dtype, reduce, limit_mb, len(wanted))
            _store(stored[name], values, padded.mask[:, len(bos) :], chosen, reduce, counts)
    _give_back_memory()
    if reduce:
        last = counts.cumsum(0) - 1
        ids, position, document = ids[last], position[last], document[last]
    return Harvest(stored, ids, position, document)


def _give_back_memory() -> None:
    """Return what the batches left free to the system; the C library of Linux keeps it otherwise."""
    if sys.platform == "linux":
        with contextlib.suppress(OSError, AttributeError):  # another C library than glibc
            ctypes.CDLL("libc.so.6").malloc_trim(0)


def _documents(model, texts) -> tuple[list[list[int]], list[int]]:
    """Token ids of each document without BOS, and the BOS to put in front (empty when the rows came without one)."""
    if isinstance(texts, Tokens):
        rows = [row[mask].tolist() for row, mask in zip(texts.ids, texts.mask, strict=True)]
        start = getattr(model.tokenizer, "bos_token_id", None) if model.tokenizer is not None else None
        if start is not None and all(row and row[0] == start for row in rows):
            rows, bos = [row[1:] for row in rows], [start]
        else:
            bos = []
    else:
        listed = [texts] if isinstance(texts, str) else list(texts)
        rows = [model.tokenizer(one, add_special_tokens=False)["input_ids"] for one in listed]
        bos = [_bos_id(model)]
    if not rows:
        raise ValueError("There is no text to read: give at least one document.")
    empty = [index for index, row in enumerate(rows) if not row]
    if empty:
        raise ValueError(f"Document {empty[0]} is empty; leave empty documents out.")
    return rows, bos


def _cut(rows: list[list[int]], length: int) -> list[tuple[int, int, list[int]]]:
    """Pieces of at most `length` tokens: (document, index of the first token among all tokens, ids)."""
    if length < 1:
        raise ValueError("max_pos leaves no room for a token; choose at least 2.")
    pieces, offset = [], 0
    for document, row in enumerate(rows):
        for start in range(0, len(row), length):
            pieces.append((document, offset + start, row[start : start + length]))
        offset += len(row)
    return pieces


def _check_shape(name: str, values: Tensor, padded: Tokens) -> None:
    if values.shape[:2] != padded.ids.shape:
        raise ValueError(
            f"{name} has shape {tuple(values.shape)}, not [batch pos ...]: attention patterns and the like cannot be "
            "harvested token by token. Use run_with."
        )


def _room(values: Tensor, rows: int, dtype: torch.dtype, reduce: str | None, limit_mb: float, names: int) -> Tensor:
    dtype = torch.float32 if reduce else dtype  # sums over a document need the digits
    size_mb = rows * values[0, 0].numel() * torch.empty(0, dtype=dtype).element_size() / 1e6
    if size_mb * names > limit_mb:
        raise ValueError(
            f"This harvest would take about {size_mb * names:.0f} MB, more than limit_mb={limit_mb:.0f}: take fewer "
            'names or less text, dtype=torch.float16, or reduce="mean".'
        )
    shape = (rows, *values.shape[2:])
    return torch.full(shape, -torch.inf) if reduce == "max" else torch.zeros(shape, dtype=dtype)


def _store(
    out: Tensor,
    values: Tensor,
    mask: Bool[Tensor, "batch pos"],
    chosen: list[tuple[int, int, list[int]]],
    reduce: str | None,
    counts: Int[Tensor, "document"],
) -> None:
    for row, (document, offset, tokens) in enumerate(chosen):
        mine = values[row, : len(tokens)]
        if reduce is None:
            out[offset : offset + len(tokens)] = mine.to(out.dtype)
        elif reduce == "mean":
            out[document] += mine.sum(dim=0) / counts[document]
        elif reduce == "max":
            out[document] = torch.maximum(out[document], mine.amax(dim=0))
        elif offset + len(tokens) == counts[: document + 1].sum():  # the piece that holds the document's last token
            out[document] = mine[-1]
