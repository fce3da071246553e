"""On a fresh clone plain pytest is green: every check is reported as skipped, none passes and none fails."""

import os
import re
import subprocess
import sys

from mi_tutor.tutor import catalogue, workspace


def test_plain_pytest_is_green_and_all_skipped(tmp_path):
    exercises = tmp_path / "mi_tutor" / "exercises"
    exercises.mkdir(parents=True)
    for chapter in catalogue.written_chapters():
        stub = workspace.stub_file(chapter.name)
        (exercises / stub.name).write_bytes(stub.read_bytes())
    environment = {k: v for k, v in os.environ.items() if k not in ("MI_TUTOR_ANSWERS", "PYTEST_ADDOPTS")}
    environment |= {"MI_TUTOR_WORKSPACE": str(tmp_path), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "tests/exercises", "-q", "-p", "no:cacheprovider"],
        capture_output=True, text=True, cwd=workspace.PACKAGE.parent, env=environment,
    )  # fmt: skip
    closing = done.stdout.strip().splitlines()[-1] if done.stdout.strip() else done.stderr
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    assert re.fullmatch(r"\d+ skipped in .*", closing), f"pytest closes with {closing!r}"
