"""Checking exercises: whose answer is judged, what its checks say together, and what is noted in the progress."""

import contextlib

from mi_tutor.tutor import answers, misconceptions, progress, workbench, workspace
from mi_tutor.tutor.problems import NoReference, NotAttempted, TutorProblem
from mi_tutor.tutor.report import Check, Report
from mi_tutor.tutor.running import Printed, no_sudden_end, quiet_warnings, run


def check(exercises, *, record: bool = True) -> list[Report]:
    """Check `exercises` (catalogue entries) with whoever answers them; results of the learner's code are recorded."""
    answers.forget()
    reports = []
    with no_sudden_end():
        for chapter in dict.fromkeys(e.chapter for e in exercises):
            reports += _check_chapter(chapter, [e for e in exercises if e.chapter == chapter])
    if record:
        _record([report for report in reports if report.answered_by in ("learner", "nobody")])
    return reports


def _record(reports: list[Report]) -> None:
    """Note the results and keep the code that was judged; a full disk must not cost the learner the card."""
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

    path = workspace.checks_file(name)
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
        run(chapter, running)
    for report in running.values():
        _conclude(report)
    for report in running.values():
        if report.status == "failed" and report.checks:
            _explain(report, running)
    return list(reports.values())


def _who(name: str) -> str:
    who = answers.who_answers(name)
    # A check of one's own work comes before a skip: whoever skipped and then wrote an answer wants it judged.
    if who == "reference" and not answers.reference_mode() and answers.attempted(name):
        return "learner"
    return who


def _unreadable(chapter: str) -> str | None:
    sink = Printed()
    try:
        with contextlib.redirect_stdout(sink), contextlib.redirect_stderr(sink), quiet_warnings():
            answers.load_learner(chapter)
    except TutorProblem as problem:
        return str(problem)
    return None


def _conclude(report: Report) -> None:
    if not report.checks:
        report.status, report.problem = "failed", report.problem or f"No checks were found for `{report.name}`."
    elif any(check.status == "failed" for check in report.checks):
        report.status = "failed"
    elif report.answered_by == "reference" and not answers.reference_mode():
        report.status = "skipped"
    elif any(check.status == "skipped" for check in report.checks):
        report.status = "not_attempted"
        report.problem = next(check.message for check in report.checks if check.status == "skipped")


def _explain(report: Report, reports: dict[str, Report]) -> None:
    """Why it fails: an exercise underneath that fails too, else a recorded mistake that the code behaves like."""
    for name in sorted(report.called - {report.name}):
        other = reports.get(name) or _checked_now(name)
        fails = other.answered_by == "learner" and any(check.status == "failed" for check in other.checks)
        if fails and report.name not in other.called:  # two that call each other: neither comes first
            report.underneath.append(name)
    matches = _named(report.name) if not report.underneath else []  # its behaviour is not all its own then
    if len(matches) == 1:
        report.misconception = matches[0].says


def _checked_now(name: str) -> Report:
    """The learner's answer checked as it stands: what was noted about it last may be out of date."""
    report = Report(name, "passed", answered_by=answers.who_answers(name))
    if report.answered_by == "learner":
        run(name.split(".")[0], {name: report})
    return report


def _named(name: str) -> list:
    sink = Printed()
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
