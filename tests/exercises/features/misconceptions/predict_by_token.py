"""Wrong answers to features.predict_by_token that learners give, with the sentence to say for each."""

import torch

from mi_tutor.tutor.misconceptions import misconception, probe


@probe("features.predict_by_token")
def observe_predict_by_token(predict_by_token):
    """Repeated, rare and unseen tokens, with unequal counts."""
    tokens = torch.tensor([5, 2, 5, 9, 2, 5])
    acts = torch.tensor([[1.0, 0.5], [4.0, 2.0], [7.0, 0.0], [-1.0, 8.0], [6.5, 2.0], [6.0, 6.0]])
    yield predict_by_token(tokens, acts, torch.tensor([2, 9, 5, 7, 30, 0]))


def table_of(tokens, acts):
    return {int(t): acts[tokens == t].mean(0) for t in tokens.unique()}


@misconception(
    "features.predict_by_token",
    says=(
        "An unseen token is predicted to be 0. You have not measured that; the best guess without an entry is the "
        "mean over all training positions."
    ),
)
def predicts_zero_for_unseen(train_tokens, train_acts, test_tokens):
    table = table_of(train_tokens, train_acts)
    zero = torch.zeros(train_acts.shape[1])
    return torch.stack([table.get(int(t), zero) for t in test_tokens])


@misconception(
    "features.predict_by_token",
    says=(
        "For unseen tokens you average the table's entries. That gives a rare token as much weight as a frequent "
        "one; average over positions."
    ),
)
def falls_back_to_the_mean_of_entries(train_tokens, train_acts, test_tokens):
    table = table_of(train_tokens, train_acts)
    fallback = torch.stack(list(table.values())).mean(0)
    return torch.stack([table.get(int(t), fallback) for t in test_tokens])


@misconception(
    "features.predict_by_token",
    says=(
        "Your table keeps one activation per token, the last one seen. An entry should be the mean over all "
        "positions with that token."
    ),
)
def keeps_the_last(train_tokens, train_acts, test_tokens):
    table = {int(t): act for t, act in zip(train_tokens, train_acts, strict=True)}
    fallback = train_acts.mean(0)
    return torch.stack([table.get(int(t), fallback) for t in test_tokens])


@misconception(
    "features.predict_by_token",
    says="Your table holds sums. Frequent tokens get huge predictions; divide by how often the token occurred.",
)
def sums_instead_of_means(train_tokens, train_acts, test_tokens):
    table = {int(t): train_acts[train_tokens == t].sum(0) for t in train_tokens.unique()}
    fallback = train_acts.mean(0)
    return torch.stack([table.get(int(t), fallback) for t in test_tokens])


@misconception(
    "features.predict_by_token",
    says=(
        "Your table keeps the highest activation of each token. That describes the neuron at its peak; the best "
        "prediction in squared error is the mean."
    ),
)
def keeps_the_maximum(train_tokens, train_acts, test_tokens):
    table = {int(t): train_acts[train_tokens == t].amax(0) for t in train_tokens.unique()}
    fallback = train_acts.mean(0)
    return torch.stack([table.get(int(t), fallback) for t in test_tokens])


@misconception(
    "features.predict_by_token",
    says=(
        "For a token that has no entry you take the row of the next token in the table. searchsorted says where a "
        "token would stand, not whether it is there."
    ),
)
def takes_a_neighbours_row(train_tokens, train_acts, test_tokens):
    ids = train_tokens.unique()
    table = torch.stack([train_acts[train_tokens == token].mean(0) for token in ids])
    return table[torch.searchsorted(ids, test_tokens).clamp_max(len(ids) - 1)]
