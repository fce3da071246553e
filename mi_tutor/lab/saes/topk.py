"""TopK: the k largest latents of each row are kept, so nothing has to be paid for sparsity (Gao et al. 2024)."""

import torch
from jaxtyping import Float, Int
from torch import Tensor

from mi_tutor.lab.saes import sparse
from mi_tutor.lab.saes.sae import SAE, Pass


class TopK(SAE):
    """f = relu(pre) where it is among the k largest of its row, else 0. No shrinkage, and L0 is at most k.

    Args:
        k: latents that may be active in a row.
        fast: train with `sparse`; the numbers are those of the dense code up to rounding.
    """

    kind = "topk"

    def __init__(
        self, d_model: int, feature: int, *, k: int, seed: int = 0, encoder_norm: float = 1.0, fast: bool = True
    ):
        super().__init__(d_model, feature, seed=seed, encoder_norm=encoder_norm)
        if not 1 <= k <= feature:
            raise ValueError(f"k is {k}: choose 1 to {feature}, the number of latents.")
        self.k, self.fast = k, fast

    def settings(self) -> dict:
        return super().settings() | {"k": self.k}

    def encode(self, x: Float[Tensor, "... d_model"]) -> Float[Tensor, "... feature"]:
        return sparse.plain_topk(self.pre(x), self.k)

    def active(self, x: Float[Tensor, "batch d_model"]) -> tuple[Float[Tensor, "batch k"], Int[Tensor, "batch k"]]:
        """The k largest latents of each row without the zeros: their values and their numbers, in no order."""
        return sparse.encode(x, self.W_enc, self.b_enc, self.b_dec, self.k)

    def losses(self, x: Float[Tensor, "batch d_model"]) -> Pass:
        if not self.fast:
            return super().losses(x)
        values, chosen = self.active(x)
        reconstruction = sparse.decode(values, chosen, self.W_dec) + self.b_dec
        error = (x - reconstruction).pow(2).sum(-1).mean()
        counts = torch.bincount(chosen[values > 0], minlength=self.feature)
        return Pass(error, x.new_zeros(()), x.new_zeros(()), reconstruction, counts)
