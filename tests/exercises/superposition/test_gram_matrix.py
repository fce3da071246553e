"""Checks of superposition.gram_matrix: Who overlaps with whom: the Gram matrix."""

import pytest
import torch

from mi_tutor.exercises import superposition
from mi_tutor.tutor.judge import same

from .small_models import random_model


@pytest.mark.exercise("superposition.gram_matrix")
def test_gram_matrix_by_hand():
    """Three features in two dimensions: all nine dot products of columns."""
    W = torch.tensor([[[1.0, 0.0, 2.0], [0.0, 3.0, -1.0]]])
    expected = torch.tensor([[[1.0, 0.0, 2.0], [0.0, 9.0, -3.0], [2.0, -3.0, 5.0]]])
    same(
        superposition.gram_matrix(W),
        expected,
        given={"W": W},
        teach="Entry (i, j) is the dot product of columns i and j of W, norms included.",
    )


@pytest.mark.exercise("superposition.gram_matrix")
def test_gram_matrix_square_case():
    """With as many dimensions as features it still compares columns, not rows."""
    W = torch.tensor([[[1.0, 2.0], [0.0, 1.0]]])
    same(
        superposition.gram_matrix(W),
        torch.tensor([[[1.0, 2.0], [2.0, 5.0]]]),
        given={"W": W},
        teach="The columns of W are [1, 0] and [2, 1]. WᵀW, not WWᵀ.",
    )


@pytest.mark.exercise("superposition.gram_matrix")
def test_gram_matrix_against_loops(seed):
    """Each instance has its own matrix, equal to loops over pairs of columns."""
    W, _ = random_model(seed)
    expected = torch.tensor([[[float((w[:, i] * w[:, j]).sum()) for j in range(4)] for i in range(4)] for w in W])
    same(
        superposition.gram_matrix(W),
        expected,
        atol=1e-4,
        teach="Work instance by instance; none sees another's weights.",
    )
