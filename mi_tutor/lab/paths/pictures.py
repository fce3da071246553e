"""Draw a sweep over paths: a map of the heads with a column for the MLPs, or the senders that matter most."""

import torch
from jaxtyping import Float
from torch import Tensor

from mi_tutor.lab.figures import headline, style
from mi_tutor.lab.paths.result import PathSweep

MOST = 20  # senders in a figure that cannot show all


def draw(sweep: PathSweep, title: str = "", fraction: bool = False):
    """A figure: layer × head and MLP (the embedding is in the table), or sender × position if there are positions."""
    unit = f"change of the {sweep.metric} (unpatched {sweep.into_metric:.2f})"
    scale = 1.0
    if fraction:
        sweep.fraction()  # says in words if there is none
        scale = 1 / (sweep.source_metric - sweep.into_metric)
        unit = f"{sweep.metric}: 0 as run ({sweep.into_metric:.2f}), 1 as source ({sweep.source_metric:.2f})"
    title = title or _finding(sweep)
    if "position" in sweep.axes:
        some = sweep.effects.nan_to_num().abs().amax(dim=1).argsort(descending=True)[:MOST].sort().values
        rows = [sweep.axes["sender"][k] for k in some.tolist()]
        return _map(
            sweep.effects[some] * scale, rows, sweep.axes["position"], "sender", "position", unit, title, "upper"
        )
    grid, columns = sweep.heads(), [str(head) for head in range(sweep.n_heads)]
    mlps = sweep.mlp_effects()
    if not mlps.isnan().all():
        grid, columns = torch.cat([grid, mlps[:, None]], dim=1), [*columns, "MLP"]
    return _map(grid * scale, list(range(sweep.n_layers)), columns, "layer", "head", unit, title, "lower")


def _finding(sweep: PathSweep) -> str:
    strongest = sweep.top(1)
    if not strongest:
        return "Interrupted before the first path"
    place = " at ".join(str(strongest[0][name]) for name in sweep.axes)
    return f"Strongest path to {sweep.receivers}: from {place} ({strongest[0]['effect']:+.2f})"


def _map(values: Float[Tensor, "row column"], rows: list, columns: list, down, across, unit, title, origin):
    import matplotlib.pyplot as plt

    limit = float(values.nan_to_num().abs().max()) or 1.0
    words = max(len(label) for label in columns) > 3
    size = (max(4.6, min(11.0, 2.4 + 0.42 * len(columns))), max(3.2, min(5.6, 1.6 + 0.17 * len(rows))) + 0.5 * words)
    with style():
        fig, axis = plt.subplots(figsize=size)
        image = axis.imshow(values.numpy(), cmap="RdBu_r", vmin=-limit, vmax=limit, aspect="auto", origin=origin)
        axis.grid(False)
        step = -(-len(rows) // 24)
        axis.set_yticks(range(0, len(rows), step), [str(label) for label in rows[::step]])
        axis.set_xticks(range(len(columns)), columns, **({"rotation": 45, "ha": "right"} if words else {}))
        axis.set(xlabel=across, ylabel=down)
        axis.set_facecolor("#DDDDDD")  # no sender, or not measured
        fig.colorbar(image, ax=axis, label=unit)
        headline(fig, title)
    return fig
