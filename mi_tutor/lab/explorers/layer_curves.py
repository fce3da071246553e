"""An explorer: how well something is read at each stage, by several methods, with bootstrap intervals."""

import os
from collections.abc import Mapping
from html import escape
from typing import NamedTuple

from jaxtyping import Float
from torch import Tensor

from mi_tutor.accessible import display_accessible
from mi_tutor.lab.figures import COLORS, image_html, style

_LOOKS = [("blue", "-", "o"), ("orange", "--", "s"), ("green", "-.", "^"), ("red", ":", "D"), ("purple", "-", "v")]
_LOOKS += [("sky", "--", "P"), ("black", ":", "x")]


class Curve(NamedTuple):
    """One method: a value at each stage and, where it was estimated, the interval around it."""

    stages: list[int]
    value: Float[Tensor, "stage"]
    low: Float[Tensor, "stage"] | None = None
    high: Float[Tensor, "stage"] | None = None

    @property
    def best(self) -> int:
        """The stage of the highest value."""
        return self.stages[int(self.value.argmax())]


def figure(curves: Mapping[str, Curve], *, title: str, ylabel: str, chance: float | None = None, size=(8.4, 3.8)):
    """The curves as a still figure; the shaded band of a curve is its interval.

    Raises:
        ValueError: no curve, or more than there are colours for.
    """
    import matplotlib.pyplot as plt

    if not 1 <= len(curves) <= len(_LOOKS):
        raise ValueError(f"A figure shows 1 to {len(_LOOKS)} curves, and these are {len(curves)}: choose some of them.")
    with style():
        fig, ax = plt.subplots(figsize=size)
        for (name, curve), (color, line, marker) in zip(curves.items(), _LOOKS, strict=False):
            look = {"color": COLORS[color], "linestyle": line, "marker": marker, "markersize": 4}
            ax.plot(curve.stages, curve.value, label=name, **look)
            if curve.low is not None and curve.high is not None:
                ax.fill_between(curve.stages, curve.low, curve.high, color=COLORS[color], alpha=0.15, linewidth=0)
        if chance is not None:
            ax.axhline(chance, color=COLORS["grey"], linewidth=1, linestyle=":")
        ax.set(xlabel="stage: the residual stream that enters this layer (0 is the embedding)", ylabel=ylabel)
        ax.set_title(title)
        ax.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0))
    return fig


def explore(subjects: Mapping[str, Mapping[str, Curve]], *, ylabel: str = "", chance: float | None = None) -> None:
    """A menu of subjects and a list of methods to compare. Where outputs are stored, a sentence stands instead.

    Args:
        subjects: what is read → method → curve.
    """
    if os.environ.get("MI_TUTOR_ANSWERS") == "reference":
        print("With a running kernel, menus appear here: choose what is read, and the methods to compare.")
        return
    import ipywidgets as widgets

    display_accessible(build(widgets, subjects, ylabel, chance))


def build(widgets, subjects: Mapping[str, Mapping[str, Curve]], ylabel: str, chance: float | None):
    """The live explorer as one widget."""
    import matplotlib.pyplot as plt

    wide = {"style": {"description_width": "6em"}, "layout": widgets.Layout(width="32em", max_width="100%")}
    subject = widgets.Dropdown(options=list(subjects), description="what", **wide)
    methods = widgets.SelectMultiple(description="methods", **wide)
    answer = widgets.HTML()

    def draw(_=None):
        chosen = {name: subjects[subject.value][name] for name in methods.value if name in subjects[subject.value]}
        if not chosen:
            answer.value = "<p>Choose at least one method.</p>"
            return
        fig = figure(chosen, title=subject.value, ylabel=ylabel, chance=chance)
        words = "; ".join(f"{name}: best at stage {one.best} ({one.value.max():.2f})" for name, one in chosen.items())
        answer.value = image_html(fig, words) + f"<p>{escape(words)}</p>"
        plt.close(fig)

    def fill(_=None):
        methods.options = list(subjects[subject.value])
        methods.value = tuple(methods.options[: len(_LOOKS)])
        draw()

    subject.observe(fill, names="value")
    methods.observe(draw, names="value")
    fill()
    return widgets.VBox([subject, methods, answer])
