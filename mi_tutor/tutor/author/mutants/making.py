"""All mutants of a reference: each kind of mistake at each place where it can be made."""

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from mi_tutor.tutor import syntax, workspace
from mi_tutor.tutor.author import deletions
from mi_tutor.tutor.author.mutants import (
    arguments,
    axes,
    comparisons,
    constants,
    einsum,
    operands,
    operators,
    places,
    reductions,
)

DELETED = "statements deleted"
# Where two kinds make the same mutant, it counts for the first.
KINDS: dict[str, Callable[[ast.AST], Iterator[ast.AST]]] = {
    "operators swapped": operators.changes,
    "axes changed": axes.changes,
    "einsum letters": einsum.changes,
    "comparisons, boundaries": comparisons.changes,
    "reductions": reductions.changes,
    "constants": constants.changes,
    "operands dropped": operands.changes,
    "arguments dropped, swapped": arguments.changes,
}


@dataclass(frozen=True)
class Mutant:
    """The reference of an exercise with one change."""

    exercise: str
    kind: str
    line: int
    before: str  # the statement as it stands in the solution
    after: str  # the statement as it was changed; "without: …" when it was deleted
    node: ast.FunctionDef

    @property
    def where(self) -> str:
        """The place in the solution, as file:line."""
        return f"solutions/{self.exercise.split('.')[0]}.py:{self.line}"

    def function(self) -> Callable:
        """The changed function, in the surroundings of its solution."""
        return deletions.compiled(self.exercise, self.node)


def of(exercise: str) -> list[Mutant]:
    """All mutants of the reference of `exercise`, in the order of their lines."""
    chapter, function = exercise.split(".")
    source = workspace.solution_file(chapter).read_text("utf-8")
    node = syntax.function(syntax.parse(source, f"solutions/{chapter}.py"), function)
    return sorted(mutants(exercise, node, source.splitlines()), key=lambda mutant: mutant.line)


def mutants(exercise: str, function: ast.FunctionDef, lines: list[str]) -> Iterator[Mutant]:
    """Every distinct mutant of `function`, which stands in the file with these `lines`."""
    seen = {ast.dump(function)}
    for deletion in deletions.deletions(function):
        seen.add(ast.dump(deletion.rest))
        text = f"without: {deletion.text}"
        yield Mutant(exercise, DELETED, deletion.line, deletion.text, text, deletion.rest)
    found = _but_axes(list(places.places(function)))
    for kind, changes in KINDS.items():
        for path, node, statement in found:
            for new in changes(node):
                changed = places.replaced(function, path, new)
                key = ast.dump(changed)
                if key in seen or not _is_python(changed):
                    continue
                seen.add(key)
                before, after = places.shown(lines, statement), _after(lines, statement, node, new, changed)
                yield Mutant(exercise, kind, getattr(node, "lineno", statement.lineno), before, after, changed)


def _but_axes(found: list[tuple]) -> list[tuple]:
    """Without the nodes inside of an axis: 1 for -1 is no other constant, it is often the same axis."""
    inside = set()
    for _, node, _ in found:
        for field, position in axes.arguments(node):
            inside.update(id(part) for part in ast.walk(getattr(node, field)[position]))
    return [one for one in found if id(one[1]) not in inside]


def _after(lines: list[str], statement: ast.stmt, node: ast.AST, new: ast.AST, changed: ast.FunctionDef) -> str:
    if hasattr(node, "lineno"):
        return places.shown(lines, statement, node, new)
    # A part without a place of its own (`for … in … if …` inside of brackets): the statement as Python writes it.
    same = (type(statement), statement.lineno, statement.col_offset)
    found = [n for n in ast.walk(changed) if isinstance(n, ast.stmt) and (type(n), n.lineno, n.col_offset) == same]
    return ast.unparse(found[0]).splitlines()[0]


def _is_python(function: ast.FunctionDef) -> bool:
    """Whether the change can be written down: `f(**x)` with an argument in a wrong place cannot."""
    try:
        compile(ast.unparse(function), "<mutant>", "exec")
    except (SyntaxError, ValueError):
        return False
    return True
