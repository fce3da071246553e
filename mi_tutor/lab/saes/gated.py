"""Gated: one half of the encoder decides which latents are active, the other how large they are.

Rajamanoharan et al. 2024, "Improving dictionary learning with gated sparse autoencoders". The L1 penalty shrinks what
it is paid on. Here it is paid on the gate only, and the size is free.
"""

import torch
from jaxtyping import Float
from torch import Tensor, nn

from mi_tutor.lab.saes.sae import SAE, Pass, weighted_l1


class Gated(SAE):
    """f = [pre > 0] · relu((x − b_dec) @ W_enc * exp(r_mag) + b_mag). W_enc and b_enc are the gate's weights.

    The step [pre > 0] has no gradient. The gate learns from the penalty, and from reconstructing x by relu(pre) with a
    frozen decoder (the term `extra`).
    """

    kind = "gated"
    in_units = ("b_enc", "b_mag")

    def __init__(self, d_model: int, feature: int, *, seed: int = 0, encoder_norm: float = 1.0):
        super().__init__(d_model, feature, seed=seed, encoder_norm=encoder_norm)
        self.r_mag = nn.Parameter(torch.zeros(feature))
        self.b_mag = nn.Parameter(torch.zeros(feature))

    def encode(self, x: Float[Tensor, "... d_model"]) -> Float[Tensor, "... feature"]:
        return self._size(self.pre(x))

    def losses(self, x: Float[Tensor, "batch d_model"]) -> Pass:
        pre = self.pre(x)
        f, gate = self._size(pre), pre.relu()
        by_gate = gate @ self.W_dec.detach() + self.b_dec.detach()
        extra = (x - by_gate).pow(2).sum(-1).mean()
        return self.gather(x, self.decode(f), f, penalty=weighted_l1(gate, self.W_dec.detach()), extra=extra)

    def _size(self, pre: Float[Tensor, "... feature"]) -> Float[Tensor, "... feature"]:
        size = ((pre - self.b_enc) * self.r_mag.exp() + self.b_mag).relu()
        return size * (pre > 0)
