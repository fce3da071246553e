"""Reading what can still be read: the sides of a git conflict, the sound statements of a broken file, odd encodings."""

import ast
import codecs
import json
from dataclasses import dataclass
from pathlib import Path

from mi_tutor.tutor import syntax
from mi_tutor.tutor.companions import DEFINITIONS, assigned


@dataclass
class Sides:
    """The two whole texts of a file with conflict marks."""

    ours: str
    theirs: str
    mine_is_theirs: bool  # by git's labels: after `git stash pop` the learner's work is the second side


def conflict_sides(text: str) -> Sides | None:
    """Both sides of a conflict; None when the text has no conflict marks."""
    sides: dict[str, list[str]] = {"ours": [], "theirs": []}
    where, found, label = "both", False, ""
    for line in text.split("\n"):
        if line.startswith("<<<<<<<"):
            where, found = "ours", True
        elif line.startswith("|||||||") and where == "ours":
            where = "base"
        elif line.startswith("=======") and where in ("ours", "base"):
            where = "theirs"
        elif line.startswith(">>>>>>>") and where == "theirs":
            where, label = "both", line
        else:
            for side in ("ours", "theirs"):
                if where in ("both", side):
                    sides[side].append(line)
    if not found:
        return None
    return Sides("\n".join(sides["ours"]), "\n".join(sides["theirs"]), "stash" in label.lower())


def readable_part(data: bytes, base: str, stub: str) -> str:
    """The learner's work in a damaged module, as a module that can be read.

    Args:
        data: the bytes of the damaged file.
        base: the module that the learner was handed.
        stub: the course's module now.
    """
    text = _as_text(data)
    sides = conflict_sides(text)
    if sides is None:
        return sound_statements(text)
    ours, theirs = sound_statements(sides.ours), sound_statements(sides.theirs)
    mine, others = _work(ours, base, stub), _work(theirs, base, stub)
    return theirs if others > mine or (others == mine and sides.mine_is_theirs) else ours


def sound_statements(text: str) -> str:
    """`text` when Python can read it, else those of its definitions, imports and assignments that it can read."""
    if _tree(text) is not None:
        return text
    chunks, lines = [[]], text.split("\n")
    for line in lines:
        decorated = chunks[-1] and chunks[-1][-1].startswith("@")
        if line[:1] not in ("", " ", "\t", "#", ")", "]", "}", "\f") and not decorated:
            chunks.append([])
        chunks[-1].append(line)
    sound = []
    for chunk in chunks:
        tree = _tree("\n".join(chunk))
        nodes = tree.body if tree is not None else []
        if nodes and all(isinstance(n, (*DEFINITIONS, ast.Import, ast.ImportFrom)) or assigned(n) for n in nodes):
            sound.append("\n".join(chunk).rstrip())
    joined = "\n\n\n".join(sound) + "\n"
    return joined if _tree(joined) is not None else ""


def is_notebook(text: str) -> bool:
    try:
        return isinstance(json.loads(text).get("cells"), list)
    except (ValueError, AttributeError, RecursionError):
        return False


def beside(path: Path) -> Path:
    """A free name beside a notebook for the learner's own version: `01_features.mine.ipynb`, then `.mine-2`, ..."""
    free = path.with_name(f"{path.stem}.mine{path.suffix}")
    number = 2
    while free.exists():
        free = path.with_name(f"{path.stem}.mine-{number}{path.suffix}")
        number += 1
    return free


def _work(text: str, base: str, stub: str) -> int:
    """How many functions differ from both what was handed out and what the course has now."""
    old, new = syntax.fingerprints(base), syntax.fingerprints(stub)
    prints = syntax.fingerprints(text)
    return sum(prints[name] not in (old.get(name), new.get(name)) for name in prints)


def _as_text(data: bytes) -> str:
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        text = data.decode("utf-16", errors="replace")
    else:
        try:
            text = data.decode("utf-8-sig")
        except UnicodeDecodeError:
            text = data.decode("cp1252", errors="replace")
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "")


def _tree(text: str) -> ast.Module | None:
    try:
        compile(text, "<damaged>", "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT, True)
        return ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def cells_of(notebook: bytes) -> list | None:
    """Kind and text of each cell; None when this is not a notebook. Outputs and metadata do not count."""
    try:
        cells = json.loads(notebook)["cells"]
        return [(cell["cell_type"], "".join(cell["source"])) for cell in cells]
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
