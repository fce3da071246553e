"""The checks of the course notice its mutants: a sample of each chapter, and all of them under `test --all`."""

import os
import subprocess
import sys

import pytest

from mi_tutor.tutor import catalogue, workspace

CHAPTERS = [chapter.name for chapter in catalogue.written_chapters()]
SAMPLE = "10"


def mutants(*arguments: str) -> str:
    """What `author check --mutants` prints; fails unless it is content. In a process of its own: it forks."""
    code = "import sys; from mi_tutor.tutor.cli import main; sys.exit(main(sys.argv[1:]))"
    done = subprocess.run(
        [sys.executable, "-c", code, "author", "check", "--mutants", *arguments],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=workspace.PACKAGE.parent,
        env={key: value for key, value in os.environ.items() if not key.startswith(("MI_TUTOR_", "PYTEST_"))},
    )  # fmt: skip
    if done.returncode:
        pytest.fail(done.stdout, pytrace=False)
    return done.stdout


@pytest.mark.slow
def test_a_sample_is_noticed(record_property):
    record_property("table", mutants("--sample", SAMPLE))


@pytest.mark.slow
@pytest.mark.complete
@pytest.mark.parametrize("chapter", CHAPTERS)
def test_every_mutant_of_a_chapter_is_noticed(chapter, record_property):
    record_property("table", mutants(chapter))
