"""One style for all code: ruff, as pyproject.toml sets it."""

import importlib.util
import subprocess
import sys

import pytest

from mi_tutor.tutor import workspace

RUFF = importlib.util.find_spec("ruff")


@pytest.mark.skipif(RUFF is None, reason="ruff is not installed: pip install -e '.[dev]'")
@pytest.mark.parametrize("command", [["check"], ["format", "--check"]], ids=["check", "format"])
def test_ruff_finds_nothing(command):
    root = workspace.PACKAGE.parent
    done = subprocess.run(
        [sys.executable, "-m", "ruff", *command, "--no-cache", "--output-format", "concise", "."],
        capture_output=True,
        text=True,
        cwd=root,
    )
    if done.returncode:
        pytest.fail(f"`ruff {' '.join(command)} .` says:\n{done.stdout}{done.stderr}", pytrace=False)
