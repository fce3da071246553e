"""Checks of start_here.centre."""

import pytest
import torch

from mi_tutor.exercises import start_here
from mi_tutor.tutor.judge import same

PAIRS = torch.tensor([[1.0, 10.0], [3.0, 30.0]])


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
