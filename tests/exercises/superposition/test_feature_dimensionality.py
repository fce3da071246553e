"""Checks of superposition.feature_dimensionality: What share of a dimension does a feature own?"""

import pytest
import torch

from mi_tutor.exercises import superposition
from mi_tutor.tutor.judge import same

from .small_models import polygon, random_model


@pytest.mark.exercise("superposition.feature_dimensionality")
def test_feature_dimensionality_own_dimension():
    """A feature with a dimension of its own has dimensionality 1, however short it is."""
    W = torch.tensor([[[0.25, 0.0], [0.0, 3.0]]])
    same(
        superposition.feature_dimensionality(W),
        torch.ones(1, 2),
        given={"W": W},
        teach="Along its own direction nobody else writes: D = ‖Wᵢ‖² / ‖Wᵢ‖² = 1. The sum includes "
        "j = i, and there only one of the two factors is scaled to norm 1.",
    )


@pytest.mark.exercise("superposition.feature_dimensionality")
def test_feature_dimensionality_of_shapes():
    """Digon 1/2, triangle 2/3, pentagon 2/5, tetrahedron 3/4."""
    digon = torch.tensor([[[1.5, -1.5]]])
    tetrahedron = torch.tensor([[[1.0, 1.0, -1.0, -1.0], [1.0, -1.0, 1.0, -1.0], [1.0, -1.0, -1.0, 1.0]]])
    shapes = {"digon": digon, "triangle": polygon(3, 0.7), "pentagon": polygon(5, 1.1), "tetrahedron": tetrahedron}
    expected = {"digon": 1 / 2, "triangle": 2 / 3, "pentagon": 2 / 5, "tetrahedron": 3 / 4}
    for name, W in shapes.items():
        same(
            superposition.feature_dimensionality(W),
            torch.full((1, W.shape[-1]), expected[name]),
            given={"W": W},
            what=f"dimensionality in the {name}",
            teach=f"In a {name} of equal norms the features share the dimensions equally.",
        )


@pytest.mark.exercise("superposition.feature_dimensionality")
def test_feature_dimensionality_unequal():
    """An uneven pair shares its line unevenly: squared norms 9 and 1 give 9/10 and 1/10."""
    W = torch.tensor([[[3.0, -1.0]]])
    same(
        superposition.feature_dimensionality(W),
        torch.tensor([[0.9, 0.1]]),
        given={"W": W},
        teach="Feature 0: 9 / (9 + 1). Feature 1: 1 / (1 + 9). Only Ŵᵢ is scaled to norm 1; Wⱼ keeps its norm.",
    )


@pytest.mark.exercise("superposition.feature_dimensionality")
def test_feature_dimensionality_dead():
    """A feature whose direction is zero has dimensionality 0 and takes nothing from the others."""
    W = torch.tensor([[[1.0, 0.0, -1.0], [0.0, 0.0, 0.0]]])
    same(
        superposition.feature_dimensionality(W),
        torch.tensor([[0.5, 0.0, 0.5]]),
        given={"W": W},
        teach="A zero column is not represented: D = 0, not nan.",
    )


@pytest.mark.exercise("superposition.feature_dimensionality")
def test_feature_dimensionality_against_loops(seed):
    """On random weights it agrees with loops over the definition, instance by instance."""
    W, _ = random_model(seed, feature=5)
    expected = torch.zeros(3, 5)
    for k in range(3):
        for i in range(5):
            unit = W[k, :, i] / W[k, :, i].norm()
            expected[k, i] = float(W[k, :, i].norm()) ** 2 / sum(float(unit @ W[k, :, j]) ** 2 for j in range(5))
    same(
        superposition.feature_dimensionality(W),
        expected,
        atol=1e-4,
        teach="Compare with the definition, feature by feature.",
    )
