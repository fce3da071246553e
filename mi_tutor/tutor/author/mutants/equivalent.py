"""Mutants that no check can tell from the reference, with the reason, in `tests/exercises/<chapter>/equivalent.toml`:

    [[equivalent]]
    exercise = "features.auroc"
    lines = ["positive = scores[labels].T"]
    reason = "`contiguous` only makes the search faster."

A line is the changed statement as `author check --mutants` prints it. Where it stands several times, all are meant.
"""

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass

from mi_tutor.tutor import workspace
from mi_tutor.tutor.author.mutants.judging import Judged
from mi_tutor.tutor.problems import TutorProblem


@dataclass(frozen=True)
class Equivalent:
    """One entry: changed lines of one exercise that mean the same as the reference, and why."""

    exercise: str
    lines: tuple[str, ...]
    reason: str


def file(chapter: str):
    """Where a chapter lists them."""
    return workspace.checks_folder(chapter) / "equivalent.toml"


def of(chapter: str) -> list[Equivalent]:
    """The entries of a chapter; none when it has no such file."""
    path = file(chapter)
    if not path.exists():
        return []
    try:
        entries = tomllib.loads(path.read_text("utf-8")).get("equivalent", [])
        return [Equivalent(e["exercise"], tuple(" ".join(x.split()) for x in e["lines"]), e["reason"]) for e in entries]
    except (tomllib.TOMLDecodeError, KeyError, TypeError, AttributeError) as error:
        raise TutorProblem(
            f"{_shown(chapter)} cannot be read ({type(error).__name__}: {error}). "
            f"Each [[equivalent]] has an `exercise`, a list of `lines` and a `reason`."
        ) from None


def listed(chapter: str) -> set[tuple[str, str]]:
    """(exercise, changed line) of every entry of a chapter."""
    return {(entry.exercise, line) for entry in of(chapter) for line in entry.lines}


def stale(chapter: str, judged: list[Judged], exercises: set[str]) -> Iterator[str]:
    """A sentence for each entry about `exercises` that is no longer true, after all their mutants were judged."""
    killed: dict[tuple[str, str], str] = {}
    for one in judged:
        key = (one.mutant.exercise, one.mutant.after)
        killed[key] = killed.get(key, "") or one.by
    for entry in of(chapter):
        if len(entry.reason.split()) < 3:
            yield f"{_shown(chapter)}: {entry.exercise} has an entry without a reason; say why no check can tell."
        if entry.exercise.split(".")[0] != chapter:
            yield f"{_shown(chapter)}: {entry.exercise} belongs to another chapter; list it there."
        for line in entry.lines if entry.exercise in exercises else ():
            if (entry.exercise, line) not in killed:
                yield f"{_shown(chapter)}: {entry.exercise} has no mutant `{line}` (any more); take the line out."
            elif killed[entry.exercise, line]:
                said = killed[entry.exercise, line]
                yield f"{_shown(chapter)}: a check tells `{line}` from {entry.exercise} ({said}); take the line out."


def _shown(chapter: str) -> str:
    return f"tests/exercises/{chapter}/equivalent.toml"
