"""A small copy of the course that a test may change."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from mi_tutor.tutor import workspace

collect_ignore = ["small"]
SMALL = Path(__file__).with_name("small")


class Copy:
    """A copy of the course in a folder of its own, and the command line on it."""

    def __init__(self, folder: Path):
        self.folder = folder

    def environment(self) -> dict[str, str]:
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("MI_TUTOR_", "PYTEST_"))}
        kept |= {"PYTHONPATH": str(self.folder), "OMP_NUM_THREADS": "1", "PYTHONDONTWRITEBYTECODE": "1"}
        return kept | {"MI_TUTOR_WORKERS": "1"}

    def run(self, *arguments: str, **more: str) -> tuple[int, str]:
        """(exit code, all that was printed) of `mi-tutor ARGUMENTS` in the copy."""
        code = "import sys; from mi_tutor.tutor.cli import main; sys.exit(main(sys.argv[1:]))"
        done = subprocess.run(
            [sys.executable, "-c", code, *arguments],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            text=True, cwd=self.folder, env=self.environment() | more, timeout=300,
        )  # fmt: skip
        return done.returncode, done.stdout

    def edit(self, path: str, old: str, new: str) -> None:
        file = self.folder / path
        text = file.read_text("utf-8")
        assert old in text, f"{path} has no {old!r}"
        file.write_text(text.replace(old, new, 1), "utf-8")


def copy_to(folder: Path) -> Copy:
    """The course with one written chapter, the small one, and no planned ones."""
    root = workspace.PACKAGE.parent
    left_out = shutil.ignore_patterns("__pycache__", "data", "stubs", "catalogue")
    shutil.copytree(root / "mi_tutor", folder / "mi_tutor", ignore=left_out)
    for file in (folder / "mi_tutor" / "exercises").glob("[!_]*.py"):
        file.unlink()
    shutil.copytree(SMALL, folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__"))
    stubs = folder / "mi_tutor" / "tutor" / "stubs"
    stubs.mkdir()
    shutil.copy(root / "mi_tutor" / "tutor" / "stubs" / "__init__.py", stubs)
    return Copy(folder)


@pytest.fixture
def course(tmp_path) -> Copy:
    """A copy of the small course, not built."""
    return copy_to(tmp_path)


@pytest.fixture(scope="module")
def with_stubs(tmp_path_factory) -> Copy:
    """A copy of the small course with its stubs, for tests that put back what they edit."""
    copy = copy_to(tmp_path_factory.mktemp("with_stubs"))
    code, printed = copy.run("author", "build", "--no-execute")
    assert code == 0, printed
    return copy


@pytest.fixture(scope="module")
def built(tmp_path_factory) -> Copy:
    """A copy of the small course with its stub and its executed notebook."""
    copy = copy_to(tmp_path_factory.mktemp("built"))
    code, printed = copy.run("author", "build")
    assert code == 0, printed
    return copy
