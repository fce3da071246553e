"""Checks of patching.which_conclusion: What does a causal trace allow?"""

import pytest

from mi_tutor.exercises import patching
from mi_tutor.tutor.judge import chosen


@pytest.mark.exercise("patching.which_conclusion")
def test_the_conclusion_claims_no_more_than_was_done():
    """The statement follows from this experiment and needs no other."""
    chosen(patching.which_conclusion(), "patching.which_conclusion", "58204eb1ae544923")
