"""Wrong answers to superposition.directions_that_fit that learners give, with the sentence to say for each."""

import math

from mi_tutor.tutor.misconceptions import misconception, probe


@probe("superposition.directions_that_fit")
def observe_directions_that_fit(directions_that_fit):
    yield directions_that_fit(100, 0.2)
    yield directions_that_fit(300, 0.25, 0.1)
    yield directions_that_fit(128, 0.4, 0.5)
    yield directions_that_fit(50, 0.1, 0.01)


def _largest(allowed):
    return math.floor((1 + math.sqrt(1 + 4 * allowed)) / 2)


@misconception(
    "superposition.directions_that_fit",
    says=(
        "You compare one pair's probability with `failure`, as if N directions made N chances to fail. They make "
        "N (N − 1) / 2 pairs."
    ),
)
def one_chance_each(d, cosine, failure=0.5):
    return max(1, math.floor(failure * math.exp(d * cosine**2 / 2) / 2))


@misconception(
    "superposition.directions_that_fit",
    says="You count ordered pairs: (u, v) and (v, u) are the same pair and can fail only once.",
)
def ordered_pairs(d, cosine, failure=0.5):
    return _largest(failure * math.exp(d * cosine**2 / 2) / 2)


@misconception(
    "superposition.directions_that_fit",
    says="You forget the factor 2 of the tail bound: a cosine can be too large in either direction.",
)
def one_sided_tail(d, cosine, failure=0.5):
    return _largest(2 * failure * math.exp(d * cosine**2 / 2))


@misconception(
    "superposition.directions_that_fit",
    says="You use exp(−d ε / 2). The exponent has the square of ε.",
)
def cosine_not_squared(d, cosine, failure=0.5):
    return _largest(failure * math.exp(d * cosine / 2))


@misconception(
    "superposition.directions_that_fit",
    says="You take N² for N (N − 1). In about half of all cases that gives one too few.",
)
def squares_the_count(d, cosine, failure=0.5):
    return max(1, math.floor(math.sqrt(failure * math.exp(d * cosine**2 / 2))))


@misconception(
    "superposition.directions_that_fit",
    says="You ignore `failure`: another acceptable probability should give another number.",
)
def ignores_failure(d, cosine, failure=0.5):
    return _largest(math.exp(d * cosine**2 / 2))


@misconception(
    "superposition.directions_that_fit",
    says="You round up. The N that solves the equation is rarely whole, and the next whole number breaks the bound.",
)
def rounds_up(d, cosine, failure=0.5):
    return math.ceil((1 + math.sqrt(1 + 4 * failure * math.exp(d * cosine**2 / 2))) / 2)
