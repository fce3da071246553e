"""Checks of circuits.composition_scores: Can a later head read what an earlier head wrote?"""

import pytest
import torch

from mi_tutor.exercises import circuits
from mi_tutor.tutor.judge import same, seeded

OV_1 = torch.tensor([[0.0, 3.0], [0.0, 4.0]])  # writes into dimension 1 only; norm 5
QK_2 = torch.tensor([[0.0, 1.0], [0.0, 0.0]])  # queries read dimension 0, keys read dimension 1; norm 1
OV_2 = torch.tensor([[1.0, 0.0], [1.0, 1.0]])  # norm sqrt 3


@pytest.mark.exercise("circuits.composition_scores")
def test_composition_by_hand():
    """A head that writes where only the later head's keys read has K-composition 1 and Q-composition 0."""
    scores = circuits.composition_scores(OV_1, QK_2, OV_2)
    same(
        [scores.get("Q"), scores.get("K")],
        [0.0, 1.0],
        given={"first_ov": OV_1, "second_qk": QK_2},
        teach="x_query @ second_qk @ x_key: the earlier head's output can stand at the left (Q) or at the right (K).",
        what="[Q, K]",
    )


@pytest.mark.exercise("circuits.composition_scores")
def test_values_by_hand():
    """Rows go through first_ov, then second_ov: the product has norm sqrt 50, so V is sqrt 50 / (5 sqrt 3)."""
    same(
        circuits.composition_scores(OV_1, QK_2, OV_2).get("V"),
        (50 / 75) ** 0.5,
        given={"first_ov": OV_1, "second_ov": OV_2},
        teach="first_ov @ second_ov = [[3, 3], [4, 4]].",
        what="V",
    )


@pytest.mark.exercise("circuits.composition_scores")
def test_size_does_not_matter():
    """Scores do not change when a matrix is multiplied by a number, also by a negative one."""
    same(
        circuits.composition_scores(7 * OV_1, -0.01 * QK_2, 3 * OV_2),
        {"Q": 0.0, "K": 1.0, "V": (50 / 75) ** 0.5},
        given={"first_ov": 7 * OV_1, "second_qk": -0.01 * QK_2, "second_ov": 3 * OV_2},
        teach="Divide by the norms of both matrices; a norm is never negative.",
        what="scores",
    )


@pytest.mark.exercise("circuits.composition_scores")
def test_composition_against_sums(seed):
    """On random matrices it agrees with sums of squares, entry by entry."""
    g = seeded(seed)
    ov1, qk2, ov2 = torch.randn(4, 4, generator=g), torch.randn(4, 4, generator=g), torch.randn(4, 4, generator=g)

    def size(entries) -> float:
        return sum(float(e) ** 2 for e in entries) ** 0.5

    def score(entry, other) -> float:
        product = [sum(ov1[i, m] * entry(m, j) for m in range(4)) for i in range(4) for j in range(4)]
        return size(product) / (size(ov1.flatten()) * size(other.flatten()))

    same(
        circuits.composition_scores(ov1, qk2, ov2),
        {
            "Q": score(lambda m, j: qk2[m, j], qk2),
            "K": score(lambda m, j: qk2[j, m], qk2),
            "V": score(lambda m, j: ov2[m, j], ov2),
        },
        given={"first_ov": ov1, "second_qk": qk2, "second_ov": ov2},
        teach="The Frobenius norm is the square root of the sum of all squared entries.",
        what="scores",
        rtol=1e-3,
    )
