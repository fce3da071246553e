"""Checks of judging_saes.sparse_edit: Change an attribute with few latents."""

import pytest
import torch

from mi_tutor.exercises import judging_saes
from mi_tutor.tutor.judge import same, seeded

from .on_copies import on_copies

X = torch.tensor([[10.0, 20.0], [0.0, 0.0]])
LATENTS = torch.tensor([[3.0, 0.0, 1.0], [0.0, 4.0, 0.0]])
WANTED = torch.tensor([[0.0, 2.0, 1.5], [0.0, 1.0, 0.1]])
W_DEC = torch.tensor([[1.0, 0.0], [0.0, 1.0], [6.0, 8.0]])
GIVEN = {"x": X, "latents": LATENTS, "wanted": WANTED, "W_dec": W_DEC}


@pytest.mark.exercise("judging_saes.sparse_edit")
def test_one_latent_a_row_by_hand():
    """With k = 1 each row changes the latent whose change writes the longest vector."""
    same(
        on_copies(judging_saes.sparse_edit)(X, LATENTS, WANTED, W_DEC, 1),
        torch.tensor([[13.0, 24.0], [0.0, -3.0]]),
        given={**GIVEN, "k": 1},
        teach="The changes of row 0 write vectors of lengths 3, 2 and 0.5 · 10 = 5, so it changes latent 2. Those of "
        "row 1 have lengths 0, 3 and 0.1 · 10 = 1, so it changes latent 1, from 4 to 1.",
        what="activations",
    )


@pytest.mark.exercise("judging_saes.sparse_edit")
def test_taking_out_counts_as_well():
    """With k = 2 row 0 also loses what latent 0 wrote, and row 1 gets a little of latent 2."""
    same(
        on_copies(judging_saes.sparse_edit)(X, LATENTS, WANTED, W_DEC, 2),
        torch.tensor([[10.0, 24.0], [0.6, -2.2]]),
        given={**GIVEN, "k": 2},
        teach="Of the lengths 3, 2, 5 in row 0 the largest two belong to latents 2 and 0, of 0, 3, 1 in row 1 to "
        "latents 1 and 2.",
        what="activations",
    )


@pytest.mark.exercise("judging_saes.sparse_edit")
def test_all_latents_keep_the_error():
    """With k = 3 all latents are as wanted, and what the SAE misses in x is still there."""
    same(
        on_copies(judging_saes.sparse_edit)(X, LATENTS, WANTED, W_DEC, 3),
        torch.tensor([[10.0, 26.0], [0.6, -2.2]]),
        given={**GIVEN, "k": 3},
        teach="All changes together write (-3, 0) + (0, 2) + (3, 4) in row 0 and (0, -3) + (0.6, 0.8) in row 1. That "
        "is added to x.",
        what="activations",
    )


@pytest.mark.exercise("judging_saes.sparse_edit")
def test_the_length_counts_once():
    """A change of 6 along a direction of length 1 comes before one of 0.5 along a direction of length 10."""
    x, latents, wanted = torch.zeros(1, 2), torch.tensor([[0.0, 0.0, 1.0]]), torch.tensor([[6.0, 0.0, 1.5]])
    same(
        on_copies(judging_saes.sparse_edit)(x, latents, wanted, W_DEC, 1),
        torch.tensor([[6.0, 0.0]]),
        given={"x": x, "latents": latents, "wanted": wanted, "W_dec": W_DEC, "k": 1},
        teach="They write vectors of the lengths 6 and 5.",
        what="activations",
    )


@pytest.mark.exercise("judging_saes.sparse_edit")
def test_sparse_edit_agrees_with_loops(seed):
    """On random latents it agrees with sorting the changes row by row."""
    g = seeded(seed)
    x, W_dec = torch.randn(5, 3, generator=g), torch.randn(7, 3, generator=g) * torch.rand(7, 1, generator=g) * 3
    latents, wanted = torch.randn(5, 7, generator=g).relu(), torch.randn(5, 7, generator=g).relu()
    rows = []
    for row, f, t in zip(x, latents, wanted, strict=True):
        sizes = [abs(float(t[i] - f[i])) * float(W_dec[i] @ W_dec[i]) ** 0.5 for i in range(7)]
        for i in sorted(range(7), key=lambda i: -sizes[i])[:3]:
            row = row + (t[i] - f[i]) * W_dec[i]
        rows.append(row)
    same(
        on_copies(judging_saes.sparse_edit)(x, latents, wanted, W_dec, 3),
        torch.stack(rows),
        given={"latents": latents, "wanted": wanted, "W_dec": W_dec, "k": 3},
        what="activations",
        atol=1e-4,
    )
