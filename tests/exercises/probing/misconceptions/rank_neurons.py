"""Wrong answers to probing.rank_neurons that learners give, with the sentence to say for each."""

import torch

from mi_tutor.tutor.misconceptions import misconception, probe


@probe("probing.rank_neurons", atol=1e-4)
def observe_rank_neurons(rank_neurons):
    """Different scales and signs, unequal classes, order and difference one by one; constant neurons, with rounding."""
    features = torch.tensor(
        [
            [10.0, 1.0, 0.0, 4.0],
            [30.0, 3.0, 0.5, 2.0],
            [12.0, 2.0, 4.0, 2.0],
            [9.0, 2.5, 4.0, 0.0],
            [40.0, 9.0, 3.0, 1.0],
        ]
    )
    labels = torch.tensor([True, True, False, False, False])
    order, difference = rank_neurons(features, labels)
    # Orders together: one alone can come out the same for another reason.
    yield [order, rank_neurons(features[:, [1, 3, 0, 2]] * torch.tensor([1.0, 9.0, 0.1, 2.0]), labels)[0]]
    yield difference
    _, difference = rank_neurons(torch.cat([features, torch.full((5, 1), 3.0)], dim=1), labels)
    yield difference[-1:]
    labels = torch.arange(300) % 3 == 0
    steady = torch.cat([labels.float()[:, None], torch.tensor([0.1, 0.3, 0.7]).expand(300, 3)], dim=1)
    found = rank_neurons(steady, labels)[1][1:]
    yield "not a number" if found.isnan().any() else "not 0" if (found != 0).any() else 0


def parts(features, labels):
    return (
        features[labels].mean(dim=0) - features[~labels].mean(dim=0),
        features.std(dim=0, correction=0),
        (features == features[0]).all(dim=0),
    )


def standardised(features, labels):
    difference, spread, constant = parts(features, labels)
    return torch.where(constant, 0.0, difference / spread)


@misconception(
    "probing.rank_neurons",
    says=(
        "You compare differences of means as they are. A neuron with large activations wins by its scale alone. "
        "Divide by its spread."
    ),
)
def not_standardised(features, labels):
    difference = parts(features, labels)[0]
    return difference.abs().argsort(descending=True), difference


@misconception(
    "probing.rank_neurons",
    says=(
        "Your order puts the neurons that are low on the positive rows last. They tell the classes apart as well as "
        "those that are high. Sort by the absolute difference."
    ),
)
def sorts_by_sign(features, labels):
    difference = standardised(features, labels)
    return difference.argsort(descending=True), difference


@misconception(
    "probing.rank_neurons",
    says=(
        "Your differences have lost their sign. The order needs none, but whoever reads a neuron wants to know its way."
    ),
)
def loses_the_sign(features, labels):
    difference = standardised(features, labels).abs()
    return difference.argsort(descending=True), difference


@misconception(
    "probing.rank_neurons",
    says="Your differences are sorted like the order. Entry 0 should be that of neuron 0.",
)
def sorts_the_differences_too(features, labels):
    difference = standardised(features, labels)
    order = difference.abs().argsort(descending=True)
    return order, difference[order]


@misconception("probing.rank_neurons", says="Your order has the smallest difference first.")
def smallest_first(features, labels):
    difference = standardised(features, labels)
    return difference.abs().argsort(), difference


@misconception(
    "probing.rank_neurons",
    says="Your order is the place of each neuron. Asked is the list of neurons: the number of the best one first.",
)
def ranks_instead_of_neurons(features, labels):
    difference = standardised(features, labels)
    return difference.abs().argsort(descending=True).argsort(), difference


@misconception(
    "probing.rank_neurons",
    says=(
        "You divide by the spread within the classes. That is another measure, which grows without bound when a "
        "neuron separates well; here it is the deviation over all rows."
    ),
)
def spread_within_the_classes(features, labels):
    difference, _, constant = parts(features, labels)
    deviation = features - torch.where(labels[:, None], features[labels].mean(dim=0), features[~labels].mean(dim=0))
    difference = torch.where(constant, 0.0, difference / deviation.square().mean(dim=0).sqrt())
    return difference.abs().argsort(descending=True), difference


@misconception(
    "probing.rank_neurons",
    says="You divide the squares by n - 1, which is torch's default. The contract has the deviation with n.",
)
def divides_by_n_minus_1(features, labels):
    difference, _, constant = parts(features, labels)
    difference = torch.where(constant, 0.0, difference / features.std(dim=0))
    return difference.abs().argsort(descending=True), difference


@misconception(
    "probing.rank_neurons",
    says="Your difference is negative minus positive, so every sign is turned round.",
)
def turned_round(features, labels):
    difference = -standardised(features, labels)
    return difference.abs().argsort(descending=True), difference


@misconception(
    "probing.rank_neurons",
    says="A neuron that never changes is divided by 0. It says nothing about the classes, so its difference is 0.",
)
def divides_by_zero(features, labels):
    difference, spread, constant = parts(features, labels)
    difference = torch.where(constant, torch.nan, difference / spread)
    return difference.abs().argsort(descending=True), difference


@misconception(
    "probing.rank_neurons",
    says=(
        "A neuron that never changes counts as 0 only when its difference or its deviation comes out as exactly 0. The "
        "mean of many equal numbers can be off in the last digit; then something tiny is divided by something tiny. "
        "Compare the rows with each other."
    ),
)
def trusts_the_computed_deviation(features, labels):
    difference, spread, _ = parts(features, labels)
    difference = (difference / spread).nan_to_num()
    return difference.abs().argsort(descending=True), difference
