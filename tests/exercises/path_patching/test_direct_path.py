"""Checks of path_patching.direct_path: Straight to the logits."""

import math

import pytest
import torch

from mi_tutor.exercises import path_patching
from mi_tutor.tutor.judge import same, seeded


def two(**changed) -> dict:
    """Two prompts, d_head 1, a head that writes on the first of two residual axes."""
    parts = {
        "z": torch.tensor([[2.0], [1.0]]),
        "z_new": torch.tensor([[0.5], [3.0]]),
        "w_o": torch.tensor([[2.0, 0.0]]),
        "residual": torch.tensor([[4.0, 7.0], [10.0, 2.0]]),
        "gain": torch.tensor([1.0, 1.0]),
        "eps": 0.0,
        "direction": torch.tensor([[1.0, -1.0], [2.0, 1.0]]),
    }
    return parts | changed


@pytest.mark.exercise("path_patching.direct_path")
def test_no_change_no_effect():
    """A head that says the same in both runs has no effect, however much it writes."""
    same(
        path_patching.direct_path(**two(z_new=torch.tensor([[2.0], [1.0]]))),
        torch.zeros(2),
        given=two(z_new=torch.tensor([[2.0], [1.0]])),
        teach="Nothing changes, so both scores are the same. What the head writes is in the residual already.",
    )


@pytest.mark.exercise("path_patching.direct_path")
def test_the_norm_is_computed_anew():
    """The residual (4, 7) becomes (1, 7): its rms sqrt(32.5) turns into 5. And (10, 2) becomes (14, 2), with rms 10."""
    same(
        path_patching.direct_path(**two()),
        torch.tensor([-6.0 / 5 - -3.0 / math.sqrt(32.5), 30.0 / 10 - 22.0 / math.sqrt(52.0)]),
        given=two(),
        teach="Scores: first prompt (1 - 7) / 5 after and (4 - 7) / 5.70 before; second (2 * 14 + 2) / 10 and "
        "(2 * 10 + 2) / 7.21. Each prompt has a norm of its own.",
    )


@pytest.mark.exercise("path_patching.direct_path")
def test_gain_and_eps():
    """The gain weighs each dimension after the division, and eps stands under the root."""
    changed = {"gain": torch.tensor([3.0, 0.5]), "eps": 11.0}
    before = [(4.0 * 3 - 7.0 * 0.5) / math.sqrt(32.5 + 11), (2 * 10.0 * 3 + 2.0 * 0.5) / math.sqrt(52.0 + 11)]
    after = [(1.0 * 3 - 7.0 * 0.5) / 6, (2 * 14.0 * 3 + 2.0 * 0.5) / math.sqrt(100.0 + 11)]
    same(
        path_patching.direct_path(**two(**changed)),
        torch.tensor(after) - torch.tensor(before),
        given=two(**changed),
        teach="In the first prompt sqrt(25 + 11) = 6 divides after the patch.",
    )


@pytest.mark.exercise("path_patching.direct_path")
def test_against_a_loop(seed):
    """On random prompts it agrees with plain arithmetic, one prompt at a time."""
    g = seeded(seed)
    z, z_new = torch.randn(4, 3, generator=g), torch.randn(4, 3, generator=g)
    w_o, residual = torch.randn(3, 5, generator=g), torch.randn(4, 5, generator=g) * 2
    gain, direction = torch.rand(5, generator=g) + 0.5, torch.randn(4, 5, generator=g)
    expected = torch.zeros(4)
    for prompt in range(4):
        new = residual[prompt] - z[prompt] @ w_o + z_new[prompt] @ w_o
        scores = []
        for x in (residual[prompt], new):
            rms = (sum(v * v for v in x.tolist()) / 5 + 0.1) ** 0.5
            scores.append(float((x / rms * gain) @ direction[prompt]))
        expected[prompt] = scores[1] - scores[0]
    same(
        path_patching.direct_path(z, z_new, w_o, residual, gain, 0.1, direction),
        expected,
        teach="Old output out, new output in, norm, dot product; then the same without the patch, and subtract.",
        atol=1e-4,
    )
