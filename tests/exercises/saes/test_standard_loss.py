"""Checks of saes.standard_loss: Decode, and what training makes small."""

import pytest
import torch

from mi_tutor.exercises import saes
from mi_tutor.tutor.judge import holds, same, seeded

from .on_copies import on_copies

X = torch.tensor([[2.0, 0.0], [0.0, 1.0]])
PRE = torch.tensor([[1.0, -2.0], [-1.0, 0.5]])
W_DEC = torch.tensor([[2.0, 0.0], [0.0, 3.0]])
B_DEC = torch.tensor([0.5, -0.5])
GIVEN = {"x": X, "pre": PRE, "W_dec": W_DEC, "b_dec": B_DEC, "coefficient": 0.2}


@pytest.mark.exercise("saes.standard_loss")
def test_the_error_by_hand():
    """Two rows whose squared errors are 0.5 and 0.25 have the error 0.375."""
    got = on_copies(saes.standard_loss)(X, PRE, W_DEC, B_DEC, 0.2)
    same(
        got["error"],
        torch.tensor(0.375),
        given=GIVEN,
        teach="The latents are (1, 0) and (0, 0.5), the reconstructions (2.5, -0.5) and (0.5, 1). Squares are summed "
        "within a row and averaged over rows.",
        what="error",
    )


@pytest.mark.exercise("saes.standard_loss")
def test_the_sparsity_by_hand():
    """A latent of 1 that writes a direction of length 2 costs 2."""
    got = on_copies(saes.standard_loss)(X, PRE, W_DEC, B_DEC, 0.2)
    same(
        got["l1"],
        torch.tensor(1.75),
        given=GIVEN,
        teach="The rows cost 1 · 2 and 0.5 · 3. Negative pre-activations are latents of 0 and cost nothing.",
        what="l1",
    )


@pytest.mark.exercise("saes.standard_loss")
def test_the_loss_is_error_plus_weighted_sparsity():
    """The loss is the error plus the coefficient times the sparsity."""
    same(
        on_copies(saes.standard_loss)(X, PRE, W_DEC, B_DEC, 0.2)["loss"],
        torch.tensor(0.725),
        given=GIVEN,
        teach="0.375 + 0.2 · 1.75.",
        what="loss",
    )


@pytest.mark.exercise("saes.standard_loss")
def test_long_directions_with_small_latents_gain_nothing(seed):
    """Halving the latents and doubling the directions changes neither term."""
    g = seeded(seed)
    x, pre = torch.randn(5, 3, generator=g), torch.randn(5, 4, generator=g)
    W_dec, b_dec = torch.randn(4, 3, generator=g), torch.randn(3, generator=g)
    before = on_copies(saes.standard_loss)(x, pre, W_dec, b_dec, 0.3)
    after = on_copies(saes.standard_loss)(x, pre / 2, 2 * W_dec, b_dec, 0.3)
    for key in ("error", "l1"):
        same(
            after[key],
            before[key],
            teach="The reconstruction is the same. If this were cheaper, training would shrink the latents for ever.",
            what=key,
            atol=1e-4,
        )


@pytest.mark.exercise("saes.standard_loss")
def test_gradients_flow_to_everything_trained(seed):
    """Gradients reach pre, W_dec and b_dec, as they do in a loss written with loops."""
    g = seeded(seed)
    x = torch.randn(4, 3, generator=g)
    parts = [torch.randn(size, generator=g) for size in ((4, 5), (5, 3), (3,))]

    def looped(pre, W_dec, b_dec):
        total = 0.0
        for n in range(4):
            row, cost = b_dec, 0.0
            for i in range(5):
                if pre[n, i] > 0:
                    row = row + pre[n, i] * W_dec[i]
                    cost = cost + pre[n, i] * (W_dec[i] @ W_dec[i]) ** 0.5
            total = total + ((x[n] - row) ** 2).sum() + 0.4 * cost
        return total / 4

    mine = [part.clone().requires_grad_() for part in parts]
    theirs = [part.clone().requires_grad_() for part in parts]
    expected = looped(*theirs)
    expected.backward()
    loss = on_copies(saes.standard_loss)(x, *mine, 0.4)["loss"]
    same(loss, expected, what="loss", atol=1e-4)
    holds(
        isinstance(loss, torch.Tensor) and loss.requires_grad,
        "Nothing can be trained with this loss: it is a plain number, or its graph was cut off.",
    )
    loss.backward()
    for name, a, b in zip(("pre", "W_dec", "b_dec"), mine, theirs, strict=True):
        holds(a.grad is not None, f"No gradient reaches {name}. Something on the way was detached.")
        same(
            a.grad,
            b.grad,
            what=f"gradient of {name}",
            teach="The value of the loss is right, its gradient is not: a part of the graph was cut off.",
            atol=1e-4,
        )
