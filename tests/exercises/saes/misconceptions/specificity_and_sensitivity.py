"""Wrong answers to saes.specificity_and_sensitivity that learners give, with the sentence to say for each."""

import torch

from mi_tutor.tutor.misconceptions import misconception, outcome, probe


@probe("saes.specificity_and_sensitivity")
def observe_specificity_and_sensitivity(specificity_and_sensitivity):
    """A graded latent at two thresholds, one of them a value that occurs; then no active row."""
    latent = torch.tensor([3.0, 0.0, 0.5, 2.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.25])
    context = torch.tensor([True, True, True, False, False, True, False, False, True, False, False])
    for threshold in (0.0, 1.0):
        specificity, sensitivity = specificity_and_sensitivity(latent, context, threshold)
        yield float(specificity)
        yield float(sensitivity)
    yield outcome(lambda: [float(v) for v in specificity_and_sensitivity(latent, context, 9.0)])


def _share(part, whole):
    return float(part.sum() / whole.sum())


@misconception(
    "saes.specificity_and_sensitivity",
    says="You return the two numbers in the other order. First: of the active rows, how many lie in the context?",
)
def exchanges_the_two(latent, context, threshold):
    active = latent > threshold
    return _share(active & context, context), _share(active & context, active)


@misconception(
    "saes.specificity_and_sensitivity",
    says=(
        "Your specificity is that of statistics: the share of rows outside the context on which the latent is silent. "
        "Nearly every row is outside, so any rare latent comes close to 1."
    ),
)
def takes_the_word_from_statistics(latent, context, threshold):
    active = latent > threshold
    return _share(~active & ~context, ~context), _share(active & context, context)


@misconception(
    "saes.specificity_and_sensitivity",
    says="A row exactly at the threshold counts as active with you. At a threshold of 0 that is every row.",
)
def counts_the_threshold_itself(latent, context, threshold):
    active = latent >= threshold
    return _share(active & context, active), _share(active & context, context)


@misconception(
    "saes.specificity_and_sensitivity",
    says=(
        "You weigh rows by how active the latent is. Here each row counts once; how strong the activation is enters "
        "through the threshold."
    ),
)
def weighs_by_activation(latent, context, threshold):
    strength = latent * (latent > threshold)
    return _share(strength * context, strength), _share((latent > threshold) & context, context)


@misconception(
    "saes.specificity_and_sensitivity",
    says=(
        "Your first number is the share of rows judged rightly. For a rare context always staying silent would "
        "score close to 1."
    ),
)
def takes_the_accuracy(latent, context, threshold):
    active = latent > threshold
    return float((active == context).float().mean()), _share(active & context, context)


@misconception(
    "saes.specificity_and_sensitivity",
    says="Where the latent is active on no row your specificity is 0. Nothing was seen, so it is nan.",
)
def says_zero_for_nothing(latent, context, threshold):
    active = latent > threshold
    both = int((active & context).sum())
    return both / max(1, int(active.sum())), both / max(1, int(context.sum()))
