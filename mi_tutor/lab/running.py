"""Run a model for chosen activations or chosen logits only, and stop as soon as they are known."""

import difflib
from collections.abc import Sequence
from functools import partial

import torch
from jaxtyping import Float, Int
from torch import Tensor

from mi_tutor.lab.tokens import Tokens, as_tokens


def run_with(
    model, tokens: Tokens | Tensor | str | list[str], names: str | Sequence[str], *, logits: bool = False
) -> dict[str, Tensor]:
    """Run the model and keep the named activations.

    The run stops at the last activation that was asked for: reading layer 5 costs five layers and a part of the sixth,
    and no logits. Hooks that are on the model (see `activations.replace`) act before an activation is read.

    Args:
        tokens: Tokens, ids [batch pos], a text or a list of texts.
        names: one hook name or several, for example neuron_name(10).
        logits: finish the run and add the entry "logits" [batch pos d_vocab] (196 kB a position for SmolLM2; use
            `logits_at` when you need few).

    Returns:
        name → activation, usually [batch pos ...], on the positions of the input including BOS. At padded positions
        (mask False) the values mean nothing.

    Raises:
        ValueError: a name that the model does not have (with the nearest names), or that did not fire.
    """
    ids = as_tokens(model, tokens).ids.to(model.cfg.device)
    wanted = check_names(model, names)
    found: dict[str, Tensor] = {}

    def keep(activation, hook, name):
        found[name] = activation
        if not logits and len(found) == len(wanted):
            raise _Enough

    hooks = [(name, partial(keep, name=name)) for name in wanted]
    if not logits and not any(name.startswith("unembed") or name == "hook_unembed" for name in wanted):
        hooks.append(("unembed.hook_in", _stop))  # a name that never fires must not cost the logits of every position
    output = _run(model, ids, hooks, return_type="logits" if logits else None)
    missing = [name for name in wanted if name not in found]
    if missing:
        raise ValueError(
            f"{missing[0]} exists but did not fire in this run: it is switched off by default (see set_use_* of "
            "TransformerBridge), or a part before it was replaced."
        )
    return found | {"logits": output} if logits else found


def logits_at(
    model, tokens: Tokens | Tensor | str | list[str], positions: int | list[int] | Int[Tensor, "..."] = -1
) -> Float[Tensor, "batch ... d_vocab"]:
    """Logits at chosen positions; no others are computed. Equal to `model(ids)[:, position]` up to float rounding.

    Args:
        tokens: Tokens, ids [batch pos], a text or a list of texts.
        positions: where to read, in each row. Negative numbers count from the row's own end, padding left out.
            int: the same position in every row        → [batch d_vocab]
            list of n ints: the same n in every row    → [batch n d_vocab]
            Int[Tensor, "batch"]: one for each row     → [batch d_vocab]
            Int[Tensor, "batch n"]: n for each row     → [batch n d_vocab]

    Raises:
        ValueError: a position outside its row, or a tensor of positions that does not fit the batch.
    """
    batch = as_tokens(model, tokens)
    where = _resolve_positions(positions, batch.lengths)
    final = run_with(model, batch, "unembed.hook_in")["unembed.hook_in"]
    rows = torch.arange(len(final))
    chosen = final[rows, where] if where.ndim == 1 else final[rows[:, None], where]
    return _unembed(model, chosen)


def check_names(model, names: str | Sequence[str]) -> list[str]:
    """The names as a list without repetition; ValueError for a name the model does not have."""
    wanted = list(dict.fromkeys([names] if isinstance(names, str) else names))
    if not wanted:
        raise ValueError("Name at least one activation, for example activations.neuron_name(10).")
    known = model.hook_dict
    for name in wanted:
        if name not in known:
            near = difflib.get_close_matches(name, known, n=3)
            raise ValueError(f'This model has no activation "{name}".' + (f" Near: {', '.join(near)}." if near else ""))
    return wanted


class _Enough(Exception):
    """Everything that was asked for is known; leave the forward pass."""


def _stop(activation, hook):
    raise _Enough


def _run(model, ids: Tensor, hooks: list, return_type: str | None):
    try:
        with model.hooks(fwd_hooks=hooks):
            return model(ids, return_type=return_type)
    except _Enough:
        return None


def _resolve_positions(positions, lengths: Int[Tensor, "batch"]) -> Int[Tensor, "batch ..."]:
    batch = len(lengths)
    if isinstance(positions, Tensor) and positions.ndim > 0:
        if positions.ndim > 2 or len(positions) != batch:
            raise ValueError(
                f"positions has shape {tuple(positions.shape)} for a batch of {batch}: give [batch], one position for "
                "each row, or [batch n]. For the same positions in every row give a list."
            )
        where = positions.long()
    elif isinstance(positions, Sequence):
        where = torch.tensor(list(positions), dtype=torch.long).expand(batch, -1)
    else:
        where = torch.full((batch,), int(positions))
    ends = lengths if where.ndim == 1 else lengths[:, None]
    where = torch.where(where < 0, where + ends, where)
    outside = (where < 0) | (where >= ends)
    if outside.any():
        row = int(outside.reshape(batch, -1).any(dim=1).nonzero()[0])
        raise ValueError(f"A position lies outside row {row}, which has {int(lengths[row])} positions.")
    return where


def _unembed(model, final: Float[Tensor, "... d_model"]) -> Float[Tensor, "... d_vocab"]:
    # Not through model.unembed: its hooks would fire a second time.
    logits = final @ model.W_U + model.b_U
    cap = getattr(model.cfg, "output_logits_soft_cap", -1.0)
    return cap * torch.tanh(logits / cap) if cap and cap > 0 else logits
