"""`author check --mutants` on a made-up course: what it counts, what it prints, what it refuses."""

import contextlib
import os
import re
import time

import pytest

from mi_tutor.tutor.author.mutants import judging
from mi_tutor.tutor.author.trials import Trial, Verdict

S = "solutions/start_here.py"
C = "tests/exercises/start_here/test_spread.py"
LIST = "tests/exercises/start_here/equivalent.toml"


@contextlib.contextmanager
def edited(with_stubs, path: str, old: str, new: str):
    text = (with_stubs.folder / path).read_text("utf-8")
    with_stubs.edit(path, old, new)
    try:
        yield
    finally:
        (with_stubs.folder / path).write_text(text, "utf-8")


@contextlib.contextmanager
def listed(with_stubs, lines: str):
    reason = 'reason = "The largest minus the smallest is never negative."\n'
    (with_stubs.folder / LIST).write_text(
        f'[[equivalent]]\nexercise = "start_here.spread"\nlines = [{lines}]\n{reason}'
    )
    try:
        yield
    finally:
        (with_stubs.folder / LIST).unlink()


def row(printed: str, name: str = "start_here") -> list[str]:
    return re.search(rf"^{name} .*$", printed, re.MULTILINE).group().removeprefix(name).split()


def mutants_of(with_stubs, *more: str) -> tuple[int, str]:
    return with_stubs.run("author", "check", "--mutants", *more)


@pytest.mark.slow
def test_sound_checks_notice_every_mutant(with_stubs):
    code, printed = mutants_of(with_stubs)
    assert code == 0, printed
    mutants, equivalent, crashed, caught, survive, of_all, of_the_rest, _ = row(printed)
    assert (equivalent, survive, of_all, of_the_rest) == ("0", "0", "100.0%", "100.0%")
    assert int(mutants) == int(crashed) + int(caught) > 25
    assert int(crashed) > 5


@pytest.mark.slow
def test_a_survivor_is_told_with_its_line(with_stubs):
    with edited(with_stubs, C, "0.5), 3.0, given", "5.0), 5.0, given"):  # now only the floor is ever looked at
        code, printed = mutants_of(with_stubs, "start_here.spread")
    assert code == 1, printed
    line = (with_stubs.folder / S).read_text().splitlines().index(
        "    distance = float(values.max() - values.min())"
    ) + 1
    assert f"{S}:{line}: start_here.spread survives as `distance = float(values.min() - values.min())`" in printed
    assert int(row(printed)[4]) > 0


@pytest.mark.slow
def test_listed_mutants_do_not_count(with_stubs):
    same = '"return max(distance, floor)", "distance = float(values.min() - values.max())"'
    with (
        edited(with_stubs, S, "return max(distance, floor)", "return max(abs(distance), floor)"),
        listed(with_stubs, same),
    ):
        code, printed = mutants_of(with_stubs, "start_here.spread")
    assert code == 0, printed
    assert row(printed)[1] == "2"
    assert "survives" not in printed


@pytest.mark.slow
def test_an_entry_that_is_no_longer_true_is_an_error(with_stubs):
    with listed(with_stubs, '"return min(distance, floor)", "return twice(distance)"'):
        code, printed = mutants_of(with_stubs, "start_here.spread")
        sampled, _ = mutants_of(with_stubs, "--sample", "5")
    assert code == 1
    assert "a check tells `return min(distance, floor)` from start_here.spread" in printed
    assert "start_here.spread has no mutant `return twice(distance)`" in printed
    assert sampled == 0  # what was not tried is not called stale


@pytest.mark.slow
def test_a_sample_tells_its_seed(with_stubs):
    code, printed = mutants_of(with_stubs, "--sample", "6", "--seed", "7")
    assert code == 0, printed
    assert row(printed)[0] == "6"
    assert "6 mutants of each chapter, drawn with --seed 7" in printed


@pytest.mark.slow
def test_a_reference_that_fails_judges_nothing(with_stubs):
    with edited(with_stubs, C, "0.5), 3.0, given", "0.5), 3.5, given"):
        code, printed = mutants_of(with_stubs, "start_here.spread")
    assert code == 2
    assert "the reference of start_here.spread does not pass test_spread_by_hand" in printed


def test_what_a_mutant_changes_stays_in_its_process():
    kept, verdict = [], Verdict(Trial("start_here.spread", "a mutant", max), failed=["it fails"])
    assert judging._in_a_fork(lambda: kept.append(1) or verdict) == {"failed": ["it fails"], "judged": [], "broken": []}
    assert kept == []


def test_an_endless_loop_is_ended(monkeypatch):
    monkeypatch.setattr(judging, "CPU_SECONDS", 1)
    started = time.monotonic()

    def loops():
        while True:
            pass

    assert judging._in_a_fork(loops) == {"failed": ["it ran for more than 1 seconds"]}
    assert time.monotonic() - started < 60


def test_a_process_that_breaks_down_is_a_crash():
    assert judging._in_a_fork(lambda: os._exit(3)) == {"failed": ["the process broke down"]}
