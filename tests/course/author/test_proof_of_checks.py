"""The checks are checked: with any statement of a solution missing one fails; over many seeds the reference passes and
no recorded mistake does."""

import random

import pytest

from mi_tutor.tutor import answers, catalogue, misconceptions
from mi_tutor.tutor.author import deletions
from mi_tutor.tutor.author.trials import Trial, run

CHAPTERS = [chapter.name for chapter in catalogue.written_chapters()]
FEW, MANY, ALL = 5, 50, 200


def all_deletions(chapter: str) -> list[Trial]:
    return [trial for exercise in catalogue.chapter(chapter).exercises for trial in deletions.trials(exercise.name)]


def survivors(chapter: str, trials: list[Trial]) -> list[str]:
    return [
        f"{verdict.trial.exercise}, {verdict.trial.label}: every check passes without it. "
        f"Add a check that needs it, or take it out of the solution."
        for verdict in run(chapter, trials)
        if not verdict.caught
    ]


def tell(found: list[str], how: str = "") -> None:
    if found:
        pytest.fail("\n".join([how, *found]).strip(), pytrace=False)


def test_ten_missing_statements_are_noticed():
    """Ten statements of all solutions, drawn at random (anew each time: the seed is in the message)."""
    seed = random.randrange(10**6)
    drawn = random.Random(seed).sample([trial for chapter in CHAPTERS for trial in all_deletions(chapter)], 10)
    found = []
    for chapter in CHAPTERS:
        mine = [trial for trial in drawn if trial.exercise.startswith(f"{chapter}.")]
        found += survivors(chapter, mine) if mine else []
    tell(found, f"drawn with seed {seed}")


@pytest.mark.slow
@pytest.mark.parametrize("chapter", CHAPTERS)
def test_every_missing_statement_is_noticed(chapter):
    found = survivors(chapter, all_deletions(chapter))
    tell(found)


@pytest.mark.parametrize(
    "seeds",
    [
        pytest.param(FEW, id=f"{FEW} seeds"),
        pytest.param(MANY, id=f"{MANY} seeds", marks=pytest.mark.slow),
        pytest.param(ALL, id=f"{ALL} seeds", marks=[pytest.mark.slow, pytest.mark.complete]),
    ],
)
@pytest.mark.parametrize("chapter", CHAPTERS)
def test_for_every_seed(chapter, seeds):
    """The reference passes every check, and each recorded mistake fails one."""
    trials = []
    for exercise in catalogue.chapter(chapter).exercises:
        trials.append(Trial(exercise.name, "reference", answers.reference(exercise.name), thorough=True))
        trials += [Trial(exercise.name, m.name, m.function) for m in misconceptions.of(exercise.name)]
    found = []
    for verdict in run(chapter, trials, seeds=seeds):
        name = verdict.trial.exercise
        if verdict.trial.thorough:
            found += [f"{name}: the reference fails {line}" for line in [*verdict.failed, *verdict.broken]]
        elif not verdict.caught:
            where = f"for seeds {verdict.missed_seeds[:5]}" if verdict.failed else "for every seed"
            found.append(f"{name}: the misconception {verdict.trial.label} passes all checks {where}")
    tell(found)
