"""Wrong answers to judging_saes.orthonormal that learners give, with the sentence to say for each."""

import torch

from mi_tutor.tutor.misconceptions import misconception, probe


@probe("judging_saes.orthonormal", atol=1e-3)
def observe_orthonormal(orthonormal):
    """Dot products and projection of the result, which do not depend on the basis chosen; then the gradient."""
    free = torch.tensor([[2.0, 5.0], [0.5, 4.0], [0.3, -1.0]])
    got = orthonormal(free.clone())
    yield got.T @ got
    yield got @ got.T
    free.requires_grad_()
    got = orthonormal(free)
    if not got.requires_grad:
        yield "no gradient"
        return
    (got @ got.T * torch.tensor([[1.0, 2.0, 0.0], [0.5, -1.0, 3.0], [0.0, 1.0, 2.0]])).sum().backward()
    yield free.grad


@misconception(
    "judging_saes.orthonormal",
    says="Your columns have norm 1 but are not at right angles. What two of them share would be exchanged twice.",
)
def only_scales(free):
    return torch.nn.functional.normalize(free, dim=0)


@misconception("judging_saes.orthonormal", says="You scale rows. A basis vector is a column.")
def scales_rows(free):
    return torch.nn.functional.normalize(free, dim=1)


@misconception(
    "judging_saes.orthonormal",
    says="No gradient flows back to free. The basis is right today and will never be turned.",
)
def cuts_off_the_gradient(free):
    return torch.linalg.qr(free.detach()).Q


@misconception(
    "judging_saes.orthonormal",
    says="Your columns span the first axes of the space, whatever the columns of free span.",
)
def takes_the_axes(free):
    return torch.eye(len(free))[:, : free.shape[1]] + 0 * free


@misconception(
    "judging_saes.orthonormal",
    says=(
        "You make the columns perpendicular and leave their lengths. Each needs norm 1, or the interchange takes more "
        "or less than the source's part."
    ),
)
def leaves_the_lengths(free):
    columns = []
    for column in free.T:
        for earlier in columns:
            column = column - (column @ earlier) / (earlier @ earlier) * earlier
        columns.append(column)
    return torch.stack(columns, dim=1)
