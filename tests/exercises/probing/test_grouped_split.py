"""Checks of probing.grouped_split: A split that leaks."""

import random

import numpy as np
import pytest
import torch

from mi_tutor.exercises import probing
from mi_tutor.tutor.judge import holds, raises, same

COUNTRY = torch.tensor([4, 4, 4, 9, 9, -2, -2, -2, -2, 7, 30, 30, 30, 4, 11, 11, 9, 30])


def groups_in(mask: torch.Tensor, group: torch.Tensor) -> list[int]:
    return group[mask].unique().tolist()


@pytest.mark.exercise("probing.grouped_split")
def test_no_group_in_two_parts():
    """Cities of one country are never in two parts."""
    for seed in range(10):
        parts = [groups_in(mask, COUNTRY) for mask in probing.grouped_split(COUNTRY, 0.3, 0.3, seed)]
        holds(
            sum(map(len, parts)) == len(set().union(*parts)),
            "A country whose cities are in two parts is known before it is tested. Decide for each country where it "
            "goes, then its cities go along.",
            given={"group": COUNTRY, "validation": 0.3, "test": 0.3, "seed": seed},
            got={"train": parts[0], "validation": parts[1], "test": parts[2]},
        )


@pytest.mark.exercise("probing.grouped_split")
def test_every_row_in_one_part():
    """Every row is in exactly one of the three parts."""
    for seed in range(10):
        train, validation, test = probing.grouped_split(COUNTRY, 0.3, 0.3, seed)
        same(
            train.int() + validation.int() + test.int(),
            torch.ones(len(COUNTRY), dtype=torch.int),
            given={"group": COUNTRY, "validation": 0.3, "test": 0.3, "seed": seed},
            teach="No row may be left out, and none may be in two parts.",
            what="number of parts of each row",
        )


@pytest.mark.exercise("probing.grouped_split")
def test_shares_of_groups():
    """Of 10 groups, shares of 0.18 and 0.3 are 2 and 3 groups, however many rows they have."""
    sizes = {40: 20, -3: 1, 7: 2, 100: 1, 5: 9, 60: 1, 0: 3, 11: 1, 12: 12, 9000: 1}
    group = torch.tensor([one for one, size in sizes.items() for _ in range(size)])
    for seed in range(10):
        parts = [groups_in(mask, group) for mask in probing.grouped_split(group, 0.18, 0.3, seed)]
        same(
            [len(part) for part in parts],
            [5, 2, 3],
            given={"group: its number of rows": sizes, "validation": 0.18, "test": 0.3, "seed": seed},
            teach="0.18 × 10 is 1.8, rounded 2; 0.3 × 10 is 3; training gets the other 5.",
            what="number of groups in (train, validation, test)",
        )


@pytest.mark.exercise("probing.grouped_split")
def test_the_seed_decides():
    """The same seed gives the same parts; over the seeds every choice of groups comes up."""
    group = torch.tensor([0, 1, 2, 3, 3, 2, 1, 0])
    first = probing.grouped_split(group, 0.25, 0.25, 5)
    again = probing.grouped_split(group, 0.25, 0.25, 5)
    holds(
        all(torch.equal(a, b) for a, b in zip(first, again, strict=True)),
        "Two calls with one seed give different parts. Draw only from a generator with that seed.",
        given={"group": group, "seed": 5},
    )
    seen = set()
    for seed in range(200):
        _, validation, test = probing.grouped_split(group, 0.25, 0.25, seed)
        seen.add((tuple(groups_in(validation, group)), tuple(groups_in(test, group))))
    same(
        len(seen),
        12,
        given={"group": group, "validation": 0.25, "test": 0.25, "seeds": "0 to 199"},
        teach="Any of the 4 groups can be the validation part, and any of the other 3 the test part.",
        what="number of different choices",
    )


@pytest.mark.exercise("probing.grouped_split")
def test_global_randomness_is_left_alone():
    """It does not disturb the global random state."""
    torch.manual_seed(11)
    before, python, numpy = torch.get_rng_state(), random.getstate(), repr(np.random.get_state())
    probing.grouped_split(COUNTRY, 0.3, 0.3, 5)
    holds(
        torch.equal(before, torch.get_rng_state())
        and random.getstate() == python
        and repr(np.random.get_state()) == numpy,
        "torch.manual_seed changes the random numbers of everything that runs later. A generator of your own does not.",
    )


@pytest.mark.exercise("probing.grouped_split")
@pytest.mark.parametrize(("validation", "test"), [(0.05, 0.3), (0.3, 0.05), (0.5, 0.5)])
def test_an_empty_part(validation, test):
    """A part that would get no group is refused with a ValueError, even where there are rows enough."""
    group = torch.tensor([0, 1, 2, 3]).repeat(10)
    with raises(
        ValueError,
        given={"groups": 4, "rows": 40, "validation": validation, "test": test},
        teach="None of the three parts may go without a group, training included: a share of 0.05 of 4 groups is "
        "rounded to 0, and 0.5 and 0.5 leave none. It is groups that count, not rows.",
    ):
        probing.grouped_split(group, validation, test, 0)
