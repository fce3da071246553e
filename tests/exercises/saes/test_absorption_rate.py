"""Checks of saes.absorption_rate: How often does another latent stand in?"""

import math

import pytest
import torch

from mi_tutor.exercises import saes
from mi_tutor.tutor.judge import same, seeded

from .on_copies import on_copies

# The parent lies along the first axis. Latent 0 is its main latent, latent 1 writes it too, 2 does not,
# 3 writes the opposite, 4 is long and hardly writes it.
PARENT = torch.tensor([2.0, 0.0])
W_DEC = torch.tensor([[1.0, 0.0], [0.6, 0.8], [0.0, 1.0], [-1.0, 0.0], [1.0, 10.0]])


def rate(present: list[bool], latents: list[list[float]], cosine: float = 0.5) -> float:
    return on_copies(saes.absorption_rate)(torch.tensor(present), torch.tensor(latents), W_DEC, PARENT, 0, cosine)


@pytest.mark.exercise("saes.absorption_rate")
def test_absorption_by_hand():
    """Of four rows with the parent one is absorbed: main latent silent, latent 1 active."""
    present = [True, True, True, True]
    latents = [[2.0, 0, 0, 0, 0], [0, 3.0, 0, 0, 0], [0, 0, 1.0, 0, 0], [0.0, 0, 0, 0, 0]]
    same(
        rate(present, latents),
        0.25,
        given={"present": present, "latents": latents, "W_dec": W_DEC, "parent": PARENT, "main": 0, "cosine": 0.5},
        teach="In row 2 the active latent does not write the parent, in row 3 nothing is active: these are misses.",
        what="rate",
    )


@pytest.mark.exercise("saes.absorption_rate")
def test_rows_without_the_parent_do_not_count():
    """Rows without the parent count neither above nor below."""
    present = [True, False, True, False, False]
    latents = [[0, 3.0, 0, 0, 0], [0, 3.0, 0, 0, 0], [1.0, 0, 0, 0, 0], [0.0, 0, 0, 0, 0], [0, 1.0, 1.0, 0, 0]]
    same(
        rate(present, latents),
        0.5,
        given={"present": present, "latents": latents, "W_dec": W_DEC, "parent": PARENT, "main": 0, "cosine": 0.5},
        teach="The parent is present in two rows, and one of them is absorbed.",
        what="rate",
    )


@pytest.mark.exercise("saes.absorption_rate")
def test_a_main_latent_beside_another_is_no_absorption():
    """Where the main latent is active too, nothing is absorbed, however weak it is."""
    latents = [[0.1, 5.0, 0, 0, 0], [0, 5.0, 7.0, 0, 0]]
    same(
        rate([True, True], latents),
        0.5,
        given={"latents": latents, "W_dec": W_DEC, "parent": PARENT, "main": 0, "cosine": 0.5},
        teach="In row 1 a stronger latent is active as well; latent 1 still stands in for the main one.",
        what="rate",
    )


@pytest.mark.exercise("saes.absorption_rate")
def test_only_the_direction_decides():
    """A long row at a wide angle, and one that points the opposite way, do not stand in for the parent."""
    latents = [[0, 0, 0, 0, 9.0], [0, 0, 0, 9.0, 0], [0, 0.01, 0, 0, 0]]
    same(
        rate([True] * 3, latents),
        1 / 3,
        given={"latents": latents, "W_dec": W_DEC, "parent": PARENT, "main": 0, "cosine": 0.5},
        teach="The cosines of the rows with the parent are 1, 0.6, 0, -1 and 0.0995.",
        what="rate",
    )
    same(rate([True] * 3, latents, cosine=0.7), 0.0, teach="0.6 is not above 0.7.", what="rate")


@pytest.mark.exercise("saes.absorption_rate")
def test_a_cosine_at_the_limit_is_not_above_it():
    """With a limit of 0 a latent at a right angle to the parent does not stand in for it."""
    latents = [[0, 0, 2.0, 0, 0], [0, 0, 0, 0, 2.0]]
    same(
        rate([True, True], latents, cosine=0.0),
        0.5,
        given={"latents": latents, "W_dec": W_DEC, "parent": PARENT, "main": 0, "cosine": 0.0},
        teach="Latent 2 has cosine 0 with the parent, latent 4 has 0.0995.",
        what="rate",
    )


@pytest.mark.exercise("saes.absorption_rate")
def test_without_the_parent_there_is_no_rate():
    """Where the parent is never present the rate is nan."""
    same(
        rate([False, False], [[0, 3.0, 0, 0, 0], [1.0, 0, 0, 0, 0]]),
        math.nan,
        teach="A fraction of no rows.",
        what="rate",
    )


@pytest.mark.exercise("saes.absorption_rate")
def test_absorption_agrees_with_loops(seed):
    """On random latents it agrees with asking row by row."""
    g = seeded(seed)
    latents, W_dec = (torch.randn(40, 6, generator=g) - 0.4).relu(), torch.randn(6, 3, generator=g)
    present, parent, main = torch.rand(40, generator=g) < 0.6, torch.randn(3, generator=g), seed % 6
    present[0] = True
    absorbed = 0
    for row, here in zip(latents, present.tolist(), strict=True):
        others = [
            i
            for i in range(6)
            if row[i] > 0 and float(W_dec[i] @ parent) > 0.2 * float((W_dec[i] @ W_dec[i]) * (parent @ parent)) ** 0.5
        ]
        absorbed += here and float(row[main]) == 0 and len(others) > 0
    same(
        on_copies(saes.absorption_rate)(present, latents, W_dec, parent, main, 0.2),
        absorbed / int(present.sum()),
        given={"present": present, "latents": latents, "W_dec": W_dec, "parent": parent, "main": main},
        what="rate",
    )
