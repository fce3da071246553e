"""Checks of saes.detection_score: Mend: a rule that was graded by its own author."""

import math

import pytest
import torch

from mi_tutor.exercises import saes
from mi_tutor.tutor.judge import same, seeded

from .on_copies import on_copies

TOKENS = torch.tensor([[0, 1, 2], [0, 1, 3], [0, 2, 3], [1, 4, 0]])
ACTIVE = torch.tensor([[1, 0, 1], [1, 0, 0], [1, 0, 1], [0, 1, 0]]).bool()
TRAIN = torch.tensor([True, True, False, False])
GIVEN = {"tokens": TOKENS, "active": ACTIVE, "train": TRAIN}


@pytest.mark.exercise("saes.detection_score")
def test_the_rule_is_scored_on_other_texts():
    """The rule of texts 0 and 1 is {0, 2}; on texts 2 and 3 it has one hit, two false alarms, two misses: F1 = 1/3."""
    same(
        on_copies(saes.detection_score)(TOKENS, ACTIVE, TRAIN),
        1 / 3,
        given=GIVEN,
        teach="2 · 1 / (2 · 1 + 2 + 2). Token 4 does not occur in texts 0 and 1, so it is not in their rule.",
        what="F1",
    )


@pytest.mark.exercise("saes.detection_score")
def test_a_rule_learned_by_heart_is_worth_nothing(seed):
    """Where activity is pure chance on tokens that never come twice, the score is 0."""
    g = seeded(seed)
    tokens, active = torch.randperm(40, generator=g).reshape(8, 5), torch.rand(8, 5, generator=g) < 0.5
    active[-1, -1] = True
    train = torch.arange(8) < 5
    same(
        on_copies(saes.detection_score)(tokens, active, train),
        0.0,
        given={"tokens": tokens, "active": active, "train": train},
        teach="No token of the other texts was seen in the training texts, so the rule never says active there.",
        what="F1",
    )


@pytest.mark.exercise("saes.detection_score")
def test_half_of_the_occurrences_are_not_enough():
    """A token on which the latent is active exactly half the time is not in the rule."""
    tokens = torch.tensor([[5, 5, 7], [7, 7, 6], [5, 7, 6]])
    active = torch.tensor([[1, 0, 1], [1, 0, 0], [1, 1, 0]]).bool()
    train = torch.tensor([True, True, False])
    same(
        on_copies(saes.detection_score)(tokens, active, train),
        2 / 3,
        given={"tokens": tokens, "active": active, "train": train},
        teach="Token 5: 1 of 2, not more than half. Token 7: 2 of 3. One hit, no false alarm, one miss.",
        what="F1",
    )


@pytest.mark.exercise("saes.detection_score")
def test_neither_rule_nor_latent():
    """Where the latent is silent on the other texts and the rule says so, F1 is nan."""
    tokens, active = torch.tensor([[1, 2], [3, 2]]), torch.tensor([[True, False], [False, False]])
    train = torch.tensor([True, False])
    same(
        on_copies(saes.detection_score)(tokens, active, train),
        math.nan,
        given={"tokens": tokens, "active": active, "train": train},
        teach="Nothing was detected and nothing was there to detect: 0 / 0.",
        what="F1",
    )


@pytest.mark.exercise("saes.detection_score")
def test_detection_agrees_with_scikit_learn(seed):
    """On random texts it agrees with a rule counted by hand and scikit-learn's F1."""
    from sklearn.metrics import f1_score

    g = seeded(seed)
    tokens = torch.randint(0, 8, (10, 12), generator=g)
    active = torch.rand(10, 12, generator=g) < torch.tensor([0.9, 0.7, 0.3, 0.1, 0.6, 0.0, 0.5, 0.2])[tokens]
    train = torch.randperm(10, generator=g) < 6
    seen: dict[int, list[bool]] = {}
    for t, a in zip(tokens[train].flatten().tolist(), active[train].flatten().tolist(), strict=True):
        seen.setdefault(t, []).append(a)
    predicted = [2 * sum(seen.get(t, [])) > len(seen.get(t, [])) for t in tokens[~train].flatten().tolist()]
    same(
        on_copies(saes.detection_score)(tokens, active, train),
        float(f1_score(active[~train].flatten().numpy(), predicted)),
        given={"tokens": tokens, "active": active, "train": train},
        what="F1",
    )
