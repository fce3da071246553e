"""The pytest plugin of `test`: sorts all tests into steps, announces them, and measures the notebooks."""

import os
import signal
from dataclasses import asdict

import pytest

from mi_tutor.tutor import notebook_numbers
from mi_tutor.tutor.notebook_meter import Book, Meter, Within, table
from mi_tutor.tutor.proof_turnstile import passed

STEPS = {
    "style": "ruff check and ruff format",
    "promises": "the promises of `author check`",
    "checks": "every check against the reference",
    "stubs": "plain pytest on untouched stubs",
    "notebooks": "the notebooks and their stored outputs",
    "course": "the course's own tests",
}
REFERENCE = ("promises", "checks", "notebooks")
# Told at the end, so that a maintainer sees where the minutes go, and which checks keep a learner waiting.
SLOWEST_FILES, SLOWEST_CHECKS = 10, 20


def step_of(item) -> str:
    """The step that a test belongs to."""
    if isinstance(item, Within) or type(item).__name__ == "IPyNbCell":
        return "notebooks"
    if item.get_closest_marker("exercise"):
        return "checks"
    by_file = {"test_style": "style", "test_promises": "promises", "test_untouched_stubs": "stubs"}
    return by_file.get(item.path.stem, "course")


def pytest_configure(config):
    # Started in the background, a process may inherit that Ctrl-C is ignored; the tests of Ctrl-C need it to work.
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    config.pluginmanager.register(Steps(config), "mi_tutor_proof_steps")
    notebook_numbers.pytest_configure(config)


class Steps:
    """Runs the steps in order, each under the answers it is about, and tells what each took.

    With two workers each of them has one of these, and so has the process that prints: all that it tells comes with
    the reports.
    """

    def __init__(self, config):
        self.config = config
        self.meter = Meter()
        self.workspace = os.environ.get("MI_TUTOR_WORKSPACE")
        self.now: str | None = None
        self.seconds: dict[str, float] = {}
        self.files: dict[str, float] = {}
        self.checks: dict[str, float] = {}
        self.counts: dict[str, dict[str, int]] = {}
        self.books: dict[str, Book] = {}
        self.tables: list[str] = []
        self.passed_over: dict[str, int] = {}  # why tests of the course were skipped, and how many

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items):
        order = list(STEPS)
        items.sort(key=lambda item: order.index(step_of(item)))
        items[:] = self.meter.with_limits(items)

    @pytest.hookimpl(hookwrapper=True, tryfirst=True)
    def pytest_runtest_protocol(self, item):
        if step_of(item) != self.now:
            self._begin(step_of(item))
        with passed(alone="benchmarks" in item.path.parts), self.meter.watching(item):
            yield

    @pytest.hookimpl(hookwrapper=True, tryfirst=True)
    def pytest_runtest_makereport(self, item, call):
        outcome = yield
        report = outcome.get_result()
        report.step = step_of(item)
        if isinstance(item, Within):
            report.book = asdict(item.measured())
        # With the reference there is no reason to skip a check: a skipped one proves nothing.
        if report.step == "checks" and report.skipped and not hasattr(report, "wasxfail"):
            reason = report.longrepr[-1] if isinstance(report.longrepr, tuple) else report.longrepr
            report.outcome, report.longrepr = "failed", f"skipped although the reference answers: {reason}"

    def pytest_runtest_logreport(self, report):
        self.seconds[report.step] = self.seconds.get(report.step, 0) + report.duration
        if report.step != "notebooks":  # they have a table of their own
            file = report.nodeid.partition("::")[0]
            self.files[file] = self.files.get(file, 0) + report.duration
        if report.step == "checks":
            check = report.nodeid.removeprefix("tests/exercises/")
            self.checks[check] = self.checks.get(check, 0) + report.duration
        if report.when == "call" or not report.passed:
            counts = self.counts.setdefault(report.step, {})
            counts[report.outcome] = counts.get(report.outcome, 0) + 1
        if report.skipped and report.step == "course" and not hasattr(report, "wasxfail"):
            reason = str(report.longrepr[-1]).removeprefix("Skipped: ")
            self.passed_over[reason] = self.passed_over.get(reason, 0) + 1
        if report.when == "call" and hasattr(report, "book"):
            self.books[report.nodeid.partition("::")[0]] = Book(**report.book)
        if report.when == "teardown":
            self.tables += [text for name, text in report.user_properties if name == "table"]

    def _begin(self, step: str) -> None:
        from mi_tutor.tutor import answers

        terminal = self.config.pluginmanager.get_plugin("terminalreporter")
        if terminal and not hasattr(self.config, "workerinput"):
            terminal.ensure_newline()
            if self.now:
                terminal.write_line(self._line(self.now))
            terminal.write_line(f"[{list(STEPS).index(step) + 1}/{len(STEPS)}] {STEPS[step]}", bold=True)
        self.now = step
        _set("MI_TUTOR_ANSWERS", "reference" if step in REFERENCE else None)
        _set("MI_TUTOR_WORKSPACE", None if step == "course" else self.workspace)
        answers.forget()

    def _line(self, step: str) -> str:
        counted = ", ".join(f"{n} {outcome}" for outcome, n in self.counts.get(step, {}).items())
        return f"      {counted} in {self.seconds[step]:.1f} s" if counted else "      left out"

    @pytest.hookimpl(tryfirst=True)
    def pytest_terminal_summary(self, terminalreporter):
        for text in self.tables:
            terminalreporter.write_line(text)
        terminalreporter.section("the proof, step by step")
        for step, words in STEPS.items():
            terminalreporter.write_line(f"{words:<40}{self._line(step)}")
        for reason, count in self.passed_over.items():
            terminalreporter.write_line(f"left out: {count} test{'s' if count > 1 else ''}: {reason}")
        for title, seconds, most, digits in (
            ("the slowest files of tests", self.files, SLOWEST_FILES, 1),
            ("the slowest checks", self.checks, SLOWEST_CHECKS, 2),
        ):
            if seconds:
                terminalreporter.section(title)
            for name, taken in sorted(seconds.items(), key=lambda one: -one[1])[:most]:
                terminalreporter.write_line(f"{name:<90}{taken:>7.{digits}f} s")
        if self.books:
            terminalreporter.section("the notebooks")
            for line in table(self.books):
                terminalreporter.write_line(line)


def _set(name: str, value: str | None) -> None:
    if value is None:
        os.environ.pop(name, None)
    else:
        os.environ[name] = value
