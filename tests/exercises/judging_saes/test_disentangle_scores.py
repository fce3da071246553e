"""Checks of judging_saes.disentangle_scores: Mend: points for doing nothing."""

import math

import pytest
import torch

from mi_tutor.exercises import judging_saes
from mi_tutor.tutor.judge import same, seeded

from .on_copies import on_copies

NAMES = ("target_got", "target_base", "target_source", "other_got", "other_base", "other_source")
# Pairs: moved and kept; moved, the other too; not moved; nothing to move, the other moved; nothing to keep; a third
# answer to both.
PAIRS = torch.tensor(
    [
        [1, 0, 1, 5, 5, 6],
        [2, 0, 2, 7, 5, 7],
        [0, 0, 3, 5, 5, 8],
        [4, 4, 4, 9, 6, 9],
        [1, 2, 1, 5, 5, 5],
        [9, 0, 1, 8, 6, 7],
    ]
)


def scores(pairs: torch.Tensor) -> dict[str, float]:
    return on_copies(judging_saes.disentangle_scores)(*pairs.T)


def given(pairs: torch.Tensor) -> dict:
    return dict(zip(NAMES, pairs.T, strict=True))


@pytest.mark.exercise("judging_saes.disentangle_scores")
def test_cause_by_hand():
    """Of five pairs with different targets three now have the source's answer: cause 0.6."""
    same(
        scores(PAIRS)["cause"],
        0.6,
        given=given(PAIRS),
        teach="Pairs 0, 1, 2, 4 and 5 differ in the target, and that is all that counts for cause. In 0, 1 and 4 the "
        "answer is now the source's; in 5 it is a third one.",
        what="cause",
    )


@pytest.mark.exercise("judging_saes.disentangle_scores")
def test_isolate_by_hand():
    """Of five pairs with different other properties two still have the base's answer: isolate 0.4."""
    same(
        scores(PAIRS)["isolate"],
        0.4,
        given=given(PAIRS),
        teach="Pairs 0, 1, 2, 3 and 5 differ in the other property, and that is all that counts for isolate. In 0 and "
        "2 the answer still is the base's.",
        what="isolate",
    )


@pytest.mark.exercise("judging_saes.disentangle_scores")
def test_doing_nothing_causes_nothing():
    """Answers that are all the base's score 0 for cause, 1 for isolate and 0.5 together."""
    idle = PAIRS.clone()
    idle[:, 0], idle[:, 3] = idle[:, 1], idle[:, 4]
    same(
        scores(idle),
        {"cause": 0.0, "isolate": 1.0, "disentangle": 0.5},
        given=given(idle),
        teach="Pairs in which base and source agree would give points for cause to an intervention that does nothing, "
        "so cause leaves them out.",
        what="scores",
    )


@pytest.mark.exercise("judging_saes.disentangle_scores")
def test_moving_everything_isolates_nothing():
    """Answers that are all the source's score 1 for cause, 0 for isolate and 0.5 together."""
    whole = PAIRS.clone()
    whole[:, 0], whole[:, 3] = whole[:, 2], whole[:, 5]
    same(
        scores(whole),
        {"cause": 1.0, "isolate": 0.0, "disentangle": 0.5},
        given=given(whole),
        teach="Pairs that agree in the other property would give points for isolate, so isolate leaves them out.",
        what="scores",
    )


@pytest.mark.exercise("judging_saes.disentangle_scores")
def test_no_pair_that_differs():
    """Where no pair differs in the target, cause and the mean are nan."""
    pairs = torch.tensor([[1, 1, 1, 5, 5, 6], [2, 2, 2, 6, 5, 6]])
    same(
        scores(pairs),
        {"cause": math.nan, "isolate": 0.5, "disentangle": math.nan},
        given=given(pairs),
        teach="There is nothing to average for cause, so it is nan. Isolate has two pairs that differ in the other "
        "property, whatever their targets do.",
        what="scores",
    )


@pytest.mark.exercise("judging_saes.disentangle_scores")
def test_scores_agree_with_counting(seed):
    """On random answers they agree with counting pair by pair."""
    pairs = torch.randint(0, 3, (60, 6), generator=seeded(seed))
    cause = [got == source for got, base, source, *_ in pairs.tolist() if base != source]
    isolate = [got == base for *_, got, base, source in pairs.tolist() if base != source]
    c, i = sum(cause) / len(cause), sum(isolate) / len(isolate)
    same(scores(pairs), {"cause": c, "isolate": i, "disentangle": (c + i) / 2}, given=given(pairs), what="scores")
