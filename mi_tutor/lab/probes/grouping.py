"""Groups: rows that know of each other, such as the cities of a country. They are split, and drawn, as a whole."""

from collections.abc import Callable, Sequence

import torch
from jaxtyping import Int
from torch import Tensor


def folds(groups: Sequence | Int[Tensor, "row"], n: int = 5, seed: int = 0) -> Int[Tensor, "row"]:
    """Parts 0 to n - 1 of about equal size; the rows of a group are in one part.

    The groups go from the largest to the smallest, those of one size in random order, each into the part that is
    smallest by then.

    Raises:
        ValueError: fewer groups than parts, or fewer than two parts.
    """
    index = group_index(groups)
    sizes = index.bincount()
    if not 2 <= n <= len(sizes):
        raise ValueError(f"There are {len(sizes)} groups: choose 2 to {len(sizes)} parts, not {n}.")
    order = torch.randperm(len(sizes), generator=torch.Generator().manual_seed(seed))
    order = order[sizes[order].argsort(descending=True, stable=True)]
    part, filled = torch.empty_like(sizes), [0] * n
    for group in order.tolist():
        part[group] = filled.index(min(filled))
        filled[int(part[group])] += int(sizes[group])
    return part[index]


def group_index(groups: Sequence | Int[Tensor, "row"]) -> Int[Tensor, "row"]:
    """Groups of any kind (names of countries, numbers) as numbers from 0, in the order in which they first occur."""
    listed = groups.tolist() if isinstance(groups, Tensor) else list(groups)
    number = {group: index for index, group in enumerate(dict.fromkeys(listed))}
    return torch.tensor([number[group] for group in listed])


def group_interval(
    statistic: Callable[[Int[Tensor, "draw"]], float | Tensor],
    groups: Sequence | Int[Tensor, "row"],
    n: int = 500,
    level: float = 0.9,
    seed: int = 0,
) -> tuple[float | Tensor, float | Tensor]:
    """How far would a number move with other groups of the same kind? The percentile bootstrap over whole groups.

    What was fitted is held fixed: the interval tells of the choice of test groups, not of the training.

    Args:
        statistic: a function of row indices (a row can come several times) that gives a number, or a tensor of numbers
            that are to be judged on the same draws (a curve over stages).
        n: how many samples to draw, each of as many groups as there are.
        level: the share of the samples that the interval holds.

    Returns:
        (low, high), numbers or tensors as the statistic is.
    """
    index = group_index(groups)
    members = [torch.nonzero(index == group).flatten() for group in range(int(index.max()) + 1)]
    generator = torch.Generator().manual_seed(seed)
    values = []
    for _ in range(n):
        drawn = torch.randint(len(members), (len(members),), generator=generator)
        values.append(
            torch.as_tensor(statistic(torch.cat([members[group] for group in drawn.tolist()])), dtype=torch.float64)
        )
    low, high = torch.stack(values).quantile(
        torch.tensor([(1 - level) / 2, (1 + level) / 2], dtype=torch.float64), dim=0
    )
    return (low, high) if low.ndim else (float(low), float(high))
