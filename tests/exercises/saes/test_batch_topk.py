"""Checks of saes.batch_topk: One budget for the whole batch."""

import pytest
import torch

from mi_tutor.exercises import saes
from mi_tutor.tutor.judge import holds, same, seeded

from .on_copies import on_copies

PRE = torch.tensor([[5.0, 4.0, 3.0], [2.0, -1.0, 0.5]])


@pytest.mark.exercise("saes.batch_topk")
def test_a_rich_row_takes_the_places_of_a_poor_one():
    """With k = 1 and two rows the two largest of all are kept, here both in row 0."""
    same(
        on_copies(saes.batch_topk)(PRE, 1),
        torch.tensor([[5.0, 4.0, 0.0], [0.0, 0.0, 0.0]]),
        given={"pre": PRE, "k": 1},
        teach="2 rows · 1 = 2 places, for the whole batch together.",
        what="latents",
    )


@pytest.mark.exercise("saes.batch_topk")
def test_k_is_a_mean_over_rows():
    """With k = 2 four entries are kept: three in row 0 and one in row 1."""
    same(
        on_copies(saes.batch_topk)(PRE, 2),
        torch.tensor([[5.0, 4.0, 3.0], [2.0, 0.0, 0.0]]),
        given={"pre": PRE, "k": 2},
        teach="2 rows · 2 = 4 places.",
        what="latents",
    )


@pytest.mark.exercise("saes.batch_topk")
def test_batch_latents_are_never_negative():
    """With a place for every entry the negative one is 0 all the same."""
    same(
        on_copies(saes.batch_topk)(PRE, 3),
        torch.tensor([[5.0, 4.0, 3.0], [2.0, 0.0, 0.5]]),
        given={"pre": PRE, "k": 3},
        what="latents",
    )


@pytest.mark.exercise("saes.batch_topk")
def test_never_more_than_the_budget():
    """Where entries tie for the last place, still only rows · k are kept."""
    pre = torch.tensor([[2.0, 1.0, 0.5], [1.0, 1.0, 1.0]])
    got = on_copies(saes.batch_topk)(pre, 1)
    same(
        (got > 0).sum(),
        torch.tensor(2),
        given={"pre": pre, "k": 1},
        teach="2 rows · 1 = 2 places. The 2 takes one, and one of the four entries of 1 the other, whichever it is.",
        what="number of active latents",
    )
    same(got.sum(), torch.tensor(3.0), given={"pre": pre, "k": 1}, what="sum of the latents")


@pytest.mark.exercise("saes.batch_topk")
def test_gradients_go_to_the_kept_of_the_batch():
    """The gradient of a kept entry is 1, of every other 0."""
    pre = PRE.clone().requires_grad_()
    got = on_copies(saes.batch_topk)(pre, 2)
    holds(got.requires_grad, "No gradient can flow through your latents: they were cut off from pre.")
    (got * torch.tensor([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])).sum().backward()
    same(
        pre.grad,
        torch.tensor([[1.0, 2.0, 3.0], [4.0, 0.0, 0.0]]),
        given={"pre": PRE, "k": 2},
        teach="The sum is taken with the weights 1 to 6.",
        what="gradient of the weighted sum",
    )


@pytest.mark.exercise("saes.batch_topk")
def test_batch_topk_agrees_with_sorting(seed):
    """On random batches it agrees with sorting all entries by hand."""
    pre = torch.randn(5, 7, generator=seeded(seed)) - torch.linspace(-1, 1, 5)[:, None]
    for k in (1, 3):
        limit = sorted(pre.flatten().tolist(), reverse=True)[5 * k - 1]
        expected = torch.tensor([[max(v, 0.0) if v >= limit else 0.0 for v in row] for row in pre.tolist()])
        same(saes.batch_topk(pre, k), expected, given={"pre": pre, "k": k}, what="latents")
