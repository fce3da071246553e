"""Wrong answers to superposition.gram_matrix that learners give, with the sentence to say for each."""

import torch

from mi_tutor.tutor.misconceptions import misconception, probe


@probe("superposition.gram_matrix")
def observe_gram_matrix(gram_matrix):
    """Unequal norms, two instances, as many dimensions as features."""
    yield gram_matrix(torch.tensor([[[1.0, 2.0], [0.5, -1.0]], [[0.0, 3.0], [1.0, 1.0]]]))
    yield gram_matrix(torch.tensor([[[1.0, 2.0, 0.0], [0.5, -1.0, 2.0]]]))


@misconception(
    "superposition.gram_matrix",
    says=(
        "You compare the rows of W: your matrix is hidden × hidden, how alike two neurons are. The Gram matrix "
        "compares features, the columns."
    ),
)
def compares_neurons(W):
    return torch.einsum("ihf,igf->ihg", W, W)


@misconception(
    "superposition.gram_matrix",
    says=(
        "You scale the columns to norm 1 first. That gives cosines; the Gram matrix keeps the norms, and its diagonal "
        "shows them."
    ),
)
def cosines(W):
    unit = torch.nn.functional.normalize(W, dim=1)
    return torch.einsum("ihf,ihg->ifg", unit, unit)


@misconception(
    "superposition.gram_matrix",
    says=(
        "You have squared the dot products. The sign matters: the ReLU removes negative interference and lets "
        "positive through."
    ),
)
def squares_the_products(W):
    return torch.einsum("ihf,ihg->ifg", W, W).pow(2)


@misconception(
    "superposition.gram_matrix",
    says="Your diagonal is empty. The squared norms belong there; they say which features are represented.",
)
def empties_the_diagonal(W):
    gram = torch.einsum("ihf,ihg->ifg", W, W)
    return gram * (1 - torch.eye(W.shape[-1]))
