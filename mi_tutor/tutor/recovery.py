"""Putting things right before they are needed: an interrupted update, missing or damaged files, lost progress."""

from collections.abc import Callable

from mi_tutor.tutor import answers, catalogue, checking, mending, progress, update, workspace
from mi_tutor.tutor.problems import TutorProblem

Say = Callable[[str], None]


def look_after(say: Say) -> None:
    """What every entrance does first. Cheap when all is well. Each thing done or found is said in one sentence."""
    for line in update.finish_interrupted():
        say(line)
    for chapter in catalogue.written_chapters():
        path = workspace.exercises_file(chapter.name)
        if not path.exists() and not path.is_symlink():
            try:
                lines = mending.mend_chapter(chapter.name)
            except TutorProblem as problem:
                lines = [str(problem)]
            for line in lines:
                say(line)
        elif (problem := answers.unreadable(chapter.name)) and "conflict marks" in problem:
            say(problem)
        elif lost := answers.missing(chapter.name):
            say(
                f"mi_tutor/exercises/{chapter.name}.py no longer holds {', '.join(lost)}. "
                f"`%mend` in a notebook or `python3 -m mi_tutor mend` in a terminal puts back what is missing, "
                f"with your versions where they were kept."
            )
    recheck_if_needed(say)


def recheck_if_needed(say: Say) -> None:
    """After the progress file was damaged: check every attempted exercise again and note the results."""
    if not progress.needs_recheck():
        return
    kept = sorted(workspace.state().glob("progress.damaged-*.json"))
    aside = f" (the damaged file is kept as .mi_tutor/{kept[-1].name})" if kept else ""
    attempted = [e for e in catalogue.all_exercises() if answers.attempted(e.name) and not progress.is_skipped(e.name)]
    count = f"{len(attempted)} answers are" if len(attempted) != 1 else "1 answer is"
    say(
        f"Your progress file was damaged{aside}. Your code is safe. "
        + (f"Your {count} checked again now to restore the progress." if attempted else "A new one was started.")
    )
    for exercise in attempted:
        try:
            checking.check([exercise])
        except TutorProblem as problem:
            say(f"{exercise.name} could not be checked again: {problem}")
        except KeyboardInterrupt:
            say("Stopped. `%progress` or `python3 -m mi_tutor progress` goes on where this stopped.")
            return
    with progress.change() as record:
        record.pop("recheck", None)
