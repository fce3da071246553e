"""Load a language model with hooks, once per process.

The course's model is SmolLM2-135M-Instruct: 30 layers, 9 heads, d_model 576, 1536 MLP neurons a layer, 49152 tokens.
It comes from a file on this machine, never from the network. Every model is a TransformerLens `TransformerBridge`
without compatibility mode: the weights are the published ones, nothing is folded or centred.

Settled here, for all chapters:
- float32 on the CPU, evaluation mode. Apple's MPS has given silently wrong logit differences, so it is never chosen.
- Parameters are frozen (`requires_grad=False`): a forward pass builds no graph, and `torch.no_grad()` is not needed.
  Gradients with respect to activations still work: make the activation require them in a hook.
- A prompt starts with the BOS token (SmolLM2: id 1, `<|im_start|>`); see `tokens`.
"""

import contextlib
import ctypes
import logging
import os
import sys
import warnings
from contextlib import contextmanager
from pathlib import Path
from urllib import error, request

import torch

from mi_tutor.lab.directions import direct_logits, neuron_outputs, unembed_directions
from mi_tutor.lab.tokens import Tokens, as_tokens, single_token, text, token_strings, tokens

__all__ = [
    "ModelProblem",
    "Tokens",
    "as_tokens",
    "direct_logits",
    "load",
    "neuron_outputs",
    "single_token",
    "text",
    "token_strings",
    "tokens",
    "unembed_directions",
]

SMOLLM2 = "HuggingFaceTB/SmolLM2-135M-Instruct"
_NAMES = {"smollm2": SMOLLM2}
_loaded: dict[tuple[str, str], object] = {}


class ModelProblem(Exception):
    """A model cannot be loaded. The message is one sentence that names the fix."""


def load(name: str = "smollm2", *, device: str = "cpu"):
    """The model as a TransformerBridge: float32, evaluation mode, frozen parameters.

    Args:
        name: "smollm2" (local, no network), or any model name that TransformerLens knows, where a model hub can be
            reached.
        device: a torch device. Only "cpu" is tested; the stored outputs of the chapters come from it.

    Returns:
        the same object for the same arguments within one process (about 0.9 GB of it is the mapped weight file and the
        libraries). Hooks left on it stay on it: use `activations.replace`, which removes its own, or
        `model.reset_hooks()` when something went wrong.

    Raises:
        ModelProblem: the weights are missing or damaged, the name is unknown, or the hub cannot be reached.
    """
    key = (_NAMES.get(name, name), device)
    if key not in _loaded:
        _return_freed_tensors()
        bridge = _from_disk(device) if key[0] == SMOLLM2 else _from_hub(name, device)
        bridge.eval()
        bridge.requires_grad_(False)
        _loaded[key] = bridge
    return _loaded[key]


def _return_freed_tensors() -> None:
    """Let glibc give every freed block of 1 MB or more back at once, so that a peak is what was used together."""
    if sys.platform == "linux":
        with contextlib.suppress(OSError, AttributeError):  # another C library than glibc
            ctypes.CDLL("libc.so.6").mallopt(-3, 1 << 20)  # -3 is M_MMAP_THRESHOLD


def _from_disk(device: str):
    folder = _weights_folder()
    with _quiet():
        from transformer_lens.model_bridge import TransformerBridge
        from transformers import AutoTokenizer, LlamaForCausalLM

        # The tokenizer is passed in: with tokenizer=None the bridge would ask the hub for one.
        tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True)
        source = LlamaForCausalLM.from_pretrained(folder, dtype=torch.float32, local_files_only=True)
        return TransformerBridge.boot_transformers(SMOLLM2, hf_model=source, tokenizer=tokenizer, device=device)


def _weights_folder() -> Path:
    from mi_tutor.lab import weights

    try:
        return weights.folder()
    except weights.WeightsProblem as problem:
        raise ModelProblem(str(problem)) from problem


def _from_hub(name: str, device: str):
    with _quiet():
        # Asked first, because the hub's client retries for a minute before it gives up.
        if not (_is_here(name) or _hub_answers()):
            raise ModelProblem(
                f'The model "{name}" is not on this machine and no model hub can be reached from here: connect to the '
                'network, or use models.load("smollm2"), which needs none.'
            )
        from transformer_lens.model_bridge import TransformerBridge

        try:
            return TransformerBridge.boot_transformers(name, device=device, dtype=torch.float32)
        except (OSError, ValueError, KeyError, RuntimeError) as problem:  # what the hub client and transformers raise
            raise ModelProblem(
                f'The model "{name}" could not be loaded: check the name on the hub, whether TransformerLens supports '
                f"its architecture, and whether it needs an account. ({_first_line(problem)})"
            ) from problem


def _is_here(name: str) -> bool:
    from huggingface_hub import try_to_load_from_cache

    if Path(name).is_dir():
        return True
    try:
        return isinstance(try_to_load_from_cache(name, "config.json"), str)
    except ValueError:  # not the form of a hub name
        return False


def _hub_answers(seconds: float = 5) -> bool:
    if os.environ.get("HF_HUB_OFFLINE", "").upper() in ("1", "TRUE", "YES", "ON"):
        return False
    try:
        request.urlopen(os.environ.get("HF_ENDPOINT", "https://huggingface.co"), timeout=seconds).close()
    except error.HTTPError:
        return True
    except (OSError, ValueError):  # no route, no name, no certificate, no URL
        return False
    return True


def _first_line(problem: Exception) -> str:
    lines = [line.strip() for line in str(problem).splitlines() if line.strip()]
    return f"{type(problem).__name__}: {lines[0][:160]}" if lines else type(problem).__name__


@contextmanager
def _quiet():
    """Loading prints bars and advice that mean nothing to a learner and would be stored in the notebook."""
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    import transformers

    bars_were_on = transformers.utils.logging.is_progress_bar_enabled()
    level = transformers.utils.logging.get_verbosity()
    root_level = logging.root.level
    transformers.utils.logging.disable_progress_bar()
    transformers.utils.logging.set_verbosity_error()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.root.setLevel(root_level)
        transformers.utils.logging.set_verbosity(level)
        if bars_were_on:
            transformers.utils.logging.enable_progress_bar()
