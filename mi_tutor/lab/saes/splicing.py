"""What the model loses when it has to go on from the SAE's reconstruction instead of its own activations.

The BOS position and rows of huge norm are left as they are (see `buffer`): no SAE of the course was trained on them.
"""

from collections.abc import Callable
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from jaxtyping import Float, Int
from torch import Tensor

from mi_tutor.lab.activations import replace
from mi_tutor.lab.progress import progress_bar
from mi_tutor.lab.running import run_with
from mi_tutor.lab.saes.sae import SAE


@dataclass
class Spliced:
    """Cross-entropies of the next token, in nats, mean over positions.

    clean: the model as it is. sae: with reconstructions. zero, mean: with zero or the mean row everywhere.
    """

    clean: float
    sae: float
    zero: float
    mean: float

    def recovered(self, baseline: str = "zero") -> float:
        """(baseline − sae) / (baseline − clean): 1 where nothing is lost, 0 where the SAE is as bad as the baseline.

        Zero is the harder thing for the model, so a share against it looks better than one against the mean row.
        """
        low = getattr(self, baseline)
        return (low - self.sae) / (low - self.clean)


def edit(function: Callable[[Tensor], Tensor], norm_limit: float = float("inf")):
    """A function for `activations.replace` that puts function(row) in place of each row; BOS and huge rows stay.

    Args:
        function: Float[Tensor, "batch pos d_model"] → the same shape; an SAE is one.
        norm_limit: rows with a larger norm stay.
    """

    @torch.no_grad()
    def change(activation: Tensor, hook=None) -> Tensor:
        rows = activation[:, 1:]
        kept = rows.norm(dim=-1, keepdim=True) > norm_limit
        return torch.cat([activation[:, :1], torch.where(kept, rows, function(rows))], dim=1)

    return change


def splice(
    model,
    sae: SAE,
    ids: Int[Tensor, "batch pos"],
    name: str,
    *,
    mean: Float[Tensor, "d_model"] | None = None,
    norm_limit: float | None = None,
    batch_size: int = 4,
    text: str = "Splicing",
) -> Spliced:
    """Run the model four times: as it is, with reconstructions, with zeros and with the mean row at one place.

    Args:
        ids: with BOS in front.
        name: the hook name the SAE was trained on.
        mean: the mean row; by default `sae.info["mean"]` or else b_dec.
        norm_limit: rows with a larger norm stay; by default `sae.info["norm_limit"]`, or no limit.
        batch_size: rows at once. The logits of 128 positions of SmolLM2 take 25 MB a row.
    """
    limit = norm_limit if norm_limit is not None else sae.info.get("norm_limit", float("inf"))
    if mean is None:
        mean = torch.tensor(sae.info["mean"]) if "mean" in sae.info else sae.b_dec.detach()
    changes = {
        "clean": None,
        "sae": edit(sae, limit),
        "zero": edit(torch.zeros_like, limit),
        "mean": edit(lambda x: mean.expand_as(x), limit),
    }
    totals = dict.fromkeys(changes, 0.0)
    for batch in progress_bar(ids.split(batch_size), text):
        for key, change in changes.items():
            totals[key] += _cross_entropy(model, batch, name, change) * len(batch)
    return Spliced(**{key: total / len(ids) for key, total in totals.items()})


def _cross_entropy(model, ids: Tensor, name: str, change) -> float:
    if change is None:
        final = run_with(model, ids, "unembed.hook_in")["unembed.hook_in"]
    else:
        with replace(model, name, change):
            final = run_with(model, ids, "unembed.hook_in")["unembed.hook_in"]
    # One row's logits at a time; the prediction from BOS alone is left out.
    losses = [F.cross_entropy(row[1:-1] @ model.W_U + model.b_U, one[2:]) for row, one in zip(final, ids, strict=True)]
    return torch.stack(losses).mean().item()
