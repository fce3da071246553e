"""Checks of patching.normalised_effect: From 0, the corrupted run, to 1, the clean run."""

import pytest
import torch

from mi_tutor.exercises import patching
from mi_tutor.tutor.judge import raises, same


@pytest.mark.exercise("patching.normalised_effect")
def test_the_two_ends():
    """A patch that does nothing is 0, one that brings the clean run back is 1."""
    corrupted, clean = torch.tensor([-1.0, 1.0]), torch.tensor([3.0, 5.0])
    same(
        patching.normalised_effect(torch.stack([corrupted, clean, clean]), corrupted, clean),
        torch.tensor([0.0, 1.0, 1.0]),
        given={"patched": "corrupted, clean, clean", "corrupted": [-1, 1], "clean": [3, 5]},
        teach="The corrupted run is the start, 0. The clean run is the goal, 1.",
    )


@pytest.mark.exercise("patching.normalised_effect")
def test_a_quarter_beyond_and_backwards():
    """A quarter of the way is 0.25; beyond the clean run is above 1; the wrong direction is below 0."""
    same(
        patching.normalised_effect(
            torch.tensor([[1.0, 1.0], [5.0, 5.0], [-2.0, -2.0]]), torch.tensor([0.0, 0.0]), torch.tensor([4.0, 4.0])
        ),
        torch.tensor([0.25, 1.25, -0.5]),
        given={"patched": [[1, 1], [5, 5], [-2, -2]], "corrupted": [0, 0], "clean": [4, 4]},
        teach="Nothing is cut off: an overshoot and a harm are findings.",
    )


@pytest.mark.exercise("patching.normalised_effect")
def test_means_first():
    """The means over prompts are taken first, so that a prompt with little to bring back does not decide."""
    same(
        patching.normalised_effect(torch.tensor([[1.1, 2.0]]), torch.tensor([1.0, 0.0]), torch.tensor([1.01, 8.0])),
        torch.tensor([1.05 / 4.005]),
        given={"patched": [[1.1, 2.0]], "corrupted": [1.0, 0.0], "clean": [1.01, 8.0]},
        teach="On the first prompt the two runs differ by 0.01. Its own fraction would be 10. Of the means it is 0.26.",
        rtol=1e-3,
    )


@pytest.mark.exercise("patching.normalised_effect")
def test_a_goal_below_the_start():
    """It holds as well for a metric that is lower in the clean run, such as a loss."""
    same(
        patching.normalised_effect(torch.tensor([[1.5]]), torch.tensor([2.0]), torch.tensor([0.0])),
        torch.tensor([0.25]),
        given={"patched": [[1.5]], "corrupted": [2.0], "clean": [0.0]},
        teach="From 2 to 0, the value 1.5 is a quarter of the way.",
    )


@pytest.mark.exercise("patching.normalised_effect")
def test_runs_that_do_not_differ():
    """When the two runs score the same on average, it refuses."""
    corrupted, clean = torch.tensor([1.0, 3.0]), torch.tensor([3.0, 1.0])
    with raises(
        ValueError,
        teach="Each prompt differs, the two means do not. A way of length 0 has no fractions: raise ValueError.",
        given={"corrupted": corrupted, "clean": clean},
    ):
        patching.normalised_effect(torch.tensor([[1.0, 2.0]]), corrupted, clean)


@pytest.mark.exercise("patching.normalised_effect")
def test_how_near_is_too_near():
    """Means less than 1e-6 apart are refused, in either order; means 0.001 or 2e-6 apart are not."""
    zero, nearly = torch.zeros(2), torch.full((2,), 1e-7)
    for corrupted, clean in ((zero, nearly), (nearly, zero)):
        with raises(
            ValueError,
            teach="A gap of 1e-7 is rounding. A fraction of it says nothing.",
            given={"corrupted": corrupted.tolist(), "clean": clean.tolist()},
        ):
            patching.normalised_effect(torch.ones(1, 2), corrupted, clean)
    same(
        patching.normalised_effect(torch.full((1, 2), 0.0005), zero, torch.full((2,), 0.001)),
        torch.tensor([0.5]),
        given={"patched": [[0.0005, 0.0005]], "corrupted": [0, 0], "clean": [0.001, 0.001]},
        teach="Probabilities are often this small. 0.0005 is half of the way.",
        rtol=1e-3,
    )
    same(
        patching.normalised_effect(torch.full((1, 2), 1e-6), zero, torch.full((2,), 2e-6)),
        torch.tensor([0.5]),
        given={"patched": [[1e-6, 1e-6]], "corrupted": [0, 0], "clean": [2e-6, 2e-6]},
        teach="The gap is 2e-6, and only gaps below 1e-6 are refused.",
        rtol=1e-3,
    )


@pytest.mark.exercise("patching.normalised_effect")
def test_the_limit_does_not_grow():
    """Whatever the size of the metric, only a gap below 1e-6 is refused."""
    patched, corrupted, clean = (torch.full((2,), 1000 + step, dtype=torch.float64) for step in (0.00025, 0, 0.0005))
    same(
        patching.normalised_effect(patched[None], corrupted, clean),
        torch.tensor([0.5], dtype=torch.float64),
        given={"patched": "1000.00025", "corrupted": "1000", "clean": "1000.0005 (double precision)"},
        teach="The gap is 0.0005. That is small beside 1000, and far above 1e-6.",
        rtol=1e-3,
    )


@pytest.mark.exercise("patching.normalised_effect")
def test_a_prompt_on_which_the_runs_agree():
    """A single prompt on which the two runs agree is no reason to refuse."""
    same(
        patching.normalised_effect(torch.tensor([[1.0, 2.0]]), torch.tensor([0.0, 2.0]), torch.tensor([0.0, 6.0])),
        torch.tensor([0.25]),
        given={"patched": [[1, 2]], "corrupted": [0, 2], "clean": [0, 6]},
        teach="The means are 1 and 3. The patch has 1.5: a quarter of the way.",
    )
