"""Damaged situations: each ends in recovery or in one clear sentence. The tests are named after the situation."""

import json
import os
import shutil
import signal
import subprocess
import time

import pytest
from made_up_course import RIGHT


def one_clear_sentence(done, *words: str) -> None:
    """Exit code 2, no traceback, nothing but the sentence on stderr."""
    assert done.returncode == 2, done.stdout + done.stderr
    assert "Traceback" not in done.stdout + done.stderr
    assert len(done.stderr.strip().splitlines()) == 1, done.stderr
    for word in words:
        assert word in done.stderr


# The progress file.

DAMAGE = {
    "truncated": lambda text: text[: len(text) // 2],
    "empty": lambda text: b"",
    "binary": lambda text: bytes(range(256)),
    "zero_bytes": lambda text: b"\0" * len(text),
    "a_list": lambda text: b"[1, 2]",
    "exercises_is_a_list": lambda text: b'{"exercises": []}',
    "an_entry_is_a_word": lambda text: b'{"exercises": {"small.mean": "passed"}}',
    "a_count_is_a_word": lambda text: text.replace(b'"hints": 0', b'"hints": "none"'),
    "guesses_is_null": lambda text: text.replace(b'"guesses": {}', b'"guesses": null'),
}


@pytest.mark.parametrize("kind", DAMAGE)
def test_progress_file_damaged(answered, kind):
    file = answered.folder / ".mi_tutor/progress.json"
    damaged = DAMAGE[kind](file.read_bytes())
    file.write_bytes(damaged)
    done = answered.tutor("progress")
    assert done.returncode == 0 and "Traceback" not in done.stderr
    assert done.stderr.count("\n") == 1 and "Your progress file was damaged" in done.stderr
    assert "Your code is safe" in done.stderr
    assert "✓ small.mean" in done.stdout and "✗ small.clip" in done.stdout
    (aside,) = (answered.folder / ".mi_tutor").glob("progress.damaged-*.json")
    assert aside.read_bytes() == damaged


def test_progress_is_whole_again_after_the_recheck(answered):
    (answered.folder / ".mi_tutor/progress.json").write_text("{")
    answered.tutor("progress")
    done = answered.tutor("progress")
    assert done.stderr == "" and "✓ small.mean" in done.stdout


def test_progress_file_deleted(answered):
    (answered.folder / ".mi_tutor/progress.json").unlink()
    assert "✓ small.mean" in answered.tutor("progress").stdout


def test_progress_file_and_its_copy_damaged(answered):
    for name in ("progress.json", "progress.previous.json"):
        (answered.folder / ".mi_tutor" / name).write_text("{")
    done = answered.tutor("check", "small.mean")
    assert done.returncode == 0 and "Your progress file was damaged" in done.stderr
    assert answered.statuses() == {"small.mean": "passed", "small.clip": "failed"}


def test_progress_file_damaged_is_told_when_a_notebook_opens(answered, start_kernel):
    (answered.folder / ".mi_tutor/progress.json").write_text("{")
    kernel = start_kernel(answered)
    shown = kernel.load()
    assert "Your progress file was damaged" in shown.text and shown.error == ""
    assert "✓ small.mean" in kernel.run("%progress").text


def test_progress_folder_deleted(answered):
    shutil.rmtree(answered.folder / ".mi_tutor")
    assert "◐ small.mean" in answered.tutor("progress").stdout
    assert answered.tutor("check").returncode == 1


# A disk that cannot be written to. These tests also hold for root, whom permissions do not stop.


def test_state_folder_is_a_file(course):
    (course.folder / ".mi_tutor").write_text("in the way")
    before = course.module.read_bytes()
    one_clear_sentence(course.tutor("hint", "small.mean"), "could not be written", "Your code is safe")
    course.write("mean", RIGHT["mean"])
    done = course.tutor("check", "small.mean")
    assert done.returncode == 0 and "Passed" in done.stdout  # the card is shown all the same
    assert "progress could not be written" in done.stdout
    assert course.module.read_bytes() != before


def test_state_folder_is_a_file_in_a_notebook(course, kernel):
    shutil.rmtree(course.folder / ".mi_tutor", ignore_errors=True)
    (course.folder / ".mi_tutor").write_text("in the way")
    before = course.module.read_bytes()
    shown = kernel.exercise("mean", RIGHT["mean"])
    assert "cannot be written to" in shown.text and "your code is still in the cell" in shown.text
    assert shown.error == "" and course.module.read_bytes() == before


FULL_DISK = "import resource, signal; signal.signal(signal.SIGXFSZ, signal.SIG_IGN); "
FULL_DISK += "resource.setrlimit(resource.RLIMIT_FSIZE, ({0}, {0}))"


def test_full_disk_while_a_cell_is_saved(course, kernel):
    kernel.exercise("clip", RIGHT["clip"])
    before = course.module.read_bytes()
    kernel.run(FULL_DISK.format(300))  # too little for the module, enough for small files
    shown = kernel.exercise("mean", RIGHT["mean"])
    assert "File too large" in shown.text and shown.error == ""
    assert "Your code is" in shown.text or "your code is still in the cell" in shown.text
    assert course.module.read_bytes() == before
    kernel.run(FULL_DISK.format("resource.RLIM_INFINITY"))
    assert not list(course.module.parent.glob(".*.py.*"))  # no unfinished file is left behind


def test_full_disk_while_a_result_is_noted(course):
    course.write("mean", RIGHT["mean"])
    code = (
        FULL_DISK.format(10) + "\nfrom mi_tutor.tutor.cli import main\nraise SystemExit(main(['check', 'small.mean']))"
    )
    done = course.python(code)
    assert done.returncode == 0 and "Passed" in done.stdout and "progress could not be written" in done.stdout
    assert "Traceback" not in done.stderr


def test_read_only_exercises_folder(course, kernel, tmp_path):
    """A folder that cannot take new files, stood for by a read-only mount."""
    folder = course.module.parent
    mounted = subprocess.run(
        f"mount --bind {folder} {folder} && mount -o remount,ro,bind {folder}", shell=True, capture_output=True
    )
    if mounted.returncode:
        pytest.skip("this machine does not allow a read-only mount")
    try:
        shown = kernel.exercise("mean", RIGHT["mean"])
        assert "could not be written" in shown.text and "Read-only file system" in shown.text
        assert "Nothing was changed; your code is still in the cell" in shown.text and shown.error == ""
    finally:
        subprocess.run(["umount", str(folder)], check=True)
    assert "Passed" in kernel.exercise("mean", RIGHT["mean"]).text


# Files that are missing.


def test_solutions_missing(course, start_kernel):
    shutil.rmtree(course.folder / "solutions")
    for command in ("reveal", "skip"):
        one_clear_sentence(course.tutor(command, "small.mean"), "no solutions/ folder", "Ask your teacher")
    course.write("mean", "def mean(values):\n    return sum(values)\n")
    done = course.tutor("check", "small.mean")
    assert done.returncode == 1 and "You return the sum." in done.stdout
    kernel = start_kernel(course)
    kernel.load()
    assert "no solutions/ folder" in kernel.run("%reveal small.mean").text
    assert "Passed" in kernel.exercise("mean", RIGHT["mean"], "--use cell").text


def test_solutions_missing_after_a_skip(course):
    course.tutor("skip", "small.mean")
    shutil.rmtree(course.folder / "solutions")
    done = course.tutor("check", "small.mean")
    assert "Traceback" not in done.stderr and "no solutions/ folder" in done.stdout + done.stderr


def test_stub_file_missing(answered):
    answered.stub.unlink()
    one_clear_sentence(answered.tutor("reset", "small.mean"), "stubs/small.py is missing", "git checkout")
    done = answered.tutor("check", "small.mean")
    assert done.returncode == 0 and "Traceback" not in done.stderr


def test_exercise_file_missing(answered):
    answered.module.unlink()
    done = answered.tutor("check", "small.mean")
    assert done.returncode == 0 and "small.py was missing" in done.stderr
    assert "small.mean: your version was put back" in done.stderr
    assert "total += value" in answered.module.read_text()


def test_exercise_file_missing_while_a_notebook_runs(course, kernel):
    kernel.exercise("mean", RIGHT["mean"])
    course.module.unlink()
    assert "Passed" in kernel.exercise("clip", RIGHT["clip"]).text
    assert "total += value" in course.module.read_text()


def test_checks_missing(course):
    course.write("mean", RIGHT["mean"])
    (course.folder / "tests/exercises/small/test_mean.py").unlink()
    done = course.tutor("check", "small.mean")
    assert done.returncode in (1, 2) and "Traceback" not in done.stderr
    assert "test_mean.py is missing" in done.stdout + done.stderr


def test_checks_broken(course):
    course.write("mean", RIGHT["mean"])
    (course.folder / "tests/exercises/small/test_mean.py").write_text("def broken(:\n")
    one_clear_sentence(course.tutor("check", "small.mean"), "checks of chapter small could not be read")


# Exercise files that are damaged.


def test_exercise_file_cut_in_half(answered):
    text = answered.module.read_text()
    answered.module.write_text(text[: text.index("for value in") + 5])
    done = answered.tutor("check", "small.clip")
    assert done.returncode == 1 and "mi_tutor mend" in done.stdout
    done = answered.tutor("mend")
    assert done.returncode == 0 and "damaged file is kept as .mi_tutor/history/small/whole-0000.py" in done.stdout
    assert "small.mean: your version was put back from the copy that was kept" in done.stdout
    assert answered.module.read_text() == text
    assert {i["name"]: i["status"] for i in answered.json("small")}["small.mean"] == "passed"


def test_exercise_file_of_zero_bytes_after_a_power_cut(answered):
    text = answered.module.read_text()
    answered.module.write_bytes(b"\0" * len(text))
    assert "mi_tutor mend" in answered.tutor("check", "small.mean").stdout
    answered.tutor("mend")
    assert answered.module.read_text() == text


def test_exercise_file_emptied(answered):
    text = answered.module.read_text()
    answered.module.write_text("")
    done = answered.tutor("check", "small.mean")
    assert done.returncode == 2 and "no longer holds small.mean, small.clip" in done.stderr
    assert "total += value" in answered.tutor("undo", "small.mean").stdout
    answered.tutor("mend")
    assert answered.module.read_text() == text


@pytest.mark.parametrize("encoding", ["utf-16", "cp1252"])
def test_exercise_file_in_another_encoding(course, encoding):
    course.write("mean", RIGHT["mean"].replace("total = 0.0", "total = 0.0  # für später"))
    text = course.module.read_text()
    course.module.write_bytes(text.encode(encoding))
    assert "not UTF-8" in course.tutor("check", "small.mean").stdout
    done = course.tutor("mend")
    assert "small.mean: your version was put back from the damaged file" in done.stdout
    assert "# für später" in course.module.read_text()
    assert course.tutor("check", "small.mean").returncode == 0


def test_exercise_file_with_a_byte_order_mark_and_windows_line_ends(course, kernel):
    course.write("mean", RIGHT["mean"])
    course.module.write_bytes(b"\xef\xbb\xbf" + course.module.read_bytes().replace(b"\n", b"\r\n"))
    assert course.tutor("check", "small.mean").returncode == 0
    assert "Passed" in kernel.exercise("clip", RIGHT["clip"]).text
    assert course.tutor("check", "small.mean").returncode == 0


def test_exercise_file_is_a_folder(course):
    course.module.unlink()
    course.module.mkdir()
    done = course.tutor("check", "small.mean")
    assert done.returncode in (1, 2) and "could not be read" in done.stdout + done.stderr
    assert "is a folder" in course.tutor("mend").stdout


def test_syntax_error_in_one_function_is_mended_and_the_others_stay(answered):
    answered.module.write_text(answered.module.read_text().replace("for value in values:", "for value in values"))
    done = answered.tutor("check", "small.clip")
    assert done.returncode == 1 and "syntax error on line" in done.stdout
    done = answered.tutor("mend")
    assert "small.clip: your version was put back from the damaged file" in done.stdout
    assert "small.mean: your version was put back from the copy that was kept" in done.stdout
    assert answered.tutor("check", "small.mean").returncode == 0


def test_a_broken_file_is_mended_from_the_notebook(answered, start_kernel):
    answered.module.write_text(answered.module.read_text().replace("for value in values:", "for value in values"))
    kernel = start_kernel(answered)
    kernel.load()
    shown = kernel.run("from mi_tutor.exercises import small")
    assert "syntax error on line" in shown.text and "`%mend`" in shown.text and shown.error == ""
    assert "small.mean: your version was put back" in kernel.run("%mend").text
    kernel.run("from mi_tutor.exercises import small")
    assert kernel.run("small.mean([1.0, 3.0])").text.strip() == "2.0"
    assert "Nothing to mend" in kernel.run("%mend").text
    assert "not a git clone" in kernel.run("%update").text


def test_a_broken_helper_stops_the_module_and_is_named(course, kernel):
    course.write("mean", RIGHT["mean"])
    course.module.write_text(course.module.read_text().replace("import math", "import math\nimport not_there"))
    done = course.tutor("check", "small.mean")
    assert done.returncode == 1 and "ModuleNotFoundError" in done.stdout and "on line" in done.stdout
    shown = kernel.run("from mi_tutor.exercises import small")
    assert "ModuleNotFoundError" in shown.text and shown.error == ""


def test_history_damaged(answered):
    for file in (answered.folder / ".mi_tutor/history/small.mean").iterdir():
        file.write_bytes(b"\xff\xfe\x00")
    answered.tutor("reset", "small.mean")
    done = answered.tutor("undo", "small.mean")
    assert "Traceback" not in done.stderr


# Killed in the middle of a save.

SAVER = """
import itertools, sys
from mi_tutor.tutor import workbench
for number in itertools.count():
    filler = "\\n".join(f"    # {number} filler {i}" for i in range(300))
    workbench.save_cell("small.mean", f"def mean(values):\\n{filler}\\n    return {number}\\n", use="cell")
    print(number, flush=True)
"""


def test_killed_in_the_middle_of_a_save_the_file_is_old_or_new(course):
    course.write("clip", RIGHT["clip"])
    for number in range(12):
        process = course.start("-c", SAVER)
        process.stdout.readline()
        time.sleep(0.05 + 0.013 * number)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        process.stdout.close()
        text = course.module.read_text()
        compile(text, "small.py", "exec")
        value = text[text.index("def mean") : text.index("@exercise\ndef clip")].strip().split()[-1]
        assert text.count(f"# {value} filler") == 300 and "filler" in text
        json.loads((course.folder / ".mi_tutor/progress.json").read_text())
        assert "return high if value > high else value" in text
    assert course.tutor("check", "small.clip").returncode == 0
    assert "Traceback" not in course.tutor("undo", "small.mean").stderr


WRITER = """
import sys
from mi_tutor.tutor import progress
for number in range(50):
    progress.store_guess(f"{sys.argv[1]}.{number}", "yes")
    progress.record_result(f"small.{sys.argv[1]}", "failed")
"""


def test_two_programs_write_the_progress_fifty_times_each(course):
    processes = [course.start("-c", WRITER, name) for name in ("mean", "clip")]
    for process in processes:
        output, _ = process.communicate(timeout=100)
        assert process.returncode == 0, output
    record = course.progress()
    assert len(record["guesses"]) == 100
    assert {name: item["tries"] for name, item in record["exercises"].items()} == {"small.mean": 50, "small.clip": 50}


SPLICER = """
import sys
from mi_tutor.tutor import workbench
name, signature = sys.argv[1:]
for number in range(25):
    workbench.save_cell(f"small.{name}", f"def {name}({signature}):\\n    return {number}\\n", use="cell")
"""


def test_two_programs_save_two_exercises_of_one_file_at_once(course):
    signatures = {"mean": "values", "clip": "value, low=0.0, high=1.0"}
    processes = [course.start("-c", SPLICER, *item) for item in signatures.items()]
    for process in processes:
        output, _ = process.communicate(timeout=100)
        assert process.returncode == 0, output
    assert course.module.read_text().count("    return 24\n") == 2


def test_a_lock_that_another_program_holds(course):
    code = (
        "from filelock import FileLock\nimport time\n"
        "with FileLock('.mi_tutor/lock'):\n    print('held', flush=True)\n    time.sleep(60)\n"
    )
    (course.folder / ".mi_tutor").mkdir(exist_ok=True)
    process = course.start("-c", code)
    try:
        process.stdout.readline()
        short = "from mi_tutor.tutor import progress; progress.LOCK_SECONDS = 1\n"
        short += "from mi_tutor.tutor.cli import main; raise SystemExit(main(['hint', 'small.mean']))"
        one_clear_sentence(course.python(short), "Another program has held", "Close other notebooks")
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        process.stdout.close()
    assert course.tutor("hint", "small.mean").returncode == 0  # a killed program holds nothing
