"""Checks of probing.balanced_accuracy: An accuracy that one class can win."""

import pytest
import torch

from mi_tutor.exercises import probing
from mi_tutor.tutor.judge import same, seeded


@pytest.mark.exercise("probing.balanced_accuracy")
def test_always_the_commonest_class():
    """A probe that always says the commonest of two classes has one half, though it is right on 9 rows of 10."""
    predicted, labels = torch.zeros(10, dtype=torch.long), torch.tensor([0] * 9 + [1])
    same(
        probing.balanced_accuracy(predicted, labels),
        0.5,
        given={"predicted": predicted, "labels": labels},
        teach="Of the 9 rows of class 0 all are right, of the one of class 1 none: the mean of 9/9 and 0/1.",
    )


@pytest.mark.exercise("probing.balanced_accuracy")
def test_by_hand():
    """Three classes of which 2 of 4, 2 of 2 and 0 of 1 rows are right have (1/2 + 1 + 0) / 3 = 1/2."""
    predicted, labels = torch.tensor([5, 5, 9, 9, 9, 9, 5]), torch.tensor([5, 5, 5, 5, 9, 9, -2])
    same(
        probing.balanced_accuracy(predicted, labels),
        0.5,
        given={"predicted": predicted, "labels": labels},
        teach="The classes are those among the labels: 5 with 2 of 4 rows right, 9 with 2 of 2, -2 with 0 of 1. The "
        "numbers between them are no classes.",
    )


@pytest.mark.exercise("probing.balanced_accuracy")
def test_a_class_that_is_only_said():
    """A class that the probe says but that is no row's label does not count as a class."""
    predicted, labels = torch.tensor([0, 7, 1, 1]), torch.tensor([0, 0, 1, 1])
    same(
        probing.balanced_accuracy(predicted, labels),
        0.75,
        given={"predicted": predicted, "labels": labels},
        teach="Class 0 has 1 of 2 right, class 1 has 2 of 2. There is no row of class 7 to get right.",
    )


@pytest.mark.exercise("probing.balanced_accuracy")
def test_as_counted_one_by_one(seed):
    """It agrees with a count row by row, on six classes of very different size."""
    generator = seeded(seed)
    labels = torch.cat([torch.randint(6, (60,), generator=generator) ** 2 // 5, torch.tensor([0, 1, 3, 5])])
    predicted = torch.where(torch.rand(64, generator=generator) < 0.6, labels, labels.roll(1))
    shares = []
    for one in sorted(set(labels.tolist())):
        rows = [i for i, label in enumerate(labels.tolist()) if label == one]
        shares.append(sum(int(predicted[i]) == one for i in rows) / len(rows))
    same(
        probing.balanced_accuracy(predicted, labels),
        sum(shares) / len(shares),
        given={"predicted": predicted, "labels": labels},
        teach="The shares of the classes are " + ", ".join(f"{share:.3f}" for share in shares) + ".",
    )
