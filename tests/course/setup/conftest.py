"""A stage for set-up: a bare Python, a local index with two tiny packages, a copy of the project."""

import subprocess
import sys
from pathlib import Path

import pytest
from stages import TINY, Stage, new_stage, setuptools_again, write_wheel


@pytest.fixture(scope="session")
def index(tmp_path_factory) -> Path:
    """A folder of wheels for PIP_FIND_LINKS, and a lock that asks for them."""
    folder = tmp_path_factory.mktemp("index")
    write_wheel(folder, TINY, "1.0", {"tiny_lesson.py": b"answer = 42\n"})
    write_wheel(folder, TINY, "2.0", {"tiny_lesson.py": b"answer = 43\n"})
    version = setuptools_again(folder)
    for tiny in ("1.0", "2.0"):
        (folder / f"lock-{tiny}.txt").write_text(f"setuptools=={version}\n{TINY}=={tiny}\n")
    return folder


@pytest.fixture(scope="session")
def bare_python(tmp_path_factory) -> Path:
    """A Python with nothing installed, as a learner's is."""
    folder = tmp_path_factory.mktemp("bare") / "python"
    base = getattr(sys, "_base_executable", sys.executable)
    subprocess.run([base, "-m", "venv", "--without-pip", str(folder)], check=True)
    return folder / "bin" / "python"


@pytest.fixture
def stage(tmp_path, bare_python, index) -> Stage:
    """A fresh clone, as it were."""
    return new_stage(tmp_path / "project", bare_python, index)


@pytest.fixture(scope="session")
def finished(tmp_path_factory, bare_python, index) -> Stage:
    """A project where set-up has run. Tests that change it put it right again through set-up itself."""
    stage = new_stage(tmp_path_factory.mktemp("finished") / "project", bare_python, index)
    done = stage.setup()
    assert done.returncode == 0, done.stdout + done.stderr
    return stage
