"""Wrong answers to probing.leace that learners give, with the sentence to say for each."""

import torch

from mi_tutor.tutor.misconceptions import misconception, outcome, probe


@probe("probing.leace", atol=2e-3, rtol=2e-3)
def observe_leace(leace):
    """Matrix and offset for one column, for two, and with a feature that never changes."""
    rows = torch.tensor(
        [[0.0, 1.0, 2.0], [3.0, 4.0, 0.0], [1.0, 3.0, 1.0], [0.0, 0.0, 5.0], [2.0, 0.0, 1.0], [5.0, 1.0, 0.0]]
    )
    one = torch.tensor([1.0, 1.0, 0.0, 0.0, 1.0, 0.0])[:, None]
    two = torch.cat([one, torch.tensor([3.0, 0.0, 1.0, 2.0, 2.0, 5.0])[:, None]], dim=1)
    for concept in (one, two):
        found = outcome(lambda concept=concept: leace(rows, concept))
        yield from found if isinstance(found, tuple) else [found] * 2
    worked = isinstance(found, tuple)
    found = outcome(lambda: leace(torch.cat([rows, torch.full((6, 1), 4.0)], dim=1), one))
    broken = not isinstance(found, tuple) or not all(part.isfinite().all() and part.abs().max() < 100 for part in found)
    yield ("broken" if worked else "no answer before either") if broken else list(found)


def moments(features, concept, centred=True):
    mean = features.double().mean(dim=0)
    x, z = features.double() - (mean if centred else 0.0), concept.double() - concept.double().mean(dim=0)
    return mean, x.T @ x / len(x), x.T @ z / len(x)


def right(features, concept, centred=True):
    mean, covariance, shared = moments(features, concept, centred)
    readout = torch.linalg.pinv(covariance, hermitian=True) @ shared
    matrix = torch.eye(len(mean)) - readout @ torch.linalg.pinv(shared.T @ readout) @ shared.T
    return matrix, mean


def told(matrix, mean):
    return matrix.float(), (mean - mean @ matrix).float()


@misconception(
    "probing.leace",
    says=(
        "You take away the directions of the covariance at right angles. The concept is gone, but so is more than "
        "needed: features that only happen to lie along these directions. Let the row's best prediction of the "
        "concept say how much goes."
    ),
)
def at_right_angles(features, concept):
    mean, _, shared = moments(features, concept)
    return told(torch.eye(len(mean)) - shared @ torch.linalg.pinv(shared), mean)


@misconception(
    "probing.leace",
    says=(
        "You take away the directions that the best linear probe reads. The concept is still there along others that "
        "vary with them, and a new probe finds it. What has to go lies along the covariance with the concept."
    ),
)
def removes_the_readout(features, concept):
    mean, covariance, shared = moments(features, concept)
    readout = torch.linalg.pinv(covariance, hermitian=True) @ shared
    return told(torch.eye(len(mean)) - readout @ torch.linalg.pinv(readout), mean)


@misconception(
    "probing.leace",
    says=(
        "Your features are not centred before their products are averaged. The mean, often the largest part of an "
        "activation, then counts as variation."
    ),
)
def not_centred(features, concept):
    matrix, mean = right(features, concept, centred=False)
    return told(matrix, mean)


@misconception(
    "probing.leace",
    says=(
        "The offset is 0, so the matrix acts on the mean as well and moves it. The offset has to make good what the "
        "matrix does to the mean."
    ),
)
def no_offset(features, concept):
    matrix, mean = right(features, concept)
    return matrix.float(), torch.zeros_like(mean).float()


@misconception(
    "probing.leace",
    says="Your erased rows have mean 0. The mean should be what it was before.",
)
def removes_the_mean(features, concept):
    matrix, mean = right(features, concept)
    return matrix.float(), (-mean @ matrix).float()


@misconception(
    "probing.leace",
    says=(
        "Your matrix is the one for columns, matrix @ x. The rows are multiplied from the left, x @ matrix, so it has"
        " to be transposed."
    ),
)
def for_columns(features, concept):
    matrix, mean = right(features, concept)
    return matrix.T.contiguous().float(), (mean - matrix.T @ mean).float()


@misconception(
    "probing.leace",
    says="Only the first column of the concept is erased. Every column has to have covariance 0 with every feature.",
)
def only_the_first_column(features, concept):
    return told(*right(features, concept[:, :1]))


@misconception(
    "probing.leace",
    says=(
        "Each column of the concept is erased by itself and the changes are added. What two columns share is then "
        "erased twice. Erase them together."
    ),
)
def column_by_column(features, concept):
    parts = [right(features, column[:, None]) for column in concept.T]
    mean = parts[0][1]
    matrix = sum(part[0] for part in parts) - (len(parts) - 1) * torch.eye(len(mean))
    return told(matrix, mean)


@misconception(
    "probing.leace",
    says=(
        "A feature that never changes breaks your inverse of the covariance. With fewer rows than features it has "
        "none either. Take the pseudo-inverse."
    ),
)
def needs_an_inverse(features, concept):
    mean, covariance, shared = moments(features, concept)
    readout = torch.linalg.solve(covariance, shared)
    matrix = torch.eye(len(mean)) - readout @ torch.linalg.pinv(shared.T @ readout) @ shared.T
    return told(matrix, mean)


@misconception(
    "probing.leace",
    says=(
        "You take each column for a class, above one half or not, and project the difference of the two means away at "
        "right angles. Columns may be any numbers, so use covariances. And a projection at right angles changes the "
        "rows more than needed: let the row's best prediction of the concept say how much goes."
    ),
)
def between_class_means(features, concept):
    means = [features[c > 0.5].mean(dim=0) - features[c <= 0.5].mean(dim=0) for c in concept.T]
    matrix = torch.eye(features.shape[1]) - torch.linalg.pinv(torch.stack(means)) @ torch.stack(means)
    return told(matrix.double(), features.double().mean(dim=0))


@misconception(
    "probing.leace",
    says=(
        "Your matrix is the one for columns, matrix @ x. Here a row stands on the left, x @ matrix, so it has to be "
        "transposed. The offset is computed with it and has to follow."
    ),
)
def matrix_for_columns(features, concept):
    matrix, mean = right(features, concept)
    return told(matrix.T.contiguous(), mean)
