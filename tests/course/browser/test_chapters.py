"""Every chapter in a real JupyterLab: run from top to bottom, and each control of each explorer moved by keyboard."""

import axe
import explorer_moves
import pytest
from figures_on_page import nothing_is_missing
from notebook_page import NotebookPage

from mi_tutor.tutor import catalogue, workspace

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.mark.parametrize("chapter", catalogue.written_chapters(), ids=lambda c: c.name)
def test_a_chapter_runs_and_its_explorers_move(chapter, lab, chromium):
    name = workspace.notebook_file(chapter.number, chapter.name).name
    notebook = NotebookPage.open(chromium, lab(), name)
    notebook.answers_from_reference(True)
    notebook.run_all()
    nothing_is_missing(notebook)

    notebook.answers_from_reference(False)  # live explorers; the reference goes on answering, as for skipped exercises
    notebook.skip_all(chapter.name)
    found = explorer_moves.explorer_cells(notebook)
    assert found, "a chapter has at least one explorer"
    for number in found:
        cell = explorer_moves.start(notebook, number)
        assert explorer_moves.reached_by_tab(notebook, cell) == len(explorer_moves.controls(cell))
        moved = explorer_moves.move_everything(notebook, cell)
        print(f"{name}, cell {number}: moved {', '.join(moved)}")
        assert moved, "nothing in the explorer can be moved"
        axe.on_cell(notebook, cell)
    assert notebook.errors() == []
    notebook.close()
