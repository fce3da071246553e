"""Changed letters of an einsum (or words of einops): two of a term swapped, one taken for another."""

import ast
import copy
import itertools
import re
from collections.abc import Iterator

from mi_tutor.tutor.author.mutants.places import is_patterned, name_of, pattern_at


def changes(node: ast.AST) -> Iterator[ast.AST]:
    """`node`, if it calls einsum or einops, with another pattern."""
    if not is_patterned(node):
        return
    position = pattern_at(node)
    for pattern in other_patterns(node.args[position].value, letters=name_of(node.func) == "einsum"):
        changed = copy.deepcopy(node)
        changed.args[position] = ast.Constant(pattern)
        yield changed


def other_patterns(pattern: str, *, letters: bool = True) -> Iterator[str]:
    """Each pattern with two neighbours swapped, or with one axis called by the name that follows it in the alphabet.

    Args:
        letters: every letter is an axis, as in einsum; else every word.
    """
    axes = list(re.finditer(r"[A-Za-z]" if letters else r"\w+", pattern))
    names = sorted({axis.group() for axis in axes})
    for one, other in itertools.pairwise(axes):
        between = pattern[one.end() : other.start()]
        if one.group() != other.group() and not between.strip():  # in the same term
            yield pattern[: one.start()] + other.group() + between + one.group() + pattern[other.end() :]
    for axis in axes if len(names) > 1 else []:
        following = names[(names.index(axis.group()) + 1) % len(names)]
        yield pattern[: axis.start()] + following + pattern[axis.end() :]
