"""Checks of patching.patching_hook: Put another run's activation in."""

import pytest
import torch

from mi_tutor.exercises import patching
from mi_tutor.tutor.judge import same


def numbered(start: float) -> torch.Tensor:
    """Two prompts, three positions, two numbers at each, all different."""
    return torch.arange(start, start + 12).reshape(2, 3, 2)


@pytest.mark.exercise("patching.patching_hook")
def test_one_position_of_one_prompt():
    """The chosen position gets the other run's activation, all others keep theirs."""
    own, source = numbered(0.0)[:1], numbered(100.0)[:1]
    same(
        patching.patching_hook(source, torch.tensor([[1]]))(own, hook=None),
        torch.tensor([[[0.0, 1.0], [102.0, 103.0], [4.0, 5.0]]]),
        given={"activation": own, "source": source, "positions": [[1]]},
        teach="Position 1 is taken from source, positions 0 and 2 from the run that is patched.",
        what="activation",
    )


@pytest.mark.exercise("patching.patching_hook")
def test_each_prompt_has_its_own_positions():
    """Each prompt is patched at its own positions, with its own source."""
    source = numbered(1.0)
    same(
        patching.patching_hook(source, torch.tensor([[0, 2], [1, 2]]))(torch.zeros(2, 3, 2), hook=None)[..., 0],
        torch.tensor([[1.0, 0.0, 5.0], [0.0, 9.0, 11.0]]),
        given={"activation": "all 0", "source, first number": source[..., 0], "positions": [[0, 2], [1, 2]]},
        teach="Prompt 0 is patched at 0 and 2, prompt 1 at 1 and 2.",
        what="activation",
    )


@pytest.mark.exercise("patching.patching_hook")
def test_no_position():
    """With no position to patch nothing changes."""
    same(
        patching.patching_hook(numbered(100.0), torch.empty(2, 0, dtype=torch.long))(numbered(0.0), hook=None),
        numbered(0.0),
        given={"positions": "2 x 0"},
        teach="A table of positions without columns names none.",
        what="activation",
    )


@pytest.mark.exercise("patching.patching_hook")
def test_what_came_in_stays():
    """The activation that came in and the source are left as they were."""
    own, source = numbered(0.0), numbered(100.0)
    patching.patching_hook(source, torch.tensor([[0], [2]]))(own, hook=None)
    for what, tensor, before, teach in (
        ("activation that came in", own, 0.0, "Someone may have kept this tensor as the run without a patch."),
        ("source", source, 100.0, "The next patch would be made from it, and it no longer is the other run."),
    ):
        same(
            tensor[..., 0],
            numbered(before)[..., 0],
            what=f"{what}, first number,",
            teach=f"{teach} Work on a clone.",
        )
