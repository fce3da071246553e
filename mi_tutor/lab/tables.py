"""The table at the end of a chapter: what the paper reports, what we measured, whether it held."""

from collections.abc import Mapping, Sequence
from html import escape

from mi_tutor.lab.output import display_html

# A sign and a word beside the colour, so that the colour carries nothing alone. Dark text on light ground in any theme.
_VERDICTS = {
    "held": ("✓", "#CDEBE0", "#00402E"),
    "partly": ("≈", "#FCE9BF", "#4A3200"),
    "did not replicate": ("✗", "#F8D5C2", "#5C2600"),
}
_COLUMNS = ("claim", "paper", "measured", "verdict")
_HEADINGS = ("Claim", "Paper", "We measured", "Verdict")


def claims_table(rows: Sequence[Mapping[str, str] | Sequence[str]]) -> None:
    """Display the claims of a chapter.

    Args:
        rows: for each claim a mapping with the keys claim, paper, measured and verdict, or these four in order. The
            verdict is "held", "partly" or "did not replicate". Numbers in `measured` come from variables, rounded.

    Raises:
        ValueError: a missing column, or another verdict.
    """
    table = [_row(row) for row in rows]
    if not table:
        raise ValueError("The table needs at least one claim.")
    display_html(_html(table), _plain(table))


def _row(row) -> tuple[str, str, str, str]:
    if isinstance(row, Mapping):
        missing = [column for column in _COLUMNS if column not in row]
        if missing:
            raise ValueError(f"A row of the claims table has no {missing[0]}; it needs {', '.join(_COLUMNS)}.")
        row = [row[column] for column in _COLUMNS]
    if len(row) != len(_COLUMNS):
        raise ValueError(f"A row of the claims table has {len(row)} entries; it needs {', '.join(_COLUMNS)}.")
    claim, paper, measured, verdict = map(str, row)
    if verdict not in _VERDICTS:
        raise ValueError(f'"{verdict}" is no verdict; choose {", ".join(_VERDICTS)}.')
    return claim, paper, measured, verdict


def _html(table) -> str:
    cell = "text-align:left;vertical-align:top;padding:0.4em 0.8em;border-bottom:1px solid #999999"
    head = "".join(f'<th scope="col" style="{cell}">{heading}</th>' for heading in _HEADINGS)
    body = ""
    for claim, paper, measured, verdict in table:
        sign, ground, ink = _VERDICTS[verdict]
        badge = (
            f'<span style="background-color:{ground};color:{ink};padding:0.1em 0.5em;border-radius:0.6em;'
            f'white-space:nowrap">{sign} {verdict}</span>'
        )
        cells = [escape(claim), escape(paper), escape(measured), badge]
        body += "<tr>" + "".join(f'<td style="{cell}">{content}</td>' for content in cells) + "</tr>"
    return (
        '<table style="border-collapse:collapse;max-width:60em"><caption style="text-align:left;font-weight:bold">'
        f"Paper against us</caption><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
    )


def _plain(table) -> str:
    lines = ["Paper against us"]
    for claim, paper, measured, verdict in table:
        lines += [f"- {claim}", f"    paper: {paper}", f"    we measured: {measured}", f"    verdict: {verdict}"]
    return "\n".join(lines)
