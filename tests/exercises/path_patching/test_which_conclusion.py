"""Checks of path_patching.which_conclusion: What do the two results say?"""

import pytest

from mi_tutor.exercises import path_patching
from mi_tutor.tutor.judge import chosen


@pytest.mark.exercise("path_patching.which_conclusion")
def test_the_conclusion_fits_both_directions():
    """The conclusion agrees with both results, and claims nothing that was not measured."""
    chosen(path_patching.which_conclusion(), "path_patching.which_conclusion", "5ae63d59cff77304")
