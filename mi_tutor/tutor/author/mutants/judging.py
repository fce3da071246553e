"""Run an exercise's checks on its mutants, each in a forked process: what one breaks, no other one sees.

A mutant that loops, or asks for memory without end, is ended; it counts as noticed, by a crash.
"""

import contextlib
import gc
import json
import os
import resource
import select
import signal
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass

from mi_tutor.tutor import answers
from mi_tutor.tutor.author.mutants.making import Mutant
from mi_tutor.tutor.author.trials import Loop, Trial, Verdict, run
from mi_tutor.tutor.problems import TutorProblem

REFERENCE = "the reference"
CPU_SECONDS = 10  # the checks of an exercise take less than one
PATIENCE = 600  # of the clock: a mutant may also wait for something that never comes; this machine may be busy
MORE_MEMORY = 2 * 2**30
PARTS = ("failed", "judged", "broken")


@dataclass(frozen=True)
class Judged:
    """A mutant and what the checks said about it."""

    mutant: Mutant
    killed: bool
    crashed: bool  # noticed, but only by errors of its own: the judge and the contract said nothing
    by: str  # the first message that counted


def judged(chapter: str, mutants: list[Mutant]) -> Iterator[Judged]:
    """What the checks say about `mutants` (all of one chapter), in the same order.

    Raises:
        TutorProblem: the reference itself does not pass, or this machine cannot fork.
    """
    if not hasattr(os, "fork"):
        raise TutorProblem("Mutants run in forked processes, which this system does not have. Use Linux or macOS.")
    _one_thread()
    trials, made = [], []  # `made` has None in place of a reference
    for exercise in dict.fromkeys(mutant.exercise for mutant in mutants):
        mine = [mutant for mutant in mutants if mutant.exercise == exercise]
        made += [None, *mine]
        trials.append(Trial(exercise, REFERENCE, answers.reference(exercise), thorough=True))
        trials += [Trial(exercise, mutant.after, mutant.function(), past_crashes=True) for mutant in mine]
    for mutant, verdict in zip(made, run(chapter, trials, loop=_Apart(trials)) if trials else [], strict=True):
        told = [*verdict.judged, *verdict.failed, *verdict.broken]
        if mutant is not None:
            yield Judged(mutant, bool(told), bool(told) and not verdict.judged, told[0] if told else "")


def _one_thread() -> None:
    """Threads that were started before a fork are missing after it, and whoever waits for them waits forever."""
    os.environ["OMP_NUM_THREADS"] = "1"
    if "torch" in sys.modules:
        sys.modules["torch"].set_num_threads(1)


class _Apart(Loop):
    """Judges the reference here, which also warms up what the checks keep, and each mutant in a process of its own."""

    def judged(self, trial: Trial, all_items: list) -> Verdict:
        if self.unreadable:
            return Verdict(trial)
        if trial.label == REFERENCE:
            _one_thread()  # the checks have been imported by now, and torch with them
            verdict = super().judged(trial, all_items)
            if said := [*verdict.failed, *verdict.broken, *verdict.skipped]:
                self.unreadable = f"the reference of {trial.exercise} does not pass {said[0]}; mend that first"
            return verdict
        verdict = Verdict(trial)
        for field, lines in _in_a_fork(lambda: super(_Apart, self).judged(trial, all_items)).items():
            getattr(verdict, field).extend(lines)
        return verdict


def _in_a_fork(judge) -> dict[str, list[str]]:
    receiving, sending = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(receiving)
        _child(judge, sending)
    os.close(sending)
    try:
        text = _received(receiving)
    finally:
        os.close(receiving)
        with contextlib.suppress(ProcessLookupError):
            os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
    if text:
        return json.loads(text)
    stopped = os.WIFSIGNALED(status) and os.WTERMSIG(status) in (signal.SIGXCPU, signal.SIGKILL)
    return {"failed": [f"it ran for more than {CPU_SECONDS} seconds" if stopped else "the process broke down"]}


def _child(judge, sending: int) -> None:
    """Judge, send the verdict, and end: nothing of this process may run on."""
    try:
        gc.disable()  # a collection would touch, and so copy, all that is shared with the process before it
        resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS + 1))
        _limit_memory()
        verdict = judge()
        parts = {field: [line[:500] for line in getattr(verdict, field)[:5]] for field in PARTS}
        os.write(sending, json.dumps(parts).encode())
    finally:
        os._exit(0)


def _limit_memory() -> None:
    """Let the process have MORE_MEMORY than it has now, where the system tells how much that is."""
    with contextlib.suppress(OSError, ValueError):
        with open("/proc/self/statm") as file:
            pages = int(file.read().split()[0])
        most = pages * resource.getpagesize() + MORE_MEMORY
        resource.setrlimit(resource.RLIMIT_AS, (most, resource.getrlimit(resource.RLIMIT_AS)[1]))


def _received(receiving: int) -> str:
    """All that comes through the pipe until the other side closes it, or patience ends."""
    parts, until = [], time.monotonic() + PATIENCE
    while time.monotonic() < until:
        ready, _, _ = select.select([receiving], [], [], max(0.0, until - time.monotonic()))
        part = os.read(receiving, 65_536) if ready else b""
        if not part:
            break
        parts.append(part)
    return b"".join(parts).decode()
