"""Checks of saes.three_strange_latents: Dense, dead and rare."""

import pytest

from mi_tutor.exercises import saes
from mi_tutor.tutor.judge import chosen


@pytest.mark.exercise("saes.three_strange_latents")
def test_dense_dead_and_rare():
    """The statement says no more about the three latents than the numbers do."""
    chosen(saes.three_strange_latents(), "saes.three_strange_latents", "4e69660f95975c49")
