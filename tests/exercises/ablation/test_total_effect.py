"""Checks of ablation.total_effect: What did the ablation do to the answer?"""

import pytest
import torch

from mi_tutor.exercises import ablation
from mi_tutor.tutor.judge import same, seeded


@pytest.mark.exercise("ablation.total_effect")
def test_total_effect_by_hand():
    """A logit difference that falls from 3 to 1 is an effect of -2."""
    clean, ablated = torch.tensor([[4.0, 1.0, 0.5]]), torch.tensor([[3.0, 2.0, 9.0]])
    same(
        ablation.total_effect(clean, ablated, torch.tensor([0]), torch.tensor([1])),
        torch.tensor([-2.0]),
        given={"clean_logits": clean, "ablated_logits": ablated, "correct": [0], "wrong": [1]},
        teach="(3 - 2) - (4 - 1). Other tokens play no part in a logit difference.",
    )


@pytest.mark.exercise("ablation.total_effect")
def test_each_prompt_has_its_own_tokens():
    """Each prompt is scored by its own correct and wrong token."""
    clean = torch.tensor([[5.0, 0.0, 1.0], [2.0, 6.0, 0.0], [0.0, 1.0, 8.0]])
    ablated = torch.tensor([[4.0, 0.5, 1.0], [2.0, 5.0, 3.0], [0.0, 2.0, 8.0]])
    correct, wrong = torch.tensor([0, 1, 2]), torch.tensor([2, 0, 1])
    # clean 4, 4, 7; ablated 3, 3, 6
    same(
        ablation.total_effect(clean, ablated, correct, torch.tensor([2, 0, 1])),
        torch.tensor([-1.0, -1.0, -1.0]),
        given={"clean_logits": clean, "ablated_logits": ablated, "correct": correct, "wrong": wrong},
        teach="Read row i at correct[i] and at wrong[i]. The clean differences are 4, 4, 7, the ablated ones 3, 3, 6.",
    )


@pytest.mark.exercise("ablation.total_effect")
def test_opposite_prompts_do_not_cancel():
    """Two prompts with the same tokens in opposite roles keep effects of their own."""
    clean, ablated = torch.tensor([[3.0, 0.0], [0.0, 3.0]]), torch.tensor([[1.0, 0.0], [0.0, 2.0]])
    same(
        ablation.total_effect(clean, ablated, torch.tensor([0, 1]), torch.tensor([1, 0])),
        torch.tensor([-2.0, -1.0]),
        given={"clean_logits": clean, "ablated_logits": ablated, "correct": [0, 1], "wrong": [1, 0]},
        teach="Logits averaged over these prompts before the subtraction have lost whose answer is whose.",
    )


@pytest.mark.exercise("ablation.total_effect")
def test_a_constant_changes_nothing():
    """A number added to all logits of a run has no effect, and no change gives exactly 0."""
    clean = torch.tensor([[2.0, -1.0, 0.5], [0.0, 1.0, -3.0]])
    same(
        ablation.total_effect(
            clean, clean + torch.tensor([[10.0], [-4.0]]), torch.tensor([0, 1]), torch.tensor([1, 2])
        ),
        torch.tensor([0.0, 0.0]),
        given={"clean_logits": clean, "ablated_logits": "the same plus 10 in row 0, minus 4 in row 1"},
        teach="Softmax does not see such a constant, and the logit difference must not see it either.",
    )


@pytest.mark.exercise("ablation.total_effect")
def test_total_effect_against_a_loop(seed):
    """On random logits it agrees with reading four logits a prompt."""
    clean, ablated = torch.randn(6, 11, generator=seeded(seed)), torch.randn(6, 11, generator=seeded(seed + 1))
    correct, wrong = torch.tensor([3, 0, 10, 5, 5, 2]), torch.tensor([4, 10, 0, 6, 1, 9])
    expected = []
    for i, (c, w) in enumerate(zip(correct.tolist(), wrong.tolist(), strict=True)):
        expected.append(ablated[i, c].item() - ablated[i, w].item() - (clean[i, c].item() - clean[i, w].item()))
    same(
        ablation.total_effect(clean, ablated, correct, wrong),
        torch.tensor(expected),
        given={"correct": correct, "wrong": wrong},
        teach="For each prompt: its ablated logit difference minus its clean one.",
    )
