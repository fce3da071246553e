"""Pictures of every chapter as a reader sees it, wide and narrow, light and dark: kept to be looked at."""

import os
from pathlib import Path

import pytest
from notebook_page import DARK, LIGHT, NotebookPage

from mi_tutor.tutor import catalogue, workspace

pytestmark = [pytest.mark.browser, pytest.mark.slow]
FOLDER = "MI_TUTOR_SCREENSHOTS"  # the variable that names another folder
WIDTHS = (1280, 800)
HEIGHT = 1600
SCROLLER = ".jp-WindowedPanel-outer"
OVERFLOWING = """() => [...document.querySelectorAll('.jp-Notebook .jp-Cell')].flatMap((cell, at) =>
    [...cell.querySelectorAll('.jp-OutputArea-output, .jp-MarkdownOutput')]
        .filter(e => e.scrollWidth > e.clientWidth + 2 && getComputedStyle(e).overflowX === 'visible')
        .map(e => `cell ${at}: ${e.scrollWidth} in ${e.clientWidth} px: ${e.innerText.slice(0, 60)}`))"""

COLUMNS = 93  # what fits a line at 800 pixels; tables in notebooks keep to it (test_printed_tables)
WRAPPED = """columns => [...document.querySelectorAll('.jp-Notebook .jp-RenderedText pre')].flatMap(pre => {
    const lines = pre.textContent.replace(/\\n$/, '').split('\\n');
    const drawn = Math.round(pre.clientHeight / parseFloat(getComputedStyle(pre).lineHeight));
    return Math.max(...lines.map(line => line.length)) <= columns && drawn > lines.length ? [lines[0]] : []
})"""


def folder() -> Path:
    """Where the pictures are kept: build/screenshots, which git ignores, or where MI_TUTOR_SCREENSHOTS says."""
    return Path(os.environ.get(FOLDER) or workspace.PACKAGE.parent / "build" / "screenshots")


@pytest.mark.parametrize("chapter", catalogue.written_chapters(), ids=lambda c: c.name)
def test_screenshots(chapter, lab, chromium, record_property):
    """From top to bottom in four looks; at each width nothing sticks out of the page."""
    name = workspace.notebook_file(chapter.number, chapter.name)
    notebook = NotebookPage.open(chromium, lab(), name.name)
    for width in WIDTHS:
        notebook.page.set_viewport_size({"width": width, "height": HEIGHT})
        if width < 1000:  # as a reader with a narrow window does: Ctrl+B hides the list of files
            notebook.command("application:toggle-left-area")
        for theme in (LIGHT, DARK):
            notebook.theme(theme)
            look = folder() / f"{name.stem}-{width}-{theme.split()[-1].lower()}"
            pictures = photographed(notebook, look)
            record_property("table", f"{pictures:3d} screenshots in {look}")  # `test` prints it at its end
        assert notebook.page.evaluate(OVERFLOWING) == [], f"{width} px"
        assert notebook.page.evaluate(WRAPPED, COLUMNS) == [], f"{width} px"
    notebook.close()


def photographed(notebook: NotebookPage, look: Path) -> int:
    """Pictures from the top to the bottom, each one screen further down; returns how many."""
    look.mkdir(parents=True, exist_ok=True)
    for old in look.glob("*.png"):
        old.unlink()
    notebook.page.evaluate(f"document.querySelector('{SCROLLER}').scrollTop = 0")
    for number in range(1, 100):
        notebook.page.wait_for_timeout(150)
        notebook.page.screenshot(path=look / f"{number:02d}.png")
        further = notebook.page.evaluate(
            f"() => {{ const s = document.querySelector('{SCROLLER}');"
            " const last = [...s.querySelectorAll('.jp-Cell')].pop();"
            " if (last.getBoundingClientRect().bottom <= s.getBoundingClientRect().bottom) return false;"
            " const was = s.scrollTop; s.scrollTop += s.clientHeight - 40; return s.scrollTop > was + 1 }"
        )
        if not further:
            return number
    raise AssertionError("the notebook has no end")
