"""The command line in real processes: exit codes, JSON, every command once, watch."""

import contextlib
import os
import signal
import time

import pytest
from made_up_course import RIGHT

WRONG = "def mean(values: list[float]) -> float:\n    return sum(values)\n"
KEYS = {"name", "status", "checks", "misconception", "seconds"}


def test_check_goes_from_not_attempted_over_failed_to_passed(course):
    done = course.tutor("check", "small.mean")
    assert done.returncode == 2 and "Your turn" in done.stdout

    course.write("mean", WRONG)
    done = course.tutor("check", "small.mean")
    assert done.returncode == 1 and "You return the sum." in done.stdout
    assert "mi_tutor hint small.mean" in done.stdout and "%hint" not in done.stdout

    course.write("mean", RIGHT["mean"])
    done = course.tutor("check", "mean")  # the bare name is enough
    assert done.returncode == 0 and "Passed" in done.stdout and done.stderr == ""


def test_json_has_exactly_the_promised_shape(course):
    course.write("mean", WRONG)
    course.write("clip", RIGHT["clip"])
    course.tutor("skip", "small.spread")
    results = {item["name"]: item for item in course.json("small")}
    assert list(results) == ["small.mean", "small.clip", "small.spread", "small.centred", "small.which"]
    statuses = {name.split(".")[1]: item["status"] for name, item in results.items()}
    assert statuses == {
        "mean": "failed", "clip": "passed", "spread": "skipped", "centred": "not_attempted", "which": "not_attempted"
    }  # fmt: skip
    for item in results.values():
        assert set(item) == KEYS and isinstance(item["seconds"], float) and item["checks"]
        for check in item["checks"]:
            assert set(check) == {"name", "claim", "status", "message"}
            assert all(isinstance(value, str) for value in check.values())
    assert results["small.mean"]["misconception"].startswith("You return the sum.")
    assert results["small.clip"]["misconception"] is None
    assert "Add all values" in results["small.mean"]["checks"][0]["message"]
    assert [c["name"] for c in results["small.clip"]["checks"]] == [
        "test_clip[0.5-0.5]", "test_clip[2.0-1.0]", "test_clip[-1.0-0.0]"
    ]  # fmt: skip


def test_json_says_why_nothing_could_be_checked(course):
    course.module.write_text(course.module.read_text() + "\ndef broken(:\n")
    done = course.tutor("check", "small.mean", "--json")
    assert done.returncode == 1
    (item,) = course.json("small.mean")
    assert set(item) == KEYS and item["status"] == "failed"
    assert "syntax error" in item["checks"][0]["message"]


def test_check_of_everything_attempted(course):
    done = course.tutor("check")
    assert done.returncode == 2 and "Nothing to check yet" in done.stdout
    course.write("mean", RIGHT["mean"])
    course.write("clip", "def clip(value, low=0.0, high=1.0):\n    return value\n")
    done = course.tutor("check")
    assert done.returncode == 1
    assert "passed  small.mean" in done.stdout and "failed  small.clip" in done.stdout
    assert "small.which" not in done.stdout


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["check", "small.maen"], "Did you mean `small.mean`"),
        (["check", "nothing.like.it"], "mi_tutor progress"),
        (["hint"], "name"),
        (["dance"], "dance"),
        (["check", "--jsn"], "--jsn"),
        (["undo", "small.mean"], "There is no earlier version"),
    ],
)
def test_wrong_use_is_told_with_exit_code_2(shared_course, arguments, words):
    done = shared_course.tutor(*arguments)
    assert done.returncode == 2
    assert words in done.stdout + done.stderr and "Traceback" not in done.stdout + done.stderr


def test_hint_skip_reveal_reset_undo_progress(course):
    assert "Hint 1 of 2" in course.tutor("hint", "small.mean").stdout
    done = course.tutor("hint", "small.mean")
    assert "last hint for mean" in done.stdout and "mi_tutor reveal small.mean" in done.stdout

    done = course.tutor("skip", "small.mean")
    assert done.returncode == 0 and "the reference answers" in done.stdout
    done = course.tutor("check", "small.mean")
    assert done.returncode == 0 and "Skipped" in done.stdout
    course.tutor("skip", "small.mean", "--off")
    assert course.tutor("check", "small.mean").returncode == 2

    done = course.tutor("reveal", "small.mean")
    assert done.returncode == 0 and "return sum(values) / len(values)" in done.stdout

    course.write("mean", RIGHT["mean"])
    assert course.tutor("check", "small.mean").returncode == 0
    assert "✓ small.mean" in course.tutor("progress").stdout
    assert "mi_tutor undo small.mean" in course.tutor("reset", "small.mean").stdout
    assert course.module.read_text() == course.stub.read_text()
    assert "○ small.mean" in course.tutor("progress").stdout
    assert "total += value" in course.tutor("undo", "small.mean").stdout
    assert "◐ small.mean" in course.tutor("progress").stdout  # there, and not judged since
    assert course.tutor("check", "small.mean").returncode == 0


def test_doctor_tells_what_is_passed(course):
    course.write("mean", RIGHT["mean"])
    course.tutor("check", "small.mean")
    done = course.tutor("doctor")
    assert done.returncode == 0 and "1 of 5 passed mean" in done.stdout


def test_plain_pytest_works_on_the_checks(course):
    def pytest_says(arguments: list[str], **more: str) -> str:
        code = f"import pytest; pytest.main({['-q', *arguments]})"
        return course.python(code, PYTEST_DISABLE_PLUGIN_AUTOLOAD="1", **more).stdout

    assert "9 skipped" in pytest_says(["tests/exercises/small"])
    course.write("mean", WRONG)
    shown = pytest_says(["tests/exercises/small", "-k", "mean"])
    assert "2 failed, 1 passed" in shown and "Add all values, then divide" in shown
    assert "9 passed" in pytest_says(["tests/exercises/small"], MI_TUTOR_ANSWERS="reference")


def test_an_endless_loop_on_the_command_line_is_stopped_with_one_word(course, stop):
    course.write("mean", "def mean(values):\n    while True:\n        pass\n")
    process = stop(course.start("-m", "mi_tutor", "check", "small.mean"))
    time.sleep(4)
    os.killpg(process.pid, signal.SIGINT)
    output, _ = process.communicate(timeout=20)
    assert process.returncode == 130 and "Stopped." in output and "Traceback" not in output
    assert course.tutor("progress").returncode == 0


def read_until(process, words: str, seconds: float = 40) -> str:
    """The output of a process until `words` appear."""
    os.set_blocking(process.stdout.fileno(), False)
    seen, end = "", time.monotonic() + seconds
    while time.monotonic() < end:
        with contextlib.suppress(BlockingIOError):
            seen += os.read(process.stdout.fileno(), 100_000).decode()
        if words in seen:
            return seen
        time.sleep(0.05)
    raise AssertionError(f"{words!r} did not appear in:\n{seen}")


def test_watch_checks_what_was_saved(course, stop):
    process = stop(course.start("-m", "mi_tutor", "watch"))
    read_until(process, "Ctrl-C stops")
    time.sleep(0.5)

    course.write("mean", WRONG)
    assert "You return the sum." in read_until(process, "mi_tutor hint small.mean")

    # Editors such as vim write a new file and rename it over the old one.
    text = course.module.read_text().replace("return sum(values)", "return sorted(values)[len(values) // 2]")
    unfinished = course.module.with_name("4913~")
    unfinished.write_text(text)
    os.replace(unfinished, course.module)
    assert "That is the median." in read_until(process, "mi_tutor hint small.mean")

    course.module.write_text(text + "\ndef broken(:\n")
    assert "def broken(:" in read_until(process, "syntax error on line")

    course.module.write_text(text.replace("return sorted(values)[len(values) // 2]", "while True: pass"))
    time.sleep(4)
    os.killpg(process.pid, signal.SIGINT)
    read_until(process, "The check was stopped")

    course.module.write_text(course.stub.read_text())
    course.write("clip", RIGHT["clip"])
    assert "small.spread" in read_until(process, "next exercise is")
    os.killpg(process.pid, signal.SIGINT)
    read_until(process, "Stopped. Your code and your progress are saved.")
    assert process.wait(timeout=20) == 0


def test_a_folder_with_spaces_and_accents(course, tmp_path):
    folder = tmp_path / "Mécanique d'été (2)"
    course.folder.rename(folder)
    course.folder = folder
    course.write("mean", WRONG)
    done = course.tutor("check", "small.mean")
    assert done.returncode == 1 and "You return the sum." in done.stdout and "return sum(values)" not in done.stderr
