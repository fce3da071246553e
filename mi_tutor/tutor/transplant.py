"""Putting a learner's work from one text of a module into another: function by function, by syntax tree.

Used when a newer course brings a new stub module, and when a damaged file is mended.
"""

import ast
from dataclasses import dataclass, field

from mi_tutor.tutor import syntax
from mi_tutor.tutor.companions import DEFINITIONS, assigned


@dataclass
class Outcome:
    """The new text, and what became of each piece of the learner's work."""

    text: str
    kept: list[str] = field(default_factory=list)  # exercises that were put in
    companions: list[str] = field(default_factory=list)  # helpers and constants that came along
    other_signature: list[str] = field(default_factory=list)  # exercises that are called in another way now
    gone: list[str] = field(default_factory=list)  # exercises that the new text no longer has
    set_aside: list[str] = field(default_factory=list)  # what both sides changed, and lines outside of any function


def transplant(mine: str, base: str, new: str) -> Outcome:
    """`new` with the work that `mine` holds on top of `base`.

    Args:
        mine: the learner's module.
        base: the module that the learner was handed.
        new: the module to put the work into.

    Raises:
        CellProblem: one of the three cannot be read.
    """
    parts_mine, parts_base, parts_new = _parts(mine), _parts(base), _parts(new)
    exercises = _exercises(base) | _exercises(new)
    old_prints, new_prints, prints = (syntax.fingerprints(text) for text in (base, new, mine))
    outcome, waiting = Outcome(new), []
    imports = _new_imports(mine, base)
    for name, text in parts_mine.items():
        if _same(text, parts_base.get(name)) or _same(text, parts_new.get(name)):
            continue
        if name in exercises:
            if prints.get(name) in (old_prints.get(name), new_prints.get(name)):
                continue  # only its docstring or annotations differ: the course's are right
            if name not in parts_new:
                outcome.gone.append(name)
            elif _signature(text, name) != _signature(parts_new[name], name):
                outcome.other_signature.append(name)
            else:
                text = _with_new_docstring(text, parts_base.get(name), parts_new[name], name)
                outcome.text = syntax.splice(outcome.text, syntax.Cell(text, imports, waiting, ""), name)
                outcome.kept.append(name)
                outcome.companions += [companion for companion, _ in waiting]
                imports, waiting = [], []
        elif name in parts_new and not _same(parts_new[name], parts_base.get(name)):
            outcome.set_aside.append(name)
        else:
            waiting.append((name, text))
    if waiting or imports:
        outcome.text = syntax.add(outcome.text, imports, waiting)
        outcome.companions += [companion for companion, _ in waiting]
    loose = _loose(mine) - _loose(base)
    outcome.set_aside += [f"the line `{line}`" for line in sorted(loose)]
    return outcome


def only(text: str, names: set[str]) -> str:
    """A module with just these functions, helpers and constants of `text`, and its imports."""
    imports = [ast.unparse(node) for node in syntax.parse(text, "This text").body if _is_import(node)]
    return "\n\n".join([*imports, *(part for name, part in _parts(text).items() if name in names)]) + "\n"


def names_in(text: str) -> set[str]:
    """The top-level functions, classes and variables of a module."""
    return set(_parts(text))


def fingerprints_of_all(source: str) -> dict[str, str]:
    """What each top-level piece does, comments and docstrings of functions left out; imports under `import`."""
    prints = {name: ast.dump(ast.parse(text)) for name, text in _parts(source).items()}
    imports = [ast.dump(node) for node in ast.parse(source).body if _is_import(node)]
    return {**prints, **syntax.fingerprints(source), "import": "\n".join(imports)}


def _parts(source: str) -> dict[str, str]:
    """Name -> text of every function, class and assignment at the top level; the last of a name counts."""
    found = {}
    for node in syntax.parse(source, "This text").body:
        name = node.name if isinstance(node, DEFINITIONS) else assigned(node)
        if name:
            found.pop(name, None)
            found[name] = syntax.text_of(source, node)
    return found


def _exercises(source: str) -> set[str]:
    nodes = [node for node in ast.parse(source).body if isinstance(node, ast.FunctionDef)]
    return {n.name for n in nodes if any(ast.unparse(d).split(".")[-1] == "exercise" for d in n.decorator_list)}


def _same(one: str, other: str | None) -> bool:
    return other is not None and ast.dump(ast.parse(one)) == ast.dump(ast.parse(other))


def _signature(text: str, name: str) -> str | None:
    node = syntax.function(ast.parse(text), name)
    return syntax.signature(node) if isinstance(node, ast.FunctionDef) else None


def _is_import(node: ast.stmt) -> bool:
    return isinstance(node, (ast.Import, ast.ImportFrom))


def _new_imports(mine: str, base: str) -> list[str]:
    have = {ast.dump(node) for node in ast.parse(base).body if _is_import(node)}
    return [ast.unparse(n) for n in ast.parse(mine).body if _is_import(n) and ast.dump(n) not in have]


def _loose(source: str) -> set[str]:
    """Statements that are neither a definition, an assignment, an import nor the docstring."""
    body = ast.parse(source).body
    body = body[1:] if body and ast.get_docstring(ast.parse(source)) is not None else body
    loose = [n for n in body if not isinstance(n, DEFINITIONS) and not _is_import(n) and not assigned(n)]
    return {ast.unparse(node).split("\n")[0] for node in loose}


def _with_new_docstring(text: str, base: str | None, new: str, name: str) -> str:
    """The learner's function under the course's newer docstring, where the learner had not touched the old one."""
    mine, newer = (syntax.function(ast.parse(source), name) for source in (text, new))
    old = syntax.function(ast.parse(base), name) if base else None
    if old is None or ast.get_docstring(mine) is None or ast.get_docstring(newer) is None:
        return text
    if ast.get_docstring(mine) != ast.get_docstring(old) or ast.get_docstring(newer) == ast.get_docstring(old):
        return text
    if len(mine.body) == 1 or mine.body[0].lineno == mine.lineno or mine.body[0].end_lineno == mine.body[1].lineno:
        return text
    lines, theirs = text.split("\n"), new.split("\n")
    lines[mine.body[0].lineno - 1 : mine.body[0].end_lineno] = theirs[
        newer.body[0].lineno - 1 : newer.body[0].end_lineno
    ]
    return "\n".join(lines)
