"""An explorer: move a part of one city's activation into another city's run, and read two answers."""

import os
from collections.abc import Callable, Mapping
from html import escape

import torch
from jaxtyping import Float
from torch import Tensor

from mi_tutor.accessible import display_accessible
from mi_tutor.lab.judging.cities import QUESTIONS, CityTask

Method = Callable[[Float[Tensor, "pair d_model"], Float[Tensor, "pair d_model"]], Float[Tensor, "pair d_model"]]


class Interchanger:
    """Asks both questions about a city after an interchange.

    Args:
        task: from `judging.cities.load`.
        methods: name → function of (base activations, source activations) that gives the activations to put in.
    """

    def __init__(self, task: CityTask, methods: Mapping[str, Method]):
        self.task, self.methods = task, dict(methods)

    def answers(self, base: str, source: str, method: str, k: int = 3) -> dict[str, list[tuple[str, float]]]:
        """For each question the k most probable of the answers offered: probabilities among these answers."""
        cities = torch.tensor([self.task.names.index(base)]), torch.tensor([self.task.names.index(source)])
        changed = self.methods[method](self.task.x[cities[0]], self.task.x[cities[1]])
        found = {}
        for question in QUESTIONS:
            values, places = self.task.logits(changed, cities[0], question)[0].softmax(-1).topk(k)
            words = [self.task.offered(question)[place] for place in places.tolist()]
            found[question] = list(zip(words, values.tolist(), strict=True))
        return found

    def html(self, base: str, source: str, method: str) -> str:
        """Both answers as labelled bars, and whose they are."""
        cell = "padding:0.1em 0.6em;text-align:left"
        rows = ""
        for question, top in self.answers(base, source, method).items():
            for word, probability in top:
                bar = f'<div style="background:#0072B2;height:0.9em;width:{max(1, round(200 * probability))}px"></div>'
                whose = " and ".join(
                    name for name in (base, source) if word == self.task.offered(question)[self._right(question, name)]
                )
                rows += (
                    f'<tr><th scope="row" style="{cell}">{question}</th><td style="{cell}">{escape(word)}</td>'
                    f'<td style="{cell}">{probability:.2f}</td><td style="{cell}">{bar}</td>'
                    f'<td style="{cell}">{escape(whose)}</td></tr>'
                )
        head = "".join(
            f'<th scope="col" style="{cell}">{name}</th>' for name in ("asked for", "answer", "probability", "", "of")
        )
        return (
            '<div style="background:#ffffff;color:#1b1b1b;padding:0.5em;max-width:100%;overflow-x:auto">'
            f"<p>The run of <b>{escape(base)}</b>; moved in from <b>{escape(source)}</b>: {escape(method)}</p>"
            f"<table><tr>{head}</tr>{rows}</table></div>"
        )

    def _right(self, question: str, city: str) -> int:
        return int(self.task.right[question][self.task.names.index(city)])


def explore(interchanger: Interchanger) -> None:
    """Show menus for two cities and the method. Where outputs are stored, a sentence stands instead."""
    if os.environ.get("MI_TUTOR_ANSWERS") == "reference":
        print("With a running kernel, three menus appear here: the city that runs, the city to take from, the method.")
        return
    import ipywidgets as widgets

    display_accessible(build(widgets, interchanger))


def build(widgets, interchanger: Interchanger):
    """The live explorer as one widget."""
    wide = {"style": {"description_width": "9em"}, "layout": widgets.Layout(width="30em", max_width="100%")}
    task = interchanger.task
    held_out = [name for name, test in zip(task.names, task.test.tolist(), strict=True) if test]
    names = held_out + [name for name in task.names if name not in held_out]
    base = widgets.Dropdown(options=names, description="Run", **wide)
    source = widgets.Dropdown(options=names, value=names[1], description="take from", **wide)
    method = widgets.Dropdown(options=list(interchanger.methods), description="what is moved", **wide)
    answer = widgets.HTML(layout=widgets.Layout(max_width="100%"))

    def update(_=None):
        answer.value = interchanger.html(base.value, source.value, method.value)

    for control in (base, source, method):
        control.observe(update, names="value")
    update()
    return widgets.VBox([base, source, method, answer])
