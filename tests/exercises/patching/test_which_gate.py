"""Checks of patching.which_gate: What stands between two parts?"""

import pytest

from mi_tutor.exercises import patching
from mi_tutor.tutor.judge import chosen


@pytest.mark.exercise("patching.which_gate")
def test_the_gate_fits_all_six_numbers():
    """The statement predicts all six numbers."""
    chosen(patching.which_gate(), "patching.which_gate", "2998cb17d7f20b57")
