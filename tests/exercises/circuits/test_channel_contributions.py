"""Checks of circuits.channel_contributions: Which channel adds what?"""

import pytest
import torch

from mi_tutor.exercises import circuits
from mi_tutor.tutor.judge import same, seeded

from .kernels import only


@pytest.mark.exercise("circuits.channel_contributions")
def test_one_bright_place():
    """One active place spreads the kernel around itself, turned by half a turn, as conv2d does."""
    acts = torch.zeros(1, 1, 3, 3)
    acts[0, 0, 1, 1] = 2.0
    kernel = torch.tensor([[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0], [7.0, 8.0, -9.0]]])
    expected = torch.tensor([[[[-18.0, 16.0, 14.0], [12.0, 10.0, 8.0], [6.0, 4.0, 2.0]]]])
    same(
        circuits.channel_contributions(acts, kernel),
        expected,
        given={"acts": acts, "kernel": kernel},
        teach="The place to the left of the bright one sees it to its right, so it gets the right-hand weight: 2 · 6.",
    )


@pytest.mark.exercise("circuits.channel_contributions")
def test_each_channel_alone():
    """A contribution depends on its own channel only, and a negative one stays negative."""
    acts = torch.zeros(1, 2, 3, 3)
    acts[0, 0, 0, 0], acts[0, 1, 0, 0] = 1.0, 10.0
    kernel = torch.stack([only((1, 1, 4.0)), only((1, 1, -1.0), (1, 2, 0.5))])
    expected = torch.zeros(1, 2, 3, 3)
    expected[0, 0, 0, 0], expected[0, 1, 0, 0] = 4.0, -10.0
    same(
        circuits.channel_contributions(acts, kernel),
        expected,
        given={"acts": acts, "kernel": kernel},
        teach="Channel 0 adds 4 · 1, channel 1 takes away 10. The ReLU acts on their sum, not on each.",
    )


@pytest.mark.exercise("circuits.channel_contributions")
def test_contributions_add_up_to_the_input(seed):
    """Summed over channels, plus the bias once, they are the unit's input."""
    draw = seeded(seed)
    acts = torch.randn(2, 4, 6, 5, generator=draw).relu()
    kernel = torch.randn(4, 3, 3, generator=draw)
    layer = torch.nn.Conv2d(4, 1, 3, padding=1)
    with torch.no_grad():
        layer.weight.copy_(kernel[None])
        layer.bias.fill_(0.7)
        expected = layer(acts)[:, 0]
    same(
        circuits.channel_contributions(acts, kernel).sum(dim=1) + 0.7,
        expected,
        given={"kernel": kernel, "bias": 0.7},
        what="the sum plus the bias",
        teach="torch.nn.Conv2d is this sum. Check the padding, the direction of the kernel and what is in the sum.",
    )
