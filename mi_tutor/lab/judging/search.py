"""Search for what carries a property: a subspace, or a mask over the latents of any dictionary, by gradient descent.

The same pairs, the same loss, the same number of steps for all. What is searched differs: DAS may turn its subspace
freely; a mask can only take latents that its dictionary has. A mask starts as one half everywhere and is pressed
towards 0 and 1 by a temperature that falls (Chaudhary and Geiger 2024 search masks in this way as well).
"""

from collections.abc import Callable

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from mi_tutor.lab.judging.cities import QUESTIONS, CityTask, Pairs
from mi_tutor.lab.progress import progress_bar


def subspace(task: CityTask, target: str, dimensions: int, *, steps: int, lr: float = 0.005, size: int = 12):
    """An orthonormal basis [d_model dimensions], trained; it starts from the first principal components. Also the losses."""
    seen = task.x[~task.test]
    free = torch.linalg.svd(seen - seen.mean(0), full_matrices=False).Vh[:dimensions].T.contiguous().requires_grad_()

    def change(pairs: Pairs, progress: float):
        basis = torch.linalg.qr(free).Q
        base = task.x[pairs.base]
        return base + (task.x[pairs.source] - base) @ basis @ basis.T

    losses = _descend(task, target, [free], change, steps=steps, lr=lr, size=size)
    return torch.linalg.qr(free.detach()).Q, losses


def mask(
    task: CityTask,
    target: str,
    latents: Float[Tensor, "city feature"],
    W_dec: Float[Tensor, "feature d_model"],
    *,
    steps: int,
    lr: float = 0.2,
    size: int = 12,
    last_temperature: float = 0.1,
) -> tuple[Bool[Tensor, " feature"], list[float]]:
    """Which latents to take from the source. What the dictionary misses of the base stays."""
    free = torch.zeros(latents.shape[1]).requires_grad_()

    def change(pairs: Pairs, progress: float):
        soft = torch.sigmoid(free / last_temperature**progress)
        difference = latents[pairs.source] - latents[pairs.base]
        return task.x[pairs.base] + (soft * difference) @ W_dec

    losses = _descend(task, target, [free], change, steps=steps, lr=lr, size=size)
    return free.detach() > 0, losses


def _descend(
    task: CityTask, target: str, parameters: list[Tensor], change: Callable, *, steps, lr, size
) -> list[float]:
    """Adam on the cross-entropy of both questions: the target's answer is the source's, the other's the base's."""
    optimizer = torch.optim.Adam(parameters, lr=lr)
    count, edge = len(task.names), len(task.countries)
    right = [task.right["country"], edge + task.right["continent"]]  # as columns of the site's answers
    losses = []
    for step in progress_bar(range(steps), f"Searching for the {target}"):
        pairs = task.pairs(size, test=False, seed=1 + step)
        wanted = [
            answer[pairs.source if q == target else pairs.base] for q, answer in zip(QUESTIONS, right, strict=True)
        ]
        with torch.enable_grad():
            x = change(pairs, step / max(1, steps - 1))
            logits = task.site.readout(torch.cat([pairs.base, pairs.base + count]))(torch.cat([x, x]))
            loss = torch.nn.functional.cross_entropy(logits, torch.cat(wanted))
            optimizer.zero_grad()
            loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses
