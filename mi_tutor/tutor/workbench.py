"""The learner's module as a workbench: save an answer, take it back, empty it, go back in time. Nothing is ever lost.

Every version of an exercise that was once in the file is kept in `.mi_tutor/history/<chapter.function>/NNNN.py`.
`undo` walks back through them; what it replaces is a version too.
"""

import ast
from dataclasses import dataclass
from pathlib import Path

from mi_tutor.tutor import answers, catalogue, progress, syntax, workspace
from mi_tutor.tutor.author.stubs import stub_function
from mi_tutor.tutor.problems import CellProblem, TutorProblem


@dataclass
class Saved:
    """What happened to the file: `saved`, `same` (nothing to do), `stub` (untouched cell), `differs` (ask)."""

    outcome: str
    afterwards: str = ""  # statements of the cell to run in the notebook


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
    stub = workspace.stub_file(entry.chapter).read_text("utf-8")
    syntax.check_signature(source, entry.function, stub)
    module = _module(entry.chapter)
    in_cell, in_stub = syntax.fingerprint(source, entry.function), syntax.fingerprint(stub, entry.function)
    in_file = syntax.fingerprint(module, entry.function)
    if in_cell == in_stub and not cell.companions:
        return Saved("stub", cell.afterwards)
    file_has_unseen_work = in_file not in (None, in_stub, in_cell) and _digest(in_file) != progress.of(name).get(
        "from_cell"
    )
    if file_has_unseen_work and use != "cell":
        return Saved("differs", cell.afterwards)
    changed = syntax.splice(module, cell, entry.function)
    if changed == module:
        progress.update(name, from_cell=_digest(in_cell))
        return Saved("same", cell.afterwards)
    remember(name)
    _write(entry.chapter, changed)
    remember(name)
    progress.update(name, from_cell=_digest(in_cell))
    return Saved("saved", cell.afterwards)


def current(name: str) -> str:
    """The text of the exercise's function as it now stands in the learner's module."""
    entry = catalogue.exercise(name)
    module = _module(entry.chapter)
    node = syntax.function(syntax.parse(module, f"mi_tutor/exercises/{entry.chapter}.py"), entry.function)
    return "" if node is None else syntax.text_of(module, node)


def reset(name: str) -> bool:
    """Put the stub back. Returns False when the function already was the stub. `undo` brings the work back."""
    entry = catalogue.exercise(name)
    if not answers.attempted(entry.name) and not progress.is_skipped(entry.name):
        return False
    remember(entry.name)
    _put(entry, stub_function(entry.chapter, entry.function))
    progress.update(entry.name, status="not_attempted", skipped=False, revealed=False, from_cell=None, version=None)
    return True


def undo(name: str) -> str | None:
    """Go one version back; returns what is now in the file, or None when there is no earlier version."""
    entry = catalogue.exercise(name)
    remember(entry.name)
    versions, at = _versions(entry.name), progress.of(entry.name).get("version")
    has_work = answers.attempted(entry.name)
    # `at` is where an earlier undo left off; -1 is the stub, before all versions.
    index = at if at is not None else len(versions) - 1 if has_work else len(versions)
    now = current(entry.name)
    while index > 0:
        index -= 1
        text = versions[index].read_text("utf-8")
        if text.strip() != now.strip():
            return _go_to(entry, text, index)
    return _go_to(entry, stub_function(entry.chapter, entry.function), -1) if has_work else None


def _go_to(entry, text: str, version: int) -> str:
    _put(entry, text)
    progress.update(entry.name, version=version, status="not_attempted", from_cell=None)
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


def remember(name: str) -> None:
    """Keep the function as it stands now, unless it is the newest kept version or the untouched stub."""
    entry = catalogue.exercise(name)
    try:
        text = current(entry.name)
    except CellProblem:
        _keep_whole_file(entry.chapter)
        return
    versions = _versions(entry.name)
    kept = [v.read_text("utf-8").strip() for v in versions]
    if not text.strip() or not answers.attempted(entry.name) or text.strip() in kept[-1:]:
        return
    at = progress.of(entry.name).get("version")
    if at is not None and 0 <= at < len(kept) and kept[at] == text.strip():
        return  # the learner stands on an earlier version after `undo`; it is kept already
    folder = _history(entry.name)
    progress.write_atomically(folder / f"{len(versions):04d}.py", text + "\n")
    progress.update(entry.name, version=None)


def _keep_whole_file(chapter: str) -> None:
    """A module that cannot be parsed is kept as a whole before anything touches it."""
    folder = workspace.state() / "history" / chapter
    number = len(list(folder.glob("*.py"))) if folder.exists() else 0
    progress.write_atomically(folder / f"{number:04d}.py", _module(chapter))


def _history(name: str) -> Path:
    return workspace.state() / "history" / name


def _versions(name: str) -> list[Path]:
    return sorted(_history(name).glob("[0-9]*.py")) if _history(name).exists() else []


def _put(entry, text: str) -> None:
    cell = syntax.Cell(text.strip("\n"), [], [], "")
    _write(entry.chapter, syntax.splice(_module(entry.chapter), cell, entry.function))


def _module(chapter: str) -> str:
    path = workspace.exercises_file(chapter)
    try:
        return path.read_text("utf-8")
    except FileNotFoundError:
        stub = workspace.stub_file(chapter).read_text("utf-8")
        _write(chapter, stub)
        return stub
    except UnicodeDecodeError:
        raise TutorProblem(f"mi_tutor/exercises/{chapter}.py is not UTF-8 text. Save it again as UTF-8.") from None


def _write(chapter: str, text: str) -> None:
    path = workspace.exercises_file(chapter)
    answers.forget()
    try:
        progress.write_atomically(path, text)
    except OSError as error:
        raise TutorProblem(
            f"{path} could not be written ({error.strerror}). Nothing was changed; your code is still in the cell. "
            f"Free some disk space or make the folder writable, then run the cell again."
        ) from error


def _digest(fingerprint: str | None) -> str | None:
    import hashlib

    return None if fingerprint is None else hashlib.sha256(fingerprint.encode()).hexdigest()[:16]
