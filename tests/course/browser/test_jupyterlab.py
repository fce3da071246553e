"""What a learner sees and does in JupyterLab, on the page itself."""

import json

import pytest

from mi_tutor.tutor import catalogue, workspace

WRONG = """%%exercise start_here.vector_lengths

def vector_lengths(resid):
    return reduce(resid**2, "batch pos d_model -> batch d_model", "sum").sqrt()
"""
RIGHT = """%%exercise start_here.vector_lengths

def vector_lengths(resid):
    return resid.pow(2).sum(dim=-1).sqrt()
"""
IDLE = ".jp-Notebook-ExecutionIndicator[data-status=idle]"


def opened(chromium, address: str, notebook: str):
    page = chromium.new_page(viewport={"width": 1280, "height": 1000})
    page.goto(f"{address}/lab/tree/chapters/{notebook}?token=t&reset")
    page.wait_for_selector(".jp-Notebook .jp-Cell", timeout=90_000)
    page.wait_for_selector(IDLE, timeout=90_000)
    return page


def cell_with(page, text: str):
    """The code cell whose source holds `text`, scrolled into view."""
    for _ in range(60):
        cell = page.locator(".jp-CodeCell", has=page.locator(f".cm-content:has-text('{text}')")).first
        if cell.count():
            cell.scroll_into_view_if_needed()
            return cell
        page.mouse.move(640, 600)
        page.mouse.wheel(0, 700)
        page.wait_for_timeout(200)
    raise AssertionError(f"no cell with {text!r} on the page")


def put(page, cell, source: str):
    """Replace the source of a cell and run it."""
    cell.locator(".cm-content").click()
    page.keyboard.press("Control+a")
    page.keyboard.insert_text(source)
    page.keyboard.press("Control+Enter")


@pytest.mark.slow
def test_an_exercise_is_done_wrong_and_then_right(course, lab, chromium):
    """Typed into the cell: a wrong answer gets a card and buttons, the right one passes, and both are in the file."""
    page = opened(chromium, lab(), "00_start_here.ipynb")
    put(page, cell_with(page, "load_ext mi_tutor"), "%load_ext mi_tutor\nfrom einops import reduce")
    page.wait_for_timeout(4000)

    exercise = cell_with(page, "%%exercise start_here.vector_lengths")
    put(page, exercise, WRONG)
    card = exercise.locator("section[role=status]").first
    card.wait_for(timeout=60_000)
    assert "Not yet" in card.inner_text()
    exercise.get_by_role("button", name="Hint").click()
    page.get_by_text("Hint 1 of").first.wait_for(timeout=20_000)

    put(page, exercise, RIGHT)
    exercise.get_by_text("Passed").first.wait_for(timeout=60_000)
    assert "resid.pow(2).sum(dim=-1).sqrt()" in (course / "mi_tutor/exercises/start_here.py").read_text("utf-8")
    progress = json.loads((course / ".mi_tutor/progress.json").read_text("utf-8"))
    assert progress["exercises"]["start_here.vector_lengths"]["status"] == "passed"
    page.close()


@pytest.mark.slow
@pytest.mark.parametrize("chapter", catalogue.written_chapters(), ids=lambda c: c.name)
def test_a_chapter_runs_from_top_to_bottom(chapter, lab, chromium):
    """Run all cells in reference mode: no error on the page, every figure has a text for those who cannot see it."""
    name = workspace.notebook_file(chapter.number, chapter.name).name
    page = opened(chromium, lab(MI_TUTOR_ANSWERS="reference"), name)
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_text("Run All Cells", exact=True).click()
    page.wait_for_selector(".jp-Notebook-ExecutionIndicator[data-status=busy]", timeout=60_000)
    page.wait_for_selector(IDLE, timeout=400_000)
    assert page.locator(".jp-RenderedText[data-mime-type='application/vnd.jupyter.error']").count() == 0
    assert page.locator(".jp-OutputArea-output img:not([alt]), .jp-OutputArea-output img[alt='']").count() == 0
    page.close()
