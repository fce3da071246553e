"""Wrong answers to saes.detection_score that learners give, with the sentence to say for each."""

import torch

from mi_tutor.tutor.misconceptions import misconception, probe


@probe("saes.detection_score")
def observe_detection_score(detection_score):
    """Tokens that behave otherwise in training and test texts, a tie, unseen tokens, texts of unequal activity."""
    tokens = torch.tensor([[0, 1, 2, 5], [0, 1, 3, 5], [0, 2, 3, 0], [1, 4, 0, 5], [2, 2, 5, 1]])
    active = torch.tensor([[1, 0, 1, 1], [1, 0, 0, 0], [1, 0, 1, 1], [0, 1, 0, 1], [1, 0, 0, 0]]).bool()
    for train in ([1, 1, 0, 0, 0], [0, 1, 1, 1, 0], [1, 0, 1, 0, 1]):
        yield detection_score(tokens, active, torch.tensor(train).bool())


def _f1(predicted, real):
    return float(2 * (predicted & real).sum() / (predicted.sum() + real.sum()))


def _rule(tokens, active, size):
    occurs = tokens.flatten().bincount(minlength=size)
    return tokens[active].bincount(minlength=size) > occurs / 2


@misconception(
    "saes.detection_score",
    says=(
        "The texts that the rule is scored on had a part in writing it. A rule may then know by heart what happened in "
        "them, and a latent without any rule seems well explained. Write it from the training texts only."
    ),
)
def writes_from_all_texts(tokens, active, train):
    size = int(tokens.max()) + 1
    occurs = tokens.flatten().bincount(minlength=size)
    fires = tokens[active].bincount(minlength=size)
    rule = fires > occurs / 2
    predicted, real = rule[tokens[~train]], active[~train]
    return float(2 * (predicted & real).sum() / (predicted.sum() + real.sum()))


@misconception(
    "saes.detection_score",
    says="You score the rule on the texts it was written from. How it does on other texts is the question.",
)
def scores_on_the_training_texts(tokens, active, train):
    rule = _rule(tokens[train], active[train], int(tokens.max()) + 1)
    return _f1(rule[tokens[train]], active[train])


@misconception(
    "saes.detection_score",
    says="You score the rule on all texts. The training texts, where it knows the answers, are among them.",
)
def scores_on_all_texts(tokens, active, train):
    rule = _rule(tokens[train], active[train], int(tokens.max()) + 1)
    return _f1(rule[tokens], active)


@misconception(
    "saes.detection_score",
    says="You write the rule from the texts it is to be scored on and score it on the training texts.",
)
def exchanges_the_texts(tokens, active, train):
    rule = _rule(tokens[~train], active[~train], int(tokens.max()) + 1)
    return _f1(rule[tokens[train]], active[train])


@misconception(
    "saes.detection_score",
    says=(
        "Every token on which the latent was ever active is in your rule. One lucky occurrence in a hundred is enough "
        "for it; the rule asks for more than half."
    ),
)
def takes_every_token_that_was_active(tokens, active, train):
    size = int(tokens.max()) + 1
    rule = tokens[train][active[train]].bincount(minlength=size) > 0
    return _f1(rule[tokens[~train]], active[~train])


@misconception(
    "saes.detection_score",
    says=(
        "You return the share of positions judged rightly. A latent is silent nearly everywhere, so a rule that never "
        "says active would score close to 1."
    ),
)
def takes_the_accuracy(tokens, active, train):
    rule = _rule(tokens[train], active[train], int(tokens.max()) + 1)
    return float((rule[tokens[~train]] == active[~train]).float().mean())


@misconception(
    "saes.detection_score",
    says="Tokens on which the latent is active exactly half of the time are in your rule. It asks for more than half.",
)
def half_is_enough(tokens, active, train):
    size = int(tokens.max()) + 1
    occurs = tokens[train].flatten().bincount(minlength=size)
    rule = tokens[train][active[train]].bincount(minlength=size) >= occurs / 2
    return _f1(rule[tokens[~train]], active[~train])


@misconception(
    "saes.detection_score",
    says="You find F1 for each text and average. F1 is asked for once, over all positions of the other texts.",
)
def averages_over_texts(tokens, active, train):
    rule = _rule(tokens[train], active[train], int(tokens.max()) + 1)
    scores = [_f1(rule[row], real) for row, real in zip(tokens[~train], active[~train], strict=True)]
    return sum(scores) / len(scores)
