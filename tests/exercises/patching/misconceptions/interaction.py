"""Wrong answers to patching.interaction that learners give, with the sentence to say for each."""

import torch

from mi_tutor.tutor.misconceptions import misconception, outcome, probe


@probe("patching.interaction")
def observe_interaction(interaction):
    """Three parts on two prompts, and two parts on two prompts."""
    yield outcome(lambda: interaction(torch.tensor([[1.0, 3.0], [0.5, -1.0], [0.0, 2.0]]), torch.tensor([2.0, 1.0])))
    yield outcome(lambda: interaction(torch.tensor([[1.0, 2.0], [4.0, 7.0]]), torch.tensor([20.0, 5.0])))


@misconception(
    "patching.interaction",
    says="You subtract the joint effect from the sum. Parts that need each other then come out negative.",
)
def turned_around(single, joint):
    return float((single.sum(dim=0) - joint).mean())


@misconception(
    "patching.interaction",
    says=(
        "You compare with the mean of the single effects. Parts that do not know of each other add their effects up."
    ),
)
def compares_with_the_mean(single, joint):
    return float((joint - single.mean(dim=0)).mean())


@misconception(
    "patching.interaction",
    says="You compare with the largest single effect. Parts that do not know of each other give the sum of all.",
)
def compares_with_the_largest(single, joint):
    return float((joint - single.max(dim=0).values).mean())


@misconception(
    "patching.interaction",
    says="You sum over the prompts as well. An effect is a mean over prompts; the number of prompts must not matter.",
)
def sums_over_prompts(single, joint):
    return float((joint - single.sum(dim=0)).sum())


@misconception(
    "patching.interaction",
    says="You sum the single effects over the prompts as well as over the parts, and set that against a mean.",
)
def sums_single_over_prompts(single, joint):
    return float(joint.mean() - single.sum())


@misconception(
    "patching.interaction",
    says="You leave out the single effects and give the joint effect. The question is what is left beyond their sum.",
)
def only_the_joint(single, joint):
    return float(joint.mean())


@misconception(
    "patching.interaction",
    says="You divide by the sum of the single effects. Where it is near 0, the ratio says nothing.",
)
def divides_by_the_sum(single, joint):
    total = single.sum(dim=0)
    return float(((joint - total) / total).mean())


@misconception(
    "patching.interaction",
    says=("You sum over dimension 1. That is the prompts; the parts are dimension 0."),
)
def sums_the_wrong_dimension(single, joint):
    return float((joint - single.sum(dim=1)).mean())


@misconception(
    "patching.interaction",
    says=(
        "You divide the joint effect by the sum of the single ones. Where that is near 0, a ratio says nothing; asked "
        "for is a difference."
    ),
)
def ratio_of_means(single, joint):
    return float(joint.mean() / single.sum(dim=0).mean())


@misconception(
    "patching.interaction",
    says=(
        "You divide the joint effect by the sum of the single ones, prompt by prompt. Where that is near 0, a ratio "
        "says nothing; asked for is a difference."
    ),
)
def ratio_on_each_prompt(single, joint):
    return float((joint / single.sum(dim=0)).mean())


@misconception(
    "patching.interaction",
    says=(
        "You give the size without the sign. The sign tells parts that need each other from parts that stand in for "
        "each other."
    ),
)
def size_of_the_mean(single, joint):
    return abs(float((joint - single.sum(dim=0)).mean()))


@misconception(
    "patching.interaction",
    says=(
        "You average sizes, without their signs. The sign tells parts that need each other from parts that stand in "
        "for each other, and it is kept before the mean and after it."
    ),
)
def mean_of_sizes(single, joint):
    return float((joint - single.sum(dim=0)).abs().mean())


@misconception(
    "patching.interaction",
    says=(
        "You take the sizes of the effects before you compare. An effect is a change and has a sign: a loss is "
        "negative."
    ),
)
def sizes_of_effects(single, joint):
    return float((joint.abs() - single.abs().sum(dim=0)).mean())
