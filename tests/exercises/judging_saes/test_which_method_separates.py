"""Checks of judging_saes.which_method_separates: Which method separates two properties?"""

import pytest

from mi_tutor.exercises import judging_saes
from mi_tutor.tutor.judge import chosen


@pytest.mark.exercise("judging_saes.which_method_separates")
def test_the_scores_are_read_with_their_baselines():
    """The statement reads each score beside what doing nothing and doing everything give."""
    chosen(judging_saes.which_method_separates(), "judging_saes.which_method_separates", "51ee812b9a336639")
