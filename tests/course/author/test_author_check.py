"""Each promise of `author check` notices when it is broken, and a sound chapter breaks none."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from breakages import EDITS


@pytest.fixture(scope="module")
def said(built):
    """What each promise says after the edit that breaks it."""
    driver = Path(__file__).with_name("breakages.py")
    done = subprocess.run(
        [sys.executable, str(driver), str(built.folder)],
        capture_output=True, text=True, cwd=built.folder, env=built.environment(), timeout=600,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout)


def test_a_sound_chapter_has_no_violation(said):
    assert said["untouched"] == []


@pytest.mark.parametrize("promise", EDITS)
def test_a_broken_promise_is_told(said, promise):
    word = EDITS[promise][3]
    assert any(word in line for line in said[promise]), f"after the edit it says {said[promise]}"


def test_every_promise_is_broken_once():
    from mi_tutor.tutor.author import promises

    all_promises = {p.__name__ for p in (*promises.OF_EACH_CHAPTER, *promises.OF_THE_COURSE)}
    untried = all_promises - set(EDITS) - {"enough_checked_cells"}  # the small chapter needs no number of cells
    assert not untried


def test_exit_codes_and_table(built):
    code, printed = built.run("author", "check", "start_here", "--table")
    assert code == 0, printed
    assert "no violations" in printed
    assert "starts_at_the_first  ·  ■  2" in printed
