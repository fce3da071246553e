"""Checks of superposition.training_step: Train them all at once."""

import pytest
import torch

from mi_tutor.exercises import superposition
from mi_tutor.tutor.judge import holds, same, seeded

from .small_models import random_model


def by_hand_loss(W, b, x, importance) -> torch.Tensor:
    """The loss of each instance written with matrices, apart from the learner's functions."""
    losses = []
    for k in range(len(W)):
        y = torch.relu(x[:, k] @ W[k].T @ W[k] + b[k])
        losses.append(((x[:, k] - y) ** 2 @ importance[k]).mean())
    return torch.stack(losses)


def one_instance_trained_alone(W, b, x, importance, lr: float, steps: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Plain gradient descent on each instance by itself."""
    after_W, after_b = [], []
    for k in range(len(W)):
        w, c = W[k : k + 1].clone(), b[k : k + 1].clone()
        for _ in range(steps):
            w.requires_grad_(), c.requires_grad_()
            loss = by_hand_loss(w, c, x[:, k : k + 1], importance[k : k + 1]).sum()
            gw, gc = torch.autograd.grad(loss, [w, c])
            w, c = (w - lr * gw).detach(), (c - lr * gc).detach()
        after_W.append(w[0]), after_b.append(c[0])
    return torch.stack(after_W), torch.stack(after_b)


def to_train(seed: int):
    W, b = random_model(seed)
    x = torch.rand(8, 3, 4, generator=seeded(seed + 500))
    importance = 0.3 + torch.rand(3, 4, generator=seeded(seed + 900))
    return W, b, x, importance


@pytest.mark.exercise("superposition.training_step")
def test_training_step_returns_the_loss_before():
    """It returns the loss of each instance on this batch, as it was before the step."""
    W, b, x, importance = to_train(3)
    expected = by_hand_loss(W, b, x, importance)
    W.requires_grad_(), b.requires_grad_()
    got = superposition.training_step(W, b, x, importance, torch.optim.SGD([W, b], lr=0.3))
    same(
        got,
        expected,
        atol=1e-4,
        teach="Return the losses that you computed before the optimizer's step, one for each instance.",
    )
    holds(
        not got.requires_grad,
        "Return the loss without its graph (detach): a stored graph keeps the whole batch in memory.",
    )


@pytest.mark.exercise("superposition.training_step")
def test_training_step_moves_each_instance_as_if_alone(seed):
    """After one step each instance stands where it would stand if it were trained alone."""
    W, b, x, importance = to_train(seed)
    expected_W, expected_b = one_instance_trained_alone(W, b, x, importance, lr=0.05, steps=1)
    holds((W - expected_W).abs().max() > 1e-4, "This check needs a gradient; please report seed.")
    W.requires_grad_(), b.requires_grad_()
    superposition.training_step(W, b, x, importance, torch.optim.SGD([W, b], lr=0.05))
    teach = (
        "With plain gradient descent and learning rate 0.05, W should move by −0.05 · gradient of its own loss. "
        "Was there a step, and is the gradient divided by the number of instances, or taken of something else?"
    )
    same(W, expected_W, atol=1e-4, what="W after the step", teach=teach)
    same(b, expected_b, atol=1e-4, what="b after the step", teach=teach)


@pytest.mark.exercise("superposition.training_step")
def test_training_step_starts_from_fresh_gradients(seed):
    """Gradients of earlier steps do not leak into the next one."""
    W, b, x, importance = to_train(seed)
    expected_W, expected_b = one_instance_trained_alone(W, b, x, importance, lr=0.02, steps=4)
    W.requires_grad_(), b.requires_grad_()
    optimizer = torch.optim.SGD([W, b], lr=0.02)
    W.grad, b.grad = torch.ones_like(W), torch.ones_like(b)
    for _ in range(4):
        superposition.training_step(W, b, x, importance, optimizer)
    same(
        W,
        expected_W,
        atol=1e-3,
        what="W after four steps",
        teach="backward() adds to the gradients that are there already. They have to be cleared in every step.",
    )
    same(
        b,
        expected_b,
        atol=1e-3,
        what="b after four steps",
        teach="The biases should be trained with fresh gradients too.",
    )


@pytest.mark.exercise("superposition.training_step")
def test_training_step_learns():
    """A hundred steps lower the loss of every instance."""
    W, b, x, importance = to_train(5)
    W, b = (0.3 * W).requires_grad_(), (0.1 * b).requires_grad_()
    optimizer = torch.optim.Adam([W, b], lr=0.02)
    losses = torch.stack([superposition.training_step(W, b, x, importance, optimizer) for _ in range(100)])
    holds(
        (losses[-1] < 0.7 * losses[0]).all(),
        "After 100 steps on one batch every instance should have lost at least 30% of its loss.",
        expected="last loss below 0.7 of the first",
        got=losses[-1] / losses[0],
    )


@pytest.mark.exercise("superposition.training_step")
def test_training_step_leaves_the_step_to_the_optimizer(seed):
    """The optimizer takes the step: with momentum, three steps go as far as momentum carries them."""
    W, b, x, importance = to_train(seed)
    expected_W, expected_b = W.clone().requires_grad_(), b.clone().requires_grad_()
    by_hand = torch.optim.SGD([expected_W, expected_b], lr=0.02, momentum=0.9)
    for _ in range(3):
        grads = torch.autograd.grad(by_hand_loss(expected_W, expected_b, x, importance).sum(), [expected_W, expected_b])
        expected_W.grad, expected_b.grad = grads
        by_hand.step()
    W.requires_grad_(), b.requires_grad_()
    optimizer = torch.optim.SGD([W, b], lr=0.02, momentum=0.9)
    for _ in range(3):
        superposition.training_step(W, b, x, importance, optimizer)
    same(
        W,
        expected_W,
        atol=1e-3,
        what="W after three steps with momentum",
        teach="How far a step goes is the optimizer's business: call its step and change nothing by hand.",
    )
