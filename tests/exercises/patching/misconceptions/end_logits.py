"""Wrong answers to patching.end_logits that learners give, with the sentence to say for each."""

import torch

from mi_tutor.tutor.misconceptions import misconception, outcome, probe


@probe("patching.end_logits")
def observe_end_logits(end_logits):
    """No padding, padding behind, in front, on both sides, and a row of padding."""
    logits = torch.arange(20.0).reshape(2, 5, 2)
    for rows in ("11111 11111", "11111 11000", "11111 00111", "01110 10000", "00110 11100", "11100 00000"):
        mask = torch.tensor([[one == "1" for one in row] for row in rows.split()])
        yield outcome(lambda mask=mask: end_logits(logits.clone(), mask))


def checked(mask):
    if not bool(mask.any(dim=1).all()):
        raise ValueError("no real token")


@misconception(
    "patching.end_logits",
    says="You read position -1. In a padded batch that is padding, for every prompt but the longest.",
)
def reads_minus_one(logits, mask):
    if not bool(mask.any(dim=1).all()):
        raise ValueError("a prompt has no real token")
    return logits[:, -1]


@misconception(
    "patching.end_logits",
    says="You count the real tokens and read there. That is the last one only when no padding stands in front.",
)
def counts_the_tokens(logits, mask):
    checked(mask)
    return logits[torch.arange(len(logits)), mask.sum(dim=1) - 1]


@misconception(
    "patching.end_logits",
    says="You read before the first padding token. When padding stands in front of a prompt, that is not its end.",
)
def before_the_first_padding(logits, mask):
    checked(mask)
    return logits[torch.arange(len(logits)), mask.int().argmin(dim=1) - 1]


@misconception(
    "patching.end_logits",
    says="You read the first real token of each prompt, not the last.",
)
def reads_the_first(logits, mask):
    checked(mask)
    return logits[torch.arange(len(logits)), mask.int().argmax(dim=1)]


@misconception(
    "patching.end_logits",
    says="You read all prompts at one and the same position. Each has an end of its own.",
)
def end_of_the_first_for_all(logits, mask):
    checked(mask)
    return logits[:, int(mask[0].nonzero().max())]


@misconception(
    "patching.end_logits",
    says="A row without a real token gives some number, which looks like an answer. Refuse it.",
)
def does_not_refuse(logits, mask):
    last = (mask * torch.arange(mask.shape[1])).argmax(dim=1)
    return logits[torch.arange(len(logits)), last]
