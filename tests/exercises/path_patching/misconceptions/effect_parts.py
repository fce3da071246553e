"""Wrong answers to path_patching.effect_parts that learners give, with the sentence to say for each."""

import torch

from mi_tutor.tutor.misconceptions import misconception, probe


@probe("path_patching.effect_parts")
def observe_effect_parts(effect_parts):
    yield list(
        effect_parts(
            torch.tensor([1.0, 3.5]), torch.tensor([0.5, 0.0]), torch.tensor([2.0, 5.0]), torch.tensor([-1.0, 2.0])
        )
    )


def means(plain, *runs):
    return [float((run - plain).mean()) for run in runs]


@misconception(
    "path_patching.effect_parts",
    says=(
        "You take the indirect effect to be what is left of the total, so the interaction is always 0. In a model that "
        "is not linear the parts need not add up; measure the indirect effect, and say what is left."
    ),
)
def indirect_is_what_is_left(plain, direct, indirect, both):
    total, straight = means(plain, both, direct)
    return total, straight, total - straight, 0.0


@misconception(
    "path_patching.effect_parts",
    says="You give the metrics of the runs. Effects are changes against the plain run.",
)
def forgets_the_plain_run(plain, direct, indirect, both):
    total, straight, around = (float(run.mean()) for run in (both, direct, indirect))
    return total, straight, around, total - straight - around


@misconception(
    "path_patching.effect_parts",
    says="The total is taken to be the sum of the two parts. It is a run of its own, in which both happen together.",
)
def total_is_the_sum(plain, direct, indirect, both):
    straight, around = means(plain, direct, indirect)
    return straight + around, straight, around, 0.0


@misconception(
    "path_patching.effect_parts",
    says="The sign of the interaction is turned or lost: it is the total minus the sum of the parts.",
)
def turns_the_interaction(plain, direct, indirect, both):
    total, straight, around = means(plain, both, direct, indirect)
    return total, straight, around, straight + around - total


@misconception(
    "path_patching.effect_parts",
    says="Direct and indirect have changed places. Which run patches the direct path only?",
)
def exchanges_the_parts(plain, direct, indirect, both):
    total, straight, around = means(plain, both, direct, indirect)
    return total, around, straight, total - straight - around


@misconception(
    "path_patching.effect_parts",
    says="Your effects are plain minus patched, so what lowers the metric comes out positive.",
)
def turns_every_sign(plain, direct, indirect, both):
    total, straight, around = (-x for x in means(plain, both, direct, indirect))
    return total, straight, around, total - straight - around


@misconception(
    "path_patching.effect_parts",
    says=(
        "Your interaction is the metric of one run minus the metrics of two, so the plain metric is left in it. Take "
        "it of the effects."
    ),
)
def interaction_of_metrics(plain, direct, indirect, both):
    total, straight, around = means(plain, both, direct, indirect)
    return total, straight, around, float((both - direct - indirect).mean())


@misconception(
    "path_patching.effect_parts",
    says="Your parts come first and the total third. The contract gives the total first.",
)
def gives_the_total_third(plain, direct, indirect, both):
    total, straight, around = means(plain, both, direct, indirect)
    return straight, around, total, total - straight - around


@misconception(
    "path_patching.effect_parts",
    says="One part is taken out of the total and the other put in once more. Both parts are taken out.",
)
def takes_one_part_out_only(plain, direct, indirect, both):
    total, straight, around = means(plain, both, direct, indirect)
    return total, straight, around, total - (straight - around)
