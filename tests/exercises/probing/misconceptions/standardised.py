"""Wrong answers to probing.standardised that learners give, with the sentence to say for each."""

import torch

from mi_tutor.tutor.misconceptions import misconception, probe


@probe("probing.standardised")
def observe_standardised(standardised):
    """Held-out rows far away, a feature constant in training only (in words), one constant everywhere, small ones."""
    features = torch.tensor([[1.0, 50.0], [100.0, 0.0], [3.0, 30.0], [8.0, 30.0]])
    train = torch.tensor([True, False, True, True])
    yield standardised(features, train)
    yield standardised(features, torch.tensor([True, False, True, False]))
    features = torch.tensor([[4.0], [4.0], [9.0], [4.0]])
    train = torch.tensor([True, True, False, True])
    found = standardised(features, train)
    yield "nan" if found.isnan().any() else "huge" if found.abs().max() > 1000 else found
    small = standardised(torch.tensor([[1.0], [3.0], [9.0], [6.0], [2.0]]) * 1e-7, torch.arange(5) < 3)
    yield "nothing" if (small == 0).all() else "something"


@misconception(
    "probing.standardised",
    says=(
        "Mean and deviation are taken over all rows, the held-out ones among them. Then the training has seen the "
        "test. Learn the scale from the training rows and apply it to all."
    ),
)
def learns_from_all_rows(features, train):
    constant = (features == features[0]).all(dim=0)  # not spread == 0: the mean of equal floats may be off by rounding
    spread = features.std(dim=0, correction=0)
    return torch.where(constant, 0.0, (features - features.mean(dim=0)) / spread)


def scaled(features, seen, mean, spread):
    return torch.where((seen == seen[0]).all(dim=0), 0.0, (features - mean) / spread)


@misconception(
    "probing.standardised",
    says="The mean comes from the training rows, the deviation from all rows. The held-out rows still set the scale.",
)
def deviation_of_all_rows(features, train):
    seen = features[train]
    return scaled(features, seen, seen.mean(dim=0), features.std(dim=0, correction=0))


@misconception(
    "probing.standardised",
    says="The deviation comes from the training rows, the mean from all rows. The held-out rows still set the zero.",
)
def mean_of_all_rows(features, train):
    seen = features[train]
    return scaled(features, seen, features.mean(dim=0), seen.std(dim=0, correction=0))


@misconception(
    "probing.standardised",
    says=(
        "The held-out rows get a mean and a deviation of their own. The same vector then means one thing in training "
        "and another in the test, and a shift between the two is hidden."
    ),
)
def each_part_by_itself(features, train):
    result = torch.zeros_like(features)
    for rows in (train, ~train):
        seen = features[rows]
        result[rows] = scaled(seen, seen, seen.mean(dim=0), seen.std(dim=0, correction=0))
    return result


@misconception(
    "probing.standardised",
    says="You divide the squares by n - 1, which is torch's default. The contract has the deviation with n.",
)
def divides_by_n_minus_1(features, train):
    seen = features[train]
    return scaled(features, seen, seen.mean(dim=0), seen.std(dim=0))


@misconception(
    "probing.standardised",
    says=(
        "You subtract the mean and do not divide by the deviation. Features of a large scale still outweigh the others."
    ),
)
def only_centres(features, train):
    return scaled(features, features[train], features[train].mean(dim=0), torch.ones(features.shape[1]))


@misconception(
    "probing.standardised",
    says="You divide by the deviation and do not subtract the mean. The training rows should have mean 0.",
)
def only_scales(features, train):
    seen = features[train]
    return scaled(features, seen, torch.zeros(features.shape[1]), seen.std(dim=0, correction=0))


@misconception(
    "probing.standardised",
    says=(
        "A feature that is constant in training is divided by 0 and becomes nan, which spreads to everything after it."
    ),
)
def divides_by_zero(features, train):
    seen = features[train]
    result = (features - seen.mean(dim=0)) / seen.std(dim=0, correction=0)
    return torch.where((seen == seen[0]).all(dim=0), torch.nan, result)


@misconception(
    "probing.standardised",
    says=(
        "A feature that is constant in training is divided by nothing or almost nothing. Where a held-out row differs"
        " from it, the result is huge, and that row's prediction is lost. Such a feature should be 0 in all rows."
    ),
)
def divides_by_almost_zero(features, train):
    seen = features[train]
    return (features - seen.mean(dim=0)) / seen.std(dim=0, correction=0).clamp_min(1e-6)


@misconception(
    "probing.standardised",
    says=(
        "A feature that is constant in training keeps its offset in the held-out rows. The probe has learned nothing "
        "about it, so it should be 0 in all rows."
    ),
)
def keeps_the_offset(features, train):
    seen = features[train]
    spread = seen.std(dim=0, correction=0)
    return (features - seen.mean(dim=0)) / torch.where((seen == seen[0]).all(dim=0), 1.0, spread)


@misconception(
    "probing.standardised",
    says=(
        "The held-out rows get a mean and a deviation of their own. The same vector then means one thing in training "
        "and another in the test. And where there is one held-out row alone, its deviation is 0, and it becomes nan."
    ),
)
def each_part_by_itself_unguarded(features, train):
    result = torch.zeros_like(features)
    for rows in (train, ~train):
        result[rows] = (features[rows] - features[rows].mean(dim=0)) / features[rows].std(dim=0, correction=0)
    return result


@misconception(
    "probing.standardised",
    says=(
        "A feature whose deviation is small counts as constant for you. Features of a small scale are then lost, and "
        "the scale is what should not matter. Constant is a feature whose training rows are all the same."
    ),
)
def takes_small_for_constant(features, train):
    seen = features[train]
    spread = seen.std(dim=0, correction=0)
    return torch.where(spread < 1e-6, 0.0, (features - seen.mean(dim=0)) / spread)
