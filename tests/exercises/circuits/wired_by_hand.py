"""A text, and what the two heads of the hand-wired induction circuit read and make of it."""

import torch

from mi_tutor.lab import organisms
from mi_tutor.lab.organisms.by_hand import Spaces, embedding, positions, unembedding

SPACES = Spaces(vocabulary=5, context=7)
TEXT = torch.tensor([0, 3, 1, 4, 3, 1])  # BOS, then tokens; 3 1 comes twice; short, so that scores are shown whole


def axis(space: slice, index: int) -> torch.Tensor:
    """The vector with 1 on one axis of a subspace."""
    vector = torch.zeros(SPACES.d_model)
    vector[space.start + index] = 1.0
    return vector


def entering_layer_0() -> torch.Tensor:
    return torch.stack([axis(SPACES.token, t) + axis(SPACES.position, p) for p, t in enumerate(TEXT.tolist())])


def scores_of(stream: torch.Tensor, W_Q: torch.Tensor, W_K: torch.Tensor) -> torch.Tensor:
    """Attention scores as the model computes them: [query key], a later key left in."""
    return (stream @ W_Q) @ (stream @ W_K).T / W_Q.shape[1] ** 0.5


def whole_model(first: tuple, second: tuple, spaces: Spaces):
    """Two layers of one head each: the given weights, the lab's embeddings."""
    parts = [[[one], [two]] for one, two in zip(first, second, strict=True)]
    return organisms.assemble(
        W_E=embedding(spaces),
        W_pos=positions(spaces),
        W_Q=parts[0],
        W_K=parts[1],
        W_V=parts[2],
        W_O=parts[3],
        W_U=unembedding(spaces),
    )
