"""Wrong answers to saes.jumprelu_l0 that learners give, with the sentence to say for each."""

import torch

from mi_tutor.tutor.misconceptions import misconception, probe


@probe("saes.jumprelu_l0")
def observe_jumprelu_l0(jumprelu_l0):
    """The count, then the gradients for pre and threshold."""
    pre = torch.tensor([[0.5, 0.9, -2.0], [1.2, 1.1, 0.4], [0.85, 0.45, 0.2]], requires_grad=True)
    threshold = torch.tensor([1.0, 0.8, 0.3], requires_grad=True)
    got = jumprelu_l0(pre, threshold, 0.5)
    yield float(got)
    if isinstance(got, torch.Tensor) and got.requires_grad:
        got.backward()
    for part in (pre, threshold):
        yield torch.zeros_like(part) if part.grad is None else part.grad


def _estimated(value, surrogate):
    return value + (surrogate - surrogate.detach())


def _near(pre, threshold, bandwidth):
    return (pre - threshold).abs() < bandwidth / 2


@misconception(
    "saes.jumprelu_l0",
    says="Your count has no gradient at all, so the thresholds cannot learn how sparse to be.",
)
def the_threshold_learns_nothing(pre, threshold, bandwidth):
    return (pre > threshold).float().sum(-1).mean()


@misconception(
    "saes.jumprelu_l0",
    says=("You count what is above 0. A latent is active where its pre-activation is above its own threshold."),
)
def counts_what_is_above_zero(pre, threshold, bandwidth):
    surrogate = -(_near(pre, threshold, bandwidth) / bandwidth) * threshold
    return _estimated((pre > 0).float(), surrogate).sum(-1).mean()


@misconception(
    "saes.jumprelu_l0",
    says="You add the rows up. L0 is a mean over rows, so that a larger batch does not weigh more.",
)
def adds_up_the_rows(pre, threshold, bandwidth):
    surrogate = -(_near(pre, threshold, bandwidth) / bandwidth) * threshold
    return _estimated((pre > threshold).float(), surrogate).sum()


@misconception(
    "saes.jumprelu_l0",
    says="You return the fraction of latents that are active. L0 is their number: sum over latents, average over rows.",
)
def returns_a_fraction(pre, threshold, bandwidth):
    surrogate = -(_near(pre, threshold, bandwidth) / bandwidth) * threshold
    return _estimated((pre > threshold).float(), surrogate).mean()


@misconception(
    "saes.jumprelu_l0",
    says=(
        "Your gradient has the factor θ, as it has for the latents themselves. What is lost here when a latent goes "
        "silent is a count of 1, whatever its size."
    ),
)
def has_the_factor_of_the_latents(pre, threshold, bandwidth):
    surrogate = -(_near(pre, threshold, bandwidth) * threshold.detach() / bandwidth) * threshold
    return _estimated((pre > threshold).float(), surrogate).sum(-1).mean()


@misconception(
    "saes.jumprelu_l0",
    says="You add up the latents' values. That is L1: it charges for size and makes active latents smaller.",
)
def charges_for_size(pre, threshold, bandwidth):
    surrogate = -(_near(pre, threshold, bandwidth) * threshold.detach() / bandwidth) * threshold
    return _estimated(pre * (pre > threshold), surrogate).sum(-1).mean()


@misconception(
    "saes.jumprelu_l0",
    says=(
        "Your pre-activations get a gradient too: those near their threshold are pushed down. The estimator gives "
        "it to the thresholds alone."
    ),
)
def pushes_the_pre_activations(pre, threshold, bandwidth):
    surrogate = _near(pre, threshold, bandwidth) / bandwidth * (pre - threshold)
    return _estimated((pre > threshold).float(), surrogate).sum(-1).mean()


@misconception(
    "saes.jumprelu_l0",
    says="Your gradient has the wrong sign. A higher threshold makes fewer latents active.",
)
def has_the_wrong_sign(pre, threshold, bandwidth):
    surrogate = _near(pre, threshold, bandwidth) / bandwidth * threshold
    return _estimated((pre > threshold).float(), surrogate).sum(-1).mean()
