"""On which tokens each latent is active. Only active latents are kept: 32 numbers a token instead of 4096."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Float, Int
from torch import Tensor

from mi_tutor.lab.harvest import Harvest
from mi_tutor.lab.saes.sae import SAE


@dataclass
class Activity:
    """Active latents over the tokens of a harvest, sorted by latent and then by token.

    harvest: where the tokens come from.
    label: Int[Tensor, "token"], the class of each token, an index of `label_names`.
    row, value: Int and Float [active], the token and the size of each activation.
    start: Int[Tensor, "feature + 1"]; those of latent i stand from start[i] to start[i + 1].
    """

    harvest: Harvest
    label: Int[Tensor, "token"]
    label_names: list[str]
    row: Int[Tensor, "active"]
    value: Float[Tensor, "active"]
    start: Int[Tensor, "bounds"]

    def of(self, latent: int) -> tuple[Int[Tensor, "active"], Float[Tensor, "active"]]:
        """The tokens on which one latent is active, and how much. ValueError: no such latent."""
        if not 0 <= latent < self.feature:
            raise ValueError(f"There is no latent {latent}: choose 0 to {self.feature - 1}.")
        here = slice(int(self.start[latent]), int(self.start[latent + 1]))
        return self.row[here], self.value[here]

    @property
    def feature(self) -> int:
        return len(self.start) - 1

    @property
    def counts(self) -> Int[Tensor, "feature"]:
        """On how many tokens each latent is active."""
        return self.start.diff()

    @property
    def label_sizes(self) -> Int[Tensor, "label"]:
        """How many tokens each class has."""
        return torch.bincount(self.label, minlength=len(self.label_names))

    def by_label(self) -> Int[Tensor, "feature label"]:
        """On how many tokens of each class each latent is active."""
        latent = torch.repeat_interleave(torch.arange(self.feature), self.counts)
        flat = latent * len(self.label_names) + self.label[self.row]
        return torch.bincount(flat, minlength=self.feature * len(self.label_names)).view(self.feature, -1)

    def best_for(self, name: str, k: int = 10) -> list[int]:
        """The k latents that tell one class from all others best, by the F1 score of "active" as a classifier."""
        if name not in self.label_names:
            raise ValueError(f'There is no class "{name}"; there are {", ".join(self.label_names)}.')
        index = self.label_names.index(name)
        hits = self.by_label()[:, index].float()
        f1 = 2 * hits / (self.counts + self.label_sizes[index])
        return f1.topk(min(k, self.feature)).indices.tolist()


@torch.no_grad()
def collect(sae: SAE, harvest: Harvest, name: str, labels: Sequence[str], *, batch_size: int = 1024) -> Activity:
    """Encode every token of a harvest.

    Args:
        name: the activation in the harvest that the SAE was trained on.
        labels: the class of each document.

    Raises:
        ValueError: not one label for each document.
    """
    documents = int(harvest.document.max()) + 1
    if len(labels) != documents:
        raise ValueError(f"There are {len(labels)} labels for {documents} documents; give one for each.")
    names = list(dict.fromkeys(labels))
    of_document = torch.tensor([names.index(label) for label in labels])
    latents, rows, values = [], [], []
    for begin in range(0, len(harvest), batch_size):
        f = sae.encode(harvest[name][begin : begin + batch_size].float())
        row, latent = f.nonzero(as_tuple=True)
        values.append(f[row, latent])
        rows.append(row + begin)
        latents.append(latent)
    latent, row, value = torch.cat(latents), torch.cat(rows), torch.cat(values)
    order = latent.argsort(stable=True)
    start = torch.cat([torch.zeros(1, dtype=torch.long), torch.bincount(latent, minlength=sae.feature).cumsum(0)])
    return Activity(harvest, of_document[harvest.document], names, row[order], value[order], start)
