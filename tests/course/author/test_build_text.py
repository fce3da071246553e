"""`author build --text`: prose and exercises are made anew, all other outputs stay as they were executed."""

import json

import pytest

NOTEBOOK = "chapters/00_start_here.ipynb"
SOURCE = "chapters/source/00_start_here.py"


def outputs(copy) -> tuple[list, str]:
    """What the cells of the chapter that are no exercises hold, and the text of those that are."""
    cells = [c for c in json.loads((copy.folder / NOTEBOOK).read_text())["cells"] if c["cell_type"] == "code"]
    plain = [cell["outputs"] for cell in cells if "mi_tutor" not in cell["metadata"]]
    return plain, json.dumps([cell["outputs"] for cell in cells if "mi_tutor" in cell["metadata"]])


@pytest.fixture
def checks(built):
    """The file of an exercise's checks; all that a test changes is put back."""
    files = [*sorted((built.folder / "tests/exercises/start_here").glob("test_*.py"))[:1], built.folder / SOURCE]
    files.append(built.folder / NOTEBOOK)
    before = {file: file.read_text() for file in files}
    yield files[0]
    for file, text in before.items():
        file.write_text(text)


def test_a_changed_claim_is_on_the_card(built, checks):
    plain, cards = outputs(built)
    assert "Another claim stands here." not in cards
    text = checks.read_text()
    start = text.index('"""', text.index("def test_")) + 3
    checks.write_text(text[:start] + "Another claim stands here." + text[text.index('"""', start) :])
    code, printed = built.run("author", "build", "--text")
    assert code == 0, printed
    now, cards = outputs(built)
    assert now == plain and "Another claim stands here." in cards


def test_changed_code_is_refused(built, checks):
    source = built.folder / SOURCE
    source.write_text(source.read_text() + "\n# %%\nprint(1)\n")
    code, printed = built.run("author", "build", "--text")
    assert code == 2 and "build without --text" in printed
