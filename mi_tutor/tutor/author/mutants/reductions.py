"""Another reduction: mean for sum (and back), the smallest for the largest, any for all, variance for deviation."""

import ast
import copy
from collections.abc import Iterator

from mi_tutor.tutor.author.mutants.places import is_patterned, name_of

_PAIRS = (
    ("sum", "mean"), ("max", "min"), ("amax", "amin"), ("argmax", "argmin"), ("any", "all"), ("std", "var"),
    ("softmax", "log_softmax"), ("floor", "ceil"), ("maximum", "minimum"), ("square", "abs"), ("sorted", "list"),
)  # fmt: skip
_OTHER = dict(_PAIRS) | {other: one for one, other in _PAIRS if one not in ("square", "sorted")}


def changes(node: ast.AST) -> Iterator[ast.AST]:
    """`node` with another reduction."""
    if isinstance(node, ast.Call) and name_of(node.func) in _OTHER:
        other = _OTHER[name_of(node.func)]
        if isinstance(node.func, ast.Name) and name_of(node.func) == "sum":
            return  # Python has no `mean` of its own
        changed = copy.deepcopy(node)
        if isinstance(node.func, ast.Name):
            changed.func.id = other
        else:
            changed.func.attr = other
        yield changed
    if is_patterned(node) and isinstance(node.args[-1], ast.Constant) and node.args[-1].value in _OTHER:
        changed = copy.deepcopy(node)
        changed.args[-1] = ast.Constant(_OTHER[node.args[-1].value])
        yield changed
