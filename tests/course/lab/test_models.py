"""The model is the real one, is loaded without the network, and fits a small machine."""

import json
import subprocess
import sys

import pytest
import torch

from mi_tutor.lab import models

# The limit is 1.2 GB after one forward pass; GB taken as 10^9, the stricter reading.
MOST_RESIDENT_BYTES = 1.2e9

MEASURE = """
import time; start = time.perf_counter()
import json, socket
reached = []
def refuse(*where, **_):
    reached.append(str(where)); raise OSError("no network in this test")
socket.getaddrinfo = refuse
from mi_tutor.lab import models
model = models.load("smollm2")
loaded = time.perf_counter() - start
import psutil
model(models.tokens(model, "When Mary and John went to the shop, John gave a drink to").ids)
print(json.dumps({"seconds": loaded, "bytes": psutil.Process().memory_info().rss, "reached": reached}))
"""


@pytest.fixture(scope="module")
def measured():
    run = subprocess.run([sys.executable, "-c", MEASURE], capture_output=True, text=True, check=True, timeout=120)
    result = json.loads(run.stdout.splitlines()[-1])
    print(f"\nloaded in {result['seconds']:.1f} s (limit 8 on a free machine), {result['bytes'] / 1e6:.0f} MB resident")
    return result


def test_resident_memory_after_a_forward_pass_is_within_the_limit(measured):
    assert measured["bytes"] < MOST_RESIDENT_BYTES


def test_loading_asks_no_network(measured):
    assert measured["reached"] == []


def test_importing_the_lab_loads_torch_only():
    heavy = ["transformer_lens", "transformers", "matplotlib", "pandas", "sklearn", "IPython", "circuitsvis"]
    code = (
        "import sys\nfrom mi_tutor.lab import models, activations, figures, attention_view\n"
        f"print([name for name in {heavy} if name in sys.modules])"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"


def test_it_is_smollm2_in_float32_and_frozen(model):
    cfg = model.cfg
    assert (cfg.n_layers, cfg.n_heads, cfg.n_key_value_heads, cfg.d_model, cfg.d_mlp) == (30, 9, 3, 576, 1536)
    assert {parameter.dtype for parameter in model.parameters()} == {torch.float32}
    assert not model.training
    assert not any(parameter.requires_grad for parameter in model.parameters())


def test_it_knows_the_capital_of_france(model):
    logits = model(models.tokens(model, "The capital of France is").ids)
    assert model.tokenizer.decode(logits[0, -1].argmax()) == " Paris"


def test_it_is_loaded_once_in_a_process(model):
    assert models.load("smollm2") is model


def test_an_unknown_model_without_a_hub_is_one_clear_sentence(monkeypatch):
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    with pytest.raises(models.ModelProblem, match=r"no model hub can be reached.*smollm2"):
        models.load("no-such-model-anywhere")


def test_missing_weights_are_one_clear_sentence(monkeypatch):
    from mi_tutor.lab import weights

    def missing():
        raise weights.WeightsProblem("The weights are not here: run `python3 -m mi_tutor learn`.")

    monkeypatch.setattr(weights, "folder", missing)
    monkeypatch.setattr(models, "_loaded", {})
    with pytest.raises(models.ModelProblem, match="mi_tutor learn"):
        models.load("smollm2")


def test_direct_logits_are_the_logits_of_a_normed_residual(model, batch):
    """Folding the gain: gain * x @ W_U divided by rms(x) is what the model computes from x."""
    from mi_tutor.lab.activations import logits_at, run_with

    last = run_with(model, batch, "blocks.29.hook_resid_post")["blocks.29.hook_resid_post"][1, -1]
    rms = (last.pow(2).mean() + model.cfg.eps).sqrt()
    torch.testing.assert_close(
        models.direct_logits(model, last) / rms, logits_at(model, batch)[1], atol=2e-4, rtol=1e-4
    )
    mary = models.unembed_directions(model, [" Mary"])[0]
    expected = logits_at(model, batch)[1, models.single_token(model, " Mary")]
    torch.testing.assert_close(mary @ last / rms, expected, atol=2e-4, rtol=1e-4)


def test_neuron_outputs_add_up_to_the_mlp_output(model, batch):
    from mi_tutor.lab.activations import neuron_name, run_with

    found = run_with(model, batch, [neuron_name(7), "blocks.7.hook_mlp_out"])
    rebuilt = found[neuron_name(7)] @ models.neuron_outputs(model, 7)
    torch.testing.assert_close(rebuilt, found["blocks.7.hook_mlp_out"], atol=1e-4, rtol=1e-4)
    with pytest.raises(ValueError, match="0 to 29"):
        models.neuron_outputs(model, 30)
