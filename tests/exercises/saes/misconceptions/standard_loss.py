"""Wrong answers to saes.standard_loss that learners give, with the sentence to say for each."""

import torch

from mi_tutor.tutor.misconceptions import misconception, probe


@probe("saes.standard_loss")
def observe_standard_loss(standard_loss):
    """Directions of several lengths, a bias, pre-activations of both signs, and the gradient of the lengths."""
    x = torch.tensor([[2.0, 0.0, 1.0], [0.0, 1.0, -1.0], [1.5, 0.5, 0.2]])
    pre = torch.tensor([[1.0, -2.0], [-1.0, 0.5], [0.7, 0.3]])
    b_dec = torch.tensor([0.5, -0.5, 0.1])
    W_dec = torch.tensor([[2.0, 0.0, 0.5], [0.0, 3.0, -1.0]], requires_grad=True)
    got = standard_loss(x, pre, W_dec, b_dec, 0.2)
    yield float(got["error"])
    yield float(got["l1"])
    yield float(got["loss"])
    loss = got["loss"]
    trainable = isinstance(loss, torch.Tensor) and loss.requires_grad
    if trainable:
        loss.backward()
    yield W_dec.grad if trainable else "no gradient"


def _error(x, latents, W_dec, b_dec):
    return (x - latents @ W_dec - b_dec).square().sum(-1).mean()


def _with(error, l1, coefficient):
    return {"error": error, "l1": l1, "loss": error + coefficient * l1}


@misconception(
    "saes.standard_loss",
    says=(
        "Your sparsity term takes the absolute values of the pre-activations. A latent that is silent, because its "
        "pre-activation is negative, then costs something too, and is pulled up towards 0 where it becomes active."
    ),
)
def l1_on_pre_activations(x, pre, W_dec, b_dec, coefficient):
    l1 = (pre.abs() * W_dec.norm(dim=-1)).sum(-1).mean()
    return _with(_error(x, pre.relu(), W_dec, b_dec), l1, coefficient)


@misconception(
    "saes.standard_loss",
    says=(
        "Your sparsity term adds up the pre-activations with their signs. Negative ones make it smaller, so training "
        "would gain by making silent latents more and more negative."
    ),
)
def adds_up_signed_pre_activations(x, pre, W_dec, b_dec, coefficient):
    l1 = (pre * W_dec.norm(dim=-1)).sum(-1).mean()
    return _with(_error(x, pre.relu(), W_dec, b_dec), l1, coefficient)


@misconception(
    "saes.standard_loss",
    says=(
        "The lengths of the directions play no part in your sparsity term. Then latents can be made as small as you "
        "like, and the directions long, without any change in the reconstruction."
    ),
)
def ignores_the_lengths(x, pre, W_dec, b_dec, coefficient):
    return _with(_error(x, pre.relu(), W_dec, b_dec), pre.relu().sum(-1).mean(), coefficient)


@misconception(
    "saes.standard_loss",
    says=(
        "You average the squared error over d_model. It is to be summed there. With the average λ would mean something "
        "else in every model, and weigh d_model times as much."
    ),
)
def averages_over_d_model(x, pre, W_dec, b_dec, coefficient):
    latents = pre.relu()
    error = (x - latents @ W_dec - b_dec).square().mean()
    return _with(error, (latents * W_dec.norm(dim=-1)).sum(-1).mean(), coefficient)


@misconception(
    "saes.standard_loss",
    says="You average the sparsity over latents. It is summed over latents: twice as many active ones cost twice.",
)
def averages_over_latents(x, pre, W_dec, b_dec, coefficient):
    latents = pre.relu()
    return _with(_error(x, latents, W_dec, b_dec), (latents * W_dec.norm(dim=-1)).mean(), coefficient)


@misconception(
    "saes.standard_loss",
    says=(
        "You square the latents in the sparsity term. Squares hardly charge for small values, so many small latents "
        "become cheaper than one large one: the opposite of sparse."
    ),
)
def squares_the_latents(x, pre, W_dec, b_dec, coefficient):
    latents = pre.relu()
    l2 = (latents * W_dec.norm(dim=-1)).square().sum(-1).mean()
    return _with(_error(x, latents, W_dec, b_dec), l2, coefficient)


@misconception(
    "saes.standard_loss",
    says="You decode the pre-activations. What is negative there is a silent latent and writes nothing.",
)
def decodes_the_pre_activations(x, pre, W_dec, b_dec, coefficient):
    l1 = (pre.relu() * W_dec.norm(dim=-1)).sum(-1).mean()
    return _with(_error(x, pre, W_dec, b_dec), l1, coefficient)


@misconception(
    "saes.standard_loss",
    says="Your error is a length. It is to be squared: the sum of squares within a row, without the root.",
)
def takes_the_root(x, pre, W_dec, b_dec, coefficient):
    latents = pre.relu()
    error = (x - latents @ W_dec - b_dec).norm(dim=-1).mean()
    return _with(error, (latents * W_dec.norm(dim=-1)).sum(-1).mean(), coefficient)


@misconception("saes.standard_loss", says="Your reconstruction leaves out b_dec.")
def decodes_without_bias(x, pre, W_dec, b_dec, coefficient):
    latents = pre.relu()
    l1 = (latents * W_dec.norm(dim=-1)).sum(-1).mean()
    return _with((x - latents @ W_dec).square().sum(-1).mean(), l1, coefficient)


@misconception(
    "saes.standard_loss",
    says="You sum over the rows. Then the loss grows with the batch, and a learning rate fits one batch size only.",
)
def sums_over_rows(x, pre, W_dec, b_dec, coefficient):
    latents = pre.relu()
    error = (x - latents @ W_dec - b_dec).square().sum()
    return _with(error, (latents * W_dec.norm(dim=-1)).sum(), coefficient)


@misconception(
    "saes.standard_loss",
    says=(
        "No gradient flows from your sparsity term to the lengths of the directions. Training then sees no price on "
        "long directions."
    ),
)
def detaches_the_lengths(x, pre, W_dec, b_dec, coefficient):
    latents = pre.relu()
    l1 = (latents * W_dec.norm(dim=-1).detach()).sum(-1).mean()
    return _with(_error(x, latents, W_dec, b_dec), l1, coefficient)
