"""The explorers of a notebook: find them, move every control of each, and see that what they show changes."""

from notebook_page import NotebookPage

SHOWN = ".widget-html-content"
# (kind, selector): what stands in an explorer and can be moved
CONTROLS = (
    ("slider", ".noUi-handle"),
    ("menu", "select"),
    ("number", "input[type=number]"),
    ("text", "input[type=text]"),
    ("box", "input[type=checkbox]"),
    ("button", "button"),
)
HAS_RUN = """number => {
    const cell = window.jupyterapp.shell.currentWidget.content.widgets[number].model;
    return cell.executionState === 'idle' && cell.executionCount !== null
}"""
ANOTHER_TEXT = {
    "heads": "24.4",
    "Text": "The capital of Japan is",
    "Own text": "One two three one two",
    "city": "Nairobi",
}


def explorer_cells(notebook: NotebookPage) -> list[int]:
    """The cells that show an explorer: the numbers of those that call one."""
    return notebook.page.evaluate(
        "() => window.jupyterapp.shell.currentWidget.content.widgets.map((c, at) => "
        r"c.model.type === 'code' && /^\s*(\w+\.)?explore(_\w+)?\(/m.test(c.model.sharedModel.source) ? at : -1)"
        ".filter(at => at >= 0)"
    )


def start(notebook: NotebookPage, number: int):
    """Run the cell of an explorer in a kernel that gives live answers; returns the cell."""
    cell = notebook.cell_at(number)
    notebook.run(cell)
    cell.locator(".jp-OutputArea .jupyter-widgets").first.wait_for(timeout=180_000)
    notebook.page.wait_for_function(HAS_RUN, arg=number, timeout=180_000)  # a cell may show several explorers
    settled(notebook, cell)
    return cell


def shown(cell) -> str:
    """All that the explorer shows, pictures included."""
    return "\n".join(cell.locator(SHOWN).evaluate_all("all => all.map(one => one.innerHTML)"))


def settled(notebook: NotebookPage, cell, before: str | None = None, seconds: float = 180) -> str:
    """Wait until the explorer shows something else than `before`, says no longer that it runs, and stays as it is."""
    last = None
    for _ in range(int(seconds / 0.25)):
        now = shown(cell)
        if now == last != before and "running …" not in now and "Reading …" not in now:
            return now
        last = now
        notebook.page.wait_for_timeout(250)
    raise AssertionError(f"nothing changed within {seconds:.0f} s; it shows {shown(cell)[:300]!r}")


def controls(cell) -> list[tuple[str, object]]:
    """(kind, element) of everything that can be moved, from top to bottom within each kind."""
    area = cell.locator(".jp-OutputArea").first
    return [(kind, one) for kind, selector in CONTROLS for one in area.locator(selector).all() if one.is_visible()]


def label(element) -> str:
    """The words beside a control."""
    return element.evaluate(
        "e => { const box = e.closest('.widget-inline-hbox, .widget-checkbox, .widget-button') || e;"
        " const l = box.querySelector('.widget-label'); return ((l ? l.textContent : '') || box.textContent).trim() }"
    )


def move(notebook: NotebookPage, kind: str, element) -> None:
    """Move one control as a person at the keyboard does."""
    keyboard = notebook.page.keyboard
    element.scroll_into_view_if_needed()
    element.focus()
    if kind == "slider":
        at_end = element.get_attribute("aria-valuenow") == element.get_attribute("aria-valuemax")
        keyboard.press("ArrowLeft" if at_end else "ArrowRight")
    elif kind == "menu":
        last = element.evaluate("e => e.selectedIndex === e.options.length - 1")
        keyboard.press("ArrowUp" if last else "ArrowDown")
    elif kind == "number":
        keyboard.press("ArrowUp")
    elif kind == "text":
        keyboard.press("Control+a")
        keyboard.type(ANOTHER_TEXT[label(element).rstrip(":")])
        keyboard.press("Enter")
    else:  # a box or a button
        keyboard.press("Space")


def reached_by_tab(notebook: NotebookPage, cell) -> int:
    """How many of the controls the Tab key reaches, one after the other, from the first."""
    elements = [one for _, one in controls(cell)]
    first = min(elements, key=lambda one: (one.bounding_box()["y"], one.bounding_box()["x"]))
    first.focus()
    reached = set()
    for _ in range(3 * len(elements)):  # a slider has a field for its number beside it
        reached |= {at for at, one in enumerate(elements) if one.evaluate("e => e === document.activeElement")}
        notebook.page.keyboard.press("Tab")
    return len(reached)


def move_everything(notebook: NotebookPage, cell) -> list[str]:
    """Move every control once and wait until what is shown changes; returns the names of what was moved.

    Where a button starts the run, the menus only choose: the button is pressed after each of them.
    """
    moved = []
    waits_for = next((one for _, one in controls(cell) if label(one) == "run"), None)
    for at in range(len(controls(cell))):
        kind, element = controls(cell)[at]  # asked again: a menu may have been filled anew
        before, name = shown(cell), label(element)
        move(notebook, kind, element)
        if waits_for and name != "run":
            move(notebook, "button", waits_for)
        if name == "run" and moved:  # nothing was chosen since the last run: it shows the same again
            notebook.page.wait_for_timeout(1000)
            assert settled(notebook, cell) == before
        else:
            settled(notebook, cell, before)
        moved.append(f"{kind} {name!r}")
    return moved
