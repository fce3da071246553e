"""Explorers, buttons and guesses use only what ipywidgets 7.7 (Colab) and 8.1 (JupyterLab) share.

Unknown keywords are silently ignored by both versions, so a widget would merely look wrong. `ipywidgets_7_7.json` holds
the names that ipywidgets 7.7.1 knows, class by class.
"""

import ast
import json
from collections.abc import Iterator
from pathlib import Path

import ipywidgets
import pytest

from mi_tutor.tutor import workspace

COLAB = {name: set(known.split()) for name, known in json.loads(
    Path(__file__).with_name("ipywidgets_7_7.json").read_text()).items()}  # fmt: skip
PLACED = {"VBox": ["children"], "HBox": ["children"]}  # what is given by place and not by name


def files() -> list[Path]:
    return [path for path in sorted(workspace.PACKAGE.rglob("*.py")) if "import ipywidgets" in path.read_text("utf-8")]


def made(tree: ast.AST) -> Iterator[tuple[str, set[str], int]]:
    """(class, keywords, line) of every widget that a file makes; `**wide` is looked up in the same file."""
    shared = {
        target.id: {key.value for key in node.value.keys}
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Dict) and all(node.value.keys)
        for target in node.targets
        if isinstance(target, ast.Name) and all(isinstance(key, ast.Constant) for key in node.value.keys)
    }
    for node in ast.walk(tree):
        called = node.func if isinstance(node, ast.Call) else None
        if not (isinstance(called, ast.Attribute) and ast.unparse(called.value) in ("widgets", "ipywidgets")):
            continue
        words = {keyword.arg for keyword in node.keywords if keyword.arg}
        for keyword in node.keywords:
            if keyword.arg is None:
                name = ast.unparse(keyword.value)
                assert name in shared, f"line {node.lineno}: **{name} is no dictionary with plain keys of this file"
                words |= shared[name]
        yield called.attr, words | set(PLACED.get(called.attr, ())), node.lineno


@pytest.mark.parametrize("path", files(), ids=lambda path: path.stem)
def test_both_versions_know_every_widget_and_keyword(path):
    used = list(made(ast.parse(path.read_text("utf-8"))))
    assert used
    for name, words, line in used:
        assert name in COLAB, f"{path.name}:{line}: ipywidgets 7.7 has no {name}"
        assert words <= COLAB[name], f"{path.name}:{line}: ipywidgets 7.7's {name} has no {words - COLAB[name]}"
        here = set(getattr(ipywidgets, name).class_trait_names())
        assert words <= here, f"{path.name}:{line}: the installed {name} has no {words - here}"


def test_the_test_sees_widgets_of_8_1_only():
    (one,) = made(ast.parse("import ipywidgets as widgets\nwide = {'tooltip': 'x'}\nwidgets.Text(value='', **wide)"))
    assert one[0] == "Text" and "tooltip" in one[1] - COLAB["Text"]
    assert "TagsInput" not in COLAB
