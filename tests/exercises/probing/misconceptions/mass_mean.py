"""Wrong answers to probing.mass_mean that learners give, with the sentence to say for each."""

import torch

from mi_tutor.tutor.misconceptions import misconception, outcome, probe


@probe("probing.mass_mean", atol=1e-3, rtol=1e-3)
def observe_mass_mean(mass_mean):
    """Unequal classes with correlated features, direction and threshold one by one; a constant feature; one class."""
    features = torch.tensor([[1.0, 0.0], [3.0, 2.0], [3.0, 1.0], [0.0, 0.5], [0.0, 2.0], [1.0, 2.0], [1.0, 5.0]])
    labels = torch.tensor([True, True, True, False, False, False, False])
    for tilted in (False, True):
        found = outcome(lambda tilted=tilted: mass_mean(features, labels, tilted))
        yield from found if isinstance(found, tuple) else [found] * 2
    worked = isinstance(found, tuple)
    constant = torch.cat([features, torch.full((7, 1), 4.0)], dim=1)
    found = outcome(lambda: list(mass_mean(constant, labels, True)))
    broken = not isinstance(found, list) or not found[0].isfinite().all() or found[0].abs().max() > 1000
    yield ("broken" if worked else "no answer before either") if broken else found
    for label in (True, False):
        found = outcome(lambda label=label: mass_mean(features, torch.full((7,), label), False))
        yield "refused" if isinstance(found, str) and found == "refused" else "accepted"


def means(features, labels):
    if labels.all() or not labels.any():
        raise ValueError("one class only")
    return features[labels].mean(dim=0), features[~labels].mean(dim=0)


def within(features, labels, positive, negative):
    deviation = features - torch.where(labels[:, None], positive, negative)
    return deviation.T @ deviation / len(features)


def right(features, labels, tilted):
    positive, negative = means(features, labels)
    direction = positive - negative
    if tilted:
        direction = torch.linalg.pinv(within(features, labels, positive, negative), hermitian=True) @ direction
    return direction, float((positive + negative) @ direction / 2)


@misconception(
    "probing.mass_mean",
    says=(
        "Your threshold is 0. Activations are not centred: both classes may lie far on one side of 0, and then the "
        "probe says the same of all rows. The threshold belongs halfway between the means."
    ),
)
def threshold_zero(features, labels, tilted):
    return right(features, labels, tilted)[0], 0.0


@misconception(
    "probing.mass_mean",
    says=(
        "Your threshold is at the mean of all rows. When one class has more rows, that mean is pulled to it. Take the"
        " point halfway between the two class means."
    ),
)
def threshold_at_the_mean_of_all(features, labels, tilted):
    direction, _ = right(features, labels, tilted)
    return direction, float(features.mean(dim=0) @ direction)


@misconception(
    "probing.mass_mean",
    says="You scale the direction to length 1. Asked is the difference of the means (or its tilt) in its own length.",
)
def unit_length(features, labels, tilted):
    direction, threshold = right(features, labels, tilted)
    return direction / direction.norm(), threshold / float(direction.norm())


@misconception(
    "probing.mass_mean",
    says="Your direction points from the positive mean to the negative one, so the probe says the opposite.",
)
def turned_round(features, labels, tilted):
    direction, threshold = right(features, labels, tilted)
    return -direction, -threshold


@misconception(
    "probing.mass_mean",
    says=(
        "Your covariance is around the mean of all rows, so the distance between the classes counts as spread. The "
        "direction keeps its line but comes out too short. Take each row's deviation from its own class."
    ),
)
def covariance_of_all_rows(features, labels, tilted):
    positive, negative = means(features, labels)
    direction = positive - negative
    if tilted:
        deviation = features - features.mean(dim=0)
        direction = torch.linalg.pinv(deviation.T @ deviation / len(features), hermitian=True) @ direction
    return direction, float((positive + negative) @ direction / 2)


@misconception(
    "probing.mass_mean",
    says=(
        "You multiply by the covariance itself. That turns the direction towards what varies most anyway; its inverse"
        " turns it away."
    ),
)
def multiplies_by_the_covariance(features, labels, tilted):
    positive, negative = means(features, labels)
    direction = positive - negative
    if tilted:
        direction = within(features, labels, positive, negative) @ direction
    return direction, float((positive + negative) @ direction / 2)


@misconception(
    "probing.mass_mean",
    says=(
        "The threshold of the tilted probe is measured along the direction that is not tilted. Rows are projected on "
        "the tilted one, so the point halfway has to be projected on it as well."
    ),
)
def threshold_of_the_other_direction(features, labels, tilted):
    return right(features, labels, tilted)[0], right(features, labels, False)[1]


@misconception("probing.mass_mean", says="`tilted` changes nothing in what you return.")
def never_tilts(features, labels, tilted):
    return right(features, labels, False)


@misconception(
    "probing.mass_mean",
    says="You tilt always. With tilted=False the direction is the difference of the two means itself.",
)
def always_tilts(features, labels, tilted):
    return right(features, labels, True)


@misconception(
    "probing.mass_mean",
    says=(
        "A feature that never changes breaks your inverse. The covariance then has none, and neither has it with "
        "fewer rows than features. The contract asks for the pseudo-inverse."
    ),
)
def needs_an_inverse(features, labels, tilted):
    positive, negative = means(features, labels)
    direction = positive - negative
    if tilted:
        direction = torch.linalg.solve(within(features, labels, positive, negative), direction)
    return direction, float((positive + negative) @ direction / 2)


@misconception(
    "probing.mass_mean",
    says=(
        "You accept rows of one class only. The other class has no mean then, and a direction to or from nothing is "
        "none. Refuse."
    ),
)
def accepts_one_class(features, labels, tilted):
    positive, negative = features[labels].mean(dim=0), features[~labels].mean(dim=0)
    direction = positive - negative
    if tilted:
        direction = torch.linalg.pinv(within(features, labels, positive, negative), hermitian=True) @ direction
    return direction, float((positive + negative) @ direction / 2)


@misconception(
    "probing.mass_mean",
    says="Your threshold is the sum of the two means along the direction. Halfway between them is half of that.",
)
def sum_of_the_means(features, labels, tilted):
    direction, threshold = right(features, labels, tilted)
    return direction, 2 * threshold


@misconception(
    "probing.mass_mean",
    says=(
        "Your covariance is a sum over the rows, not their mean. The tilted direction is then shorter by the number "
        "of rows, and its numbers are no log-odds."
    ),
)
def sum_of_products(features, labels, tilted):
    direction, threshold = right(features, labels, tilted)
    return (direction / len(features), threshold / len(features)) if tilted else (direction, threshold)


@misconception(
    "probing.mass_mean",
    says=(
        "You divide each feature by its own variance. That ignores which features vary together, and this is what "
        "tilts the direction; it needs the whole covariance matrix."
    ),
)
def each_feature_by_itself(features, labels, tilted):
    positive, negative = means(features, labels)
    direction = positive - negative
    if tilted:
        variance = within(features, labels, positive, negative).diagonal()
        direction = torch.where(variance > 0, direction / variance, 0.0)
    return direction, float((positive + negative) @ direction / 2)


@misconception(
    "probing.mass_mean",
    says=(
        "The difference of the means is scaled to length 1. Asked is the difference in its own length, and its tilt is "
        "the pseudo-inverse times all of it."
    ),
)
def unit_length_before_the_tilt(features, labels, tilted):
    positive, negative = means(features, labels)
    direction, threshold = right(features, labels, tilted)
    length = float((positive - negative).norm())
    return direction / length, threshold / length


@misconception(
    "probing.mass_mean",
    says=(
        "Your covariance divides by the number of rows less 2, one for each mean that was estimated. The contract has "
        "the mean over all rows."
    ),
)
def divides_by_n_minus_2(features, labels, tilted):
    direction, threshold = right(features, labels, tilted)
    scale = (len(features) - 2) / len(features) if tilted else 1.0
    return direction * scale, threshold * scale


@misconception(
    "probing.mass_mean",
    says=(
        "Your covariance is the mean of the two classes' covariances, so a class of few rows counts as much as one of "
        "many. The contract has the mean over all rows."
    ),
)
def mean_of_two_covariances(features, labels, tilted):
    positive, negative = means(features, labels)
    direction = positive - negative
    if tilted:
        parts = [features[labels] - positive, features[~labels] - negative]
        direction = torch.linalg.pinv(sum(x.T @ x / len(x) for x in parts) / 2, hermitian=True) @ direction
    return direction, float((positive + negative) @ direction / 2)
