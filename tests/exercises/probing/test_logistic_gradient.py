"""Checks of probing.logistic_gradient: The gradient of a logistic probe."""

import math

import pytest
import torch

from mi_tutor.exercises import probing
from mi_tutor.tutor.judge import holds, same, seeded

FEATURES = torch.tensor([[1.0, 2.0], [3.0, 0.0], [-1.0, 4.0]])
LABELS = torch.tensor([True, False, False])


@pytest.mark.exercise("probing.logistic_gradient")
def test_before_training():
    """With all weights 0 the loss is ln 2, and each row pulls with an error of one half."""
    same(
        probing.logistic_gradient(torch.zeros(2), 0.0, FEATURES, LABELS, 0.7),
        (math.log(2), torch.tensor([(-1.0 + 3.0 - 1.0) / 6, (-2.0 + 0.0 + 4.0) / 6]), 1 / 6),
        given={"weights": [0.0, 0.0], "bias": 0.0, "features": FEATURES, "labels": LABELS, "penalty": 0.7},
        teach="Every row has p = 1/2. The error is p - 1 = -1/2 for the positive row and p - 0 = 1/2 for the others. "
        "The derivative of a weight is the mean of error · feature over three rows: (-1 + 3 - 1) / 6 for the first.",
        what="(loss, derivative of the weights, of the bias)",
    )


@pytest.mark.exercise("probing.logistic_gradient")
def test_by_hand():
    """Logits ln 3, 0 and -ln 3 give the probabilities 3/4, 1/2 and 1/4."""
    log3 = math.log(3)
    features = torch.tensor([[2.0, 5.0], [1.0, -2.0], [0.0, 1.0]])
    labels = torch.tensor([True, True, False])
    weights, bias, penalty = torch.tensor([log3, 0.0]), -log3, 0.5
    # losses: -ln(3/4), -ln(1/2), -ln(3/4); errors: -1/4, -1/2, 1/4
    loss = (2 * math.log(4 / 3) + math.log(2)) / 3 + 0.25 * log3**2
    slope = torch.tensor([(-0.5 - 0.5 + 0.0) / 3 + 0.5 * log3, (-1.25 + 1.0 + 0.25) / 3])
    same(
        probing.logistic_gradient(weights, bias, features, labels, penalty),
        (loss, slope, -0.5 / 3),
        given={"weights": weights, "bias": bias, "features": features, "labels": labels, "penalty": penalty},
        teach="Mean over rows, natural logarithm, half the penalty times the squared weights; its derivative is the "
        "penalty times the weights.",
        what="(loss, derivative of the weights, of the bias)",
    )


@pytest.mark.exercise("probing.logistic_gradient")
def test_the_bias_is_not_penalised():
    """Without weights the penalty changes nothing, however large the bias."""
    given = (torch.zeros(2), 1.5, FEATURES, LABELS)
    same(
        probing.logistic_gradient(*given, 40.0),
        probing.logistic_gradient(*given, 0.0),
        given={"weights": [0.0, 0.0], "bias": 1.5, "penalty": "40 against 0"},
        teach="The penalty is on the weights. The bias says how frequent the classes are; let it.",
        what="(loss, derivative of the weights, of the bias)",
    )


@pytest.mark.exercise("probing.logistic_gradient")
def test_the_derivatives_fit_the_loss(seed):
    """Going a little along each weight changes the loss as the derivative says."""
    generator = seeded(seed)
    features = torch.randn(12, 3, generator=generator, dtype=torch.float64) + 0.5
    labels = torch.arange(12) % 3 == 0
    weights = torch.randn(3, generator=generator, dtype=torch.float64)

    def loss(w, b):
        z = features @ w + b
        per_row = torch.where(labels, torch.log1p(torch.exp(-z)), torch.log1p(torch.exp(z)))
        return float(per_row.mean() + 0.15 * (w * w).sum())

    step, slopes = 1e-4, []
    for direction in torch.eye(3, dtype=torch.float64):
        slopes.append((loss(weights + step * direction, 0.8) - loss(weights - step * direction, 0.8)) / (2 * step))
    bias_slope = (loss(weights, 0.8 + step) - loss(weights, 0.8 - step)) / (2 * step)
    same(
        probing.logistic_gradient(weights, 0.8, features, labels, 0.3),
        (loss(weights, 0.8), torch.tensor(slopes), bias_slope),
        given={"weights": weights, "bias": 0.8, "features": features, "labels": labels, "penalty": 0.3},
        teach="The expected derivatives were measured by going a small step up and down.",
        atol=1e-4,
        what="(loss, derivative of the weights, of the bias)",
    )


@pytest.mark.exercise("probing.logistic_gradient")
def test_large_logits():
    """Logits of 200 on a negative and -300 on a positive row cost 200 and 300, and nothing overflows."""
    features, labels = torch.tensor([[2.0], [-3.0], [4.0]]), torch.tensor([False, True, True])
    same(
        probing.logistic_gradient(torch.tensor([100.0]), 0.0, features, labels, 0.0),
        (500 / 3, torch.tensor([(2.0 + 3.0) / 3]), 0.0),
        given={"weights": [100.0], "bias": 0.0, "features": features, "labels": labels, "penalty": 0.0},
        teach="A computer's sigmoid of -300 is 0, and its logarithm is minus infinity. Cut off, it would cost too "
        "little. Compute the logarithm of the probability directly from the logit: softplus, or logsigmoid.",
        what="(loss, derivative of the weights, of the bias)",
    )


@pytest.mark.exercise("probing.logistic_gradient")
def test_trained_with_it():
    """The probe that L-BFGS trains with it agrees with scikit-learn, also where torch's gradients are switched off."""
    from sklearn.linear_model import LogisticRegression

    generator = seeded(7)
    features = torch.randn(80, 6, generator=generator)
    labels = features[:, 0] - 0.5 * features[:, 3] + torch.randn(80, generator=generator) > -0.4
    model = LogisticRegression(C=1 / (80 * 0.05), tol=1e-9, max_iter=1000)
    model.fit(features.double().numpy(), labels.numpy())
    with torch.no_grad():  # as in the chapter's notebook
        direction, threshold = probing.fit_logistic(features, labels, 0.05)
    same(
        direction,
        torch.tensor(model.coef_[0]).float(),
        given={"features": features, "labels": labels, "penalty": 0.05, "scikit-learn's C": 1 / (80 * 0.05)},
        teach="With a right loss and gradient both find the same minimum.",
        atol=3e-3,
        what="direction",
    )
    holds(
        abs(threshold + float(model.intercept_[0])) < 3e-3,
        "The threshold differs from scikit-learn's. With a right loss and gradient both find the same minimum.",
        got=threshold,
        expected=-float(model.intercept_[0]),
    )
