"""Checks of superposition.what_feature_7_says: What does the ReLU let through?"""

import pytest

from mi_tutor.exercises import superposition
from mi_tutor.tutor.judge import chosen


@pytest.mark.exercise("superposition.what_feature_7_says")
def test_what_feature_7_says():
    """The output of feature 7 when only its antipode is active."""
    chosen(superposition.what_feature_7_says(), "superposition.what_feature_7_says", "e6ec905e92eb2d26")
