"""Every recorded mistake is named as what it is, and none by another's name. The table is printed."""

from mi_tutor.tutor import catalogue
from mi_tutor.tutor.author import confusion


def test_no_mistake_is_taken_for_another(record_property):
    rows = confusion.counted(catalogue.all_exercises())
    record_property("table", "\n".join(["which recorded mistakes are named", *confusion.table(rows)]))
    for chapter, (recorded, named, *confused) in rows.items():
        assert (named, confused) == (recorded, [0, 0, 0]), chapter
