"""The map of the course: chapters, exercises, what is done and how many minutes are left."""

from html import escape

from mi_tutor.tutor import answers, catalogue, progress

STATES = {"passed": "✓", "skipped": "»", "failed": "✗", "unchecked": "◐", "not_attempted": "○"}
TO_DO = ("failed", "unchecked", "not_attempted")


def state(exercise) -> str:
    """`passed`, `failed`, `skipped`, `unchecked` (written, not judged yet) or `not_attempted`."""
    entry = progress.of(exercise.name)
    if entry.get("skipped"):
        return "skipped"
    if answers.unreadable(exercise.chapter):
        return entry["status"] if entry["status"] in STATES else "not_attempted"
    if not answers.attempted(exercise.name):
        return "not_attempted"
    return entry["status"] if entry["status"] in ("passed", "failed") else "unchecked"


def minutes_left(chapter) -> int:
    """Minutes of the exercises that are neither passed nor skipped."""
    return sum(e.minutes for e in chapter.exercises if state(e) in TO_DO)


def next_exercise():
    """The first exercise that is neither passed nor skipped; None when all are."""
    return next((e for e in catalogue.all_exercises() if state(e) in TO_DO), None)


class Map:
    """Renders as text, as rich lines in a terminal and as HTML in a notebook."""

    def rows(self) -> list[tuple]:
        rows = []
        for chapter in catalogue.chapters():
            done = sum(state(e) in ("passed", "skipped") for e in chapter.exercises)
            left = "planned" if chapter.planned else f"{done} of {len(chapter.exercises)} done"
            if not chapter.planned and done < len(chapter.exercises):
                left += f", about {minutes_left(chapter)} minutes left"
            if not chapter.planned and (problem := answers.unreadable(chapter.name)):
                left += f". {problem}"
            rows.append((chapter, left))
        return rows

    def _next(self) -> str:
        following = next_exercise()
        if following is None:
            return "All exercises are done."
        chapter = catalogue.chapter(following.chapter)
        return f"Next: {following.name} ({following.title}) in chapters/{chapter.number}_{chapter.name}.ipynb"

    def __repr__(self) -> str:
        lines = []
        for chapter, left in self.rows():
            lines.append(f"{chapter.number} {chapter.title}: {left}")
            lines += [f"   {STATES[state(e)]} {e.name} · {e.title} · {e.minutes} min" for e in chapter.exercises]
        return "\n".join([*lines, self._next()])

    def _repr_html_(self) -> str:
        blocks = []
        for chapter, left in self.rows():
            items = "".join(
                f'<li>{STATES[state(e)]} <code style="background:#f4f4f6;color:#1b1b1b">{escape(e.name)}</code> '
                f"{escape(e.title)} · {e.minutes} min</li>"
                for e in chapter.exercises
            )
            tone = "#5c5c5c" if chapter.planned else "#1b1b1b"
            blocks.append(
                f'<div style="color:{tone}"><strong>{chapter.number} {escape(chapter.title)}</strong>: {escape(left)}'
                f'<ul style="list-style:none;margin:.1rem 0 .4rem 1rem;padding:0">{items}</ul></div>'
            )
        return (
            '<section style="max-width:52rem;background:#ffffff;color:#1b1b1b;border:1px solid #3b5b92;'
            f'border-radius:6px;padding:.6rem .9rem;font-family:system-ui,sans-serif;font-size:14px">{"".join(blocks)}'
            f'<div style="font-weight:600">→ {escape(self._next())}</div></section>'
        )
