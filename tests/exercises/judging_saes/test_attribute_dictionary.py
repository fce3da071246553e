"""Checks of judging_saes.attribute_dictionary: A dictionary made with labels."""

import pytest
import torch

from mi_tutor.exercises import judging_saes
from mi_tutor.tutor.judge import same, seeded

from .on_copies import on_copies

X = torch.tensor([[1.0, 0.0], [3.0, 2.0], [5.0, 2.0], [7.0, 8.0]])
VALUES = torch.tensor([[0, 1], [0, 0], [2, 1], [2, 0]])
GIVEN = {"x": X, "values": VALUES, "n_classes": 3}


@pytest.mark.exercise("judging_saes.attribute_dictionary")
def test_the_mean_of_all_rows():
    """The mean is that of all rows."""
    got = on_copies(judging_saes.attribute_dictionary)(X, VALUES, 3)[0]
    same(got, torch.tensor([4.0, 3.0]), given=GIVEN, what="mean")


@pytest.mark.exercise("judging_saes.attribute_dictionary")
def test_directions_by_hand():
    """A direction leads from the mean of all rows to the mean of the rows with the value."""
    same(
        on_copies(judging_saes.attribute_dictionary)(X, VALUES, 3)[1],
        torch.tensor([[[-2.0, -2.0], [0.0, 0.0], [2.0, 2.0]], [[1.0, 2.0], [-1.0, -2.0], [0.0, 0.0]]]),
        given=GIVEN,
        teach="Rows 0 and 1 have value 0 of attribute 0. Their mean (2, 1) minus the mean (4, 3) of all rows is "
        "(-2, -2). No row has its value 1, nor value 2 of attribute 1: zeros.",
        what="directions",
    )


@pytest.mark.exercise("judging_saes.attribute_dictionary")
def test_unequal_numbers_of_rows():
    """A value of many rows and one of few have their own means; the mean of all rows weighs rows, not values."""
    x, values = torch.tensor([[0.0], [0.0], [0.0], [8.0]]), torch.tensor([[0], [0], [0], [1]])
    mean, directions = on_copies(judging_saes.attribute_dictionary)(x, values, 2)
    given = {"x": x, "values": values, "n_classes": 2}
    teach = "Three rows of 0 and one of 8 have the mean 2. The mean of the two values' means would be 4."
    same(mean, torch.tensor([2.0]), given=given, teach=teach, what="mean")
    same(directions, torch.tensor([[[-2.0], [6.0]]]), given=given, teach=teach, what="directions")


@pytest.mark.exercise("judging_saes.attribute_dictionary")
def test_directions_agree_with_loops(seed):
    """On random rows they agree with sums over plain rows."""
    g = seeded(seed)
    x, values = torch.randn(20, 3, generator=g) + 5, torch.randint(0, 4, (20, 2), generator=g)
    mean, directions = x.mean(0), torch.zeros(2, 5, 3)
    for a in range(2):
        for v in range(5):
            rows = [row for row, value in zip(x, values[:, a].tolist(), strict=True) if value == v]
            if rows:
                directions[a, v] = sum(rows) / len(rows) - mean
    got = on_copies(judging_saes.attribute_dictionary)(x, values, 5)
    for part, expected, what in zip(got, (mean, directions), ("mean", "directions"), strict=True):
        same(part, expected, given={"x": x, "values": values, "n_classes": 5}, what=what, atol=1e-4)
