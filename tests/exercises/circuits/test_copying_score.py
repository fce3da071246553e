"""Checks of circuits.copying_score: Does a head copy?"""

import pytest
import torch

from mi_tutor.exercises import circuits
from mi_tutor.tutor.judge import holds, same, seeded


@pytest.mark.exercise("circuits.copying_score")
def test_a_head_that_copies_and_one_that_suppresses():
    """A head that raises what it sees scores 1, and one that lowers what it sees scores -1."""
    w_in = torch.tensor([[1.0, 0.0], [0.0, 2.0], [1.0, 1.0]])
    for sign in (1.0, -1.0):
        same(
            circuits.copying_score(w_in, sign * w_in.T),
            sign,
            given={"w_in": w_in, "w_out": sign * w_in.T},
            teach="w_in @ w_in.T has the eigenvalues 0, 2 and 5: all positive. With a minus they are all negative.",
        )


@pytest.mark.exercise("circuits.copying_score")
def test_large_eigenvalues_count_more():
    """Eigenvalues 3, 1 and -2 make (3 + 1 - 2) / (3 + 1 + 2) = 1/3."""
    w_in = torch.eye(3)
    w_out = torch.tensor([[3.0, 5.0, 0.0], [0.0, 1.0, 4.0], [0.0, 0.0, -2.0]])
    same(
        circuits.copying_score(w_in, w_out),
        1 / 3,
        given={"w_in": "the identity", "w_out": w_out},
        teach=(
            "The eigenvalues of a triangular matrix stand on its diagonal. Its singular values are others, and are "
            "never negative. How many eigenvalues are positive does not matter, but how large they are."
        ),
    )
    same(
        circuits.copying_score(0.01 * w_in, w_out),
        1 / 3,
        given={"w_in": "a hundredth of the identity", "w_out": w_out},
        teach="All eigenvalues are a hundredth of what they were, and their shares are the same.",
    )


@pytest.mark.exercise("circuits.copying_score")
def test_a_rotation_copies_nothing():
    """A head that turns token 0 into token 1 and token 1 into minus token 0 has eigenvalues ±i and scores 0."""
    w_in = torch.tensor([[1.0, 0.0], [0.0, 1.0], [0.0, 0.0]])
    w_out = torch.tensor([[0.0, 1.0, 0.0], [-1.0, 0.0, 0.0]])
    same(
        circuits.copying_score(w_in, w_out),
        0.0,
        given={"w_in": w_in, "w_out": w_out},
        teach="The sum of i and -i is 0, and their absolute values add up to 2.",
    )


@pytest.mark.exercise("circuits.copying_score")
def test_turning_and_copying():
    """A head that turns two tokens by less than a right angle has eigenvalues 0.6 ± 0.8i and scores 0.6."""
    w_in = torch.tensor([[1.0, 0.0], [0.0, 1.0], [0.0, 0.0]])
    turning = torch.tensor([[0.6, 0.8, 0.0], [-0.8, 0.6, 0.0]])
    same(
        circuits.copying_score(w_in, turning),
        0.6,
        given={"w_in": w_in, "w_out": turning},
        teach="The eigenvalues are 0.6 ± 0.8i. Each has absolute value 1, so the score is (0.6 + 0.6) / 2.",
    )


@pytest.mark.exercise("circuits.copying_score")
def test_a_head_without_effect():
    """Where every eigenvalue is 0 the score is 0, not nan."""
    w_in = torch.tensor([[0.0, 0.0], [1.0, 1.0]])
    same(
        circuits.copying_score(w_in, torch.zeros(2, 2)),
        0.0,
        given={"w_in": w_in, "w_out": "zeros"},
        teach="0 divided by 0 appears here. The docstring says 0.",
    )


@pytest.mark.exercise("circuits.copying_score")
def test_copying_score_against_the_whole_matrix(seed):
    """For a small vocabulary it agrees with numpy's eigenvalues of the whole matrix."""
    import numpy as np

    g = seeded(seed)
    w_in, w_out = torch.randn(9, 3, generator=g), torch.randn(3, 9, generator=g) + 0.3
    eigenvalues = np.linalg.eigvals((w_in.double() @ w_out.double()).numpy())
    same(
        circuits.copying_score(w_in, w_out),
        float(eigenvalues.sum().real / np.abs(eigenvalues).sum()),
        given={"w_in": w_in, "w_out": w_out},
        teach="The sum of the eigenvalues, divided by the sum of their absolute values.",
        atol=1e-3,
    )


@pytest.mark.exercise("circuits.copying_score")
def test_the_whole_matrix_is_never_formed():
    """For a vocabulary of 300 no tensor with 300 × 300 entries is made on the way."""
    from torch.overrides import TorchFunctionMode

    class Largest(TorchFunctionMode):
        entries = 0

        def __torch_function__(self, func, types, args=(), kwargs=None):
            result = func(*args, **(kwargs or {}))
            for one in result if isinstance(result, (tuple, list)) else [result]:
                if isinstance(one, torch.Tensor):
                    self.entries = max(self.entries, one.numel())
            return result

    w_in = torch.randn(300, 4, generator=seeded(0))
    with Largest() as largest:
        circuits.copying_score(w_in, w_in.T.contiguous() + 0.1)
    holds(
        largest.entries < 300 * 300,
        "For SmolLM2 the whole matrix would take 9.7 GB. w_in @ w_out and w_out @ w_in have the same eigenvalues, "
        "apart from zeros. Which of the two is small?",
        given={"w_in": "300 × 4", "w_out": "4 × 300"},
        got=f"a tensor of {largest.entries} entries",
        expected="fewer than 90000",
    )
