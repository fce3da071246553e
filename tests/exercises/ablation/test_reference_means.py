"""Checks of ablation.reference_means: What does a head usually say here?"""

import pytest
import torch

from mi_tutor.exercises import ablation
from mi_tutor.tutor.judge import raises, same, seeded


def four_references() -> torch.Tensor:
    """Four reference prompts, two positions, one head, one number: template 7 twice, template 2 twice."""
    return torch.tensor([[1.0, 10.0], [3.0, 30.0], [5.0, 50.0], [9.0, 70.0]])[:, :, None, None]


@pytest.mark.exercise("ablation.reference_means")
def test_each_template_has_its_own_mean():
    """A prompt gets the mean over the reference prompts of its own template."""
    same(
        ablation.reference_means(four_references(), torch.tensor([7, 2, 7, 2]), torch.tensor([2, 7]))[:, 0, 0, 0],
        torch.tensor([6.0, 3.0]),
        given={"reference at position 0": [1.0, 3.0, 5.0, 9.0], "reference_template": [7, 2, 7, 2], "template": [2, 7]},
        teach="Template 2 has the references 3 and 9, template 7 has 1 and 5.",
    )


@pytest.mark.exercise("ablation.reference_means")
def test_each_position_has_its_own_mean():
    """The mean is taken over prompts only: every position keeps its own."""
    same(
        ablation.reference_means(four_references(), torch.tensor([7, 2, 7, 2]), torch.tensor([7]))[0, :, 0, 0],
        torch.tensor([3.0, 30.0]),
        given={"reference": four_references()[:, :, 0, 0], "reference_template": [7, 2, 7, 2], "template": [7]},
        teach="At position 0 the references of template 7 are 1 and 5, at position 1 they are 10 and 50.",
    )


@pytest.mark.exercise("ablation.reference_means")
def test_templates_of_unequal_size():
    """A template with more reference prompts has a mean of its own, not a share of the mean of all."""
    reference = torch.tensor([2.0, 4.0, 9.0])[:, None, None, None]
    same(
        ablation.reference_means(reference, torch.tensor([0, 0, 1]), torch.tensor([1, 0, 0, 1]))[:, 0, 0, 0],
        torch.tensor([9.0, 3.0, 3.0, 9.0]),
        given={"reference": [2.0, 4.0, 9.0], "reference_template": [0, 0, 1], "template": [1, 0, 0, 1]},
        teach="There may be more prompts to run than references; each gets the mean of its template.",
    )


@pytest.mark.exercise("ablation.reference_means")
def test_a_template_without_references():
    """A template that has no reference prompt is refused with a ValueError that names it."""
    with raises(
        ValueError, match="5", teach="The mean over nothing is nan, and one nan in a head makes every logit nan."
    ):
        ablation.reference_means(four_references(), torch.tensor([7, 2, 7, 2]), torch.tensor([2, 5]))


@pytest.mark.exercise("ablation.reference_means")
def test_reference_means_against_a_loop(seed):
    """On random activations it agrees with adding up one reference prompt at a time."""
    reference = torch.randn(9, 3, 2, 4, generator=seeded(seed))
    kinds, wanted = torch.tensor([0, 1, 1, 2, 0, 2, 2, 1, 2]), torch.tensor([2, 2, 0, 1, 0])
    expected = torch.zeros(5, 3, 2, 4)
    for prompt in range(5):
        members = [i for i in range(9) if kinds[i] == wanted[prompt]]
        for i in members:
            expected[prompt] += reference[i] / len(members)
    same(
        ablation.reference_means(reference, kinds, wanted),
        expected,
        given={"reference_template": kinds, "template": wanted},
        teach="Position, head and each of the head's numbers are kept apart; only reference prompts are averaged.",
    )
