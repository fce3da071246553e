"""Checks of saes.resampled: A new start for dead latents."""

import pytest
import torch

from mi_tutor.exercises import saes
from mi_tutor.tutor.judge import holds, same, seeded

from .on_copies import on_copies

W_ENC = torch.tensor([[3.0, 7.0, 0.0, 7.0], [4.0, 7.0, 1.0, 7.0]])  # living columns 0 and 2 of norms 5 and 1
B_ENC = torch.tensor([0.5, -1.0, 0.25, -2.0])
W_DEC = torch.tensor([[1.0, 0.0], [0.5, 0.5], [0.0, 1.0], [2.0, 0.0]])
DEAD = torch.tensor([False, True, False, True])
INPUTS = torch.tensor([[1.0, 0.0], [6.0, 8.0], [0.0, 5.0]])
ONLY_ROW_1 = torch.tensor([0.0, 2.0, 0.0])
GIVEN = {"W_enc": W_ENC, "b_enc": B_ENC, "dead": DEAD, "inputs": INPUTS, "losses": ONLY_ROW_1}


def by_hand():
    return on_copies(saes.resampled)(W_ENC, B_ENC, W_DEC, DEAD, INPUTS, ONLY_ROW_1, seeded(0))


@pytest.mark.exercise("saes.resampled")
def test_the_decoder_points_at_the_input():
    """A dead latent's decoder row becomes the drawn input at norm 1; living rows stay."""
    same(
        by_hand()[2],
        torch.tensor([[1.0, 0.0], [0.6, 0.8], [0.0, 1.0], [0.6, 0.8]]),
        given=GIVEN,
        teach="Only row 1 has a loss, so it is drawn for both dead latents. It is (6, 8), of norm 10.",
        what="W_dec",
    )


@pytest.mark.exercise("saes.resampled")
def test_the_encoder_reads_it_faintly():
    """Its encoder column is that direction at 0.2 times the mean norm of the living columns."""
    same(
        by_hand()[0],
        torch.tensor([[3.0, 0.36, 0.0, 0.36], [4.0, 0.48, 1.0, 0.48]]),
        given=GIVEN,
        teach="The living columns have norms 5 and 1, on average 3. The new ones have norm 0.6, so that a new latent "
        "begins softly.",
        what="W_enc",
    )


@pytest.mark.exercise("saes.resampled")
def test_the_bias_starts_at_zero():
    """Its encoder bias becomes 0; those of living latents stay."""
    same(
        by_hand()[1],
        torch.tensor([0.5, 0.0, 0.25, 0.0]),
        given=GIVEN,
        teach="A very negative bias may be the reason why the latent died.",
        what="b_enc",
    )


@pytest.mark.exercise("saes.resampled")
def test_rows_are_drawn_by_the_square_of_their_loss(seed):
    """Losses of 1, 2 and 3 are drawn in the proportion 1 : 4 : 9, for each latent anew."""
    features, inputs = 4000, torch.eye(3)
    dead = torch.ones(features, dtype=torch.bool)
    dead[0] = False
    g = seeded(seed)
    W_enc, W_dec = torch.randn(3, features, generator=g), torch.randn(features, 3, generator=g)
    got = on_copies(saes.resampled)(
        W_enc, torch.zeros(features), W_dec, dead, inputs, torch.tensor([1.0, 2.0, 3.0]), g
    )[2]
    same(
        got[1:].mean(0),
        torch.tensor([1 / 14, 4 / 14, 9 / 14]),
        given={"losses": [1, 2, 3], "dead latents": features - 1},
        teach="The shares of the three inputs among the new decoder rows. The worst rows should be drawn most, yet not "
        "alone, or all dead latents become the same latent.",
        what="share of each row",
        atol=0.05,
    )


@pytest.mark.exercise("saes.resampled")
def test_the_old_weights_stay_and_nothing_happens_without_the_dead():
    """The weights given are left as they were; without dead latents they come back unchanged."""
    W_enc, b_enc, W_dec = W_ENC.clone(), B_ENC.clone(), W_DEC.clone()
    saes.resampled(W_enc, b_enc, W_dec, DEAD, INPUTS, ONLY_ROW_1, seeded(1))
    for name, now, before in (("W_enc", W_enc, W_ENC), ("b_enc", b_enc, B_ENC), ("W_dec", W_dec, W_DEC)):
        same(now, before, teach="Work on the copies.", what=f"{name} of the caller")
    nobody = torch.zeros(4, dtype=torch.bool)
    got = on_copies(saes.resampled)(W_ENC, B_ENC, W_DEC, nobody, INPUTS, ONLY_ROW_1, seeded(1))
    for name, new, old in zip(("W_enc", "b_enc", "W_dec"), got, (W_ENC, B_ENC, W_DEC), strict=True):
        same(new, old, given={"dead": nobody}, teach="No latent is dead.", what=name)


@pytest.mark.exercise("saes.resampled")
def test_the_generator_is_the_only_chance():
    """Equal generators give equal weights, other ones others, and torch's global state is left alone."""
    inputs, losses = torch.eye(20), torch.ones(20)
    W_enc, W_dec, b_enc = torch.ones(20, 30), torch.ones(30, 20), torch.ones(30)
    dead = torch.arange(30) > 0
    torch.manual_seed(4)
    expected = torch.rand(1)
    torch.manual_seed(4)
    first, again, other = (saes.resampled(W_enc, b_enc, W_dec, dead, inputs, losses, seeded(s))[2] for s in (1, 1, 2))
    same(torch.rand(1), expected, teach="Draw with the generator, not with torch's global state.", what="global state")
    same(again, first, teach="Two equal generators should lead to the same draws.", what="W_dec")
    holds(not torch.equal(other, first), "Generators with other seeds give the same draws: the generator is not used.")
