"""Where in a function an expression can be changed, and how the statement around it reads afterwards."""

import ast
import copy
from collections.abc import Iterator

# A path leads from the function to a node: (field, position or None), and so on.
Path = tuple[tuple[str, int | None], ...]
_PATTERNED = ("einsum", "rearrange", "reduce", "repeat")
_COMPOUND = (ast.If, ast.For, ast.While, ast.With, ast.FunctionDef, ast.Try)
_OPEN = (ast.BinOp, ast.UnaryOp, ast.BoolOp, ast.Compare, ast.IfExp, ast.Lambda)


def places(function: ast.FunctionDef) -> Iterator[tuple[Path, ast.AST, ast.stmt]]:
    """(path, node, the statement it stands in) of every node of the body that may be changed.

    Left out are docstrings, annotations, signatures, what `raise` says, f-strings and the patterns of einsum and einops
    (`einsum.py` changes those).
    """
    for position, statement in enumerate(function.body):
        yield from _under(statement, (("body", position),), statement)


def _under(node: ast.AST, path: Path, statement: ast.stmt) -> Iterator[tuple[Path, ast.AST, ast.stmt]]:
    if isinstance(node, (ast.Raise, ast.JoinedStr)) or _is_text(node):
        return
    if isinstance(node, ast.stmt):
        statement = node
    yield path, node, statement
    for field, value in ast.iter_fields(node):
        if field in ("annotation", "returns", "args", "decorator_list") and not isinstance(node, ast.Call):
            continue
        if isinstance(value, ast.AST):
            yield from _under(value, (*path, (field, None)), statement)
        elif isinstance(value, list):
            for position, item in enumerate(value):
                if isinstance(item, ast.AST) and not (field == "args" and position == 0 and is_patterned(node)):
                    yield from _under(item, (*path, (field, position)), statement)


def _is_text(node: ast.AST) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def is_patterned(node: ast.AST) -> bool:
    """Whether `node` calls einsum or einops with a pattern as text; the pattern is then the argument that is text."""
    return isinstance(node, ast.Call) and name_of(node.func) in _PATTERNED and pattern_at(node) is not None


def pattern_at(call: ast.Call) -> int | None:
    """Which argument of a call is a pattern, as in `einsum("ij,jk->ik", …)`."""
    for position, argument in enumerate(call.args[:2]):
        if isinstance(argument, ast.Constant) and isinstance(argument.value, str) and "->" in argument.value:
            return position
    return None


def name_of(node: ast.AST) -> str:
    """The last part of a dotted name: `sum` for `torch.sum`, `x.sum` and `sum`."""
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def replaced(function: ast.FunctionDef, path: Path, new: ast.AST) -> ast.FunctionDef:
    """A copy of `function` with another node at `path`."""
    changed = copy.deepcopy(function)
    node = changed
    for field, position in path[:-1]:
        node = _child(node, field, position)
    field, position = path[-1]
    old = _child(node, field, position)
    new = ast.copy_location(copy.deepcopy(new), old) if hasattr(old, "lineno") else copy.deepcopy(new)
    if position is None:
        setattr(node, field, new)
    else:
        getattr(node, field)[position] = new
    return changed


def _child(node: ast.AST, field: str, position: int | None) -> ast.AST:
    value = getattr(node, field)
    return value if position is None else value[position]


def shown(lines: list[str], statement: ast.stmt, old: ast.AST | None = None, new: ast.AST | None = None) -> str:
    """A statement as its author wrote it, on one line; with `old`, that part of it replaced by `new`.

    Of a statement with a block only the head is shown.
    """
    start, end = _start(statement), _end(statement)
    if old is None or not hasattr(old, "lineno"):  # a slice has no place of its own in some versions of Python
        return _flat(_cut(lines, start, end))
    text = _flat(ast.unparse(new))
    if isinstance(new, _OPEN) and _binds_looser(new, old):
        text = f"({text})"
    return _flat(_cut(lines, start, _start(old)) + text + _cut(lines, (old.end_lineno, old.end_col_offset), end))


def _binds_looser(new: ast.AST, old: ast.AST) -> bool:
    if not isinstance(new, ast.BinOp) or not isinstance(old, ast.BinOp):
        return type(new) is not type(old)
    return type(new.op) is not type(old.op) and isinstance(old.op, (ast.Pow, ast.BitAnd))


def _start(node: ast.AST) -> tuple[int, int]:
    return node.lineno, node.col_offset


def _end(statement: ast.stmt) -> tuple[int, int]:
    if isinstance(statement, _COMPOUND):
        first = statement.body[0]
        return first.lineno, first.col_offset
    return statement.end_lineno, statement.end_col_offset


def _cut(lines: list[str], start: tuple[int, int], end: tuple[int, int]) -> str:
    """The text from `start` to `end`: (line from 1, offset in bytes), as syntax trees count."""
    picked = [line.encode() for line in lines[start[0] - 1 : end[0]]]
    if not picked:
        return ""
    picked[-1] = picked[-1][: end[1]]
    picked[0] = picked[0][start[1] :]
    return b"\n".join(picked).decode()


def _flat(text: str) -> str:
    return " ".join(text.split())
