"""Checks of features.f1_curve: F1 at every threshold."""

import pytest
import torch

from mi_tutor.exercises import features
from mi_tutor.tutor.judge import same, seeded

T, F = True, False


@pytest.mark.exercise("features.f1_curve")
def test_f1_by_hand():
    """Precision 2/3 and recall 1 make F1 4/5."""
    scores, labels = torch.tensor([0.9, 0.8, 0.7, 0.1]), torch.tensor([T, F, T, F])
    same(
        features.f1_curve(scores, labels, torch.tensor([0.6])),
        torch.tensor([0.8]),
        given={"scores": scores, "labels": labels, "thresholds": [0.6]},
        teach="Three texts are called positive, two of them rightly. 2 * (2/3) * 1 / (2/3 + 1) = 4/5.",
    )


@pytest.mark.exercise("features.f1_curve")
def test_thresholds_in_the_order_given():
    """Each threshold gets its own value, and a score equal to the threshold is called positive."""
    scores, labels = torch.tensor([3.0, 2.0, 1.0, 0.0]), torch.tensor([T, F, T, F])
    # at 3: 1 called, 1 hit -> 2/3; at 0: 4 called, 2 hits -> 4/6; at 1: 3 called, 2 hits -> 4/5; at 2: 2 called, 1 hit.
    same(
        features.f1_curve(scores, labels, torch.tensor([3.0, 0.0, 1.0, 2.0])),
        torch.tensor([2 / 3, 2 / 3, 4 / 5, 2 / 4]),
        given={"scores": scores, "labels": labels, "thresholds": [3.0, 0.0, 1.0, 2.0]},
        teach='The values stand in the order of the thresholds. The rule is "at least t": a score of exactly t counts.',
    )


@pytest.mark.exercise("features.f1_curve")
def test_rare_labels_do_not_flatter():
    """For a rare label, calling nothing positive has F1 0, although it is right on 9 of 10 texts."""
    scores, labels = torch.arange(10.0), torch.tensor([F] * 9 + [T])
    same(
        features.f1_curve(scores, labels, torch.tensor([99.0, 9.0, 8.0])),
        torch.tensor([0.0, 1.0, 2 / 3]),
        given={"scores": scores, "labels": labels, "thresholds": [99.0, 9.0, 8.0]},
        teach="Texts rightly left alone do not count. Where no positive text is called the value is 0, also where that "
        "would be 0/0.",
    )


@pytest.mark.exercise("features.f1_curve")
def test_no_positives_at_all():
    """Without positive texts and without calls the value is 0, not nan."""
    same(
        features.f1_curve(torch.tensor([1.0, 2.0]), torch.tensor([F, F]), torch.tensor([5.0, 1.5])),
        torch.tensor([0.0, 0.0]),
        given={"scores": [1.0, 2.0], "labels": [False, False], "thresholds": [5.0, 1.5]},
        teach="0 divided by 0 appears here. The docstring says 0.",
    )


@pytest.mark.exercise("features.f1_curve")
def test_f1_agrees_with_scikit_learn(seed):
    """On random scores it agrees with scikit-learn."""
    from sklearn.metrics import f1_score

    scores = torch.randn(30, generator=seeded(seed))
    labels = torch.rand(30, generator=seeded(seed + 1)) < 0.4
    labels[0] = True
    thresholds = torch.tensor([-1.0, 0.0, 0.5, 1.0])
    expected = [f1_score(labels.numpy(), (scores >= t).numpy(), zero_division=0) for t in thresholds]
    same(
        features.f1_curve(scores, labels, thresholds),
        torch.tensor(expected, dtype=torch.float32),
        given={"scores": scores, "labels": labels, "thresholds": thresholds},
        teach="F1 = 2 * hits / (texts called positive + texts that are positive).",
    )
