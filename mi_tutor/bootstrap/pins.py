"""Read the lock, and write the requirement file that suits this machine.

One lock serves every place. It pins `torch==2.13.0` without a local version: that matches `2.13.0+cpu` where the
PyTorch CPU index is given, which pip prefers over the plain 2.13.0, and the plain wheel of macOS and Windows. Binder
reads the lock as it is, index line included. The bootstrap leaves the index line out where an NVIDIA GPU is seen, or
where the index cannot be reached, since pip would wait for it at every package.
"""

from __future__ import annotations

import os
import platform
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

from mi_tutor.bootstrap import network

CPU_INDEX = "https://download.pytorch.org/whl/cpu"


class Requirements(NamedTuple):
    path: Path  # the requirement file for pip
    pins: dict[str, str]  # name -> version, of the packages that are wanted on this machine
    note: str  # a sentence for the learner, or ""


def pins(lock_text: str) -> dict[str, str]:
    """Name to version of every plain `name==version` line. Lines with a marker for another system are left out."""
    found = {}
    for line in lock_text.splitlines():
        match = re.match(r"([A-Za-z0-9._-]+)==([^\s;]+)\s*(;.*)?$", line.strip())
        if match and _marker_holds(match.group(3) or ""):
            found[match.group(1)] = match.group(2)
    return found


def _marker_holds(marker: str) -> bool:
    """The lock uses one kind of marker, `; sys_platform == "..."`."""
    wanted = re.search(r"sys_platform\s*==\s*[\"'](\w+)[\"']", marker)
    return wanted is None or wanted.group(1) == sys.platform


def for_this_machine(lock: Path, folder: Path) -> Requirements:
    """Write `folder/requirements.txt`: the lock, with the CPU index where it is wanted and reachable."""
    text = lock.read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if not line.startswith("--extra-index-url")]
    note = ""
    if "torch" in pins(text) and platform.system() == "Linux":
        if has_nvidia_gpu():
            note = "An NVIDIA GPU was found: taking the CUDA build of torch."
        elif os.environ.get("PIP_NO_INDEX") or not network.answers(f"{CPU_INDEX}/torch/"):
            note = "The PyTorch CPU index cannot be reached: taking torch from your usual package index."
        else:
            lines.insert(0, f"--extra-index-url {CPU_INDEX}")
    path = folder / "requirements.txt"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return Requirements(path, pins(text), note)


def has_nvidia_gpu() -> bool:
    """Whether the driver is loaded and lists a GPU."""
    gpus = Path("/proc/driver/nvidia/gpus")
    if gpus.is_dir() and any(gpus.iterdir()):
        return True
    command = shutil.which("nvidia-smi")
    if command is None:
        return False
    try:
        answer = subprocess.run([command, "-L"], capture_output=True, text=True, timeout=20)
    except (OSError, subprocess.SubprocessError):
        return False
    return answer.returncode == 0 and "GPU" in answer.stdout
