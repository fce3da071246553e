"""The first chapter as a learner meets it: in a real JupyterLab, on the page itself. `test` always runs this one."""

import json
import re

import explorer_moves
import pytest
from figures_on_page import nothing_is_missing
from notebook_page import NotebookPage

WRONG = """%%exercise start_here.vector_lengths

def vector_lengths(resid):
    return reduce(resid**2, "batch pos d_model -> batch d_model", "sum").sqrt()
"""
RIGHT = """%%exercise start_here.vector_lengths

def vector_lengths(resid):
    return resid.pow(2).sum(dim=-1).sqrt()
"""


@pytest.mark.slow
def test_the_first_chapter(course, lab, chromium):
    """An exercise wrong, with hint and reference, then right; then all cells; then the explorer, by keyboard."""
    notebook = NotebookPage.open(chromium, lab(), "00_start_here.ipynb")
    an_exercise_is_done_wrong_and_then_right(notebook, course)
    notebook.answers_from_reference(True)
    notebook.run_all()
    nothing_is_missing(notebook)
    notebook.answers_from_reference(False)
    notebook.skip_all("start_here")
    (number,) = explorer_moves.explorer_cells(notebook)
    cell = explorer_moves.start(notebook, number)
    controls, before = explorer_moves.controls(cell), explorer_moves.shown(cell)
    assert explorer_moves.reached_by_tab(notebook, cell) == len(controls) == 4
    explorer_moves.move(notebook, *controls[0])
    assert "entering layer 13" in explorer_moves.settled(notebook, cell, before)
    notebook.close()


def an_exercise_is_done_wrong_and_then_right(notebook: NotebookPage, course) -> None:
    """Typed into the cell: a wrong answer gets a card and buttons, the right one passes, and both are in the file."""
    notebook.run(notebook.cell("load_ext mi_tutor"))
    exercise = notebook.cell("%%exercise start_here.vector_lengths")
    notebook.put(exercise, WRONG)
    card = notebook.cards(exercise, "Not yet")
    card.wait_for()
    said = card.inner_text()
    assert re.search(r"\d of \d checks pass", said), said
    assert "You summed along the positions" in said and "it should be batch × pos" in said, said

    exercise.get_by_role("button", name="Hint").click()
    notebook.cards(exercise, "Hint 1 of").wait_for()
    exercise.get_by_role("button", name="Hint").click()
    notebook.cards(exercise, "Hint 2 of").wait_for()
    exercise.get_by_role("button", name="Show the reference").click()
    notebook.cards(exercise, "Reference").wait_for()
    assert "def vector_lengths" in notebook.cards(exercise, "Reference").inner_text()

    notebook.put(exercise, RIGHT)
    notebook.cards(exercise, "Passed").wait_for()
    assert notebook.cards(exercise, "Not yet").count() == 0
    assert "resid.pow(2).sum(dim=-1).sqrt()" in (course / "mi_tutor/exercises/start_here.py").read_text("utf-8")
    progress = json.loads((course / ".mi_tutor/progress.json").read_text("utf-8"))
    assert progress["exercises"]["start_here.vector_lengths"]["status"] == "passed"
