"""pytest's side of the course: the `exercise` marker, the `seed` fixture, and skipping what is not attempted.

Loaded through `addopts` in pyproject.toml, so that `pytest -k auroc` works as anywhere else.
"""

import os

import pytest

from mi_tutor.tutor.problems import NoReference, NotAttempted


def pytest_addoption(parser):
    parser.addoption(
        "--seeds", type=int, default=None, help="run every check that takes `seed` for this many seeds (default: one)"
    )


def pytest_configure(config):
    config.addinivalue_line("markers", "exercise(name): this test is a check of the exercise `name`")
    config.addinivalue_line("markers", "slow: takes more than 20 seconds; left out by `test --quick`")
    config.addinivalue_line("markers", "complete: all of what other tests take a sample of; only for `test --all`")


def pytest_generate_tests(metafunc):
    if "seed" in metafunc.fixturenames:
        count = metafunc.config.getoption("--seeds")
        first = int(os.environ.get("MI_TUTOR_SEED", "0"))
        seeds = [first] if count is None else list(range(count))
        metafunc.parametrize("seed", seeds, ids=[f"seed{s}" for s in seeds], scope="function")


def exercise_of(item) -> str | None:
    """The exercise that a test judges, if it is a check."""
    marker = item.get_closest_marker("exercise")
    return marker.args[0] if marker else None


def pytest_runtest_setup(item):
    name = exercise_of(item)
    if name is None:
        return
    from mi_tutor.tutor import answers

    if answers.who_answers(name) == "nobody":
        pytest.skip(f"not attempted: {name}")


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    outcome = yield
    report = outcome.get_result()
    if call.excinfo is None or exercise_of(item) is None or report.outcome != "failed":
        return
    # A check that needs an exercise which nobody has written cannot judge this one: it is skipped, with the reason.
    if call.excinfo.errisinstance((NotAttempted, NoReference)):
        report.outcome = "skipped"
        reason = str(call.excinfo.value).split(". ")[0]
        report.longrepr = (str(item.path), item.location[1] or 0, f"Skipped: {reason}")
