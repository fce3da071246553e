"""Wrong answers to probing.ridge that learners give, with the sentence to say for each."""

import torch

from mi_tutor.tutor.misconceptions import misconception, outcome, probe


@probe("probing.ridge", atol=1e-3, rtol=1e-3)
def observe_ridge(ridge):
    """Means away from 0 in features and targets; a small, a large and no penalty."""
    features = torch.tensor([[0.0, 1.0], [2.0, 3.0], [4.0, 1.0], [3.0, 4.0]])
    target = torch.tensor([[1.0, 9.0], [5.0, 0.0], [6.0, 8.0], [2.0, 7.0]])
    for penalty in (0.5, 3.0, 0.0):
        yield outcome(lambda penalty=penalty: list(ridge(features, target, penalty)))


def solved(x, y, penalty):
    return torch.linalg.solve(x.T @ x + penalty * torch.eye(x.shape[1]), x.T @ y)


def centred(features, target, penalty):
    weights = solved(features - features.mean(dim=0), target, penalty)
    return weights, target.mean(dim=0) - features.mean(dim=0) @ weights


@misconception(
    "probing.ridge",
    says=(
        "The column of ones is penalised with the rest, so the intercept is pulled towards 0 and every prediction "
        "with it. Leave the intercept free: centre first, or put a 0 into the penalty at its place."
    ),
)
def penalises_the_intercept(features, target, penalty):
    x = torch.cat([features, torch.ones(len(features), 1)], dim=1)
    weights = solved(x, target, penalty)
    return weights[:-1], weights[-1]


@misconception(
    "probing.ridge",
    says=(
        "There is no intercept: it is always 0, and the weights have to explain the means as well. A latitude of 40 "
        "is not a deviation from 0."
    ),
)
def no_intercept(features, target, penalty):
    return solved(features, target, penalty), torch.zeros(target.shape[1])


@misconception(
    "probing.ridge",
    says=(
        "Your intercept is the mean of the targets. That is right for centred features; the rows that are predicted "
        "later are not centred, so what the weights make of the features' mean has to be taken off."
    ),
)
def intercept_without_the_features_mean(features, target, penalty):
    return centred(features, target, penalty)[0], target.mean(dim=0)


@misconception(
    "probing.ridge",
    says=(
        "The weights are fitted to features that are not centred, as if there were no intercept, and the intercept "
        "comes afterwards. It has to be fitted together with them: centre the features first."
    ),
)
def intercept_afterwards(features, target, penalty):
    weights = solved(features, target, penalty)
    return weights, (target - features @ weights).mean(dim=0)


@misconception(
    "probing.ridge",
    says=(
        "Your penalty grows with the number of rows, as it would beside a mean of squared errors. Here it stands "
        "beside their sum."
    ),
)
def penalty_times_rows(features, target, penalty):
    return centred(features, target, penalty * len(features))


@misconception("probing.ridge", says="The penalty does nothing: this is the least-squares fit for every penalty.")
def ignores_the_penalty(features, target, penalty):
    return centred(features, target, 0.0)


@misconception(
    "probing.ridge",
    says="You use the square of the penalty. What is added to the diagonal is the penalty itself.",
)
def squares_the_penalty(features, target, penalty):
    return centred(features, target, penalty**2)


@misconception(
    "probing.ridge",
    says=(
        "The penalty is added to every entry of the matrix, not only to its diagonal. That penalises the sum of the "
        "weights instead of their squares."
    ),
)
def adds_to_every_entry(features, target, penalty):
    mean = features.mean(dim=0)
    x = features - mean
    weights = torch.linalg.solve(x.T @ x + penalty, x.T @ target)
    return weights, target.mean(dim=0) - mean @ weights
