"""Checks of saes.jumprelu_l0: Pay for being active, not for being large."""

import pytest
import torch

from mi_tutor.exercises import saes
from mi_tutor.tutor.judge import holds, same, seeded

from .on_copies import on_copies

PRE = torch.tensor([[0.5, 0.9, -2.0], [1.2, 1.1, 0.4]])
THRESHOLD = torch.tensor([1.0, 0.8, 0.3])
GIVEN = {"pre": PRE, "threshold": THRESHOLD, "bandwidth": 0.5}


def gradients(pre: torch.Tensor, threshold: torch.Tensor, bandwidth: float):
    """The gradients of the sparsity for pre and threshold; zeros where none arrives."""
    pre, threshold = pre.clone().requires_grad_(), threshold.clone().requires_grad_()
    sparsity = on_copies(saes.jumprelu_l0)(pre, threshold, bandwidth)
    holds(sparsity.requires_grad, "No gradient reaches the thresholds: counting has none. Use the estimator.")
    sparsity.backward()
    return [torch.zeros_like(p) if p.grad is None else p.grad for p in (pre, threshold)]


@pytest.mark.exercise("saes.jumprelu_l0")
def test_the_count_by_hand():
    """Rows with one and with three active latents have L0 = 2."""
    same(
        on_copies(saes.jumprelu_l0)(PRE, THRESHOLD, 0.5),
        torch.tensor(2.0),
        given=GIVEN,
        teach="0.5 is positive but below its threshold 1: it is silent.",
        what="L0",
    )


@pytest.mark.exercise("saes.jumprelu_l0")
def test_exactly_at_the_threshold_costs_nothing():
    """A pre-activation equal to its threshold is silent."""
    pre, threshold = torch.tensor([[0.5, 0.5]]), torch.tensor([0.5, 0.25])
    same(
        on_copies(saes.jumprelu_l0)(pre, threshold, 0.1),
        torch.tensor(1.0),
        given={"pre": pre, "threshold": threshold},
        what="L0",
    )


@pytest.mark.exercise("saes.jumprelu_l0")
def test_large_latents_cost_no_more():
    """Ten times as large is as sparse."""
    pre, threshold = torch.tensor([[2.0, 0.1], [3.0, 0.2]]), torch.tensor([1.0, 1.0])
    for scale in (1.0, 10.0):
        large = pre * torch.tensor([scale, 1.0])
        same(
            on_copies(saes.jumprelu_l0)(large, threshold, 0.1),
            torch.tensor(1.0),
            given={"pre": large, "threshold": threshold},
            teach="L0 counts. Charging for size is what shrinks the latents of an L1 SAE.",
            what="L0",
        )


@pytest.mark.exercise("saes.jumprelu_l0")
def test_near_entries_push_the_threshold_up():
    """Each entry within ε/2 of its threshold gives it −1/ε, divided by the number of rows."""
    same(
        gradients(PRE, THRESHOLD, 0.5)[1],
        torch.tensor([-1.0, -1.0, -1.0]),
        given=GIVEN,
        teach="Within 0.25 of their thresholds lie 0.9, 1.2 and 0.4, one for each latent: -1 / 0.5 / 2 rows.",
        what="gradient of threshold",
    )
    pre = torch.tensor([[0.9, 3.0], [1.1, 0.1], [1.05, 2.1], [0.2, -2.0]])
    same(
        gradients(pre, torch.tensor([1.0, 2.0]), 0.4)[1],
        torch.tensor([-1.875, -0.625]),
        given={"pre": pre, "threshold": [1.0, 2.0], "bandwidth": 0.4},
        teach="Three entries lie within 0.2 of 1, on both sides of it, and one within 0.2 of 2.",
        what="gradient of threshold",
    )


@pytest.mark.exercise("saes.jumprelu_l0")
def test_pre_activations_are_left_in_peace():
    """Pre-activations get no gradient from the sparsity."""
    same(
        gradients(PRE, THRESHOLD, 0.5)[0],
        torch.zeros(2, 3),
        given=GIVEN,
        teach="Only the thresholds pay. So nothing makes an active latent smaller.",
        what="gradient of pre",
    )


@pytest.mark.exercise("saes.jumprelu_l0")
def test_the_sparsity_agrees_with_loops(seed):
    """On random numbers value and gradient agree with counting."""
    g = seeded(seed)
    pre, threshold, width = torch.randn(8, 5, generator=g), 0.1 + torch.rand(5, generator=g), 0.8
    active = sum(float(z) > float(t) for row in pre for z, t in zip(row, threshold, strict=True))
    near = [
        sum(abs(float(z) - float(t)) < width / 2 for z in column) for column, t in zip(pre.T, threshold, strict=True)
    ]
    given = {"pre": pre, "threshold": threshold, "bandwidth": width}
    same(saes.jumprelu_l0(pre, threshold, width), torch.tensor(active / 8), given=given, what="L0")
    same(
        gradients(pre, threshold, width)[1],
        -torch.tensor(near, dtype=torch.float32) / width / 8,
        given=given,
        what="gradient of threshold",
        atol=1e-4,
    )
