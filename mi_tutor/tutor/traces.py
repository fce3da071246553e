"""Cutting a traceback to the learner's own lines, and an error to one line that helps."""

import linecache
import traceback
from types import TracebackType

_WORDS = {
    "RuntimeError": "torch could not do this; print the shapes just before that line",
    "NameError": "this name has no value here. Your function lives in a file of its own: what another cell defines "
    "or imports must be a parameter, or stand in this cell",
    "UnboundLocalError": "on the path taken here this variable was never given a value",
    "IndexError": "an index points outside the tensor or list",
    "KeyError": "the dictionary has no such key",
    "TypeError": "a value is of the wrong kind there, or a function gets the wrong number of arguments",
    "AttributeError": "the value before the dot has no such part; print its type",
    "ZeroDivisionError": "something is divided by zero; which input makes the divisor zero?",
    "RecursionError": "the function calls itself without end",
    "SystemExit": "the function ends the whole program; use `return` to leave it",
    "EinopsError": "the einops pattern and the tensor's shape do not fit together",
}


def learner_lines(tb: TracebackType | None, file: str) -> list[str]:
    """The lines of `file` that a traceback passes through, outermost first: `line 12, in auroc: order = ...`."""
    lines = []
    linecache.checkcache(file)
    for frame, number in traceback.walk_tb(tb):
        if frame.f_code.co_filename == file:
            code = linecache.getline(file, number).strip()
            lines.append(f"line {number}, in {frame.f_code.co_name}: {code}")
    return lines[-5:]


def one_line(error: BaseException) -> str:
    """An error as `RuntimeError: message (torch could not do this)`, without the hundred lines some libraries add."""
    kind = type(error).__name__
    if kind == "ContractBroken":
        return str(error)
    message = str(error).strip().splitlines()[0] if str(error).strip() else "no message"
    words = _WORDS.get(kind)
    if kind == "NotImplementedError":
        return "The function still has `raise NotImplementedError` on a path that this check takes."
    shown = f"{kind}: {message[:300]}"
    if words is None:
        return shown
    return f"{shown.rstrip('.')}. This means: {words}" + ("" if words.endswith("?") else ".")
