"""Wrong answers to saes.unit_norm_step that learners give, with the sentence to say for each."""

import torch

from mi_tutor.tutor.misconceptions import misconception, probe


@probe("saes.unit_norm_step")
def observe_unit_norm_step(unit_norm_step):
    """Two steps of plain descent and two of Adam, gradients along and across the directions; another matrix."""
    start = torch.tensor([[1.0, 0.0], [0.6, 0.8], [0.0, -1.0]])
    gradients = torch.tensor([[[3.0, 1.0], [-1.0, 0.5], [0.2, 0.3]], [[0.5, -2.0], [0.3, 0.4], [-1.0, 2.0]]])
    for make in (lambda p: torch.optim.SGD(p, lr=0.2), lambda p: torch.optim.Adam(p, lr=0.1)):
        W = start.clone().requires_grad_()
        optimizer = make([W])
        for gradient in gradients:
            W.grad = gradient.clone()
            unit_norm_step(W, optimizer)
            yield W.detach().clone()
    W, W_enc = start.clone().requires_grad_(), torch.tensor([[2.0, -1.0], [0.5, 3.0]], requires_grad=True)
    W.grad, W_enc.grad = gradients[0].clone(), torch.tensor([[2.0, 1.0], [-2.0, 1.0]])
    unit_norm_step(W, torch.optim.SGD([W, W_enc], lr=0.1))
    yield W_enc.detach().clone()


@misconception(
    "saes.unit_norm_step",
    says=(
        "The rows come back to norm 1, but the step is taken with the whole gradient (to change it after the step is "
        "too late). Its part along a row asks for another length and cannot be followed; it changes how far the row "
        "turns, and the optimizer's running averages remember it."
    ),
)
def normalises_without_projecting(W_dec, optimizer):
    optimizer.step()
    with torch.no_grad():
        W_dec /= W_dec.norm(dim=-1, keepdim=True)


@misconception(
    "saes.unit_norm_step",
    says=(
        "You take the part along the rows out of the gradient, but after the step the parameter's rows are not at norm "
        "1 again. A step along the tangent leaves the sphere, and normalising a copy does not change the parameter."
    ),
)
def projects_without_normalising(W_dec, optimizer):
    with torch.no_grad():
        W_dec.grad -= (W_dec.grad * W_dec).sum(-1, keepdim=True) * W_dec
        optimizer.step()


@misconception(
    "saes.unit_norm_step",
    says="You normalise columns. A latent's direction is a row of W_dec; each row is to have norm 1.",
)
def normalises_columns(W_dec, optimizer):
    with torch.no_grad():
        W_dec.grad -= (W_dec.grad * W_dec).sum(-1, keepdim=True) * W_dec
        optimizer.step()
        W_dec /= W_dec.norm(dim=0, keepdim=True)


@misconception(
    "saes.unit_norm_step",
    says=(
        "You keep the part of the gradient that lies along each row and take out the rest. It is the part along the "
        "row that has to go."
    ),
)
def keeps_the_part_along(W_dec, optimizer):
    with torch.no_grad():
        W_dec.grad.copy_((W_dec.grad * W_dec).sum(-1, keepdim=True) * W_dec)
        optimizer.step()
        W_dec /= W_dec.norm(dim=-1, keepdim=True)


@misconception(
    "saes.unit_norm_step",
    says=(
        "You take one dot product of the whole gradient with the whole of W_dec. Every row lies on a sphere of its own "
        "and needs its own dot product."
    ),
)
def projects_all_rows_at_once(W_dec, optimizer):
    with torch.no_grad():
        W_dec.grad -= (W_dec.grad * W_dec).sum() / (W_dec * W_dec).sum() * W_dec
        optimizer.step()
        W_dec /= W_dec.norm(dim=-1, keepdim=True)


@misconception(
    "saes.unit_norm_step",
    says=(
        "You take a part out of the gradients of other parameters too. Only the rows of W_dec have a fixed length; the "
        "others take the plain step."
    ),
)
def projects_every_matrix(W_dec, optimizer):
    with torch.no_grad():
        for group in optimizer.param_groups:
            for p in group["params"]:
                if p.grad is not None and p.ndim == 2:
                    p.grad -= (p.grad * p).sum(-1, keepdim=True) * p
        optimizer.step()
        W_dec /= W_dec.norm(dim=-1, keepdim=True)


@misconception(
    "saes.unit_norm_step",
    says="You scale each row's gradient to norm 1. Its length says how much there is to learn; it is the rows that "
    "have norm 1.",
)
def normalises_the_gradient(W_dec, optimizer):
    with torch.no_grad():
        W_dec.grad -= (W_dec.grad * W_dec).sum(-1, keepdim=True) * W_dec
        W_dec.grad /= W_dec.grad.norm(dim=-1, keepdim=True)
        optimizer.step()
        W_dec /= W_dec.norm(dim=-1, keepdim=True)


@misconception(
    "saes.unit_norm_step",
    says=(
        "You shorten rows that are too long and leave the short ones. Adam scales each coordinate on its own, so its "
        "step can end inside the sphere too."
    ),
)
def only_shortens(W_dec, optimizer):
    with torch.no_grad():
        W_dec.grad -= (W_dec.grad * W_dec).sum(-1, keepdim=True) * W_dec
        optimizer.step()
        W_dec /= W_dec.norm(dim=-1, keepdim=True).clamp_min(1)
