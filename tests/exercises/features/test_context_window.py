"""Checks of features.context_window: Show a token in its context."""

import pytest

from mi_tutor.exercises import features
from mi_tutor.tutor.judge import raises, same

WORDS = ["The", " cat", " sat", " on", " the", " mat", "."]


@pytest.mark.exercise("features.context_window")
def test_window_in_the_middle():
    """Two tokens on each side of a token in the middle."""
    same(
        features.context_window(WORDS, 3, 2),
        (" cat sat", " on", " the mat"),
        given={"tokens": WORDS, "pos": 3, "radius": 2},
        teach="The token itself is in neither side, and both sides have `radius` tokens.",
    )


@pytest.mark.exercise("features.context_window")
def test_window_at_the_start():
    """At the start of the text the left side is what there is."""
    same(
        features.context_window(WORDS, 1, 3),
        ("The", " cat", " sat on the"),
        given={"tokens": WORDS, "pos": 1, "radius": 3},
        teach="pos - radius is negative here, and Python counts a negative start from the end of the list.",
    )
    same(
        features.context_window(WORDS, 0, 2),
        ("", "The", " cat sat"),
        given={"tokens": WORDS, "pos": 0, "radius": 2},
        teach="Position 0 is the first token of the text. Nothing stands before it.",
    )


@pytest.mark.exercise("features.context_window")
def test_window_at_the_end():
    """At the end of the text the right side is what there is."""
    same(
        features.context_window(WORDS, 6, 2),
        (" the mat", ".", ""),
        given={"tokens": WORDS, "pos": 6, "radius": 2},
        teach="Nothing follows the last token.",
    )


@pytest.mark.exercise("features.context_window")
@pytest.mark.parametrize("pos", [7, -1])
def test_position_outside_the_text(pos):
    """A position that is not in the text is refused with a ValueError."""
    with raises(ValueError, teach="A negative position would silently show a token from the end of the text."):
        features.context_window(WORDS, pos, 2)
