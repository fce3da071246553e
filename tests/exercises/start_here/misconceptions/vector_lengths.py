"""Wrong answers to start_here.vector_lengths that learners give, with the sentence to say for each."""

import torch
from einops import reduce

from mi_tutor.tutor.misconceptions import misconception, probe


@probe("start_here.vector_lengths")
def observe_vector_lengths(vector_lengths):
    """Three positions, four numbers each, one of them negative: every recorded mistake shows. Then the input."""
    resid = torch.tensor([[[3.0, -4.0, 0.5, 1.0], [1.0, 2.0, 2.0, 7.0], [0.3, 5.0, -1.0, 2.0]]])
    yield vector_lengths(resid)
    yield resid


@misconception(
    "start_here.vector_lengths",
    says="You have the sum of the squares. The length is its square root; without it a vector twice as long counts "
    "four times.",
)
def forgets_the_root(resid):
    return reduce(resid**2, "batch pos d_model -> batch pos", "sum")


@misconception(
    "start_here.vector_lengths",
    says="You summed along the positions, so the vectors of different words are mixed and one number is left for each "
    "dimension. The question is about each position: which axis may disappear?",
)
def sums_along_positions(resid):
    return reduce(resid**2, "batch pos d_model -> batch d_model", "sum").sqrt()


@misconception(
    "start_here.vector_lengths",
    says="You took the mean of the squares. That is the root mean square, a sensible measure, but it does not grow "
    "with the number of dimensions. The length adds the squares up.",
)
def root_mean_square(resid):
    return reduce(resid**2, "batch pos d_model -> batch pos", "mean").sqrt()


@misconception(
    "start_here.vector_lengths",
    says="You added the numbers without their signs. That is another measure (the L1 norm): [3, 4] gives 7 instead of "
    "5. It also happens when each square gets its own root before the sum: add first, then take one root a vector.",
)
def sums_absolute_values(resid):
    return resid.abs().sum(dim=-1)


@misconception(
    "start_here.vector_lengths",
    says="The lengths are right, but you squared the numbers of the tensor that was passed in. `resid **= 2` changes "
    "it in place, so whoever uses it next has squares. `squares` is a new tensor; work with that.",
)
def squares_in_place(resid):
    resid **= 2
    return reduce(resid, "batch pos d_model -> batch pos", "sum").sqrt()
