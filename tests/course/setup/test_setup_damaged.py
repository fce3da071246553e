"""A .venv that was damaged after set-up is mended, and what is not ours is left alone."""

import shutil

from stages import told_in_one_sentence


def test_the_python_behind_the_venv_is_gone(finished):
    """After the system's Python was replaced, the .venv with a dangling link is made anew."""
    python = finished.project / ".venv/bin/python"
    for link in (finished.project / ".venv/bin").glob("python*"):
        link.unlink()
    python.symlink_to("/nowhere/python3.11")
    done = finished.setup()
    assert done.returncode == 0, done.stderr
    assert "broken .venv" in done.stdout


def test_the_stamp_is_damaged(finished):
    """A stamp cut short counts as none: packages are checked and it is written again."""
    finished.stamp.write_text('{"lock": "12')
    assert finished.setup().returncode == 0
    assert finished.stamp.read_text().endswith("}")


def test_the_project_was_moved(finished):
    """In a folder that was renamed, the course is installed from its new place, without an index."""
    moved = finished.project.with_name("renamed")
    finished.project.rename(moved)
    old, finished.project = finished.project, moved
    try:
        done = finished.setup()
        assert done.returncode == 0, done.stderr
        assert str(moved) in finished.stamp.read_text()
    finally:
        finished.project = old
        moved.rename(old)
        assert finished.setup().returncode == 0


def test_a_file_named_venv_is_in_the_way(stage):
    """A file that is called .venv is not deleted."""
    (stage.project / ".venv").write_text("precious")
    told_in_one_sentence(stage.setup(), "move it away")
    assert (stage.project / ".venv").read_text() == "precious"


def test_a_folder_of_something_else_is_in_the_way(stage):
    """A folder .venv that is no Python environment is not touched."""
    (stage.project / ".venv").mkdir()
    (stage.project / ".venv" / "thesis.txt").write_text("precious")
    told_in_one_sentence(stage.setup(), "move it away")
    assert (stage.project / ".venv" / "thesis.txt").read_text() == "precious"


def test_the_index_sends_a_damaged_package(finished, tmp_path):
    """A wheel cut short on its way is one sentence; with a whole one the next run finishes."""
    broken = tmp_path / "broken"
    shutil.copytree(finished.environment["PIP_FIND_LINKS"], broken)
    wheel = broken / "tiny_lesson-2.0-py3-none-any.whl"
    wheel.write_bytes(wheel.read_bytes()[:200])
    damaged = finished.setup(PIP_FIND_LINKS=str(broken), MI_TUTOR_LOCK=str(broken / "lock-2.0.txt"))
    told_in_one_sentence(damaged, "run the command again")
    assert finished.setup().returncode == 0
