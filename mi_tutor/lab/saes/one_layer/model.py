"""A one-layer transformer with 512 ReLU neurons, in the set-up of Bricken et al. (2023).

Attention with four heads, then an MLP, on a residual stream of 128. Different from the paper: RMS norms instead of
LayerNorm (they only scale, so what a neuron writes is read off the unembedding), a vocabulary of 4096 instead of 50k,
and 4 million tokens of text instead of 100 billion.
"""

from functools import cache
from pathlib import Path

import torch
import torch.nn.functional as F
from jaxtyping import Float, Int
from torch import Tensor

from mi_tutor.lab.saes import atomic
from mi_tutor.lab.saes.one_layer import vocabulary

FILE = Path(__file__).parent.parent / "weights" / "one_layer.safetensors"
D_MODEL, D_MLP, N_HEADS, CONTEXT = 128, 512, 4, 128
EPS = 1e-5


def start(seed: int = 0) -> dict[str, Float[Tensor, "..."]]:
    """Random weights by the names of TransformerLens' native model; every bias is 0 and every norm's gain 1."""
    generator = torch.Generator().manual_seed(seed)

    def normal(*shape: int, std: float) -> Tensor:
        return std * torch.randn(*shape, generator=generator)

    weights = {
        "tok_embed.weight": normal(vocabulary.SIZE, D_MODEL, std=0.1),
        "pos.weight": normal(CONTEXT, D_MODEL, std=0.02),
        "layers.0.mlp.fc_in.weight": normal(D_MLP, D_MODEL, std=D_MODEL**-0.5),
        "layers.0.mlp.fc_in.bias": torch.zeros(D_MLP),
        "layers.0.mlp.fc_out.weight": normal(D_MODEL, D_MLP, std=D_MLP**-0.5),
        "layers.0.mlp.fc_out.bias": torch.zeros(D_MODEL),
        "head.weight": normal(vocabulary.SIZE, D_MODEL, std=D_MODEL**-0.5),
    }
    for part in "qkvo":
        weights[f"layers.0.attn.{part}.weight"] = normal(D_MODEL, D_MODEL, std=D_MODEL**-0.5)
        weights[f"layers.0.attn.{part}.bias"] = torch.zeros(D_MODEL)
    for norm in ("layers.0.ln1", "layers.0.ln2", "ln_out"):
        weights[f"{norm}.weight"] = torch.ones(D_MODEL)
    return weights


def final(weights: dict[str, Tensor], ids: Int[Tensor, "batch pos"]) -> Float[Tensor, "batch pos d_model"]:
    """The normalised residual stream after the layer: what the unembedding reads."""

    def linear(x: Tensor, name: str) -> Tensor:
        return F.linear(x, weights[f"layers.0.{name}.weight"], weights[f"layers.0.{name}.bias"])

    def norm(x: Tensor, name: str) -> Tensor:
        return F.rms_norm(x, (D_MODEL,), weights[f"{name}.weight"], EPS)

    resid = weights["tok_embed.weight"][ids] + weights["pos.weight"][: ids.shape[1]]
    x = norm(resid, "layers.0.ln1")
    q, k, v = (linear(x, f"attn.{part}").unflatten(-1, (N_HEADS, -1)).transpose(1, 2) for part in "qkv")
    z = F.scaled_dot_product_attention(q, k, v, is_causal=True)
    resid = resid + linear(z.transpose(1, 2).flatten(2), "attn.o")
    neurons = linear(norm(resid, "layers.0.ln2"), "mlp.fc_in").relu()
    return norm(resid + linear(neurons, "mlp.fc_out"), "ln_out")


def loss(weights: dict[str, Tensor], ids: Int[Tensor, "batch pos"]) -> Float[Tensor, ""]:
    """Mean cross-entropy of the next token, in nats."""
    logits = final(weights, ids[:, :-1]) @ weights["head.weight"].T
    return F.cross_entropy(logits.flatten(0, 1), ids[:, 1:].flatten())


@cache
def load(file: Path = FILE):
    """The trained model as a TransformerBridge with its tokenizer: every instrument of the lab works on it."""
    # TransformerLens takes seconds to import.
    from transformer_lens.model_bridge import TransformerBridge
    from transformer_lens.model_bridge.sources import boot_native  # noqa: F401  (adds boot_native to TransformerBridge)

    sizes = {"d_model": D_MODEL, "d_mlp": D_MLP, "n_heads": N_HEADS, "d_head": D_MODEL // N_HEADS, "n_ctx": CONTEXT}
    kinds = {"act_fn": "relu", "normalization_type": "RMS", "eps": EPS, "seed": 0, "device": "cpu"}
    config = sizes | kinds | {"n_layers": 1, "d_vocab": vocabulary.SIZE}
    bridge = TransformerBridge.boot_native(config, model_name="one layer")
    bridge.tokenizer = vocabulary.load()  # not handed over above: there it would be loaded again from a hub's name
    weights, _ = atomic.read_tensors(file)
    _copy(weights, bridge.original_model)
    bridge.eval()
    bridge.requires_grad_(False)
    return bridge


def _copy(weights: dict[str, Tensor], native) -> None:
    # The bridge wraps the parts of the native model; their parameters are found by their path all the same.
    with torch.no_grad():
        for name, weight in weights.items():
            owner = native
            for part in name.split(".")[:-1]:
                owner = getattr(owner, part) if not part.isdigit() else owner[int(part)]
            getattr(owner, name.split(".")[-1]).copy_(weight)
