"""The command line: `mi-tutor` and `python3 -m mi_tutor` once the environment stands.

Exit codes: 0 passed, 1 failed, 2 not attempted or wrong use.
"""

import json as jsonlib
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from mi_tutor.tutor.author.commands import author
from mi_tutor.tutor.problems import TutorProblem

app = typer.Typer(
    name="mi-tutor",
    help="A course in mechanistic interpretability that you do with your hands.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.add_typer(author, name="author")
Name = Annotated[str, typer.Argument(help="The exercise, for example features.auroc", show_default=False)]

# Wrong use of the command line. Newer versions of typer carry a click of their own, so it is found through typer.
_WRONG_USE = next(kind for kind in typer.BadParameter.__mro__ if kind.__name__ == "ClickException")

_STOPPED = 130


def main(argv: list[str] | None = None) -> int:
    """Run a command; problems become one sentence on stderr."""
    try:
        result = app(args=argv, standalone_mode=False)
    except TutorProblem as problem:
        print(problem, file=sys.stderr)
        return 2
    except _WRONG_USE as error:
        error.show()
        return 2
    except (KeyboardInterrupt, typer.Abort):
        result = _STOPPED
    if result == _STOPPED:  # newer versions of typer turn Ctrl-C into this number themselves
        print("Stopped. Your code and your progress are as they were.", file=sys.stderr)
    return result if isinstance(result, int) else 0


def _console() -> Console:
    return Console(highlight=False, soft_wrap=False)


def _aside(text: str) -> None:
    """Say something beside a command's own output (which may be JSON)."""
    print(text, file=sys.stderr, flush=True)


def _show(card) -> None:
    from mi_tutor.tutor import cards

    _console().print(cards.as_rich(card))


@app.command()
def learn(
    chapter: Annotated[
        str | None, typer.Argument(help="Open this chapter; without it, the one where you stopped")
    ] = None,
    browser: Annotated[bool, typer.Option(help="Open a browser window")] = True,
) -> int:
    """Open JupyterLab on the chapter where you stopped."""
    from mi_tutor.bootstrap.learn import open_lab
    from mi_tutor.tutor import catalogue, map, recovery, workspace

    recovery.look_after(_aside)
    if chapter:
        target = catalogue.chapter(chapter)
    else:
        following = map.next_exercise()
        target = catalogue.chapter(following.chapter) if following else catalogue.written_chapters()[0]
    if target.planned:
        raise TutorProblem(f"Chapter {target.number} ({target.title}) is planned; it is not written yet.")
    return open_lab(workspace.notebook_file(target.number, target.name), browser=browser)


@app.command()
def check(
    name: Annotated[
        str | None, typer.Argument(help="An exercise or a chapter; without it, all you have attempted")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object an exercise")] = False,
) -> int:
    """Check your answers."""
    from mi_tutor.tutor import cards, catalogue, checking, recovery

    recovery.look_after(_aside)
    entries = catalogue.named(name)
    if not json and name is None:
        return _check_all(entries)
    reports = checking.check(entries)
    if json:
        for report in reports:
            print(jsonlib.dumps(report.as_json(), ensure_ascii=False))
    elif len(reports) == 1:
        _show(cards.of_report(reports[0]))
    else:
        _summary(reports)
    return exit_code(reports)


def _check_all(entries) -> int:
    from mi_tutor.tutor import answers, checking

    attempted = [e for e in entries if answers.attempted(e.name)]
    if not attempted:
        print("Nothing to check yet. `python3 -m mi_tutor learn` opens the first chapter.")
        return 2
    reports = checking.check(attempted)
    _summary(reports)
    return exit_code(reports)


def _summary(reports) -> None:
    from mi_tutor.tutor import cards

    told = set()
    for report in reports:
        if report.status == "failed" and not (report.problem and report.problem in told):
            _show(cards.of_report(report))
            told.add(report.problem)
    for report in reports:
        print(f"{report.status:>13}  {report.name}")


def exit_code(reports) -> int:
    statuses = {report.status for report in reports}
    return 1 if "failed" in statuses else 2 if "not_attempted" in statuses else 0


@app.command()
def watch() -> None:
    """Check each exercise as you save its file; Ctrl-C stops."""
    from mi_tutor.tutor.watch import watch as run

    run(_show)


@app.command()
def hint(name: Name) -> None:
    """Show the next hint."""
    from mi_tutor.tutor import cards, workbench

    number, count, text = workbench.next_hint(name)
    more = (
        f"python3 -m mi_tutor hint {name} gives the next one."
        if number < count
        else f"That was the last; python3 -m mi_tutor reveal {name} shows the reference."
    )
    _show(cards.note(f"Hint {number} of {count}", text, next_step=more))


@app.command()
def reveal(name: Name) -> None:
    """Show the reference solution."""
    from mi_tutor.tutor import cards, workbench

    _show(cards.code(f"Reference · {name}", workbench.reveal(name)))


@app.command()
def skip(name: Name, off: Annotated[bool, typer.Option("--off", help="Stop skipping it")] = False) -> None:
    """Let the reference answer for an exercise."""
    from mi_tutor.tutor import catalogue, workbench

    workbench.skip(name, skipped=not off)
    print(
        f"{catalogue.exercise(name).name} is {'no longer skipped' if off else 'skipped: the reference answers for it'}."
    )


@app.command()
def reset(name: Name) -> None:
    """Put an exercise's stub back; `undo` brings your work back."""
    from mi_tutor.tutor import workbench

    done = workbench.reset(name)
    print(
        f"The stub is back; `python3 -m mi_tutor undo {name}` brings your version back."
        if done
        else "It already is the untouched stub; nothing was changed."
    )


@app.command()
def undo(name: Name) -> int:
    """Go back to the version before."""
    from mi_tutor.tutor import cards, workbench

    text = workbench.undo(name)
    if text is None:
        print("There is no earlier version; nothing was changed.")
        return 2
    _show(cards.code(f"Now in the file · {name}", text))
    return 0


@app.command()
def progress() -> None:
    """A map of chapters and exercises with minutes left."""
    from mi_tutor.tutor import recovery
    from mi_tutor.tutor.map import Map

    recovery.look_after(_aside)
    print(repr(Map()))


@app.command()
def doctor() -> None:
    """Print what a helper would ask for: versions, memory, weights, exercises done."""
    from mi_tutor.bootstrap import doctor as machine
    from mi_tutor.tutor import catalogue, map

    rows = list(machine.report())
    for chapter in catalogue.written_chapters():
        done = [e.function for e in chapter.exercises if map.state(e) == "passed"]
        rows.append(
            (f"chapter {chapter.number}", f"{len(done)} of {len(chapter.exercises)} passed {' '.join(done)}".strip())
        )
    width = max(len(label) for label, _ in rows)
    for label, value in rows:
        print(f"{label:<{width}}  {value}")


@app.command()
def mend() -> None:
    """Repair exercise files with conflict marks from git: your functions are kept, the rest comes from the course."""
    from mi_tutor.tutor import mending

    for line in mending.mend_files():
        print(line)


@app.command()
def update() -> None:
    """Bring in a newer course with git, function by function; your answers stay."""
    from mi_tutor.tutor import update as newer

    for line in newer.update():
        print(line)


@app.command()
def new(folder: Annotated[Path, typer.Argument(help="A folder that does not exist yet", show_default=False)]) -> None:
    """Make a copy of the course to work in (where it was installed with pip)."""
    from mi_tutor.tutor import handing_out

    for line in handing_out.new(folder):
        print(line)


@app.command()
def save(
    file: Annotated[Path, typer.Argument(help="The file to write, or the folder to put it in")] = Path("."),
) -> None:
    """Put all your work into one file, to carry to another machine or to keep (Colab)."""
    from mi_tutor.tutor import parcel

    for line in parcel.save(file):
        print(line)


@app.command()
def load(file: Annotated[Path, typer.Argument(help="A file that `save` made", show_default=False)]) -> None:
    """Bring work from a file that `save` made into this copy of the course; work that is here stays."""
    from mi_tutor.tutor import parcel, recovery

    recovery.look_after(_aside)
    for line in parcel.load(file):
        print(line)


@app.command()
def test(
    quick: Annotated[bool, typer.Option("--quick", help="At most 3 minutes: no notebooks, no slow tests")] = False,
    all: Annotated[bool, typer.Option("--all", help="Everything: the browser and the longest tests too")] = False,
) -> int:
    """Prove the whole course: its own tests, every exercise against the reference, the notebooks."""
    from mi_tutor.tutor import proof

    return proof.run(quick=quick, everything=all)
