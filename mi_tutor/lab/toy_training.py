"""Train many small models at once, the same way every time.

A model is a list of parameters whose first axis is `instance`. The caller says how to draw a batch and what one step
is; here stand only the start, the loop and the evaluation. Training runs in one thread: the models are too small to
gain from more, and sums in a fixed order make runs repeatable.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import torch
from jaxtyping import Float
from torch import Tensor

from mi_tutor.lab.progress import progress_bar


def start(
    instance: int, hidden: int, feature: int, *, seed: int = 0, scale: float = 0.5
) -> tuple[Float[Tensor, "instance hidden feature"], Float[Tensor, "instance feature"]]:
    """Random weights (normal, standard deviation `scale`) and zero biases, ready for gradients."""
    generator = torch.Generator().manual_seed(seed)
    W = scale * torch.randn(instance, hidden, feature, generator=generator)
    return W.requires_grad_(), torch.zeros(instance, feature, requires_grad=True)


def fit(
    step: Callable[[Tensor, torch.optim.Optimizer], Float[Tensor, "instance"]],
    sample: Callable[[], Float[Tensor, "batch instance feature"]],
    parameters: list[Tensor],
    *,
    steps: int = 2000,
    lr: float = 1e-2,
    text: str = "Training",
) -> Float[Tensor, "steps instance"]:
    """Train with Adam while the learning rate falls linearly to zero.

    Args:
        step: takes a batch and the optimizer, changes the parameters, returns the loss of each instance (no graph).
        sample: draws a batch.
        parameters: the tensors to train; they are changed in place.
        steps: number of batches.
        lr: the learning rate of the first step.
        text: what the progress bar says.

    Returns:
        the loss of every instance at every step.
    """
    optimizer = torch.optim.Adam(parameters, lr=lr)
    # One tensor made beforehand: thousands of small ones kept between large short-lived ones would fragment the memory.
    losses = torch.empty(steps, len(parameters[0]))
    with one_thread():
        for number in progress_bar(range(steps), text):
            optimizer.param_groups[0]["lr"] = lr * (1 - number / steps)
            losses[number] = step(sample(), optimizer)
    return losses


def descend(loss_of: Callable[[Tensor], Float[Tensor, "instance"]]) -> Callable:
    """A `step` for `fit` that minimises `loss_of(batch)`, for each instance by itself."""

    def step(x: Tensor, optimizer: torch.optim.Optimizer) -> Tensor:
        loss = loss_of(x)
        optimizer.zero_grad()
        loss.sum().backward()
        optimizer.step()
        return loss.detach()

    return step


def evaluate(loss_of: Callable[[Tensor], Tensor], sample: Callable[[], Tensor], batches: int = 20) -> Tensor:
    """The mean of `loss_of` over fresh batches, without gradients; shaped like one loss."""
    with torch.no_grad(), one_thread():
        return torch.stack([loss_of(sample()) for _ in range(batches)]).mean(0)


@contextmanager
def one_thread() -> Iterator[None]:
    """Let torch compute in a single thread inside the block."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)
