"""One run of pytest over the checks of some exercises, in this process; what each check said ends up in the reports."""

import contextlib
import io
import os
import sys
import time
from pathlib import Path

from mi_tutor.tutor import answers, workspace
from mi_tutor.tutor.judge import CheckFailed
from mi_tutor.tutor.problems import NotAttempted, TutorProblem
from mi_tutor.tutor.report import Check, Report
from mi_tutor.tutor.traces import learner_lines, one_line

PRINT_LIMIT = 2000  # characters of the learner's own printing that are kept; the rest is counted


def run(chapter: str, reports: dict[str, Report]) -> None:
    """One pytest run over the checks of `reports`; fills them in."""
    import pytest

    files = []
    for name, report in reports.items():
        if workspace.checks_file(name).exists():
            files.append(workspace.checks_file(name))
        else:
            report.problem = (
                f"The course's own file tests/exercises/{chapter}/{workspace.checks_file(name).name} is missing, so "
                f"{name} cannot be checked. Your code is safe. `git checkout -- tests/exercises` brings the file back."
            )
    if not files:
        return
    collector = _Collector(reports)
    printed = Printed()
    judged_by_learner = [n for n, r in reports.items() if r.answered_by == "learner"]
    _forget_changed(workspace.checks_folder(chapter))
    arguments = [
        *map(str, files),
        "--rootdir", str(workspace.root()),
        "-c", os.devnull,
        "--confcutdir", str(workspace.checks_folder(chapter)),  # else pytest lists every folder above, the home too
        "-p", "mi_tutor.tutor.pytest_plugin",
        "-p", "no:cacheprovider",
        "-p", "no:terminal",
        "-p", "no:warnings",
        "-p", "no:logging",
        "-p", "no:faulthandler",
        "-p", "no:unraisableexception",  # collects garbage several times: half of the time of a check
        "-p", "no:threadexception",
        "-s",
    ]  # fmt: skip
    before = os.environ.get("PYTEST_DISABLE_PLUGIN_AUTOLOAD")
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    try:
        with contextlib.ExitStack() as stack:
            for name in judged_by_learner:
                stack.enter_context(answers.judging(name))
            stack.enter_context(answers.noting_calls())
            stack.enter_context(contextlib.redirect_stdout(printed))
            stack.enter_context(contextlib.redirect_stderr(printed))
            stack.enter_context(quiet_warnings())
            outcome = pytest.main(arguments, plugins=[collector])
    finally:
        _forget_changed(workspace.checks_folder(chapter))  # notes when the modules just imported were written
        os.environ.pop("PYTEST_DISABLE_PLUGIN_AUTOLOAD")
        if before is not None:
            os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = before
    if collector.interrupted:
        raise KeyboardInterrupt
    if outcome == pytest.ExitCode.USAGE_ERROR and not collector.collection_error:
        raise TutorProblem(
            f"pytest could not start on {workspace.checks_folder(chapter)}. "
            f"`python3 -m mi_tutor doctor` shows its version."
        )
    if collector.collection_error:
        raise TutorProblem(
            f"The checks of chapter {chapter} could not be read ({collector.collection_error}). Your code is safe. "
            f"`git checkout -- tests/exercises` brings the course's checks back."
        )


@contextlib.contextmanager
def no_sudden_end():
    """`os._exit` in an answer would end the program without a word; here it ends as `sys.exit` does, and is told."""
    at_once, here = os._exit, os.getpid()

    def end(status: int) -> None:
        if os.getpid() != here:  # a process that somebody forked ends as it should
            at_once(status)
        raise SystemExit(status)

    os._exit = end
    try:
        yield
    finally:
        os._exit = at_once


@contextlib.contextmanager
def quiet_warnings():
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def _forget_changed(folder: Path) -> None:
    """Drop the check modules that changed on disk since they were imported (authors edit checks in a running kernel).

    A file that others build on takes all of them along.
    """
    mine = {
        n: m for n, m in list(sys.modules.items()) if str(getattr(m, "__file__", "")).startswith(f"{folder}{os.sep}")
    }
    stamps = {name: _stamp(module) for name, module in mine.items()}
    changed = any(getattr(mine[name], "__mi_tutor_stamp__", stamp) != stamp for name, stamp in stamps.items())
    for name, module in mine.items():
        if changed:
            del sys.modules[name]
        else:
            module.__mi_tutor_stamp__ = stamps[name]


def _stamp(module) -> int:
    """When the file of a module was written; 0 when it is gone."""
    try:
        return os.stat(module.__file__).st_mtime_ns
    except OSError:
        return 0


class Printed(io.TextIOBase):
    """A stream that keeps the first `PRINT_LIMIT` characters and counts the rest: no output can drown a card."""

    def __init__(self):
        self.kept, self.room, self.dropped = [], PRINT_LIMIT, 0

    def write(self, text: str) -> int:
        self.kept.append(text[: self.room])
        self.dropped += max(0, len(text) - self.room)
        self.room = max(0, self.room - len(text))
        if len(self.kept) > 4 * PRINT_LIMIT:
            self.kept = ["".join(self.kept)]
        return len(text)

    def writable(self) -> bool:
        return True

    def take(self) -> str:
        text = "".join(self.kept) + (f"\n… and {self.dropped} more characters" if self.dropped else "")
        self.kept, self.room, self.dropped = [], PRINT_LIMIT, 0
        return text.strip("\n")


class _Collector:
    """A pytest plugin that keeps only the wanted checks and notes how each went."""

    def __init__(self, reports: dict[str, Report]):
        self.reports = reports
        self.interrupted = False
        self.collection_error = ""
        self.started = time.perf_counter()

    def pytest_collection_modifyitems(self, config, items):
        from mi_tutor.tutor.pytest_plugin import exercise_of

        items[:] = [item for item in items if exercise_of(item) in self.reports]

    def pytest_collectreport(self, report):
        if report.failed:
            self.collection_error = str(report.longrepr).strip().splitlines()[-1]

    def pytest_keyboard_interrupt(self, excinfo):
        # pytest also comes by here when it stops by itself, after a check module that cannot be read.
        self.interrupted = excinfo.typename == "KeyboardInterrupt"

    def pytest_runtest_logstart(self, nodeid, location):
        self.started = time.perf_counter()
        answers.take_used()

    def pytest_runtest_makereport(self, item, call):
        from mi_tutor.tutor.pytest_plugin import exercise_of

        if call.when == "teardown" or (call.when == "setup" and call.excinfo is None):
            return
        report = self.reports[exercise_of(item)]
        report.seconds += call.duration
        report.printed = (report.printed + "\n" + sys.stdout.take()).strip() if isinstance(sys.stdout, Printed) else ""
        report.printed = report.printed[: PRINT_LIMIT + 100]
        report.checks.append(_judged(item, call.excinfo))
        called = answers.take_used()
        if report.checks[-1].status == "failed":
            report.called |= called


def _judged(item, excinfo) -> Check:
    claim = (item.function.__doc__ or item.name).strip().splitlines()[0]
    if excinfo is None:
        return Check(item.name, claim, "passed")
    error = excinfo.value
    if isinstance(error, NotAttempted) or excinfo.typename == "Skipped":
        return Check(item.name, claim, "skipped", message=str(error))
    trace = learner_lines(
        excinfo.tb, str(workspace.exercises_file(item.get_closest_marker("exercise").args[0].split(".")[0]))
    )
    if isinstance(error, CheckFailed):
        return Check(item.name, claim, "failed", error.message, error.given, error.expected, error.got)
    if isinstance(error, AssertionError) and not trace:
        return Check(item.name, claim, "failed", str(error))
    return Check(item.name, claim, "failed", one_line(error), trace=trace)
