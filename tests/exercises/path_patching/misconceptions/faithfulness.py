"""Wrong answers to path_patching.faithfulness that learners give, with the sentence to say for each."""

import torch

from mi_tutor.tutor.misconceptions import misconception, outcome, probe


@probe("path_patching.faithfulness")
def observe_faithfulness(faithfulness):
    """Worse and better than the model, prompts that cancel, negative means, a model without a score."""
    for circuit, model in (
        ([4.0, 1.0, 7.0], [8.0, 0.5, 4.0]),
        ([6.0, 6.5], [3.0, 5.0]),
        ([-2.0, -4.0], [-3.0, -5.5]),
        ([-1.0, -3.0], [3.0, 5.0]),
        ([1.0, 2.0], [-1.0, 1.0]),
    ):
        for part in (0, 1):  # gap and share apart: each can be wrong by itself
            yield outcome(lambda c=circuit, m=model, part=part: faithfulness(torch.tensor(c), torch.tensor(m))[part])


def means(circuit, model):
    whole, alone = float(model.mean()), float(circuit.mean())
    if whole == 0:
        raise ValueError("the model scores 0")
    return whole, alone


@misconception(
    "path_patching.faithfulness",
    says=(
        "You average the shares of the prompts. Where the model is near 0 a share has any size, and one such "
        "prompt decides."
    ),
)
def averages_the_shares(circuit, model):
    whole, alone = means(circuit, model)
    return abs(whole - alone), float((circuit / model).mean())


@misconception(
    "path_patching.faithfulness",
    says=(
        "Your gap is the mean of the prompts' own gaps. F is a mean over prompts, and the definition takes the gap"
        " of the two Fs."
    ),
)
def averages_the_gaps(circuit, model):
    whole, alone = means(circuit, model)
    return float((model - circuit).abs().mean()), alone / whole


@misconception(
    "path_patching.faithfulness",
    says="Your gap has a sign. A circuit that overdoes it is not better than a faithful one.",
)
def keeps_the_sign(circuit, model):
    whole, alone = means(circuit, model)
    return whole - alone, alone / whole


@misconception("path_patching.faithfulness", says="Your share is F(M) / F(C), upside down.")
def turns_the_share(circuit, model):
    whole, alone = means(circuit, model)
    return abs(whole - alone), whole / alone


@misconception(
    "path_patching.faithfulness",
    says=(
        "You cut the share at 1. A circuit that does more than the model lacks something that holds the model "
        "back, and the reader should see it."
    ),
)
def cuts_at_one(circuit, model):
    whole, alone = means(circuit, model)
    return abs(whole - alone), min(1.0, alone / whole)


@misconception(
    "path_patching.faithfulness",
    says="A model that scores 0 gets a share of 0 from you. There is nothing to take a share of; say so.",
)
def zero_for_no_score(circuit, model):
    whole, alone = float(model.mean()), float(circuit.mean())
    return abs(whole - alone), alone / whole if whole else 0.0


@misconception(
    "path_patching.faithfulness",
    says="Your gap has a sign. A circuit that does too little is as unfaithful as one that does too much.",
)
def keeps_the_other_sign(circuit, model):
    whole, alone = means(circuit, model)
    return alone - whole, alone / whole


@misconception(
    "path_patching.faithfulness",
    says="You divide by the size of F(M). With a negative F(M) the share then has the wrong sign.",
)
def divides_by_the_size(circuit, model):
    whole, alone = means(circuit, model)
    return abs(whole - alone), alone / abs(whole)


@misconception(
    "path_patching.faithfulness",
    says="Your share is never below 0. A circuit that does the opposite of the model has a negative share.",
)
def loses_the_sign_of_the_share(circuit, model):
    whole, alone = means(circuit, model)
    return abs(whole - alone), abs(alone / whole)


@misconception(
    "path_patching.faithfulness",
    says="Gap and share have changed places. The contract gives the gap first.",
)
def gives_the_share_first(circuit, model):
    whole, alone = means(circuit, model)
    return alone / whole, abs(whole - alone)
