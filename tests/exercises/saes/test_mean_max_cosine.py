"""Checks of saes.mean_max_cosine: Are the true features in the dictionary?"""

import math

import pytest
import torch

from mi_tutor.exercises import saes
from mi_tutor.tutor.judge import same, seeded

from .on_copies import on_copies


@pytest.mark.exercise("saes.mean_max_cosine")
def test_mean_max_cosine_by_hand():
    """One feature found exactly and one with cosine 0.8 give 0.9."""
    W_dec = torch.tensor([[3.0, 4.0], [0.0, -5.0], [1.0, 0.0]])
    known = torch.tensor([[2.0, 0.0], [0.0, 3.0]])
    same(
        on_copies(saes.mean_max_cosine)(W_dec, known),
        0.9,
        given={"W_dec": W_dec, "known": known},
        teach="(2, 0) is met by row 2 with cosine 1. (0, 3) is met best by row 0 with 4/5; row 1 points the other way.",
        what="mean",
    )


@pytest.mark.exercise("saes.mean_max_cosine")
def test_ten_copies_of_one_feature_find_one_feature():
    """A dictionary with ten copies of one of two features has found half of them."""
    W_dec = torch.tensor([[1.0, 0.0]]).repeat(10, 1)
    known = torch.tensor([[1.0, 0.0], [0.0, 1.0]])
    same(
        on_copies(saes.mean_max_cosine)(W_dec, known),
        0.5,
        given={"W_dec": "ten rows (1, 0)", "known": known},
        teach="The question is put to each known feature. Every row resembles a known feature perfectly, and yet one "
        "feature is missing.",
        what="mean",
    )


@pytest.mark.exercise("saes.mean_max_cosine")
def test_rows_that_mean_nothing_cost_nothing():
    """Dead and useless rows beside the right ones leave the score at 1."""
    known = torch.tensor([[0.6, 0.8, 0.0], [0.0, 0.0, 2.0]])
    W_dec = torch.cat([torch.zeros(2, 3), torch.tensor([[1.0, -1.0, 0.5]]), 5 * known])
    same(
        on_copies(saes.mean_max_cosine)(W_dec, known),
        1.0,
        given={"W_dec": W_dec, "known": known},
        teach="Both features are there. A row of zeros has no direction; its cosine counts as 0, not as nan.",
        what="mean",
    )


@pytest.mark.exercise("saes.mean_max_cosine")
def test_one_row_may_serve_two_features():
    """Two equal known features may both be met by the same row."""
    known = torch.tensor([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0]])
    W_dec = torch.tensor([[2.0, 0.0], [-1.0, 0.0]])
    same(
        on_copies(saes.mean_max_cosine)(W_dec, known),
        2 / 3,
        given={"W_dec": W_dec, "known": known},
        teach="Each known feature looks for its best row on its own. The third finds only rows at right angles.",
        what="mean",
    )


@pytest.mark.exercise("saes.mean_max_cosine")
def test_a_feature_met_only_by_opposites():
    """Where every row points away from a known feature its best cosine is negative."""
    W_dec, known = torch.tensor([[-3.0, 4.0], [-2.0, 0.0]]), torch.tensor([[0.5, 0.0]])
    same(
        on_copies(saes.mean_max_cosine)(W_dec, known),
        -0.6,
        given={"W_dec": W_dec, "known": known},
        teach="The cosines are -0.6 and -1. The larger is -0.6.",
        what="mean",
    )


@pytest.mark.exercise("saes.mean_max_cosine")
def test_mean_max_cosine_agrees_with_loops(seed):
    """On random directions of any length it agrees with sums over plain numbers."""
    g = seeded(seed)
    W_dec = torch.randn(7, 4, generator=g) * torch.rand(7, 1, generator=g)
    known = 3 * torch.randn(5, 4, generator=g)

    def cosine(a, b):
        dot = sum(float(p * q) for p, q in zip(a, b, strict=True))
        return dot / math.sqrt(sum(float(p) ** 2 for p in a) * sum(float(q) ** 2 for q in b))

    expected = sum(max(cosine(row, truth) for row in W_dec) for truth in known) / 5
    same(saes.mean_max_cosine(W_dec, known), expected, given={"W_dec": W_dec, "known": known}, what="mean", atol=1e-4)
