"""An explorer: choose a latent of a sparse autoencoder, or a class of text and its best latents, and read its page."""

import os

import torch

from mi_tutor.accessible import display_accessible
from mi_tutor.lab.saes.feature_page import Pages
from mi_tutor.lab.saes.page_html import page_html


def explore(pages: Pages, latent: int | None = None) -> None:
    """Show a menu of classes and a field for the latent. Where outputs are stored, a sentence stands instead."""
    if os.environ.get("MI_TUTOR_ANSWERS") == "reference":
        print("With a running kernel, a menu of classes and a field for the latent appear here.")
        return
    import ipywidgets as widgets

    display_accessible(build(widgets, pages, latent))


def build(widgets, pages: Pages, latent: int | None = None):
    """The live explorer as one widget."""
    activity = pages.activity
    alive = activity.counts.nonzero()[:, 0]
    classes = widgets.Dropdown(options=activity.label_names, description="Class")
    best = widgets.Dropdown(description="Its best")
    number = widgets.BoundedIntText(value=0, min=0, max=activity.feature - 1, description="Latent")
    another = widgets.Button(description="Random latent")
    answer = widgets.HTML()

    def show(_=None):
        answer.value = page_html(pages.page(number.value))

    def offer(_=None):
        best.options = activity.best_for(classes.value)
        best.index = 0

    def take(change):
        if change["new"] is not None:
            number.value = change["new"]

    def jump(_=None):
        number.value = int(alive[torch.randint(len(alive), (1,))])

    number.observe(show, names="value")
    classes.observe(offer, names="value")
    best.observe(take, names="value")
    another.on_click(jump)
    offer()
    if latent is not None:
        number.value = latent
    show()
    wrapped = {"layout": widgets.Layout(flex_flow="row wrap")}  # narrow windows
    return widgets.VBox([widgets.HBox([classes, best], **wrapped), widgets.HBox([number, another], **wrapped), answer])
