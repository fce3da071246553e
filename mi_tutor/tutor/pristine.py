"""The course as it was handed out, beside a learner's work: stubs without answers, notebooks as they were committed."""

import shutil
import subprocess
from pathlib import Path

from mi_tutor.tutor import catalogue, workspace
from mi_tutor.tutor.problems import TutorProblem


def changed() -> list[Path]:
    """The exercise modules and notebooks that are no longer what the course handed out."""
    found = []
    for chapter in catalogue.written_chapters():
        mine, stub = workspace.exercises_file(chapter.name), workspace.stub_file(chapter.name)
        if mine.exists() and stub.exists() and mine.read_bytes() != stub.read_bytes():
            found.append(mine)
        path = workspace.notebook_file(chapter.number, chapter.name)
        if (
            path.exists()
            and not follows_from_source(path, chapter)
            and committed(path) not in (None, path.read_bytes())
        ):
            found.append(path)
    return found


def follows_from_source(path: Path, chapter) -> bool:
    """Whether the code and text of a notebook are what `author build` makes of the chapter's source."""
    import nbformat

    from mi_tutor.tutor.author import notebooks

    try:
        have = nbformat.read(path, as_version=4)
        want = notebooks.assemble(chapter)
    except (TutorProblem, OSError, ValueError):
        return False
    return [(c.cell_type, c.source) for c in have.cells] == [(c.cell_type, c.source) for c in want.cells]


def notebook(path: Path, chapter) -> bytes:
    """The course's version of a notebook: the file, or what was committed when the file was worked in."""
    if follows_from_source(path, chapter):
        return path.read_bytes()
    handed_out = committed(path)
    return path.read_bytes() if handed_out is None else handed_out


def copy_to(folder: Path) -> list[str]:
    """Make a workspace in `folder` that holds the course without the learner's work; returns what to tell."""
    root = workspace.root()
    for part in ("solutions", "tests/exercises", "chapters/source"):
        if (root / part).is_dir():
            shutil.copytree(root / part, folder / part, ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "mi_tutor" / "exercises").mkdir(parents=True)
    for chapter in catalogue.written_chapters():
        stub = workspace.stub_file(chapter.name)
        if stub.exists():
            (folder / "mi_tutor" / "exercises" / f"{chapter.name}.py").write_bytes(stub.read_bytes())
        path = workspace.notebook_file(chapter.number, chapter.name)
        if path.exists():
            (folder / "chapters" / path.name).write_bytes(notebook(path, chapter))
    names = ", ".join(path.name for path in changed())
    return [f"You worked in {names}; proved is the course as it was handed out, in a copy."]


def committed(path: Path) -> bytes | None:
    """A file as it stands in the last commit; None where git cannot tell."""
    try:
        done = subprocess.run(["git", "show", f"HEAD:./{path.name}"], cwd=path.parent, capture_output=True)
    except OSError:
        return None
    return done.stdout if done.returncode == 0 else None
