"""Wrong answers to start_here.centre."""

import torch

from mi_tutor.tutor.misconceptions import misconception, probe


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
