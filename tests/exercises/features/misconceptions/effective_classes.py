"""Wrong answers to features.effective_classes that learners give, with the sentence to say for each."""

import torch

from mi_tutor.tutor.misconceptions import misconception, probe


@probe("features.effective_classes")
def observe_effective_classes(effective_classes):
    """Unequal classes and rates, activations on the threshold, a silent neuron, a label number that is missing."""
    acts = torch.tensor(
        [[3.0, 0.0, 1.0], [3.0, 0.0, 0.0], [0.0, 0.0, 4.0], [1.0, 0.5, 9.0], [3.0, 0.0, 1.0], [0.0, 0.1, -5.0]]
    )
    labels, thresholds = torch.tensor([0, 0, 2, 2, 2, 2]), torch.tensor([1.0, 2.0, 0.0])
    spread = effective_classes(acts, labels, thresholds)
    yield torch.nan_to_num(spread[[0, 2]], nan=0.0)  # nan and 0 alike: what a number without positions leads to
    yield torch.nan_to_num(effective_classes(acts[:, [1]], labels - labels // 2, thresholds[[1]]), nan=-7.0)
    one_class = effective_classes(torch.tensor([[1.0], [0.0]]), torch.tensor([0, 1]), torch.tensor([0.5]))
    yield torch.nan_to_num(one_class, nan=-7.0)


def rates_of(acts, labels, thresholds):
    fires = (acts > thresholds).float()
    return torch.stack([fires[labels == label].mean(dim=0) for label in labels.unique()])


def perplexity(rates):
    shares = rates / rates.sum(dim=0).clamp_min(1e-12)
    score = (-torch.xlogy(shares, shares).sum(dim=0)).exp()
    return torch.where(rates.sum(dim=0) > 0, score, 0.0)


@misconception(
    "features.effective_classes",
    says=(
        "You count firings. A class with many positions then gets a large share although the neuron does not prefer it."
    ),
)
def counts_instead_of_rates(acts, labels, thresholds):
    fires = (acts > thresholds).float()
    return perplexity(torch.stack([fires[labels == label].sum(dim=0) for label in labels.unique()]))


@misconception(
    "features.effective_classes",
    says=(
        "You return the entropy itself. Its exponential is the number of classes, which is what the score should be"
        " read as."
    ),
)
def returns_the_entropy(acts, labels, thresholds):
    rates = rates_of(acts, labels, thresholds)
    shares = rates / rates.sum(dim=0).clamp_min(1e-12)
    return -torch.xlogy(shares, shares).sum(dim=0)


@misconception(
    "features.effective_classes",
    says=(
        "You take the entropy in bits and undo it with e. The two must match: exp with natural logarithms, or 2 to "
        "the power of bits."
    ),
)
def mixes_bits_and_e(acts, labels, thresholds):
    rates = rates_of(acts, labels, thresholds)
    shares = rates / rates.sum(dim=0).clamp_min(1e-12)
    bits = -torch.xlogy(shares, shares).sum(dim=0) / torch.log(torch.tensor(2.0))
    return torch.where(rates.sum(dim=0) > 0, bits.exp(), 0.0)


@misconception(
    "features.effective_classes",
    says=(
        "You put the rates into the entropy without dividing them by their sum. Shares must add up to 1 for each "
        "neuron."
    ),
)
def forgets_to_normalise(acts, labels, thresholds):
    rates = rates_of(acts, labels, thresholds)
    score = (-torch.xlogy(rates, rates).sum(dim=0)).exp()
    return torch.where(rates.sum(dim=0) > 0, score, 0.0)


@misconception(
    "features.effective_classes",
    says=(
        "You use mean activations, not rates of firing. One very high activation then outweighs many moderate ones,"
        " and the threshold plays no part."
    ),
)
def uses_mean_activation(acts, labels, thresholds):
    return perplexity(torch.stack([acts[labels == label].mean(dim=0).clamp_min(0) for label in labels.unique()]))


@misconception(
    "features.effective_classes",
    says=(
        "You count an activation equal to the threshold as firing. Firing is strictly above: a threshold of 0 would"
        " make every silent position fire."
    ),
)
def fires_at_the_threshold(acts, labels, thresholds):
    fires = (acts >= thresholds).float()
    return perplexity(torch.stack([fires[labels == label].mean(dim=0) for label in labels.unique()]))


@misconception(
    "features.effective_classes",
    says=(
        "Your entropy takes ln 0, and 0 times minus infinity is nan. A class on which the neuron never fires adds "
        "nothing."
    ),
)
def takes_the_log_of_zero(acts, labels, thresholds):
    rates = rates_of(acts, labels, thresholds)
    shares = rates / rates.sum(dim=0)
    return (-(shares * shares.log()).sum(dim=0)).exp()


@misconception(
    "features.effective_classes",
    says=(
        "You go through all numbers from 0 to the largest label. A number that does not occur has no positions, its "
        "rate is 0/0, and the nan spreads. Which numbers do occur?"
    ),
)
def goes_through_all_numbers(acts, labels, thresholds):
    fires = (acts > thresholds).float()
    rates = torch.stack([fires[labels == label].mean(dim=0) for label in range(int(labels.max()) + 1)])
    return perplexity(rates)


@misconception(
    "features.effective_classes",
    says=(
        "You count the classes in which the neuron fires at all. One stray firing then counts as much as a class in "
        "which it fires always; the entropy weighs them."
    ),
)
def counts_the_classes(acts, labels, thresholds):
    return (rates_of(acts, labels, thresholds) > 0).float().sum(dim=0)
