"""Wrong answers to saes.explained_variance that learners give, with the sentence to say for each."""

import torch

from mi_tutor.tutor.misconceptions import misconception, probe


@probe("saes.explained_variance")
def observe_explained_variance(explained_variance):
    """Coordinates with different means and spreads, errors with an offset, a reconstruction worse than the mean."""
    x = torch.tensor([[1.0, 10.0, -3.0], [3.0, 14.0, -3.5], [6.0, 2.0, -2.0], [3.5, 8.0, -2.5]])
    x_hat = torch.tensor([[2.0, 11.0, -2.0], [3.0, 15.0, -3.0], [4.5, 5.0, -1.5], [3.0, 7.0, -1.0]])
    yield explained_variance(x, x_hat)
    yield explained_variance(x, x + 4)
    yield explained_variance(x, x.flip(0))


@misconception(
    "saes.explained_variance",
    says=(
        "You compare the errors with the squared length of the activations. That is the spread around 0. Activations "
        "share a large mean, and a reconstruction that always says this mean would look good."
    ),
)
def spreads_around_zero(x, x_hat):
    return float(1 - (x - x_hat).square().sum() / x.square().sum())


@misconception(
    "saes.explained_variance",
    says="You take one mean over all rows and coordinates. The mean is a row: each coordinate has its own.",
)
def takes_one_mean_for_all(x, x_hat):
    return float(1 - (x - x_hat).square().sum() / (x - x.mean()).square().sum())


@misconception(
    "saes.explained_variance",
    says="You take the mean within each row. What is constant over rows is the mean row: average over the batch.",
)
def takes_the_mean_within_a_row(x, x_hat):
    return float(1 - (x - x_hat).square().sum() / (x - x.mean(-1, keepdim=True)).square().sum())


@misconception(
    "saes.explained_variance",
    says=(
        "You find a score for each coordinate and average the scores. A coordinate that hardly varies then weighs as "
        "much as the largest. Sum errors and spread first, then divide."
    ),
)
def averages_over_coordinates(x, x_hat):
    error, spread = (x - x_hat).square().sum(0), (x - x.mean(0)).square().sum(0)
    return float((1 - error / spread).mean())


@misconception(
    "saes.explained_variance",
    says=(
        "You find a score for each row and average the scores. A row near the mean has hardly any spread, and its "
        "score can ruin the average. Sum errors and spread first, then divide."
    ),
)
def averages_over_rows(x, x_hat):
    error, spread = (x - x_hat).square().sum(-1), (x - x.mean(0)).square().sum(-1)
    return float((1 - error / spread).mean())


@misconception(
    "saes.explained_variance",
    says=(
        "You take the variance of the errors. It does not see an error that is the same in every row: a "
        "reconstruction at the wrong place would score 1."
    ),
)
def takes_the_variance_of_the_errors(x, x_hat):
    return float(1 - (x - x_hat).var(0).sum() / x.var(0).sum())


@misconception(
    "saes.explained_variance",
    says=(
        "You return the variance of the reconstruction over that of the activations. That says how much it moves, not "
        "whether it moves with them."
    ),
)
def divides_the_variances(x, x_hat):
    return float(x_hat.var(0).sum() / x.var(0).sum())


@misconception(
    "saes.explained_variance",
    says="You return the share that is not explained. 1 is to mean a perfect reconstruction.",
)
def returns_the_unexplained(x, x_hat):
    return float((x - x_hat).square().sum() / (x - x.mean(0)).square().sum())


@misconception(
    "saes.explained_variance",
    says=(
        "You divide the variance of all errors by the variance of all numbers, whatever their coordinate. The means of "
        "the coordinates differ, and that counts as spread with you; an error that is the same everywhere counts as "
        "none."
    ),
)
def pools_the_coordinates(x, x_hat):
    return float(1 - (x - x_hat).var() / x.var())
