"""Mending exercise files and notebooks that git or an accident left unreadable; the damaged file is always kept."""

import ast

from mi_tutor.tutor import (
    answers,
    catalogue,
    exercise_file,
    git,
    history,
    progress,
    salvage,
    syntax,
    transplant,
    workspace,
)


def mend_files() -> list[str]:
    """Repair what git or an accident left unreadable; one line for each file and function."""
    lines = [line for chapter in catalogue.written_chapters() for line in mend_chapter(chapter.name)]
    lines += [line for chapter in catalogue.written_chapters() for line in _mend_notebook(chapter)]
    if not lines:
        return ["Nothing to mend: every exercise file and notebook can be read."]
    return [*lines, *_what_git_waits_for()]


def mend_chapter(chapter: str) -> list[str]:
    """Mend one exercise file if it needs it: the course's stub with the learner's functions put back.

    The functions come from the damaged file where they can be read (from the learner's side of a conflict), else from
    the newest kept version. The damaged file is kept whole.
    """
    where, path = f"mi_tutor/exercises/{chapter}.py", workspace.exercises_file(chapter)
    lost = answers.missing(chapter)
    if answers.unreadable(chapter) is None and not lost:
        return []
    if path.is_dir():
        return [f"{where} is a folder. Move it somewhere else, then run `python3 -m mi_tutor mend` again."]
    with exercise_file.alone():
        kept = history.keep_whole_file(chapter)
        stub = exercise_file.stub_module(chapter)
        base = _handed_out(where) or stub
        found = salvage.readable_part(path.read_bytes() if kept else b"", base, stub)
        outcome = transplant.transplant(found, base, stub)
        sources = dict.fromkeys(outcome.kept, "the damaged file")
        text = _fill_in(chapter, outcome.text, found, stub, sources)
        progress.write_atomically(path, text)
        history.keep_last_good(chapter, text)
        answers.forget()
    if kept is None:
        first = f"{where} was missing. It was made again from the course's stub."
    elif lost:
        first = f"{where} no longer held {', '.join(lost)}. It was made again; the file as it was is {_short(kept)}."
    else:
        first = f"{where} could not be read. It was made again; the damaged file is kept as {_short(kept)}."
    lines = [first, *(f"  {chapter}.{name}: your version was put back from {s}." for name, s in sources.items())]
    for name in outcome.other_signature:
        history.add(f"{chapter}.{name}", exercise_file.text_in(found, name))
        lines.append(
            f"  {chapter}.{name}: {CALLED_DIFFERENTLY} `python3 -m mi_tutor undo {chapter}.{name}` shows your version."
        )
    if outcome.set_aside:
        lines.append(f"  Not put back, but in the kept file: {', '.join(outcome.set_aside)}.")
    return lines


CALLED_DIFFERENTLY = "the course calls it with other parameters now, so the new stub is in the file; yours is kept."


def _fill_in(chapter: str, text: str, found: str, stub: str, sources: dict[str, str]) -> str:
    """`text` with what the damaged file no longer holds, from the newest copies that were kept."""
    wanted = {e.function for e in catalogue.chapter(chapter).exercises} - transplant.names_in(found)
    last_good = history.last_good(chapter)
    if last_good is not None and _reads(last_good):
        names = transplant.names_in(last_good) - transplant.names_in(found)
        if wanted & names:
            outcome = transplant.transplant(transplant.only(last_good, names), stub, text)
            sources |= dict.fromkeys(outcome.kept, "the copy that was kept when it was last saved or checked")
            return outcome.text
    for function in sorted(wanted):
        versions = [v for v in history.texts(f"{chapter}.{function}") if _reads(v)]
        if versions:
            outcome = transplant.transplant(versions[-1], stub, text)
            sources |= dict.fromkeys(outcome.kept, f".mi_tutor/history/{chapter}.{function}")
            text = outcome.text
    return text


def _handed_out(where: str) -> str | None:
    """The text that both sides of a git conflict started from, while the conflict is open."""
    data = git.content(":1", where) if git.here() else None
    return syntax.decoded(data) if data else None


def _mend_notebook(chapter) -> list[str]:
    """A notebook with conflict marks: the course's side stays, the learner's is put beside it."""
    path = workspace.notebook_file(chapter.number, chapter.name)
    if not path.exists():
        return []
    sides = salvage.conflict_sides(path.read_bytes().decode("utf-8", errors="replace"))
    if sides is None:
        return []
    kept = history.keep_bytes("notebooks", path.read_bytes(), ".ipynb")
    lines = [f"chapters/{path.name} had conflict marks from git. The damaged file is kept as {_short(kept)}."]
    second = sides.mine_is_theirs or (git.here() and git.unfinished() == "rebase")
    mine, theirs = (sides.theirs, sides.ours) if second else (sides.ours, sides.theirs)
    if salvage.is_notebook(mine):
        beside = salvage.beside(path)
        progress.write_atomically(beside, mine)
        lines.append(f"  Your version of the notebook is beside it: chapters/{beside.name}.")
    course = theirs if salvage.is_notebook(theirs) else (git.content("HEAD", f"chapters/{path.name}") or b"").decode()
    if salvage.is_notebook(course):
        progress.write_atomically(path, course)
        lines.append(f"  chapters/{path.name} is the course's version.")
    else:
        lines.append(f"  `git checkout HEAD -- chapters/{path.name}` brings the course's version back.")
    return lines


def _what_git_waits_for() -> list[str]:
    """Tell git that the mended files are resolved, and say what is left to do."""
    if not git.here():
        return []
    mended = git.names("diff", "--name-only", "--diff-filter=U")
    mended = [name for name in mended if name.startswith(("mi_tutor/exercises/", "chapters/"))]
    if git.unfinished() is None:
        if mended:
            git.said("reset", "-q", "--", *mended)  # after `git stash pop`: plain changes, as before
        return []
    if mended:
        git.said("add", "--", *mended)
    others = git.names("diff", "--name-only", "--diff-filter=U")
    if others:
        return [f"git still waits for you to resolve {', '.join(others)}."]
    what = git.unfinished()
    last = "git commit --no-edit" if what == "merge" else f"git {what} --continue"
    return [f"git is still in the middle of a {what}: `{last}` finishes it."]


def _reads(text: str) -> bool:
    try:
        ast.parse(text)
    except (SyntaxError, ValueError, RecursionError):
        return False
    return True


def _short(path) -> str:
    return str(path.relative_to(workspace.root()))
