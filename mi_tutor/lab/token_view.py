"""Text with highlighted tokens, for looking at what a neuron or a direction responds to."""

from collections.abc import Sequence
from html import escape

from mi_tutor.lab.output import display_html

# Black text has a contrast of at least 8:1 on white, on full orange and on full sky blue (Okabe-Ito).
_POSITIVE, _NEGATIVE = (0xE6, 0x9F, 0x00), (0x56, 0xB4, 0xE9)
_PANEL = "background-color:#ffffff;color:#111111;padding:0.3em 0.6em;font-family:monospace;line-height:1.7"


def token_html(
    strings: Sequence[str],
    values: Sequence[float],
    *,
    title: str | None = None,
    highlight: int | None = None,
    vmax: float | None = None,
) -> None:
    """Display one context; the background of each token shows its value (orange above zero, blue below).

    Args:
        strings: from `models.token_strings(..., whole=True)`.
        values: one number a token.
        title: a line above.
        highlight: index of the token to underline; the largest |value| by default.
        vmax: the |value| at full colour; the largest in this context by default. Give the same to compare contexts.
    """
    token_rows([(title or "", strings, values)], vmax=vmax, highlight=None if highlight is None else [highlight])


def token_rows(
    rows: Sequence[tuple[str, Sequence[str], Sequence[float]]],
    *,
    vmax: float | None = None,
    highlight: Sequence[int] | None = None,
    caption: str | None = None,
) -> None:
    """Display several contexts as one table: (label, strings, values) a row, all on the same scale.

    Args:
        highlight: for each row the index of the token to underline; the largest |value| by default.
        caption: a line above the table.
    """
    table = []
    for index, (label, strings, values) in enumerate(rows):
        numbers = [float(value) for value in values]
        if len(strings) != len(numbers) or not numbers:
            raise ValueError(
                f"Row {index} has {len(strings)} tokens and {len(numbers)} values; give one value a token."
            )
        mark = max(range(len(numbers)), key=lambda at: abs(numbers[at])) if highlight is None else highlight[index]
        table.append((str(label), list(strings), numbers, mark))
    if not table:
        raise ValueError("There is no context to show.")
    scale = vmax or max(abs(number) for _, _, numbers, _ in table for number in numbers) or 1.0
    body = "".join(_html_row(label, strings, numbers, mark, scale) for label, strings, numbers, mark in table)
    head = (
        f'<caption style="text-align:left;font-weight:bold;white-space:nowrap">{escape(caption)}</caption>'
        if caption
        else ""
    )
    words = [f"{label}  {_plain(strings, numbers, mark)}".strip() for label, strings, numbers, mark in table]
    display_html(
        f'<table style="border-collapse:collapse">{head}<tbody>{body}</tbody></table>',
        "\n".join([caption] * bool(caption) + words),
    )


def _html_row(label: str, strings: list[str], numbers: list[float], mark: int, scale: float) -> str:
    spans = "".join(
        _span(string, number, at == mark, scale)
        for at, (string, number) in enumerate(zip(strings, numbers, strict=True))
    )
    name = f'<th scope="row" style="text-align:left;padding:0.3em 0.8em">{escape(label)}</th>' if label else ""
    return f'<tr>{name}<td dir="auto" style="text-align:left;{_PANEL}">{spans}</td></tr>'


def _span(string: str, number: float, marked: bool, scale: float) -> str:
    if not string:
        return ""  # the rest of a character that an earlier token already shows
    # A space instead of the visible dot, so that lines can break and words read as words.
    shown = escape(string.replace("·", " ")) if string.strip("·") else escape(string)
    strong = ";font-weight:bold;text-decoration:underline" if marked else ""
    return f'<span title="{number:.2f}" style="background-color:{_blend(number / scale)}{strong}">{shown}</span>'


def _blend(share: float) -> str:
    full = _POSITIVE if share >= 0 else _NEGATIVE
    amount = min(abs(share), 1.0)
    return "#" + "".join(f"{round(255 + (part - 255) * amount):02x}" for part in full)


def _plain(strings: list[str], numbers: list[float], mark: int) -> str:
    shown = "".join(f"«{string}»" if at == mark else string for at, string in enumerate(strings))
    return f"{shown.replace('·', ' ').strip()}  ({numbers[mark]:.2f})"
