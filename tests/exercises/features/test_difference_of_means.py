"""Checks of features.difference_of_means: A feature as a direction."""

import pytest
import torch

from mi_tutor.exercises import features
from mi_tutor.tutor.judge import raises, same, seeded

T, F = True, False
DOM_ACTS = torch.tensor([[2.0, 0.0], [4.0, 2.0], [1.0, 1.0], [100.0, 100.0], [-50.0, 7.0]])
DOM_LABELS = torch.tensor([T, T, F, T, F])
DOM_TRAIN = torch.tensor([T, T, T, F, F])


@pytest.mark.exercise("features.difference_of_means")
def test_direction_by_hand():
    """Mean (3, 1) of the positives minus (1, 1) of the negatives is (2, 0)."""
    same(
        features.difference_of_means(DOM_ACTS[:3], DOM_LABELS[:3], DOM_TRAIN[:3]),
        torch.tensor([2.0, 0.0]),
        given={"acts": DOM_ACTS[:3], "labels": DOM_LABELS[:3], "train": DOM_TRAIN[:3]},
        teach="Positive minus negative, each a mean over its own texts; the length is kept.",
    )


@pytest.mark.exercise("features.difference_of_means")
def test_test_texts_have_no_influence():
    """Texts outside the training split do not move the direction."""
    same(
        features.difference_of_means(DOM_ACTS, DOM_LABELS, DOM_TRAIN),
        torch.tensor([2.0, 0.0]),
        given={"acts": DOM_ACTS, "labels": DOM_LABELS, "train": DOM_TRAIN},
        teach="The last two texts are for testing: they are neither positive nor negative training texts.",
    )


@pytest.mark.exercise("features.difference_of_means")
@pytest.mark.parametrize("labels", [[T, T, T, F, F], [F, F, F, T, T]])
def test_direction_needs_both_classes(labels):
    """Without a positive or without a negative training text a ValueError is raised."""
    with raises(ValueError, teach="The mean of no texts is nan, and a direction of nans steers a model into nonsense."):
        features.difference_of_means(DOM_ACTS, torch.tensor(labels), DOM_TRAIN)


@pytest.mark.exercise("features.difference_of_means")
def test_direction_against_a_loop(seed):
    """On random vectors with unequal classes it agrees with a loop."""
    acts = torch.randn(24, 6, generator=seeded(seed)) + 3.0
    labels = torch.arange(24) % 3 == 0
    train = torch.arange(24) < 16
    rows = {flag: [acts[i] for i in range(16) if bool(labels[i]) == flag] for flag in (True, False)}
    expected = sum(rows[True]) / len(rows[True]) - sum(rows[False]) / len(rows[False])
    same(
        features.difference_of_means(acts, labels, train),
        expected,
        given={"positive training texts": len(rows[True]), "negative training texts": len(rows[False])},
        teach="Subtract the mean of the negatives, not the mean of everything.",
    )
