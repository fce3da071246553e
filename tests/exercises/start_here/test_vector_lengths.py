"""Checks of start_here.vector_lengths: How long is each vector?"""

import math

import pytest
import torch

from mi_tutor.exercises import start_here
from mi_tutor.tutor.judge import same, seeded


@pytest.mark.exercise("start_here.vector_lengths")
def test_three_four_five():
    """The vector [3, 4] has length 5, and [6, 8] has length 10."""
    resid = torch.tensor([[[3.0, 4.0], [6.0, 8.0], [1.0, 0.0]]])
    same(
        start_here.vector_lengths(resid),
        torch.tensor([[5.0, 10.0, 1.0]]),
        given={"resid": resid},
        teach="Square each number, add the squares of one vector, take the square root of each sum.",
    )


@pytest.mark.exercise("start_here.vector_lengths")
def test_negative_numbers():
    """A minus sign does not make a vector shorter: [-3, 4] has length 5 as well."""
    resid = torch.tensor([[[-3.0, 4.0]], [[-5.0, -12.0]]])
    same(
        start_here.vector_lengths(resid),
        torch.tensor([[5.0], [13.0]]),
        given={"resid": resid},
        teach="Squares are never negative, so the sign of a number plays no part.",
    )


@pytest.mark.exercise("start_here.vector_lengths")
def test_shape_of_lengths():
    """Two texts of three positions give 2 × 3 lengths: only the d_model axis is summed away."""
    resid = torch.ones(2, 3, 4)
    same(
        start_here.vector_lengths(resid),
        torch.full((2, 3), 2.0),
        given={"resid": "ones, of shape 2 × 3 × 4"},
        teach="Four ones have length 2, at every position of every text.",
    )


@pytest.mark.exercise("start_here.vector_lengths")
def test_vectors_are_left_alone():
    """The vectors passed in are the same afterwards."""
    resid = torch.tensor([[[3.0, -4.0], [6.0, 8.0]]])
    before = resid.clone()
    start_here.vector_lengths(resid)
    same(
        resid,
        before,
        given={"resid": before},
        teach="You changed the tensor that you were given. Someone else may still be reading it.",
        what="number in `resid`",
    )


@pytest.mark.exercise("start_here.vector_lengths")
def test_lengths_of_random_vectors(seed):
    """On random vectors the lengths agree with Python's own `math.hypot`."""
    resid = torch.randn(3, 2, 5, generator=seeded(seed))
    expected = [[math.hypot(*vector) for vector in text] for text in resid.tolist()]
    same(start_here.vector_lengths(resid), torch.tensor(expected), given={"resid": resid}, atol=1e-4)
