"""Checks of superposition.reconstruction_loss: A loss that knows what matters."""

import pytest
import torch

from mi_tutor.exercises import superposition
from mi_tutor.tutor.judge import same, seeded


@pytest.mark.exercise("superposition.reconstruction_loss")
def test_reconstruction_loss_one_sample():
    """One sample, two features: each squared error is weighted by its importance, then they are summed."""
    x, x_hat = torch.tensor([[[1.0, 0.5]]]), torch.tensor([[[0.5, 0.0]]])
    importance = torch.tensor([[2.0, 3.0]])
    same(
        superposition.reconstruction_loss(x, x_hat, importance),
        torch.tensor([1.25]),  # 2 * 0.25 + 3 * 0.25
        given={"x": x, "x_hat": x_hat, "importance": importance},
        teach="2 · 0.5² + 3 · 0.5² = 1.25: weighted by the importance as it stands, summed over the features.",
    )


@pytest.mark.exercise("superposition.reconstruction_loss")
def test_reconstruction_loss_averages_samples():
    """Over the batch the loss is a mean: repeating the samples does not change it."""
    x = torch.tensor([[[1.0, 0.0]], [[0.0, 1.0]], [[0.0, 0.0]], [[0.5, 0.5]]])
    x_hat, importance = torch.zeros_like(x), torch.tensor([[4.0, 1.0]])
    # per sample: 4, 1, 0, 1.25 -> mean 1.5625
    same(
        superposition.reconstruction_loss(x, x_hat, importance),
        torch.tensor([1.5625]),
        given={"x": x, "x_hat": x_hat, "importance": importance},
        teach="The four samples cost 4, 1, 0 and 1.25; their mean is 1.5625.",
    )
    same(
        superposition.reconstruction_loss(x.repeat(3, 1, 1), x_hat.repeat(3, 1, 1), importance),
        torch.tensor([1.5625]),
        teach="The same samples three times over have the same mean.",
    )


@pytest.mark.exercise("superposition.reconstruction_loss")
def test_reconstruction_loss_per_instance():
    """Each instance gets its own loss, with its own importances."""
    x = torch.tensor([[[1.0, 0.0], [1.0, 0.0], [0.0, 1.0]]])
    x_hat = torch.tensor([[[0.0, 0.0], [0.0, 1.0], [0.0, 3.0]]])
    importance = torch.tensor([[0.5, 7.0], [2.0, 3.0], [9.0, 0.25]])
    same(
        superposition.reconstruction_loss(x, x_hat, importance),
        torch.tensor([0.5, 5.0, 1.0]),
        given={"x": x, "x_hat": x_hat, "importance": importance},
        teach="Do not mix instances: 0.5 · 1, 2 · 1 + 3 · 1, and 0.25 · 4.",
    )


@pytest.mark.exercise("superposition.reconstruction_loss")
def test_reconstruction_loss_against_loops(seed):
    """On random data it agrees with plain loops over the definition."""
    generator = seeded(seed)
    x, x_hat = torch.rand(6, 2, 3, generator=generator), torch.rand(6, 2, 3, generator=generator)
    importance = 0.2 + torch.rand(2, 3, generator=generator)
    expected = torch.zeros(2)
    for k in range(2):
        for sample in range(6):
            for i in range(3):
                expected[k] += float(importance[k, i] * (x[sample, k, i] - x_hat[sample, k, i]) ** 2) / 6
    same(
        superposition.reconstruction_loss(x, x_hat, importance),
        expected,
        teach="Compare with the definition, term by term.",
    )
