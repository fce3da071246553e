"""Wrong answers to circuits.induction_head that learners give, with the sentence to say for each."""

import torch

from mi_tutor.lab.organisms import Spaces
from mi_tutor.tutor.misconceptions import misconception, probe

from .wired_by_hand import empty, observe_head, streams


@probe("circuits.induction_head")
def observe_induction_head(induction_head):
    """Scores and outputs on a text with repeats, with the previous token already noted."""
    spaces = Spaces(vocabulary=4, context=6)
    _, stream = streams(spaces, [0, 2, 1, 3, 2, 1])
    yield from observe_head(induction_head(spaces, 5.0), stream)


def _token_head(spaces, strength, query="token", key="previous", value="token", target="next"):
    W_Q, W_K, W_V, W_O = empty(spaces)
    v = spaces.vocabulary
    W_Q[getattr(spaces, query), :v] = strength * torch.eye(v)
    W_K[getattr(spaces, key), :v] = torch.eye(v)
    W_V[getattr(spaces, value), :v] = torch.eye(v)
    W_O[:v, getattr(spaces, target)] = torch.eye(v)
    return W_Q, W_K, W_V, W_O


@misconception(
    "circuits.induction_head",
    says=(
        "Your keys show the token that stands there. Then the head looks at earlier places of the same token: a "
        "duplicate-token head. What it would copy is the token itself, not what followed."
    ),
)
def looks_at_duplicates(spaces, strength):
    return _token_head(spaces, strength * spaces.d_head**0.5, key="token")


@misconception(
    "circuits.induction_head",
    says=(
        "Query and key are exchanged: your query asks with its previous token for positions that hold it. The head "
        "then looks at an earlier place of the token before this one, one position too early."
    ),
)
def exchanges_query_and_key(spaces, strength):
    return _token_head(spaces, strength * spaces.d_head**0.5, query="previous", key="token")


@misconception(
    "circuits.induction_head",
    says=(
        "Your head copies the *previous* token of the place it looks at. That is the token that the query already has. "
        "To predict, copy the token that stands there."
    ),
)
def copies_the_previous_token(spaces, strength):
    return _token_head(spaces, strength * spaces.d_head**0.5, value="previous")


@misconception(
    "circuits.induction_head",
    says="Your head writes into `spaces.token`. The unembedding reads `spaces.next` only, so nothing is predicted.",
)
def writes_where_nobody_reads(spaces, strength):
    return _token_head(spaces, strength * spaces.d_head**0.5, target="token")


@misconception(
    "circuits.induction_head",
    says=(
        "Your scores come out too small by the square root of d_head. The model divides by it after the product of "
        "query and key; the weights have to make up for that."
    ),
)
def forgets_to_make_up_for_the_division(spaces, strength):
    return _token_head(spaces, strength)


@misconception(
    "circuits.induction_head",
    says=(
        "The strength stands in the queries and in the keys, so scores hold it squared. A score is a product of the "
        "two: it belongs into one."
    ),
)
def puts_strength_in_twice(spaces, strength):
    W_Q, W_K, W_V, W_O = _token_head(spaces, strength * spaces.d_head**0.5)
    return W_Q, strength * W_K, W_V, W_O
