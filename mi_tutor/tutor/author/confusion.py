"""`author check --confusion`: which recorded mistake is named when which is made."""

from collections import Counter

from mi_tutor.tutor import catalogue
from mi_tutor.tutor.author.promised import behaviour

HEAD = ("chapter", "recorded", "named", "by another's name", "not named", "reference named")


def main(name: str | None = None) -> int:
    """Print the table of each exercise and the counts of each chapter; return 0 when nothing is confused, else 1."""
    exercises = catalogue.named(name) if name else catalogue.all_exercises()
    for exercise in exercises:
        print(behaviour.confusion_table(exercise.name), flush=True)
    rows = counted(exercises)
    print("\n".join(table(rows)))
    return 1 if any(row[2:] != (0, 0, 0) or row[0] != row[1] for row in rows.values()) else 0


def counted(exercises) -> dict[str, tuple[int, ...]]:
    """For each chapter what HEAD says: how many mistakes are recorded, named as themselves, and so on."""
    rows = {}
    for exercise in exercises:
        counts = Counter()
        for made, said in behaviour.named(exercise.name).items():
            if made == behaviour.REFERENCE:
                counts["reference named"] += bool(said)
                continue
            counts["recorded"] += 1
            counts["named"] += made in said
            counts["by another's name"] += any(other != made for other in said)
            counts["not named"] += made not in said
        row = tuple(counts[what] for what in HEAD[1:])
        before = rows.get(exercise.chapter, (0,) * len(row))
        rows[exercise.chapter] = tuple(map(sum, zip(before, row, strict=True)))
    return rows


def table(rows: dict[str, tuple[int, ...]]) -> list[str]:
    """The counts as lines, with a line for all chapters together."""
    together = tuple(map(sum, zip(*rows.values(), strict=True)))
    lines = [HEAD, *((name, *row) for name, row in rows.items()), *([("together", *together)] if len(rows) > 1 else [])]
    return [f"{line[0]:<16}" + "".join(f"{cell:>19}" for cell in line[1:]) for line in lines]
