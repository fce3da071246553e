"""Wrong answers to features.top_examples that learners give, with the sentence to say for each."""

import torch

from mi_tutor.tutor.misconceptions import misconception, probe

T, F = True, False


@probe("features.top_examples")
def observe_top_examples(top_examples):
    """Masked peaks, negative activations, several peaks in one text, a text that is all mask."""
    acts = torch.tensor([[9.0, 0.1, 8.5, 8.0], [50.0, -1.0, -2.0, -3.0], [0.0, 1.0, 3.0, -20.0], [7.0, 7.5, 6.0, 0.0]])
    everything = torch.ones(4, 4, dtype=torch.bool)
    real = torch.tensor([[T, T, T, T], [F, T, T, T], [T, T, T, T], [F, F, F, F]])
    kept = acts.clone()
    yield top_examples(acts, everything, 2)
    yield top_examples(acts, real, 3)
    yield bool(torch.equal(acts, kept))
    acts = kept
    yield len(top_examples(acts, real, 9))
    yield top_examples(acts[:, :3], everything[:, :3], 2)


@misconception(
    "features.top_examples",
    says=(
        "You rank all positions of all texts together. A text with several high positions then fills the list, and "
        "you see one text many times instead of many texts."
    ),
)
def ranks_positions_not_texts(acts, mask, k):
    flat = acts.masked_fill(~mask, -torch.inf).flatten()
    top = flat.topk(min(k, int(mask.sum()))).indices
    return torch.stack([top // acts.shape[1], top % acts.shape[1]], dim=1)


@misconception(
    "features.top_examples",
    says=(
        "You do not use the mask. Padding is not text, and what a neuron does there means nothing, however high it is. "
        "The first token is the same in every text, so it says nothing about any of them."
    ),
)
def forgets_the_mask(acts, mask, k):
    peaks, where = acts.max(dim=1)
    order = peaks.argsort(descending=True)[:k]
    return torch.stack([order, where[order]], dim=1)


@misconception(
    "features.top_examples",
    says=(
        "You set masked positions to 0. Where all counted activations are negative, 0 is the highest, and the "
        "masked position wins."
    ),
)
def masks_with_zero(acts, mask, k):
    peaks, where = (acts * mask).max(dim=1)
    order = peaks.argsort(descending=True)[:k]
    return torch.stack([order, where[order]], dim=1)


@misconception(
    "features.top_examples",
    says=(
        "You rank by absolute value. A strongly negative activation is the neuron pushing the other way, not a top "
        "example."
    ),
)
def ranks_absolute_values(acts, mask, k):
    peaks, where = acts.abs().masked_fill(~mask, -torch.inf).max(dim=1)
    order = peaks.argsort(descending=True)
    order = order[peaks[order] > -torch.inf][:k]
    return torch.stack([order, where[order]], dim=1)


@misconception(
    "features.top_examples",
    says="You list the texts with the lowest peaks first. Sorting is ascending unless you ask otherwise.",
)
def sorts_upwards(acts, mask, k):
    peaks, where = acts.masked_fill(~mask, -torch.inf).max(dim=1)
    order = peaks.argsort()
    order = order[peaks[order] > -torch.inf][:k]
    return torch.stack([order, where[order]], dim=1)


@misconception(
    "features.top_examples",
    says=(
        "Texts in which nothing is counted still take a place in your list. Their peak is minus infinity: they have"
        " no example to show."
    ),
)
def keeps_empty_texts(acts, mask, k):
    peaks, where = acts.masked_fill(~mask, -torch.inf).max(dim=1)
    order = peaks.argsort(descending=True)[:k]
    return torch.stack([order, where[order]], dim=1)


@misconception(
    "features.top_examples",
    says="Your columns are swapped: you give (position, text). A row is (text, position).",
)
def swaps_the_columns(acts, mask, k):
    peaks, where = acts.masked_fill(~mask, -torch.inf).max(dim=1)
    order = peaks.argsort(descending=True)
    order = order[peaks[order] > -torch.inf][:k]
    return torch.stack([where[order], order], dim=1)


@misconception(
    "features.top_examples",
    says=(
        "You cut the first position off and then count from the second one, so your positions are one too low, or you "
        "miss a peak at position 0. The mask already says which positions count."
    ),
)
def counts_from_the_second_position(acts, mask, k):
    peaks, where = acts[:, 1:].masked_fill(~mask[:, 1:], -torch.inf).max(dim=1)
    order = peaks.argsort(descending=True)
    order = order[peaks[order] > -torch.inf][:k]
    return torch.stack([order, where[order]], dim=1)


@misconception(
    "features.top_examples",
    says=(
        "You write minus infinity into the activations that you were given. Whoever calls you still needs them as they "
        "were; work on a copy."
    ),
)
def overwrites_the_activations(acts, mask, k):
    acts[~mask] = -torch.inf
    peaks, where = acts.max(dim=1)
    order = peaks.argsort(descending=True)
    order = order[peaks[order] > -torch.inf][:k]
    return torch.stack([order, where[order]], dim=1)


@misconception(
    "features.top_examples",
    says=(
        "You sort the texts, but not the positions: row 1 pairs the second-best text with the position of another "
        "text's peak. Both columns must be put into the same order."
    ),
)
def leaves_the_positions_unsorted(acts, mask, k):
    peaks, where = acts.masked_fill(~mask, -torch.inf).max(dim=1)
    order = peaks.argsort(descending=True)
    order = order[peaks[order] > -torch.inf]
    return torch.stack([order, where[: len(order)]], dim=1)[:k]
