"""Every figure of every committed notebook has words for those who cannot see it: the finding, not a file's name."""

import re
from html.parser import HTMLParser

import nbformat
import pytest

from mi_tutor.tutor import workspace

LETTERS = 20
FILE_NAME = re.compile(r"^\S+\.(png|jpe?g|svg|gif|webp)$", re.IGNORECASE)
MARKDOWN_IMAGE = re.compile(r"!\[([^\]]*)\]\([^)]*\)")
NOTEBOOKS = sorted((workspace.PACKAGE.parent / "chapters").glob("*.ipynb"))


class Pictures(HTMLParser):
    """The words of each picture in a piece of HTML: `alt` of an img, `aria-label` of a drawn svg."""

    def __init__(self, html: str):
        super().__init__()
        self.words: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        if tag == "img":
            self.words.append(given.get("alt") or "")
        elif tag == "svg" and given.get("aria-hidden") != "true":
            self.words.append(given.get("aria-label") or "")


def pictures(notebook) -> list[str]:
    """The words of all pictures, in outputs and in the text; "" for a picture that has none."""
    words = []
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            words += MARKDOWN_IMAGE.findall(cell.source) + Pictures(cell.source).words
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            html = "".join(data.get("text/html", ""))
            words += Pictures(html).words
            if not html and any(kind.startswith("image/") for kind in data):
                words.append("")  # JupyterLab shows a bare picture without words
    return words


def fault(words: str) -> str | None:
    """What is wrong with an alt text."""
    text = words.strip()
    if FILE_NAME.match(text):
        return f"the name of a file: {text}"
    if sum(letter.isalpha() for letter in text) < LETTERS:
        return f"fewer than {LETTERS} letters: {text!r}"
    return None


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_every_figure_says_its_finding(path):
    found = pictures(nbformat.read(path, as_version=4))
    assert found, "a chapter without a figure: is this test looking at the right thing?"
    assert [why for why in map(fault, found) if why] == []
    assert len(set(found)) == len(found), "two figures with the same words"


@pytest.mark.parametrize("words", ["", "figure", "a_figure_of_many_letters_indeed.png"])
def test_poor_words_are_found(words):
    assert fault(words)


def test_a_bare_picture_is_found():
    output = nbformat.v4.new_output("display_data", {"image/png": "aGk=", "text/plain": "<Figure>"})
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("draw()", outputs=[output])])
    assert pictures(notebook) == [""]
