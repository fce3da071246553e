"""A shelf for arrays that are slow to make: 16-bit files in the user's cache, in one folder for each key.

A folder is written under another name and then renamed, so that it is there as a whole or not at all. Its list of files
holds the size and the hash of each; a folder that does not fit its list is made anew. When the shelf is full, what was
used longest ago goes. Where nothing can be written, everything works and nothing is kept.
"""

import contextlib
import hashlib
import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
from torch import Tensor

from mi_tutor.lab import weights
from mi_tutor.lab.weights_files import sha256

LIMIT_MB = 1000
FORM = 1  # of the files; another number leaves the old ones to be forgotten
_LIST = "list.json"


def place() -> Path:
    """Where the shelf is."""
    return weights.cache() / "readings"


def key_of(parts) -> str:
    """A name for these tensors, strings, numbers and lists of them; another content gives another name."""
    digest = hashlib.sha256(f"form {FORM}".encode())
    _feed(digest, parts)
    return digest.hexdigest()[:32]


def fetch(key: str, names: list[str], make: Callable[[], dict[str, np.ndarray]]) -> dict[str, np.ndarray]:
    """The arrays of this key: from the shelf, or made and put there. They are mapped, and read when they are used.

    Args:
        names: what the arrays are called, in order.
        make: makes them, name → array; called when the shelf does not have them intact.
    """
    folder = place() / key
    found = _load(folder, names)
    if found is not None:
        with contextlib.suppress(OSError):
            os.utime(folder)  # used now
        return found
    arrays = make()
    size_mb = sum(array.nbytes for array in arrays.values()) / 1e6
    if size_mb <= LIMIT_MB:
        with contextlib.suppress(OSError):  # no room, or a place that cannot be written to
            _store(folder, names, arrays)
            _forget(place(), LIMIT_MB, but=folder)
            return _load(folder, names) or arrays
    return arrays


def _feed(digest, part) -> None:
    if isinstance(part, (list, tuple)):
        digest.update(f"[{len(part)}]".encode())
        for one in part:
            _feed(digest, one)
    elif isinstance(part, Tensor):
        digest.update(f"{part.dtype}{tuple(part.shape)}".encode())
        digest.update(part.contiguous().numpy().tobytes())
    else:
        digest.update(f"{type(part).__name__} {part!r};".encode())


def _store(folder: Path, names: list[str], arrays: dict[str, np.ndarray]) -> None:
    draft = folder.with_name(f".{folder.name}.{os.getpid()}")
    try:
        draft.mkdir(parents=True)
        files = {}
        for index, name in enumerate(names):
            file = draft / f"{index:03}.npy"
            np.save(file, arrays[name])
            files[file.name] = {"name": name, "size": file.stat().st_size, "sha256": sha256(file)}
        (draft / _LIST).write_text(json.dumps(files, indent=1), encoding="utf-8")
        shutil.rmtree(folder, ignore_errors=True)  # a damaged one
        with contextlib.suppress(OSError):  # another process was faster: its folder is as good
            os.rename(draft, folder)
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _load(folder: Path, names: list[str]) -> dict[str, np.ndarray] | None:
    """The arrays, or None when the folder is not there, or is not as its list says."""
    try:
        files = json.loads((folder / _LIST).read_text(encoding="utf-8"))
        if [entry["name"] for entry in files.values()] != names:
            return None
        for file, entry in files.items():
            if (folder / file).stat().st_size != entry["size"] or sha256(folder / file) != entry["sha256"]:
                return None
        return {entry["name"]: np.load(folder / file, mmap_mode="r") for file, entry in files.items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def _forget(shelf: Path, limit_mb: float, but: Path) -> None:
    """Remove what was used longest ago until the shelf holds no more than the limit; also drafts that were left."""
    folders = sorted((one for one in shelf.iterdir() if one.is_dir()), key=lambda one: one.stat().st_mtime)
    size = {one: sum(file.stat().st_size for file in one.iterdir()) for one in folders}
    for one in folders:
        if sum(size.values()) <= limit_mb * 1e6:
            return
        if one != but:
            size.pop(one)
            shutil.rmtree(one, ignore_errors=True)
