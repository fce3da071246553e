"""Earlier versions of the learner's work, in `.mi_tutor/history/`. Nothing here is ever overwritten or deleted.

`<chapter.function>/NNNN.py` are the versions of one exercise. `<chapter>/whole-NNNN.py` are files that could not be
read, byte for byte. Only `<chapter>/last_good.txt`, the module as it was when its checks last ran, is renewed.
"""

import os
from pathlib import Path

from mi_tutor.tutor import workspace
from mi_tutor.tutor.progress import write_atomically


def texts(name: str) -> list[str]:
    """The kept versions of an exercise, oldest first; a damaged one is read as far as it can be."""
    return [_read(path).strip() for path in _numbered(_folder(name), "")]


def add(name: str, text: str) -> None:
    """Keep `text` as the newest version of an exercise."""
    write_atomically(_next(_folder(name), ""), text.strip("\n") + "\n")


def keep_last_good(chapter: str, text: str) -> None:
    path = _folder(chapter) / "last_good.txt"
    if not path.exists() or _read(path) != text:
        write_atomically(path, text)


def last_good(chapter: str) -> str | None:
    """The chapter's module, with helpers and imports, as it was when its checks last ran."""
    path = _folder(chapter) / "last_good.txt"
    return _read(path) if path.exists() else None


def keep_whole_file(chapter: str) -> Path | None:
    """Keep the file of a chapter byte for byte, whatever is in it; returns where (None when there is no file)."""
    try:
        data = workspace.exercises_file(chapter).read_bytes()
    except FileNotFoundError:
        return None
    return keep_bytes(chapter, data, ".py")


def keep_bytes(folder_name: str, data: bytes, ending: str) -> Path:
    """Keep `data` under the next free number, unless the newest kept file holds just that."""
    folder = _folder(folder_name)
    kept = _numbered(folder, "whole-", ending)
    if kept and kept[-1].read_bytes() == data:
        return kept[-1]
    folder.mkdir(parents=True, exist_ok=True)
    target = _next(folder, "whole-", ending)
    unfinished = target.with_suffix(".unfinished")
    unfinished.write_bytes(data)
    os.replace(unfinished, target)
    return target


def _folder(name: str) -> Path:
    return workspace.state() / "history" / name


def _numbered(folder: Path, prefix: str, ending: str = ".py") -> list[Path]:
    return sorted(folder.glob(f"{prefix}[0-9]*{ending}")) if folder.is_dir() else []


def _next(folder: Path, prefix: str, ending: str = ".py") -> Path:
    before = _numbered(folder, prefix, ending)
    number = int(before[-1].name.removeprefix(prefix).removesuffix(ending)) + 1 if before else 0
    return folder / f"{prefix}{number:04d}{ending}"


def _read(path: Path) -> str:
    return path.read_bytes().decode("utf-8", errors="replace")
