"""Kernels that are zero but for a few weights."""

import torch


def only(*places: tuple[int, int, float]) -> torch.Tensor:
    """A 3 × 3 kernel with these (row, column, value) and zeros elsewhere."""
    kernel = torch.zeros(3, 3)
    for row, column, value in places:
        kernel[row, column] = value
    return kernel
