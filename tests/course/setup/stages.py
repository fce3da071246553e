"""A stage for set-up: a copy of the project, a bare Python, and a local index with two tiny packages.

Set-up runs here as it does for a learner, in processes of its own, with a lock of two packages instead of 185. Nothing
needs a network, so the tests also pass offline.
"""

import base64
import hashlib
import importlib.metadata
import os
import shutil
import signal
import subprocess
import time
import zipfile
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
TINY = "tiny-lesson"


def write_wheel(path: Path, name: str, version: str, files: dict[str, bytes]) -> Path:
    """Write a pure-Python wheel with these files."""
    info = f"{name.replace('-', '_')}-{version}.dist-info"
    files = {
        **files,
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n".encode(),
        f"{info}/WHEEL": b"Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    digest = {key: base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=") for key, data in files.items()}
    record = "".join(f"{key},sha256={digest[key].decode()},{len(data)}\n" for key, data in files.items())
    wheel = path / f"{name.replace('-', '_')}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w", zipfile.ZIP_DEFLATED) as archive:
        for key, data in files.items():
            archive.writestr(key, data)
        archive.writestr(f"{info}/RECORD", record + f"{info}/RECORD,,\n")
    return wheel


def setuptools_again(path: Path) -> str:
    """Pack the installed setuptools back into a wheel: the editable install of the course needs one."""
    installed = importlib.metadata.distribution("setuptools")
    files = {}
    for file in installed.files:
        name = file.as_posix()
        if ".." not in name and "__pycache__" not in name and "/RECORD" not in name:
            files[name] = Path(file.locate()).read_bytes()
    wheel = path / f"setuptools-{installed.version}-py3-none-any.whl"
    info = f"setuptools-{installed.version}.dist-info"
    with zipfile.ZipFile(wheel, "w", zipfile.ZIP_STORED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
        archive.writestr(f"{info}/RECORD", "".join(f"{name},,\n" for name in files))
    return installed.version


@dataclass
class Stage:
    """One copy of the project and what its processes see."""

    project: Path
    python: Path  # a Python without the course's packages
    environment: dict = field(default_factory=dict)

    @property
    def stamp(self) -> Path:
        return self.project / ".venv" / ".mi_tutor-ready"

    @property
    def log(self) -> str:
        file = self.project / ".mi_tutor" / "setup.log"
        return file.read_text(errors="replace") if file.exists() else ""

    def run(self, *arguments: str, before: tuple = (), python: Path | None = None, **extra: str):
        """Run `python -m mi_tutor ...` to its end. `before` is put before the command line (unshare and the like)."""
        command = [*before, python or self.python, "-m", "mi_tutor", *arguments]
        environment = {**self.environment, **extra}
        return subprocess.run(
            list(map(str, command)), cwd=self.project, env=environment, capture_output=True, text=True, timeout=170
        )

    def setup(self, **extra):
        return self.run("setup", "--no-weights", **extra)

    def kill_at(self, sign: str, whole_group: bool, after: float = 0.3) -> None:
        """Start set-up, and kill -9 it a moment after `sign` has appeared in the log; its children too, or not."""
        child = subprocess.Popen(
            [str(self.python), "-m", "mi_tutor", "setup", "--no-weights"],
            cwd=self.project,
            env=self.environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        already = self.log.count(sign)
        deadline = time.monotonic() + 90
        while self.log.count(sign) == already and child.poll() is None and time.monotonic() < deadline:
            time.sleep(0.02)
        time.sleep(after)
        if whole_group:
            os.killpg(child.pid, signal.SIGKILL)
        else:
            child.kill()
        assert child.wait() == -signal.SIGKILL, "set-up ended before it could be killed"


def told_in_one_sentence(done: subprocess.CompletedProcess, *words: str) -> None:
    """The promise for every problem: exit code 2, one line on stderr, no traceback, and these words in it."""
    assert done.returncode == 2, (done.returncode, done.stdout[-500:], done.stderr[-2000:])
    assert "Traceback" not in done.stdout + done.stderr
    line = done.stderr.strip()
    assert line.startswith("mi_tutor: ") and "\n" not in line, done.stderr
    for word in words:
        assert word in line, line


def new_stage(project: Path, bare_python: Path, index: Path) -> Stage:
    """Copy to `project` what set-up needs of the course."""
    for file in ("pyproject.toml", "mi_tutor/__init__.py", "mi_tutor/__main__.py", "binder/requirements.txt"):
        (project / file).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / file, project / file)
    shutil.copytree(ROOT / "mi_tutor" / "bootstrap", project / "mi_tutor" / "bootstrap")
    (project / "mi_tutor" / "lab").mkdir()
    (project / "mi_tutor" / "lab" / "__init__.py").touch()
    for name in ("weights.py", "weights_fetch.py", "weights_files.py", "weights_convert.py"):
        shutil.copy(ROOT / "mi_tutor" / "lab" / name, project / "mi_tutor" / "lab" / name)
    dropped = ("MI_TUTOR_", "PIP_", "UV_", "PYTHON", "VIRTUAL_ENV", "PYTEST")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(dropped)}
    environment |= {
        "MI_TUTOR_LOCK": str(index / "lock-1.0.txt"),
        "MI_TUTOR_CACHE": str(project.parent / "cache"),
        "PIP_NO_INDEX": "1",
        "PIP_FIND_LINKS": str(index),
        "PIP_RETRIES": "0",
        "PIP_NO_COMPILE": "1",
        "PIP_CONFIG_FILE": os.devnull,
        "HOME": str(project.parent),
        "PATH": os.pathsep.join(p for p in os.environ["PATH"].split(os.pathsep) if not (Path(p) / "uv").exists()),
    }
    return Stage(project, bare_python, environment)
