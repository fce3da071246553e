"""Wrong answers to saes.encode that learners give, with the sentence to say for each."""

import torch

from mi_tutor.tutor.misconceptions import misconception, probe


@probe("saes.encode")
def observe_encode(encode):
    """Positive and negative pre-activations, biases of both signs, a decoder bias away from 0."""
    W_enc = torch.tensor([[1.0, -0.5, 2.0, -3.0], [1.0, 3.0, 1.0, 0.5]])
    b_enc, b_dec = torch.tensor([0.5, 1.0, -4.0, 0.7]), torch.tensor([1.0, 2.0])
    yield encode(torch.tensor([[3.0, 1.0], [1.0, 3.0], [-2.0, 0.5], [4.0, 4.5]]), W_enc, b_enc, b_dec)
    yield encode(torch.tensor([[1.0, 2.0]]), W_enc, b_enc, b_dec)


@misconception(
    "saes.encode",
    says=(
        "You do not subtract b_dec. The encoder then measures from 0 while the decoder starts from b_dec, and every "
        "latent carries the same constant part along."
    ),
)
def forgets_the_decoder_bias(x, W_enc, b_enc, b_dec):
    return (x @ W_enc + b_enc).relu()


@misconception(
    "saes.encode",
    says="You add b_dec to x. The decoder adds it at the end; before encoding it has to come off.",
)
def adds_the_decoder_bias(x, W_enc, b_enc, b_dec):
    return ((x + b_dec) @ W_enc + b_enc).relu()


@misconception(
    "saes.encode",
    says="Your latents can be negative. These are the pre-activations; the latents come after the ReLU.",
)
def leaves_out_the_relu(x, W_enc, b_enc, b_dec):
    return (x - b_dec) @ W_enc + b_enc


@misconception(
    "saes.encode",
    says=(
        "You add the encoder's bias after the ReLU. A bias that comes so late is no threshold: a silent latent then "
        "has its bias as value instead of 0."
    ),
)
def adds_the_bias_after_the_relu(x, W_enc, b_enc, b_dec):
    return ((x - b_dec) @ W_enc).relu() + b_enc


@misconception("saes.encode", says="The encoder's bias plays no part in your latents.")
def forgets_the_encoder_bias(x, W_enc, b_enc, b_dec):
    return ((x - b_dec) @ W_enc).relu()


@misconception(
    "saes.encode",
    says="You subtract the encoder's bias. Only the decoder's bias comes off; the encoder's is added.",
)
def subtracts_the_encoder_bias(x, W_enc, b_enc, b_dec):
    return ((x - b_dec) @ W_enc - b_enc).relu()
