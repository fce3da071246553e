"""Answers as people write them: correct ones in another style pass every check, wrong ones fail one.

They stand in `correct_answers/CHAPTER.py` and `wrong_answers/CHAPTER.py`; a function is called EXERCISE__WHAT_IT_DOES.
"""

import importlib.util
from collections import Counter
from pathlib import Path

import pytest

from mi_tutor.tutor import catalogue, misconceptions
from mi_tutor.tutor.author.trials import Trial, run

HERE = Path(__file__).parent
EXERCISES, STYLES, MISTAKES = 30, 2, 5
SEEDS = 50  # with one, random inputs may catch by luck what no fixed check catches


def written(folder: str) -> dict[str, list[Trial]]:
    """The answers in a folder, by chapter."""
    found = {}
    for path in sorted((HERE / folder).glob("*.py")):
        spec = importlib.util.spec_from_file_location(f"{folder}_{path.stem}", path)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        known = {exercise.function for exercise in catalogue.chapter(path.stem).exercises}
        for name, answer in vars(module).items():
            if "__" not in name.strip("_") or name.startswith("_"):
                continue
            exercise, _, label = name.partition("__")
            assert exercise in known, f"{folder}/{path.name}: chapter {path.stem} has no exercise {exercise}"
            trial = Trial(f"{path.stem}.{exercise}", label, answer, thorough=folder == "correct_answers")
            found.setdefault(path.stem, []).append(trial)
    return found


CORRECT, WRONG = written("correct_answers"), written("wrong_answers")


def tell(found: list[str]) -> None:
    if found:
        pytest.fail("\n".join(found), pytrace=False)


@pytest.mark.parametrize("chapter", CORRECT)
def test_every_correct_answer_passes(chapter):
    tell(
        [
            f"{verdict.trial.exercise}, {verdict.trial.label}: {line}"
            for verdict in run(chapter, CORRECT[chapter], seeds=SEEDS)
            for line in [*verdict.failed, *verdict.broken]
        ]
    )


@pytest.mark.parametrize("chapter", WRONG)
def test_every_wrong_answer_is_caught(chapter):
    tell(
        [
            f"{verdict.trial.exercise}, {verdict.trial.label} passes every check, seeds {verdict.missed_seeds[:5]}"
            for verdict in run(chapter, WRONG[chapter], seeds=SEEDS)
            if not verdict.caught
        ]
    )


def test_wrong_answers_are_not_the_recorded_ones():
    for trials in WRONG.values():
        for trial in trials:
            assert trial.label not in {recorded.name for recorded in misconceptions.of(trial.exercise)}


@pytest.mark.parametrize(("answers", "each"), [(CORRECT, STYLES), (WRONG, MISTAKES)], ids=["correct", "wrong"])
def test_there_are_enough(answers, each):
    counts = Counter(trial.exercise for trials in answers.values() for trial in trials)
    assert sum(count >= each for count in counts.values()) >= EXERCISES
