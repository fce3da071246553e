"""Checks of circuits.previous_token_head: By hand: a previous-token head."""

import pytest
import torch

from mi_tutor.exercises import circuits
from mi_tutor.lab import organisms
from mi_tutor.lab.organisms.by_hand import Spaces, copy_ov, induction_qk
from mi_tutor.tutor.judge import holds, same

from .wired_by_hand import SPACES, TEXT, axis, entering_layer_0, scores_of, whole_model


@pytest.mark.exercise("circuits.previous_token_head")
def test_every_position_scores_the_one_before():
    """The query at position p scores position p - 1 with `strength` and all others with 0."""
    W_Q, W_K, _, _ = circuits.previous_token_head(SPACES, 6.0)
    expected = torch.zeros(6, 6)
    for p in range(1, 6):
        expected[p, p - 1] = 6.0
    same(
        scores_of(entering_layer_0(), W_Q, W_K).tril(),
        expected,
        given={"tokens": TEXT, "strength": 6.0, "d_head": SPACES.d_head},
        teach=(
            "Row p: the score of each position for the query at p, after division by sqrt(d_head). Which subspace "
            "tells where we are, and which of its axes should the query at p ask for?"
        ),
        what="score [query, key]",
    )
    wide = Spaces(vocabulary=9, context=7)
    W_Q, W_K, _, _ = circuits.previous_token_head(wide, 6.0)
    same(
        scores_of(torch.eye(wide.d_model)[wide.position], W_Q, W_K).tril(),
        torch.diag(torch.full((6,), 6.0), -1),
        given={"vocabulary": 9, "context": 7, "d_head": wide.d_head, "strength": 6.0},
        teach="With more tokens than positions d_head is the number of tokens; seven of its nine axes are for "
        "positions.",
        what="score [query, key]",
    )


@pytest.mark.exercise("circuits.previous_token_head")
def test_the_tokens_play_no_part_in_where_it_looks():
    """On a text with other tokens the scores are the same."""
    W_Q, W_K, _, _ = circuits.previous_token_head(SPACES, 3.0)
    stream = torch.stack([axis(SPACES.token, 2) + axis(SPACES.position, p) for p in range(1, 7)])
    expected = torch.zeros(6, 6)
    for p in range(1, 6):
        expected[p, p - 1] = 3.0
    same(
        scores_of(stream, W_Q, W_K).tril(),
        expected,
        given={"tokens": [2] * 6, "positions": "1 to 6", "strength": 3.0},
        teach="One token six times, at positions 1 to 6: the position before is still the position before.",
        what="score [query, key]",
    )


@pytest.mark.exercise("circuits.previous_token_head")
def test_what_it_writes():
    """Attending to a position writes its token into `spaces.previous`, and nothing anywhere else."""
    _, _, W_V, W_O = circuits.previous_token_head(SPACES, 6.0)
    moved = entering_layer_0()[3] @ W_V @ W_O  # position 3 holds token 4
    for name in ("token", "position", "previous", "next"):
        space = getattr(SPACES, name)
        same(
            moved[space],
            axis(SPACES.previous, 4)[space],
            given={"attends to": "position 3, where token 4 stands"},
            teach=f"Look at what is added to `spaces.{name}`.",
            what=f"output in spaces.{name}",
        )


@pytest.mark.exercise("circuits.previous_token_head")
def test_the_previous_token_head_in_a_model(seed):
    """In a model it attends to the position before, and an induction head behind it can predict repeated tokens."""
    spaces = Spaces(vocabulary=12, context=17)
    second = (
        *induction_qk(spaces),
        *copy_ov(spaces, spaces.token, spaces.next),
    )
    model = whole_model(circuits.previous_token_head(spaces, 20.0), second, spaces)
    ids = organisms.repeated(3, 8, seed, vocabulary=12)
    logits, cache = model.run_with_cache(ids, names_filter="blocks.0.attn.hook_pattern")
    pattern = cache["blocks.0.attn.hook_pattern"][:, 0]
    back = pattern[:, torch.arange(1, 17), torch.arange(16)]
    holds(
        bool((back > 0.99).all()),
        "With strength 20 the head gives nearly all attention to the position before.",
        given={"ids": ids[0]},
        got=f"between {back.min():.3f} and {back.max():.3f}",
        expected="above 0.99 at every position",
    )
    same(
        logits[:, 9:-1].argmax(dim=-1),
        ids[:, 10:],
        given={"ids": ids[0]},
        teach="A finished induction head reads what your head wrote, and should find every token of the second half.",
        what="prediction",
    )
