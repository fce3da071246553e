"""Checks of patching.interaction: More or less than the sum."""

import pytest
import torch

from mi_tutor.exercises import patching
from mi_tutor.tutor.judge import same


@pytest.mark.exercise("patching.interaction")
def test_an_or():
    """Two parts of which either brings 4 back, alone or together, interact by -4."""
    same(
        patching.interaction(torch.tensor([[4.0], [4.0]]), torch.tensor([4.0])),
        -4.0,
        given={"single": [[4], [4]], "joint": [4]},
        teach="One by one they promise 8, together they bring 4.",
    )


@pytest.mark.exercise("patching.interaction")
def test_an_and():
    """Two parts that bring nothing alone and 4 together interact by +4."""
    same(
        patching.interaction(torch.tensor([[0.0], [0.0]]), torch.tensor([4.0])),
        4.0,
        given={"single": [[0], [0]], "joint": [4]},
        teach="Nothing is promised, 4 comes.",
    )


@pytest.mark.exercise("patching.interaction")
def test_an_and_that_is_noised():
    """Noised, either part of an AND loses 4 and so do both: +4, as when it is denoised."""
    same(
        patching.interaction(torch.tensor([[-4.0], [-4.0]]), torch.tensor([-4.0])),
        4.0,
        given={"single": [[-4], [-4]], "joint": [-4]},
        teach="Effects are changes, so losses are negative. One by one they threaten -8, together they cost -4.",
    )


@pytest.mark.exercise("patching.interaction")
def test_three_parts_and_two_prompts():
    """The single effects of all parts are summed, prompt by prompt, and the result is a mean over prompts."""
    same(
        patching.interaction(torch.tensor([[1.0, 3.0], [0.5, -1.0], [0.0, 2.0]]), torch.tensor([2.0, 1.0])),
        -1.25,
        given={"single": [[1, 3], [0.5, -1], [0, 2]], "joint": [2, 1]},
        teach="2 - 1.5 = 0.5 and 1 - 4 = -3; their mean is -1.25.",
    )


@pytest.mark.exercise("patching.interaction")
def test_parts_that_add_up(seed):
    """Effects that add up have an interaction of 0."""
    single = torch.randn(4, 6, generator=torch.Generator().manual_seed(seed))
    same(patching.interaction(single, single.sum(dim=0)), 0.0, teach="Joint and sum agree.")
