"""Checks of path_patching.freezing_hooks: Hold every head but one."""

import pytest
import torch

from mi_tutor.exercises import path_patching
from mi_tutor.tutor.judge import same, seeded


def two_runs() -> tuple[torch.Tensor, torch.Tensor]:
    """Three layers, two prompts, two positions, two heads of size 1; the plain run counts, the other is negative."""
    plain = torch.arange(1.0, 25.0).reshape(3, 2, 2, 2, 1)
    return plain, -plain


@pytest.mark.exercise("path_patching.freezing_hooks")
def test_one_hook_a_layer():
    """There is one pair of name and function for each layer, in order."""
    plain, other = two_runs()
    same(
        [name for name, _ in path_patching.freezing_hooks(plain, other, (1, 0))],
        [f"blocks.{layer}.attn.hook_z" for layer in range(3)],
        given={"layers": 3, "sender": (1, 0)},
        teach="Every layer has heads to hold, so every layer needs a hook.",
        what="names",
    )


@pytest.mark.exercise("path_patching.freezing_hooks")
def test_the_sender_is_from_the_other_run():
    """In the sender's layer its column comes from the other run, at all positions; its neighbour is held."""
    plain, other = two_runs()
    before, source = two_runs()
    hooks = path_patching.freezing_hooks(plain, other, (1, 0))
    expected = before[1].clone()
    expected[:, :, 0] = source[1, :, :, 0]
    got = hooks[1][1](torch.full_like(before[1], 99.0), None)
    same(plain, before, teach="Your code writes into `plain`. Work on a copy.", what="plain run after the call")
    same(
        got,
        expected,
        given={"plain[1]": before[1], "other[1]": source[1], "z": "99 everywhere", "sender": (1, 0)},
        teach="z is batch x pos x head x d_head. Only the sender's head takes the other run's value, at every "
        "position; its neighbour writes what it wrote in the plain run. A 99 is what a head would write now.",
    )


@pytest.mark.exercise("path_patching.freezing_hooks")
@pytest.mark.parametrize("layer", [0, 2])
def test_other_layers_are_held(layer):
    """Layers without the sender write what they wrote in the plain run, whatever they would write now."""
    plain, other = two_runs()
    before, _ = two_runs()
    hooks = path_patching.freezing_hooks(plain, other, (1, 0))
    same(
        hooks[layer][1](torch.full_like(before[layer], 99.0), None),
        before[layer],
        given={f"plain[{layer}]": before[layer], "z": "99 everywhere", "sender": (1, 0), "layer": layer},
        teach="Each function must hold its own layer, and return the plain run's values instead of z.",
    )


@pytest.mark.exercise("path_patching.freezing_hooks")
def test_the_runs_are_left_alone(seed):
    """On random runs each hook gives the right layer, and the tensors of both runs are not changed."""
    g = seeded(seed)
    plain, other = (torch.randn(4, 3, 5, 3, 2, generator=g) for _ in range(2))
    before = plain.clone(), other.clone()
    hooks = path_patching.freezing_hooks(plain, other, (2, 1))
    for layer, (_, hook) in enumerate(hooks):
        expected = before[0][layer].clone()
        if layer == 2:
            expected[:, :, 1] = before[1][2, :, :, 1]
        same(hook(torch.zeros(3, 5, 3, 2), None), expected, teach=f"This is layer {layer}; the sender is 2.1.")
    same(plain, before[0], teach="The plain run is needed again: work on a copy.", what="plain")
    same(other, before[1], teach="The source run is needed again.", what="other")
