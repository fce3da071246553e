"""Checks of saes.shrinkage: Are the reconstructions too short?"""

import pytest
import torch

from mi_tutor.exercises import saes
from mi_tutor.tutor.judge import same, seeded

from .on_copies import on_copies

B_DEC = torch.tensor([1.0, 0.0])


@pytest.mark.exercise("saes.shrinkage")
def test_shrinkage_by_hand():
    """One row written at half its length, one at three quarters: γ = 10/14."""
    x, x_hat = torch.tensor([[3.0, 0.0], [1.0, 4.0]]), torch.tensor([[2.0, 0.0], [1.0, 3.0]])
    same(
        on_copies(saes.shrinkage)(x, x_hat, B_DEC),
        10 / 14,
        given={"x": x, "x_hat": x_hat, "b_dec": B_DEC},
        teach="From b_dec, (2, 0) and (0, 4) are to be written, (1, 0) and (0, 3) are. The squared error of r'/γ is "
        "smallest at γ = (1 + 9) / (2 + 12).",
        what="γ",
    )


@pytest.mark.exercise("saes.shrinkage")
def test_halved_reconstructions_have_one_half(seed):
    """Reconstructions at half the right length have γ = 0.5."""
    g = seeded(seed)
    x, b_dec = torch.randn(6, 4, generator=g), torch.randn(4, generator=g)
    same(
        on_copies(saes.shrinkage)(x, b_dec + 0.5 * (x - b_dec), b_dec),
        0.5,
        given={"x": x, "b_dec": b_dec},
        teach="Divided by 0.5 they are right.",
        what="γ",
        atol=1e-4,
    )


@pytest.mark.exercise("saes.shrinkage")
def test_what_is_missed_does_not_count_as_shrinkage():
    """An SAE that writes one feature at full length and misses another at a right angle has γ = 1."""
    x, x_hat = torch.tensor([[3.0, 5.0], [4.0, -7.0]]), torch.tensor([[3.0, 0.0], [4.0, 0.0]])
    same(
        on_copies(saes.shrinkage)(x, x_hat, B_DEC),
        1.0,
        given={"x": x, "x_hat": x_hat, "b_dec": B_DEC},
        teach="Making the first feature longer would not help the second.",
        what="γ",
    )


@pytest.mark.exercise("saes.shrinkage")
def test_shrinkage_is_the_best_factor(seed):
    """No other factor brings the reconstructions nearer to the activations."""
    g = seeded(seed)
    x, b_dec = torch.randn(30, 5, generator=g), torch.randn(5, generator=g)
    written = 0.7 * (x - b_dec) + 0.3 * torch.randn(30, 5, generator=g)
    scales = torch.linspace(0.3, 3.0, 27001)  # 1 / γ
    a, b = float(written.square().sum()), float((written * (x - b_dec)).sum())
    errors = a * scales**2 - 2 * b * scales  # the squared error up to a constant
    same(
        on_copies(saes.shrinkage)(x, b_dec + written, b_dec),
        1 / float(scales[errors.argmin()]),
        teach="Of 27,001 factors 1/γ the best was searched.",
        what="γ",
        atol=1e-3,
    )
