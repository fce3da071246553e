"""An explorer: SAEs of several kinds, each trained at several sparsities; what they are worth at equal L0."""

import os
from collections.abc import Mapping
from html import escape
from itertools import pairwise
from math import ceil, floor, log
from typing import NamedTuple

from mi_tutor.accessible import display_accessible
from mi_tutor.lab.figures import COLORS, image_html, style

_LOOKS = [("red", "-", "o"), ("blue", "-", "s"), ("sky", "-", "D"), ("green", "-", "^"), ("purple", "-", "v")]
_LOOKS += [("black", "--", "x"), ("grey", "-.", "+")]
AXES = {"L0": False, "log L0": True}
_CELL = "padding:0.1em 0.6em;text-align:left"


class Frontier(NamedTuple):
    """One kind: the L0 of each of its SAEs, and for each measure one value an SAE. It may lack a measure."""

    l0: list[float]
    measures: Mapping[str, list[float]]

    def points(self, measure: str) -> list[tuple[float, float]]:
        """(L0, value) of each SAE, in the order of L0; none where the measure was not taken."""
        return sorted(zip(self.l0, self.measures[measure], strict=True)) if measure in self.measures else []

    def at(self, measure: str, l0: float, logarithmic: bool = False) -> float | None:
        """The value at `l0`, on the straight line between the two nearest SAEs; None outside of what was measured.

        Args:
            logarithmic: the line is straight where L0 has a logarithmic axis.
        """
        scale = log if logarithmic else float
        for (left, low), (right, high) in pairwise(self.points(measure)):
            if left <= l0 <= right:
                width = scale(right) - scale(left)
                return high if width == 0 else low + (high - low) * (scale(l0) - scale(left)) / width
        return None

    def words(self, measure: str, l0: float, logarithmic: bool = False) -> str:
        """What there is to say about this kind at `l0`: the value, or why there is none."""
        points, value = self.points(measure), self.at(measure, l0, logarithmic)
        if not points:
            return "not measured"
        if value is None:
            return f"outside of what was measured, L0 {points[0][0]:.1f} to {points[-1][0]:.1f}"
        return f"{value:.2f}"


def figure(
    frontiers: Mapping[str, Frontier],
    measure: str,
    *,
    title: str,
    colors: Mapping[str, tuple[str, str, str]] | None = None,
    cursor: float | None = None,
    logarithmic: bool = False,
):
    """A measure against L0, one line a kind; a dotted line at the cursor.

    Args:
        colors: kind → (colour, line, marker), where the kinds shown are some of many.

    Raises:
        ValueError: no kind, or more than there are looks for.
    """
    import matplotlib.pyplot as plt

    looks = colors or _looks(frontiers)
    if not frontiers:
        raise ValueError("No kind is chosen: choose at least one.")
    with style():
        fig, ax = plt.subplots(figsize=(6.4, 3.8))
        for kind, one in frontiers.items():
            color, line, marker = looks[kind]
            l0, values = zip(*one.points(measure), strict=True) if one.points(measure) else ((), ())
            ax.plot(l0, values, color=COLORS[color], linestyle=line, marker=marker, markersize=4, label=kind)
        if logarithmic:
            ax.set_xscale("log")
            ax.xaxis.set_major_formatter("{x:g}")
            ax.xaxis.set_minor_formatter("{x:g}")
        if cursor is not None:
            ax.axvline(cursor, color=COLORS["grey"], linestyle=":", linewidth=1)
        ax.set(xlabel="L0 (active latents in a row)", ylabel=measure)
        ax.set_title(title)
        ax.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0))
    return fig


def _looks(kinds) -> dict[str, tuple[str, str, str]]:
    if len(kinds) > len(_LOOKS):
        raise ValueError(f"A figure shows at most {len(_LOOKS)} kinds, and these are {len(kinds)}: leave some out.")
    return dict(zip(kinds, _LOOKS, strict=False))


def table(frontiers: Mapping[str, Frontier], measure: str, l0: float, logarithmic: bool = False) -> str:
    """The kinds at equal L0 as an HTML table."""
    rows = "".join(
        f'<tr><th scope="row" style="{_CELL}">{escape(kind)}</th>'
        f'<td style="{_CELL}">{escape(one.words(measure, l0, logarithmic))}</td></tr>'
        for kind, one in frontiers.items()
    )
    head = f'<tr><th scope="col" style="{_CELL}">at L0 = {l0:.1f}</th>'
    head += f'<th scope="col" style="{_CELL}">{escape(measure)}</th></tr>'
    return (
        '<div style="background:#ffffff;color:#1b1b1b;padding:0.5em;max-width:100%;overflow-x:auto">'
        f"<table>{head}{rows}</table></div>"
    )


def explore(frontiers: Mapping[str, Frontier], *, l0: float = 3.0) -> None:
    """A list of kinds, menus for the measure and the axis, a slider for L0. Where outputs are stored, a sentence.

    Args:
        frontiers: kind → its SAEs.
        l0: where the slider stands at first.

    Raises:
        ValueError: no kind, or more than there are looks for.
    """
    _looks(frontiers)
    if os.environ.get("MI_TUTOR_ANSWERS") == "reference":
        print("With a running kernel, a list of kinds, menus for measure and axis and a slider for L0 appear here.")
        return
    import ipywidgets as widgets

    display_accessible(build(widgets, frontiers, l0))


def build(widgets, frontiers: Mapping[str, Frontier], l0: float = 3.0):
    """The live explorer as one widget."""
    import matplotlib.pyplot as plt

    looks = _looks(frontiers)
    measured = list(dict.fromkeys(measure for one in frontiers.values() for measure in one.measures))
    lowest, highest = min(min(one.l0) for one in frontiers.values()), max(max(one.l0) for one in frontiers.values())
    wide = {"style": {"description_width": "6em"}, "layout": widgets.Layout(width="32em", max_width="100%")}
    kinds = widgets.SelectMultiple(
        options=list(frontiers), value=list(frontiers), rows=len(frontiers), description="kinds", **wide
    )
    measure = widgets.Dropdown(options=measured, description="measure", **wide)
    axis = widgets.Dropdown(options=list(AXES), description="axis", **wide)
    cursor = widgets.FloatSlider(
        value=min(max(l0, lowest), highest),
        min=floor(10 * lowest) / 10,
        max=ceil(10 * highest) / 10,
        step=0.1,
        description="at L0",
        readout_format=".1f",
        continuous_update=False,
        **wide,
    )
    answer = widgets.HTML(layout=widgets.Layout(max_width="100%"))

    def draw(_=None):
        chosen = {kind: frontiers[kind] for kind in kinds.value}
        if not chosen:
            answer.value = "<p>Choose at least one kind.</p>"
            return
        shown = {"cursor": cursor.value, "logarithmic": AXES[axis.value]}
        fig = figure(chosen, measure.value, title=f"{measure.value} against {axis.value}", colors=looks, **shown)
        words = [f"{kind} {one.words(measure.value, cursor.value, AXES[axis.value])}" for kind, one in chosen.items()]
        alt = f"{measure.value} at L0 {cursor.value:.1f}: " + "; ".join(words)
        answer.value = image_html(fig, alt) + table(chosen, measure.value, cursor.value, AXES[axis.value])
        plt.close(fig)

    for control in (kinds, measure, axis, cursor):
        control.observe(draw, names="value")
    draw()
    return widgets.VBox([kinds, measure, axis, cursor, answer])
