"""Checks of superposition.correlated_batch: Mend: a comparison that changes two things at once."""

import pytest
import torch

from mi_tutor.exercises import superposition
from mi_tutor.tutor.judge import holds, raises, same, seeded


@pytest.mark.exercise("superposition.correlated_batch")
def test_correlated_batch_shape(seed):
    """There are two features for each pair, with values between 0 and 1."""
    x = superposition.correlated_batch(50, 3, torch.tensor([0.4, 0.2]), "correlated", seeded(seed))
    same(
        tuple(x.shape),
        (50, 2, 6),
        what="shape",
        teach="The axes are batch, instance, feature; three pairs are six features.",
    )
    holds(((x >= 0) & (x <= 1)).all(), "Active features are uniform on [0, 1].", got=x)


@pytest.mark.exercise("superposition.correlated_batch")
def test_correlated_batch_together(seed):
    """Correlated: features 2k and 2k + 1 are active together or not at all."""
    x = superposition.correlated_batch(400, 2, torch.tensor([0.3, 0.6]), "correlated", seeded(seed))
    on = x > 0
    same(
        float((on[..., 0::2] != on[..., 1::2]).float().mean()),
        0.0,
        atol=0.005,
        what="share of pairs with only one active",
        teach="The partners are neighbours: features 0 and 1, features 2 and 3. They share one decision.",
    )


@pytest.mark.exercise("superposition.correlated_batch")
def test_correlated_batch_never_together(seed):
    """Anticorrelated: at most one of features 2k and 2k + 1 is active."""
    x = superposition.correlated_batch(400, 2, torch.tensor([0.3, 0.5]), "anticorrelated", seeded(seed))
    on = x > 0
    same(
        float((on[..., 0::2] & on[..., 1::2]).float().mean()),
        0.0,
        what="share of pairs with both active",
        teach="Two anticorrelated features are never active in the same sample.",
    )


@pytest.mark.exercise("superposition.correlated_batch")
@pytest.mark.parametrize("kind", ["correlated", "anticorrelated"])
def test_correlated_batch_same_density(kind, seed):
    """Under both kinds every single feature is active with the same probability p."""
    density = torch.tensor([0.1, 0.45])
    x = superposition.correlated_batch(6000, 2, density, kind, seeded(seed))
    same(
        (x > 0).float().mean(0),
        density[:, None].expand(2, 4),
        atol=0.035,
        what="share of samples in which each feature is active",
        given={"density": density, "kind": kind},
        teach="If a kind also changes how often a feature is active, a comparison of kinds compares sparsities too.",
    )


@pytest.mark.exercise("superposition.correlated_batch")
@pytest.mark.parametrize("kind", ["correlated", "anticorrelated"])
def test_correlated_batch_values_and_pairs_are_independent(kind, seed):
    """Partners share when they are active, not how strongly; pairs and instances do not know of each other."""
    x = superposition.correlated_batch(4000, 2, torch.tensor([0.5, 0.5]), kind, seeded(seed))
    given, on = {"density": torch.tensor([0.5, 0.5]), "kind": kind}, x > 0
    active = x[on]
    same(
        torch.stack([active.mean(), active.pow(2).mean()]),
        torch.tensor([1 / 2, 1 / 3]),
        atol=0.035,
        what="mean and mean square of the active values",
        given=given,
        teach="An active feature is uniform on [0, 1].",
    )
    first, others = x[:, 0, 0], {"another pair": x[:, 0, 2], "another instance": x[:, 1, 0]}
    for name, other in others.items():
        both = (first > 0) & (other > 0)
        same(
            float(both.float().mean()),
            0.25,
            atol=0.04,
            what=f"share of samples in which feature 0 and one of {name} are both active",
            given=given,
            teach="At density 1/2 two features that are drawn independently are both active a quarter of the time.",
        )
    if kind == "correlated":
        others["the same pair"] = x[:, 0, 1]
    for name, other in others.items():
        both = (first > 0) & (other > 0)
        same(
            float((first - other)[both].abs().mean()),
            1 / 3,
            atol=0.05,
            what=f"mean distance of the values of feature 0 and of one of {name}, both active",
            given=given,
            teach="Two independent uniform values are 1/3 apart on average; one value used twice has distance 0.",
        )


@pytest.mark.exercise("superposition.correlated_batch")
def test_correlated_batch_refuses():
    """An unknown kind, and an anticorrelated density above 1/2, are refused with a ValueError."""
    with raises(ValueError, teach="An unknown kind should be refused."):
        superposition.correlated_batch(4, 1, torch.tensor([0.2]), "independent")
    with raises(ValueError, teach="Two features that are never active together cannot each be active 60% of the time."):
        superposition.correlated_batch(4, 1, torch.tensor([0.2, 0.6]), "anticorrelated")
    x = superposition.correlated_batch(4, 1, torch.tensor([0.2, 0.6]), "correlated")
    same(tuple(x.shape), (4, 2, 2), what="shape", teach="A correlated density of 0.6 is fine.")


@pytest.mark.exercise("superposition.correlated_batch")
def test_correlated_batch_uses_the_generator(seed):
    """The same generator state gives the same batch."""
    one, two = (
        superposition.correlated_batch(30, 2, torch.tensor([0.4]), "anticorrelated", seeded(seed)) for _ in range(2)
    )
    holds(torch.equal(one, two), "Pass `generator` to every draw.")
    again = seeded(seed)
    first, second = (superposition.correlated_batch(30, 2, torch.tensor([0.4]), "correlated", again) for _ in range(2))
    holds(
        not torch.equal(first, second),
        "Two batches drawn one after the other from one generator should differ: use it as it comes, do not reseed.",
    )
