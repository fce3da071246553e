"""Widgets are left out of a saved notebook, all else stays."""

from mi_tutor.bootstrap.saving import WIDGET, without_widgets


def test_only_widgets_are_left_out():
    card, stream = {"data": {"text/html": "<p>card</p>"}}, {"output_type": "stream", "text": "said"}
    buttons = {"data": {WIDGET: {"model_id": "1"}, "text/plain": "VBox(children=())"}}
    model = {"type": "notebook", "content": {"cells": [{"source": "text"}, {"outputs": [card, buttons, stream]}]}}
    without_widgets(model=model, path="a.ipynb", contents_manager=None)
    assert model["content"]["cells"] == [{"source": "text"}, {"outputs": [card, stream]}]


def test_other_files_are_left_alone():
    model = {"type": "file", "content": "text"}
    without_widgets(model=model, path="a.txt", contents_manager=None)
    assert model == {"type": "file", "content": "text"}
