"""Checks of patching.off_distribution: How far out of the ordinary?"""

import pytest
import torch

from mi_tutor.exercises import patching
from mi_tutor.tutor.judge import holds, raises, same

NATURAL = torch.tensor([[13.0, 4.0], [7.0, 4.0], [10.0, 8.0], [10.0, 0.0]])  # mean (10, 4), squared distances 9 9 16 16


@pytest.mark.exercise("patching.off_distribution")
def test_by_hand():
    """Around the mean (10, 4) with spread 3.54, the point (10, 14) is 2.83 spreads away."""
    same(
        patching.off_distribution(torch.tensor([[10.0, 14.0], [10.0, 4.0]]), NATURAL),
        torch.tensor([10 / 12.5**0.5, 0.0]),
        given={"activations": [[10, 14], [10, 4]], "natural": NATURAL},
        teach="The squared distances of the natural ones are 9, 9, 16, 16: their mean is 12.5, the spread its root.",
    )


@pytest.mark.exercise("patching.off_distribution")
def test_natural_ones_are_about_one_away(seed):
    """The natural activations themselves are 1 away in the root mean square."""
    natural = torch.randn(40, 6, generator=torch.Generator().manual_seed(seed)) * torch.arange(1.0, 7.0) + 5
    distance = patching.off_distribution(natural, natural)
    same(float(distance.square().mean().sqrt()), 1.0, rtol=1e-3, teach="That is what the unit means.")


@pytest.mark.exercise("patching.off_distribution")
def test_shift_and_scale(seed):
    """It does not depend on where zero is, nor on the unit of the numbers."""
    generator = torch.Generator().manual_seed(seed)
    natural, judged = torch.randn(10, 4, generator=generator), 3 * torch.randn(5, 4, generator=generator)
    same(
        patching.off_distribution(7 * judged + 20, 7 * natural + 20),
        patching.off_distribution(judged, natural),
        rtol=1e-3,
        teach="Distance from the mean, over the distance of ordinary ones from the mean.",
    )


@pytest.mark.exercise("patching.off_distribution")
def test_one_natural_activation():
    """One natural activation has no spread, and is refused."""
    with raises(ValueError, teach="Refuse fewer than two natural activations."):
        patching.off_distribution(torch.ones(2, 3), torch.ones(1, 3))


@pytest.mark.exercise("patching.off_distribution")
def test_two_natural_activations():
    """Two natural activations are enough."""
    same(
        patching.off_distribution(torch.tensor([[1.0, 5.0]]), torch.tensor([[0.0, 1.0], [2.0, 1.0]])),
        torch.tensor([4.0]),
        given={"activations": [[1, 5]], "natural": [[0, 1], [2, 1]]},
        teach="Their mean is (1, 1), and both lie 1 away from it: the spread is 1.",
    )


@pytest.mark.exercise("patching.off_distribution")
def test_natural_ones_that_are_all_equal():
    """Where all natural activations are equal, the result is not finite, and nothing is refused."""
    holds(
        not patching.off_distribution(torch.tensor([[2.0, 3.0]]), torch.ones(3, 2)).isfinite().any(),
        "The spread is 0 there, as at the first layer where all prompts hold the same token. A figure leaves such a "
        "point out by itself when it is not finite.",
        given={"activations": [[2, 3]], "natural": "three times [1, 1]"},
    )
