"""What all sparse autoencoders have in common.

With x an activation of the model and f(x) its latents:
    pre = (x − b_dec) @ W_enc + b_enc        f = relu(pre), or a variant        x̂ = f @ W_dec + b_dec

A kind (standard, TopK, BatchTopK, Gated, JumpReLU) says how `encode` makes f from pre, and what it pays for active
latents. Everything else of the course takes any of them: the trainer, the metrics, the feature pages.
"""

from typing import NamedTuple

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn


class Pass(NamedTuple):
    """What training needs of one batch. The loss is error + weight * penalty + extra, and gradients flow through these.

    error: mean over rows of the squared error, summed over d_model.
    penalty: what the sparsity weight is multiplied with; mean over rows.
    extra: a further term of the loss that some kinds have.
    reconstruction: Float[Tensor, "batch d_model"], x̂.
    counts: Int[Tensor, "feature"], in how many rows each latent was active.
    """

    error: Float[Tensor, ""]
    penalty: Float[Tensor, ""]
    extra: Float[Tensor, ""]
    reconstruction: Float[Tensor, "batch d_model"]
    counts: Int[Tensor, "feature"]


class SAE(nn.Module):
    """Sizes, start and the common face. A kind defines at least `encode`.

    Decoder rows start as random unit vectors and the encoder as their transpose, so that few latents are dead from the
    start (Gao et al. 2024); biases start at zero.

    Args:
        d_model: width of the activations.
        feature: number of latents.
        seed: of the random start.
        encoder_norm: length of each latent's encoder weights at the start. A step of Adam has the size of the learning
            rate, whatever the size of a weight: short rows turn faster. In the benchmark of SmolLM2's layer 10 (190
            steps at 3e-3) 0.3 reaches an explained variance of .840, and 1, the transpose itself, .832.

    Attributes:
        W_enc [d_model feature], b_enc [feature], W_dec [feature d_model], b_dec [d_model]: parameters.
        kind: the name of the kind.
        info: where it comes from and what was measured, stored with the weights.
    """

    kind = ""
    in_units = ("b_enc",)  # parameters and buffers that are in units of the activations; b_dec is treated apart

    def __init__(self, d_model: int, feature: int, *, seed: int = 0, encoder_norm: float = 1.0):
        super().__init__()
        if encoder_norm <= 0:
            raise ValueError(f"encoder_norm is {encoder_norm}: choose a length above 0, or no latent ever learns.")
        # Not the seed itself: toy features drawn with the same small seed would be known before training.
        generator = torch.Generator().manual_seed(1_000_003 * (seed + 1))
        rows = torch.randn(feature, d_model, generator=generator)
        rows /= rows.norm(dim=1, keepdim=True)
        self.W_dec = nn.Parameter(rows)
        # A transposed view: each latent's encoder weights lie together in memory, which the sparse gradients need.
        self.W_enc = nn.Parameter((encoder_norm * rows).T)
        self.b_enc = nn.Parameter(torch.zeros(feature))
        self.b_dec = nn.Parameter(torch.zeros(d_model))
        self.info: dict = {}

    @property
    def d_model(self) -> int:
        return self.W_dec.shape[1]

    @property
    def feature(self) -> int:
        return self.W_dec.shape[0]

    def settings(self) -> dict:
        """The arguments that make an SAE of this shape, besides the seed."""
        return {"d_model": self.d_model, "feature": self.feature}

    def pre(self, x: Float[Tensor, "... d_model"]) -> Float[Tensor, "... feature"]:
        """What the encoder computes before the activation function."""
        return (x - self.b_dec) @ self.W_enc + self.b_enc

    def encode(self, x: Float[Tensor, "... d_model"]) -> Float[Tensor, "... feature"]:
        """The latents; most of them are zero and none is negative."""
        raise NotImplementedError

    def decode(self, f: Float[Tensor, "... feature"]) -> Float[Tensor, "... d_model"]:
        """The reconstruction from latents."""
        return f @ self.W_dec + self.b_dec

    def forward(self, x: Float[Tensor, "... d_model"]) -> Float[Tensor, "... d_model"]:
        return self.decode(self.encode(x))

    def losses(self, x: Float[Tensor, "batch d_model"]) -> Pass:
        """One batch in training. Kinds without a penalty return zero for it."""
        f = self.encode(x)
        return self.gather(x, self.decode(f), f, penalty=x.new_zeros(()))

    def gather(
        self, x: Tensor, reconstruction: Tensor, f: Tensor, *, penalty: Tensor, extra: Tensor | float = 0.0
    ) -> Pass:
        """A `Pass` from dense latents."""
        error = (x - reconstruction).pow(2).sum(-1).mean()
        return Pass(error, penalty, x.new_zeros(()) + extra, reconstruction, (f > 0).sum(0))

    @torch.no_grad()
    def change_units(self, mean: Float[Tensor, "d_model"], scale: float) -> None:
        """After training on (x − mean) / scale: make it work on x itself, in place.

        The latents grow by `scale`, the decoder's norms stay. Nothing else changes: the reconstruction of x is the old
        one, scaled and shifted back.
        """
        for name in self.in_units:
            getattr(self, name).mul_(scale)
        self.b_dec.mul_(scale).add_(mean)


def weighted_l1(f: Float[Tensor, "batch feature"], W_dec: Float[Tensor, "feature d_model"]) -> Float[Tensor, ""]:
    """Mean over rows of the sum of latents, each times the norm of its decoder row.

    Without the norms an SAE could make the penalty small by small latents and large decoder rows.
    """
    return (f * W_dec.norm(dim=1)).sum(-1).mean()
