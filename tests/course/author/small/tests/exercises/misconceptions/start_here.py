"""Wrong answers to the small chapter."""

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


@probe("start_here.centre")
def observe_centre(centre):
    """More rows than columns, means that differ."""
    yield centre(torch.tensor([[1.0, 2.0], [3.0, 8.0], [5.0, 2.0]]))


@misconception("start_here.centre", says="You take the mean of each row. The mean over the batch is one per feature.")
def centres_rows(values):
    return values - values.mean(dim=1, keepdim=True)


@misconception("start_here.centre", says="You take one mean over everything, so features with other means keep theirs.")
def centres_everything(values):
    return values - values.mean()
