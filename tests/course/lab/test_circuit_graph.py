"""The circuit as a graph: every edge is drawn once, cut ones differ, and a box asks for the score of what is cut."""

import xml.etree.ElementTree as ElementTree

import pytest

from mi_tutor.lab.explorers import circuit_graph
from mi_tutor.lab.paths import Edge

EDGES = [
    Edge("16.0", "17.4", "k", "S1+1"),
    Edge("17.4", "20.0", "v", "S2"),
    Edge("20.0", "23.0", "q", "END"),
    Edge("20.0", "23.1", "q", "END"),
    Edge("23.0", "logits", "", "END"),
]
NAMESPACE = "{http://www.w3.org/2000/svg}"


def drawn(cut=()):
    text = circuit_graph.svg(EDGES, cut).replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1)
    return ElementTree.fromstring(text)


def test_each_node_and_each_edge_stands_once():
    root = drawn()
    texts = [element.text for element in root.iter(f"{NAMESPACE}text")]
    for name in ("16.0", "17.4", "20.0", "23.0", "23.1", "logits", "S1+1", "S2", "END"):
        assert texts.count(name) == 1
    assert len(root.findall(f"{NAMESPACE}path")) == len(EDGES)


def test_nodes_do_not_lie_on_each_other_and_go_from_left_to_right():
    boxes = {}
    root = drawn()
    for box, text in zip(root.findall(f"{NAMESPACE}rect"), root.findall(f"{NAMESPACE}text")[-6:], strict=True):
        boxes[text.text] = (float(box.get("x")), float(box.get("y")))
    assert len(set(boxes.values())) == len(boxes)
    assert boxes["16.0"][0] < boxes["17.4"][0] < boxes["20.0"][0] < boxes["23.0"][0] < boxes["logits"][0]
    assert boxes["23.0"][0] == boxes["23.1"][0] and abs(boxes["23.0"][1] - boxes["23.1"][1]) >= 26


def test_cut_edges_are_dashed_and_counted():
    root = drawn(EDGES[:2])
    dashed = [p for p in root.findall(f"{NAMESPACE}path") if p.get("stroke-dasharray")]
    assert len(dashed) == 2 and "2 of them cut" in root.get("aria-label")


def test_a_box_cuts_its_edge(monkeypatch):
    monkeypatch.delenv("MI_TUTOR_ANSWERS", raising=False)
    asked, shown = [], []
    monkeypatch.setattr("IPython.display.display", shown.append)

    def score(cut):
        asked.append(list(cut))
        return {"logit difference": 4.0 - len(cut)}

    circuit_graph.explore(EDGES, score)
    (box,) = shown
    picture, answer, *checks = box.children
    assert len(checks) == len(EDGES) and asked == [[], []]
    checks[1].value = True
    assert asked[-1] == [EDGES[1]] and "<b>+3.00</b> (-1.00)" in answer.value and "1 of them cut" in picture.value


def test_stored_outputs_hold_a_sentence(monkeypatch, capsys):
    monkeypatch.setenv("MI_TUTOR_ANSWERS", "reference")
    circuit_graph.explore(EDGES, lambda cut: pytest.fail("no run is needed"))
    assert "cut its edges" in capsys.readouterr().out
