"""One place in the model, and the rest of the model as a function of what stands there.

An interchange intervention changes one vector and asks for the answer. When all prompts begin alike, nothing before the
changed position ever differs, and nothing before the changed layer. So what is computed again is the positions from
there to END, from that layer up, and the logits of a few answers. Gradients flow, so that the place can be searched by
gradient descent as well.
"""

from collections.abc import Callable

import torch
from jaxtyping import Float, Int
from torch import Tensor
from torch.nn import functional as F

from mi_tutor.lab.sweeps import forward, network, support
from mi_tutor.lab.tokens import Tokens, as_tokens


class Site:
    """The residual stream that enters one layer at one position of some prompts.

        site = Site(model, prompts, layer=10, position=4, answers=ids)
        site.x                              # what stands there: Float[prompt d_model]
        rest = site.readout([0, 0, 3])      # the rest of the model, for runs of prompts 0, 0 and 3
        logits = rest(x)                    # Float[run d_model] → Float[run answer], at END

    Args:
        prompts: of one length, without padding, equal before `position`.
        answers: token ids; only their logits are computed.

    Raises:
        ValueError: padded prompts, prompts that differ before the position, or a position that is not one of theirs.
        NotServed: a model that the written-out pass does not compute (see `lab.sweeps`).
    """

    def __init__(self, model, prompts: Tokens, *, layer: int, position: int, answers: Int[Tensor, "answer"]):
        support.check_configuration(model)
        batch = as_tokens(model, prompts)
        ids = batch.ids
        if not bool(batch.mask.all()):
            raise ValueError("The prompts differ in length: give prompts of one length.")
        if not 0 < position < ids.shape[1]:
            raise ValueError(f"Position {position} is not between 1 and {ids.shape[1] - 1}.")
        if not bool((ids[:, :position] == ids[0, :position]).all()):
            raise ValueError(f"The prompts differ before position {position}: they must begin alike.")
        self.layer, self.position, self.answer_ids = layer, position, answers
        self.net = network.read(model, ids.shape[1])
        with torch.no_grad():
            first = forward.run(self.net, ids[:1], continued=True)
            support.check_equal(model, self.net, ids, first.end)
            # Keys and values of the common beginning, which no intervention changes.
            self._keys = [part[:, :position] for part in first.keys]
            self._values = [part[:, :position] for part in first.values]
            self._rotary = self.net.rotary.at(torch.arange(position, ids.shape[1])) if self.net.rotary else None
            parts = [self._enter(piece) for piece in ids[:, position:].split(64)]
            self._rows = torch.cat(parts)  # [prompt, position … END, d_model]
            self._unembed = self.net.unembedding.weight[answers]

    @property
    def x(self) -> Float[Tensor, "prompt d_model"]:
        """The activation of each prompt."""
        return self._rows[:, 0]

    def readout(self, prompts: list[int] | Int[Tensor, "run"]) -> Callable:
        """The rest of the model as a function of the activation, each run with its own prompt around it."""
        around = self._rows[torch.as_tensor(prompts)][:, 1:]

        def rest(x: Float[Tensor, "run d_model"]) -> Float[Tensor, "run answer"]:
            rows = torch.cat([x[:, None], around], dim=1)
            for number in range(self.layer, len(self.net.layers)):
                rows = self._block(number, rows)
            return self.net.final_norm(rows[:, -1]) @ self._unembed.T

        return rest

    def answers(
        self, x: Float[Tensor, "run d_model"], prompts: Int[Tensor, "run"], *, at_once: int = 48
    ) -> Float[Tensor, "run answer"]:
        """Logits of the answers, in batches and without gradients."""
        with torch.no_grad():
            pieces = zip(x.split(at_once), prompts.split(at_once), strict=True)
            return torch.cat([self.readout(rows)(part) for part, rows in pieces])

    def _enter(self, ids: Int[Tensor, "prompt pos"]) -> Float[Tensor, "prompt pos d_model"]:
        rows = self.net.embedding[ids]
        if self.net.positions is not None:
            rows = rows + self.net.positions[self.position : self.position + ids.shape[1]]
        for number in range(self.layer):
            rows = self._block(number, rows)
        return rows

    def _block(self, number: int, rows: Float[Tensor, "run pos d_model"]) -> Float[Tensor, "run pos d_model"]:
        """One layer on the positions from the changed one to END; in the last layer only END comes out."""
        net, layer = self.net, self.net.layers[number]
        runs, length, _ = rows.shape
        normed = layer.norm1(rows)
        keys = layer.k(normed).view(runs, length, net.n_kv_heads, net.d_head)
        values = layer.v(normed).view(runs, length, net.n_kv_heads, net.d_head)
        end_only = number == len(net.layers) - 1 and number >= self.layer
        if end_only:
            rows, normed = rows[:, -1:], normed[:, -1:]
        q = layer.q(normed).view(runs, rows.shape[1], net.n_heads, net.d_head)
        if self._rotary is not None:
            keys, q = self._turn(keys), self._turn(q)
        keys = torch.cat([self._keys[number].expand(runs, -1, -1, -1), keys], dim=1)
        values = torch.cat([self._values[number].expand(runs, -1, -1, -1), values], dim=1)
        # Row i of the changed part stands at position + i and sees everything up to itself.
        seen = torch.ones(length, self.position + length, dtype=torch.bool).tril(self.position)[-rows.shape[1] :]
        z = F.scaled_dot_product_attention(
            q.transpose(1, 2),
            keys.transpose(1, 2),
            values.transpose(1, 2),
            attn_mask=seen,
            scale=net.score_scale,
            enable_gqa=net.n_kv_heads != net.n_heads,
        )
        rows = rows + layer.o(z.transpose(1, 2).flatten(2))
        if layer.mlp_in is None:
            return rows
        normed = layer.norm2(rows)
        if layer.mlp_gate is None:
            return rows + layer.mlp_out(net.act(layer.mlp_in(normed)))
        return rows + layer.mlp_out(net.act(layer.mlp_gate(normed)) * layer.mlp_in(normed))

    def _turn(self, heads: Float[Tensor, "run pos head d_head"]) -> Float[Tensor, "run pos head d_head"]:
        count = heads.shape[1]
        turn = network.Rotary(self._rotary.cos[-count:], self._rotary.sin[-count:], self._rotary.adjacent)
        return turn(heads)
