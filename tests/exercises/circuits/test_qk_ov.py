"""Checks of circuits.qk_ov: Two matrices that say all about a head."""

import pytest
import torch

from mi_tutor.exercises import circuits
from mi_tutor.tutor.judge import same, seeded

# One layer with 4 query heads in 2 groups; d_model 3, d_head 2. All numbers differ, so that no mix-up goes unseen.
W_Q = torch.tensor([[[1.0, 0.0], [2.0, 1.0], [0.0, -1.0]]]) + torch.arange(4.0)[:, None, None]
W_K = torch.tensor([[[0.0, 1.0], [1.0, 3.0], [2.0, 0.0]], [[1.0, -2.0], [0.0, 1.0], [4.0, 1.0]]])
W_V = torch.tensor([[[2.0, 0.0], [0.0, 1.0], [1.0, 1.0]], [[-1.0, 2.0], [3.0, 0.0], [0.0, 5.0]]])
W_O = torch.tensor([[[1.0, 2.0, 0.0], [0.0, -1.0, 3.0]]]) * torch.arange(1.0, 5.0)[:, None, None]


@pytest.mark.exercise("circuits.qk_ov")
def test_the_qk_circuit_by_hand():
    """QK has the query's matrix on its left: x_query @ QK @ x_key is the product of query and key."""
    same(
        circuits.qk_ov(W_Q, W_K, W_V, W_O, 0)[0],
        torch.tensor([[0.0, 1.0, 2.0], [1.0, 5.0, 4.0], [-1.0, -3.0, 0.0]]),
        given={"w_q[0]": W_Q[0], "w_k[0]": W_K[0]},
        teach="Entry (i, j) is the dot product of row i of w_q[0] and row j of w_k[0].",
        what="QK",
    )


@pytest.mark.exercise("circuits.qk_ov")
def test_the_ov_circuit_by_hand():
    """OV has the value's matrix on its left: x_key @ OV is what the head adds when it attends to x_key only."""
    same(
        circuits.qk_ov(W_Q, W_K, W_V, W_O, 0)[1],
        torch.tensor([[2.0, 4.0, 0.0], [0.0, -1.0, 3.0], [1.0, 1.0, 3.0]]),
        given={"w_v[0]": W_V[0], "w_o[0]": W_O[0]},
        teach="Follow one row vector: first w_v brings it into the head, then w_o brings it back.",
        what="OV",
    )


@pytest.mark.exercise("circuits.qk_ov")
def test_heads_of_a_group_share_keys_and_values():
    """Head 1 still uses key-value head 0, with query and output matrices of its own; head 2 uses key-value head 1."""
    for head, shared in ((1, 0), (2, 1), (3, 1)):
        qk, ov = circuits.qk_ov(W_Q, W_K, W_V, W_O, head)
        expected_qk = [[sum(a * b for a, b in zip(q, k, strict=True)) for k in W_K[shared]] for q in W_Q[head]]
        expected_ov = [[sum(a * b for a, b in zip(v, o, strict=True)) for o in W_O[head].T] for v in W_V[shared]]
        for name, got, expected in (("QK", qk, expected_qk), ("OV", ov, expected_ov)):
            same(
                got,
                torch.tensor(expected),
                given={"query heads": 4, "key-value heads": 2, "head": head},
                teach=f"Query head {head} uses w_k and w_v of key-value head {shared}; w_q and w_o are its own.",
                what=name,
            )


@pytest.mark.exercise("circuits.qk_ov")
def test_the_two_matrices_do_what_the_head_does(seed):
    """On random vectors, scores and output agree with query, key, value and output computed one after the other."""
    g = seeded(seed)
    w_q, w_k = torch.randn(6, 7, 3, generator=g), torch.randn(2, 7, 3, generator=g)
    w_v, w_o = torch.randn(2, 7, 3, generator=g), torch.randn(6, 3, 7, generator=g)
    x, y = torch.randn(7, generator=g), torch.randn(7, generator=g)
    for head, shared in ((2, 0), (4, 1)):
        qk, ov = (matrix.float() for matrix in circuits.qk_ov(w_q, w_k, w_v, w_o, head))
        given = {"w_q": w_q, "w_k": w_k, "head": head}
        same(
            x @ qk @ y,
            torch.dot(x @ w_q[head], y @ w_k[shared]),
            given=given,
            teach="The score of query x and key y is (x @ w_q) · (y @ w_k), not divided by anything.",
            what="score",
            atol=1e-3,
        )
        same(
            y @ ov,
            (y @ w_v[shared]) @ w_o[head],
            given=given,
            teach="The head moves (y @ w_v) @ w_o.",
            what="output",
            atol=1e-3,
        )
