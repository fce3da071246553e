"""A chapter's exercise file as text: its untouched stub, one function of it, writing it, one program at a time."""

import ast
import contextlib
from pathlib import Path

from filelock import FileLock, Timeout

from mi_tutor.tutor import answers, history, progress, syntax, workspace
from mi_tutor.tutor.problems import TutorProblem

_LOCKS: dict[Path, FileLock] = {}  # one object a file: it may be taken again by whoever holds it


@contextlib.contextmanager
def alone():
    """One program at a time changes exercise files: two kernels that save two exercises of a chapter lose neither."""
    path = workspace.state() / "workbench.lock"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with _LOCKS.setdefault(path, FileLock(path, timeout=20)):
            yield
    except Timeout:
        raise TutorProblem(
            f"Another program has held {path} for 20 seconds. Nothing was changed. "
            f"Close other notebooks of the course, then try again."
        ) from None
    except OSError as error:
        raise TutorProblem(
            f"{path.parent} cannot be written to ({error.strerror or error}). Nothing was changed; your code is still "
            f"in the cell. Free some disk space or make the folder writable, then try again."
        ) from error


def stub_module(chapter: str) -> str:
    """The untouched module of a chapter; raises TutorProblem when the course's own copy is gone."""
    try:
        return workspace.stub_file(chapter).read_text("utf-8")
    except FileNotFoundError:
        raise TutorProblem(
            f"The course's own file mi_tutor/tutor/stubs/{chapter}.py is missing. Your code is safe. "
            f"`git checkout -- mi_tutor/tutor/stubs` brings it back; without git, get a fresh copy of the course."
        ) from None


def text_in(module: str, function: str) -> str:
    """The text of one function in a module's text; empty when it is not there."""
    node = syntax.function(ast.parse(module), function)
    return "" if node is None else syntax.text_of(module, node)


def write_module(chapter: str, text: str, over: str) -> None:
    """Put `text` in place of the module's text `over`, unless an editor saved something else meanwhile."""
    path = workspace.exercises_file(chapter)
    if answers.source(chapter) != over:
        raise TutorProblem(
            f"mi_tutor/exercises/{chapter}.py was saved by another program at this very moment. "
            f"Nothing was changed; try again."
        )
    answers.forget()
    try:
        progress.write_atomically(path, text)
        with contextlib.suppress(OSError):  # a copy for `mend`; the next check makes it too
            history.keep_last_good(chapter, text)
    except OSError as error:
        raise TutorProblem(
            f"{path} could not be written ({error.strerror}). Nothing was changed; your code is still in the cell. "
            f"Free some disk space or make the folder writable, then run the cell again."
        ) from error
