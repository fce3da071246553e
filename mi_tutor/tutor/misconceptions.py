"""Naming a known mistake by what the code does, never by how it is written.

For each exercise the authors record a *probe* (inputs on which mistakes show) and wrong versions. The learner's
function and every wrong version are run on the probe; when the observations are equal, that mistake is named.
"""

import importlib.util
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from mi_tutor.tutor import workspace
from mi_tutor.tutor.judge import difference


@dataclass(frozen=True)
class Misconception:
    """A wrong version of an exercise and the sentence for a learner whose code behaves like it."""

    exercise: str
    name: str
    says: str
    function: Callable


@dataclass(frozen=True)
class Probe:
    exercise: str
    observe: Callable  # implementation -> iterator of observations
    atol: float
    rtol: float


@dataclass(frozen=True)
class Observed:
    """What an implementation did on a probe: its values, then the kind of error that ended it, if one did."""

    values: tuple[Any, ...]
    error: str | None


_MISCONCEPTIONS: dict[str, list[Misconception]] = {}
_PROBES: dict[str, Probe] = {}
_observations: dict[tuple[str, str], Observed] = {}


def misconception(exercise: str, *, says: str):
    """Record the decorated function as a wrong version of `exercise`."""

    def record(function: Callable) -> Callable:
        entry = Misconception(exercise, function.__name__, says, function)
        others = [m for m in _MISCONCEPTIONS.get(exercise, []) if m.name != entry.name]
        _MISCONCEPTIONS[exercise] = [*others, entry]
        return function

    return record


def probe(exercise: str, *, atol: float = 1e-5, rtol: float = 1e-4):
    """Record the decorated generator as the probe of `exercise`: it calls the implementation and yields what it saw."""

    def record(function: Callable) -> Callable:
        _PROBES[exercise] = Probe(exercise, function, atol, rtol)
        return function

    return record


def load(chapter: str) -> None:
    """Read a chapter's wrong versions (once a process)."""
    path = workspace.misconceptions_file(chapter)
    module_name = f"mi_tutor_misconceptions.{chapter}"
    if module_name in sys.modules or not path.exists():
        return
    spec = importlib.util.spec_from_file_location(module_name, path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[module_name] = module
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[module_name]
        raise


def of(exercise: str) -> list[Misconception]:
    load(exercise.split(".")[0])
    return list(_MISCONCEPTIONS.get(exercise, []))


def probe_of(exercise: str) -> Probe | None:
    load(exercise.split(".")[0])
    return _PROBES.get(exercise)


def matching(exercise: str, function: Callable) -> list[Misconception]:
    """The recorded mistakes of `exercise` that `function` behaves like on the probe."""
    known, recorded = of(exercise), probe_of(exercise)
    if not known or recorded is None:
        return []
    seen = observe(recorded, function)
    matches = []
    for candidate in known:
        key = (exercise, candidate.name)
        if key not in _observations:
            _observations[key] = observe(recorded, candidate.function)
        if alike(seen, _observations[key], recorded):
            matches.append(candidate)
    return matches


def observe(recorded: Probe, function: Callable) -> Observed:
    """Run `function` on the probe from a fixed random state; the caller's random state is left as it was."""
    import torch

    state, values, error = torch.get_rng_state(), [], None
    torch.manual_seed(0)
    try:
        for value in recorded.observe(getattr(function, "unchecked", function)):
            values.append(value)
    except Exception as raised:  # a wrong version may fail in its own way; the kind of failure is an observation
        error = type(raised).__name__
    finally:
        torch.set_rng_state(state)
    return Observed(tuple(values), error)


def alike(one: Observed, other: Observed, recorded: Probe) -> bool:
    if one.error != other.error or len(one.values) != len(other.values):
        return False
    try:
        return difference(one.values, other.values, atol=recorded.atol, rtol=recorded.rtol) is None
    except (TypeError, ValueError, RuntimeError):
        return False
