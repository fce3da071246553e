"""Wrong answers to saes.gated_encode that learners give, with the sentence to say for each."""

import torch

from mi_tutor.tutor.misconceptions import misconception, probe


@probe("saes.gated_encode")
def observe_gated_encode(gated_encode):
    """Open and closed gates, strong and absent magnitudes, a stretch away from 0 and 1, biases of both signs."""
    x = torch.tensor([[2.0, 1.0], [0.0, 2.0], [4.0, 1.5], [-1.0, -0.5]])
    W_gate = torch.tensor([[1.0, -1.0, 0.5, -0.7], [2.0, 1.0, 1.0, 0.3]])
    b_gate, b_dec = torch.tensor([-0.5, -1.5, -1.0, 0.4]), torch.tensor([1.0, 1.0])
    r_mag, b_mag = torch.tensor([0.7, -0.4, 1.4, 0.2]), torch.tensor([-1.0, -0.5, 0.3, -1.9])
    for bias in (b_mag, b_mag + 5):
        latents, gate = gated_encode(x, W_gate, b_gate, r_mag, bias, b_dec)
        yield latents
    yield gate


@misconception("saes.gated_encode", says="You do not subtract b_dec before the encoder reads x.")
def forgets_the_decoder_bias(x, W_gate, b_gate, r_mag, b_mag, b_dec):
    read = x @ W_gate
    gate = read + b_gate
    return (gate > 0) * (read * r_mag.exp() + b_mag).relu(), gate


@misconception(
    "saes.gated_encode",
    says="You stretch by r_mag itself. The stretch is exp(r_mag), which is above 0 whatever r_mag is.",
)
def stretches_by_r(x, W_gate, b_gate, r_mag, b_mag, b_dec):
    read = (x - b_dec) @ W_gate
    gate = read + b_gate
    return (gate > 0) * (read * r_mag + b_mag).relu(), gate


@misconception(
    "saes.gated_encode",
    says=(
        "Your magnitude is not stretched: r_mag plays no part. Without it a latent's strength could not be set apart "
        "from the weights of its gate."
    ),
)
def does_not_stretch(x, W_gate, b_gate, r_mag, b_mag, b_dec):
    read = (x - b_dec) @ W_gate
    gate = read + b_gate
    return (gate > 0) * (read + b_mag).relu(), gate


@misconception(
    "saes.gated_encode",
    says=(
        "You stretch the gate's pre-activation, its bias included. Only the weights are shared: the magnitude has "
        "a bias of its own and none of the gate's."
    ),
)
def stretches_the_bias_too(x, W_gate, b_gate, r_mag, b_mag, b_dec):
    gate = (x - b_dec) @ W_gate + b_gate
    return (gate > 0) * (gate * r_mag.exp() + b_mag).relu(), gate


@misconception(
    "saes.gated_encode",
    says="The gates decide nothing in your latents. Whatever its magnitude, a latent with a closed gate is 0.",
)
def leaves_the_gates_open(x, W_gate, b_gate, r_mag, b_mag, b_dec):
    read = (x - b_dec) @ W_gate
    return (read * r_mag.exp() + b_mag).relu(), read + b_gate


@misconception(
    "saes.gated_encode",
    says=(
        "You multiply the magnitude by how far the gate is open. A gate is open or closed; if its size counted, the "
        "sparsity penalty on it would make the latents too small again."
    ),
)
def multiplies_by_the_gate(x, W_gate, b_gate, r_mag, b_mag, b_dec):
    read = (x - b_dec) @ W_gate
    gate = read + b_gate
    return gate.relu() * (read * r_mag.exp() + b_mag).relu(), gate


@misconception(
    "saes.gated_encode",
    says="Your latents can be negative: behind an open gate the magnitude is not cut off at 0.",
)
def lets_magnitudes_be_negative(x, W_gate, b_gate, r_mag, b_mag, b_dec):
    read = (x - b_dec) @ W_gate
    gate = read + b_gate
    return (gate > 0) * (read * r_mag.exp() + b_mag), gate


@misconception(
    "saes.gated_encode",
    says="The second thing you return is ones and zeros. The loss needs the gate's pre-activations, not the step.",
)
def returns_the_step(x, W_gate, b_gate, r_mag, b_mag, b_dec):
    read = (x - b_dec) @ W_gate
    opened = (read + b_gate > 0).float()
    return opened * (read * r_mag.exp() + b_mag).relu(), opened
