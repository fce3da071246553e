"""Naming a known mistake by what the code does, never by how it is written.

For each exercise the authors record a *probe* (inputs on which mistakes show) and wrong versions. The learner's
function and every wrong version are run on the probe; when the observations are equal, that mistake is named.
"""

import importlib
import sys
import types
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

    def steps(self) -> list:
        """The observations in order, an error as the last."""
        return [*self.values, *([_Error(self.error)] if self.error else [])]


@dataclass(frozen=True)
class _Error:
    kind: str


_MISCONCEPTIONS: dict[str, list[Misconception]] = {}
_PROBES: dict[str, Probe] = {}
_UNKNOWN = object()
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


def outcome(call: Callable):
    """For probes: what a call gives, or the word for how it refuses, so that the observations after it still count."""
    try:
        return call()
    except ValueError:
        return "refused"
    except (IndexError, KeyError, RuntimeError, ZeroDivisionError) as error:
        return type(error).__name__


def load(exercise: str) -> None:
    """Read the wrong versions of an exercise (once a process)."""
    path = workspace.misconceptions_file(exercise)
    chapter, function = exercise.split(".")
    package = f"mi_tutor_misconceptions_{chapter}"
    if f"{package}.{function}" in sys.modules or not path.exists():
        return
    if package not in sys.modules:  # a package, so that files of a chapter can share what they build on
        sys.modules[package] = types.ModuleType(package)
        sys.modules[package].__path__ = [str(path.parent)]
    importlib.invalidate_caches()
    importlib.import_module(f"{package}.{function}")


def of(exercise: str) -> list[Misconception]:
    load(exercise)
    return list(_MISCONCEPTIONS.get(exercise, []))


def probe_of(exercise: str) -> Probe | None:
    load(exercise)
    return _PROBES.get(exercise)


def matching(exercise: str, function: Callable, truth: Callable | None = None) -> list[Misconception]:
    """The recorded mistakes of `exercise` that `function` behaves like on the probe.

    First those it equals in every observation. Where there is none, the code may hold two mistakes at once: then the
    mistake whose wrong observations it shows all, value for value, and that accounts for the most of them.

    Args:
        truth: the reference, where there is one; else what most recorded mistakes do at an observation stands for it.
    """
    known, recorded = of(exercise), probe_of(exercise)
    if not known or recorded is None:
        return []
    seen = observe(recorded, function)
    exact = [m for m in known if alike(seen, _observation(recorded, m), recorded)]
    return exact or _shown_among_others(seen, known, recorded, truth)


def _observation(recorded: Probe, candidate: Misconception) -> Observed:
    key = (candidate.exercise, candidate.name)
    if key not in _observations:
        _observations[key] = observe(recorded, candidate.function)
    return _observations[key]


def _shown_among_others(seen: Observed, known, recorded: Probe, truth: Callable | None) -> list[Misconception]:
    """The mistake that `seen` shows in full beside something else; empty when none or several do equally."""
    wrong_ones = {m.name: _observation(recorded, m).steps() for m in known}
    right = observe(recorded, truth).steps() if truth else _majority(list(wrong_ones.values()), recorded)
    mine, shown = seen.steps(), {}
    for candidate in known:
        steps = wrong_ones[candidate.name]
        known_right = [(i, step) for i, step in enumerate(steps) if i < len(right) and right[i] is not _UNKNOWN]
        wrong = [i for i, step in known_right if not _agree(step, right[i], recorded)]
        if wrong and all(i < len(mine) and _agree(mine[i], steps[i], recorded) for i in wrong):
            shown[candidate.name] = set(wrong)
    most = max(map(len, shown.values()), default=0)
    best = [m for m in known if len(shown.get(m.name, ())) == most > 0]
    # Mistakes seen at different observations are there side by side: the first recorded is told first. Seen at the same
    # observation they cannot be told apart, and a wrong name is worse than none.
    apart = sum(len(shown[m.name]) for m in best) == len(set().union(*(shown[m.name] for m in best)))
    return best[:1] if apart else []


def _majority(rows: list[list], recorded: Probe) -> list:
    """At each observation what more than half of the implementations do; unknown where there is no such."""
    right = []
    for i in range(max(map(len, rows), default=0)):
        column = [row[i] for row in rows if i < len(row)]
        counts = [sum(_agree(one, other, recorded) for other in column) for one in column]
        right.append(column[counts.index(max(counts))] if max(counts) > len(rows) / 2 else _UNKNOWN)
    return right


def observe(recorded: Probe, function: Callable) -> Observed:
    """Run `function` on the probe from a fixed random state; the caller's random state is left as it was."""
    torch = sys.modules.get("torch")  # a chapter that never imported it needs no random state and no two seconds
    values, error = [], None
    if torch:
        state = torch.get_rng_state()
        torch.manual_seed(0)
    try:
        for value in recorded.observe(getattr(function, "unchecked", function)):
            values.append(value)
    except Exception as raised:  # a wrong version may fail in its own way; the kind of failure is an observation
        error = type(raised).__name__
    finally:
        if torch:
            torch.set_rng_state(state)
    return Observed(tuple(values), error)


def alike(one: Observed, other: Observed, recorded: Probe) -> bool:
    """Whether two implementations did the same in every observation."""
    mine, theirs = one.steps(), other.steps()
    return len(mine) == len(theirs) and all(_agree(a, b, recorded) for a, b in zip(mine, theirs, strict=True))


def _agree(one, other, recorded: Probe) -> bool:
    if isinstance(one, _Error) or isinstance(other, _Error):
        return one == other if type(one) is type(other) else False
    try:
        return difference(one, other, atol=recorded.atol, rtol=recorded.rtol) is None
    except (TypeError, ValueError, RuntimeError):
        return False
