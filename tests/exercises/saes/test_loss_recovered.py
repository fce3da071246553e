"""Checks of saes.loss_recovered: What the model loses by the SAE."""

import pytest
import torch

from mi_tutor.exercises import saes
from mi_tutor.tutor.judge import raises, same, seeded

from .on_copies import on_copies

CLEAN, SPLICED, BASELINE = torch.tensor([1.0, 3.0]), torch.tensor([2.0, 3.0]), torch.tensor([3.0, 9.0])
GIVEN = {"clean": CLEAN, "spliced": SPLICED, "baseline": BASELINE}


@pytest.mark.exercise("saes.loss_recovered")
def test_loss_recovered_by_hand():
    """Mean losses 2, 2.5 and 6 in the clean, spliced and ablated run: 7/8 are recovered."""
    same(
        on_copies(saes.loss_recovered)(CLEAN, SPLICED, BASELINE),
        0.875,
        given=GIVEN,
        teach="(6 - 2.5) / (6 - 2). Averages over tokens first, then the ratio.",
        what="share recovered",
    )


@pytest.mark.exercise("saes.loss_recovered")
def test_the_two_ends_of_the_scale():
    """A perfect reconstruction recovers 1, one that is as bad as the ablation 0."""
    same(saes.loss_recovered(CLEAN, CLEAN, BASELINE), 1.0, given={**GIVEN, "spliced": CLEAN}, what="share recovered")
    same(
        on_copies(saes.loss_recovered)(CLEAN, BASELINE, BASELINE),
        0.0,
        given={**GIVEN, "spliced": BASELINE},
        what="share recovered",
    )


@pytest.mark.exercise("saes.loss_recovered")
def test_beyond_the_ends():
    """Worse than the ablation is below 0, better than the clean run above 1."""
    for spliced, expected in ((torch.tensor([6.0, 8.0]), -0.25), (torch.tensor([1.0, 1.0]), 1.25)):
        same(
            on_copies(saes.loss_recovered)(CLEAN, spliced, BASELINE),
            expected,
            given={**GIVEN, "spliced": spliced},
            teach="Cutting the number off at 0 or 1 would hide it.",
            what="share recovered",
        )


@pytest.mark.exercise("saes.loss_recovered")
def test_an_ablation_that_does_no_harm_is_refused():
    """Where the ablated run is not worse than the clean one, a ValueError is raised."""
    for baseline in (CLEAN, torch.tensor([1.0, 2.0])):
        with raises(
            ValueError,
            teach=f"The mean is 2.0 in the clean run and {baseline.mean():.1f} in the ablated one: not above it. "
            "There is nothing to recover, and the ratio would be infinite or of the wrong sign.",
            given={**GIVEN, "baseline": baseline},
        ):
            on_copies(saes.loss_recovered)(CLEAN, SPLICED, baseline)


@pytest.mark.exercise("saes.loss_recovered")
def test_single_tokens_may_gain_from_the_ablation(seed):
    """On random losses it agrees with plain means, though some tokens are better off without the activations."""
    g = seeded(seed)
    clean = 3 * torch.rand(50, generator=g)
    spliced, baseline = clean + 0.3 * torch.randn(50, generator=g), clean + 1 + torch.randn(50, generator=g)
    a, b, c = (sum(losses.tolist()) / 50 for losses in (clean, spliced, baseline))
    same(
        on_copies(saes.loss_recovered)(clean, spliced, baseline),
        (c - b) / (c - a),
        teach="A ratio for each token would be divided by numbers near 0.",
        what="share recovered",
        atol=1e-4,
    )
