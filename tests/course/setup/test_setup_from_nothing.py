"""A fresh clone becomes a working course; the second time there is nothing left to do."""

import json
import shutil
import subprocess
import sys
import time

import pytest


def test_a_fresh_clone_gets_a_complete_venv(finished):
    """One command makes .venv, with the lock's versions and the course itself in it."""
    code = "import tiny_lesson, mi_tutor, importlib.metadata as m; print(tiny_lesson.answer, m.version('mi-tutor'))"
    said = subprocess.run(
        [finished.project / ".venv/bin/python", "-c", code], cwd="/", capture_output=True, text=True, check=True
    )
    assert said.stdout.startswith("42 0.")
    assert json.loads(finished.stamp.read_text())["place"] == str(finished.project)


def test_the_second_run_is_quick_and_asks_no_index(finished):
    """With an index that cannot be reached, the second run still works and takes less than 3 s."""
    before = finished.log
    start = time.monotonic()
    done = finished.setup(PIP_NO_INDEX="", PIP_FIND_LINKS="", PIP_INDEX_URL="http://127.0.0.1:9")
    assert done.returncode == 0, done.stderr
    assert time.monotonic() - start < 3
    assert finished.log == before, "pip ran again"


def test_the_ready_check_imports_no_torch(finished):
    """Looking whether everything is there loads none of the large packages."""
    code = (
        "import sys, mi_tutor.bootstrap.start as s; s.start(['setup', '--no-weights']); print('torch' in sys.modules)"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert said.stdout.splitlines()[-1] == "False"


def test_an_environment_that_has_the_packages_is_used_as_it_is(stage):
    """In Colab, Binder, conda or an editable install no .venv is made."""
    done = stage.run("setup", "--no-weights", python=sys.executable)
    assert done.returncode == 0, done.stderr
    assert sys.executable in done.stdout
    assert not (stage.project / ".venv").exists()


def test_usage_and_doctor_need_no_setup(stage):
    """Somebody whose set-up fails can still ask for help."""
    usage, report = stage.run("--help"), stage.run("doctor")
    assert usage.returncode == report.returncode == 0, usage.stderr + report.stderr
    assert "learn" in usage.stdout
    assert "not made" in report.stdout and "not fetched yet" in report.stdout
    assert not (stage.project / ".venv").exists()


def test_a_new_lock_updates_the_venv_in_place(finished, index):
    """After `git pull` brought other versions, the next run installs them and nothing else."""
    other = {"MI_TUTOR_LOCK": str(index / "lock-2.0.txt")}
    before = finished.log.count("-m venv")
    assert finished.setup(**other).returncode == 0
    said = subprocess.check_output(
        [finished.project / ".venv/bin/python", "-c", "import tiny_lesson as t; print(t.answer)"]
    )
    assert said.strip() == b"43"
    assert finished.log.count("-m venv") == before
    assert finished.setup().returncode == 0


def test_the_mi_tutor_command_is_the_same_program(finished):
    """`mi-tutor` in the .venv does what `python3 -m mi_tutor` does."""
    done = subprocess.run(
        [finished.project / ".venv/bin/mi-tutor", "setup", "--no-weights"],
        cwd="/",
        env=finished.environment,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0 and "Ready" in done.stdout, done.stderr


@pytest.mark.skipif(not shutil.which("uv"), reason="uv is not on the PATH")
@pytest.mark.slow
def test_uv_is_used_when_it_is_there(stage):
    """With uv on the PATH the environment is made by it, pip included."""
    import os

    done = stage.setup(PATH=os.environ["PATH"], UV_NO_INDEX="1", UV_FIND_LINKS=stage.environment["PIP_FIND_LINKS"])
    assert done.returncode == 0, done.stderr
    assert "uv venv" in stage.log
