"""Checks of start_here.spread."""

import pytest
import torch

from mi_tutor.exercises import start_here
from mi_tutor.tutor.judge import raises, same


@pytest.mark.exercise("start_here.spread")
def test_spread_by_hand():
    """From 1 to 4 it is 3."""
    values = torch.tensor([2.0, 1.0, 4.0])
    same(start_here.spread(values, 0.5), 3.0, given={"values": values})


@pytest.mark.exercise("start_here.spread")
def test_floor():
    """The answer is never below the floor."""
    same(start_here.spread(torch.tensor([2.0, 2.5]), 2.0), 2.0)


@pytest.mark.exercise("start_here.spread")
def test_nothing_to_compare():
    """No values: a ValueError."""
    with raises(ValueError, teach="There is no largest value.", match="at least one"):
        start_here.spread(torch.zeros(0), 1.0)
