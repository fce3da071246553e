"""Wrong answers to saes.clamp_latent that learners give, with the sentence to say for each."""

import torch

from mi_tutor.tutor.misconceptions import misconception, probe


@probe("saes.clamp_latent")
def observe_clamp_latent(clamp_latent):
    """Rows where the latent was silent, weak and stronger than the value; then whether x survived."""
    x = torch.tensor([[1.0, 2.0], [3.0, 4.0], [0.0, -1.0]])
    latents = torch.tensor([[0.5, 9.0], [0.0, 2.0], [4.0, 0.3]])
    W_dec = torch.tensor([[1.0, -2.0], [5.0, 4.0]])
    came = x.clone()
    yield clamp_latent(came, latents, W_dec, 0, 3.0).clone()
    yield came
    yield clamp_latent(x.clone(), latents, W_dec, 1, 0.0)


@misconception(
    "saes.clamp_latent",
    says=(
        "You add `value` times the direction, on top of what the latent already wrote. The latent then stands at "
        "value plus its old value. Change it by the difference."
    ),
)
def adds_on_top(x, latents, W_dec, latent, value):
    return x + value * W_dec[latent]


@misconception(
    "saes.clamp_latent",
    says=(
        "You return a reconstruction. All that the SAE misses is lost with it, and its damage gets mixed up with the "
        "effect of the feature."
    ),
)
def returns_a_reconstruction(x, latents, W_dec, latent, value):
    changed = latents.clone()
    changed[:, latent] = value
    return changed @ W_dec


@misconception(
    "saes.clamp_latent",
    says="You change only rows where the latent is active. It is set in every row, whatever it was.",
)
def changes_active_rows_only(x, latents, W_dec, latent, value):
    change = (value - latents[:, latent]) * (latents[:, latent] > 0)
    return x + change[:, None] * W_dec[latent]


@misconception(
    "saes.clamp_latent",
    says="You multiply the latent by `value`. It is to have this value.",
)
def multiplies_the_latent(x, latents, W_dec, latent, value):
    change = (value - 1) * latents[:, latent]
    return x + change[:, None] * W_dec[latent]


@misconception(
    "saes.clamp_latent",
    says="You take the latent's share out and put nothing in. That is right for the value 0 only.",
)
def only_takes_out(x, latents, W_dec, latent, value):
    return x - latents[:, latent, None] * W_dec[latent]


@misconception(
    "saes.clamp_latent",
    says="You write into x. The clean activations are lost, and the effect can no longer be measured against them.",
)
def writes_in_place(x, latents, W_dec, latent, value):
    x += (value - latents[:, latent])[:, None] * W_dec[latent]
    return x
