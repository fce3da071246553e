"""Wrong answers to superposition.expected_losses that learners give, with the sentence to say for each."""

import torch

from mi_tutor.tutor.misconceptions import misconception, probe


@probe("superposition.expected_losses")
def observe_expected_losses(expected_losses):
    yield expected_losses(torch.tensor([0.6, 0.2]), torch.tensor([3.0, 0.4]))


@misconception(
    "superposition.expected_losses",
    says=(
        "For the feature that is given up you charge E[x²], as if its output were 0. Its bias can output the mean, "
        "and then only the variance is lost."
    ),
)
def outputs_zero(density, importance):
    return {
        "first only": importance * density / 3,
        "extra only": density / 3,
        "superposition": (1 + importance) * density**2 / 6,
    }


@misconception(
    "superposition.expected_losses",
    says=(
        'The two ways are swapped: in "first only" it is the extra feature that is lost, and its error counts with '
        "importance r."
    ),
)
def swaps_the_ways(density, importance):
    variance = density / 3 - density**2 / 4
    return {
        "first only": variance,
        "extra only": importance * variance,
        "superposition": (1 + importance) * density**2 / 6,
    }


@misconception(
    "superposition.expected_losses",
    says=(
        "In the antipodal pair you charge the loss whenever one feature is active. The ReLU makes a single active "
        "feature come out exactly; only both at once, with probability p², hurt."
    ),
)
def charges_single_activity(density, importance):
    variance = density / 3 - density**2 / 4
    return {
        "first only": importance * variance,
        "extra only": variance,
        "superposition": (1 + importance) * density / 6,
    }


@misconception(
    "superposition.expected_losses",
    says=(
        "When both features are on you charge each the other's square, 1/3 on average. The ReLU cuts: the stronger "
        "one loses the other's value, the weaker one only its own. Each loses min(x₁, x₂)²."
    ),
)
def forgets_the_relu_cuts(density, importance):
    variance = density / 3 - density**2 / 4
    return {
        "first only": importance * variance,
        "extra only": variance,
        "superposition": (1 + importance) * density**2 / 3,
    }


@misconception(
    "superposition.expected_losses",
    says=(
        "Your variance is that of a feature that is always on, scaled by p. A sparse x also varies by being on or "
        "off: p/3 − p²/4."
    ),
)
def variance_of_a_dense_feature(density, importance):
    variance = density / 12
    return {
        "first only": importance * variance,
        "extra only": variance,
        "superposition": (1 + importance) * density**2 / 6,
    }


@misconception(
    "superposition.expected_losses",
    says="The superposition loss weights both errors with 1. The extra feature's error counts r times.",
)
def importance_missing_in_the_pair(density, importance):
    variance = density / 3 - density**2 / 4
    return {
        "first only": importance * variance,
        "extra only": variance,
        "superposition": density**2 / 3 + 0 * importance,
    }
