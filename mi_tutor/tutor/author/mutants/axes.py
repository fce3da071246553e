"""Changed axes: another `dim`, one axis fewer, `keepdim` forgotten, a transpose left out, indices in another order."""

import ast
import copy
import itertools
from collections.abc import Iterator

from mi_tutor.tutor.author.mutants.places import name_of

_KEYWORDS = {"dim", "dims", "axis", "dim0", "dim1", "dim2", "start_dim", "end_dim"}
_MODULES = {"torch", "functional", "F", "linalg", "np", "numpy"}
# Methods whose arguments from this one on are axes; called as functions they have the tensor before them.
_FIRST = """all amax amin any argmax argmin argsort cumsum cumprod flatten gather index_add index_select log_softmax
logsumexp max mean median min permute prod softmax sort squeeze std sum transpose unbind unflatten unsqueeze var"""
_SECOND = "norm quantile roll topk stack cat chunk split"
_FROM = {name: number for number, names in enumerate((_FIRST, _SECOND)) for name in names.split()}
_ONE_AXIS = {"gather", "index_add", "index_select", "unflatten"}  # what follows the axis is something else
_IN_A_MODULE = {"stack": 1, "cat": 1, "roll": 2, "topk": 2, "norm": 2}


def changes(node: ast.AST) -> Iterator[ast.AST]:
    """`node` with an axis changed."""
    if isinstance(node, ast.Call):
        yield from _called(node)
    elif isinstance(node, ast.Attribute) and node.attr in ("T", "mT") and isinstance(node.ctx, ast.Load):
        yield node.value
    elif isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Tuple):
        yield from _indexed(node)


def arguments(node: ast.AST) -> Iterator[tuple[str, int]]:
    """Which arguments of a call are axes: ("keywords" or "args", position). Only this module changes them."""
    if not isinstance(node, ast.Call):
        return
    for position, keyword in enumerate(node.keywords):
        if keyword.arg in _KEYWORDS and _is_axis(keyword.value):
            yield "keywords", position
    name = name_of(node.func)
    if not isinstance(node.func, ast.Attribute) or name not in _FROM:
        return
    in_module = name_of(node.func.value) in _MODULES
    first = _IN_A_MODULE.get(name, _FROM[name] + 1) if in_module else _FROM[name]
    last = first + 1 if name in _ONE_AXIS else len(node.args)
    for position in range(first, min(last, len(node.args))):
        if _is_axis(node.args[position]):
            yield "args", position


def _called(call: ast.Call) -> Iterator[ast.AST]:
    for field, position in arguments(call):
        at = getattr(call, field)[position]
        for other in _others(at.value if field == "keywords" else at):
            changed = copy.deepcopy(call)
            if field == "keywords":
                changed.keywords[position].value = other
            else:
                changed.args[position] = other
            yield changed
    for position, keyword in enumerate(call.keywords):
        if keyword.arg in ("keepdim", "keepdims"):
            changed = copy.deepcopy(call)
            del changed.keywords[position]
            yield changed


def _is_axis(node: ast.AST) -> bool:
    """Whether a whole number, or several of them, stands there."""
    try:
        value = ast.literal_eval(node)
    except ValueError:
        return False
    return all(type(one) is int for one in (value if isinstance(value, (tuple, list)) else [value]))


def _others(axis: ast.AST) -> Iterator[ast.AST]:
    """Neighbouring axes, counted from the same end: 1 and -1 are often the same one."""
    if isinstance(axis, (ast.Tuple, ast.List)):
        for position, one in enumerate(axis.elts):
            for other in [*_others(one), None]:
                changed = copy.deepcopy(axis)
                changed.elts[position : position + 1] = [] if other is None else [other]
                yield changed
        return
    value = ast.literal_eval(axis)
    for other in sorted({value - 1, value + 1} | ({0} if value > 1 else set())):
        if (other < 0) == (value < 0):
            yield ast.parse(str(other), mode="eval").body


def _indexed(node: ast.Subscript) -> Iterator[ast.AST]:
    """The indices in another order, and each new axis left out."""
    entries = node.slice.elts
    for position, (one, other) in enumerate(itertools.pairwise(entries)):
        if ast.dump(one) != ast.dump(other):
            changed = copy.deepcopy(node)
            mine = changed.slice.elts
            mine[position], mine[position + 1] = mine[position + 1], mine[position]
            yield changed
    for position, one in enumerate(entries):
        if isinstance(one, ast.Constant) and one.value is None:
            changed = copy.deepcopy(node)
            del changed.slice.elts[position]
            yield changed
