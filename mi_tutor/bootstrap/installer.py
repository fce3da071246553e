"""Run pip or uv for the `.venv`: a moving line for the learner, the whole output in the log."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

from mi_tutor.bootstrap import places, problem
from mi_tutor.bootstrap.progress import Progress

FOUND = 60  # percent of the bar when pip has found everything and starts to unpack
LONGEST_LOG = 2_000_000  # bytes
_UNWANTED = ("PIP_TARGET", "PIP_PREFIX", "PIP_USER", "PIP_ROOT", "PYTHONHOME", "__PYVENV_LAUNCHER__")


def clean_environment() -> dict[str, str]:
    """The user's environment without what would make pip install somewhere else."""
    kept = {name: value for name, value in os.environ.items() if name not in _UNWANTED}
    return {**kept, "PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_NO_INPUT": "1", "PYTHONUNBUFFERED": "1"}


def uv() -> str | None:
    return shutil.which("uv")


def run(command: list, inherit: list[int], bar: Progress | None = None, pins: int = 0) -> str:
    """Run one command; returns its output, which is also appended to the log.

    Args:
        command: program and arguments.
        inherit: descriptors the child keeps (the lock of one_at_a_time).
        bar: a bar to move while pip collects; `pins` is the number of packages it counts to.

    Raises:
        subprocess.CalledProcessError: with the output in `.output`.
    """
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True, "errors": "replace"}
    keep = {} if places.WINDOWS else {"pass_fds": inherit}
    output = []
    places.log().parent.mkdir(parents=True, exist_ok=True)
    if places.log().exists() and places.log().stat().st_size > LONGEST_LOG:
        places.log().unlink()
    with places.log().open("a", encoding="utf-8") as log:
        log.write("$ " + " ".join(map(str, command)) + "\n")
        log.flush()
        environment = clean_environment()
        with subprocess.Popen([str(part) for part in command], env=environment, **pipes, **keep) as child:
            try:
                for line in child.stdout:
                    output.append(line)
                    log.write(line)
                    log.flush()
                    if bar:
                        _move(bar, line, output, pins)
            except BaseException:
                child.terminate()
                raise
    if child.returncode:
        raise subprocess.CalledProcessError(child.returncode, command, output="".join(output))
    return "".join(output)


def _move(bar: Progress, line: str, output: list[str], pins: int) -> None:
    """Finding the packages is 60% of the bar; pip is silent while it unpacks them."""
    name = re.match(r"\s*(?:Collecting|Requirement already satisfied:|Processing|Downloading)\s+([\w.-]+)", line)
    if line.startswith("Installing collected packages"):
        bar.show(FOUND, "unpacking, a minute or two")
    elif name:
        found = sum(text.startswith(("Collecting", "Requirement already")) for text in output)
        bar.show(FOUND * min(found / pins, 1), name.group(1))


def install(requirements: Path, pins: int, inherit: list[int]) -> None:
    """Install a requirement file into the `.venv`, with uv if it is there and can, else with pip.

    uv does not read pip's settings (mirrors, local folders), so when uv fails pip has the last word.

    Raises:
        Problem: one sentence about what stopped pip.
    """
    python = places.venv_python()
    said = ""
    with Progress(f"Installing {pins} packages", 100, "%") as bar:
        if uv():
            command = [uv(), "pip", "install", "--python", python, "--index-strategy", "unsafe-best-match"]
            try:
                run([*command, "-r", requirements], inherit, bar, pins)
                bar.show(100)
                return
            except subprocess.CalledProcessError as failure:
                said = failure.output
                if "os error 28" in said:
                    raise problem.from_log(said, "the course's packages", python) from failure
        command = [python, "-m", "pip", "install", "--prefer-binary", "--no-warn-script-location"]
        try:
            run([*command, "-r", requirements], inherit, bar, pins)
        except subprocess.CalledProcessError as failure:
            told = problem.from_log(failure.output, _package_named_in(failure.output), python)
            # pip and uv find everything before they change anything.
            told.nothing_changed = not re.search(r"Installing collected|Prepared \d+", said + failure.output)
            raise told from failure
        bar.show(100)


def _package_named_in(log: str) -> str:
    named = re.findall(r"(?:No matching distribution found for|satisfies the requirement) ([\w.+=-]+)", log)
    return named[-1] if named else "the course's packages"


def install_project(inherit: list[int]) -> None:
    """Install the course itself, editable, without its dependencies and without asking an index."""
    command = [places.venv_python(), "-m", "pip", "install", "--no-deps", "--no-build-isolation", "--no-index"]
    try:
        run([*command, "--editable", places.PROJECT], inherit)
    except subprocess.CalledProcessError as failure:
        raise problem.from_log(failure.output, "the course itself", places.venv_python()) from failure
