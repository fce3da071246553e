"""Wrong answers to ablation.paired_effect that learners give, with the sentence to say for each."""

import torch

from mi_tutor.tutor.misconceptions import misconception, outcome, probe


@probe("ablation.paired_effect")
def observe_paired_effect(paired_effect):
    """Prompts that differ more than the effect, two runs of other spread, a single prompt."""
    clean = torch.tensor([0.0, 10.0, -20.0, 40.0, 3.0])
    yield paired_effect(clean, torch.tensor([-1.0, 8.5, -22.5, 39.0, 4.0]))
    yield paired_effect(torch.tensor([1.0, 2.0, 3.0]), torch.tensor([3.0, 2.0, 2.5]))
    single = outcome(lambda: paired_effect(torch.tensor([4.0]), torch.tensor([3.0])))
    yield "refused" if isinstance(single, str) else "answered"


def refuse_one(values):
    if len(values) < 2:
        raise ValueError("a standard error needs at least two prompts")


@misconception(
    "ablation.paired_effect",
    says=(
        "You treat the two runs as two groups of different prompts: you add the squared standard errors of the two "
        "means. They are the same prompts. How hard a prompt is stands in both runs and cancels, but not in your error "
        "bar."
    ),
)
def treats_as_unpaired(clean, ablated):
    if len(clean) < 2:
        raise ValueError("a standard error needs at least two prompts")
    mean = float(ablated.mean() - clean.mean())
    return mean, float(((clean.var() + ablated.var()) / len(clean)) ** 0.5)


@misconception(
    "ablation.paired_effect",
    says=(
        "You give the standard deviation: how far one prompt's effect is from another's. The standard error says how "
        "far the mean may be off, and shrinks with more prompts."
    ),
)
def gives_the_deviation(clean, ablated):
    refuse_one(clean)
    difference = ablated - clean
    return float(difference.mean()), float(difference.std())


@misconception(
    "ablation.paired_effect",
    says=(
        "You divide by n inside the standard deviation. These prompts are a sample, and their own mean was taken from "
        "them; n - 1 makes up for that."
    ),
)
def divides_by_n(clean, ablated):
    refuse_one(clean)
    difference = ablated - clean
    return float(difference.mean()), float(difference.std(correction=0) / len(difference) ** 0.5)


@misconception(
    "ablation.paired_effect",
    says="You divide the standard deviation by n. The standard error falls with the square root of n.",
)
def divides_by_n_without_a_root(clean, ablated):
    refuse_one(clean)
    difference = ablated - clean
    return float(difference.mean()), float(difference.std() / len(difference))


@misconception(
    "ablation.paired_effect",
    says="Your sign is turned: the effect is ablated minus clean, so that a loss is negative.",
)
def clean_minus_ablated(clean, ablated):
    refuse_one(clean)
    difference = clean - ablated
    return float(difference.mean()), float(difference.std() / len(difference) ** 0.5)


@misconception(
    "ablation.paired_effect",
    says=(
        "You take the spread of the ablated run alone. A steady effect on prompts of very different difficulty then "
        "looks uncertain."
    ),
)
def spread_of_the_ablated_run(clean, ablated):
    refuse_one(clean)
    return float((ablated - clean).mean()), float(ablated.std() / len(ablated) ** 0.5)


@misconception(
    "ablation.paired_effect",
    says="A single prompt gets an answer. With one difference there is no spread to measure; refuse it.",
)
def answers_for_one_prompt(clean, ablated):
    difference = ablated - clean
    return float(difference.mean()), float(difference.std() / len(difference) ** 0.5)
