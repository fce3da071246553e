"""What the SAEs of the course read: the corpus of the lab, and English prose and code of the standard library.

Everything is cut into pieces of equal length that come from one source each, so that every token carries the label of
its source. The standard library's texts differ a little between versions of Python; the corpus does not.
"""

import ast
import random
import sysconfig
from functools import cache
from pathlib import Path
from typing import NamedTuple

import torch
from jaxtyping import Int
from torch import Tensor

from mi_tutor.lab import corpus

LENGTH = 127  # tokens in a piece; with BOS in front it has 128 positions
STANDARD_LIBRARY = ("manual", "docstrings", "source")
# Pieces of each standard-library text for training; of the corpus, all of its training split is taken.
TRAIN = {"manual": 450, "docstrings": 350, "source": 250}
TEST = {"manual": 40, "docstrings": 30, "source": 30}


class Pieces(NamedTuple):
    """Texts of equal length.

    ids: Int[Tensor, "piece pos"], without BOS.
    source: Int[Tensor, "piece"], an index of `names`.
    names: "manual", "docstrings", "source" (code), then the labels of the corpus.
    """

    ids: Int[Tensor, "piece pos"]
    source: Int[Tensor, "piece"]
    names: list[str]

    def where(self, name: str) -> "Pieces":
        """The pieces of one source."""
        chosen = self.source == self.names.index(name)
        return Pieces(self.ids[chosen], self.source[chosen], self.names)


def pieces(tokenize, split: str = "train", *, counts: dict[str, int] | None = None, length: int = LENGTH) -> Pieces:
    """The mixed text in random order, always the same.

    Args:
        tokenize: text → token ids, without BOS.
        split: "train", or "test": the corpus's test split, and pieces of the standard library that "train" leaves out.
        counts: how many pieces of each standard-library text; by default TRAIN (or TEST).
        length: tokens in a piece.

    Raises:
        ValueError: an unknown split, or fewer pieces of a text than asked for.
    """
    if split not in ("train", "test"):
        raise ValueError(f'There is no split "{split}"; choose "train" or "test".')
    names = [*STANDARD_LIBRARY, *corpus.labels()]
    counts = counts or (TRAIN if split == "train" else TEST)
    rows, sources = [], []
    for index, name in enumerate(names):
        if name in STANDARD_LIBRARY:
            found = _cut(tokenize(standard_library(name)), length)
            random.Random(0).shuffle(found)
            # The test pieces come from the end of the shuffled list, so that they stay apart while the counts fit.
            found = _first(found if split == "train" else found[::-1], counts.get(name, 0), name)
        else:
            found = _cut(tokenize("\n".join(corpus.texts(name, split))), length)
        rows += found
        sources += [index] * len(found)
    order = list(range(len(rows)))
    random.Random(1).shuffle(order)
    return Pieces(torch.tensor([rows[one] for one in order]), torch.tensor([sources[one] for one in order]), names)


@cache
def standard_library(name: str, characters: int = 1_200_000) -> str:
    """Text that every Python brings along: "manual" (the language reference), "docstrings" or "source" (code)."""
    if name == "manual":
        from pydoc_data import topics

        return "\n".join(topics.topics.values())[:characters]
    files = [file.read_text("utf-8", errors="ignore") for file in _modules()]
    if name == "source":
        return "\n".join(files)[:characters]
    kinds = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    nodes = (node for file in files for node in ast.walk(ast.parse(file)) if isinstance(node, kinds))
    found = (ast.get_docstring(node) for node in nodes)
    return "\n\n".join(text for text in found if text and len(text) > 80)[:characters]


def _modules() -> list[Path]:
    return sorted(Path(sysconfig.get_paths()["stdlib"]).glob("*.py"))


def _cut(ids: list[int], length: int) -> list[list[int]]:
    return [ids[start : start + length] for start in range(0, len(ids) - length + 1, length)]


def _first(found: list[list[int]], count: int, name: str) -> list[list[int]]:
    if count > len(found):
        raise ValueError(f"The standard library gives {len(found)} pieces of {name}; ask for no more, not {count}.")
    return found[:count]
