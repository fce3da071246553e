"""Checks of probing.control_labels: Labels that can only be remembered."""

import random

import numpy as np
import pytest
import torch

from mi_tutor.exercises import probing
from mi_tutor.tutor.judge import holds, same, seeded

TYPES = torch.tensor([40, 7, 40, 40, 9000, 7, 12, 40, 12, 5])
LABELS = torch.tensor([2, 0, 2, 5, 5, 0, 2, 2, 2, 0])


@pytest.mark.exercise("probing.control_labels")
def test_one_label_for_each_type():
    """All occurrences of a word type have the same label, and it is one of the real labels."""
    for seed in range(20):
        found = probing.control_labels(TYPES, LABELS, seed)
        by_type = {one: set(found[one == TYPES].tolist()) for one in TYPES.tolist()}
        holds(
            all(len(labels) == 1 for labels in by_type.values()),
            "A label drawn for each occurrence cannot be learned by anything. Draw one for each type, then hand it to "
            "all its occurrences.",
            given={"types": TYPES, "labels": LABELS, "seed": seed},
            got={one: sorted(labels) for one, labels in by_type.items()},
        )
        holds(
            set(found.tolist()) <= {0, 2, 5},
            "Only labels that occur can be drawn.",
            given={"labels": LABELS, "seed": seed},
            got=found,
        )


@pytest.mark.exercise("probing.control_labels")
def test_as_frequent_as_the_real_labels(seed):
    """Labels that make up 70, 20 and 10 percent of the occurrences get about these shares of the types."""
    types, labels = torch.arange(4000), torch.tensor([3, 3, 3, 3, 3, 3, 3, 8, 8, 1]).repeat(400)
    found = probing.control_labels(types, labels, seed)
    share = torch.stack([(found == label).float().mean() for label in (3, 8, 1)])
    holds(
        bool(((share - torch.tensor([0.7, 0.2, 0.1])).abs() < 0.04).all()),
        "With other frequencies the control task is easier or harder for who always says the commonest label, and the "
        "two accuracies cannot be compared.",
        given={"types": "4000 different ones", "share of the labels 3, 8 and 1": [0.7, 0.2, 0.1]},
        got=share,
        expected="these shares, give or take 0.04",
    )


@pytest.mark.exercise("probing.control_labels")
def test_nothing_to_do_with_the_real_label(seed):
    """A type's label does not depend on its own real label."""
    types = torch.arange(2000)
    labels = (types * 7919 + 3) % 2
    found = probing.control_labels(types, labels, seed)
    share = float((found == labels).float().mean())
    holds(
        abs(share - 0.5) < 0.07,
        "With two labels, half and half, a random label agrees with the real one in half of the types.",
        given={"types": "2000 different ones", "labels": "0 and 1, half and half"},
        got=f"they agree in a share of {share:.2f}",
        expected="0.5",
    )


@pytest.mark.exercise("probing.control_labels")
def test_frequencies_are_of_occurrences(seed):
    """A label that one very frequent type carries is frequent."""
    types = torch.cat([torch.zeros(3000, dtype=torch.long), torch.arange(1, 1001)])
    labels = (types > 0).long()
    found = probing.control_labels(types, labels, seed)[3000:]
    share = float((found == 0).float().mean())
    holds(
        abs(share - 0.75) < 0.07,
        "3000 of 4000 occurrences have label 0. Counted by types it would be 1 of 1001.",
        given={"occurrences of type 0, label 0": 3000, "other types, once each, label 1": 1000},
        got=f"{share:.2f} of the other types have label 0",
        expected="0.75 of them",
    )


@pytest.mark.exercise("probing.control_labels")
def test_types_are_drawn_independently():
    """Two types with two labels get the same label in about half of the draws."""
    types, labels = torch.tensor([3, 8]), torch.tensor([0, 1])
    draws = [probing.control_labels(types, labels, seed).tolist() for seed in range(400)]
    equal = sum(a == b for a, b in draws) / 400
    holds(
        0.35 < equal < 0.65,
        "Labels that are dealt out like cards, each once, are not independent: who knows one knows the other. And "
        "labels computed from the type's number are not random.",
        given={"types": types, "labels": labels, "seeds": "0 to 399"},
        got=f"equal in a share of {equal:.2f}",
        expected="0.5",
    )


@pytest.mark.exercise("probing.control_labels")
def test_the_seed_decides():
    """The same seed gives the same labels, another seed draws anew, and the global random state is left alone."""
    types = torch.arange(50).repeat(2)
    labels = torch.randint(4, (100,), generator=seeded(1))
    torch.manual_seed(11)
    before, python, numpy = torch.get_rng_state(), random.getstate(), repr(np.random.get_state())
    first = probing.control_labels(types, labels, 3)
    holds(
        torch.equal(before, torch.get_rng_state())
        and random.getstate() == python
        and repr(np.random.get_state()) == numpy,
        "torch.manual_seed changes the random numbers of everything that runs later. A generator of your own does not.",
    )
    same(probing.control_labels(types, labels, 3), first, teach="Two calls with one seed should agree.")
    holds(
        not torch.equal(probing.control_labels(types, labels, 4), first),
        "Seeds 3 and 4 give 50 types the same labels, so the seed does not matter.",
    )
