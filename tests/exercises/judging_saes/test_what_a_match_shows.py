"""Checks of judging_saes.what_a_match_shows: What does a match show?"""

import pytest

from mi_tutor.exercises import judging_saes
from mi_tutor.tutor.judge import chosen


@pytest.mark.exercise("judging_saes.what_a_match_shows")
def test_what_two_saes_in_common_show():
    """The statement claims what the two numbers show, and nothing more."""
    chosen(judging_saes.what_a_match_shows(), "judging_saes.what_a_match_shows", "d599e92f959fdc36")
