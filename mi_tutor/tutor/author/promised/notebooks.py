"""Promises about the committed notebook: it is what `author build` makes, executed with the reference."""

from collections.abc import Iterator

from mi_tutor.tutor import cards, checking, workspace
from mi_tutor.tutor.author import notebooks

CHECKED_CELLS = 12
NO_LIMIT = ("start_here",)
COMPARED = {"text/plain", "text/html", "text/markdown", "application/json"}


def _read(chapter):
    import nbformat

    path = workspace.notebook_file(chapter.number, chapter.name)
    return nbformat.read(path, as_version=4) if path.exists() else None


def notebook_is_what_build_makes(chapter) -> Iterator[str]:
    """Cell by cell, the notebook is the source with the exercises put in."""
    remedy = f"run `mi-tutor author build {chapter.name}`"
    name = f"chapters/{chapter.number}_{chapter.name}.ipynb"
    notebook = _read(chapter)
    if not workspace.notebook_source(chapter.number, chapter.name).exists():
        return  # told by another promise
    if notebook is None:
        yield f"{chapter.name}: {name} is missing; {remedy}."
        return
    wanted = notebooks.assemble(chapter)
    notebooks.tidy(wanted, chapter.name)
    for number, (have, want) in enumerate(zip(notebook.cells, wanted.cells, strict=False)):
        if (have.cell_type, have.source, have.id) != (want.cell_type, want.source, want.id):
            yield f"{chapter.name}: cell {number} of {name} is not what its source says; {remedy}."
            return
        if {k: v for k, v in have.metadata.items() if k != "execution"} != want.metadata:
            yield f"{chapter.name}: the metadata of cell {number} of {name} differ from the source; {remedy}."
            return
    if len(notebook.cells) != len(wanted.cells):
        yield f"{chapter.name}: {name} has {len(notebook.cells)} cells, its source makes {len(wanted.cells)}; {remedy}."


def outputs_are_stored(chapter) -> Iterator[str]:
    """The notebook was executed, without errors; a stripped notebook would prove nothing."""
    for number, cell in _code(chapter):
        if cell.execution_count is None:
            yield f"{chapter.name}: cell {number} was not executed; run `mi-tutor author build {chapter.name}`."
        for output in cell.outputs:
            if output.output_type == "error" and "raises-exception" not in cell.metadata.get("tags", []):
                yield (
                    f"{chapter.name}: cell {number} stores an error ({output.ename}); mend the source, then `mi-tutor "
                    f"author build {chapter.name}`."
                )


def counts_are_sequential(chapter) -> Iterator[str]:
    counts = [cell.execution_count for _, cell in _code(chapter)]
    if None not in counts and counts != list(range(1, len(counts) + 1)):
        yield (
            f"{chapter.name}: the execution counts are not 1 to {len(counts)} in order; run `mi-tutor author build "
            f"{chapter.name}`."
        )


def enough_checked_cells(chapter) -> Iterator[str]:
    """Enough outputs that nbval compares, not counting the exercise cells."""
    have = checked_cells(chapter)
    if chapter.name not in NO_LIMIT and _read(chapter) is not None and have < CHECKED_CELLS:
        yield (
            f"{chapter.name}: {have} cells have an output that is compared, at least {CHECKED_CELLS} should; print "
            "what a figure shows."
        )


def checked_cells(chapter) -> int:
    """How many code cells, other than exercises, store text or HTML that nbval compares."""
    return sum(is_checked(cell) for _, cell in _code(chapter))


def is_checked(cell) -> bool:
    """Whether a code cell is no exercise and stores an output that nbval compares."""
    return not cell.source.startswith("%%exercise") and any(_compared(output) for output in cell.outputs)


def _compared(output) -> bool:
    if output.output_type == "stream":
        return bool(output.text.strip())
    data = output.get("data", {})
    return bool(COMPARED & set(data)) and not (set(data) & {"image/png"} and set(data) <= {"image/png", "text/plain"})


def nobody_has_passed_yet(chapter) -> Iterator[str]:
    """The stored output of an exercise cell says that it is the learner's turn and lists the claims."""
    old = []
    for _, cell in _code(chapter):
        name = cell.metadata.get("mi_tutor", {}).get("exercise")
        if name is None or not cell.outputs:
            continue
        text = "".join(str(o.get("data", {}).get("text/plain", o.get("text", ""))) for o in cell.outputs)
        if text.strip() != repr(cards.your_turn(name, checking.claims(name))).strip():
            old.append(name)
    if old:
        yield (
            f"{chapter.name}: the stored output of {', '.join(old)} is not the card of today, with today's claims; "
            f"run `mi-tutor author build {chapter.name}`."
        )


def _code(chapter):
    notebook = _read(chapter)
    return [(i, c) for i, c in enumerate(notebook.cells) if c.cell_type == "code"] if notebook else []
