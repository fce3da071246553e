"""Can this very process run the course? Looks packages up without importing them."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import re
import sys

from mi_tutor.bootstrap import interpreters, places

NEEDED = (
    *("circuitsvis", "einops", "filelock", "gguf", "ipykernel", "ipywidgets", "jaxtyping", "jupyterlab", "jupytext"),
    *("matplotlib", "nbclient", "nbformat", "nbval", "numpy", "psutil", "pytest", "rich", "safetensors", "sklearn"),
    *("torch", "transformer_lens", "transformers", "typer", "watchfiles"),
)
NOT_ON_COLAB = "jupyterlab"  # Colab is its own page, and keeps an older server than JupyterLab needs
AT_LEAST = {"torch": (2, 6), "transformer_lens": (4, 3)}


def this_process_is_ready() -> bool:
    """True in the finished `.venv`, and in any other environment that holds what the course needs."""
    if not interpreters.OLDEST <= sys.version_info[:2] <= interpreters.NEWEST:
        return False
    if places.in_own_venv() and places.is_checkout():
        if places.venv_is_ready():
            return True
        if places.stamp().exists() or places.under_construction().exists():
            return False  # unfinished, or finished for an older lock
    return not missing()


def missing() -> list[str]:
    """Names of needed packages that are not here, or too old."""
    needed = [name for name in NEEDED if not (name == NOT_ON_COLAB and on_colab())]
    absent = [name for name in needed if importlib.util.find_spec(name) is None]
    return absent or [name for name, oldest in AT_LEAST.items() if _version(name) < oldest]


def on_colab() -> bool:
    """Whether this Python is Colab's, in its kernel or in a shell beside it. Colab is its own page."""
    try:
        return importlib.util.find_spec("google.colab") is not None
    except ImportError:
        return False


def _version(name: str) -> tuple[int, ...]:
    try:
        return tuple(int(part) for part in re.findall(r"\d+", importlib.metadata.version(name))[:2])
    except importlib.metadata.PackageNotFoundError:
        return (0, 0)
