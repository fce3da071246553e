"""Wrong answers to circuits.composition_scores that learners give, with the sentence to say for each."""

import torch

from mi_tutor.tutor.judge import seeded
from mi_tutor.tutor.misconceptions import misconception, probe


@probe("circuits.composition_scores")
def observe_composition_scores(composition_scores):
    """Random low-rank matrices, then the same at another scale."""
    g = seeded()

    def low_rank():
        return torch.randn(5, 2, generator=g) @ torch.randn(2, 5, generator=g)

    ov1, qk2, ov2 = low_rank(), low_rank(), low_rank()
    for scale in (1.0, 3.0):
        scores = composition_scores(scale * ov1, qk2, ov2)
        for name in "QKV":
            yield scores[name]


def _frobenius(product, one, two):
    return float(product.norm() / (one.norm() * two.norm()))


@misconception(
    "circuits.composition_scores",
    says=(
        "Your K-score does not transpose QK, so it is the Q-score again. The earlier head's output stands to the right "
        "of QK when it becomes part of the key."
    ),
)
def k_is_q_again(first_ov, second_qk, second_ov):
    q = _frobenius(first_ov @ second_qk, first_ov, second_qk)
    return {"Q": q, "K": q, "V": _frobenius(first_ov @ second_ov, first_ov, second_ov)}


@misconception(
    "circuits.composition_scores",
    says=(
        "You have exchanged Q and K. In x_query @ QK @ x_key the query stands at the left: the earlier head's output, "
        "as part of the query, meets the left side of QK."
    ),
)
def exchanges_q_and_k(first_ov, second_qk, second_ov):
    return {
        "Q": _frobenius(first_ov @ second_qk.T, first_ov, second_qk),
        "K": _frobenius(first_ov @ second_qk, first_ov, second_qk),
        "V": _frobenius(first_ov @ second_ov, first_ov, second_ov),
    }


@misconception(
    "circuits.composition_scores",
    says=(
        "Your products have the later head first: that is the paper's order, for column vectors. Here a row goes "
        "through first_ov, and the result meets the later head."
    ),
)
def later_head_first(first_ov, second_qk, second_ov):
    return {
        "Q": _frobenius(second_qk.T @ first_ov, first_ov, second_qk),
        "K": _frobenius(second_qk @ first_ov, first_ov, second_qk),
        "V": _frobenius(second_ov @ first_ov, first_ov, second_ov),
    }


@misconception(
    "circuits.composition_scores",
    says=(
        "You do not divide by the norms. Then a pair of heads with large weights composes with everything, and numbers "
        "of different heads cannot be compared."
    ),
)
def forgets_the_norms(first_ov, second_qk, second_ov):
    reads = {"Q": second_qk, "K": second_qk.T, "V": second_ov}
    return {name: float((first_ov @ read).norm()) for name, read in reads.items()}


@misconception(
    "circuits.composition_scores",
    says=(
        "You use the largest singular value as the norm. It sees one direction only; the Frobenius norm adds up all of "
        "them."
    ),
)
def uses_spectral_norms(first_ov, second_qk, second_ov):
    def size(matrix):
        return torch.linalg.matrix_norm(matrix, ord=2)

    reads = {"Q": second_qk, "K": second_qk.T, "V": second_ov}
    return {name: float(size(first_ov @ read) / (size(first_ov) * size(read))) for name, read in reads.items()}


@misconception(
    "circuits.composition_scores",
    says=(
        "Your products have the later head first. Residual vectors are rows here: a row goes through first_ov, and "
        "the result meets the later head. The paper's order is for column vectors."
    ),
)
def later_head_first_as_it_stands(first_ov, second_qk, second_ov):
    return {
        "Q": _frobenius(second_qk @ first_ov, first_ov, second_qk),
        "K": _frobenius(second_qk.T @ first_ov, first_ov, second_qk),
        "V": _frobenius(second_ov @ first_ov, first_ov, second_ov),
    }
