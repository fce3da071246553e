"""Checks of saes.one_latent_or_three: How many features are there?"""

import pytest

from mi_tutor.exercises import saes
from mi_tutor.tutor.judge import chosen


@pytest.mark.exercise("saes.one_latent_or_three")
def test_what_splitting_shows():
    """The statement follows from the facts given and claims nothing else."""
    chosen(saes.one_latent_or_three(), "saes.one_latent_or_three", "a29d6e3937917898")
