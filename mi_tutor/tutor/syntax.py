"""Reading and splicing Python source by syntax tree, so that comments and all else in a file stay as they are."""

import ast
import warnings
from dataclasses import dataclass
from functools import lru_cache

from mi_tutor.tutor.companions import DEFINITIONS, assigned, come_along
from mi_tutor.tutor.problems import CellProblem


def parse(source: str, where: str) -> ast.Module:
    """`source` as a tree; whatever Python cannot read becomes one sentence with the line.

    Args:
        where: how the sentence names the text: "This cell", or a path.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return _tree(source)
    except SyntaxError as error:
        raise CellProblem(_unreadable(source, where, error)) from None
    except (ValueError, RecursionError, MemoryError):  # zero bytes; brackets nested without end
        advice = "" if where == "This cell" else _MEND
        raise CellProblem(f"{where} holds something that is not Python text. {_what_now(where)}{advice}") from None


@lru_cache(maxsize=8)
def _tree(source: str) -> ast.Module:
    """The tree of a text. One check of a cell asks for the same few texts a dozen times; nobody changes a tree."""
    # Compiled too: a stray `return` or `from __future__` is found only then. Notebooks may `await`.
    compile(source, "<answer>", "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT, True)
    return ast.parse(source)


def _unreadable(source: str, where: str, error: SyntaxError) -> str:
    lines = source.split("\n")
    if any(line.startswith(("<<<<<<<", ">>>>>>>")) for line in lines):
        return (
            f"{where} has conflict marks from git (<<<<<<<), so Python cannot read it. Nothing is lost. "
            f"`%mend` in a notebook, or `python3 -m mi_tutor mend` in a terminal, keeps your functions "
            f"and takes the rest from the course."
        )
    in_range = 0 < (error.lineno or 0) <= len(lines)
    line = (error.text or (lines[error.lineno - 1] if in_range else "")).strip()
    number = (error.lineno or 1) + (where == "This cell")  # the notebook counts the %%exercise line too
    if line.startswith(("%", "!")):
        return (
            f"{where} holds the notebook command `{line}` on line {number}. {_what_now(where)}"
            f"An exercise cell takes Python only: move that line to another cell, then run this one again."
        )
    shown = f": `{line[:120]}`" if line else ""
    return (
        f"{where} has a syntax error on line {number}{shown} ({error.msg}). {_what_now(where)}"
        f"Look at that line and the one above it: often a bracket, a quote or a colon is missing."
        f"{'' if where == 'This cell' else ' ' + _MEND}"
    )


_MEND = (
    "If you cannot find it, `%mend` in a notebook or `python3 -m mi_tutor mend` in a terminal keeps this file aside "
    "and puts your other functions back."
)


def _what_now(where: str) -> str:
    return "Nothing was saved; the file is as it was. " if where == "This cell" else "Nothing was changed. "


def decoded(data: bytes) -> str:
    """The text of a source file: UTF-8 with or without a byte-order mark, any line ends. Raises UnicodeDecodeError."""
    return data.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")


def function(tree: ast.Module, name: str) -> ast.FunctionDef | None:
    """The last top-level function `name` (the one Python would use)."""
    found = [node for node in tree.body if isinstance(node, DEFINITIONS) and node.name == name]
    return found[-1] if found else None


def text_of(source: str, node: ast.AST) -> str:
    """The lines of a definition, its decorators and the comment lines directly above them."""
    lines = source.split("\n")
    first, last = _span(lines, node)
    return "\n".join(lines[first:last])


def fingerprint(source: str, name: str) -> str | None:
    """The body of function `name` without docstring, as text; comments and layout do not count. None if absent."""
    try:
        return fingerprints(source).get(name)
    except CellProblem:
        return None


def fingerprints(source: str) -> dict[str, str]:
    """The fingerprint of each top-level function and class. Raises CellProblem when the text cannot be read."""
    parse(source, "This text")
    return dict(_fingerprints(source))


@lru_cache(maxsize=8)
def _fingerprints(source: str) -> dict[str, str]:
    found = {}
    for node in _tree(source).body:
        if isinstance(node, DEFINITIONS):
            body = node.body[1:] if ast.get_docstring(node) is not None else node.body
            found[node.name] = "\n".join(ast.dump(statement) for statement in body)
    return found


def signature(node: ast.FunctionDef) -> str:
    """Parameter names, kinds and defaults; annotations do not count, since the stub's stay in force."""
    bare = ast.parse(ast.unparse(node.args).join(["def f(", "): pass"])).body[0].args
    for argument in [*bare.posonlyargs, *bare.args, *bare.kwonlyargs, bare.vararg, bare.kwarg]:
        if argument is not None:
            argument.annotation = None
    return ast.unparse(bare)


@dataclass
class Cell:
    """What an exercise cell holds, sorted by what is done with it."""

    function: str  # the exercise itself, with decorators and comments
    imports: list[str]
    companions: list[tuple[str, str]]  # (name, text) of helper functions, classes and constants
    afterwards: str  # other statements: run in the notebook after the checks

    @property
    def names(self) -> tuple[str, ...]:
        """The names that companions and imports define."""
        imported = [alias for line in self.imports for node in ast.parse(line).body for alias in node.names]
        return (*(name for name, _ in self.companions), *((a.asname or a.name).split(".")[0] for a in imported))


def read_cell(source: str, name: str, other_exercises: set[str]) -> Cell:
    """Sort the statements of an exercise cell for function `name`."""
    tree = parse(source, "This cell")
    node = function(tree, name)
    if node is None:
        defined = [n.name for n in tree.body if isinstance(n, DEFINITIONS)]
        has = f"it defines `{'`, `'.join(defined)}`" if defined else "it defines no function"
        raise CellProblem(
            f"This cell should define `{name}`, but {has}. Nothing was saved; the file is as it was. "
            f"Start the function with `def {name}(` at the left margin, then run the cell again."
        )
    if not isinstance(node, ast.FunctionDef):
        raise CellProblem(
            f"`{name}` should be a plain function (`def {name}(...)`), not a class or an `async def`. "
            f"Nothing was saved; the file is as it was."
        )
    imports, companions, rest = [], [], []
    along = come_along(source, tree, name)
    for statement in tree.body:
        if statement is node or (isinstance(statement, DEFINITIONS) and statement.name == name):
            continue
        if isinstance(statement, (ast.Import, ast.ImportFrom)):
            imports.append(ast.get_source_segment(source, statement))
        elif isinstance(statement, DEFINITIONS):
            if statement.name in other_exercises:
                raise CellProblem(
                    f"This cell also defines `{statement.name}`, which is an exercise of its own. "
                    f"Move it to its own cell. Nothing was saved; the file is as it was."
                )
            companions.append((statement.name, text_of(source, statement)))
        elif assigned(statement) in along:
            companions.append((assigned(statement), ast.get_source_segment(source, statement)))
        else:
            rest.append(ast.get_source_segment(source, statement))
    return Cell(text_of(source, node), imports, companions, "\n".join(rest))


def check_signature(cell: str, name: str, stub: str) -> None:
    """Raise CellProblem when `name` in `cell` cannot be called like the stub."""
    mine, theirs = function(ast.parse(cell), name), function(ast.parse(stub), name)
    if theirs is not None and signature(mine) != signature(theirs):
        raise CellProblem(
            f"`{name}` should have the signature `{name}({signature(theirs)})`, "
            f"but yours is `{name}({signature(mine)})`. "
            f"The checks call it in that way: change the first line of the function back. Nothing was saved."
        )


def splice(module: str, cell: Cell, name: str) -> str:
    """`module` with the exercise `name` and its companions taken from `cell`; all other text untouched."""
    module = _replace(module, name, _with_decorator(cell.function, name), before=None)
    module = add(module, cell.imports, cell.companions, before=name)
    parse(module, "The file with this cell in it")  # never write a module that Python cannot read
    return module


def add(module: str, imports: list[str], companions: list[tuple[str, str]], *, before: str | None = None) -> str:
    """`module` with these imports and helpers; new helpers stand above function `before`, or at the end."""
    for companion, text in companions:
        module = _replace(module, companion, text, before=before)
    have = {ast.dump(statement) for statement in _imports(module)}
    for line in imports:
        if any(ast.dump(statement) not in have for statement in _imports(line)):
            module = _add_import(module, line)
    return module


def _with_decorator(text: str, name: str) -> str:
    node = function(ast.parse(text), name)
    if any(ast.unparse(decorator).split(".")[-1] == "exercise" for decorator in node.decorator_list):
        return text
    lines = text.split("\n")
    first = min([node.lineno, *(d.lineno for d in node.decorator_list)]) - 1
    return "\n".join([*lines[:first], "@exercise", *lines[first:]])


def _replace(module: str, name: str, text: str, before: str | None) -> str:
    lines = module.split("\n")
    tree = ast.parse(module)
    named = [n for n in tree.body if (isinstance(n, DEFINITIONS) and n.name == name) or assigned(n) == name]
    if named:
        # A name defined twice is left with one definition, the new one, where the last stood.
        for node in reversed(named):
            first, last = _span(lines, node)
            lines[first:last] = text.split("\n") if node is named[-1] else []
        return "\n".join(lines).rstrip("\n") + "\n"
    anchor = function(tree, before) if before else None
    if anchor is None:
        return module.rstrip("\n") + "\n\n\n" + text.strip("\n") + "\n"
    first, _ = _span(lines, anchor)
    lines[first:first] = [*text.split("\n"), "", ""]
    return "\n".join(lines).rstrip("\n") + "\n"


def _add_import(module: str, line: str) -> str:
    """`module` with an import statement after its leading imports (`from __future__` first of all)."""
    lines, tree = module.split("\n"), ast.parse(module)
    at = tree.body[0].end_lineno if ast.get_docstring(tree) is not None else 0
    for node in tree.body if not line.startswith("from __future__") else ():
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            at = node.end_lineno
        elif not isinstance(node, ast.Expr):
            break
    lines[at:at] = line.split("\n")
    return "\n".join(lines).rstrip("\n") + "\n"


def _imports(source: str) -> list[ast.stmt]:
    return [n for n in ast.parse(source).body if isinstance(n, (ast.Import, ast.ImportFrom))]


def _span(lines: list[str], node: ast.AST) -> tuple[int, int]:
    """Line indices [first, last) of a statement with its decorators and the comments directly above it."""
    first = min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", []))]) - 1
    while first > 0 and lines[first - 1].startswith("#") and not lines[first - 1].startswith("#!"):
        first -= 1
    return first, node.end_lineno
