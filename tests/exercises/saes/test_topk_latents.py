"""Checks of saes.topk_latents: Sparsity by decree."""

import pytest
import torch

from mi_tutor.exercises import saes
from mi_tutor.tutor.judge import holds, same, seeded

from .on_copies import on_copies

PRE = torch.tensor([[3.0, 1.0, -1.0, -5.0], [2.0, -7.0, 0.5, 4.0]])


@pytest.mark.exercise("saes.topk_latents")
def test_topk_by_hand():
    """Each row keeps its two largest entries."""
    same(
        on_copies(saes.topk_latents)(PRE, 2),
        torch.tensor([[3.0, 1.0, 0.0, 0.0], [2.0, 0.0, 0.0, 4.0]]),
        given={"pre": PRE, "k": 2},
        teach="In row 0 the two largest are 3 and 1. In row 1 they are 4 and 2: -7 is the smallest of its row.",
        what="latents",
    )


@pytest.mark.exercise("saes.topk_latents")
def test_latents_are_never_negative():
    """Where fewer than k entries are positive, fewer than k latents are active."""
    same(
        on_copies(saes.topk_latents)(PRE, 3),
        torch.tensor([[3.0, 1.0, 0.0, 0.0], [2.0, 0.0, 0.5, 4.0]]),
        given={"pre": PRE, "k": 3},
        teach="The third largest of row 0 is -1. A latent says how strongly a feature is "
        "there, and that is at least 0.",
        what="latents",
    )


@pytest.mark.exercise("saes.topk_latents")
def test_never_more_than_k():
    """Where entries tie for the last place, still only k are kept."""
    pre = torch.tensor([[1.0, 1.0, 1.0, 0.5], [2.0, 1.0, 2.0, 2.0]])
    got = on_copies(saes.topk_latents)(pre, 2)
    same(
        (got > 0).sum(-1),
        torch.tensor([2, 2]),
        given={"pre": pre, "k": 2},
        teach="In each row three equal entries compete for two places. Any two of them may have the places.",
        what="number of active latents",
    )
    same(got.sum(-1), torch.tensor([2.0, 4.0]), given={"pre": pre, "k": 2}, what="sum of the latents")


@pytest.mark.exercise("saes.topk_latents")
def test_gradients_go_to_the_kept_entries():
    """The gradient of a kept entry is 1, of every other 0."""
    pre = PRE.clone().requires_grad_()
    got = on_copies(saes.topk_latents)(pre, 2)
    holds(got.requires_grad, "No gradient can flow through your latents: they were cut off from pre.")
    (got * torch.tensor([[1.0, 10.0, 100.0, 1000.0]])).sum().backward()
    same(
        pre.grad,
        torch.tensor([[1.0, 10.0, 0.0, 0.0], [1.0, 0.0, 0.0, 1000.0]]),
        given={"pre": PRE, "k": 2},
        teach="The sum is taken with the weights 1, 10, 100, 1000.",
        what="gradient of the weighted sum",
    )


@pytest.mark.exercise("saes.topk_latents")
def test_topk_agrees_with_sorting(seed):
    """On random rows it agrees with sorting each row by hand."""
    pre = torch.randn(6, 9, generator=seeded(seed))
    for k in (1, 4, 9):
        expected = torch.zeros(6, 9)
        for n, row in enumerate(pre.tolist()):
            for i in sorted(range(9), key=lambda i: -row[i])[:k]:
                expected[n, i] = max(row[i], 0.0)
        same(saes.topk_latents(pre, k), expected, given={"pre": pre, "k": k}, what="latents")
