"""`%keep FOLDER`: work is saved outside of the course's folder while it is done, and brought back on a new machine."""

import shutil

import pytest
from made_up_course import RIGHT
from small_course import Course

FIRST, SECOND = RIGHT["mean"], RIGHT["clip"]


@pytest.fixture
def drive(tmp_path):
    (tmp_path / "My Drive").mkdir()
    return tmp_path / "My Drive"


def machine(template, folder) -> Course:
    shutil.copytree(template, folder, ignore=shutil.ignore_patterns(".mi_tutor"))
    return Course(folder)


def kept(drive):
    return drive / "mi_tutor_work.zip"


def test_work_is_kept_from_cell_to_cell_and_comes_back(template, tmp_path, drive, start_kernel):
    first = start_kernel(machine(template, tmp_path / "first"))
    first.load()
    assert f"Your work is kept in {kept(drive)} from now on" in first.run(f"%keep {drive}").text
    assert not kept(drive).exists()  # nothing to keep yet
    first.exercise("mean", FIRST)
    assert kept(drive).exists()
    before = kept(drive).stat().st_mtime_ns
    first.run("1 + 1")
    assert kept(drive).stat().st_mtime_ns == before  # a cell that changes nothing saves nothing

    course = machine(template, tmp_path / "second")
    second = start_kernel(course)
    second.load()
    assert "mean went into the file" in second.run(f"%keep '{drive}'").text
    assert "total += value" in course.module.read_text()


def test_two_notebooks_keep_to_one_file(template, tmp_path, drive, start_kernel):
    """On Colab each notebook has a machine of its own: what the other kept is brought in, not dropped."""
    kernels = [start_kernel(machine(template, tmp_path / name)) for name in ("one", "two")]
    for kernel in kernels:
        kernel.load()
        kernel.run(f"%keep {drive}")
    kernels[0].exercise("mean", FIRST)
    kernels[1].exercise("clip", SECOND)
    course = machine(template, tmp_path / "third")
    third = start_kernel(course)
    third.load()
    said = third.run(f"%keep {drive}").text
    assert "mean, clip went into the file" in said, said


def test_a_restarted_kernel_goes_on(course, start_kernel, drive):
    kernel = start_kernel(course)
    kernel.load()
    kernel.run(f"%keep {drive}")
    kernel.restart()
    kernel.load()
    kernel.exercise("mean", FIRST)
    assert kept(drive).exists()
    shutil.rmtree(drive)
    kernel.restart()
    assert "which is not here now. `%keep` connects it again" in kernel.load().text


def test_what_does_not_work_is_said_once(course, start_kernel, drive):
    kernel = start_kernel(course)
    kernel.load()
    assert "Name the folder" in kernel.run("%keep").text
    assert "is not a folder" in kernel.run(f"%keep {drive}/nowhere").text
    kernel.run(f"%keep {drive}")
    kept(drive).write_text("something else")
    assert "Your work was not kept" in kernel.exercise("mean", FIRST).text
    assert kept(drive).read_text() == "something else"
    assert "Your work was not kept" not in kernel.run("1 + 1").text


def test_on_colab_it_is_the_google_drive(course, start_kernel, drive):
    kernel = start_kernel(course)
    kernel.load()
    shown = kernel.run(
        "import sys, types\n"
        "colab, google = types.ModuleType('google.colab'), types.ModuleType('google')\n"
        "colab.drive = types.SimpleNamespace(mount=lambda place: print('mounted', place))\n"
        "google.colab = colab\n"
        "sys.modules |= {'google': google, 'google.colab': colab}\n"
        "import pathlib\n"
        "from mi_tutor.tutor import keeping\n"
        f"keeping.DRIVE = pathlib.Path({str(drive)!r})\n"
        "(keeping.DRIVE / 'MyDrive').mkdir()\n"
        "%keep"
    )
    assert f"mounted {drive}" in shown.text and f"{drive}/MyDrive/mi_tutor_work.zip" in shown.text, shown.text
