"""Checks of circuits.stream_parts: Mend: a list of parts that does not add up."""

import pytest
import torch

from mi_tutor.exercises import circuits
from mi_tutor.tutor.judge import holds, same, seeded


def layers_with_bias():
    """Two layers of two heads, one text, two dimensions; the attention layers add biases of their own."""
    embed = torch.tensor([[1.0, -1.0]])
    heads = torch.tensor([[[[2.0, 0.0]], [[0.0, 3.0]]], [[[1.0, 1.0]], [[-4.0, 0.0]]]])
    attention = torch.tensor([[[2.5, 3.0]], [[-3.0, 8.0]]])  # biases (0.5, 0) and (0, 7)
    mlp = torch.tensor([[[10.0, 20.0]], [[30.0, 40.0]]])
    return embed, heads, attention, mlp


@pytest.mark.exercise("circuits.stream_parts")
def test_parts_in_their_order():
    """Two layers of two heads make nine parts: embedding, then heads, bias and MLP of each layer."""
    embed, heads, attention, mlp = layers_with_bias()
    same(
        circuits.stream_parts(embed, heads, attention, mlp)[:, 0],
        torch.tensor(
            [[1.0, -1], [2, 0], [0, 3], [0.5, 0], [10, 20], [1, 1], [-4, 0], [0, 7], [30, 40]],
        ),
        given={"heads": heads, "attention": attention, "mlp": mlp, "embed": embed},
        teach=(
            "Layer by layer: its heads, then what its attention adds beyond them (its output minus their sum), then "
            "its MLP."
        ),
    )


@pytest.mark.exercise("circuits.stream_parts")
def test_the_parts_add_up():
    """The sum of the parts is embedding + attention outputs + MLP outputs."""
    embed, heads, attention, mlp = layers_with_bias()
    same(
        circuits.stream_parts(embed, heads, attention, mlp).sum(dim=0),
        torch.tensor([[40.5, 70.0]]),
        given={"heads": heads, "attention": attention, "mlp": mlp, "embed": embed},
        what="the sum of the parts",
        teach="1 + 2.5 − 3 + 10 + 30 = 40.5. If the sum is too large, something is in the list twice.",
    )


@pytest.mark.exercise("circuits.stream_parts")
def test_parts_of_random_runs_add_up(seed):
    """For random layers with several texts the parts add up too, and there are 1 + layer × (head + 2) of them."""
    draw = seeded(seed)
    embed, heads = torch.randn(3, 4, generator=draw), torch.randn(2, 3, 3, 4, generator=draw)
    attention, mlp = torch.randn(2, 3, 4, generator=draw), torch.randn(2, 3, 4, generator=draw)
    got = circuits.stream_parts(embed, heads, attention, mlp)
    holds(len(got) == 11, "1 + 2 · (3 + 2) parts.", got=len(got), expected=11)
    expected = embed.clone()
    for layer in range(2):
        expected = expected + attention[layer] + mlp[layer]
    same(
        got.sum(dim=0),
        expected,
        given={"heads": "random, 2 × 3 × 3 × 4"},
        what="the sum of the parts",
        teach="Every text keeps its own parts.",
        atol=1e-4,
    )
