"""Wrong answers to circuits.qk_ov that learners give, with the sentence to say for each."""

import torch

from mi_tutor.tutor.judge import seeded
from mi_tutor.tutor.misconceptions import misconception, probe


@probe("circuits.qk_ov")
def observe_qk_ov(qk_ov):
    """Four heads in two groups: each head of the layer."""
    g = seeded()
    w_q, w_k = torch.randn(4, 5, 2, generator=g), torch.randn(2, 5, 2, generator=g)
    w_v, w_o = torch.randn(2, 5, 2, generator=g), torch.randn(4, 2, 5, generator=g)
    for head in range(4):
        yield qk_ov(w_q, w_k, w_v, w_o, head)


@misconception(
    "circuits.qk_ov",
    says=(
        "Your key-value head is head modulo the number of key-value heads. Consecutive query heads share one; they do "
        "not take turns."
    ),
)
def takes_turns_at_key_values(w_q, w_k, w_v, w_o, head):
    shared = head % len(w_k)
    return w_q[head] @ w_k[shared].T, w_v[shared] @ w_o[head]


@misconception(
    "circuits.qk_ov",
    says=(
        "Your QK is transposed: its left side reads the key and its right side the query. Write down x_query @ QK @ "
        "x_key and see which weight meets x_query first."
    ),
)
def keys_on_the_left(w_q, w_k, w_v, w_o, head):
    shared = head // (len(w_q) // len(w_k))
    return w_k[shared] @ w_q[head].T, w_v[shared] @ w_o[head]


@misconception(
    "circuits.qk_ov",
    says=(
        "Your OV is transposed: it is made for column vectors, as in the paper. In this course vectors are rows, and a "
        "row meets w_v first."
    ),
)
def column_vectors_for_ov(w_q, w_k, w_v, w_o, head):
    shared = head // (len(w_q) // len(w_k))
    return w_q[head] @ w_k[shared].T, (w_v[shared] @ w_o[head]).T


@misconception(
    "circuits.qk_ov",
    says=(
        "You divide QK by the square root of d_head. The model does that later, to the scores; the docstring asks for "
        "the product of the two matrices alone."
    ),
)
def divides_by_root_d_head(w_q, w_k, w_v, w_o, head):
    shared = head // (len(w_q) // len(w_k))
    return w_q[head] @ w_k[shared].T / w_q.shape[-1] ** 0.5, w_v[shared] @ w_o[head]


@misconception(
    "circuits.qk_ov",
    says="You return OV first and QK second. The pair is (QK, OV).",
)
def pair_in_the_other_order(w_q, w_k, w_v, w_o, head):
    shared = head // (len(w_q) // len(w_k))
    return w_v[shared] @ w_o[head], w_q[head] @ w_k[shared].T


@misconception(
    "circuits.qk_ov",
    says=(
        "You take w_o with the number of the key-value head. Only w_k and w_v are shared; w_q and w_o belong to the "
        "query head."
    ),
)
def shares_the_output_too(w_q, w_k, w_v, w_o, head):
    shared = head // (len(w_q) // len(w_k))
    return w_q[head] @ w_k[shared].T, w_v[shared] @ w_o[shared]
