"""`author check`: the promises of DESIGN.md about exercises, as code. This file is the table of contents.

Each promise is one small function in `promised/` that yields a sentence for every violation: what is wrong, and which
edit or command comes next.
"""

import time
from collections.abc import Callable, Iterator

from mi_tutor.tutor import catalogue
from mi_tutor.tutor.author.promised import behaviour, checks, house, notebooks, stubs, texts
from mi_tutor.tutor.problems import TutorProblem

OF_EACH_CHAPTER: tuple[Callable, ...] = (
    # the files of the chapter and what belongs in them
    house.files_stand,
    house.text_stands,
    house.nothing_stray,
    house.solutions_import_only_the_fields_libraries,
    house.checks_know_only_the_judge,
    # the catalogue entry
    texts.titles_are_written,
    texts.kinds_are_known,
    texts.mend_hands_out_a_recorded_mistake,
    texts.enough_to_mend,
    texts.numbers_are_in_range,
    texts.survey_and_papers_are_given,
    texts.at_least_two_hints,
    # the text of the exercise
    texts.solution_is_written,
    texts.everything_is_annotated,
    texts.tensors_have_shapes,
    texts.shape_names_are_the_courses,
    texts.docstring_tells_the_contract,
    # the checks and the mistakes as they are written
    checks.at_least_three_checks,
    checks.claims_are_one_line,
    checks.at_least_two_misconceptions,
    checks.misconceptions_say_something,
    checks.probe_is_recorded,
    # stubs and notebook follow from the solution
    stubs.stub_is_what_build_makes,
    stubs.exercise_module_is_the_stub,
    stubs.stub_is_not_attempted,
    stubs.signatures_are_equal,
    notebooks.notebook_is_what_build_makes,
    notebooks.outputs_are_stored,
    notebooks.counts_are_sequential,
    notebooks.enough_checked_cells,
    notebooks.nobody_has_passed_yet,
    # what happens when it is run
    behaviour.reference_passes,
    behaviour.reference_is_no_mistake,
    behaviour.each_misconception_fails_a_check,
    behaviour.each_misconception_is_named_alone,
)
OF_THE_COURSE: tuple[Callable, ...] = (
    house.names_are_unique,
    house.no_file_without_a_chapter,
    house.lab_knows_no_tutor,
    house.tutor_knows_no_lab,
    house.exercises_import_nothing_heavy,
)


def main(chapter: str | None = None, *, table: bool = False) -> int:
    """Check one chapter, or all and the course as a whole; print violations; return 0 when there are none, else 1.

    With `table`, print for each exercise which mistake is named when which is made.
    """
    started, found = time.perf_counter(), 0
    chapters = [catalogue.chapter(chapter)] if chapter else list(catalogue.written_chapters())
    for each in chapters:
        if each.planned:
            raise TutorProblem(f"Chapter {each.name} is planned; `mi-tutor author new {each.name}.FUNCTION` starts it.")
        for violation in of_chapter(each):
            found += 1
            print(violation)
        if table:
            for exercise in each.exercises:
                print(behaviour.confusion_table(exercise.name))
    for violation in () if chapter else of_course():
        found += 1
        print(violation)
    exercises = sum(len(each.exercises) for each in chapters)
    print(
        f"author check: {exercises} exercises in {len(chapters)} chapters, "
        f"{found or 'no'} violation{'' if found == 1 else 's'}, {time.perf_counter() - started:.1f} s"
    )
    return 1 if found else 0


def of_chapter(chapter) -> Iterator[str]:
    """Every violation in one chapter. When files are missing, only that is told: the rest would follow from it."""
    behaviour.forget(chapter.name)
    missing = list(house.files_stand(chapter))
    if missing:
        yield from missing
        return
    for promise in OF_EACH_CHAPTER[1:]:
        yield from _held(promise, chapter)


def of_course() -> Iterator[str]:
    """Every violation of what is promised for the course as a whole."""
    for promise in OF_THE_COURSE:
        yield from _held(promise)


def _held(promise: Callable, *subject) -> Iterator[str]:
    try:
        yield from promise(*subject)
    except TutorProblem as problem:
        where = subject[0].name if subject else "the course"
        yield f"{where}: {promise.__name__.replace('_', ' ')} could not be checked. {problem}"
