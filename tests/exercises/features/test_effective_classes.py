"""Checks of features.effective_classes: A score of polysemanticity."""

import math

import pytest
import torch

from mi_tutor.exercises import features
from mi_tutor.tutor.judge import same, seeded


@pytest.mark.exercise("features.effective_classes")
def test_one_class_and_all_classes():
    """A neuron that fires for one class scores 1; one that fires equally for three scores 3."""
    acts = torch.tensor([[1.0, 1.0], [1.0, 1.0], [0.0, 1.0], [0.0, 1.0], [0.0, 1.0], [0.0, 1.0]])
    labels = torch.tensor([0, 0, 1, 1, 2, 2])
    same(
        features.effective_classes(acts, labels, torch.tensor([0.5, 0.5])),
        torch.tensor([1.0, 3.0]),
        given={"acts": acts, "labels": labels, "thresholds": [0.5, 0.5]},
        teach=(
            "Neuron 0 has shares (1, 0, 0), entropy 0; neuron 1 has (1/3, 1/3, 1/3), entropy ln 3. The score is "
            "exp(entropy)."
        ),
    )


@pytest.mark.exercise("features.effective_classes")
def test_unequal_rates():
    """Rates 1/2 and 1/4 are shares 2/3 and 1/3, so the score is 1.89."""
    acts = torch.tensor([[5.0], [1.0], [5.0], [1.0], [5.0], [1.0], [1.0], [1.0]])
    labels = torch.tensor([0, 0, 0, 0, 1, 1, 1, 1])
    expected = math.exp(-(2 / 3) * math.log(2 / 3) - (1 / 3) * math.log(1 / 3))
    same(
        features.effective_classes(acts, labels, torch.tensor([2.0])),
        torch.tensor([expected]),
        given={"acts": acts, "labels": labels, "thresholds": [2.0]},
        teach=(
            "Shares are rates divided by their sum. Their entropy is 0.637 (natural logarithms), and exp(0.637) = 1.89."
        ),
    )


@pytest.mark.exercise("features.effective_classes")
def test_large_classes_do_not_dominate():
    """A class with four times as many positions and the same rate has the same share."""
    acts = torch.tensor([[1.0]] * 2 + [[0.0]] * 2 + [[1.0]] * 8 + [[0.0]] * 8)
    labels = torch.tensor([7] * 4 + [3] * 16)
    same(
        features.effective_classes(acts, labels, torch.tensor([0.5])),
        torch.tensor([2.0]),
        given={"labels": "7 four times, 3 sixteen times", "class 7": "fires on 2 of 4", "class 3": "fires on 8 of 16"},
        teach="Only the classes 3 and 7 occur. Both rates are 1/2, so the two shares are equal.",
    )


@pytest.mark.exercise("features.effective_classes")
def test_firing_is_above_the_neurons_own_threshold():
    """Each neuron has its own threshold, and an activation equal to it is not firing."""
    acts = torch.tensor([[2.0, 2.0], [2.0, 2.0], [1.0, 1.0], [3.0, 3.0]])
    labels = torch.tensor([0, 0, 1, 1])
    # threshold 2: fires only on the last position, class 1. threshold 1.5: rates 1 and 1/2 -> shares 2/3, 1/3.
    second = math.exp(-(2 / 3) * math.log(2 / 3) - (1 / 3) * math.log(1 / 3))
    same(
        features.effective_classes(acts, labels, torch.tensor([2.0, 1.5])),
        torch.tensor([1.0, second]),
        given={"acts": acts, "labels": labels, "thresholds": [2.0, 1.5]},
        teach="Neuron 0 fires where it is greater than 2, neuron 1 where it is greater than 1.5.",
    )


@pytest.mark.exercise("features.effective_classes")
def test_a_silent_neuron_has_no_class():
    """A neuron that never fires scores 0, not nan."""
    acts = torch.tensor([[0.1, 9.0], [0.2, -9.0], [0.3, -9.0]])
    same(
        features.effective_classes(acts, torch.tensor([0, 1, 1]), torch.tensor([1.0, 1.0])),
        torch.tensor([0.0, 1.0]),
        given={"acts": acts, "labels": [0, 1, 1], "thresholds": [1.0, 1.0]},
        teach="The rates of neuron 0 sum to 0, and shares are not defined. The docstring says 0.",
    )


@pytest.mark.exercise("features.effective_classes")
def test_effective_classes_against_scipy(seed):
    """On random activations it agrees with exp of scipy's entropy of the rates."""
    from scipy.stats import entropy

    acts = torch.randn(60, 4, generator=seeded(seed))
    labels = torch.randint(0, 5, (60,), generator=seeded(seed + 1))
    thresholds = torch.tensor([-0.5, 0.0, 0.3, 0.6])
    fires = acts > thresholds
    rates = [[fires[labels == c, n].float().mean().item() for c in labels.unique()] for n in range(4)]
    same(
        features.effective_classes(acts, labels, thresholds),
        torch.tensor([math.exp(entropy(rate)) for rate in rates]),
        given={"acts": acts, "labels": labels, "thresholds": thresholds},
        teach="Rate per class, shares, entropy with natural logarithm, exp.",
        rtol=1e-4,
    )
