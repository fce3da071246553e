"""Checks of superposition.superposed: Mend: polysemantic is not superposed."""

import math

import pytest
import torch

from mi_tutor.exercises import superposition
from mi_tutor.tutor.judge import same, seeded


def turned(degrees: float) -> torch.Tensor:
    a = math.radians(degrees)
    return torch.tensor([[math.cos(a), -math.sin(a)], [math.sin(a), math.cos(a)]])


@pytest.mark.exercise("superposition.superposed")
def test_superposed_plain_cases():
    """Orthogonal features are not in superposition; an antipodal pair is."""
    orthogonal = torch.tensor([[[1.0, 0.0], [0.0, -1.0]]])
    same(
        superposition.superposed(orthogonal),
        torch.tensor([[False, False]]),
        given={"W": orthogonal},
        teach="Nothing is shared here.",
    )
    mixed = torch.tensor([[[1.0, -1.0, 0.0], [0.0, 0.0, 1.0]]])
    same(
        superposition.superposed(mixed),
        torch.tensor([[True, True, False]]),
        given={"W": mixed},
        teach="Features 0 and 1 share a line (cosine −1; the sign does not matter), feature 2 has its own.",
    )


@pytest.mark.exercise("superposition.superposed")
def test_superposed_only_represented():
    """A feature that is not represented is not in superposition, and does not put another one there."""
    W = torch.tensor([[[1.0, -0.2, 0.3], [0.0, 0.0, 0.3]]])
    same(
        superposition.superposed(W),
        torch.tensor([[False, False, False]]),
        given={"W": W},
        teach="Features 1 and 2 have norms below 0.5. They are leftovers, and leftovers do not count, on either side.",
    )
    same(
        superposition.superposed(W, norm=0.1),
        torch.tensor([[True, True, True]]),
        given={"W": W, "norm": 0.1},
        teach="With `norm` at 0.1 all three are represented, and each has a partner with |cosine| of 0.7 or more.",
    )
    apart = torch.tensor([[[1.0, -1.0], [0.0, 0.0]], [[1.0, -0.2], [0.0, 0.0]]])
    same(
        superposition.superposed(apart),
        torch.tensor([[True, True], [False, False]]),
        given={"W": apart},
        teach="In instance 1 feature 1 is a leftover. That instance 0 represents its feature 1 does not matter there.",
    )
    at_the_threshold = torch.tensor([[[0.5, -1.0], [0.0, 0.0]]])
    same(
        superposition.superposed(at_the_threshold),
        torch.tensor([[False, False]]),
        given={"W": at_the_threshold},
        teach="Feature 0 has a norm of exactly 0.5, and represented means above 0.5. So feature 1 has no partner.",
    )


@pytest.mark.exercise("superposition.superposed")
def test_superposed_rotated_orthogonal():
    """A rotated orthogonal basis is not in superposition, though every neuron reads every feature."""
    W = turned(45)[None]
    same(
        superposition.superposed(W),
        torch.tensor([[False, False]]),
        given={"W": W},
        teach="Both neurons are polysemantic, yet the features stand at right angles and can be read apart exactly.",
    )


@pytest.mark.exercise("superposition.superposed")
def test_superposed_ignores_the_axes(seed):
    """Rotating the hidden space never changes the answer."""
    W = torch.tensor([[1.0, -0.9, 0.0, 0.05], [0.0, 0.0, 1.1, 0.0]])
    rotation = torch.linalg.qr(torch.randn(2, 2, generator=seeded(seed)))[0]
    for turned_W in (W[None], (rotation @ W)[None], (turned(30) @ W)[None]):
        same(
            superposition.superposed(turned_W),
            torch.tensor([[True, True, False, False]]),
            given={"W": turned_W},
            teach="Dot products and norms of columns do not change under rotation; single entries of W do.",
        )


@pytest.mark.exercise("superposition.superposed")
def test_superposed_cosine_threshold():
    """Whether a direction is shared is judged by the cosine, not by the dot product, and per instance."""
    long = 4 * torch.tensor([[1.0, 0.2], [0.0, 0.98]])  # cosine 0.2, dot product 3.2
    short = 0.6 * torch.tensor([[1.0, 0.6], [0.0, 0.8]])  # cosine 0.6, dot product 0.216
    W = torch.stack([long, short])
    same(
        superposition.superposed(W),
        torch.tensor([[False, False], [True, True]]),
        given={"W": W},
        teach="The cosines are 0.2 and 0.6; the threshold is 0.3.",
    )
    same(
        superposition.superposed(W, cosine=0.1),
        torch.tensor([[True, True], [True, True]]),
        given={"W": W, "cosine": 0.1},
        teach="With the threshold `cosine` at 0.1 both pairs count.",
    )
    parallel = torch.tensor([[[1.0, 2.0], [0.0, 0.0]]])
    same(
        superposition.superposed(parallel, cosine=1.0),
        torch.tensor([[False, False]]),
        given={"W": parallel, "cosine": 1.0},
        teach="The cosine is exactly 1, and it has to be above the threshold.",
    )


@pytest.mark.exercise("superposition.superposed")
def test_superposed_asks_for_one_partner():
    """Three partners with a cosine of 0.25 each do not add up to one partner above 0.3."""
    W = torch.tensor(
        [[[1.0, 0.25, 0.25, 0.25], [0.0, 0.968, -0.0645, -0.0645], [0.0, 0.0, 0.966, -0.069], [0.0, 0.0, 0.0, 0.9637]]]
    )
    same(
        superposition.superposed(W),
        torch.tensor([[False, False, False, False]]),
        given={"W": W},
        teach="Feature 0 has cosine 0.25 with each of the others. No single partner is above the threshold of 0.3.",
    )
