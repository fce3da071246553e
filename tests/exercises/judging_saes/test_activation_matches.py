"""Checks of judging_saes.activation_matches: Find each latent's partner."""

import pytest
import torch

from mi_tutor.exercises import judging_saes
from mi_tutor.tutor.judge import same, seeded

from .on_copies import on_copies

A = torch.tensor([[1.0, 0.0], [2.0, 0.0], [3.0, 1.0], [0.0, 3.0]])
B = torch.tensor([[9.0, 0.0, 12.0], [8.0, 0.0, 14.0], [7.0, 0.5, 16.0], [10.0, 1.5, 10.0]])


@pytest.mark.exercise("judging_saes.activation_matches")
def test_partners_by_hand():
    """Latent 0 moves as latent 2 of the other SAE does, latent 1 as its latent 1: both with correlation 1."""
    partner, correlation = on_copies(judging_saes.activation_matches)(A, B)
    teach = (
        "Latent 2 of b is 10 more than twice latent 0 of a, latent 1 of b half of latent 1. Level and scale do not "
        "matter, so both correlations are 1. Latent 0 of b moves against latent 0."
    )
    same(partner, torch.tensor([2, 1]), given={"a": A, "b": B}, teach=teach, what="partner")
    same(correlation, torch.tensor([1.0, 1.0]), given={"a": A, "b": B}, teach=teach, what="correlation")


@pytest.mark.exercise("judging_saes.activation_matches")
def test_an_opposite_is_no_partner():
    """Where the only other latent moves the opposite way, the best correlation is negative."""
    partner, correlation = on_copies(judging_saes.activation_matches)(A[:, :1], B[:, :1])
    given = {"a": A[:, :1], "b": B[:, :1]}
    same(partner, torch.tensor([0]), given=given, what="partner")
    same(
        correlation, torch.tensor([-1.0]), given=given, teach="Latent 0 of b is 10 minus that of a.", what="correlation"
    )


@pytest.mark.exercise("judging_saes.activation_matches")
def test_dead_latents_match_nothing():
    """A latent that is 0 everywhere has correlation 0, on either side."""
    a, b = torch.tensor([[0.0, 1.0], [0.0, 2.0], [0.0, 0.0]]), torch.tensor([[0.0, 2.0], [0.0, 1.0], [0.0, 3.0]])
    partner, correlation = on_copies(judging_saes.activation_matches)(a, b)
    same(
        correlation,
        torch.tensor([0.0, 0.0]),
        given={"a": a, "b": b},
        teach="The deviations of a constant are 0, and 0 / 0 is nan for torch. Latent 1 of a is better off with nobody "
        "than with latent 1 of b, which moves against it.",
        what="correlation",
    )
    same(partner[1], torch.tensor(0), given={"a": a, "b": b}, what="partner of latent 1")


@pytest.mark.exercise("judging_saes.activation_matches")
def test_matches_agree_with_numpy(seed):
    """On random latents of different numbers it agrees with numpy's correlations."""
    import numpy as np

    g = seeded(seed)
    a, b = torch.randn(25, 5, generator=g).relu(), torch.randn(25, 8, generator=g).relu() + 0.3
    table = np.corrcoef(a.T.numpy(), b.T.numpy())[:5, 5:]
    partner, correlation = on_copies(judging_saes.activation_matches)(a, b)
    same(partner, torch.tensor(table.argmax(1)), given={"a": a, "b": b}, what="partner")
    expected = torch.tensor(table.max(1), dtype=torch.float32)
    same(correlation, expected, given={"a": a, "b": b}, what="correlation", atol=1e-4)
