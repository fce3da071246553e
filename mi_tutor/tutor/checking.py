"""Running the checks of exercises through pytest, in this process, and reading off what they said."""

import contextlib
import io
import os
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

from mi_tutor.tutor import answers, misconceptions, progress, workspace
from mi_tutor.tutor.judge import CheckFailed
from mi_tutor.tutor.problems import NoReference, NotAttempted, TutorProblem
from mi_tutor.tutor.traces import learner_lines, one_line

PRINT_LIMIT = 2000  # characters of the learner's own printing that are kept; the rest is counted


@dataclass
class Check:
    """One check of an exercise and how it went."""

    name: str
    claim: str
    status: str  # passed | failed | skipped
    message: str = ""
    given: dict[str, str] = field(default_factory=dict)
    expected: str | None = None
    got: str | None = None
    trace: list[str] = field(default_factory=list)


@dataclass
class Report:
    """What the checks say about one exercise."""

    name: str
    status: str  # passed | failed | not_attempted | skipped
    checks: list[Check] = field(default_factory=list)
    misconception: str | None = None
    printed: str = ""
    seconds: float = 0.0
    problem: str = ""  # why checks could not run at all
    unsaved: str = ""  # why the result could not be noted in the progress
    answered_by: str = "learner"

    def as_json(self) -> dict:
        """The object that `check --json` prints."""
        keys = ("name", "claim", "status", "message")
        # A reader of the JSON learns from `checks` alone why nothing could be checked.
        could_not = [Check("", "The checks can run.", "failed", self.problem)] if self.problem else []
        return {
            "name": self.name,
            "status": self.status,
            "checks": [{key: getattr(check, key) for key in keys} for check in self.checks or could_not],
            "misconception": self.misconception,
            "seconds": round(self.seconds, 3),
        }


def check(exercises, *, record: bool = True) -> list[Report]:
    """Check `exercises` (catalogue entries) with whoever answers them; results of the learner's code are recorded."""
    answers.forget()
    reports = []
    for chapter in dict.fromkeys(e.chapter for e in exercises):
        reports += _check_chapter(chapter, [e for e in exercises if e.chapter == chapter])
    if record:
        _record([report for report in reports if report.answered_by in ("learner", "nobody")])
    return reports


def _record(reports: list[Report]) -> None:
    """Note the results and keep the code that was judged; a full disk must not cost the learner the card."""
    from mi_tutor.tutor import workbench

    judged = [r for r in reports if r.checks and not (r.problem and r.status == "failed")]
    for report in judged:
        try:
            progress.record_result(report.name, report.status)
        except TutorProblem as problem:
            report.unsaved = str(problem)
    workbench.keep([report.name for report in judged if report.answered_by == "learner"])


def claims(name: str) -> list[str]:
    """The claims that will be checked, in order, without running anything."""
    import ast

    chapter = name.split(".")[0]
    path = workspace.checks_file(chapter)
    if not path.exists():
        return []
    found = []
    for node in ast.parse(path.read_text("utf-8")).body:
        if isinstance(node, ast.FunctionDef) and _marked(node, name):
            found.append((ast.get_docstring(node) or node.name).splitlines()[0])
    return found


def _marked(node, name: str) -> bool:
    import ast

    return any(
        isinstance(d, ast.Call)
        and ast.unparse(d.func).endswith("mark.exercise")
        and ast.literal_eval(d.args[0]) == name
        for d in node.decorator_list
    )


def _check_chapter(chapter: str, exercises) -> list[Report]:
    reports = {e.name: Report(e.name, "passed", answered_by=_who(e.name)) for e in exercises}
    problem = _unreadable(chapter) if any(r.answered_by != "nobody" for r in reports.values()) else None
    for report in reports.values():
        if report.answered_by == "nobody":
            report.status = "not_attempted"
            report.checks = [Check("", claim, "skipped") for claim in claims(report.name)]
        elif problem:
            report.status, report.problem = "failed", problem
    running = {n: r for n, r in reports.items() if r.status == "passed"}
    if running:
        _run(chapter, running)
    for report in running.values():
        _conclude(report)
    return list(reports.values())


def _who(name: str) -> str:
    who = answers.who_answers(name)
    # A check of one's own work comes before a skip: whoever skipped and then wrote an answer wants it judged.
    if who == "reference" and not answers.reference_mode() and answers.attempted(name):
        return "learner"
    return who


def _unreadable(chapter: str) -> str | None:
    sink = _Printed()
    try:
        with contextlib.redirect_stdout(sink), contextlib.redirect_stderr(sink), _quiet_warnings():
            answers.load_learner(chapter)
    except TutorProblem as problem:
        return str(problem)
    return None


def _conclude(report: Report) -> None:
    if not report.checks:
        report.status, report.problem = "failed", f"No checks were found for `{report.name}`."
    elif any(check.status == "failed" for check in report.checks):
        report.status = "failed"
        matches = _named(report.name)
        if len(matches) == 1:
            report.misconception = matches[0].says
    elif report.answered_by == "reference" and not answers.reference_mode():
        report.status = "skipped"
    elif any(check.status == "skipped" for check in report.checks):
        report.status = "not_attempted"
        report.problem = next(check.message for check in report.checks if check.status == "skipped")


def _named(name: str) -> list:
    sink = _Printed()
    try:
        with contextlib.redirect_stdout(sink), contextlib.redirect_stderr(sink), answers.judging(name):
            return misconceptions.matching(name, answers.answer(name), _truth(name))
    except (TutorProblem, NotAttempted, SystemExit):
        return []


def _truth(name: str):
    try:
        return answers.reference(name)
    except NoReference:
        return None


def _run(chapter: str, reports: dict[str, Report]) -> None:
    """One pytest run over the checks of `reports`; fills them in."""
    import pytest

    if not workspace.checks_file(chapter).exists():
        raise TutorProblem(
            f"The course's own file tests/exercises/test_{chapter}.py is missing, so nothing can be checked. "
            f"Your code is safe. `git checkout -- tests/exercises` brings it back."
        )
    collector = _Collector(reports)
    printed = _Printed()
    judged_by_learner = [n for n, r in reports.items() if r.answered_by == "learner"]
    _forget_changed(workspace.checks_file(chapter))
    arguments = [
        str(workspace.checks_file(chapter)),
        "--rootdir", str(workspace.root()),
        "-c", os.devnull,
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
            stack.enter_context(contextlib.redirect_stdout(printed))
            stack.enter_context(contextlib.redirect_stderr(printed))
            stack.enter_context(_quiet_warnings())
            outcome = pytest.main(arguments, plugins=[collector])
    finally:
        _forget_changed(workspace.checks_file(chapter))  # notes when the module just imported was written
        os.environ.pop("PYTEST_DISABLE_PLUGIN_AUTOLOAD")
        if before is not None:
            os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = before
    if collector.interrupted:
        raise KeyboardInterrupt
    if outcome == pytest.ExitCode.USAGE_ERROR and not collector.collection_error:
        raise TutorProblem(
            f"pytest could not start on {workspace.checks_file(chapter)}. "
            f"`python3 -m mi_tutor doctor` shows its version."
        )
    if collector.collection_error:
        raise TutorProblem(
            f"The checks of chapter {chapter} could not be read ({collector.collection_error}). Your code is safe. "
            f"`git checkout -- tests/exercises` brings the course's checks back."
        )


@contextlib.contextmanager
def _quiet_warnings():
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def _forget_changed(path: Path) -> None:
    """Drop a check module that changed on disk since it was imported (authors edit checks while a kernel runs)."""
    for name, module in list(sys.modules.items()):
        if getattr(module, "__file__", None) == str(path):
            stamp = path.stat().st_mtime_ns
            if getattr(module, "__mi_tutor_stamp__", stamp) != stamp:
                del sys.modules[name]
            else:
                module.__mi_tutor_stamp__ = stamp


class _Printed(io.TextIOBase):
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

    def pytest_runtest_makereport(self, item, call):
        from mi_tutor.tutor.pytest_plugin import exercise_of

        if call.when == "teardown" or (call.when == "setup" and call.excinfo is None):
            return
        report = self.reports[exercise_of(item)]
        report.seconds += call.duration
        report.printed = (report.printed + "\n" + sys.stdout.take()).strip() if isinstance(sys.stdout, _Printed) else ""
        report.printed = report.printed[: PRINT_LIMIT + 100]
        report.checks.append(_judged(item, call.excinfo))


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
