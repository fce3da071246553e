"""Cutting a traceback to the learner's own lines, and an error to one line that helps."""

import difflib
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
    "EinopsError": "the einops pattern and the tensor do not fit together. A pattern names every axis "
    "in order, and the names are separated by spaces, without commas",
}


def learner_lines(tb: TracebackType | None, file: str) -> list[str]:
    """The lines of `file` that a traceback passes through, outermost first: `auroc, line 3 (...): code`.

    Lines count from the `def` of the outermost function, which is line 1; so do those of functions, lambdas and
    comprehensions inside it.
    """
    lines, defined = [], {}
    linecache.checkcache(file)
    for frame, number in traceback.walk_tb(tb):
        code = frame.f_code
        if code.co_filename == file:
            if "." not in code.co_qualname:  # a decorated function starts at its first decorator
                defined[code.co_qualname] = code.co_firstlineno
                while linecache.getline(file, defined[code.co_qualname]).lstrip().startswith("@"):
                    defined[code.co_qualname] += 1
            start = defined.get(code.co_qualname.partition(".")[0])
            inside = "" if start is None else f"line {number - start + 1} "
            place = f"{inside}(line {number} of the file)"
            lines.append(f"{code.co_name}, {place}: {linecache.getline(file, number).strip()}")
    return lines[-5:]


def _special(error: BaseException, message: str) -> str | None:
    """Words for slips that nearly everybody makes once."""
    if "only one element tensors can be converted" in message or "only length-1 arrays" in message:
        return "a function of the math module takes one number; a tensor has its own, such as `.sqrt()` or `** 0.5`"
    if "grad can be implicitly created only for scalar outputs" in message:
        return "`backward()` starts from one number, and this tensor holds several"
    if "shape of the mask" in message:
        return "the mask and the axis it picks from have different lengths; print both shapes"
    if "shape mismatch: indexing tensors could not be broadcast" in message:
        return "the index tensors belong together entry by entry, so their shapes must fit; print them"
    if "unexpected keyword argument" in message:
        return "it is called with this argument by name, and no parameter of the function has exactly that name"
    if isinstance(error, AttributeError) and error.name:
        if error.name == "copy" and type(error.obj).__name__ == "Tensor":
            return "a tensor's copy is made by `.clone()`"
        close = difflib.get_close_matches(error.name, dir(error.obj), n=1, cutoff=0.75)
        return f"did you mean `{close[0]}`?" if close else None
    return None


def one_line(error: BaseException) -> str:
    """An error as `RuntimeError: message (torch could not do this)`, without the hundred lines some libraries add."""
    kind = type(error).__name__
    if kind == "ContractBroken":
        return str(error)
    message = str(error).strip().splitlines()[0] if str(error).strip() else "no message"
    words = _special(error, message) or _WORDS.get(kind)
    if kind == "NotImplementedError":
        return "The function still has `raise NotImplementedError` on a path that this check takes."
    shown = f"{kind}: {message[:300]}"
    if words is None:
        return shown
    return f"{shown.rstrip('.')}. This means: {words}" + ("" if words.endswith("?") else ".")
