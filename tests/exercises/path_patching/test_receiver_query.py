"""Checks of path_patching.receiver_query: What the receiver asks for now."""

import math

import pytest
import torch

from mi_tutor.exercises import path_patching
from mi_tutor.tutor.judge import same, seeded


def two(**changed) -> dict:
    """Two prompts whose vectors have another rms each."""
    parts = {
        "residual": torch.tensor([[4.0, 7.0], [10.0, 2.0]]),
        "z": torch.tensor([[2.0, 1.0], [1.0, 0.0]]),
        "z_new": torch.tensor([[0.5, 1.0], [3.0, 0.0]]),
        "w_o": torch.tensor([[2.0, 0.0], [1.0, 3.0]]),
        "gain": torch.tensor([1.0, 1.0]),
        "eps": 0.0,
        "w_q": torch.tensor([[1.0, 0.0], [2.0, 1.0]]),
    }
    return parts | changed


@pytest.mark.exercise("path_patching.receiver_query")
def test_query_by_hand():
    """The receiver reads (1, 7) instead of (4, 7). Its rms is 5, and the query (1 + 14, 7) / 5."""
    same(
        path_patching.receiver_query(**two()),
        torch.tensor([[3.0, 1.4], [1.8, 0.2]]),
        given=two(),
        teach="In the first prompt the sender writes 3 less on the first axis. Then the receiver's norm, then its "
        "query matrix. In the second prompt it reads (14, 2) with rms 10: each prompt has a norm of its own.",
    )


@pytest.mark.exercise("path_patching.receiver_query")
def test_gain_and_eps():
    """Gain and eps are those of the norm in front of the receiver."""
    changed = {"gain": torch.tensor([3.0, 0.5]), "eps": 11.0}
    second = math.sqrt(111.0)
    same(
        path_patching.receiver_query(**two(**changed)),
        torch.tensor([[(3.0 + 7.0) / 6, 3.5 / 6], [(42.0 + 2.0) / second, 1.0 / second]]),
        given=two(**changed),
        teach="In the first prompt the rms is sqrt(25 + 11) = 6; the normed vector is (3, 3.5) / 6.",
    )


@pytest.mark.exercise("path_patching.receiver_query")
def test_nothing_sent():
    """A sender that says the same leaves the query as it was in the plain run."""
    changed = {"z_new": torch.tensor([[2.0, 1.0], [1.0, 0.0]])}
    first, second = math.sqrt(32.5), math.sqrt(52.0)
    same(
        path_patching.receiver_query(**two(**changed)),
        torch.tensor([[18.0 / first, 7.0 / first], [14.0 / second, 2.0 / second]]),
        given=two(**changed),
        teach="The answer is the whole query, not its change: everything else in the residual is still there.",
    )


@pytest.mark.exercise("path_patching.receiver_query")
def test_against_a_loop(seed):
    """On random prompts it agrees with plain arithmetic, one prompt at a time."""
    g = seeded(seed)
    residual, z, z_new = (torch.randn(4, n, generator=g) for n in (5, 3, 3))
    w_o, w_q, gain = torch.randn(3, 5, generator=g), torch.randn(5, 3, generator=g), torch.rand(5, generator=g) + 0.5
    expected = torch.zeros(4, 3)
    for prompt in range(4):
        x = residual[prompt] - z[prompt] @ w_o + z_new[prompt] @ w_o
        expected[prompt] = (x * gain) @ w_q / (sum(v * v for v in x.tolist()) / 5 + 0.2) ** 0.5
    same(
        path_patching.receiver_query(residual, z, z_new, w_o, gain, 0.2, w_q),
        expected,
        teach="Take the sender's old output out, put the new one in, norm, project.",
        atol=1e-4,
    )
