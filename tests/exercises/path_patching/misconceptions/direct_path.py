"""Wrong answers to path_patching.direct_path that learners give, with the sentence to say for each."""

import torch

from mi_tutor.tutor.misconceptions import misconception, probe


@probe("path_patching.direct_path")
def observe_direct_path(direct_path):
    """Two prompts of different rms, a gain and an eps that matter, a change that is large against the residual."""
    yield direct_path(
        torch.tensor([[1.0, 0.5], [2.0, -1.0]]),
        torch.tensor([[0.0, 1.0], [5.0, 0.0]]),
        torch.tensor([[1.0, 1.0, 0.5], [0.5, 2.0, 0.0]]),
        torch.tensor([[1.0, 3.0, 2.0], [2.0, 1.0, -3.0]]),
        torch.tensor([1.0, 0.5, 2.0]),
        0.7,
        torch.tensor([[2.0, 0.3, 1.0], [1.0, 3.0, -0.5]]),
    )


def normed(x, gain, eps, like=None):
    rms = ((x if like is None else like).square().mean(dim=-1, keepdim=True) + eps).sqrt()
    return x / rms * gain


def dot(x, direction):
    return (x * direction).sum(dim=-1)


@misconception(
    "path_patching.direct_path",
    says=(
        "Your norm keeps the rms of the unpatched run. That is the frozen approximation, in which effects add up. On "
        "this path the norm is computed anew."
    ),
)
def freezes_the_norm(z, z_new, w_o, residual, gain, eps, direction):
    return dot(normed((z_new - z) @ w_o, gain, eps, like=residual), direction)


@misconception(
    "path_patching.direct_path",
    says="You add the new output without taking the old one out. The residual already holds what the head wrote.",
)
def leaves_the_old_output_in(z, z_new, w_o, residual, gain, eps, direction):
    new = residual + z_new @ w_o
    return dot(normed(new, gain, eps) - normed(residual, gain, eps), direction)


@misconception(
    "path_patching.direct_path",
    says="You return the patched logit difference. An effect is its distance from the unpatched one.",
)
def returns_the_patched_score(z, z_new, w_o, residual, gain, eps, direction):
    return dot(normed(residual + (z_new - z) @ w_o, gain, eps), direction)


@misconception(
    "path_patching.direct_path",
    says=(
        "You patched from the wrong run: the change goes from the source run's output to this run's. It has the "
        "wrong sign, and the norm sees another vector."
    ),
)
def takes_the_change_backwards(z, z_new, w_o, residual, gain, eps, direction):
    new = residual + (z - z_new) @ w_o
    return dot(normed(new, gain, eps) - normed(residual, gain, eps), direction)


@misconception(
    "path_patching.direct_path",
    says="The gain of the final norm is missing. It scales every dimension before the unembedding reads it.",
)
def forgets_the_gain(z, z_new, w_o, residual, gain, eps, direction):
    new = residual + (z_new - z) @ w_o
    return dot(normed(new, 1, eps) - normed(residual, 1, eps), direction)


@misconception(
    "path_patching.direct_path",
    says=(
        "The norm is applied to the change alone. A norm is not linear: the norm of the change is not the change "
        "of the norm."
    ),
)
def norms_the_change(z, z_new, w_o, residual, gain, eps, direction):
    return dot(normed((z_new - z) @ w_o, gain, eps), direction)


@misconception(
    "path_patching.direct_path",
    says="There is no norm in your score. The unembedding reads the residual vector through the final norm.",
)
def forgets_the_norm(z, z_new, w_o, residual, gain, eps, direction):
    return dot((z_new - z) @ w_o, direction)


@misconception(
    "path_patching.direct_path",
    says="The subtraction is turned round: unpatched minus patched. What lowers the logit difference is negative.",
)
def subtracts_backwards(z, z_new, w_o, residual, gain, eps, direction):
    new = residual + (z_new - z) @ w_o
    return dot(normed(residual, gain, eps) - normed(new, gain, eps), direction)


@misconception(
    "path_patching.direct_path",
    says="Your mean of x^2 runs over the prompts, too. Each prompt has an rms of its own, over d_model.",
)
def one_norm_for_all_prompts(z, z_new, w_o, residual, gain, eps, direction):
    new = residual + (z_new - z) @ w_o
    after, before = (x / (x.square().mean() + eps).sqrt() * gain for x in (new, residual))
    return dot(after - before, direction)


@misconception(
    "path_patching.direct_path",
    says="Your eps stands outside of the root. It is added to the mean of x^2 before the root is taken.",
)
def eps_outside_the_root(z, z_new, w_o, residual, gain, eps, direction):
    new = residual + (z_new - z) @ w_o
    after, before = (x / (x.square().mean(dim=-1, keepdim=True).sqrt() + eps) * gain for x in (new, residual))
    return dot(after - before, direction)


@misconception(
    "path_patching.direct_path",
    says="Your eps is missing. It is added to the mean of x^2 under the root.",
)
def forgets_eps(z, z_new, w_o, residual, gain, eps, direction):
    new = residual + (z_new - z) @ w_o
    return dot(normed(new, gain, 0) - normed(residual, gain, 0), direction)


@misconception(
    "path_patching.direct_path",
    says=(
        "The effect is always 0: both scores are those of one vector. If you write `residual += ...`, the unpatched "
        "vector is gone."
    ),
)
def scores_one_vector_twice(z, z_new, w_o, residual, gain, eps, direction):
    return torch.zeros(len(residual))
