"""Save and load a trained SAE: weights in safetensors, and beside them a JSON file that a person can read."""

from pathlib import Path

import torch

from mi_tutor.lab.saes import atomic
from mi_tutor.lab.saes.batch_topk import BatchTopK
from mi_tutor.lab.saes.gated import Gated
from mi_tutor.lab.saes.jumprelu import JumpReLU
from mi_tutor.lab.saes.sae import SAE
from mi_tutor.lab.saes.standard import Standard
from mi_tutor.lab.saes.topk import TopK

KINDS: dict[str, type[SAE]] = {each.kind: each for each in (Standard, TopK, BatchTopK, Gated, JumpReLU)}


def make(kind: str, d_model: int, feature: int, **settings) -> SAE:
    """A new SAE of a kind: "standard", "topk", "batch_topk", "gated" or "jumprelu".

    Args:
        settings: seed, and what the kind needs: k for TopK and BatchTopK; threshold and bandwidth for JumpReLU.

    Raises:
        ValueError: an unknown kind.
    """
    if kind not in KINDS:
        raise ValueError(f'There is no kind "{kind}"; choose one of {", ".join(KINDS)}.')
    return KINDS[kind](d_model, feature, **settings)


def save(sae: SAE, path: str | Path, *, dtype: torch.dtype = torch.float32) -> None:
    """Write path.safetensors and path.json (kind, settings and `sae.info`).

    Args:
        path: with or without an ending.
        dtype: torch.float16 halves the file; the weights are then rounded to three digits.
    """
    path = Path(path)
    record = {"kind": sae.kind, "settings": sae.settings(), "info": sae.info}
    atomic.write_tensors(
        path.with_suffix(".safetensors"), {k: v.to(dtype) for k, v in sae.state_dict().items()}, record
    )
    atomic.write_json(path.with_suffix(".json"), record)


def load(path: str | Path) -> SAE:
    """An SAE that `save` wrote, in float32 and frozen.

    Raises:
        FileNotFoundError: there is no such file.
    """
    file = Path(path).with_suffix(".safetensors")
    if not file.exists():
        raise FileNotFoundError(f"There is no SAE at {file}.")
    tensors, record = atomic.read_tensors(file)
    sae = make(record["kind"], **record["settings"])
    sae.load_state_dict({name: tensor.float() for name, tensor in tensors.items()})
    sae.info = record["info"]
    sae.eval()
    return sae.requires_grad_(False)
