"""Checks of circuits.in_context_score: Does the model learn from its context?"""

import math

import pytest
import torch

from mi_tutor.exercises import circuits
from mi_tutor.tutor.judge import raises, same, seeded

LOGITS = torch.tensor([[[3.0, 1.0, 0.0], [0.0, 2.0, 1.0], [1.0, 1.0, 4.0], [5.0, 0.0, 0.0], [9.0, 9.0, 9.0]]])
IDS = torch.tensor([[2, 0, 1, 2, 1]])


def loss_by_hand(row: list[float], token: int) -> float:
    return math.log(sum(math.exp(value) for value in row)) - row[token]


@pytest.mark.exercise("circuits.in_context_score")
def test_the_loss_of_a_token_by_hand():
    """The token at position 3 is predicted by the logits at position 2, the one at position 1 by those at 0."""
    expected = loss_by_hand([1.0, 1.0, 4.0], 2) - loss_by_hand([3.0, 1.0, 0.0], 0)
    same(
        circuits.in_context_score(LOGITS, IDS, [1], [3]),
        expected,
        given={"logits": LOGITS, "ids": IDS, "early": [1], "late": [3]},
        teach=f"Late loss {loss_by_hand([1.0, 1.0, 4.0], 2):.3f}, early loss {loss_by_hand([3.0, 1.0, 0.0], 0):.3f}.",
    )


@pytest.mark.exercise("circuits.in_context_score")
def test_better_with_context_is_negative():
    """A model that is clueless early and certain late has a negative score: here -ln 4."""
    logits, ids = torch.zeros(1, 3, 4), torch.tensor([[0, 1, 2]])
    logits[0, 1, 2] = 100.0
    same(
        circuits.in_context_score(logits, ids, [1], [2]),
        -math.log(4),
        given={"position 1": "all four tokens equally likely", "position 2": "certain and right"},
        teach="Late minus early: a loss that falls along the text makes a negative score.",
    )


@pytest.mark.exercise("circuits.in_context_score")
def test_logits_are_not_probabilities():
    """Adding a number to all logits of a position changes nothing."""
    shifted = LOGITS + torch.tensor([0.0, 50.0, -20.0, 7.0, 1.0])[None, :, None]
    expected = (loss_by_hand([1.0, 1.0, 4.0], 2) + loss_by_hand([5.0, 0.0, 0.0], 1)) / 2
    expected -= (loss_by_hand([3.0, 1.0, 0.0], 0) + loss_by_hand([0.0, 2.0, 1.0], 1)) / 2
    same(
        circuits.in_context_score(shifted, IDS, [1, 2], [3, 4]),
        expected,
        given={"logits": shifted, "ids": IDS, "early": [1, 2], "late": [3, 4]},
        teach="The probability is a softmax over the vocabulary. Its logarithm is taken for each token, then the mean.",
        atol=1e-4,
    )


@pytest.mark.exercise("circuits.in_context_score")
def test_in_context_score_against_torch(seed):
    """On random logits of several texts it agrees with torch's cross entropy."""
    g = seeded(seed)
    logits, ids = 3 * torch.randn(4, 8, 6, generator=g), torch.randint(0, 6, (4, 8), generator=g)
    early, late = [2, 1, 3], [6, 7]

    def loss(positions: list[int]) -> torch.Tensor:
        rows = [(text, t) for text in range(4) for t in positions]
        predicted = torch.stack([logits[text, t - 1] for text, t in rows])
        return torch.nn.functional.cross_entropy(predicted, torch.stack([ids[text, t] for text, t in rows]))

    same(
        circuits.in_context_score(logits, ids, early, late),
        float(loss(late) - loss(early)),
        given={"logits": logits, "early": early, "late": late},
        teach="Mean over texts and positions, late minus early.",
    )


@pytest.mark.exercise("circuits.in_context_score")
@pytest.mark.parametrize(("early", "late"), [([0, 1], [3]), ([1], [2, 0])])
def test_nothing_predicts_the_first_token(early, late):
    """Position 0 among the positions is refused with a ValueError."""
    with raises(ValueError, teach="0 - 1 is -1, and index -1 is the last position: a loss would come from nowhere."):
        circuits.in_context_score(LOGITS, IDS, early, late)
