"""Checks of saes.gated_losses: How a gate learns."""

import pytest
import torch

from mi_tutor.exercises import saes
from mi_tutor.tutor.judge import holds, same, seeded

from .on_copies import on_copies

X = torch.tensor([[2.0, 0.0], [0.0, 1.0]])
LATENTS = torch.tensor([[1.0, 0.0], [0.0, 2.0]])
GATE = torch.tensor([[0.5, -1.0], [-2.0, 2.0]])
W_DEC = torch.eye(2)
B_DEC = torch.tensor([0.5, 0.0])
GIVEN = {"x": X, "latents": LATENTS, "gate": GATE, "W_dec": W_DEC, "b_dec": B_DEC}


@pytest.mark.exercise("saes.gated_losses")
def test_the_three_terms_by_hand():
    """Error, sparsity and auxiliary error of two rows are 0.75, 1.25 and 1.125."""
    got = on_copies(saes.gated_losses)(X, LATENTS, GATE, W_DEC, B_DEC)
    for term, value, expected, teach in zip(
        ("error", "sparsity", "auxiliary"),
        got,
        (0.75, 1.25, 1.125),
        (
            "The reconstructions are (1.5, 0) and (0.5, 2): squares 0.25 and 1.25.",
            "The open gates are 0.5 in row 0 and 2 in row 1. Closed ones cost nothing.",
            "With the open gates as latents: (1, 0) and (0.5, 2), squares 1 and 1.25.",
        ),
        strict=True,
    ):
        same(value, torch.tensor(expected), given=GIVEN, teach=teach, what=term)


def random_parts(seed: int) -> list[torch.Tensor]:
    g = seeded(seed)
    W_dec = torch.nn.functional.normalize(torch.randn(5, 3, generator=g), dim=-1)
    parts = [torch.rand(6, 5, generator=g), torch.randn(6, 5, generator=g), W_dec, torch.randn(3, generator=g)]
    return [torch.randn(6, 3, generator=g), *(part.requires_grad_() for part in parts)]


@pytest.mark.exercise("saes.gated_losses")
def test_the_auxiliary_error_teaches_the_gate_only(seed):
    """The auxiliary error gives a gradient to the gate and none to the decoder."""
    x, latents, gate, W_dec, b_dec = random_parts(seed)
    auxiliary = on_copies(saes.gated_losses)(x, latents, gate, W_dec, b_dec)[2]
    holds(auxiliary.requires_grad, "No gradient flows from the auxiliary error; the gate would learn nothing from it.")
    auxiliary.backward()
    holds(gate.grad is not None and bool(gate.grad.any()), "No gradient reaches the gate.")
    for name, part in (("W_dec", W_dec), ("b_dec", b_dec), ("latents", latents)):
        holds(
            part.grad is None or not part.grad.any(),
            f"The auxiliary error gives a gradient to {name}. The decoder is to be trained on the latents it is used "
            "with, and not on the gates.",
        )


@pytest.mark.exercise("saes.gated_losses")
def test_the_error_trains_latents_and_decoder(seed):
    """The error gives gradients to latents and decoder, the sparsity to open gates, 1 for each over the rows."""
    x, latents, gate, W_dec, b_dec = random_parts(seed)
    error, sparsity, _ = on_copies(saes.gated_losses)(x, latents, gate, W_dec, b_dec)
    holds(error.requires_grad and sparsity.requires_grad, "A term was cut off from what it is to train.")
    error.backward()
    for name, part in (("latents", latents), ("W_dec", W_dec), ("b_dec", b_dec)):
        holds(part.grad is not None and bool(part.grad.any()), f"The error gives no gradient to {name}.")
    holds(gate.grad is None or not gate.grad.any(), "The error gives a gradient to the gate's pre-activations.")
    gate.grad = None
    sparsity.backward()
    same(gate.grad, (gate > 0).float() / 6, given={"gate": gate.detach()}, what="gradient of the sparsity for the gate")


@pytest.mark.exercise("saes.gated_losses")
def test_gated_losses_agree_with_loops(seed):
    """On random numbers the three terms agree with loops over rows."""
    x, *parts = random_parts(seed)
    latents, gate, W_dec, b_dec = (part.detach() for part in parts)

    def squares(codes):
        total = 0.0
        for row, code in zip(x, codes, strict=True):
            guess = b_dec + sum(float(c) * w for c, w in zip(code, W_dec, strict=True))
            total += float(((row - guess) ** 2).sum())
        return total / 6

    opened = gate * (gate > 0)
    expected = (squares(latents), float(opened.sum()) / 6, squares(opened))
    got = on_copies(saes.gated_losses)(x, latents, gate, W_dec, b_dec)
    same(tuple(map(float, got)), expected, what="(error, sparsity, auxiliary)", atol=1e-4)
