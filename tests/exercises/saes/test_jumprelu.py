"""Checks of saes.jumprelu: A threshold that can learn."""

import pytest
import torch

from mi_tutor.exercises import saes
from mi_tutor.tutor.judge import holds, same, seeded

from .on_copies import on_copies

PRE = torch.tensor([[0.5, 0.9, -2.0], [1.2, 1.1, 0.4]])
THRESHOLD = torch.tensor([1.0, 0.8, 0.3])
WEIGHTS = torch.tensor([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
GIVEN = {"pre": PRE, "threshold": THRESHOLD, "bandwidth": 0.5}


def gradients(pre: torch.Tensor, threshold: torch.Tensor, bandwidth: float, weights: torch.Tensor):
    """The gradients of Σ weights · f for pre and threshold; zeros where none arrives."""
    pre, threshold = pre.clone().requires_grad_(), threshold.clone().requires_grad_()
    latents = on_copies(saes.jumprelu)(pre, threshold, bandwidth)
    holds(latents.requires_grad, "No gradient can flow through your latents: they were cut off.")
    (latents * weights).sum().backward()
    zeros = torch.zeros_like(threshold)
    return pre.grad, zeros if threshold.grad is None else threshold.grad


@pytest.mark.exercise("saes.jumprelu")
def test_jumprelu_by_hand():
    """What is above its own threshold keeps its value; everything else is 0."""
    same(
        on_copies(saes.jumprelu)(PRE, THRESHOLD, 0.5),
        torch.tensor([[0.0, 0.9, 0.0], [1.2, 1.1, 0.4]]),
        given=GIVEN,
        teach="0.5 is below its threshold 1. 0.9 is above 0.8 and stays 0.9: nothing is taken off.",
        what="latents",
    )


@pytest.mark.exercise("saes.jumprelu")
def test_exactly_at_the_threshold_is_silent():
    """A pre-activation equal to its threshold gives 0, one a little above it jumps to its full value."""
    pre, threshold = torch.tensor([[0.5, 0.5]]), torch.tensor([0.5, 0.4999])
    same(
        on_copies(saes.jumprelu)(pre, threshold, 0.1),
        torch.tensor([[0.0, 0.5]]),
        given={"pre": pre, "threshold": threshold},
        what="latents",
    )


@pytest.mark.exercise("saes.jumprelu")
def test_the_gradient_for_the_pre_activations():
    """The gradient for an active pre-activation is 1, for a silent one 0, however near the threshold it is."""
    same(
        gradients(PRE, THRESHOLD, 0.5, WEIGHTS)[0],
        torch.tensor([[0.0, 2.0, 0.0], [4.0, 5.0, 6.0]]),
        given={**GIVEN, "weights": WEIGHTS},
        teach="The weighted sum of the latents is differentiated. For z the true derivative is used, no window.",
        what="gradient of pre",
    )


@pytest.mark.exercise("saes.jumprelu")
def test_the_gradient_for_the_thresholds():
    """An entry within ε/2 of its threshold θ gives it the gradient −θ/ε; others give nothing."""
    same(
        gradients(PRE, THRESHOLD, 0.5, WEIGHTS)[1],
        torch.tensor([-8.0, -3.2, -3.6]),
        given={**GIVEN, "weights": WEIGHTS},
        teach="Within 0.25 of their thresholds lie 1.2 (θ = 1, weight 4), 0.9 (θ = 0.8, weight 2) and 0.4 (θ = 0.3, "
        "weight 6). The first gives -1 / 0.5 · 4 = -8.",
        what="gradient of threshold",
    )


@pytest.mark.exercise("saes.jumprelu")
def test_entries_below_the_threshold_teach_it_too():
    """A silent entry just below its threshold gives a gradient as well, and rows add up."""
    pre, threshold = torch.tensor([[0.9, 3.0], [1.1, 0.1], [0.2, 2.1]]), torch.tensor([1.0, 2.0])
    same(
        gradients(pre, threshold, 0.4, torch.ones(3, 2))[1],
        torch.tensor([-5.0, -5.0]),
        given={"pre": pre, "threshold": threshold, "bandwidth": 0.4},
        teach="0.9 and 1.1 lie within 0.2 of 1: twice -1 / 0.4. Only 2.1 lies within 0.2 of 2: once -2 / 0.4.",
        what="gradient of threshold",
    )


@pytest.mark.exercise("saes.jumprelu")
def test_jumprelu_agrees_with_loops(seed):
    """On random numbers values and gradients agree with the formulas entry by entry."""
    g = seeded(seed)
    pre, weights = torch.randn(6, 4, generator=g), torch.randn(6, 4, generator=g)
    threshold, width = 0.2 + torch.rand(4, generator=g), 0.6
    value, for_pre, for_threshold = torch.zeros(6, 4), torch.zeros(6, 4), torch.zeros(4)
    for n in range(6):
        for i in range(4):
            z, t, u = float(pre[n, i]), float(threshold[i]), float(weights[n, i])
            value[n, i], for_pre[n, i] = (z, u) if z > t else (0.0, 0.0)
            for_threshold[i] += -t / width * u if abs(z - t) < width / 2 else 0.0
    given = {"pre": pre, "threshold": threshold, "bandwidth": width}
    same(saes.jumprelu(pre, threshold, width), value, given=given, what="latents")
    got = gradients(pre, threshold, width, weights)
    same(got[0], for_pre, given=given, what="gradient of pre")
    same(got[1], for_threshold, given=given, what="gradient of threshold", atol=1e-4)
