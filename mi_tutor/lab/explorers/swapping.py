"""An explorer: put the vector of another word into a prompt, at a chosen layer and position, and read the answer."""

import os
from collections.abc import Callable
from html import escape

import torch
from torch import Tensor

from mi_tutor.accessible import display_accessible
from mi_tutor.lab import activations, models


class Swapper:
    """Runs one prompt with one vector taken from another prompt.

    Args:
        model: a TransformerBridge.
        swap: swap(activation [batch pos d_model], position, replacement [batch d_model]) → the changed activation.
        template: a text with one {} in it, for example "The city of {} is located in the country of".
        words: what can stand there. Each must be a single token, so that all prompts have the same length.

    Raises:
        ValueError: a word of several tokens.
    """

    def __init__(self, model, swap: Callable[[Tensor, int, Tensor], Tensor], template: str, words: list[str]):
        self.model, self.swap, self.template, self.words = model, swap, template, list(words)
        for word in words:
            models.single_token(model, f" {word}")
        self.ids = {word: models.tokens(model, template.format(word)).ids for word in words}
        self.strings = models.token_strings(model, self.ids[words[0]][0])

    def top(self, host: str, guest: str, layer: int, position: int, k: int = 5) -> list[tuple[str, float]]:
        """The k most probable next tokens of host's prompt when guest's vector stands at this layer and position."""
        name = activations.residual_name(layer)
        donor = activations.run_with(self.model, self.ids[guest], name)[name]

        def hook_fn(activation, hook):
            return self.swap(activation, position, donor[:, position])

        with activations.replace(self.model, name, hook_fn):
            logits = activations.logits_at(self.model, self.ids[host], -1)
        values, ids = torch.softmax(logits[0], dim=-1).topk(k)
        return list(zip(models.token_strings(self.model, ids), values.tolist(), strict=True))

    def html(self, host: str, guest: str, layer: int, position: int) -> str:
        """The prediction as labelled bars."""
        rows = ""
        for token, probability in self.top(host, guest, layer, position):
            bar = f'<div style="background:#0072B2;height:0.9em;width:{max(1, round(240 * probability))}px"></div>'
            cell = "padding:0.1em 0.6em;text-align:left"
            rows += (
                f'<tr><td style="{cell};font-family:monospace">{escape(token)}</td><td style="{cell}">{probability:.2f}'
                f'</td><td style="{cell}">{bar}</td></tr>'
            )
        place = escape(self.strings[position]) if position != self._word_position() else escape(f"·{host}")
        prompt = escape(self.template.format(host))
        return (
            f'<div style="background:#ffffff;color:#1b1b1b;padding:0.5em"><p><b>{prompt} …</b><br>'
            f"entering layer {layer}, the vector at position {position} ({place}) "
            f"comes from the prompt with {escape(guest)}</p>"
            f'<table><caption style="text-align:left">next token, probability</caption>{rows}</table></div>'
        )

    def _word_position(self) -> int:
        first, second = self.ids[self.words[0]][0], self.ids[self.words[1]][0]
        return int((first != second).nonzero()[0])


def explore(swapper: Swapper) -> None:
    """Show menus for the two words, the position and the layer. Where outputs are stored, a sentence stands instead."""
    if os.environ.get("MI_TUTOR_ANSWERS") == "reference":
        print("With a running kernel, menus appear here: two words, a position and a layer.")
        return
    import ipywidgets as widgets

    wide = {"style": {"description_width": "9em"}, "layout": widgets.Layout(width="26em", max_width="100%")}
    host = widgets.Dropdown(options=swapper.words, description="Run the prompt of", **wide)
    guest = widgets.Dropdown(options=swapper.words, value=swapper.words[1], description="with a vector of", **wide)
    places = [(f"{place} {string}", place) for place, string in enumerate(swapper.strings)]
    places[swapper._word_position()] = (f"{swapper._word_position()} the word", swapper._word_position())
    position = widgets.Dropdown(options=places, value=swapper._word_position(), description="at position", **wide)
    layer = widgets.IntSlider(
        value=12,
        min=0,
        max=swapper.model.cfg.n_layers - 1,
        description="entering layer",
        continuous_update=False,
        **wide,
    )
    answer = widgets.HTML()

    def update(_=None):
        answer.value = swapper.html(host.value, guest.value, layer.value, position.value)

    for control in (host, guest, position, layer):
        control.observe(update, names="value")
    update()
    display_accessible(widgets.VBox([host, guest, position, layer, answer]))
