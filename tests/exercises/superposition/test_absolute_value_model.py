"""Checks of superposition.absolute_value_model: A hidden layer with neurons."""

import pytest
import torch

from mi_tutor.exercises import superposition
from mi_tutor.tutor.judge import same, seeded

from .small_models import random_model


@pytest.mark.exercise("superposition.absolute_value_model")
def test_absolute_value_model_exact():
    """Two neurons a feature compute |x| exactly: one for the positive half, one for the negative half."""
    W_in, W_out = torch.tensor([[[1.0], [-1.0]]]), torch.tensor([[[1.0], [1.0]]])
    x = torch.tensor([[[0.5]], [[-0.75]], [[0.0]]])
    same(
        superposition.absolute_value_model(x, W_in, W_out, torch.zeros(1, 1)),
        torch.tensor([[[0.5]], [[0.75]], [[0.0]]]),
        given={"x": x, "W_in": W_in, "W_out": W_out},
        teach="Each neuron passes one sign of x, and the outputs add up to |x|. Without the hidden ReLU they cancel.",
    )


@pytest.mark.exercise("superposition.absolute_value_model")
def test_absolute_value_model_by_hand():
    """Two features, two neurons, separate weights for reading and writing, a bias at the output."""
    # reads: [1*1 + 2*(-1), -1*1 + 0] = [-1, -1] -> 0, 0 for sample 0; sample 1: [1*(-1)+2*1, 1] = [1, 1]
    W_in = torch.tensor([[[1.0, 2.0], [-1.0, 0.0]]])
    W_out = torch.tensor([[[3.0, -1.0], [0.5, -2.0]]])
    b = torch.tensor([[0.25, 2.0]])
    x = torch.tensor([[[1.0, -1.0]], [[-1.0, 1.0]]])
    # sample 0: b alone; sample 1: [3 + 0.5 + 0.25, -1 - 2 + 2 -> 0]
    same(
        superposition.absolute_value_model(x, W_in, W_out, b),
        torch.tensor([[[0.25, 2.0]], [[3.75, 0.0]]]),
        given={"x": x, "W_in": W_in, "W_out": W_out, "b": b},
        teach="Read with W_in, ReLU, write with W_out, add b, ReLU.",
    )


@pytest.mark.exercise("superposition.absolute_value_model")
def test_absolute_value_model_against_loops(seed):
    """On random weights every instance agrees with plain matrices."""
    W_in, b = random_model(seed)
    W_out, _ = random_model(seed + 77)
    x = 2 * torch.rand(6, 3, 4, generator=seeded(seed)) - 1
    expected = torch.stack(
        [((x[:, k] @ W_in[k].T).clamp_min(0) @ W_out[k] + b[k]).clamp_min(0) for k in range(3)], dim=1
    )
    same(
        superposition.absolute_value_model(x, W_in, W_out, b),
        expected,
        atol=1e-4,
        teach="Instance k uses W_in[k], W_out[k], b[k].",
    )
