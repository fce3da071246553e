"""Checks of circuits.which_conclusion: What do the two ablations say?"""

import pytest

from mi_tutor.exercises import circuits
from mi_tutor.tutor.judge import chosen


@pytest.mark.exercise("circuits.which_conclusion")
def test_the_conclusion_fits_all_measurements():
    """The statement agrees with every number of the section, and claims nothing that was not measured."""
    chosen(circuits.which_conclusion(), "circuits.which_conclusion", "79c1fb8c3158a15e")
