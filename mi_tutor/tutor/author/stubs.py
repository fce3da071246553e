"""From `solutions/<chapter>.py` to the module a learner completes.

Each exercise keeps its signature, docstring and scaffold; the rest of its body becomes a hole.
"""

import ast

from mi_tutor.tutor import catalogue, misconceptions, syntax, workspace
from mi_tutor.tutor.problems import TutorProblem
from mi_tutor.tutor.progress import write_atomically

MARK = "# solution"  # in a solution: what stands above this line is scaffold and stays in the stub
HOLE = "raise NotImplementedError"


def build(chapter: str) -> str:
    """Write the stub module of a chapter (the learner's and the untouched copy); return its text.

    The learner's copy is only written where no exercise has been attempted: an author's own work is kept.
    """
    text = stub_module(chapter)
    write_atomically(workspace.stub_file(chapter), text)
    mine = workspace.exercises_file(chapter)
    if not mine.exists() or not _has_work(chapter, mine.read_text("utf-8"), text):
        write_atomically(mine, text)
    else:
        print(
            f"mi_tutor/exercises/{chapter}.py holds answers of yours; it was left alone (`mi-tutor reset` empties it)."
        )
    return text


def _has_work(chapter: str, mine: str, stub: str) -> bool:
    # Against the stub of the last commit a change of the stub itself would look like work, so look for missing holes.
    del stub
    for exercise in catalogue.chapter(chapter).exercises:
        node = syntax.function(ast.parse(mine), exercise.function)
        if node is not None and exercise.kind != "mend" and HOLE not in ast.unparse(node):
            return True
    return False


def stub_module(chapter: str) -> str:
    """The text of a chapter's stub module."""
    path = workspace.solution_file(chapter)
    source = path.read_text("utf-8")
    tree = syntax.parse(source, f"solutions/{chapter}.py")
    lines = source.splitlines()
    entries = {e.function: e for e in catalogue.chapter(chapter).exercises}
    for node in reversed(tree.body):
        if not isinstance(node, ast.FunctionDef) or not _is_exercise(node):
            continue
        if node.name not in entries:
            raise TutorProblem(
                f"solutions/{chapter}.py marks `{node.name}` as an exercise, but the catalogue has no entry for it."
            )
        lines[_body_start(node) : node.end_lineno] = _stub_body(lines, node, entries[node.name])
    text = "\n".join(lines).rstrip() + "\n"
    return text


def stub_function(chapter: str, function: str) -> str:
    """One exercise of a chapter as its stub, for the notebook cell and for `reset`."""
    source = workspace.stub_file(chapter).read_text("utf-8")
    return syntax.text_of(source, syntax.function(ast.parse(source), function))


def _is_exercise(node: ast.FunctionDef) -> bool:
    return any(isinstance(d, ast.Name) and d.id == "exercise" for d in node.decorator_list)


def _body_start(node: ast.FunctionDef) -> int:
    """Index of the first line after the docstring (or after the signature)."""
    first = node.body[0]
    has_docstring = (
        isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str)
    )
    if not has_docstring:
        raise TutorProblem(f"The solution `{node.name}` has no docstring; an exercise's text is its docstring.")
    return first.end_lineno


def _stub_body(lines: list[str], node: ast.FunctionDef, entry) -> list[str]:
    if entry.kind == "mend":
        return _faulty_body(entry)
    body = lines[_body_start(node) : node.end_lineno]
    mark = next((i for i, line in enumerate(body) if line.strip() == MARK), None)
    scaffold = body[:mark] if mark is not None else []
    return [*scaffold, f"    {HOLE}"]


def _faulty_body(entry) -> list[str]:
    """The body of the misconception that a mend exercise hands out."""
    for candidate in misconceptions.of(entry.name):
        if candidate.name == entry.faulty:
            source = workspace.misconceptions_file(entry.name).read_text("utf-8")
            node = syntax.function(ast.parse(source), entry.faulty)
            body = node.body
            if (
                isinstance(body[0], ast.Expr)
                and isinstance(body[0].value, ast.Constant)
                and isinstance(body[0].value.value, str)
            ):
                body = body[1:]
            first = body[0].lineno - 1
            text = source.splitlines()
            while text[first - 1].strip().startswith("#"):
                first -= 1
            return text[first : node.end_lineno]
    raise TutorProblem(
        f"`{entry.name}` is a mend exercise, but its `faulty = {entry.faulty!r}` is not a recorded misconception."
    )
