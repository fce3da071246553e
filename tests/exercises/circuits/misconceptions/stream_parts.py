"""Wrong answers to circuits.stream_parts that learners give, with the sentence to say for each."""

import torch

from mi_tutor.tutor.judge import seeded
from mi_tutor.tutor.misconceptions import misconception, probe


@probe("circuits.stream_parts")
def observe_stream_parts(stream_parts):
    """Two layers of two heads with biases."""
    draw = seeded()
    embed, heads = torch.randn(1, 3, generator=draw), torch.randn(2, 2, 1, 3, generator=draw)
    attention, mlp = heads.sum(dim=1) + torch.randn(2, 1, 3, generator=draw), torch.randn(2, 1, 3, generator=draw)
    parts = stream_parts(embed, heads, attention, mlp)
    yield parts
    yield parts.sum(dim=0)


@misconception(
    "circuits.stream_parts",
    says=(
        "The heads are in your list twice: once by themselves, and once more inside the attention layer's output. The "
        "sum is too large by all heads."
    ),
)
def counts_the_heads_twice(embed, heads, attention, mlp):
    layers = torch.cat([heads, attention[:, None], mlp[:, None]], dim=1)
    return torch.cat([embed[None], layers.flatten(0, 1)])


@misconception(
    "circuits.stream_parts",
    says=(
        "Your list has no place for the output biases of the attention layers. SmolLM2 has none, so there the sum is "
        "right by luck; in a model that has them it is not."
    ),
)
def leaves_the_biases_out(embed, heads, attention, mlp):
    layers = torch.cat([heads, mlp[:, None]], dim=1)
    return torch.cat([embed[None], layers.flatten(0, 1)])


@misconception(
    "circuits.stream_parts",
    says=(
        "Your list does not begin with the embedding. The stream starts with it, and it is still in the sum at the end."
    ),
)
def forgets_the_embedding(embed, heads, attention, mlp):
    bias = attention - heads.sum(dim=1)
    return torch.cat([heads, bias[:, None], mlp[:, None]], dim=1).flatten(0, 1)


@misconception(
    "circuits.stream_parts",
    says=(
        "The parts are all there, but sorted by kind. They should stand in the order in which the model adds them: a "
        "layer's heads, its bias, its MLP, and then the next layer."
    ),
)
def sorts_by_kind(embed, heads, attention, mlp):
    bias = attention - heads.sum(dim=1)
    return torch.cat([embed[None], heads.flatten(0, 1), bias, mlp])


@misconception(
    "circuits.stream_parts",
    says=(
        "The place of the attention bias is there, but it holds zeros. What does the attention layer's output contain "
        "that its heads do not?"
    ),
)
def puts_zeros_for_the_biases(embed, heads, attention, mlp):
    layers = torch.cat([heads, torch.zeros_like(mlp)[:, None], mlp[:, None]], dim=1)
    return torch.cat([embed[None], layers.flatten(0, 1)])


@misconception(
    "circuits.stream_parts",
    says=(
        "Nothing is counted twice any more, but you threw out the heads. The list is there to tell them apart: keep "
        "each head, and of the attention layer only what it adds beyond them."
    ),
)
def drops_the_heads(embed, heads, attention, mlp):
    layers = torch.cat([attention[:, None], mlp[:, None]], dim=1)
    return torch.cat([embed[None], layers.flatten(0, 1)])


@misconception(
    "circuits.stream_parts",
    says=(
        "You sum over the layers, the first axis of `heads`. What a layer adds beyond its heads is its output minus "
        "the sum over its own heads."
    ),
)
def sums_the_heads_over_the_layers(embed, heads, attention, mlp):
    bias = attention - heads.sum(dim=0)
    layers = torch.cat([heads, bias[:, None], mlp[:, None]], dim=1)
    return torch.cat([embed[None], layers.flatten(0, 1)])


@misconception(
    "circuits.stream_parts",
    says=(
        "The sign of the bias is turned. Heads plus bias make the attention layer's output, so the bias is the output "
        "minus the heads."
    ),
)
def turns_the_sign_of_the_bias(embed, heads, attention, mlp):
    bias = heads.sum(dim=1) - attention
    layers = torch.cat([heads, bias[:, None], mlp[:, None]], dim=1)
    return torch.cat([embed[None], layers.flatten(0, 1)])
