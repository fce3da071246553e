"""`%%exercise` in a real kernel: every cell a learner may run, and what is said about it."""

import pytest
from made_up_course import RIGHT
from real_kernel import Kernel

SUM = "def mean(values: list[float]) -> float:\n    return sum(values)\n"


@pytest.fixture(scope="module")
def one(shared_course):
    """One kernel for the tests of this module; each test brings its own exercise state back with %reset."""
    kernel = Kernel(shared_course)
    kernel.load()
    yield kernel
    kernel.close()


@pytest.fixture(autouse=True)
def clean(one):
    yield
    for name in ("mean", "clip", "spread", "centred"):
        one.run(f"%reset small.{name}")


def test_three_different_mistakes_are_named(one):
    mistakes = {
        "return sum(values)": "You return the sum.",
        "return sorted(values)[len(values) // 2]": "That is the median.",
        "return sum(values) / (len(values) - 1)": "one less than the number of values",
    }
    for body, named in mistakes.items():
        shown = one.exercise("mean", f"def mean(values: list[float]) -> float:\n    {body}\n")
        assert named in shown.text
        assert "Not yet" in shown.text and "The mean of 1, 2 and 6 is 3." in shown.text
        assert shown.error == "" and named in shown.html


def test_the_card_gives_input_expected_and_got(one):
    shown = one.exercise("mean", "def mean(values: list[float]) -> float:\n    return 7.5\n")
    assert "given values: [1, 2, 6]" in shown.text
    assert "expected: 3" in shown.text and "got: 7.5" in shown.text
    assert "Add all values, then divide" in shown.text


def test_what_passes_is_shown_beside_what_fails(one):
    half = "def mean(values: list[float]) -> float:\n    return sum(values) / len(values)\n"
    shown = one.exercise("mean", half)
    assert "2 of 3 checks pass" in shown.text
    assert "✓ The mean of 1, 2 and 6 is 3." in shown.text
    assert "✗ No values have no mean" in shown.text
    assert "ZeroDivisionError" in shown.text and "return sum(values) / len(values)" in shown.text


def test_a_parameter_under_another_name_is_told_in_words(one):
    shown = one.exercise("mean", "def mean(values):\n    return (lambda number: 3.0)(value=values)\n")
    assert "no parameter of the function has exactly that name" in shown.text


CENTRED = "def centred(values: list[float]) -> list[float]:\n    return [value - {} for value in values]\n"
BLAMED = "This calls small.mean, whose own checks fail at the moment. Mend that first."


def test_a_failing_exercise_underneath_is_named(one, shared_course):
    one.exercise("mean", SUM)
    shown = one.exercise("centred", CENTRED.format("mean(values)"))
    assert "Not yet" in shown.text and BLAMED in shown.text and BLAMED in shown.html
    assert shown.text.index(BLAMED) < shown.text.index("First check that fails")
    assert BLAMED in shared_course.tutor("check", "small", COLUMNS="300").stdout
    told = {item["name"]: item["checks"] for item in shared_course.json("small")}
    assert told["small.centred"][0]["message"].startswith(BLAMED)
    assert not any(check["message"].startswith("This calls") for check in told["small.mean"])

    shared_course.write("mean", RIGHT["mean"])  # in an editor, not checked yet
    shown = one.exercise("centred", CENTRED.format("1 - mean(values)"))
    assert "Not yet" in shown.text and "This calls" not in shown.text


def test_a_failing_exercise_is_not_blamed_where_it_is_not_called(one):
    one.exercise("mean", SUM)
    shown = one.exercise("centred", CENTRED.format("min(values)"))
    assert "You subtract the smallest value." in shown.text and "This calls" not in shown.text


def test_checking_leaves_no_note_about_what_it_called(one):
    one.exercise("mean", SUM)
    assert "Take care" not in one.exercise("centred", CENTRED.format("mean(values)")).text
    assert "Take care" not in one.run("%check small.centred").text
    assert "Take care" in one.run("small.mean([1.0])").text


def test_half_done_says_which_path_is_not_written(one):
    code = "def mean(values):\n    if len(values) == 1:\n        return values[0]\n    raise NotImplementedError\n"
    shown = one.exercise("mean", code)
    assert "still has `raise NotImplementedError`" in shown.text and "1 of 3 checks pass" in shown.text


def test_right_names_the_next_step_and_publishes_the_function(one):
    shown = one.exercise("mean", RIGHT["mean"])
    assert "Passed · The mean · all 3 checks" in shown.text
    assert "next exercise is small.clip" in shown.text
    assert one.run("print(mean([2.0, 4.0]))").text == "3.0\n"
    assert one.run("print(small.mean([2.0, 6.0]))").text == "4.0\n"


def test_an_untouched_stub_cell_is_the_learners_turn(one, shared_course):
    stub = shared_course.stub.read_text()
    start = stub.index("@exercise\ndef mean")
    cell = stub[start : stub.index("@exercise\ndef clip")]
    shown = one.exercise("mean", cell)
    assert "Your turn · The mean" in shown.text and "○ The mean of 1, 2 and 6 is 3." in shown.text
    assert shared_course.module.read_text() == stub

    one.exercise("mean", RIGHT["mean"])
    before = shared_course.module.read_bytes()
    shown = one.exercise("mean", cell)
    assert shared_course.module.read_bytes() == before
    assert "untouched stub, so nothing was saved" in shown.text and "--use file" in shown.text
    assert "Passed" in shown.text


def test_cell_and_file_differ_asks_and_both_answers_work(one, shared_course):
    one.exercise("mean", SUM)
    shared_course.write("mean", RIGHT["mean"])
    before = shared_course.module.read_bytes()
    mine = "def mean(values: list[float]) -> float:\n    return 42.0\n"

    shown = one.exercise("mean", mine)
    assert "Two versions" in shown.text and "--use cell" in shown.text and "--use file" in shown.text
    assert shared_course.module.read_bytes() == before

    shown = one.exercise("mean", mine, "--use file")
    assert "total += value" in shown.next_input and shown.next_input.startswith("%%exercise small.mean")
    assert shared_course.module.read_bytes() == before

    shown = one.exercise("mean", mine, "--use cell")
    assert "return 42.0" in shared_course.module.read_text() and "Not yet" in shown.text
    assert "total += value" in one.run("%undo small.mean").text  # the file's version was kept


def test_helpers_constants_and_imports_come_along(one, shared_course):
    code = (
        "import statistics\nfrom math import (\n    fsum,\n)\nDIGITS = 6\noffset = 0.0\n\n"
        "# adds exactly\ndef exact_sum(values):\n    return fsum(values) + offset\n\n"
        "def mean(values: list[float]) -> float:\n"
        "    if not values:\n        raise ValueError('none')\n"
        "    return round(exact_sum(values) / len(values), DIGITS)\n\n"
        "print('the rest of the cell ran:', mean([1.0]), statistics.mean([2]))\n"
    )
    shown = one.exercise("mean", code)
    assert "Passed" in shown.text and "the rest of the cell ran: 1.0 2" in shown.text
    module = shared_course.module.read_text()
    for piece in ("import statistics", "fsum", "DIGITS = 6", "offset = 0.0", "# adds exactly", "def exact_sum"):
        assert piece in module
    assert "the rest of the cell ran" not in module
    assert module.index("def exact_sum") < module.index("def mean")
    assert "# What the course hands out ready-made.\nSCALE = 10" in module  # the rest of the file is untouched


def test_a_helper_and_a_plan_in_comments_survive_being_replaced(one, shared_course):
    module = shared_course.module.read_text()
    plan = module.replace(
        "    raise NotImplementedError", "    # my plan: add, then divide\n    raise NotImplementedError", 1
    )
    shared_course.module.write_text(
        plan.replace("@exercise\ndef mean", "def total(v):\n    return -1\n\n\n@exercise\ndef mean")
    )
    one.exercise("mean", "def total(v):\n    return sum(v)\n\ndef mean(values):\n    return total(values)\n")
    assert "return sum(v)" in shared_course.module.read_text()
    kept = "".join(p.read_text() for p in (shared_course.folder / ".mi_tutor/history").rglob("*.py"))
    assert "my plan: add, then divide" in kept and "return -1" in kept


def test_a_variable_of_the_notebook_does_not_break_the_file(one, shared_course):
    one.run("notebook_values = [1.0, 2.0]")
    code = "numbers = notebook_values + [3.0]\ndef mean(values):\n    return sum(numbers) / 3\n"
    shown = one.exercise("mean", code)
    assert "NameError" in shown.text and "numbers" in shown.text and "another cell" in shown.text
    assert "numbers =" not in shared_course.module.read_text()
    assert "Passed" in one.exercise("clip", RIGHT["clip"]).text


REFUSED = {
    "syntax error": ("def mean(values)\n    return 1\n", ["syntax error on line 2", "`def mean(values)`"]),
    "unfinished bracket": ("def mean(values):\n    return sum((values)\n", ["syntax error", "bracket"]),
    "tabs and spaces": ("def mean(values):\n    x = 1\n\treturn x\n", ["syntax error on line 4"]),
    "return outside": ("def mean(values):\n    x = 1\nreturn x\n", ["'return' outside function", "line 4"]),
    "wrong signature": ("def mean(numbers):\n    return 1\n", ["mean(values)", "mean(numbers)"]),
    "another parameter": ("def mean(values, n):\n    return 1\n", ["mean(values)", "mean(values, n)"]),
    "defines something else": ("def average(values):\n    return 1\n", ["should define `mean`", "`average`"]),
    "defines nothing": ("x = 3\n", ["should define `mean`", "no function"]),
    "another exercise too": (
        "def mean(values):\n    return 1\n\ndef clip(value, low=0.0, high=1.0):\n    return 2\n",
        ["`clip`", "an exercise of its own"],
    ),
    "a class": ("class mean:\n    pass\n", ["plain function"]),
    "async": ("async def mean(values):\n    return 1\n", ["plain function"]),
    "a magic": ("%timeit 1\ndef mean(values):\n    return 1\n", ["notebook command", "another cell"]),
    "a missing package": ("import not_there\ndef mean(values):\n    return 1\n", ["ModuleNotFoundError", "not_there"]),
    "a broken constant": ("BAD = 1 / 0\ndef mean(values):\n    return BAD\n", ["ZeroDivisionError"]),
    "an unknown annotation": ("def mean(values: Numbers):\n    return 1\n", ["NameError", "Numbers"]),
    "a zero byte": ("def mean(values):\n    return '\0'\n", ["Nothing was saved"]),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_a_cell_that_cannot_be_saved_leaves_the_file_as_it_was(one, shared_course, kind):
    code, words = REFUSED[kind]
    before = shared_course.module.read_bytes()
    shown = one.exercise("mean", code)
    assert shared_course.module.read_bytes() == before
    assert shown.error == "" and "The tutor says" in shown.text
    assert "Nothing was saved" in shown.text
    for word in words:
        assert word in shown.text


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("", "%%exercise NAME"),
        ("small.maen", "Did you mean `small.mean`"),
        ("no.such", "no exercise 'no.such'"),
        ("small.mean --use both", "--use cell"),
    ],
)
def test_a_wrong_first_line_is_told(one, line, words):
    shown = one.run(f"%%exercise {line}\ndef mean(values):\n    return 1\n")
    assert words in shown.text and shown.error == ""


def test_a_decorated_function_and_a_docstring_that_mentions_the_marker_are_saved(one, shared_course):
    code = "import functools\n@functools.cache\ndef clip(value, low=0.0, high=1.0):\n"
    code += '    """Needs no @exercise."""\n    return max(low, min(high, value))\n'
    assert "Passed" in one.exercise("clip", code).text
    assert "@exercise\n@functools.cache\ndef clip" in shared_course.module.read_text()


def test_odd_characters_do_not_confuse_the_splice(one, shared_course):
    odd = "def clip(value, low=0.0, high=1.0):\n    note = 'a\u2028b\x0cc'\n    return max(low, min(high, value))\n"
    assert "Passed" in one.exercise("clip", odd).text
    assert "Passed" in one.exercise("mean", RIGHT["mean"]).text
    assert "\u2028" in shared_course.module.read_text()
