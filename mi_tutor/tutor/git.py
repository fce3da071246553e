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


def run(*arguments: str, seconds: float | None = None) -> subprocess.CompletedProcess:
    """Run git in the course's folder; look at `returncode`. Output is text."""
    done = _run(arguments, seconds)
    return subprocess.CompletedProcess(
        done.args, done.returncode, done.stdout.decode("utf-8", "replace"), done.stderr.decode("utf-8", "replace")
    )


def said(*arguments: str) -> str:
    """The output of a git command that must work; raises OSError with git's own words where it does not."""
    done = run(*arguments)
    if done.returncode:
        raise OSError(f"git {arguments[0]}: {(done.stderr or done.stdout).strip()[:300]}")
    return done.stdout.strip()


def names(*arguments: str) -> list[str]:
    """The paths that a git command prints with `-z`."""
    return [name for name in said(*arguments, "-z").split("\0") if name]


def content(revision: str, path: str) -> bytes | None:
    """A file's bytes in a commit (`HEAD`, a hash) or at a stage of a conflict (`:1`); None when it is not there."""
    done = _run(("cat-file", "blob", f"{revision}:{path}"), None)
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


def _run(arguments, seconds: float | None) -> subprocess.CompletedProcess:
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
        cwd=workspace.root(),
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=seconds,
    )
