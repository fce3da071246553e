"""Checks of start_here.top_predictions: How sure is the model?"""

import math

import pytest
import torch

from mi_tutor.exercises import start_here
from mi_tutor.tutor.judge import same, seeded

# exp(logits) are 1, 5, 2, 2/3 and 4/3, which add up to 10.
TEN_SHARES = torch.tensor([[math.log(1.0), math.log(5.0), math.log(2.0), math.log(2.0 / 3), math.log(4.0 / 3)]])


@pytest.mark.exercise("start_here.top_predictions")
def test_order_of_tokens():
    """The most probable token comes first: logits [0, 3, 1] with k = 2 give the ids [1, 2]."""
    logits = torch.tensor([[0.0, 3.0, 1.0]])
    ids, _ = start_here.top_predictions(logits, 2)
    same(ids, torch.tensor([[1, 2]]), given={"logits": logits, "k": 2}, what="first part of the pair, the ids,")


@pytest.mark.exercise("start_here.top_predictions")
def test_share_of_the_whole_vocabulary():
    """A token whose exp(logit) is 5 of 10 in the whole vocabulary has probability 0.5, also when k = 1."""
    _, probabilities = start_here.top_predictions(TEN_SHARES, 1)
    same(
        probabilities,
        torch.tensor([[0.5]]),
        given={"exp(logits)": TEN_SHARES.exp(), "k": 1},
        teach="The probability of a token is its exp(logit), 5, divided by the sum of all five exp(logit), 10.",
        what="probability",
    )


@pytest.mark.exercise("start_here.top_predictions")
def test_k_does_not_change_probabilities():
    """Asking for more tokens does not change the probabilities of the first ones."""
    _, three = start_here.top_predictions(TEN_SHARES, 3)
    same(
        three,
        torch.tensor([[0.5, 0.2, 4 / 30]]),
        given={"exp(logits)": TEN_SHARES.exp(), "k": 3},
        teach="The shares are 5, 2 and 4/3 out of 10.",
        what="probability",
    )


@pytest.mark.exercise("start_here.top_predictions")
def test_each_text_has_its_own_softmax():
    """With two texts, each gets the probabilities of its own logits; neither changes the other's."""
    logits = torch.cat([TEN_SHARES, torch.tensor([[1.0, 1.0, 3.0, 4.0, 1.0]]).log()])
    ids, probabilities = start_here.top_predictions(logits, 2)
    given = {"exp(logits)": logits.exp(), "k": 2}
    same(
        probabilities,
        torch.tensor([[0.5, 0.2], [0.4, 0.3]]),
        given=given,
        teach="Text 0 has the shares 0.5 and 0.2 of its total, text 1 has 0.4 and 0.3 of its own.",
        what="probability",
    )
    same(ids, torch.tensor([[1, 2], [3, 2]]), given=given, what="token id")


@pytest.mark.exercise("start_here.top_predictions")
def test_as_many_texts_as_tokens():
    """With three texts over three tokens, too, each text is divided by its own total."""
    logits = torch.tensor([[1.0, 1.0, 2.0], [5.0, 3.0, 2.0], [1.0, 6.0, 3.0]]).log()
    _, probabilities = start_here.top_predictions(logits, 1)
    same(
        probabilities,
        torch.tensor([[0.5], [0.5], [0.6]]),
        given={"exp(logits)": logits.exp(), "k": 1},
        teach="The totals are 4, 10 and 10. Totals of shape `batch` line up with the tokens; of shape `batch 1`, with "
        "the texts.",
        what="probability",
    )


@pytest.mark.exercise("start_here.top_predictions")
def test_against_plain_python(seed):
    """On random logits, ids and probabilities agree with plain Python, worked out token by token."""
    logits = 3 * torch.randn(2, 7, generator=seeded(seed))
    ids, probabilities = start_here.top_predictions(logits, 4)
    for text, scores in enumerate(logits.tolist()):
        total = sum(math.exp(score) for score in scores)
        order = sorted(range(7), key=lambda token, scores=scores: -scores[token])[:4]
        given = {"logits": logits, "k": 4}
        same(ids[text], torch.tensor(order), given=given, what=f"token id of text {text}")
        shares = torch.tensor([math.exp(scores[token]) / total for token in order])
        same(probabilities[text], shares, given=given, what=f"probability of text {text}")
