"""Checks of saes.l0_and_density: Sparse by row, sparse by latent."""

import pytest
import torch

from mi_tutor.exercises import saes
from mi_tutor.tutor.judge import same, seeded

from .on_copies import on_copies

LATENTS = torch.tensor([[1.0, 0.0, 2.0], [0.0, 0.0, 0.5], [3.0, 0.0, 1.0], [0.0, 0.0, 0.0]])


@pytest.mark.exercise("saes.l0_and_density")
def test_l0_by_hand():
    """Rows with 2, 1, 2 and 0 active latents have L0 = 1.25."""
    same(
        on_copies(saes.l0_and_density)(LATENTS)[0],
        1.25,
        given={"latents": LATENTS},
        teach="Count within each row, then average over rows. How large a latent is does not matter.",
        what="L0",
    )


@pytest.mark.exercise("saes.l0_and_density")
def test_density_by_hand():
    """Latents active on 2, 0 and 3 of 4 rows have densities 0.5, 0 and 0.75."""
    same(
        on_copies(saes.l0_and_density)(LATENTS)[1],
        torch.tensor([0.5, 0.0, 0.75]),
        given={"latents": LATENTS},
        what="density",
    )


@pytest.mark.exercise("saes.l0_and_density")
def test_a_longer_batch_is_not_less_sparse():
    """The same rows ten times over have the same L0 and the same densities."""
    same(
        on_copies(saes.l0_and_density)(LATENTS.repeat(10, 1)),
        (1.25, torch.tensor([0.5, 0.0, 0.75])),
        given={"latents": "the four rows ten times"},
        teach="L0 is about a row. In a long enough batch every latent is active somewhere.",
        what="(L0, density)",
    )


@pytest.mark.exercise("saes.l0_and_density")
def test_the_densities_add_up_to_l0(seed):
    """On random latents counting by rows and by latents agrees with loops."""
    latents = (torch.randn(9, 6, generator=seeded(seed)) - 0.3).relu()
    active = [[value > 0 for value in row] for row in latents.tolist()]
    density = [sum(column) / 9 for column in zip(*active, strict=True)]
    same(
        on_copies(saes.l0_and_density)(latents),
        (sum(map(sum, active)) / 9, torch.tensor(density)),
        given={"latents": latents},
        what="(L0, density)",
    )
