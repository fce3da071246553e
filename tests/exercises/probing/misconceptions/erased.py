"""Wrong answers to probing.erased that learners give, with the sentence to say for each."""

import torch

from mi_tutor.tutor.misconceptions import misconception, outcome, probe


@probe("probing.erased", atol=1e-3)
def observe_erased(erased):
    """One direction of length 1 and of other lengths; two that are not orthogonal; two on one line; none."""
    rows = torch.tensor([[1.0, 2.0, 3.0, 1.0], [-4.0, 0.0, 5.0, 2.0], [2.0, 2.0, 7.0, 0.0]])
    yield outcome(lambda: erased(rows, torch.tensor([[0.6, 0.8, 0.0, 0.0]])))
    yield outcome(lambda: erased(rows, torch.tensor([[3.0, 4.0, 0.0, 0.0]])))
    yield outcome(lambda: erased(rows, torch.tensor([[1.0, 0.0, 0.0, 0.0], [1.0, 1.0, 0.0, 0.0]])))
    yield outcome(lambda: erased(rows, torch.tensor([[2.0, 0.0, 0.0, 0.0], [1.0, 0.0, 3.0, 0.0]])))
    yield outcome(lambda: erased(rows, torch.tensor([[1.0, 1.0, 0.0, 0.0], [2.0, 2.0, 0.0, 0.0]])))
    yield outcome(lambda: erased(rows, torch.zeros(0, 4)))


@misconception(
    "probing.erased",
    says=(
        "You take the directions away one after the other, each in full. Where two are not at a right angle, the "
        "second brings back a part of the first. Make them orthogonal first."
    ),
)
def one_by_one(features, directions):
    for direction in directions:
        unit = direction / direction.norm()
        features = features - (features @ unit)[:, None] * unit
    return features


@misconception(
    "probing.erased",
    says=(
        "You take away the parts along all directions at once, as if they were orthogonal. What two of them share is "
        "taken away twice."
    ),
)
def all_at_once(features, directions):
    units = directions / directions.norm(dim=1, keepdim=True)
    return features - features @ units.T @ units


@misconception(
    "probing.erased",
    says=(
        "You treat the directions as if they had length 1. One of length 2 is then taken away four times. Divide by "
        "the squared length."
    ),
)
def takes_lengths_for_one(features, directions):
    for direction in directions:
        features = features - (features @ direction)[:, None] * direction
    return features


@misconception(
    "probing.erased",
    says="You keep what should go: this is the part of each row in the subspace. Asked is the rest.",
)
def keeps_the_subspace(features, directions):
    return features @ torch.linalg.pinv(directions) @ directions


@misconception(
    "probing.erased",
    says="You remove the mean of the rows as well. It is not in the subspace, or only in part, and the model needs it.",
)
def removes_the_mean(features, directions):
    x = features - features.mean(dim=0)
    return x - x @ torch.linalg.pinv(directions) @ directions


@misconception(
    "probing.erased",
    says=(
        "You leave the mean of the rows where it is and remove the subspace around it. Then the rows still have the "
        "mean's part along the directions; the contract wants them orthogonal to all directions."
    ),
)
def erases_around_the_mean(features, directions):
    x = features - features.mean(dim=0)
    return features - x @ torch.linalg.pinv(directions) @ directions


@misconception(
    "probing.erased",
    says=(
        "Directions that lie on one line cost a direction that nobody gave you: a QR or a singular value "
        "decomposition returns as many basis vectors as there were directions, and fills up with whatever is "
        "orthogonal. Drop those, or use the pseudo-inverse."
    ),
)
def trusts_qr(features, directions):
    basis = torch.linalg.qr(directions.T).Q
    return features - features @ basis @ basis.T


@misconception(
    "probing.erased",
    says=(
        "Directions that lie on one line break your inverse: their matrix of dot products has none. Use the pseudo-"
        "inverse, or drop what depends on others."
    ),
)
def inverts_the_dot_products(features, directions):
    return features - features @ directions.T @ torch.linalg.inv(directions @ directions.T) @ directions


@misconception(
    "probing.erased",
    says="Only the first direction is removed. All of them span the subspace.",
)
def only_the_first(features, directions):
    first = directions[:1]
    return features - features @ torch.linalg.pinv(first) @ first
