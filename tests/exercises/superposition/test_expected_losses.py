"""Checks of superposition.expected_losses: Work out the phase diagram on paper."""

import pytest
import torch

from mi_tutor.exercises import superposition
from mi_tutor.tutor.judge import holds, same


def same_losses(got, expected: dict, teach: dict[str, str], **options) -> None:
    """Compare the three ways one by one, each with the words that belong to it."""
    holds(
        isinstance(got, dict) and set(got) == set(expected),
        "Return a dictionary with exactly the three names of the docstring.",
        expected=sorted(expected),
        got=sorted(map(str, got)) if isinstance(got, dict) else got,
    )
    for name, value in expected.items():
        same(got[name], value, what=f"loss of {name!r}", teach=teach[name], **options)


@pytest.mark.exercise("superposition.expected_losses")
def test_expected_losses_dense():
    """Without sparsity (p = 1) and with r = 1: giving up a feature costs 1/12, sharing costs 1/3."""
    one = torch.ones(1)
    given_up = "A feature replaced by its best constant loses its variance, and a uniform number has variance 1/12."
    same_losses(
        superposition.expected_losses(one, one),
        {
            "first only": torch.tensor([1 / 12]),
            "extra only": torch.tensor([1 / 12]),
            "superposition": torch.tensor([1 / 3]),
        },
        {
            "first only": given_up,
            "extra only": given_up,
            "superposition": "Both are always active. What comes out for each when x₁ > x₂, and what when x₁ < x₂?",
        },
        given={"density": one, "importance": one},
    )


@pytest.mark.exercise("superposition.expected_losses")
def test_expected_losses_by_hand():
    """p = 1/2 and r = 2: 10/48, 5/48 and 1/8."""
    density, importance = torch.tensor([0.5]), torch.tensor([2.0])
    same_losses(
        superposition.expected_losses(density, importance),
        {
            "first only": torch.tensor([10 / 48]),
            "extra only": torch.tensor([5 / 48]),
            "superposition": torch.tensor([1 / 8]),
        },
        {
            "first only": "The extra feature is given up here, so an error of importance r = 2 is left.",
            "extra only": "The first feature is given up here, so an error of importance 1 is left.",
            "superposition": "How often is there an error at all, and with what weight does each feature's count?",
        },
        given={"density": density, "importance": importance},
    )


def quadrature(p: float, r: float, W: tuple[float, float], b: tuple[float, float], points: int = 120) -> float:
    """The expected loss by the midpoint rule over the four cases of who is active."""
    grid = (torch.arange(points, dtype=torch.float64) + 0.5) / points
    zero, total = torch.zeros(1, dtype=torch.float64), 0.0
    for x1, p1 in ((grid, p), (zero, 1 - p)):
        for x2, p2 in ((grid, p), (zero, 1 - p)):
            h = W[0] * x1[:, None] + W[1] * x2[None, :]
            e1 = (x1[:, None] - (W[0] * h + b[0]).clamp_min(0)) ** 2
            e2 = (x2[None, :] - (W[1] * h + b[1]).clamp_min(0)) ** 2
            total += p1 * p2 * float((e1 + r * e2).mean())
    return total


@pytest.mark.exercise("superposition.expected_losses")
def test_expected_losses_against_quadrature():
    """Every formula equals the integral over all inputs, for several densities and importances."""
    cases = [(1.0, 0.3), (0.6, 1.7), (0.2, 0.5), (0.05, 4.0)]
    expected = {
        "first only": torch.tensor([quadrature(p, r, (1, 0), (0, p / 2)) for p, r in cases]),
        "extra only": torch.tensor([quadrature(p, r, (0, 1), (p / 2, 0)) for p, r in cases]),
        "superposition": torch.tensor([quadrature(p, r, (1, -1), (0, 0)) for p, r in cases]),
    }
    density, importance = (torch.tensor(column) for column in zip(*cases, strict=True))
    moments = "Check the mean and the mean square of one sparse feature, which is 0 most of the time."
    pair = "Check how often both features are active, and what is lost when one is and when both are."
    same_losses(
        superposition.expected_losses(density, importance),
        expected,
        {"first only": moments, "extra only": moments, "superposition": pair},
        rtol=1e-3,
        given={"density": density, "importance": importance},
    )
