"""What the learner has done: `.mi_tutor/progress.json`, written atomically under a lock.

Two kernels may write at once: every change reads the file again under the lock, so none is lost. A damaged file is
set aside under a name of its own; the last good version takes its place and `needs_recheck` says that results
should be worked out again from the learner's code.
"""

import json
import os
import tempfile
import time
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from mi_tutor.tutor import workspace
from mi_tutor.tutor.problems import TutorProblem

UNTOUCHED = {"status": "not_attempted", "hints": 0, "skipped": False, "revealed": False}
FRESH = {"version": 1, "exercises": {}, "guesses": {}, "last": None}
LEFTOVER_SECONDS = 60
LOCK_SECONDS = 20
_DAMAGE = (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError)
_seen: tuple | None = None  # mtime, size, inode and path of the file last parsed
_parsed: dict = {}


def _file() -> Path:
    return workspace.state() / "progress.json"


def load() -> dict:
    """The progress as a dictionary. Treat it as read-only; use `change` to write."""
    global _seen, _parsed
    try:
        stat = _file().stat()
    except OSError:
        return json.loads(json.dumps(FRESH)) if not _previous().exists() else _read()
    now = (stat.st_mtime_ns, stat.st_size, stat.st_ino, str(_file()))
    if _seen != now:
        _parsed, _seen = _read(), now
    return _parsed


@contextmanager
def change():
    """`with change() as record:` edits the progress; saved when the block ends without an error."""
    with _locked():
        record = _read()
        yield record
        _write(record)


def entry(record: dict, name: str) -> dict:
    """The entry of one exercise, made when it is missing."""
    return record["exercises"].setdefault(
        name, {"status": "not_attempted", "hints": 0, "skipped": False, "revealed": False}
    )


def of(name: str) -> dict:
    """A copy of one exercise's entry."""
    return dict(
        load()["exercises"].get(name, {"status": "not_attempted", "hints": 0, "skipped": False, "revealed": False})
    )


def is_skipped(name: str) -> bool:
    return bool(load()["exercises"].get(name, {}).get("skipped"))


def update(name: str, **fields) -> dict:
    """Set fields of one exercise's entry and return it."""
    with change() as record:
        item = entry(record, name)
        item.update(fields)
        record["last"] = name
        return dict(item)


def record_result(name: str, status: str) -> None:
    """Note the outcome of a check. A pass keeps the date of the first one."""
    with change() as record:
        item = entry(record, name)
        item["status"] = status
        item["tries"] = item.get("tries", 0) + 1
        if status == "passed":
            item.setdefault("passed_at", datetime.now(UTC).isoformat(timespec="seconds"))
            item["skipped"] = False
        record["last"] = name


def store_guess(key: str, choice: str) -> None:
    with change() as record:
        record["guesses"][key] = choice


def needs_recheck() -> bool:
    return bool(load().get("recheck"))


def _previous() -> Path:
    return _file().with_name("progress.previous.json")


def _read() -> dict:
    path = _file()
    try:
        return _parse(path)
    except FileNotFoundError:
        if not _previous().exists():
            return json.loads(json.dumps(FRESH))
    except _DAMAGE:
        _set_aside(path)
    try:
        record = _parse(_previous())
    except _DAMAGE:
        record = json.loads(json.dumps(FRESH))
    record["recheck"] = True
    return record


def _parse(path: Path) -> dict:
    """The record in a file; raises one of `_DAMAGE` where any part is not what this program writes."""
    record = {**json.loads(json.dumps(FRESH)), **json.loads(path.read_text("utf-8"))}
    kinds = {"status": str, "hints": int, "skipped": bool, "revealed": bool, "tries": int}
    sound = isinstance(record["guesses"], dict) and isinstance(record["last"], str | None)
    for item in record["exercises"].values():
        sound = sound and all(isinstance(item[key], kind) for key, kind in kinds.items() if key in item)
        sound = sound and "status" in item
    if not sound:
        raise ValueError("not a progress file")
    return record


def _set_aside(path: Path) -> None:
    stamp = datetime.now(UTC).strftime("%Y%m%d-%H%M%S-%f")
    try:
        os.replace(path, path.with_name(f"progress.damaged-{stamp}.json"))
    except OSError:
        return


def _write(record: dict) -> None:
    path = _file()
    try:
        if path.exists():
            os.replace(_copy(path), _previous())
        write_atomically(path, json.dumps(record, indent=1, ensure_ascii=False, sort_keys=True))
    except OSError as error:
        raise TutorProblem(
            f"Your progress could not be written to {path.parent} ({error.strerror}). Your code is safe; "
            f"free some disk space or make the folder writable, then check again."
        ) from error


def _copy(path: Path) -> Path:
    copy = path.with_name(f".{path.name}.{os.getpid()}.copy")
    copy.write_bytes(path.read_bytes())
    return copy


def write_atomically(path: Path, content: str | bytes) -> None:
    """Write text or bytes so that a reader, or a crash, sees the old file or the new one and nothing between."""
    path.parent.mkdir(parents=True, exist_ok=True)
    _sweep(path)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content.encode("utf-8") if isinstance(content, str) else content)
            file.flush()
            os.fsync(file.fileno())
        if path.exists():
            os.chmod(temporary, path.stat().st_mode)
        else:
            os.chmod(temporary, 0o644)
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def _sweep(path: Path) -> None:
    """Remove what a program that was killed in the middle of writing `path` left behind."""
    for leftover in path.parent.glob(f".{path.name}.*"):
        with suppress(OSError):
            if time.time() - leftover.stat().st_mtime > LEFTOVER_SECONDS:
                leftover.unlink()


@contextmanager
def _locked():
    from filelock import FileLock, Timeout

    try:
        workspace.state().mkdir(parents=True, exist_ok=True)
        lock = FileLock(workspace.state() / "lock", timeout=LOCK_SECONDS)
        with lock:
            yield
    except Timeout:
        raise TutorProblem(
            f"Another program has held {workspace.state() / 'lock'} for {LOCK_SECONDS} seconds. "
            f"Close other notebooks, then try again."
        ) from None
    except OSError as error:
        raise TutorProblem(
            f"Your progress could not be written to {workspace.state()} ({error.strerror or error}). "
            f"Your code is safe; free some disk space or make the folder writable, then try again."
        ) from error
