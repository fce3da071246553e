"""Checks of features.predict_by_token: Explain a neuron by a token table."""

import pytest
import torch

from mi_tutor.exercises import features
from mi_tutor.tutor.judge import same, seeded

TRAIN_TOKENS = torch.tensor([5, 2, 5, 9, 2, 5])
TRAIN_ACTS = torch.tensor([[1.0, 0.0], [4.0, 2.0], [2.0, 0.0], [-1.0, 14.0], [6.0, 2.0], [6.0, 6.0]])


@pytest.mark.exercise("features.predict_by_token")
def test_the_table_holds_means():
    """A token that occurred in training is predicted by its mean activation there."""
    same(
        features.predict_by_token(TRAIN_TOKENS, TRAIN_ACTS, torch.tensor([2, 9, 5, 5])),
        torch.tensor([[5.0, 2.0], [-1.0, 14.0], [3.0, 2.0], [3.0, 2.0]]),
        given={"train_tokens": TRAIN_TOKENS, "train_acts": TRAIN_ACTS, "test_tokens": [2, 9, 5, 5]},
        teach="Token 5 occurs three times, with activations 1, 2 and 6 in neuron 0: mean 3.",
    )


@pytest.mark.exercise("features.predict_by_token")
def test_unseen_tokens_fall_back():
    """A token that never occurred in training is predicted by the mean over all training positions."""
    mean = torch.tensor([18 / 6, 24 / 6])
    same(
        features.predict_by_token(TRAIN_TOKENS, TRAIN_ACTS, torch.tensor([7, 2, 30, 0])),
        torch.stack([mean, torch.tensor([5.0, 2.0]), mean, mean]),
        given={"train_tokens": TRAIN_TOKENS, "train_acts": TRAIN_ACTS, "test_tokens": [7, 2, 30, 0]},
        teach="Tokens 7, 30 and 0 have no entry. Neither 0 nor another token's row was measured for them.",
    )


@pytest.mark.exercise("features.predict_by_token")
def test_the_fallback_is_a_mean_over_positions():
    """The fallback averages over positions, so frequent tokens weigh more."""
    tokens, acts = torch.tensor([1, 1, 1, 4]), torch.tensor([[1.0], [1.0], [1.0], [9.0]])
    same(
        features.predict_by_token(tokens, acts, torch.tensor([3])),
        torch.tensor([[3.0]]),
        given={"train_tokens": tokens, "train_acts": acts, "test_tokens": [3]},
        teach="(1 + 1 + 1 + 9) / 4 = 3. The mean of the table's two entries would be 5.",
    )


@pytest.mark.exercise("features.predict_by_token")
def test_token_table_against_a_dictionary(seed):
    """On random tokens it agrees with a dictionary of lists."""
    train_tokens = torch.randint(0, 6, (30,), generator=seeded(seed)) * 100
    test_tokens = torch.randint(0, 8, (12,), generator=seeded(seed + 1)) * 100
    acts = torch.randn(30, 3, generator=seeded(seed + 2))
    seen: dict[int, list[torch.Tensor]] = {}
    for token, act in zip(train_tokens.tolist(), acts, strict=True):
        seen.setdefault(token, []).append(act)
    expected = [sum(seen[t]) / len(seen[t]) if t in seen else acts.mean(0) for t in test_tokens.tolist()]
    same(
        features.predict_by_token(train_tokens, acts, test_tokens),
        torch.stack(expected),
        given={"train_tokens": train_tokens, "test_tokens": test_tokens},
        teach="One mean per token id and neuron; the overall mean where there is no entry.",
    )
