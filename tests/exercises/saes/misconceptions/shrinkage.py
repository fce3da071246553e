"""Wrong answers to saes.shrinkage that learners give, with the sentence to say for each."""

from mi_tutor.tutor.judge import seeded
from mi_tutor.tutor.misconceptions import misconception, probe


@probe("saes.shrinkage")
def observe_shrinkage(shrinkage):
    """Rows of different lengths, noise in other directions, a bias away from 0."""
    import torch

    g = seeded(5)
    b_dec = torch.tensor([1.0, -2.0, 0.5])
    wanted = torch.randn(7, 3, generator=g) * torch.rand(7, 1, generator=g) * 4
    written = 0.6 * wanted + 0.4 * torch.randn(7, 3, generator=g)
    yield shrinkage(b_dec + wanted, b_dec + written, b_dec)
    yield shrinkage(b_dec + torch.tensor([[3.0, 5.0, 0.0]]), b_dec + torch.tensor([[3.0, 0.0, 0.0]]), b_dec)


@misconception(
    "saes.shrinkage",
    says=(
        "You compare how long reconstructions and activations are. A reconstruction that misses a whole feature is "
        "shorter too, without being too short in what it writes."
    ),
)
def compares_lengths(x, x_hat, b_dec):
    return float((x_hat - b_dec).norm(dim=-1).mean() / (x - b_dec).norm(dim=-1).mean())


@misconception(
    "saes.shrinkage",
    says=(
        "You compare lengths row by row and average. A reconstruction that misses a whole feature is shorter too, "
        "without being too short in what it writes. And one γ is to serve all rows."
    ),
)
def averages_ratios_of_lengths(x, x_hat, b_dec):
    return float(((x_hat - b_dec).norm(dim=-1) / (x - b_dec).norm(dim=-1)).mean())


@misconception(
    "saes.shrinkage",
    says=(
        "You compare total energies: the sum of squares of the reconstructions with that of the activations. What is "
        "missed lowers it just as shrinkage does."
    ),
)
def compares_energies(x, x_hat, b_dec):
    return float(((x_hat - b_dec).square().sum() / (x - b_dec).square().sum()).sqrt())


@misconception(
    "saes.shrinkage",
    says=(
        "You scale the activations to meet the reconstructions. Then everything the SAE misses looks like shrinkage. "
        "Scale the reconstructions."
    ),
)
def regresses_the_other_way(x, x_hat, b_dec):
    wanted = x - b_dec
    return float(((x_hat - b_dec) * wanted).sum() / wanted.square().sum())


@misconception(
    "saes.shrinkage",
    says="You return the factor by which to multiply. γ is what to divide by: below 1 where reconstructions are short.",
)
def returns_the_inverse(x, x_hat, b_dec):
    written = x_hat - b_dec
    return float((written * (x - b_dec)).sum() / written.square().sum())


@misconception(
    "saes.shrinkage",
    says=(
        "You leave b_dec in. It is the same in activations and reconstructions and never shrinks, so it pulls γ "
        "towards 1."
    ),
)
def leaves_the_bias_in(x, x_hat, b_dec):
    return float(x_hat.square().sum() / (x_hat * x).sum())


@misconception(
    "saes.shrinkage",
    says="You find a γ for each row and average. One γ serves all rows, and long rows weigh more in it.",
)
def averages_over_rows(x, x_hat, b_dec):
    written = x_hat - b_dec
    return float((written.square().sum(-1) / (written * (x - b_dec)).sum(-1)).mean())
