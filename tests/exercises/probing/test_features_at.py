"""Checks of probing.features_at: The activation at the last real token."""

import pytest
import torch

from mi_tutor.exercises import probing
from mi_tutor.tutor.judge import raises, same, seeded

# Prompt b at position p holds (10 b + p, -p). Prompts 0, 1 and 2 have 3, 5 and 2 tokens; the last column is padding.
ACTS = torch.tensor([[[10.0 * b + p, -1.0 * p] for p in range(6)] for b in range(3)])
LENGTHS = torch.tensor([3, 5, 2])


@pytest.mark.exercise("probing.features_at")
def test_last_real_token():
    """A prompt of 3 tokens is read at position 2, one of 5 tokens at position 4."""
    same(
        probing.features_at(ACTS, LENGTHS),
        torch.tensor([[2.0, -2.0], [14.0, -4.0], [21.0, -1.0]]),
        given={"activations[b, p]": "(10 b + p, -p)", "lengths": LENGTHS},
        teach="Positions count from 0: a prompt of n tokens ends at position n - 1, whatever follows is padding.",
    )


@pytest.mark.exercise("probing.features_at")
def test_padding_has_no_influence(seed):
    """What stands in the padding does not matter."""
    generator = seeded(seed)
    acts, lengths = torch.randn(5, 7, 3, generator=generator), torch.tensor([1, 7, 4, 2, 6])
    spoiled = acts.clone()
    for row, length in enumerate(lengths.tolist()):
        spoiled[row, length:] = 1000.0
    expected = torch.stack([acts[row, length - 1] for row, length in enumerate(lengths.tolist())])
    same(
        probing.features_at(spoiled, lengths),
        expected,
        given={"activations in the padding": 1000.0, "lengths": lengths},
        teach="Only real tokens may be read, and only one of each prompt.",
    )


@pytest.mark.exercise("probing.features_at")
def test_one_token_before_the_last():
    """With back = 1 each prompt is read one token before its last real one, down to position 0."""
    same(
        probing.features_at(ACTS, LENGTHS, 1),
        torch.tensor([[1.0, -1.0], [13.0, -3.0], [20.0, 0.0]]),
        given={"activations[b, p]": "(10 b + p, -p)", "lengths": LENGTHS, "back": 1},
        teach="Count back from each prompt's own end. Position 0 is a token like the others.",
    )


@pytest.mark.exercise("probing.features_at")
def test_too_far_back():
    """A prompt that has no token that far back is refused with a ValueError."""
    with raises(
        ValueError,
        given={"lengths": LENGTHS, "back": 2},
        teach="Two tokens before the last of two there is nothing. A negative index would silently read the padding.",
    ):
        probing.features_at(ACTS, LENGTHS, 2)


@pytest.mark.exercise("probing.features_at")
def test_negative_back():
    """A negative `back` is refused with a ValueError: it would lie behind the last real token."""
    with raises(ValueError, given={"lengths": LENGTHS, "back": -1}, teach="Behind the last token is padding."):
        probing.features_at(ACTS, LENGTHS, -1)
