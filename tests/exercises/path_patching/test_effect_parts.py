"""Checks of path_patching.effect_parts: Direct, indirect, and what is not a sum."""

import pytest
import torch

from mi_tutor.exercises import path_patching
from mi_tutor.tutor.judge import same, seeded


def copies(given: dict) -> dict:
    """Inputs for the call, so that those on the card stay as they were."""
    return {name: value.clone() for name, value in given.items()}


@pytest.mark.exercise("path_patching.effect_parts")
def test_parts_that_add_up():
    """A direct effect of -2 and an indirect one of +1.5 make a total of -0.5 with no interaction."""
    plain = torch.tensor([4.0, 6.0])
    given = {"plain": plain, "direct": plain - 2, "indirect": plain + 1.5, "both": plain - 0.5}
    same(
        path_patching.effect_parts(**copies(given)),
        (-0.5, -2.0, 1.5, 0.0),
        given=given,
        teach="Every effect is a change against the plain run.",
    )


@pytest.mark.exercise("path_patching.effect_parts")
def test_an_interaction():
    """What the sum of both parts does not explain is the interaction, with its sign."""
    given = {
        "plain": torch.tensor([1.0, 3.0]),
        "direct": torch.tensor([0.0, 0.0]),
        "indirect": torch.tensor([2.0, 5.0]),
        "both": torch.tensor([-1.0, 2.0]),
    }
    same(
        path_patching.effect_parts(**copies(given)),
        (-1.5, -2.0, 1.5, -1.0),
        given=given,
        teach="In the order total, direct, indirect, interaction. Total -1.5; direct -2 plus indirect 1.5 is -0.5; the "
        "rest is -1.",
    )


@pytest.mark.exercise("path_patching.effect_parts")
def test_indirect_is_measured():
    """The indirect effect is a run of its own, not what is left of the total."""
    plain = torch.zeros(3)
    given = {"plain": plain, "direct": plain - 1, "indirect": plain + 0, "both": plain + 4}
    same(
        path_patching.effect_parts(**copies(given)),
        (4.0, -1.0, 0.0, 5.0),
        given=given,
        teach="Alone, neither path does much; together they do a lot. Total minus direct would hide that.",
    )


@pytest.mark.exercise("path_patching.effect_parts")
def test_against_pair_by_pair(seed):
    """On random prompts the four numbers agree with means taken prompt by prompt."""
    g = seeded(seed)
    plain, direct, indirect, both = (torch.randn(6, generator=g) * 3 + 1 for _ in range(4))

    def mean(x):
        return sum((x - plain).tolist()) / 6

    total, straight, around = mean(both), mean(direct), mean(indirect)
    same(
        path_patching.effect_parts(plain, direct, indirect, both),
        (total, straight, around, total - straight - around),
        teach="Means over prompts of changes against `plain`.",
        atol=1e-4,
    )
