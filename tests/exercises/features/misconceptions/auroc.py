"""Wrong answers to features.auroc that learners give, with the sentence to say for each."""

import torch

from mi_tutor.tutor.misconceptions import misconception, probe

T, F = True, False


@probe("features.auroc")
def observe_auroc(auroc):
    """Ties, a reversed neuron, negative scores, unequal classes, a missing class."""
    scores = torch.tensor([[0.0, 5.0, -4.0], [0.0, 1.0, 0.5], [1.0, 3.0, 0.2], [0.0, -1.0, -0.1], [2.0, 0.5, 0.1]])
    labels = torch.tensor([F, F, F, T, T])
    yield auroc(scores, labels)
    yield auroc(scores[:, :1].neg(), ~labels)
    for flag in (T, F):
        try:
            yield auroc(scores, torch.full((5,), flag)).isnan().all().item()
        except ValueError:
            yield "refused"


def pairs(scores, labels):
    return scores[labels][:, None, :], scores[~labels][None, :, :]


def refuse_one_class(labels):
    if labels.all() or not labels.any():
        raise ValueError("one class")


@misconception(
    "features.auroc",
    says=(
        "You count a tied pair as a full win. A tie is worth half a pair; a neuron that is always 0 would otherwise"
        " look perfect."
    ),
)
def counts_ties_as_wins(scores, labels):
    refuse_one_class(labels)
    positive, negative = pairs(scores, labels)
    return (positive >= negative).float().mean(dim=(0, 1))


@misconception(
    "features.auroc",
    says="You count a tied pair as a loss. A tie is worth half a pair.",
)
def counts_ties_as_losses(scores, labels):
    refuse_one_class(labels)
    positive, negative = pairs(scores, labels)
    return (positive > negative).float().mean(dim=(0, 1))


@misconception(
    "features.auroc",
    says=(
        "You turn every value to above one half, so a neuron that is lower on the positives looks as if it fired "
        "for them."
    ),
)
def folds_above_half(scores, labels):
    refuse_one_class(labels)
    positive, negative = pairs(scores, labels)
    value = ((positive > negative).float() + 0.5 * (positive == negative).float()).mean(dim=(0, 1))
    return torch.maximum(value, 1 - value)


@misconception(
    "features.auroc",
    says="You compare absolute values. A strongly negative activation is low, not high.",
)
def compares_absolute_values(scores, labels):
    refuse_one_class(labels)
    positive, negative = pairs(scores.abs(), labels)
    return ((positive > negative).float() + 0.5 * (positive == negative).float()).mean(dim=(0, 1))


@misconception(
    "features.auroc",
    says="Positive and negative are swapped: you count the pairs in which the negative text scores higher.",
)
def swaps_the_classes(scores, labels):
    refuse_one_class(labels)
    positive, negative = pairs(scores, labels)
    return ((positive < negative).float() + 0.5 * (positive == negative).float()).mean(dim=(0, 1))


@misconception(
    "features.auroc",
    says=(
        "With only one class you return a number. There is no pair of texts to compare, and the docstring asks for a"
        " ValueError."
    ),
)
def answers_with_one_class(scores, labels):
    positive, negative = pairs(scores, labels)
    return ((positive > negative).float() + 0.5 * (positive == negative).float()).mean(dim=(0, 1))


def rank_sum(ranks, labels):
    """AUROC from ranks 1 to n: the rank sum of the positives, minus the smallest it can be, over the pairs."""
    positives, negatives = int(labels.sum()), int((~labels).sum())
    return (ranks[labels].sum(dim=0) - positives * (positives + 1) / 2) / (positives * negatives)


@misconception(
    "features.auroc",
    says=(
        "argsort of argsort gives equal scores different ranks, in the order in which they happen to stand. Equal "
        "scores share the mean of their ranks; then a tie counts one half."
    ),
)
def ranks_by_position_in_a_tie(scores, labels):
    refuse_one_class(labels)
    return rank_sum(scores.argsort(dim=0, stable=True).argsort(dim=0).float() + 1, labels)


@misconception(
    "features.auroc",
    says=(
        "Your ranks begin at 0, and the formula with n (n + 1) / 2 counts them from 1. So every value is too low by "
        "the same amount."
    ),
)
def ranks_from_zero(scores, labels):
    refuse_one_class(labels)
    below = (scores[:, None] > scores[None]).float() + 0.5 * (scores[:, None] == scores[None]).float()
    return rank_sum(below.sum(dim=1) - 0.5, labels)


@misconception(
    "features.auroc",
    says=(
        "Both come together here: argsort of argsort begins at 0, where the formula with n (n + 1) / 2 counts from 1, "
        "and it gives equal scores different ranks."
    ),
)
def ranks_from_zero_and_by_position(scores, labels):
    refuse_one_class(labels)
    return rank_sum(scores.argsort(dim=0, stable=True).argsort(dim=0).float(), labels)
