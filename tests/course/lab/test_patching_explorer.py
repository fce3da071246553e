"""The explorer of chapter 08: its menus name what the lab has, and the grid comes with words."""

from types import SimpleNamespace

import pytest

from mi_tutor.lab.explorers.patching import CHOICES, explore, picture
from mi_tutor.lab.sweeps.variants import AXES
from mi_tutor.lab.tasks.indirect_object import CORRUPTIONS


def values(menu):
    return [value for _, value in CHOICES[menu]]


def test_the_menus_name_what_the_lab_has():
    assert set(values("component")) <= set(AXES)
    assert set(values("corruption")) <= set(CORRUPTIONS)
    assert values("direction") == ["denoise", "noise"]


def test_the_grid_says_its_largest_effects_in_words():
    plt = pytest.importorskip("matplotlib.pyplot")
    sweep = SimpleNamespace(
        axes={"layer": [20], "head": [0]},
        top=lambda n: [{"layer": 20, "head": 0, "effect": -5.0}],
        figure=plt.figure,
    )
    html = picture(sweep, lambda figure, alt: f'<img alt="{alt}">')
    assert "layer 20, head 0: -5.00" in html and "background:#ffffff" in html
    assert not plt.get_fignums()


def test_where_outputs_are_stored_a_sentence_stands_instead(monkeypatch, capsys):
    monkeypatch.setenv("MI_TUTOR_ANSWERS", "reference")
    explore(lambda *choices: None)
    assert "four menus" in capsys.readouterr().out
