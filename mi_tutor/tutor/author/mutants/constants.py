"""Other constants: one more, one less, twice as much, ones for zeros, the other truth value, another word."""

import ast
import copy
from collections.abc import Iterator

_TINY = 1e-3  # below this a number guards against division by zero, and twice as much would do as well
_FILLED = {"zeros": "ones", "ones": "zeros", "zeros_like": "ones_like", "ones_like": "zeros_like"}


def changes(node: ast.AST) -> Iterator[ast.AST]:
    """`node` with another value."""
    if isinstance(node, ast.Constant):
        for value in _others(node.value):
            yield ast.Constant(value)
    elif isinstance(node, ast.Attribute) and node.attr in ("inf", "nan"):
        yield ast.Constant(0.0)
    elif isinstance(node, ast.Attribute) and node.attr in _FILLED:
        changed = copy.copy(node)
        changed.attr = _FILLED[node.attr]
        yield changed


def _others(value) -> list:
    if isinstance(value, bool):
        return [not value]
    if isinstance(value, int):
        return [value + 1, value - 1]
    if isinstance(value, float):
        return [value + 1, 0.0 if abs(value) < _TINY else 2 * value]
    if isinstance(value, str):
        return [chr((ord(value) - ord("a") + 1) % 4 + ord("a"))] if value in ("a", "b", "c", "d") else [f"{value}_"]
    return []
