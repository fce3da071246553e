"""The frontier explorer: kinds of SAE at equal L0, read from the lines between what was measured, and no further."""

import ipywidgets as widgets
import matplotlib.pyplot as plt
import pytest

from mi_tutor.lab.explorers import frontier
from mi_tutor.lab.explorers.frontier import Frontier

KINDS = {
    "standard": Frontier([4.0, 1.0, 2.0], {"explained": [0.9, 0.5, 0.7], "found": [36.0, 30.0, 33.0]}),
    "topk": Frontier([2.0, 3.0], {"explained": [0.8, 0.9], "found": [34.0, 35.0]}),
    "search": Frontier([1.5, 3.5], {"explained": [0.6, 1.0]}),
}


@pytest.fixture(autouse=True)
def closed():
    yield
    plt.close("all")


def test_a_kind_is_read_on_the_line_between_its_two_nearest_saes():
    assert KINDS["standard"].at("explained", 3.0) == pytest.approx(0.8)
    assert KINDS["standard"].at("explained", 2.0) == pytest.approx(0.7)
    assert KINDS["standard"].at("found", 1.5) == pytest.approx(31.5)


def test_on_a_logarithmic_axis_the_line_is_straight_there():
    assert KINDS["standard"].at("explained", 2.0**1.5, logarithmic=True) == pytest.approx(0.8)


def test_nothing_is_read_outside_of_what_was_measured():
    assert KINDS["topk"].at("explained", 1.9) is None and KINDS["topk"].at("explained", 3.1) is None
    assert KINDS["topk"].words("explained", 1.9) == "outside of what was measured, L0 2.0 to 3.0"
    assert KINDS["search"].words("found", 2.0) == "not measured"


def test_two_saes_of_one_l0_are_no_division_by_zero():
    assert Frontier([2.0, 2.0], {"explained": [0.5, 0.6]}).at("explained", 2.0) == 0.6


def test_the_figure_shows_every_sae_of_the_kinds_chosen():
    ax = frontier.figure(KINDS, "found", title="t", cursor=2.0).axes[0]
    assert [len(line.get_xdata()) for line in ax.lines] == [3, 2, 0, 2], "the last line is the cursor"
    assert list(ax.lines[0].get_xdata()) == [1.0, 2.0, 4.0]
    assert ax.get_ylabel() == "found"
    with pytest.raises(ValueError, match="at least one"):
        frontier.figure({}, "found", title="t")


def test_more_kinds_than_looks_are_refused():
    with pytest.raises(ValueError, match="at most 7 kinds"):
        frontier.explore(dict.fromkeys("abcdefgh", KINDS["topk"]))


def test_every_control_changes_what_is_shown():
    box = frontier.build(widgets, KINDS)
    kinds, measure, axis, cursor, answer = box.children
    assert (cursor.min, cursor.value, cursor.max) == (1.0, 3.0, 4.0)
    assert "explained at L0 3.0: standard 0.80; topk 0.90; search 0.90" in answer.value
    cursor.value = 1.2
    assert "topk outside of what was measured, L0 2.0 to 3.0" in answer.value
    axis.value = "log L0"
    assert "standard 0.55" in answer.value, "0.5 + 0.2 log 1.2 / log 2"
    measure.value = "found"
    assert "search not measured" in answer.value
    kinds.value = ("topk",)
    assert "standard" not in answer.value
    kinds.value = ()
    assert "at least one" in answer.value


def test_a_line_keeps_its_look_when_others_are_left_out():
    looks = frontier._looks(KINDS)
    some = {"search": KINDS["search"]}
    line = frontier.figure(some, "explained", title="t", colors=looks).axes[0].lines[0]
    assert (line.get_linestyle(), line.get_marker()) == looks["search"][1:]


def test_names_are_text_and_not_html():
    assert "<b>" not in frontier.table({"<b>": KINDS["topk"]}, "explained", 2.5)


def test_stored_notebooks_get_a_sentence(monkeypatch, capsys):
    monkeypatch.setenv("MI_TUTOR_ANSWERS", "reference")
    frontier.explore(KINDS)
    assert "With a running kernel" in capsys.readouterr().out
