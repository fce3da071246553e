"""Printed tables are narrow enough for a narrow window: there a line that wraps tears its columns apart."""

import re

import nbformat
import pytest

from mi_tutor.tutor import catalogue, workspace

COLUMNS = 93  # what stands in one line of a JupyterLab 800 pixels wide: tests/course/browser/test_screenshots.py
GAP = re.compile(r"\S {2,}\S")  # columns are set apart by two spaces or more; a sentence may wrap between its words


@pytest.mark.parametrize("chapter", catalogue.written_chapters(), ids=lambda c: c.name)
def test_no_line_of_a_table_is_too_long(chapter):
    book = nbformat.read(workspace.PACKAGE.parent / workspace.notebook_file(chapter.number, chapter.name), 4)
    printed = [
        (number, line)
        for number, cell in enumerate(book.cells)
        for output in cell.get("outputs", [])
        for line in output.get("text", "").splitlines()
    ]
    assert printed
    wide = [
        f"cell {number}, {len(line)}: {line}" for number, line in printed if len(line) > COLUMNS and GAP.search(line)
    ]
    if wide:
        pytest.fail(f"wider than {COLUMNS} letters:\n" + "\n".join(wide), pytrace=False)
