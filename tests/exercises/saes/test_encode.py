"""Checks of saes.encode: From an activation to latents."""

import pytest
import torch

from mi_tutor.exercises import saes
from mi_tutor.tutor.judge import same, seeded

from .on_copies import on_copies

W_ENC = torch.tensor([[1.0, 0.0, 2.0], [1.0, 3.0, 1.0]])
B_ENC = torch.tensor([0.5, 1.0, -4.0])
B_DEC = torch.tensor([1.0, 2.0])
GIVEN = {"W_enc": W_ENC, "b_enc": B_ENC, "b_dec": B_DEC}


@pytest.mark.exercise("saes.encode")
def test_encode_by_hand():
    """Two rows, three latents, worked out by hand."""
    x = torch.tensor([[3.0, 1.0], [1.0, 3.0]])
    same(
        on_copies(saes.encode)(x, W_ENC, B_ENC, B_DEC),
        torch.tensor([[1.5, 0.0, 0.0], [1.5, 4.0, 0.0]]),
        given={"x": x, **GIVEN},
        teach="The first row lies at (2, -1) from b_dec. Its pre-activations are 1 + 0.5, -3 + 1 and 3 - 4.",
        what="latents",
    )


@pytest.mark.exercise("saes.encode")
def test_encode_starts_from_the_decoder_bias():
    """At x = b_dec only the encoder's biases are left."""
    for b_dec in (B_DEC, torch.tensor([-1.0, 0.5])):
        same(
            on_copies(saes.encode)(b_dec[None], W_ENC, B_ENC, b_dec),
            torch.tensor([[0.5, 1.0, 0.0]]),
            given={**GIVEN, "x": b_dec[None], "b_dec": b_dec},
            teach="There x - b_dec is 0, so a latent is ReLU of its bias.",
            what="latents",
        )


@pytest.mark.exercise("saes.encode")
def test_a_negative_bias_keeps_weak_inputs_out():
    """A negative bias is a threshold: what does not reach it gives 0."""
    x = torch.tensor([[1.0, 2.0], [2.0, 2.0], [3.5, 2.0]])
    same(
        on_copies(saes.encode)(x, W_ENC, B_ENC, B_DEC)[:, 2],
        torch.tensor([0.0, 0.0, 1.0]),
        given={"x": x, **GIVEN},
        teach="Latent 2 reads 0, 2 and 5, and its bias is -4. The bias is added before the ReLU.",
        what="latent 2",
    )


@pytest.mark.exercise("saes.encode")
def test_encode_agrees_with_loops(seed):
    """On random weights it agrees with sums over plain numbers."""
    g = seeded(seed)
    x, W = torch.randn(4, 3, generator=g), torch.randn(3, 5, generator=g)
    b_enc, b_dec = torch.randn(5, generator=g), torch.randn(3, generator=g)
    expected = [
        [
            max(0.0, float(b_enc[i]) + sum(float(x[n, d] - b_dec[d]) * float(W[d, i]) for d in range(3)))
            for i in range(5)
        ]
        for n in range(4)
    ]
    same(
        on_copies(saes.encode)(x, W, b_enc, b_dec),
        torch.tensor(expected),
        given={"x": x, "W_enc": W, "b_enc": b_enc, "b_dec": b_dec},
        teach="Take off b_dec, read each column of W_enc, add its bias, cut at 0.",
        what="latents",
        atol=1e-4,
    )
