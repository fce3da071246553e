"""A whole small course in a temporary folder, real processes and real kernels to use it."""

import os
import shutil
import signal
import subprocess
from pathlib import Path

import made_up_course as text
import pytest
from real_kernel import Kernel
from small_course import Course, make


@pytest.fixture(scope="session")
def template(tmp_path_factory) -> Path:
    return make(tmp_path_factory.mktemp("template") / "course")


@pytest.fixture
def course(template, tmp_path) -> Course:
    """A fresh copy of the course, nothing attempted."""
    folder = tmp_path / "course"
    shutil.copytree(template, folder, ignore=shutil.ignore_patterns(".mi_tutor"))
    return Course(folder)


@pytest.fixture(scope="session")
def answered_template(template, tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("answered") / "course"
    shutil.copytree(template, folder, ignore=shutil.ignore_patterns(".mi_tutor"))
    course = Course(folder)
    course.write("mean", text.RIGHT["mean"])
    course.write("clip", "def clip(value, low=0.0, high=1.0):\n    return value\n")
    assert course.tutor("check").returncode == 1
    assert course.statuses() == {"small.mean": "passed", "small.clip": "failed"}
    return folder


@pytest.fixture
def answered(answered_template, tmp_path) -> Course:
    """A copy of the course in which `small.mean` is passed and `small.clip` failed."""
    shutil.copytree(answered_template, tmp_path / "course")
    return Course(tmp_path / "course")


@pytest.fixture(scope="module")
def shared_course(template, tmp_path_factory) -> Course:
    """One copy for all tests of a module, for tests that leave it as they found it."""
    folder = tmp_path_factory.mktemp("shared") / "course"
    shutil.copytree(template, folder, ignore=shutil.ignore_patterns(".mi_tutor"))
    return Course(folder)


@pytest.fixture
def kernel(course):
    """A kernel in `course` with the extension loaded."""
    kernel = Kernel(course)
    kernel.load()
    yield kernel
    kernel.close()


@pytest.fixture
def start_kernel():
    """`start_kernel(course)`: a kernel that is shut down at the end of the test."""
    started = []

    def start(course: Course, **more: str) -> Kernel:
        started.append(Kernel(course, **more))
        return started[-1]

    yield start
    for kernel in started:
        kernel.close()


@pytest.fixture
def stop():
    """`stop(process)`: end a process that a test started, with its children."""
    started = []

    def register(process: subprocess.Popen) -> subprocess.Popen:
        started.append(process)
        return process

    yield register
    for process in started:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(timeout=20)
        process.stdout.close()
