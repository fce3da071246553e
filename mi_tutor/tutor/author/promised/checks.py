"""Promises about checks and wrong versions as they are written."""

import ast
from collections import Counter
from collections.abc import Iterator

from mi_tutor.tutor import misconceptions, workspace
from mi_tutor.tutor.author.promised import reading

CHECKS, MISTAKES = 3, 2


def at_least_three_checks(chapter) -> Iterator[str]:
    for e in chapter.exercises:
        wanted = 1 if e.kind == "read" else CHECKS  # a choice is right or wrong: one check can say so
        have = len(reading.checks(e))
        if have < wanted:
            yield (
                f"{e.name}: {have} checks, at least {wanted} are promised; add some to "
                f"{reading.shown(workspace.checks_file(e.name))}."
            )


def claims_are_one_line(chapter) -> Iterator[str]:
    """Each check carries its claim: a docstring of one line, different from the exercise's other claims."""
    for e in chapter.exercises:
        claims = Counter()
        for node in reading.checks(e):
            where = f"{reading.shown(workspace.checks_file(e.name))}:{node.lineno}"
            claim = ast.get_docstring(node) or ""
            claims[claim] += 1
            if not claim:
                yield f"{where}: `{node.name}` has no docstring; write the claim it checks in one line."
            elif "TODO" in claim:
                yield f"{where}: `{node.name}` has a TODO for a claim; write what it checks in one line."
            elif "\n" in claim.strip():
                yield f"{where}: the docstring of `{node.name}` is longer than its claim; move the rest to a comment."
            elif claims[claim] == 2:
                yield f"{where}: another check of {e.name} makes the same claim, {claim!r}; say what is different here."


def at_least_two_misconceptions(chapter) -> Iterator[str]:
    for e in chapter.exercises:
        known = misconceptions.of(e.name)
        if len(known) < MISTAKES:
            yield (
                f"{e.name}: {len(known)} misconceptions, at least {MISTAKES} are promised; add some to "
                f"{reading.shown(workspace.misconceptions_file(e.name))}."
            )


def misconceptions_say_something(chapter) -> Iterator[str]:
    """Each mistake has a sentence of its own for the learner."""
    for e in chapter.exercises:
        said = Counter(m.says for m in misconceptions.of(e.name))
        for m in misconceptions.of(e.name):
            if len(m.says) < 20 or not m.says.rstrip().endswith((".", "?", "!")) or "TODO" in m.says:
                yield (
                    f"{e.name}: `says` of the misconception `{m.name}` is no full sentence; write what the code does "
                    "and why it is wrong."
                )
            elif said[m.says] > 1:
                yield f"{e.name}: the misconception `{m.name}` says the same as another; say what is special about it."


def probe_is_recorded(chapter) -> Iterator[str]:
    for e in chapter.exercises:
        if misconceptions.probe_of(e.name) is None:
            yield (
                f'{e.name}: no probe, so no mistake can be named; write one under `@probe("{e.name}")` in '
                f"{reading.shown(workspace.misconceptions_file(e.name))}."
            )
