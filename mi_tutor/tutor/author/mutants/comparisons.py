"""Comparisons and boundaries: `<=` for `<`, the other direction, slices and ranges one too long or too short."""

import ast
import copy
from collections.abc import Iterator

from mi_tutor.tutor.author.mutants.places import name_of

_OTHERS = {
    ast.Lt: (ast.LtE, ast.Gt), ast.LtE: (ast.Lt, ast.GtE), ast.Gt: (ast.GtE, ast.Lt), ast.GtE: (ast.Gt, ast.LtE),
    ast.Eq: (ast.NotEq,), ast.NotEq: (ast.Eq,),
    ast.In: (ast.NotIn,), ast.NotIn: (ast.In,), ast.Is: (ast.IsNot,), ast.IsNot: (ast.Is,),
}  # fmt: skip
_RANGES = ("range", "arange")


def changes(node: ast.AST) -> Iterator[ast.AST]:
    """`node` with another comparison or another boundary."""
    if isinstance(node, ast.Compare):
        for position, operator in enumerate(node.ops):
            for other in _OTHERS[type(operator)]:
                changed = copy.deepcopy(node)
                changed.ops[position] = other()
                yield changed
    elif isinstance(node, ast.Subscript):
        yield from _sliced(node)
    elif isinstance(node, ast.Call) and name_of(node.func) in _RANGES:
        for position, bound in enumerate(node.args):
            for moved in _moved(bound):
                changed = copy.deepcopy(node)
                changed.args[position] = moved
                yield changed


def _sliced(node: ast.Subscript) -> Iterator[ast.AST]:
    entries = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
    for position, entry in enumerate(entries):
        if not isinstance(entry, ast.Slice):
            continue
        for end in ("lower", "upper", "step"):
            bound = getattr(entry, end)
            if bound is None:
                continue
            for moved in [*_moved(bound), None]:
                changed = copy.deepcopy(node)
                mine = changed.slice.elts[position] if isinstance(changed.slice, ast.Tuple) else changed.slice
                setattr(mine, end, moved)
                yield changed


def _moved(bound: ast.AST) -> Iterator[ast.AST]:
    if isinstance(bound, ast.Constant):
        return  # `constants.py` does that
    for operator in (ast.Add(), ast.Sub()):
        yield ast.BinOp(bound, operator, ast.Constant(1))
