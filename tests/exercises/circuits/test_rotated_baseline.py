"""Checks of circuits.rotated_baseline: How high is a composition score by chance?"""

import pytest
import torch

from mi_tutor.exercises import circuits
from mi_tutor.tutor.judge import holds, same, seeded


@pytest.mark.exercise("circuits.rotated_baseline")
def test_a_rotation_keeps_lengths():
    """Where the first matrix is the identity, turning changes nothing: every score is 1 / sqrt(d_model)."""
    second = torch.tensor([[1.0, 2.0, 0.0, 0.0], [0.0, 1.0, 5.0, 0.0], [0.0, 0.0, 0.0, 0.0], [3.0, 0.0, 0.0, 1.0]])
    same(
        circuits.rotated_baseline(torch.eye(4), second, 3, 11),
        torch.full((3,), 0.5),
        given={"first": "the 4 × 4 identity", "second": second, "n": 3},
        teach=(
            "A rotation keeps the norm of every vector, so |rotation @ second| = |second|; the identity has norm 2. "
            "The score is |second| / (2 |second|). If your scores differ from each other, the matrix is no rotation. "
            "If they are all alike and not 0.5, look at the formula of the score."
        ),
        atol=1e-4,
    )


@pytest.mark.exercise("circuits.rotated_baseline")
def test_agreement_is_gone():
    """Two matrices that fit perfectly (score 1) have a mean squared score of about 1 / d_model after turning."""
    first = torch.outer(torch.tensor([1.0, 2.0, 0.0, 1.0, 0.0]), torch.tensor([0.0, 3.0, 4.0, 0.0, 0.0]))
    second = torch.outer(torch.tensor([0.0, 3.0, 4.0, 0.0, 0.0]), torch.tensor([1.0, 1.0, 0.0, 0.0, 2.0]))
    squares = circuits.rotated_baseline(first, second, 1500, 3).square()
    # Scores without any spread around 1 come from a rotation without effect: the next sentence is for those.
    holds(
        squares.std() > 0.1 or squares.mean() > 0.9,
        "Each of the n scores needs a rotation of its own.",
        given={"n": 1500},
        got=f"standard deviation of the squares {squares.std():.3f}",
        expected="about 0.2",
    )
    holds(
        abs(squares.mean() - 0.2) < 0.035,
        "The rotation stands between what the first matrix writes and what the second reads.",
        given={"first": "writes along (0, 3, 4, 0, 0)", "second": "reads along (0, 3, 4, 0, 0)", "n": 1500},
        got=f"mean square {squares.mean():.3f}",
        expected="1 / 5, within 0.035",
    )


@pytest.mark.exercise("circuits.rotated_baseline")
def test_scores_are_free_of_scale(seed):
    """Multiplying a matrix by 50 changes no score, and no score exceeds 1."""
    g = seeded(seed)
    first, second = torch.randn(4, 4, generator=g), torch.randn(4, 4, generator=g)
    scores = circuits.rotated_baseline(first, second, 4, seed)
    same(
        circuits.rotated_baseline(50 * first, 0.1 * second, 4, seed),
        scores,
        given={"first": "times 50", "second": "times 0.1"},
        teach="Divide by the norms of both matrices.",
        what="scores",
        rtol=1e-3,
    )
    holds(
        scores.max() <= 1.0001 and scores.min() > 0,
        "A score is a norm divided by the product of norms, so it lies between 0 and 1.",
        got=scores,
        given={"first": first, "second": second},
        expected="between 0 and 1",
    )


@pytest.mark.exercise("circuits.rotated_baseline")
def test_the_baseline_is_reproducible():
    """The same seed gives the same scores, another seed others, and torch's own random state is left alone."""
    first, second = torch.diag(torch.tensor([3.0, 1.0, 0.0])), torch.diag(torch.tensor([0.0, 1.0, 2.0]))
    torch.manual_seed(1)
    one = circuits.rotated_baseline(first, second, 3, 4)
    after = torch.rand(1).item()
    torch.manual_seed(9)
    again, other = (circuits.rotated_baseline(first, second, 3, draw) for draw in (4, 5))
    torch.manual_seed(1)
    untouched = torch.rand(1).item()
    same(again, one, given={"seed": 4}, teach="Make a torch.Generator of your own and seed it.", what="scores")
    holds(bool((other - one).abs().max() > 1e-3), "Seed 5 gave the scores of seed 4.", got=other, given={"seed": 5})
    same(
        after,
        untouched,
        given={"seed": 4},
        teach="torch.manual_seed inside the function changes every random number that comes after it.",
        what="next random number",
    )
