"""Checks of judging_saes.held_out_matches: Mend: the luckiest of a thousand."""

import pytest
import torch

from mi_tutor.exercises import judging_saes
from mi_tutor.tutor.judge import holds, same, seeded

from .on_copies import on_copies

# On the first four rows latent 0 of b moves with latent 0 of a and latent 1 with latent 1, on the others crosswise.
A = torch.tensor([[1.0, 3.0], [2.0, 0.0], [3.0, 1.0], [0.0, 2.0], [0.0, 3.0], [1.0, 1.0], [2.0, 2.0], [3.0, 0.0]])
B = torch.cat([2 * A[:4], A[4:, [1, 0]] * torch.tensor([3.0, 6.0])])
TRAIN = torch.tensor([True, True, True, True, False, False, False, False])


@pytest.mark.exercise("judging_saes.held_out_matches")
def test_the_partner_is_chosen_before():
    """The partners that were perfect in training have correlation −0.8 on the other rows, and that is the answer."""
    same(
        on_copies(judging_saes.held_out_matches)(A, B, TRAIN),
        torch.tensor([-0.8, -0.8]),
        given={"a": A, "b": B, "train": TRAIN},
        teach="On the training rows each latent of b is twice that of a with its number. On the others latent 0 of b "
        "is 9, 3, 6, 0 where latent 0 of a is 0, 1, 2, 3: around the means of these rows, -0.8. Another partner would "
        "be perfect there, and nobody could have known.",
        what="correlation",
    )


@pytest.mark.exercise("judging_saes.held_out_matches")
def test_chance_does_not_last():
    """Among 400 latents of pure chance the best of eight rows is worth nothing on 200 others."""
    g = seeded(0)
    a, b = torch.rand(208, 5, generator=g), torch.rand(208, 400, generator=g)
    got = on_copies(judging_saes.held_out_matches)(a, b, torch.arange(208) < 8)
    holds(
        float(got.abs().max()) < 0.35,
        "On the eight training rows the best correlations are above 0.8, by luck. On the others they are near 0.",
        got=got,
        expected="five correlations near 0",
    )


@pytest.mark.exercise("judging_saes.held_out_matches")
def test_a_true_partner_stays():
    """A latent that is a scaled copy of another is found and keeps correlation 1."""
    g = seeded(1)
    b = torch.randn(40, 6, generator=g).relu()
    a = 2 * b[:, [4, 1]]
    same(
        on_copies(judging_saes.held_out_matches)(a, b, torch.arange(40) % 2 == 0),
        torch.ones(2),
        what="correlation",
        atol=1e-4,
    )


@pytest.mark.exercise("judging_saes.held_out_matches")
def test_silence_on_the_other_rows():
    """A latent that is 0 on all other rows has correlation 0 there, not nan."""
    a = torch.tensor([[1.0, 2.0], [2.0, 0.0], [0.0, 1.0], [0.0, 1.0], [0.0, 3.0], [0.0, 2.0]])
    b = torch.tensor([[2.0, 4.0], [4.0, 0.0], [0.0, 2.0], [1.0, 0.0], [3.0, 0.0], [2.0, 0.0]])
    train = torch.tensor([True, True, True, False, False, False])
    same(
        on_copies(judging_saes.held_out_matches)(a, b, train),
        torch.tensor([0.0, 0.0]),
        given={"a": a, "b": b, "train": train},
        teach="On the last three rows latent 0 of a is silent, and so is the partner of latent 1.",
        what="correlation",
    )


@pytest.mark.exercise("judging_saes.held_out_matches")
def test_held_out_matches_agree_with_numpy(seed):
    """On random latents it agrees with numpy's correlations on both parts of the rows."""
    import numpy as np

    g = seeded(seed)
    a, b = torch.randn(40, 4, generator=g).relu(), torch.randn(40, 7, generator=g).relu()
    train = torch.randperm(40, generator=g) < 25
    chosen = np.corrcoef(a[train].T.numpy(), b[train].T.numpy())[:4, 4:].argmax(1)
    rest = np.corrcoef(a[~train].T.numpy(), b[~train].T.numpy())[:4, 4:]
    same(
        on_copies(judging_saes.held_out_matches)(a, b, train),
        torch.tensor([rest[i, j] for i, j in enumerate(chosen)], dtype=torch.float32),
        given={"a": a, "b": b, "train": train},
        what="correlation",
        atol=1e-4,
    )
