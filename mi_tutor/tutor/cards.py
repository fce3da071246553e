"""What the learner sees after a check: one card, as HTML for notebooks, rich text for terminals, plain text for files.

A card is built once as a list of parts; the three renderings only lay the parts out.
"""

import re
from dataclasses import dataclass, field
from html import escape

from mi_tutor.tutor import catalogue
from mi_tutor.tutor.report import Report

TASKS = {"build": "Write the function", "mend": "Find the fault, mend it", "read": "Return the letter you choose"}
MARKS = {"passed": "✓", "failed": "✗", "skipped": "–", "open": "○"}
COLOURS = {
    "passed": "#1a7f4b",
    "failed": "#b3261e",
    "not_attempted": "#3b5b92",
    "skipped": "#7a5b00",
    "note": "#3b5b92",
}


@dataclass
class Part:
    """A piece of a card: `kind` is `text`, `claims`, `facts`, `code`, `mistake` or `next`."""

    kind: str
    text: str = ""
    rows: list[tuple[str, str]] = field(default_factory=list)
    terminal: str = ""  # what a terminal says in place of `text`, where a notebook's commands do not work


@dataclass
class Card:
    """A headline with a status colour, and parts below it."""

    title: str
    status: str
    parts: list[Part] = field(default_factory=list)

    def _repr_html_(self) -> str:
        return as_html(self)

    def __repr__(self) -> str:
        return as_text(self)

    def _repr_mimebundle_(self, include=None, exclude=None) -> dict:
        return {"text/html": as_html(self), "text/plain": as_text(self)}


def of_report(report: Report, *, saved_note: str = "") -> Card:
    """The card of a checked exercise."""
    entry = catalogue.exercise(report.name)
    claims = _claim_rows(report)
    passed, total = sum(status == "passed" for status, _ in claims), len(claims)
    titles = {
        "passed": f"Passed · {entry.title} · all {total} checks",
        "failed": f"Not yet · {entry.title} · {passed} of {total} checks pass",
        "not_attempted": f"Your turn · {entry.title}",
        "skipped": f"Skipped · {entry.title} · the reference answers",
    }
    card = Card(titles[report.status], report.status)
    for text in (saved_note, report.unsaved):
        if text:
            card.parts.append(Part("text", text))
    if report.problem and report.status == "failed":
        card.title = f"Not yet · {entry.title} · the checks could not run"
        card.parts.append(Part("mistake", report.problem))
        card.parts.append(Part("text", "What you passed before still counts; it is checked again when the checks run."))
        return card
    if report.status == "not_attempted":
        card.parts += _turn_parts(report)
        return card
    card.parts.append(Part("claims", rows=claims))
    if report.status == "failed":
        card.parts += _failure_parts(report)
    if report.printed:
        card.parts.append(Part("code", report.printed, rows=[("title", "Your code printed")]))
    card.parts.append(_next_step(report, entry))
    return card


def your_turn(name: str, claims: list[str]) -> Card:
    """The card under an exercise cell that nobody has answered; also what committed notebooks store."""
    entry = catalogue.exercise(name)
    return Card(
        f"Your turn · {entry.title}",
        "not_attempted",
        [
            Part("text", "These claims will be checked when you run the cell:"),
            Part("claims", rows=[("open", claim) for claim in claims]),
            Part("next", f"{TASKS[entry.kind]} and run the cell. For help: %hint {name}"),
        ],
    )


def note(title: str, text: str, *, status: str = "note", next_step: str = "") -> Card:
    """A card that only says something."""
    return Card(title, status, [Part("text", text), *([Part("next", next_step)] if next_step else [])])


def code(title: str, text: str, *, before: str = "", next_step: str = "") -> Card:
    """A card that shows source code."""
    parts = [Part("text", before)] if before else []
    return Card(title, "note", [*parts, Part("code", text), *([Part("next", next_step)] if next_step else [])])


def _turn_parts(report: Report) -> list[Part]:
    parts = []
    if report.problem:
        parts.append(Part("text", f"These checks wait for another exercise: {report.problem}"))
    parts.append(Part("claims", rows=[("open", claim) for claim in dict.fromkeys(c.claim for c in report.checks)]))
    parts.append(_do(TASKS[catalogue.exercise(report.name).kind], report.name))
    return parts


def _claim_rows(report: Report) -> list[tuple[str, str]]:
    """One row a claim; a parametrised check counts once and fails when any case does."""
    order = {"failed": 2, "skipped": 1, "passed": 0}
    worst: dict[str, str] = {}
    for check in report.checks:
        if order[check.status] >= order.get(worst.get(check.claim), -1):
            worst[check.claim] = check.status
    return [(status, claim) for claim, status in worst.items()]


def _failure_parts(report: Report) -> list[Part]:
    first = next(check for check in report.checks if check.status == "failed")
    parts = []
    if report.rests_on:
        parts.append(Part("mistake", report.rests_on))
    if report.misconception:
        parts.append(Part("mistake", report.misconception))
        if catalogue.exercise(report.name).kind == "read":
            return parts  # why this choice does not fit is all there is to say
    parts.append(Part("text", f"First check that fails: {first.claim}"))
    if first.message:
        parts.append(Part("text", first.message))
    facts = [(f"given {key}", value) for key, value in first.given.items()]
    facts += [("expected", first.expected)] if first.expected is not None else []
    facts += [("got", first.got)] if first.got is not None else []
    if facts:
        parts.append(Part("facts", rows=facts))
    if first.trace:
        parts.append(Part("code", "\n".join(first.trace), rows=[("title", "In your code")]))
    return parts


def _next_step(report: Report, entry) -> Part:
    if report.status == "passed":
        following = _following(entry)
        return Part("next", f"Next: {following}" if following else "That was the last exercise.")
    if report.status == "skipped":
        return Part(
            "next",
            f"To try it after all, write the function and run the cell. To stop skipping: %skip {entry.name} --off",
            terminal=f"To try it after all, write the function and check it. "
            f"To stop skipping: python3 -m mi_tutor skip {entry.name} --off",
        )
    change = "Choose another letter" if entry.kind == "read" else "Change the function"
    return _do(change, entry.name, " again")


def _do(what: str, name: str, again: str = "") -> Part:
    file = f"mi_tutor/exercises/{name.split('.')[0]}.py"
    return Part(
        "next",
        f"{what} and run the cell{again}. For help: %hint {name}",
        terminal=f"{what} in {file}, then: python3 -m mi_tutor check {name}. For help: python3 -m mi_tutor hint {name}",
    )


def _following(entry) -> str:
    names = [e.name for e in catalogue.all_exercises()]
    at = names.index(entry.name)
    if at + 1 == len(names):
        return ""
    following = catalogue.exercise(names[at + 1])
    if following.chapter != entry.chapter:
        chapter = catalogue.chapter(following.chapter)
        return f"finish this chapter, then chapter {chapter.number}, {chapter.title}."
    return f"read on; the next exercise is {following.name}."


def as_text(card: Card) -> str:
    """The card as plain text."""
    lines = [f"[{card.title}]"]
    for part in card.parts:
        if part.kind == "claims":
            lines += [f"  {MARKS[status]} {claim}" for status, claim in part.rows]
        elif part.kind == "facts":
            lines += [f"  {label}: {value}" for label, value in part.rows]
        elif part.kind == "code":
            title = dict(part.rows).get("title")
            lines += [f"{title}:"] if title else []
            lines += [f"    {line}" for line in part.text.splitlines()]
        elif part.kind == "mistake":
            lines.append(f"! {part.text}")
        elif part.kind == "next":
            lines.append(f"→ {part.text}")
        else:
            lines.append(part.text)
    return "\n".join(lines)


def as_rich(card: Card):
    """The card as a rich renderable for a terminal."""
    from rich.console import Group
    from rich.panel import Panel
    from rich.text import Text

    styles = {"passed": "green", "failed": "red", "not_attempted": "blue", "skipped": "yellow", "note": "blue"}
    pieces = []
    for part in card.parts:
        if part.kind == "claims":
            for status, claim in part.rows:
                style = {"passed": "green", "failed": "red"}.get(status, "dim")
                pieces.append(Text(f"{MARKS[status]} {claim}", style=style))
        elif part.kind == "facts":
            for label, value in part.rows:
                pieces.append(Text.assemble((f"  {label}: ", "bold"), value))
        elif part.kind == "code":
            title = dict(part.rows).get("title")
            pieces += [Text(f"{title}:", style="dim")] if title else []
            pieces.append(Text(part.text, style="cyan"))
        elif part.kind == "mistake":
            pieces.append(Text(part.text, style="bold yellow"))
        elif part.kind == "next":
            pieces.append(Text(f"→ {part.terminal or part.text}", style="bold"))
        else:
            pieces.append(Text(part.text))
    return Panel(
        Group(*pieces), title=Text(card.title), title_align="left", border_style=styles[card.status], padding=(0, 1)
    )


def as_html(card: Card) -> str:
    """The card as HTML with its styles inline: it must look right untrusted, in Colab and in dark themes."""
    colour = COLOURS[card.status]
    inside = "".join(_html_part(part) for part in card.parts)
    return (
        f'<section role="status" aria-label="{escape(card.title)}" style="max-width:52rem;margin:.4rem 0;'
        f"border:1px solid {colour};border-left:6px solid {colour};border-radius:6px;background:#ffffff;color:#1b1b1b;"
        f'font-family:system-ui,sans-serif;font-size:14px;line-height:1.45;overflow-wrap:anywhere">'
        f'<div style="padding:.45rem .8rem;font-weight:600;color:{colour}">{escape(card.title)}</div>'
        f'<div style="padding:0 .8rem .6rem .8rem">{inside}</div></section>'
    )


def _html_part(part: Part) -> str:
    if part.kind == "claims":
        words = {"passed": "passes", "failed": "fails", "skipped": "not judged", "open": "to be checked"}
        colours = {"passed": COLOURS["passed"], "failed": COLOURS["failed"]}
        rows = "".join(
            f'<li style="margin:.1rem 0;padding-left:1.3em;text-indent:-1.3em"><span aria-label="{words[status]}" '
            f'style="display:inline-block;width:1.3em;text-indent:0;font-weight:700;'
            f'color:{colours.get(status, "#555555")}">{MARKS[status]}</span>{_prose(claim)}</li>'
            for status, claim in part.rows
        )
        return f'<ul style="list-style:none;padding:0;margin:.2rem 0 .5rem 0">{rows}</ul>'
    if part.kind == "facts":
        cell = "font-size:14px;padding:.1rem .6rem .1rem 0;vertical-align:top;text-align:left;"
        cell += "background:#ffffff;color:#1b1b1b"
        rows = "".join(
            f'<tr style="background:#ffffff"><th scope="row" style="{cell};font-weight:600;white-space:nowrap">'
            f"{escape(label)}</th>"
            f'<td style="{cell};font-family:ui-monospace,monospace;font-size:13px">{escape(value)}</td></tr>'
            for label, value in part.rows
        )
        return f'<table style="border-collapse:collapse;margin:.3rem 0">{rows}</table>'
    if part.kind == "code":
        title = dict(part.rows).get("title")
        head = f'<div style="color:#555555">{escape(title)}:</div>' if title else ""
        return (
            # A long text is scrolled: for the arrow keys to do so it has to take the focus.
            f'{head}<pre tabindex="0" style="background:#f4f4f6;color:#1b1b1b;padding:.5rem .7rem;margin:.3rem 0;'
            f'border-radius:4px;white-space:pre-wrap;font-size:13px;max-height:24rem;overflow:auto">{escape(part.text)}</pre>'
        )
    if part.kind == "mistake":
        return (
            f'<div style="background:#fff4d6;color:#3d2f00;border-radius:4px;padding:.45rem .7rem;margin:.3rem 0">'
            f"{_prose(part.text)}</div>"
        )
    if part.kind == "next":
        return f'<div style="margin-top:.4rem;font-weight:600">→ {_prose(part.text)}</div>'
    return f'<div style="margin:.2rem 0">{_prose(part.text)}</div>'


def _prose(text: str) -> str:
    """Escaped, with what stands in backticks set as code."""
    style = "font-family:ui-monospace,monospace;font-size:13px;background:#f4f4f6;color:#1b1b1b;padding:0 .2em"
    return re.sub(r"`([^`\n]+)`", rf'<code style="{style}">\1</code>', escape(text))
