"""Checks of circuits.head_outputs: What does each head write?"""

import pytest
import torch

from mi_tutor.exercises import circuits
from mi_tutor.tutor.judge import same, seeded

HEAD_Z = torch.tensor([[[[1.0, 2.0], [0.0, 3.0]]]])  # one text, one position, two heads of two numbers
HEAD_W_O = torch.tensor([[[1.0, 0.0, 5.0, -1.0], [0.0, 1.0, 0.0, 2.0]], [[1.0, 1.0, 1.0, 1.0], [2.0, 0.0, -1.0, 4.0]]])


@pytest.mark.exercise("circuits.head_outputs")
def test_two_heads_by_hand():
    """Head 0 writes 1 · its first row + 2 · its second row; head 1 writes 3 · its second row."""
    same(
        circuits.head_outputs(HEAD_Z, HEAD_W_O),
        torch.tensor([[[[1.0, 2.0, 5.0, 3.0], [6.0, 0.0, -3.0, 12.0]]]]),
        given={"z": HEAD_Z, "W_O": HEAD_W_O},
        teach="Each head has its own matrix, and it may write into every one of the d_model dimensions.",
    )


@pytest.mark.exercise("circuits.head_outputs")
def test_square_output_matrices_keep_their_orientation():
    """W_O is head × d_head × d_model, also where d_head equals d_model."""
    z, w = torch.tensor([[[[1.0, 10.0]]]]), torch.tensor([[[1.0, 2.0], [3.0, 5.0]]])
    same(
        circuits.head_outputs(z, w),
        torch.tensor([[[[31.0, 52.0]]]]),
        given={"z": z, "W_O": w},
        teach="1 · (1, 2) + 10 · (3, 5): rows belong to d_head.",
    )


@pytest.mark.exercise("circuits.head_outputs")
def test_heads_add_up_to_the_layer(seed):
    """Summed over heads they are the output of one linear layer on all heads side by side."""
    draw = seeded(seed)
    z, w = torch.randn(2, 5, 3, 4, generator=draw), torch.randn(3, 4, 7, generator=draw)
    expected = torch.nn.functional.linear(z.flatten(2), w.flatten(0, 1).T.contiguous())
    same(
        circuits.head_outputs(z, w).sum(dim=2),
        expected,
        given={"z": "random, 2 × 5 × 3 × 4", "W_O": "random, 3 × 4 × 7"},
        what="the sum over heads",
        teach="An attention layer's output matrix is the heads' matrices, stacked.",
        atol=1e-4,
    )
