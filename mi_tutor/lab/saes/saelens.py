"""Read SAEs in the format that SAELens publishes: a folder with cfg.json and sae_weights.safetensors.

SAELens itself is not needed. The conventions in which the two differ are folded into the weights, so that the SAE read
here computes what SAELens computes:
- without `apply_b_dec_to_input` SAELens encodes x, not x − b_dec: b_dec @ W_enc goes into b_enc;
- with `rescale_acts_by_decoder_norm` it measures latents in lengths of decoder rows: the norms move to the encoder;
- BatchTopK is published as JumpReLU with one threshold for all latents.
"""

import json
from pathlib import Path

import torch
from torch import Tensor

from mi_tutor.lab.saes import atomic
from mi_tutor.lab.saes.sae import SAE
from mi_tutor.lab.saes.storing import make

CONFIG, WEIGHTS = "cfg.json", "sae_weights.safetensors"
# Kinds and, for each of our parameters that not all kinds have, the name SAELens uses.
EXTRA = {"standard": {}, "topk": {}, "gated": {"b_enc": "b_gate", "r_mag": "r_mag", "b_mag": "b_mag"}, "jumprelu": {}}


def read_saelens(folder: str | Path) -> SAE:
    """The SAE in a folder, frozen, in float32; `info` holds its cfg.json.

    Raises:
        FileNotFoundError: the folder lacks one of the two files.
        ValueError: a kind or a normalisation that is not supported; the sentence names it.
    """
    folder = Path(folder)
    for name in (CONFIG, WEIGHTS):
        if not (folder / name).exists():
            raise FileNotFoundError(
                f"There is no {name} in {folder}: give the folder that holds {CONFIG} and {WEIGHTS}."
            )
    config = json.loads((folder / CONFIG).read_text(encoding="utf-8"))
    tensors = {name: tensor.float() for name, tensor in atomic.read_tensors(folder / WEIGHTS)[0].items()}
    kind, k = _kind(config)
    _refuse_what_would_be_wrong(config, tensors)
    settings = {"k": k} if kind == "topk" else {}
    return fill(make(kind, config["d_in"], config["d_sae"], **settings), _converted(kind, config, tensors), config)


def fill(sae: SAE, weights: dict[str, Tensor], info: dict) -> SAE:
    """Put weights into an SAE, and freeze it. ValueError: names or shapes that do not fit."""
    try:
        sae.load_state_dict(weights)
    except RuntimeError as problem:
        raise ValueError(f"The weights do not fit their description: {problem}") from problem
    sae.info = info
    sae.eval()
    return sae.requires_grad_(False)


def _kind(config: dict) -> tuple[str, int | None]:
    """Our name of the kind, and k."""
    kind = config.get("architecture", "standard")
    if config.get("activation_fn_str", config.get("activation_fn")) == "topk":  # as written before version 6
        return "topk", config["activation_fn_kwargs"]["k"]
    if kind not in EXTRA:
        raise ValueError(f'This SAE is of the kind "{kind}"; {", ".join(EXTRA)} can be read.')
    return kind, config.get("k")


def _refuse_what_would_be_wrong(config: dict, tensors: dict[str, Tensor]) -> None:
    normalised = config.get("normalize_activations", "none")
    if normalised not in ("none", None):
        raise ValueError(
            f'This SAE expects activations normalised by "{normalised}": fold the normalisation into the weights with '
            "SAELens, or choose an SAE without one."
        )
    scaling = tensors.get("finetuning_scaling_factor", tensors.get("scaling_factor"))
    if scaling is not None and not torch.allclose(scaling, torch.ones_like(scaling)):
        raise ValueError("This SAE scales its latents after fine-tuning, which is not supported.")


def _converted(kind: str, config: dict, tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    W_enc, W_dec, b_dec = tensors["W_enc"], tensors["W_dec"], tensors["b_dec"]
    bias = tensors[EXTRA[kind].get("b_enc", "b_enc")]
    weights = {"W_enc": W_enc, "b_enc": bias, "W_dec": W_dec, "b_dec": b_dec}
    if kind == "gated":
        weights |= {name: tensors[name] for name in ("r_mag", "b_mag")}
    if kind == "jumprelu":
        # A latent needs pre > threshold; thresholds of zero have no logarithm and become the smallest positive number.
        weights["log_threshold"] = tensors["threshold"].clamp_min(torch.finfo(torch.float32).tiny).log()
    if config.get("rescale_acts_by_decoder_norm"):
        norm = W_dec.norm(dim=1)
        weights |= {"W_enc": W_enc * norm, "b_enc": bias * norm, "W_dec": W_dec / norm[:, None]}
    if not config.get("apply_b_dec_to_input", True):
        weights["b_enc"] = weights["b_enc"] + b_dec @ weights["W_enc"]
        if kind == "gated":
            weights["b_mag"] = weights["b_mag"] + b_dec @ (weights["W_enc"] * weights["r_mag"].exp())
    return weights
