"""Wrong answers to path_patching.strong_senders that learners give, with the sentence to say for each."""

import torch

from mi_tutor.tutor.misconceptions import misconception, outcome, probe


@probe("path_patching.strong_senders")
def observe_strong_senders(strong_senders):
    """Positive and negative, loud and steady, near the edges of both rules."""
    spread = torch.tensor([1.0, -1.0] * 4 + [0.0])
    means = [-0.2, 0.6, 1.0, -2.5, 0.0, 0.3, 0.9]
    scale = [0.1, 1.0, 1.0, 0.5, 3.0, 0.05, 0.97 * 1.5 * 0.9]
    effects = torch.stack([spread * s + m for s, m in zip(scale, means, strict=True)])
    effects = torch.cat([effects, torch.tensor([[-9.0] + [0.0] * 8, [1.5] * 9])])
    yield " ".join(strong_senders(effects, list("abcdefghi"), 0.5))
    close = torch.stack([torch.tensor([1.0, -1.0, 0.0]) * 1.0 + 1.05, torch.tensor([0.7, 0.7, 0.7])])
    yield " ".join(strong_senders(close, ["x", "y"], 0.5))
    yield " ".join(strong_senders(torch.tensor([[0.4, 1.6], [0.9, 1.1], [1.5, 1.7]]), ["p", "q", "r"], 0.5))
    yield outcome(lambda: strong_senders(torch.tensor([[1.0], [2.0]]), ["a", "b"], 0.5))


def statistics(effects):
    if effects.shape[1] < 2:
        raise ValueError("at least two prompts")
    return effects.mean(dim=1), effects.std(dim=1) / effects.shape[1] ** 0.5


def chosen(names, size, taken):
    return [names[k] for k in size.argsort(descending=True).tolist() if taken[k]]


@misconception(
    "path_patching.strong_senders",
    says="You take large means that are not clear. With one odd prompt of many a mean can be large.",
)
def forgets_the_error(effects, names, least):
    mean, _ = statistics(effects)
    return chosen(names, mean.abs(), mean.abs() >= least)


@misconception(
    "path_patching.strong_senders",
    says=(
        "One direction only: you take the senders with positive effects. In noising, a sender that helps has a "
        "negative effect."
    ),
)
def positive_only(effects, names, least):
    mean, error = statistics(effects)
    return chosen(names, mean, (mean >= least) & (mean > 2 * error))


@misconception(
    "path_patching.strong_senders",
    says=(
        "One direction only: you take the senders that help. Those that hold the answer down belong to the "
        "mechanism, too."
    ),
)
def negative_only(effects, names, least):
    mean, error = statistics(effects)
    return chosen(names, -mean, (-mean >= least) & (-mean > 2 * error))


@misconception(
    "path_patching.strong_senders",
    says=(
        "Your rule is stricter than the contract's: senders that are large and clear are left out. Look at what each "
        "of the two limits is compared with, and with which error."
    ),
)
def uses_the_deviation(effects, names, least):
    mean, error = statistics(effects)
    deviation = error * effects.shape[1] ** 0.5
    return chosen(names, mean.abs(), (mean.abs() >= least) & (mean.abs() > 2 * deviation))


@misconception(
    "path_patching.strong_senders",
    says=(
        "You average the sizes of the effects. Effects that go up on one prompt and down on the next then look "
        "like a strong sender."
    ),
)
def averages_the_sizes(effects, names, least):
    statistics(effects)
    size = effects.abs().mean(dim=1)
    error = effects.abs().std(dim=1) / effects.shape[1] ** 0.5
    return chosen(names, size, (size >= least) & (size > 2 * error))


@misconception(
    "path_patching.strong_senders",
    says="The senders come in the order of the table. The contract asks for the largest size first.",
)
def keeps_the_order(effects, names, least):
    mean, error = statistics(effects)
    return [n for n, m, e in zip(names, mean, error, strict=True) if abs(m) >= least and abs(m) > 2 * e]


@misconception(
    "path_patching.strong_senders",
    says="Senders that are clear but tiny are taken as well. The size has to reach `least`.",
)
def forgets_the_size(effects, names, least):
    mean, error = statistics(effects)
    return chosen(names, mean.abs(), mean.abs() > 2 * error)


@misconception(
    "path_patching.strong_senders",
    says="The smallest size comes first. The contract asks for the largest first.",
)
def smallest_first(effects, names, least):
    mean, error = statistics(effects)
    return chosen(names, -mean.abs(), (mean.abs() >= least) & (mean.abs() > 2 * error))


@misconception(
    "path_patching.strong_senders",
    says=(
        "Your standard error divides by n where the sample deviation divides by n - 1. For few prompts it is too small."
    ),
)
def population_deviation(effects, names, least):
    mean, _ = statistics(effects)
    error = effects.std(dim=1, unbiased=False) / effects.shape[1] ** 0.5
    return chosen(names, mean.abs(), (mean.abs() >= least) & (mean.abs() > 2 * error))


@misconception(
    "path_patching.strong_senders",
    says=(
        "You sort by the mean with its sign, so that strong negative senders come last. The contract sorts by size, "
        "the sign left out."
    ),
)
def sorts_with_the_sign(effects, names, least):
    mean, error = statistics(effects)
    return chosen(names, mean, (mean.abs() >= least) & (mean.abs() > 2 * error))


@misconception(
    "path_patching.strong_senders",
    says="You sort by the mean with its sign, the lowest first. The contract sorts by size, the sign left out.",
)
def sorts_with_the_sign_lowest_first(effects, names, least):
    mean, error = statistics(effects)
    return chosen(names, -mean, (mean.abs() >= least) & (mean.abs() > 2 * error))


@misconception(
    "path_patching.strong_senders",
    says="You compare the mean with one standard error. The contract asks for more than two.",
)
def one_error_is_enough(effects, names, least):
    mean, error = statistics(effects)
    return chosen(names, mean.abs(), (mean.abs() >= least) & (mean.abs() > error))
