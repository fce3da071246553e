"""Promises about stubs: they follow from the solutions, and nobody has attempted them."""

import ast
from collections.abc import Iterator

from mi_tutor.tutor import answers, pristine, syntax, workspace
from mi_tutor.tutor.author import stubs
from mi_tutor.tutor.author.promised import reading


def stub_is_what_build_makes(chapter) -> Iterator[str]:
    path = workspace.stub_file(chapter.name)
    if path.read_text("utf-8") != stubs.stub_module(chapter.name):
        yield (
            f"{chapter.name}: the stub no longer follows from solutions/{chapter.name}.py; run `mi-tutor author build "
            f"{chapter.name}`."
        )


def exercise_module_is_the_stub(chapter) -> Iterator[str]:
    """The committed exercise module is the stub. A learner's copy, or a file being worked on, is their own."""
    path = workspace.exercises_file(chapter.name)
    if path.read_text("utf-8") == workspace.stub_file(chapter.name).read_text("utf-8"):
        return
    if any(answers.attempted(e.name) for e in chapter.exercises) or _being_edited(path):
        return
    yield f"{chapter.name}: {reading.shown(path)} is not the stub; run `mi-tutor author build {chapter.name}`."


def _being_edited(path) -> bool:
    return pristine.committed(path) not in (None, path.read_bytes())


def stub_is_not_attempted(chapter) -> Iterator[str]:
    """A build or read stub raises; a mend stub runs, and is not what the reference does."""
    for e in chapter.exercises:
        node, reference = reading.stub(e), reading.solution(e)
        if node is None or reference is None:
            continue
        empty = ast.unparse(node.body[-1]).startswith(stubs.HOLE)
        if empty == (e.kind == "mend"):
            what = "is empty" if empty else f"does not end in `{stubs.HOLE}`"
            yield f"{e.name}: the stub {what}; run `mi-tutor author build {chapter.name}`."
        source = workspace.solution_file(chapter.name).read_text("utf-8")
        stub_source = workspace.stub_file(chapter.name).read_text("utf-8")
        same = syntax.fingerprint(source, e.function) == syntax.fingerprint(stub_source, e.function)
        if same and e.kind == "mend":
            yield f"{e.name}: the stub already is the reference; name another `faulty` in the catalogue."


def signatures_are_equal(chapter) -> Iterator[str]:
    """Solution, stub and notebook cell have one signature, annotations and all."""
    cells = _cells(chapter)
    for e in chapter.exercises:
        reference = reading.solution(e)
        others = {"stub": reading.stub(e), "notebook cell": cells.get(e.name)}
        for what, node in others.items():
            if reference is None or (node is None and what == "notebook cell" and not cells):
                continue  # told by another promise
            if node is None:
                yield f"{e.name}: there is no {what}; run `mi-tutor author build {chapter.name}`."
            elif _signature(node) != _signature(reference):
                yield (
                    f"{e.name}: the {what} has the signature {_signature(node)}, the solution {_signature(reference)}; "
                    f"run `mi-tutor author build {chapter.name}`."
                )


def _cells(chapter) -> dict[str, ast.FunctionDef]:
    """The functions of the notebook's `%%exercise` cells."""
    import nbformat

    path = workspace.notebook_file(chapter.number, chapter.name)
    found = {}
    for cell in nbformat.read(path, as_version=4).cells if path.exists() else ():
        if cell.cell_type == "code" and cell.source.startswith("%%exercise "):
            line, _, body = cell.source.partition("\n")
            name = line.split()[1]
            found[name] = syntax.function(syntax.parse(body, f"The cell of {name}"), name.split(".")[-1])
    return found


def _signature(node: ast.FunctionDef) -> str:
    returns = f" -> {ast.unparse(node.returns)}" if node.returns else ""
    return f"({ast.unparse(node.args)}){returns}"
