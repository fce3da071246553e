"""Wrong answers to circuits.head_outputs that learners give, with the sentence to say for each."""

import torch

from mi_tutor.tutor.judge import seeded
from mi_tutor.tutor.misconceptions import misconception, probe


@probe("circuits.head_outputs")
def observe_head_outputs(head_outputs):
    """Two heads with square output matrices, d_model = head × d_head in the second."""
    z = torch.tensor([[[[1.0, 10.0], [2.0, -1.0]]]])
    yield head_outputs(z, torch.tensor([[[1.0, 2.0], [3.0, 5.0]], [[0.5, 1.0], [4.0, -2.0]]]))
    draw = seeded()
    yield head_outputs(torch.randn(1, 2, 2, 2, generator=draw), torch.randn(2, 2, 4, generator=draw))


@misconception(
    "circuits.head_outputs",
    says=(
        "You read W_O the other way round where it is square: your result multiplies z with the rows of d_model. Name "
        "the axes, and d_head is the one that is summed away."
    ),
)
def turns_the_matrix(z, W_O):
    if W_O.shape[1] != W_O.shape[2]:
        return torch.einsum("bphd,hdm->bphm", z, W_O)
    return torch.einsum("bphd,hmd->bphm", z, W_O)


@misconception(
    "circuits.head_outputs",
    says=(
        "You add the heads' output matrices up before you use them. Then each head writes through the matrices of all "
        "the others too. Head h goes through W_O[h] alone."
    ),
)
def mixes_the_matrices(z, W_O):
    return torch.einsum("bphd,gdm->bphm", z, W_O)


@misconception(
    "circuits.head_outputs",
    says=(
        "You cut the layer's output into slices and give each head one. Heads own slices of z, not of the residual "
        "stream: after W_O each may have written into every dimension."
    ),
)
def slices_the_output(z, W_O):
    whole = torch.einsum("bphd,hdm->bpm", z, W_O)
    head = W_O.shape[0]
    result = torch.zeros(*z.shape[:3], W_O.shape[2])
    for h, part in enumerate(torch.arange(W_O.shape[2]).tensor_split(head)):
        result[:, :, h, part] = whole[..., part]
    return result


@misconception(
    "circuits.head_outputs",
    says="You give every head the output of the whole layer. The sum over heads is then far too large.",
)
def the_whole_layer_for_each(z, W_O):
    return torch.einsum("bphd,hdm->bpm", z, W_O)[:, :, None].expand(-1, -1, W_O.shape[0], -1).clone()
