"""Wrong answers to saes.jumprelu that learners give, with the sentence to say for each."""

import torch

from mi_tutor.tutor.misconceptions import misconception, probe


@probe("saes.jumprelu")
def observe_jumprelu(jumprelu):
    """Values, then both gradients, for entries above and below their thresholds, near and far, and for a tie."""
    pre = torch.tensor([[0.5, 0.9, -2.0], [1.2, 1.1, 0.4], [0.85, 0.45, 0.28], [0.9, 3.0, 0.7], [0.6, 0.7, 0.65]])
    threshold, weights = torch.tensor([1.0, 0.8, 0.3]), torch.arange(1.0, 16.0).reshape(5, 3)
    yield jumprelu(pre, threshold, 0.5).detach()
    yield jumprelu(threshold[None].clone(), threshold, 0.5).detach()
    pre.requires_grad_(), threshold.requires_grad_()
    got = jumprelu(pre, threshold, 0.5)
    if not got.requires_grad:
        yield "no gradient"
        return
    (got * weights).sum().backward()
    yield pre.grad
    yield torch.zeros(3) if threshold.grad is None else threshold.grad


def _estimated(value, surrogate):
    return value + (surrogate - surrogate.detach())


@misconception(
    "saes.jumprelu",
    says=(
        "No gradient reaches the thresholds. A comparison has none, so they would keep their first values for ever. "
        "The backward pass needs the estimator."
    ),
)
def the_threshold_learns_nothing(pre, threshold, bandwidth):
    return pre * (pre > threshold)


@misconception(
    "saes.jumprelu",
    says=(
        "You subtract the threshold. That is a ReLU with another bias, and every latent comes out too small. A "
        "JumpReLU keeps the whole value once it is above the threshold."
    ),
)
def subtracts_the_threshold(pre, threshold, bandwidth):
    return (pre - threshold).relu()


@misconception(
    "saes.jumprelu",
    says=(
        "Your gradient for θ lacks the factor θ. When a latent goes silent it loses its whole value, and at the "
        "threshold this value is θ."
    ),
)
def forgets_the_height_of_the_jump(pre, threshold, bandwidth):
    near = (pre - threshold).abs() < bandwidth / 2
    return _estimated(pre * (pre > threshold), -(near / bandwidth) * threshold)


@misconception(
    "saes.jumprelu",
    says=("Your gradient for θ has the wrong sign. Raising a threshold silences latents, so it makes them smaller."),
)
def has_the_wrong_sign(pre, threshold, bandwidth):
    near = (pre - threshold).abs() < bandwidth / 2
    return _estimated(pre * (pre > threshold), near * threshold.detach() / bandwidth * threshold)


@misconception(
    "saes.jumprelu",
    says=(
        "Your gradient for θ is not divided by ε. A window twice as wide catches about twice as many entries, and "
        "would then give twice the gradient."
    ),
)
def does_not_divide_by_the_width(pre, threshold, bandwidth):
    near = (pre - threshold).abs() < bandwidth / 2
    return _estimated(pre * (pre > threshold), -(near * threshold.detach()) * threshold)


@misconception(
    "saes.jumprelu",
    says="Your window reaches ε to each side of the threshold. Its whole width is ε: ε/2 to each side.",
)
def has_a_window_twice_as_wide(pre, threshold, bandwidth):
    near = (pre - threshold).abs() < bandwidth
    return _estimated(pre * (pre > threshold), -(near * threshold.detach() / bandwidth) * threshold)


@misconception(
    "saes.jumprelu",
    says=(
        "Only entries above the threshold give it a gradient. Those just below would have been active with a slightly "
        "lower threshold; they count as well."
    ),
)
def asks_only_the_active(pre, threshold, bandwidth):
    near = (pre > threshold) & (pre - threshold < bandwidth / 2)
    return _estimated(pre * (pre > threshold), -(near * threshold.detach() / bandwidth) * threshold)


@misconception(
    "saes.jumprelu",
    says=(
        "Near the threshold your pre-activations get an extra gradient. The estimator is for θ alone; for z the true "
        "derivative is 1 where it is active, else 0."
    ),
)
def estimates_for_both(pre, threshold, bandwidth):
    near = (pre - threshold).abs() < bandwidth / 2
    surrogate = near * threshold.detach() / bandwidth * (pre - threshold)
    return _estimated(pre * (pre > threshold), surrogate)


@misconception(
    "saes.jumprelu",
    says=(
        "Silent latents pass a gradient to their pre-activations. Straight through is the way for the threshold only; "
        "where z is not above θ its derivative is 0."
    ),
)
def passes_everything_straight_through(pre, threshold, bandwidth):
    near = (pre - threshold).abs() < bandwidth / 2
    value = (pre * (pre > threshold)).detach() + (pre - pre.detach())
    return _estimated(value, -(near * threshold.detach() / bandwidth) * threshold)


@misconception(
    "saes.jumprelu",
    says=(
        "Your gradient for θ is twice what it should be. Where θ stands in a surrogate twice, as a factor and as what "
        "is differentiated, autograd follows both."
    ),
)
def counts_the_threshold_twice(pre, threshold, bandwidth):
    near = (pre - threshold).abs() < bandwidth / 2
    return _estimated(pre * (pre > threshold), -(near * threshold / bandwidth) * threshold)


@misconception(
    "saes.jumprelu",
    says=(
        "Your gradient for θ has the pre-activation as its factor. The estimator has θ there, the value that a latent "
        "loses when it goes silent."
    ),
)
def has_the_pre_activation_as_factor(pre, threshold, bandwidth):
    near = (pre - threshold).abs() < bandwidth / 2
    return _estimated(pre * (pre > threshold), -(near * pre.detach() / bandwidth) * threshold)


@misconception(
    "saes.jumprelu",
    says=(
        "Near the threshold the values of your latents are changed. What is added for the sake of a gradient has to "
        "have the value 0."
    ),
)
def adds_the_surrogate_itself(pre, threshold, bandwidth):
    near = (pre - threshold).abs() < bandwidth / 2
    return pre * (pre > threshold) - (near * threshold.detach() / bandwidth) * threshold
