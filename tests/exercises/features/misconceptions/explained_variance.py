"""Wrong answers to features.explained_variance that learners give, with the sentence to say for each."""

import torch

from mi_tutor.tutor.misconceptions import misconception, probe


@probe("features.explained_variance")
def observe_explained_variance(explained_variance):
    """Offset, scale, a constant neuron, neurons of different spread."""
    actual = torch.tensor([[1.0, 0.0, 2.0, 1.0], [3.0, 10.0, 2.0, 2.0], [6.0, 25.0, 2.0, 4.0], [3.5, 3.0, 2.0, 0.0]])
    predicted = torch.tensor([[2.0, 4.0, 1.0, 9.0], [3.0, 9.0, 2.0, 9.5], [4.5, 20.0, 2.0, 11.0], [3.0, 7.0, 2.5, 9.0]])
    score = torch.nan_to_num(explained_variance(actual, predicted), nan=-7.0, neginf=-8.0, posinf=8.0)
    yield score[[0, 1, 3]]
    yield score[2]  # constant


@misconception(
    "features.explained_variance",
    says=(
        "You square the correlation. It forgives a wrong level and a wrong scale, so a prediction far from the "
        "neuron can score 1. Explained variance compares the errors with the spread."
    ),
)
def squares_the_correlation(actual, predicted):
    a = actual - actual.mean(dim=0)
    p = predicted - predicted.mean(dim=0)
    correlation = (a * p).sum(dim=0) / (a.square().sum(dim=0) * p.square().sum(dim=0)).sqrt()
    return correlation.square()


@misconception(
    "features.explained_variance",
    says=(
        "You compare the errors with the sum of squared activations. That is the spread around 0; a neuron with a "
        "high mean would look well explained by its mean alone."
    ),
)
def spreads_around_zero(actual, predicted):
    error = (actual - predicted).square().sum(dim=0)
    spread = actual.square().sum(dim=0)
    constant = (actual == actual[0]).all(dim=0)
    return torch.where(constant, torch.nan, 1 - error / spread)


@misconception(
    "features.explained_variance",
    says="Your spread is measured around one mean over all neurons. Each neuron has its own mean.",
)
def shares_one_mean(actual, predicted):
    error = (actual - predicted).square().sum(dim=0)
    spread = (actual - actual.mean()).square().sum(dim=0)
    constant = (actual == actual[0]).all(dim=0)
    return torch.where(constant, torch.nan, 1 - error / spread)


@misconception(
    "features.explained_variance",
    says=(
        "You return variance of the prediction over variance of the neuron. That says how much the prediction "
        "moves, not whether it moves in the right places."
    ),
)
def divides_the_variances(actual, predicted):
    spread = actual.var(dim=0)
    return torch.where(spread > 0, predicted.var(dim=0) / spread, torch.nan)


@misconception(
    "features.explained_variance",
    says=(
        "A prediction that is worse than the mean is set to 0. Below 0 is a fact about the explanation, and hiding "
        "it makes an average over neurons too high."
    ),
)
def clips_at_zero(actual, predicted):
    error = (actual - predicted).square().sum(dim=0)
    spread = (actual - actual.mean(dim=0)).square().sum(dim=0)
    return torch.where(spread > 0, (1 - error / spread).clamp_min(0), torch.nan)


@misconception(
    "features.explained_variance",
    says=(
        "You take the variance of the errors. It does not see an error that is the same everywhere: a prediction that "
        "is always 10 too high would be perfect."
    ),
)
def takes_the_variance_of_the_errors(actual, predicted):
    constant = (actual == actual[0]).all(dim=0)
    return torch.where(constant, torch.nan, 1 - (actual - predicted).var(dim=0) / actual.var(dim=0))


@misconception(
    "features.explained_variance",
    says=(
        "For a neuron that is constant here you divide by 0. There is no variance to explain, and the docstring says"
        " nan."
    ),
)
def divides_by_no_spread(actual, predicted):
    error = (actual - predicted).square().sum(dim=0)
    return 1 - error / (actual - actual.mean(dim=0)).square().sum(dim=0)
