"""Checks of features.which_view: Three views of one neuron."""

import pytest

from mi_tutor.exercises import features
from mi_tutor.tutor.judge import chosen


@pytest.mark.exercise("features.which_view")
def test_the_statement_fits_all_three_views():
    """The statement fits the top examples, the AUROC and the whole distribution."""
    chosen(features.which_view(), "features.which_view", "1bdc0ad0b3d99972")
