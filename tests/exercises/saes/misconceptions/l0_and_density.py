"""Wrong answers to saes.l0_and_density that learners give, with the sentence to say for each."""

import torch

from mi_tutor.tutor.misconceptions import misconception, probe


@probe("saes.l0_and_density")
def observe_l0_and_density(l0_and_density):
    """A latent that is never active, values of many sizes, more rows than latents."""
    latents = torch.tensor(
        [[1.0, 0.0, 2.0, 0.1], [0.0, 0.0, 0.5, 0.0], [3.0, 0.0, 1.0, 0.0], [0.0, 0.0, 0.0, 0.0], [0.2, 0.0, 0.0, 7.0]]
    )
    l0, density = l0_and_density(latents)
    yield float(l0)
    yield density


@misconception(
    "saes.l0_and_density",
    says=(
        "You count the latents that are active anywhere in the batch. That number grows with the batch until every "
        "living latent is in it; L0 is about a single row."
    ),
)
def counts_over_the_batch(latents):
    active = latents > 0
    return float(active.any(0).sum()), active.float().mean(0)


@misconception(
    "saes.l0_and_density",
    says="Your L0 adds the rows up. It is a mean over rows.",
)
def adds_up_the_rows(latents):
    active = (latents > 0).float()
    return float(active.sum()), active.mean(0)


@misconception(
    "saes.l0_and_density",
    says="Your L0 is the fraction of latents that are active. It is their number: an L0 of 32 is 32 latents in a row.",
)
def returns_a_fraction(latents):
    active = (latents > 0).float()
    return float(active.mean()), active.mean(0)


@misconception(
    "saes.l0_and_density",
    says="Your first number adds up values. That is L1; L0 counts what is above 0, whatever its size.",
)
def adds_up_values(latents):
    return float(latents.sum(-1).mean()), (latents > 0).float().mean(0)


@misconception(
    "saes.l0_and_density",
    says="Your density is the latent's mean value. It is the fraction of rows on which the latent is above 0.",
)
def averages_values(latents):
    return float((latents > 0).float().sum(-1).mean()), latents.mean(0)


@misconception(
    "saes.l0_and_density",
    says="Your density is a number of rows. Divide by how many rows there are.",
)
def counts_rows(latents):
    active = (latents > 0).float()
    return float(active.sum(-1).mean()), active.sum(0)
