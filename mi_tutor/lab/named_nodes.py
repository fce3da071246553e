"""A network so small that path patching in it can be worked out by hand: four heads, one MLP, one number a node.

The input has two numbers a prompt, x0 and x1. The stream is one number a prompt, and everything adds to it:

    head a      z a = x0                                  stream = x1 + z a
    head b      q b, v b = stream   pattern b = q b       z b = pattern b · v b
    mlp         relu(stream)
    head c      q c, v c = stream   pattern c = 1 + q c   z c = pattern c · v c
    head d      v d = stream        pattern d = 1/2       z d = − pattern d · v d
    output      the stream at the end

A model of any size can be asked in the same way: `run(prompts, fixed)` runs it, holds the named nodes at the values in
`fixed`, and gives the value of every node, "output" among them.
"""

from collections.abc import Mapping

import torch
from jaxtyping import Float
from torch import Tensor

HEADS = ["a", "b", "c", "d"]


def run(prompts: Float[Tensor, "batch 2"], fixed: Mapping[str, Tensor]) -> dict[str, Float[Tensor, "batch"]]:
    """The value of every node, in the order in which they are computed; those in `fixed` are set to what stands there.

    Raises:
        ValueError: `fixed` names a node that the network does not have.
    """
    values: dict[str, Tensor] = {}

    def node(name: str, value: Tensor) -> Tensor:
        values[name] = fixed.get(name, value)
        return values[name]

    stream = prompts[:, 1] + node("z a", prompts[:, 0])
    pattern = node("pattern b", node("q b", stream))
    stream = stream + node("z b", pattern * node("v b", stream))
    stream = stream + node("mlp", stream.relu())
    pattern = node("pattern c", 1 + node("q c", stream))
    stream = stream + node("z c", pattern * node("v c", stream))
    pattern = node("pattern d", torch.full_like(stream, 0.5))
    stream = stream + node("z d", -pattern * node("v d", stream))
    node("output", stream)
    unknown = sorted(set(fixed) - set(values))
    if unknown:
        raise ValueError(f'There is no node "{unknown[0]}"; there are {", ".join(values)}.')
    return values
