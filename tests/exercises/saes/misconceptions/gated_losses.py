"""Wrong answers to saes.gated_losses that learners give, with the sentence to say for each."""

import torch

from mi_tutor.tutor.misconceptions import misconception, probe


@probe("saes.gated_losses")
def observe_gated_losses(gated_losses):
    """The three values, then which of gate and decoder the auxiliary error reaches."""
    x = torch.tensor([[2.0, 0.3], [0.1, 1.0], [-1.0, 0.5]])
    gate = torch.tensor([[0.5, -1.0], [-2.0, 2.0], [0.7, 0.4]], requires_grad=True)
    W_dec = torch.tensor([[0.6, 0.8], [0.0, 1.0]], requires_grad=True)
    b_dec = torch.tensor([0.5, -0.2], requires_grad=True)
    error, sparsity, auxiliary = gated_losses(x, torch.tensor([[1.0, 0.0], [0.0, 2.0], [0.3, 0.2]]), gate, W_dec, b_dec)
    yield float(error)
    yield float(sparsity)
    yield float(auxiliary)
    if auxiliary.requires_grad:
        auxiliary.backward()
    for part in (gate, W_dec, b_dec):
        yield torch.zeros_like(part) if part.grad is None else part.grad


def _error(x, codes, W_dec, b_dec):
    return (x - codes @ W_dec - b_dec).square().sum(-1).mean()


@misconception(
    "saes.gated_losses",
    says=(
        "Your auxiliary error trains the decoder. The decoder would then have to serve the gates' values as well "
        "as the latents', and the gates' are too small because they pay for their size."
    ),
)
def trains_the_decoder_twice(x, latents, gate, W_dec, b_dec):
    return _error(x, latents, W_dec, b_dec), gate.relu().sum(-1).mean(), _error(x, gate.relu(), W_dec, b_dec)


@misconception(
    "saes.gated_losses",
    says=(
        "Your sparsity charges for the latents. Then the magnitudes shrink, which is what the gates were to prevent: "
        "only the open gates pay."
    ),
)
def charges_for_the_latents(x, latents, gate, W_dec, b_dec):
    auxiliary = _error(x, gate.relu(), W_dec.detach(), b_dec.detach())
    return _error(x, latents, W_dec, b_dec), latents.abs().sum(-1).mean(), auxiliary


@misconception(
    "saes.gated_losses",
    says="Your sparsity charges closed gates for how far they are closed, and pulls them towards opening.",
)
def charges_closed_gates(x, latents, gate, W_dec, b_dec):
    auxiliary = _error(x, gate.relu(), W_dec.detach(), b_dec.detach())
    return _error(x, latents, W_dec, b_dec), gate.abs().sum(-1).mean(), auxiliary


@misconception(
    "saes.gated_losses",
    says=(
        "Your auxiliary error reconstructs from the latents a second time. It is to use the open gates' values, or the "
        "gate learns nothing from it."
    ),
)
def uses_the_latents_twice(x, latents, gate, W_dec, b_dec):
    auxiliary = _error(x, latents, W_dec.detach(), b_dec.detach())
    return _error(x, latents, W_dec, b_dec), gate.relu().sum(-1).mean(), auxiliary


@misconception(
    "saes.gated_losses",
    says="Your auxiliary error reaches nothing, not even the gate. Only the decoder is to be held fixed in it.",
)
def freezes_the_gate_too(x, latents, gate, W_dec, b_dec):
    auxiliary = _error(x, gate.relu(), W_dec, b_dec).detach()
    return _error(x, latents, W_dec, b_dec), gate.relu().sum(-1).mean(), auxiliary


@misconception(
    "saes.gated_losses",
    says=(
        "Your auxiliary error holds the gate fixed and trains the decoder. It is to be the other way round: the "
        "decoder fixed, so that the gate learns to reconstruct with it."
    ),
)
def freezes_the_gate_in_place_of_the_decoder(x, latents, gate, W_dec, b_dec):
    auxiliary = _error(x, gate.relu().detach(), W_dec, b_dec)
    return _error(x, latents, W_dec, b_dec), gate.relu().sum(-1).mean(), auxiliary


@misconception(
    "saes.gated_losses",
    says="In your auxiliary error W_dec is held fixed, but b_dec is not.",
)
def freezes_only_the_directions(x, latents, gate, W_dec, b_dec):
    auxiliary = _error(x, gate.relu(), W_dec.detach(), b_dec)
    return _error(x, latents, W_dec, b_dec), gate.relu().sum(-1).mean(), auxiliary


@misconception(
    "saes.gated_losses",
    says="You average squares over d_model. Within a row they are summed, in both errors.",
)
def averages_the_squares(x, latents, gate, W_dec, b_dec):
    n = x.shape[1]
    auxiliary = _error(x, gate.relu(), W_dec.detach(), b_dec.detach()) / n
    return _error(x, latents, W_dec, b_dec) / n, gate.relu().sum(-1).mean(), auxiliary
