"""The tutor in a notebook: `%load_ext mi_tutor` brings `%%exercise`, `%hint`, `%reveal` and the rest, and `predict`."""

import argparse
import importlib
import shlex
import sys

from IPython.core.magic import Magics, cell_magic, line_magic, magics_class

from mi_tutor.tutor import (
    answers,
    buttons,
    cards,
    catalogue,
    cell_cards,
    checking,
    keeping,
    mending,
    progress,
    recovery,
    workbench,
)
from mi_tutor.tutor.contract import ContractBroken
from mi_tutor.tutor.problems import NotAttempted, TutorProblem


def load(shell) -> None:
    """Register the commands and keep the kernel in step with the exercise files."""
    shell.register_magics(TutorMagics(shell))
    shell.set_custom_exc((NotAttempted, TutorProblem, ContractBroken), _show_problem)
    shell.events.register("pre_run_cell", _reload_changed)
    shell.events.register("post_run_cell", _tell_what_does_not_pass)
    if not answers.reference_mode():
        with _sentences():
            recovery.look_after(_say)
            keeping.go_on(shell, _say)


def _say(text: str) -> None:
    _show(cards.note("The tutor says", text))


def _show_problem(shell, kind, error, tb, tb_offset=None):
    """Show one clear sentence in place of a traceback."""
    if isinstance(error, NotAttempted):
        title = "Not mended yet" if error.kind == "mend" else "Not written yet"
    else:
        title = "The shapes do not fit" if isinstance(error, ContractBroken) else "The tutor says"
    _show(cards.note(title, str(error)))


def _reload_changed(*_):
    """Take over what was saved in an editor since the last cell."""
    answers.forget()
    for name in [n for n in sys.modules if n.startswith("mi_tutor.exercises.")]:
        try:
            answers.load_learner(name.rsplit(".", 1)[1])
        except (TutorProblem, OSError):
            continue  # the sentence is shown when an exercise of that module is used


def _tell_what_does_not_pass(*_):
    """A cell that ran on answers which fail their checks says so: its figure may show the mistake."""
    failing = [n for n in sorted(answers.take_used()) if answers.who_answers(n) == "learner" and _fails(n)]
    if failing:
        names = ", ".join(f"`{name}`" for name in failing)
        verb, them = ("do not pass their", "them") if len(failing) > 1 else ("does not pass its", "it")
        _show(cards.note("Take care", f"{names} {verb} checks yet; the output above uses {them} as written."))


def _fails(name: str) -> bool:
    return progress.of(name)["status"] == "failed"


def _show(card: cards.Card) -> None:
    from IPython.display import display

    display(card)


@magics_class
class TutorMagics(Magics):
    """The tutor's commands in a notebook. Without a name they mean the exercise you last worked on."""

    @cell_magic("exercise")
    def exercise(self, line: str, cell: str):
        """%%exercise NAME [--use cell|file]: save the function below, run its checks, show the card."""
        with _sentences():
            options = _exercise_options(line)
            entry = catalogue.exercise(options.name)
            if answers.reference_mode():
                _show(cards.your_turn(entry.name, checking.claims(entry.name)))
                self._publish(entry)
                return
            if options.use == "file":
                self.bring_file(entry)
                return
            saved = workbench.save_cell(entry.name, cell, use=options.use)
            if saved.outcome == "differs":
                _show(cell_cards.two_versions(entry))
                return
            self._judge(entry, cell_cards.saved_note(saved.outcome, entry))
            self._publish(entry, saved.names)
            answers.take_used()
            if saved.afterwards.strip():
                self.shell.run_cell(saved.afterwards, store_history=False)

    def _judge(self, entry, saved_note: str = "") -> None:
        try:
            report = checking.check([entry])[0]
        except KeyboardInterrupt:
            progress.update(entry.name, status="not_attempted")
            _show(cell_cards.interrupted(entry))
            return
        if report.status == "not_attempted" and not report.problem:
            _show(cards.your_turn(entry.name, checking.claims(entry.name)))
        else:
            _show(cards.of_report(report, saved_note=saved_note))
        if report.status == "failed":
            buttons.show(self, entry)

    def _publish(self, entry, names=()) -> None:
        """Let later cells use the function, and the helpers and imports of its cell, by name."""
        try:
            module = answers.load_learner(entry.chapter)
        except TutorProblem:
            return
        for name in (*names, entry.function):
            if hasattr(module, name):
                self.shell.user_ns[name] = getattr(module, name)
        if entry.kind == "mend" and answers.who_answers(entry.name) == "nobody":
            # The fault is there to be seen: by its bare name the function runs as it was handed out.
            self.shell.user_ns[entry.function] = answers.declared(entry.name)
        self.shell.user_ns.setdefault(entry.chapter, importlib.import_module(f"mi_tutor.exercises.{entry.chapter}"))

    def bring_file(self, entry) -> None:
        text = f"%%exercise {entry.name}\n\n{workbench.current(entry.name)}"
        self.shell.set_next_input(text, replace=True)
        _show(
            cards.note(
                "From the file", f"This cell now holds the version of mi_tutor/exercises/{entry.chapter}.py. Run it."
            )
        )

    def _named(self, line: str):
        name = line.strip() or progress.load().get("last")
        if not name:
            raise TutorProblem(
                "Which exercise? Give its name, for example `%hint start_here.swap_in`; `%progress` lists them."
            )
        return catalogue.exercise(name)

    @line_magic("exercise")
    def exercise_line(self, line: str):
        """%exercise NAME --use file: put the file's version into this cell."""
        with _sentences():
            self.bring_file(catalogue.exercise(_exercise_options(line).name))

    @line_magic
    def check(self, line: str):
        """%check [NAME or CHAPTER]: check what stands in the file."""
        with _sentences():
            text = line.strip() or progress.load().get("last")
            for entry in catalogue.named(text):
                self._judge(entry)

    @line_magic
    def hint(self, line: str):
        """%hint [NAME]: the next hint."""
        with _sentences():
            entry = self._named(line)
            number, count, text = workbench.next_hint(entry.name)
            more = (
                f"%hint {entry.name} gives the next one." if number < count else cell_cards.after_the_last_hint(entry)
            )
            _show(cards.note(f"Hint {number} of {count} · {entry.title}", text, next_step=more))

    @line_magic
    def reveal(self, line: str):
        """%reveal [NAME]: the reference solution."""
        with _sentences():
            entry = self._named(line)
            _show(
                cards.code(
                    f"Reference · {entry.title}",
                    workbench.reveal(entry.name),
                    next_step="Close it and write it in your own words; that is where the learning is.",
                )
            )

    @line_magic
    def skip(self, line: str):
        """%skip [NAME] [--off]: let the reference answer for an exercise."""
        with _sentences():
            off = "--off" in line
            entry = self._named(line.replace("--off", ""))
            workbench.skip(entry.name, skipped=not off)
            text = "is no longer skipped." if off else "is skipped: the reference answers for it from now on."
            _show(cards.note(f"Skip · {entry.title}", f"{entry.name} {text}", status="skipped"))

    @line_magic
    def reset(self, line: str):
        """%reset NAME: put the stub back (`%undo` brings your work back). With options only: IPython's own %reset."""
        words = line.strip().split()
        if not words:
            text = "Which exercise? `%reset NAME` puts its stub back."
            own = "IPython's own %reset, which deletes all variables, is %reset -f"
            _show(cards.note("The tutor says", text, status="failed", next_step=own))
            return None
        if words[0].startswith("-"):
            from IPython.core.magics.namespace import NamespaceMagics

            return NamespaceMagics(self.shell).reset(line)
        with _sentences():
            entry = catalogue.exercise(words[0])
            if workbench.reset(entry.name):
                _show(
                    cards.note(
                        f"Reset · {entry.title}",
                        "The stub is back in the file; your version is kept. The cell still shows what you wrote.",
                        next_step=f"%undo {entry.name} brings it back.",
                    )
                )
            else:
                _show(cards.note(f"Reset · {entry.title}", "It already is the untouched stub; nothing was changed."))
        return None

    @line_magic
    def undo(self, line: str):
        """%undo [NAME]: go back to the version before."""
        with _sentences():
            entry = self._named(line)
            text = workbench.undo(entry.name)
            if text is None:
                _show(cards.note(f"Undo · {entry.title}", "There is no earlier version; nothing was changed."))
            else:
                _show(
                    cards.code(
                        f"Undo · {entry.title}",
                        text,
                        before="This version is back in the file; the one it replaced is kept.",
                        next_step=f"To edit it, run in an empty cell: %exercise {entry.name} --use file",
                    )
                )

    @line_magic
    def mend(self, line: str):
        """%mend: repair exercise files that cannot be read; your functions are kept."""
        with _sentences():
            _show(cards.code("Mend", "\n".join(mending.mend_files())))

    @line_magic
    def update(self, line: str):
        """%update: bring in a newer course with git; your answers stay."""
        from mi_tutor.tutor import update

        with _sentences():
            _show(cards.code("Update", "\n".join(update.update())))

    @line_magic
    def keep(self, line: str):
        """%keep [FOLDER]: keep your work in a folder that outlives this machine; on Colab, in your Google Drive."""
        with _sentences():
            folder = " ".join(shlex.split(line)) if "'" in line or '"' in line else line.strip()
            _show(cards.code("Keep", "\n".join(keeping.keep(self.shell, folder, _say))))

    @line_magic("progress")
    def show_progress(self, line: str):
        """%progress: a map of chapters and exercises with minutes left."""
        from mi_tutor.tutor.map import Map

        with _sentences():
            from IPython.display import display

            recovery.look_after(_say)
            display(Map())


class _sentences:
    """Turn the tutor's own problems into a card, without a traceback."""

    def __enter__(self):
        return self

    def __exit__(self, kind, error, tb):
        if isinstance(error, TutorProblem):
            _show(cards.note("The tutor says", str(error), status="failed"))
            return True
        if isinstance(error, KeyboardInterrupt):
            text = "The tutor was stopped. Your file is whole: as it was before, or with this cell in it."
            _show(cards.note("Interrupted", text, status="skipped", next_step="Run the cell again to go on."))
            return True
        return False


def _exercise_options(line: str):
    parser = argparse.ArgumentParser(prog="%%exercise", add_help=False, exit_on_error=False)
    parser.add_argument("name")
    parser.add_argument("--use", choices=("cell", "file"), default=None)
    try:
        options, rest = parser.parse_known_args(shlex.split(line))
    except (argparse.ArgumentError, SystemExit, ValueError):
        options, rest = None, []
    if options is None or rest:
        raise TutorProblem(
            "Write `%%exercise NAME`, as in `%%exercise features.auroc`; add `--use cell` or `--use file` when asked."
        )
    return options


def predict(key: str, question: str, options: list[str]) -> None:
    """Ask for a guess before the evidence; the choice is stored with the progress and shown again after a restart.

    Args:
        key: a name such as `features.best_french`.
        question: one sentence.
        options: the choices, in order.
    """
    from mi_tutor.tutor.guesses import ask

    ask(key, question, options)
