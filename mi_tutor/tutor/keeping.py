"""Work kept outside of this machine while it is done: `%keep` in a notebook.

Colab throws its disk away. `%keep` brings back what an earlier visit kept, and from then on each cell that changes the
work is followed by a save to one file (`parcel.py`). A restarted kernel goes on with it.
"""

import sys
from collections.abc import Callable
from pathlib import Path

from mi_tutor.tutor import catalogue, parcel, workspace
from mi_tutor.tutor.problems import HoldsOtherWork, NothingToSave, TutorProblem
from mi_tutor.tutor.progress import write_atomically

DRIVE = Path("/content/drive")  # where Colab shows a Google Drive
_keeper: "Keeper | None" = None


class Keeper:
    """Saves the work to `path` when it has changed; called after each cell."""

    def __init__(self, path: Path, say: Callable[[str], None]):
        self.path, self.say = path, say
        self.saved: tuple = ()
        self.said = ""

    def __call__(self, *_) -> None:
        try:
            self.save()
        except TutorProblem as problem:
            if str(problem) != self.said:  # once, not after every cell
                self.say(f"Your work was not kept. {problem}")
            self.said = str(problem)

    def save(self) -> None:
        """Save if anything changed. What another notebook kept in the meantime is brought in first."""
        now = _state_of_the_work()
        if now == self.saved:
            return
        try:
            parcel.save(self.path)
        except NothingToSave:
            return
        except HoldsOtherWork:
            parcel.load(self.path)
            parcel.save(self.path)
        self.saved, self.said = _state_of_the_work(), ""


def keep(shell, folder: str, say: Callable[[str], None]) -> list[str]:
    """Keep the work in `folder` from now on; what was done, line by line.

    Args:
        folder: on Colab it may be empty, and then it is the learner's Google Drive.
        say: shows a sentence when a later save does not work.

    Raises:
        TutorProblem: there is no such folder, or what was kept there cannot be brought in.
    """
    place = Path(folder).expanduser().resolve() if folder else _drive()
    if not place.is_dir():
        raise TutorProblem(f"{place} is not a folder. Nothing was changed; make it first, or name another one.")
    path = place / parcel.DEFAULT_NAME
    lines = parcel.load(path) if path.exists() else []
    keeper = _follow(shell, path, say)
    keeper.save()
    write_atomically(_note(), str(path).encode("utf-8"))
    return [*lines, f"Your work is kept in {path} from now on. Run `%keep` again when you come back to a new machine."]


def go_on(shell, say: Callable[[str], None]) -> None:
    """After a restart of the kernel: keep the work where it was kept before."""
    try:
        path = Path(_note().read_text("utf-8"))
    except OSError:
        return
    if path.parent.is_dir():
        _follow(shell, path, say)
    else:
        say(f"Your work was kept in {path.parent}, which is not here now. `%keep` connects it again.")


def _follow(shell, path: Path, say: Callable[[str], None]) -> Keeper:
    global _keeper
    if _keeper is not None:
        shell.events.unregister("post_run_cell", _keeper)
    _keeper = Keeper(path, say)
    shell.events.register("post_run_cell", _keeper)
    return _keeper


def _drive() -> Path:
    if "google.colab" not in sys.modules:
        raise TutorProblem("Name the folder that your work shall be kept in, as in `%keep ~/Dropbox`.")
    from google.colab import drive

    drive.mount(str(DRIVE))
    return DRIVE / "MyDrive"


def _note() -> Path:
    return workspace.state() / "kept_in.txt"


def _state_of_the_work() -> tuple:
    """Changes when an answer or the progress was written; every saved cell writes one of them."""
    files = [workspace.exercises_file(chapter.name) for chapter in catalogue.written_chapters()]
    found = []
    for file in [*files, workspace.state() / "progress.json"]:
        try:
            stat = file.stat()
        except OSError:
            continue
        found.append((str(file), stat.st_mtime_ns, stat.st_size))
    return tuple(found)
