"""An explorer: probes trained on one set and tested on another, as a table of accuracies."""

import os
from collections.abc import Mapping, Sequence

from jaxtyping import Float
from torch import Tensor

from mi_tutor.accessible import display_accessible
from mi_tutor.lab.figures import headline, image_html, style


def figure(
    matrices: Mapping[str, Float[Tensor, "train test"]],
    names: Sequence[str],
    *,
    title: str,
    trained: Sequence[str] | None = None,
):
    """Matrices side by side; rows are what was trained on, columns what was tested on. Blue is above chance, red below.

    Args:
        matrices: heading → accuracies.
        names: of the sets.
        trained: of the rows, where they are not the same.

    Raises:
        ValueError: a matrix that does not fit the names.
    """
    import matplotlib.pyplot as plt

    trained = list(names) if trained is None else list(trained)
    for heading, matrix in matrices.items():
        if tuple(matrix.shape) != (len(trained), len(names)):
            raise ValueError(
                f'"{heading}" has shape {tuple(matrix.shape)}; with these names it must have '
                f"{(len(trained), len(names))}."
            )
    with style():
        wide = 1.4 + 0.62 * len(names) * len(matrices)
        fig, axes = plt.subplots(
            1, len(matrices), figsize=(wide, 1.7 + 0.42 * len(trained)), sharey=True, squeeze=False
        )
        for ax, (heading, matrix) in zip(axes[0], matrices.items(), strict=True):
            image = ax.imshow(matrix.numpy(), vmin=0, vmax=1, cmap="RdBu", aspect="auto")
            for row in range(len(trained)):
                for column in range(len(names)):
                    value = float(matrix[row, column])
                    ink = "white" if abs(value - 0.5) > 0.3 else "black"
                    ax.text(column, row, f"{value:.2f}", ha="center", va="center", fontsize=8, color=ink)
            ax.set_xticks(range(len(names)), names, rotation=45, ha="right")
            ax.set_yticks(range(len(trained)), trained)
            ax.set(xlabel="tested on")
            ax.set_title(heading, fontweight="normal", fontsize=10)
            ax.grid(False)
        axes[0, 0].set_ylabel("trained on")
        fig.colorbar(image, ax=axes, label="accuracy", shrink=0.8)
        headline(fig, title)
    return fig


def explore(matrices: Mapping[str, Mapping[int, Float[Tensor, "train test"]]], names: Sequence[str]) -> None:
    """A menu of methods and a slider for the stage. Where outputs are stored, a sentence stands instead.

    Args:
        matrices: method → stage → accuracies.
    """
    if os.environ.get("MI_TUTOR_ANSWERS") == "reference":
        print("With a running kernel, a menu of methods and a slider for the stage appear here.")
        return
    import ipywidgets as widgets

    display_accessible(build(widgets, matrices, names))


def build(widgets, matrices: Mapping[str, Mapping[int, Float[Tensor, "train test"]]], names: Sequence[str]):
    """The live explorer as one widget."""
    import matplotlib.pyplot as plt

    wide = {"style": {"description_width": "6em"}, "layout": widgets.Layout(width="32em", max_width="100%")}
    method = widgets.Dropdown(options=list(matrices), description="probe", **wide)
    stages = sorted(next(iter(matrices.values())))
    stage = widgets.SelectionSlider(
        options=stages, value=stages[len(stages) // 2], description="stage", continuous_update=False, **wide
    )
    answer = widgets.HTML()

    def draw(_=None):
        matrix = matrices[method.value][stage.value]
        fig = figure({method.value: matrix}, names, title=f"Stage {stage.value}")
        words = "; ".join(
            f"{one} to {other} {float(matrix[row, column]):.2f}"
            for row, one in enumerate(names)
            for column, other in enumerate(names)
        )
        answer.value = image_html(fig, words)
        plt.close(fig)

    method.observe(draw, names="value")
    stage.observe(draw, names="value")
    draw()
    return widgets.VBox([method, stage, answer])
