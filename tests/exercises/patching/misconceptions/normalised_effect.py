"""Wrong answers to patching.normalised_effect that learners give, with the sentence to say for each."""

import torch

from mi_tutor.tutor.misconceptions import misconception, outcome, probe


@probe("patching.normalised_effect")
def observe_normalised_effect(normalised_effect):
    """Ordinary values, values outside 0 to 1, prompts that differ in size, and runs that hardly differ or do not."""
    for patched, corrupted, clean in (
        ([[1.0, 2.5], [6.0, 7.0], [-2.0, -1.0]], [0.0, 1.0], [4.0, 5.5]),
        ([[1.1, 2.0]], [1.0, 0.0], [1.5, 8.0]),
        ([[1.5, 1.0]], [2.0, 3.0], [0.0, 0.5]),
        ([[1.0, 2.0]], [1.0, 3.0], [3.0, 1.0]),
        ([[1.0, 1.0]], [0.0, 0.0], [1e-7, 1e-7]),
        ([[1.0, 1.0]], [1e-7, 1e-7], [0.0, 0.0]),
        ([[0.0005, 0.0005]], [0.0, 0.0], [0.001, 0.001]),
        ([[1e-6, 1e-6]], [0.0, 0.0], [2e-6, 2e-6]),
        ([[1.0, 2.0]], [0.0, 2.0], [0.0, 6.0]),
        ([[1000.00025, 1000.00025]], [1000.0, 1000.0], [1000.0005, 1000.0005]),
    ):
        yield outcome(
            lambda patched=patched, corrupted=corrupted, clean=clean: normalised_effect(
                *(torch.tensor(values, dtype=torch.float64) for values in (patched, corrupted, clean))
            )
        )


def checked(corrupted, clean):
    if abs(float(clean.mean() - corrupted.mean())) < 1e-6:
        raise ValueError("the two runs score the same")


@misconception(
    "patching.normalised_effect",
    says=(
        "Clean and corrupted are swapped: your corrupted run comes out as 1 and your clean run as 0. A denoising "
        "patch starts in the corrupted run, and doing nothing is 0."
    ),
)
def swaps_clean_and_corrupted(patched, corrupted, clean):
    checked(corrupted, clean)
    return (patched.mean(dim=1) - clean.mean()) / (corrupted.mean() - clean.mean())


@misconception(
    "patching.normalised_effect",
    says=(
        "You form the fraction on each prompt and average the fractions. A prompt on which the two runs nearly "
        "agree has a tiny denominator and outvotes all others."
    ),
)
def mean_of_ratios(patched, corrupted, clean):
    checked(corrupted, clean)
    return ((patched - corrupted) / (clean - corrupted)).mean(dim=1)


@misconception(
    "patching.normalised_effect",
    says="You divide by the clean metric. The way goes from the corrupted run to the clean one: divide by that.",
)
def divides_by_clean(patched, corrupted, clean):
    checked(corrupted, clean)
    return (patched.mean(dim=1) - corrupted.mean()) / clean.mean()


@misconception(
    "patching.normalised_effect",
    says=(
        "Nothing was refused, although the two *means* agree or nearly do. Then the fraction is infinite, not a "
        "number, or made of rounding. Look at the difference of the means before you divide."
    ),
)
def does_not_refuse(patched, corrupted, clean):
    return (patched.mean(dim=1) - corrupted.mean()) / (clean.mean() - corrupted.mean())


@misconception(
    "patching.normalised_effect",
    says=(
        "Two means that are equal are refused, and a gap of 1e-7 between them gets through. Rounding leaves such gaps. "
        "A fraction of one is noise: every gap below 1e-6 is to be refused, in both directions."
    ),
)
def refuses_equality_only(patched, corrupted, clean):
    if clean.mean() == corrupted.mean():
        raise ValueError("the two runs score the same")
    return (patched.mean(dim=1) - corrupted.mean()) / (clean.mean() - corrupted.mean())


@misconception(
    "patching.normalised_effect",
    says=(
        "You refuse a gap of 0.001 between the two runs. That is a small way, and still one: only gaps below 1e-6 "
        "are to be refused."
    ),
)
def refuses_too_much(patched, corrupted, clean):
    if abs(float(clean.mean() - corrupted.mean())) < 0.1:
        raise ValueError("the two runs score the same")
    return (patched.mean(dim=1) - corrupted.mean()) / (clean.mean() - corrupted.mean())


@misconception(
    "patching.normalised_effect",
    says=(
        "You refuse every metric that is lower in the clean run, such as a loss. It is the *size* of the difference "
        "that must not be too small."
    ),
)
def refuses_a_lower_goal(patched, corrupted, clean):
    if clean.mean() - corrupted.mean() < 1e-6:
        raise ValueError("the two runs score the same")
    return (patched.mean(dim=1) - corrupted.mean()) / (clean.mean() - corrupted.mean())


@misconception(
    "patching.normalised_effect",
    says="You cut the fraction off at 0 and 1. A patch that overshoots or does harm is a finding; keep it.",
)
def cuts_off(patched, corrupted, clean):
    checked(corrupted, clean)
    return ((patched.mean(dim=1) - corrupted.mean()) / (clean.mean() - corrupted.mean())).clamp(0, 1)


@misconception(
    "patching.normalised_effect",
    says=(
        "You take the size of the distance between the runs, without its sign. For a metric that is lower in the "
        "clean run, a good patch then has a negative fraction."
    ),
)
def unsigned_distance(patched, corrupted, clean):
    checked(corrupted, clean)
    return (patched.mean(dim=1) - corrupted.mean()) / (clean.mean() - corrupted.mean()).abs()


@misconception(
    "patching.normalised_effect",
    says=(
        "Your limit grows with the metric. Near 0 a gap of 1e-7 gets through, and at 1000 a gap of 0.0005 is refused. "
        "The limit is 1e-6, whatever the size of the metric."
    ),
)
def relative_limit(patched, corrupted, clean):
    if torch.isclose(corrupted.mean(), clean.mean()):
        raise ValueError("the two runs score the same")
    return (patched.mean(dim=1) - corrupted.mean()) / (clean.mean() - corrupted.mean())


@misconception(
    "patching.normalised_effect",
    says=(
        "Your limit grows with the metric: at 1000 a gap of 0.0005 is refused. The limit is 1e-6, whatever the size "
        "of the metric."
    ),
)
def relative_limit_beside_the_absolute_one(patched, corrupted, clean):
    if torch.isclose(corrupted.mean(), clean.mean(), atol=1e-6):
        raise ValueError("the two runs score the same")
    return (patched.mean(dim=1) - corrupted.mean()) / (clean.mean() - corrupted.mean())


@misconception(
    "patching.normalised_effect",
    says=("You refuse a gap of 2e-6 between the two runs. Only gaps below 1e-6 are to be refused."),
)
def refuses_small_gaps(patched, corrupted, clean):
    if abs(float(clean.mean() - corrupted.mean())) < 1e-4:
        raise ValueError("the two runs score the same")
    return (patched.mean(dim=1) - corrupted.mean()) / (clean.mean() - corrupted.mean())


@misconception(
    "patching.normalised_effect",
    says=(
        "You average the patches, and give a number for each prompt. Asked for is a number for each patch, of means "
        "over prompts."
    ),
)
def mean_over_parts(patched, corrupted, clean):
    checked(corrupted, clean)
    return (patched.mean(dim=0) - corrupted.mean()) / (clean.mean() - corrupted.mean())


@misconception(
    "patching.normalised_effect",
    says=(
        "You refuse only if the two runs agree on every prompt. Each prompt can differ while the two *means* agree: "
        "look at the means."
    ),
)
def refuses_if_all_prompts_agree(patched, corrupted, clean):
    if ((clean - corrupted).abs() < 1e-6).all():
        raise ValueError("the two runs score the same")
    return (patched.mean(dim=1) - corrupted.mean()) / (clean.mean() - corrupted.mean())


@misconception(
    "patching.normalised_effect",
    says=(
        "You refuse because the two runs agree on one prompt. The *means* decide: others may differ, and then there "
        "is a way."
    ),
)
def refuses_if_a_prompt_agrees(patched, corrupted, clean):
    if ((clean - corrupted).abs() < 1e-6).any() or abs(float(clean.mean() - corrupted.mean())) < 1e-6:
        raise ValueError("the two runs score the same")
    return (patched.mean(dim=1) - corrupted.mean()) / (clean.mean() - corrupted.mean())


@misconception(
    "patching.normalised_effect",
    says=(
        "You compare the runs prompt by prompt. One prompt on which they agree makes you refuse, and means that agree "
        "do not. The *means* decide."
    ),
)
def refuses_only_by_prompts(patched, corrupted, clean):
    if ((clean - corrupted).abs() < 1e-6).any():
        raise ValueError("the two runs score the same")
    return (patched.mean(dim=1) - corrupted.mean()) / (clean.mean() - corrupted.mean())


@misconception(
    "patching.normalised_effect",
    says=(
        "Where the two means agree you give zeros. A 0 says that the patch did nothing, and nobody can know that "
        "here. Raise ValueError."
    ),
)
def zeros_for_no_way(patched, corrupted, clean):
    if abs(float(clean.mean() - corrupted.mean())) < 1e-6:
        return torch.zeros(len(patched), dtype=patched.dtype)
    return (patched.mean(dim=1) - corrupted.mean()) / (clean.mean() - corrupted.mean())


@misconception(
    "patching.normalised_effect",
    says=(
        "You refuse every metric that is higher in the clean run. It is the *size* of the difference that must not be "
        "too small."
    ),
)
def refuses_a_higher_goal(patched, corrupted, clean):
    if corrupted.mean() - clean.mean() < 1e-6:
        raise ValueError("the two runs score the same")
    return (patched.mean(dim=1) - corrupted.mean()) / (clean.mean() - corrupted.mean())
