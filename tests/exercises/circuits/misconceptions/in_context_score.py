"""Wrong answers to circuits.in_context_score that learners give, with the sentence to say for each."""

import torch

from mi_tutor.tutor.judge import seeded
from mi_tutor.tutor.misconceptions import misconception, probe


@probe("circuits.in_context_score")
def observe_in_context_score(in_context_score):
    """Random logits for several texts, one and several positions, and position 0."""
    g = seeded()
    logits, ids = 2 * torch.randn(3, 7, 5, generator=g), torch.randint(0, 5, (3, 7), generator=g)
    yield in_context_score(logits, ids, [2], [5])
    yield in_context_score(logits, ids, [1, 2], [4, 5, 6])
    yield in_context_score(logits + 30, ids, [1, 2], [4, 5])
    try:
        in_context_score(logits, ids, [0, 1], [5])
        yield "accepted"
    except ValueError:
        yield "refused"


def _difference(loss, early, late, shift):
    return float(loss[:, [t - shift for t in late]].mean() - loss[:, [t - shift for t in early]].mean())


def _losses(logits, ids):
    return -logits[:, :-1].log_softmax(dim=-1).gather(-1, ids[:, 1:, None]).squeeze(-1)


@misconception(
    "circuits.in_context_score",
    says=(
        "You compare the logits at a position with the token at the same position. The model has just read that token; "
        "its logits there are about the next one."
    ),
)
def no_shift(logits, ids, early, late):
    if 0 in early or 0 in late:
        raise ValueError("position 0 is not predicted")
    return _difference(-logits.log_softmax(dim=-1).gather(-1, ids[..., None]).squeeze(-1), early, late, 0)


@misconception(
    "circuits.in_context_score",
    says=(
        "You read the loss one position too late: after the shift, entry t of the losses belongs to the token at "
        "position t + 1."
    ),
)
def reads_the_next_loss(logits, ids, early, late):
    if 0 in early or 0 in late:
        raise ValueError("position 0 is not predicted")
    loss = torch.cat([_losses(logits, ids), torch.full((len(ids), 1), torch.nan)], dim=1)
    return _difference(loss, early, late, 0)


@misconception(
    "circuits.in_context_score",
    says="You subtract the late loss from the early one. The score is late minus early, so that better is negative.",
)
def early_minus_late(logits, ids, early, late):
    if 0 in early or 0 in late:
        raise ValueError("position 0 is not predicted")
    return -_difference(_losses(logits, ids), early, late, 1)


@misconception(
    "circuits.in_context_score",
    says=(
        "You use the logits as they are. A logit is not a log probability: it becomes one when the log-sum-exp over "
        "the vocabulary is subtracted."
    ),
)
def logits_as_log_probabilities(logits, ids, early, late):
    if 0 in early or 0 in late:
        raise ValueError("position 0 is not predicted")
    return _difference(-logits[:, :-1].gather(-1, ids[:, 1:, None]).squeeze(-1), early, late, 1)


@misconception(
    "circuits.in_context_score",
    says=(
        "You average the probabilities and then take the logarithm. The loss is a mean of logarithms: one token that "
        "the model is sure is wrong must cost a lot."
    ),
)
def logarithm_of_the_mean(logits, ids, early, late):
    if 0 in early or 0 in late:
        raise ValueError("position 0 is not predicted")
    p = (-_losses(logits, ids)).exp()
    return float(p[:, [t - 1 for t in early]].mean().log() - p[:, [t - 1 for t in late]].mean().log())


@misconception(
    "circuits.in_context_score",
    says=("You answer for position 0, too. Nothing predicts the first token; index -1 silently reads the last loss."),
)
def counts_position_zero(logits, ids, early, late):
    return _difference(_losses(logits, ids), early, late, 1)


@misconception(
    "circuits.in_context_score",
    says=(
        "You compare the logits at a position with the token before it, one the model has already read. Its logits "
        "there are about the token after it."
    ),
)
def shifts_the_wrong_way(logits, ids, early, late):
    if 0 in early or 0 in late:
        raise ValueError("position 0 is not predicted")
    back = -logits[:, 1:].log_softmax(dim=-1).gather(-1, ids[:, :-1, None]).squeeze(-1)
    return _difference(back, early, late, 1)


@misconception(
    "circuits.in_context_score",
    says="Your losses are in bits: the logarithm to base 2. The docstring asks for nats, the natural logarithm.",
)
def counts_in_bits(logits, ids, early, late):
    if 0 in early or 0 in late:
        raise ValueError("position 0 is not predicted")
    return _difference(_losses(logits, ids), early, late, 1) / float(torch.tensor(2.0).log())
