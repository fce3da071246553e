"""BatchTopK: the largest latents of a whole batch are kept, k a row on average (Bussmann et al. 2024).

A row with much in it may use more latents than a simple one. When the SAE is used, a latent must not depend on which
other rows happen to be in the batch: then a fixed threshold decides, learned in training as the mean of the smallest
latents that were kept.
"""

import torch
from jaxtyping import Float
from torch import Tensor

from mi_tutor.lab.saes.sae import SAE, Pass


class BatchTopK(SAE):
    """In `losses`: the k * batch largest of the batch. In `encode`: all latents above `threshold`.

    Args:
        k: latents that are active in a row on average.
        decay: how much of the old threshold stays at each training step.
    """

    kind = "batch_topk"
    in_units = ("b_enc", "threshold")

    def __init__(
        self, d_model: int, feature: int, *, k: int, decay: float = 0.99, seed: int = 0, encoder_norm: float = 1.0
    ):
        super().__init__(d_model, feature, seed=seed, encoder_norm=encoder_norm)
        if not 1 <= k <= feature:
            raise ValueError(f"k is {k}: choose 1 to {feature}, the number of latents.")
        self.k, self.decay = k, decay
        self.register_buffer("threshold", torch.tensor(0.0))

    def settings(self) -> dict:
        return super().settings() | {"k": self.k, "decay": self.decay}

    def encode(self, x: Float[Tensor, "... d_model"]) -> Float[Tensor, "... feature"]:
        f = self.pre(x).relu()
        return f * (f > self.threshold)

    def losses(self, x: Float[Tensor, "batch d_model"]) -> Pass:
        f = self.pre(x).relu()
        smallest = smallest_kept(f.detach(), self.k * len(x))
        f = f * (f >= smallest)
        self._learn(smallest)
        return self.gather(x, self.decode(f), f, penalty=x.new_zeros(()))

    @torch.no_grad()
    def _learn(self, smallest: Float[Tensor, ""]) -> None:
        # The first batch sets the threshold; later ones move it.
        keep = self.decay if self.threshold > 0 else 0.0
        self.threshold.mul_(keep).add_((1 - keep) * smallest)


def smallest_kept(f: Float[Tensor, "batch feature"], count: int) -> Float[Tensor, ""]:
    """The count-th largest latent of the batch, or the smallest positive one when fewer are positive."""
    positive = f[f > 0]
    if len(positive) == 0:
        return f.new_tensor(torch.inf)
    return positive.kthvalue(max(1, len(positive) - count + 1)).values
