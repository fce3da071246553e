"""The text of a tiny made-up course, so that tests of the tutor do not depend on what the chapters teach.

Chapter `small` is plain Python and starts fast; chapter `tensors` has shapes.
"""

SOLUTION_SMALL = '''"""Chapter 01: small numbers. A module to try the tutor on."""

import math

from mi_tutor import exercise

# What the course hands out ready-made.
SCALE = 10


def scaled(value: float) -> float:
    """The value, SCALE times as large."""
    return SCALE * value


@exercise
def mean(values: list[float]) -> float:
    """The arithmetic mean of the values.

    Raises:
        ValueError: there are no values.
    """
    # solution
    if not values:
        raise ValueError("the mean of no values is not defined")
    return sum(values) / len(values)


@exercise
def clip(value: float, low: float = 0.0, high: float = 1.0) -> float:
    """The value, moved to the nearer end where it lies outside low..high."""
    # solution
    return max(low, min(high, value))


@exercise
def spread(values: list[float]) -> float:
    """The root of the mean squared distance of the values from their mean."""
    # solution
    centre = sum(values) / len(values)
    return math.sqrt(sum((value - centre) ** 2 for value in values) / len(values))


@exercise
def centred(values: list[float]) -> list[float]:
    """The values minus their `mean`."""
    # solution
    centre = mean(values)
    return [value - centre for value in values]


@exercise
def which() -> str:
    """Which number says where the values lie? a) the spread b) the mean c) the count"""
    # solution
    return "b"
'''

CATALOGUE_SMALL = """title = "Small numbers"
number = "01"
question = "Does the tutor work?"
minutes = 20
"""

ENTRY = """
[[exercise]]
name = "{name}"
title = "{title}"
kind = "{kind}"
minutes = {minutes}
difficulty = 1
importance = 1
survey = "2.1"
hints = ["first hint for {name}", "last hint for {name}"]
{more}
"""

CATALOGUE_SMALL += ENTRY.format(name="mean", title="The mean", kind="build", minutes=3, more="")
CATALOGUE_SMALL += ENTRY.format(name="clip", title="Clip a value", kind="build", minutes=4, more="")
CATALOGUE_SMALL += ENTRY.format(
    name="spread", title="The spread", kind="mend", minutes=5, more='faulty = "divides_by_one_less"'
)
CATALOGUE_SMALL += ENTRY.format(name="centred", title="Centre the values", kind="build", minutes=3, more="")
CATALOGUE_SMALL += ENTRY.format(name="which", title="Which number?", kind="read", minutes=1, more="")

CHECKS_HEAD_SMALL = '''"""Checks of chapter 01."""

import pytest

from mi_tutor.exercises import small
from mi_tutor.tutor.judge import chosen, raises, same
'''
CHECKS_SMALL = {
    "mean": '''

@pytest.mark.exercise("small.mean")
def test_mean_by_hand():
    """The mean of 1, 2 and 6 is 3."""
    values = [1.0, 2.0, 6.0]
    same(small.mean(values), 3.0, given={"values": values}, teach="Add all values, then divide by how many there are.")


@pytest.mark.exercise("small.mean")
def test_mean_of_one():
    """The mean of one value is that value."""
    same(small.mean([4.0]), 4.0, given={"values": [4.0]})


@pytest.mark.exercise("small.mean")
def test_mean_of_nothing():
    """No values have no mean, and a ValueError says so."""
    with raises(ValueError, teach="Look at the case of no values first."):
        small.mean([])
''',
    "clip": '''

@pytest.mark.exercise("small.clip")
@pytest.mark.parametrize(("value", "expected"), [(0.5, 0.5), (2.0, 1.0), (-1.0, 0.0)])
def test_clip(value, expected):
    """A value outside moves to the nearer end."""
    same(small.clip(value), expected, given={"value": value})
''',
    "spread": '''

@pytest.mark.exercise("small.spread")
def test_spread_by_hand():
    """The spread of 1 and 3 is 1."""
    same(small.spread([1.0, 3.0]), 1.0, given={"values": [1.0, 3.0]})
''',
    "centred": '''

@pytest.mark.exercise("small.centred")
def test_centred_by_hand():
    """1 and 3 centred are -1 and 1."""
    same(small.centred([1.0, 3.0]), [-1.0, 1.0])
''',
    "which": '''

@pytest.mark.exercise("small.which")
def test_which():
    """The letter names the number that says where the values lie."""
    chosen(small.which(), "small.which", "DIGEST")
''',
}

MISCONCEPTIONS_HEAD_SMALL = '''"""Known wrong answers of chapter 01."""

from mi_tutor.tutor.misconceptions import misconception, probe
'''
MISCONCEPTIONS_SMALL = {
    "mean": '''

@probe("small.mean")
def observe_mean(mean):
    """Three inputs on which the recorded mistakes differ."""
    yield mean([1.0, 2.0, 6.0])
    yield mean([5.0, 1.0])
    yield mean([])


@misconception("small.mean", says="You return the sum. A mean does not grow when every value is repeated.")
def returns_the_sum(values):
    return sum(values)


@misconception("small.mean", says="You return the middle value. That is the median.")
def returns_the_median(values):
    return sorted(values)[len(values) // 2]


@misconception("small.mean", says="You divide by one less than the number of values. That belongs to a variance.")
def divides_by_one_less_than_n(values):
    return sum(values) / (len(values) - 1)
''',
    "clip": '''

@probe("small.clip")
def observe_clip(clip):
    """Below, inside and above."""
    for value in (-3.0, 0.25, 7.0):
        yield clip(value, -1.0, 2.0)


@misconception("small.clip", says="You only clip from above.")
def only_from_above(value, low=0.0, high=1.0):
    return min(high, value)


@misconception("small.clip", says="You ignore low and high.")
def ignores_the_ends(value, low=0.0, high=1.0):
    return max(0.0, min(1.0, value))
''',
    "spread": '''

@probe("small.spread")
def observe_spread(spread):
    """Two and three values."""
    yield spread([1.0, 3.0])
    yield spread([0.0, 0.0, 6.0])


@misconception("small.spread", says="You divide by one less than the number of values.")
def divides_by_one_less(values):
    centre = sum(values) / len(values)
    # one less, as in a sample variance
    return (sum((value - centre) ** 2 for value in values) / (len(values) - 1)) ** 0.5


@misconception("small.spread", says="You forget the square root.")
def forgets_the_root(values):
    centre = sum(values) / len(values)
    return sum((value - centre) ** 2 for value in values) / len(values)
''',
    "centred": '''

@probe("small.centred")
def observe_centred(centred):
    """One input."""
    yield centred([1.0, 3.0, 8.0])


@misconception("small.centred", says="You add the mean.")
def adds_the_mean(values):
    return [value + sum(values) / len(values) for value in values]


@misconception("small.centred", says="You subtract the smallest value.")
def subtracts_the_smallest(values):
    return [value - min(values) for value in values]
''',
    "which": '''

@probe("small.which")
def observe_which(which):
    """The letter itself."""
    yield which().strip().lower()


@misconception("small.which", says="The spread says how wide the values lie, not where.")
def chose_a():
    return "a"


@misconception("small.which", says="The count says how many values there are, not where they lie.")
def chose_c():
    return "c"
''',
}

SOLUTION_TENSORS = '''"""Chapter 02: tensors."""

import torch
from jaxtyping import Float
from torch import Tensor

from mi_tutor import exercise


@exercise
def gram(x: Float[Tensor, "batch feature"]) -> Float[Tensor, "feature feature"]:
    """The inner products of the features, feature by feature."""
    # solution
    return x.T @ x
'''

CATALOGUE_TENSORS = """title = "Tensors"
number = "02"
question = "Are shapes told in words?"
minutes = 5
""" + ENTRY.format(name="gram", title="The Gram matrix", kind="build", minutes=5, more="")

CHECKS_HEAD_TENSORS = '''"""Checks of chapter 02."""

import pytest
import torch

from mi_tutor.exercises import tensors
from mi_tutor.tutor.judge import same
'''
CHECKS_TENSORS = {
    "gram": '''

@pytest.mark.exercise("tensors.gram")
def test_gram_by_hand():
    """Two features over three texts have a 2 by 2 Gram matrix."""
    x = torch.tensor([[1.0, 0.0], [1.0, 1.0], [0.0, 2.0]])
    same(tensors.gram(x), torch.tensor([[2.0, 1.0], [1.0, 5.0]]), given={"x": x})
''',
}

MISCONCEPTIONS_HEAD_TENSORS = '''"""Known wrong answers of chapter 02."""

import torch

from mi_tutor.tutor.misconceptions import misconception, probe
'''
MISCONCEPTIONS_TENSORS = {
    "gram": '''

@probe("tensors.gram")
def observe_gram(gram):
    """One matrix that is not square."""
    yield gram(torch.arange(6.0).reshape(3, 2))


@misconception("tensors.gram", says="You compare texts with texts: the result is batch by batch.")
def texts_with_texts(x):
    return x @ x.T


@misconception("tensors.gram", says="You add the features up before you compare them.")
def adds_up_first(x):
    return x.sum(0).outer(x.sum(0))
''',
}

NOTEBOOK_SMALL = """# %% [markdown]
# # Chapter 01: small numbers

# %%
%load_ext mi_tutor

# %%
from mi_tutor.exercises import small

# %% exercise="small.mean"

# %% exercise="small.clip"

# %% exercise="small.spread"

# %% exercise="small.centred"

# %% exercise="small.which"

# %%
small.mean([1.0, 2.0])
"""

NOTEBOOK_TENSORS = """# %% [markdown]
# # Chapter 02: tensors

# %%
%load_ext mi_tutor

# %% exercise="tensors.gram"
"""

# Right answers, written in another way than the reference.
RIGHT = {
    "mean": """def mean(values: list[float]) -> float:
    if len(values) == 0:
        raise ValueError("no values")
    total = 0.0
    for value in values:
        total += value
    return total / len(values)
""",
    "clip": """def clip(value: float, low: float = 0.0, high: float = 1.0) -> float:
    if value < low:
        return low
    return high if value > high else value
""",
    "spread": """def spread(values: list[float]) -> float:
    centre = sum(values) / len(values)
    return (sum((value - centre) ** 2 for value in values) / len(values)) ** 0.5
""",
    "centred": """def centred(values: list[float]) -> list[float]:
    return [value - sum(values) / len(values) for value in values]
""",
    "which": """def which() -> str:
    return "b"
""",
}
