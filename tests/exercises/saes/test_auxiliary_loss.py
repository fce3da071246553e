"""Checks of saes.auxiliary_loss: Something to learn for the dead."""

import pytest
import torch

from mi_tutor.exercises import saes
from mi_tutor.tutor.judge import holds, same, seeded

from .on_copies import on_copies

RESIDUAL = torch.tensor([[1.0, 0.0], [0.0, 2.0]])
PRE = torch.tensor([[5.0, 0.5, -1.0, 6.0], [5.0, 0.2, 1.0, 6.0]])
DEAD = torch.tensor([False, True, True, False])
W_DEC = torch.tensor([[9.0, 9.0], [1.0, 0.0], [0.0, 1.0], [9.0, 9.0]])
GIVEN = {"residual": RESIDUAL, "pre": PRE, "dead": DEAD, "W_dec": W_DEC}


@pytest.mark.exercise("saes.auxiliary_loss")
def test_auxiliary_loss_by_hand():
    """With one dead latent a row, what is left over has the squares 0.25 and 1."""
    same(
        on_copies(saes.auxiliary_loss)(RESIDUAL, PRE, DEAD, W_DEC, 1),
        torch.tensor(0.625),
        given={**GIVEN, "k": 1},
        teach="Row 0 uses latent 1 at 0.5 and leaves (0.5, 0). Row 1 uses latent 2 at 1 and leaves (0, 1). The living "
        "latents 0 and 3 take no part.",
    )


@pytest.mark.exercise("saes.auxiliary_loss")
def test_k_larger_than_the_number_of_dead():
    """With k = 5 and two dead latents both are used, each only where it is positive."""
    same(
        on_copies(saes.auxiliary_loss)(RESIDUAL, PRE, DEAD, W_DEC, 5),
        torch.tensor(0.645),
        given={**GIVEN, "k": 5},
        teach="Row 0: latent 2 stands at -1 and writes nothing. Row 1: (0.2, 1) leaves (-0.2, 1).",
    )


@pytest.mark.exercise("saes.auxiliary_loss")
def test_nobody_dead_costs_nothing():
    """Without dead latents the loss is 0, and with them but all silent it is the residual itself."""
    same(
        on_copies(saes.auxiliary_loss)(RESIDUAL, PRE, DEAD & False, W_DEC, 2),
        torch.tensor(0.0),
        given={**GIVEN, "dead": DEAD & False, "k": 2},
        teach="There is nobody to train.",
    )
    same(
        on_copies(saes.auxiliary_loss)(RESIDUAL, -PRE.abs(), DEAD, W_DEC, 2),
        torch.tensor(2.5),
        given={**GIVEN, "pre": -PRE.abs(), "k": 2},
        teach="No dead latent is above 0, so nothing of the residual is matched: (1 + 4) / 2.",
    )


@pytest.mark.exercise("saes.auxiliary_loss")
def test_gradients_reach_the_dead_only(seed):
    """Gradients reach the dead latents and their decoder rows, not the living ones and not the residual."""
    g = seeded(seed)
    residual = torch.randn(6, 3, generator=g).requires_grad_()
    pre = (torch.randn(6, 5, generator=g) + 1.5).requires_grad_()
    W_dec = torch.randn(5, 3, generator=g).requires_grad_()
    dead = torch.tensor([True, False, True, False, True])
    with torch.no_grad():
        pre[:, [1, 3]] += 10
    loss = on_copies(saes.auxiliary_loss)(residual, pre, dead, W_dec, 2)
    holds(loss.requires_grad, "No gradient flows through this loss, so the dead latents learn nothing.")
    loss.backward()
    holds(
        residual.grad is None or not residual.grad.any(),
        "A gradient reaches the residual. The main reconstruction would be trained to leave over what the dead latents "
        "can match.",
    )
    for name, grad in (("pre", pre.grad), ("W_dec", W_dec.grad)):
        holds(grad is not None, f"No gradient reaches {name}, so the dead latents cannot learn with it.")
    for name, part in (("pre of the dead", pre.grad[:, dead]), ("W_dec of the dead", W_dec.grad[dead])):
        holds(bool(part.any()), f"No gradient reaches {name}.")
    for name, part in (("pre of the living", pre.grad[:, ~dead]), ("W_dec of the living", W_dec.grad[~dead])):
        holds(not part.any(), f"A gradient reaches {name}.")


@pytest.mark.exercise("saes.auxiliary_loss")
def test_auxiliary_loss_agrees_with_loops(seed):
    """On random numbers it agrees with a loop over rows."""
    g = seeded(seed)
    residual, W_dec = torch.randn(5, 3, generator=g), torch.randn(8, 3, generator=g)
    pre, k = torch.randn(5, 8, generator=g), 2
    dead = torch.arange(8) % 2 == seed % 2
    total = 0.0
    for row, target in zip(pre, residual, strict=True):
        best = sorted((i for i in range(8) if dead[i]), key=lambda i: -float(row[i]))[:k]
        guess = sum((max(float(row[i]), 0.0) * W_dec[i] for i in best), torch.zeros(3))
        total += float(((target - guess) ** 2).sum())
    same(
        on_copies(saes.auxiliary_loss)(residual, pre, dead, W_dec, k),
        torch.tensor(total / 5),
        given={"residual": residual, "pre": pre, "dead": dead, "W_dec": W_dec, "k": k},
        atol=1e-4,
    )
