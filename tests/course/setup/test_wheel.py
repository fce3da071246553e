"""`pip install mi-tutor`, `mi-tutor new DIR`: a workspace equal to a clone, which newer wheels update."""

import os
import shutil
import subprocess
import sys
import sysconfig
import venv
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
MODULE = "mi_tutor/exercises/start_here.py"


def tracked() -> list[str]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    # A chapter that is not finished stays with its authors.
    return [path for path in listed.split("\0") if path and not path.startswith("chapters/drafts/")]


@dataclass
class Place:
    """An environment with the wheel in it, and the folders that a person makes with it."""

    folder: Path

    @property
    def python(self) -> Path:
        return self.folder / "env" / "bin" / "python"

    def install(self, wheel: Path) -> None:
        command = [self.python, "-m", "pip", "install", "-q", "--no-deps", "--no-index", "--force-reinstall", wheel]
        subprocess.run(command, check=True, capture_output=True)

    def tutor(self, *arguments: str, cwd: Path | None = None) -> subprocess.CompletedProcess:
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("MI_TUTOR", "PYTHON", "GIT_"))}
        return subprocess.run(
            [self.folder / "env" / "bin" / "mi-tutor", *arguments], cwd=cwd or self.folder, env=kept,
            capture_output=True, text=True, timeout=300,
        )  # fmt: skip

    def done(self, *arguments: str, cwd: Path | None = None) -> str:
        result = self.tutor(*arguments, cwd=cwd)
        assert result.returncode == 0, result.stdout + result.stderr
        return result.stdout


def build(project: Path, where: Path) -> Path:
    """A wheel of the project, by pip and without a network."""
    command = [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "--no-build-isolation", "--no-index"]
    subprocess.run([*command, "-w", where, "."], cwd=project, check=True, capture_output=True)
    (wheel,) = where.glob("*.whl")
    return wheel


@pytest.fixture(scope="module")
def project(tmp_path_factory) -> Path:
    """A copy of what a clone holds, so that nothing lands in the project itself."""
    folder = tmp_path_factory.mktemp("project")
    for path in tracked():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / path, folder / path)
    return folder


@pytest.fixture(scope="module")
def place(project, tmp_path_factory) -> Place:
    """An empty environment with the wheel; the packages that it needs are borrowed from this one."""
    folder = tmp_path_factory.mktemp("person")
    venv.create(folder / "env", with_pip=True)
    place = Place(folder)
    place.install(build(project, tmp_path_factory.mktemp("wheel")))
    ask = "import sysconfig; print(sysconfig.get_path('purelib'))"
    site = subprocess.run([place.python, "-c", ask], capture_output=True, text=True, check=True).stdout.strip()
    # A path file adds the folder alone: the editable install of the course in it is not switched on.
    Path(site, "borrowed.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return place


@pytest.fixture(scope="module")
def workspace(place) -> Path:
    said = place.done("new", "my course")
    assert "mi-tutor learn" in said
    return place.folder / "my course"


def files_in(folder: Path) -> set[str]:
    found = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
    return {path for path in found if not path.startswith((".git/", ".mi_tutor/")) and "__pycache__" not in path}


def test_the_workspace_is_equal_to_a_clone(workspace):
    assert files_in(workspace) == set(tracked())
    for path in tracked():
        assert (workspace / path).read_bytes() == (ROOT / path).read_bytes(), path
        assert os.access(workspace / path, os.X_OK) == os.access(ROOT / path, os.X_OK), path


def test_nothing_is_written_over(place, workspace):
    result = place.tutor("new", "my course")
    assert result.returncode == 2 and "is not empty" in result.stderr and "Traceback" not in result.stderr


def test_outside_of_a_workspace_it_says_how_to_make_one(place):
    result = place.tutor("progress")
    assert result.returncode == 2 and "mi-tutor new my_course" in result.stderr


def test_a_clone_needs_no_new(tmp_path):
    command = [sys.executable, "-m", "mi_tutor", "new", str(tmp_path / "x")]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert result.returncode == 2 and "You have the course already" in result.stderr and not (tmp_path / "x").exists()


def test_the_installed_command_works_in_a_folder_of_the_workspace(place, workspace):
    assert "Start here" in place.done("progress", cwd=workspace / "chapters")
    assert place.tutor("check", "start_here", cwd=workspace / "chapters").returncode == 2  # nothing attempted


def test_a_notebook_takes_the_workspace_s_copy(place, workspace):
    code = (
        "from IPython.testing.globalipapp import start_ipython\n"
        "shell = start_ipython()\n"
        "shell.run_line_magic('load_ext', 'mi_tutor')\n"
        "import mi_tutor.exercises.start_here as module\n"
        "print(module.__file__)\n"
    )
    done = subprocess.run([place.python, "-c", code], cwd=workspace / "chapters", capture_output=True, text=True)
    assert done.stdout.strip().splitlines()[-1] == str(workspace / MODULE), done.stdout + done.stderr


def answered(text: str) -> str:
    """The module with an answer of the learner's own in its first exercise."""
    return text.replace("    raise NotImplementedError", "    return 'my own answer'", 1)


def test_three_newer_wheels_keep_the_work(place, project, workspace, tmp_path):
    assert "You have the newest course already" in place.done("update", cwd=workspace)
    module = workspace / MODULE
    module.write_text(answered(module.read_text()))
    newer = tmp_path / "newer"
    shutil.copytree(project, newer, ignore=shutil.ignore_patterns("build", "*.egg-info"))
    for version in ("0.1.1", "0.1.2", "0.2.0"):
        for path in (MODULE, "mi_tutor/tutor/stubs/start_here.py", "solutions/start_here.py", "README.md"):
            text = (newer / path).read_text()
            mark = "# version" if path.endswith(".py") else "version"
            (newer / path).write_text(f"{text.rstrip()}\n\n{mark} {version}\n")
        setup = newer / "pyproject.toml"
        setup.write_text("\n".join(
            f'version = "{version}"' if line.startswith("version = ") else line
            for line in setup.read_text().splitlines()
        ))  # fmt: skip
        place.install(build(newer, tmp_path / version))
        assert "went into the new file" in place.done("update", cwd=workspace)
        assert "my own answer" in module.read_text() and f"# version {version}" in module.read_text()
        assert f"version {version}" in (workspace / "README.md").read_text()
    assert "You have the newest course already" in place.done("update", cwd=workspace)
    place.install(build(project, tmp_path / "older"))  # an older wheel takes nothing back
    assert "You have the newest course already" in place.done("update", cwd=workspace)
    assert "version 0.2.0" in (workspace / "README.md").read_text()
