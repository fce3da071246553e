"""What happens before the command line proper: set up if needed, fetch the weights if needed, hand over."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from mi_tutor.bootstrap import environment, places
from mi_tutor.bootstrap.problem import Problem
from mi_tutor.bootstrap.readiness import missing, this_process_is_ready

USAGE = """\
mi_tutor: a course in mechanistic interpretability, on a real language model

  python3 -m mi_tutor learn     set everything up and open the first chapter
  python3 -m mi_tutor test      set everything up and prove the whole course
  python3 -m mi_tutor setup     set everything up and stop (--no-weights: without the language model)
  python3 -m mi_tutor doctor    print what somebody who helps you will ask for
"""
NEEDS_WEIGHTS = ("learn", "test", "setup")
FEW = 8  # packages; a Python that lacks more was not meant for the course
_HANDED_OVER = "MI_TUTOR_HANDED_OVER"


def start(arguments: list[str]) -> int:
    """Run one command from whatever environment this is.

    Returns:
        The exit code. Does not return where the process is replaced by the `.venv`'s Python.

    Raises:
        Problem: one sentence that says what to do.
    """
    command = arguments[0] if arguments else "--help"
    if places.is_wheel() and command not in ("new", "--help", "-h", "help", "doctor"):
        return _in_workspace(arguments)
    if this_process_is_ready():
        os.environ.pop(_HANDED_OVER, None)  # not for the kernels and terminals that JupyterLab starts
        return _run(command, arguments)
    if command in ("--help", "-h", "help"):
        print(USAGE, end="")
        return 0
    if command == "doctor" and not places.venv_is_ready():
        from mi_tutor.bootstrap.doctor import print_report

        print_report()
        return 0
    return _hand_over(arguments)


def _in_workspace(arguments: list[str]) -> int:
    """Run the command with the workspace's own copy of the course, not with the installed one."""
    workspace = places.workspace_around(Path.cwd())
    if workspace is None:
        raise Problem(
            "There is no copy of the course in this folder: run `mi-tutor new my_course`, then `cd my_course` and "
            "`mi-tutor learn`."
        )
    places.put_first(workspace)
    command = [sys.executable, "-m", "mi_tutor", *arguments]
    if places.WINDOWS:
        return subprocess.call(command)
    sys.stdout.flush()
    os.execv(sys.executable, command)
    return 0  # not reached


def _run(command: str, arguments: list[str]) -> int:
    if command in NEEDS_WEIGHTS and not {"--help", "--no-weights"} & set(arguments):
        from mi_tutor.lab import weights

        weights.folder()
    if command == "setup":
        print(f"Ready: {sys.executable}")
        return 0
    from mi_tutor.tutor.cli import main

    return main(arguments)


def _hand_over(arguments: list[str]) -> int:
    """Make `.venv` and replace this process by its Python."""
    if not places.is_checkout():
        raise Problem(
            f"This Python lacks {', '.join(missing()[:3])}: run `python -m pip install mi-tutor`, or start from "
            "a clone of the project."
        )
    if os.environ.get(_HANDED_OVER):
        raise Problem("The .venv that was just made does not work: delete .venv and run the command again.")
    if not places.venv_is_ready() and len(lacking := missing()) <= FEW:
        print(f"This Python lacks {', '.join(lacking)}; the course makes a .venv of its own.", flush=True)
    python = str(environment.ensure())
    command = [python, "-m", "mi_tutor", *arguments]
    os.environ[_HANDED_OVER] = "1"
    if places.WINDOWS:
        return subprocess.call(command)
    sys.stdout.flush()
    os.execv(python, command)
    return 0  # not reached
