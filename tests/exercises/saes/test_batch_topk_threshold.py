"""Checks of saes.batch_topk_threshold: A threshold for use after training."""

import pytest
import torch

from mi_tutor.exercises import saes
from mi_tutor.tutor.judge import same, seeded

from .on_copies import on_copies

LATENTS = torch.tensor([[[5.0, 4.0, 0.0], [0.0, 0.0, 0.0]], [[1.0, 0.0, 0.0], [2.0, 3.0, 0.0]]])


@pytest.mark.exercise("saes.batch_topk_threshold")
def test_the_threshold_by_hand():
    """Two batches whose smallest latents are 4 and 1 give the threshold 2.5."""
    same(
        on_copies(saes.batch_topk_threshold)(LATENTS),
        2.5,
        given={"latents": LATENTS},
        teach="The smallest latent above 0 is 4 in the first batch and 1 in the second: (4 + 1) / 2.",
        what="threshold",
    )


@pytest.mark.exercise("saes.batch_topk_threshold")
def test_a_silent_batch_is_left_out():
    """A batch in which nothing is active does not change the threshold."""
    latents = torch.cat([torch.zeros(1, 2, 3), LATENTS, torch.zeros(1, 2, 3)])
    same(
        on_copies(saes.batch_topk_threshold)(latents),
        2.5,
        given={"latents": latents},
        teach="A batch of zeros has no smallest latent, so the mean is over the two others: (4 + 1) / 2.",
        what="threshold",
    )


@pytest.mark.exercise("saes.batch_topk_threshold")
def test_the_threshold_agrees_with_loops(seed):
    """On random batches it agrees with plain numbers."""
    g = seeded(seed)
    latents = (torch.randn(6, 4, 5, generator=g) * torch.rand(6, 1, 1, generator=g)).relu()
    smallest = [min(v for v in batch.flatten().tolist() if v > 0) for batch in latents if batch.any()]
    same(
        on_copies(saes.batch_topk_threshold)(latents),
        sum(smallest) / len(smallest),
        given={"latents": latents},
        what="threshold",
    )
