"""Set-up killed at any step, or run twice at once, is finished by running it again."""

import os
import signal
import subprocess
import threading
import time

import pytest

STEPS = {"making the venv": "-m venv", "installing packages": "requirements.txt", "installing the course": "--editable"}


@pytest.mark.slow
def test_killed_at_each_step_in_turn(stage):
    """kill -9 to the whole group, three times, each time a step later: no half .venv is ever taken for a whole one."""
    for sign in STEPS.values():
        stage.kill_at(sign, whole_group=True, after=0.1)
        assert not stage.stamp.exists()
    done = stage.setup()
    assert done.returncode == 0, done.stdout + done.stderr
    assert "unfinished" in done.stdout
    assert stage.stamp.exists()
    assert not list(stage.project.glob(".venv.trash*"))


@pytest.mark.slow
def test_killed_while_pip_goes_on(stage):
    """kill -9 to set-up alone leaves pip running; the next run waits for it instead of working beside it."""
    stage.kill_at(STEPS["making the venv"], whole_group=False, after=0.1)
    done = stage.setup()
    assert done.returncode == 0, done.stdout + done.stderr
    assert "waiting" in done.stdout
    python = stage.project / ".venv/bin/python"
    subprocess.run([python, "-c", "import tiny_lesson, setuptools"], check=True)


@pytest.mark.slow
def test_two_setups_at_once(stage):
    """Two terminals: one works, the other waits, both end well."""
    ends = []
    runs = [threading.Thread(target=lambda: ends.append(stage.setup())) for _ in range(2)]
    for run in runs:
        run.start()
    for run in runs:
        run.join()
    assert [end.returncode for end in ends] == [0, 0], [end.stderr for end in ends]
    assert stage.log.count("--editable") == 1


def test_interrupted_by_ctrl_c(stage):
    """Ctrl-C says how to go on, shows no traceback, and leaves no stamp."""
    command = [str(stage.python), "-m", "mi_tutor", "setup", "--no-weights"]
    child = subprocess.Popen(
        command, cwd=stage.project, env=stage.environment, stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    while "-m venv" not in stage.log and child.poll() is None:
        time.sleep(0.02)
    os.killpg(child.pid, signal.SIGINT)
    assert "Run the same command again" in child.stderr.read()
    assert child.wait() == 130
    assert not stage.stamp.exists()
