"""Asking git about the folder of the course. Never prompts, never waits for a password."""

import os
import shutil
import subprocess
from pathlib import Path

from mi_tutor.tutor import workspace

NETWORK_SECONDS = 120


def here() -> bool:
    """Whether git is installed and the course's folder is the top of a clone."""
    if shutil.which("git") is None or not (workspace.root() / ".git").exists():
        return False
    top = run("rev-parse", "--show-toplevel")
    return top.returncode == 0 and Path(top.stdout.strip()).resolve() == workspace.root().resolve()


def run(
    *arguments: str, seconds: float | None = None, folder: Path | None = None, **variables: str
) -> subprocess.CompletedProcess:
    """Run git in the course's folder or another one; look at `returncode`. Output is text."""
    done = _run(arguments, seconds, folder, variables)
    return subprocess.CompletedProcess(
        done.args, done.returncode, done.stdout.decode("utf-8", "replace"), done.stderr.decode("utf-8", "replace")
    )


def said(*arguments: str, folder: Path | None = None, **variables: str) -> str:
    """The output of a git command that must work; raises OSError with git's own words where it does not."""
    done = run(*arguments, folder=folder, **variables)
    if done.returncode:
        command = next(argument for argument in arguments if not argument.startswith("-"))
        raise OSError(f"git {command}: {(done.stderr or done.stdout).strip()[:300]}")
    return done.stdout.strip()


def names(*arguments: str) -> list[str]:
    """The paths that a git command prints with `-z`."""
    return [name for name in said(*arguments, "-z").split("\0") if name]


def content(revision: str, path: str) -> bytes | None:
    """A file's bytes in a commit (`HEAD`, a hash) or at a stage of a conflict (`:1`); None when it is not there."""
    done = _run(("cat-file", "blob", f"{revision}:{path}"))
    return done.stdout if done.returncode == 0 else None


def unfinished() -> str | None:
    """What a person is in the middle of (`merge`, `rebase`, ...); None when nothing is under way."""
    places = {
        "MERGE_HEAD": "merge",
        "rebase-merge": "rebase",
        "rebase-apply": "rebase",
        "CHERRY_PICK_HEAD": "cherry-pick",
        "REVERT_HEAD": "revert",
    }
    for name, what in places.items():
        if (workspace.root() / said("rev-parse", "--git-path", name)).exists():
            return what
    return None


def _run(
    arguments, seconds: float | None = None, folder: Path | None = None, variables: dict[str, str] | None = None
) -> subprocess.CompletedProcess:
    environment = {
        **os.environ,
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_ASKPASS": "true",
        "SSH_ASKPASS": "true",
        "LC_ALL": "C",
        "GIT_OPTIONAL_LOCKS": "0",  # a git that only looks takes no lock, which a kill would leave behind
    }
    environment.setdefault("GIT_SSH_COMMAND", "ssh -o BatchMode=yes -o ConnectTimeout=20")
    for name in ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"):
        environment.pop(name, None)
    return subprocess.run(
        ["git", "-c", "core.quotePath=false", *arguments],
        cwd=folder or workspace.root(),
        env=environment | (variables or {}),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=seconds,
    )
