"""Checks of circuits.control_heads: Mend: an ablation with an unfair control."""

import pytest
import torch

from mi_tutor.exercises import circuits
from mi_tutor.tutor.judge import holds, raises, same

TESTED = [(18, 2), (17, 3), (17, 0), (23, 2)]


@pytest.mark.exercise("circuits.control_heads")
def test_the_control_comes_from_the_same_layers():
    """In every layer the control has as many heads as the set under test."""
    for draw in range(5):
        same(
            sorted(layer for layer, _ in circuits.control_heads(TESTED, 9, draw)),
            [17, 17, 18, 23],
            given={"heads": TESTED, "n_heads": 9, "seed": draw},
            teach="A head of layer 2 is no control for a head of layer 18: they differ in more than in their type.",
            what="layers",
        )


@pytest.mark.exercise("circuits.control_heads")
def test_no_head_under_test_is_in_its_own_control():
    """A head under test is never in the control, even when few others are left."""
    for draw in range(20):
        control = circuits.control_heads(TESTED, 4, draw)
        holds(
            not {tuple(pair) for pair in control} & set(TESTED),
            "Damage done by a tested head would be counted as the damage that any head does.",
            given={"heads": TESTED, "n_heads": 4, "seed": draw},
            got=sorted(tuple(pair) for pair in control),
            expected="none of the tested heads",
        )


@pytest.mark.exercise("circuits.control_heads")
def test_no_head_is_drawn_twice():
    """The control has as many different heads as the set under test."""
    for draw in range(20):
        control = circuits.control_heads(TESTED, 4, draw)
        holds(
            len({tuple(pair) for pair in control}) == len(control) == 4,
            "Two heads of layer 17 are under test, so the control needs two different ones there.",
            given={"heads": TESTED, "n_heads": 4, "seed": draw},
            got=sorted(tuple(pair) for pair in control),
            expected="4 different heads",
        )


@pytest.mark.exercise("circuits.control_heads")
def test_every_fair_control_comes_up():
    """Over many seeds each of the other heads is drawn about equally often."""
    counts = dict.fromkeys((0, 1, 2, 4, 5), 0)
    for draw in range(200):
        for _, head in circuits.control_heads([(7, 3)], 6, draw):
            counts[head] = counts.get(head, 0) + 1
    holds(
        set(counts) == {0, 1, 2, 4, 5} and min(counts.values()) >= 15,
        "One tested head of six leaves five others, and each should come up about 40 times in 200 draws.",
        given={"heads": [(7, 3)], "n_heads": 6, "seed": "0 to 199"},
        got=counts,
        expected="each of 0, 1, 2, 4, 5 about 40 times",
    )


@pytest.mark.exercise("circuits.control_heads")
def test_every_pair_comes_up():
    """Over many seeds every pair of other heads comes up: two in one layer, and one in each of two layers."""
    within = {tuple(sorted(h for _, h in circuits.control_heads([(7, 3), (7, 4)], 6, draw))) for draw in range(200)}
    holds(
        within == {(0, 1), (0, 2), (0, 5), (1, 2), (1, 5), (2, 5)},
        "A control that can only be a block of neighbours is not drawn from all fair ones.",
        given={"heads": [(7, 3), (7, 4)], "n_heads": 6, "seed": "0 to 199"},
        got=sorted(within),
        expected="all six pairs of heads 0, 1, 2 and 5",
    )
    across = {tuple(sorted(circuits.control_heads([(7, 3), (8, 3)], 6, draw))) for draw in range(400)}
    holds(
        len(across) == 25,
        "If the generator starts anew in each layer, the draws of two layers are tied to each other.",
        given={"heads": [(7, 3), (8, 3)], "n_heads": 6, "seed": "0 to 399"},
        got=f"{len(across)} different controls",
        expected="all 25",
    )


@pytest.mark.exercise("circuits.control_heads")
def test_the_seed_decides():
    """The same seed gives the same control, and torch's own random state is left alone."""
    import random

    torch.manual_seed(1)
    random.seed(1)
    first = circuits.control_heads(TESTED, 9, 5)
    after = torch.rand(1).item()
    torch.manual_seed(2)
    random.seed(2)
    second = circuits.control_heads(TESTED, 9, 5)
    torch.manual_seed(1)
    untouched = torch.rand(1).item()
    same(
        sorted(tuple(pair) for pair in second),
        sorted(tuple(pair) for pair in first),
        given={"seed": 5},
        teach="Make a torch.Generator of your own and seed it.",
    )
    same(
        after,
        untouched,
        given={"seed": 5},
        teach="torch.manual_seed inside the function changes every random number that comes after it.",
        what="next random number",
    )


@pytest.mark.exercise("circuits.control_heads")
def test_too_few_other_heads():
    """Where a layer has fewer other heads than are needed, a ValueError says so."""
    with raises(ValueError, teach="Three of four heads are under test, so only one is left for a control of three."):
        circuits.control_heads([(5, 0), (5, 1), (5, 3)], 4, 0)
