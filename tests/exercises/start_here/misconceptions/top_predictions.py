"""Wrong answers to start_here.top_predictions that learners give, with the sentence to say for each."""

import torch
from einops import reduce

from mi_tutor.tutor.misconceptions import misconception, probe


@probe("start_here.top_predictions")
def observe_top_predictions(top_predictions):
    """As many texts as tokens, so that a lost axis runs; then two texts, with logits on both sides of zero."""
    yield top_predictions(torch.tensor([[0.5, 2.0, -1.0], [3.0, -0.5, 1.5], [0.25, 1.0, 0.75]]), 3)
    logits = torch.tensor([[0.5, 2.0, -1.0, 1.0], [3.0, -0.5, 1.5, 0.25]])
    yield top_predictions(logits, 2)
    yield top_predictions(logits, 1)


@misconception(
    "start_here.top_predictions",
    says="The probabilities are shares of the k winners only: the losers were thrown away before the softmax. So they "
    "always add up to 1, and with k = 1 the model looks perfectly sure of anything. What is the whole that a "
    "probability is a share of?",
)
def softmax_over_the_winners(logits, k):
    winners, ids = logits.topk(k, dim=-1)
    probabilities = torch.softmax(winners, dim=-1)  # adds up to 1, as probabilities should
    return ids, probabilities


@misconception(
    "start_here.top_predictions",
    says="The softmax runs along the batch axis, so the texts compete with each other for each token. The tokens of "
    "one text should compete. With a single text your code would call every token certain.",
)
def softmax_across_texts(logits, k):
    probabilities, ids = torch.softmax(logits, dim=0).topk(k, dim=-1)
    return ids, probabilities


@misconception(
    "start_here.top_predictions",
    says="You return the logits of the winners. Logits are scores on an open scale, not probabilities: the softmax is "
    "missing.",
)
def returns_logits(logits, k):
    best, ids = logits.topk(k, dim=-1)
    return ids, best


@misconception(
    "start_here.top_predictions",
    says="You return the least probable tokens. Sorting in torch goes upwards unless you say otherwise.",
)
def least_probable_first(logits, k):
    probabilities, ids = torch.softmax(logits, dim=-1).sort(dim=-1)
    return ids[:, :k], probabilities[:, :k]


@misconception(
    "start_here.top_predictions",
    says="You put each logit through a sigmoid. That asks of each token alone whether it is likely, so the whole "
    "vocabulary can add up to far more than 1. One next token is chosen among all: the softmax makes them share.",
)
def sigmoid_of_each(logits, k):
    probabilities, ids = torch.sigmoid(logits).topk(k, dim=-1)
    return ids, probabilities


@misconception(
    "start_here.top_predictions",
    says="The numbers are right, but the pair is the wrong way round. `topk` gives values first and indices second; "
    "this function promises (ids, probabilities).",
)
def values_before_ids(logits, k):
    probabilities, ids = torch.softmax(logits, dim=-1).topk(k, dim=-1)
    return probabilities, ids


@misconception(
    "start_here.top_predictions",
    says="You took shares of the logits themselves. A logit can be negative, and then so is its share. Each logit goes "
    "through exp first; the shares are those of exp(logit).",
)
def shares_of_the_logits(logits, k):
    winners, ids = logits.topk(k, dim=-1)
    return ids, winners / logits.sum(dim=-1, keepdim=True)


@misconception(
    "start_here.top_predictions",
    says="You took shares of the logits themselves, and of all texts together. Each logit goes through exp first. Then "
    "each text is divided by its own total.",
)
def shares_of_all_logits(logits, k):
    winners, ids = logits.topk(k, dim=-1)
    return ids, winners / logits.sum()


@misconception(
    "start_here.top_predictions",
    says="You took shares of the winners' logits. Two things are missing: each logit goes through exp first, and the "
    "whole is the sum over all tokens, the losers too.",
)
def shares_of_the_winners_logits(logits, k):
    winners, ids = logits.topk(k, dim=-1)
    return ids, winners / winners.sum(dim=-1, keepdim=True)


@misconception(
    "start_here.top_predictions",
    says="You took shares of the winners' logits, with one sum for all texts. Each logit goes through exp first, and "
    "the whole is the sum over all tokens of that one text, the losers too.",
)
def shares_of_all_winners_logits(logits, k):
    winners, ids = logits.topk(k, dim=-1)
    return ids, winners / winners.sum()


@misconception(
    "start_here.top_predictions",
    says="Your softmax is applied twice. The first one already gives the probabilities. The second takes them for "
    "logits and makes them nearly equal.",
)
def softmax_twice(logits, k):
    probabilities, ids = torch.softmax(torch.softmax(logits, dim=-1), dim=-1).topk(k, dim=-1)
    return ids, probabilities


@misconception(
    "start_here.top_predictions",
    says="Every text gets the probabilities of text 0: `[0]` picks that one text. Each row of ids belongs to the row "
    "of probabilities with the same number.",
)
def looks_up_in_text_0(logits, k):
    ids = logits.topk(k, dim=-1).indices
    return ids, torch.softmax(logits, dim=-1)[0][ids]


@misconception(
    "start_here.top_predictions",
    says="You divide by the total of all texts together, so a second text makes the first one less probable. Each text "
    "has a total of its own.",
)
def one_total_for_all_texts(logits, k):
    best, ids = (logits.exp() / logits.exp().sum()).topk(k, dim=-1)
    return ids, best


@misconception(
    "start_here.top_predictions",
    says="Your totals have one axis, `batch`, and torch lines it up with the last axis, the tokens. Keep the axis that "
    "was summed: `-> batch 1` in reduce, or `keepdim=True`. Then each text is divided by its own total.",
)
def total_loses_its_axis(logits, k):
    best, ids = (logits.exp() / reduce(logits.exp(), "batch d_vocab -> batch", "sum")).topk(k, dim=-1)
    return ids, best


@misconception(
    "start_here.top_predictions",
    says="Your totals have one axis, `batch`, and torch lines it up with the last axis, the k winners. Keep the axis "
    "that was summed: `-> batch 1` in reduce, or `keepdim=True`. Then each text is divided by its own total.",
)
def total_of_the_winners_loses_its_axis(logits, k):
    winners, ids = logits.topk(k, dim=-1)
    return ids, winners.exp() / reduce(logits.exp(), "batch d_vocab -> batch", "sum")
