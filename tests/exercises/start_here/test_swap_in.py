"""Checks of start_here.swap_in: Change one thing."""

import pytest
import torch

from mi_tutor.exercises import start_here
from mi_tutor.tutor.judge import same, seeded


@pytest.mark.exercise("start_here.swap_in")
def test_exchanges_one_position():
    """Position 1 of one text becomes the new vector; positions 0 and 2 stay."""
    activation = torch.tensor([[[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]])
    replacement = torch.tensor([[7.0, -8.0]])
    same(
        start_here.swap_in(activation.clone(), 1, replacement),
        torch.tensor([[[1.0, 2.0], [7.0, -8.0], [5.0, 6.0]]]),
        given={"activation": activation, "position": 1, "replacement": replacement},
        teach="Only the vector at `position` is exchanged, and the new vector takes its place whole.",
    )


@pytest.mark.exercise("start_here.swap_in")
def test_each_text_gets_its_own_vector():
    """With two texts, position 2 of text i becomes replacement[i]."""
    activation = torch.arange(1.0, 13.0).reshape(2, 3, 2)
    replacement = torch.tensor([[-1.0, -2.0], [-3.0, -4.0]])
    expected = torch.tensor([[[1.0, 2], [3, 4], [-1, -2]], [[7, 8], [9, 10], [-3, -4]]])
    same(
        start_here.swap_in(activation.clone(), 2, replacement),
        expected,
        given={"activation": activation, "position": 2, "replacement": replacement},
        teach="The first axis counts texts, the second positions.",
    )


@pytest.mark.exercise("start_here.swap_in")
def test_original_is_left_alone():
    """The activation that was passed in is the same afterwards as before."""
    activation = torch.tensor([[[1.0, 2.0], [3.0, 4.0]]])
    before = activation.clone()
    start_here.swap_in(activation, 1, torch.tensor([[9.0, 9.0]]))
    same(
        activation,
        before,
        given={"activation": before, "position": 1, "replacement": torch.tensor([[9.0, 9.0]])},
        teach="You wrote into the tensor that you were given. Whoever recorded it now reads your number as a "
        "measurement. Change a copy.",
        what="number in `activation`",
    )


@pytest.mark.exercise("start_here.swap_in")
def test_last_position():
    """Position -1 means the last one, as everywhere in Python."""
    activation = torch.tensor([[[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]], [[7.0, 8.0], [9.0, 1.0], [2.0, 3.0]]])
    replacement = torch.tensor([[-1.0, -2.0], [-3.0, -4.0]])
    expected = activation.clone()
    expected[0, 2], expected[1, 2] = replacement[0], replacement[1]
    same(
        start_here.swap_in(activation, -1, replacement),
        expected,
        given={"activation": activation, "position": -1, "replacement": replacement},
    )


@pytest.mark.exercise("start_here.swap_in")
def test_against_loops(seed):
    """On random numbers it agrees with plain loops over texts and positions."""
    activation = torch.randn(3, 4, 2, generator=seeded(seed))
    replacement = torch.randn(3, 2, generator=seeded(seed + 1000))
    position = seed % 4
    rows = [
        [replacement[i].tolist() if p == position else vector for p, vector in enumerate(text)]
        for i, text in enumerate(activation.tolist())
    ]
    same(
        start_here.swap_in(activation, position, replacement),
        torch.tensor(rows),
        given={"activation": activation, "position": position, "replacement": replacement},
    )
