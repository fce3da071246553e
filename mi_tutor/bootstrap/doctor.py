"""What somebody who helps will ask for. Nothing is imported to find a version, and nothing is changed."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import shutil
import sys
import tempfile
from pathlib import Path

import mi_tutor
from mi_tutor.bootstrap import places
from mi_tutor.bootstrap.problem import Problem

PACKAGES = ("torch", "transformer-lens", "transformers", "jupyterlab", "ipywidgets", "ipykernel", "numpy", "pytest")


def report() -> list[tuple[str, str]]:
    """Pairs of a name and what was found. Hashes the weights, which takes about a second."""
    return [
        ("mi_tutor", f"{mi_tutor.__version__} in {places.PROJECT}"),
        ("python", f"{platform.python_version()} at {sys.executable}"),
        *((name, _version(name)) for name in PACKAGES),
        ("system", f"{platform.system()} {platform.release()}, {platform.machine()}"),
        ("cores", _cores()),
        ("memory", _memory()),
        ("disk", _disk(places.PROJECT)),
        (".venv", _venv()),
        ("model", _weights()),
        ("workspace", _writable(places.PROJECT)),
        ("settings", _settings()),
    ]


def print_report() -> None:
    """The report as plain text."""
    for name, found in report():
        print(f"{name:<17} {found}")


def _version(name: str) -> str:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return "not installed"


def _cores() -> str:
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    try:
        flags = Path("/proc/cpuinfo").read_text()
    except OSError:
        return f"{usable}"
    return f"{usable}, " + ("with AMX" if "amx_tile" in flags else "without AMX")


def _memory() -> str:
    """Free and total, and the container's limit where there is one."""
    try:
        lines = dict(line.split(":", 1) for line in Path("/proc/meminfo").read_text().splitlines())
        free, total = (int(lines[key].split()[0]) * 1024 for key in ("MemAvailable", "MemTotal"))
    except (OSError, ValueError, KeyError):
        try:
            import psutil
        except ImportError:
            return "unknown before set-up"
        free, total = psutil.virtual_memory().available, psutil.virtual_memory().total
    said = f"{free / 1e9:.1f} GB free of {total / 1e9:.1f} GB"
    try:
        limit = int(Path("/sys/fs/cgroup/memory.max").read_text())
    except (OSError, ValueError):
        return said
    return f"{said}, limited to {limit / 1e9:.1f} GB"


def _disk(place: Path) -> str:
    try:
        return f"{shutil.disk_usage(place).free / 1e9:.1f} GB free in {place}"
    except OSError as error:
        return f"cannot be asked: {error.strerror}"


def _venv() -> str:
    try:
        if places.venv_is_ready():
            return "complete" + (", in use" if places.in_own_venv() else "")
        if places.under_construction().exists():
            return "unfinished: run `python3 -m mi_tutor learn` again"
        if places.stamp().exists():
            return "made for another lock or folder: `python3 -m mi_tutor learn` brings it up to date"
        return "not made by set-up" if places.venv().exists() else "not made"
    except OSError as error:
        return f"cannot be read: {error.strerror}"


def _weights() -> str:
    from mi_tutor.lab import weights

    try:
        found = weights.status(verify=True)
    except OSError as error:
        return f"cannot be read: {error.strerror}"
    if not found["present"]:
        return f"not fetched yet (will be in {found['path']})"
    if not found["hash_ok"]:
        return f"DAMAGED in {found['path']}: `python -m mi_tutor.lab.weights` fetches it again"
    kind = "" if found["as_published"] else ", converted by other versions than the course's lock"
    return f"hash right, {found['size'] / 1e6:.0f} MB in {found['path']}{kind}"


def _writable(place: Path) -> str:
    try:
        with tempfile.TemporaryFile(dir=place):
            return f"can be written to: {place}"
    except OSError as error:
        return f"CANNOT be written to ({error.strerror}): {place}"


def _settings() -> str:
    """Variables that change what set-up does. Only names for pip's, which may hold passwords."""
    ours = [f"{name}={value}" for name, value in sorted(os.environ.items()) if name.startswith("MI_TUTOR_")]
    pips = [name for name in sorted(os.environ) if name.startswith(("PIP_", "UV_"))]
    return " ".join(ours + pips) or "none"


def main() -> int:
    try:
        print_report()
    except Problem as problem:
        print(f"mi_tutor: {problem}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
