"""Checks of patching.end_logits: Mend: an answer read from padding."""

import pytest
import torch

from mi_tutor.exercises import patching
from mi_tutor.tutor.judge import raises, same

# One token's logits rise with the position, the other's fall: no other summary of a prompt looks like its last row.
LOGITS = torch.arange(8.0).reshape(2, 4, 1) * torch.tensor([1.0, -1.0]) + torch.tensor([0.0, 100.0])


@pytest.mark.exercise("patching.end_logits")
def test_padding_behind():
    """With padding behind the prompt, the last real token is read."""
    mask = torch.tensor([[True, True, True, True], [True, True, False, False]])
    same(
        patching.end_logits(LOGITS, mask),
        torch.tensor([[3.0, 97.0], [5.0, 95.0]]),
        given={"logits, first token": LOGITS[..., 0], "mask": mask},
        teach="The second prompt ends at position 1. What stands at -1 was computed from padding.",
    )


@pytest.mark.exercise("patching.end_logits")
def test_padding_in_front():
    """With padding in front, the last real token is the last of the row."""
    mask = torch.tensor([[True, True, True, True], [False, False, True, True]])
    same(
        patching.end_logits(LOGITS, mask),
        torch.tensor([[3.0, 97.0], [7.0, 93.0]]),
        given={"logits, first token": LOGITS[..., 0], "mask": mask},
        teach="Two real tokens do not mean that the last one is at position 1.",
    )


@pytest.mark.exercise("patching.end_logits")
def test_padding_on_both_sides():
    """With padding on both sides, or one real token at the front, it still holds."""
    mask = torch.tensor([[False, True, True, False], [True, False, False, False]])
    same(
        patching.end_logits(LOGITS, mask),
        torch.tensor([[2.0, 98.0], [4.0, 96.0]]),
        given={"logits, first token": LOGITS[..., 0], "mask": mask},
        teach="Look for the largest position at which the mask is True.",
    )


@pytest.mark.exercise("patching.end_logits")
def test_a_prompt_of_padding():
    """A prompt without a real token is refused."""
    with raises(ValueError, teach="There is nothing to read in a row of padding: raise ValueError."):
        patching.end_logits(LOGITS, torch.tensor([[True, True, False, False], [False, False, False, False]]))
