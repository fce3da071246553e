"""Checks of saes.explained_variance: Mend: a reconstruction that looks too good."""

import pytest
import torch

from mi_tutor.exercises import saes
from mi_tutor.tutor.judge import same, seeded

from .on_copies import on_copies


@pytest.mark.exercise("saes.explained_variance")
def test_explained_variance_of_activations_by_hand():
    """Squared errors of 3 against a spread of 12 leave 3/4 explained."""
    x = torch.tensor([[13.0, -5.0], [9.0, -5.0], [11.0, -4.0], [11.0, -6.0], [12.0, -5.0], [10.0, -5.0]])
    x_hat = x + torch.tensor([[1.0, 0.0], [0.0, 0.0], [0.0, 1.0], [0.0, 0.0], [0.0, -1.0], [0.0, 0.0]])
    same(
        on_copies(saes.explained_variance)(x, x_hat),
        0.75,
        given={"x": x, "x_hat": x_hat},
        teach="The mean row is (11, -5). The squared distances from it are 4, 4, 1, 1, 1, 1.",
        what="explained variance",
    )


@pytest.mark.exercise("saes.explained_variance")
def test_saying_the_mean_row_explains_nothing(seed):
    """A reconstruction that always says the mean row scores 0, wherever the mean lies."""
    x = torch.randn(8, 3, generator=seeded(seed)) + torch.tensor([20.0, -5.0, 0.0])
    same(
        on_copies(saes.explained_variance)(x, x.mean(0).expand(8, 3)),
        0.0,
        given={"x": x, "x_hat": "the mean of x in every row"},
        teach="Activations lie far from 0, all on one side. To know that is not to know anything about a row.",
        what="explained variance",
        atol=1e-3,
    )


@pytest.mark.exercise("saes.explained_variance")
def test_large_coordinates_weigh_more():
    """A coordinate with little variance weighs little, however badly it is reconstructed."""
    x = torch.tensor([[10.0, 0.1], [-10.0, -0.1]])
    x_hat = torch.tensor([[10.0, -0.1], [-10.0, 0.1]])
    same(
        on_copies(saes.explained_variance)(x, x_hat),
        1 - 0.08 / 200.02,
        given={"x": x, "x_hat": x_hat},
        teach="Errors and spread are summed over d_model before they are divided.",
        what="explained variance",
        atol=1e-6,
    )


@pytest.mark.exercise("saes.explained_variance")
def test_a_reconstruction_may_be_worse_than_the_mean():
    """A reconstruction of the right shape at the wrong place scores far below 0."""
    x = torch.tensor([[0.0, 0.0], [2.0, 2.0]])
    same(
        on_copies(saes.explained_variance)(x, x + 10),
        -99.0,
        given={"x": x, "x_hat": x + 10},
        teach="1 - 400 / 4. It rises and falls with x, and would still wreck the model.",
        what="explained variance",
    )


@pytest.mark.exercise("saes.explained_variance")
def test_it_agrees_with_scikit_learn(seed):
    """On random activations it agrees with scikit-learn's R² weighted by variance."""
    from sklearn.metrics import r2_score

    g = seeded(seed)
    x = torch.randn(20, 4, generator=g) * torch.tensor([1.0, 5.0, 0.2, 2.0]) + 3.0
    x_hat = 0.8 * x + 0.5 * torch.randn(20, 4, generator=g)
    expected = r2_score(x.numpy(), x_hat.numpy(), multioutput="variance_weighted")
    same(saes.explained_variance(x, x_hat), float(expected), what="explained variance", atol=1e-4)
