"""The learner's module as a workbench: save an answer, take it back, empty it, go back in time. Nothing is ever lost.

`undo` walks back through the kept versions (see `history`); what it replaces is a version too.
"""

import ast
import contextlib
import importlib
import io
from dataclasses import dataclass

from mi_tutor.tutor import answers, catalogue, exercise_file, history, mending, progress, syntax, workspace
from mi_tutor.tutor.problems import CellProblem, TutorProblem


@dataclass
class Saved:
    """What happened to the file: `saved`, `same` (nothing to do), `stub` (untouched cell), `differs` (ask)."""

    outcome: str
    afterwards: str = ""  # statements of the cell to run in the notebook
    names: tuple[str, ...] = ()  # what the cell defines besides the exercise: helpers, constants, imports


def save_cell(name: str, source: str, *, use: str | None = None) -> Saved:
    """Put the function of an exercise cell into the learner's module.

    Args:
        name: the exercise, `chapter.function`.
        source: the cell's text below its `%%exercise` line.
        use: `cell` to overwrite work in the file that this cell has never seen; None to be asked.

    Raises:
        CellProblem: the cell cannot be saved as it stands; the file is unchanged.
    """
    entry = catalogue.exercise(name)
    others = {e.function for e in catalogue.chapter(entry.chapter).exercises} - {entry.function}
    cell = syntax.read_cell(source, entry.function, others)
    stub = exercise_file.stub_module(entry.chapter)
    syntax.check_signature(source, entry.function, stub)
    with exercise_file.alone():
        return _save(entry, source, cell, stub, use)


def _save(entry, source: str, cell: syntax.Cell, stub: str, use: str | None) -> Saved:
    name, module = entry.name, _readable_module(entry.chapter)
    in_cell, in_stub = syntax.fingerprint(source, entry.function), syntax.fingerprint(stub, entry.function)
    in_file = syntax.fingerprint(module, entry.function)
    if in_cell == in_stub and not cell.companions:
        return Saved("stub", cell.afterwards, cell.names)
    file_has_unseen_work = in_file not in (None, in_stub, in_cell) and _digest(in_file) != progress.of(name).get(
        "from_cell"
    )
    if file_has_unseen_work and use != "cell":
        return Saved("differs", cell.afterwards, cell.names)
    changed = syntax.splice(module, cell, entry.function)
    if changed == module:
        progress.update(name, from_cell=_digest(in_cell))
        return Saved("same", cell.afterwards, cell.names)
    _try_out(entry.chapter, module, changed)
    remember(name)
    if any(exercise_file.text_in(module, helper) not in ("", text) for helper, text in cell.companions):
        history.keep_whole_file(entry.chapter)  # a helper is about to be replaced; versions hold only exercises
    exercise_file.write_module(entry.chapter, changed, over=module)
    with contextlib.suppress(OSError):  # a second copy of what stands in the file now; the next save keeps it
        remember(name)
    progress.update(name, from_cell=_digest(in_cell))
    return Saved("saved", cell.afterwards, cell.names)


def _stub(entry) -> str:
    return exercise_file.text_in(exercise_file.stub_module(entry.chapter), entry.function)


def _try_out(chapter: str, before: str, after: str) -> None:
    """Refuse a cell whose imports, constants or helpers stop Python from reading the whole chapter."""
    problem = _stops(chapter, after)
    if problem is not None and _stops(chapter, before) is None:
        raise CellProblem(
            f"This cell stops with {type(problem).__name__}: {problem} before any function is called. "
            f"Nothing was saved; the file is as it was. Mend that line (an import, a constant, an annotation), "
            f"then run the cell again. What a function needs from other cells, it should get as a parameter."
        )


def _stops(chapter: str, text: str) -> BaseException | None:
    # Run under the name of a stub module, so that `@exercise` leaves the functions alone.
    scratch = {"__name__": f"mi_tutor.tutor.stubs.{chapter}", "__file__": str(workspace.exercises_file(chapter))}
    try:
        importlib.import_module(scratch["__name__"])
        with contextlib.redirect_stdout(io.StringIO()):
            exec(compile(text, f"<{chapter} with this cell>", "exec", dont_inherit=True), scratch)
    except (Exception, SystemExit) as error:
        return error
    return None


def current(name: str) -> str:
    """The text of the exercise's function as it now stands in the learner's module."""
    entry = catalogue.exercise(name)
    module = _module(entry.chapter)
    syntax.parse(module, f"mi_tutor/exercises/{entry.chapter}.py")
    return exercise_file.text_in(module, entry.function)


def reset(name: str) -> bool:
    """Put the stub back. Returns False when the function already was the stub. `undo` brings the work back."""
    entry = catalogue.exercise(name)
    if not answers.attempted(entry.name) and not progress.is_skipped(entry.name):
        return False
    with exercise_file.alone():
        remember(entry.name)
        _put(entry, _stub(entry))
    progress.update(entry.name, status="not_attempted", skipped=False, revealed=False, from_cell=None, version=None)
    return True


def undo(name: str) -> str | None:
    """Go one version back; returns what is now in the file, or None when there is no earlier version."""
    entry = catalogue.exercise(name)
    with exercise_file.alone():
        return _step_back(entry)


def _step_back(entry) -> str | None:
    remember(entry.name)
    versions, at = history.texts(entry.name), progress.of(entry.name).get("version")
    has_work = answers.attempted(entry.name)
    # `at` is where an earlier undo left off; -1 is the stub, before all versions.
    index = min(at, len(versions)) if isinstance(at, int) else len(versions) - 1 if has_work else len(versions)
    now = current(entry.name)
    while index > 0:
        index -= 1
        if versions[index] != now.strip():
            return _go_to(entry, versions[index], index)
    return _go_to(entry, _stub(entry), -1) if has_work else None


def _go_to(entry, text: str, version: int) -> str:
    _put(entry, text)
    # Whoever goes back has seen this version: the cell may overwrite it without being asked.
    seen = _digest(syntax.fingerprint(text, entry.function))
    progress.update(entry.name, version=version, status="not_attempted", from_cell=seen)
    return text


def skip(name: str, *, skipped: bool = True) -> None:
    """Let the reference answer for an exercise from now on (`skipped=False` takes that back)."""
    entry = catalogue.exercise(name)
    if skipped:
        answers.reference(entry.name)  # raises NoReference in a copy without solutions
    progress.update(entry.name, skipped=skipped)
    answers.forget()


def reveal(name: str) -> str:
    """The text of the reference; noted in the progress."""
    entry = catalogue.exercise(name)
    answers.reference(entry.name)
    source = workspace.solution_file(entry.chapter).read_text("utf-8")
    text = syntax.text_of(source, syntax.function(ast.parse(source), entry.function))
    progress.update(entry.name, revealed=True)
    return "\n".join(line for line in text.splitlines() if line.strip() != "# solution")


def next_hint(name: str) -> tuple[int, int, str]:
    """The next hint as (its number, how many there are, its text). After the last, the last again."""
    entry = catalogue.exercise(name)
    shown = min(progress.of(entry.name).get("hints", 0), len(entry.hints) - 1)
    progress.update(entry.name, hints=shown + 1)
    return shown + 1, len(entry.hints), entry.hints[shown]


def keep(names) -> None:
    """Keep the exercises as they stand, and the whole chapter as its last good version. Nothing is raised."""
    with contextlib.suppress(TutorProblem, OSError), exercise_file.alone():
        for name in names:
            remember(name)
        for chapter in {name.split(".")[0] for name in names}:
            history.keep_last_good(chapter, answers.source(chapter))


def remember(name: str) -> None:
    """Keep the function as it stands now, unless it is the newest kept version or the untouched stub."""
    entry = catalogue.exercise(name)
    try:
        text = current(entry.name)
    except CellProblem:
        history.keep_whole_file(entry.chapter)
        return
    kept = history.texts(entry.name)
    if not text.strip() or text.strip() in (_stub(entry).strip(), *kept[-1:]):
        return
    at = progress.of(entry.name).get("version")
    if isinstance(at, int) and 0 <= at < len(kept) and kept[at] == text.strip():
        return  # the learner stands on an earlier version after `undo`; it is kept already
    history.add(entry.name, text)
    progress.update(entry.name, version=None)


def _put(entry, text: str) -> None:
    module, cell = _readable_module(entry.chapter), syntax.Cell(text.strip("\n"), [], [], "")
    exercise_file.write_module(entry.chapter, syntax.splice(module, cell, entry.function), over=module)


def _module(chapter: str) -> str:
    if not workspace.exercises_file(chapter).exists():
        mending.mend_chapter(chapter)
    return answers.source(chapter)


def _readable_module(chapter: str) -> str:
    module = _module(chapter)
    syntax.parse(module, f"mi_tutor/exercises/{chapter}.py")
    return module


def _digest(fingerprint: str | None) -> str | None:
    import hashlib

    return None if fingerprint is None else hashlib.sha256(fingerprint.encode()).hexdigest()[:16]
