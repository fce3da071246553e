"""Which chapter needs which: read from the chapters' own tables, drawn as a graph and said in words."""

import re
from html import escape

from mi_tutor.tutor.site.chapters import Page, needs

BOX = (190, 44)
GAP = (22, 40)


_CHAPTERS = re.compile(r"[Cc]hapters?\s+(\d\d(?:(?:,\s*|\s+and\s+|\s+to\s+|–)\d\d)*)")


def wanted(pages: list[Page]) -> dict[str, list[str]]:
    """For each chapter's number the numbers of the chapters that it says it needs and that are there."""
    there = [page.chapter.number for page in pages]
    found = {}
    for page in pages:
        named = set()
        for said in _CHAPTERS.findall(needs(page)):
            named |= set(re.findall(r"\d\d", said))
            for first, last in re.findall(r"(\d\d)(?:\s+to\s+|–)(\d\d)", said):
                named |= {number for number in there if first <= number <= last}
        found[page.chapter.number] = sorted((named & set(there)) - {page.chapter.number})
    return found


def reduced(edges: dict[str, list[str]]) -> dict[str, list[str]]:
    """The same without what follows: if 08 needs 07 and 07 needs 03, then 03 is not drawn again at 08."""

    def reach(number: str) -> set[str]:
        return set(edges[number]).union(*(reach(other) for other in edges[number]))

    return {
        number: [one for one in need if not any(one in reach(other) for other in need if other != one)]
        for number, need in edges.items()
    }


def graph(pages: list[Page]) -> str:
    """The graph as an SVG picture within the page; its description says the same in words."""
    edges = reduced(wanted(pages))
    place = _places(edges)
    width, height = ((1 + max(one[k] for one in place.values())) * (BOX[k] + GAP[k]) - GAP[k] + 4 for k in (0, 1))
    parts = [
        f'<svg class="prerequisites" viewBox="0 0 {width} {height}" width="{width}" role="group" '
        'aria-labelledby="graph-title graph-words">',
        '<title id="graph-title">Which chapter needs which</title>',
        f'<desc id="graph-words">{escape(words(pages))}</desc>',
    ]
    corner = {number: tuple(2 + one[k] * (BOX[k] + GAP[k]) for k in (0, 1)) for number, one in place.items()}
    for number, need in edges.items():
        parts += [_line(corner[one], corner[number]) for one in need]
    parts += [_box(page, corner[page.chapter.number]) for page in pages]
    return "```{raw} html\n" + "\n".join([*parts, "</svg>"]) + "\n```"


def words(pages: list[Page]) -> str:
    """The graph in words."""
    edges = reduced(wanted(pages))
    said = [f"{n} needs {' and '.join(need)}" if need else f"{n} needs no other chapter" for n, need in edges.items()]
    return "; ".join(said) + "."


def _places(edges: dict[str, list[str]]) -> dict[str, tuple[int, int]]:
    """For each chapter a column, and a row: how many chapters come before it."""

    def depth(number: str) -> int:
        return max((1 + depth(other) for other in edges[number]), default=0)

    place, taken = {}, {}
    for number in sorted(edges, key=lambda number: (depth(number), number)):
        row = depth(number)
        # Under what it needs, so that a line goes straight where it can.
        column = max(taken.get(row, 0), min((place[other][0] for other in edges[number]), default=0))
        place[number] = (column, row)
        taken[row] = column + 1
    return place


def _line(start: tuple[int, int], end: tuple[int, int]) -> str:
    x, y = start[0] + BOX[0] / 2, start[1] + BOX[1]
    to_x, to_y = end[0] + BOX[0] / 2, end[1]
    return (
        f'<path d="M{x} {y}V{to_y - GAP[1] / 2}H{to_x}V{to_y - 2}"/><path class="tip" d="M{to_x} {to_y}l-4.5 -8h9z"/>'
    )


def _box(page: Page, corner: tuple[int, int]) -> str:
    x, y = corner
    return (
        f'<a href="chapters/{page.name}.html"><rect x="{x}" y="{y}" width="{BOX[0]}" height="{BOX[1]}" rx="6"/>'
        f'<text x="{x + BOX[0] / 2}" y="{y + BOX[1] / 2}">{escape(page.title)}</text></a>'
    )
