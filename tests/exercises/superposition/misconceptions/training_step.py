"""Wrong answers to superposition.training_step that learners give, with the sentence to say for each."""

import torch

from mi_tutor.tutor.misconceptions import misconception, probe


def _loss(W, b, x, importance):
    hidden = torch.einsum("bif,ihf->bih", x, W)
    x_hat = (torch.einsum("bih,ihf->bif", hidden, W) + b).relu()
    return (importance * (x - x_hat).pow(2)).sum(-1).mean(0)


@probe("superposition.training_step")
def observe_training_step(training_step):
    """Two steps of gradient descent from stored gradients: losses, parameters, and whether a graph came back."""
    W = torch.tensor([[[1.0, 0.4, -0.8]], [[0.5, -0.7, 0.2]]], requires_grad=True)
    b = torch.tensor([[0.1, -0.05, 0.02], [0.03, 0.2, 0.1]], requires_grad=True)
    x = torch.tensor([[[0.9, 0.0, 0.4], [0.3, 0.8, 0.0]], [[0.0, 0.6, 0.2], [0.7, 0.0, 0.5]]])
    importance = torch.tensor([[1.0, 0.5, 2.0], [3.0, 1.5, 0.7]])
    optimizer = torch.optim.SGD([W, b], lr=0.1)
    W.grad, b.grad = torch.full_like(W, 0.3), torch.full_like(b, -0.2)
    for _ in range(2):
        try:
            loss = training_step(W, b, x, importance, optimizer)
        except RuntimeError as error:
            yield "scalar outputs" in str(error)  # torch's words for backward() on more than one number
            raise
        yield loss.detach().clone()
        yield float(loss.requires_grad)
        yield W.detach().clone()
        yield b.detach().clone()
        yield 0.0 if W.grad is None else float(W.grad.abs().sum())


@misconception(
    "superposition.training_step",
    says=(
        "You never clear the gradients. backward() adds to what is stored, so each step also repeats all earlier ones."
    ),
)
def never_clears_gradients(W, b, x, importance, optimizer):
    loss = _loss(W, b, x, importance)
    loss.sum().backward()
    optimizer.step()
    return loss.detach()


@misconception(
    "superposition.training_step",
    says=(
        "You clear the gradients between backward and step, so the optimizer has nothing to go by. Clear them before "
        "backward."
    ),
)
def clears_too_late(W, b, x, importance, optimizer):
    loss = _loss(W, b, x, importance)
    loss.sum().backward()
    optimizer.zero_grad()
    optimizer.step()
    return loss.detach()


@misconception(
    "superposition.training_step",
    says=(
        "You clear the gradients only after the step. What was stored before the first call then leaks into it; clear "
        "right before backward."
    ),
)
def clears_after_the_step(W, b, x, importance, optimizer):
    loss = _loss(W, b, x, importance)
    loss.sum().backward()
    optimizer.step()
    optimizer.zero_grad()
    return loss.detach()


@misconception(
    "superposition.training_step",
    says=(
        "You minimise the mean over the instances. That divides every gradient by their number: an instance learns "
        "more slowly the more others are trained beside it. Each should move as if it were alone."
    ),
)
def mean_over_instances(W, b, x, importance, optimizer):
    loss = _loss(W, b, x, importance)
    optimizer.zero_grad()
    loss.mean().backward()
    optimizer.step()
    return loss.detach()


@misconception(
    "superposition.training_step",
    says="The gradients are computed, but the parameters do not move: the optimizer never takes its step.",
)
def never_steps(W, b, x, importance, optimizer):
    loss = _loss(W, b, x, importance)
    optimizer.zero_grad()
    loss.sum().backward()
    return loss.detach()


@misconception(
    "superposition.training_step",
    says="You return the loss with its graph. Whoever stores it keeps every batch in memory.",
)
def returns_the_graph(W, b, x, importance, optimizer):
    loss = _loss(W, b, x, importance)
    optimizer.zero_grad()
    loss.sum().backward()
    optimizer.step()
    return loss


@misconception(
    "superposition.training_step",
    says="You return the loss after the step. The docstring asks for the loss that this step started from.",
)
def loss_after_the_step(W, b, x, importance, optimizer):
    optimizer.zero_grad()
    _loss(W, b, x, importance).sum().backward()
    optimizer.step()
    return _loss(W, b, x, importance).detach()


@misconception(
    "superposition.training_step",
    says=(
        "You call backward() on several losses at once. It starts from one number. How do you get one number from the "
        "losses of all instances without coupling the instances?"
    ),
)
def backward_on_several_numbers(W, b, x, importance, optimizer):
    loss = _loss(W, b, x, importance)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.detach()
