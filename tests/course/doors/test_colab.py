"""The first code cell of each chapter: nothing where the course is installed, and on Colab it brings the course."""

import ast
import os
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from mi_tutor.bootstrap import colab, readiness
from mi_tutor.tutor import catalogue, repository, workspace
from mi_tutor.tutor.author import doors, notebooks
from mi_tutor.tutor.problems import TutorProblem

PUBLISHED = repository.Repository("someone/the-course", "main")
CHAPTERS = pytest.mark.parametrize("chapter", catalogue.written_chapters(), ids=lambda c: c.name)


def first_code(cells) -> dict:
    return next(cell for cell in cells if cell.cell_type == "code")


@CHAPTERS
def test_every_chapter_begins_with_the_same_cell(chapter):
    notebook = nbformat.read(workspace.notebook_file(chapter.number, chapter.name), as_version=4)
    cell = first_code(notebook.cells)
    assert cell.source == doors.setup_cell() and cell.outputs == [] and cell.execution_count == 1


@CHAPTERS
def test_badges_follow_from_the_one_setting(chapter, monkeypatch):
    monkeypatch.setattr(repository, "setting", lambda: PUBLISHED)
    title, badges, *_ = notebooks.assemble(chapter).cells[0].source.split("\n\n")
    path = f"chapters/{chapter.number}_{chapter.name}.ipynb"
    assert title.startswith("# ") and badges.count("[![Open in ") == 2
    assert f"(https://colab.research.google.com/github/someone/the-course/blob/main/{path})" in badges
    assert f"someone/the-course/main?urlpath=lab%2Ftree%2F{path.replace('/', '%2F')})" in badges
    monkeypatch.setattr(repository, "setting", lambda: repository.Repository("", "main"))
    assert "Open in" not in notebooks.assemble(chapter).cells[0].source


def test_no_chapter_names_an_address_of_its_own():
    """The setting is the only place: sources hold no badge and no clone."""
    for chapter in catalogue.written_chapters():
        text = workspace.notebook_source(chapter.number, chapter.name).read_text("utf-8")
        assert not any(word in text for word in ("colab.research", "mybinder.org", "git clone")), chapter.name


@pytest.mark.parametrize("text", ['github = "one"', 'github = "a/b/c"\nbranch = "main"', "github = 3\nbranch = 4", "x"])
def test_a_wrong_setting_is_told_in_one_sentence(text, tmp_path):
    (tmp_path / "repository.toml").write_text(text)
    with pytest.raises(TutorProblem, match="OWNER/NAME"):
        repository.setting(tmp_path / "repository.toml")


class Elsewhere:
    """A folder, and a Python that knows nothing of the course: what a notebook finds on Colab."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.published = folder / "published"
        package = self.published / "mi_tutor" / "bootstrap"
        package.mkdir(parents=True)
        for init in (package.parent, package):
            (init / "__init__.py").touch()
        (package / "colab.py").write_text("def prepare():\n    print('prepared', __file__)\n")
        (folder / "google" / "colab").mkdir(parents=True)
        (folder / "google" / "colab" / "__init__.py").touch()
        (folder / "content").mkdir()
        me = ("-c", "user.name=a", "-c", "user.email=a@b.c")
        for command in (("init", "-q", "-b", "main"), ("add", "-A"), (*me, "commit", "-q", "-m", "the course")):
            subprocess.run(["git", *command], cwd=self.published, check=True)

    def run(self, cell: str, *, on_colab: bool = True) -> subprocess.CompletedProcess:
        """Run the cell with a bare Python; what it would clone from GitHub comes from `published`."""
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("MI_TUTOR", "PYTHON", "GIT_"))}
        kept |= {
            "GIT_CONFIG_COUNT": "1",
            "GIT_CONFIG_KEY_0": f"url.file://{self.published}.insteadOf",
            "GIT_CONFIG_VALUE_0": PUBLISHED.address,
        }
        before = f"import sys; sys.path.insert(0, {str(self.folder)!r}); import google.colab\n" if on_colab else ""
        # Not this Python's packages: the course is among them.
        command = [sys.executable, "-I", "-S", "-c", before + cell]
        return subprocess.run(command, cwd=self.folder / "content", env=kept, capture_output=True, text=True)


@pytest.fixture
def elsewhere(tmp_path) -> Elsewhere:
    return Elsewhere(tmp_path)


def test_on_colab_the_course_is_cloned_and_prepared(elsewhere):
    for _ in range(2):  # a second time takes the folder that is there
        done = elsewhere.run(doors.setup_cell(PUBLISHED))
        assert done.returncode == 0, done.stderr
        clone = elsewhere.folder / "content" / "course"
        assert done.stdout.split() == ["prepared", str(clone / "mi_tutor" / "bootstrap" / "colab.py")]


def test_elsewhere_nothing_is_brought(elsewhere):
    done = elsewhere.run(doors.setup_cell(PUBLISHED), on_colab=False)
    assert "This kernel has no mi_tutor" in done.stderr
    assert not (elsewhere.folder / "content" / "course").exists()


def test_without_an_address_it_asks_for_the_folder(elsewhere):
    cell = doors.setup_cell(repository.Repository("", "main"))
    assert "has no public address yet" in elsewhere.run(cell).stderr
    (elsewhere.folder / "content" / "course").symlink_to(elsewhere.published)
    assert elsewhere.run(cell).stdout.startswith("prepared")


def test_where_the_course_is_installed_nothing_happens(tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", doors.setup_cell(PUBLISHED)],
        cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(workspace.PACKAGE.parent)}, capture_output=True, text=True,
    )  # fmt: skip
    assert (done.returncode, done.stdout, done.stderr, list(tmp_path.iterdir())) == (0, "", "", [])


def test_the_cell_is_short_and_plain_python():
    ast.parse(doors.setup_cell(PUBLISHED))
    assert len(doors.setup_cell(PUBLISHED).splitlines()) <= 16


def test_what_belongs_to_colab_is_held(monkeypatch):
    """torch, the widgets and the kernel stay at the versions that are there, local builds included."""
    here = {"torch": "2.11.0+cu128", "ipywidgets": "7.7.1", "ipykernel": "6.17.1", "einops": "0.8.2"}
    monkeypatch.setattr(colab, "_versions", lambda: here)
    assert colab.constraints() == ["torch==2.11.0+cu128", "ipykernel==6.17.1", "ipywidgets==7.7.1"]


def test_colab_needs_no_jupyterlab(monkeypatch):
    names = [line.split(">")[0] for line in colab.wanted()]
    assert "transformer-lens" in names and "jupyterlab" not in names
    monkeypatch.setattr(readiness, "NEEDED", ("jupyterlab_that_is_not_here", "torch"))
    monkeypatch.setattr(readiness, "NOT_ON_COLAB", "jupyterlab_that_is_not_here")
    monkeypatch.setattr(readiness, "on_colab", lambda: True)
    assert readiness.missing() == []
    monkeypatch.setattr(readiness, "on_colab", lambda: False)
    assert readiness.missing() == ["jupyterlab_that_is_not_here"]
