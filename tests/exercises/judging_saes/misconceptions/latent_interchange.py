"""Wrong answers to judging_saes.latent_interchange that learners give, with the sentence to say for each."""

import torch

from mi_tutor.tutor.misconceptions import misconception, probe


@probe("judging_saes.latent_interchange")
def observe_latent_interchange(latent_interchange):
    """A mask of some latents, with and without the error, and an empty one."""
    base = torch.tensor([[5.0, 1.0], [-1.0, 2.0]])
    mine, theirs = torch.tensor([[2.0, 1.0, 0.0], [0.5, 0.0, 1.0]]), torch.tensor([[0.0, 4.0, 3.0], [1.5, 0.7, 0.2]])
    W_dec, b_dec = torch.tensor([[1.0, 0.0], [0.0, 1.0], [2.0, 2.0]]), torch.tensor([0.5, -1.0])
    for mask in ([True, False, True], [False, False, False]):
        for keep_error in (False, True):
            yield latent_interchange(base, mine, theirs, W_dec, b_dec, torch.tensor(mask), keep_error)


def _mixed(base_latents, source_latents, mask):
    return torch.where(mask, source_latents, base_latents)


@misconception(
    "judging_saes.latent_interchange",
    says="You take the latents outside the mask from the source. mask is True for those that come from the source.",
)
def turns_the_mask_round(base, base_latents, source_latents, W_dec, b_dec, mask, keep_error):
    mixed = torch.where(mask, base_latents, source_latents)
    if keep_error:
        return base + (mixed - base_latents) @ W_dec
    return mixed @ W_dec + b_dec


@misconception(
    "judging_saes.latent_interchange",
    says="The masked latents are added to the base's own. They take their place: the base's value has to go.",
)
def adds_the_source(base, base_latents, source_latents, W_dec, b_dec, mask, keep_error):
    change = source_latents * mask
    if keep_error:
        return base + change @ W_dec
    return (base_latents + change) @ W_dec + b_dec


@misconception(
    "judging_saes.latent_interchange",
    says="You never add what the SAE misses in the base, also where it is to be kept.",
)
def never_keeps_the_error(base, base_latents, source_latents, W_dec, b_dec, mask, keep_error):
    return _mixed(base_latents, source_latents, mask) @ W_dec + b_dec


@misconception(
    "judging_saes.latent_interchange",
    says="You always keep what the SAE misses, also where the plain reconstruction is asked for.",
)
def always_keeps_the_error(base, base_latents, source_latents, W_dec, b_dec, mask, keep_error):
    return base + (_mixed(base_latents, source_latents, mask) - base_latents) @ W_dec


@misconception(
    "judging_saes.latent_interchange",
    says="Your reconstruction leaves out b_dec.",
)
def forgets_the_bias(base, base_latents, source_latents, W_dec, b_dec, mask, keep_error):
    mixed = _mixed(base_latents, source_latents, mask)
    return base + (mixed - base_latents) @ W_dec if keep_error else mixed @ W_dec


@misconception(
    "judging_saes.latent_interchange",
    says="The latents outside the mask are 0 with you. They keep the base's values.",
)
def silences_the_others(base, base_latents, source_latents, W_dec, b_dec, mask, keep_error):
    mixed = source_latents * mask
    return base + (mixed - base_latents) @ W_dec if keep_error else mixed @ W_dec + b_dec


@misconception(
    "judging_saes.latent_interchange",
    says=(
        "With the error kept, b_dec is in your result twice: once in the new reconstruction, and once in what you take "
        "for the error. The error is the base minus its whole reconstruction, b_dec included."
    ),
)
def counts_the_bias_twice(base, base_latents, source_latents, W_dec, b_dec, mask, keep_error):
    told = _mixed(base_latents, source_latents, mask) @ W_dec + b_dec
    return told + base - base_latents @ W_dec if keep_error else told


@misconception(
    "judging_saes.latent_interchange",
    says=(
        "With the error kept you add the whole new reconstruction to the whole base, so most of the activation is "
        "there twice. Of the base only what its own reconstruction misses is to be added."
    ),
)
def adds_the_whole_base(base, base_latents, source_latents, W_dec, b_dec, mask, keep_error):
    told = _mixed(base_latents, source_latents, mask) @ W_dec + b_dec
    return told + base if keep_error else told
