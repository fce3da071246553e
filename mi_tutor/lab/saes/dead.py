"""Dead latents: those that no longer fire and so get no gradient; and two cures.

A latent counts as dead when it was not active in a long run of rows; one batch says little, as rare features exist.
"""

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from mi_tutor.lab.saes.sae import SAE


def update(silent: Int[Tensor, "feature"], counts: Int[Tensor, "feature"], rows: int) -> None:
    """Count on, in place, for how many rows each latent was silent, after a batch where it fired `counts` times."""
    silent.add_(rows).masked_fill_(counts > 0, 0)


def auxiliary_error(
    sae: SAE,
    x: Float[Tensor, "batch d_model"],
    residual: Float[Tensor, "batch d_model"],
    dead: Bool[Tensor, "feature"],
    k: int,
) -> Float[Tensor, ""]:
    """The error when the k largest dead latents of each row reconstruct what the SAE left over (Gao et al. 2024).

    It gives dead latents a gradient towards what is missing. The residual is taken as given: no gradient flows into it.
    """
    chosen = dead.nonzero()[:, 0]
    pre = (x - sae.b_dec) @ sae.W_enc[:, chosen] + sae.b_enc[chosen]
    values, place = pre.topk(min(k, len(chosen)), dim=-1)
    f = torch.zeros_like(pre).scatter(-1, place, values.relu())
    return (residual.detach() - f @ sae.W_dec[chosen]).pow(2).sum(-1).mean()


@torch.no_grad()
def resample(
    sae: SAE,
    optimizer: torch.optim.Adam,
    x: Float[Tensor, "batch d_model"],
    dead: Bool[Tensor, "feature"],
    generator: torch.Generator,
    *,
    share: float = 0.2,
) -> int:
    """Give dead latents a new start on rows that are reconstructed badly (Bricken et al. 2023). Returns how many.

    Rows are drawn with probabilities proportional to the square of their loss. A latent's decoder becomes the row,
    centred and normalised; its encoder the same direction with `share` of the mean norm of living encoders; its bias
    zero, and Adam forgets what it knew of it.
    """
    which = dead.nonzero()[:, 0]
    if len(which) == 0:
        return 0
    loss = (x - sae(x)).pow(2).sum(-1)
    drawn = torch.multinomial(loss.pow(2) + 1e-12, len(which), replacement=len(which) > len(x), generator=generator)
    direction = torch.nn.functional.normalize(x[drawn] - sae.b_dec, dim=1)
    living = sae.W_enc[:, ~dead] if not dead.all() else sae.W_enc
    sae.W_dec[which] = direction
    sae.W_enc[:, which] = share * living.norm(dim=0).mean() * direction.T
    sae.b_enc[which] = 0.0
    for parameter, axis in ((sae.W_dec, 0), (sae.W_enc, 1), (sae.b_enc, 0)):
        moments = optimizer.state.get(parameter, {})
        for name in ("exp_avg", "exp_avg_sq"):
            if name in moments:
                moments[name].index_fill_(axis, which, 0.0)
    return len(which)
