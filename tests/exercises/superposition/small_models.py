"""Models small enough to follow by hand."""

import math

import torch

from mi_tutor.tutor.judge import seeded


def random_model(seed: int, instance: int = 3, hidden: int = 2, feature: int = 4) -> tuple[torch.Tensor, torch.Tensor]:
    generator = seeded(seed)
    W = torch.randn(instance, hidden, feature, generator=generator)
    return W, 0.5 * torch.randn(instance, feature, generator=generator)


def polygon(corners: int, norm: float = 1.0) -> torch.Tensor:
    angles = 2 * math.pi * torch.arange(corners) / corners
    return norm * torch.stack([angles.cos(), angles.sin()])[None]
