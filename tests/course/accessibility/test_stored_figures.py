"""No stored figure is cut: a title or a label that runs off the picture would leave ink on its edge."""

import base64
import io
import re

import nbformat
import numpy as np
import pytest
from PIL import Image

from mi_tutor.tutor import workspace

NOTEBOOKS = sorted((workspace.PACKAGE.parent / "chapters").glob("*.ipynb"))
PICTURE = re.compile(r'<img alt="([^"]*)"[^>]*src="data:image/png;base64,([A-Za-z0-9+/=]+)"')
DARK = 200  # of 255: what a reader sees as ink on white


def cut_edges(picture: Image.Image) -> list[str]:
    """The edges on which there is ink."""
    levels = np.asarray(picture.convert("RGB")).min(axis=-1)
    edges = {"left": levels[:, :2], "right": levels[:, -2:], "top": levels[:2], "bottom": levels[-2:]}
    return [name for name, edge in edges.items() if (edge < DARK).any()]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_no_figure_is_cut(path):
    outputs = [o for cell in nbformat.read(path, as_version=4).cells for o in cell.get("outputs", [])]
    pages = ["".join(output.get("data", {}).get("text/html", "")) for output in outputs]
    found = [match for page in pages for match in PICTURE.findall(page)]
    assert found
    cut = {words[:80]: cut_edges(Image.open(io.BytesIO(base64.b64decode(data)))) for words, data in found}
    assert {words: edges for words, edges in cut.items() if edges} == {}


def test_a_cut_title_is_found():
    import matplotlib.pyplot as plt

    from mi_tutor.lab.figures import _render, style

    for title, edges in (("short", []), ("a title that is far too long for a figure of this size", ["right"])):
        with style():
            fig, _ = plt.subplots(figsize=(2, 2))
            fig.suptitle(title, x=0.01, ha="left")
            assert cut_edges(Image.open(io.BytesIO(_render(fig, 100, 64)))) == edges
            plt.close(fig)
