"""A lock between processes that the operating system releases when its holder dies, kill -9 included."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from mi_tutor.bootstrap.problem import Problem, from_os_error

PATIENCE = 20 * 60  # seconds


@contextmanager
def one_at_a_time(path: Path, doing: str, patience: float = PATIENCE) -> Iterator[list[int]]:
    """Hold the lock file `path`; yields the descriptors to hand to child processes.

    A child that inherits the descriptor keeps the lock: if we are killed while pip still writes, the next run waits
    for that pip instead of working beside it.

    Raises:
        Problem: the file cannot be made, or another process kept the lock longer than `patience` seconds.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as error:
        raise from_os_error(error, path.parent) from error
    try:
        _wait(descriptor, doing, patience)
        yield [descriptor]
    finally:
        os.close(descriptor)


def _wait(descriptor: int, doing: str, patience: float) -> None:
    deadline = time.monotonic() + patience
    told = False
    while not _try(descriptor):
        if not told:
            print(f"Another process is {doing}; waiting for it to finish.", flush=True)
            told = True
        if time.monotonic() > deadline:
            raise Problem(f"Another process has been {doing} for too long: stop it and run the command again.")
        time.sleep(0.2)


def _try(descriptor: int) -> bool:
    """Take the lock if it is free. Where the file system knows no locks, go on without."""
    try:
        if os.name == "nt":
            import msvcrt

            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):
        return False
    except OSError:
        return os.name != "nt"  # ENOTSUP, ENOLCK on some network drives; Windows says "in use" this way
    return True
