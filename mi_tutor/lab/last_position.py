"""Run END again and again while every position before it stays as it was.

A causal model never looks ahead: an intervention at END changes nothing at the positions before it, and of those END
needs only their keys and values. They are computed once. A run then costs one position of each prompt instead of all,
which for a prompt of 15 tokens is about a fifteenth. Text generation saves its work in the same way.
"""

import copy
from collections.abc import Callable, Sequence

import torch
from jaxtyping import Float
from torch import Tensor

from mi_tutor.lab.tokens import Tokens, as_tokens


class LastPosition:
    """The last position of some prompts, behind keys and values that were computed once.

        end = LastPosition(model, task.clean)
        logits = end.logits([("blocks.20.attn.hook_z", mute_head_0)])

    Activations have one position: hook_z is [prompt 1 head d_head], hook_pattern [prompt head 1 key].

    Args:
        tokens: prompts of one length, at least two tokens long.

    Raises:
        ValueError: padded prompts, prompts of one token, or a model that keeps no keys and values.
    """

    def __init__(self, model, tokens: Tokens | Tensor | str | list[str]):
        batch = as_tokens(model, tokens)
        self.length = batch.ids.shape[1]
        if not bool(batch.mask.all()):
            raise ValueError(
                "The prompts differ in length: END would stand elsewhere in each. Give prompts of one length."
            )
        if self.length < 2:
            raise ValueError("A prompt of one token has nothing before END; run the model itself.")
        self._model, self._ids = model, batch.ids.to(model.cfg.device)
        self._keys_and_values = self._run(self._ids[:, :-1], [])[1]
        if self._keys_and_values is None:  # made with boot_native: such a model ignores what it is given
            raise ValueError("This model keeps no keys and values to go on from; models of our own are run as a whole.")

    @property
    def ids(self) -> Tensor:
        """The whole prompts: Int[prompt pos]."""
        return self._ids

    def __len__(self) -> int:
        return len(self._ids)

    def logits(self, hooks: Sequence[tuple[str, Callable]] = ()) -> Float[Tensor, "prompt d_vocab"]:
        """Logits at END, with these hooks at END only.

        Args:
            hooks: (name, function) as for `model.hooks`; a function is called as fn(activation, hook). They may also
                note what they see.
        """
        kept = copy.deepcopy(self._keys_and_values)  # a run adds END's own keys and values to what it is given
        return self._run(self._ids[:, -1:], list(hooks), past_key_values=kept)[0][:, -1]

    def _run(self, ids: Tensor, hooks: list, **options):
        last = [("unembed.hook_in", lambda resid, hook: resid[:, -1:])]  # no logits but the last
        with torch.no_grad(), self._model.hooks(fwd_hooks=[*hooks, *last]):
            return self._model(ids, return_type="logits_and_cache", use_cache=True, **options)
