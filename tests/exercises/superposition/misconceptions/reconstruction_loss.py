"""Wrong answers to superposition.reconstruction_loss that learners give, with the sentence to say for each."""

import torch

from mi_tutor.tutor.misconceptions import misconception, probe


@probe("superposition.reconstruction_loss")
def observe_reconstruction_loss(reconstruction_loss):
    """Two samples, two instances, three features; importances away from 1."""
    x = torch.tensor([[[1.0, 0.5, 0.0], [0.2, 0.0, 0.9]], [[0.0, 0.3, 0.7], [1.0, 0.4, 0.0]]])
    x_hat = torch.tensor([[[0.5, 0.1, 0.3], [0.0, 0.6, 0.4]], [[0.1, 0.9, 0.2], [0.4, 0.4, 0.5]]])
    yield reconstruction_loss(x, x_hat, torch.tensor([[2.0, 0.5, 3.0], [0.25, 1.5, 4.0]]))


@misconception(
    "superposition.reconstruction_loss",
    says="Your loss ignores the importance: every feature counts the same.",
)
def forgets_the_importance(x, x_hat, importance):
    return (x - x_hat).pow(2).sum(-1).mean(0)


@misconception(
    "superposition.reconstruction_loss",
    says="You weight the error before you square it, so the importance enters squared.",
)
def importance_squared(x, x_hat, importance):
    return (importance * (x - x_hat)).pow(2).sum(-1).mean(0)


@misconception(
    "superposition.reconstruction_loss",
    says=(
        "You take the mean over the features; the docstring sums over them. With the mean, a feature's error would "
        "count less in a world with more features."
    ),
)
def mean_over_features(x, x_hat, importance):
    return (importance * (x - x_hat).pow(2)).mean(dim=(0, 2))


@misconception(
    "superposition.reconstruction_loss",
    says="You sum over the batch. Then the loss grows with the number of samples; it should be their mean.",
)
def sum_over_the_batch(x, x_hat, importance):
    return (importance * (x - x_hat).pow(2)).sum(dim=(0, 2))


@misconception(
    "superposition.reconstruction_loss",
    says="You divide by the sum of the importances. The loss is a weighted sum, not a weighted mean.",
)
def weighted_mean(x, x_hat, importance):
    return (importance * (x - x_hat).pow(2)).sum(-1).mean(0) / importance.sum(-1)


@misconception(
    "superposition.reconstruction_loss",
    says="You use the absolute error. The loss of this model is the squared error.",
)
def absolute_error(x, x_hat, importance):
    return (importance * (x - x_hat).abs()).sum(-1).mean(0)
