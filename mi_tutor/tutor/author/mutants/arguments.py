"""Dropped and swapped arguments, the sides of `-`, `/` and `@` swapped, the items of a tuple in another order."""

import ast
import copy
from collections.abc import Iterator

from mi_tutor.tutor.author.mutants.places import name_of, pattern_at

_NO_ORDER = {"max", "min", "maximum", "minimum", "allclose", "equal", "isclose"}
_SIDED = (ast.Sub, ast.Div, ast.FloorDiv, ast.Mod, ast.Pow, ast.MatMult)


def changes(node: ast.AST) -> Iterator[ast.AST]:
    """`node` with an argument missing or two of them swapped."""
    if isinstance(node, ast.Call):
        yield from _called(node)
    elif isinstance(node, ast.Tuple) and isinstance(node.ctx, ast.Load):
        yield from _in_another_order(node, "elts", 0)
    elif isinstance(node, ast.BinOp) and isinstance(node.op, _SIDED) and ast.dump(node.left) != ast.dump(node.right):
        yield ast.BinOp(node.right, node.op, node.left)


def _called(call: ast.Call) -> Iterator[ast.AST]:
    for field in ("args", "keywords"):
        for position in range(len(getattr(call, field))):
            changed = copy.deepcopy(call)
            del getattr(changed, field)[position]
            yield changed
    if name_of(call.func) not in _NO_ORDER:
        first = 0 if pattern_at(call) is None else pattern_at(call) + 1
        yield from _in_another_order(call, "args", first)


def _in_another_order(node: ast.AST, field: str, first: int) -> Iterator[ast.AST]:
    items = getattr(node, field)
    for position in range(first, len(items) - 1):
        if ast.dump(items[position]) != ast.dump(items[position + 1]):
            changed = copy.deepcopy(node)
            mine = getattr(changed, field)
            mine[position], mine[position + 1] = mine[position + 1], mine[position]
            yield changed
