"""The trained SAEs that come with the course: their size, their record, and that the record is true."""

import json

import pytest
import torch

from mi_tutor.lab import activations, corpus, saes
from mi_tutor.lab.saes import shipped, texts
from mi_tutor.lab.saes.activity import collect
from mi_tutor.lab.saes.measuring import measure
from mi_tutor.lab.saes.one_layer import model as one_layer

needs_one_layer = pytest.mark.skipif(
    not (shipped.FOLDER / "sae_one_layer.safetensors").exists(), reason="this SAE has not been trained"
)


@pytest.fixture(scope="module")
def sae():
    return saes.pretrained("smollm2")


@pytest.fixture(scope="module")
def held_out(model):
    """A few held-out texts of every label: the harvest at the SAE's place, and the labels."""
    data = corpus.load(split="test", per_label=6)
    return activations.harvest(model, data.texts, activations.residual_name(10)), data.labels


def test_its_size_and_its_place(sae):
    assert (sae.kind, sae.feature, sae.k, sae.d_model) == ("topk", 4096, 32, 576)
    assert sae.info["name"] == activations.residual_name(10)
    assert (shipped.FOLDER / "sae_smollm2.safetensors").stat().st_size < 12e6
    torch.testing.assert_close(sae.W_dec.norm(dim=1), torch.ones(4096), atol=1e-3, rtol=0)


def test_the_json_beside_it_says_the_same(sae):
    record = json.loads((shipped.FOLDER / "sae_smollm2.json").read_text())
    assert record["info"] == sae.info and record["settings"] == sae.settings()
    assert sae.info["spliced"]["recovered_from_mean"] >= 0.98
    assert sae.info["held_out"]["all"]["fve"] > 0.85


def test_it_explains_activations_it_has_not_seen(sae, held_out):
    harvest, labels = held_out
    found = measure(sae, harvest[sae.info["name"]])
    assert found.l0 == pytest.approx(32, abs=0.1) and found.fve > 0.75
    hebrew = torch.tensor([label == "hebrew" for label in labels])[harvest.document]
    assert measure(sae, harvest[sae.info["name"]][hebrew]).fve > 0.8


@pytest.mark.parametrize("label", ["arabic", "hebrew", "dna", "base64", "hex"])
def test_some_latents_stand_for_kinds_of_text(sae, held_out, label):
    """As a classifier of tokens, the best latent of a kind has an F1 score above one half."""
    harvest, labels = held_out
    activity = collect(sae, harvest, sae.info["name"], labels)
    (best,) = activity.best_for(label, 1)
    index = activity.label_names.index(label)
    hits = activity.by_label()[best, index].item()
    precision, recall = hits / activity.counts[best].item(), hits / activity.label_sizes[index].item()
    assert 2 * precision * recall / (precision + recall) > 0.5


def test_unknown_names_are_answered_in_words():
    with pytest.raises(ValueError, match=r"there are .*smollm2"):
        saes.pretrained("gpt2")


@pytest.mark.slow
def test_it_recovers_the_cross_entropy(model, sae):
    def tokenize(text):
        return model.tokenizer(text, add_special_tokens=False)["input_ids"]

    pieces = texts.pieces(tokenize, "test")
    ids = torch.cat([torch.full((12, 1), model.tokenizer.bos_token_id), pieces.ids[:12]], dim=1)
    found = saes.splice(model, sae, ids, sae.info["name"])
    assert found.recovered("zero") > 0.98 and found.recovered("mean") > 0.97
    assert found.clean < found.sae < found.mean


@needs_one_layer
def test_the_sae_of_the_one_layer_model():
    sae, bridge = saes.pretrained("one_layer"), one_layer.load()
    assert (sae.kind, sae.d_model) == ("standard", 512) and sae.info["name"] == activations.neuron_name(0)
    data = corpus.load(split="test", per_label=10)
    harvest = activations.harvest(bridge, data.texts, sae.info["name"])
    found = measure(sae, harvest[sae.info["name"]])
    assert found.fve > 0.6 and 1 < found.l0 < 120
    assert sae.info["spliced"]["recovered_from_zero"] > 0.8
    activity = collect(sae, harvest, sae.info["name"], data.labels)
    for label in ("arabic", "hebrew", "dna", "base64"):
        (best,) = activity.best_for(label, 1)
        index = activity.label_names.index(label)
        hits = activity.by_label()[best, index].item()
        assert 2 * hits / (activity.counts[best] + activity.label_sizes[index]).item() > 0.5, label
