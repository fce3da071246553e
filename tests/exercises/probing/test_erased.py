"""Checks of probing.erased: Remove a subspace."""

import numpy as np
import pytest
import torch

from mi_tutor.exercises import probing
from mi_tutor.tutor.judge import same, seeded

ROWS = torch.tensor([[1.0, 2.0, 3.0], [-4.0, 0.0, 5.0]])


@pytest.mark.exercise("probing.erased")
def test_one_direction():
    """Without the part along (1, 1, 0), (1, 2, 3) is (-0.5, 0.5, 3), however long the direction is."""
    expected = torch.tensor([[-0.5, 0.5, 3.0], [-2.0, 2.0, 5.0]])
    for length in (1.0, 10.0, -0.2):
        directions = torch.tensor([[length, length, 0.0]])
        same(
            probing.erased(ROWS, directions),
            expected,
            given={"features": ROWS, "directions": directions},
            teach="The part along a direction is (row · d) / (d · d) times d.",
        )


@pytest.mark.exercise("probing.erased")
def test_directions_at_an_acute_angle():
    """Without (1, 0, 0) and (1, 1, 0) only the third coordinate is left."""
    directions = torch.tensor([[1.0, 0.0, 0.0], [1.0, 1.0, 0.0]])
    same(
        probing.erased(ROWS, directions),
        torch.tensor([[0.0, 0.0, 3.0], [0.0, 0.0, 5.0]]),
        given={"features": ROWS, "directions": directions},
        teach="The two span the plane of the first two coordinates. Taken away one after the other, the second brings "
        "back a part of the first.",
    )


@pytest.mark.exercise("probing.erased")
def test_directions_that_depend_on_each_other():
    """A direction that is given twice, or is a sum of others, removes nothing more."""
    directions = torch.tensor([[1.0, 1.0, 0.0], [2.0, 2.0, 0.0]])
    same(
        probing.erased(ROWS, directions),
        torch.tensor([[-0.5, 0.5, 3.0], [-2.0, 2.0, 5.0]]),
        given={"features": ROWS, "directions": directions},
        teach="Both lie on one line, so a line is removed, not a plane.",
        atol=1e-4,
    )
    directions = torch.tensor([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [1.0, 1.0, 0.0]])
    same(
        probing.erased(ROWS, directions),
        torch.tensor([[0.0, 0.0, 3.0], [0.0, 0.0, 5.0]]),
        given={"features": ROWS, "directions": directions},
        teach="Three directions in one plane span that plane and no more.",
        atol=1e-4,
    )


@pytest.mark.exercise("probing.erased")
def test_no_directions():
    """Without any direction the rows stay as they are."""
    same(
        probing.erased(ROWS, torch.zeros(0, 3)),
        ROWS,
        given={"features": ROWS, "directions": "none, a tensor of shape 0 × 3"},
        teach="Nothing to remove.",
    )


@pytest.mark.exercise("probing.erased")
def test_nothing_else_changes(seed):
    """What is left is the least-squares residual of each row on the directions, and nothing else changes."""
    generator = seeded(seed)
    features = torch.randn(9, 7, generator=generator) + 5.0
    directions = torch.randn(3, 7, generator=generator) * torch.tensor([[0.1], [1.0], [20.0]])
    d, x = directions.double().numpy(), features.double().numpy()
    fit = np.linalg.lstsq(d.T, x.T, rcond=None)[0]
    same(
        probing.erased(features, directions),
        torch.tensor(x - (d.T @ fit).T).float(),
        given={"features": features, "directions": directions},
        teach="Nothing may be taken from a row but its part in the span of the directions.",
        atol=2e-4,
    )
