"""Checks of features.auroc: How well does one number separate two classes?"""

import pytest
import torch

from mi_tutor.exercises import features
from mi_tutor.tutor.judge import raises, same, seeded

T, F = True, False


@pytest.mark.exercise("features.auroc")
def test_auroc_by_hand():
    """Four scores with one pair in the wrong order have AUROC 3/4."""
    scores, labels = torch.tensor([[0.1], [0.4], [0.35], [0.8]]), torch.tensor([F, F, T, T])
    same(
        features.auroc(scores, labels),
        torch.tensor([0.75]),
        given={"scores": scores, "labels": labels},
        teach="Count the (positive, negative) pairs in which the positive scores higher: 3 of 4.",
    )


@pytest.mark.exercise("features.auroc")
def test_each_neuron_on_its_own():
    """Each neuron has its own value: here perfect, perfectly reversed and constant."""
    scores = torch.tensor([[1.0, 9.0, 2.0], [2.0, 8.0, 2.0], [3.0, -1.0, 2.0], [4.0, -2.0, 2.0], [7.0, -5.0, 2.0]])
    labels = torch.tensor([F, F, T, T, T])
    same(
        features.auroc(scores, labels),
        torch.tensor([1.0, 0.0, 0.5]),
        given={"scores": scores, "labels": labels},
        teach="A neuron that is lower on the positives is below 0.5, and one that never differs is at exactly 0.5.",
    )


@pytest.mark.exercise("features.auroc")
def test_a_tie_is_half_a_win():
    """A tied pair counts one half."""
    scores, labels = torch.tensor([[0.0], [0.0], [1.0], [0.0], [2.0]]), torch.tensor([F, F, F, T, T])
    # pairs: 0 against 0, 0, 1 -> 1/2 + 1/2 + 0; 2 against 0, 0, 1 -> 3. Together 4 of 6.
    same(
        features.auroc(scores, labels),
        torch.tensor([4 / 6]),
        given={"scores": scores, "labels": labels},
        teach="Many activations are exactly equal. A tied pair is neither a win nor a loss.",
    )


@pytest.mark.exercise("features.auroc")
def test_auroc_agrees_with_scikit_learn(seed):
    """On random scores with ties and unequal classes it agrees with scikit-learn."""
    from sklearn.metrics import roc_auc_score

    scores = torch.randint(-3, 4, (40, 3), generator=seeded(seed)).float()
    labels = torch.rand(40, generator=seeded(seed + 1)) < 0.3
    labels[0], labels[1] = True, False
    expected = [roc_auc_score(labels.numpy(), scores[:, n].numpy()) for n in range(3)]
    same(
        features.auroc(scores, labels),
        torch.tensor(expected, dtype=torch.float32),
        given={"scores": scores, "labels": labels},
        teach="Divide by the number of pairs, which is (positives) x (negatives); keep the sign of the scores.",
    )


@pytest.mark.exercise("features.auroc")
@pytest.mark.parametrize("label", [True, False])
def test_auroc_needs_both_classes(label):
    """Without both classes there is no pair, and a ValueError says so."""
    with raises(
        ValueError,
        teach="With a class missing the mean over pairs is 0/0. A nan would travel far before anyone saw it.",
    ):
        features.auroc(torch.tensor([[0.1], [0.2]]), torch.tensor([label, label]))
