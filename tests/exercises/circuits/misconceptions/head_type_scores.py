"""Wrong answers to circuits.head_type_scores that learners give, with the sentence to say for each."""

import torch

from mi_tutor.tutor.judge import seeded
from mi_tutor.tutor.misconceptions import misconception, probe


@probe("circuits.head_type_scores")
def observe_head_type_scores(head_type_scores):
    """A random causal pattern for several texts and heads."""
    n = 5
    pattern = torch.rand(3, 2, 2 * n + 1, 2 * n + 1, generator=seeded()).tril()
    pattern = pattern / pattern.sum(dim=-1, keepdim=True)
    scores = head_type_scores(pattern, n)
    for name in ("previous token", "duplicate token", "induction"):
        yield scores[name]


def _type_scores(pattern, query, keys):
    return {name: pattern[:, :, query, key].mean(dim=(0, 2)) for name, key in keys.items()}


@misconception(
    "circuits.head_type_scores",
    says=(
        "Your induction score looks one position too early, at the earlier place of the same token. A head that looks "
        "there is a duplicate-token head. An induction head looks at what came *after* it."
    ),
)
def induction_one_too_early(pattern, n):
    q = torch.arange(n + 1, 2 * n + 1)
    return _type_scores(pattern, q, {"previous token": q - 1, "duplicate token": q - n, "induction": q - n})


@misconception(
    "circuits.head_type_scores",
    says=(
        "Your induction score looks at the position before the earlier place of the token. Moving forward in the text "
        "makes the index larger: q - n is the earlier place, and the one after it is...?"
    ),
)
def induction_on_the_wrong_side(pattern, n):
    q = torch.arange(n + 1, 2 * n + 1)
    return _type_scores(pattern, q, {"previous token": q - 1, "duplicate token": q - n, "induction": q - n - 1})


@misconception(
    "circuits.head_type_scores",
    says=(
        "You average over the whole diagonal of the pattern. Its first entries are queries of the first copy, which "
        "have no earlier copy to find. Only queries from n + 1 to 2n count."
    ),
)
def takes_whole_diagonals(pattern, n):
    offsets = {"previous token": 1, "duplicate token": n, "induction": n - 1}
    return {name: pattern.diagonal(-back, dim1=-2, dim2=-1).mean(dim=(0, 2)) for name, back in offsets.items()}


@misconception(
    "circuits.head_type_scores",
    says=(
        "You forget the start mark: it stands at position 0, so the first copy is at 1 to n and the second at n + 1 to "
        "2n. Your queries begin one position too early and miss the last one."
    ),
)
def forgets_the_start_mark(pattern, n):
    q = torch.arange(n, 2 * n)
    return _type_scores(pattern, q, {"previous token": q - 1, "duplicate token": q - n, "induction": q - n + 1})


@misconception(
    "circuits.head_type_scores",
    says=(
        "You swap query and key: the last axis is where the head looks, the one before it is where it looks from. "
        "Attention from the past to the future is masked, so your scores are nearly all 0."
    ),
)
def swaps_query_and_key(pattern, n):
    q = torch.arange(n + 1, 2 * n + 1)
    keys = {"previous token": q - 1, "duplicate token": q - n, "induction": q - n + 1}
    return {name: pattern[:, :, key, q].mean(dim=(0, 2)) for name, key in keys.items()}


@misconception(
    "circuits.head_type_scores",
    says="You add up over texts and queries. A score is a mean attention, so it lies between 0 and 1.",
)
def sums_over_texts_and_queries(pattern, n):
    q = torch.arange(n + 1, 2 * n + 1)
    keys = {"previous token": q - 1, "duplicate token": q - n, "induction": q - n + 1}
    return {name: pattern[:, :, q, key].sum(dim=(0, 2)) for name, key in keys.items()}


@misconception(
    "circuits.head_type_scores",
    says="Your queries begin at the second token of the second copy. Here all n count, from n + 1 on.",
)
def leaves_out_the_first_query(pattern, n):
    q = torch.arange(n + 2, 2 * n + 1)
    return _type_scores(pattern, q, {"previous token": q - 1, "duplicate token": q - n, "induction": q - n + 1})


@misconception(
    "circuits.head_type_scores",
    says="The last query is missing. The end of torch.arange does not belong to it, and position 2n counts.",
)
def leaves_out_the_last_query(pattern, n):
    q = torch.arange(n + 1, 2 * n)
    return _type_scores(pattern, q, {"previous token": q - 1, "duplicate token": q - n, "induction": q - n + 1})
