"""Checks of saes.dead_latents: Mend: latents declared dead too soon."""

import pytest
import torch

from mi_tutor.exercises import saes
from mi_tutor.tutor.judge import same, seeded

from .on_copies import on_copies

# Five steps of ten rows. Latents: common, rare, never active, fell silent late, fell silent early.
COUNTS = torch.tensor([[5, 1, 0, 3, 2], [4, 0, 0, 2, 1], [0, 1, 0, 1, 0], [1, 0, 0, 0, 0], [0, 0, 0, 0, 0]])


@pytest.mark.exercise("saes.dead_latents")
def test_silent_in_one_batch_is_not_dead():
    """A latent that is silent in the last batch, but was active within the window, is alive."""
    same(
        on_copies(saes.dead_latents)(COUNTS, 10, 30),
        torch.tensor([False, False, True, False, True]),
        given={"counts": COUNTS, "rows": 10, "window": 30},
        teach="30 rows are the last three steps. In the very last no latent at all was active. Latent 4 was active "
        "only before those three.",
        what="dead",
    )


@pytest.mark.exercise("saes.dead_latents")
def test_a_window_between_two_steps_is_filled_up():
    """A window of 25 rows takes three steps of ten, since two hold only 20."""
    same(
        on_copies(saes.dead_latents)(COUNTS, 10, 25),
        torch.tensor([False, False, True, False, True]),
        given={"counts": COUNTS, "rows": 10, "window": 25},
        teach="The window is made of the fewest last steps that hold at least 25 rows.",
        what="dead",
    )
    same(
        on_copies(saes.dead_latents)(COUNTS, 10, 20),
        torch.tensor([False, True, True, True, True]),
        given={"counts": COUNTS, "rows": 10, "window": 20},
        teach="20 rows are exactly two steps.",
        what="dead",
    )


@pytest.mark.exercise("saes.dead_latents")
def test_who_was_active_long_ago_can_be_dead():
    """Activity before the window does not count, however strong it was."""
    counts = torch.tensor([[90, 0], [0, 0], [0, 1]])
    same(
        on_copies(saes.dead_latents)(counts, 100, 150),
        torch.tensor([True, False]),
        given={"counts": counts, "rows": 100, "window": 150},
        teach="The window holds the last two steps. Latent 0 died after the first.",
        what="dead",
    )


@pytest.mark.exercise("saes.dead_latents")
def test_too_early_to_tell():
    """Before a whole window has been seen no latent is called dead."""
    counts = torch.tensor([[0, 2, 0], [0, 1, 0]])
    same(
        on_copies(saes.dead_latents)(counts, 10, 21),
        torch.tensor([False, False, False]),
        given={"counts": counts, "rows": 10, "window": 21},
        teach="Only 20 rows have been seen. A latent for one row in a hundred is likely to be silent so far.",
        what="dead",
    )
    same(
        on_copies(saes.dead_latents)(counts, 10, 20),
        torch.tensor([True, False, True]),
        given={"counts": counts, "rows": 10, "window": 20},
        teach="20 rows are a whole window of 20.",
        what="dead",
    )


@pytest.mark.exercise("saes.dead_latents")
def test_dead_latents_agree_with_loops(seed):
    """On random counts it agrees with walking back step by step."""
    g = seeded(seed)
    counts = (torch.rand(12, 6, generator=g) < 0.15).long() * torch.randint(1, 9, (12, 6), generator=g)
    rows, window = 7, int(torch.randint(1, 100, (1,), generator=g))
    alive, seen = [False] * 6, 0
    for step in reversed(counts.tolist()):
        if seen >= window:
            break
        alive = [was or count > 0 for was, count in zip(alive, step, strict=True)]
        seen += rows
    expected = torch.tensor([seen >= window and not one for one in alive])
    same(
        on_copies(saes.dead_latents)(counts, rows, window),
        expected,
        given={"counts": counts, "rows": rows, "window": window},
        what="dead",
    )
