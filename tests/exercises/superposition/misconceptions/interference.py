"""Wrong answers to superposition.interference that learners give, with the sentence to say for each."""

import torch

from mi_tutor.tutor.misconceptions import misconception, probe


@probe("superposition.interference")
def observe_interference(interference):
    """Unequal norms, a zero column, as many dimensions as features."""
    yield interference(torch.tensor([[[3.0, -2.0], [0.0, 1.0]]]))
    yield interference(torch.tensor([[[1.0, 0.5, 0.0], [0.0, 2.0, 0.0]]]))


@misconception(
    "superposition.interference",
    says="Your sum includes j = i, so even a feature that is alone interferes with itself.",
)
def counts_itself(W):
    unit = torch.nn.functional.normalize(W, dim=1)
    return torch.einsum("ihf,ihg->ifg", unit, W).pow(2).sum(-1)


@misconception(
    "superposition.interference",
    says=(
        "You do not scale the measured direction to norm 1: you sum squared entries of the Gram matrix. A long "
        "feature then seems to suffer more."
    ),
)
def no_unit_vectors(W):
    shared = torch.einsum("ihf,ihg->ifg", W, W).pow(2)
    return shared.sum(-1) - shared.diagonal(dim1=1, dim2=2)


@misconception(
    "superposition.interference",
    says=(
        "You scale both vectors to norm 1. A feature with a tiny direction then disturbs as much as a large one; Wⱼ "
        "should keep its norm."
    ),
)
def both_unit_vectors(W):
    unit = torch.nn.functional.normalize(W, dim=1)
    shared = torch.einsum("ihf,ihg->ifg", unit, unit).pow(2)
    return shared.sum(-1) - shared.diagonal(dim1=1, dim2=2)


@misconception(
    "superposition.interference",
    says="You scale the rows of W, which belong to hidden dimensions. The direction of a feature is a column.",
)
def unit_rows(W):
    unit = torch.nn.functional.normalize(W, dim=2)
    shared = torch.einsum("ihf,ihg->ifg", unit, W).pow(2)
    return shared.sum(-1) - shared.diagonal(dim1=1, dim2=2)


@misconception(
    "superposition.interference",
    says=(
        "You sum over the wrong axis: what feature i writes into the others, instead of what the others write along i."
    ),
)
def what_it_does_to_others(W):
    unit = torch.nn.functional.normalize(W, dim=1)
    shared = torch.einsum("ihf,ihg->ifg", unit, W).pow(2)
    return shared.sum(1) - shared.diagonal(dim1=1, dim2=2)


@misconception(
    "superposition.interference",
    says=(
        "You divide by the norm of every column, and for a column of zeros that is 0/0: nan. Such a feature has "
        "interference 0."
    ),
)
def divides_by_zero_norms(W):
    unit = W / W.norm(dim=1, keepdim=True)
    shared = torch.einsum("ihf,ihg->ifg", unit, W).pow(2)
    return shared.sum(-1) - shared.diagonal(dim1=1, dim2=2)


@misconception(
    "superposition.interference",
    says="You add up the dot products without squaring them, so positive and negative interference cancel.",
)
def not_squared(W):
    unit = torch.nn.functional.normalize(W, dim=1)
    shared = torch.einsum("ihf,ihg->ifg", unit, W)
    return shared.sum(-1) - shared.diagonal(dim1=1, dim2=2)
