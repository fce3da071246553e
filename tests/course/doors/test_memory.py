"""Every chapter runs where Binder would run it: 2 GB of memory for everything, and one CPU."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from limits import limited

from mi_tutor.lab import weights
from mi_tutor.tutor import catalogue, workspace

MEMORY = 2 * 10**9  # bytes
RESIDENT = 1600  # MB (2**20 bytes), the course's own limit for a kernel
# The first chapter is a part of every proof; all of them take half an hour.
CHAPTERS = [
    pytest.param(chapter, id=chapter.name, marks=[pytest.mark.complete] * (number > 0))
    for number, chapter in enumerate(catalogue.written_chapters())
]
ONE_BOOK = Path(__file__).with_name("one_book.py")
HEAD = f"{'chapter on one CPU, 2 GB':<26}{'seconds':>9}{'CPU s':>8}{'kernel MB':>11}{'all MB':>9}  limited by"


def test_a_limit_binds():
    """One of the ways to limit memory stops a process that takes too much; else the table below proves nothing."""
    with limited(300 * 2**20) as limit:
        if limit is None:
            pytest.skip("neither systemd-run nor a cgroup can limit memory here")
        code = "held = bytearray(400 * 2**20)"
        done = subprocess.run([*limit.before, sys.executable, "-c", code], capture_output=True)
        assert done.returncode != 0
        code = "import os; print(len(os.sched_getaffinity(0)))"
        done = subprocess.run([*limit.before, sys.executable, "-c", code], capture_output=True, text=True)
        assert done.stdout.strip() == "1"


@pytest.mark.slow
@pytest.mark.parametrize("chapter", CHAPTERS)
def test_a_chapter_keeps_to_two_gigabytes_and_one_cpu(chapter, tmp_path, record_property):
    book = workspace.notebook_file(chapter.number, chapter.name)
    with limited(MEMORY) as limit:
        if limit is None:
            pytest.skip("neither systemd-run nor a cgroup can limit memory here")
        # A copy of the weights made inside the limit: their pages count here, and not where they were read before.
        cache = tmp_path / "cache"
        copied = f"import shutil; shutil.copytree({str(weights.folder())!r}, {str(cache / weights.NAME)!r})"
        subprocess.run([*limit.before, sys.executable, "-c", copied], check=True)
        surroundings = {**os.environ, "MI_TUTOR_CACHE": str(cache), "OMP_NUM_THREADS": "1"}
        command = [*limit.before, sys.executable, str(ONE_BOOK), str(book)]
        done = subprocess.run(command, env=surroundings, capture_output=True, text=True)
        together = limit.peak()
        way = limit.way
    shutil.rmtree(cache)
    assert done.returncode == 0, done.stdout + done.stderr[-3000:]
    took = json.loads(done.stdout.splitlines()[-1])
    line = f"{book.stem:<26}{took['seconds']:>9.0f}{took['busy']:>8.0f}{took['resident']:>11.0f}"
    line += f"{together:>9.0f}  {way}" if together else f"{'':>9}  {way}"
    record_property("table", line if chapter != catalogue.written_chapters()[0] else f"{HEAD}\n{line}")
    print(f"{HEAD}\n{line}")
    assert took["resident"] < RESIDENT
