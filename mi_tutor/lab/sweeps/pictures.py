"""Draw a sweep: colours diverge from zero, which is the run without a patch."""

from collections.abc import Sequence

import torch
from jaxtyping import Float
from torch import Tensor

from mi_tutor.lab.figures import COLORS, headline, style
from mi_tutor.lab.sweeps.result import Sweep

ROWS = 24  # of a picture that cannot show all


def draw(sweep: Sweep, title: str = "", fraction: bool = False):
    """A figure of the effects: a map for two axes, the heads that matter most for three, ranked bars for neurons."""
    shown = sweep.fraction() if fraction else sweep.effects
    unit = (
        f"{sweep.metric}: 0 as run ({sweep.into_metric:.2f}), 1 as source ({sweep.source_metric:.2f})"
        if fraction
        else f"change of the {sweep.metric} (unpatched {sweep.into_metric:.2f})"
    )
    title = title or _finding(sweep)
    if shown.ndim == 1:
        return _ranked(shown, sweep.axes["neuron"], unit, title)
    if shown.ndim == 3:
        return _largest_heads(sweep, shown, unit, title)
    (down, rows), (across, columns) = sweep.axes.items()
    return _map(shown, rows, columns, down, across, unit, title, origin="lower")


def _finding(sweep: Sweep) -> str:
    strongest = sweep.top(1)
    if not strongest:
        return "Interrupted before the first patch"
    place = ", ".join(f"{name} {strongest[0][name]}" for name in sweep.axes)
    return f"The strongest of {sweep.values.numel()} patches: {place} ({strongest[0]['effect']:+.2f})"


def _map(
    values: Float[Tensor, "row column"],
    rows: Sequence,
    columns: Sequence,
    down: str,
    across: str,
    unit: str,
    title: str,
    origin: str = "upper",
):
    import matplotlib.pyplot as plt

    named = across == "position" and any(not label.isdigit() for label in columns)
    size = (max(4.6, min(11.0, 2.2 + 0.42 * len(columns))), max(2.6, min(5.6, 1.6 + 0.17 * len(rows))) + 0.6 * named)
    with style():
        fig, axis = plt.subplots(figsize=size)
        image = axis.imshow(values.numpy(), cmap="RdBu_r", aspect="auto", origin=origin, **_centred(values))
        axis.grid(False)
        _ticks(axis.yaxis, rows, ROWS if isinstance(rows[0], str) else 16)
        _ticks(axis.xaxis, columns, 30)
        if named:
            plt.setp(axis.get_xticklabels(), rotation=45, ha="right", rotation_mode="anchor")
        axis.set(xlabel=across, ylabel=down)
        axis.set_facecolor("#DDDDDD")  # where an interrupted sweep did not come
        fig.colorbar(image, ax=axis, label=unit)
        headline(fig, title)
    return fig


def _largest_heads(sweep: Sweep, values: Float[Tensor, "layer head position"], unit: str, title: str):
    flat = values.flatten(0, 1)
    names = [f"{layer}.{head}" for layer in sweep.axes["layer"] for head in sweep.axes["head"]]
    some = flat.nan_to_num().abs().amax(dim=1).argsort(descending=True)[:ROWS].sort().values
    down = "head" if len(names) <= ROWS else f"head (the {ROWS} with the largest effect)"
    return _map(flat[some], [names[k] for k in some.tolist()], sweep.axes["position"], down, "position", unit, title)


def _ranked(values: Float[Tensor, "neuron"], names: Sequence[int], unit: str, title: str):
    import matplotlib.pyplot as plt

    known = values.nan_to_num()
    some = known.abs().argsort(descending=True)[:ROWS]
    some = some[known[some].argsort(descending=True)]
    with style():
        fig, axis = plt.subplots(figsize=(7.0, 3.6))
        colors = [COLORS["red"] if known[k] > 0 else COLORS["blue"] for k in some.tolist()]
        axis.bar(range(len(some)), known[some].tolist(), color=colors)
        axis.axhline(0, color="black", linewidth=0.8)
        axis.set_xticks(range(len(some)), [str(names[k]) for k in some.tolist()], rotation=90)
        most = "" if len(names) <= ROWS else f" (the {ROWS} of {len(names)} with the largest effect)"
        axis.set(xlabel=f"neuron{most}", ylabel=unit.replace(" (", "\n("))
        axis.grid(False, axis="x")
        headline(fig, title)
    return fig


def _centred(values: Tensor) -> dict[str, float]:
    limit = float(values.nan_to_num().abs().max()) or 1.0
    return {"vmin": -limit, "vmax": limit}


def _ticks(axis, labels: Sequence, most: int) -> None:
    step = -(-len(labels) // most)
    places = torch.arange(0, len(labels), step).tolist()
    axis.set_ticks(places, [str(labels[k]) for k in places])
