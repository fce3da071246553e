"""Checks of superposition.sparse_batch: Make a world of sparse features."""

import pytest
import torch

from mi_tutor.exercises import superposition
from mi_tutor.tutor.judge import holds, same, seeded


@pytest.mark.exercise("superposition.sparse_batch")
def test_sparse_batch_shape(seed):
    """A batch is sample × instance × feature, and its values lie between 0 and 1."""
    x = superposition.sparse_batch(7, 5, torch.tensor([0.3, 0.6, 0.0]), seeded(seed))
    same(tuple(x.shape), (7, 3, 5), what="shape", teach="The axes are batch, instance, feature, in this order.")
    holds(
        ((x >= 0) & (x <= 1)).all(),
        "Active features are uniform on [0, 1]: no value is negative or above 1.",
        got=x,
    )


@pytest.mark.exercise("superposition.sparse_batch")
def test_sparse_batch_extremes(seed):
    """Sparsity 0 means that everything is active, sparsity 1 that nothing is."""
    x = superposition.sparse_batch(400, 4, torch.tensor([0.0, 1.0]), seeded(seed))
    share = (x != 0).float().mean(dim=(0, 2))
    holds(
        share[0] > 0.99 and share[1] == 0,
        "Sparsity is the probability of being zero: with [0, 1] the first instance is dense, the second empty.",
        given={"sparsity": torch.tensor([0.0, 1.0])},
        expected="share of non-zero entries [1, 0]",
        got=share,
    )


@pytest.mark.exercise("superposition.sparse_batch")
def test_sparse_batch_share_of_zeros(seed):
    """The share of zeros in each instance is its own sparsity."""
    sparsity = torch.tensor([0.2, 0.9, 0.7])
    x = superposition.sparse_batch(4000, 5, sparsity, seeded(seed))
    same(
        (x == 0).float().mean(dim=(0, 2)),
        sparsity,
        atol=0.03,
        what="share of zeros",
        given={"sparsity": sparsity},
        teach="Each entry is zero with the sparsity of its instance (the middle axis).",
    )


@pytest.mark.exercise("superposition.sparse_batch")
def test_sparse_batch_uniform_when_active(seed):
    """Active values are uniform: their mean is 1/2 and their mean square is 1/3, at every sparsity."""
    x = superposition.sparse_batch(6000, 5, torch.tensor([0.0, 0.8]), seeded(seed))
    for instance in (0, 1):
        active = x[:, instance][x[:, instance] > 0]
        same(
            torch.stack([active.mean(), active.pow(2).mean()]),
            torch.tensor([1 / 2, 1 / 3]),
            atol=0.03,
            what="mean and mean square of the active values",
            teach="An active feature is uniform on [0, 1], whatever the sparsity: the strength does not depend on "
            "the number that decided whether it is active.",
        )


@pytest.mark.exercise("superposition.sparse_batch")
def test_sparse_batch_is_independent(seed):
    """Features, samples and instances are drawn independently."""
    x = superposition.sparse_batch(6000, 2, torch.tensor([0.5, 0.5]), seeded(seed))
    on = (x != 0).float()
    together = torch.stack(
        [
            (on[:, 0, 0] * on[:, 0, 1]).mean(),
            (on[:, 0, 0] * on[:, 1, 0]).mean(),
            (on[:-1, 0, 0] * on[1:, 0, 0]).mean(),
        ]
    )
    same(
        together,
        torch.full((3,), 0.25),
        atol=0.04,
        what="share of both active (two features, two instances, two samples)",
        given={"sparsity": torch.tensor([0.5, 0.5])},
        teach="Each entry has a draw of its own: at sparsity 1/2 two entries are both active a quarter of the time.",
    )
    values = x[(on[:, 0, 0] * on[:, 1, 0]).bool()][:, :, 0]
    holds(
        (values[:, 0] - values[:, 1]).abs().mean() > 0.2,
        "Instances should have values of their own, not copies of the same ones.",
    )
    values = x[:, 0][(on[:, 0, 0] * on[:, 0, 1]).bool()]
    holds(
        (values[:, 0] - values[:, 1]).abs().mean() > 0.2,
        "The features of a sample should have values of their own, not copies of the same one.",
    )


@pytest.mark.exercise("superposition.sparse_batch")
def test_sparse_batch_uses_the_generator(seed):
    """The same generator state gives the same batch, and torch's global state is left alone."""
    before = torch.get_rng_state()
    one = superposition.sparse_batch(20, 3, torch.tensor([0.4]), seeded(seed))
    two = superposition.sparse_batch(20, 3, torch.tensor([0.4]), seeded(seed))
    holds(
        torch.equal(one, two),
        "With the same generator state two batches should be equal: pass `generator` to every draw.",
    )
    holds(torch.equal(before, torch.get_rng_state()), "All randomness should come from `generator` when one is given.")
    again = seeded(seed)
    first, second = (superposition.sparse_batch(20, 3, torch.tensor([0.4]), again) for _ in range(2))
    holds(
        not torch.equal(first, second),
        "Two batches drawn one after the other from one generator should differ: use it as it comes, do not reseed.",
    )
    free = [superposition.sparse_batch(20, 3, torch.tensor([0.4])) for _ in range(2)]
    holds(not torch.equal(*free), "Without a generator torch's global one is used, and two batches differ.")
