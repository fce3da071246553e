"""Checks of ablation.which_reading: What do these ablations say?"""

import pytest

from mi_tutor.exercises import ablation
from mi_tutor.tutor.judge import chosen


@pytest.mark.exercise("ablation.which_reading")
def test_the_reading_fits_all_measurements():
    """The statement agrees with every number of the section, and claims nothing that was not measured."""
    chosen(ablation.which_reading(), "ablation.which_reading", "4ee90f4ef7d44644")
