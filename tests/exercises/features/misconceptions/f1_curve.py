"""Wrong answers to features.f1_curve that learners give, with the sentence to say for each."""

import torch

from mi_tutor.tutor.misconceptions import misconception, probe

T, F = True, False


@probe("features.f1_curve")
def observe_f1_curve(f1_curve):
    """Equal scores and thresholds, a rare label, no positives."""
    scores, labels = torch.tensor([3.0, 2.0, 1.0, 0.0, -1.0]), torch.tensor([T, F, T, F, F])
    yield f1_curve(scores, labels, torch.tensor([1.0, 3.0, 0.5]))
    yield torch.nan_to_num(f1_curve(scores, torch.tensor([T, F, F, F, F]), torch.tensor([99.0])), nan=-7.0)
    yield torch.nan_to_num(f1_curve(scores, torch.zeros(5, dtype=torch.bool), torch.tensor([99.0, 0.0])), nan=-7.0)


@misconception(
    "features.f1_curve",
    says=(
        "This is accuracy: you count texts rightly left alone. For a rare label, calling nothing positive would "
        "score high."
    ),
)
def computes_accuracy(scores, labels, thresholds):
    return ((scores >= thresholds[:, None]) == labels).float().mean(dim=1)


@misconception(
    "features.f1_curve",
    says=(
        "You call a text positive only above the threshold. The rule is 'at least': a score equal to the threshold "
        "counts."
    ),
)
def excludes_the_threshold(scores, labels, thresholds):
    called = scores > thresholds[:, None]
    hits = (called & labels).sum(dim=1)
    return 2 * hits / (called.sum(dim=1) + labels.sum()).clamp_min(1)


@misconception(
    "features.f1_curve",
    says=(
        "You take the arithmetic mean of precision and recall. F1 is the harmonic mean, which is low as soon as one"
        " of them is low."
    ),
)
def averages_precision_and_recall(scores, labels, thresholds):
    called = scores >= thresholds[:, None]
    hits = (called & labels).sum(dim=1)
    return (hits / called.sum(dim=1).clamp_min(1) + hits / labels.sum().clamp_min(1)) / 2


@misconception(
    "features.f1_curve",
    says=(
        "This is precision alone. A rule that finds one positive text of a hundred can have precision 1; recall is "
        "missing."
    ),
)
def computes_precision(scores, labels, thresholds):
    called = scores >= thresholds[:, None]
    return (called & labels).sum(dim=1) / called.sum(dim=1).clamp_min(1)


@misconception(
    "features.f1_curve",
    says="Where nothing is positive and nothing is called, you divide 0 by 0 and return nan. The docstring says 0.",
)
def divides_zero_by_zero(scores, labels, thresholds):
    called = scores >= thresholds[:, None]
    hits = (called & labels).sum(dim=1)
    return 2 * hits / (called.sum(dim=1) + labels.sum())


@misconception(
    "features.f1_curve",
    says="Your values are half of what they should be at the top: a perfect rule gets 1/2. A factor 2 is missing.",
)
def forgets_the_two(scores, labels, thresholds):
    called = scores >= thresholds[:, None]
    hits = (called & labels).sum(dim=1)
    return hits / (called.sum(dim=1) + labels.sum()).clamp_min(1)


@misconception(
    "features.f1_curve",
    says=(
        "Your values are right, but in another order: you sort the thresholds. The docstring promises one value for "
        "each threshold in the order given."
    ),
)
def sorts_the_thresholds(scores, labels, thresholds):
    called = scores >= thresholds.sort().values[:, None]
    hits = (called & labels).sum(dim=1)
    return 2 * hits / (called.sum(dim=1) + labels.sum()).clamp_min(1)


@misconception(
    "features.f1_curve",
    says=(
        "Your values are right, but in another order: you go through the thresholds from the highest down. The "
        "docstring promises one value for each threshold in the order given."
    ),
)
def sorts_the_thresholds_downwards(scores, labels, thresholds):
    return sorts_the_thresholds(scores, labels, thresholds).flip(0)


@misconception(
    "features.f1_curve",
    says=(
        "Where no positive text is called, precision and recall are 0 or 0/0, and their harmonic mean becomes nan. "
        "The docstring says 0 there."
    ),
)
def divides_by_precision_plus_recall(scores, labels, thresholds):
    called = scores >= thresholds[:, None]
    hits = (called & labels).sum(dim=1)
    precision, recall = hits / called.sum(dim=1), hits / labels.sum()
    return 2 * precision * recall / (precision + recall)
