"""Checks of patching.window_layers: Which layers does a window hold?"""

import pytest

from mi_tutor.exercises import patching
from mi_tutor.tutor.judge import raises, same


@pytest.mark.exercise("patching.window_layers")
def test_windows_in_the_middle():
    """A window of 1 is the layer itself, a window of 5 has two on each side."""
    for window, expected in ((1, [6]), (3, [5, 6, 7]), (5, [4, 5, 6, 7, 8])):
        same(
            patching.window_layers(6, window, 12),
            expected,
            given={"layer": 6, "window": window, "n_layers": 12},
            teach="window is the number of layers in all.",
        )


@pytest.mark.exercise("patching.window_layers")
def test_even_windows():
    """With an even number one more layer lies below the centre than above."""
    same(
        patching.window_layers(15, 10, 30),
        list(range(10, 20)),
        given={"layer": 15, "window": 10, "n_layers": 30},
        teach="Ten layers around 15: five below it, the layer itself, four above.",
    )


@pytest.mark.exercise("patching.window_layers")
def test_windows_at_the_ends():
    """What lies outside the model is left out; the window does not move."""
    for layer, expected in ((0, [0, 1]), (1, [0, 1, 2]), (11, [10, 11])):
        same(
            patching.window_layers(layer, 3, 12),
            expected,
            given={"layer": layer, "window": 3, "n_layers": 12},
            teach="What lies outside is dropped and nothing comes in its place: at the ends windows are smaller.",
        )
    same(patching.window_layers(2, 9, 4), [0, 1, 2, 3], given={"layer": 2, "window": 9, "n_layers": 4})


@pytest.mark.exercise("patching.window_layers")
def test_refusals():
    """A layer that the model does not have, and a window of none, are refused."""
    for layer, window in ((12, 3), (-1, 3), (3, 0)):
        with raises(
            ValueError,
            teach="Layers count from 0 to n_layers - 1, and a window holds at least one. Refuse all else.",
            given={"layer": layer, "window": window, "n_layers": 12},
        ):
            patching.window_layers(layer, window, 12)
