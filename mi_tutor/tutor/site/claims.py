"""The claims tables of the notebooks: what a paper reports, what was measured, whether it held."""

import re
from dataclasses import dataclass

from mi_tutor.tutor.site import papers
from mi_tutor.tutor.site.chapters import Page, text_of

_TITLE = "Paper against us"
_ROW = re.compile(
    r"^- (?P<claim>.*)\n    paper: (?P<paper>.*)\n    we measured: (?P<measured>.*)\n    verdict: (?P<verdict>.*)$",
    re.MULTILINE,
)


@dataclass(frozen=True)
class Claim:
    """A row of a chapter's table."""

    page: Page
    claim: str
    paper: str
    measured: str
    verdict: str

    @property
    def text(self) -> str:
        return f"{self.claim} {self.paper} {self.measured}"

    def papers(self) -> list[papers.Paper]:
        """The papers that the row names; else the one that most exercises of the chapter follow.

        A row that names the survey, or says that the question is the course's own, belongs to no paper.
        """
        named = papers.named_in(self.text)
        if named or re.search(r"\bour own\b|\bsurvey\b|\bTable \d", self.text) or self.paper.strip() in "—-":
            return named
        return main_papers(self.page)


def main_papers(page: Page) -> list[papers.Paper]:
    """The papers that more than half of a chapter's exercises name."""
    exercises = page.chapter.exercises
    keys = {papers.of(key) for exercise in exercises for key in exercise.papers}
    return [
        paper
        for paper in sorted(keys, key=lambda paper: paper.file)
        if 2 * sum(any(name in e.papers for name in paper.names) for e in exercises) > len(exercises)
    ]


def of(page: Page) -> list[Claim]:
    """All rows of a chapter's claims tables."""
    found = []
    for cell in page.notebook["cells"]:
        for output in cell.get("outputs", ()):
            words = text_of(output.get("data", {}).get("text/plain", ""))
            if words.startswith(_TITLE):
                found += [Claim(page, **match.groupdict()) for match in _ROW.finditer(words)]
    return found


def table(claims: list[Claim], folder: str) -> str:
    """The rows as a markdown table; `folder` is where the chapters' pages lie."""
    lines = ["| Claim | Paper | We measured | Verdict | Chapter |", "|---|---|---|---|---|"]
    for one in claims:
        row = (one.claim, one.paper, one.measured)
        cells = " | ".join(escaped(text) for text in row)
        chapter = f"[{one.page.chapter.number}]({folder}{one.page.name}.ipynb)"
        lines.append(f"| {cells} | {one.verdict} | {chapter} |")
    return "\n".join(lines)


def escaped(text: str) -> str:
    """Plain words for a cell of a markdown table."""
    return re.sub(r"([\\`*_{}\[\]<>|$#~])", r"\\\1", text)
