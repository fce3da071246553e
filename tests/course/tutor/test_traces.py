"""A traceback is told in lines of the learner's own function, counted from its `def`."""

import linecache

from mi_tutor.tutor.traces import learner_lines

SOURCE = """import functools


@functools.cache
def outer(x):
    def inner(y):
        return y / 0
    return [inner(y) for y in [x]]


def plain(x):
    return outer(x)


quick = lambda x: plain(x)
"""


def failing(tmp_path, call: str) -> list[str]:
    file = tmp_path / "learners.py"
    file.write_text(SOURCE)
    linecache.clearcache()
    names: dict = {}
    exec(compile(SOURCE, str(file), "exec"), names)
    try:
        eval(call, names)
    except ZeroDivisionError as error:
        return learner_lines(error.__traceback__, str(file))
    raise AssertionError("the learner's code must fail")


def test_lines_count_from_the_def(tmp_path):
    lines = failing(tmp_path, "plain(1)")
    assert lines[0] == "plain, line 2 (line 12 of the file): return outer(x)"
    assert lines[1] == "outer, line 4 (line 8 of the file): return [inner(y) for y in [x]]"
    assert lines[-1] == "inner, line 3 (line 7 of the file): return y / 0"


def test_a_lambda_of_the_module_is_a_function_of_its_own(tmp_path):
    assert failing(tmp_path, "quick(1)")[0] == "<lambda>, line 1 (line 15 of the file): quick = lambda x: plain(x)"
