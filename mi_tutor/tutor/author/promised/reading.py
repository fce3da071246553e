"""The files of a chapter as syntax trees, for promises about what is written in them."""

import ast
from collections.abc import Iterator
from pathlib import Path

from mi_tutor.tutor import syntax, workspace


def tree(path: Path) -> ast.Module:
    return syntax.parse(path.read_text("utf-8"), str(path.relative_to(workspace.root())))


def shown(path: Path) -> str:
    """A path as authors write it, from the root of the project."""
    return path.relative_to(workspace.root()).as_posix() if path.is_relative_to(workspace.root()) else path.as_posix()


def solution(exercise) -> ast.FunctionDef | None:
    """The reference of an exercise, if there is one."""
    return syntax.function(tree(workspace.solution_file(exercise.chapter)), exercise.function)


def stub(exercise) -> ast.FunctionDef | None:
    return syntax.function(ast.parse(workspace.stub_file(exercise.chapter).read_text("utf-8")), exercise.function)


def marked_as_exercise(node: ast.stmt) -> bool:
    return isinstance(node, ast.FunctionDef) and any(
        isinstance(d, ast.Name) and d.id == "exercise" for d in node.decorator_list
    )


def parameters(node: ast.FunctionDef) -> list[ast.arg]:
    inside = node.args
    named = [*inside.posonlyargs, *inside.args, *inside.kwonlyargs]
    return named + [extra for extra in (inside.vararg, inside.kwarg) if extra is not None]


def annotations(node: ast.FunctionDef) -> Iterator[tuple[str, ast.expr | None]]:
    """(`parameter` or "return value", its annotation) of a function."""
    for parameter in parameters(node):
        yield f"`{parameter.arg}`", parameter.annotation
    yield "the return value", node.returns


def imported(module: ast.AST) -> Iterator[tuple[int, str]]:
    """(line, module) of every import in a tree, inside functions too. `from a import b` counts as `a.b`."""
    for node in ast.walk(module):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from ((node.lineno, f"{node.module or ''}.{alias.name}") for alias in node.names)


def decorated(module: ast.Module, decorator: str) -> Iterator[tuple[ast.FunctionDef, str]]:
    """(function, first argument) for each top-level function under `@decorator("chapter.function")`."""
    for node in module.body:
        for mark in node.decorator_list if isinstance(node, ast.FunctionDef) else ():
            if (
                isinstance(mark, ast.Call)
                and ast.unparse(mark.func).endswith(decorator)
                and mark.args
                and isinstance(mark.args[0], ast.Constant)
            ):
                yield node, mark.args[0].value


def judging(chapter) -> list[Path]:
    """The files that judge a chapter: checks, misconceptions, and what these share."""
    return sorted(workspace.checks_folder(chapter.name).rglob("*.py"))


def checks(exercise) -> list[ast.FunctionDef]:
    """The checks of an exercise in the order of its file."""
    marked = decorated(tree(workspace.checks_file(exercise.name)), "mark.exercise")
    return [node for node, name in marked if name == exercise.name]
