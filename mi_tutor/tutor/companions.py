"""What belongs to an exercise's function besides itself: the helpers, constants and imports that stand in its cell."""

import ast
import builtins
import symtable

DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


def assigned(node: ast.stmt) -> str | None:
    """The name in `name = value`; None for every other statement."""
    if isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
        return node.targets[0].id
    if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.value is not None:
        return node.target.id
    return None


def come_along(source: str, tree: ast.Module, name: str) -> set[str]:
    """Which assignments of a cell belong into the module: constants, and what the functions there use.

    Only those that can be worked out in the module: an assignment from a notebook variable stays in the notebook.
    """
    assignments = {assigned(node): node for node in tree.body if assigned(node)}
    definitions = {node.name for node in tree.body if isinstance(node, DEFINITIONS)}
    known = definitions | set(dir(builtins))
    for node in tree.body:
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            known |= {(alias.asname or alias.name).split(".")[0] for alias in node.names}
    wanted = {target for target in assignments if target.isupper()}
    wanted |= _globals_used(symtable.symtable(source, "<cell>", "exec"), definitions | {name}) & set(assignments)
    while True:
        needs = {target: _loaded(assignments[target]) for target in wanted}
        more = set().union(*needs.values()) & set(assignments) - wanted if needs else set()
        if not more:
            break
        wanted |= more
    while True:
        kept = {target for target in wanted if _loaded(assignments[target]) <= known | wanted}
        if kept == wanted:
            return kept
        wanted = kept


def _globals_used(table: symtable.SymbolTable, definitions: set[str]) -> set[str]:
    used = set()
    for child in table.get_children():
        if table.get_type() != "module" or child.get_name() in definitions:
            used |= {symbol.get_name() for symbol in child.get_symbols() if symbol.is_global()}
            used |= _globals_used(child, definitions)
    return used


def _loaded(node: ast.stmt) -> set[str]:
    inner = {n.id for n in ast.walk(node.value) if isinstance(n, ast.Name) and not isinstance(n.ctx, ast.Load)}
    inner |= {n.arg for n in ast.walk(node.value) if isinstance(n, ast.arg)}
    return {n.id for n in ast.walk(node.value) if isinstance(n, ast.Name)} - inner
