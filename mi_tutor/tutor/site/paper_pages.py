"""A page for each paper: where the survey cites it, its exercises, and what we measured of its claims."""

from mi_tutor.tutor.site import claims, papers, survey_map
from mi_tutor.tutor.site.chapters import Page


def all_papers(pages: list[Page]) -> list[papers.Paper]:
    """The papers of `papers.toml`, and those that only the catalogue names."""
    keys = {key for exercise in survey_map.exercises_of(pages) for key in exercise.papers}
    return sorted({*papers.known(), *map(papers.of, keys)}, key=lambda paper: paper.file)


def page(paper: papers.Paper, pages: list[Page], rows: list[claims.Claim]) -> str:
    """The page of `paper`; `rows` are the claims of all chapters."""
    lines = [f"# {paper.key}", "", paper.reference, ""]
    if len(paper.names) > 1:
        lines += [f"The course also writes {', '.join(paper.names[1:])}.", ""]
    sections = survey_map.sections_citing(paper)
    cited = f"The survey cites it in {', '.join(sections)} ([map](../map.md))." if sections else ""
    lines += [cited or "The survey does not cite it.", "", "## Exercises", ""]
    found = [(one, e) for one in pages for e in one.chapter.exercises if any(n in e.papers for n in paper.names)]
    lines += [
        f"- [{one.chapter.number}](../chapters/{one.name}.ipynb) · {survey_map.exercise_link(e)} · {e.minutes} minutes"
        for one, e in found
    ] or ["No exercise names it."]
    lines += ["", "## What we measured", ""]
    own = [row for row in rows if paper in row.papers()]
    lines += [claims.table(own, "../chapters/") if own else "No row of a claims table names it.", ""]
    return "\n".join(lines)


def index(pages: list[Page], rows: list[claims.Claim]) -> str:
    """The table of all papers."""
    lines = ["| Paper | Title | Exercises | Claims |", "|---|---|---|---|"]
    exercises = survey_map.exercises_of(pages)
    for paper in all_papers(pages):
        number = sum(any(name in e.papers for name in paper.names) for e in exercises)
        measured = sum(paper in row.papers() for row in rows)
        lines.append(f"| [{paper.key}]({paper.file}.md) | {claims.escaped(paper.title)} | {number} | {measured} |")
    return "\n".join(lines)
