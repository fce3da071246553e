"""Read chosen activations of a model, replace one, and get logits only where they are needed.

Why not `run_with_cache`: unfiltered it keeps 1393 tensors of SmolLM2, and the logits of 32 texts of 64 tokens alone
take 403 MB. These instruments keep what you name and stop computing as soon as they have it. They work on any
TransformerBridge: SmolLM2, other models, and small ones made with `TransformerBridge.boot_native`.

The names are TransformerLens names. In SmolLM2, with L the layer:
    blocks.L.hook_resid_pre   [batch pos d_model]          the residual stream that enters the layer
    blocks.L.hook_resid_post  [batch pos d_model]          the residual stream that leaves it
    blocks.L.attn.hook_z      [batch pos head d_head]      what each head gathered, before its output matrix
    blocks.L.attn.hook_pattern [batch head pos pos]        attention, from the last but one axis to the last
    blocks.L.mlp.hook_post    [batch pos neuron]           the MLP neurons, see `neuron_name`
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial

from jaxtyping import Float
from torch import Tensor

from mi_tutor.lab.harvest import Harvest, harvest
from mi_tutor.lab.progress import progress_bar
from mi_tutor.lab.running import check_names, logits_at, run_with
from mi_tutor.lab.tokens import Tokens, single_token

__all__ = [
    "Harvest",
    "harvest",
    "logits_at",
    "neuron_name",
    "next_token_probabilities",
    "progress_bar",
    "replace",
    "residual_name",
    "run_with",
]


def neuron_name(layer: int) -> str:
    """The MLP neurons of a layer: `silu(gate(x)) * up(x)`, what the output matrix multiplies. [batch pos neuron]

    In a gated MLP (SmolLM2, Llama) this product is the neuron: its value times a row of W_out is what it writes. In a
    plain MLP the same name is the value after the activation function.
    """
    return f"blocks.{layer}.mlp.hook_post"


def residual_name(layer: int) -> str:
    """The residual stream that enters a layer. [batch pos d_model]"""
    return f"blocks.{layer}.hook_resid_pre"


def next_token_probabilities(
    model, tokens: Tokens | Tensor | str | list[str], words: list[str] | list[int]
) -> Float[Tensor, "batch word"]:
    """The probability of each word as the next token, at the end of each text.

    Args:
        words: strings of one token each (" Paris" with its space), or token ids.
    """
    ids = [single_token(model, word) if isinstance(word, str) else int(word) for word in words]
    return logits_at(model, tokens, -1).softmax(dim=-1)[:, ids]


@contextmanager
def replace(
    model, name: str | Mapping[str, Callable], fn: Callable[[Tensor, object], Tensor | None] | None = None
) -> Iterator[None]:
    """Change an activation in every run inside the `with` block.

        with replace(model, residual_name(10), lambda resid, hook: resid + 4 * direction):
            changed = logits_at(model, prompt)

    The function is called as fn(activation, hook) and returns the new activation, of the same shape, or None to leave
    it (or after editing it in place). The hooks of this block are removed at its end, also after an error or an
    interrupted run; hooks that were there before stay.

    Args:
        name: a hook name, or a mapping from names to functions to change several.
        fn: the function, when name is one name.

    Raises:
        ValueError: an unknown name, or (in the run) a returned tensor of another shape.
        TypeError: in the run, the function returned something that is no tensor.
    """
    functions = dict(name) if isinstance(name, Mapping) else {name: fn}
    for one in functions.values():
        if not callable(one):
            raise TypeError("replace needs a function fn(activation, hook) that returns the new activation.")
    check_names(model, list(functions))
    with model.hooks(fwd_hooks=[(one, partial(_checked, name=one, fn=each)) for one, each in functions.items()]):
        yield


def _checked(activation: Tensor, hook, name: str, fn: Callable) -> Tensor | None:
    result = fn(activation, hook)
    if result is None:
        return None
    if not isinstance(result, Tensor):
        raise TypeError(f"The function for {name} returned {type(result).__name__}; return a tensor, or None.")
    if result.shape != activation.shape:
        raise ValueError(
            f"The function for {name} returned shape {tuple(result.shape)}; the activation has shape "
            f"{tuple(activation.shape)}."
        )
    return result.to(activation.dtype)
