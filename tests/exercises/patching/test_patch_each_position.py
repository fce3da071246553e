"""Checks of patching.patch_each_position: One layer, every position, one batch."""

import pytest
import torch

from mi_tutor.exercises import patching
from mi_tutor.tutor.judge import same

WEIGHTS = torch.tensor([1.0, 10.0, 100.0])


def weighted(streams: torch.Tensor) -> torch.Tensor:
    """A stand-in for the rest of the model: the first number of each position, weighted 1, 10, 100."""
    return streams[..., 0] @ WEIGHTS


@pytest.mark.exercise("patching.patch_each_position")
def test_a_corrupted_run_with_one_clean_position():
    """Entry p is the corrupted run with position p made clean."""
    clean, corrupted = torch.tensor([[5.0], [6.0], [7.0]]), torch.tensor([[1.0], [2.0], [3.0]])
    same(
        patching.patch_each_position(clean, corrupted, weighted),
        torch.tensor([325.0, 361.0, 721.0]),
        given={"clean": [5, 6, 7], "corrupted": [1, 2, 3], "finish": "1 a + 10 b + 100 c"},
        teach="Patch 0 runs [5, 2, 3], patch 1 runs [1, 6, 3], patch 2 runs [1, 2, 7].",
    )


@pytest.mark.exercise("patching.patch_each_position")
def test_all_patches_in_one_batch():
    """The rest of the model runs once, on a batch with one row for each position."""
    shapes = []

    def finish(streams):
        shapes.append(tuple(streams.shape))
        return streams.sum(dim=(1, 2))

    patching.patch_each_position(torch.ones(4, 2), torch.zeros(4, 2), finish)
    same(
        shapes,
        [(4, 4, 2)],
        given={"positions": 4, "d_model": 2},
        what="shapes that finish was called with",
        teach="Stack the patches, batch x pos x d_model, and call finish once.",
    )


@pytest.mark.exercise("patching.patch_each_position")
def test_random_streams(seed):
    """On random streams each entry is what a run of its own would give, and the two streams are left as they were."""
    generator = torch.Generator().manual_seed(seed)
    clean, corrupted, mix = (torch.randn(5, 3, generator=generator) for _ in range(3))

    def finish(streams):
        return (streams.tanh() * mix).sum(dim=(1, 2)) + streams[:, 0, 0] * streams[:, -1, 1]

    expected, before = [], (clean.clone(), corrupted.clone())
    for position in range(5):
        one = torch.cat([corrupted[:position], clean[position : position + 1], corrupted[position + 1 :]])
        expected.append(finish(one[None])[0])
    same(patching.patch_each_position(clean, corrupted, finish), torch.stack(expected), teach="One position a row.")
    for what, stream, kept in (("clean", clean, before[0]), ("corrupted", corrupted, before[1])):
        same(stream, kept, what=f"tensor `{what}` after the call", teach="Work on copies: it is wanted again.")
