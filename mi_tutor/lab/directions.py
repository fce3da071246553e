"""What a direction in the residual stream says about the next token, and what a neuron writes."""

import torch
from jaxtyping import Float, Int
from torch import Tensor

from mi_tutor.lab.tokens import single_token


def unembed_directions(model, words: list[str] | Int[Tensor, "token"]) -> Float[Tensor, "token d_model"]:
    """The direction in the last residual stream that raises the logit of each word.

    The logit of a token is `(x / rms(x) * gain) @ W_U[:, token]`, where gain is the final norm's weight. The gain is
    folded in here, so a dot product with x is the logit times rms(x), a positive number shared by all tokens.

    Args:
        words: strings of one token each (mind the leading space), or token ids.
    """
    ids = torch.tensor([single_token(model, word) if isinstance(word, str) else int(word) for word in words])
    return model.W_U.T[ids] * _final_gain(model)


def direct_logits(model, directions: Float[Tensor, "... d_model"]) -> Float[Tensor, "... d_vocab"]:
    """What each direction writes: the change of every logit per unit of it in the last residual stream, times rms(x).

    Only the direct path counts; what later layers would make of the direction is left out. Only the order and the
    relative size mean something: rms(x) is positive, and depends on the prompt.
    """
    return (directions * _final_gain(model)) @ model.W_U


def neuron_outputs(model, layer: int) -> Float[Tensor, "neuron d_model"]:
    """The vector that each MLP neuron of a layer writes into the residual stream, per unit of activation (a view)."""
    last = len(model.blocks) - 1
    if not 0 <= layer <= last:
        raise ValueError(f"There is no layer {layer}: the layers are 0 to {last}.")
    return model.blocks[layer].mlp.W_out


def _final_gain(model) -> Tensor:
    gain = getattr(model.ln_final, "weight", None)
    return gain if isinstance(gain, Tensor) else torch.ones(model.cfg.d_model)
