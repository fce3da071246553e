"""Checks of circuits.what_a_small_attribution_means: Read: no direct effect, large effect."""

import pytest

from mi_tutor.exercises import circuits
from mi_tutor.tutor.judge import chosen


@pytest.mark.exercise("circuits.what_a_small_attribution_means")
def test_both_numbers_are_explained():
    """The statement explains the small attribution and the large effect together."""
    chosen(circuits.what_a_small_attribution_means(), "circuits.what_a_small_attribution_means", "17b192fe4d28199e")
