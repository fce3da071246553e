"""Set up the course in a running Colab kernel: add what is missing, and leave what Colab brings as it is.

The kernel, its widgets and torch belong to Colab: replacing one of them breaks the page or asks for a restart. So
their versions are given to pip as constraints.
"""

from __future__ import annotations

import importlib
import importlib.metadata
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from mi_tutor.bootstrap import places
from mi_tutor.bootstrap.problem import Problem

HELD = (
    *("torch", "torchvision", "torchaudio", "triton", "numpy", "scipy", "pandas", "matplotlib", "protobuf", "pillow"),
    *("ipython", "ipykernel", "ipywidgets", "widgetsnbextension", "jupyterlab-widgets", "traitlets", "tornado"),
    *("pyzmq", "jupyter-client", "jupyter-core", "jupyter-server", "notebook", "google-colab"),
)
NOT_HERE = ("jupyterlab", "setuptools")  # Colab is the page; pip brings a setuptools of its own to build with
KEPT = (
    "Ready. Colab forgets its disk. Run `%keep` in a cell, and your work is kept in your Google Drive and comes back\n"
    "at your next visit. Without Drive, `!mi-tutor save` puts it into one file to download, and `!mi-tutor load FILE`\n"
    "brings it back."
)


def prepare() -> None:
    """Install the course and what it lacks, fetch the model, and say how work is kept.

    Raises:
        Problem: one sentence, with pip's last words above it.
    """
    before = _versions()
    print("Adding the packages that Colab lacks …", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        held = Path(folder) / "held.txt"
        held.write_text("".join(f"{line}\n" for line in constraints()), encoding="utf-8")
        _pip("--constraint", str(held), "--prefer-binary", *wanted())
    _pip("--no-deps", "--editable", str(places.PROJECT))
    print("Fetching the model …", flush=True)
    done = subprocess.run(
        [sys.executable, "-m", "mi_tutor.lab.weights"], cwd=places.PROJECT, capture_output=True, text=True
    )
    if done.returncode:
        print(done.stderr.strip()[-500:])  # the course can be read without; models.load tries again
    importlib.invalidate_caches()
    changed = sorted(name for name in _loaded() & set(before) if before[name] != _versions().get(name))
    if changed:
        print(f"Restart the kernel now (Runtime → Restart session): {', '.join(changed)} was in use and is newer now.")
    print(KEPT)


def wanted() -> list[str]:
    """The course's requirements that make sense on Colab, as pip reads them."""
    import tomllib

    project = tomllib.loads((places.PROJECT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return [line for line in project["dependencies"] if re.match(r"[\w.-]+", line).group().lower() not in NOT_HERE]


def constraints() -> list[str]:
    """`name==version` of what has to stay as it is."""
    versions = _versions()
    return [f"{name}=={versions[name]}" for name in HELD if name in versions]


def _pip(*arguments: str) -> None:
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *arguments]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        print((done.stdout + done.stderr).strip()[-2000:])
        raise Problem("pip could not install what the course needs: choose Runtime → Restart session and try again.")


def _versions() -> dict[str, str]:
    """Version of every installed distribution, by its normalised name."""
    return {
        re.sub(r"[-_.]+", "-", one.metadata["Name"]).lower(): one.version
        for one in importlib.metadata.distributions()
        if one.metadata["Name"]
    }


def _loaded() -> set[str]:
    """Distributions that this process has imported something of."""
    modules = {name.partition(".")[0] for name in sys.modules}
    found = importlib.metadata.packages_distributions()
    return {re.sub(r"[-_.]+", "-", one).lower() for name in modules for one in found.get(name, ())}
