"""Chapter 00: a small chapter for the course's tests of `author`. It is never shown to learners."""

import torch
from jaxtyping import Float
from torch import Tensor

from mi_tutor import exercise


@exercise
def spread(values: Float[Tensor, " batch"], floor: float) -> float:
    """The distance between the largest and the smallest value, at least `floor`.

    Args:
        values: one number for each example.
        floor: the smallest answer.

    Returns:
        The distance, in the unit of the values.

    Raises:
        ValueError: there are no values.
    """
    # solution
    if len(values) == 0:
        raise ValueError("spread needs at least one value")
    distance = float(values.max() - values.min())
    return max(distance, floor)


@exercise
def centre(values: Float[Tensor, "batch feature"]) -> Float[Tensor, "batch feature"]:
    """The values without their mean over the batch.

    Args:
        values: one row for each example.

    Returns:
        The same shape; each feature has mean zero over the batch. Source: any textbook, 1950.
    """
    # solution
    return values - values.mean(dim=0)


def as_column(values: Float[Tensor, " batch"]) -> Float[Tensor, "batch 1"]:
    """A finished helper: the values as one column."""
    return torch.stack([values], dim=1)
