"""`author check`, one test a promise and chapter."""

import pytest

from mi_tutor.tutor import answers, catalogue
from mi_tutor.tutor.author import promises

CHAPTERS = catalogue.written_chapters()


@pytest.fixture(autouse=True)
def the_reference_answers(monkeypatch):
    monkeypatch.setenv("MI_TUTOR_ANSWERS", "reference")
    answers.forget()


@pytest.mark.parametrize("promise", promises.OF_EACH_CHAPTER, ids=lambda promise: promise.__name__)
@pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda chapter: chapter.name)
def test_chapter(chapter, promise):
    tell(promise(chapter))


@pytest.mark.parametrize("promise", promises.OF_THE_COURSE, ids=lambda promise: promise.__name__)
def test_course(promise):
    tell(promise())


def tell(violations):
    lines = list(violations)
    if lines:
        pytest.fail("\n".join(lines), pytrace=False)
