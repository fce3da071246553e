"""Activations of chosen positions: right without padding's help, kept on disk, mended when they were damaged."""

import json
import os

import numpy as np
import pytest
import torch

from mi_tutor.lab import activations, probes
from mi_tutor.lab.probes import reading, shelf

NAMES = ["blocks.1.hook_resid_pre", "blocks.2.hook_resid_pre"]
TEXTS = ["The city of Ulaanbaatar", "Rome", "The city of Lyon is in France."]


@pytest.fixture(autouse=True)
def own_cache(monkeypatch, tmp_path, model):  # the model comes first: its weights are in the real cache
    monkeypatch.setenv("MI_TUTOR_CACHE", str(tmp_path))
    return tmp_path


def one_by_one(model, name, back):
    """The independent way: each text alone, no padding."""
    return torch.stack([activations.run_with(model, text, name)[name][0, -1 - back] for text in TEXTS])


def test_every_stage_at_the_last_token(model):
    found = probes.read(model, TEXTS)
    assert len(found) == model.cfg.n_layers + 1
    for stage, name in (
        (0, "blocks.0.hook_resid_pre"),
        (17, "blocks.17.hook_resid_pre"),
        (30, "blocks.29.hook_resid_post"),
    ):
        expected = one_by_one(model, name, 0)
        torch.testing.assert_close(found[stage], expected, atol=2e-3 * float(expected.abs().max()), rtol=2e-3)


def test_several_positions_and_chosen_names(model):
    name = activations.neuron_name(3)
    found = probes.read(model, TEXTS, [-1, -2], names=[name])
    assert found[name].shape == (3, 2, model.cfg.d_mlp)
    torch.testing.assert_close(found[0][:, 1], one_by_one(model, name, 1), atol=5e-3, rtol=2e-3)


def test_the_mean_leaves_out_bos_and_padding(model):
    name = activations.residual_name(4)
    found = probes.read(model, TEXTS, "mean", names=[name])[0]
    expected = torch.stack([activations.run_with(model, text, name)[name][0, 1:].mean(dim=0) for text in TEXTS])
    torch.testing.assert_close(found, expected, atol=5e-3, rtol=5e-3)


def test_single_places_in_any_order(model):
    text, position = torch.tensor([2, 0, 2]), torch.tensor([3, 1, 8])
    found = probes.read(model, TEXTS, (text, position), names=NAMES)[1]
    alone = [activations.run_with(model, one, NAMES[1])[NAMES[1]][0] for one in TEXTS]
    expected = torch.stack([alone[t][p] for t, p in zip(text.tolist(), position.tolist(), strict=True)])
    torch.testing.assert_close(found, expected, atol=5e-3, rtol=2e-3)
    with pytest.raises(ValueError, match="from 0 to its text's last token"):
        probes.read(model, TEXTS, (torch.tensor([1]), torch.tensor([5])))


def test_batches_hold_every_text_once_and_similar_lengths():
    lengths = torch.tensor([3, 300, 5, 400, 4, 200])
    batches = reading._batches(lengths)
    assert torch.cat(batches).sort().values.tolist() == list(range(6))
    assert [lengths[rows].tolist() for rows in batches] == [[400], [300, 200], [5, 4, 3]]


def test_values_are_read_on_their_own_and_still_there_when_the_files_go(model, own_cache):
    first = probes.read(model, TEXTS, names=NAMES)
    kept = first[1].clone()
    for file in (own_cache / "readings").glob("*/*.npy"):
        file.unlink()  # another process has made room on the shelf
    torch.testing.assert_close(first[1], kept, atol=0, rtol=0)


def counted(monkeypatch):
    runs, run = [], reading._run
    monkeypatch.setattr(reading, "_run", lambda *given: runs.append(1) or run(*given))
    return runs


def test_the_second_time_nothing_is_run(model, monkeypatch):
    runs = counted(monkeypatch)
    first = probes.read(model, TEXTS, names=NAMES)
    again = probes.read(model, TEXTS, names=NAMES)
    assert len(runs) == 1 and torch.equal(first[1], again[1])


def test_another_text_position_name_or_weight_is_another_key(model, monkeypatch):
    runs = counted(monkeypatch)
    probes.read(model, TEXTS, names=NAMES)
    probes.read(model, TEXTS[:2], names=NAMES)
    probes.read(model, TEXTS, -2, names=NAMES)
    probes.read(model, TEXTS, names=NAMES[:1])
    probes.read(model, TEXTS, "mean", names=NAMES)
    before = shelf.key_of(reading._fingerprint(model))
    weight = next(model.parameters())
    with torch.no_grad():
        weight.view(-1)[0] += 1
        after = shelf.key_of(reading._fingerprint(model))
        weight.view(-1)[0] -= 1
    assert len(runs) == 5 and before != after


@pytest.mark.parametrize("harm", ["cut", "changed", "gone", "no list", "nonsense"])
def test_damaged_files_are_made_anew(model, monkeypatch, harm):
    first = probes.read(model, TEXTS, names=NAMES)[1]
    (folder,) = shelf.place().iterdir()
    file = folder / "001.npy"
    if harm == "cut":
        file.write_bytes(file.read_bytes()[:-10])
    elif harm == "changed":
        content = bytearray(file.read_bytes())
        content[-3] ^= 64
        file.write_bytes(bytes(content))
    elif harm == "gone":
        file.unlink()
    elif harm == "no list":
        (folder / "list.json").unlink()
    else:
        (folder / "list.json").write_text(json.dumps([1, 2]))
    runs = counted(monkeypatch)
    assert torch.equal(probes.read(model, TEXTS, names=NAMES)[1], first) and len(runs) == 1
    assert torch.equal(probes.read(model, TEXTS, names=NAMES)[1], first) and len(runs) == 1
    assert [one.name for one in shelf.place().iterdir()] == [folder.name], "no drafts are left"


def test_an_interrupted_run_leaves_nothing(model, monkeypatch):
    def interrupted(*given):
        raise KeyboardInterrupt

    monkeypatch.setattr(reading, "_run", interrupted)
    with pytest.raises(KeyboardInterrupt):
        probes.read(model, TEXTS, names=NAMES)
    assert not shelf.place().exists()


def test_the_shelf_forgets_what_was_used_longest_ago(monkeypatch):
    monkeypatch.setattr(shelf, "LIMIT_MB", 0.005)
    array = {"x": np.zeros(1000, dtype=np.float16)}  # 2 kB and a list: two fit
    for age, key in ((300, "a"), (200, "b")):
        shelf.fetch(key, ["x"], lambda: array)
        past = (shelf.place() / key).stat().st_mtime - age
        os.utime(shelf.place() / key, (past, past))
    shelf.fetch("a", ["x"], lambda: array)  # used again
    shelf.fetch("c", ["x"], lambda: array)
    assert sorted(one.name for one in shelf.place().iterdir()) == ["a", "c"]


def test_a_place_that_cannot_be_written_to_keeps_nothing_and_works(model, own_cache):
    (own_cache / "readings").write_text("in the way")
    assert probes.read(model, TEXTS, names=NAMES)[0].shape == (3, model.cfg.d_model)


def test_wrong_use_is_told_in_a_sentence(model):
    with pytest.raises(ValueError, match="no activation"):
        probes.read(model, TEXTS, names=["blocks.1.hook_nothing"])
    with pytest.raises(ValueError, match="outside row 1"):
        probes.read(model, TEXTS, -3)
    with pytest.raises(ValueError, match='or "mean"'):
        probes.read(model, TEXTS, "last")
    with pytest.raises(KeyError, match="was not read"):
        probes.read(model, TEXTS, names=NAMES)["blocks.9.hook_resid_pre"]
    with (
        pytest.raises(ValueError, match="hooks on the model"),
        activations.replace(model, NAMES[0], lambda x, hook: 0 * x),
    ):
        probes.read(model, TEXTS, names=NAMES)
