"""Wrong answers to judging_saes.attribute_f1 that learners give, with the sentence to say for each."""

import torch

from mi_tutor.tutor.misconceptions import misconception, probe


@probe("judging_saes.attribute_f1")
def observe_attribute_f1(attribute_f1):
    """Values of unequal frequency, a value without rows, a silent latent, latents of many strengths."""
    latents = torch.tensor([[1.0, 0.0, 0.3], [0.2, 0.0, 0.0], [0.0, 0.0, 4.0], [3.0, 0.0, 0.0], [0.4, 0.0, 2.0]])
    values = torch.tensor([[0, 1], [0, 0], [0, 1], [2, 1], [2, 2]])
    got = torch.nan_to_num(attribute_f1(latents, values, 3), nan=-77.0)
    yield got[[0, 2]]
    yield got[1]
    yield list(attribute_f1(latents, values, 4).shape)


def _parts(latents, values, n_classes):
    active = (latents > 0).float()
    has = torch.nn.functional.one_hot(values, n_classes).float()
    both = torch.einsum("bf,blc->flc", active, has)
    return both, active.sum(0)[:, None, None].expand_as(both), has.sum(0)[None].expand_as(both)


@misconception(
    "judging_saes.attribute_f1",
    says=(
        "You return the fraction of rows with the value on which the latent is active. A latent that is always active "
        "would be perfect."
    ),
)
def takes_the_recall(latents, values, n_classes):
    both, _, has = _parts(latents, values, n_classes)
    return both / has.clamp_min(1)


@misconception(
    "judging_saes.attribute_f1",
    says=(
        "You return the fraction of active rows that have the value. A latent active on a single one of these rows "
        "would be perfect."
    ),
)
def takes_the_precision(latents, values, n_classes):
    both, active, _ = _parts(latents, values, n_classes)
    return both / active.clamp_min(1)


@misconception(
    "judging_saes.attribute_f1",
    says=(
        "You return the fraction of rows on which latent and value agree. For a rare value a silent latent agrees "
        "nearly everywhere."
    ),
)
def takes_the_accuracy(latents, values, n_classes):
    both, active, has = _parts(latents, values, n_classes)
    return (len(latents) - active - has + 2 * both) / len(latents)


@misconception(
    "judging_saes.attribute_f1",
    says="You divide the rows that are both by the rows that are one or the other. That is another measure of overlap.",
)
def takes_the_overlap(latents, values, n_classes):
    both, active, has = _parts(latents, values, n_classes)
    return both / (active + has - both).clamp_min(1)


@misconception(
    "judging_saes.attribute_f1",
    says="Rows weigh as much as the latent is active on them. A detector says yes or no.",
)
def weighs_by_strength(latents, values, n_classes):
    has = torch.nn.functional.one_hot(values, n_classes).float()
    both = torch.einsum("bf,blc->flc", latents, has)
    return 2 * both / (latents.sum(0)[:, None, None] + has.sum(0)).clamp_min(1e-9)


@misconception(
    "judging_saes.attribute_f1",
    says="Where a latent is silent and no row has the value you get nan. It counts as 0.",
)
def leaves_nan(latents, values, n_classes):
    both, active, has = _parts(latents, values, n_classes)
    return 2 * both / (active + has)


@misconception(
    "judging_saes.attribute_f1",
    says="Your classes end at the largest value that occurs. There are n_classes, also where no row has the last.",
)
def counts_the_values_that_occur(latents, values, n_classes):
    both, active, has = _parts(latents, values, int(values.max()) + 1)
    return 2 * both / (active + has).clamp_min(1)


@misconception(
    "judging_saes.attribute_f1",
    says=(
        "You average precision and recall. A latent that is always active has recall 1, and so would get more than a "
        "half for the rarest value. F1 is their harmonic mean."
    ),
)
def averages_precision_and_recall(latents, values, n_classes):
    both, active, has = _parts(latents, values, n_classes)
    return (both / active.clamp_min(1) + both / has.clamp_min(1)) / 2
