"""Checks of probing.greedy_neurons: Neurons that work together."""

import numpy as np
import pytest
import torch

from mi_tutor.exercises import probing
from mi_tutor.tutor.judge import raises, same, seeded

LABELS = torch.tensor([1, 1, 1, 0, 0, 0, 1, 0]).bool()


def error(features: torch.Tensor, labels: torch.Tensor, neurons: list[int]) -> float:
    """The sum of squared errors that a least-squares fit with an intercept leaves, by numpy."""
    x = np.column_stack([features.double().numpy()[:, neurons], np.ones(len(features))])
    y = labels.double().numpy()
    weights = np.linalg.lstsq(x, y, rcond=None)[0]
    return float(((y - x @ weights) ** 2).sum())


def by_trying_all(features: torch.Tensor, labels: torch.Tensor, k: int) -> tuple[list[int], float]:
    """The greedy choice by fitting every candidate, and by how little the second best ever lost."""
    chosen, closest = [], np.inf
    for _ in range(k):
        left = [i for i in range(features.shape[1]) if i not in chosen]
        errors = sorted((error(features, labels, [*chosen, i]), i) for i in left)
        closest = min(closest, errors[1][0] - errors[0][0]) if len(errors) > 1 else closest
        chosen.append(errors[0][1])
    return chosen, closest


@pytest.mark.exercise("probing.greedy_neurons")
def test_the_best_one():
    """The first neuron is the one that fits the labels best alone, whatever its sign and its scale."""
    # neuron 2 is 0.3 on the positive rows and 0.4 or 0.5 on the others; neuron 0 is large and says little
    features = torch.tensor([[90.0, 1.0, 0.3], [10.0, 0.0, 0.3], [70.0, 1.0, 0.4], [20.0, 1.0, 0.5], [5.0, 0.0, 0.4]])
    labels = torch.tensor([True, True, False, False, False])
    same(
        list(probing.greedy_neurons(features, labels, 1)),
        [2],
        given={"features": features, "labels": labels, "k": 1},
        teach="A fit has an intercept beside the neuron, may give it a negative weight, and makes good for its scale.",
        what="chosen neurons",
    )


@pytest.mark.exercise("probing.greedy_neurons")
def test_a_copy_adds_nothing():
    """Beside a chosen neuron its near copy adds nothing; next comes a weaker one that says something new."""
    features = torch.tensor([[4.0, 9.0, 0.0], [4.0, 8.0, 0.0], [0.0, 1.0, 3.0], [0.0, 1.0, 0.0], [0.0, 1.0, 0.0]])
    labels = torch.tensor([True, True, True, False, False])
    same(
        list(probing.greedy_neurons(features, labels, 2)),
        [0, 2],
        given={"features": features, "labels": labels, "k": 2},
        teach="Neuron 1 is nearly 2 × neuron 0 + 1 and is the second best alone. Beside neuron 0 it has nothing to "
        "add, while neuron 2 finds the positive row that is left.",
        what="chosen neurons",
    )


@pytest.mark.exercise("probing.greedy_neurons")
@pytest.mark.parametrize(
    ("features", "chosen"),
    [
        (
            [
                [4, 1, 5, 3, 2],
                [3, 3, 3, 3, 4],
                [5, 3, 3, 5, 3],
                [2, 3, 5, 0, 6],
                [2, 4, 6, 5, 7],
                [0, 3, 4, 0, 7],
                [1, 1, 6, 4, 7],
                [0, 2, 4, 4, 7],
            ],
            [4, 1, 0],
        ),
        (
            [
                [3, 9, 3, 7, 6],
                [0, 8, 0, 6, 6],
                [5, 6, 4, 5, 4],
                [1, 5, 3, 8, 6],
                [4, 6, 5, 4, 4],
                [0, 9, 1, 5, 4],
                [1, 9, 2, 9, 5],
                [1, 4, 4, 5, 4],
            ],
            [1, 0, 2],
        ),
    ],
)
def test_three_of_five(features, chosen):
    """Of five neurons the three are chosen that leave the smallest error, each beside those before it."""
    features = torch.tensor(features).float()
    found = list(probing.greedy_neurons(features, LABELS, 3))
    told = {"features": features, "labels": LABELS, "k": 3}
    for step in range(3):
        left = [i for i in range(5) if i not in chosen[:step]]
        errors = {i: round(error(features, LABELS, [*chosen[:step], i]), 3) for i in left}
        same(
            found[: step + 1],
            chosen[: step + 1],
            given=told | {f"error beside {chosen[:step]}" if step else "error alone": errors},
            teach="The fit has an intercept, all chosen neurons and the candidate, and all their weights are free.",
            what=f"choice after step {step + 1}",
        )


@pytest.mark.exercise("probing.greedy_neurons")
def test_as_by_trying_all(seed):
    """It chooses as a program does that fits every candidate in every step."""
    generator, closest = seeded(seed), 0.0
    while closest < 1e-3:  # a draw in which two candidates are nearly equal decides nothing
        features = torch.randn(24, 6, generator=generator) @ torch.randn(6, 6, generator=generator) + 4.0
        labels = features @ torch.randn(6, generator=generator) + 5 * torch.randn(24, generator=generator) > 0
        expected, closest = by_trying_all(features, labels, 4) if 4 < labels.sum() < 20 else ([], 0.0)
    same(
        list(probing.greedy_neurons(features, labels, 4)),
        expected,
        given={"features": features, "labels": labels, "k": 4},
        teach="A fit of every candidate, with an intercept, gives another choice.",
        what="chosen neurons",
    )


@pytest.mark.exercise("probing.greedy_neurons")
def test_no_neuron_twice():
    """When nothing is left to gain, k different neurons are chosen all the same, constant ones too."""
    features = torch.stack([LABELS.float(), torch.full((8,), 3.0), 2 * LABELS.float(), torch.zeros(8)], dim=1)
    found = list(probing.greedy_neurons(features, LABELS, 4))
    same(
        sorted(found),
        [0, 1, 2, 3],
        given={"neuron 0": LABELS, "neuron 1": "3 everywhere", "neuron 2": "2 × neuron 0", "neuron 3": "0 everywhere"},
        teach="Each neuron at most once. What a constant neuron explains is 0, not 0 / 0.",
        what="chosen neurons, sorted",
    )


@pytest.mark.exercise("probing.greedy_neurons")
def test_more_than_there_are():
    """More neurons than there are cannot be chosen: a ValueError."""
    with raises(ValueError, given={"neurons": 2, "k": 3}, teach="Two neurons are no three."):
        probing.greedy_neurons(torch.tensor([[1.0, 0.0], [0.0, 2.0], [3.0, 1.0]]), torch.tensor([True, False, True]), 3)


@pytest.mark.exercise("probing.greedy_neurons")
@pytest.mark.parametrize("value", [0.0, 0.3, 3.0])
def test_a_constant_neuron_comes_last(value):
    """A constant neuron comes after any that helps a little, also where its computed mean is off by rounding."""
    labels = torch.tensor([True, True, True, False, False, False, False])
    strong = torch.tensor([4.0, 5.0, 4.0, 1.0, 0.0, 1.0, 2.0])
    weak = torch.tensor([1.0, 0.0, 2.0, 1.0, 0.0, 1.0, 1.0])
    features = torch.stack([torch.full((7,), value), weak, strong], dim=1)
    same(
        list(probing.greedy_neurons(features, labels, 2)),
        [2, 1],
        given={"features": features, "labels": labels, "k": 2},
        teach="The intercept says already what a constant neuron says, so it explains 0. Divided by a spread of 0 that "
        "is not a number, and divided by a rounding error it can be anything.",
        what="chosen neurons",
    )


@pytest.mark.exercise("probing.greedy_neurons")
@pytest.mark.parametrize("scale", [1.0, 0.001])
def test_what_rounding_leaves_of_a_copy(scale):
    """Beside a chosen neuron its exact copies explain nothing, not even by what rounding leaves of them."""
    strong = scale * torch.tensor([0.37, 0.81, 0.55, 0.12, 0.29, 0.07, 0.93, 0.41])
    weak = torch.tensor([1.0, 0.0, 2.0, 1.0, 0.0, 2.0, 1.0, 0.0])
    features = torch.stack([strong, -2 * strong, 8 * strong, weak, 0.5 * strong], dim=1)
    same(
        list(probing.greedy_neurons(features, LABELS, 2))[1],
        3,
        given={"features": features, "labels": LABELS, "k": 2},
        teach="Neurons 0, 1, 2 and 4 are multiples of each other. When one of them is chosen, nothing is left of the "
        "others but rounding, and neuron 3 says a little that is new.",
        what="second choice",
    )


@pytest.mark.exercise("probing.greedy_neurons")
def test_beside_a_much_larger_one():
    """A neuron 100 thousand million times smaller than another is not taken for a rounding error."""
    labels = torch.tensor([True, True, False, False, False])
    large = torch.tensor([1.0, 5.0, 2.0, 4.0, 3.0]) * 1e6
    small = torch.tensor([3.0, 3.0, 0.0, 1.0, 0.0]) * 1e-5
    features = torch.stack([large, small], dim=1)
    same(
        list(probing.greedy_neurons(features, labels, 1)),
        [1],
        given={"features": features, "labels": labels, "k": 1},
        teach="Whether a neuron varies at all is to be judged by its own size. A fit makes good for any scale.",
        what="chosen neurons",
    )
