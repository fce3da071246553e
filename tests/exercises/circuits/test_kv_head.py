"""Checks of circuits.kv_head: Heads that share keys and values."""

import pytest

from mi_tutor.exercises import circuits
from mi_tutor.tutor.judge import raises, same


@pytest.mark.exercise("circuits.kv_head")
def test_neighbours_share_a_key_value_head():
    """With 8 query heads and 2 key-value heads, heads 0 to 3 use the first and heads 4 to 7 the second."""
    same(
        [circuits.kv_head(head, 8, 2) for head in range(8)],
        [0, 0, 0, 0, 1, 1, 1, 1],
        given={"n_heads": 8, "n_kv_heads": 2, "head": "0 to 7"},
        teach="Consecutive heads form a group, and a group shares one key-value head. How many heads are in a group?",
    )


@pytest.mark.exercise("circuits.kv_head")
def test_one_for_each_or_one_for_all():
    """With as many key-value heads as heads each has its own; with a single one all share it."""
    same(
        [circuits.kv_head(3, 4, 4), circuits.kv_head(2, 4, 4), circuits.kv_head(3, 4, 1)],
        [3, 2, 0],
        given={"calls": "(3, 4, 4), (2, 4, 4), (3, 4, 1)"},
        teach="Ordinary attention has groups of one; multi-query attention has one group.",
    )


@pytest.mark.exercise("circuits.kv_head")
def test_the_heads_of_smollm2():
    """SmolLM2's heads 3, 4 and 5 share key-value head 1."""
    same(
        [circuits.kv_head(head, 9, 3) for head in range(9)],
        [0, 0, 0, 1, 1, 1, 2, 2, 2],
        given={"n_heads": 9, "n_kv_heads": 3, "head": "0 to 8"},
        teach="9 heads in 3 groups of 3.",
    )


@pytest.mark.exercise("circuits.kv_head")
@pytest.mark.parametrize("head", [9, -1])
def test_a_head_that_does_not_exist(head):
    """A head that is not in the layer is refused with a ValueError."""
    with raises(ValueError, teach=f"Head {head} of 9: an answer would be used as an index and look right."):
        circuits.kv_head(head, 9, 3)
