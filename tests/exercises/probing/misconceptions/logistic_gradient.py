"""Wrong answers to probing.logistic_gradient that learners give, with the sentence to say for each."""

import torch

from mi_tutor.tutor.misconceptions import misconception, outcome, probe


@probe("probing.logistic_gradient", atol=1e-4)
def observe_logistic_gradient(logistic_gradient):
    """Loss and derivatives one by one, with weights, bias and penalty; then without penalty; then large logits."""
    features = torch.tensor([[2.0, 5.0], [1.0, -2.0], [0.0, 1.0], [3.0, 1.0]])
    labels, weights = torch.tensor([True, True, False, False]), torch.tensor([0.4, -0.7])
    for penalty in (0.5, 0.0):
        found = outcome(lambda penalty=penalty: logistic_gradient(weights, 0.6, features, labels, penalty))
        yield from found if isinstance(found, tuple) else [found] * 3
    found = logistic_gradient(
        torch.tensor([100.0]), 0.0, torch.tensor([[2.0], [-3.0]]), torch.tensor([False, True]), 0.0
    )
    loss, slope = float(found[0]), float(found[1][0])
    yield "not finite" if not abs(loss) < 1e4 else "cut off" if 3 < loss < 200 else loss
    yield slope if abs(slope) < 1e4 else "not finite"


def right(weights, bias, features, labels, penalty):
    z, y = features @ weights + bias, labels.float()
    error = torch.sigmoid(z) - y
    loss = (torch.nn.functional.softplus(z) - y * z).mean() + penalty / 2 * (weights @ weights)
    return float(loss), error @ features / len(y) + penalty * weights, float(error.mean())


@misconception(
    "probing.logistic_gradient",
    says=(
        "You sum over the rows. The loss is their mean; with a sum, the penalty would weigh less the more rows there "
        "are."
    ),
)
def sums_over_rows(weights, bias, features, labels, penalty):
    z, y = features @ weights + bias, labels.float()
    error = torch.sigmoid(z) - y
    loss = (torch.nn.functional.softplus(z) - y * z).sum() + penalty / 2 * (weights @ weights)
    return float(loss), error @ features + penalty * weights, float(error.sum())


@misconception(
    "probing.logistic_gradient",
    says=(
        "You penalise the bias. It only says how frequent the positive rows are; pulled towards 0, it makes the probe"
        " wrong on unbalanced classes."
    ),
)
def penalises_the_bias(weights, bias, features, labels, penalty):
    loss, slope, bias_slope = right(weights, bias, features, labels, penalty)
    return loss + penalty / 2 * bias**2, slope, bias_slope + penalty * bias


@misconception(
    "probing.logistic_gradient",
    says="Your penalty is twice as large: the loss has half the penalty times the squared weights.",
)
def forgets_the_half(weights, bias, features, labels, penalty):
    return right(weights, bias, features, labels, 2 * penalty)


@misconception(
    "probing.logistic_gradient",
    says=(
        "The penalty is in the loss and not in its derivative. Whoever goes downhill by this derivative never feels "
        "the penalty."
    ),
)
def no_penalty_in_the_derivative(weights, bias, features, labels, penalty):
    _, slope, bias_slope = right(weights, bias, features, labels, 0.0)
    return right(weights, bias, features, labels, penalty)[0], slope, bias_slope


@misconception("probing.logistic_gradient", says="There is no penalty on the weights in what you compute.")
def ignores_the_penalty(weights, bias, features, labels, penalty):
    return right(weights, bias, features, labels, 0.0)


@misconception(
    "probing.logistic_gradient",
    says=(
        "The part of your derivatives that comes from the rows has the wrong sign. A positive row with p < 1 should "
        "pull its logit up: the loss falls as the logit grows, so the derivative is p - 1, below 0."
    ),
)
def turned_round(weights, bias, features, labels, penalty):
    loss, slope, bias_slope = right(weights, bias, features, labels, penalty)
    return loss, 2 * penalty * weights - slope, -bias_slope


@misconception(
    "probing.logistic_gradient",
    says=(
        "For large logits your loss is no number: the sigmoid is rounded to 0 or 1, and then the logarithm of 0 is "
        "taken. Write the loss in terms of the logit."
    ),
)
def logarithm_of_nothing(weights, bias, features, labels, penalty):
    p = torch.sigmoid(features @ weights + bias)
    loss = -torch.where(labels, p.log(), (1 - p).log()).mean() + penalty / 2 * (weights @ weights)
    return float(loss), *right(weights, bias, features, labels, penalty)[1:]


@misconception(
    "probing.logistic_gradient",
    says=(
        "Your loss compares p with the label by the squared difference. A row that is called wrong with certainty "
        "then costs 1 and hardly pulls. The loss is minus the logarithm of the probability of the label."
    ),
)
def squared_error(weights, bias, features, labels, penalty):
    p, y = torch.sigmoid(features @ weights + bias), labels.float()
    pull = 2 * (p - y) * p * (1 - p)
    loss = (p - y).square().mean() + penalty / 2 * (weights @ weights)
    return float(loss), pull @ features / len(y) + penalty * weights, float(pull.mean())


@misconception(
    "probing.logistic_gradient",
    says="The bias does not enter the logit in what you compute.",
)
def forgets_the_bias(weights, bias, features, labels, penalty):
    return right(weights, 0.0, features, labels, penalty)


@misconception(
    "probing.logistic_gradient",
    says="The logarithm in your loss has base 2. Then the derivatives of the contract do not belong to it; use ln.",
)
def counts_in_bits(weights, bias, features, labels, penalty):
    loss, slope, bias_slope = right(weights, bias, features, labels, penalty)
    half = penalty / 2 * float(weights @ weights)
    return (loss - half) / torch.tensor(2.0).log().item() + half, slope, bias_slope


@misconception(
    "probing.logistic_gradient",
    says=(
        "All your derivatives have the wrong sign, the penalty's too. You give the way down; the derivative points up."
    ),
)
def the_way_down(weights, bias, features, labels, penalty):
    loss, slope, bias_slope = right(weights, bias, features, labels, penalty)
    return loss, -slope, -bias_slope


@misconception(
    "probing.logistic_gradient",
    says=(
        "The loss is a mean over rows, and what the rows give to the derivatives is a sum. Divide it by the number of"
        " rows as well."
    ),
)
def sums_in_the_derivatives(weights, bias, features, labels, penalty):
    loss, slope, bias_slope = right(weights, bias, features, labels, penalty)
    return loss, (slope - penalty * weights) * len(labels) + penalty * weights, bias_slope * len(labels)


@misconception(
    "probing.logistic_gradient",
    says=(
        "The loss has the whole penalty times the squared weights. It should be half of that; your derivative is right."
    ),
)
def no_half_in_the_loss(weights, bias, features, labels, penalty):
    return right(weights, bias, features, labels, 2 * penalty)[0], *right(weights, bias, features, labels, penalty)[1:]


@misconception(
    "probing.logistic_gradient",
    says=(
        "In the derivative the penalty counts twice. The derivative of penalty / 2 times the squared weight is "
        "penalty times the weight."
    ),
)
def no_half_in_the_derivative(weights, bias, features, labels, penalty):
    return right(weights, bias, features, labels, penalty)[0], *right(weights, bias, features, labels, 2 * penalty)[1:]


@misconception(
    "probing.logistic_gradient",
    says=(
        "For large logits your loss is too small: a probability is kept away from 0 before its logarithm is taken. A "
        "logit of 200 on a negative row costs 200. Write the loss in terms of the logit."
    ),
)
def keeps_away_from_zero(weights, bias, features, labels, penalty):
    p = torch.sigmoid(features @ weights + bias)
    loss = -torch.where(labels, p, 1 - p).clamp_min(1e-7).log().mean() + penalty / 2 * (weights @ weights)
    return float(loss), *right(weights, bias, features, labels, penalty)[1:]


@misconception(
    "probing.logistic_gradient",
    says=(
        "Positive and negative rows are exchanged: p is the probability of a positive row, and its error is p - 1 "
        "there."
    ),
)
def exchanges_the_classes(weights, bias, features, labels, penalty):
    return right(weights, bias, features, ~labels, penalty)


@misconception(
    "probing.logistic_gradient",
    says=(
        "In the derivatives of the weights the rows are summed, elsewhere you take their mean. The loss is a mean over "
        "rows, so each of its derivatives is one."
    ),
)
def sums_for_the_weights_only(weights, bias, features, labels, penalty):
    loss, slope, bias_slope = right(weights, bias, features, labels, penalty)
    return loss, (slope - penalty * weights) * len(labels) + penalty * weights, bias_slope


@misconception(
    "probing.logistic_gradient",
    says=(
        "In the derivative the penalty counts half. A square loses its half when it is differentiated: penalty / 2 "
        "times the squared weight becomes penalty times the weight."
    ),
)
def half_in_the_derivative(weights, bias, features, labels, penalty):
    loss, slope, bias_slope = right(weights, bias, features, labels, penalty)
    return loss, slope - penalty / 2 * weights, bias_slope
