"""Checks of probing.standardised: A scale that has seen the test rows."""

import pytest
import torch

from mi_tutor.exercises import probing
from mi_tutor.tutor.judge import same, seeded


@pytest.mark.exercise("probing.standardised")
def test_by_hand():
    """Training rows 1 and 3 have mean 2 and deviation 1, so a held-out 100 becomes 98."""
    features = torch.tensor([[1.0, 50.0], [100.0, 0.0], [3.0, 30.0]])
    train = torch.tensor([True, False, True])
    same(
        probing.standardised(features, train),
        torch.tensor([[-1.0, 1.0], [98.0, -4.0], [1.0, -1.0]]),
        given={"features": features, "train": train},
        teach="The first feature's training rows 1 and 3 have mean 2 and deviation 1 (with n, not n - 1). All rows, "
        "the held-out one as well, become (value - 2) / 1.",
    )


@pytest.mark.exercise("probing.standardised")
def test_held_out_rows_have_no_influence():
    """Other held-out rows leave the training rows' result as it was, constant features too."""
    features = torch.tensor([[1.0, 4.0, 2.0], [3.0, 4.0, 6.0], [5.0, 4.0, 7.0], [7.0, 4.0, 1.0]])
    other = features.clone()
    other[3] = torch.tensor([-500.0, 9.0, 80.0])
    train = torch.tensor([True, True, True, False])
    same(
        probing.standardised(other, train)[:3],
        probing.standardised(features, train)[:3],
        given={"features": features, "train": train, "last row replaced by": other[3]},
        teach="A scale that changes with the held-out rows has learned from them.",
        what="result of the training rows",
    )


@pytest.mark.exercise("probing.standardised")
def test_as_scikit_learn(seed):
    """It agrees with scikit-learn's StandardScaler, fitted on the training rows."""
    from sklearn.preprocessing import StandardScaler

    generator = seeded(seed)
    scale = torch.tensor([1.0, 30.0, 0.02, 5.0])
    features = (torch.randn(20, 4, generator=generator) + 2.0) * scale
    train = torch.arange(20) % 3 != 1
    scaler = StandardScaler().fit(features[train].double().numpy())
    same(
        probing.standardised(features, train),
        torch.tensor(scaler.transform(features.double().numpy())).float(),
        given={"features": features, "train": train},
        teach="The deviation is the one with n, not n - 1.",
        atol=1e-3,
    )


@pytest.mark.exercise("probing.standardised")
def test_constant_features():
    """A feature that is constant on the training rows is 0 everywhere, also where a held-out row differs."""
    features = torch.tensor([[4.0, 1.0], [4.0, 3.0], [9.0, 2.0]])
    train = torch.tensor([True, True, False])
    same(
        probing.standardised(features, train),
        torch.tensor([[0.0, -1.0], [0.0, 1.0], [0.0, 0.0]]),
        given={"features": features, "train": train},
        teach="Nothing can be learned from it. Divided by a deviation of 0, or of almost 0, it would drown the others.",
    )


@pytest.mark.exercise("probing.standardised")
def test_constant_in_spite_of_rounding():
    """Seven times 0.1 is constant, although its computed deviation may be a rounding error above 0."""
    features = torch.full((9, 1), 0.1)
    features[8] = 0.2
    train = torch.arange(9) < 7
    same(
        probing.standardised(features, train),
        torch.zeros(9, 1),
        given={"features": features, "train": train},
        teach="The mean of equal numbers can be off in the last digit. Then the deviation is not exactly 0: compare "
        "the rows with each other, or ask for a deviation that is far below the size of the numbers.",
    )


@pytest.mark.exercise("probing.standardised")
def test_small_features():
    """Values of 1 and 3 ten-millionths come out as 1 and 3 do."""
    features = torch.tensor([[1.0], [3.0], [100.0]]) * 1e-7
    train = torch.tensor([True, True, False])
    same(
        probing.standardised(features, train),
        torch.tensor([[-1.0], [1.0], [98.0]]),
        given={"features": features, "train": train},
        teach="A feature of a small scale is not constant. To bring all features to one scale is what this is for.",
        atol=1e-3,
    )


@pytest.mark.exercise("probing.standardised")
def test_one_training_row():
    """On a single training row every feature is constant, so all rows are 0."""
    features, train = torch.tensor([[4.0, 1.0], [7.0, 3.0], [9.0, -2.0]]), torch.tensor([False, True, False])
    same(
        probing.standardised(features, train),
        torch.zeros(3, 2),
        given={"features": features, "train": train},
        teach="One row shows no spread, so no scale can be learned from it.",
    )
