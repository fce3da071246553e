"""Checks of probing.encoded_or_used: Encoded, or used?"""

import pytest

from mi_tutor.exercises import probing
from mi_tutor.tutor.judge import chosen


@pytest.mark.exercise("probing.encoded_or_used")
def test_the_statement_goes_no_further():
    """The statement agrees with the probes and with the answers, and claims nothing about what was not measured."""
    chosen(probing.encoded_or_used(), "probing.encoded_or_used", "4b88d8455eec42e7")
