"""`author new` starts an exercise that `author check` then helps to finish."""

import pytest

pytestmark = pytest.mark.slow


def test_a_new_exercise_is_told_what_it_lacks(course):
    code, printed = course.run("author", "new", "start_here.shift")
    assert code == 0
    assert "added to solutions/start_here.py" in printed
    code, printed = course.run("author", "build", "start_here", "--no-execute")
    assert "lists" in printed, "the cell of the new exercise is not in the chapter's text yet"
    course.edit(
        "chapters/source/00_start_here.py",
        "# %%\nprint(start_here.centre",
        '# %% exercise="start_here.shift"\n\n# %%\nprint(start_here.centre',
    )
    code, printed = course.run("author", "build", "start_here", "--no-execute")
    assert code == 0, printed
    code, printed = course.run("author", "check", "start_here")
    assert code == 1
    for words in (
        "no title",
        "the solution is not written yet",
        "hint",
        "1 checks",
        "no full sentence",
        "has a TODO for a claim",
    ):
        assert any("shift" in line and words in line for line in printed.splitlines()), (
            f"{words!r} is not told:\n{printed}"
        )
    about_others = [line for line in printed.splitlines() if "start_here.spread" in line or "start_here.centre" in line]
    assert not about_others


def test_a_new_chapter_takes_the_next_number(course):
    code, printed = course.run("author", "new", "circuits.copy_score")
    assert code == 0
    assert "wrote chapters/source/01_circuits.py" in printed
    code, printed = course.run("author", "build", "circuits", "--no-execute")
    assert code == 0, printed
    assert (course.folder / "chapters" / "01_circuits.ipynb").exists()


def test_existing_names_are_refused(course):
    before = (course.folder / "solutions" / "start_here.py").read_text()
    for name, words in (
        ("start_here.spread", "already"),
        ("spread", "chapter.function"),
        ("start_here.as_column", "already"),
    ):
        code, printed = course.run("author", "new", name)
        assert code == 2
        assert words in printed
        assert len(printed.strip().splitlines()) == 1
    assert (course.folder / "solutions" / "start_here.py").read_text() == before
