"""Where things are: the project, its `.venv`, the lock, the stamp that says set-up was finished."""

from __future__ import annotations

import hashlib
import json
import os
import sys
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent.parent
WINDOWS = os.name == "nt"


def venv() -> Path:
    return PROJECT / ".venv"


def venv_python() -> Path:
    return venv() / ("Scripts/python.exe" if WINDOWS else "bin/python")


def lock() -> Path:
    """The file of exact versions. MI_TUTOR_LOCK names another one (the set-up's own tests use a tiny one)."""
    return Path(os.environ.get("MI_TUTOR_LOCK") or PROJECT / "binder" / "requirements.txt")


def stamp() -> Path:
    """Written last, when `.venv` is complete."""
    return venv() / ".mi_tutor-ready"


def under_construction() -> Path:
    """Written first; a `.venv` that still has it and no right stamp was interrupted."""
    return venv() / ".mi_tutor-building"


def log() -> Path:
    return PROJECT / ".mi_tutor" / "setup.log"


def is_checkout() -> bool:
    """True in a clone of the project; False where the package was installed from a wheel."""
    return (PROJECT / "pyproject.toml").is_file() and lock().is_file()


def is_wheel() -> bool:
    """True where the package was installed from a wheel: the course's other files are inside of the package."""
    return (PROJECT / "mi_tutor" / "course").is_dir()


def workspace_around(folder: Path) -> Path | None:
    """The copy of the course that `folder` is in; None where there is none."""
    for place in (folder, *folder.parents):
        if (place / "mi_tutor" / "__main__.py").is_file() and (place / "chapters").is_dir():
            return place
    return None


def put_first(project: Path) -> None:
    """Let the processes that this one starts import this copy of the course, also where another one is installed."""
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [str(project), os.environ.get("PYTHONPATH")]))


def in_own_venv() -> bool:
    """Whether this process runs the project's own `.venv`."""
    return Path(sys.prefix).resolve() == venv().resolve()


def stamp_for(version: tuple[int, int]) -> dict:
    """What the stamp says when everything fits: this lock, this place, this version of Python."""
    digest = hashlib.sha256(lock().read_bytes()).hexdigest()
    return {"lock": digest, "place": str(PROJECT), "python": list(version[:2])}


def venv_is_ready() -> bool:
    """Whether `.venv` was finished for today's lock in this place. Reads two small files; starts nothing."""
    try:
        found = json.loads(stamp().read_text(encoding="utf-8"))
        expected = stamp_for(tuple(found["python"]))
    except (OSError, ValueError, KeyError, TypeError):
        return False
    if in_own_venv() and found["python"] != list(sys.version_info[:2]):
        return False  # the system's python3 was replaced by another version under the .venv
    return found == expected and venv_python().is_file()


def cache() -> Path:
    """The folder for what the course downloads: MI_TUTOR_CACHE, or the system's place for a user's caches."""
    override = os.environ.get("MI_TUTOR_CACHE")
    if override:
        return Path(override).expanduser()
    if os.name == "nt":
        base = os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local"
    elif sys.platform == "darwin":
        base = Path.home() / "Library" / "Caches"
    else:
        base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "mi_tutor"
