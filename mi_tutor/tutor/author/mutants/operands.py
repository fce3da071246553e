"""Dropped operands: one side of an operator, one of several conditions, an item of a list, a step such as `.abs()`."""

import ast
import copy
from collections.abc import Iterator

from mi_tutor.tutor.author.mutants.places import name_of

# Without these nothing changes that a contract speaks of: it takes a tensor of one number for a float.
_CONVERSIONS = {"float", "int", "bool", "str", "list", "tuple", "dict", "tolist", "item", "iter"}
_MODULES = {"torch", "functional", "F", "linalg", "np", "numpy", "math", "random", "einops", "nn"}


def changes(node: ast.AST) -> Iterator[ast.AST]:
    """What is left of `node` when a part of it is forgotten."""
    if isinstance(node, ast.BinOp):
        yield from (node.left, node.right)
    elif isinstance(node, ast.BoolOp):
        yield from _without_one(node, "values", fewest=1)
    elif isinstance(node, ast.Compare) and len(node.ops) > 1:
        yield ast.Compare(node.left, node.ops[:1], node.comparators[:1])
        yield ast.Compare(node.comparators[0], node.ops[1:], node.comparators[1:])
    elif isinstance(node, ast.IfExp):
        yield from (node.body, node.orelse)
    elif isinstance(node, (ast.List, ast.Set)) and isinstance(getattr(node, "ctx", ast.Load()), ast.Load):
        yield from _without_one(node, "elts", fewest=1)
    elif isinstance(node, ast.Dict):
        yield from _without_an_entry(node)
    elif isinstance(node, ast.comprehension):
        yield from _without_one(node, "ifs", fewest=0)
    elif isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Load):
        yield node.value
    elif isinstance(node, ast.Call):
        yield from _without_the_call(node)


def _without_one(node: ast.AST, field: str, *, fewest: int) -> Iterator[ast.AST]:
    items = getattr(node, field)
    for position in range(len(items) if len(items) > fewest else 0):
        changed = copy.deepcopy(node)
        mine = getattr(changed, field)
        del mine[position]
        yield mine[0] if isinstance(node, ast.BoolOp) and len(mine) == 1 else changed


def _without_an_entry(node: ast.Dict) -> Iterator[ast.AST]:
    for position in range(len(node.keys) if len(node.keys) > 1 else 0):
        changed = copy.deepcopy(node)
        del changed.keys[position], changed.values[position]
        yield changed


def _without_the_call(call: ast.Call) -> Iterator[ast.AST]:
    name = name_of(call.func)
    if name == "where" and len(call.args) == 3:
        yield from call.args[1:]
    if name in _CONVERSIONS:
        return
    if isinstance(call.func, ast.Attribute) and name_of(call.func.value) not in _MODULES:
        yield call.func.value
    elif len(call.args) == 1 and not isinstance(call.args[0], ast.Starred):
        yield call.args[0]
