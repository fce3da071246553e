"""Checks of saes.log_likelihood_ratio: A number for a hypothesis."""

import math

import pytest
import torch

from mi_tutor.exercises import saes
from mi_tutor.tutor.judge import holds, same, seeded

from .on_copies import on_copies

TOKENS = torch.tensor([0, 0, 1, 2])
CONTEXT = torch.tensor([True, False, True, False])
GIVEN = {"tokens": TOKENS, "context": CONTEXT, "alpha": 1}


@pytest.mark.exercise("saes.log_likelihood_ratio")
def test_the_ratio_by_hand():
    """Four tokens, two of them in the context, with 1 added to each count."""
    same(
        on_copies(saes.log_likelihood_ratio)(TOKENS, CONTEXT, 3, 1.0),
        torch.tensor([math.log(2 / 5 * 7 / 3), math.log(2 / 5 * 7 / 2), math.log(1 / 5 * 7 / 2)]),
        given={**GIVEN, "d_vocab": 3},
        teach="Counts in the context: 1, 1, 0; in all text 2, 1, 1. With 1 added: 2, 2, 1 of 5 and 3, 2, 2 of 7.",
        what="log-likelihood ratio",
    )


@pytest.mark.exercise("saes.log_likelihood_ratio")
def test_a_token_that_never_occurs():
    """A token that occurs nowhere gets a finite number, and changes the shares of the others."""
    same(
        on_copies(saes.log_likelihood_ratio)(TOKENS, CONTEXT, 4, 1.0),
        torch.tensor([math.log(2 / 6 * 8 / 3), math.log(2 / 6 * 8 / 2), math.log(1 / 6 * 8 / 2), math.log(1 / 6 * 8)]),
        given={**GIVEN, "d_vocab": 4},
        teach="Its smoothed count is 1 in both, of 6 and of 8. The sums run over the whole vocabulary.",
        what="log-likelihood ratio",
    )


@pytest.mark.exercise("saes.log_likelihood_ratio")
def test_half_a_count(seed):
    """Both distributions sum to 1: the ratio, weighted by all text, averages to 1."""
    g = seeded(seed)
    tokens, context = torch.randint(0, 9, (60,), generator=g), torch.rand(60, generator=g) < 0.3
    ratio = on_copies(saes.log_likelihood_ratio)(tokens, context, 10, 0.5)
    overall = (tokens.bincount(minlength=10) + 0.5) / 65
    same(
        (overall * ratio.exp()).sum(),
        torch.tensor(1.0),
        given={"tokens": tokens, "context": context, "d_vocab": 10, "alpha": 0.5},
        teach="Σ P(t) · P(t|c) / P(t) = Σ P(t|c) = 1, with alpha added to all ten counts.",
        what="weighted mean of the ratio",
        atol=1e-4,
    )
    holds(bool(ratio.isfinite().all()), "Smoothing leaves no token with an infinite number.", got=ratio)


@pytest.mark.exercise("saes.log_likelihood_ratio")
def test_the_context_is_part_of_all_text():
    """Where all text is context, every token has 0."""
    everything = torch.ones(4, dtype=torch.bool)
    same(
        on_copies(saes.log_likelihood_ratio)(TOKENS, everything, 5, 0.3),
        torch.zeros(5),
        given={"tokens": TOKENS, "context": everything, "d_vocab": 5, "alpha": 0.3},
        teach="The two distributions are the same.",
        what="log-likelihood ratio",
    )


@pytest.mark.exercise("saes.log_likelihood_ratio")
def test_the_ratio_agrees_with_counting(seed):
    """On random tokens it agrees with counting one by one."""
    g = seeded(seed)
    tokens, context = torch.randint(0, 6, (40,), generator=g), torch.rand(40, generator=g) < 0.4
    alpha, expected = 0.2, []
    inside = [t for t, c in zip(tokens.tolist(), context.tolist(), strict=True) if c]
    for t in range(7):
        p = (inside.count(t) + alpha) / (len(inside) + 7 * alpha)
        q = (tokens.tolist().count(t) + alpha) / (40 + 7 * alpha)
        expected.append(math.log(p / q))
    same(
        on_copies(saes.log_likelihood_ratio)(tokens, context, 7, alpha),
        torch.tensor(expected),
        given={"tokens": tokens, "context": context, "d_vocab": 7, "alpha": alpha},
        what="log-likelihood ratio",
        atol=1e-4,
    )
