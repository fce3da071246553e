"""Wrong answers to judging_saes.sparse_edit that learners give, with the sentence to say for each."""

import torch

from mi_tutor.tutor.misconceptions import misconception, probe


@probe("judging_saes.sparse_edit")
def observe_sparse_edit(sparse_edit):
    """Directions of many lengths, latents that appear and vanish, rows that need different latents."""
    x = torch.tensor([[10.0, 20.0], [0.0, 0.0], [1.0, -1.0]])
    latents = torch.tensor([[3.0, 0.0, 1.0, 0.2], [0.0, 2.0, 0.0, 4.0], [5.0, 1.0, 0.0, 0.0]])
    wanted = torch.tensor([[0.0, 2.0, 1.5, 0.2], [0.0, 1.0, 0.3, 3.9], [0.0, 1.4, 0.1, 0.6]])
    W_dec = torch.tensor([[1.0, 0.0], [0.0, 1.0], [6.0, 8.0], [2.0, -1.0]])
    for k in (1, 2):
        yield sparse_edit(x, latents, wanted, W_dec, k)


def _edited(x, change, W_dec, score, k):
    places = score.topk(k, dim=-1).indices
    return x + torch.zeros_like(change).scatter(-1, places, change.gather(-1, places)) @ W_dec


@misconception(
    "judging_saes.sparse_edit",
    says="You choose by the change of the latent alone. A small change along a long direction can write more.",
)
def ignores_the_lengths(x, latents, wanted, W_dec, k):
    change = wanted - latents
    return _edited(x, change, W_dec, change.abs(), k)


@misconception(
    "judging_saes.sparse_edit",
    says="Only latents that are to grow are chosen. Taking something out is a change as well.",
)
def chooses_what_grows(x, latents, wanted, W_dec, k):
    change = wanted - latents
    return _edited(x, change, W_dec, change * W_dec.norm(dim=-1), k)


@misconception(
    "judging_saes.sparse_edit",
    says="You choose the latents that are to be largest, not those that change most.",
)
def chooses_what_is_wanted_most(x, latents, wanted, W_dec, k):
    return _edited(x, wanted - latents, W_dec, wanted * W_dec.norm(dim=-1), k)


@misconception(
    "judging_saes.sparse_edit",
    says="All latents are changed with you. k of them may be.",
)
def changes_all(x, latents, wanted, W_dec, k):
    return x + (wanted - latents) @ W_dec


@misconception(
    "judging_saes.sparse_edit",
    says="One set of k latents serves all rows with you. Each row has k latents of its own.",
)
def one_set_for_all_rows(x, latents, wanted, W_dec, k):
    change = wanted - latents
    score = (change.abs() * W_dec.norm(dim=-1)).sum(0).expand(len(x), -1)
    return _edited(x, change, W_dec, score, k)


@misconception(
    "judging_saes.sparse_edit",
    says="You add the wanted values on top of the old ones. A latent is to have its wanted value: add the difference.",
)
def adds_on_top(x, latents, wanted, W_dec, k):
    change = wanted - latents
    places = (change.abs() * W_dec.norm(dim=-1)).topk(k, dim=-1).indices
    return x + torch.zeros_like(change).scatter(-1, places, wanted.gather(-1, places)) @ W_dec


@misconception(
    "judging_saes.sparse_edit",
    says="You weigh each change by the squared length of its direction. What is written grows with the length.",
)
def weighs_by_squared_lengths(x, latents, wanted, W_dec, k):
    change = wanted - latents
    return _edited(x, change, W_dec, change.abs() * W_dec.square().sum(-1), k)
