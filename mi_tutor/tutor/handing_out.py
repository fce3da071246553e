"""A workspace from the installed wheel: `mi-tutor new DIR`, and where `update` gets a newer course for it.

A workspace is what a clone is. Where git is installed it is a clone in earnest, of a small repository of its own in
`.mi_tutor/course.git`; each newer wheel becomes one more commit there. So `update` has one way to bring in a newer
course, with all that it does for the learner's work.
"""

import importlib.metadata
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from mi_tutor.tutor import git, workspace
from mi_tutor.tutor.problems import TutorProblem

UPSTREAM = Path(".mi_tutor") / "course.git"
BRANCH = "main"
BY = {f"GIT_{who}_{what}": value
      for who in ("AUTHOR", "COMMITTER")
      for what, value in (("NAME", "mi_tutor"), ("EMAIL", "course@mi-tutor.invalid"))}  # fmt: skip


def new(folder: Path) -> list[str]:
    """Make a workspace in `folder`; what was done, line by line.

    Raises:
        TutorProblem: this is not an installed wheel, the folder holds something, or it cannot be written.
    """
    package = workspace.PACKAGE
    if not (package / "course").is_dir():
        raise TutorProblem(
            f"You have the course already, in {workspace.root()}: work there. `git clone` makes another copy of it."
        )
    folder = Path(os.path.abspath(folder))
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise TutorProblem(f"{folder} exists and is not empty. Nothing was changed; choose another name.")
    unfinished = None
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        unfinished = Path(tempfile.mkdtemp(dir=folder.parent, prefix=f".{folder.name}."))
        lay_out(package, unfinished)
        in_git = _make_clone(unfinished)
        if folder.exists():
            folder.rmdir()
        unfinished.chmod(0o755)
        os.replace(unfinished, folder)
    except OSError as error:
        raise TutorProblem(f"{folder} could not be made ({error.strerror or error}). Nothing was changed.") from error
    finally:
        if unfinished is not None:
            shutil.rmtree(unfinished, ignore_errors=True)
    lines = [
        f"The course is in {folder}.",
        f"Go there with `cd {folder}`, then `mi-tutor learn` opens the first chapter.",
    ]
    if not in_git:
        lines.append(
            "git is not installed, so `update` will not work there; `save` and `load` carry your work instead."
        )
    return lines


def lay_out(package: Path, folder: Path) -> None:
    """Write the course of an installed package into an empty folder, laid out as the project is."""
    for source, path in _files(package):
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target)
        if path.parts[0] == ".ci" or path.name == "postBuild":
            target.chmod(0o755)


def publish_newer() -> None:
    """Before an update: put the installed course into the repository that this workspace was cloned from.

    Nothing happens in a clone of another repository, or when no newer wheel is installed.
    """
    repository = workspace.root() / UPSTREAM
    package = _installed()
    if not repository.is_dir() or package is None:
        return
    version = importlib.metadata.version("mi-tutor")
    last = _git(repository, "log", "-1", "--format=%s", BRANCH)
    if _order(version) < _order(last):
        return
    with tempfile.TemporaryDirectory(prefix="mi_tutor_") as scratch:
        laid_out = Path(scratch) / "course"
        lay_out(package, laid_out)
        _commit(repository, laid_out, version, Path(scratch) / "index")


def _files(package: Path) -> Iterator[tuple[Path, Path]]:
    """(where a file is installed, where it belongs in a workspace)."""
    for path in sorted((package / "course").rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts:
            yield path, path.relative_to(package / "course")
    for path in sorted(package.rglob("*")):
        inside = path.relative_to(package)
        if not path.is_file() or "__pycache__" in inside.parts or inside.parts[0] == "course":
            continue
        # Somebody may have worked in the installed exercises; the stubs are the same files, untouched.
        stub = package / "tutor" / "stubs" / inside.name
        is_module = inside.parts[0] == "exercises" and inside.name != "__init__.py" and stub.exists()
        yield stub if is_module else path, Path("mi_tutor") / inside


def _installed() -> Path | None:
    """The package of the installed wheel; None where there is none (a clone, an editable install)."""
    try:
        package = Path(importlib.metadata.distribution("mi-tutor").locate_file("mi_tutor"))
    except importlib.metadata.PackageNotFoundError:
        return None
    return package if (package / "course").is_dir() else None


def _make_clone(folder: Path) -> bool:
    """Make the workspace a clone of a repository inside it; False where git is not installed."""
    if shutil.which("git") is None:
        return False
    repository = folder / UPSTREAM
    repository.mkdir(parents=True)
    _git(repository, "init", "-q", "--bare", "-b", BRANCH)
    _commit(repository, folder, importlib.metadata.version("mi-tutor"), repository / "index")
    here = folder / ".git"
    _git(here, "init", "-q", "-b", BRANCH, folder, bare=False)
    _git(here, "config", "remote.origin.url", UPSTREAM.as_posix())
    _git(here, "config", "remote.origin.fetch", "+refs/heads/*:refs/remotes/origin/*")
    _git(here, "config", f"branch.{BRANCH}.remote", "origin")
    _git(here, "config", f"branch.{BRANCH}.merge", f"refs/heads/{BRANCH}")
    _git(here, "fetch", "-q", "origin", tree=folder)
    _git(here, "reset", "-q", f"origin/{BRANCH}", tree=folder)
    return True


def _commit(repository: Path, laid_out: Path, version: str, index: Path) -> None:
    """One more commit of the course, unless nothing changed."""
    more = {"GIT_INDEX_FILE": str(index)}
    _git(repository, "add", "-A", ".", tree=laid_out, **more)
    tree = _git(repository, "write-tree", tree=laid_out, **more)
    index.unlink(missing_ok=True)
    parents = _git(repository, "for-each-ref", "--format=%(objectname) %(tree)", f"refs/heads/{BRANCH}").split()
    if parents and parents[1] == tree:
        return
    commit = _git(repository, "commit-tree", tree, "-m", version, *(["-p", parents[0]] if parents else []), **BY)
    _git(repository, "update-ref", f"refs/heads/{BRANCH}", commit, *parents[:1])


def _git(repository: Path, *arguments, tree: Path | None = None, bare: bool = True, **variables: str) -> str:
    """What git says in one of the two repositories of a workspace."""
    where = [f"--git-dir={repository}"] if bare else []
    where += [f"--work-tree={tree}"] if tree else []
    # A workspace is equal to the wheel byte for byte, on Windows too.
    config = {"GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "core.autocrlf", "GIT_CONFIG_VALUE_0": "false"}
    return git.said(*where, *map(str, arguments), folder=tree or repository.parent, **config, **variables)


def _order(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", version))
