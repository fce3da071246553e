"""One of each thing that the tutor and the lab show as HTML, made as the course makes them."""

from mi_tutor.lab import tables, token_view
from mi_tutor.lab.explorers import ablating, circuit_graph, paths
from mi_tutor.lab.paths.cutting import Edge
from mi_tutor.tutor import cards, catalogue, checking
from mi_tutor.tutor.guesses import _Question
from mi_tutor.tutor.map import Map
from mi_tutor.tutor.report import Check, Report

NAME = "start_here.vector_lengths"


def all_shown() -> dict[str, str]:
    """Name → HTML."""
    shown = {f"card, {status}": cards.as_html(_judged(status)) for status in ("passed", "failed", "skipped")}
    shown["card, your turn"] = cards.as_html(cards.your_turn(NAME, checking.claims(NAME)))
    for status in cards.COLOURS:
        shown[f"note, {status}"] = cards.as_html(cards.note("The tutor says", "A sentence.", status=status))
    shown["hint"] = cards.as_html(cards.note("Hint 1 of 3", "One step.", next_step=f"%hint {NAME} gives the next."))
    long = "def f(x):\n" + 60 * "    x = x + 1\n" + "    return x"  # longer than the card, which is then scrolled
    shown["reference"] = cards.as_html(cards.code("Reference", long, next_step="Close it."))
    shown["guess"] = _Question("Which one?", ["the first", "the second"])._repr_html_()
    shown["map"] = Map()._repr_html_()
    shown["claims table"] = tables._html(
        [tables._row(("A claim", "a paper", "a number", verdict)) for verdict in tables._VERDICTS]
    )
    shown["tokens"] = _captured(token_view.token_rows, [("French", ["·le", "·chat"], [1.0, -1.0])], caption="Peaks")
    shown["explorer of heads"] = ablating.table({"logit difference": "+3.1", "of it left": "40 %"})
    shown["explorer of paths"] = _grid()
    edges = [Edge("4.1", "5.3", "k", "S1+1"), Edge("5.3", "logits", "", "END")]
    shown["explorer of a circuit"] = circuit_graph.svg(edges, [edges[0]])
    return shown


def _judged(status: str) -> cards.Card:
    checks = [Check("a", "A claim that holds.", "passed" if status != "skipped" else "skipped")]
    if status == "failed":
        failed = Check("b", "A claim that does not hold.", "failed", "It returned the wrong thing.")
        failed.given, failed.expected, failed.got = {"x": "[3, 4]"}, "5", "7"
        failed.trace = ["line 3: return x.sum()"]
        checks.append(failed)
    report = Report(catalogue.exercise(NAME).name, status, checks)
    if status == "failed":
        report.misconception, report.printed = "You add the numbers. Square them first.", "7"
    return cards.of_report(report, saved_note="Saved.")


def _grid() -> str:
    import torch

    return paths.grid(torch.tensor([[-1.0, 0.5], [0.1, float("nan")]]), "Change of the metric.")


def _captured(show, *arguments, **more) -> str:
    """The HTML that a function of the lab displays in a notebook."""
    from unittest import mock

    kept = []
    with mock.patch(f"{show.__module__}.display_html", lambda html, words: kept.append(html)):
        show(*arguments, **more)
    return kept[0]
