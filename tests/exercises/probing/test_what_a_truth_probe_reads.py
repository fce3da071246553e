"""Checks of probing.what_a_truth_probe_reads: What does the truth probe read?"""

import pytest

from mi_tutor.exercises import probing
from mi_tutor.tutor.judge import chosen


@pytest.mark.exercise("probing.what_a_truth_probe_reads")
def test_the_statement_fits_both_accuracies():
    """The statement explains an accuracy well above one half on one set and far below it on the other."""
    chosen(probing.what_a_truth_probe_reads(), "probing.what_a_truth_probe_reads", "f2da9a31e77fa069")
