"""Checks of judging_saes.das_step: Learn the subspace."""

import pytest
import torch

from mi_tutor.exercises import judging_saes
from mi_tutor.tutor.judge import holds, same, seeded


def to_learn(seed: int):
    g = seeded(seed)
    base, source = torch.randn(8, 5, generator=g), torch.randn(8, 5, generator=g)
    W = torch.randn(5, 3, generator=g)
    wanted = torch.arange(8) % 3
    return torch.randn(5, 2, generator=g), base, source, (lambda x: (x @ W).tanh() * 3), wanted


def expected_loss(free, base, source, readout, wanted):
    """The loss by another way: projection by the normal equations, cross-entropy by logarithms."""
    project = free @ torch.linalg.solve(free.T @ free, free.T)
    logits = readout(base + (source - base) @ project)
    chosen = logits.gather(1, wanted[:, None])[:, 0]
    return (logits.exp().sum(1).log() - chosen).mean()


@pytest.mark.exercise("judging_saes.das_step")
def test_the_loss_before_the_step():
    """It returns the cross-entropy of the wanted answers before the step, as a plain number."""
    free, base, source, readout, wanted = to_learn(3)
    expected = expected_loss(free, base, source, readout, wanted)
    free.requires_grad_()
    got = judging_saes.das_step(free, base, source, readout, wanted, torch.optim.SGD([free], lr=0.5))
    same(
        got,
        float(expected),
        teach="Expected is the cross-entropy of the wanted answers, in nats, averaged over rows, after the base got "
        "the source's part in the span of free, and before free has moved.",
        what="loss",
        atol=1e-4,
    )
    holds(isinstance(got, float), "Return a plain number and no tensor: loss.item().", got=type(got).__name__)


@pytest.mark.exercise("judging_saes.das_step")
def test_free_moves_down_its_gradient(seed):
    """After one step of plain descent free has moved by −0.1 times the gradient of this loss."""
    free, base, source, readout, wanted = to_learn(seed)
    theirs = free.clone().requires_grad_()
    expected_loss(theirs, base, source, readout, wanted).backward()
    expected = free - 0.1 * theirs.grad
    free.requires_grad_()
    judging_saes.das_step(free, base, source, readout, wanted, torch.optim.SGD([free], lr=0.1))
    same(free.detach(), expected, what="free after the step", atol=1e-3, rtol=1e-2)


@pytest.mark.exercise("judging_saes.das_step")
def test_gradients_start_fresh(seed):
    """What was stored as a gradient before does not enter the step."""
    free, base, source, readout, wanted = to_learn(seed)
    theirs = free.clone().requires_grad_()
    expected_loss(theirs, base, source, readout, wanted).backward()
    expected = free - 0.1 * theirs.grad
    free.requires_grad_()
    free.grad = torch.ones_like(free)
    judging_saes.das_step(free, base, source, readout, wanted, torch.optim.SGD([free], lr=0.1))
    same(
        free.detach(),
        expected,
        teach="backward() adds to the gradients that are there already.",
        what="free after the step",
        atol=1e-3,
        rtol=1e-2,
    )


@pytest.mark.exercise("judging_saes.das_step")
def test_a_subspace_is_found():
    """The answer lies in the sign of one hidden direction: sixty steps find it."""
    g = seeded(0)
    hidden = torch.tensor([0.6, 0.0, 0.8, 0.0])
    base, source = torch.randn(64, 4, generator=g), torch.randn(64, 4, generator=g)
    free = torch.randn(4, 1, generator=g).requires_grad_()
    wanted = (source @ hidden > 0).long()
    optimizer = torch.optim.Adam([free], lr=0.1)

    def readout(x):
        return torch.stack([-4 * x @ hidden, 4 * x @ hidden], dim=1)

    losses = [judging_saes.das_step(free, base, source, readout, wanted, optimizer) for _ in range(60)]
    found = torch.nn.functional.normalize(free.detach()[:, 0], dim=0) @ hidden
    holds(
        abs(float(found)) > 0.95 and losses[-1] < losses[0],
        "The learned direction should lie along the hidden one.",
        got=float(found),
        expected="a cosine above 0.95 in size",
    )
