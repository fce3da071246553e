"""The buffer holds what the model computes, survives being killed, and batches are a function of the step."""

import json
import os
import signal
import subprocess
import sys
import time
from types import SimpleNamespace

import pytest
import torch

from mi_tutor.lab.running import run_with
from mi_tutor.lab.saes import atomic, batches, texts
from mi_tutor.lab.saes.buffer import HUGE, Buffer, fill

NAME = "blocks.1.hook_resid_pre"


def small_model():
    """Two layers, 20 tokens, BOS 0; token 19 has an embedding so large that its rows must be left out."""
    from transformer_lens.model_bridge import TransformerBridge
    from transformer_lens.model_bridge.sources import boot_native  # noqa: F401  (adds boot_native to TransformerBridge)

    sizes = {"d_model": 16, "d_head": 8, "n_heads": 2, "n_layers": 2, "n_ctx": 12, "d_vocab": 20, "d_mlp": 32}
    made = TransformerBridge.boot_native({**sizes, "act_fn": "relu", "normalization_type": "LN", "seed": 0})
    made.requires_grad_(False)
    made.W_E[19] *= 1000
    made.tokenizer = SimpleNamespace(bos_token_id=0)
    return made


def some_pieces(count: int = 30, seed: int = 0) -> texts.Pieces:
    generator = torch.Generator().manual_seed(seed)
    ids = torch.randint(1, 20, (count, 9), generator=generator)
    return texts.Pieces(ids, torch.arange(count) % 2, ["one", "other"])


@pytest.fixture(scope="module")
def tiny():
    return small_model()


@pytest.fixture(scope="module")
def buffer(tiny, tmp_path_factory):
    return fill(tmp_path_factory.mktemp("buffer"), tiny, some_pieces(), NAME, batch_size=4, shard=7)


def test_rows_are_what_the_model_computes(tiny, buffer):
    pieces = some_pieces()
    ids = torch.cat([torch.zeros(30, 1, dtype=torch.long), pieces.ids], dim=1)
    expected = run_with(tiny, ids, NAME)[NAME][:, 1:].flatten(0, 1)
    assert len(buffer) == 270 and buffer.ids.tolist() == pieces.ids.flatten().tolist()
    mixed = torch.tensor([269, 0, 63, 62, 5, 5])  # shards have 63 rows
    torch.testing.assert_close(buffer.rows(mixed), expected[mixed].half().float())
    torch.testing.assert_close(buffer.norm, expected.norm(dim=1))
    assert buffer.source.tolist() == [index % 2 for index in range(30) for _ in range(9)]


def test_huge_rows_are_left_out_and_the_others_are_scaled(buffer):
    huge = buffer.ids == 19
    assert huge.sum() > 5 and buffer.norm_limit == pytest.approx(HUGE * buffer.norm.median().item())
    assert buffer.kept.tolist() == (~huge).nonzero()[:, 0].tolist()
    rows = buffer.rows(buffer.kept)
    torch.testing.assert_close(buffer.mean, rows.mean(0), atol=1e-4, rtol=1e-4)
    assert ((rows - buffer.mean) / buffer.scale).norm(dim=1).mean().item() == pytest.approx(16**0.5, rel=1e-4)


def test_an_epoch_shows_every_kept_row_at_most_once(buffer):
    data = buffer.batches(32, seed=3)
    rows = buffer.rows(buffer.kept)
    for epoch in range(2):
        steps = range(epoch * data.in_epoch, (epoch + 1) * data.in_epoch)
        shown = torch.cat([data(step) for step in steps]) * buffer.scale + buffer.mean
        distance = torch.cdist(shown, rows)
        assert distance.amin(1).max() < 1e-2
        assert len(shown) == len(rows) // 32 * 32
        repeated = (torch.cdist(shown, shown) < 1e-4).sum(1)
        own = (torch.cdist(rows, rows) < 1e-4).sum(1).max()
        assert repeated.max() <= own  # equal rows come from equal contexts, not from drawing twice


def test_a_batch_depends_on_its_step_and_seed_only(buffer):
    first, second = buffer.batches(32, seed=3), Buffer(buffer.folder).batches(32, seed=3)
    for step in (40, 2, 0, 41):
        assert torch.equal(first(step), second(step))
    assert not torch.equal(first(0), first(first.in_epoch))  # another epoch, another order
    assert not torch.equal(first(0), buffer.batches(32, seed=4)(0))


def test_windows_stay_in_their_piece(buffer):
    ids = some_pieces().ids
    assert buffer.window(9, before=3, after=2) == (ids[1, :3].tolist(), 0)
    assert buffer.window(16, before=3, after=5) == (ids[1, 4:9].tolist(), 3)


def test_filling_again_reads_nothing_and_goes_on_where_it_stopped(tiny, buffer, tmp_path, monkeypatch):
    pieces, calls = some_pieces(), []

    class PowerCut(Exception):
        pass

    def failing(model, ids, name):
        calls.append(len(ids))
        if len(calls) == 5:
            raise PowerCut
        return run_with(model, ids, name)

    monkeypatch.setattr("mi_tutor.lab.saes.buffer.run_with", failing)
    with pytest.raises(PowerCut):
        fill(tmp_path, tiny, pieces, NAME, batch_size=4, shard=7)
    with pytest.raises(FileNotFoundError, match="call fill"):
        Buffer(tmp_path)
    assert sorted(file.name for file in tmp_path.glob("shard*")) == [
        "shard_00000.safetensors",
        "shard_00001.safetensors",
    ]
    again = fill(tmp_path, tiny, pieces, NAME, batch_size=4, shard=7)
    assert sum(calls) == 30 + 4  # all pieces, and the batch that was cut off
    calls.clear()
    fill(tmp_path, tiny, pieces, NAME, batch_size=4, shard=7)
    assert calls == []
    every = torch.arange(270)
    assert torch.equal(again.rows(every), buffer.rows(every)) and again.manifest == buffer.manifest


def test_a_folder_of_other_texts_or_another_place_is_refused(tiny, buffer):
    for pieces, name in ((some_pieces(seed=1), NAME), (some_pieces(), "blocks.0.hook_resid_pre")):
        with pytest.raises(ValueError, match="choose another folder"):
            fill(buffer.folder, tiny, pieces, name, batch_size=4, shard=7)


KILLED = """
import sys
sys.path.insert(0, {here!r})
from test_sae_buffer import NAME, fill, small_model, some_pieces
model = small_model()
open(sys.argv[1] + ".ready", "w").close()
fill(sys.argv[1], model, some_pieces(400), NAME, batch_size=4, shard=4)
"""


@pytest.mark.slow
def test_killed_at_random_moments_it_ends_with_the_same_files(tiny, tmp_path):
    code = KILLED.format(here=os.path.dirname(__file__))
    ready = tmp_path / "killed.ready"
    deaths = 0
    for delay in (0.02, 0.1, 0.25, 0.4):
        ready.unlink(missing_ok=True)
        process = subprocess.Popen([sys.executable, "-c", code, str(tmp_path / "killed")])
        while not ready.exists() and process.poll() is None:
            time.sleep(0.005)
        time.sleep(delay)
        if process.poll() is None:
            process.send_signal(signal.SIGKILL)
            deaths += 1
        process.wait()
    assert deaths >= 2
    one, other = (
        fill(tmp_path / name, tiny, some_pieces(400), NAME, batch_size=4, shard=4) for name in ("killed", "whole")
    )
    every = torch.arange(3600)
    assert torch.equal(one.rows(every), other.rows(every)) and torch.equal(one.kept, other.kept)


def test_memory_is_bounded(tmp_path):
    """Reading from a file of 240 MB holds one batch, not the file."""
    rows = torch.zeros(200_000, 600, dtype=torch.float16)
    atomic.write_tensors(tmp_path / "shard_00000.safetensors", {"rows": rows, "norm": torch.zeros(200_000)})
    code = f"""
import psutil, torch
from pathlib import Path
from mi_tutor.lab.saes.batches import Batches, Rows
read = Rows([Path({str(tmp_path / "shard_00000.safetensors")!r})]).read
data = Batches(read, torch.arange(200_000), 1024)
before = psutil.Process().memory_info().rss
for step in range(60):
    data(step)
print((psutil.Process().memory_info().rss - before) / 1e6)
"""
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert float(run.stdout) < 60


def test_rows_in_memory_give_the_same_kind_of_batches():
    x = torch.arange(20.0).view(10, 2)
    data = batches.of_tensor(x, 3, seed=1)
    epoch = torch.cat([data(step) for step in range(3)])
    assert data.in_epoch == 3 and len({tuple(row) for row in epoch.tolist()}) == 9
    with pytest.raises(ValueError, match="smaller batch"):
        batches.of_tensor(x, 11)


def test_files_are_whole_or_not_there(tmp_path):
    def fail(part):
        part.write_text("half")
        raise RuntimeError

    atomic.write_json(tmp_path / "one.json", {"a": 1})
    with pytest.raises(RuntimeError):
        atomic.write(tmp_path / "one.json", fail)
    assert json.loads((tmp_path / "one.json").read_text()) == {"a": 1}
    assert [file.name for file in tmp_path.iterdir()] == ["one.json"]


def test_the_mixed_text():
    def tokenize(text):
        return [ord(character) for character in text]

    counts = {"manual": 3, "docstrings": 2, "source": 4}
    train, test = (texts.pieces(tokenize, split, counts=counts) for split in ("train", "test"))
    assert train.ids.shape[1] == texts.LENGTH and len(train.ids) == len(train.source)
    for name, count in counts.items():
        assert len(train.where(name).ids) == count == len(test.where(name).ids)
        assert not {tuple(row) for row in train.where(name).ids.tolist()} & {
            tuple(row) for row in test.where(name).ids.tolist()
        }
    arabic = "".join(map(chr, train.where("arabic").ids[0].tolist()))
    assert sum("\u0600" < character < "\u06ff" for character in arabic) > 80
    again = texts.pieces(tokenize, counts=counts)
    assert torch.equal(again.ids, train.ids)
    with pytest.raises(ValueError, match="pieces of manual"):
        texts.pieces(tokenize, counts={"manual": 10**6})
    with pytest.raises(ValueError, match="no split"):
        texts.pieces(tokenize, "dev")
