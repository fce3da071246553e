"""The steps of an update that move files: to the newer commit, or all the way back."""

import os
import shutil
import time
from pathlib import Path

from mi_tutor.tutor import git, history, salvage, workspace

GIT_SECONDS = 5  # how long a git that outlived a killed update may still take


def move(plan) -> None:
    """Put the course's own versions in place of the touched files and fast-forward. Raises OSError."""
    if git.names("diff", "--cached", "--name-only"):
        _clear_index(plan.old)
    added = set(plan.added)
    for path in plan.touched:
        if path in added:
            _remove(workspace.root() / path)
    _check_out(plan.old, [path for path in plan.touched if path not in added])
    git.said("merge", "--quiet", "--ff-only", plan.new)


def put_back(plan) -> None:
    """From wherever the update stopped back to the commit before it, with the learner's files."""
    wait_for_git()
    _keep_meanwhile(plan)
    if git.said("rev-parse", "HEAD") != plan.old:
        git.said("reset", "-q", "--soft", plan.old)
    _clear_index(plan.old)
    for path in plan.added:
        _remove(workspace.root() / path)
    _check_out(plan.old, plan.replaced)
    for path in plan.touched:
        copy(workspace.root() / plan.backup / path, workspace.root() / path)


def wait_for_git() -> None:
    """Let a git that is still running end, then remove the locks that a killed one left."""
    folder = workspace.root() / git.said("rev-parse", "--git-dir")
    branch = git.run("symbolic-ref", "-q", "HEAD").stdout.strip() or "HEAD"
    locks = [folder / f"{name}.lock" for name in ("index", "HEAD", "ORIG_HEAD", "FETCH_HEAD", branch)]
    end = time.monotonic() + GIT_SECONDS
    while any(lock.exists() for lock in locks) and time.monotonic() < end:
        time.sleep(0.1)
    for lock in locks:
        lock.unlink(missing_ok=True)


def copy(source: Path, target: Path) -> None:
    """Copy a file so that `target` is whole or absent. A source that does not exist is left out."""
    if not source.is_file():
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    unfinished = target.with_name(f".{target.name}.unfinished")
    shutil.copy2(source, unfinished)
    os.replace(unfinished, target)


def put_beside(source: Path, notebook: Path) -> Path:
    """The learner's notebook under a free name beside the course's; once, however often this is called."""
    data = source.read_bytes()
    for earlier in notebook.parent.glob(f"{notebook.stem}.mine*{notebook.suffix}"):
        if earlier.read_bytes() == data:
            return earlier
    target = salvage.beside(notebook)
    copy(source, target)
    return target


def _keep_meanwhile(plan) -> None:
    """What somebody saved between a kill and now is in neither commit nor backup: keep it."""
    for path in plan.touched:
        now, backup = workspace.root() / path, workspace.root() / plan.backup / path
        if not now.is_file() or not backup.is_file():
            continue
        data = now.read_bytes()
        if data not in (backup.read_bytes(), git.content(plan.old, path), git.content(plan.new, path)):
            history.keep_bytes(now.stem, data, now.suffix)


def _clear_index(commit: str) -> None:
    # Not `git reset`: that also writes the branch, and may fail for the same reason as the step before.
    git.said("read-tree", commit)
    git.run("update-index", "-q", "--refresh")


def _check_out(commit: str, paths: list[str]) -> None:
    for start in range(0, len(paths), 100):
        git.said("checkout", "-q", commit, "--", *paths[start : start + 100])


def _remove(path: Path) -> None:
    if path.is_file() or path.is_symlink():
        path.unlink()
