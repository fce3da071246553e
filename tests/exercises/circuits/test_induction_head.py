"""Checks of circuits.induction_head: By hand: an induction head."""

import pytest
import torch

from mi_tutor.exercises import circuits
from mi_tutor.lab import organisms
from mi_tutor.lab.organisms.by_hand import CONFIDENCE, Spaces, copy_ov, previous_token_qk
from mi_tutor.tutor.judge import holds, same

from .wired_by_hand import SPACES, TEXT, axis, entering_layer_0, scores_of, whole_model


def entering_layer_1() -> torch.Tensor:
    stream = entering_layer_0()
    for p in range(1, len(TEXT)):
        stream[p] += axis(SPACES.previous, int(TEXT[p - 1]))
    return stream


@pytest.mark.exercise("circuits.induction_head")
def test_it_scores_what_followed_this_token():
    """In 3 1 4 3 1 the second 3 scores the first 1, and the second 1 scores the 4."""
    W_Q, W_K, _, _ = circuits.induction_head(SPACES, 5.0)
    expected = torch.zeros(6, 6)
    for query in range(6):
        for key in range(1, query + 1):
            expected[query, key] = 5.0 if TEXT[key - 1] == TEXT[query] else 0.0
    same(
        scores_of(entering_layer_1(), W_Q, W_K).tril(),
        expected,
        given={"tokens": TEXT, "strength": 5.0, "d_head": SPACES.d_head},
        teach=(
            "Row p: the score of each position for the query at p, after division by sqrt(d_head). The query knows its "
            "own token. A fitting key is a position whose *previous* token is that one."
        ),
        what="score [query, key]",
    )


@pytest.mark.exercise("circuits.induction_head")
def test_what_it_predicts():
    """Attending to a position writes its own token into `spaces.next`, and nothing anywhere else."""
    _, _, W_V, W_O = circuits.induction_head(SPACES, 5.0)
    moved = entering_layer_1()[3] @ W_V @ W_O  # position 3 holds token 4, before it stands token 1
    for name in ("token", "position", "previous", "next"):
        space = getattr(SPACES, name)
        same(
            moved[space],
            axis(SPACES.next, 4)[space],
            given={"attends to": "position 3, where token 4 stands, after token 1"},
            teach=f"Look at what is added to `spaces.{name}`.",
            what=f"output in spaces.{name}",
        )
    same(
        (entering_layer_1()[0] @ W_V @ W_O),
        axis(SPACES.next, TEXT[0]),
        given={"attends to": f"position 0, where token {TEXT[0]} stands"},
        teach="The start mark is a token like any other: it has its axis too.",
        what="output for position 0",
    )


@pytest.mark.exercise("circuits.induction_head")
def test_the_assembled_model_works(seed):
    """With a finished previous-token head before it, the model predicts every token of the second half."""
    spaces = Spaces(vocabulary=12, context=17)
    first = (
        *previous_token_qk(spaces),
        *copy_ov(spaces, spaces.token, spaces.previous),
    )
    model = whole_model(first, circuits.induction_head(spaces, 20.0), spaces)
    ids = organisms.repeated(3, 8, seed, vocabulary=12)
    logits, cache = model.run_with_cache(ids, names_filter="blocks.1.attn.hook_pattern")
    pattern = cache["blocks.1.attn.hook_pattern"][:, 0]
    stripe = pattern[:, torch.arange(9, 17), torch.arange(2, 10)]
    holds(
        bool((stripe > 0.99).all()),
        "With strength 20 a token of the second half gives nearly all attention to what followed it the first time.",
        given={"ids": ids[0]},
        got=f"between {stripe.min():.3f} and {stripe.max():.3f}",
        expected="above 0.99",
    )
    probability = logits[:, 9:-1].softmax(dim=-1).gather(-1, ids[:, 10:, None])
    holds(
        bool((probability > 0.99).all()),
        "The unembedding reads `spaces.next`: the right token should stand there with weight 1.",
        given={"ids": ids[0]},
        got=f"probability of the right token between {probability.min():.3f} and {probability.max():.3f}",
        expected="above 0.99",
    )


@pytest.mark.exercise("circuits.induction_head")
def test_two_earlier_places_share_the_attention():
    """Where a token came twice before, with different followers, both are predicted alike."""
    spaces = Spaces(vocabulary=5, context=7)
    first = (
        *previous_token_qk(spaces),
        *copy_ov(spaces, spaces.token, spaces.previous),
    )
    model = whole_model(first, circuits.induction_head(spaces, 20.0), spaces)
    logits = model(torch.tensor([[0, 3, 1, 3, 4, 3]]))[0, -1]
    same(
        logits,
        CONFIDENCE * torch.tensor([0.0, 0.5, 0.0, 0.0, 0.5]),
        given={"ids": [0, 3, 1, 3, 4, 3]},
        teach="Token 3 was followed by 1 and by 4. Both positions have the same score, and share the attention.",
        what="logits at the last position",
        atol=1e-3,
    )
