"""An explorer: choose receivers and an input, and see which heads speak to them, as a grid of layers and heads."""

import os
from collections.abc import Callable, Sequence
from html import escape

from jaxtyping import Float
from torch import Tensor

from mi_tutor.accessible import display_accessible


def grid(effects: Float[Tensor, "layer head"], title: str) -> str:
    """An HTML table, late layers on top: blue lowers the metric, red raises it; NaN (no sender) is left out.

    Layers in which no head reaches a twentieth of the largest effect are left out, and the title says so.
    """
    size = effects.nan_to_num().abs()
    limit = float(size.max()) or 1.0
    shown = [layer for layer in reversed(range(len(effects))) if size[layer].max() >= limit / 20]
    head = "".join(f"<th>{number}</th>" for number in range(effects.shape[1]))
    body = ""
    for layer in shown:
        cells = "".join(_cell(value, limit) for value in effects[layer].tolist())
        body += f'<tr><th scope="row">{layer}</th>{cells}</tr>'
    left_out = len(effects) - len(shown)
    note = f"{escape(title)} Layers down, heads across; {left_out} layers without a strong sender are left out."
    return (
        '<div style="background:#ffffff;color:#1b1b1b;padding:0.5em">'
        f"<table><caption>{note}</caption><tr><th></th>{head}</tr>{body}</table></div>"
    )


def _cell(value: float, limit: float) -> str:
    if value != value:  # NaN
        return "<td></td>"
    strength = min(1.0, abs(value) / limit) * 0.6
    colour = "0,114,178" if value < 0 else "213,94,0"
    return f'<td style="background:rgba({colour},{strength:.2f});padding:0.2em 0.5em">{value:+.2f}</td>'


def explore(
    run: Callable[[str, str, str], Float[Tensor, "layer head"]],
    receivers: Sequence[str],
    places: Sequence[str],
) -> None:
    """Show three menus and the grid. Where outputs are stored, a sentence stands instead.

    Args:
        run: run(receivers, input, place) → the effect of each head on the metric; input is "q", "k" or "v".
        receivers: what can be chosen, as it is handed to run.
        places: names of positions.
    """
    if os.environ.get("MI_TUTOR_ANSWERS") == "reference":
        print(
            "With a running kernel, menus appear here: choose receivers, their input and a place, and see who speaks."
        )
        return
    import ipywidgets as widgets

    wide = {"style": {"description_width": "6em"}, "layout": widgets.Layout(width="28em", max_width="100%")}
    who = widgets.Dropdown(options=list(receivers), description="receivers", **wide)
    through = widgets.Dropdown(options=[("queries", "q"), ("keys", "k"), ("values", "v")], description="input", **wide)
    place = widgets.Dropdown(options=list(places), value=places[-1], description="place", **wide)
    answer = widgets.HTML()

    def update(_=None):
        answer.value = "running …"
        try:
            effects = run(who.value, through.value, place.value)
        except ValueError as error:
            answer.value = f'<div style="background:#ffffff;color:#1b1b1b;padding:0.5em">{escape(str(error))}</div>'
            return
        answer.value = grid(effects, f"Change of the metric by the path into {through.value} of {who.value}.")

    for control in (who, through, place):
        control.observe(update, names="value")
    update()
    display_accessible(widgets.VBox([who, through, place, answer]))
