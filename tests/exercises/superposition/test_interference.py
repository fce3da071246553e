"""Checks of superposition.interference: How much do the others write along my direction?"""

import pytest
import torch

from mi_tutor.exercises import superposition
from mi_tutor.tutor.judge import same

from .small_models import polygon, random_model


@pytest.mark.exercise("superposition.interference")
def test_interference_orthogonal_is_zero():
    """Orthogonal features do not interfere, whatever their norms."""
    W = torch.tensor([[[2.0, 0.0], [0.0, 0.5]]])
    same(
        superposition.interference(W),
        torch.zeros(1, 2),
        given={"W": W},
        teach="Nothing is shared here; a feature's own norm is not interference.",
    )


@pytest.mark.exercise("superposition.interference")
def test_interference_norms():
    """The measured direction is scaled to norm 1, the interfering feature keeps its norm."""
    W = torch.tensor([[[3.0, -2.0]]])
    same(
        superposition.interference(W),
        torch.tensor([[4.0, 9.0]]),
        given={"W": W},
        teach="Along the unit direction of feature 0 the other writes −2, so 4; along that of feature 1, −3, so 9.",
    )


@pytest.mark.exercise("superposition.interference")
def test_interference_triangle_and_zero():
    """A triangle of unit features has interference 1/2 each; a feature that is zero has none and causes none."""
    W = torch.cat([polygon(3), torch.zeros(1, 2, 1)], dim=-1)
    same(
        superposition.interference(W),
        torch.tensor([[0.5, 0.5, 0.5, 0.0]]),
        given={"W": W},
        teach="Each pair has cosine −1/2: 1/4 + 1/4 = 1/2. A zero column has no direction: 0, not nan.",
    )


@pytest.mark.exercise("superposition.interference")
def test_interference_against_loops(seed):
    """On random weights it agrees with loops over j ≠ i, instance by instance."""
    W, _ = random_model(seed, feature=5)
    expected = torch.zeros(3, 5)
    for k in range(3):
        for i in range(5):
            unit = W[k, :, i] / W[k, :, i].norm()
            expected[k, i] = sum(float(unit @ W[k, :, j]) ** 2 for j in range(5) if j != i)
    same(superposition.interference(W), expected, atol=1e-3, teach="Compare with the definition, feature by feature.")
