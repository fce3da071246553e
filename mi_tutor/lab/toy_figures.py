"""Pictures of toy models. Each function returns a matplotlib figure; the caller's title says the finding."""

from collections.abc import Sequence

import torch
from jaxtyping import Float
from torch import Tensor

from mi_tutor.lab.figures import COLORS, headline, style


def directions(
    W: Float[Tensor, "instance 2 feature"],
    titles: Sequence[str],
    *,
    columns: int = 4,
    title: str = "",
    size: float = 1.9,
):
    """One small panel for each instance: the feature directions as arrows in the two hidden dimensions.

    The darker an arrow, the more important the feature (lower index).
    """
    import matplotlib.pyplot as plt

    rows = -(-len(W) // columns)
    with style():
        fig, axes = plt.subplots(rows, columns, figsize=(size * columns, size * rows + 0.5), squeeze=False)
        for axis in axes.flat[len(W) :]:
            axis.set_visible(False)
        for axis, w, text in zip(axes.flat, W, titles, strict=False):
            arrows(axis, w)
            axis.set_title(text, fontsize=9, fontweight="normal", loc="center")
        if title:
            headline(fig, title)
    return fig


def arrows(axis, w: Float[Tensor, "2 feature"]) -> None:
    """Draw the columns of one instance's W as arrows from the origin."""
    import matplotlib

    colors = matplotlib.colormaps["viridis"](torch.linspace(0, 0.85, w.shape[1]).numpy())
    for (x, y), color in zip(w.T.tolist(), colors, strict=True):
        axis.plot([0, x], [0, y], color=color, linewidth=2, solid_capstyle="round")
        axis.plot([x], [y], "o", color=color, markersize=4)
    limit = max(1.35, 1.15 * float(w.abs().max()))
    axis.set(xlim=(-limit, limit), ylim=(-limit, limit), aspect="equal", xticks=[], yticks=[])
    axis.grid(False)
    for side in axis.spines.values():
        side.set_visible(True)
        side.set_color("#BBBBBB")


def norms_and_interference(
    W: Float[Tensor, "instance hidden feature"],
    interference: Float[Tensor, "instance feature"],
    titles: Sequence[str],
    *,
    title: str = "",
):
    """Bars of length ‖Wᵢ‖, a panel for each instance.

    Hatched and orange where the interference is above 0.25; grey where the feature is not represented (‖Wᵢ‖ ≤ 0.5).
    """
    import matplotlib.pyplot as plt
    from matplotlib.patches import Patch

    with style():
        fig, axes = plt.subplots(1, len(W), figsize=(1.35 * len(W) + 0.6, 4.2), sharey=True, squeeze=False)
        for axis, norms, shared, text in zip(axes[0], W.norm(dim=1), interference, titles, strict=True):
            kept = (norms > 0.5).tolist()
            crowded = ((shared > 0.25) & (norms > 0.5)).tolist()
            axis.barh(
                range(len(norms)),
                norms.tolist(),
                color=[
                    COLORS["orange"] if c else COLORS["blue"] if k else "#BBBBBB"
                    for c, k in zip(crowded, kept, strict=True)
                ],
                hatch=["////" if c else "" for c in crowded],
                edgecolor="white",
                linewidth=0.3,
            )
            axis.set(xlim=(0, 1.4), xticks=[0, 1], yticks=range(0, len(norms), 5), xlabel="‖Wᵢ‖")
            axis.set_title(text, fontsize=9, fontweight="normal", loc="center")
        axes[0, 0].set_ylabel("feature i (most important on top)")
        axes[0, 0].invert_yaxis()
        handles = [Patch(color=COLORS["blue"]), Patch(facecolor=COLORS["orange"], hatch="////", edgecolor="white")]
        handles.append(Patch(color="#BBBBBB"))
        names = ["interference ≤ 0.25", "interference > 0.25", "not represented"]
        fig.legend(handles, names, loc="outside lower center", ncol=3)
        headline(fig, title)
    return fig


def matrices(tensors: Sequence[Tensor], titles: Sequence[str], *, title: str = "", label: str = "", limit: float = 1.0):
    """Matrices side by side on one diverging colour scale from −limit to +limit."""
    import matplotlib.pyplot as plt

    with style():
        fig, axes = plt.subplots(1, len(tensors), figsize=(max(6.6, 2.1 * len(tensors) + 1), 2.9), squeeze=False)
        for axis, matrix, text in zip(axes[0], tensors, titles, strict=True):
            image = axis.imshow(matrix.numpy(), cmap="RdBu_r", vmin=-limit, vmax=limit)
            axis.set_title(text, fontsize=9, fontweight="normal", loc="center")
            axis.set(xticks=[], yticks=[])
            axis.grid(False)
        fig.colorbar(image, ax=axes[0].tolist(), label=label, shrink=0.8)
        headline(fig, title)
    return fig


PHASES = ("first only", "extra only", "superposition", "neither")


def phase_maps(
    maps: Sequence[Sequence[Sequence[str]]],
    titles: Sequence[str],
    density: Sequence[float],
    importance: Sequence[float],
    *,
    title: str = "",
):
    """Phase diagrams side by side: `maps[k][row][column]` is the phase at density[row] and importance[column]."""
    import matplotlib.pyplot as plt
    from matplotlib.colors import ListedColormap
    from matplotlib.patches import Patch

    shades = [COLORS["sky"], COLORS["yellow"], COLORS["red"], "#DDDDDD"]
    letters = ["1", "2", "±", "·"]
    with style():
        fig, axes = plt.subplots(1, len(maps), figsize=(3.3 * len(maps) + 0.4, 3.9), sharey=True, squeeze=False)
        for axis, grid, text in zip(axes[0], maps, titles, strict=True):
            index = [[PHASES.index(phase) for phase in row] for row in grid]
            axis.imshow(index, cmap=ListedColormap(shades), vmin=-0.5, vmax=3.5, aspect="auto")
            for r, row in enumerate(index):
                for c, phase in enumerate(row):
                    axis.text(c, r, letters[phase], ha="center", va="center", fontsize=7, color="black")
            some = range(0, len(importance), 2)
            axis.set(
                xticks=list(some),
                xticklabels=[f"{importance[i]:.2g}" for i in some],
                yticks=list(range(0, len(density), 2)),
                yticklabels=[f"{density[i]:.2g}" for i in range(0, len(density), 2)],
                xlabel="relative importance r of the extra feature",
            )
            axis.set_title(text, fontsize=9, fontweight="normal", loc="center")
            axis.grid(False)
        axes[0, 0].set_ylabel("density p = 1 − S")
        handles = [Patch(facecolor=shades[i], edgecolor="black", linewidth=0.4) for i in range(4)]
        names = [f"{letters[i]}  {name}" for i, name in enumerate(PHASES)]
        fig.legend(handles, names, loc="outside lower center", ncol=4)
        headline(fig, title)
    return fig
