"""A progress bar for terminals and notebooks that leaves nothing behind."""

import os
import shutil
import sys
import time
from collections.abc import Iterable, Iterator


def progress_bar(iterable: Iterable, text: str = "", total: int | None = None) -> Iterator:
    """Yield from the iterable and show how far it is: `Reading ━━━━━╸     12/40 · 8 s left`.

    Silent where nobody watches (no terminal and no notebook) and where outputs are stored (MI_TUTOR_ANSWERS=reference).
    The bar is erased at the end, after an error as well, so that no timing is ever stored.

    Args:
        text: what is being done, in one or two words.
        total: number of items; needed only for an iterable without a length.
    """
    stream = _stream()
    total = len(iterable) if total is None and hasattr(iterable, "__len__") else total
    if stream is None:
        yield from iterable
        return
    start, drawn = time.monotonic(), 0.0
    try:
        for done, item in enumerate(iterable):
            now = time.monotonic()
            if now - drawn > 0.1:
                drawn = now
                _draw(stream, _line(text, done, total, now - start))
            yield item
    finally:
        _draw(stream, "")


def _line(text: str, done: int, total: int | None, seconds: float, width: int = 24) -> str:
    if not total:
        return f"{text} {done} · {seconds:.0f} s"
    full = width * done // total
    left = f" · {seconds / done * (total - done):.0f} s left" if done else ""
    return f"{text} {'━' * full}{'┈' * (width - full)} {done}/{total}{left}"


def _draw(stream, line: str) -> None:
    columns = shutil.get_terminal_size().columns - 1
    stream.write("\r" + line[:columns].ljust(columns) + "\r" + line[:columns])
    stream.flush()


def _stream():
    if os.environ.get("MI_TUTOR_ANSWERS") == "reference":
        return None
    if in_notebook():
        return sys.stdout  # stderr is painted red in notebooks
    return sys.stderr if sys.stderr.isatty() else None


def in_notebook() -> bool:
    """True inside a Jupyter kernel (JupyterLab, Colab, VS Code), False in a terminal, IPython's included."""
    module = sys.modules.get("IPython")
    shell = module.get_ipython() if module else None
    return shell is not None and getattr(shell, "kernel", None) is not None
