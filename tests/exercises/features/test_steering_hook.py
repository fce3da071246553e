"""Checks of features.steering_hook: Steer the model."""

import pytest
import torch

from mi_tutor.exercises import features
from mi_tutor.tutor.judge import same


@pytest.mark.exercise("features.steering_hook")
def test_every_position_moves():
    """Every position of every text moves by alpha times the direction."""
    resid = torch.arange(12.0).reshape(2, 3, 2)
    direction = torch.tensor([1.0, -2.0])
    moved = features.steering_hook(direction, 3.0)(resid, hook=None)
    same(
        moved,
        torch.arange(12.0).reshape(2, 3, 2) + torch.tensor([3.0, -6.0]),
        given={"resid": resid, "direction": direction, "alpha": 3.0},
        teach="Add alpha * direction to all batch x pos vectors. A hook that returns nothing changes nothing.",
    )


@pytest.mark.exercise("features.steering_hook")
def test_negative_alpha_steers_back():
    """Steering by -alpha undoes steering by alpha, and alpha 0 changes nothing."""
    resid = torch.tensor([[[1.0, 5.0], [-2.0, 0.5]]])
    direction = torch.tensor([0.3, 4.0])
    there = features.steering_hook(direction, 1.5)(resid, hook=None)
    same(
        features.steering_hook(direction, -1.5)(there, hook=None),
        torch.tensor([[[1.0, 5.0], [-2.0, 0.5]]]),
        given={"direction": direction, "alpha": "1.5, then -1.5"},
        teach="The sign of alpha counts.",
    )
    same(
        features.steering_hook(direction, 0.0)(resid, hook=None),
        resid,
        teach="With alpha 0 the model is left as it is.",
    )


@pytest.mark.exercise("features.steering_hook")
def test_the_input_is_not_changed():
    """The tensor that comes in is not changed."""
    resid = torch.zeros(1, 2, 3)
    features.steering_hook(torch.tensor([1.0, 2.0, 3.0]), 2.0)(resid, hook=None)
    same(
        resid,
        torch.zeros(1, 2, 3),
        what="the residual stream that came in",
        teach=(
            "resid += ... writes into a tensor that others still hold: a cached activation would change after the fact."
        ),
    )


@pytest.mark.exercise("features.steering_hook")
def test_hook_is_called_by_keyword():
    """The model calls it with hook=..., and the scale of the direction is kept."""
    direction = torch.tensor([6.0, 8.0])
    moved = features.steering_hook(direction, 0.5)(torch.ones(1, 1, 2), hook=None)
    same(
        moved,
        torch.tensor([[[4.0, 5.0]]]),
        given={"direction": direction, "alpha": 0.5},
        teach="The direction has length 10. Its length carries the scale of the feature, so it is not normalised.",
    )
