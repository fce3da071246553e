"""A whole small course in a temporary folder, real processes and real kernels to use it."""

import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

import made_up_course as text
import pytest

PROJECT = Path(__file__).resolve().parents[3]
LEFT_OUT = shutil.ignore_patterns("data", "explorers", "catalogue", "stubs", "__pycache__", ".*")


def environment(folder: Path, **more: str) -> dict[str, str]:
    """The variables of a process that uses the course in `folder` and nothing else of this machine."""
    kept = {
        k: v for k, v in os.environ.items() if not k.startswith(("MI_TUTOR", "PYTEST", "GIT_", "IPYTHON", "JUPYTER"))
    }
    private = folder.parent / f"{folder.name}-home"
    (private / "ipython").mkdir(parents=True, exist_ok=True)
    return kept | {
        "PYTHONPATH": str(folder),
        "HOME": str(private),
        "IPYTHONDIR": str(private / "ipython"),
        "JUPYTER_RUNTIME_DIR": str(private / "runtime"),
        "OMP_NUM_THREADS": "1",
        "COLUMNS": "200",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_AUTHOR_NAME": "A", "GIT_AUTHOR_EMAIL": "a@example.org",
        "GIT_COMMITTER_NAME": "A", "GIT_COMMITTER_EMAIL": "a@example.org",
        **more,
    }  # fmt: skip


@dataclass
class Course:
    """A copy of the made-up course and what a person can do with it."""

    folder: Path

    def tutor(self, *arguments: str, **more: str) -> subprocess.CompletedProcess:
        """Run `python -m mi_tutor ...` to its end."""
        command = [sys.executable, "-m", "mi_tutor", *arguments]
        return subprocess.run(
            command, cwd=self.folder, env=environment(self.folder, **more), capture_output=True, text=True, timeout=120
        )

    def python(self, code: str, **more: str) -> subprocess.CompletedProcess:
        """Run Python code with the course importable."""
        return subprocess.run(
            [sys.executable, "-c", code], cwd=self.folder, env=environment(self.folder, **more),
            capture_output=True, text=True, timeout=120,
        )  # fmt: skip

    def start(self, *command: str, **more: str) -> subprocess.Popen:
        """Start a process of the course in a group of its own."""
        return subprocess.Popen(
            [sys.executable, *command], cwd=self.folder, env=environment(self.folder, PYTHONUNBUFFERED="1", **more),
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True,
        )  # fmt: skip

    def json(self, *arguments: str) -> list[dict]:
        return [json.loads(line) for line in self.tutor("check", *arguments, "--json").stdout.splitlines()]

    def statuses(self) -> dict[str, str]:
        return {name: item["status"] for name, item in self.progress()["exercises"].items()}

    def progress(self) -> dict:
        return json.loads((self.folder / ".mi_tutor/progress.json").read_text())

    @property
    def module(self) -> Path:
        return self.folder / "mi_tutor/exercises/small.py"

    @property
    def stub(self) -> Path:
        return self.folder / "mi_tutor/tutor/stubs/small.py"

    def write(self, function: str, code: str) -> None:
        """Write a function into the exercise file, as an editor would."""
        from mi_tutor.tutor import syntax

        cell = syntax.Cell(code.strip("\n"), [], [], "")
        self.module.write_text(syntax.splice(self.module.read_text(), cell, function))

    def write_all(self) -> None:
        for name, code in text.RIGHT.items():
            self.write(name, code)

    def git(self, *arguments: str, check: bool = True) -> str:
        done = subprocess.run(
            ["git", *arguments], cwd=self.folder, env=environment(self.folder), capture_output=True, text=True
        )
        assert done.returncode == 0 or not check, done.stderr + done.stdout
        return done.stdout


def make(folder: Path) -> Path:
    """Write the made-up course into `folder` and build its stubs and notebooks with the course's own `author build`."""
    package = folder / "mi_tutor"
    shutil.copytree(PROJECT / "mi_tutor", package, ignore=LEFT_OUT)
    for name in ("pyproject.toml", ".gitignore"):
        shutil.copy(PROJECT / name, folder / name)
    for leftover in (package / "exercises").glob("[!_]*.py"):
        leftover.unlink()
    (package / "tutor/stubs").mkdir()
    shutil.copy(PROJECT / "mi_tutor/tutor/stubs/__init__.py", package / "tutor/stubs/__init__.py")
    write_chapter(folder, "small")
    write_chapter(folder, "tensors")
    done = Course(folder).tutor("author", "build", "--no-execute")
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


def write_chapter(folder: Path, chapter: str) -> None:
    numbers = {"small": "01", "tensors": "02"}
    digest = hashlib.sha256(b"small.which:b").hexdigest()[:16]
    files = {
        f"solutions/{chapter}.py": getattr(text, f"SOLUTION_{chapter.upper()}"),
        f"mi_tutor/tutor/catalogue/{chapter}.toml": getattr(text, f"CATALOGUE_{chapter.upper()}"),
        "tests/exercises/__init__.py": "",
        f"tests/exercises/{chapter}/__init__.py": "",
        f"chapters/source/{numbers[chapter]}_{chapter}.py": getattr(text, f"NOTEBOOK_{chapter.upper()}"),
    }
    judging = (("CHECKS", "test_{}.py"), ("MISCONCEPTIONS", "misconceptions/{}.py"))
    for kind, place in judging:
        head = getattr(text, f"{kind}_HEAD_{chapter.upper()}")
        for function, body in getattr(text, f"{kind}_{chapter.upper()}").items():
            files[f"tests/exercises/{chapter}/{place.format(function)}"] = (head + body).replace("DIGEST", digest)
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(content)


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


@dataclass
class Shown:
    """What a cell showed."""

    text: str = ""  # streams and plain text of displays, in order
    html: str = ""
    error: str = ""  # the name of an error with a traceback
    next_input: str = ""  # what the kernel asked the front end to put into the cell
    status: str = ""
    widgets: list[str] = field(default_factory=list)


class Kernel:
    """A real kernel in the chapters folder of a course."""

    def __init__(self, course: Course, **more: str):
        from jupyter_client.manager import KernelManager

        self.manager = KernelManager(connection_file=str(course.folder.parent / f"kernel-{time.monotonic_ns()}.json"))
        self.manager.start_kernel(cwd=str(course.folder / "chapters"), env=environment(course.folder, **more))
        self.client = self.manager.blocking_client()
        self.client.start_channels()
        self.client.wait_for_ready(timeout=90)

    def load(self) -> Shown:
        return self.run("%load_ext mi_tutor")

    def exercise(self, name: str, code: str, options: str = "") -> Shown:
        return self.run(f"%%exercise small.{name} {options}\n{code}")

    def run(self, code: str, *, interrupt_after: float | None = None, timeout: float = 90) -> Shown:
        """Execute a cell; `interrupt_after` seconds a real SIGINT goes to the kernel."""
        import queue

        request = self.client.execute(code)
        shown, end = Shown(), time.monotonic() + timeout
        interrupt_at = None if interrupt_after is None else time.monotonic() + interrupt_after
        while time.monotonic() < end:
            if interrupt_at is not None and time.monotonic() > interrupt_at:
                self.manager.interrupt_kernel()
                interrupt_at = None
            try:
                message = self.client.get_iopub_msg(timeout=0.1)
            except queue.Empty:
                continue
            if message["parent_header"].get("msg_id") != request:
                continue
            if self._take(message, shown):
                break
        else:
            raise AssertionError(f"the cell did not end; so far it showed:\n{shown.text[:2000]}")
        reply = self.client.get_shell_msg(timeout=30)
        while reply["parent_header"].get("msg_id") != request:
            reply = self.client.get_shell_msg(timeout=30)
        shown.status = reply["content"]["status"]
        for payload in reply["content"].get("payload", []):
            if payload.get("source") == "set_next_input":
                shown.next_input = payload["text"]
        return shown

    @staticmethod
    def _take(message, shown: Shown) -> bool:
        kind, content = message["msg_type"], message["content"]
        if kind == "stream":
            shown.text += content["text"]
        elif kind in ("display_data", "execute_result"):
            shown.text += content["data"].get("text/plain", "") + "\n"
            shown.html += content["data"].get("text/html", "")
            if "application/vnd.jupyter.widget-view+json" in content["data"]:
                shown.widgets.append(content["data"].get("text/plain", ""))
        elif kind == "error":
            shown.error = content["ename"]
            shown.text += content["evalue"]
        return kind == "status" and content["execution_state"] == "idle"

    def restart(self) -> None:
        self.manager.restart_kernel(now=True)
        self.client.wait_for_ready(timeout=90)

    def close(self) -> None:
        self.client.stop_channels()
        self.manager.shutdown_kernel(now=True)


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
