"""Checks of ablation.replacing_hook: Put something else in a head's place."""

import pytest
import torch

from mi_tutor.exercises import ablation
from mi_tutor.tutor.judge import same


def numbered(start: float) -> torch.Tensor:
    """Two prompts, three positions, two heads of two numbers, all different."""
    return torch.arange(start, start + 24).reshape(2, 3, 2, 2)


@pytest.mark.exercise("ablation.replacing_hook")
def test_one_head_at_all_positions():
    """Without positions the chosen head is replaced everywhere, with each prompt's and position's own value."""
    z, values = numbered(0.0), numbered(100.0)
    expected = torch.stack([z[:, :, 0], values[:, :, 1]], dim=2)
    same(
        ablation.replacing_hook(values, [1], None)(z, hook=None),
        expected,
        given={"z": "0 … 23", "values": "100 … 123", "heads": [1], "positions": None},
        teach="Head 1 takes its entries from values, head 0 keeps its own.",
        what="z",
    )


@pytest.mark.exercise("ablation.replacing_hook")
def test_each_prompt_has_its_own_position():
    """With positions, only the entry at each prompt's own position is replaced."""
    z, values = torch.zeros(3, 3, 1, 1), torch.arange(1.0, 10.0).reshape(3, 3, 1, 1)
    same(
        ablation.replacing_hook(values, [0], torch.tensor([2, 0, 1]))(z, hook=None)[..., 0, 0],
        torch.tensor([[0.0, 0.0, 3.0], [4.0, 0.0, 0.0], [0.0, 8.0, 0.0]]),
        given={"z": "all 0", "values": values[..., 0, 0], "positions": [2, 0, 1]},
        teach="Prompt 0 changes at position 2, prompt 1 at position 0, prompt 2 at position 1, and nowhere else.",
        what="z",
    )


@pytest.mark.exercise("ablation.replacing_hook")
def test_several_heads_at_positions():
    """Several heads can be replaced at the positions; all others stay."""
    z, values = numbered(0.0).repeat(1, 1, 2, 1), numbered(100.0).repeat(1, 1, 2, 1)
    expected = z.clone()
    for prompt, position in ((0, 1), (1, 2)):
        for head in (0, 2, 3):
            expected[prompt, position, head] = values[prompt, position, head]
    same(
        ablation.replacing_hook(values, [3, 0, 2], torch.tensor([1, 2]))(z, hook=None),
        expected,
        given={"heads": [3, 0, 2], "positions": [1, 2]},
        teach="Three heads and two prompts: each of the three is replaced in each prompt.",
        what="z",
    )


@pytest.mark.exercise("ablation.replacing_hook")
def test_no_head_chosen():
    """With no head chosen nothing is replaced."""
    z = numbered(0.0)
    for positions in (None, torch.tensor([0, 1])):
        same(
            ablation.replacing_hook(numbered(100.0), [], positions)(z, hook=None),
            numbered(0.0),
            given={"heads": [], "positions": positions},
            teach="An empty set is a set. A loop over layers may meet one.",
            what="z",
        )


@pytest.mark.exercise("ablation.replacing_hook")
def test_the_input_of_the_hook_stays():
    """The z that comes in is left as it was, and so are the values."""
    z, values = numbered(0.0), numbered(100.0)
    hook_fn = ablation.replacing_hook(values, [0], torch.tensor([0, 1]))
    hook_fn(z, hook=None)
    ablation.replacing_hook(values, [0], None)(z, hook=None)
    same(
        [z, values],
        [numbered(0.0), numbered(100.0)],
        what="z or values that came in",
        teach="The caller may have kept this tensor as the clean activation. Changed in place, clean and ablated are "
        "the same tensor, and every difference between them is 0.",
    )


@pytest.mark.exercise("ablation.replacing_hook")
def test_the_hook_can_be_used_twice():
    """The same hook gives the same answer on the next run."""
    values = numbered(100.0)
    hook_fn = ablation.replacing_hook(values, [1], torch.tensor([2, 0]))
    hook_fn(numbered(50.0), hook=None)
    expected = numbered(0.0)
    expected[0, 2, 1], expected[1, 0, 1] = values[0, 2, 1], values[1, 0, 1]
    same(
        hook_fn(numbered(0.0), hook=None),
        expected,
        teach="Nothing from the first run may be left over.",
        what="z of the second run",
    )
