"""Checks of circuits.head_type_scores: Previous token, duplicate token, induction."""

import pytest
import torch

from mi_tutor.exercises import circuits
from mi_tutor.tutor.judge import same, seeded


def looking_back(n: int, *distances: int) -> torch.Tensor:
    """One text, one head per distance: each attends wholly that many positions back, or to BOS where there is none."""
    size = 2 * n + 1
    pattern = torch.zeros(1, len(distances), size, size)
    for head, distance in enumerate(distances):
        for query in range(size):
            pattern[0, head, query, query - distance if query >= distance else 0] = 1.0
    return pattern


@pytest.mark.exercise("circuits.head_type_scores")
def test_pure_heads_have_pure_scores():
    """A head that looks 1, n or n - 1 positions back is purely previous-token, duplicate-token or induction."""
    n = 5
    scores = circuits.head_type_scores(looking_back(n, 1, n, n - 1), n)
    given = {"n": n, "heads": f"look {1}, {n} and {n - 1} positions back"}
    for name, expected in (
        ("previous token", [1.0, 0.0, 0.0]),
        ("duplicate token", [0.0, 1.0, 0.0]),
        ("induction", [0.0, 0.0, 1.0]),
    ):
        same(
            scores.get(name),
            torch.tensor(expected),
            given=given,
            teach=(
                "The earlier place of a token is n positions back. One after it is n - 1 back, and that is where the "
                "answer stands."
            ),
            what=f"{name} score",
        )


@pytest.mark.exercise("circuits.head_type_scores")
def test_each_query_counts_once():
    """The score is the mean attention over the queries of the second copy: 0.2, 0.4 and 0.9 make 0.5."""
    pattern = torch.zeros(1, 1, 7, 7)
    for query, weight in ((4, 0.2), (5, 0.4), (6, 0.9)):
        pattern[0, 0, query, query - 2] = weight
        pattern[0, 0, query, 0] = 1 - weight
    pattern[0, 0, :4, 0] = 1.0
    scores = circuits.head_type_scores(pattern, 3)
    same(
        scores,
        {
            "previous token": torch.tensor([0.0]),
            "duplicate token": torch.tensor([0.0]),
            "induction": torch.tensor([0.5]),
        },
        given={"n": 3, "attention to the position after the earlier copy": [0.2, 0.4, 0.9]},
        teach="Positions: 0 start mark, 1 to 3 first copy, 4 to 6 second copy. The three queries count equally.",
        what="scores",
    )


@pytest.mark.exercise("circuits.head_type_scores")
def test_the_first_copy_does_not_count():
    """Attention of queries in the first copy changes nothing."""
    n = 4
    pattern = looking_back(n, 1, n, n - 1)
    pattern[:, :, : n + 1] = 0.0
    pattern[:, :, : n + 1, 0] = 1.0  # in the first copy all look at the start mark
    scores = circuits.head_type_scores(pattern, n)
    for head, name in enumerate(("previous token", "duplicate token", "induction")):
        same(
            scores.get(name),
            torch.eye(3)[head],
            given={"n": n, "first copy": "every head looks at the start mark"},
            teach="A query in the first copy has nothing to find. Queries run from n + 1 to 2n.",
            what=f"{name} score",
        )


@pytest.mark.exercise("circuits.head_type_scores")
def test_head_type_scores_against_a_loop(seed):
    """On random patterns of several texts it agrees with adding up one attention weight at a time."""
    n, texts, heads = 4, 3, 2
    size = 2 * n + 1
    pattern = torch.randn(texts, heads, size, size, generator=seeded(seed))
    pattern = pattern.masked_fill(torch.ones(size, size, dtype=torch.bool).triu(1), -torch.inf).softmax(dim=-1)
    expected = {name: torch.zeros(heads) for name in ("previous token", "duplicate token", "induction")}
    for text in range(texts):
        for query in range(n + 1, size):
            for name, key in (
                ("previous token", query - 1),
                ("duplicate token", query - n),
                ("induction", query - n + 1),
            ):
                expected[name] += pattern[text, :, query, key] / (texts * n)
    same(
        circuits.head_type_scores(pattern, n),
        expected,
        given={"pattern": pattern, "n": n},
        teach="Mean over texts and over the n queries of the second copy, each head on its own.",
        what="scores",
    )
