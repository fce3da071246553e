"""Wrong answers to saes.batch_topk that learners give, with the sentence to say for each."""

import torch

from mi_tutor.tutor.misconceptions import misconception, probe


@probe("saes.batch_topk")
def observe_batch_topk(batch_topk):
    """Rich and poor rows, large negative entries, ties, and the gradient."""
    pre = torch.tensor([[5.0, 4.0, 3.0, -9.0], [2.0, -1.0, 0.5, -6.0], [0.7, 0.3, -8.0, -2.0]])
    for k in (1, 2, 3):
        yield batch_topk(pre, k)
    tied = batch_topk(torch.tensor([[2.0, 1.0, 0.5], [1.0, 1.0, 1.0]]), 1)
    yield (tied != 0).sum()
    pre.requires_grad_()
    got = batch_topk(pre, 2)
    if got.requires_grad:
        got.sum().backward()
    yield pre.grad if got.requires_grad else "no gradient"


def _best(pre, n):
    values, places = pre.flatten().topk(n)
    return torch.zeros_like(pre.flatten()).scatter(0, places, values.relu()).view_as(pre)


@misconception(
    "saes.batch_topk",
    says=(
        "You keep k entries in every row. That is TopK: a row that holds a lot gets no more places than one that holds "
        "nothing."
    ),
)
def keeps_k_in_each_row(pre, k):
    values, places = pre.topk(k, dim=-1)
    return torch.zeros_like(pre).scatter(-1, places, values.relu())


@misconception(
    "saes.batch_topk",
    says="You keep k entries of the whole batch. k is a mean over rows: the batch has k places for each row.",
)
def keeps_k_in_all(pre, k):
    return _best(pre, k)


@misconception(
    "saes.batch_topk",
    says="You keep negative entries where there are places left. A latent is never negative.",
)
def keeps_negative_ones(pre, k):
    values, places = pre.flatten().topk(k * len(pre))
    return torch.zeros_like(pre.flatten()).scatter(0, places, values).view_as(pre)


@misconception(
    "saes.batch_topk",
    says=(
        "You choose the entries that are largest in size. Large negative ones take places, become 0, and positive ones "
        "are lost."
    ),
)
def chooses_by_size(pre, k):
    places = pre.abs().flatten().topk(k * len(pre)).indices
    kept = torch.zeros_like(pre.flatten())
    return kept.scatter(0, places, pre.flatten()[places].relu()).view_as(pre)


@misconception(
    "saes.batch_topk",
    says=(
        "You keep everything that is at least as large as the last entry that has a place. Where entries tie, that is "
        "more than rows · k of them."
    ),
)
def keeps_ties(pre, k):
    return pre.relu() * (pre >= pre.flatten().topk(k * len(pre)).values[-1])


@misconception(
    "saes.batch_topk",
    says="You have k places for each latent instead of each row. The number of places is rows · k.",
)
def a_place_for_each_latent(pre, k):
    return _best(pre, min(k * pre.shape[1], pre.numel()))


@misconception(
    "saes.batch_topk",
    says="No gradient flows through your latents to the pre-activations: an encoder could not be trained with them.",
)
def cuts_off_the_gradient(pre, k):
    return _best(pre.detach(), k * len(pre))
