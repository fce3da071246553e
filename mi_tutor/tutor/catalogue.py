"""What exercises there are. One TOML file a chapter in `catalogue/`; its order is the order of the course."""

import difflib
import tomllib
from dataclasses import dataclass
from functools import lru_cache

from mi_tutor.tutor import workspace
from mi_tutor.tutor.problems import UnknownExercise

KINDS = ("build", "mend", "read")


@dataclass(frozen=True)
class Exercise:
    """One entry of a chapter's catalogue. `name` is `chapter.function`, the name used everywhere."""

    name: str
    title: str
    kind: str
    minutes: int
    difficulty: int
    importance: int
    survey: str
    papers: tuple[str, ...]
    hints: tuple[str, ...]
    faulty: str | None = None  # mend only: the misconception whose body the learner is handed

    @property
    def chapter(self) -> str:
        return self.name.split(".")[0]

    @property
    def function(self) -> str:
        return self.name.split(".")[1]


@dataclass(frozen=True)
class Chapter:
    """A chapter; `exercises` is empty while it is only planned."""

    name: str
    number: str
    title: str
    question: str
    minutes: int
    exercises: tuple[Exercise, ...]
    first_run: int | None = None  # minutes its notebook may take where the cache does not yet hold what it keeps there

    @property
    def planned(self) -> bool:
        return not self.exercises


@lru_cache
def chapters() -> tuple[Chapter, ...]:
    """All chapters in order, the planned ones too."""
    found = [_read(path) for path in workspace.catalogue_folder().glob("*.toml") if path.stem != "planned"]
    planned_file = workspace.catalogue_folder() / "planned.toml"
    written = {chapter.name for chapter in found}
    if planned_file.exists():
        for entry in tomllib.loads(planned_file.read_text("utf-8"))["chapter"]:
            if entry["name"] not in written:
                found.append(Chapter(minutes=0, exercises=(), **entry))
    return tuple(sorted(found, key=lambda chapter: chapter.number))


def _read(path) -> Chapter:
    table = tomllib.loads(path.read_text("utf-8"))
    exercises = tuple(
        Exercise(
            name=f"{path.stem}.{entry['name']}",
            title=entry["title"],
            kind=entry.get("kind", "build"),
            minutes=entry["minutes"],
            difficulty=entry["difficulty"],
            importance=entry["importance"],
            survey=str(entry["survey"]),
            papers=tuple(entry.get("papers", ())),
            hints=tuple(entry["hints"]),
            faulty=entry.get("faulty"),
        )
        for entry in table.get("exercise", ())  # none yet: a chapter whose writing has just begun
    )
    texts = (table[key] for key in ("number", "title", "question", "minutes"))
    return Chapter(path.stem, *texts, exercises, table.get("first_run"))


def chapter(name: str) -> Chapter:
    """The chapter called `name` (`features`, `01` and `01_features` all work)."""
    bare = name.lower().removesuffix(".ipynb")
    for candidate in chapters():
        if bare in (candidate.name, candidate.number, f"{candidate.number}_{candidate.name}"):
            return candidate
    raise UnknownExercise(f"There is no chapter {name!r}; the chapters are {_listed([c.name for c in chapters()])}.")


def written_chapters() -> tuple[Chapter, ...]:
    return tuple(c for c in chapters() if not c.planned)


def all_exercises() -> tuple[Exercise, ...]:
    return tuple(e for c in chapters() for e in c.exercises)


def exercise(name: str) -> Exercise:
    """The exercise called `chapter.function`; a bare function name works when only one exercise has it."""
    name = name.strip().strip("`'\"")
    by_name = {e.name: e for e in all_exercises()}
    if name in by_name:
        return by_name[name]
    bare = [e for e in by_name.values() if e.function == name]
    if len(bare) == 1:
        return bare[0]
    if len(bare) > 1:
        raise UnknownExercise(
            f"Several exercises are called {name!r}: {_listed([e.name for e in bare])}. Give the full name."
        )
    close = difflib.get_close_matches(name, [*by_name, *(e.function for e in by_name.values())], n=1, cutoff=0.5)
    if close:
        full = exercise(close[0]).name if "." not in close[0] else close[0]
        raise UnknownExercise(f"There is no exercise {name!r}. Did you mean `{full}`?")
    raise UnknownExercise(
        f"There is no exercise {name!r}. `%progress` in a notebook or "
        f"`python3 -m mi_tutor progress` in a terminal lists them all."
    )


def named(text: str | None) -> tuple[Exercise, ...]:
    """The exercises a learner means by nothing (all), a chapter or an exercise name."""
    if not text:
        return all_exercises()
    for candidate in chapters():
        if text.lower() in (candidate.name, candidate.number, f"{candidate.number}_{candidate.name}"):
            if candidate.planned:
                raise UnknownExercise(f"Chapter {candidate.name} is planned; it has no exercises yet.")
            return candidate.exercises
    return (exercise(text),)


def _listed(names: list[str]) -> str:
    return ", ".join(names)
