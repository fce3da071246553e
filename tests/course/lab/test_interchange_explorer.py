"""The explorer of chapter 06: both answers, in words, and whose they are."""

from types import SimpleNamespace

import pytest
import torch

from mi_tutor.lab.explorers.interchange import Interchanger, build, explore


@pytest.fixture
def interchanger():
    """Three cities; the answer's logits are the activation itself, so what is moved can be read off."""
    countries, continents = ["France", "Italy", "Kenya"], ["Africa", "Europe"]
    right = {"country": torch.tensor([0, 1, 2]), "continent": torch.tensor([1, 1, 0])}
    x = torch.zeros(3, 5)
    for city in range(3):
        x[city, right["country"][city]] = x[city, 3 + right["continent"][city]] = 5.0

    def logits(x, base, question):
        return x[:, :3] if question == "country" else x[:, 3:]

    task = SimpleNamespace(
        names=["Lyon", "Rome", "Nairobi"],
        countries=countries,
        continents=continents,
        right=right,
        test=torch.tensor([False, True, True]),
        x=x,
        logits=logits,
        offered=lambda question: countries if question == "country" else continents,
    )

    def first_three(base, source):
        return torch.cat([source[:, :3], base[:, 3:]], dim=1)

    return Interchanger(task, {"everything": lambda base, source: source, "the country": first_three})


def test_what_is_moved_changes_one_answer_and_not_the_other(interchanger):
    found = interchanger.answers("Lyon", "Nairobi", "the country", k=1)
    assert found["country"][0][0] == "Kenya" and found["continent"][0][0] == "Europe"
    found = interchanger.answers("Lyon", "Nairobi", "everything", k=1)
    assert found["continent"][0][0] == "Africa"


def test_the_table_says_whose_answer_it_is(interchanger):
    interchanger.answers = lambda *choices: {"country": [("Kenya", 0.9)], "continent": [("Europe", 0.8)]}
    html = interchanger.html("Lyon", "Nairobi", "the country")
    assert html.count("Nairobi</td>") == 1 and html.count("Lyon</td>") == 1 and "0.90" in html


def test_where_outputs_are_stored_a_sentence_stands_instead(monkeypatch, capsys, interchanger):
    monkeypatch.setenv("MI_TUTOR_ANSWERS", "reference")
    explore(interchanger)
    assert "three menus" in capsys.readouterr().out


def test_the_menus_begin_with_held_out_cities(interchanger):
    widgets = pytest.importorskip("ipywidgets")
    interchanger.answers = lambda *choices: {"country": [("Kenya", 0.9)], "continent": [("Europe", 0.8)]}
    box = build(widgets, interchanger)
    assert box.children[0].options[:2] == ("Rome", "Nairobi")
    box.children[2].value = "the country"
    assert "the country" in box.children[3].value


def test_nothing_is_wider_than_the_page(interchanger):
    widgets = pytest.importorskip("ipywidgets")
    interchanger.answers = lambda *choices: {"country": [("Kenya", 0.9)], "continent": [("Europe", 0.8)]}
    for part in build(widgets, interchanger).children:
        assert part.layout.max_width == "100%"
    assert "overflow-x:auto" in interchanger.html("Lyon", "Nairobi", "the country")
