"""How two features go together."""

import torch


def apart(one: torch.Tensor, other: torch.Tensor) -> torch.Tensor:
    """Mean distance of two features' values where both are active: 1/3 when they are independent, 0 when shared."""
    both = (one > 0) & (other > 0)
    return (one - other)[both].abs().mean() if both.any() else torch.tensor(-1.0)
