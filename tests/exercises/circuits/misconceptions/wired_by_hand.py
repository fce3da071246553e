"""Runs the heads that learners wire by hand."""

import torch


def streams(spaces, tokens):
    """What enters layer 0 and layer 1 of a perfect model, for a text."""
    stream = torch.zeros(len(tokens), spaces.d_model)
    for p, token in enumerate(tokens):
        stream[p, spaces.token.start + token] = 1
        stream[p, spaces.position.start + p] = 1
    with_previous = stream.clone()
    for p in range(1, len(tokens)):
        with_previous[p, spaces.previous.start + tokens[p - 1]] = 1
    return stream, with_previous


def observe_head(weights, stream):
    W_Q, W_K, W_V, W_O = weights
    yield ((stream @ W_Q) @ (stream @ W_K).T / W_Q.shape[1] ** 0.5).tril()
    yield stream @ W_V @ W_O


def empty(spaces):
    into, out = torch.zeros(spaces.d_model, spaces.d_head), torch.zeros(spaces.d_head, spaces.d_model)
    return into.clone(), into.clone(), into, out
