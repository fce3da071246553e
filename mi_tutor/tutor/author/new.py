"""`author new NAME`: start an exercise. Skeletons go where its texts belong; `author check` tells what to fill in."""

import ast
import re
from pathlib import Path

from mi_tutor.tutor import catalogue, syntax, workspace
from mi_tutor.tutor.author.promised.reading import shown
from mi_tutor.tutor.problems import TutorProblem
from mi_tutor.tutor.progress import write_atomically

SOLUTION_HEAD = '''"""Chapter {number}: {chapter}. TODO: what these functions are about, in two or three lines."""

from jaxtyping import Float
from torch import Tensor

from mi_tutor import exercise
'''
SOLUTION = '''

@exercise
def {function}(values: Float[Tensor, " batch"]) -> float:
    """TODO: what it computes, in one line.

    Args:
        values: TODO: what one number stands for, and its unit.

    Returns:
        TODO: what comes back, what is averaged over what; the paper and its equation.
    """
    # solution
    raise NotImplementedError
'''
CHAPTER_HEAD = """title = "{title}"
number = "{number}"
question = "{question}"
minutes = 120
"""
ENTRY = """
[[exercise]]
name = "{function}"
title = "TODO: the exercise in a few words"
kind = "build"
minutes = 10
difficulty = 2
importance = 3
survey = "TODO"
papers = []
hints = [
    "TODO: the idea, without the code.",
    "TODO: the concrete step, nearly the answer.",
]
"""
COMMON = '''"""Checks of chapter {number}: {chapter}. TODO: where the expected values come from."""
'''
CHECKS_HEAD = '''"""Checks of {name}."""

import pytest
import torch

from mi_tutor.exercises import {chapter}
from mi_tutor.tutor.judge import same
'''
CHECK = '''

@pytest.mark.exercise("{name}")
def test_{function}_by_hand():
    """TODO: the claim, as the learner reads it, with the numbers of this example."""
    values = torch.tensor([1.0, 2.0, 4.0])
    same({name}(values), 0.0, given={{"values": values}}, teach="TODO: what to look at when this fails.")
'''
MISTAKES_HEAD = '''"""Wrong answers to {name} that learners give, with the sentence to say for each."""

import torch

from mi_tutor.tutor.misconceptions import misconception, probe
'''
MISTAKES = '''

@probe("{name}")
def observe_{function}({function}):
    """TODO: inputs on which the mistakes below differ from the truth and from each other."""
    yield {function}(torch.tensor([1.0, 2.0, 4.0]))


@misconception("{name}", says="TODO: what the code does, why it is wrong, what to think about.")
def first_mistake_about_{function}(values):
    raise NotImplementedError


@misconception("{name}", says="TODO: another mistake that people make.")
def second_mistake_about_{function}(values):
    raise NotImplementedError
'''
TEXT = """# %% [markdown]
# # {number} · {title}
#
# TODO: {question}

# %%
# %load_ext mi_tutor

# %%
from mi_tutor.exercises import {chapter}

# %% exercise="{name}"

# %% [markdown]
# TODO: look at the result on the real model, then the limits, the paper against us, further work.
"""


def start(name: str) -> list[str]:
    """Write the skeletons of exercise `name` (`chapter.function`) and return what was done and what comes next.

    Raises:
        TutorProblem: the name is not of that form, or something of that name stands already; nothing is written.
    """
    chapter, function = _parts(name)
    known = {c.name: c for c in catalogue.chapters()}
    about = _about(chapter, known)
    words = {"name": name, "chapter": chapter, "function": function, **about}
    pieces = (
        (workspace.solution_file(chapter), SOLUTION_HEAD, SOLUTION),
        (workspace.catalogue_folder() / f"{chapter}.toml", CHAPTER_HEAD, ENTRY),
        (workspace.checks_file(name), CHECKS_HEAD, CHECK),
        (workspace.misconceptions_file(name), MISTAKES_HEAD, MISTAKES),
    )
    for path, _, _ in pieces:
        _refuse_existing(path, function)
    common = workspace.checks_folder(chapter) / "__init__.py"
    lines = [] if common.exists() else [_add(common, COMMON.format(**words), "")]
    lines += [_add(path, head.format(**words), piece.format(**words)) for path, head, piece in pieces]
    source = workspace.notebook_source(about["number"], chapter)
    if source.exists():
        lines.append(
            f'Next, put the cell `# %% exercise="{name}"` where it belongs in {shown(source)}; '
            f"exercises stand there in the order of {chapter}.toml."
        )
    else:
        lines.append(_add(source, "", TEXT.format(**words)))
    catalogue.chapters.cache_clear()
    return [
        *lines,
        "Then fill in each TODO: signature and docstring first, then the checks, the solution last.",
        f"`mi-tutor author build {chapter} --no-execute` makes the stub and the notebook cell.",
        f"`mi-tutor author check {chapter}` tells what is still missing.",
    ]


def _parts(name: str) -> tuple[str, str]:
    if not re.fullmatch(r"[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*", name):
        raise TutorProblem(f"{name!r} is no name for an exercise: write `chapter.function`, as in `features.auroc`.")
    if any(e.name == name for e in catalogue.all_exercises()):
        raise TutorProblem(f"There is an exercise {name} already; choose another name, or edit that one.")
    chapter, function = name.split(".")
    return chapter, function


def _about(chapter: str, known: dict) -> dict[str, str]:
    """Number, title and question of a chapter: from the catalogue, from the plan, or the next free number."""
    if chapter in known:
        it = known[chapter]
        return {"number": it.number, "title": it.title, "question": it.question}
    number = max((int(c.number) for c in known.values()), default=-1) + 1
    title = chapter.replace("_", " ").capitalize()
    return {"number": f"{number:02d}", "title": title, "question": "TODO: the question of the chapter?"}


def _refuse_existing(path: Path, function: str) -> None:
    if not path.exists() or path.suffix != ".py":
        return
    tree = syntax.parse(path.read_text("utf-8"), shown(path))
    taken = {node.name for node in tree.body if isinstance(node, (ast.FunctionDef, ast.ClassDef))}
    ours = {f"test_{function}_by_hand", f"observe_{function}", f"first_mistake_about_{function}"}
    if path.parent.name == "solutions":
        ours = {function}
    clash = sorted(taken & ours)
    if clash:
        raise TutorProblem(f"{shown(path)} defines `{clash[0]}` already; choose another name, or delete that first.")


def _add(path: Path, head: str, piece: str) -> str:
    new = not path.exists()
    before = head if new else path.read_text("utf-8").rstrip("\n") + "\n"
    write_atomically(path, before + piece)
    return f"{'wrote' if new else 'added to'} {shown(path)}"
