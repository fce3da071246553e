"""`test`: prove the whole course, in one run of pytest whose closing lines are the last thing printed.

The steps, in order (`proof_steps.py` sorts the tests into them and announces each): style, the promises of
`author check`, every check against the reference, plain pytest on untouched stubs, the notebooks with their stored
outputs, the course's own tests. It proves the course and not the learner: with work in the exercise modules or the
notebooks, the steps run on the course as it was handed out (`pristine.py`); the learner's own results are told beside.
"""

import contextlib
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from mi_tutor.tutor import answers, catalogue, pristine, proof_turnstile, workspace

# Nothing reaches out: the weights were fetched before, and no test needs anything else.
OFFLINE = {"HF_HUB_OFFLINE": "1", "TRANSFORMERS_OFFLINE": "1", "HF_HUB_DISABLE_TELEMETRY": "1"}
# As the notebooks were executed when they were built.
LIKE_BUILD = {"PYTHONHASHSEED": "0", "PYTHONWARNINGS": "ignore"}
LEFT_BEHIND = (
    *("MI_TUTOR_ANSWERS", "MI_TUTOR_WORKSPACE", "MI_TUTOR_SEED", proof_turnstile.FOLDER, "PYTEST_ADDOPTS"),
    *("PYTEST_XDIST_WORKER", "PYTEST_XDIST_WORKER_COUNT", "PYTEST_XDIST_TESTRUNUID"),
)
CELL_SECONDS = 300
# Two workers with one thread each take a good half of the time of one worker with two threads.
WORKERS, GIGABYTES_FOR_WORKERS = 2, 6
WORKERS_ASKED_FOR = "MI_TUTOR_WORKERS"
# Tests that start many processes and kernels: too long for `--quick`.
NOT_QUICK = ("setup", "doors", "tutor", "browser")


def run(*, quick: bool = False, everything: bool = False) -> int:
    """Run the proof; `quick` leaves out notebooks and slow tests, `everything` adds the marks `complete` and `browser`.

    Of what these tests do the default run has a sample. Returns 0 or 1.
    """
    root = workspace.root()
    if not (root / "solutions").is_dir() or not (root / "tests" / "course").is_dir():
        print(
            "This copy of the course has no solutions/ or no tests/course/, so there is nothing to prove it with. "
            "`python3 -m mi_tutor check` checks your own answers."
        )
        return 2
    _tell_own_results()
    with contextlib.ExitStack() as stack:
        environment = {key: value for key, value in os.environ.items() if key not in LEFT_BEHIND}
        environment |= OFFLINE | LIKE_BUILD
        notebooks = root / "chapters"
        changed = pristine.changed()
        if changed:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="mi_tutor_")))
            for line in pristine.copy_to(folder):
                print(line)
            environment["MI_TUTOR_WORKSPACE"] = str(folder)
            notebooks = folder / "chapters"
        workers = 1 if everything else possible_workers()  # a browser is driven against the clock
        if workers > 1:
            environment |= {
                "OMP_NUM_THREADS": "1",
                proof_turnstile.FOLDER: stack.enter_context(tempfile.TemporaryDirectory(prefix="mi_tutor_")),
            }
        command = pytest_command(notebooks, quick=quick, everything=everything, workers=workers)
        sys.stdout.flush()
        return 1 if subprocess.run(command, cwd=root, env=environment).returncode else 0


def possible_workers() -> int:
    """How many tests may run at a time on this machine: two notebooks at once need memory and a core each.

    MI_TUTOR_WORKERS=1 keeps it to one (a machine with other work).
    """
    import psutil

    if os.environ.get(WORKERS_ASKED_FOR, "").isdigit():
        return max(1, min(WORKERS, int(os.environ[WORKERS_ASKED_FOR])))

    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 1
    enough = psutil.virtual_memory().available > GIGABYTES_FOR_WORKERS * 2**30
    return WORKERS if cores >= WORKERS and enough else 1


def pytest_command(notebooks: Path, *, quick: bool, everything: bool, workers: int = 1) -> list[str]:
    """The one command that proves the course."""
    left_out = ["slow"] * quick + ["complete", "browser"] * (not everything)
    marked = ["-m", " and ".join(f"not {mark}" for mark in left_out)] if left_out else []
    passed_over = [f"--ignore=tests/course/{folder}" for folder in NOT_QUICK] if quick else []
    plain = [] if sys.stdout.isatty() else ["--color=no"]  # nbval colours its reports even in a file
    books = sorted(str(path) for path in notebooks.glob("*.ipynb"))
    with_books = ["--nbval", "--nbval-current-env", "--nbval-cell-timeout", str(CELL_SECONDS)]
    with_books += ["--nbval-sanitize-with", "tests/course/nbval.ini", *books]
    side_by_side = ["-n", str(workers), "--dist", "loadfile", "--no-loadscope-reorder"] if workers > 1 else []
    return [
        *(sys.executable, "-m", "pytest", "-p", "mi_tutor.tutor.proof_steps", "-p", "no:cacheprovider", "--tb=short"),
        *side_by_side,
        *marked,
        *passed_over,
        *plain,
        *("tests/exercises", "tests/course"),
        *(with_books if books and not quick else ()),
    ]


def _tell_own_results() -> None:
    """The learner's own answers, beside the proof: they never decide it."""
    from mi_tutor.tutor import checking

    mine = [e for e in catalogue.all_exercises() if answers.attempted(e.name)]
    if not mine or answers.reference_mode():
        return
    started = time.perf_counter()
    statuses = [report.status for report in checking.check(mine, record=False)]
    told = ", ".join(f"{statuses.count(s)} {s.replace('_', ' ')}" for s in dict.fromkeys(statuses))
    print(f"Your own answers (they do not count below): {told}, {time.perf_counter() - started:.1f} s")
