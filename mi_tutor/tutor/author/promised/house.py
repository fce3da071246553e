"""Promises about the house: what stands where, and who may import whom."""

import ast
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from mi_tutor.tutor import catalogue, workspace
from mi_tutor.tutor.author.promised import reading

FIELD = {"torch", "einops", "jaxtyping", "numpy"}
JUDGES = ("mi_tutor.tutor.judge", "mi_tutor.tutor.misconceptions", "mi_tutor.exercises")
HEAVY = ("transformer_lens", "transformers", "sklearn", "matplotlib", "pandas", "ipywidgets", "circuitsvis")
EXTRA_FILES = {"__init__", "__pycache__", "conftest"}


def files_stand(chapter) -> Iterator[str]:
    """A chapter has its solutions, checks, misconceptions and stub; its text is another promise."""
    wanted = {
        workspace.solution_file(chapter.name): "write the reference functions there",
        workspace.checks_folder(chapter.name)
        / "__init__.py": "say there what all checks of the chapter have in common",
        **{workspace.checks_file(e.name): "write the checks there" for e in chapter.exercises},
        **{workspace.misconceptions_file(e.name): "record the known wrong answers there" for e in chapter.exercises},
        workspace.stub_file(chapter.name): f"run `mi-tutor author build {chapter.name}`",
        workspace.exercises_file(chapter.name): f"run `mi-tutor author build {chapter.name}`",
    }
    for path, remedy in wanted.items():
        if not path.exists():
            yield f"{chapter.name}: {reading.shown(path)} is missing; {remedy}."


def text_stands(chapter) -> Iterator[str]:
    """A chapter has a text to make its notebook from."""
    path = workspace.notebook_source(chapter.number, chapter.name)
    if not path.exists():
        yield f"{chapter.name}: {reading.shown(path)} is missing; write the chapter text there, then `author build`."


def nothing_stray(chapter) -> Iterator[str]:
    """Everything in the chapter's files belongs to an exercise of the catalogue, and every entry has its function."""
    known = {exercise.name for exercise in chapter.exercises}
    entry = f"mi_tutor/tutor/catalogue/{chapter.name}.toml"
    solutions = [n for n in reading.tree(workspace.solution_file(chapter.name)).body if reading.marked_as_exercise(n)]
    for node in solutions:
        if f"{chapter.name}.{node.name}" not in known:
            yield (
                f"solutions/{chapter.name}.py:{node.lineno}: `{node.name}` has no entry; add it to {entry} or take "
                "`@exercise` off."
            )
    for exercise in chapter.exercises:
        if exercise.function not in {node.name for node in solutions}:
            yield (
                f"{exercise.name}: no function under `@exercise` in solutions/{chapter.name}.py; write it, or delete "
                f"its entry in {entry}."
            )
    for path in reading.judging(chapter):
        yield from _strangers(path, chapter)


def _strangers(path: Path, chapter) -> Iterator[str]:
    """Marks in a judging file that are not of the exercise the file is named for, and tests without a mark."""
    tree, place = (
        reading.tree(path),
        workspace.misconceptions_file if path.parent.name == "misconceptions" else workspace.checks_file,
    )
    for mark in ("mark.exercise", "misconception", "probe"):
        for node, name in reading.decorated(tree, mark):
            if name not in {exercise.name for exercise in chapter.exercises}:
                yield (
                    f"{reading.shown(path)}:{node.lineno}: `{node.name}` is for `{name}`, which is not in "
                    f"mi_tutor/tutor/catalogue/{chapter.name}.toml; correct the name or delete the function."
                )
            elif path != place(name):
                yield (
                    f"{reading.shown(path)}:{node.lineno}: `{node.name}` is for `{name}`; it belongs in "
                    f"{reading.shown(place(name))}."
                )
    for node in tree.body:
        named = isinstance(node, ast.FunctionDef) and node.name.startswith("test")
        if named and not any("mark.exercise" in ast.unparse(mark) for mark in node.decorator_list):
            yield (
                f"{reading.shown(path)}:{node.lineno}: `{node.name}` judges no exercise; put "
                f'`@pytest.mark.exercise("{chapter.name}.…")` above it.'
            )


def names_are_unique() -> Iterator[str]:
    """No two exercises, and no two functions of one file, have one name."""
    for name, count in Counter(e.name for e in catalogue.all_exercises()).items():
        if count > 1:
            yield f"{name}: stands {count} times in the catalogue; rename one."
    for chapter in catalogue.written_chapters():
        for path in (workspace.solution_file(chapter.name), *reading.judging(chapter)):
            functions = (
                [n.name for n in reading.tree(path).body if isinstance(n, ast.FunctionDef)] if path.exists() else []
            )
            for name, count in Counter(functions).items():
                if count > 1:
                    yield (
                        f"{reading.shown(path)}: `{name}` is defined {count} times, so only the last counts; rename "
                        "the others."
                    )


def no_file_without_a_chapter() -> Iterator[str]:
    """Exercises, solutions, checks, mistakes, stubs and notebooks belong to a written chapter."""
    chapters = {c.name for c in catalogue.written_chapters()}
    numbered = {f"{c.number}_{c.name}" for c in catalogue.written_chapters()}
    for path in [p("x").parent for p in (workspace.exercises_file, workspace.stub_file, workspace.solution_file)]:
        yield from _strays(path, "*.py", chapters)
    yield from _strays(workspace.checks_folder("x").parent, "*", chapters)
    for chapter in catalogue.written_chapters():
        checks = {f"test_{exercise.function}" for exercise in chapter.exercises}
        yield from _strays(workspace.checks_folder(chapter.name), "test_*.py", checks)
    yield from _strays(workspace.root() / "chapters", "*.ipynb", numbered)
    yield from _strays(workspace.root() / "chapters" / "source", "*.py", numbered)


def _strays(folder, pattern: str, known: set[str]) -> Iterator[str]:
    for path in sorted(folder.glob(pattern)):
        if path.stem not in known | EXTRA_FILES:
            yield (
                f"{reading.shown(path)}: nothing in the catalogue has this name; delete the file or write the "
                "catalogue's TOML."
            )


def solutions_import_only_the_fields_libraries(chapter) -> Iterator[str]:
    """Solutions, and with them the stubs, import the standard library, the field's libraries and the lab."""
    for path in (workspace.solution_file(chapter.name), workspace.exercises_file(chapter.name)):
        for line, module in reading.imported(reading.tree(path)):
            top = module.split(".")[0]
            allowed = (
                top in FIELD | sys.stdlib_module_names
                or module == "mi_tutor.exercise"
                or module.startswith("mi_tutor.lab")
            )
            learner = path == workspace.exercises_file(chapter.name) and top not in ("solutions", "tests")
            if not allowed and not learner:
                yield (
                    f"{reading.shown(path)}:{line}: imports {module}; keep to torch, einops, jaxtyping, numpy, "
                    "mi_tutor.lab and the standard library."
                )


def checks_know_only_the_judge(chapter) -> Iterator[str]:
    """Checks and wrong versions never see the solutions; of the tutor they know what judges."""
    for path in reading.judging(chapter):
        for line, module in reading.imported(reading.tree(path)):
            if module.split(".")[0] == "solutions":
                yield (
                    f"{reading.shown(path)}:{line}: imports solutions; work the expected value out by hand or with an "
                    "independent formula."
                )
            elif module.startswith("mi_tutor.tutor") and not module.startswith(JUDGES):
                yield (
                    f"{reading.shown(path)}:{line}: imports {module}; checks may import only {', '.join(JUDGES)} and "
                    "mi_tutor.lab."
                )


def lab_knows_no_tutor() -> Iterator[str]:
    """The instruments can be used without the tutor."""
    for path in sorted((workspace.root() / "mi_tutor" / "lab").rglob("*.py")):
        for line, module in reading.imported(reading.tree(path)):
            if module.startswith(("mi_tutor.tutor", "mi_tutor.exercise", "solutions")):
                yield (
                    f"{reading.shown(path)}:{line}: imports {module}; the lab imports nothing of the tutor, so pass in "
                    "what it needs."
                )


def tutor_knows_no_lab() -> Iterator[str]:
    """The tutor knows no interpretability."""
    for path in sorted((workspace.root() / "mi_tutor" / "tutor").rglob("*.py")):
        if path.parent.name == "stubs":
            continue
        for line, module in reading.imported(reading.tree(path)):
            if module.startswith("mi_tutor.lab"):
                yield (
                    f"{reading.shown(path)}:{line}: imports {module}; the tutor knows no interpretability, so move "
                    "this to the lab or the chapter."
                )


def exercises_import_nothing_heavy() -> Iterator[str]:
    """Importing a chapter's functions loads torch and nothing slower, so that a check starts fast."""
    for chapter in catalogue.written_chapters():
        if not workspace.stub_file(chapter.name).exists():
            continue
        code = f"import sys, mi_tutor.tutor.stubs.{chapter.name}; print(*[m for m in {HEAVY!r} if m in sys.modules])"
        surroundings = os.environ | {"PYTHONPATH": str(workspace.PACKAGE.parent)}
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=surroundings)
        if done.returncode:
            yield f"{chapter.name}: the stub module cannot be imported: {done.stderr.strip().splitlines()[-1]}"
        elif done.stdout.strip():
            yield (
                f"{chapter.name}: importing the exercises also loads {done.stdout.strip()}; import it inside the "
                "function that needs it."
            )
