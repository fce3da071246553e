"""Checks of superposition.directions_that_fit: How many nearly orthogonal directions fit?"""

import ctypes
import math
import threading

import pytest

from mi_tutor.exercises import superposition
from mi_tutor.tutor.judge import holds, same


def union_bound(count: int, d: int, cosine: float) -> float:
    return count * (count - 1) / 2 * 2 * math.exp(-d * cosine**2 / 2)


@pytest.mark.exercise("superposition.directions_that_fit")
def test_directions_that_fit_by_hand():
    """d = 100, ε = 0.2, failure 1/2: N (N − 1) ≤ 3.69, so two directions."""
    # 0.5 * exp(100 * 0.04 / 2) = 0.5 * 7.389 = 3.69; 2 * 1 = 2 fits, 3 * 2 = 6 does not
    same(
        superposition.directions_that_fit(100, 0.2),
        2,
        given={"d": 100, "cosine": 0.2, "failure": 0.5},
        teach="Two directions make one pair: the bound is 2 · exp(−2) = 0.27. Three make three pairs: 0.81, above 1/2.",
    )


@pytest.mark.exercise("superposition.directions_that_fit")
def test_directions_that_fit_smollm2():
    """In SmolLM2's 576 dimensions with |cosine| at most 0.2 the bound gives 224 directions."""
    same(
        superposition.directions_that_fit(576, 0.2),
        224,
        given={"d": 576, "cosine": 0.2, "failure": 0.5},
        teach="N (N − 1) ≤ 0.5 · exp(11.52) = 50,355 holds for N = 224 (49,952) and not for N = 225 (50,400).",
    )


@pytest.mark.exercise("superposition.directions_that_fit")
@pytest.mark.parametrize(
    "d, cosine, failure", [(40, 0.5, 0.9), (300, 0.25, 0.1), (10, 0.516, 0.5), (50, 0.1, 0.01), (128, 0.4, 0.5)]
)
def test_directions_that_fit_is_the_largest(d, cosine, failure):
    """N satisfies the bound and N + 1 does not."""
    count = superposition.directions_that_fit(d, cosine, failure)
    given = {"d": d, "cosine": cosine, "failure": failure}
    holds(count >= 1, "One direction always fits: it makes no pair.", given=given, got=count, expected="at least 1")
    holds(
        union_bound(count, d, cosine) <= failure,
        "The union bound is above `failure` for this N.",
        given=given,
        got=count,
    )
    holds(
        union_bound(count + 1, d, cosine) > failure,
        "One more direction would still satisfy the bound.",
        given=given,
        got=count,
    )


class CutOff(Exception):
    """Thrown into a call that takes too long."""


def within(seconds: float, function, *arguments):
    """The result of a call, or None when it takes longer: then it is cut off (at its next line of Python)."""
    ended = {}

    def call():
        try:
            ended["result"] = function(*arguments)
        except BaseException as error:  # handed to the thread that waits
            ended["error"] = error

    thread = threading.Thread(target=call, daemon=True)
    thread.start()
    thread.join(seconds)
    if thread.is_alive():
        ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread.ident), ctypes.py_object(CutOff))
        thread.join(seconds)
        return None
    if "error" in ended:
        raise ended["error"]
    return ended["result"]


@pytest.mark.exercise("superposition.directions_that_fit")
def test_directions_that_fit_without_counting():
    """In 4096 dimensions with |cosine| at most 0.4 about 10^71 directions fit, and the answer comes at once."""
    given = {"d": 4096, "cosine": 0.4, "failure": 0.5}
    count = within(2.0, superposition.directions_that_fit, 4096, 0.4)
    holds(
        count is not None,
        "After two seconds there was no answer, so the call was cut off. Counting up to 10^71 never ends: solve the "
        "inequality for N.",
        given=given,
    )
    holds(count >= 1, "One direction always fits: it makes no pair.", given=given, got=count, expected="at least 1")
    same(
        math.log10(count),
        (math.log(0.5) + 4096 * 0.4**2 / 2) / 2 / math.log(10),
        atol=1e-6,
        what="logarithm of N to base 10",
        given=given,
        teach="For large N, N (N − 1) is nearly N², and the bound holds up to N² = failure · exp(d ε² / 2).",
    )


@pytest.mark.exercise("superposition.directions_that_fit")
def test_directions_that_fit_is_an_exponential():
    """Twice the dimensions square the number: room grows exponentially with d."""
    one, two = superposition.directions_that_fit(200, 0.3, 1.0), superposition.directions_that_fit(400, 0.3, 1.0)
    holds(
        abs(math.log(two) / math.log(max(one, 2)) - 2) < 0.02,
        "log N should grow in proportion to d.",
        given={"cosine": 0.3, "failure": 1.0},
        expected="log N(400) / log N(200) = 2",
        got=math.log(two) / math.log(max(one, 2)),
    )
