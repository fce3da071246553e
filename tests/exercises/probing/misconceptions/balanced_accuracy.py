"""Wrong answers to probing.balanced_accuracy that learners give, with the sentence to say for each."""

import torch

from mi_tutor.tutor.misconceptions import misconception, probe


@probe("probing.balanced_accuracy")
def observe_balanced_accuracy(balanced_accuracy):
    """One class for all; classes of different size, numbers with gaps; a class that is only said."""
    yield float(balanced_accuracy(torch.zeros(10, dtype=torch.long), torch.tensor([0] * 9 + [1])))
    predicted, labels = torch.tensor([5, 5, 9, 9, 9, 2, 5, 5]), torch.tensor([5, 5, 5, 5, 9, 9, 2, 5])
    yield float(balanced_accuracy(predicted, labels))
    yield float(balanced_accuracy(torch.tensor([0, 7, 1, 1, 1]), torch.tensor([0, 0, 1, 1, 0])))


@misconception(
    "probing.balanced_accuracy",
    says=(
        "You group the rows by what the probe said: how often is it right when it says a class? Asked is how many of "
        "a class's own rows it finds. And a class that the probe never says has no such share, so you get nan."
    ),
)
def groups_by_what_was_said_unguarded(predicted, labels):
    right = (predicted == labels).float()
    return float(torch.stack([right[predicted == one].mean() for one in labels.unique()]).mean())


def share(predicted, labels, rows):
    return float((predicted == labels)[rows].float().mean()) if rows.any() else 0.0


@misconception(
    "probing.balanced_accuracy",
    says=(
        "Every row counts the same, so the commonest class decides. A probe that always says it looks good and knows "
        "nothing. Let every class count the same."
    ),
)
def counts_every_row_alike(predicted, labels):
    right = (predicted == labels).float()
    return float(right.mean())


@misconception(
    "probing.balanced_accuracy",
    says=(
        "You group the rows by what the probe said: how often is it right when it says a class? Asked is how many of "
        "a class's own rows it finds. Group by the labels."
    ),
)
def groups_by_what_was_said(predicted, labels):
    shares = [share(predicted, labels, predicted == one) for one in labels.unique()]
    return sum(shares) / len(shares)


@misconception(
    "probing.balanced_accuracy",
    says=(
        "A class that the probe says, and that no row has, counts as a class with a share of 0. Only classes that "
        "occur among the labels can be got right or wrong."
    ),
)
def counts_classes_that_were_only_said(predicted, labels):
    shares = [share(predicted, labels, labels == one) for one in torch.cat([predicted, labels]).unique()]
    return sum(shares) / len(shares)


@misconception(
    "probing.balanced_accuracy",
    says=(
        "You count a class for every number from 0 to the largest label. Numbers may be missing, and a class without "
        "rows has no share."
    ),
)
def counts_missing_numbers(predicted, labels):
    shares = [share(predicted, labels, labels == one) for one in range(int(labels.max()) + 1)]
    return sum(shares) / len(shares)


@misconception(
    "probing.balanced_accuracy",
    says="You give the share of the worst class. Asked is the mean over the classes.",
)
def only_the_worst_class(predicted, labels):
    return min(share(predicted, labels, labels == one) for one in labels.unique())


@misconception(
    "probing.balanced_accuracy",
    says=(
        "You give the mean F1 of the classes. It mixes how many of a class's rows are found with how often the class "
        "is said wrongly; asked is the first alone."
    ),
)
def mean_f1(predicted, labels):
    scores = []
    for one in labels.unique():
        hits = int(((predicted == one) & (labels == one)).sum())
        scores.append(2 * hits / int((predicted == one).sum() + (labels == one).sum()))
    return sum(scores) / len(scores)
