"""Checks of features.random_directions: A control for a direction."""

import itertools
import math
import random

import numpy as np
import pytest
import torch

from mi_tutor.exercises import features
from mi_tutor.tutor.judge import holds, same


@pytest.mark.exercise("features.random_directions")
def test_same_length_as_the_direction():
    """Every random direction has the length of the direction it controls."""
    direction = torch.tensor([3.0, 4.0, 0.0, 12.0])
    got = features.random_directions(direction, 6, 0)
    same(
        got.norm(dim=1),
        torch.full((6,), 13.0),
        given={"direction": direction, "n": 6},
        what="the norms",
        teach="A longer push does more, whatever its direction. The control must be as long as the thing it controls.",
        atol=1e-3,
    )


@pytest.mark.exercise("features.random_directions")
def test_the_seed_decides():
    """The same seed gives the same directions, another seed gives others, and they differ among themselves."""
    direction = torch.tensor([1.0, -2.0, 0.5])
    first = features.random_directions(direction, 4, 3)
    same(features.random_directions(direction, 4, 3), first, teach="Seed a generator with `seed` and draw from it.")
    other = features.random_directions(direction, 4, 4)
    holds(not torch.allclose(first, other), "Another seed has to give other directions.", got=other)
    apart = [(first[a] - first[b]).norm().item() for a, b in itertools.combinations(range(4), 2)]
    holds(min(apart) > 1e-4, "The n directions must differ from each other: draw n vectors, not one.", got=first)
    shared = (first[:, None] - other[None]).norm(dim=-1).min().item()
    holds(shared > 1e-4, "Seeds 3 and 4 share a direction. Draw all n directions from one generator.", got=other)
    many = features.random_directions(torch.ones(20), 6, 1)
    cosine = (many @ many.T / 20 - torch.eye(6)).abs().max().item()
    holds(cosine < 0.99, "Two of the n directions lie on one line. They must be drawn independently.", got=many)


@pytest.mark.exercise("features.random_directions")
def test_global_randomness_is_left_alone():
    """It does not disturb the global random state."""
    torch.manual_seed(11)
    before, python, numpy = torch.get_rng_state(), random.getstate(), repr(np.random.get_state())
    features.random_directions(torch.tensor([1.0, 2.0]), 3, 5)
    holds(
        torch.equal(before, torch.get_rng_state())
        and random.getstate() == python
        and repr(np.random.get_state()) == numpy,
        "torch.manual_seed changes the random numbers of everything that runs later. A generator of your own does not.",
    )


@pytest.mark.exercise("features.random_directions")
def test_every_orientation_is_equally_likely(seed):
    """In the plane, each of 8 sectors gets an eighth of the directions."""
    got = features.random_directions(torch.tensor([0.0, 2.0]), 8000, seed)
    angle = torch.atan2(got[:, 1], got[:, 0])
    # sectors centred on the axes (even numbers) and on the diagonals (odd numbers)
    sector = ((angle + math.pi / 8) / (math.pi / 4)).floor().long() % 8
    share = torch.bincount(sector, minlength=8) / 8000
    holds(
        bool(((share - 1 / 8).abs() < 0.02).all()),
        "Numbers drawn evenly from an interval fill a square, which has more room towards its corners. "
        "Which distribution looks the same from every side?",
        given={"direction": [0.0, 2.0], "n": 8000},
        got=share,
        expected="1/8 in each sector, give or take 0.02",
    )
