"""Checks of features.top_examples: Where does a neuron fire hardest?"""

import pytest
import torch

from mi_tutor.exercises import features
from mi_tutor.tutor.judge import same, seeded

T, F = True, False


@pytest.mark.exercise("features.top_examples")
def test_peaks_are_found_and_ordered():
    """Each row is a text and the position of its peak, highest peak first."""
    acts = torch.tensor([[1.9, 2.0, 1.8], [5.0, 1.0, 4.0], [0.2, 0.4, 3.0]])  # text 0 has a higher mean than text 2
    mask = torch.ones(3, 3, dtype=torch.bool)
    same(
        features.top_examples(acts, mask, 2),
        torch.tensor([[1, 0], [2, 2]]),
        given={"acts": acts, "k": 2},
        teach="Row: (index of the text, index of the position). The highest of all is 5.0 in text 1 at position 0.",
    )


@pytest.mark.exercise("features.top_examples")
def test_a_text_appears_once():
    """One text with several high activations takes one place, not several."""
    acts = torch.tensor([[9.0, 8.0, 7.0, 6.0], [1.0, 0.5, 2.0, 0.1]])
    mask = torch.ones(2, 4, dtype=torch.bool)
    same(
        features.top_examples(acts, mask, 2),
        torch.tensor([[0, 0], [1, 2]]),
        given={"acts": acts, "k": 2},
        teach="Take the peak of every text first, then rank the texts by their peaks.",
    )


@pytest.mark.exercise("features.top_examples")
def test_positions_outside_the_mask_are_never_shown():
    """A masked position never appears, even when its activation is the highest or all others are negative."""
    acts = torch.tensor([[50.0, -2.0, -1.0], [40.0, -0.5, 0.0]])
    mask = torch.tensor([[F, T, T], [F, T, F]])
    same(
        features.top_examples(acts, mask, 2),
        torch.tensor([[1, 1], [0, 2]]),
        given={"acts": acts, "mask": mask, "k": 2},
        teach="A masked position must lose against every counted one, and activations can be negative.",
    )


@pytest.mark.exercise("features.top_examples")
def test_the_activations_stay_as_they_were():
    """The activations that come in are not changed."""
    acts = torch.tensor([[50.0, -2.0], [40.0, 0.5]])
    features.top_examples(acts, torch.tensor([[F, T], [F, T]]), 1)
    same(
        acts,
        torch.tensor([[50.0, -2.0], [40.0, 0.5]]),
        what="activations that came in",
        teach="Whoever holds this tensor still needs it. masked_fill gives a copy; an assignment writes into it.",
    )


@pytest.mark.exercise("features.top_examples")
def test_only_texts_with_a_counted_position():
    """A text without a counted position is left out, and k may be larger than the number of texts."""
    acts = torch.tensor([[3.0, 4.0], [9.0, 9.0], [1.0, 7.0]])
    mask = torch.tensor([[T, F], [F, F], [T, T]])
    same(
        features.top_examples(acts, mask, 10),
        torch.tensor([[2, 1], [0, 0]]),
        given={"acts": acts, "mask": mask, "k": 10},
        teach="Text 1 has only masked positions, so two rows remain.",
    )


@pytest.mark.exercise("features.top_examples")
def test_top_examples_against_a_loop(seed):
    """On random activations it agrees with looking at every text in turn."""
    acts = torch.randn(7, 5, generator=seeded(seed))
    mask = torch.rand(7, 5, generator=seeded(seed + 1)) > 0.3
    mask[:, 2] = True
    peaks = []
    for text in range(7):
        counted = [(acts[text, pos].item(), text, pos) for pos in range(5) if mask[text, pos]]
        peaks.append(max(counted))
    expected = torch.tensor([[text, pos] for _, text, pos in sorted(peaks, reverse=True)[:4]])
    same(
        features.top_examples(acts, mask, 4),
        expected,
        given={"acts": acts, "mask": mask, "k": 4},
        teach="For each text, the highest counted activation; then the four texts with the highest of these.",
    )
