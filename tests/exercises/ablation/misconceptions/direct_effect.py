"""Wrong answers to ablation.direct_effect that learners give, with the sentence to say for each."""

import torch

from mi_tutor.tutor.misconceptions import misconception, probe


@probe("ablation.direct_effect")
def observe_direct_effect(direct_effect):
    """Two prompts of different rms, a gain and an eps that matter, changes that are large against the residual."""
    z = torch.tensor([[[1.0, 0.5], [2.0, -1.0]], [[0.0, 2.0], [1.0, 1.0]]])
    z_new = torch.tensor([[[0.0, 1.0], [5.0, 0.0]], [[3.0, 0.0], [1.5, 2.0]]])
    w_o = torch.tensor([[[1.0, 1.0, 0.5], [0.0, 2.0, 1.0]], [[0.5, 2.0, 0.0], [1.0, 0.0, -1.0]]])
    residual, direction = (
        torch.tensor([[1.0, 7.0, 2.0], [5.0, 5.0, -9.0]]),
        torch.tensor([[2.0, 0.3, 1.0], [1.0, 3.0, -0.5]]),
    )
    yield direct_effect(z, z_new, w_o, residual, torch.tensor([1.0, 0.5, 2.0]), 0.7, direction)


def written(z, z_new, w_o):
    return torch.einsum("bhe,hed->bhd", z_new - z, w_o)


@misconception(
    "ablation.direct_effect",
    says=(
        "You compute the norm again after the change, so its denominator reacts. Then the effects of two heads no "
        "longer add up, and a head that only makes the residual stream longer gets an effect of its own. Freeze the "
        "denominator at its clean value."
    ),
)
def lets_the_norm_react(z, z_new, w_o, residual, gain, eps, direction):
    def score(x):
        rms = (x.square().mean(dim=-1, keepdim=True) + eps).sqrt()
        return (x / rms * gain * direction[:, None]).sum(dim=-1)

    return score(residual[:, None] + written(z, z_new, w_o)) - score(residual[:, None])


@misconception(
    "ablation.direct_effect",
    says="You leave out the gain of the final norm. It weighs every residual dimension before the unembedding.",
)
def forgets_the_gain(z, z_new, w_o, residual, gain, eps, direction):
    rms = (residual.square().mean(dim=-1) + eps).sqrt()
    return torch.einsum("bhd,bd->bh", written(z, z_new, w_o), direction) / rms[:, None]


@misconception(
    "ablation.direct_effect",
    says=(
        "You give what the head contributes, with its sign turned. That is its effect only if zero is put in its "
        "place. What is put in here, z_new, contributes something too."
    ),
)
def removes_without_replacing(z, z_new, w_o, residual, gain, eps, direction):
    rms = (residual.square().mean(dim=-1) + eps).sqrt()
    return torch.einsum("bhd,d,bd->bh", written(z, torch.zeros_like(z), w_o), gain, direction) / rms[:, None]


@misconception(
    "ablation.direct_effect",
    says="Your sign is turned: the effect is that of going from z to z_new.",
)
def goes_back_from_new_to_old(z, z_new, w_o, residual, gain, eps, direction):
    rms = (residual.square().mean(dim=-1) + eps).sqrt()
    return torch.einsum("bhd,d,bd->bh", written(z_new, z, w_o), gain, direction) / rms[:, None]


@misconception(
    "ablation.direct_effect",
    says=(
        "You divide by the length of the residual vector. RMSNorm divides by the root of the mean square, which is "
        "smaller by the square root of d_model: 24 times for SmolLM2."
    ),
)
def divides_by_the_length(z, z_new, w_o, residual, gain, eps, direction):
    length = (residual.square().sum(dim=-1) + eps).sqrt()
    return torch.einsum("bhd,d,bd->bh", written(z, z_new, w_o), gain, direction) / length[:, None]


@misconception(
    "ablation.direct_effect",
    says=(
        "You divide every prompt by the same rms, averaged over the prompts. The norm works on each prompt by itself, "
        "and so does the frozen denominator."
    ),
)
def one_rms_for_all(z, z_new, w_o, residual, gain, eps, direction):
    rms = (residual.square().mean(dim=-1) + eps).sqrt().mean()
    return torch.einsum("bhd,d,bd->bh", written(z, z_new, w_o), gain, direction) / rms


@misconception(
    "ablation.direct_effect",
    says=(
        "You normalise the change by its own rms. The change is a part of the residual stream and is divided by the "
        "rms of the whole; otherwise a weak head counts as much as a strong one."
    ),
)
def normalises_the_change_itself(z, z_new, w_o, residual, gain, eps, direction):
    change = written(z, z_new, w_o)
    rms = (change.square().mean(dim=-1, keepdim=True) + eps).sqrt()
    return torch.einsum("bhd,d,bd->bh", change / rms, gain, direction)


@misconception(
    "ablation.direct_effect",
    says="You leave the norm out. The unembedding reads the normalised residual stream, not the raw one.",
)
def skips_the_norm(z, z_new, w_o, residual, gain, eps, direction):
    return torch.einsum("bhd,bd->bh", written(z, z_new, w_o), direction)


@misconception(
    "ablation.direct_effect",
    says=(
        "Your denominator is the rms of the changed stream. Frozen means: the rms that the clean run has, whatever is "
        "put in. Otherwise the effects of two heads do not add up."
    ),
)
def divides_by_the_changed_rms(z, z_new, w_o, residual, gain, eps, direction):
    change = written(z, z_new, w_o)
    rms = ((residual[:, None] + change).square().mean(dim=-1, keepdim=True) + eps).sqrt()
    return torch.einsum("bhd,d,bd->bh", change / rms, gain, direction)


@misconception(
    "ablation.direct_effect",
    says=(
        "You give what the new output writes. What the old one wrote is gone as well: the effect is that of the "
        "difference between the two."
    ),
)
def forgets_what_was_there(z, z_new, w_o, residual, gain, eps, direction):
    rms = (residual.square().mean(dim=-1) + eps).sqrt()
    return torch.einsum("bhd,d,bd->bh", written(torch.zeros_like(z), z_new, w_o), gain, direction) / rms[:, None]
