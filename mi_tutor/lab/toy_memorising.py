"""A toy model trained on few fixed samples: it memorises them, as in Henighan et al. 2023 ("Double Descent")."""

from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from mi_tutor.lab.toy_training import one_thread


@dataclass(frozen=True)
class Memorised:
    """A trained model with its errors (mean over samples of the summed squared error)."""

    W: Float[Tensor, "hidden feature"]
    hidden: Float[Tensor, "hidden batch"]  # the training samples in the hidden space
    train_loss: float
    test_loss: float


def memorise(
    batch: int, *, feature: int = 200, hidden: int = 2, density: float = 0.02, steps: int = 2000, seed: int = 0
) -> Memorised:
    """Train the ReLU output model on `batch` fixed samples of norm 1, with AdamW (weight decay 0.01).

    Args:
        batch: number of training samples (T in the paper).
        density: probability that a feature is active.
        steps: number of steps; the learning rate rises to 0.005 and falls linearly to zero. At most 300 of the samples
            are used in one step.
    """
    generator = torch.Generator().manual_seed(seed)
    x, fresh = _samples(batch, feature, density, generator), _samples(2000, feature, density, generator)
    W = (torch.randn(hidden, feature, generator=generator) / feature**0.5).requires_grad_()
    b = torch.zeros(feature, requires_grad=True)
    optimizer = torch.optim.AdamW([W, b], lr=5e-3, weight_decay=1e-2)
    with one_thread():
        for number in range(steps):
            optimizer.param_groups[0]["lr"] = 5e-3 * min(1, number / 200) * (1 - number / steps)
            some = x if batch <= 300 else x[torch.randint(batch, (300,), generator=generator)]
            loss = _error(some, W, b)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        with torch.no_grad():
            return Memorised(W.detach(), (x @ W.T).T, float(_error(x, W, b)), float(_error(fresh, W, b)))


def _samples(batch: int, feature: int, density: float, generator: torch.Generator) -> Float[Tensor, "batch feature"]:
    x = torch.rand(batch, feature, generator=generator)
    x = x * (torch.rand(batch, feature, generator=generator) < density)
    return torch.nn.functional.normalize(x, dim=1)


def _error(x: Tensor, W: Tensor, b: Tensor) -> Tensor:
    return (x - (x @ W.T @ W + b).relu()).pow(2).sum(1).mean()
