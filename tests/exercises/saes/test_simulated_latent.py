"""Checks of saes.simulated_latent: How much of a latent is in the token?"""

import math

import pytest
import torch

from mi_tutor.exercises import saes
from mi_tutor.tutor.judge import same, seeded

from .on_copies import on_copies

TOKENS = torch.tensor([[0, 1, 2], [0, 1, 3], [0, 2, 3], [1, 4, 0]])
LATENT = torch.tensor([[2.0, 0.0, 3.0], [4.0, 0.0, 0.0], [3.0, 1.0, 0.0], [0.0, 2.0, 1.0]])
TRAIN = torch.tensor([True, True, False, False])
GIVEN = {"tokens": TOKENS, "latent": LATENT, "train": TRAIN}


@pytest.mark.exercise("saes.simulated_latent")
def test_the_simulation_by_hand():
    """The table of texts 0 and 1 says 3, 3, 0, 0, 0, 3 on texts 2 and 3, where the latent is 3, 1, 0, 0, 2, 1."""
    same(
        on_copies(saes.simulated_latent)(TOKENS, LATENT, TRAIN),
        4.5 / math.sqrt(92.25),
        given=GIVEN,
        teach="Means in training: token 0 has 3, token 1 has 0, token 2 has 3, token 3 has 0; token 4 was not seen. "
        "Around their means the products sum to 4.5, the squares to 13.5 and 6.8333.",
        what="correlation",
    )


@pytest.mark.exercise("saes.simulated_latent")
def test_silent_occurrences_count():
    """A token on which the latent is mostly silent is simulated by a small value."""
    tokens = torch.tensor([[1, 1, 1, 1], [2, 2, 3, 3], [1, 2, 3, 2]])
    latent = torch.tensor([[8.0, 0.0, 0.0, 0.0], [4.0, 4.0, 0.0, 1.0], [2.0, 4.0, 0.5, 4.0]])
    train = torch.tensor([True, True, False])
    same(
        on_copies(saes.simulated_latent)(tokens, latent, train),
        1.0,
        given={"tokens": tokens, "latent": latent, "train": train},
        teach="The means are 2, 4 and 0.5: just what the third text has. Without the silent occurrences token 1 would "
        "get 8.",
        what="correlation",
    )


@pytest.mark.exercise("saes.simulated_latent")
def test_level_and_scale_do_not_matter(seed):
    """Training texts at another level and scale give the same score."""
    g = seeded(seed)
    tokens = torch.cat([torch.arange(6).repeat(3, 1), torch.randint(0, 6, (3, 6), generator=g)])
    tokens[3, :2] = torch.tensor([0, 1])
    latent = torch.rand(6, 6, generator=g)
    train = torch.arange(6) < 3
    stretched = torch.where(train[:, None], 3 * latent + 2, latent)
    same(
        on_copies(saes.simulated_latent)(tokens, stretched, train),
        on_copies(saes.simulated_latent)(tokens, latent, train),
        given={"tokens": tokens, "latent": latent, "train": train},
        teach="The score is a correlation. It asks whether the simulation rises and falls with the latent.",
        what="correlation",
        atol=1e-4,
    )


@pytest.mark.exercise("saes.simulated_latent")
def test_a_constant_has_no_correlation():
    """Where the simulation or the latent is constant on the other texts the score is nan."""
    tokens = torch.tensor([[0, 1], [2, 3]])
    train = torch.tensor([True, False])
    for latent in (torch.tensor([[1.0, 2.0], [0.0, 3.0]]), torch.tensor([[1.0, 2.0], [0.0, 0.0]])):
        same(
            on_copies(saes.simulated_latent)(tokens, latent, train),
            math.nan,
            given={"tokens": tokens, "latent": latent, "train": train},
            teach="Tokens 2 and 3 were not seen, so the simulation is 0 for both.",
            what="correlation",
        )


@pytest.mark.exercise("saes.simulated_latent")
def test_the_simulation_agrees_with_counting(seed):
    """On random texts it agrees with a table in plain Python and numpy's correlation."""
    import numpy as np

    g = seeded(seed)
    tokens = torch.randint(0, 7, (9, 11), generator=g)
    latent = (torch.randn(9, 11, generator=g) + tokens / 4).relu()
    train = torch.randperm(9, generator=g) < 5
    seen: dict[int, list[float]] = {}
    for t, value in zip(tokens[train].flatten().tolist(), latent[train].flatten().tolist(), strict=True):
        seen.setdefault(t, []).append(value)
    simulated = [sum(seen[t]) / len(seen[t]) if t in seen else 0.0 for t in tokens[~train].flatten().tolist()]
    same(
        on_copies(saes.simulated_latent)(tokens, latent, train),
        float(np.corrcoef(simulated, latent[~train].flatten().numpy())[0, 1]),
        given={"tokens": tokens, "latent": latent, "train": train},
        what="correlation",
        atol=1e-4,
    )
