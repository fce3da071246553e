"""Checks of saes.clamp_latent: Steer with a feature."""

import pytest
import torch

from mi_tutor.exercises import saes
from mi_tutor.tutor.judge import same, seeded

from .on_copies import on_copies

X = torch.tensor([[1.0, 2.0], [3.0, 4.0], [0.0, -1.0]])
LATENTS = torch.tensor([[0.5, 9.0], [0.0, 9.0], [4.0, 9.0]])
W_DEC = torch.tensor([[1.0, -2.0], [5.0, 5.0]])
GIVEN = {"x": X, "latents": LATENTS, "W_dec": W_DEC}


@pytest.mark.exercise("saes.clamp_latent")
def test_clamping_by_hand():
    """Latent 0 is set to 3 in rows where it was 0.5, 0 and 4."""
    same(
        on_copies(saes.clamp_latent)(X, LATENTS, W_DEC, 0, 3.0),
        torch.tensor([[3.5, -3.0], [6.0, -2.0], [-1.0, 1.0]]),
        given={**GIVEN, "latent": 0, "value": 3.0},
        teach="The latent changes by 2.5, 3 and -1, each times (1, -2).",
        what="activations",
    )


@pytest.mark.exercise("saes.clamp_latent")
def test_a_latent_that_has_the_value_already():
    """Where the latent has this value already nothing changes, whatever the SAE misses in x."""
    same(
        on_copies(saes.clamp_latent)(X, LATENTS, W_DEC, 1, 9.0),
        X,
        given={**GIVEN, "latent": 1, "value": 9.0},
        teach="The reconstruction of x is far from x here. What the SAE misses has to stay in.",
        what="activations",
    )


@pytest.mark.exercise("saes.clamp_latent")
def test_clamping_to_zero_is_an_ablation():
    """At the value 0 the latent's own share is taken out."""
    same(
        on_copies(saes.clamp_latent)(X, LATENTS, W_DEC, 0, 0.0),
        torch.tensor([[0.5, 3.0], [3.0, 4.0], [-4.0, 7.0]]),
        given={**GIVEN, "latent": 0, "value": 0.0},
        what="activations",
    )


@pytest.mark.exercise("saes.clamp_latent")
def test_clamping_leaves_x_alone(seed):
    """On random numbers it agrees with a loop, and x is not changed."""
    g = seeded(seed)
    x, latents, W_dec = torch.randn(5, 4, generator=g), torch.rand(5, 6, generator=g), torch.randn(6, 4, generator=g)
    before = x.clone()
    expected = torch.stack([row + (2.5 - float(f[3])) * W_dec[3] for row, f in zip(x, latents, strict=True)])
    same(
        saes.clamp_latent(x, latents, W_dec, 3, 2.5),
        expected,
        given={"x": x, "latents": latents, "W_dec": W_dec, "latent": 3, "value": 2.5},
        what="activations",
    )
    same(x, before, teach="Return new activations; the clean ones are still needed.", what="x after the call")
