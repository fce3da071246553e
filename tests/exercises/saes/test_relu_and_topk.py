"""Checks of saes.relu_and_topk: Which comes first, ReLU or TopK?"""

import pytest

from mi_tutor.exercises import saes
from mi_tutor.tutor.judge import chosen


@pytest.mark.exercise("saes.relu_and_topk")
def test_the_order_of_relu_and_topk():
    """The statement holds for the row in the question and for every other row."""
    chosen(saes.relu_and_topk(), "saes.relu_and_topk", "412a24ee186432cf")
