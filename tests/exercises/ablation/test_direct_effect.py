"""Checks of ablation.direct_effect: The effect if nothing reacted."""

import math

import pytest
import torch

from mi_tutor.exercises import ablation
from mi_tutor.tutor.judge import same, seeded


def one_head(**changed) -> dict:
    """One prompt, one head with d_head 1 that writes on the first of two residual axes."""
    parts = {
        "z": torch.tensor([[[2.0]]]),
        "z_new": torch.tensor([[[0.5]]]),
        "w_o": torch.tensor([[[2.0, 0.0]]]),
        "residual": torch.tensor([[3.0, 4.0]]),
        "gain": torch.tensor([1.0, 1.0]),
        "eps": 0.0,
        "direction": torch.tensor([[1.0, -1.0]]),
    }
    return parts | changed


@pytest.mark.exercise("ablation.direct_effect")
def test_direct_effect_by_hand():
    """The change of the head's output, divided by the frozen rms, along the direction."""
    given = one_head()
    same(
        ablation.direct_effect(**given),
        torch.tensor([[-3.0 / math.sqrt(12.5)]]),
        given=given,
        teach="z falls by 1.5, so the stream loses 3 on its first axis. The rms of (3, 4) is sqrt(12.5).",
    )


@pytest.mark.exercise("ablation.direct_effect")
def test_the_gain_counts_per_dimension():
    """The gain of the final norm scales each residual dimension."""
    given = one_head(gain=torch.tensor([5.0, 7.0]), w_o=torch.tensor([[[2.0, 1.0]]]))
    same(
        ablation.direct_effect(**given),
        torch.tensor([[(-3.0 * 5.0 + 1.5 * 7.0) / math.sqrt(12.5)]]),
        given=given,
        teach="The stream changes by (-3, -1.5); gain (5, 7) and direction (1, -1) weigh the two.",
    )


@pytest.mark.exercise("ablation.direct_effect")
def test_eps_stands_under_the_root():
    """eps is added to the mean square before the root is taken."""
    given = one_head(residual=torch.tensor([[0.3, 0.4]]), eps=0.125)
    same(
        ablation.direct_effect(**given),
        torch.tensor([[-3.0 / math.sqrt(0.25)]]),
        given=given,
        teach="The mean square is 0.125, and with eps 0.25. Its root is 0.5.",
    )


@pytest.mark.exercise("ablation.direct_effect")
def test_frozen_effects_add_up():
    """Each prompt has its own rms and direction, and the effects of two heads add up to that of both changes."""
    z, z_new = torch.tensor([[[1.0], [2.0]], [[0.0], [1.0]]]), torch.tensor([[[0.0], [5.0]], [[3.0], [1.5]]])
    w_o = torch.tensor([[[1.0, 1.0]], [[0.0, 2.0]]])
    residual, direction = torch.tensor([[1.0, 7.0], [5.0, 5.0]]), torch.tensor([[2.0, 0.0], [1.0, 3.0]])
    # rms 5 and 5. Prompt 0: changes (-1, -1) and (0, 6); prompt 1: (3, 3) and (0, 1).
    same(
        ablation.direct_effect(z, z_new, w_o, residual, torch.tensor([1.0, 0.5]), 0.0, direction),
        torch.tensor([[-2.0 / 5, 0.0], [(3.0 + 4.5) / 5, 1.5 / 5]]),
        given={"z": z, "z_new": z_new, "w_o": w_o, "residual": residual, "gain": [1.0, 0.5], "direction": direction},
        teach="Both clean residuals have rms 5, and that is what divides, however large the change is.",
    )


@pytest.mark.exercise("ablation.direct_effect")
def test_no_change_no_effect():
    """A head that is replaced by its own output has no effect, however much it contributes."""
    given = one_head(z_new=torch.tensor([[[2.0]]]))
    same(
        ablation.direct_effect(**given),
        torch.tensor([[0.0]]),
        given=given,
        teach="A contribution is not an effect: what counts is the difference to what is put in its place.",
    )


@pytest.mark.exercise("ablation.direct_effect")
def test_direct_effect_against_a_loop(seed):
    """On random numbers it agrees with two runs of the last step, one head and one prompt at a time."""
    g = seeded(seed)
    z, z_new = torch.randn(4, 3, 2, generator=g), torch.randn(4, 3, 2, generator=g)
    w_o, residual = torch.randn(3, 2, 5, generator=g), torch.randn(4, 5, generator=g) * 3
    gain, direction = torch.rand(5, generator=g) + 0.5, torch.randn(4, 5, generator=g)
    expected = torch.zeros(4, 3)
    for prompt in range(4):
        rms = (sum(v * v for v in residual[prompt].tolist()) / 5 + 0.01) ** 0.5
        for head in range(3):
            before = residual[prompt] / rms * gain
            after = (residual[prompt] - z[prompt, head] @ w_o[head] + z_new[prompt, head] @ w_o[head]) / rms * gain
            expected[prompt, head] = (after - before) @ direction[prompt]
    same(
        ablation.direct_effect(z, z_new, w_o, residual, gain, 0.01, direction),
        expected,
        teach="Take the head's old output out of the residual, put the new one in, keep the denominator.",
        atol=1e-4,
    )
