"""Wrong answers to probing.features_at that learners give, with the sentence to say for each."""

import torch

from mi_tutor.tutor.misconceptions import misconception, outcome, probe


@probe("probing.features_at")
def observe_features_at(features_at):
    """Ends inside the padding, one and two tokens back, the first position, prompts too short, back below 0."""
    acts = torch.tensor([[[100.0 * b + p * p, -1.0 * p] for p in range(8)] for b in range(3)])
    lengths = torch.tensor([4, 6, 3])
    for back in (0, 1, 2):
        yield outcome(lambda back=back: features_at(acts, lengths, back))
    yield "refused" if outcome(lambda: features_at(acts, lengths, 3)) == "refused" else "accepted"
    yield "refused" if outcome(lambda: features_at(acts, lengths, -1)) == "refused" else "accepted"


def refuse(lengths, back):
    if back < 0 or back >= int(lengths.min()):
        raise ValueError("no such token")


@misconception(
    "probing.features_at",
    says=(
        "You count from the end of the tensor. For every prompt but the longest that is padding. Count from each "
        "prompt's own last token."
    ),
)
def counts_from_the_last_column(activations, lengths, back=0):
    refuse(lengths, back)
    return activations[:, -1 - back]


@misconception(
    "probing.features_at",
    says=(
        "You read one position too far to the right. A prompt of n tokens has positions 0 to n - 1; position n is the"
        " first of the padding."
    ),
)
def one_too_far(activations, lengths, back=0):
    refuse(lengths, back)
    return activations[torch.arange(len(lengths)), lengths - back]


@misconception(
    "probing.features_at",
    says=(
        "You average over the real tokens of a prompt. Asked is one token of it: the mean mixes what the model knew "
        "before it read the name with what it knew after."
    ),
)
def averages_the_tokens(activations, lengths, back=0):
    refuse(lengths, back)
    real = torch.arange(activations.shape[1]) < lengths[:, None]
    return (activations * real[..., None]).sum(dim=1) / lengths[:, None]


@misconception(
    "probing.features_at",
    says="You average over all positions, padding included. Asked is one real token of each prompt.",
)
def averages_everything(activations, lengths, back=0):
    refuse(lengths, back)
    return activations.mean(dim=1)


@misconception(
    "probing.features_at",
    says="You read the last real token whatever `back` is. With back = 1 the one before it is wanted.",
)
def ignores_back(activations, lengths, back=0):
    refuse(lengths, back)
    return activations[torch.arange(len(lengths)), lengths - 1]


@misconception(
    "probing.features_at",
    says="`back` goes the wrong way: a larger one takes you to the right, into the padding. It counts to the left.",
)
def goes_forward(activations, lengths, back=0):
    refuse(lengths, back)
    return activations[torch.arange(len(lengths)), lengths - 1 + back]


@misconception(
    "probing.features_at",
    says=(
        "A prompt that is too short for `back` gets an answer. A negative index counts from the end, where the "
        "padding is, and a clamped one reads another token than the one asked for. Refuse."
    ),
)
def reads_too_short_prompts(activations, lengths, back=0):
    if back < 0:
        raise ValueError("back must be at least 0")
    return activations[torch.arange(len(lengths)), lengths - 1 - back]


@misconception(
    "probing.features_at",
    says="You accept a negative `back`. It leads behind the last real token, where the padding begins. Refuse.",
)
def accepts_a_negative_back(activations, lengths, back=0):
    if back >= int(lengths.min()):
        raise ValueError("no such token")
    return activations[torch.arange(len(lengths)), lengths - 1 - back]


@misconception(
    "probing.features_at",
    says=(
        "You refuse to read position 0. The start mark counts as a token in `lengths`, so a prompt of 3 tokens can be"
        " read 2 back."
    ),
)
def refuses_position_0(activations, lengths, back=0):
    if back < 0 or back + 1 >= int(lengths.min()):
        raise ValueError("no such token")
    return activations[torch.arange(len(lengths)), lengths - 1 - back]
