"""Checks of ablation.bootstrap_interval: What if we had drawn other prompts?"""

import pytest
import torch

from mi_tutor.exercises import ablation
from mi_tutor.tutor.judge import holds, same


def mean_of_rows(rows: torch.Tensor) -> float:
    return float(rows[:, 0].mean())


def hundred() -> torch.Tensor:
    """A hundred prompts, half of them 0 and half 1: the mean is .5 with a standard error of .05."""
    return (torch.arange(100) % 2).float()[:, None]


@pytest.mark.exercise("ablation.bootstrap_interval")
def test_interval_of_a_mean():
    """For the mean of 100 zeros and ones the 90% interval reaches 1.64 standard errors to each side."""
    same(
        ablation.bootstrap_interval(hundred(), mean_of_rows, 3000, 0.9, 0),
        (0.5 - 1.645 * 0.05, 0.5 + 1.645 * 0.05),
        given={"rows": "50 zeros and 50 ones", "statistic": "the mean", "n": 3000, "level": 0.9},
        teach="The standard error is .5 / sqrt(100) = .05. Five percent of the samples lie below the interval and five "
        "above.",
        atol=0.015,
        rtol=0,
        what="interval",
    )


@pytest.mark.exercise("ablation.bootstrap_interval")
def test_a_higher_level_is_wider():
    """The 50% interval reaches 0.67 standard errors, the 99% interval 2.58."""
    for level, reach in ((0.5, 0.674), (0.99, 2.576)):
        same(
            ablation.bootstrap_interval(hundred(), mean_of_rows, 3000, level, 1),
            (0.5 - reach * 0.05, 0.5 + reach * 0.05),
            given={"rows": "50 zeros and 50 ones", "statistic": "the mean", "n": 3000, "level": level},
            teach="level is the share inside; what is left is shared by both sides.",
            atol=0.02,
            rtol=0,
            what="interval",
        )


@pytest.mark.exercise("ablation.bootstrap_interval")
def test_rows_stay_whole():
    """The measurements of a prompt stay together: a share that is 2 on every prompt is 2 in every sample."""
    rows = torch.tensor([[1.0, 2.0], [10.0, 20.0], [3.0, 6.0], [2.0, 4.0], [40.0, 80.0]])

    def share(rows: torch.Tensor) -> float:
        return float(rows[:, 1].mean() / rows[:, 0].mean())

    same(
        ablation.bootstrap_interval(rows, share, 200, 0.9, 0),
        (2.0, 2.0),
        given={"rows": rows, "statistic": "mean of column 1 / mean of column 0"},
        teach="Draw prompts, not numbers. Columns drawn on their own pair one prompt's damage with another's repair.",
        what="interval",
    )


@pytest.mark.exercise("ablation.bootstrap_interval")
def test_samples_are_as_large_as_the_data():
    """Every sample has as many rows as there are prompts, and all are rows that were given."""
    sizes, strange = set(), 0

    def look(rows: torch.Tensor) -> float:
        nonlocal strange
        sizes.add(tuple(rows.shape))
        strange += int((~torch.isin(rows, torch.tensor([1.0, 2.0, 4.0, 8.0]))).sum())
        return float(rows.mean())

    ablation.bootstrap_interval(torch.tensor([[1.0], [2.0], [4.0], [8.0]]), look, 60, 0.9, 0)
    same(sizes, {(4, 1)}, teach="Fewer rows a sample would give too wide an interval.", what="shapes of the samples")
    same(strange, 0, teach="A sample holds rows that were measured, nothing in between.", what="number of new values")


@pytest.mark.exercise("ablation.bootstrap_interval")
def test_the_ends_are_quantiles():
    """A lopsided statistic has a lopsided interval."""
    rows = torch.zeros(20, 1)
    rows[0] = 100.0  # the mean of a sample is 5 times how often this row was drawn: Binomial(20, 1/20)

    low, high = ablation.bootstrap_interval(rows, mean_of_rows, 2000, 0.9, 3)
    same(
        (low, high),
        (0.0, 15.0),
        given={"rows": "one 100 and nineteen zeros", "statistic": "the mean", "level": 0.9},
        teach="In 36% of the samples the one large row is missing and the mean is 0; in 2% it comes up more than three "
        "times. The mean plus or minus a multiple of a standard deviation would reach below 0.",
        what="interval",
    )
    counter = iter(range(10_000))
    same(
        ablation.bootstrap_interval(rows, lambda sample: float(next(counter)), 1001, 0.9, 0),
        (50.0, 950.0),
        given={"statistic": "0 for the first sample, 1 for the next, and so on", "n": 1001, "level": 0.9},
        teach="Of the statistics 0 to 1000 the 5% quantile is 50 and the 95% quantile is 950.",
        atol=5,
        rtol=0,
        what="interval",
    )
    low, high = ablation.bootstrap_interval(torch.arange(12.0)[:, None].square(), mean_of_rows, 1, 0.9, 0)
    same(high, low, given={"n": 1}, teach="With one sample both ends are its statistic.", what="upper end")


@pytest.mark.exercise("ablation.bootstrap_interval")
def test_the_interval_is_reproducible():
    """The same seed gives the same interval, another seed another, and torch's own random state is left alone."""
    rows = torch.arange(12.0)[:, None].square()
    torch.manual_seed(5)
    expected = torch.rand(1)
    torch.manual_seed(5)
    first = ablation.bootstrap_interval(rows, mean_of_rows, 40, 0.8, 1)
    same(
        torch.rand(1),
        expected,
        teach="torch.manual_seed inside the function changes every random number that comes after it.",
        what="next random number",
    )
    same(
        ablation.bootstrap_interval(rows, mean_of_rows, 40, 0.8, 1),
        first,
        teach="Two calls with one seed should agree.",
        what="interval",
    )
    holds(
        ablation.bootstrap_interval(rows, mean_of_rows, 40, 0.8, 2) != first,
        "Seeds 1 and 2 give the same interval, so the seed does not matter.",
    )
