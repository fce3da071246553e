"""Checks of circuits.mean_ablation_hook: Silence a head without breaking the model."""

import pytest
import torch

from mi_tutor.exercises import circuits
from mi_tutor.tutor.judge import holds, same, seeded

Z = torch.tensor(
    [
        [[[1.0, 10.0], [0.5, 2.0], [7.0, 0.0]], [[3.0, 20.0], [1.5, 4.0], [8.0, 1.0]]],
        [[[5.0, 30.0], [2.5, 6.0], [9.0, 2.0]], [[7.0, 60.0], [3.5, 8.0], [6.0, 3.0]]],
    ]
)  # 2 texts, 2 positions, 3 heads, d_head 2


@pytest.mark.exercise("circuits.mean_ablation_hook")
def test_one_head_becomes_its_mean():
    """Head 0 says the same everywhere afterwards: its mean over both texts and both positions."""
    got = circuits.mean_ablation_hook([0])(Z.clone(), None)
    holds(
        isinstance(got, torch.Tensor),
        "The hook must give the changed z back; what it returns is what the model goes on with.",
        got=got,
        expected="a tensor of shape 2 × 2 × 3 × 2",
    )
    same(
        got[:, :, 0],
        torch.tensor([4.0, 30.0]).expand(2, 2, 2),
        given={"z of head 0, by text and position": Z[:, :, 0]},
        teach="The mean runs over texts and positions, each number of the vector on its own: (1 + 3 + 5 + 7) / 4 = 4.",
        what="z of head 0",
    )


@pytest.mark.exercise("circuits.mean_ablation_hook")
def test_other_heads_stay():
    """Heads 1 and 2 are not touched when head 0 is ablated."""
    got = circuits.mean_ablation_hook([0])(Z.clone(), None)
    same(
        got[:, :, 1:], Z[:, :, 1:], given={"heads": [0]}, teach="Only the listed heads change.", what="z of the others"
    )


@pytest.mark.exercise("circuits.mean_ablation_hook")
def test_several_heads_keep_their_own_means():
    """Each of several ablated heads gets its own mean, not one they share."""
    got = circuits.mean_ablation_hook([2, 1])(Z.clone(), None)
    expected = Z.clone()
    expected[:, :, 1] = torch.tensor([2.0, 5.0])
    expected[:, :, 2] = torch.tensor([7.5, 1.5])
    same(got, expected, given={"heads": [2, 1], "z": Z}, teach="Heads do different things; do not average over them.")


@pytest.mark.exercise("circuits.mean_ablation_hook")
def test_the_input_is_left_as_it_was():
    """The tensor that the hook was given is unchanged afterwards."""
    z = Z.clone()
    circuits.mean_ablation_hook([0, 2])(z, None)
    same(
        z,
        Z,
        given={"heads": [0, 2]},
        teach="Another hook, or a cache, may hold the same tensor. Work on a copy.",
        what="input",
    )


@pytest.mark.exercise("circuits.mean_ablation_hook")
def test_mean_ablation_against_a_loop(seed):
    """On random z it agrees with averaging by a loop, and every number of the vector has its own mean."""
    z = torch.randn(3, 4, 5, 6, generator=seeded(seed)) + 1
    got = circuits.mean_ablation_hook([4, 1])(z.clone(), None)
    expected = z.clone()
    for head in (1, 4):
        average = sum(z[text, pos, head] for text in range(3) for pos in range(4)) / 12
        for text in range(3):
            for pos in range(4):
                expected[text, pos, head] = average
    same(got, expected, given={"z": z, "heads": [4, 1]}, teach="Sum over texts and positions, divided by their number.")
