"""An explorer: choose a layer and a neuron; see where it fires hardest, and how it behaves on every class of text."""

import base64
import io
import os
from html import escape

import torch
from jaxtyping import Float
from torch import Tensor

from mi_tutor.accessible import display_accessible
from mi_tutor.lab import activations, models
from mi_tutor.lab.figures import COLORS, style, token_rows
from mi_tutor.lab.harvest import Harvest


class NeuronView:
    """What the explorer shows of one neuron.

    Args:
        model: a TransformerBridge; only its tokenizer is used.
        harvest: activations of neurons at every token, under the names `activations.neuron_name(layer)`.
        labels: the class of each document of the harvest.
        order: the classes in the order in which to show them.
    """

    def __init__(self, model, harvest: Harvest, labels: list[str], order: list[str]):
        self.model, self.harvest, self.labels, self.names = model, harvest, list(labels), list(order)
        self.layers = [int(name.split(".")[1]) for name in harvest.activations]
        self.counts = torch.bincount(harvest.document, minlength=len(labels))

    def acts(self, layer: int, neuron: int) -> Float[Tensor, "token"]:
        """The neuron's activation at every token."""
        return self.harvest[activations.neuron_name(layer)][:, neuron].float()

    def by_document(self, layer: int, neuron: int) -> tuple[Float[Tensor, "text"], Float[Tensor, "text"]]:
        """The mean and the highest activation of every document."""
        acts, document, size = self.acts(layer, neuron), self.harvest.document, len(self.labels)
        mean = torch.zeros(size).index_add(0, document, acts) / self.counts
        peak = torch.full((size,), -torch.inf).scatter_reduce(0, document, acts, "amax")
        return mean, peak

    def contexts(self, layer: int, neuron: int, k: int = 6) -> list[tuple[str, list[str], list[float], int]]:
        """The k documents with the highest peaks: (label, tokens around the peak, activations, index of the peak)."""
        acts = self.acts(layer, neuron)
        _, peak = self.by_document(layer, neuron)
        rows = []
        for text in peak.topk(k).indices.tolist():
            inside = (self.harvest.document == text).nonzero()[:, 0]
            row = int(inside[acts[inside].argmax()])
            ids, at = self.harvest.window(row, before=12, after=4)
            values = acts[row - at : row - at + len(ids)].tolist()
            rows.append((self.labels[text], models.token_strings(self.model, ids, whole=True), values, at))
        return rows

    def show_contexts(self, layer: int, neuron: int, k: int = 6) -> None:
        """Display the top contexts as a table."""
        rows = self.contexts(layer, neuron, k)
        caption = f"Layer {layer}, neuron {neuron}: its highest peaks"
        token_rows([row[:3] for row in rows], highlight=[at for *_, at in rows], caption=caption)

    def draw(self, layer: int, neuron: int, axes) -> None:
        """Draw the mean activation of every document, one row of points a class, with the class's median."""
        mean, _ = self.by_document(layer, neuron)
        generator = torch.Generator().manual_seed(0)
        for row, name in enumerate(self.names):
            here = mean[torch.tensor([label == name for label in self.labels])]
            jitter = row + 0.5 * (torch.rand(len(here), generator=generator) - 0.5)
            axes.scatter(here, jitter, s=7, alpha=0.45, color=COLORS["blue"], linewidths=0)
            axes.plot([here.median()] * 2, [row - 0.38, row + 0.38], color=COLORS["red"], linewidth=2.2)
        axes.set_yticks(range(len(self.names)), self.names)
        axes.invert_yaxis()
        axes.grid(visible=False, axis="y")
        axes.set_xlabel("mean activation over the tokens of a text (red: median of the class)")

    def figure(self, layer: int, neuron: int, title: str | None = None):
        """A figure of the neuron's behaviour on every class."""
        import matplotlib.pyplot as plt

        with style():
            fig, ax = plt.subplots(figsize=(7, 4.2))
            self.draw(layer, neuron, ax)
            ax.set_title(title or f"Layer {layer}, neuron {neuron}")
        return fig

    def html(self, layer: int, neuron: int) -> str:
        """Figure and contexts as one piece of HTML, for the live explorer."""
        import matplotlib.pyplot as plt

        fig = self.figure(layer, neuron)
        raw = io.BytesIO()
        fig.savefig(raw, format="png", dpi=90)
        plt.close(fig)
        picture = base64.b64encode(raw.getvalue()).decode()
        rows = ""
        for label, strings, values, peak in self.contexts(layer, neuron):
            text = "".join(
                f"<b><u>{escape(string)}</u></b>" if at == peak else escape(string) for at, string in enumerate(strings)
            )
            rows += (
                f'<tr><td style="padding:0.1em 0.6em">{escape(label)}</td><td style="padding:0.1em 0.6em">'
                f'{values[peak]:.2f}</td><td dir="auto" style="text-align:left;font-family:monospace">'
                f"{text.replace('·', ' ')}</td></tr>"
            )
        return (
            f'<div style="background:#ffffff;color:#111111;padding:0.5em"><img alt="Mean activation of layer {layer} '
            f'neuron {neuron} on the texts of each class" style="max-width:100%;height:auto" '
            f'src="data:image/png;base64,{picture}">'
            f"<table><caption style='text-align:left'>highest peaks: class, activation, context</caption>{rows}"
            "</table></div>"
        )


def explore(view: NeuronView, layer: int | None = None, neuron: int = 0) -> None:
    """Show menus for layer and neuron. Where outputs are stored, a sentence stands instead."""
    if os.environ.get("MI_TUTOR_ANSWERS") == "reference":
        print("With a running kernel, a menu for the layer and a field for the neuron appear here.")
        return
    import ipywidgets as widgets

    last = view.harvest[activations.neuron_name(view.layers[0])].shape[1] - 1
    layers = widgets.Dropdown(
        options=view.layers, value=view.layers[0] if layer is None else layer, description="Layer"
    )
    neurons = widgets.BoundedIntText(value=neuron, min=0, max=last, description="Neuron")
    another = widgets.Button(description="Random neuron")
    answer = widgets.HTML()

    def update(_=None):
        answer.value = view.html(layers.value, neurons.value)

    def jump(_=None):
        neurons.value = int(torch.randint(last + 1, (1,)))

    layers.observe(update, names="value")
    neurons.observe(update, names="value")
    another.on_click(jump)
    update()
    row = widgets.HBox([layers, neurons, another], layout=widgets.Layout(flex_flow="row wrap"))  # narrow windows
    display_accessible(widgets.VBox([row, answer]))
