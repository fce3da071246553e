"""The reference with one statement missing: the smallest mistakes there are. Checks that let one pass are too weak.

Every statement below the docstring is removed in turn, in nested blocks and inner functions too, and so is every whole
branch. What is left when a block would be empty is `pass`.
"""

import ast
import copy
import sys
from collections.abc import Iterator
from dataclasses import dataclass

from mi_tutor.tutor import answers, syntax, workspace
from mi_tutor.tutor.author.trials import Trial

_BLOCKS = ("body", "orelse", "finalbody", "handlers")


@dataclass(frozen=True)
class Deletion:
    """One statement (or branch) of a solution: where it stands and what is left without it."""

    line: int
    text: str
    rest: ast.FunctionDef


def trials(name: str) -> list[Trial]:
    """One trial for each deletion from the reference of exercise `name`; its label is `line N: statement`."""
    return [Trial(name, f"line {d.line}: {d.text}", compiled(name, d.rest)) for d in of(name)]


def of(name: str) -> list[Deletion]:
    """All deletions from the reference of exercise `name`."""
    chapter, function = name.split(".")
    path = workspace.solution_file(chapter)
    node = syntax.function(syntax.parse(path.read_text("utf-8"), f"solutions/{chapter}.py"), function)
    return list(deletions(node))


def deletions(function: ast.FunctionDef) -> Iterator[Deletion]:
    """Every distinct way to take one statement or one branch out of `function`."""
    seen = {ast.dump(function)}
    for path, block, position in _places(function):
        rest = copy.deepcopy(function)
        target = _follow(rest, path)
        removed = getattr(target, block)[position]
        removed = removed if isinstance(removed, list) else [removed]
        kept = [statement for statement in getattr(target, block) if statement not in removed]
        if not kept and block in ("body", "finalbody"):
            kept = [ast.copy_location(ast.Pass(), removed[0])]
        setattr(target, block, kept)
        key = ast.dump(rest)
        if key not in seen:
            seen.add(key)
            yield Deletion(removed[0].lineno, _first_line(removed[0]), rest)


def _places(node: ast.AST, path: tuple = ()) -> Iterator[tuple[tuple, str, int | slice]]:
    """(path to a node, block of it, what to remove there) for every statement and every block of several statements."""
    for block in _BLOCKS:
        statements = getattr(node, block, None)
        if not isinstance(statements, list) or (block == "handlers" and len(statements) < 2):
            yield from _inside(statements if isinstance(statements, list) else [], path, block)
            continue
        first = 1 if block == "body" and _has_docstring(node) else 0
        for position in range(first, len(statements)):
            yield path, block, position
        if len(statements) > 1 and not isinstance(node, ast.FunctionDef):
            yield path, block, slice(None)
        yield from _inside(statements, path, block)


def _inside(statements: list, path: tuple, block: str) -> Iterator:
    for position, statement in enumerate(statements):
        yield from _places(statement, (*path, (block, position)))


def _follow(node: ast.AST, path: tuple) -> ast.AST:
    for block, position in path:
        node = getattr(node, block)[position]
    return node


def _has_docstring(node: ast.AST) -> bool:
    return isinstance(node, ast.FunctionDef) and ast.get_docstring(node) is not None


def _first_line(node: ast.AST) -> str:
    text = ast.unparse(node).splitlines()
    return text[0] + (" …" if len(text) > 1 else "")


def compiled(name: str, node: ast.FunctionDef):
    """The changed function, in the surroundings of its solution."""
    chapter, function = name.split(".")
    answers.reference(name)
    module = sys.modules[f"solutions.{chapter}"]
    bare = copy.deepcopy(node)
    bare.decorator_list = []
    namespace = dict(vars(module))
    tree = ast.fix_missing_locations(ast.Module(body=[bare], type_ignores=[]))
    exec(compile(tree, str(workspace.solution_file(chapter)), "exec"), namespace)
    return namespace[function]
