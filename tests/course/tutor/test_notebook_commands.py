"""The other commands in a real kernel: hint, reveal, skip, reset, undo, check, progress; interruption and restart."""

import re

from made_up_course import RIGHT
from real_kernel import Kernel

SUM = "def mean(values: list[float]) -> float:\n    return sum(values)\n"
ENDLESS = "def mean(values: list[float]) -> float:\n    while True:\n        values = list(values)\n"


def test_a_lesson_from_the_notebook_alone(course, kernel):
    """Import, guess, call too early, hints, skip, reveal, solve, reset, undo, restart: as a learner would."""
    kernel.run("from mi_tutor.exercises import small")

    shown = kernel.run("small.mean([1.0])")
    assert shown.error == "" and "`small.mean` (The mean) is not written yet" in shown.text
    assert "%skip small.mean" in shown.text

    assert "Hint 1 of 2" in kernel.run("%hint small.mean").text
    shown = kernel.run("%hint")  # the exercise worked on last
    assert "Hint 2 of 2" in shown.text and "last hint for mean" in shown.text and "%reveal small.mean" in shown.text
    assert "Hint 2 of 2" in kernel.run("%hint").text

    assert "the reference answers for it" in kernel.run("%skip small.mean").text
    assert kernel.run("small.mean([1.0, 3.0])").text.strip() == "2.0"
    assert "Skipped" in kernel.run("%check small.mean").text
    kernel.run("%skip small.mean --off")
    assert "not written yet" in kernel.run("small.mean([1.0])").text

    shown = kernel.run("%reveal small.mean")
    assert "return sum(values) / len(values)" in shown.text and "# solution" not in shown.text
    assert course.progress()["exercises"]["small.mean"]["revealed"] is True

    assert "Not yet" in kernel.exercise("mean", SUM).text
    assert "Passed" in kernel.exercise("mean", RIGHT["mean"]).text
    assert "Passed" in kernel.run("%check").text

    shown = kernel.run("%reset small.mean")
    assert "The stub is back" in shown.text and "%undo small.mean" in shown.text
    assert course.module.read_text() == course.stub.read_text()
    assert "already is the untouched stub" in kernel.run("%reset small.mean").text
    assert "total += value" in kernel.run("%undo small.mean").text
    assert "return sum(values)\n" in kernel.run("%undo small.mean").text
    assert "raise NotImplementedError" in kernel.run("%undo small.mean").text
    assert "no earlier version" in kernel.run("%undo small.mean").text
    assert "Passed" in kernel.exercise("mean", RIGHT["mean"]).text

    kernel.restart()
    kernel.load()
    kernel.run("from mi_tutor.exercises import small")
    assert kernel.run("small.mean([1.0, 3.0])").text.strip() == "2.0"
    shown = kernel.run("%progress")
    assert "✓ small.mean" in shown.text and "1 of 5 done" in shown.text and "about 13 minutes left" in shown.text
    assert "Next: small.clip" in shown.text


def test_ipythons_own_reset_still_works(kernel):
    kernel.run("x = 1")
    kernel.run("%reset -f")
    assert kernel.run("x").error == "NameError"


def test_a_skipped_exercise_that_is_then_written_is_judged_and_no_longer_skipped(course, kernel):
    kernel.run("%skip small.mean")
    assert "Not yet" in kernel.exercise("mean", SUM).text
    assert "Passed" in kernel.exercise("mean", RIGHT["mean"]).text
    assert course.progress()["exercises"]["small.mean"]["skipped"] is False


def test_an_exercise_that_needs_an_unwritten_one_says_so(kernel):
    shown = kernel.exercise("centred", "def centred(values):\n    from mi_tutor.exercises import small\n"
                            "    return [v - small.mean(values) for v in values]\n")  # fmt: skip
    assert "wait for another exercise" in shown.text and "small.mean" in shown.text
    kernel.run("%skip small.mean")
    assert "Passed" in kernel.run("%check small.centred").text


def test_mend_and_read_exercises_use_the_same_cards(course, kernel):
    stub = course.stub.read_text()
    assert "(len(values) - 1)" in stub and "one less, as in a sample variance" in stub
    assert "Your turn" in kernel.run("%check small.spread").text
    assert "Passed" in kernel.exercise("spread", RIGHT["spread"]).text
    shown = kernel.exercise("which", 'def which() -> str:\n    return "a"\n')
    assert "The spread says how wide" in shown.text and "Choose another letter" in shown.text
    assert "Another choice fits" not in shown.text, (
        "the reason against this choice makes the general remark superfluous"
    )
    assert "Return one letter" in kernel.exercise("which", "def which() -> str:\n    return 'the mean'\n").text
    assert "Passed" in kernel.exercise("which", 'def which() -> str:\n    return "B"\n').text


def test_shapes_are_told_in_words(course, kernel):
    code = "def gram(x):\n    return x @ x.T\n"
    shown = kernel.run(f"%%exercise tensors.gram\n{code}")
    assert "feature × feature" in shown.text and "batch × batch" in shown.text
    assert "You compare texts with texts" in shown.text
    shown = kernel.run("%%exercise tensors.gram\ndef gram(x):\n    x.T @ x\n")
    assert "`return` missing" in shown.text


def test_printing_and_warnings_do_not_drown_the_card(kernel):
    loud = (
        "import warnings\ndef mean(values: list[float]) -> float:\n    print('values are', values)\n"
        "    warnings.warn('careful')\n    return sum(values)\n"
    )
    shown = kernel.exercise("mean", loud)
    assert "Your code printed" in shown.text and "values are [1.0, 2.0, 6.0]" in shown.text
    assert "careful" not in shown.text and "You return the sum." in shown.text

    drowning = (
        "def mean(values: list[float]) -> float:\n    for _ in range(200_000):\n        print('x' * 50)\n"
        "    return sum(values)\n"
    )
    shown = kernel.exercise("mean", drowning)
    assert len(shown.text) < 6000 and re.search(r"and \d{7,} more characters", shown.text)
    assert "You return the sum." in shown.text


def test_an_endless_loop_is_interrupted_and_all_is_consistent_afterwards(course, kernel):
    kernel.exercise("mean", RIGHT["mean"])
    shown = kernel.run(f"%%exercise small.mean\n{ENDLESS}", interrupt_after=3)
    assert "Interrupted · The mean" in shown.text and "Your code is saved" in shown.text and shown.error == ""
    assert "while True" in course.module.read_text()
    assert course.statuses()["small.mean"] == "not_attempted"  # saved, and nobody has judged it: ◐ on the map

    shown = kernel.run(
        "%%exercise small.mean\ndef mean(values):\n    while True:\n        print('for ever')\n", interrupt_after=3
    )
    assert "Interrupted" in shown.text and len(shown.text) < 6000
    assert kernel.run("print('the output is back')").text == "the output is back\n"
    assert "Passed" in kernel.exercise("clip", RIGHT["clip"]).text
    assert "Passed" in kernel.exercise("mean", RIGHT["mean"]).text


def test_after_an_undo_the_cell_may_overwrite_the_file(course, kernel):
    kernel.exercise("mean", "def mean(values):\n    return 1\n")
    kernel.exercise("mean", "def mean(values):\n    return 2\n")
    assert "return 1" in kernel.run("%undo small.mean").text
    shown = kernel.exercise("mean", RIGHT["mean"])
    assert "Passed" in shown.text and "Two versions" not in shown.text


def test_a_cell_that_runs_on_a_failing_answer_says_so(kernel):
    kernel.run("from mi_tutor.exercises import small")
    kernel.exercise("mean", "def mean(values):\n    return 7.0\n")
    shown = kernel.run("small.mean([1.0, 3.0])")
    assert "Take care" in shown.text and "`small.mean` does not pass its checks yet" in shown.text
    kernel.exercise("mean", RIGHT["mean"])
    assert "Take care" not in kernel.run("small.mean([1.0, 3.0])").text


def test_reset_without_a_name_deletes_nothing(kernel):
    kernel.run("kept = 1")
    assert "Which exercise?" in kernel.run("%reset").text
    assert kernel.run("kept").text.strip() == "1"


def test_a_function_that_ends_the_program_is_told_and_the_kernel_lives(kernel):
    shown = kernel.exercise("mean", "def mean(values):\n    raise SystemExit\n")
    assert "Not yet" in shown.text and "SystemExit" in shown.text
    shown = kernel.exercise("mean", "def mean(values):\n    import os\n    os._exit(0)\n")  # else the kernel is gone
    assert "Not yet" in shown.text and "SystemExit" in shown.text
    assert kernel.run("print(1)").text == "1\n"


def test_endless_recursion_is_told_in_one_line(kernel):
    shown = kernel.exercise("mean", "def mean(values):\n    return mean(values)\n")
    assert "RecursionError" in shown.text and "calls itself without end" in shown.text
    assert len(shown.text) < 3000


def test_an_editor_and_the_notebook_share_one_file(course, kernel):
    kernel.run("from mi_tutor.exercises import small")
    course.write("mean", RIGHT["mean"])
    assert kernel.run("small.mean([1.0, 3.0])").text.strip() == "2.0"
    course.module.write_text(course.module.read_text().replace("total = 0.0", "total = 100.0"))
    assert kernel.run("small.mean([1.0, 3.0])").text.strip() == "52.0"
    course.module.write_text(course.module.read_text() + "\ndef broken(:\n")
    shown = kernel.run("small.mean([1.0, 3.0])")
    assert "syntax error on line" in shown.text and "def broken(:" in shown.text and shown.error == ""
    shown = kernel.exercise("clip", RIGHT["clip"])
    assert "mi_tutor/exercises/small.py has a syntax error" in shown.text
    assert course.module.read_text().endswith("def broken(:\n")


def test_two_kernels_work_on_one_chapter_and_lose_nothing(course, kernel, start_kernel):
    other = start_kernel(course)
    other.load()
    assert "Passed" in kernel.exercise("mean", RIGHT["mean"]).text
    assert "Passed" in other.exercise("clip", RIGHT["clip"]).text
    assert "Passed" in kernel.exercise("spread", RIGHT["spread"]).text
    other.run("from mi_tutor.exercises import small")
    assert other.run("print(small.mean([1.0, 3.0]), small.spread([1.0, 3.0]))").text == "2.0 1.0\n"
    assert set(course.statuses().values()) == {"passed"} and len(course.statuses()) == 3


def test_reference_mode_leaves_the_learners_file_and_progress_alone(course, start_kernel):
    kernel = start_kernel(course, MI_TUTOR_ANSWERS="reference")
    kernel.load()
    kernel.run("from mi_tutor.exercises import small")
    assert kernel.run("small.mean([1.0, 3.0])").text.strip() == "2.0"
    shown = kernel.exercise("mean", SUM)
    assert "Your turn" in shown.text and "○ The mean of 1, 2 and 6 is 3." in shown.text
    assert course.module.read_text() == course.stub.read_text()
    assert not (course.folder / ".mi_tutor/progress.json").exists()


def test_a_guess_is_stored_and_shown_again(course, kernel):
    code = "from mi_tutor.tutor.notebook import predict\npredict('small.guess', 'Which?', ['this', 'that'])\n"
    assert "Your guess first: Which?" in kernel.run(code).text
    kernel.run("from mi_tutor.tutor import progress; progress.store_guess('small.guess', 'that')")
    assert course.progress()["guesses"] == {"small.guess": "that"}
    assert kernel.run(code).widgets


def test_the_failing_card_offers_buttons_where_a_kernel_can_answer(kernel):
    shown = kernel.exercise("mean", SUM)
    assert shown.widgets
    assert isinstance(kernel, Kernel)
