"""What the functions of the small chapter promise."""

import pytest
import torch

from mi_tutor.exercises import start_here
from mi_tutor.tutor.judge import raises, same

PAIRS = torch.tensor([[1.0, 10.0], [3.0, 30.0]])


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


@pytest.mark.exercise("start_here.centre")
def test_centre_by_hand():
    """Each column loses its own mean."""
    same(start_here.centre(PAIRS), torch.tensor([[-1.0, -10.0], [1.0, 10.0]]))


@pytest.mark.exercise("start_here.centre")
def test_mean_is_zero(seed):
    """On random values every column has mean zero."""
    values = torch.rand(7, 3, generator=torch.Generator().manual_seed(seed)) + 1
    same(start_here.centre(values).mean(dim=0), torch.zeros(3))


@pytest.mark.exercise("start_here.centre")
def test_one_row():
    """A single row becomes zero."""
    same(start_here.centre(PAIRS[:1]), torch.zeros(1, 2))
