"""Promises about what happens: the reference passes, every recorded mistake fails and is named, and no other is."""

from collections.abc import Iterator
from functools import lru_cache

from mi_tutor.tutor import answers, catalogue, misconceptions
from mi_tutor.tutor.author.trials import Trial, Verdict, quiet, run

REFERENCE = "reference"


@lru_cache
def verdicts(chapter: str) -> tuple[Verdict, ...]:
    """The reference and every recorded mistake of a chapter, judged in one run of pytest."""
    trials = []
    for e in catalogue.chapter(chapter).exercises:
        trials.append(Trial(e.name, REFERENCE, answers.reference(e.name), thorough=True))
        trials += [Trial(e.name, m.name, m.function) for m in misconceptions.of(e.name)]
    return tuple(run(chapter, trials))


@lru_cache
def named(exercise: str) -> dict[str, list[str]]:
    """For the reference and each recorded mistake of an exercise: the mistakes that the tutor would name."""
    table = {}
    with quiet():
        table[REFERENCE] = [m.name for m in misconceptions.matching(exercise, answers.reference(exercise))]
        for made in misconceptions.of(exercise):
            table[made.name] = [m.name for m in misconceptions.matching(exercise, made.function)]
    return table


def forget(chapter: str) -> None:
    """Run again what was run before (the files may have changed)."""
    del chapter
    verdicts.cache_clear()
    named.cache_clear()


def reference_passes(chapter) -> Iterator[str]:
    """Every check passes on the reference, and none is skipped."""
    for verdict in verdicts(chapter.name):
        if verdict.trial.label != REFERENCE:
            continue
        name = verdict.trial.exercise
        for line in [*verdict.failed, *verdict.broken]:
            yield f"{name}: the reference fails {line}; correct the solution or the check."
        for line in verdict.skipped:
            yield f"{name}: with the reference a check is skipped, {line}; let it run without what is missing."


def reference_is_no_mistake(chapter) -> Iterator[str]:
    for e in chapter.exercises:
        for mistake in named(e.name)[REFERENCE]:
            yield (
                f"{e.name}: on the probe the misconception `{mistake}` does what the reference does; add an input that "
                "shows it."
            )


def each_misconception_fails_a_check(chapter) -> Iterator[str]:
    for verdict in verdicts(chapter.name):
        if verdict.trial.label != REFERENCE and not verdict.caught:
            yield (
                f"{verdict.trial.exercise}: every check accepts the misconception `{verdict.trial.label}`; add a check "
                "with fixed inputs that fails on it."
            )


def each_misconception_is_named_alone(chapter) -> Iterator[str]:
    for e in chapter.exercises:
        for made, said in named(e.name).items():
            if made == REFERENCE:
                continue
            others = [other for other in said if other != made]
            if made not in said:
                yield (
                    f"{e.name}: the misconception `{made}` is not recognised as itself; keep its probe free of chance."
                )
            if others:
                yield (
                    f"{e.name}: on the probe the misconception `{made}` looks like {', '.join(others)}; add an input "
                    "on which they differ."
                )


def confusion_table(exercise: str) -> str:
    """Which mistake is named (columns) when which is made (rows)."""
    table = named(exercise)
    columns = [name for name in table if name != REFERENCE]
    width = max(map(len, table))
    lines = [exercise, " " * width + " " + " ".join(f"{i:>2}" for i in range(1, len(columns) + 1))]
    for row, said in table.items():
        number = f"  {columns.index(row) + 1}" if row in columns else ""
        lines.append(f"{row:<{width}} " + " ".join(" ■" if c in said else " ·" for c in columns) + number)
    return "\n".join(lines) + "\n"
