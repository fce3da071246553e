"""What checks are written with: comparisons whose failure teaches.

    same(got, 0.75, given={"scores": scores}, teach="A tie counts half.")

A failure raises `CheckFailed`, an AssertionError that carries its parts, so that the learner's card can lay them out
and plain pytest can still print them.
"""

import hashlib
import math
from contextlib import contextmanager


class CheckFailed(AssertionError):
    """A claim that does not hold, with the small input, what was expected and what came."""

    def __init__(self, message: str, *, given=None, expected=None, got=None):
        self.message = message
        self.given = {key: brief(value) for key, value in (given or {}).items()}
        self.expected = expected
        self.got = got
        lines = [message]
        lines += [f"  given {key} = {value}" for key, value in self.given.items()]
        lines += [f"  expected {expected}"] if expected is not None else []
        lines += [f"  got      {got}"] if got is not None else []
        super().__init__("\n".join(lines))


def seeded(seed: int = 0):
    """A torch.Generator for made-up inputs, the same ones on every run."""
    import torch  # here: a chapter that computes with plain numbers is checked without it

    return torch.Generator().manual_seed(seed)


def same(
    got, expected, *, given=None, teach: str = "", atol: float = 1e-5, rtol: float = 1e-4, what: str = "result"
) -> None:
    """Fail unless `got` equals `expected`: numbers and tensors within tolerance, containers item by item."""
    where = difference(got, expected, atol=atol, rtol=rtol, what=what.removeprefix("the "))
    if where is not None:
        message = f"{teach} Here {where}." if teach else f"{where[0].upper()}{where[1:]}."
        raise CheckFailed(message, given=given, expected=brief(expected), got=brief(got))


def holds(condition, teach: str, *, given=None, got=None, expected=None) -> None:
    """Fail with `teach` unless `condition` is true."""
    if not bool(condition):
        raise CheckFailed(
            teach,
            given=given,
            expected=None if expected is None else brief(expected),
            got=None if got is None else brief(got),
        )


@contextmanager
def raises(kind: type[BaseException], *, teach: str, match: str | None = None, given=None):
    """Fail unless the block raises `kind` (with `match` somewhere in its message, ignoring case)."""
    try:
        yield
    except kind as error:
        if isinstance(error, NotImplementedError) and kind is not NotImplementedError:
            raise
        if match and match.lower() not in str(error).lower():
            raise CheckFailed(
                f"{teach} The error should mention {match!r}.", given=given, expected=match, got=str(error)
            ) from None
        return
    raise CheckFailed(teach, given=given, expected=f"a {kind.__name__}", got="no error")


def digest_of(name: str, letter: str) -> str:
    """The fingerprint of the right letter of a *read* exercise, so that the answer does not stand in the checks."""
    return hashlib.sha256(f"{name}:{letter.strip().lower()}".encode()).hexdigest()[:16]


def chosen(got, name: str, digest: str) -> None:
    """Fail unless `got` is the letter with this digest."""
    if not isinstance(got, str) or len(got.strip()) != 1:
        raise CheckFailed("Return one letter, for example `return 'a'`.", got=brief(got), expected="one letter")
    if digest_of(name, got) != digest:
        raise CheckFailed(
            "Another choice fits the evidence better. Look at it once more before you choose again.", got=got
        )


def difference(got, expected, *, atol: float, rtol: float, what: str = "result") -> str | None:
    """Where `got` first differs from `expected`, in words; None when they agree."""
    if _is_tensor(expected) or _is_tensor(got):
        return _tensor_difference(got, expected, atol, rtol, what)
    if isinstance(expected, bool) or expected is None or isinstance(expected, str):
        return (
            None if got == expected and (isinstance(got, str) == isinstance(expected, str)) else f"the {what} differs"
        )
    if isinstance(expected, (int, float)):
        return _number_difference(got, expected, atol, rtol, what)
    if isinstance(expected, dict):
        if not isinstance(got, dict):
            return f"the {what} should be a dictionary and is a {type(got).__name__}"
        if set(got) != set(expected):
            return f"the {what} has the keys {sorted(map(str, got))} instead of {sorted(map(str, expected))}"
        return _first(
            difference(got[key], expected[key], atol=atol, rtol=rtol, what=f"{what}[{key!r}]") for key in expected
        )
    if isinstance(expected, (list, tuple)):
        if not isinstance(got, (list, tuple)):
            return f"the {what} should be a {type(expected).__name__} and is a {type(got).__name__}"
        if len(got) != len(expected):
            return f"the {what} has {len(got)} items instead of {len(expected)}"
        pairs = enumerate(zip(got, expected, strict=True))
        return _first(difference(g, e, atol=atol, rtol=rtol, what=f"{what}[{i}]") for i, (g, e) in pairs)
    return None if got == expected else f"the {what} differs"


def _first(found) -> str | None:
    return next((item for item in found if item is not None), None)


def _number_difference(got, expected, atol: float, rtol: float, what: str) -> str | None:
    try:
        value = float(got)
    except (TypeError, ValueError):
        return f"the {what} should be a number and is a {type(got).__name__}"
    if math.isnan(expected) and math.isnan(value):
        return None
    if value == expected or abs(value - expected) <= atol + rtol * abs(expected):
        return None
    return f"the {what} is {brief(value)} instead of {brief(expected)}"


def _tensor_difference(got, expected, atol: float, rtol: float, what: str) -> str | None:
    import torch

    if not isinstance(expected, torch.Tensor):
        expected = torch.as_tensor(expected)
    if not isinstance(got, torch.Tensor):  # numbers, lists and numpy arrays alike
        try:
            got = torch.as_tensor(got)
        except (TypeError, ValueError, RuntimeError):
            return f"the {what} should be a tensor and is a {type(got).__name__}"
    if tuple(got.shape) != tuple(expected.shape):
        return f"the {what} has shape {_shape(got)} instead of {_shape(expected)}"
    a, b = got.detach().to(torch.float64), expected.detach().to(torch.float64)
    wrong = ~torch.isclose(a, b, atol=atol, rtol=rtol, equal_nan=True)
    if not wrong.any():
        return None
    first = tuple(wrong.nonzero()[0].tolist())
    spot = f"entry {first if len(first) != 1 else first[0]} of " if first else ""
    share = f"; {int(wrong.sum())} of {wrong.numel()} entries differ" if wrong.numel() > 1 else ""
    return f"{spot}the {what} is {brief(a[first].item())} instead of {brief(b[first].item())}{share}"


def _is_tensor(value) -> bool:
    return (
        type(value).__module__.split(".")[0] in ("torch", "numpy")
        and hasattr(value, "shape")
        and hasattr(value, "dtype")
    )


def _shape(tensor) -> str:
    return " × ".join(map(str, tensor.shape)) or "() (a single number)"


def brief(value, limit: int = 400) -> str:
    """A value as a short readable text: small tensors whole, large ones by shape."""
    if isinstance(value, float):
        return f"{value:.6g}"
    if _is_tensor(value):
        count = 1
        for size in value.shape:
            count *= size
        if count > 40:
            kind = str(value.dtype).removeprefix("torch.")
            return f"a tensor of shape {_shape(value)} ({kind})"
        value = value.tolist()
    text = _rounded(value)
    return text if len(text) <= limit else text[: limit - 1] + "…"


def _rounded(value) -> str:
    if isinstance(value, float):
        return f"{value + 0.0:.4g}"  # adding 0.0 turns -0.0 into 0
    if isinstance(value, (list, tuple)):
        inside = ", ".join(_rounded(item) for item in value)
        return f"[{inside}]" if isinstance(value, list) else f"({inside})"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key!r}: {_rounded(item)}" for key, item in value.items()) + "}"
    return brief(value) if _is_tensor(value) else repr(value)
