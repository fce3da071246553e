"""Find a Python that can run the course: 3.11 to 3.13, 64 bits, able to make a virtual environment."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from typing import NamedTuple

OLDEST, NEWEST = (3, 11), (3, 13)

_PROBE = (
    "import json, sys, importlib.util as u; print(json.dumps({'version': sys.version_info[:2],"
    "'path': getattr(sys, '_base_executable', None) or sys.executable, 'wide': sys.maxsize > 2**32,"
    "'venv': all(u.find_spec(m) for m in ('venv', 'ensurepip'))}))"
)


class Interpreter(NamedTuple):
    path: str
    version: tuple[int, int]
    can_make_venv: bool


def candidates() -> Iterator[Interpreter]:
    """Usable Pythons, best first: the running one, then those on the PATH, the lock's own version first."""
    seen = set()
    base = getattr(sys, "_base_executable", sys.executable)  # outlives a .venv that is being replaced
    for command in (sys.executable, base, "python3.11", "python3.12", "python3.13", "python3", "python"):
        found = _probe(command)
        if found and found.path not in seen:
            seen.add(found.path)
            yield found


def _probe(command: str) -> Interpreter | None:
    """Ask one Python what it is; None if it is missing, broken, too old, too new or 32-bit."""
    path = shutil.which(command)
    if path is None:
        return None
    try:
        answer = subprocess.run([path, "-c", _PROBE], capture_output=True, text=True, timeout=30, check=True)
        said = json.loads(answer.stdout)
    except (OSError, subprocess.SubprocessError, ValueError):
        return None
    version = tuple(said["version"])
    if not (OLDEST <= version <= NEWEST and said["wide"]):
        return None
    return Interpreter(said["path"], version, said["venv"])
