"""An explorer: name some heads, ablate them or keep only them, and see what the answer loses and who reacts."""

import os
import re
from collections.abc import Callable, Mapping
from html import escape

from mi_tutor.accessible import display_accessible

Pair = tuple[int, int]


def read_heads(text: str, n_layers: int, n_heads: int) -> list[Pair]:
    """ "23.0 23.1, 24.4" → [(23, 0), (23, 1), (24, 4)]; each head once, in the order given.

    Raises:
        ValueError: something that is no layer.head, or no head of the model.
    """
    heads: list[Pair] = []
    for word in re.split(r"[\s,;]+", text.strip()):
        if not word:
            continue
        match = re.fullmatch(r"(\d+)\.(\d+)", word)
        if not match:
            raise ValueError(f'"{word}" is no head: write layer.head, such as 23.0, with spaces between heads.')
        pair = int(match[1]), int(match[2])
        if pair[0] >= n_layers or pair[1] >= n_heads:
            raise ValueError(
                f"There is no head {word}: the layers are 0 to {n_layers - 1}, the heads 0 to {n_heads - 1}."
            )
        if pair not in heads:
            heads.append(pair)
    return heads


def table(rows: Mapping[str, str]) -> str:
    """Rows of name and value, on a background of its own, so that dark themes can read it."""
    cell = 'style="padding:0.1em 0.8em 0.1em 0;text-align:left"'
    body = "".join(
        f'<tr><th scope="row" {cell}>{escape(name)}</th><td {cell}>{escape(value)}</td></tr>'
        for name, value in rows.items()
    )
    return f'<div style="background:#ffffff;color:#1b1b1b;padding:0.5em"><table>{body}</table></div>'


def explore(
    run: Callable[[list[Pair], bool, bool], Mapping[str, str]], n_layers: int, n_heads: int, heads: str = "23.0"
) -> None:
    """Show a field for heads and two menus. Where outputs are stored, a sentence stands instead.

    Args:
        run: run(heads, keep, at_end) → what to show, name → value. keep: ablate all heads but these.
        heads: what stands in the field at first.
    """
    if os.environ.get("MI_TUTOR_ANSWERS") == "reference":
        print("With a running kernel, a field appears here: name heads, ablate or keep them, at END or everywhere.")
        return
    import ipywidgets as widgets

    wide = {"style": {"description_width": "6em"}, "layout": widgets.Layout(width="32em", max_width="100%")}
    field = widgets.Text(value=heads, description="heads", continuous_update=False, **wide)
    mode = widgets.Dropdown(options=[("ablate them", False), ("keep only them", True)], description="what", **wide)
    where = widgets.Dropdown(options=[("at END", True), ("at all positions", False)], description="where", **wide)
    answer = widgets.HTML()

    def update(_=None):
        try:
            chosen = read_heads(field.value, n_layers, n_heads)
        except ValueError as error:
            answer.value = table({"not understood": str(error)})
            return
        answer.value = "running …"
        answer.value = table(run(chosen, mode.value, where.value))

    for control in (field, mode, where):
        control.observe(update, names="value")
    update()
    display_accessible(widgets.VBox([field, mode, where, answer]))
