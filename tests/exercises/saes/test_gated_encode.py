"""Checks of saes.gated_encode: Whether, and how strongly."""

import math

import pytest
import torch

from mi_tutor.exercises import saes
from mi_tutor.tutor.judge import same, seeded

from .on_copies import on_copies

X = torch.tensor([[2.0, 1.0], [0.0, 2.0]])
B_DEC = torch.tensor([1.0, 1.0])
W_GATE = torch.tensor([[1.0, -1.0, 0.5], [2.0, 1.0, 1.0]])
B_GATE = torch.tensor([-0.5, -1.5, -1.0])
R_MAG = torch.tensor([math.log(2.0), 0.0, math.log(4.0)])
B_MAG = torch.tensor([-1.0, -0.5, 0.3])
GIVEN = {"x": X, "W_gate": W_GATE, "b_gate": B_GATE, "r_mag": "ln(2, 1, 4)", "b_mag": B_MAG, "b_dec": B_DEC}


@pytest.mark.exercise("saes.gated_encode")
def test_the_gates_by_hand():
    """Two rows, three gates: the pre-activations of the gates."""
    same(
        on_copies(saes.gated_encode)(X, W_GATE, B_GATE, R_MAG, B_MAG, B_DEC)[1],
        torch.tensor([[0.5, -2.5, -0.5], [0.5, 0.5, -0.5]]),
        given=GIVEN,
        teach="The rows lie at (1, 0) and (-1, 1) from b_dec and read (1, -1, 0.5) and (1, 2, 0.5). Then the gate's "
        "bias is added.",
        what="gate",
    )


@pytest.mark.exercise("saes.gated_encode")
def test_the_gated_latents_by_hand():
    """A latent has its magnitude where its gate is open; a strong magnitude behind a closed gate is 0."""
    same(
        on_copies(saes.gated_encode)(X, W_GATE, B_GATE, R_MAG, B_MAG, B_DEC)[0],
        torch.tensor([[1.0, 0.0, 0.0], [1.0, 1.5, 0.0]]),
        given=GIVEN,
        teach="In row 0 only the first gate is open, and its magnitude is 2 · 1 - 1. The magnitudes of row 1 are "
        "2 · 1 - 1, 1 · 2 - 0.5 and 4 · 0.5 + 0.3 = 2.3; the third gate is closed.",
        what="latents",
    )


@pytest.mark.exercise("saes.gated_encode")
def test_an_open_gate_may_have_nothing_behind_it():
    """Behind an open gate a negative magnitude is 0."""
    x, b_mag = torch.tensor([[4.0, 1.0]]), torch.tensor([-7.0, 0.0, -1.0])
    same(
        on_copies(saes.gated_encode)(x, W_GATE, B_GATE, R_MAG, b_mag, B_DEC)[0],
        torch.tensor([[0.0, 0.0, 5.0]]),
        given={**GIVEN, "x": x, "b_mag": b_mag},
        teach="The first gate is open at 2.5, its magnitude is 2 · 3 - 7 = -1.",
        what="latents",
    )


@pytest.mark.exercise("saes.gated_encode")
def test_a_gate_at_zero_is_closed():
    """A gate whose pre-activation is exactly 0 is closed."""
    b_gate = torch.tensor([0.0, 0.25, 0.0])
    same(
        on_copies(saes.gated_encode)(B_DEC[None], W_GATE, b_gate, R_MAG, torch.ones(3), B_DEC),
        (torch.tensor([[0.0, 1.0, 0.0]]), b_gate[None]),
        given={**GIVEN, "x": B_DEC[None], "b_gate": b_gate, "b_mag": [1, 1, 1]},
        teach="At x = b_dec only the biases are left. Open means above 0.",
        what="(latents, gate)",
    )


@pytest.mark.exercise("saes.gated_encode")
def test_gated_encode_agrees_with_two_encoders(seed):
    """On random weights it agrees with two separate encoders whose second has stretched columns."""
    g = seeded(seed)
    x, W = torch.randn(6, 3, generator=g), torch.randn(3, 5, generator=g)
    b_gate, r_mag, b_mag = torch.randn(3, 5, generator=g)
    b_dec = torch.randn(3, generator=g)
    latents, gate = torch.zeros(6, 5), torch.zeros(6, 5)
    for n in range(6):
        for i in range(5):
            column = W[:, i]
            gate[n, i] = (x[n] - b_dec) @ column + b_gate[i]
            magnitude = (x[n] - b_dec) @ (math.exp(r_mag[i]) * column) + b_mag[i]
            latents[n, i] = max(float(magnitude), 0.0) if gate[n, i] > 0 else 0.0
    same(
        on_copies(saes.gated_encode)(x, W, b_gate, r_mag, b_mag, b_dec),
        (latents, gate),
        given={"x": x, "W_gate": W, "b_gate": b_gate, "r_mag": r_mag, "b_mag": b_mag, "b_dec": b_dec},
        what="(latents, gate)",
        atol=1e-4,
    )
