"""Splicing, transplanting and salvaging source text: small cases, worked out by hand."""

import pytest

from mi_tutor.tutor import salvage, syntax, transplant
from mi_tutor.tutor.problems import CellProblem

MODULE = '''"""Doc."""

import math

from mi_tutor import exercise

# a comment that stays
LIMIT = 3  # and this one


# about f
@exercise
def f(x):
    """Doc of f."""
    raise NotImplementedError


def given(x):
    return x   # odd   spacing stays


@exercise
def g(x):
    """Doc of g."""
    raise NotImplementedError
'''


def spliced(cell: str, name: str = "f", module: str = MODULE) -> str:
    return syntax.splice(module, syntax.read_cell(cell, name, set()), name)


def test_everything_but_the_function_stays_byte_for_byte():
    new = spliced("@exercise\ndef f(x):\n    return x + 1\n")
    before, after = MODULE.split("# about f")[0], MODULE.split("def given")[1]
    assert new.startswith(before) and new.endswith("def given" + after)
    assert "return x + 1" in new


def test_splicing_twice_is_splicing_once():
    cell = "import os\nN = 2\ndef helper(x):\n    return N * x\n\ndef f(x):\n    return helper(x)\n"
    once = spliced(cell)
    assert spliced(cell, module=once) == once


def test_a_function_that_stood_twice_stands_once():
    doubled = MODULE + "\n\n@exercise\ndef f(x):\n    return 0\n"
    new = spliced("def f(x):\n    return 5\n", module=doubled)
    assert new.count("def f(") == 1 and "return 5" in new


def test_a_function_that_was_lost_is_put_at_the_end():
    lost = MODULE.split("# about f")[0]
    assert spliced("def f(x):\n    return 5\n", module=lost).endswith("@exercise\ndef f(x):\n    return 5\n")


def test_a_future_import_goes_to_the_top():
    new = spliced("from __future__ import annotations\nimport os\ndef f(x: Nothing):\n    return os.sep\n")
    compile(new, "m", "exec")
    assert new.index("from __future__") < new.index("import math") < new.index("import os")


def test_an_import_that_is_there_is_not_repeated():
    new = spliced("import math\nfrom mi_tutor import exercise\n@exercise\ndef f(x):\n    return math.pi\n")
    assert new.count("import math") == 1 and new.count("from mi_tutor import exercise") == 1


def test_only_assignments_that_the_function_uses_come_along():
    cell = syntax.read_cell(
        "scale = 2.0\nscaled = scale * 3\nexample = [1, 2]\nTABLE = {'a': 1}\nfrom_notebook = data[0]\n"
        "def helper(v):\n    return v * scaled\n\ndef f(x):\n    y = 1\n    return helper(x) + from_notebook\n\n"
        "f(example)\n",
        "f",
        set(),
    )
    assert {name for name, _ in cell.companions} == {"scale", "scaled", "TABLE", "helper"}
    assert "example = [1, 2]" in cell.afterwards and "from_notebook = data[0]" in cell.afterwards
    assert cell.afterwards.endswith("f(example)")


def test_a_local_variable_of_the_same_name_does_not_pull_a_notebook_variable_in():
    cell = syntax.read_cell("y = 3\ndef f(x):\n    y = x\n    return y\n", "f", set())
    assert cell.companions == [] and cell.afterwards == "y = 3"


@pytest.mark.parametrize(
    "text", ["return 1\n", "x = (\n", "\0", "def f(:\n", "<<<<<<< HEAD\nx\n=======\ny\n>>>>>>> b\n", "(" * 500]
)
def test_what_python_cannot_read_is_one_sentence(text):
    with pytest.raises(CellProblem) as caught:
        syntax.parse(text, "mi_tutor/exercises/x.py")
    assert "mi_tutor/exercises/x.py" in str(caught.value) and "mi_tutor mend" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_comments_and_layout_and_docstring_do_not_change_a_fingerprint():
    one = "def f(x):\n    return x+1\n"
    other = 'def f(x: int) -> int:\n    """New."""\n    # why\n    return (x\n            + 1)\n'
    assert syntax.fingerprint(one, "f") == syntax.fingerprint(other, "f")
    assert syntax.fingerprint(one, "f") != syntax.fingerprint("def f(x):\n    return x+2\n", "f")


# Transplanting


def test_work_moves_into_the_new_module_and_the_rest_is_the_courses():
    mine = MODULE.replace('"""Doc of f."""\n    raise NotImplementedError', '"""Doc of f."""\n    return own(x)')
    mine = mine.replace("# about f", "def own(x):\n    return -x\n\n\n# about f").replace("import math", "import cmath")
    new = MODULE.replace("Doc of f", "Better doc of f").replace("return x   #", "return 2 * x   #")
    outcome = transplant.transplant(mine, MODULE, new)
    assert outcome.kept == ["f"] and outcome.companions == ["own"] and outcome.set_aside == []
    assert "return own(x)" in outcome.text and "Better doc of f" in outcome.text and "import cmath" in outcome.text
    assert "return 2 * x" in outcome.text and outcome.text.index("def own") < outcome.text.index("def f(")


def test_nothing_changed_gives_the_new_module_unchanged():
    new = MODULE.replace("LIMIT = 3", "LIMIT = 4")
    assert transplant.transplant(MODULE, MODULE, new).text == new


def test_a_helper_that_both_changed_is_the_courses_and_said():
    mine, new = (MODULE.replace("return x   #", f"return {n} * x   #") for n in (2, 3))
    outcome = transplant.transplant(mine, MODULE, new)
    assert outcome.set_aside == ["given"] and outcome.text == new


def test_a_helper_that_only_the_learner_changed_stays():
    mine = MODULE.replace("return x   #", "return 2 * x   #")
    new = MODULE.replace("LIMIT = 3", "LIMIT = 4")
    outcome = transplant.transplant(mine, MODULE, new)
    assert "return 2 * x" in outcome.text and "LIMIT = 4" in outcome.text


def test_another_signature_and_a_vanished_exercise_are_told_apart():
    mine = MODULE.replace('"""Doc of f."""\n    raise NotImplementedError', '"""Doc of f."""\n    return 1')
    mine = mine.replace('"""Doc of g."""\n    raise NotImplementedError', '"""Doc of g."""\n    return 2')
    new = MODULE.replace("def f(x)", "def f(x, y)").split("@exercise\ndef g")[0]
    outcome = transplant.transplant(mine, MODULE, new)
    assert outcome.other_signature == ["f"] and outcome.gone == ["g"] and outcome.kept == []


def test_a_loose_line_is_set_aside_and_named():
    outcome = transplant.transplant(MODULE + "\nprint('hello')\n", MODULE, MODULE)
    assert outcome.set_aside == ["the line `print('hello')`"]


# Salvaging


def test_sound_statements_of_a_broken_file():
    broken = MODULE.replace("return x   #", "return (x   #")
    sound = salvage.sound_statements(broken)
    assert {"f", "g", "LIMIT"} <= transplant.names_in(sound) and "given" not in transplant.names_in(sound)


def test_conflict_sides_with_and_without_the_common_ancestor():
    text = "a\n<<<<<<< HEAD\nmine\n||||||| base\nold\n=======\ntheirs\n>>>>>>> Stashed changes\nz\n"
    sides = salvage.conflict_sides(text)
    assert sides.ours == "a\nmine\nz\n" and sides.theirs == "a\ntheirs\nz\n" and sides.mine_is_theirs
    assert salvage.conflict_sides("x = '======='\n") is None


def test_the_learners_side_is_the_one_with_work_whatever_its_label():
    head = MODULE.split('    """Doc of g."""')
    hole, work = "    raise NotImplementedError\n", "    return 7\n"
    for first, second in ((hole, work), (work, hole)):
        text = head[0] + f'    """Doc of g."""\n<<<<<<< one\n{first}=======\n{second}>>>>>>> two\n'
        assert "return 7" in salvage.readable_part(text.encode(), MODULE, MODULE)


def test_free_names_beside_a_notebook(tmp_path):
    path = tmp_path / "01_x.ipynb"
    names = []
    for _ in range(3):
        names.append(salvage.beside(path).name)
        salvage.beside(path).touch()
    assert names == ["01_x.mine.ipynb", "01_x.mine-2.ipynb", "01_x.mine-3.ipynb"]
