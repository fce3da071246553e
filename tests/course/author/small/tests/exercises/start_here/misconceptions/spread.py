"""Wrong answers to start_here.spread."""

import torch

from mi_tutor.tutor.misconceptions import misconception, probe


@probe("start_here.spread")
def observe_spread(spread):
    """Values whose first is not the smallest, and a floor that counts."""
    yield spread(torch.tensor([2.0, 1.0, 5.0]), 0.5)
    yield spread(torch.tensor([2.0, 2.0]), 0.5)


@misconception("start_here.spread", says="You forget the floor: an answer may not be below it.")
def forgets_the_floor(values, floor):
    return float(values.max() - values.min())


@misconception("start_here.spread", says="You start at the first value, and that need not be the smallest.")
def starts_at_the_first(values, floor):
    return max(float(values.max() - values[0]), floor)
