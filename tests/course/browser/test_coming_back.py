"""Coming back to a notebook: after a restart of the kernel, the next day, and on a machine that does not trust it."""

import json

import axe
import pytest
from figures_on_page import nothing_is_broken
from notebook_page import NotebookPage

from mi_tutor.bootstrap.saving import WIDGET
from mi_tutor.tutor import catalogue, workspace

pytestmark = [pytest.mark.browser, pytest.mark.slow]
FIRST = "00_start_here.ipynb"
WRONG = """%%exercise start_here.vector_lengths

def vector_lengths(resid):
    return resid.sum(dim=-1)
"""
GUESS = "4, Paris, which decides the answer"
UNTRUSTED = "() => window.jupyterapp.shell.currentWidget.content.widgets.some(c => c.model.trusted === false)"


def test_a_restart_of_the_kernel_and_another_day_lose_nothing(course, lab, chromium):
    """The answer, its verdict and the guess are there again; no output says that its widget is gone."""
    address = lab()
    notebook = NotebookPage.open(chromium, address, FIRST)
    worked_on(notebook)
    axe.on_cell(notebook, notebook.cell("%%exercise start_here.vector_lengths"))
    axe.on_cell(notebook, notebook.cell('"start_here.longest"'))
    notebook.page.get_by_role("menuitem", name="Kernel", exact=True).click()
    notebook.page.get_by_text("Restart Kernel…", exact=True).click()
    notebook.page.locator(".jp-Dialog .jp-mod-accept").click()
    notebook.page.wait_for_selector(".jp-Dialog", state="detached")
    notebook.await_kernel()
    the_work_is_there(notebook)

    notebook.command("docmanager:save")
    notebook.page.wait_for_timeout(2000)
    notebook.command("kernelmenu:shutdown")
    notebook.page.wait_for_timeout(1000)
    notebook.close()
    stored = json.loads((course / "chapters" / FIRST).read_text("utf-8"))
    assert WIDGET not in json.dumps(stored), "a widget is dead without its kernel"
    assert WRONG.splitlines()[-1] in json.dumps(stored), "the answer is in the file that was saved"
    notebook = NotebookPage.open(chromium, address, FIRST)
    nothing_is_broken(notebook)
    the_work_is_there(notebook)
    notebook.close()


def worked_on(notebook: NotebookPage) -> None:
    notebook.run(notebook.cell("load_ext mi_tutor"))
    guess = notebook.cell('"start_here.longest"')
    notebook.run(guess)
    guess.get_by_role("radio", name=GUESS).focus()
    notebook.page.keyboard.press("Space")
    exercise = notebook.cell("%%exercise start_here.vector_lengths")
    notebook.put(exercise, WRONG)
    notebook.cards(exercise, "Not yet").wait_for()


def the_work_is_there(notebook: NotebookPage) -> None:
    notebook.run(notebook.cell("load_ext mi_tutor"))
    guess = notebook.cell('"start_here.longest"')
    notebook.run(guess)
    chosen = guess.get_by_role("radio", name=GUESS)
    chosen.wait_for()
    assert chosen.is_checked()
    exercise = notebook.cell("%%exercise start_here.vector_lengths")
    assert "resid.sum(dim=-1)" in exercise.locator(".cm-content").inner_text()
    notebook.run(exercise)
    notebook.page.wait_for_timeout(300)
    notebook.cards(exercise, "Not yet").wait_for()
    exercise.get_by_role("button", name="Hint").wait_for()


@pytest.mark.parametrize("chapter", catalogue.written_chapters(), ids=lambda c: c.name)
def test_an_untrusted_notebook_can_be_read(chapter, lab, chromium):
    """The committed notebook, opened where nobody trusts it: figures, cards and tables stand there."""
    notebook = NotebookPage.open(chromium, lab(), workspace.notebook_file(chapter.number, chapter.name).name)
    assert notebook.page.evaluate(UNTRUSTED), "this machine trusts the notebook, so the test shows nothing"
    nothing_is_broken(notebook)
    pictures = notebook.page.locator(".jp-OutputArea img").evaluate_all(
        "all => all.map(img => img.complete && img.naturalWidth > 0 && img.alt.length >= 20)"
    )
    assert pictures and all(pictures)
    cards = notebook.page.locator("section", has_text="Your turn ·")  # JupyterLab takes the role from untrusted HTML
    assert cards.count() >= len(chapter.exercises)
    # Their own ground and ink, so that they can be read in any theme.
    colours = cards.evaluate_all(
        "all => all.map(c => [getComputedStyle(c).backgroundColor, getComputedStyle(c).color])"
    )
    assert {tuple(pair) for pair in colours} == {("rgb(255, 255, 255)", "rgb(27, 27, 27)")}
    notebook.close()
