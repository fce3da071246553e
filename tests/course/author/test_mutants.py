"""Each kind of mutant is made where it can be made, and nowhere else; it reads as the author would have written it."""

import ast

import pytest

from mi_tutor.tutor.author.mutants import einsum, making


def made(statement: str, *, kind: str | None = None, arguments: str = "x, y, n") -> list[str]:
    """The mutants of a function with one statement, as text."""
    source = f'def f({arguments}):\n    """Text that stays."""\n    {statement}\n'
    function = ast.parse(source).body[0]
    found = making.mutants("chapter.f", function, source.splitlines())
    return [mutant.after for mutant in found if kind in (None, mutant.kind)]


KINDS = {
    "operators swapped": {
        "return x + y": ["return x - y"],
        "return x @ y": ["return x * y"],
        "return ~x & y": ["return (~x | y)", "return x & y"],
        "return not x or y": ["return not x and y", "return x or y"],
        "x += y": ["x -= y"],
        "return x < y": [],
    },
    "axes changed": {
        "return x.mean(dim=1)": ["return x.mean(dim=0)", "return x.mean(dim=2)"],
        "return x.sum(-1)": ["return x.sum(-2)"],
        "return x.sum(dim=(0, 2))": [
            *("return x.sum(dim=(1, 2))", "return x.sum(dim=(2,))"),
            *("return x.sum(dim=(0, 0))", "return x.sum(dim=(0, 1))", "return x.sum(dim=(0, 3))"),
            "return x.sum(dim=(0,))",
        ],
        "return x.norm(dim=0, keepdim=True)": [
            "return x.norm(dim=1, keepdim=True)",
            "return x.norm(dim=0)",
        ],
        "return torch.softmax(x, 1)": ["return torch.softmax(x, 0)", "return torch.softmax(x, 2)"],
        "return x.topk(3, 0)": ["return x.topk(3, 1)"],
        "return x.T": ["return x"],
        "return x[:, None]": ["return x[None, :]", "return x[:,]"],
        "return x[y, n]": ["return x[n, y]"],
    },
    "einsum letters": {
        'return torch.einsum("ab,b->a", x, y)': [
            "return torch.einsum('ba,b->a', x, y)",
            "return torch.einsum('bb,b->a', x, y)",
            "return torch.einsum('aa,b->a', x, y)",
            "return torch.einsum('ab,a->a', x, y)",
            "return torch.einsum('ab,b->b', x, y)",
        ],
    },
    "comparisons, boundaries": {
        "return x < y": ["return x <= y", "return x > y"],
        "return x == y": ["return x != y"],
        "return x[:n]": ["return x[:n + 1]", "return x[:n - 1]", "return x[:]"],
        "return range(n)": ["return range(n + 1)", "return range(n - 1)"],
    },
    "reductions": {
        "return x.sum()": ["return x.mean()"],
        "return x.mean(1)": ["return x.sum(1)"],
        "return max(x, y)": ["return min(x, y)"],
        "return sum(x)": [],
        'return reduce(x, "a b -> a", "sum")': ["return reduce(x, 'a b -> a', 'mean')"],
    },
    "constants": {
        "return x * 2": ["return x * 3", "return x * 1"],
        "return x + 1e-9": ["return x + 1.000000001", "return x + 0.0"],
        "return x == 'word'": ["return x == 'word_'"],
        "return f(x, True)": ["return f(x, False)"],
        "return 'd'": ["return 'a'"],
        "return torch.zeros(n)": ["return torch.ones(n)"],
        "return x.masked_fill(y, -torch.inf)": ["return x.masked_fill(y, -0.0)"],
    },
    "operands dropped": {
        "return x + y": ["return x", "return y"],
        "return x and y and n": ["return y and n", "return x and n", "return x and y"],
        "return 0 <= x < n": ["return 0 <= x", "return x < n"],
        "return x if n else y": ["return x", "return y"],
        "return x.abs()": ["return x"],
        "return float(x)": [],
        "return torch.where(n, x, y)": ["return x", "return y"],
        "return {'one': x, 'two': y}": ["return {'two': y}", "return {'one': x}"],
        "return [one for one in x if one]": ["return [one for one in x]"],
        "return x[n]": ["return x"],
    },
    "arguments dropped, swapped": {
        "return f(x, y)": ["return f(y)", "return f(x)", "return f(y, x)"],
        "return f(x, key=y)": ["return f(key=y)", "return f(x)"],
        "return x, y": ["return (y, x)"],
        "return x - y": ["return y - x"],
        "return max(x, y)": ["return max(y)", "return max(x)"],
    },
}


@pytest.mark.parametrize(
    ("kind", "statement"), [(kind, statement) for kind, statements in KINDS.items() for statement in statements]
)
def test_kind(kind, statement):
    assert sorted(made(statement, kind=kind)) == sorted(KINDS[kind][statement])


def test_every_kind_is_tried():
    assert set(KINDS) == set(making.KINDS)


def test_a_deleted_statement():
    assert made("return x", kind=making.DELETED) == ["without: return x"]


def test_what_is_said_and_promised_stays():
    source = '''
def f(x: Float[Tensor, "a b"], y: int = 3) -> Float[Tensor, "a"]:
    """Up to 7 things."""
    def inner(z: Float[Tensor, "a"], w: int = 4) -> int:
        """All 8."""
        raise ValueError(f"{x + 1} is more than {2 * y}")
    return inner
'''
    mutants = list(making.mutants("chapter.f", ast.parse(source).body[0], source.splitlines()))
    assert {mutant.kind for mutant in mutants} == {making.DELETED}


def test_no_mutant_comes_twice_and_none_is_the_reference():
    source = "def f(x, y):\n    return (x - y).sum(dim=0) / y.sum(dim=0)\n"
    function = ast.parse(source).body[0]
    texts = [ast.unparse(mutant.node) for mutant in making.mutants("chapter.f", function, source.splitlines())]
    assert len(texts) == len(set(texts)) > 15
    assert ast.unparse(function) not in texts


def test_a_mutant_knows_its_place_and_reads_on_one_line():
    source = "def f(x, y):\n    if x:\n        return (\n            x\n            + y\n        )\n    return y\n"
    mutants = list(making.mutants("chapter.f", ast.parse(source).body[0], source.splitlines()))
    minus = next(mutant for mutant in mutants if "-" in mutant.after)
    assert (minus.where, minus.before, minus.after) == (
        "solutions/chapter.py:4",
        "return ( x + y )",
        "return ( x - y )",
    )
    assert "if not x:" not in [mutant.after for mutant in mutants]


def test_what_python_cannot_read_is_left_out():
    assert all(ast.parse(ast.unparse(ast.parse(text.removeprefix("without: ")))) for text in made("return f(*x, y)"))


def test_einops_has_words_for_letters():
    assert "batch pos -> pos" in list(einsum.other_patterns("batch pos -> batch", letters=False))
    assert "pos batch -> batch" in list(einsum.other_patterns("batch pos -> batch", letters=False))
