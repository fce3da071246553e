"""What there is to know about one latent, as plain data: to be shown in a notebook or written into a file."""

from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from mi_tutor.lab import models
from mi_tutor.lab.saes.activity import Activity
from mi_tutor.lab.saes.sae import SAE

RANGES = ((0.8, 1.0), (0.6, 0.8), (0.4, 0.6), (0.2, 0.4), (0.0, 0.2))  # shares of the largest activation
BINS = 20


@dataclass
class Context:
    """Tokens around one activation: printable strings, the latent's activation at each, and the index of the token."""

    label: str
    strings: list[str]
    values: list[float]
    at: int


@dataclass
class Page:
    """One latent.

    latent: its number. density: share of tokens on which it is active. top: its largest activation.
    ranges: (from, to, number of tokens, contexts) for each range of activations, the largest first.
    histogram: number of active tokens in each of 20 bins from 0 to `top`.
    promoted, suppressed: (token, weight): the tokens whose logits it raises and lowers most, see `Pages`.
    nearest: (latent, cosine of the decoder rows), the largest first.
    classes: (class, share of its tokens on which the latent is active, share of the latent's activation that falls on
        it, after every class has been given equal weight).
    """

    latent: int
    density: float
    top: float
    ranges: list[tuple[float, float, int, list[Context]]]
    histogram: list[int]
    promoted: list[tuple[str, float]]
    suppressed: list[tuple[str, float]]
    nearest: list[tuple[int, float]]
    classes: list[tuple[str, float, float]]


class Pages:
    """Makes pages of the latents of one SAE.

    Args:
        model: a TransformerBridge; its tokenizer and its unembedding are used.
        sae: in the units of the activations.
        activity: from `activity.collect`.
        writes: [d_sae_input d_model], what each input dimension of the SAE adds to the residual stream; None when the
            SAE reads the residual stream itself. For MLP neurons it is `models.neuron_outputs(model, layer)`.
    """

    def __init__(self, model, sae: SAE, activity: Activity, *, writes: Float[Tensor, "neuron d_model"] | None = None):
        self.model, self.sae, self.activity, self.writes = model, sae, activity, writes
        self.directions = torch.nn.functional.normalize(sae.W_dec.detach(), dim=1)

    def page(self, latent: int, *, contexts: int = 4, before: int = 10, after: int = 5, k: int = 10) -> Page:
        """The page of a latent, with at most `contexts` contexts a range and `k` tokens and neighbours.

        Raises:
            ValueError: no such latent.
        """
        rows, values = self.activity.of(latent)
        top = values.max().item() if len(values) else 0.0
        dense = torch.zeros(len(self.activity.harvest))
        dense[rows] = values
        promoted, suppressed = self._logits(latent, k)
        return Page(
            latent=latent,
            density=len(rows) / len(dense),
            top=top,
            ranges=[self._range(rows, values, dense, top, *each, contexts, before, after) for each in RANGES],
            histogram=torch.histc(values, BINS, 0, top).long().tolist() if top else [0] * BINS,
            promoted=promoted,
            suppressed=suppressed,
            nearest=self._nearest(latent, k),
            classes=self._classes(rows, values),
        )

    def _range(self, rows, values, dense, top, low, high, contexts, before, after):
        """Contexts spread evenly over the range, each from another document while there are enough."""
        inside = (values > low * top) & (values <= high * top)
        chosen, strength = rows[inside], values[inside]
        chosen = chosen[strength.argsort(descending=True, stable=True)]
        total = len(chosen)
        if low < RANGES[0][0] and total > contexts:  # of the top range the very largest, of the others a fair sample
            chosen = chosen[torch.linspace(0, total - 1, 4 * contexts).long()]
        seen, found = set(), []
        for row in chosen.tolist():
            document = int(self.activity.harvest.document[row])
            if document not in seen and len(found) < contexts:
                seen.add(document)
                found.append(self._context(row, dense, before, after))
        return low * top, high * top, total, found

    def _context(self, row: int, dense: Float[Tensor, "token"], before: int, after: int) -> Context:
        ids, at = self.activity.harvest.window(row, before=before, after=after)
        values = dense[row - at : row - at + len(ids)].tolist()
        label = self.activity.label_names[int(self.activity.label[row])]
        return Context(label, models.token_strings(self.model, ids, whole=True), values, at)

    def _logits(self, latent: int, k: int):
        direction = self.sae.W_dec[latent].detach()
        if self.writes is not None:
            direction = direction @ self.writes
        weights = models.direct_logits(self.model, direction)
        weights = weights - weights.mean()  # a constant added to all logits changes no probability
        k = min(k, len(weights))
        high, low = weights.topk(k), (-weights).topk(k)
        return self._named(high.indices, high.values), self._named(low.indices, -low.values)

    def _named(self, ids, weights) -> list[tuple[str, float]]:
        strings = models.token_strings(self.model, ids)
        return list(zip(strings, weights.tolist(), strict=True))

    def _nearest(self, latent: int, k: int) -> list[tuple[int, float]]:
        cosine = self.directions @ self.directions[latent]
        cosine[latent] = -torch.inf
        best = cosine.topk(min(k, len(cosine) - 1))
        return list(zip(best.indices.tolist(), best.values.tolist(), strict=True))

    def _classes(self, rows, values) -> list[tuple[str, float, float]]:
        activity = self.activity
        sizes = activity.label_sizes.clamp_min(1)
        label = activity.label[rows]
        active = torch.bincount(label, minlength=len(sizes)) / sizes
        weight = torch.bincount(label, values, minlength=len(sizes)) / sizes
        weight = weight / weight.sum().clamp_min(1e-12)
        return list(zip(activity.label_names, active.tolist(), weight.tolist(), strict=True))
