"""Wrong answers to judging_saes.from_attributes that learners give, with the sentence to say for each."""

import torch

from mi_tutor.tutor.judge import seeded
from mi_tutor.tutor.misconceptions import misconception, probe


@probe("judging_saes.from_attributes")
def observe_from_attributes(from_attributes):
    """Three attributes with several values each."""
    values = torch.tensor([[0, 1, 2], [2, 1, 0], [1, 2, 2]])
    yield from_attributes(values, torch.tensor([4.0, 3.0]), torch.randn(3, 3, 2, generator=seeded(0)))


def _chosen(values, directions):
    return directions[torch.arange(values.shape[1]), values]


@misconception("judging_saes.from_attributes", says="The mean is missing. Directions lead away from it.")
def forgets_the_mean(values, mean, directions):
    return _chosen(values, directions).sum(1)


@misconception(
    "judging_saes.from_attributes",
    says="You add the mean once for each attribute. It is there once, and each attribute adds its direction.",
)
def adds_the_mean_each_time(values, mean, directions):
    return (_chosen(values, directions) + mean).sum(1)


@misconception(
    "judging_saes.from_attributes",
    says="You average over the attributes. Their directions add up: each says how far its attribute moves the row.",
)
def averages_over_attributes(values, mean, directions):
    return mean + _chosen(values, directions).mean(1)


@misconception(
    "judging_saes.from_attributes",
    says="You look every attribute up in the directions of the first. Each has its own.",
)
def looks_up_in_the_first(values, mean, directions):
    return mean + directions[0][values].sum(1)


@misconception(
    "judging_saes.from_attributes",
    says="The mean is in once for each attribute and once more. It is there once; each attribute adds its direction.",
)
def starts_with_the_mean_and_adds_it(values, mean, directions):
    return mean + (_chosen(values, directions) + mean).sum(1)


@misconception(
    "judging_saes.from_attributes",
    says=(
        "Every row gets the directions of all rows. A row adds up over its own attributes only. Beware: rows made by "
        "`expand` share one memory, and what is written into one stands in all."
    ),
)
def adds_up_over_rows_too(values, mean, directions):
    return mean + _chosen(values, directions).sum((0, 1)).expand(len(values), -1)
