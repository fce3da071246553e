"""Reading and splicing Python source by syntax tree, so that comments and all else in a file stay as they are."""

import ast
from dataclasses import dataclass

from mi_tutor.tutor.problems import CellProblem

_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


def parse(source: str, where: str) -> ast.Module:
    """`source` as a tree; a syntax error becomes one sentence with the line."""
    try:
        return ast.parse(source)
    except SyntaxError as error:
        line = (error.text or "").strip()
        shown = f": `{line}`" if line else ""
        if any(source_line.startswith(("<<<<<<<", ">>>>>>>")) for source_line in source.splitlines()):
            raise CellProblem(
                f"{where} has conflict marks from git (<<<<<<<). Run `python3 -m mi_tutor mend`: "
                f"it keeps your functions and takes the rest from the course."
            ) from None
        raise CellProblem(
            f"{where} has a syntax error on line {error.lineno}{shown} ({error.msg}). Nothing was saved or changed."
        ) from None


def function(tree: ast.Module, name: str) -> ast.FunctionDef | None:
    """The last top-level function `name` (the one Python would use)."""
    found = [node for node in tree.body if isinstance(node, _DEFINITIONS) and node.name == name]
    return found[-1] if found else None


def text_of(source: str, node: ast.AST) -> str:
    """The lines of a definition, its decorators and the comment lines directly above them."""
    first, last = _span(source.splitlines(), node)
    return "\n".join(source.splitlines()[first:last])


def fingerprint(source: str, name: str) -> str | None:
    """The body of function `name` without docstring, as text; comments and layout do not count. None if absent."""
    try:
        node = function(ast.parse(source), name)
    except SyntaxError:
        return None
    if node is None:
        return None
    body = node.body[1:] if ast.get_docstring(node) is not None else node.body
    return "\n".join(ast.dump(statement) for statement in body)


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


def read_cell(source: str, name: str, other_exercises: set[str]) -> Cell:
    """Sort the statements of an exercise cell for function `name`."""
    tree = parse(source, "This cell")
    node = function(tree, name)
    if node is None:
        defined = [n.name for n in tree.body if isinstance(n, _DEFINITIONS)]
        has = f"it defines `{'`, `'.join(defined)}`" if defined else "it defines no function"
        raise CellProblem(f"This cell should define `{name}`, but {has}. Nothing was saved.")
    if not isinstance(node, ast.FunctionDef):
        raise CellProblem(f"`{name}` should be a plain function (`def {name}(...)`). Nothing was saved.")
    imports, companions, rest = [], [], []
    for statement in tree.body:
        if statement is node or (isinstance(statement, _DEFINITIONS) and statement.name == name):
            continue
        if isinstance(statement, (ast.Import, ast.ImportFrom)):
            imports.append(ast.get_source_segment(source, statement))
        elif isinstance(statement, _DEFINITIONS):
            if statement.name in other_exercises:
                raise CellProblem(
                    f"This cell also defines `{statement.name}`, which is an exercise of its own. "
                    f"Move it to its own cell. Nothing was saved."
                )
            companions.append((statement.name, text_of(source, statement)))
        elif _constant_name(statement):
            companions.append((_constant_name(statement), ast.get_source_segment(source, statement)))
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
            f"Checks call it by that signature; change it back. Nothing was saved."
        )


def splice(module: str, cell: Cell, name: str) -> str:
    """`module` with the exercise `name` and its companions taken from `cell`; all other text untouched."""
    if not cell.function.lstrip().startswith("@") and "@exercise" not in cell.function:
        cell = Cell(_with_decorator(cell.function), cell.imports, cell.companions, cell.afterwards)
    module = _replace(module, name, cell.function, before=None)
    for companion, text in cell.companions:
        module = _replace(module, companion, text, before=name)
    have = {ast.dump(alias) for alias in _imports(module)}
    for line in cell.imports:
        if any(ast.dump(alias) not in have for alias in _imports(line)):
            module = _add_import(module, line)
    ast.parse(module)  # never write a module that Python cannot read
    return module


def _with_decorator(text: str) -> str:
    lines = text.splitlines()
    at = next(i for i, line in enumerate(lines) if line.startswith("def "))
    return "\n".join([*lines[:at], "@exercise", *lines[at:]])


def _replace(module: str, name: str, text: str, before: str | None) -> str:
    lines = module.splitlines()
    tree = ast.parse(module)
    named = [n for n in tree.body if (isinstance(n, _DEFINITIONS) and n.name == name) or _constant_name(n) == name]
    if named:
        # A name defined twice is left with one definition, the new one, where the last stood.
        for node in reversed(named):
            first, last = _span(lines, node)
            lines[first:last] = text.splitlines() if node is named[-1] else []
        return "\n".join(lines).rstrip("\n") + "\n"
    anchor = function(tree, before) if before else None
    if anchor is None:
        return module.rstrip("\n") + "\n\n\n" + text.strip("\n") + "\n"
    first, _ = _span(lines, anchor)
    lines[first:first] = [*text.splitlines(), "", ""]
    return "\n".join(lines) + "\n"


def _add_import(module: str, line: str) -> str:
    lines, tree = module.splitlines(), ast.parse(module)
    at = 1 if ast.get_docstring(tree) is None else tree.body[0].end_lineno + 1
    at = max([at - 1, *(n.end_lineno for n in tree.body if isinstance(n, (ast.Import, ast.ImportFrom)))])
    lines[at:at] = line.splitlines()
    return "\n".join(lines) + "\n"


def _imports(source: str) -> list[ast.stmt]:
    return [n for n in ast.parse(source).body if isinstance(n, (ast.Import, ast.ImportFrom))]


def _constant_name(node: ast.stmt) -> str | None:
    """The name in `NAME = value` when it looks like a constant; other assignments are notebook variables."""
    if isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
        return node.targets[0].id if node.targets[0].id.isupper() else None
    if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.target.id.isupper():
        return node.target.id
    return None


def _span(lines: list[str], node: ast.AST) -> tuple[int, int]:
    """Line indices [first, last) of a statement with its decorators and the comments directly above it."""
    first = min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", []))]) - 1
    while first > 0 and lines[first - 1].startswith("#") and not lines[first - 1].startswith("#!"):
        first -= 1
    return first, node.end_lineno
