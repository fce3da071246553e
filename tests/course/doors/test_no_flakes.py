"""Ten runs in a row, each in other surroundings, are ten times green.

What varies: one thread or two, the seed of Python's hashes, the folder (plain; with spaces and letters that are not
ASCII), the user (this one; one who may write nothing outside of the folder and least of all to site-packages).
The usual proof takes one of them: the odd folder and the other user.
"""

import os
import pwd
import shutil
import stat
import subprocess
import sys
import sysconfig
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
ODD = "Ein Kurs für Ζωή ✓"
# Every check of every exercise, and the course's tests that start no other process.
SELECTION = (
    *("tests/exercises", "tests/course/lab/test_metrics.py", "tests/course/lab/test_toy.py"),
    *("tests/course/tutor/test_contract.py", "tests/course/tutor/test_splicing.py"),
)


@dataclass(frozen=True)
class Run:
    """The surroundings of one run."""

    threads: int
    hash_seed: int
    folder: str
    own_user: bool

    def __str__(self) -> str:
        user = "" if self.own_user else ", another user"
        return f"{self.threads} threads, hash seed {self.hash_seed}, {self.folder}{user}"


RUNS = [Run(1 + n % 2, 1000 * n, (ODD, "plain")[n // 2 % 2], n % 5 < 2) for n in range(10)]
SAMPLE = RUNS[4]


@pytest.fixture(scope="module")
def copies(tmp_path_factory) -> Path:
    """The project under both names, in a place that every user can reach."""
    base = Path("/var/tmp") if os.geteuid() == 0 else tmp_path_factory.mktemp("copies")
    base = base / f"mi_tutor_{os.getpid()}"
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True).stdout.split("\0")
    for name in ("plain", ODD):
        for path in filter(None, listed):
            (base / name / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / path, base / name / path)
    yield base
    shutil.rmtree(base)


def as_user(run: Run, folder: Path) -> list[str]:
    """What stands before the command; the folder belongs to who runs it."""
    if os.geteuid() != 0:
        return []  # this user is one without such rights, or owns the whole environment: both are ordinary
    owner = pwd.getpwuid(0) if run.own_user else pwd.getpwnam("nobody")
    subprocess.run(["chown", "-R", f"{owner.pw_uid}:{owner.pw_gid}", folder], check=True)
    if run.own_user:
        return []
    return ["setpriv", f"--reuid={owner.pw_uid}", f"--regid={owner.pw_gid}", "--clear-groups"]


def closed_to_others(path: Path) -> Path | None:
    """The first folder on the way to `path` that another user may not enter."""
    return next((f for f in reversed(path.resolve().parents) if not f.stat().st_mode & stat.S_IXOTH), None)


@pytest.fixture(scope="module")
def python_for_all(copies) -> str:
    """A Python with the course's packages that another user may run.

    It is this one, or, where this one lies in a closed folder (pyenv in a home), the system's Python of the same
    version in an environment that looks for packages where this one has them.
    """
    here, site = Path(sys.executable), Path(sysconfig.get_path("purelib"))
    if os.geteuid() != 0 or closed_to_others(here) is None:
        return str(here)
    closed = closed_to_others(site)
    if closed:
        pytest.skip(f"another user may not enter {closed}, where the packages lie: put the environment elsewhere")
    version = f"python{sys.version_info[0]}.{sys.version_info[1]}"
    found = shutil.which(version, path="/usr/local/bin:/usr/bin")
    if found is None or closed_to_others(Path(found)):
        pytest.skip(f"another user may not enter {closed_to_others(here)}, and no other {version} is here: install one")
    folder = copies / "python"
    subprocess.run([found, "-m", "venv", "--without-pip", folder], check=True)
    (folder / "lib" / version / "site-packages" / "course.pth").write_text(f"{site}\n")
    return str(folder / "bin" / "python")


@pytest.mark.parametrize(
    "run", [pytest.param(run, marks=() if run is SAMPLE else pytest.mark.complete, id=str(run)) for run in RUNS]
)
@pytest.mark.slow
def test_it_is_green_again(run, copies, request):
    folder = copies / run.folder
    before = as_user(run, folder)
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("MI_TUTOR", "PYTEST", "PYTHON", "XDG_"))}
    (folder / "home").mkdir(exist_ok=True)
    shutil.rmtree(folder / "tmp", ignore_errors=True)
    (folder / "tmp").mkdir()
    as_user(run, folder)
    surroundings = kept | {
        "PYTHONPATH": str(folder), "PYTHONHASHSEED": str(run.hash_seed), "OMP_NUM_THREADS": str(run.threads),
        "MI_TUTOR_ANSWERS": "reference", "HOME": str(folder / "home"), "TMPDIR": str(folder / "tmp"),
        "PYTHONDONTWRITEBYTECODE": "1",
    }  # fmt: skip
    site = sysconfig.get_path("purelib")
    if before:
        refused = subprocess.run([*before, "test", "-w", site])
        assert refused.returncode != 0, f"{site} can be written to by another user: the run would prove nothing"
    python = request.getfixturevalue("python_for_all") if before else sys.executable
    command = [*before, python, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-m", "not slow", *SELECTION]
    done = subprocess.run(command, cwd=folder, env=surroundings, capture_output=True, text=True)
    last = done.stdout.strip().splitlines()[-1] if done.stdout.strip() else done.stderr[-500:]
    print(run, last)
    assert done.returncode == 0, f"{run}\n{done.stdout[-3000:]}{done.stderr[-1000:]}"
    assert " skipped" not in last and " passed" in last, last
