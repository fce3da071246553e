"""Wrong answers to features.steering_hook that learners give, with the sentence to say for each."""

import torch

from mi_tutor.tutor.misconceptions import misconception, probe


@probe("features.steering_hook")
def observe_steering_hook(steering_hook):
    """Several texts and positions, a direction that is not of unit length, and the input afterwards."""
    resid = torch.arange(12.0).reshape(2, 3, 2) + 1
    kept = resid.clone()
    moved = steering_hook(torch.tensor([3.0, -4.0]), -1.5)(resid, hook=None)
    yield "nothing" if moved is None else moved.clone()
    yield bool(torch.equal(resid, kept))


@misconception(
    "features.steering_hook",
    says=(
        "You steer only the last position. The docstring asks for every position; later positions read from earlier "
        "ones."
    ),
)
def steers_the_last_position(direction, alpha):
    def hook_fn(resid, hook):
        moved = resid.clone()
        moved[:, -1] = moved[:, -1] + alpha * direction
        return moved

    return hook_fn


@misconception(
    "features.steering_hook",
    says=(
        "You normalise the direction. Then alpha means something else for every direction, and the control of equal"
        " norm is no control any more."
    ),
)
def steers_with_unit_length(direction, alpha):
    def hook_fn(resid, hook):
        return resid + alpha * direction / direction.norm()

    return hook_fn


@misconception(
    "features.steering_hook",
    says=(
        "You write into the tensor that comes in. Whoever else holds it, a cache for instance, sees it change after"
        " the fact."
    ),
)
def writes_in_place(direction, alpha):
    def hook_fn(resid, hook):
        resid += alpha * direction
        return resid

    return hook_fn


@misconception(
    "features.steering_hook",
    says=(
        "You put the direction in the place of the residual stream. That removes everything the model knew; "
        "steering adds."
    ),
)
def replaces_the_stream(direction, alpha):
    def hook_fn(resid, hook):
        return (alpha * direction).expand_as(resid).clone()

    return hook_fn


@misconception(
    "features.steering_hook",
    says="Your hook returns nothing. A hook that returns None leaves the activation as it was.",
)
def returns_nothing(direction, alpha):
    def hook_fn(resid, hook):
        resid + alpha * direction

    return hook_fn


@misconception(
    "features.steering_hook",
    says="You do not use alpha: the strength and the sign of the push are lost.",
)
def forgets_alpha(direction, alpha):
    def hook_fn(resid, hook):
        return resid + direction

    return hook_fn
