"""Wrong answers to circuits.copying_score that learners give, with the sentence to say for each."""

import torch

from mi_tutor.tutor.judge import seeded
from mi_tutor.tutor.misconceptions import misconception, probe


@probe("circuits.copying_score", atol=1e-4)
def observe_copying_score(copying_score):
    """Mixed signs, complex eigenvalues, no eigenvalues, a random pair."""
    g = seeded()
    yield copying_score(torch.eye(3), torch.tensor([[3.0, 5.0, 0.0], [0.0, 1.0, 4.0], [0.0, 0.0, -2.0]]))
    yield copying_score(torch.eye(2), torch.tensor([[0.6, 0.8], [-0.8, 0.6]]))
    yield copying_score(torch.eye(2), torch.zeros(2, 2))
    yield copying_score(torch.randn(8, 3, generator=g), torch.randn(3, 8, generator=g))
    yield copying_score(torch.ones(4, 1), -torch.ones(1, 4))


@misconception(
    "circuits.copying_score",
    says=(
        "You count how many eigenvalues are positive. Most eigenvalues are tiny and say little; the large ones should "
        "decide."
    ),
)
def counts_the_positive_ones(w_in, w_out):
    eigenvalues = torch.linalg.eigvals(w_out @ w_in)
    return float((eigenvalues.real > 0).float().mean())


@misconception(
    "circuits.copying_score",
    says=(
        "In the denominator you drop the imaginary parts. A head that turns tokens into each other has eigenvalues of "
        "large absolute value and small real part; without the imaginary part it looks like a copier."
    ),
)
def drops_the_imaginary_part(w_in, w_out):
    real = torch.linalg.eigvals(w_out @ w_in).real
    total = real.abs().sum()
    return float(real.sum() / total) if total > 0 else 0.0


@misconception(
    "circuits.copying_score",
    says=(
        "You use singular values. They tell how strongly a head writes, whatever it writes: they are never negative, "
        "and do not know whether input and output are the same token."
    ),
)
def uses_singular_values(w_in, w_out):
    return float(
        torch.linalg.eigvals(w_out @ w_in).sum().real / torch.linalg.svdvals(w_in @ w_out).sum().clamp_min(1e-12)
    )


@misconception(
    "circuits.copying_score",
    says="Where the head has no effect at all you return nan: 0 divided by 0. The docstring asks for 0.",
)
def divides_by_nothing(w_in, w_out):
    eigenvalues = torch.linalg.eigvals(w_out @ w_in)
    return float(eigenvalues.sum().real / eigenvalues.abs().sum())


@misconception(
    "circuits.copying_score",
    says=(
        "You read the diagonal of the small matrix. Its sum is the sum of the eigenvalues, but the entries are not "
        "the eigenvalues, and their absolute values add up to something else."
    ),
)
def reads_the_diagonal(w_in, w_out):
    diagonal = torch.diagonal(w_out @ w_in)
    total = diagonal.abs().sum()
    return float(diagonal.sum() / total) if total > 0 else 0.0


@misconception(
    "circuits.copying_score",
    says=(
        "You use singular values in place of eigenvalues. They are never negative, so your score is 1 for every head, "
        "also for one that suppresses what it sees."
    ),
)
def sums_singular_values(w_in, w_out):
    values = torch.linalg.svdvals(w_out @ w_in)
    total = values.abs().sum()
    return float(values.sum() / total) if total > 0 else 0.0


@misconception(
    "circuits.copying_score",
    says=(
        "You set the share of positive eigenvalues against the share of negative ones. Most eigenvalues are tiny and "
        "say little; the large ones should decide."
    ),
)
def weighs_all_signs_alike(w_in, w_out):
    eigenvalues = torch.linalg.eigvals(w_out @ w_in)
    if eigenvalues.abs().sum() == 0:
        return 0.0
    return float((eigenvalues.real > 0).float().mean() * 2 - 1)
