"""A chapter's page: its notebook, with links to the glossary and the papers, and targets to link to."""

import json
import re
from dataclasses import dataclass, field

from mi_tutor.tutor import workspace
from mi_tutor.tutor.catalogue import Chapter
from mi_tutor.tutor.site import glossary, papers
from mi_tutor.tutor.site.pictures import Album
from mi_tutor.tutor.site.prose import pieces


@dataclass
class Page:
    """A written chapter on its way to the site."""

    chapter: Chapter
    notebook: dict
    terms: set[str] = field(default_factory=set)  # the terms of the glossary that its text uses
    papers: set[str] = field(default_factory=set)  # the papers that its text names

    @property
    def name(self) -> str:
        return f"{self.chapter.number}_{self.chapter.name}"

    @property
    def title(self) -> str:
        return f"{self.chapter.number} · {self.chapter.title}"


def read(chapter: Chapter) -> Page | None:
    """The page of a chapter; None while it has no notebook."""
    file = workspace.notebook_file(chapter.number, chapter.name)
    if chapter.planned or not file.exists():
        return None
    return Page(chapter, json.loads(file.read_text("utf-8")))


def needs(page: Page) -> str:
    """What the chapter's table says under "You need"."""
    for cell in page.notebook["cells"]:
        found = re.search(r"\*\*You need\*\*\s*\|\s*(.*?)\s*\|", text_of(cell["source"]))
        if found:
            return found[1]
    return ""


def prepare(page: Page, album: Album) -> dict:
    """The notebook as Sphinx gets it. The stored one is left as it is."""
    cells, section, first = [], page.title, True
    for cell in json.loads(json.dumps(page.notebook["cells"])):
        if cell["cell_type"] == "markdown":
            section = (re.findall(r"^#+ (.*)$", text_of(cell["source"]), re.MULTILINE) or [section])[-1]
            cell["source"] = _prose(text_of(cell["source"]), page, first)
            first = False
        elif cell["cell_type"] == "code":
            _outputs(cell, album, page.name, section)
            if cell["metadata"].get("jupyter", {}).get("source_hidden"):
                cell["metadata"]["tags"] = [*cell["metadata"].get("tags", []), "hide-input"]
        cells.append(cell)
    info = {"language_info": {"name": "python", "pygments_lexer": "notebook_cell"}}
    return {**page.notebook, "cells": cells, "metadata": {**page.notebook["metadata"], **info}}


def _prose(text: str, page: Page, first: bool) -> str:
    exercise = re.match(r"### Exercise \d+ · .*\n\n\*\*\w+\*\* · `([\w.]+)`", text)
    text = _with_papers(glossary.link(text, page.terms), None if exercise else page.papers)
    if exercise:
        text = f"({target(exercise[1])})=\n{text}"
    if first:
        head, _, rest = text.partition("\n")
        return f"{head}\n\n{_note(page)}\n{_lowered(rest)}"
    return _lowered(text)


def _with_papers(text: str, seen: set[str] | None) -> str:
    """The names of papers as links to their pages: in prose the first of each, at an exercise all."""
    return "".join(papers.link(piece, "../papers/", seen) if free else piece for free, piece in pieces(text))


def _lowered(text: str) -> str:
    """A page has one title: further headings of the first rank, which part a long chapter, go down to the second."""
    return "".join(re.sub(r"^# ", "## ", piece) for _, piece in pieces(text))


def _note(page: Page) -> str:
    return (
        "```{container} page-note\n"
        f"This is the notebook `chapters/{page.name}.ipynb` as it was run with the reference. "
        f"To do its exercises, [open it in Jupyter](#two-commands) "
        f"({{download}}`download the file <../notebooks/{page.name}.ipynb>`).\n```\n"
    )


def target(exercise: str) -> str:
    """The name under which an exercise's heading is linked to."""
    return f"exercise-{exercise.replace('.', '-').replace('_', '-')}"


def _outputs(cell: dict, album: Album, chapter: str, section: str) -> None:
    for output in cell["outputs"]:
        html = output.get("data", {}).get("text/html")
        if html is not None:
            output["data"]["text/html"] = album.take_out(text_of(html), chapter, section)


def text_of(source: str | list[str]) -> str:
    """Notebook files keep texts whole or line by line."""
    return source if isinstance(source, str) else "".join(source)
