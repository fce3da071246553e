"""From `chapters/source/NN_name.py` (jupytext percent) to the executed notebook a learner opens.

An exercise stands in the source as an empty cell `# %% exercise="features.auroc"`; its heading and its stub are put in
here, so that they are written once. So are the badges and the set-up cell, which all chapters share (doors.py). Cell
ids follow from chapter, place and content, and nothing volatile is stored: building twice gives the same file.
"""

import copy
import hashlib
import os
import re
from pathlib import Path

from mi_tutor.tutor import catalogue, workspace
from mi_tutor.tutor.author import doors, stubs
from mi_tutor.tutor.problems import TutorProblem
from mi_tutor.tutor.progress import write_atomically

KERNEL = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
CELL_SECONDS = 600


def build(chapter_name: str, *, execute: bool = True, text_only: bool = False) -> Path:
    """Write the notebook of a chapter, executed with the reference, and return its path.

    Args:
        text_only: only prose and exercises changed; take the other outputs of the notebook that is there.
    """
    import nbformat

    chapter = catalogue.chapter(chapter_name)
    notebook = assemble(chapter)
    if text_only:
        keep_outputs(notebook, nbformat.read(workspace.notebook_file(chapter.number, chapter.name), as_version=4))
        renew_cards(notebook, workspace.root() / "chapters")
    elif execute:
        run(notebook, workspace.root() / "chapters")
    tidy(notebook, chapter.name)
    path = workspace.notebook_file(chapter.number, chapter.name)
    write_atomically(path, nbformat.writes(notebook) + "\n")
    return path


def assemble(chapter):
    """The notebook of a chapter without outputs: prose and code from the source, exercises from the stubs."""
    import jupytext
    from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

    source = workspace.notebook_source(chapter.number, chapter.name)
    if not source.exists():
        raise TutorProblem(f"chapters/source/{source.name} does not exist; write the chapter's text there first.")
    read = jupytext.reads(source.read_text("utf-8"), fmt="py:percent")
    cells, placed = [], []
    for cell in read.cells:
        name = cell.metadata.get("exercise")
        if name is None:
            metadata = {k: v for k, v in cell.metadata.items() if k in ("tags", "jupyter")}
            make = new_markdown_cell if cell.cell_type == "markdown" else new_code_cell
            cells.append(make(cell.source, metadata=metadata))
            continue
        entry = catalogue.exercise(name)
        placed.append(entry.name)
        cells.append(new_markdown_cell(heading(entry, len(placed))))
        text = f"%%exercise {entry.name}\n\n{stubs.stub_function(entry.chapter, entry.function)}"
        cells.append(new_code_cell(text, metadata={"mi_tutor": {"exercise": entry.name}}))
    _open_doors(cells, f"chapters/{workspace.notebook_file(chapter.number, chapter.name).name}")
    expected = [e.name for e in chapter.exercises]
    if placed != expected:
        raise TutorProblem(f"The exercises of {source.name} are {placed}, but the catalogue lists {expected}.")
    kernel = {"kernelspec": KERNEL, "language_info": {"name": "python"}}
    return new_notebook(cells=cells, metadata=kernel)


def _open_doors(cells: list, path: str) -> None:
    """Badges under the title, and the set-up cell before the first code."""
    from nbformat.v4 import new_code_cell

    if cells and cells[0].cell_type == "markdown":
        cells[0].source = doors.with_badges(cells[0].source, path)
    first = next((place for place, cell in enumerate(cells) if cell.cell_type == "code"), len(cells))
    cells.insert(first, new_code_cell(doors.setup_cell(), metadata=copy.deepcopy(doors.METADATA)))


def keep_outputs(notebook, before) -> None:
    """Give the code cells of `notebook` that the source holds the outputs that the same cells have in `before`."""
    cells, old = ([c for c in one.cells if c.cell_type == "code" and not is_made(c)] for one in (notebook, before))
    if [cell.source for cell in cells] != [cell.source for cell in old]:
        raise TutorProblem("Code cells changed too, so their outputs must be made again: build without --text.")
    for cell, had in zip(cells, old, strict=True):
        cell.outputs, cell.execution_count = had.outputs, had.execution_count
    for cell in filter(doors.is_setup, notebook.cells):
        cell.execution_count = 0  # it shows nothing where the course is installed; counts are put right in the end


def renew_cards(notebook, folder: Path) -> None:
    """Execute the exercise cells alone: what they show hangs on nothing but their checks."""
    from nbformat.v4 import new_code_cell, new_notebook

    cells = [cell for cell in notebook.cells if cell.cell_type == "code" and is_exercise(cell)]
    run(new_notebook(cells=[new_code_cell("%load_ext mi_tutor"), *cells], metadata=notebook.metadata), folder)


def is_exercise(cell) -> bool:
    return "exercise" in cell.metadata.get("mi_tutor", {})


def is_made(cell) -> bool:
    """Whether a cell is put in here and does not stand in the source."""
    return is_exercise(cell) or doors.is_setup(cell)


def heading(entry, number: int) -> str:
    """The markdown above an exercise cell."""
    dots = "●" * entry.difficulty + "○" * (5 - entry.difficulty)
    weight = "●" * entry.importance + "○" * (5 - entry.importance)
    kind = {"build": "Build", "mend": "Mend", "read": "Read"}[entry.kind]
    task = {
        "build": "Write the function. Run the cell to check it.",
        "mend": "The code below runs, and it fools its reader. Run the cell as it stands, and "
        f"`{entry.function}(...)` is there to try. Then find the fault, mend it, and run the cell to check it.",
        "read": "Choose, and return the letter. Run the cell to check it.",
    }[entry.kind]
    papers = f" · {', '.join(entry.papers)}" if entry.papers else ""
    return (
        f"### Exercise {number} · {entry.title}\n\n"
        f"**{kind}** · `{entry.name}` · about {entry.minutes} minutes · "
        f"difficulty {dots} · importance {weight}{papers}\n\n"
        f"{task} Stuck? `%hint {entry.name}`"
    )


def run(notebook, folder: Path) -> None:
    """Execute `notebook` in place, with the reference answering every exercise."""
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError

    environment = {"MI_TUTOR_ANSWERS": "reference", "PYTHONHASHSEED": "0", "PYTHONWARNINGS": "ignore"}
    before = {key: os.environ.get(key) for key in environment}
    os.environ.update(environment)
    try:
        client = NotebookClient(notebook, timeout=CELL_SECONDS, resources={"metadata": {"path": str(folder)}})
        client.execute(env={**os.environ})
    except CellExecutionError as error:
        clean = re.sub(r"\x1b\[[0-9;]*m", "", str(error))
        raise TutorProblem(f"A cell of the notebook failed while it was executed:\n{clean}") from None
    finally:
        for key, value in before.items():
            os.environ.pop(key, None) if value is None else os.environ.__setitem__(key, value)


def tidy(notebook, chapter: str) -> None:
    """Give stable ids and counts, and take out times and widget state, so that equal content is an equal file."""
    seen: dict[str, int] = {}
    count = 0
    for cell in notebook.cells:
        key = hashlib.sha256(cell.source.encode()).hexdigest()[:10]
        seen[key] = seen.get(key, 0) + 1
        cell.id = f"{chapter[:12].replace('_', '-')}-{key}-{seen[key]}"
        cell.metadata.pop("execution", None)
        if cell.cell_type != "code":
            continue
        if cell.execution_count is not None:
            count += 1
            cell.execution_count = count
        cell.outputs = _merged(cell.outputs)
        for output in cell.outputs:
            if "execution_count" in output:
                output["execution_count"] = count
            output.get("data", {}).pop("application/vnd.jupyter.widget-view+json", None)
    notebook.metadata = {"kernelspec": KERNEL, "language_info": {"name": "python"}}


def _merged(outputs: list) -> list:
    """Streams of one kind in one output, whatever pieces they arrived in; progress on stderr is dropped."""
    merged = []
    for output in outputs:
        if output.output_type == "stream" and output.name == "stderr":
            continue
        last = merged[-1] if merged else None
        if (
            output.output_type == "stream"
            and last is not None
            and last.output_type == "stream"
            and last.name == output.name
        ):
            last["text"] += output["text"]
        else:
            merged.append(output)
    return merged
