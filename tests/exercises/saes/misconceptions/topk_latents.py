"""Wrong answers to saes.topk_latents that learners give, with the sentence to say for each."""

import torch

from mi_tutor.tutor.misconceptions import misconception, probe


@probe("saes.topk_latents")
def observe_topk_latents(topk_latents):
    """Large negative entries, rows with few positive ones, ties, and the gradient."""
    pre = torch.tensor([[3.0, 1.0, -1.0, -5.0], [2.0, -7.0, 0.5, 4.0], [-0.5, -1.0, -2.0, 0.2]])
    for k in (1, 2, 3):
        yield topk_latents(pre, k)
    tied = topk_latents(torch.tensor([[1.0, 1.0, 1.0, 0.5], [2.0, 1.0, 2.0, 2.0]]), 2)
    yield (tied != 0).sum(-1)
    pre.requires_grad_()
    got = topk_latents(pre, 2)
    if got.requires_grad:
        got.sum().backward()
    yield pre.grad if got.requires_grad else "no gradient"


@misconception(
    "saes.topk_latents",
    says=(
        "You keep the k largest, the negative ones among them too. A latent is never negative: a row with fewer than k "
        "positive entries has fewer than k latents."
    ),
)
def keeps_negative_entries(pre, k):
    values, places = pre.topk(k, dim=-1)
    return torch.zeros_like(pre).scatter(-1, places, values)


@misconception(
    "saes.topk_latents",
    says=(
        "You choose the k entries that are largest in size. A large negative entry then takes a place, the ReLU makes "
        "it 0, and a positive entry that would have been kept is lost."
    ),
)
def chooses_by_size(pre, k):
    places = pre.abs().topk(k, dim=-1).indices
    return torch.zeros_like(pre).scatter(-1, places, pre.gather(-1, places).relu())


@misconception(
    "saes.topk_latents",
    says=(
        "You choose the k entries that are largest in size and keep their signs, so that some of your latents are "
        "negative."
    ),
)
def chooses_by_size_and_keeps_the_sign(pre, k):
    places = pre.abs().topk(k, dim=-1).indices
    return torch.zeros_like(pre).scatter(-1, places, pre.gather(-1, places))


@misconception(
    "saes.topk_latents",
    says=(
        "You keep everything that is at least as large as the k-th entry. Where entries tie, that is more than k of "
        "them."
    ),
)
def keeps_ties(pre, k):
    return pre.relu() * (pre >= pre.topk(k, dim=-1).values[:, -1:])


@misconception(
    "saes.topk_latents",
    says=("You keep k rows for each latent. Sparsity is asked of a row: among its latents, k may be active."),
)
def chooses_rows_for_each_latent(pre, k):
    values, places = pre.topk(min(k, len(pre)), dim=0)
    return torch.zeros_like(pre).scatter(0, places, values.relu())


@misconception(
    "saes.topk_latents",
    says="Your latents say which entries are kept, not how large they are. A latent keeps its value.",
)
def returns_a_mask(pre, k):
    values, places = pre.topk(k, dim=-1)
    return torch.zeros_like(pre).scatter(-1, places, (values > 0).float())


@misconception(
    "saes.topk_latents",
    says="No gradient flows through your latents to the pre-activations: an encoder could not be trained with them.",
)
def cuts_off_the_gradient(pre, k):
    values, places = pre.detach().topk(k, dim=-1)
    return torch.zeros_like(pre).scatter(-1, places, values.relu())


@misconception(
    "saes.topk_latents",
    says="You keep what is larger than the k-th entry. The k-th is among the k largest and is lost.",
)
def loses_the_last_of_the_k(pre, k):
    return pre.relu() * (pre > pre.topk(k, dim=-1).values[:, -1:])
