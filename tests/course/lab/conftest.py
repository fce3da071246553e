"""One model for all tests of the lab: loading it takes seconds."""

import pytest
import torch

from mi_tutor.lab import models


@pytest.fixture(scope="session", autouse=True)
def one_thread():
    """On a busy machine two threads spend their time waiting for each other."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="session")
def model():
    return models.load("smollm2")


@pytest.fixture(scope="session")
def batch(model):
    """Two prompts of different lengths: the shorter row is padded."""
    return models.tokens(
        model, ["The capital of France is", "When Mary and John went to the shop, John gave a drink to"]
    )


@pytest.fixture(scope="session")
def full_logits(model, batch):
    """The plain run that the instruments are compared with."""
    return model(batch.ids)


KINDS = {
    "plain": {"d_mlp": 32, "act_fn": "relu", "normalization_type": "LN"},
    "gated": {
        "d_mlp": 32,
        "act_fn": "silu",
        "gated_mlp": True,
        "normalization_type": "RMS",
        "positional_embedding_type": "rotary",
    },
    "attention only": {"attn_only": True, "normalization_type": None},
}


@pytest.fixture(scope="session", params=KINDS)
def native(request):
    """Small models of our own, made without the network: two layers, no tokenizer, random weights."""
    from transformer_lens.model_bridge import TransformerBridge
    from transformer_lens.model_bridge.sources import boot_native  # noqa: F401  (adds boot_native to TransformerBridge)

    sizes = {"d_model": 16, "d_head": 8, "n_heads": 2, "n_layers": 2, "n_ctx": 12, "d_vocab": 20}
    made = TransformerBridge.boot_native({**sizes, **KINDS[request.param], "seed": 0})
    made.requires_grad_(False)
    return made


@pytest.fixture
def native_ids():
    return torch.randint(0, 20, (3, 7), generator=torch.Generator().manual_seed(0))


@pytest.fixture
def shown(monkeypatch):
    """What the lab displays during a test, as (html, words) pairs."""
    from mi_tutor.lab import attention_view, figures, tables, token_view

    outputs: list[tuple[str, str]] = []
    for module in (attention_view, figures, tables, token_view):
        monkeypatch.setattr(module, "display_html", lambda html, words: outputs.append((html, words)))
    return outputs
