"""Tests run beside each other on two workers; a benchmark waits until it is alone, and keeps the others waiting."""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

FOLDER = "MI_TUTOR_TURNSTILE"  # the variable that names the folder of the locks; without it nobody waits


@contextlib.contextmanager
def passed(*, alone: bool) -> Iterator[None]:
    """Inside the block other workers run only tests that are not alone, or nothing where this one is."""
    folder = os.environ.get(FOLDER)
    if not folder:
        yield
        return
    import fcntl

    with open(Path(folder) / "room", "a") as room:
        # Whoever waits to be alone holds the gate, so that no new test slips in.
        with open(Path(folder) / "gate", "a") as gate:
            fcntl.flock(gate, fcntl.LOCK_EX)
            fcntl.flock(room, fcntl.LOCK_EX if alone else fcntl.LOCK_SH)
        yield  # closing the files opens both locks, also when this process is killed
