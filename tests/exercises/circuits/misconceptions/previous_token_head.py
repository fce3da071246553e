"""Wrong answers to circuits.previous_token_head that learners give, with the sentence to say for each."""

import torch

from mi_tutor.lab.organisms import Spaces
from mi_tutor.tutor.misconceptions import misconception, probe

from .wired_by_hand import empty, observe_head, streams


@probe("circuits.previous_token_head")
def observe_previous_token_head(previous_token_head):
    """Scores and outputs on a text with repeats."""
    spaces = Spaces(vocabulary=4, context=6)
    stream, _ = streams(spaces, [0, 2, 1, 3, 2, 1])
    yield from observe_head(previous_token_head(spaces, 5.0), stream)


def _position_head(spaces, strength, asks, target="previous"):
    W_Q, W_K, W_V, W_O = empty(spaces)
    n, v = spaces.context, spaces.vocabulary
    W_Q[spaces.position, :n] = strength * asks
    W_K[spaces.position, :n] = torch.eye(n)
    W_V[spaces.token, :v] = torch.eye(v)
    W_O[:v, getattr(spaces, target)] = torch.eye(v)
    return W_Q, W_K, W_V, W_O


@misconception(
    "circuits.previous_token_head",
    says=(
        "Position p asks for position p + 1. The future is masked, so in a model your head would find nothing and "
        "spread its attention. Row p of the query matrix belongs to position p: which column is p - 1?"
    ),
)
def asks_for_the_next_position(spaces, strength):
    return _position_head(spaces, strength * spaces.d_head**0.5, torch.diag(torch.ones(spaces.context - 1), 1))


@misconception(
    "circuits.previous_token_head",
    says="Every position asks for itself. One of the two matrices must be shifted by one.",
)
def asks_for_itself(spaces, strength):
    return _position_head(spaces, strength * spaces.d_head**0.5, torch.eye(spaces.context))


@misconception(
    "circuits.previous_token_head",
    says=(
        "Your scores come out too small by the square root of d_head. The model divides by it after the product of "
        "query and key; the weights have to make up for that."
    ),
)
def forgets_the_division(spaces, strength):
    return _position_head(spaces, strength, torch.diag(torch.ones(spaces.context - 1), -1))


@misconception(
    "circuits.previous_token_head",
    says=(
        "Your head writes into `spaces.token`. There the previous token lies on top of the present one, and nobody "
        "can tell afterwards which is which. A subspace of its own is waiting for it."
    ),
)
def overwrites_the_token(spaces, strength):
    asks = torch.diag(torch.ones(spaces.context - 1), -1)
    return _position_head(spaces, strength * spaces.d_head**0.5, asks, target="token")


@misconception(
    "circuits.previous_token_head",
    says=(
        "Your head writes into `spaces.next`, which the unembedding reads. It would predict the previous token again "
        "and leave nothing for the induction head's keys to read."
    ),
)
def writes_a_prediction(spaces, strength):
    asks = torch.diag(torch.ones(spaces.context - 1), -1)
    return _position_head(spaces, strength * spaces.d_head**0.5, asks, target="next")


@misconception(
    "circuits.previous_token_head",
    says="You shifted both W_Q and W_K. The two shifts cancel, and a position finds itself. Shift one of them only.",
)
def shifts_both_matrices(spaces, strength):
    shift = torch.diag(torch.ones(spaces.context - 1), -1)
    W_Q, W_K, W_V, W_O = _position_head(spaces, strength * spaces.d_head**0.5, shift)
    W_K[spaces.position, : spaces.context] = shift
    return W_Q, W_K, W_V, W_O


@misconception(
    "circuits.previous_token_head",
    says=(
        "Your values are read from `spaces.position`, so the head notes where it looked and not which token stands "
        "there."
    ),
)
def copies_the_position(spaces, strength):
    asks = torch.diag(torch.ones(spaces.context - 1), -1)
    W_Q, W_K, W_V, W_O = _position_head(spaces, strength * spaces.d_head**0.5, asks)
    n = min(spaces.context, spaces.d_head)
    W_V.zero_()
    W_V[spaces.position, :n] = torch.eye(n)
    return W_Q, W_K, W_V, W_O


@misconception(
    "circuits.previous_token_head",
    says=(
        "The strength stands in the queries and in the keys, so scores hold it squared. A score is a product of the "
        "two: it belongs into one."
    ),
)
def puts_strength_into_queries_and_keys(spaces, strength):
    asks = torch.diag(torch.ones(spaces.context - 1), -1)
    W_Q, W_K, W_V, W_O = _position_head(spaces, strength * spaces.d_head**0.5, asks)
    return W_Q, strength * W_K, W_V, W_O


@misconception(
    "circuits.previous_token_head",
    says=(
        "You shifted both W_Q and W_K, against each other, so a position finds the one two places before it. Shift "
        "one of them only."
    ),
)
def shifts_them_apart(spaces, strength):
    asks = torch.diag(torch.ones(spaces.context - 1), -1)
    W_Q, W_K, W_V, W_O = _position_head(spaces, strength * spaces.d_head**0.5, asks)
    W_K[spaces.position, : spaces.context] = asks.T
    return W_Q, W_K, W_V, W_O
