"""The explorer of chapter 09 and its tiny network: readable everywhere, and every choice leads to an answer."""

import ipywidgets
import pytest
import torch

from mi_tutor.lab import named_nodes
from mi_tutor.lab.explorers.paths import explore, grid


def test_the_grid_shows_strong_layers_and_has_its_own_colours():
    effects = torch.zeros(5, 3)
    effects[3, 1], effects[4, 2], effects[0] = -2.0, 0.5, torch.nan
    html = grid(effects, "a < b.")
    assert "-2.00" in html and "+0.50" in html and "a &lt; b" in html and "background:#ffffff" in html
    assert html.count('scope="row"') == 2 and "3 layers without" in html


def test_nothing_strong_is_no_error():
    assert "<table>" in grid(torch.full((2, 2), torch.nan), "none.")


def test_where_outputs_are_stored_a_sentence_stands_instead(monkeypatch, capsys):
    monkeypatch.setenv("MI_TUTOR_ANSWERS", "reference")
    explore(lambda *choice: torch.zeros(2, 2), ["23.0"], ["END"])
    assert "menus appear" in capsys.readouterr().out


def test_a_choice_without_a_path_is_told(monkeypatch):
    monkeypatch.delenv("MI_TUTOR_ANSWERS", raising=False)
    shown = []
    monkeypatch.setattr("IPython.display.display", shown.append)

    def run(receivers, through, place):
        if through == "v":
            raise ValueError("no path <here>")
        return torch.ones(2, 2)

    explore(run, ["23.0", "logits"], ["S2", "END"])
    _, through, place, answer = shown[0].children
    assert isinstance(shown[0], ipywidgets.VBox) and place.value == "END" and "+1.00" in answer.value
    through.value = "v"
    assert "no path &lt;here&gt;" in answer.value


def test_the_tiny_network_is_that_of_its_docstring():
    values = named_nodes.run(torch.tensor([[1.0, 1.0]]), {})
    expected = {
        "z a": 1,
        "q b": 2,
        "z b": 4,
        "mlp": 6,
        "q c": 12,
        "pattern c": 13,
        "z c": 156,
        "z d": -84,
        "output": 84,
    }
    assert {name: values[name].item() for name in expected} == expected
    with pytest.raises(ValueError, match='no node "z e"'):
        named_nodes.run(torch.ones(1, 2), {"z e": torch.ones(1)})
