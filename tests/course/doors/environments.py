"""Fresh environments for tests that need other packages than the course's own `.venv` has."""

import os
import subprocess
import venv
from pathlib import Path

import pytest


class Environment:
    """A virtual environment in a folder, with nothing of the environment that the tests run in."""

    def __init__(self, folder: Path):
        self.folder = folder
        venv.create(folder, with_pip=True)

    @property
    def python(self) -> Path:
        return self.folder / "bin" / "python"

    def surroundings(self, **more: str) -> dict[str, str]:
        """The variables of a process that is started in this environment."""
        dropped = ("MI_TUTOR_", "PYTHON", "VIRTUAL_ENV", "PYTEST", "JUPYTER", "IPYTHON", "HF_", "TRANSFORMERS_")
        kept = {name: value for name, value in os.environ.items() if not name.startswith(dropped)}
        path = os.pathsep.join([str(self.folder / "bin"), kept.get("PATH", "")])
        private = self.folder / "home"
        private.mkdir(exist_ok=True)
        cache = os.environ.get("MI_TUTOR_CACHE") or os.path.join(
            os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache", "mi_tutor"
        )
        return kept | {
            "PATH": path, "IPYTHONDIR": str(private), "JUPYTER_CONFIG_DIR": str(private), "OMP_NUM_THREADS": "1",
            "MI_TUTOR_CACHE": str(cache), **more,
        }  # fmt: skip

    def run(self, *command, cwd: Path | None = None, **more: str) -> subprocess.CompletedProcess:
        """Run a program of this environment to its end."""
        return subprocess.run(
            list(map(str, command)), cwd=cwd, env=self.surroundings(**more), capture_output=True, text=True
        )

    def install(self, *arguments) -> None:
        """pip install; the test is skipped, with pip's last words, where the index cannot be reached."""
        done = self.run(self.python, "-m", "pip", "install", "-q", "--disable-pip-version-check", *arguments)
        if done.returncode:
            last = [line for line in done.stderr.strip().splitlines() if line.strip()][-1:]
            pytest.skip(f"pip could not install {' '.join(map(str, arguments))[:80]}: {' '.join(last)[:300]}")
