"""Cut several edges of a circuit at once: each receiver reads what its senders say in another run.

For one receiver this is path patching as in `plain`. With several, the receivers are worked through from early to
late, and a later one reads what an earlier one says after its edges were cut.
"""

from collections.abc import Callable, Iterable
from typing import NamedTuple

import torch
from jaxtyping import Float, Int
from torch import Tensor

from mi_tutor.lab.running import logits_at, run_with


class Edge(NamedTuple):
    """What `sender` says to `receiver` through its queries, keys or values at one place of the prompt."""

    sender: str  # "16.0"
    receiver: str  # "17.4", or "logits"
    through: str  # "q", "k" or "v"; "" into the logits
    place: str  # a position with a name, "S2"

    def __str__(self) -> str:
        into = {"q": "queries of ", "k": "keys of ", "v": "values of ", "": "the "}[self.through]
        return f"{self.sender} → {into}{self.receiver} at {self.place}"


@torch.no_grad()
def cut(
    model,
    into: Int[Tensor, "prompt pos"],
    source: Int[Tensor, "prompt pos"],
    edges: Iterable[Edge],
    places: dict[str, Int[Tensor, "prompt"]],
) -> Float[Tensor, "prompt d_vocab"]:
    """The logits at the last position when each edge carries its sender's value of the source run.

    A message passes through the residual connection and the MLPs between (they are computed anew); other heads between
    sender and receiver say what they say in the cut run. Norms are computed anew.

    Args:
        into, source: ids of the prompts that run, and of those whose messages the cut edges carry.
        edges: in any order.
        places: name → position in each prompt.

    Raises:
        ValueError: an edge that leads backwards, or a place without a name.
    """
    edges = list(dict.fromkeys(edges))
    _check(edges, places)
    cfg = model.cfg
    z_names = [f"blocks.{layer}.attn.hook_z" for layer in range(cfg.n_layers)]
    theirs = run_with(model, source, z_names)
    rows = torch.arange(len(into))
    held: list[tuple[str, Callable]] = []

    def with_messages(senders: frozenset[str], at: Int[Tensor, "prompt"], layers: int) -> list[tuple[str, Callable]]:
        """Every head of the layers before at what it says now, the senders at what they say in the source run."""
        with model.hooks(fwd_hooks=held):
            now = run_with(model, into, z_names[:layers])
        for layer, head in map(_head, senders):
            now[z_names[layer]] = now[z_names[layer]].clone()
            now[z_names[layer]][rows, at, head] = theirs[z_names[layer]][rows, at, head]
        return [(name, _set(value)) for name, value in now.items()]

    read: dict[tuple, dict[str, Tensor]] = {}  # heads of a layer with the same senders read the same
    for receiver in sorted({edge.receiver for edge in edges} - {"logits"}, key=_head):
        layer, head = _head(receiver)
        kv_head = head * (cfg.n_key_value_heads or cfg.n_heads) // cfg.n_heads
        inputs = {through: f"blocks.{layer}.attn.hook_{through}" for through in "qkv"}
        seen = []
        for through, place in sorted({(edge.through, edge.place) for edge in edges if edge.receiver == receiver}):
            senders = frozenset(edge.sender for edge in edges if edge[1:] == (receiver, through, place))
            asked = (layer, place, senders)
            if asked not in read:
                with model.hooks(fwd_hooks=with_messages(senders, places[place], layer)):
                    read[asked] = run_with(model, into, list(inputs.values()))
            changed = (rows, places[place], head if through == "q" else kv_head)
            seen.append((inputs[through], _set(read[asked][inputs[through]], changed)))
        # Heads may share keys and values: let all that share see the change, and keep this head's z alone.
        with model.hooks(fwd_hooks=[*held, *seen]):
            z = run_with(model, into, z_names[layer])[z_names[layer]]
        held.append((z_names[layer], _set(z, (slice(None), slice(None), head))))
    to_logits = frozenset(edge.sender for edge in edges if edge.receiver == "logits")
    last = torch.full_like(rows, into.shape[1] - 1)
    with model.hooks(fwd_hooks=with_messages(to_logits, last, cfg.n_layers) if to_logits else held):
        return logits_at(model, into, -1)


def _check(edges: list[Edge], places: dict[str, Tensor]) -> None:
    for edge in edges:
        if edge.receiver != "logits" and _head(edge.sender)[0] >= _head(edge.receiver)[0]:
            raise ValueError(f"{edge}: the sender's layer must be before the receiver's.")
        if edge.receiver != "logits" and edge.place not in places:
            raise ValueError(f'{edge}: there is no place "{edge.place}"; choose {", ".join(places)}.')
        if edge.through not in (("",) if edge.receiver == "logits" else ("q", "k", "v")):
            raise ValueError(f'{edge.sender} → {edge.receiver}: through "q", "k" or "v", and "" into the logits.')


def _head(name: str) -> tuple[int, int]:
    layer, head = name.split(".")
    return int(layer), int(head)


def _set(value: Tensor, where: tuple | None = None) -> Callable:
    """A hook that sets an activation to a value, at one index or everywhere."""

    def hook(activation, hook):
        if where is None:
            return value
        changed = activation.clone()
        changed[where] = value[where]
        return changed

    return hook
