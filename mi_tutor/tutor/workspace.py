"""Where things stand on disk. The only module that knows the layout of the project."""

import os
from pathlib import Path

PACKAGE = Path(__file__).resolve().parent.parent


def root() -> Path:
    """The folder that holds chapters/, solutions/ and tests/."""
    return Path(os.environ.get("MI_TUTOR_WORKSPACE") or PACKAGE.parent)


def exercises_file(chapter: str) -> Path:
    """The module the learner completes."""
    return _exercises_folder() / f"{chapter}.py"


def _exercises_folder() -> Path:
    if os.environ.get("MI_TUTOR_WORKSPACE"):
        return root() / "mi_tutor" / "exercises"
    return PACKAGE / "exercises"


def stub_file(chapter: str) -> Path:
    """The untouched module of a chapter, as the authors handed it out."""
    return PACKAGE / "tutor" / "stubs" / f"{chapter}.py"


def solution_file(chapter: str) -> Path:
    """The reference. Student copies of the course do not have it."""
    return root() / "solutions" / f"{chapter}.py"


def checks_folder(chapter: str) -> Path:
    """What judges a chapter: a file of checks an exercise, and beside them the folder of its misconceptions."""
    return root() / "tests" / "exercises" / chapter


def checks_file(name: str) -> Path:
    """The checks of exercise `name` (`chapter.function`)."""
    chapter, function = name.split(".")
    return checks_folder(chapter) / f"test_{function}.py"


def misconceptions_file(name: str) -> Path:
    """The known wrong answers of exercise `name` (`chapter.function`)."""
    chapter, function = name.split(".")
    return checks_folder(chapter) / "misconceptions" / f"{function}.py"


def catalogue_folder() -> Path:
    return PACKAGE / "tutor" / "catalogue"


def notebook_source(number: str, chapter: str) -> Path:
    return root() / "chapters" / "source" / f"{number}_{chapter}.py"


def notebook_file(number: str, chapter: str) -> Path:
    return root() / "chapters" / f"{number}_{chapter}.ipynb"


def site_folder() -> Path:
    """The hand-written part of the course's web site."""
    return root() / "chapters" / "site"


def glossary_file() -> Path:
    return root() / "chapters" / "glossary.toml"


def state() -> Path:
    """Progress and earlier versions of the learner's work (ignored by git)."""
    return root() / ".mi_tutor"
