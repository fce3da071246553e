"""Checks of saes.unit_norm_step: Mend: a constraint that the gradient pulls against."""

import pytest
import torch

from mi_tutor.exercises import saes
from mi_tutor.tutor.judge import holds, same, seeded


def to_train(seed: int, features: int = 6) -> tuple[torch.Tensor, torch.Tensor]:
    """A dictionary of unit rows that requires a gradient, and a gradient with a strong part along the rows."""
    W = torch.nn.functional.normalize(torch.randn(features, 4, generator=seeded(seed)), dim=-1)
    gradient = torch.randn(features, 4, generator=seeded(seed + 1000)) + 2 * W
    return W.requires_grad_(), gradient


def without_the_length(W: torch.Tensor, gradient: torch.Tensor) -> torch.Tensor:
    """The gradient's part along the sphere, row by row."""
    rows = [g - (g @ w) / (w @ w) * w for w, g in zip(W.detach(), gradient, strict=True)]
    return torch.stack(rows)


@pytest.mark.exercise("saes.unit_norm_step")
def test_one_step_by_hand():
    """Gradient (3, 1) at direction (1, 0): only the 1 counts, and the row ends at (1, −1)/√2."""
    W = torch.tensor([[1.0, 0.0], [0.6, 0.8]], requires_grad=True)
    W.grad = torch.tensor([[3.0, 1.0], [1.0, 0.0]])
    given = {"W_dec": W.detach().clone(), "gradient": W.grad.clone(), "learning rate": 1.0}
    saes.unit_norm_step(W, torch.optim.SGD([W], lr=1.0))
    same(
        W.detach(),
        torch.tensor([[0.70711, -0.70711], [-0.031235, 0.999512]]),
        given=given,
        teach="The 3 asks for another length of row 0. Left in, it would send the row to (-2, -1): it would point "
        "backwards.",
        what="W_dec after the step",
    )


@pytest.mark.exercise("saes.unit_norm_step")
def test_every_row_keeps_norm_one(seed):
    """After a step of Adam or of plain gradient descent every row has norm 1."""
    for kind in (torch.optim.Adam, torch.optim.SGD):
        W, W_grad = to_train(seed)
        W.grad = W_grad.clone()
        saes.unit_norm_step(W, kind([W], lr=0.3))
        same(
            W.detach().norm(dim=-1),
            torch.ones(6),
            given={"optimizer": kind.__name__},
            teach="A step along the sphere's tangent still leaves the sphere a little, and Adam scales each coordinate "
            "on its own.",
            what="norm of each row",
        )


@pytest.mark.exercise("saes.unit_norm_step")
def test_a_step_may_end_inside_the_sphere():
    """Where a step of Adam makes a row shorter than 1, it is stretched back to norm 1."""
    W = torch.tensor([[0.6, 0.8]], requires_grad=True)
    W.grad = torch.tensor([[-1.0, 0.5]])
    saes.unit_norm_step(W, torch.optim.Adam([W], lr=0.1))
    same(
        W.detach(),
        torch.tensor([[0.5**0.5, 0.5**0.5]]),
        given={"W_dec": [[0.6, 0.8]], "gradient": [[-1.0, 0.5]], "optimizer": "Adam with learning rate 0.1"},
        teach="Adam's first step has the size 0.1 in each coordinate and leads to (0.7, 0.7), of norm 0.99.",
        what="W_dec after the step",
        atol=1e-4,
    )


@pytest.mark.exercise("saes.unit_norm_step")
def test_the_length_leaves_no_trace_in_the_optimizer(seed):
    """Over four steps with momentum the directions move as if the gradient never had a part along them."""
    W, _ = to_train(seed)
    expected, velocity = W.detach().clone(), torch.zeros(6, 4)
    optimizer = torch.optim.SGD([W], lr=0.1, momentum=0.9)
    for step in range(4):
        gradient = to_train(seed + 7 * step)[1] + 2 * expected
        velocity = 0.9 * velocity + without_the_length(expected, gradient)
        expected = torch.nn.functional.normalize(expected - 0.1 * velocity, dim=-1)
        W.grad = gradient.clone()
        saes.unit_norm_step(W, optimizer)
    same(
        W.detach(),
        expected,
        teach="The optimizer sums gradients up over steps. A part along the direction that gets into that sum acts "
        "later, when the direction has turned.",
        what="W_dec after four steps",
        atol=1e-4,
    )


@pytest.mark.exercise("saes.unit_norm_step")
def test_a_gradient_along_the_direction_moves_nothing():
    """Where the gradient points along the direction, and is only about its length, Adam does not move the row."""
    W = torch.tensor([[1.0, 0.0, 0.0], [0.0, 0.0, -1.0]], requires_grad=True)
    W.grad = torch.tensor([[5.0, 0.0, 0.0], [0.0, 0.0, 2.0]])
    optimizer = torch.optim.Adam([W], lr=0.5)
    saes.unit_norm_step(W, optimizer)
    same(W.detach(), torch.tensor([[1.0, 0.0, 0.0], [0.0, 0.0, -1.0]]), what="W_dec after the step")
    kept = optimizer.state[W].get("exp_avg", torch.zeros(2, 3))
    same(
        kept,
        torch.zeros(2, 3),
        teach="Adam remembers a part of the gradient that this row can never follow.",
        what="Adam's running average",
    )


@pytest.mark.exercise("saes.unit_norm_step")
def test_other_parameters_take_their_step():
    """Other parameters of the optimizer take the plain step, their gradients untouched."""
    W, gradient = to_train(3)
    W.grad = gradient.clone()
    # two matrices whose rows are not of norm 1: one as W_enc is, and one of the shape of W_dec
    W_enc = torch.tensor([[2.0, -1.0], [0.5, 3.0]], requires_grad=True)
    W_enc.grad = torch.tensor([[2.0, 1.0], [-2.0, 1.0]])
    alike = torch.full((6, 4), 2.0, requires_grad=True)
    alike.grad = torch.full((6, 4), 3.0)
    saes.unit_norm_step(W, torch.optim.SGD([W, W_enc, alike], lr=0.1))
    same(
        W_enc.detach(),
        torch.tensor([[1.8, -1.1], [0.7, 2.9]]),
        teach="From (2, -1) with gradient (2, 1) and learning rate 0.1 the plain step leads to (1.8, -1.1). The "
        "constraint is about W_dec alone.",
        what="the other parameter",
    )
    same(
        alike.detach(),
        torch.full((6, 4), 1.7),
        teach="It has the shape of W_dec and is another parameter: from 2 with gradient 3 the plain step leads to 1.7.",
        what="the third parameter",
    )
    holds(W.requires_grad and W.is_leaf, "W_dec is still to be trained: it should require a gradient afterwards.")
