"""Wrong answers to superposition.absolute_value_model that learners give, with the sentence to say for each."""

import torch

from mi_tutor.tutor.misconceptions import misconception, probe


@probe("superposition.absolute_value_model")
def observe_absolute_value_model(absolute_value_model):
    W_in = torch.tensor([[[1.0, 0.5], [-1.0, 0.7]]])
    W_out = torch.tensor([[[0.8, -0.2], [0.9, 1.1]]])
    b = torch.tensor([[0.1, -0.3]])
    yield absolute_value_model(torch.tensor([[[0.5, -0.4]], [[-0.6, 0.3]], [[0.9, -0.9]]]), W_in, W_out, b)


@misconception(
    "superposition.absolute_value_model",
    says="Your hidden layer is linear. Then positive and negative parts cannot be told apart, and |x| is out of reach.",
)
def linear_hidden_layer(x, W_in, W_out, b):
    hidden = torch.einsum("bif,ihf->bih", x, W_in)
    return (torch.einsum("bih,ihf->bif", hidden, W_out) + b).relu()


@misconception(
    "superposition.absolute_value_model",
    says="You write with W_in. This model reads and writes with two different matrices.",
)
def ties_the_weights(x, W_in, W_out, b):
    hidden = torch.einsum("bif,ihf->bih", x, W_in).relu()
    return (torch.einsum("bih,ihf->bif", hidden, W_in) + b).relu()


@misconception(
    "superposition.absolute_value_model",
    says="The ReLU at the output is missing.",
)
def no_output_relu(x, W_in, W_out, b):
    hidden = torch.einsum("bif,ihf->bih", x, W_in).relu()
    return torch.einsum("bih,ihf->bif", hidden, W_out) + b


@misconception(
    "superposition.absolute_value_model",
    says="You take absolute values inside the network. The network has to compute them from ReLUs.",
)
def absolute_value_inside(x, W_in, W_out, b):
    hidden = torch.einsum("bif,ihf->bih", x, W_in).abs()
    return (torch.einsum("bih,ihf->bif", hidden, W_out) + b).relu()


@misconception(
    "superposition.absolute_value_model",
    says="The bias does not reach your output.",
)
def no_bias(x, W_in, W_out, b):
    hidden = torch.einsum("bif,ihf->bih", x, W_in).relu()
    return torch.einsum("bih,ihf->bif", hidden, W_out).relu()


@misconception(
    "superposition.absolute_value_model",
    says="You add the bias in the hidden layer. There is one bias for each output, and the hidden layer has none.",
)
def bias_in_the_hidden_layer(x, W_in, W_out, b):
    hidden = (torch.einsum("bif,ihf->bih", x, W_in) + b).relu()
    return torch.einsum("bih,ihf->bif", hidden, W_out).relu()
