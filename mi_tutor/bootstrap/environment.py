"""Make `.venv` complete, from whatever state an earlier run left it in.

    nothing ──> building (marker written first) ──> ready (stamp written last)

A `.venv` with the marker and no right stamp was interrupted: it is moved aside in one step and made anew. A `.venv`
that was finished for an older lock, or in a folder that has moved since, is brought up to date in place. Where pip
gave up before it changed anything (no network, say), the marker is taken back and nothing has to be made anew.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from mi_tutor.bootstrap import installer, interpreters, pins, places
from mi_tutor.bootstrap.one_at_a_time import one_at_a_time
from mi_tutor.bootstrap.problem import NotForThisPython, Problem, from_os_error

ROOM = 3 * 10**9  # bytes; a finished .venv with the CPU build of torch takes 2.1 GB
ROOM_WITH_CUDA = 9 * 10**9
ROOM_FOR_PIP = 20 * 10**6


def ensure() -> Path:
    """Return the Python of a complete `.venv`, after making or mending it if need be.

    Raises:
        Problem: one sentence that says what to do.
    """
    if places.venv_is_ready():
        return places.venv_python()
    try:
        with one_at_a_time(places.log().parent / "setup.lock", "setting up the course here") as inherit:
            if not places.venv_is_ready():  # another process may have done it while we waited
                _make(inherit)
    except OSError as error:
        raise from_os_error(error, places.PROJECT) from error
    return places.venv_python()


def _make(inherit: list[int]) -> None:
    _clear_away_the_unusable()
    if places.venv().exists():
        return _fill(inherit)
    found = [python for python in interpreters.candidates() if python.can_make_venv or installer.uv()]
    if not found and not installer.uv():
        raise _no_python()
    refusal = None
    for python in found or [None]:  # None: let uv bring one
        try:
            _look_for_room()
            places.venv().mkdir()
            places.under_construction().touch()
            _create(python, inherit)
            return _fill(inherit)
        except NotForThisPython as error:
            refusal = refusal or error
            _throw_away()
    raise refusal


def _no_python() -> Problem:
    if any(interpreters.candidates()):
        return Problem(
            "This Python has no venv module: install it (Debian and Ubuntu: sudo apt install python3-venv) or install "
            "uv (https://docs.astral.sh/uv), then run the command again."
        )
    return Problem(
        f"The course needs a 64-bit Python 3.11, 3.12 or 3.13 and this is {sys.version_info[0]}.{sys.version_info[1]}: "
        "install one from https://python.org (or uv, which brings its own), then run the command again."
    )


def _fill(inherit: list[int]) -> None:
    """Install the lock and the course into the `.venv`, and stamp it."""
    places.under_construction().touch()
    if places.stamp().exists():
        places.stamp().unlink()
    with tempfile.TemporaryDirectory(prefix="mi_tutor-") as folder:
        wanted = pins.for_this_machine(places.lock(), Path(folder))
        if wanted.note:
            print(wanted.note, flush=True)
        try:
            installer.install(wanted.path, len(wanted.pins), inherit)
        except Problem as problem:
            if problem.nothing_changed:
                places.under_construction().unlink()
            raise
    installer.install_project(inherit)
    _confirm(wanted.pins, inherit)
    _write_stamp()


def _look_for_room() -> None:
    needed = ROOM_WITH_CUDA if pins.has_nvidia_gpu() else ROOM
    if "MI_TUTOR_LOCK" in os.environ:
        return  # a tiny lock needs little
    free = shutil.disk_usage(places.PROJECT).free
    if free < needed:
        raise Problem(
            f"{places.PROJECT} has {free / 1e9:.1f} GB free and the course's packages need {needed / 1e9:.0f} GB: "
            "free some disk space and run the command again."
        )


def _create(python: interpreters.Interpreter | None, inherit: list[int]) -> None:
    """Make an empty environment with pip in it: with uv, or with the venv module."""
    wish = f"{python.path}" if python else ">=3.11,<3.14"
    print(f"Making .venv with Python {'.'.join(map(str, python.version)) if python else wish}.", flush=True)
    if installer.uv():
        command = [installer.uv(), "venv", "--seed", "--allow-existing", "--python", wish, places.venv()]
        try:
            installer.run(command, inherit)
            return
        except subprocess.CalledProcessError as failure:  # no index for the seeds, an old uv: venv may still do
            if python is None or not python.can_make_venv:
                raise Problem(
                    "uv could not make .venv: read the end of .mi_tutor/setup.log, or install Python 3.11 with its "
                    "venv module, and run the command again."
                ) from failure
    try:
        installer.run([python.path, "-m", "venv", places.venv()], inherit)
    except subprocess.CalledProcessError as failure:
        # venv keeps to itself what ensurepip said, so the disk has to be asked.
        if "No space left" in failure.output or shutil.disk_usage(places.PROJECT).free < ROOM_FOR_PIP:
            sentence = f"There is no room left in {places.PROJECT}: free some disk space and run the command again."
            raise Problem(sentence) from failure
        raise Problem(
            "This Python could not make .venv: install its venv module (Debian and Ubuntu: sudo apt install "
            "python3-venv) or install uv, then run the command again."
        ) from failure


def _confirm(wanted: dict[str, str], inherit: list[int]) -> None:
    """Ask the new environment which versions it holds, so that the stamp is never written over a hole."""
    code = (
        "import importlib.metadata as m, json, sys\n"
        "want = json.loads(sys.argv[1])\n"
        "have = {d.metadata['Name'].lower().replace('_', '-'): d.version.split('+')[0] for d in m.distributions()}\n"
        "bad = [n for n, v in want.items() if have.get(n.lower().replace('_', '-')) != v.split('+')[0]]\n"
        "print(' '.join(bad))"
    )
    try:
        lacking = installer.run([places.venv_python(), "-I", "-c", code, json.dumps(wanted)], inherit).split()
    except subprocess.CalledProcessError:
        lacking = ["a working Python"]
    if lacking:
        raise Problem(f"After installing, .venv lacks {lacking[0]}: delete .venv and run the command again.")


def _write_stamp() -> None:
    version = tuple(map(int, _version_of(places.venv_python()).split(".")))
    draft = places.stamp().with_suffix(".draft")
    draft.write_text(json.dumps(places.stamp_for(version)), encoding="utf-8")
    os.replace(draft, places.stamp())
    places.under_construction().unlink()


def _version_of(python: Path) -> str:
    """'3.11' if this Python runs and has pip, else ''."""
    code = "import sys, pip; print('%d.%d' % sys.version_info[:2])"
    try:
        answer = subprocess.run([str(python), "-I", "-c", code], capture_output=True, text=True, timeout=60)
    except (OSError, subprocess.SubprocessError):
        return ""
    return answer.stdout.strip() if answer.returncode == 0 else ""


def _clear_away_the_unusable() -> None:
    """Remove an interrupted or broken `.venv`, but nothing that is not a virtual environment."""
    for leftover in places.PROJECT.glob(".venv.trash*"):
        shutil.rmtree(leftover, ignore_errors=True)
    folder = places.venv()
    if not (folder.exists() or folder.is_symlink()):
        return
    if not folder.is_dir():
        raise Problem(f"{folder} is not a folder: move it away and run the command again.")
    ours = (folder / "pyvenv.cfg").exists() or places.under_construction().exists() or not any(folder.iterdir())
    if not ours:
        raise Problem(f"{folder} is not a Python environment: move it away and run the command again.")
    interrupted = places.under_construction().exists()
    version = "" if interrupted else _version_of(places.venv_python())
    if not version or not (3, 11) <= tuple(map(int, version.split("."))) <= (3, 13):
        _throw_away()


def _throw_away() -> None:
    """Move `.venv` aside in one step, then delete it, so that no half-deleted `.venv` can be taken for a whole one."""
    if places.venv().exists():
        print("Removing an unfinished or broken .venv.", flush=True)
        trash = Path(tempfile.mkdtemp(prefix=".venv.trash", dir=places.PROJECT))
        os.replace(places.venv(), trash / "venv")
        shutil.rmtree(trash, ignore_errors=True)
