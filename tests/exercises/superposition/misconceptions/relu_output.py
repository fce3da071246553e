"""Wrong answers to superposition.relu_output that learners give, with the sentence to say for each."""

import torch

from mi_tutor.tutor.misconceptions import misconception, probe


@probe("superposition.relu_output")
def observe_relu_output(relu_output):
    """Negative hidden values, biases that matter, instances that differ, as many dimensions as features."""
    W = torch.tensor([[[1.0, 0.5], [-2.0, 1.0]], [[0.3, -1.0], [1.0, 0.7]]])
    b = torch.tensor([[0.4, -0.3], [-0.2, 0.6]])
    x = torch.tensor([[[1.0, 0.2], [0.1, 0.9]], [[0.0, 0.8], [0.5, 0.0]]])
    yield relu_output(x, W, b)


@misconception(
    "superposition.relu_output",
    says="The bias does not reach your output. It is added after the way out and before the ReLU.",
)
def forgets_the_bias(x, W, b):
    hidden = torch.einsum("bif,ihf->bih", x, W)
    return torch.einsum("bih,ihf->bif", hidden, W).relu()


@misconception(
    "superposition.relu_output",
    says=(
        "Your output can be negative: the ReLU at the output is missing. It is what makes superposition possible here."
    ),
)
def linear_output(x, W, b):
    hidden = torch.einsum("bif,ihf->bih", x, W)
    return torch.einsum("bih,ihf->bif", hidden, W) + b


@misconception(
    "superposition.relu_output",
    says=(
        "Your ReLU sits on the hidden layer, and the output is left linear. In this model the hidden layer is a plain "
        "projection, and the ReLU comes at the very end."
    ),
)
def relu_on_the_hidden_layer(x, W, b):
    hidden = torch.einsum("bif,ihf->bih", x, W).relu()
    return torch.einsum("bih,ihf->bif", hidden, W) + b


@misconception(
    "superposition.relu_output",
    says="You use a ReLU twice. The hidden layer of the ReLU output model is linear; h may be negative.",
)
def relu_on_both_layers(x, W, b):
    hidden = torch.einsum("bif,ihf->bih", x, W).relu()
    return (torch.einsum("bih,ihf->bif", hidden, W) + b).relu()


@misconception(
    "superposition.relu_output",
    says="The bias comes after your ReLU, so it cannot push small interference below zero. Add it before.",
)
def bias_after_the_relu(x, W, b):
    hidden = torch.einsum("bif,ihf->bih", x, W)
    return torch.einsum("bih,ihf->bif", hidden, W).relu() + b


@misconception(
    "superposition.relu_output",
    says=(
        "With as many dimensions as features your function computes W Wᵀ x in place of Wᵀ W x: on the way in, the "
        "axis that is summed away should be `feature`. The columns of W are the features' directions."
    ),
)
def transposed_weights(x, W, b):
    W = W.transpose(1, 2) if W.shape[1] == W.shape[2] else W
    hidden = torch.einsum("bif,ihf->bih", x, W)
    return (torch.einsum("bih,ihf->bif", hidden, W) + b).relu()
