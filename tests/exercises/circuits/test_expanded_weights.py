"""Checks of circuits.expanded_weights: See through two layers to the pixels."""

import pytest
import torch

from mi_tutor.exercises import circuits
from mi_tutor.tutor.judge import same, seeded

from .kernels import only


@pytest.mark.exercise("circuits.expanded_weights")
def test_a_corner_of_a_corner():
    """A weight at the top left over a weight at the top left reaches the pixel two up and two left."""
    first, second = only((0, 0, 3.0))[None], only((0, 0, 2.0))[None, None]
    expected = torch.zeros(1, 5, 5)
    expected[0, 0, 0] = 6.0
    same(
        circuits.expanded_weights(first, second),
        expected,
        given={"first": first, "second": second},
        teach="Two steps up and two to the left, and the weights on the way are multiplied: 2 · 3.",
    )


@pytest.mark.exercise("circuits.expanded_weights")
def test_ways_to_one_pixel_are_added():
    """Where two channels lead to the same pixel, their products are added, with their signs."""
    first = torch.stack([only((1, 1, 3.0)), only((1, 2, 1.0))])
    second = torch.stack([only((1, 2, 2.0)), only((1, 1, -5.0), (0, 1, 1.0))])[None]
    expected = torch.zeros(1, 5, 5)
    expected[0, 2, 3] = 1.0  # channel 0: 2 * 3 at one to the right; channel 1: -5 * 1 at one to the right
    expected[0, 1, 3] = 1.0  # channel 1 from one above: 1 * 1
    same(
        circuits.expanded_weights(first, second),
        expected,
        given={"first": first, "second": second},
        teach="The middle of the 5 × 5 kernel is (2, 2). Pixel (2, 3) is reached twice: 2 · 3 − 5 · 1.",
    )


@pytest.mark.exercise("circuits.expanded_weights")
def test_one_convolution_for_two(seed):
    """On random images it gives what the two layers give one after the other."""
    draw = seeded(seed)
    first, second = torch.randn(3, 3, 3, generator=draw), torch.randn(2, 3, 3, 3, generator=draw)
    image = torch.randn(1, 1, 9, 9, generator=draw)
    conv2d = torch.nn.functional.conv2d
    two = conv2d(conv2d(image, first[:, None]), second)
    got = circuits.expanded_weights(first, second)
    same(
        conv2d(image, got[:, None]),
        two,
        given={"first": first, "second": second},
        what="the response to a random image",
        teach="conv2d(image, expanded) should equal conv2d(conv2d(image, first), second).",
        atol=1e-3,
        rtol=1e-3,
    )
