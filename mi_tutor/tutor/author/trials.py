"""Run the checks of a chapter against many implementations, collecting them through pytest only once.

A trial is one implementation of one exercise: the reference, a recorded mistake, the reference without a statement. All
other exercises are answered by the reference, so a check that builds on them judges this one alone.
"""

import contextlib
import io
import itertools
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest

from mi_tutor.tutor import answers, workspace
from mi_tutor.tutor.contract import ContractBroken
from mi_tutor.tutor.problems import TutorProblem

TRIAL_SECONDS = 30  # a check of a wrong version that takes longer runs in an endless loop; it counts as failed


@dataclass(frozen=True)
class Trial:
    """An implementation to be judged. A `thorough` one runs every check; else a first failure is enough."""

    exercise: str
    label: str
    function: Callable
    thorough: bool = False
    past_crashes: bool = False  # a failure that is a crash is not enough: perhaps another check gives a verdict

    def decided(self, verdict: "Verdict") -> bool:
        """Whether no further check without `seed` has to run."""
        return not self.thorough and bool(verdict.judged if self.past_crashes else verdict.failed)


@dataclass
class Verdict:
    """What the checks said about a trial."""

    trial: Trial
    ran: int = 0
    failed: list[str] = field(default_factory=list)  # "check: message" of the failures that were seen
    judged: list[str] = field(default_factory=list)  # of these, what the judge or the contract said; the rest crashed
    skipped: list[str] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)  # checks whose fixtures failed: they judged nothing
    missed_seeds: list[int] = field(default_factory=list)  # seeds for which no check failed

    @property
    def caught(self) -> bool:
        """Whether the checks refuse the implementation, for every seed."""
        return bool(self.failed) and not self.missed_seeds


def run(chapter: str, trials: list[Trial], *, seeds: int | None = None, loop: "Loop | None" = None) -> list[Verdict]:
    """Judge `trials` (all of one chapter), with the checks that take `seed` run for each of `seeds` seeds."""
    loop = loop or Loop(trials)
    arguments = [
        *map(str, dict.fromkeys(workspace.checks_file(trial.exercise) for trial in trials)),
        "--rootdir", str(workspace.root()),
        "-c", os.devnull,
        "-p", "mi_tutor.tutor.pytest_plugin",
        "-p", "no:cacheprovider",
        "-p", "no:terminal",
        "-p", "no:warnings",
        "-p", "no:logging",
        "-p", "no:faulthandler",
        "-s",
        *(["--seeds", str(seeds)] if seeds else []),
    ]  # fmt: skip
    with _environment(PYTEST_DISABLE_PLUGIN_AUTOLOAD="1", MI_TUTOR_ANSWERS="reference"), quiet():
        answers.forget()
        _forget_elsewhere()
        outcome = pytest.main(arguments, plugins=[loop])
    answers.forget()
    if outcome == pytest.ExitCode.INTERRUPTED and not loop.unreadable:
        raise KeyboardInterrupt
    if loop.unreadable or loop.verdicts is None:
        reason = loop.unreadable or f"pytest ended with exit code {int(outcome)}"
        raise TutorProblem(f"The checks of chapter {chapter} could not be run: {reason}")
    return loop.verdicts


@contextlib.contextmanager
def _environment(**values: str) -> Iterator[None]:
    before = {key: os.environ.get(key) for key in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for key, value in before.items():
            os.environ.pop(key, None) if value is None else os.environ.__setitem__(key, value)


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Throw away what implementations print and warn about."""
    import warnings

    sink = io.StringIO()
    with contextlib.redirect_stdout(sink), contextlib.redirect_stderr(sink), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def _forget_elsewhere() -> None:
    """Let pytest read the checks again when the last ones stood in another workspace."""
    here = str(workspace.root() / "tests")
    for name, module in list(sys.modules.items()):
        if name.split(".")[0] == "exercises" and not str(getattr(module, "__file__", here)).startswith(here):
            del sys.modules[name]


class Loop:
    """A pytest plugin whose test loop goes over the trials instead of once over the checks."""

    def __init__(self, trials: list[Trial]):
        self.trials = trials
        self.verdicts: list[Verdict] | None = None
        self.unreadable = ""

    def pytest_collectreport(self, report):
        if report.failed:
            self.unreadable = str(report.longrepr).strip().splitlines()[-1]

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_makereport(self, item, call):
        outcome = yield
        kind = call.excinfo.type if call.excinfo else type(None)
        outcome.get_result().by_judge = issubclass(kind, (AssertionError, ContractBroken))

    def pytest_runtestloop(self, session):
        if self.unreadable:
            return True
        session.config.option.tbstyle = "line"  # of a failure only the message is kept; tracebacks take their time
        self.verdicts = []
        for trial, following in itertools.zip_longest(self.trials, self.trials[1:]):
            self.verdicts.append(self.judged(trial, session.items))
            if following is None or following.exercise != trial.exercise:  # the next checks stand in another module
                session._setupstate.teardown_exact(None)
        return True

    def judged(self, trial: Trial, all_items: list) -> Verdict:
        from mi_tutor.tutor.pytest_plugin import exercise_of

        items = [item for item in all_items if exercise_of(item) == trial.exercise]
        verdict = Verdict(trial)
        fixed, by_seed = _sorted_by_seed(items)
        with answers.using(trial.exercise, trial.function):
            for item in fixed:
                _one(item, items, verdict)
                if trial.decided(verdict):
                    return verdict  # a failure of a check without `seed` is a failure for every seed
            for seed, seeded in by_seed.items():
                before = len(verdict.failed)
                for item in seeded:
                    _one(item, items, verdict)
                    if len(verdict.failed) > before and trial.decided(verdict):
                        break
                if len(verdict.failed) == before:
                    verdict.missed_seeds.append(seed)
        return verdict


def _sorted_by_seed(items: list) -> tuple[list, dict[int, list]]:
    fixed, by_seed = [], {}
    for item in items:
        seed = item.callspec.params.get("seed") if hasattr(item, "callspec") else None
        by_seed.setdefault(seed, []).append(item) if seed is not None else fixed.append(item)
    return fixed, by_seed


def _one(item, items: list, verdict: Verdict) -> None:
    from _pytest.runner import runtestprotocol

    # Naming another check of the module as the next keeps its module-wide fixtures alive between trials.
    following = next((other for other in items if other is not item), None)
    with _time_limit(None if verdict.trial.thorough else TRIAL_SECONDS):
        reports = runtestprotocol(item, nextitem=following, log=False)
    verdict.ran += 1
    for report in reports:
        line = f"{item.name}: {_last_words(report)}"
        if report.skipped:
            verdict.skipped.append(line)
        elif report.failed:
            (verdict.failed if report.when == "call" else verdict.broken).append(line)
            if report.when == "call" and report.by_judge:
                verdict.judged.append(line)


def _last_words(report) -> str:
    crash = getattr(report.longrepr, "reprcrash", None)
    if crash is not None:
        return crash.message.splitlines()[0] if crash.message else "failed"
    return str(report.longrepr[-1] if isinstance(report.longrepr, tuple) else report.longrepr or "").strip()[-200:]


class _TookTooLong(BaseException):
    """Not an Exception, so that an implementation's own `except` cannot swallow it."""


@contextlib.contextmanager
def _time_limit(seconds: float | None) -> Iterator[None]:
    possible = hasattr(signal, "setitimer") and threading.current_thread() is threading.main_thread()
    if seconds is None or not possible:
        yield
        return

    def stop(*_):
        raise _TookTooLong(f"it ran for more than {seconds} seconds")

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
