"""The map: from the survey's sections and citations to the exercises that bring them to life."""

import tomllib
from functools import lru_cache

from mi_tutor.tutor import catalogue, workspace
from mi_tutor.tutor.site import papers
from mi_tutor.tutor.site.chapters import Page, target


@lru_cache
def survey() -> dict:
    return tomllib.loads((workspace.site_folder() / "survey.toml").read_text("utf-8"))


def exercise_link(exercise) -> str:
    """An exercise's title with a link to its place in its chapter."""
    return f"[{exercise.title}](#{target(exercise.name)})"


def exercises_of(pages: list[Page]) -> list:
    """The exercises that the site has a page for."""
    return [exercise for page in pages for exercise in page.chapter.exercises]


def sections(pages: list[Page]) -> str:
    """For each section of the survey its citations and its exercises."""
    lines = []
    for section in survey()["section"]:
        number = section["number"]
        depth = "##" + "#" * number.count(".")
        lines += [f"{depth} {number} {section['title']}", ""]
        if section["cites"]:
            cited = ", ".join(f"[{papers.of(key).key}](papers/{papers.of(key).file}.md)" for key in section["cites"])
            lines += [f"The survey cites {cited}.", ""]
        there = [*_exercises_at(number, pages), *_planned_at(number, pages)]
        deeper = any(other["number"].startswith(f"{number}.") for other in survey()["section"])
        lines += [*(there or ([] if deeper else ["No exercise."])), ""]
    return "\n".join(lines)


def _exercises_at(number: str, pages: list[Page]) -> list[str]:
    lines = []
    for page in pages:
        there = [exercise for exercise in page.chapter.exercises if exercise.survey == number]
        if there:
            lines += [f"- [{page.title}](chapters/{page.name}.ipynb)"]
            lines += [f"  - {exercise_link(exercise)} · `{exercise.name}`" for exercise in there]
    return lines


def _planned_at(number: str, pages: list[Page]) -> list[str]:
    written = {page.chapter.name for page in pages}
    return [
        f"- {chapter.number} · {chapter.title}: planned"
        for chapter in catalogue.chapters()
        if chapter.name not in written and number in survey()["planned"].get(chapter.name, ())
    ]


def citations(pages: list[Page]) -> str:
    """For each paper that the survey cites the number of exercises and rows that name it."""
    exercises = exercises_of(pages)
    where: dict[str, list[str]] = {}
    for section in survey()["section"]:
        for key in section["cites"]:
            where.setdefault(papers.of(key).key, []).append(section["number"])
    lines = ["| Paper | Cited in section | Exercises |", "|---|---|---|"]
    for paper in papers.known():
        if paper.key in where:
            named = [e for e in exercises if any(name in e.papers for name in paper.names)]
            listed = ", ".join(exercise_link(e) for e in named) or "none yet"
            lines.append(f"| [{paper.key}](papers/{paper.file}.md) | {', '.join(where[paper.key])} | {listed} |")
    return "\n".join(lines)


def sections_citing(paper: papers.Paper) -> list[str]:
    return [s["number"] for s in survey()["section"] if any(key in paper.names for key in s["cites"])]
