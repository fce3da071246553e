"""Decoder rows of length one.

Without a constraint an SAE could make its latents, and with them an L1 penalty, as small as it likes by making the
decoder large. Adam does not know of the constraint: the part of the gradient that lengthens a row is undone by the
next normalisation, but would fill Adam's moments, which scale the steps to come. So it is taken out first (Bricken et
al. 2023).
"""

import torch
from jaxtyping import Float
from torch import Tensor


def project(W_dec: Float[Tensor, "feature d_model"], grad: Float[Tensor, "feature d_model"]) -> None:
    """Remove from each row of the gradient its part along the row of W_dec, in place. The rows have length one."""
    along = (grad * W_dec).sum(1, keepdim=True)
    grad.addcmul_(along, W_dec, value=-1)


@torch.no_grad()
def normalise(W_dec: Float[Tensor, "feature d_model"]) -> None:
    """Make every row one long, in place."""
    W_dec.div_(W_dec.norm(dim=1, keepdim=True).clamp_min(1e-8))
