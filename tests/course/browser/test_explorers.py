"""Explorers that need no language model, with made-up numbers: all controls by keyboard, at two widths."""

import axe
import explorer_moves
import nbformat
import pytest
from notebook_page import NotebookPage

pytestmark = [pytest.mark.browser, pytest.mark.slow]
EXPLORERS = {
    "superposition": "superposition.explore()",
    "checkpoints": "checkpoints.explore()",
    "ablating": "ablating.explore(lambda heads, keep, at_end: "
    '{"heads": str(heads), "keep": str(keep), "at END": str(at_end)}, 30, 9)',
    "paths": "paths.explore(lambda who, through, place: "
    'torch.full((2, 3), {"q": 1.0, "k": 2.0, "v": 3.0}[through] + len(who) + len(place)), ["a", "bb"], ["S2", "END"])',
    "circuit_graph": "circuit_graph.explore([Edge('4.1', '5.3', 'k', 'S1+1'), Edge('5.3', 'logits', '', 'END')], "
    'lambda cut: {"answer": 3.0 - len(cut)})',
    "frontier": "frontier.explore({kind: frontier.Frontier([low, 4.0], {'explained': [low / 5, 0.9], 'found': [9, 8]}) "
    "for kind, low in (('standard', 1.5), ('topk', 2.0))})",
    "layer_curves": 'layer_curves.explore({what: {"linear": curve, "MLP": curve} for what in ("space", "truth")})',
    "world_map": "world_map.explore(world_map.WorldMap(cities, 40 * torch.randn(3, len(cities), 2)))",
    "transfer": 'transfer.explore({"one": {0: table, 5: table / 2}, "two": {0: 1 - table, 5: table}}, ["a", "b"])',
}
MADE_UP = """
import torch
from mi_tutor.lab import probes
from mi_tutor.lab.paths.cutting import Edge
curve = layer_curves.Curve([0, 10, 20], torch.tensor([0.1, 0.9, 0.3]))
cities = probes.cities()
table = torch.tensor([[0.9, 0.2], [0.3, 0.8]])
"""
STICKS_OUT = "e => [...e.querySelectorAll('.jupyter-widgets')].some(w => w.getBoundingClientRect().right > innerWidth)"


@pytest.mark.parametrize("name", EXPLORERS)
def test_every_control_moves_by_keyboard(name, course, lab, chromium):
    """Also: axe finds nothing in either theme, and nothing sticks out of a narrow window."""
    sources = (f"from mi_tutor.lab.explorers import layer_curves, {name}" + MADE_UP, EXPLORERS[name])
    cells = [nbformat.v4.new_code_cell(source) for source in sources]
    kernel = {"kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}}
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=kernel), course / "chapters" / "explorers.ipynb")
    notebook = NotebookPage.open(chromium, lab(), "explorers.ipynb")
    notebook.run(notebook.cell_at(0))
    cell = explorer_moves.start(notebook, 1)
    found = explorer_moves.controls(cell)
    assert explorer_moves.reached_by_tab(notebook, cell) == len(found)
    moved = explorer_moves.move_everything(notebook, cell)
    assert len(moved) == len(found) > 0
    axe.on_cell(notebook, cell)
    for width in (800, 1280):
        notebook.page.set_viewport_size({"width": width, "height": 1000})
        assert not cell.evaluate(STICKS_OUT), f"{width} px"
    notebook.close()
