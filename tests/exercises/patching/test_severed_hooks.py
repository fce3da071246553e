"""Checks of patching.severed_hooks: Restore a state, and keep the MLPs from using it."""

import pytest
import torch

from mi_tutor.exercises import patching
from mi_tutor.tutor.judge import same

POSITIONS = torch.tensor([2, 0])
STREAM = torch.arange(100.0, 106.0).reshape(2, 3, 1)
MLPS = torch.arange(200.0, 224.0).reshape(4, 2, 3, 1)  # four layers


def hooks(layer: int):
    return patching.severed_hooks(layer, POSITIONS, STREAM, MLPS)


@pytest.mark.exercise("patching.severed_hooks")
def test_which_hooks():
    """The stream is restored where it enters the layer; the MLPs of this and all later layers are frozen."""
    same(
        sorted(hooks(1)),
        ["blocks.1.hook_mlp_out", "blocks.1.hook_resid_pre", "blocks.2.hook_mlp_out", "blocks.3.hook_mlp_out"],
        given={"layer": 1, "layers of the model": 4},
        what="hook names",
        teach="The stream is put in once, where it enters layer 1. The MLP of layer 1 reads it, and so do those of "
        "layers 2 and 3.",
    )


@pytest.mark.exercise("patching.severed_hooks")
def test_the_stream_is_restored():
    """The restored stream is the clean one, at each prompt's own position."""
    name = "blocks.2.hook_resid_pre"
    same(
        hooks(2)[name](torch.zeros(2, 3, 1), hook=None)[..., 0],
        torch.tensor([[0.0, 0.0, 102.0], [103.0, 0.0, 0.0]]),
        given={"positions": POSITIONS, "clean_stream": STREAM[..., 0], "stream of the run": "all 0"},
        what=name,
        teach="Position 2 of prompt 0 and position 0 of prompt 1 are clean; all others stay.",
    )


@pytest.mark.exercise("patching.severed_hooks")
def test_each_mlp_is_held_at_its_own_output():
    """Each frozen MLP gives its own output of the corrupted run, at the same positions."""
    made = hooks(2)
    for layer, values in ((2, [[0.0, 0.0, 214.0], [215.0, 0.0, 0.0]]), (3, [[0.0, 0.0, 220.0], [221.0, 0.0, 0.0]])):
        name = f"blocks.{layer}.hook_mlp_out"
        same(
            made[name](torch.zeros(2, 3, 1), hook=None)[..., 0],
            torch.tensor(values),
            given={"positions": POSITIONS, "corrupted_mlp of this layer": MLPS[layer, ..., 0]},
            what=name,
            teach="Layer by layer, from corrupted_mlp. At other positions the MLP goes on as it does.",
        )


@pytest.mark.exercise("patching.severed_hooks")
def test_the_last_layer():
    """In the last layer one MLP is left to freeze; in the first, all of them."""
    same(sorted(hooks(3)), ["blocks.3.hook_mlp_out", "blocks.3.hook_resid_pre"], given={"layer": 3}, what="hook names")
    same(len(hooks(0)), 5, given={"layer": 0}, what="number of hooks", teach="One stream and four MLPs.")
