"""Checking on save: watch the exercise files and check what changed in the one that was saved."""

import time
from collections.abc import Callable

from mi_tutor.tutor import answers, cards, catalogue, checking, recovery, transplant, workspace
from mi_tutor.tutor.problems import CellProblem, TutorProblem

SETTLE_SECONDS = 0.5  # an editor that saves by renaming leaves no file for a moment


def watch(show: Callable[[cards.Card], None]) -> None:
    """Check each changed exercise when its file is saved, until Ctrl-C. During a check, Ctrl-C stops only the check."""
    from watchfiles import watch as saves

    recovery.look_after(lambda text: show(cards.note("The tutor says", text)))
    known = {chapter.name: _pieces(chapter.name) for chapter in catalogue.written_chapters()}
    folder = workspace.exercises_file("any").parent
    show(cards.note("Watching", f"Save a file in {folder} and its exercises are checked.", next_step="Ctrl-C stops."))
    try:
        # The folder is watched, not the files: many editors put a new file in the place of the old one.
        for changes in saves(folder, debounce=400, step=50, recursive=False, raise_interrupt=True):
            names = {path.replace("\\", "/").rsplit("/", 1)[-1].removesuffix(".py") for _, path in changes}
            for chapter in [name for name in known if name in names]:
                _saved(chapter, known, show)
    except KeyboardInterrupt:
        show(cards.note("Watching", "Stopped. Your code and your progress are saved."))


def _saved(chapter: str, known: dict[str, dict], show) -> None:
    try:
        before, now = known[chapter], _pieces(chapter, patient=True)
        if now is None:
            show(cards.note("The tutor says", answers.unreadable(chapter) or "", status="failed"))
            return
        known[chapter] = now
        for exercise in _changed(chapter, before, now):
            show(cards.of_report(checking.check([exercise])[0]))
    except TutorProblem as problem:
        show(cards.note("The tutor says", str(problem), status="failed"))
    except KeyboardInterrupt:
        show(
            cards.note(
                "Interrupted",
                "The check was stopped while your code was running. The file is as you saved it.",
                status="skipped",
                next_step="An endless loop? Look at what changes in each round. Ctrl-C again stops watching.",
            )
        )


def _changed(chapter: str, before: dict | None, now: dict) -> list:
    """The exercises that were changed; all attempted ones when a helper, a constant or an import was."""
    exercises = catalogue.chapter(chapter).exercises
    changed = {name for name in now if before is None or now[name] != before.get(name)}
    if changed - {e.function for e in exercises}:
        return [e for e in exercises if e.function in changed or answers.attempted(e.name)]
    return [e for e in exercises if e.function in changed]


def _pieces(chapter: str, *, patient: bool = False) -> dict[str, str] | None:
    """What each function and variable of a module does, and its imports; None when it cannot be read."""
    end = time.monotonic() + (SETTLE_SECONDS if patient else 0)
    while True:
        try:
            return transplant.fingerprints_of_all(answers.source(chapter))
        except CellProblem:
            return None
        except TutorProblem:  # missing, or half written
            if time.monotonic() > end:
                return None
            time.sleep(0.05)
