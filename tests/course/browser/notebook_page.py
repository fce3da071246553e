"""A notebook in JupyterLab, driven through its page: what a person clicks and types, and what then stands there."""

import json
from dataclasses import dataclass

# Asked of the page's own model of the notebook.
CELLS = "window.jupyterapp.shell.currentWidget.content.widgets.map(c => c.model).filter(m => m.type === 'code')"
OUTPUTS = f"{CELLS}.flatMap(m => m.outputs.toJSON())"
# JupyterLab draws a long notebook piece by piece, and the outputs of a cell after its text.
ALL_DRAWN = """() => {
    const book = window.jupyterapp.shell.currentWidget?.content;
    return book?.model && book.widgets.length === book.model.cells.length && book.widgets.every(c => !c.isPlaceholder()
        && c.node.querySelectorAll('.jp-OutputArea-output').length >= (c.model.outputs ? c.model.outputs.length : 0))
}"""
NOTHING_RAN = f"() => {CELLS}.every(m => m.executionCount === null)"
DONE = "m.executionState === 'idle' && (m.executionCount !== null || !m.sharedModel.source)"
STILL = f"{OUTPUTS}.some(o => o.output_type === 'error') ? 0 : {CELLS}.filter(m => !({DONE})).length"
KERNEL = "window.jupyterapp.shell.currentWidget.sessionContext.session.kernel"
EXECUTE = f"""code => {{
    const said = [];
    const future = {KERNEL}.requestExecute({{code, store_history: false}});
    future.onIOPub = m => said.push(m.content.text || (m.content.traceback || []).join(''));
    return future.done.then(reply => [reply.content.status, said.join('')]);
}}"""
CELL_SECONDS = 300  # the patience for one cell, on a busy machine; a chapter has as many as it needs
CARD = "section[role=status]"
LIGHT, DARK = "JupyterLab Light", "JupyterLab Dark"


@dataclass
class NotebookPage:
    """One open notebook; `page` is playwright's."""

    page: object

    @classmethod
    def open(cls, chromium, address: str, notebook: str, *, width: int = 1280, kernel: bool = True) -> "NotebookPage":
        """Open chapters/<notebook>; wait until all cells are drawn and, but for `kernel=False`, its kernel is there."""
        page = chromium.new_page(viewport={"width": width, "height": 1000})
        page.set_default_timeout(90_000)
        page.goto(f"{address}/lab/tree/chapters/{notebook}?token=t&reset")
        page.wait_for_selector(".jp-Notebook .jp-Cell")
        opened = cls(page)
        if kernel:
            opened.await_kernel()
        page.wait_for_function(ALL_DRAWN)  # last: as its settings arrive JupyterLab draws the notebook anew
        return opened

    def await_kernel(self) -> None:
        """The indicator over the notebook says "idle" before there is a kernel; the status bar names the kernel."""
        self.page.locator(".jp-StatusBar-Left", has_text="| Idle").wait_for()

    def choose(self, menu: str, entry: str) -> None:
        """Click an entry of a menu."""
        self.page.get_by_role("menuitem", name=menu, exact=True).click()
        self.page.get_by_text(entry, exact=True).click()

    def command(self, name: str, **arguments) -> None:
        """Run a command of JupyterLab by its id."""
        self.page.evaluate("([name, args]) => window.jupyterapp.commands.execute(name, args)", [name, arguments])

    def theme(self, name: str) -> None:
        self.command("apputils:change-theme", theme=name)
        light = "true" if name == LIGHT else "false"
        self.page.wait_for_selector(f"body[data-jp-theme-light={light}]", state="attached")
        self.page.wait_for_timeout(500)

    def execute(self, code: str) -> str:
        """Run code in the notebook's kernel beside its cells; returns what was printed."""
        status, said = self.page.evaluate(EXECUTE, code)
        assert status == "ok", said
        return said

    def answers_from_reference(self, on: bool) -> None:
        value = "os.environ['MI_TUTOR_ANSWERS'] = 'reference'" if on else "os.environ.pop('MI_TUTOR_ANSWERS', None)"
        self.execute(f"import os\n{value}")

    def skip_all(self, chapter: str) -> None:
        """The reference answers for every exercise of the chapter, as if the learner had pressed "Skip for now"."""
        self.execute(
            "from mi_tutor.tutor import catalogue, workbench\n"
            f"for entry in catalogue.chapter({chapter!r}).exercises: workbench.skip(entry.name)"
        )

    def cell(self, text: str):
        """The code cell whose source holds `text`, scrolled into view."""
        number = self.page.evaluate(
            "text => window.jupyterapp.shell.currentWidget.content.widgets.findIndex("
            "c => c.model.type === 'code' && c.model.sharedModel.source.includes(text))",
            text,
        )
        assert number >= 0, f"no cell with {text!r} in the notebook"
        return self.cell_at(number)

    def cell_at(self, number: int):
        cell = self.page.locator(".jp-Notebook .jp-Cell").nth(number)
        cell.scroll_into_view_if_needed()
        return cell

    def run(self, cell) -> None:
        """Click beside a cell and run it."""
        cell.locator(".jp-InputPrompt").click()
        self.page.keyboard.press("Control+Enter")

    def put(self, cell, source: str) -> None:
        """Replace the source of a cell and run it."""
        cell.locator(".cm-content").click()
        self.page.keyboard.press("Control+a")
        self.page.keyboard.insert_text(source)
        self.page.keyboard.press("Control+Enter")

    def run_all(self) -> None:
        """Clear all outputs, run all cells and wait for the last; stops at an error, as JupyterLab does."""
        self.choose("Edit", "Clear Outputs of All Cells")
        self.page.wait_for_function(NOTHING_RAN)
        self.choose("Run", "Run All Cells")
        while left := self.page.evaluate(STILL):  # none after an error: the rest is not run then
            self.page.wait_for_function(
                f"before => ({STILL}) < before", arg=left, timeout=1000 * CELL_SECONDS, polling=500
            )

    def outputs(self) -> list[dict]:
        return self.page.evaluate(OUTPUTS)

    def errors(self) -> list[tuple[str, str]]:
        return [(o["ename"], o["evalue"]) for o in self.outputs() if o["output_type"] == "error"]

    def cards(self, cell, text: str):
        """The cards under a cell that hold `text`."""
        return cell.locator(CARD, has_text=text)

    def close(self) -> None:
        self.page.close()


def text_of(output: dict, kind: str) -> str:
    """A rich output's text of one kind, "" without."""
    content = output.get("data", {}).get(kind, "")
    return json.dumps(content) if isinstance(content, dict) else "".join(content)
