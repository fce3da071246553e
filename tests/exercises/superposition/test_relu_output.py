"""Checks of superposition.relu_output: The ReLU output model, many at once."""

import pytest
import torch

from mi_tutor.exercises import superposition
from mi_tutor.tutor.judge import same, seeded

from .small_models import random_model


@pytest.mark.exercise("superposition.relu_output")
def test_relu_output_by_hand():
    """Three features in two dimensions: x' = ReLU(Wᵀ(W x) + b), worked out by hand."""
    # W = [[1, 0, 2], [0, 1, -1]], x = [1, 2, 1]: h = [3, 1]; Wᵀh = [3, 1, 5]; + b = [2, 2, -1]
    W = torch.tensor([[[1.0, 0.0, 2.0], [0.0, 1.0, -1.0]]])
    b = torch.tensor([[-1.0, 1.0, -6.0]])
    x = torch.tensor([[[1.0, 2.0, 1.0]]])
    same(
        superposition.relu_output(x, W, b),
        torch.tensor([[[2.0, 2.0, 0.0]]]),
        given={"x": x, "W": W, "b": b},
        teach="h = W x = [3, 1], Wᵀ h = [3, 1, 5], with b [2, 2, −1], and the ReLU comes last.",
    )


@pytest.mark.exercise("superposition.relu_output")
def test_relu_output_hidden_is_linear():
    """The hidden layer has no ReLU: a negative hidden value is passed on."""
    # h = -2; Wᵀh = [2, -2]; + b = [2.5, -2] -> [2.5, 0]
    W, b = torch.tensor([[[-1.0, 1.0]]]), torch.tensor([[0.5, 0.0]])
    x = torch.tensor([[[2.0, 0.0]]])
    same(
        superposition.relu_output(x, W, b),
        torch.tensor([[[2.5, 0.0]]]),
        given={"x": x, "W": W, "b": b},
        teach="Here h = −2, and −2 · −1 + 0.5 = 2.5. The hidden layer is linear; the only ReLU is at the output.",
    )


@pytest.mark.exercise("superposition.relu_output")
def test_relu_output_square():
    """With as many dimensions as features the columns of W are still the features' directions."""
    # h = W x = [1, 0]; Wᵀh = [1, 2]; + b = [0.5, 2.25]
    W, b = torch.tensor([[[1.0, 2.0], [0.0, 1.0]]]), torch.tensor([[-0.5, 0.25]])
    x = torch.tensor([[[1.0, 0.0]]])
    same(
        superposition.relu_output(x, W, b),
        torch.tensor([[[0.5, 2.25]]]),
        given={"x": x, "W": W, "b": b},
        teach="In: h = W x = [1, 0], the first column of W. Out: Wᵀ h = [1, 2], its dot product with each column.",
    )


@pytest.mark.exercise("superposition.relu_output")
def test_relu_output_keeps_instances_apart():
    """Each instance uses its own weights and its own biases."""
    W = torch.tensor([[[1.0, 0.0]], [[0.0, 3.0]]])
    b = torch.tensor([[0.0, 0.25], [0.5, 1.0]])
    x = torch.tensor([[[1.0, 1.0], [1.0, 1.0]], [[2.0, 0.0], [0.0, 2.0]]])
    expected = torch.tensor([[[1.0, 0.25], [0.5, 10.0]], [[2.0, 0.25], [0.5, 19.0]]])
    same(
        superposition.relu_output(x, W, b),
        expected,
        given={"x": x, "W": W, "b": b},
        teach="Instance k of the batch goes through W[k] and b[k] only.",
    )


@pytest.mark.exercise("superposition.relu_output")
def test_relu_output_against_loops(seed):
    """On random weights every sample agrees with plain loops over the definition."""
    W, b = random_model(seed)
    x = torch.rand(5, 3, 4, generator=seeded(seed + 1000))
    expected = torch.zeros(5, 3, 4)
    for sample in range(5):
        for k in range(3):
            h = [sum(float(W[k, j, i] * x[sample, k, i]) for i in range(4)) for j in range(2)]
            for i in range(4):
                expected[sample, k, i] = max(0.0, sum(float(W[k, j, i]) * h[j] for j in range(2)) + float(b[k, i]))
    same(
        superposition.relu_output(x, W, b), expected, atol=1e-4, teach="Compare with the definition, sample by sample."
    )
