"""The explorers of chapter 04: they show what they are given, live and still."""

import ipywidgets as widgets
import matplotlib.pyplot as plt
import pytest
import torch

from mi_tutor.lab import probes
from mi_tutor.lab.explorers import layer_curves, transfer, world_map

CURVES = {
    "linear": layer_curves.Curve([0, 10, 20], torch.tensor([0.1, 0.9, 0.3]), torch.zeros(3), torch.ones(3)),
    "bag of tokens": layer_curves.Curve([0, 10, 20], torch.tensor([0.2, 0.1, 0.1])),
}


@pytest.fixture(autouse=True)
def closed():
    yield
    plt.close("all")


def test_a_curve_knows_its_best_stage_and_the_figure_names_every_method():
    assert CURVES["linear"].best == 10
    ax = layer_curves.figure(CURVES, title="t", ylabel="R²", chance=0.5).axes[0]
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["linear", "bag of tokens"]
    assert len(ax.collections) == 1, "one of the two has an interval"


def test_no_curve_is_refused():
    with pytest.raises(ValueError, match="1 to 7 curves"):
        layer_curves.figure({}, title="t", ylabel="y")


def test_the_live_curves_follow_the_menus():
    box = layer_curves.build(widgets, {"space": CURVES, "truth": {"mass-mean": CURVES["linear"]}}, "R²", None)
    subject, methods, answer = box.children
    assert "linear: best at stage 10 (0.90)" in answer.value
    subject.value = "truth"
    assert methods.options == ("mass-mean",) and "mass-mean: best" in answer.value
    methods.value = ()
    assert "at least one" in answer.value


@pytest.fixture
def world():
    some = [city for city in probes.cities() if city.name in ("Paris", "Lima", "Nairobi")]
    true = torch.tensor([[city.latitude, city.longitude] for city in some])
    return world_map.WorldMap(some, torch.stack([true, true + torch.tensor([0.0, 1.0])]))


def test_distances_on_the_earth(world):
    assert world.kilometres(0).max() < 1
    at = [city.name for city in world.cities].index("Nairobi")  # near the equator, where a degree is 111 km
    assert world.kilometres(1)[at].item() == pytest.approx(111.2, abs=0.5)


def test_the_map_shows_every_city_twice(world):
    fig = world.figure(1)
    assert [sum(len(points.get_offsets()) for points in ax.collections) for ax in fig.axes] == [3, 3]


def test_the_live_map_answers_for_a_city(world):
    box = world_map.build(widgets, world)
    stage, continent, picture, city, words = box.children
    city.value = "paris"
    stage.value = 0
    assert "Paris (France) lies at 49, 2" in words.value and "puts it at 49, 2" in words.value
    city.value = "Atlantis"
    assert "no city" in words.value
    before = picture.value
    continent.value = "Africa"
    assert picture.value != before


def test_predictions_must_fit_the_cities(world):
    with pytest.raises(ValueError, match=r"\[stage, 3, 2\]"):
        world_map.WorldMap(world.cities, torch.zeros(2, 4, 2))


def test_the_matrix_shows_its_numbers_and_must_fit_its_names():
    matrix = torch.tensor([[0.9, 0.2], [0.4, 0.8]])
    fig = transfer.figure({"logistic": matrix, "mass-mean": matrix}, ["cities", "sp_en"], title="t")
    assert [text.get_text() for text in fig.axes[0].texts] == ["0.90", "0.20", "0.40", "0.80"]
    with pytest.raises(ValueError, match="must have"):
        transfer.figure({"x": matrix}, ["one"], title="t")


def test_the_live_matrix_follows_the_slider():
    stages = {0: torch.full((2, 2), 0.5), 12: torch.tensor([[0.9, 0.2], [0.4, 0.8]])}
    box = transfer.build(widgets, {"logistic": stages}, ["cities", "sp_en"])
    _, stage, answer = box.children
    stage.value = 0
    assert "cities to sp_en 0.50" in answer.value
    stage.value = 12
    assert "cities to sp_en 0.20" in answer.value


@pytest.mark.parametrize(
    "call",
    [
        lambda: layer_curves.explore({"space": CURVES}),
        lambda: transfer.explore({"logistic": {0: torch.zeros(1, 1)}}, ["a"]),
        lambda: world_map.explore(None),
    ],
)
def test_stored_notebooks_get_a_sentence(call, monkeypatch, capsys):
    monkeypatch.setenv("MI_TUTOR_ANSWERS", "reference")
    call()
    assert "With a running kernel" in capsys.readouterr().out
