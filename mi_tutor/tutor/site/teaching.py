"""What an instructor needs: how long each chapter takes, and a syllabus for a number of weeks."""

from dataclasses import dataclass
from functools import cache

from mi_tutor.tutor.site.chapters import Page, needs

INSIDE = 0.3  # what a cut within a chapter costs, in squared weekly loads: chapters stay whole where that is possible


def hours(minutes: float) -> str:
    """Minutes in hours, to the half hour."""
    halves = max(round(minutes / 30), 1)
    whole = str(halves // 2) if halves > 1 else ""
    return f"{whole}{'½' if halves % 2 else ''}\u00a0{'hour' if halves <= 2 else 'hours'}"


def times(pages: list[Page]) -> str:
    """A table of the chapters with their minutes."""
    lines = ["| Chapter | You need | Exercises | of these: build, mend, read | Minutes for the exercises | In all |"]
    lines.append("|---|---|---|---|---|---|")
    for page in pages:
        own = page.chapter.exercises
        kinds = ", ".join(str(sum(e.kind == kind for e in own)) for kind in ("build", "mend", "read"))
        lines.append(
            f"| [{page.title}](chapters/{page.name}.ipynb) | {needs(page)} | {len(own)} | {kinds} | "
            f"{sum(e.minutes for e in own)} | {hours(page.chapter.minutes)} |"
        )
    total = sum(page.chapter.minutes for page in pages)
    count = sum(len(page.chapter.exercises) for page in pages)
    worked = sum(e.minutes for page in pages for e in page.chapter.exercises)
    lines.append(f"| **All** | | **{count}** | | **{worked}** | **{hours(total)}** |")
    return "\n".join(lines)


@dataclass(frozen=True)
class Step:
    """An exercise with its share of the chapter's time: reading and figures count in proportion."""

    page: Page
    number: int
    minutes: float


def steps(pages: list[Page]) -> list[Step]:
    found = []
    for page in pages:
        own = page.chapter.exercises
        share = page.chapter.minutes / sum(e.minutes for e in own)
        found += [Step(page, number, e.minutes * share) for number, e in enumerate(own, 1)]
    return found


def weeks(pages: list[Page], number: int) -> list[list[Step]]:
    """The exercises in order, in `number` weeks of about the same length, chapters whole where that is possible."""
    todo = steps(pages)
    number = min(number, len(todo))
    mean = sum(step.minutes for step in todo) / number
    sums = [0.0]
    for step in todo:
        sums.append(sums[-1] + step.minutes)

    @cache
    def best(start: int, left: int) -> tuple[float, int]:
        """The lowest cost of `left` weeks from step `start` on, and where the first of them ends."""
        ends = [len(todo)] if left == 1 else range(start + 1, len(todo) - left + 2)
        return min((cost(start, end) + (best(end, left - 1)[0] if left > 1 else 0), end) for end in ends)

    def cost(start: int, end: int) -> float:
        inside = end < len(todo) and todo[end].page is todo[end - 1].page
        return ((sums[end] - sums[start]) / mean - 1) ** 2 + (INSIDE if inside else 0)

    plan, start = [], 0
    for left in range(number, 0, -1):
        end = best(start, left)[1]
        plan.append(todo[start:end])
        start = end
    return plan


def syllabus(pages: list[Page], number: int, project: int) -> str:
    """A table of `number` weeks, the last `project` of them for an open task."""
    lines = ["| Week | What | Time | Handed in |", "|---|---|---|---|"]
    for week, plan in enumerate(weeks(pages, number - project), 1):
        time = hours(sum(step.minutes for step in plan))
        lines.append(f"| {week} | {_parts(plan)} | {time} | {len(plan)} exercises |")
    for week in range(number - project + 1, number + 1):
        lines.append(f"| {week} | A task from “Further work” at the end of a chapter | open | a notebook |")
    return "\n".join(lines)


def _parts(plan: list[Step]) -> str:
    """The chapters of a week, with the exercises where a chapter is not done in one go."""
    found = []
    for page in dict.fromkeys(step.page.name for step in plan):
        own = [step for step in plan if step.page.name == page]
        chapter = own[0].page
        link = f"[{chapter.title}](chapters/{page}.ipynb)"
        whole = len(own) == len(chapter.chapter.exercises)
        numbers = f"{own[0].number} to {own[-1].number}" if len(own) > 1 else str(own[0].number)
        found.append(link if whole else f"{link}, exercise{'s' if len(own) > 1 else ''} {numbers}")
    return "; ".join(found)
