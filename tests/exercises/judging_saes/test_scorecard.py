"""Checks of judging_saes.scorecard: What reconstructions and latents alone can say."""

import pytest
import torch

from mi_tutor.exercises import judging_saes
from mi_tutor.tutor.judge import same, seeded

from .on_copies import on_copies

X = torch.tensor([[10.0, 0.0], [12.0, 0.0], [14.0, 1.0], [12.0, -1.0]])
X_HAT = X + torch.tensor([[1.0, 0.0], [0.0, 0.0], [0.0, 1.0], [0.0, -1.0]])
LATENTS = torch.tensor([[1.0, 0.0, 0.1, 0.0], [2.0, 0.0, 0.0, 0.0], [0.5, 0.0, 0.0, 3.0], [0.0, 0.0, 0.0, 0.7]])
FAR = torch.tensor([[100.0, 5.0], [104.0, 5.0], [102.0, 5.0]])
FAR_HAT = FAR + torch.tensor([[0.0, 2.0], [0.0, 0.0], [0.0, 0.0]])
GIVEN = {"x": X, "x_hat": X_HAT, "latents": LATENTS, "far": FAR, "far_hat": FAR_HAT, "dense": 0.5}


@pytest.mark.exercise("judging_saes.scorecard")
def test_reconstruction_near_by():
    """Squared errors of 3 against a spread of 10 explain 7/10."""
    same(
        on_copies(judging_saes.scorecard)(X, X_HAT, LATENTS, FAR, FAR_HAT, 0.5)["explained variance"],
        0.7,
        given=GIVEN,
        teach="The mean row is (12, 0). The squared distances from it are 4, 0, 5 and 1, the squared errors 1, 0, 1 "
        "and 1. Both are summed over rows and coordinates before one is divided by the other.",
        what="explained variance",
    )


@pytest.mark.exercise("judging_saes.scorecard")
def test_reconstruction_far_away():
    """Far away squared errors of 4 against a spread of 8 explain one half."""
    same(
        on_copies(judging_saes.scorecard)(X, X_HAT, LATENTS, FAR, FAR_HAT, 0.5)["explained variance far"],
        0.5,
        given=GIVEN,
        teach="The mean row of far itself is (102, 5). The squared distances from it are 4, 4 and 0, the squared "
        "errors 4, 0 and 0. Around the mean of x nearly anything would look explained, since far text lies far away.",
        what="explained variance far",
    )


@pytest.mark.exercise("judging_saes.scorecard")
def test_the_latents_by_hand():
    """L0 is 6 / 4; one of four latents is dead; one is active on more than half of the rows."""
    got = on_copies(judging_saes.scorecard)(X, X_HAT, LATENTS, FAR, FAR_HAT, 0.5)
    for key, expected in (("L0", 1.5), ("dead", 0.25), ("dense", 0.25)):
        same(
            got[key],
            expected,
            given=GIVEN,
            teach="Active on 3, 0, 1 and 2 of 4 rows. Exactly half is not more than half.",
            what=key,
        )


@pytest.mark.exercise("judging_saes.scorecard")
def test_a_rare_latent_is_not_dead():
    """A latent that is active on one row of forty is alive."""
    latents = torch.zeros(40, 2)
    latents[17, 0] = 0.3
    x = torch.arange(80.0).reshape(40, 2)
    same(
        on_copies(judging_saes.scorecard)(x, x, latents, FAR, FAR_HAT, 0.5)["dead"],
        0.5,
        given={"latents": "latent 0 is active on row 17 alone, latent 1 nowhere"},
        what="dead",
    )


@pytest.mark.exercise("judging_saes.scorecard")
def test_the_card_agrees_with_loops(seed):
    """On random activations all five agree with sums over plain rows."""
    g = seeded(seed)
    x, far = torch.randn(12, 3, generator=g) + 4, 3 * torch.randn(7, 3, generator=g) - 9
    x_hat, far_hat = x + 0.3 * torch.randn(12, 3, generator=g), far + torch.randn(7, 3, generator=g)
    latents = (torch.randn(12, 8, generator=g) - torch.linspace(-1, 3, 8)).relu()

    def explained(rows, told):
        mean = sum(rows) / len(rows)
        error = sum(float(((r - t) ** 2).sum()) for r, t in zip(rows, told, strict=True))
        return 1 - error / sum(float(((r - mean) ** 2).sum()) for r in rows)

    density = [sum(v > 0 for v in column) / 12 for column in latents.T.tolist()]
    expected = {
        "explained variance": explained(x, x_hat),
        "explained variance far": explained(far, far_hat),
        "L0": sum(density),
        "dead": sum(d == 0 for d in density) / 8,
        "dense": sum(d > 0.4 for d in density) / 8,
    }
    same(on_copies(judging_saes.scorecard)(x, x_hat, latents, far, far_hat, 0.4), expected, what="card", atol=1e-4)
