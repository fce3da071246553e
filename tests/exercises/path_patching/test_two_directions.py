"""Checks of path_patching.two_directions: Mend: needed, and enough?"""

import pytest
import torch

from mi_tutor.exercises import path_patching
from mi_tutor.tutor.judge import raises, same, seeded

CLEAN, CORRUPTED = torch.tensor([[1, 1], [1, 2]]), torch.tensor([[0, 0], [0, 0]])


def scores(plain_clean, plain_corrupted, noised, denoised, spread=0.5):
    """A model as a table: the metric of two prompts by (into, source)."""

    def patched(into, source):
        value = {
            (True, True): plain_clean,
            (True, False): noised,
            (False, True): denoised,
            (False, False): plain_corrupted,
        }[bool(into.any()), bool(source.any())]
        return torch.tensor([value - spread, value + spread])

    return patched


@pytest.mark.exercise("path_patching.two_directions")
def test_needed_and_not_enough():
    """Clean 5, corrupted 1: noising takes the metric to 2, denoising only to 2.2."""
    same(
        path_patching.two_directions(scores(5.0, 1.0, 2.0, 2.2), CLEAN, CORRUPTED),
        (0.75, 0.3),
        given={"clean": 5.0, "corrupted": 1.0, "noised": 2.0, "denoised": 2.2},
        teach="The clean run loses 3 of 4, the corrupted run wins 1.2 of 4. The second needs an experiment of its own.",
    )


@pytest.mark.exercise("path_patching.two_directions")
def test_enough_and_not_needed():
    """Where another path does the same job, the path can be enough and not needed."""
    same(
        path_patching.two_directions(scores(4.0, -4.0, 4.0, 2.0), CLEAN, CORRUPTED),
        (0.0, 0.75),
        given={"clean": 4.0, "corrupted": -4.0, "noised": 4.0, "denoised": 2.0},
        teach="Noising changes nothing; denoising wins 6 of 8.",
    )


@pytest.mark.exercise("path_patching.two_directions")
def test_shares_are_not_cut():
    """A share can be below 0 or above 1."""
    same(
        path_patching.two_directions(scores(3.0, 1.0, 4.0, 4.0), CLEAN, CORRUPTED),
        (-0.5, 1.5),
        given={"clean": 3.0, "corrupted": 1.0, "noised": 4.0, "denoised": 4.0},
        teach="A path that held the answer down has a share below 0.",
    )


@pytest.mark.exercise("path_patching.two_directions")
def test_against_the_definition(seed):
    """On random tables both shares follow their definitions."""
    a, b, c, d = (torch.rand(4, generator=seeded(seed)) * 2 + torch.tensor([4.0, 0.0, 1.0, 2.5])).tolist()
    same(
        path_patching.two_directions(scores(a, b, c, d), CLEAN, CORRUPTED),
        ((a - c) / (a - b), (d - b) / (a - b)),
        given={"clean": a, "corrupted": b, "noised": c, "denoised": d},
        teach="Loss of the clean run and gain of the corrupted run, as shares of their distance.",
    )


@pytest.mark.exercise("path_patching.two_directions")
def test_means_before_shares():
    """Prompts count by their means: one with a small distance does not decide."""
    table = {(True, True): [5.0, 3.0], (False, False): [1.0, 2.0], (True, False): [3.0, 2.0], (False, True): [2.0, 3.0]}

    def patched(into, source):
        return torch.tensor(table[bool(into.any()), bool(source.any())])

    same(
        path_patching.two_directions(patched, CLEAN, CORRUPTED),
        (0.6, 0.4),
        given={"clean": [5, 3], "corrupted": [1, 2], "noised": [3, 2], "denoised": [2, 3]},
        teach="Means 4, 1.5, 2.5 and 2.5; the distance is 2.5. Shares of single prompts are 0.5 and 1, 0.25 and 1.",
    )


@pytest.mark.exercise("path_patching.two_directions")
def test_a_negative_distance():
    """With a metric that the corrupted run scores higher, the shares are those of the turned metric."""
    same(
        path_patching.two_directions(scores(-5.0, -1.0, -2.0, -1.5), CLEAN, CORRUPTED),
        (0.75, 0.125),
        given={"clean": -5.0, "corrupted": -1.0, "noised": -2.0, "denoised": -1.5},
        teach="The distance is -4, the clean run loses -3 of it, and the corrupted run wins -0.5.",
    )


@pytest.mark.exercise("path_patching.two_directions")
def test_no_distance():
    """Without a distance between the plain runs it refuses."""
    with raises(ValueError, teach="There is nothing to take a share of: raise a ValueError."):
        path_patching.two_directions(scores(2.0, 2.0, 1.0, 3.0), CLEAN, CORRUPTED)
