"""An explorer: choose density, number of features and importance decay; a two-dimensional model is trained at once."""

import os
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from mi_tutor.accessible import display_accessible
from mi_tutor.lab import toy_figures, toy_geometry, toy_training
from mi_tutor.lab.figures import headline, image_html, style

HIDDEN = 2


@dataclass(frozen=True)
class Trained:
    """The best of a few runs of one setting."""

    W: Float[Tensor, "hidden feature"]
    loss: float
    sparsity: float
    decay: float

    @property
    def words(self) -> str:
        """The shapes that its features form."""
        return toy_geometry.shape_names(self.W)


def train(sparsity: float, feature: int, decay: float, *, runs: int = 4, steps: int = 1200, seed: int = 0) -> Trained:
    """Train the ReLU output model with 2 hidden dimensions; importance of feature i is decayⁱ. About a second.

    Args:
        sparsity: probability that a feature is zero, below 1.
        feature: number of features.
        decay: importance of each feature relative to the one before.
        runs: runs from different starts; the one with the lowest loss is returned.
    """
    generator = torch.Generator().manual_seed(seed)
    W, b = toy_training.start(runs, HIDDEN, feature, seed=seed)
    importance = decay ** torch.arange(feature)

    def sample(batch: int = 256) -> Tensor:
        values = torch.rand(runs, batch, feature, generator=generator)
        return (values - sparsity).clamp_min(0) / (1 - sparsity)

    def loss_of(x: Tensor) -> Tensor:
        out = torch.baddbmm(b[:, None], x @ W.transpose(1, 2), W).relu()
        return (importance * (x - out).pow(2)).sum(-1).mean(1)

    toy_training.fit(toy_training.descend(loss_of), sample, [W, b], steps=steps)
    loss = toy_training.evaluate(loss_of, sample)
    best = int(loss.argmin())
    return Trained(W[best].detach(), float(loss[best]), sparsity, decay)


def figure(models: list[Trained], title: str = ""):
    """For each model its directions as arrows and its Gram matrix."""
    import matplotlib.pyplot as plt

    with style():
        fig, axes = plt.subplots(2, len(models), figsize=(1.75 * len(models) + 0.9, 4.4), squeeze=False)
        for (top, below), model in zip(axes.T, models, strict=True):
            toy_figures.arrows(top, model.W)
            names = model.words.replace(", ", "\n").replace(" in ", "\nin ")
            text = f"S = {model.sparsity:.2g}, {model.W.shape[1]} features\ndecay {model.decay:.2g}\n{names}"
            top.set_title(text, fontsize=9, fontweight="normal", loc="center")
            image = below.imshow((model.W.T @ model.W).numpy(), cmap="RdBu_r", vmin=-1.3, vmax=1.3)
            below.set(xticks=[], yticks=[], xlabel="feature", ylabel="feature")
            below.grid(False)
        fig.colorbar(image, ax=axes[1].tolist(), label="Wᵢ · Wⱼ", shrink=0.8)
        headline(fig, title)
    return fig


def explore() -> None:
    """Show sliders for density, features and decay. Where outputs are stored, a sentence stands instead."""
    if os.environ.get("MI_TUTOR_ANSWERS") == "reference":
        print("With a running kernel, sliders for density, number of features and importance decay appear here.")
        return
    import ipywidgets as widgets

    # Late: a slider that is being dragged should not start a training run at every pixel.
    layout = widgets.Layout(width="32em", max_width="100%")
    late = {"continuous_update": False, "style": {"description_width": "11em"}, "layout": layout}
    density = widgets.FloatLogSlider(
        value=0.1, base=10, min=-2, max=0, step=0.05, description="Density p = 1 − S", readout_format=".2f", **late
    )
    features = widgets.IntSlider(value=5, min=2, max=12, description="Number of features", **late)
    decay = widgets.FloatSlider(value=0.9, min=0.5, max=1.0, step=0.05, description="Importance decay", **late)
    again = widgets.Button(description="Another seed")
    answer, state = widgets.HTML(), {"seed": 0}

    def update(_=None):
        import matplotlib.pyplot as plt

        model = train(1 - density.value, features.value, decay.value, seed=state["seed"])
        fig = figure([model])
        answer.value = image_html(fig, f"Trained directions: {model.words}; loss {model.loss:.4f}")
        plt.close(fig)

    def reseed(_=None):
        state["seed"] += 1
        update()

    for slider in (density, features, decay):
        slider.observe(update, names="value")
    again.on_click(reseed)
    update()
    display_accessible(widgets.VBox([density, features, decay, again, answer]))
