"""An explorer: where a probe puts the cities of the world, stage by stage."""

import os
from collections.abc import Sequence
from html import escape

import torch
from jaxtyping import Float
from torch import Tensor

from mi_tutor.accessible import display_accessible
from mi_tutor.lab.figures import COLORS, headline, image_html, style
from mi_tutor.lab.probes import City

_CONTINENTS = {
    "Africa": ("orange", "o"),
    "Asia": ("red", "s"),
    "Europe": ("blue", "^"),
    "North America": ("green", "D"),
    "South America": ("purple", "v"),
    "Oceania": ("black", "P"),
}


class WorldMap:
    """Predicted places of cities at every stage.

    Args:
        cities: the cities, in the order of the predictions.
        predicted: latitude and longitude in degrees, by a probe that has not seen the city's country.

    Raises:
        ValueError: another number of cities than of predictions.
    """

    def __init__(self, cities: Sequence[City], predicted: Float[Tensor, "stage city 2"]):
        if predicted.shape[1:] != (len(cities), 2):
            raise ValueError(
                f"The predictions have shape {tuple(predicted.shape)}; for {len(cities)} cities they must have "
                f"[stage, {len(cities)}, 2]."
            )
        self.cities, self.predicted = list(cities), predicted
        self.true = torch.tensor([[city.latitude, city.longitude] for city in cities])

    def kilometres(self, stage: int) -> Float[Tensor, "city"]:
        """How far the prediction is from each city, along the surface of the earth."""
        guess, true = self.predicted[stage].deg2rad(), self.true.deg2rad()
        guess = torch.stack([guess[:, 0].clamp(-torch.pi / 2, torch.pi / 2), guess[:, 1]], dim=1)
        half = ((guess - true) / 2).sin().square()
        along = half[:, 0] + guess[:, 0].cos() * true[:, 0].cos() * half[:, 1]
        return 2 * 6371 * along.clamp(0, 1).sqrt().asin()

    def figure(self, stage: int, *, title: str | None = None, continent: str | None = None):
        """True places on the left, predicted places on the right, coloured by continent."""
        import matplotlib.pyplot as plt

        with style():
            fig, axes = plt.subplots(1, 2, figsize=(10.0, 3.6), sharex=True, sharey=True)
            for ax, places, name in zip(axes, (self.true, self.predicted[stage]), ("true", "predicted"), strict=True):
                for one, (color, marker) in _CONTINENTS.items():
                    rows = [at for at, city in enumerate(self.cities) if city.continent == one]
                    shown = continent in (None, one)
                    ax.scatter(
                        places[rows, 1],
                        places[rows, 0],
                        s=9 if shown else 3,
                        marker=marker,
                        color=COLORS[color] if shown else "#CCCCCC",
                        alpha=0.65,
                        linewidths=0,
                        label=one,
                    )
                ax.set(xlim=(-180, 180), ylim=(-65, 75), xlabel=f"{name} longitude (degrees)")
            axes[0].set_ylabel("latitude (degrees)")
            axes[1].legend(fontsize=9, loc="lower left", markerscale=1.5)
            headline(fig, title or f"Stage {stage}")
        return fig

    def nearest(self, name: str, stage: int) -> str:
        """One city in words: where it is and where the probe puts it.

        Raises:
            ValueError: no such city.
        """
        found = [at for at, city in enumerate(self.cities) if city.name.lower() == name.strip().lower()]
        if not found:
            raise ValueError(f'The table has no city "{name.strip()}"; it has names such as {self.cities[0].name}.')
        at = found[0]
        (lat, lon), (guess_lat, guess_lon) = self.true[at].tolist(), self.predicted[stage, at].tolist()
        return (
            f"{self.cities[at].name} ({self.cities[at].country}) lies at {lat:.0f}, {lon:.0f}; the probe of stage "
            f"{stage} puts it at {guess_lat:.0f}, {guess_lon:.0f}, {self.kilometres(stage)[at]:.0f} km away."
        )


def explore(world: WorldMap) -> None:
    """A slider for the stage, a menu of continents, a field for a city. Where outputs are stored, a sentence."""
    if os.environ.get("MI_TUTOR_ANSWERS") == "reference":
        print("With a running kernel, a slider for the stage, a menu of continents and a field for a city appear here.")
        return
    import ipywidgets as widgets

    display_accessible(build(widgets, world))


def build(widgets, world: WorldMap):
    """The live explorer as one widget."""
    import matplotlib.pyplot as plt

    wide = {"style": {"description_width": "6em"}, "layout": widgets.Layout(width="32em", max_width="100%")}
    last = len(world.predicted) - 1
    stage = widgets.IntSlider(value=last // 2, min=0, max=last, description="stage", continuous_update=False, **wide)
    # No option stands for None: ipywidgets then shows a menu in which, now and then, nothing is chosen.
    continent = widgets.Dropdown(options=["all", *_CONTINENTS], description="show", **wide)
    city = widgets.Text(value=world.cities[0].name, description="city", continuous_update=False, **wide)
    picture, words = widgets.HTML(), widgets.HTML()

    def say(_=None):
        try:
            words.value = f"<p>{escape(world.nearest(city.value, stage.value))}</p>"
        except ValueError as problem:
            words.value = f"<p>{escape(str(problem))}</p>"

    def draw(_=None):
        far = world.kilometres(stage.value).median()
        fig = world.figure(stage.value, continent=None if continent.value == "all" else continent.value)
        picture.value = image_html(fig, f"Stage {stage.value}: half of the cities are put within {far:.0f} km.")
        plt.close(fig)
        say()

    stage.observe(draw, names="value")
    continent.observe(draw, names="value")
    city.observe(say, names="value")
    draw()
    return widgets.VBox([stage, continent, picture, city, words])
