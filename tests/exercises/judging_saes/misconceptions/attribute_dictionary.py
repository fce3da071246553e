"""Wrong answers to judging_saes.attribute_dictionary that learners give, with the sentence to say for each."""

import torch

from mi_tutor.tutor.judge import seeded
from mi_tutor.tutor.misconceptions import misconception, probe


@probe("judging_saes.attribute_dictionary")
def observe_attribute_dictionary(attribute_dictionary):
    """Values of unequal frequency, one without rows, activations away from 0."""
    x = torch.randn(9, 2, generator=seeded(1)) + torch.tensor([5.0, -3.0])
    values = torch.tensor([[0, 1], [0, 0], [2, 1], [2, 0], [0, 1], [0, 1], [2, 1], [0, 0], [0, 2]])
    mean, directions = attribute_dictionary(x, values, 4)
    yield mean
    yield directions[0, [0, 2]]
    yield directions[1, :3]
    yield torch.nan_to_num(directions[:, 3], nan=-77.0)


def _made(x, values, n_classes, centre, unseen=0.0, scale=lambda rows: 1.0):
    directions = torch.full((values.shape[1], n_classes, x.shape[1]), unseen)
    for label in range(values.shape[1]):
        for value in values[:, label].unique().tolist():
            rows = x[values[:, label] == value]
            directions[label, value] = (rows.mean(0) - centre) * scale(rows)
    return directions


@misconception(
    "judging_saes.attribute_dictionary",
    says=(
        "You do not take off the mean of all rows. Every direction then carries it, and adding several of them up adds "
        "it several times."
    ),
)
def leaves_the_mean_in(x, values, n_classes):
    return x.mean(0), _made(x, values, n_classes, torch.zeros(x.shape[1]))


@misconception(
    "judging_saes.attribute_dictionary",
    says="Your mean weighs values and not rows: it is an average of averages. It is to be the mean of all rows.",
)
def averages_the_averages(x, values, n_classes):
    means = torch.stack([x[values[:, 0] == value].mean(0) for value in values[:, 0].unique()])
    return means.mean(0), _made(x, values, n_classes, means.mean(0))


@misconception(
    "judging_saes.attribute_dictionary",
    says="A value that no row has gets the negative of the mean. There is nothing known about it: zeros.",
)
def fills_the_unseen(x, values, n_classes):
    has = torch.nn.functional.one_hot(values, n_classes).float()
    sums = torch.einsum("blc,bd->lcd", has, x)
    return x.mean(0), sums / has.sum(0)[..., None].clamp_min(1) - x.mean(0)


@misconception(
    "judging_saes.attribute_dictionary",
    says="You scale the directions to norm 1. How far the rows with a value lie from the mean is part of the answer.",
)
def scales_to_norm_one(x, values, n_classes):
    return x.mean(0), torch.nn.functional.normalize(_made(x, values, n_classes, x.mean(0)), dim=-1)


@misconception(
    "judging_saes.attribute_dictionary",
    says="You compare the rows that have a value with those that have another. Compare them with the mean of all rows.",
)
def compares_with_the_rest(x, values, n_classes):
    directions = torch.zeros(values.shape[1], n_classes, x.shape[1])
    for label in range(values.shape[1]):
        for value in values[:, label].unique().tolist():
            has = values[:, label] == value
            directions[label, value] = x[has].mean(0) - x[~has].mean(0)
    return x.mean(0), directions


@misconception(
    "judging_saes.attribute_dictionary",
    says="A value that no row has gets nan, the mean of no rows. There is nothing known about it: zeros.",
)
def leaves_nan(x, values, n_classes):
    return x.mean(0), torch.stack(
        [
            torch.stack([x[values[:, label] == value].mean(0) - x.mean(0) for value in range(n_classes)])
            for label in range(values.shape[1])
        ]
    )
