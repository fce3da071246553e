"""`author check --mutants`: how many mutants the checks notice, and those that they do not notice."""

import random
import resource
from collections import Counter
from dataclasses import dataclass, field

from mi_tutor.tutor import catalogue
from mi_tutor.tutor.author.mutants import equivalent, judging, making

TARGET = 0.97  # of the mutants that do not crash, in each chapter
SAMPLE_TARGET = 0.9  # of a sample of all chapters: a few survivors among few mutants are chance
HEAD = ("chapter", "mutants", "equivalent", "crashed", "caught", "survive", "of all", "not crashing", "CPU s")


@dataclass
class Score:
    """What became of the mutants of a chapter, or of one kind of them."""

    name: str
    counts: Counter = field(default_factory=Counter)  # equivalent, crashed, caught, survive
    cpu: float = 0.0

    @property
    def of_all(self) -> float:
        """The share noticed, crashes included, of all that are not equivalent."""
        noticed = self.counts["crashed"] + self.counts["caught"]
        return noticed / max(1, noticed + self.counts["survive"])

    @property
    def of_the_rest(self) -> float:
        """The share noticed of those that do not crash: what the checks themselves are worth."""
        return self.counts["caught"] / max(1, self.counts["caught"] + self.counts["survive"])

    def reaches(self, target: float) -> bool:
        return not self.counts["survive"] or self.of_the_rest >= target

    def row(self) -> tuple[str, ...]:
        numbers = [self.counts[what] for what in ("equivalent", "crashed", "caught", "survive")]
        judged = self.counts["caught"] + self.counts["survive"]
        shares = [f"{self.of_all:.1%}", f"{self.of_the_rest:.1%}" if judged else "–"]
        return (self.name, str(sum(numbers)), *map(str, numbers), *shares, f"{self.cpu:.0f}")


def main(name: str | None = None, *, sample: int | None = None, seed: int | None = None) -> int:
    """Judge the mutants of a chapter, an exercise or the whole course, and print what came out.

    Args:
        sample: only so many of each chapter, drawn at random; then no entry is called stale.
        seed: of the draw.

    Returns:
        0 when every chapter reaches TARGET (a sample as a whole SAMPLE_TARGET) and no entry of an `equivalent.toml` is
        stale, else 1.
    """
    seed = random.randrange(10**6) if seed is None else seed
    scores, kinds, wrong = [], {kind: Score(kind) for kind in (making.DELETED, *making.KINDS)}, 0
    exercises = catalogue.named(name) if name else catalogue.all_exercises()
    if sample:
        print(f"{sample} mutants of each chapter, drawn with --seed {seed}", flush=True)
    for chapter in dict.fromkeys(exercise.chapter for exercise in exercises):
        names = [exercise.name for exercise in exercises if exercise.chapter == chapter]
        score, lines = of_chapter(chapter, names, kinds, sample=sample, seed=seed)
        scores.append(score)
        wrong += any(line.startswith("tests/") for line in lines) + (not sample and not score.reaches(TARGET))
        print("\n".join([*lines, *([] if len(scores) > 1 else [_line(HEAD)]), _line(score.row())]), flush=True)
    together = _together("together", scores)
    wrong += not together.reaches(SAMPLE_TARGET)
    if len(scores) > 1:
        print(_line(together.row()))
    if together.counts["survive"]:
        print(
            "Write a check that tells each survivor from the reference, or list it with the reason why no check can in "
            "tests/exercises/CHAPTER/equivalent.toml."
        )
    print("\n" + _line(("kind", *HEAD[1:-1])))
    for score in kinds.values():
        if score.counts:
            print(_line(score.row()[:-1]))
    return 1 if wrong else 0


def of_chapter(
    chapter: str, exercises: list[str], kinds: dict[str, Score], *, sample: int | None = None, seed: int = 0
) -> tuple[Score, list[str]]:
    """The score of a chapter, and a line for each survivor and each stale entry; counts into `kinds` too."""
    started, score = _cpu(), Score(chapter)
    mutants = [mutant for exercise in exercises for mutant in making.of(exercise)]
    if sample and sample < len(mutants):
        drawn = set(random.Random(seed).sample(range(len(mutants)), sample))
        mutants = [mutant for number, mutant in enumerate(mutants) if number in drawn]
    listed, survivors, seen = equivalent.listed(chapter), [], []
    for one in judging.judged(chapter, mutants):
        seen.append(one)
        if one.killed:
            fate = "crashed" if one.crashed else "caught"
        else:
            fate = "equivalent" if (one.mutant.exercise, one.mutant.after) in listed else "survive"
        score.counts[fate] += 1
        kinds[one.mutant.kind].counts[fate] += 1
        if fate == "survive":
            survivors.append(f"{one.mutant.where}: {one.mutant.exercise} survives as `{one.mutant.after}`")
    score.cpu = _cpu() - started
    return score, survivors + ([] if sample else list(equivalent.stale(chapter, seen, set(exercises))))


def _together(name: str, scores: list[Score]) -> Score:
    return Score(name, sum((score.counts for score in scores), Counter()), sum(score.cpu for score in scores))


def _line(cells: tuple[str, ...]) -> str:
    return f"{cells[0]:<26}" + "".join(f"{cell:>13}" for cell in cells[1:])


def _cpu() -> float:
    """CPU seconds of this process and of those that it has started and seen end."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)
