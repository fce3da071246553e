"""Run a command with at most so much memory and on one CPU, as Binder does.

Several ways are tried, and a way counts only if a process that asks for too much is really stopped:

    systemd-run    needs a running systemd and the right to ask it
    cgroup v2      needs a group of its own in which this process may make another one
    cgroup v1      the same, with its memory controller
    ulimit -v      does not serve: it limits addresses and not memory, and a process that has loaded torch and mapped
                   the model's weights holds more than twice as many addresses as memory. (`ulimit -m` is ignored by
                   Linux.)

The CPU is bound with the scheduler's affinity, which every Linux has.
"""

import contextlib
import functools
import os
import re
import shutil
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

TOO_MUCH = "held = [bytearray(10 * 2**20) for _ in range({})]; print('was not stopped')"
TRIED_WITH = 150 * 2**20  # bytes
CGROUPS = Path("/sys/fs/cgroup")


@dataclass
class Limited:
    """A limit in force: put `before` before a command."""

    way: str
    before: list[str]
    group: Path | None = None  # a cgroup, while the limit is in force

    def peak(self) -> float | None:
        """The most that all processes and their files in memory took together, in MB (2**20 bytes)."""
        names = ("memory.peak", "memory.max_usage_in_bytes")
        found = [self.group / name for name in names if (self.group / name).exists()] if self.group else []
        return int(found[0].read_text()) / 2**20 if found else None


@contextlib.contextmanager
def limited(memory: int) -> Iterator[Limited | None]:
    """Hold what is run with `.before` to `memory` bytes and one CPU; None where nothing here can do that."""
    way = _binding()
    if way is None:
        yield None
        return
    with way(memory) as limit:
        limit.before = [*limit.before, "taskset", "-c", str(min(os.sched_getaffinity(0)))]
        yield limit


@functools.cache
def _binding():
    """The first way that really stops a process which takes too much."""
    for way in (_systemd, _cgroup_v2, _cgroup_v1):
        with contextlib.suppress(OSError), way(TRIED_WITH) as tried:
            if _stops(tried):
                return way
    return None


def _stops(limit: Limited) -> bool:
    """Whether twice the memory is refused, and half of it is not."""
    for share, stopped in ((2, True), (0.5, False)):
        code = TOO_MUCH.format(int(TRIED_WITH * share / (10 * 2**20)))
        done = subprocess.run([*limit.before, sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
        if ("was not stopped" not in done.stdout) != stopped:
            return False
    return True


@contextlib.contextmanager
def _systemd(memory: int) -> Iterator[Limited]:
    if shutil.which("systemd-run") is None:
        raise FileNotFoundError("systemd-run")
    user = [] if os.geteuid() == 0 else ["--user"]
    yield Limited("systemd-run", ["systemd-run", *user, "--scope", "-q", "-p", f"MemoryMax={memory}", "--"])


@contextlib.contextmanager
def _cgroup_v2(memory: int) -> Iterator[Limited]:
    if not (CGROUPS / "cgroup.controllers").exists():
        raise FileNotFoundError("cgroup v2")
    with _group(CGROUPS / _mine(r"^0::/(.*)$")) as group:
        (group / "memory.max").write_text(str(memory))
        yield Limited("cgroup v2", _entering(group), group)


@contextlib.contextmanager
def _cgroup_v1(memory: int) -> Iterator[Limited]:
    with _group(CGROUPS / "memory" / _mine(r":memory:/(.*)$")) as group:
        (group / "memory.limit_in_bytes").write_text(str(memory))
        yield Limited("cgroup v1", _entering(group), group)


def _mine(pattern: str) -> str:
    """The path of this process's own group."""
    found = re.search(pattern, Path("/proc/self/cgroup").read_text(), re.MULTILINE)
    if found is None:
        raise FileNotFoundError(pattern)
    return found.group(1)


@contextlib.contextmanager
def _group(parent: Path) -> Iterator[Path]:
    """A group inside this process's own; removed at the end, when all processes in it have ended."""
    if not (parent / "cgroup.procs").exists():
        raise FileNotFoundError(parent)
    group = parent / f"mi_tutor_{uuid.uuid4().hex[:8]}"
    group.mkdir()
    try:
        yield group
    finally:
        for _ in range(50):  # the last process may still be on its way out
            with contextlib.suppress(OSError):
                group.rmdir()
                break
            time.sleep(0.1)


def _entering(group: Path) -> list[str]:
    return ["sh", "-c", 'echo $$ > "$0/cgroup.procs" && exec "$@"', str(group)]
