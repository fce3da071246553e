"""JumpReLU: each latent has a threshold of its own, learned from straight-through estimates of its gradient.

Rajamanoharan et al. 2024, "Jumping ahead"; used for Gemma Scope (Lieberum et al. 2024). The penalty is L0 itself, the
number of active latents, so nothing shrinks.
"""

import math

import torch
from jaxtyping import Float
from torch import Tensor, nn

from mi_tutor.lab.saes.sae import SAE, Pass


class JumpReLU(SAE):
    """f = pre where pre exceeds the latent's threshold, else 0.

    Args:
        threshold: where every threshold starts, in units of the training data.
        bandwidth: how near to its threshold a latent must be to have an estimated gradient, in the same units.
    """

    kind = "jumprelu"

    def __init__(
        self,
        d_model: int,
        feature: int,
        *,
        threshold: float = 0.5,
        bandwidth: float = 0.5,
        seed: int = 0,
        encoder_norm: float = 1.0,
    ):
        super().__init__(d_model, feature, seed=seed, encoder_norm=encoder_norm)
        # The logarithm keeps thresholds positive.
        self.log_threshold = nn.Parameter(torch.full((feature,), math.log(threshold)))
        self.bandwidth = bandwidth

    @property
    def threshold(self) -> Float[Tensor, "feature"]:
        return self.log_threshold.exp()

    def settings(self) -> dict:
        return super().settings() | {"bandwidth": self.bandwidth}

    def encode(self, x: Float[Tensor, "... d_model"]) -> Float[Tensor, "... feature"]:
        return jump(self.pre(x), self.threshold, self.bandwidth)

    def losses(self, x: Float[Tensor, "batch d_model"]) -> Pass:
        pre, threshold = self.pre(x), self.threshold
        f = jump(pre, threshold, self.bandwidth)
        penalty = step(pre, threshold, self.bandwidth).sum(-1).mean()
        return self.gather(x, self.decode(f), f, penalty=penalty)

    @torch.no_grad()
    def change_units(self, mean: Float[Tensor, "d_model"], scale: float) -> None:
        super().change_units(mean, scale)
        self.log_threshold.add_(math.log(scale))
        self.bandwidth *= scale


def jump(pre: Tensor, threshold: Tensor, bandwidth: float) -> Tensor:
    """pre where it is above the threshold, else 0. Gradients: through active latents, and estimated for the threshold.

    The derivative by the threshold is −threshold times a delta function at pre = threshold. It is replaced by a
    rectangle of width `bandwidth` and area 1: its mean over a batch estimates the true derivative of the mean.
    """
    return _Jump.apply(pre, threshold, bandwidth)


def step(pre: Tensor, threshold: Tensor, bandwidth: float) -> Tensor:
    """1 where pre is above the threshold, else 0; its sum is L0. Only the threshold gets a gradient, as in `jump`."""
    return _Step.apply(pre, threshold, bandwidth)


def _rectangle(pre: Tensor, threshold: Tensor, bandwidth: float) -> Tensor:
    return ((pre - threshold).abs() < bandwidth / 2) / bandwidth


def _sum_to(grad: Tensor, threshold: Tensor) -> Tensor:
    return grad.reshape(-1, *threshold.shape).sum(0)


class _Jump(torch.autograd.Function):
    @staticmethod
    def forward(ctx, pre, threshold, bandwidth):
        ctx.save_for_backward(pre, threshold)
        ctx.bandwidth = bandwidth
        return pre * (pre > threshold)

    @staticmethod
    def backward(ctx, grad):
        pre, threshold = ctx.saved_tensors
        by_threshold = -threshold * _rectangle(pre, threshold, ctx.bandwidth) * grad
        return grad * (pre > threshold), _sum_to(by_threshold, threshold), None


class _Step(torch.autograd.Function):
    @staticmethod
    def forward(ctx, pre, threshold, bandwidth):
        ctx.save_for_backward(pre, threshold)
        ctx.bandwidth = bandwidth
        return (pre > threshold).to(pre.dtype)

    @staticmethod
    def backward(ctx, grad):
        pre, threshold = ctx.saved_tensors
        return None, _sum_to(-_rectangle(pre, threshold, ctx.bandwidth) * grad, threshold), None
