"""Checks of judging_saes.orthonormal: A basis that stays a basis."""

import pytest
import torch

from mi_tutor.exercises import judging_saes
from mi_tutor.tutor.judge import holds, same, seeded

from .on_copies import on_copies


def projector(free: torch.Tensor) -> torch.Tensor:
    """The projection on the columns' span, by the normal equations."""
    return free @ torch.linalg.solve(free.T @ free, free.T)


@pytest.mark.exercise("judging_saes.orthonormal")
def test_one_column_is_scaled():
    """A single column comes back at norm 1, along the same line."""
    free = torch.tensor([[3.0], [4.0]])
    got = on_copies(judging_saes.orthonormal)(free)
    same(got.abs(), torch.tensor([[0.6], [0.8]]), given={"free": free}, what="absolute values")
    holds(got[0, 0] * got[1, 0] > 0, "It should lie along (3, 4), in either sense.", got=got)


@pytest.mark.exercise("judging_saes.orthonormal")
def test_two_slanted_columns():
    """Two columns at 45 degrees become two at right angles."""
    free = torch.tensor([[2.0, 5.0], [0.0, 5.0], [0.0, 0.0]])
    got = on_copies(judging_saes.orthonormal)(free)
    same(
        got.T @ got,
        torch.eye(2),
        given={"free": free},
        teach="Scaling each column to norm 1 does not make them perpendicular.",
        what="matrix of dot products",
    )
    same(got @ got.T, torch.diag(torch.tensor([1.0, 1.0, 0.0])), given={"free": free}, what="projection on their span")


@pytest.mark.exercise("judging_saes.orthonormal")
def test_random_columns_keep_their_span(seed):
    """For random columns the result is orthonormal and spans the same subspace."""
    free = torch.randn(6, 3, generator=seeded(seed)) + 0.5
    got = on_copies(judging_saes.orthonormal)(free)
    same(got.T @ got, torch.eye(3), given={"free": free}, what="matrix of dot products", atol=1e-4)
    same(
        got @ got.T,
        projector(free.double()).float(),
        given={"free": free},
        teach="The columns are perpendicular, but they span something else than those of free did.",
        what="projection on their span",
        atol=1e-3,
    )


@pytest.mark.exercise("judging_saes.orthonormal")
def test_gradients_reach_the_free_numbers(seed):
    """The projection on the span has the gradient that it should have for the free numbers."""
    g = seeded(seed)
    start = torch.randn(5, 2, generator=g)
    weights = torch.randn(5, 5, generator=g)
    mine, theirs = start.clone().requires_grad_(), start.clone().requires_grad_()
    got = judging_saes.orthonormal(mine)
    holds(got.requires_grad, "No gradient flows back to free: it was cut off, and nothing could be learned.")
    (got @ got.T * weights).sum().backward()
    (projector(theirs) * weights).sum().backward()
    same(mine.grad, theirs.grad, given={"free": start}, what="gradient", atol=2e-3, rtol=1e-2)
