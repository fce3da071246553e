"""Checks of features.select_neuron: Mend: the best of thousands."""

import pytest
import torch

from mi_tutor.exercises import features
from mi_tutor.tutor.judge import holds, same, seeded

T, F = True, False


def gap(acts, labels):
    """A simple score: the difference of the two means."""
    return acts[labels].mean(0) - acts[~labels].mean(0)


# Neuron 0 wins on train (gaps 3, 2, 1); neuron 1 on test (0.5, 5, 4.5) and on all texts together (1.75, 3.5, 2.75).
TRAIN = torch.tensor([[3.0, 2.0, 1.0], [0.0, 0.0, 0.0]])
TEST = torch.tensor([[0.5, 5.0, 4.5], [0.0, 0.0, 0.0]])
PAIR = torch.tensor([T, F])


@pytest.mark.exercise("features.select_neuron")
def test_the_neuron_is_chosen_on_train():
    """The neuron is the one with the best score on the training texts, whatever the test texts say."""
    neuron = features.select_neuron(TRAIN, PAIR, TEST, PAIR, gap)[0]
    same(
        neuron,
        0,
        given={"training scores": [3.0, 2.0, 1.0], "test scores": [0.5, 5.0, 4.5]},
        what="the neuron",
        teach="The test texts had a say in the choice. Then the reported score is no longer a test.",
    )


@pytest.mark.exercise("features.select_neuron")
def test_the_whole_answer():
    """It returns the neuron, its training score and its test score, in this order."""
    same(
        features.select_neuron(TRAIN, PAIR, TEST, PAIR, gap),
        (0, 3.0, 0.5),
        given={"training scores": [3.0, 2.0, 1.0], "test scores": [0.5, 5.0, 4.5]},
        teach="Both numbers belong to the same neuron, the chosen one: 3.0 on train, 0.5 on test.",
    )


@pytest.mark.exercise("features.select_neuron")
def test_splits_of_different_size():
    """The splits may differ in size, and their labels are not mixed up."""
    labels = torch.tensor([F, T, F])
    train = torch.tensor([[1.0, 4.0], [2.0, 9.0], [0.0, 2.0]])
    test_labels = torch.tensor([T, F, T, F])
    test = torch.tensor([[1.0, 1.0], [0.0, 2.0], [3.0, 3.0], [0.0, 0.0]])
    # train: 2 - 0.5 = 1.5 and 9 - 3 = 6; test: 2 - 0 = 2 and 2 - 1 = 1.
    same(
        features.select_neuron(train, labels, test, test_labels, gap),
        (1, 6.0, 1.0),
        given={"train_acts": train, "train_labels": labels, "test_acts": test, "test_labels": test_labels},
        teach="Score each split with its own labels.",
    )


@pytest.mark.exercise("features.select_neuron")
def test_lowest_is_not_best():
    """A neuron whose score is far below zero is not chosen."""
    train, test = torch.tensor([[1.0, -9.0], [0.0, 0.0]]), torch.tensor([[2.0, -8.0], [0.0, 0.0]])
    same(
        features.select_neuron(train, PAIR, test, PAIR, gap),
        (0, 1.0, 2.0),
        given={"training scores": [1.0, -9.0], "test scores": [2.0, -8.0]},
        teach="Higher is better: the best score is the highest one, not the one farthest from zero.",
    )


@pytest.mark.exercise("features.select_neuron")
def test_noise_is_reported_as_noise(seed):
    """Among 400 neurons of pure noise the winner looks good on train and is near 0 on test."""
    train = torch.randn(40, 400, generator=seeded(seed))
    test = torch.randn(400, 400, generator=seeded(seed + 1))
    result = features.select_neuron(train, torch.arange(40) % 2 == 0, test, torch.arange(400) % 2 == 0, gap)
    holds(
        result[1] > 0.5 and abs(result[2]) < 0.45,
        "No neuron knows anything here. A test score that is high means that the test texts took part in the choice.",
        given={"neurons": "400 of pure noise", "score": "difference of means"},
        got=result,
        expected="training score above 0.5, test score within 0.45 of 0",
    )
