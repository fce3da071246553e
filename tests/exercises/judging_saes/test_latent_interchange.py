"""Checks of judging_saes.latent_interchange: Take some latents from another prompt."""

import pytest
import torch

from mi_tutor.exercises import judging_saes
from mi_tutor.tutor.judge import same, seeded

from .on_copies import on_copies

BASE = torch.tensor([[5.0, 1.0]])
BASE_LATENTS, SOURCE_LATENTS = torch.tensor([[2.0, 1.0, 0.0]]), torch.tensor([[0.0, 4.0, 3.0]])
W_DEC = torch.tensor([[1.0, 0.0], [0.0, 1.0], [2.0, 2.0]])
B_DEC = torch.tensor([0.5, -1.0])
MASK = torch.tensor([True, False, True])
GIVEN = {
    "base": BASE,
    "base_latents": BASE_LATENTS,
    "source_latents": SOURCE_LATENTS,
    "W_dec": W_DEC,
    "b_dec": B_DEC,
    "mask": MASK,
}


@pytest.mark.exercise("judging_saes.latent_interchange")
def test_interchange_without_the_error_by_hand():
    """Without the error the result is the reconstruction from the mixed latents."""
    same(
        on_copies(judging_saes.latent_interchange)(BASE, BASE_LATENTS, SOURCE_LATENTS, W_DEC, B_DEC, MASK, False),
        torch.tensor([[6.5, 6.0]]),
        given={**GIVEN, "keep_error": False},
        teach="Mixed are 0 and 3 from the source and 1 from the base: (0, 0) + (0, 1) + (6, 6) and b_dec.",
        what="activation",
    )


@pytest.mark.exercise("judging_saes.latent_interchange")
def test_interchange_with_the_error_by_hand():
    """With the error, what the SAE misses in the base is added."""
    same(
        on_copies(judging_saes.latent_interchange)(BASE, BASE_LATENTS, SOURCE_LATENTS, W_DEC, B_DEC, MASK, True),
        torch.tensor([[9.0, 7.0]]),
        given={**GIVEN, "keep_error": True},
        teach="The base's own reconstruction is (2.5, 0), so the SAE misses (2.5, 1) of it.",
        what="activation",
    )


@pytest.mark.exercise("judging_saes.latent_interchange")
def test_an_empty_mask():
    """With an empty mask the base comes back if the error is kept, and its reconstruction if not."""
    nothing = torch.zeros(3, dtype=torch.bool)
    for keep_error, expected in ((True, BASE), (False, torch.tensor([[2.5, 0.0]]))):
        same(
            on_copies(judging_saes.latent_interchange)(
                BASE, BASE_LATENTS, SOURCE_LATENTS, W_DEC, B_DEC, nothing, keep_error
            ),
            expected,
            given={**GIVEN, "mask": nothing, "keep_error": keep_error},
            what="activation",
        )


@pytest.mark.exercise("judging_saes.latent_interchange")
def test_interchange_agrees_with_loops(seed):
    """On random numbers it agrees with a loop over rows and latents."""
    g = seeded(seed)
    base, W_dec, b_dec = torch.randn(4, 3, generator=g), torch.randn(6, 3, generator=g), torch.randn(3, generator=g)
    mine, theirs = torch.randn(4, 6, generator=g).relu(), torch.randn(4, 6, generator=g).relu()
    mask = torch.tensor([True, False, True, True, False, False])
    for keep_error in (True, False):
        rows = []
        for n in range(4):
            row = b_dec + sum((theirs if mask[i] else mine)[n, i] * W_dec[i] for i in range(6))
            missed = base[n] - b_dec - sum(mine[n, i] * W_dec[i] for i in range(6))
            rows.append(row + missed if keep_error else row)
        same(
            on_copies(judging_saes.latent_interchange)(base, mine, theirs, W_dec, b_dec, mask, keep_error),
            torch.stack(rows),
            given={"mask": mask, "keep_error": keep_error},
            what="activations",
            atol=1e-4,
        )
