"""Checks of ablation.paired_effect: Mend: an error bar that hides an effect."""

import math
import statistics

import pytest
import torch

from mi_tutor.exercises import ablation
from mi_tutor.tutor.judge import raises, same, seeded


@pytest.mark.exercise("ablation.paired_effect")
def test_paired_effect_by_hand():
    """Differences -1, -2, -3 have the mean -2 and the standard error 1 / sqrt(3)."""
    clean, ablated = torch.tensor([4.0, 4.0, 5.0]), torch.tensor([3.0, 2.0, 2.0])
    same(
        ablation.paired_effect(clean, ablated),
        (-2.0, 1 / math.sqrt(3)),
        given={"clean": clean, "ablated": ablated},
        teach="Their standard deviation with n - 1 is 1.",
        what="(mean, standard error)",
    )
    clean, ablated = torch.tensor([4.0, 4.0]), torch.tensor([3.0, 1.0])
    same(
        ablation.paired_effect(clean, ablated),
        (-2.0, 1.0),
        given={"clean": clean, "ablated": ablated},
        teach="Two prompts are enough. The differences -1 and -3 have a standard deviation of sqrt(2), and n is 2.",
        what="(mean, standard error)",
    )


@pytest.mark.exercise("ablation.paired_effect")
def test_hard_and_easy_prompts_cancel():
    """Prompts that differ a lot, all with nearly the same effect, give a small standard error."""
    clean, ablated = torch.tensor([0.0, 10.0, -20.0, 40.0]), torch.tensor([-1.0, 8.5, -21.5, 39.0])
    same(
        ablation.paired_effect(clean, ablated),
        (-1.25, statistics.stdev([-1.0, -1.5, -1.5, -1.0]) / 2),
        given={"clean": clean, "ablated": ablated},
        teach="How hard a prompt is stands in both runs and cancels. The spread of the prompts is not the spread of "
        "the effect.",
        what="(mean, standard error)",
    )


@pytest.mark.exercise("ablation.paired_effect")
def test_two_runs_that_move_against_each_other():
    """Where the runs move against each other, pairing makes the standard error larger."""
    clean, ablated = torch.tensor([1.0, 2.0, 3.0, 4.0]), torch.tensor([4.0, 3.0, 2.0, 1.0])
    same(
        ablation.paired_effect(clean, ablated),
        (0.0, statistics.stdev([3.0, 1.0, -1.0, -3.0]) / 2),
        given={"clean": clean, "ablated": ablated},
        teach="The effect is +3 on one prompt and -3 on another. The two runs have equal means and equal spreads, but "
        "the effect is uncertain.",
        what="(mean, standard error)",
    )


@pytest.mark.exercise("ablation.paired_effect")
def test_paired_effect_needs_two_prompts():
    """A single prompt is refused with a ValueError."""
    with raises(ValueError, teach="With n - 1 = 0 the standard error is 0 / 0. A nan would be found much later."):
        ablation.paired_effect(torch.tensor([4.0]), torch.tensor([3.0]))


@pytest.mark.exercise("ablation.paired_effect")
def test_paired_effect_against_the_statistics_module(seed):
    """On random metrics it agrees with Python's statistics module."""
    clean, noise = torch.randn(13, generator=seeded(seed)) * 3, torch.randn(13, generator=seeded(seed + 1))
    ablated = clean + noise - 0.7
    values = [a - c for a, c in zip(ablated.tolist(), clean.tolist(), strict=True)]
    same(
        ablation.paired_effect(clean, ablated),
        (statistics.fmean(values), statistics.stdev(values) / math.sqrt(13)),
        given={"clean": clean, "ablated": ablated},
        teach="Mean and sample standard deviation of the differences, the latter divided by the square root of 13.",
        what="(mean, standard error)",
    )
