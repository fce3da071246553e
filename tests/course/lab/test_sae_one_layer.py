"""The one-layer model: one computation in two forms, its tokenizer, its text, and what it was trained to."""

import json

import pytest
import torch
import torch.nn.functional as F

from mi_tutor.lab import activations, corpus, models
from mi_tutor.lab.corpus import generated
from mi_tutor.lab.saes import atomic
from mi_tutor.lab.saes.one_layer import mixture, model, vocabulary


@pytest.fixture(scope="module")
def random_weights():
    """No bias at zero and no gain at one, so that a forgotten one shows."""
    generator = torch.Generator().manual_seed(1)
    return {name: value + 0.1 * torch.randn(value.shape, generator=generator) for name, value in model.start().items()}


@pytest.fixture(scope="module")
def bridge(random_weights, tmp_path_factory):
    file = tmp_path_factory.mktemp("one_layer") / "weights.safetensors"
    atomic.write_tensors(file, random_weights)
    return model.load(file)


@pytest.fixture(scope="module")
def ids(bridge):
    return models.tokens(bridge, ["The cat sat on the mat and looked at me.", "שלום לכולם, מה שלומכם היום?"]).ids[
        :, :12
    ]


def test_the_bridge_computes_what_was_trained(random_weights, bridge, ids):
    expected = model.final(random_weights, ids) @ random_weights["head.weight"].T
    torch.testing.assert_close(bridge(ids), expected, atol=1e-4, rtol=1e-4)
    loss = F.cross_entropy(bridge(ids)[:, :-1].flatten(0, 1), ids[:, 1:].flatten())
    torch.testing.assert_close(model.loss(random_weights, ids), loss, atol=1e-4, rtol=1e-4)


def test_its_neurons_and_what_they_write(bridge, ids):
    found = activations.run_with(bridge, ids, [activations.neuron_name(0), "blocks.0.hook_mlp_out"])
    neurons = found[activations.neuron_name(0)]
    assert neurons.shape == (2, 12, 512) and (neurons >= 0).all() and 0.1 < (neurons > 0).float().mean() < 0.9
    written = neurons @ models.neuron_outputs(bridge, 0) + bridge.blocks[0].mlp.b_out
    torch.testing.assert_close(written, found["blocks.0.hook_mlp_out"], atol=1e-4, rtol=1e-4)


def test_the_tokenizer_brings_every_text_back():
    tokenizer = vocabulary.load()
    assert len(tokenizer) == vocabulary.SIZE and tokenizer.bos_token_id == 0
    for label in corpus.labels():
        text = corpus.texts(label)[0]
        ids = tokenizer(text, add_special_tokens=False)["input_ids"]
        assert tokenizer.decode(ids) == text and 0 not in ids
        assert len(ids) < len(text.encode())


def test_training_text_leaves_the_test_split_out():
    for label in ("arabic", "dna", "python", "french"):
        text = mixture.text(label)
        assert corpus.texts(label, "train")[0] in text
        assert not any(one in text for one in corpus.texts(label, "test"))
    assert generated.strings("dna", 161)[160] in mixture.text("dna")
    assert sum(mixture.SHARES.values()) == 100 and set(mixture.SHARES) == set(corpus.labels())


def test_batches_are_a_function_of_the_step():
    streams = {name: torch.full((300,), index + 1) for index, name in enumerate(mixture.SHARES)}
    first, again, other = (mixture.batch(streams, step, 500, 128, bos=0) for step in (3, 3, 4))
    assert torch.equal(first, again) and not torch.equal(first, other)
    assert first.shape == (500, 128) and (first[:, 0] == 0).all() and (first[:, 1:] > 0).all()
    english = (first[:, 1] == 1 + list(mixture.SHARES).index("english")).float().mean().item()
    assert english == pytest.approx(0.36, abs=0.08)
    whole = {name: torch.arange(127) for name in mixture.SHARES}
    assert mixture.draw(whole, 0, 3, 127)[0].tolist() == [list(range(127))] * 3  # the last token can be drawn


needs_weights = pytest.mark.skipif(not model.FILE.exists(), reason="the model has not been trained")


@needs_weights
def test_it_has_learned_all_kinds_of_text():
    weights, record = atomic.read_tensors(model.FILE)
    assert all(value.dtype == torch.float16 for value in weights.values())
    uniform = torch.tensor(float(vocabulary.SIZE)).log().item()
    assert record == {
        key: value for key, value in json.loads(model.FILE.with_suffix(".json").read_text()).items() if key != "history"
    }
    assert all(loss < uniform - 1.5 for loss in record["held_out"].values())


@needs_weights
def test_the_recorded_losses_are_those_of_the_stored_weights():
    weights = {name: value.float() for name, value in atomic.read_tensors(model.FILE)[0].items()}
    recorded = json.loads(model.FILE.with_suffix(".json").read_text())["held_out"]
    tokenizer = vocabulary.load()
    for label in ("arabic", "dna"):
        ids = torch.tensor(tokenizer("\n".join(corpus.texts(label, "test")))["input_ids"])
        rows = ids[: len(ids) // 127 * 127].view(-1, 127)
        with torch.no_grad():
            loss = model.loss(weights, torch.cat([torch.zeros(len(rows), 1, dtype=torch.long), rows], 1)).item()
        assert loss == pytest.approx(recorded[label], abs=0.01)
