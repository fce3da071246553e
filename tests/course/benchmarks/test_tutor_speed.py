"""How fast the tutor answers, on the real chapters: printed as a table, not asserted (machines differ).

The promises: a warm check in a kernel under 0.5 s for the median exercise; a cold `mi-tutor check NAME` under 4 s when
the exercise needs only torch.
"""

import json
import os
import shutil
import statistics
import subprocess
import sys
import time
from pathlib import Path

import pytest

from mi_tutor.tutor import catalogue, workspace

PROJECT = Path(__file__).resolve().parents[3]
COLD = {"features.difference_of_means": "torch only", "features.auroc": "its check imports scikit-learn"}
SHOWN = 20
IMPORTS = ("mi_tutor", "mi_tutor.exercises.features", "mi_tutor.lab.models", "transformer_lens")

WARM = """
import json, time
import mi_tutor
import transformer_lens  # as in a chapter's kernel
from IPython.core.interactiveshell import InteractiveShell
shell = InteractiveShell.instance()
mi_tutor.load_ipython_extension(shell)
from mi_tutor.tutor import catalogue, cards, checking, workbench
seconds = {}
for entry in catalogue.all_exercises():
    text = workbench.current(entry.name)
    for number in range(3):
        start, work = time.perf_counter(), time.process_time()
        saved = workbench.save_cell(entry.name, text + f"    # {number}\\n", use="cell")
        report = checking.check([entry])[0]
        cards.of_report(report)._repr_mimebundle_()
        seconds[entry.name] = [report.status, time.perf_counter() - start, time.process_time() - work]
print(json.dumps(seconds))
"""


@pytest.fixture(scope="module")
def solved(tmp_path_factory) -> Path:
    """A copy of the course in which a learner has written every answer as the reference has it."""
    folder = tmp_path_factory.mktemp("solved") / "course"
    without = shutil.ignore_patterns("__pycache__", ".*")
    for name in ("mi_tutor", "solutions", "tests/exercises"):
        shutil.copytree(PROJECT / name, folder / name, ignore=without)
    for chapter in catalogue.written_chapters():
        if workspace.solution_file(chapter.name).exists():
            shutil.copy(workspace.solution_file(chapter.name), folder / f"mi_tutor/exercises/{chapter.name}.py")
    return folder


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess:
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("MI_TUTOR", "PYTEST"))}
    environment["PYTHONPATH"] = str(folder)
    return subprocess.run(
        [sys.executable, *arguments], cwd=folder, env=environment, capture_output=True, text=True, timeout=600
    )


@pytest.mark.slow
def test_imports(solved, tell):
    """Each in a fresh process, its start included."""
    tell(f"\n{'import, fresh process, best of 3':<60} seconds")
    for module in IMPORTS:
        taken = []
        for _ in range(3):
            start = time.perf_counter()
            assert run(solved, "-c", f"import {module}").returncode == 0
            taken.append(time.perf_counter() - start)
        tell(f"{module:<60} {min(taken):.2f}")


@pytest.mark.slow
def test_warm_and_cold_checks(solved, tell):
    """Saves a changed cell, checks it and renders its card; then the command line from a cold start."""
    done = run(solved, "-c", WARM)
    assert done.returncode == 0, done.stderr
    seconds = json.loads(done.stdout.splitlines()[-1])
    cold = dict.fromkeys(COLD, 1e9)
    for name in [*COLD] * 3:
        start = time.perf_counter()
        assert run(solved, "-m", "mi_tutor", "check", name).returncode == 0
        cold[name] = min(cold[name], time.perf_counter() - start)
    tell(f"\n{f'warm: the slowest {SHOWN} of {len(seconds)} exercises, third run':<60} seconds (processor)")
    for name, (_, taken, work) in sorted(seconds.items(), key=lambda item: -item[1][1])[:SHOWN]:
        tell(f"{name:<60} {taken:.3f}   ({work:.3f})")
    median = statistics.median(taken for _, taken, _ in seconds.values())
    tell(f"{'median':<60} {median:.3f}   (promise: 0.5)")
    for name, taken in cold.items():
        tell(f"{f'cold: mi-tutor check {name} ({COLD[name]})':<75} {taken:.2f}   (promise: 4; best of 3)")
    assert {status for status, _, _ in seconds.values()} == {"passed"}
