"""`test` proves the course, whatever the learner did to their copy of it, and closes with pytest's own line."""

import re
import subprocess

import pytest

pytestmark = pytest.mark.slow
COURSE_TEST = """
import os

import pytest


def test_without_a_browser():
    pytest.skip("there is no Chromium; to get one: do this")


def test_the_learner_would_answer(record_property):
    record_property("table", "the table of a benchmark")
    assert "MI_TUTOR_ANSWERS" not in os.environ and "MI_TUTOR_WORKSPACE" not in os.environ
"""
NOTEBOOK = "chapters/00_start_here.ipynb"
MODULE = "mi_tutor/exercises/start_here.py"


@pytest.fixture(scope="module")
def committed(built):
    """The built course with a test of its own, in a git repository."""
    own = built.folder / "tests" / "course"
    own.mkdir()
    (own / "nbval.ini").write_text((pytest_root() / "tests" / "course" / "nbval.ini").read_text())
    (own / "test_own.py").write_text(COURSE_TEST)
    (built.folder / "pyproject.toml").write_text((pytest_root() / "pyproject.toml").read_text())
    git = ["git", "-c", "user.name=a", "-c", "user.email=a@b.c"]
    for command in (["init", "-q"], ["add", "-A"], ["commit", "-q", "-m", "the course"]):
        subprocess.run([*git, *command], cwd=built.folder, check=True)
    return built


def pytest_root():
    from mi_tutor.tutor import workspace

    return workspace.PACKAGE.parent


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_sound_course_passes(committed, workers):
    code, printed = committed.run("test", MI_TUTOR_WORKERS=workers)
    assert code == 0, printed
    # 6 checks, 6 cells of the notebook and its limits, 1 test of the course's own
    assert re.fullmatch(r"=+ 15 passed.* in [\d.]+s.* =+", printed.strip().splitlines()[-1]), printed
    assert re.search(r"every check against the reference +6 passed in", printed)
    assert re.search(r"tests/course/test_own.py +\d+\.\d s\n", printed), printed
    assert len(re.findall(r"^start_here/test_\w+.py::test_\S+ +\d+\.\d\d s$", printed, re.M)) == 6, printed
    assert re.search(r"00_start_here +\d+ +\d+ +[1-9]\d+ +2\n", printed), printed
    assert printed.count("the table of a benchmark\n") == 1, printed
    assert "left out: 1 test: there is no Chromium; to get one: do this\n" in printed, printed
    assert ("2 workers" in printed) == (workers == "2"), printed


def test_quick_leaves_the_notebooks_out(committed):
    code, printed = committed.run("test", "--quick")
    assert code == 0, printed
    assert " 7 passed" in printed.strip().splitlines()[-1]


def test_the_learners_work_does_not_count(committed):
    committed.edit(MODULE, "    raise NotImplementedError", "    return 7.0")
    committed.edit(NOTEBOOK, "[1.0, 3.0]), 0.5", "[1.0, 9.0]), 0.5")
    try:
        code, printed = committed.run("test")
        assert code == 0, printed
        assert "Your own answers (they do not count below): 1 failed" in printed
        assert "You worked in start_here.py, 00_start_here.ipynb" in printed
        committed.edit(MODULE, "    return 7.0", "    return 7.0)")
        code, printed = committed.run("test", "--quick")
        assert code == 0, printed
    finally:
        subprocess.run(["git", "checkout", "-q", "."], cwd=committed.folder, check=True)


def test_a_wrong_stored_output_fails(committed):
    committed.edit(NOTEBOOK, '"2.0\\n"', '"2.5\\n"')
    subprocess.run(
        ["git", "-c", "user.name=a", "-c", "user.email=a@b.c", "commit", "-aqm", "wrong"], cwd=committed.folder
    )
    try:
        code, printed = committed.run("test")
        assert code == 1, printed
        assert " 1 failed, 14 passed" in printed.strip().splitlines()[-1]
    finally:
        subprocess.run(["git", "reset", "-q", "--hard", "HEAD~1"], cwd=committed.folder, check=True)
