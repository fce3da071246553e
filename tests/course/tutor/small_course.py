"""A whole small course in a folder, and what a person can do with it: commands, edits, git."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import made_up_course as text

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
