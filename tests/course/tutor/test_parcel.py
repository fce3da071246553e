"""All work in one file: taken from one copy of the course into another, and nothing is lost on the way."""

import json
import shutil
import zipfile

import pytest
from made_up_course import RIGHT
from small_course import Course

OTHER_MEAN = "def mean(values: list[float]) -> float:\n    return max(values)\n"
NOTEBOOK = "chapters/01_small.ipynb"


@pytest.fixture
def fresh(template, tmp_path) -> Course:
    """Another machine: a copy of the course, nothing attempted, in git as a clone is."""
    return in_git(template, tmp_path / "fresh")


def in_git(template, folder) -> Course:
    shutil.copytree(template, folder, ignore=shutil.ignore_patterns(".mi_tutor"))
    course = Course(folder)
    for command in (["init", "-q"], ["add", "-A"], ["commit", "-q", "-m", "the course"]):
        course.git(*command)
    return course


@pytest.fixture(scope="module")
def made(answered_template, tmp_path_factory):
    path = tmp_path_factory.mktemp("parcel") / "work.zip"
    done = Course(answered_template).tutor("save", str(path))
    assert done.returncode == 0, done.stderr
    assert "Saved 2 exercises" in done.stdout and "load work.zip" in done.stdout
    return path


@pytest.fixture
def parcel(made, tmp_path):
    """A file of saved work: `small.mean` passed, `small.clip` failed."""
    return shutil.copy(made, tmp_path / "work.zip")


def loaded(course: Course, path) -> str:
    done = course.tutor("load", str(path))
    assert done.returncode == 0, done.stderr
    return done.stdout


def refused(done) -> str:
    assert done.returncode == 2 and "Traceback" not in done.stderr, done.stderr
    return done.stderr


def test_work_and_progress_arrive(fresh, parcel, answered):
    assert "mean, clip went into the file" in loaded(fresh, parcel)
    assert fresh.module.read_text() == answered.module.read_text()
    assert fresh.statuses() == answered.statuses()
    assert fresh.tutor("check", "small.mean").returncode == 0
    assert "is here already" in loaded(fresh, parcel)


def test_helpers_imports_and_kept_versions_come_along(answered, fresh, tmp_path):
    answered.write("mean", OTHER_MEAN)
    answered.tutor("check", "small.mean")
    answered.module.write_text(answered.module.read_text() + "\n\nimport fractions\nHALF = fractions.Fraction(1, 2)\n")
    answered.tutor("save", str(tmp_path))  # a folder: the file gets the usual name
    loaded(fresh, tmp_path / "mi_tutor_work.zip")
    text = fresh.module.read_text()
    assert "HALF = fractions.Fraction(1, 2)" in text and "import fractions" in text and "max(values)" in text
    assert fresh.tutor("undo", "small.mean").returncode == 0
    assert fresh.tutor("check", "small.mean").returncode == 0  # the version that passed


def test_work_on_both_sides_stays_on_both_sides(fresh, parcel):
    fresh.write("mean", OTHER_MEAN)
    told = loaded(fresh, parcel)
    assert "small.mean: there is work here too" in told and "clip went into the file" in told
    assert "max(values)" in fresh.module.read_text()
    assert fresh.tutor("undo", "small.mean").returncode == 0
    assert fresh.tutor("check", "small.mean").returncode == 0
    assert fresh.tutor("undo", "small.mean").returncode == 0 or "max(values)" in fresh.module.read_text()


def test_a_fresh_copy_is_not_saved_over_the_work(fresh, parcel):
    before = parcel.read_bytes()
    assert "no work to save" in refused(fresh.tutor("save", str(parcel)))
    fresh.write("spread", RIGHT["spread"])
    said = refused(fresh.tutor("save", str(parcel)))
    assert "holds work that is not here" in said and "small.mean" in said and "small.clip" in said
    assert parcel.read_bytes() == before
    loaded(fresh, parcel)
    assert fresh.tutor("save", str(parcel)).returncode == 0
    assert set(json.loads(zipfile.ZipFile(parcel).read("parcel.json"))["versions"]) == {
        "small.mean", "small.clip", "small.spread"
    }  # fmt: skip


def test_a_helper_alone_is_work_too(answered, fresh, tmp_path):
    answered.module.write_text(answered.module.read_text() + "\n\nHALF = 0.5\n")
    answered.tutor("save", str(tmp_path / "work.zip"))
    loaded(fresh, tmp_path / "work.zip")
    fresh.module.write_text(fresh.module.read_text().replace("HALF = 0.5\n", ""))
    assert "HALF of small.py" in refused(fresh.tutor("save", str(tmp_path / "work.zip")))


def test_a_notebook_that_was_worked_in_comes_back(template, fresh, tmp_path):
    here = in_git(template, tmp_path / "here")
    text = (here.folder / NOTEBOOK).read_text()
    notes = text.replace('"cells": [', '"cells": [{"cell_type": "markdown", "id": "n", "metadata": {}, '
                         '"source": ["my notes"]},', 1)  # fmt: skip
    (here.folder / NOTEBOOK).write_text(notes)
    done = here.tutor("save", str(tmp_path / "work.zip"))
    assert "With 1 notebook: 01_small.ipynb" in done.stdout, done.stderr
    assert "your notebook is in place" in loaded(fresh, tmp_path / "work.zip")
    assert (fresh.folder / NOTEBOOK).read_text() == notes

    other = in_git(template, tmp_path / "other")
    changed = notes.replace("my notes", "other notes")
    (other.folder / NOTEBOOK).write_text(changed)
    assert "beside it as 01_small.mine.ipynb" in loaded(other, tmp_path / "work.zip")
    assert (other.folder / NOTEBOOK).read_text() == changed
    assert (other.folder / "chapters/01_small.mine.ipynb").read_text() == notes
    assert "is here already" in loaded(other, tmp_path / "work.zip")


def test_into_a_course_that_calls_it_differently(fresh, parcel):
    for path in (fresh.stub, fresh.module, fresh.folder / "solutions/small.py"):
        path.write_text(path.read_text().replace("def mean(values:", "def mean(numbers:"))
    assert "calls mean with other parameters now" in loaded(fresh, parcel)
    assert "def mean(numbers:" in fresh.module.read_text()
    assert fresh.tutor("undo", "small.mean").returncode == 0
    assert "def mean(values:" in fresh.module.read_text()


def test_a_missing_module_is_made_again_first(fresh, parcel):
    fresh.module.unlink()
    loaded(fresh, parcel)
    assert fresh.tutor("check", "small.mean").returncode == 0


def halved(path):
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def one_byte_wrong(path):
    data = bytearray(path.read_bytes())
    data[len(data) // 3] ^= 0xFF
    path.write_bytes(bytes(data))


def other_archive(path):
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("../../outside.py", "print('no')")


def newer(path):
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("parcel.json", json.dumps({"format": 99}))


def not_json(path):
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("parcel.json", "{")


LOAD_EACH = """
import sys
from pathlib import Path
from mi_tutor.tutor import parcel
from mi_tutor.tutor.problems import TutorProblem
for path in sys.argv[1:]:
    try:
        parcel.load(Path(path))
        print("loaded")
    except TutorProblem as problem:
        print(problem)
"""


def test_a_damaged_file_changes_nothing(fresh, parcel, tmp_path):
    damages = {
        halved: "not a whole file of saved work",
        one_byte_wrong: "not a whole file of saved work",
        other_archive: "not a whole file of saved work",
        not_json: "not a whole file of saved work",
        newer: "saved by a newer version",
        (lambda path: path.write_text("text")): "not a whole file of saved work",
        (lambda path: path.unlink()): "cannot be read",
    }
    paths = []
    for number, damage in enumerate(damages):
        paths.append(shutil.copy(parcel, tmp_path / f"{number}.zip"))
        damage(paths[-1])
    before = fresh.module.read_text()
    done = fresh.python(f"import sys; sys.argv[1:] = {[str(path) for path in paths]}\n{LOAD_EACH}")
    said = done.stdout.splitlines()
    assert len(said) == len(damages), done.stderr
    for line, words in zip(said, damages.values(), strict=True):
        assert words in line and "Nothing was changed" in line
    assert fresh.module.read_text() == before
    assert not (tmp_path / "outside.py").exists()


def test_other_files_are_not_overwritten(answered, tmp_path):
    (tmp_path / "thesis.zip").write_text("my thesis")
    assert "choose another name" in refused(answered.tutor("save", str(tmp_path / "thesis.zip")))
    assert (tmp_path / "thesis.zip").read_text() == "my thesis"


def test_a_place_that_cannot_be_written(answered):
    assert "could not be written" in refused(answered.tutor("save", "/proc/work.zip"))


def test_an_unreadable_module_is_said_before_anything_happens(answered, fresh, parcel, tmp_path):
    answered.module.write_text(answered.module.read_text() + "\ndef broken(:\n")
    assert "Nothing was saved" in refused(answered.tutor("save", str(tmp_path / "more.zip")))
    assert not (tmp_path / "more.zip").exists()
    fresh.module.write_text(fresh.module.read_text() + "\ndef broken(:\n")
    assert "Nothing was loaded" in refused(fresh.tutor("load", str(parcel)))
