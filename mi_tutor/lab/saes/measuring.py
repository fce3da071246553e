"""How good a reconstruction is, and how sparse the latents are, on rows that were not trained on."""

from dataclasses import asdict, dataclass

import torch
from jaxtyping import Float, Int
from torch import Tensor

from mi_tutor.lab.saes.sae import SAE


@dataclass
class Measures:
    """One SAE on one set of rows.

    l0: mean number of active latents in a row.
    fve: fraction of variance explained: 1 − sum of squared residuals / sum of squares about the mean row.
    error: mean over rows of the squared error, summed over d_model.
    dead: share of the latents that were active in no row.
    dense: share of the latents that were active in more than a tenth of the rows.
    l1: mean over rows of the sum of the latents.
    cosine: mean over rows of the cosine between row and reconstruction, both less the mean row.
    norm_ratio: norm of the reconstruction over that of the row, both less the mean row, mean over rows. Below 1 the
        reconstructions are too small.
    counts: Int[Tensor, "feature"], in how many rows each latent was active.
    """

    l0: float
    fve: float
    error: float
    dead: float
    dense: float
    l1: float
    cosine: float
    norm_ratio: float
    counts: Int[Tensor, "feature"]

    def as_json(self, digits: int = 4) -> dict[str, float]:
        """The numbers without the counts, rounded."""
        return {name: round(value, digits) for name, value in asdict(self).items() if name != "counts"}


@torch.no_grad()
def measure(sae: SAE, x: Float[Tensor, "row d_model"], *, batch_size: int = 1024) -> Measures:
    """Measure an SAE on rows in its own units.

    Raises:
        ValueError: fewer than two rows, or all rows equal: then there is no variance to explain.
    """
    mean = x.float().mean(0)
    about_mean = float(sum((batch.float() - mean).pow(2).sum() for batch in x.split(batch_size)))
    if len(x) < 2 or about_mean == 0:
        raise ValueError("There is no variance to explain: give at least two different rows.")
    counts = torch.zeros(sae.feature, dtype=torch.long)
    squares = l1 = cosine = ratio = 0.0
    for batch in x.split(batch_size):
        rows = batch.float()
        f = sae.encode(rows)
        out = sae.decode(f)
        counts += (f > 0).sum(0)
        squares += float((rows - out).pow(2).sum())
        l1 += float(f.sum())
        rows, out = rows - mean, out - mean
        cosine += float(torch.cosine_similarity(rows, out, dim=1).sum())
        ratio += float((out.norm(dim=1) / rows.norm(dim=1).clamp_min(1e-8)).sum())
    count = len(x)
    return Measures(
        l0=counts.sum().item() / count,
        fve=1 - squares / about_mean,
        error=squares / count,
        dead=(counts == 0).float().mean().item(),
        dense=(counts > 0.1 * count).float().mean().item(),
        l1=l1 / count,
        cosine=cosine / count,
        norm_ratio=ratio / count,
        counts=counts,
    )
