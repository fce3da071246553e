"""Wrong answers to probing.r_squared that learners give, with the sentence to say for each."""

import torch

from mi_tutor.tutor.misconceptions import misconception, probe


@probe("probing.r_squared", atol=1e-4)
def observe_r_squared(r_squared):
    """A training mean far from the test's, predictions off by a constant, a target without spread, small numbers."""
    predicted = torch.tensor([[2.0, 10.0], [3.5, 16.0], [4.0, 11.0]])
    target = torch.tensor([[1.0, 10.0], [3.0, 20.0], [5.0, 12.0]])
    yield r_squared(predicted, target, torch.tensor([0.0, 18.0]))
    yield r_squared(target + 9.0, target, torch.tensor([2.0, 15.0]))
    yield r_squared(
        torch.tensor([[5.0, 1.0], [4.0, 3.0]]), torch.tensor([[4.0, 1.0], [4.0, 3.0]]), torch.tensor([4.0, 0.0])
    )
    yield bool(r_squared(predicted / 10_000, target / 10_000, torch.tensor([0.0, 18.0]) / 10_000).isnan().any())


def ratio(error, spread):
    return torch.where(spread > 0, 1 - error / spread, torch.nan)


@misconception(
    "probing.r_squared",
    says=(
        "Your baseline is the mean of the held-out targets. Nobody knows it before the test; the best constant that "
        "could be learned is the training mean."
    ),
)
def mean_of_the_test(predicted, target, train_mean):
    spread = (target - target.mean(dim=0)).square().sum(dim=0)
    return ratio((predicted - target).square().sum(dim=0), spread)


@misconception(
    "probing.r_squared",
    says=(
        "You give the squared correlation. It forgives predictions that are all too high, or ten times too wide. What"
        " counts here is the error itself."
    ),
)
def squared_correlation(predicted, target, train_mean):
    x, y = predicted - predicted.mean(dim=0), target - target.mean(dim=0)
    return (x * y).sum(dim=0) ** 2 / (x.square().sum(dim=0) * y.square().sum(dim=0))


@misconception(
    "probing.r_squared",
    says=(
        "You pool the targets, so the one with the larger spread decides for all. Give every target a number of its "
        "own."
    ),
)
def pools_the_targets(predicted, target, train_mean):
    one = ratio((predicted - target).square().sum(), (target - train_mean).square().sum())
    return one.repeat(target.shape[1])


@misconception(
    "probing.r_squared",
    says="You give the share of the squares that is left as error. R² is what is not left: one minus it.",
)
def share_of_errors(predicted, target, train_mean):
    return 1 - ratio((predicted - target).square().sum(dim=0), (target - train_mean).square().sum(dim=0))


@misconception(
    "probing.r_squared",
    says="You cut off what is below 0. A probe that is worse than a constant should be seen to be worse.",
)
def cuts_at_zero(predicted, target, train_mean):
    return ratio((predicted - target).square().sum(dim=0), (target - train_mean).square().sum(dim=0)).clamp_min(0)


@misconception(
    "probing.r_squared",
    says=(
        "You compare the spread of the predictions with the spread of the targets. Predictions can spread widely and "
        "all be wrong; compare errors."
    ),
)
def spread_of_the_predictions(predicted, target, train_mean):
    spread = (target - train_mean).square().sum(dim=0)
    return torch.where(spread > 0, (predicted - train_mean).square().sum(dim=0) / spread, torch.nan)


@misconception(
    "probing.r_squared",
    says="You compare absolute differences. Both sums are of squares.",
)
def absolute_errors(predicted, target, train_mean):
    return ratio((predicted - target).abs().sum(dim=0), (target - train_mean).abs().sum(dim=0))


@misconception(
    "probing.r_squared",
    says=(
        "Where a target equals the training mean in every row you divide by 0 and get minus infinity. There is "
        "nothing to be better at, so the answer is nan."
    ),
)
def divides_by_nothing(predicted, target, train_mean):
    return 1 - (predicted - target).square().sum(dim=0) / (target - train_mean).square().sum(dim=0)


@misconception(
    "probing.r_squared",
    says=(
        "Where the target's squares are small you answer as if there were nothing to explain. How small they are is a "
        "matter of the unit. Only where every target equals the training mean is the answer nan."
    ),
)
def takes_small_for_nothing(predicted, target, train_mean):
    spread = (target - train_mean).square().sum(dim=0)
    return torch.where(spread > 1e-5, 1 - (predicted - target).square().sum(dim=0) / spread, torch.nan)
