"""Checks of path_patching.faithfulness: Does the circuit alone do it?"""

import pytest
import torch

from mi_tutor.exercises import path_patching
from mi_tutor.tutor.judge import raises, same, seeded


@pytest.mark.exercise("path_patching.faithfulness")
def test_a_gap_and_a_share():
    """A circuit with a mean of 3 where the model has 4 misses 1, and does three quarters."""
    circuit, model = torch.tensor([2.0, 4.0]), torch.tensor([3.0, 5.0])
    same(
        path_patching.faithfulness(circuit.clone(), model.clone()),
        (1.0, 0.75),
        given={"circuit": circuit, "model": model},
        teach="F is a mean over prompts. First the means, then their distance and their share.",
    )


@pytest.mark.exercise("path_patching.faithfulness")
def test_means_before_the_share():
    """The share is that of the means, and prompts above and below cancel in the gap."""
    circuit, model = torch.tensor([4.0, 1.0, 7.0]), torch.tensor([8.0, 0.5, 3.5])
    same(
        path_patching.faithfulness(circuit.clone(), model.clone()),
        (0.0, 1.0),
        given={"circuit": circuit, "model": model},
        teach="Both means are 4. Shares prompt by prompt are 0.5, 2 and 2; F does not look at single prompts.",
    )


@pytest.mark.exercise("path_patching.faithfulness")
def test_better_than_the_model():
    """A circuit that does better than the model has a share above 1 and a positive gap."""
    circuit, model = torch.tensor([6.0, 6.0]), torch.tensor([3.0, 5.0])
    same(
        path_patching.faithfulness(circuit.clone(), model.clone()),
        (2.0, 1.5),
        given={"circuit": circuit, "model": model},
        teach="Too much is as unfaithful as too little.",
    )


@pytest.mark.exercise("path_patching.faithfulness")
def test_a_negative_score():
    """A model with a mean of -4 and a circuit with -3: a gap of 1, and three quarters."""
    circuit, model = torch.tensor([-2.0, -4.0]), torch.tensor([-3.0, -5.0])
    same(
        path_patching.faithfulness(circuit.clone(), model.clone()),
        (1.0, 0.75),
        given={"circuit": circuit, "model": model},
        teach="A share of two negative means is positive. Only an F(M) of exactly 0 is refused.",
    )


@pytest.mark.exercise("path_patching.faithfulness")
def test_a_circuit_that_does_the_opposite():
    """A circuit with a mean of -2 where the model has 4: a gap of 6, and a share of -1/2."""
    circuit, model = torch.tensor([-1.0, -3.0]), torch.tensor([3.0, 5.0])
    same(
        path_patching.faithfulness(circuit.clone(), model.clone()),
        (6.0, -0.5),
        given={"circuit": circuit, "model": model},
        teach="The share keeps its sign: this circuit works against the model.",
    )


@pytest.mark.exercise("path_patching.faithfulness")
def test_a_model_that_cannot_do_it():
    """A model with a mean of 0 is refused."""
    with raises(ValueError, teach="No share can be taken of 0: raise a ValueError."):
        path_patching.faithfulness(torch.tensor([1.0, 2.0]), torch.tensor([-1.0, 1.0]))


@pytest.mark.exercise("path_patching.faithfulness")
def test_against_sums(seed):
    """On random prompts it agrees with sums."""
    g = seeded(seed)
    circuit, model = torch.randn(7, generator=g), torch.rand(7, generator=g) + 0.5
    c, m = sum(circuit.tolist()) / 7, sum(model.tolist()) / 7
    same(path_patching.faithfulness(circuit, model), (abs(m - c), c / m), teach="Means first.")
