"""Bringing in a newer course with git while the learner's answers stay.

Everything is worked out before anything is touched. Then: copy what the learner changed to `.mi_tutor/backup/`, write a
journal, put the course's versions back, fast-forward, put the answers into the new stubs, delete the journal. A failure
puts everything back; after a kill the next command finds the journal and finishes or puts back.
"""

import json
import os
import subprocess
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path

from mi_tutor.tutor import (
    answers,
    catalogue,
    exercise_file,
    fastforward,
    git,
    handing_out,
    history,
    salvage,
    syntax,
    transplant,
    workbench,
)
from mi_tutor.tutor import workspace as place
from mi_tutor.tutor.problems import CellProblem, TutorProblem
from mi_tutor.tutor.progress import write_atomically

LOCK_FILE = "binder/requirements.txt"


@dataclass
class Plan:
    """What an update will do; saved as the journal."""

    old: str  # commit before
    new: str  # commit after
    backup: str  # folder with copies of what the learner changed
    touched: list[str]  # changed by the learner and by the newer course
    added: list[str]  # files that only the newer course has
    replaced: list[str]  # files of the old course that the newer one changes or deletes
    texts: dict[str, str] = field(default_factory=dict)  # exercise files with the answers put in
    beside: list[str] = field(default_factory=list)  # notebooks to be kept beside the new ones
    lines: list[str] = field(default_factory=list)  # what to tell afterwards


def update() -> list[str]:
    """Bring in the newer course; what was done, line by line.

    Raises:
        TutorProblem: it cannot be done; nothing was changed.
    """
    told = finish_interrupted()
    _refuse_where_impossible()
    try:
        handing_out.publish_newer()
    except OSError as error:
        raise TutorProblem(f"The installed course could not be read ({error}). Nothing was changed.") from error
    old, new = _fetch()
    if git.run("merge-base", "--is-ancestor", new, old).returncode == 0:
        return [*told, "You have the newest course already."]
    if git.run("merge-base", "--is-ancestor", old, new).returncode:
        raise TutorProblem(
            "Your copy has commits of its own, so the newer course cannot simply be put on top. Nothing was changed. "
            "`git merge @{upstream}` joins the two; if it leaves conflict marks in your exercise files, "
            "`python3 -m mi_tutor mend` puts your functions back."
        )
    with exercise_file.alone():
        workbench.keep([e.name for e in catalogue.all_exercises() if answers.attempted(e.name)])
        plan = _plan(old, new)
        try:
            _back_up(plan)
            write_atomically(_journal(), json.dumps(asdict(plan), ensure_ascii=False))
            fastforward.move(plan)
            lines = _finish(plan)
        except (OSError, subprocess.SubprocessError, KeyboardInterrupt) as error:
            _undo(plan, str(error) or "it was stopped")
    return [*told, *lines]


def _undo(plan: Plan, reason: str) -> None:
    try:
        fastforward.put_back(plan)
        _journal().unlink(missing_ok=True)
    except (OSError, subprocess.SubprocessError) as error:
        raise TutorProblem(
            f"The update did not work ({reason}), and putting everything back did not work either ({error}). "
            f"Your files are safe in {plan.backup}. Free some disk space, then run `python3 -m mi_tutor update` again."
        ) from error
    raise TutorProblem(
        f"The update did not work ({reason}). Everything was put back as it was; "
        f"your answers are in their files, and copies of them in {plan.backup}."
    )


def finish_interrupted() -> list[str]:
    """Finish an update that was killed, or put everything back; nothing where none was."""
    if not _journal().exists():
        return []
    with exercise_file.alone():
        try:
            plan = Plan(**json.loads(_journal().read_text("utf-8")))
        except FileNotFoundError:
            return []  # another program has just done it
        try:
            fastforward.wait_for_git()
            now = git.said("rev-parse", "HEAD")
            if now == plan.new:
                return ["An update was interrupted; it is finished now.", *_finish(plan)]
            if now == plan.old:
                fastforward.put_back(plan)
                told = "everything is as it was before. `python3 -m mi_tutor update` starts it again."
            else:
                told = f"git has moved on since. Copies of your files from before are in {plan.backup}."
            _journal().unlink()
            return [f"An update was interrupted; {told}"]
        except (OSError, subprocess.SubprocessError) as error:
            raise TutorProblem(
                f"An update was interrupted and could not be finished ({error}). Your files are safe in {plan.backup}. "
                f"Free some disk space or close other programs that use git here, then run this again."
            ) from error


def _refuse_where_impossible() -> None:
    if not git.here():
        raise TutorProblem(
            "This copy of the course is not a git clone (or git is not installed), so it cannot be updated in place. "
            "Nothing was changed. Get the newer course as a new folder; `python3 -m mi_tutor save` here and "
            "`python3 -m mi_tutor load` there carry your work into it."
        )
    what = git.unfinished()
    if what or git.names("diff", "--name-only", "--diff-filter=U"):
        raise TutorProblem(
            f"git is in the middle of a {what or 'merge'} here. Nothing was changed. `python3 -m mi_tutor mend` puts "
            f"your functions back where git left conflict marks; finish the {what or 'merge'}, then update."
        )
    if git.run("symbolic-ref", "-q", "HEAD").returncode:
        raise TutorProblem(
            "git stands on a single commit here, not on a branch. Nothing was changed. "
            "`git switch main` goes back to the course's branch; then update."
        )
    if not git.run("remote").stdout.strip():
        raise TutorProblem(
            "This clone does not know where the course comes from (it has no git remote). Nothing was changed. "
            "`git remote add origin ADDRESS` tells it; then `git fetch` and `git branch --set-upstream-to=origin/main`."
        )
    if git.run("rev-parse", "-q", "--verify", "@{upstream}").returncode:
        branch = git.said("symbolic-ref", "--short", "HEAD")
        raise TutorProblem(
            f"Your branch {branch} follows no branch of the course. Nothing was changed. "
            f"`git branch --set-upstream-to=origin/main` makes it follow the course's; then update."
        )


def _fetch() -> tuple[str, str]:
    """Fetch; the commits before and after."""
    try:
        done = git.run("fetch", "--quiet", seconds=git.NETWORK_SECONDS)
        reason = (done.stderr.strip().splitlines() or ["no answer"])[0] if done.returncode else None
    except subprocess.TimeoutExpired:
        reason = f"no answer within {git.NETWORK_SECONDS} seconds"
    if reason:
        raise TutorProblem(
            f"The newer course could not be fetched ({reason.removeprefix('fatal: ')}). Nothing was changed. "
            f"Look at your network connection, then run `python3 -m mi_tutor update` again."
        )
    return git.said("rev-parse", "HEAD"), git.said("rev-parse", "@{upstream}")


def _plan(old: str, new: str) -> Plan:
    changed = set(git.names("diff", "--name-only", "--no-renames", "HEAD"))
    incoming = set(git.names("diff", "--name-only", "--no-renames", old, new))
    tracked = set(git.names("ls-tree", "-r", "--name-only", old))
    in_the_way = {path for path in incoming - tracked if os.path.lexists(place.root() / path)}
    stamp = datetime.now().strftime("%Y%m%d-%H%M%S")
    plan = Plan(
        old, new, f".mi_tutor/backup/{stamp}",
        touched=sorted((changed & incoming) | in_the_way),
        added=sorted(incoming - tracked),
        replaced=sorted(incoming & tracked),
    )  # fmt: skip
    count = git.said("rev-list", "--count", f"{old}..{new}")
    plan.lines.append(f"The course was updated ({count} change{'s' if count != '1' else ''}).")
    for path in plan.touched:
        mine = place.root() / path
        if not mine.is_file():
            continue  # deleted by the learner: it comes back
        course = git.content(new, path)
        if path.startswith("mi_tutor/exercises/") and course is not None and path in tracked:
            _plan_exercises(plan, path, mine.read_bytes(), git.content(old, path), course)
        elif path.endswith(".ipynb") and course is not None:
            _plan_notebook(plan, path, mine.read_bytes(), git.content(old, path))
        elif course is None:
            plan.lines.append(f"{path}: the course no longer has this file; yours is kept as {plan.backup}/{path}.")
        else:
            plan.lines.append(f"{path}: the course's version is in place; yours is kept as {plan.backup}/{path}.")
    if LOCK_FILE in incoming:
        plan.lines.append("The course's packages changed too; the next command brings them in.")
    plan.lines.append("Reload open notebooks from disk and restart their kernels.")
    return plan


def _plan_exercises(plan: Plan, path: str, mine: bytes, base: bytes, new: bytes) -> None:
    chapter = Path(path).stem
    try:
        text = syntax.decoded(mine)
        syntax.parse(text, path)
        outcome = transplant.transplant(text, syntax.decoded(base), syntax.decoded(new))
    except (CellProblem, UnicodeDecodeError) as problem:
        raise TutorProblem(f"{problem} Then run `python3 -m mi_tutor update` again; it changed nothing.") from None
    plan.texts[path] = outcome.text
    if outcome.kept:
        along = f" (with {', '.join(outcome.companions)})" if outcome.companions else ""
        plan.lines.append(f"{path}: your {_listed(outcome.kept)}{along} went into the new file.")
    for name in outcome.other_signature:
        plan.lines.append(
            f"{path}: the course calls {name} with other parameters now, so its new stub is in the file. "
            f"Your version is kept; `python3 -m mi_tutor undo {chapter}.{name}` brings it back."
        )
    for name in outcome.gone:
        plan.lines.append(f"{path}: the course no longer has {name}; your version is kept in {plan.backup}/{path}.")
    if outcome.set_aside:
        plan.lines.append(f"{path}: not taken over, but kept in {plan.backup}/{path}: {', '.join(outcome.set_aside)}.")


def _plan_notebook(plan: Plan, path: str, mine: bytes, base: bytes | None) -> None:
    if base is not None and salvage.cells_of(mine) == salvage.cells_of(base) is not None:
        plan.lines.append(f"{path}: the new version is in place. Your copy held only outputs of your own; "
                          f"it is kept as {plan.backup}/{path}.")  # fmt: skip
        return
    plan.beside.append(path)


def _back_up(plan: Plan) -> None:
    folder, number = place.root() / plan.backup, 2
    while folder.exists():
        folder = place.root() / f"{plan.backup}-{number}"
        number += 1
    before, plan.backup = plan.backup, str(folder.relative_to(place.root()))
    plan.lines = [line.replace(before, plan.backup) for line in plan.lines]
    changed = git.names("diff", "--name-only", "--no-renames", "HEAD")
    for path in {*changed, *plan.touched}:
        fastforward.copy(place.root() / path, folder / path)


def _finish(plan: Plan) -> list[str]:
    """After the fast-forward: write the answers into the new files; may be repeated."""
    lines = list(plan.lines)
    for path, text in plan.texts.items():
        target = place.root() / path
        now = target.read_bytes() if target.exists() else b""
        if now not in (text.encode(), git.content(plan.new, path)) and now:
            kept = history.keep_bytes(target.stem, now, ".py")
            lines.append(f"{path} was edited meanwhile; that version is kept as {kept.relative_to(place.root())}.")
        write_atomically(target, text)
        history.keep_last_good(target.stem, text)
    for path in plan.beside:
        beside = fastforward.put_beside(place.root() / plan.backup / path, place.root() / path)
        name = beside.relative_to(place.root())
        lines.insert(-1, f"{path}: the new version is in place; yours is beside it as {name}.")
    answers.forget()
    _journal().unlink(missing_ok=True)
    return lines


def _journal() -> Path:
    return place.state() / "update.json"


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
