"""Every statement can go missing, each in its own version."""

import ast

from mi_tutor.tutor.author.deletions import deletions

SOURCE = '''
def total(values, floor=None):
    """The sum of the values, at least `floor`."""
    if floor is None:
        floor = 0
    else:
        check(floor)
        log(floor)
    for value in values:
        floor += value
    return floor
'''


def left_over() -> dict[str, str]:
    function = ast.parse(SOURCE).body[0]
    return {d.text: ast.unparse(ast.Module(body=d.rest.body[1:], type_ignores=[])) for d in deletions(function)}


def test_each_statement_goes_missing_once():
    texts = list(left_over())
    assert sorted(texts) == sorted(
        [
            "if floor is None: …",
            "for value in values: …",
            "return floor",
            "floor = 0",
            "check(floor)",
            "log(floor)",
            "floor += value",
        ]
    )


def test_the_docstring_stays():
    function = ast.parse(SOURCE).body[0]
    assert all(ast.get_docstring(d.rest) for d in deletions(function))


def test_an_emptied_block_passes():
    assert "for value in values:\n    pass" in left_over()["floor += value"]
    assert "if floor is None:\n    pass" in left_over()["floor = 0"]


def test_a_whole_branch_can_go():
    function = ast.parse(SOURCE).body[0]
    without = [ast.unparse(d.rest) for d in deletions(function)]
    assert any("else" not in text and "if floor is None:\n        floor = 0" in text for text in without)
    assert len(without) == len(set(without)) == 8


def test_inner_functions_count():
    inner = ast.parse("def outer():\n    def inner(x):\n        y = x\n        return y\n    return inner").body[0]
    assert [d.line for d in deletions(inner)] == [2, 5, 3, 4]
