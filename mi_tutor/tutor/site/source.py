"""Lay out what Sphinx reads: the hand-written pages with their gaps filled, the notebooks, the pages made from data."""

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path

from mi_tutor.tutor import catalogue, workspace
from mi_tutor.tutor.site import chapters, claims, gallery, glossary, paper_pages, prerequisites, survey_map, teaching
from mi_tutor.tutor.site.pictures import Album

_GAP = re.compile(r"^<!-- made: ([a-z0-9 ]+) -->$", re.MULTILINE)


def lay_out(folder: Path) -> None:
    """Write the source of the whole site into `folder`, which must not exist."""
    shutil.copytree(workspace.site_folder(), folder, ignore=shutil.ignore_patterns("__pycache__", "*.toml"))
    images = workspace.root() / "chapters" / "images"
    shutil.copytree(images, folder / "images")
    album = Album(folder / "_static" / "figures")
    pages = [page for page in map(chapters.read, catalogue.chapters()) if page]
    (folder / "chapters").mkdir()
    (folder / "notebooks").mkdir()
    for page in pages:
        _write(folder / "chapters" / f"{page.name}.ipynb", json.dumps(chapters.prepare(page, album)))
        shutil.copy2(workspace.notebook_file(page.chapter.number, page.chapter.name), folder / "notebooks")
    rows = [row for page in pages for row in claims.of(page)]
    for paper in paper_pages.all_papers(pages):
        _write(folder / "papers" / f"{paper.file}.md", paper_pages.page(paper, pages, rows))
    fill = {
        "chapters": lambda: _chapter_table(pages),
        "chapter list": lambda: _toctree(pages),
        "glossary": lambda: glossary.page(_used(pages)),
        "sections": lambda: survey_map.sections(pages),
        "citations": lambda: survey_map.citations(pages),
        "papers": lambda: paper_pages.index(pages, rows),
        "gallery": lambda: gallery.gallery(pages, album.pictures),
        "times": lambda: teaching.times(pages),
        "graph": lambda: prerequisites.graph(pages),
        "graph in words": lambda: prerequisites.words(pages),
        "4 weeks": lambda: teaching.syllabus(pages, 4, 0),
        "8 weeks": lambda: teaching.syllabus(pages, 8, 1),
        "12 weeks": lambda: teaching.syllabus(pages, 12, 2),
    }
    for page in folder.rglob("*.md"):
        _write(page, filled(page.read_text("utf-8"), fill))


def filled(text: str, fill: dict[str, Callable[[], str]]) -> str:
    """`text` with each line `<!-- made: NAME -->` replaced by what is made under that name."""
    return _GAP.sub(lambda gap: fill[gap[1]](), text)


def _write(file: Path, text: str) -> None:
    file.parent.mkdir(exist_ok=True)
    file.write_text(text, encoding="utf-8")


def _used(pages: list[chapters.Page]) -> dict[str, list[str]]:
    """For each term the chapters whose text uses it, as links."""
    return {
        term.name: [f"[{page.chapter.number}](chapters/{page.name}.ipynb)" for page in pages if term.name in page.terms]
        for term in glossary.terms()
    }


def _toctree(pages: list[chapters.Page]) -> str:
    names = "\n".join(f"chapters/{page.name}" for page in pages)
    return f"```{{toctree}}\n:hidden:\n:caption: Chapters\n\n{names}\n```"


def _chapter_table(pages: list[chapters.Page]) -> str:
    """All chapters with their questions; the planned ones are marked so."""
    by_name = {page.chapter.name: page for page in pages}
    lines = ["| No. | Chapter | The question | Time |", "|---|---|---|---|"]
    for chapter in catalogue.chapters():
        page = by_name.get(chapter.name)
        title = f"[{chapter.title}](chapters/{page.name}.ipynb)" if page else chapter.title
        time = f"{len(chapter.exercises)} exercises, {teaching.hours(chapter.minutes)}" if page else "planned"
        lines.append(f"| {chapter.number} | {title} | {chapter.question} | {time} |")
    return "\n".join(lines)
