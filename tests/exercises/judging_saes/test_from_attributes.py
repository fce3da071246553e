"""Checks of judging_saes.from_attributes: An activation told by its attributes."""

import pytest
import torch

from mi_tutor.exercises import judging_saes
from mi_tutor.tutor.judge import same, seeded

from .on_copies import on_copies

MEAN = torch.tensor([4.0, 3.0])
DIRECTIONS = torch.tensor([[[-2.0, -2.0], [0.5, 0.0], [2.0, 2.0]], [[1.0, 2.0], [-1.0, -2.0], [7.0, 0.0]]])


@pytest.mark.exercise("judging_saes.from_attributes")
def test_the_mean_is_added_once():
    """Where all directions are zero the result is the mean."""
    values = torch.tensor([[0, 1, 1], [1, 0, 0]])
    same(
        on_copies(judging_saes.from_attributes)(values, MEAN, torch.zeros(3, 2, 2)),
        MEAN.repeat(2, 1),
        given={"values": values, "mean": MEAN, "directions": "zeros"},
        teach="Three attributes with directions of zeros add nothing, so each row is (4, 3).",
        what="activations",
    )


@pytest.mark.exercise("judging_saes.from_attributes")
def test_two_attributes_by_hand():
    """The mean and one direction for each attribute are added up."""
    values = torch.tensor([[0, 1], [2, 1], [1, 2]])
    same(
        on_copies(judging_saes.from_attributes)(values, MEAN, DIRECTIONS),
        torch.tensor([[1.0, -1.0], [5.0, 3.0], [11.5, 3.0]]),
        given={"values": values, "mean": MEAN, "directions": DIRECTIONS},
        teach="Row 0: (4, 3) + (-2, -2) + (-1, -2). Row 1: (4, 3) + (2, 2) + (-1, -2). No row enters another.",
        what="activations",
    )


@pytest.mark.exercise("judging_saes.from_attributes")
def test_from_attributes_agrees_with_loops(seed):
    """On random numbers it agrees with adding up one by one."""
    g = seeded(seed)
    values = torch.randint(0, 4, (7, 3), generator=g)
    mean, directions = torch.randn(5, generator=g), torch.randn(3, 4, 5, generator=g)
    rows = [mean + sum(directions[a, v] for a, v in enumerate(row)) for row in values.tolist()]
    same(
        on_copies(judging_saes.from_attributes)(values, mean, directions),
        torch.stack(rows),
        given={"values": values, "mean": mean, "directions": directions},
        what="activations",
    )
