"""Checks of saes.splicing_hook: Reconstructions in the place of activations."""

import pytest
import torch

from mi_tutor.exercises import saes
from mi_tutor.tutor.judge import holds, same, seeded

RESID = torch.tensor([[[900.0, 1.0], [2.0, 3.0], [4.0, 5.0]], [[901.0, 0.0], [6.0, 7.0], [8.0, 9.0]]])
KEEP = torch.tensor([[True, False, False], [True, False, True]])


def swapped(rows: torch.Tensor) -> torch.Tensor:
    """A stand-in for encode and decode: exchanges the two coordinates and adds 0.5 to the first."""
    holds(
        rows.ndim == 2,
        "reconstruct takes a matrix, one activation a row. What it got has another number of axes.",
        got=tuple(rows.shape),
        expected="rows x d_model",
    )
    return rows.flip(-1) + torch.tensor([0.5, 0.0])


@pytest.mark.exercise("saes.splicing_hook")
def test_reconstructions_stand_where_nothing_is_kept():
    """Kept positions keep their activation; all others hold their own reconstruction."""
    same(
        saes.splicing_hook(swapped, KEEP)(RESID.clone(), hook=None),
        torch.tensor([[[900.0, 1.0], [3.5, 2.0], [5.5, 4.0]], [[901.0, 0.0], [7.5, 6.0], [8.0, 9.0]]]),
        given={"resid": RESID, "keep": KEEP, "reconstruct": "(a, b) -> (b + 0.5, a)"},
        teach="True in keep means that the activation stays.",
        what="activations",
    )


@pytest.mark.exercise("saes.splicing_hook")
def test_the_clean_activations_are_left_alone():
    """The activations that come in are not changed."""
    resid = RESID.clone()
    saes.splicing_hook(swapped, KEEP)(resid, hook=None)
    same(
        resid,
        RESID,
        teach="Whoever kept the clean activations would find reconstructions in them. Write into a copy.",
        what="resid after the call",
    )


@pytest.mark.exercise("saes.splicing_hook")
def test_keeping_all_and_keeping_none():
    """With everything kept nothing changes; with nothing kept every position is replaced."""
    everything = torch.ones(2, 3, dtype=torch.bool)
    same(
        saes.splicing_hook(swapped, everything)(RESID.clone(), hook=None),
        RESID,
        given={"keep": everything},
        what="activations",
    )
    same(
        saes.splicing_hook(swapped, ~everything)(RESID.clone(), hook=None),
        RESID.flip(-1) + torch.tensor([0.5, 0.0]),
        given={"keep": ~everything},
        what="activations",
    )


@pytest.mark.exercise("saes.splicing_hook")
def test_a_hook_can_be_used_twice(seed):
    """One hook serves several runs, each with its own activations."""
    g = seeded(seed)
    keep = torch.rand(3, 4, generator=g) < 0.4
    W = torch.randn(5, 5, generator=g)
    hook_fn = saes.splicing_hook(lambda rows: rows @ W, keep)
    for _ in range(2):
        resid = torch.randn(3, 4, 5, generator=g)
        expected = torch.stack(
            [
                torch.stack([row if kept else row @ W for row, kept in zip(rows, keeps, strict=True)])
                for rows, keeps in zip(resid, keep, strict=True)
            ]
        )
        same(
            hook_fn(resid.clone(), hook=None),
            expected,
            given={"resid": resid, "keep": keep},
            what="activations",
            atol=1e-4,
        )
