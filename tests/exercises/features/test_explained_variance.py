"""Checks of features.explained_variance: Mend: an explanation that looks too good."""

import pytest
import torch

from mi_tutor.exercises import features
from mi_tutor.tutor.judge import holds, same, seeded


@pytest.mark.exercise("features.explained_variance")
def test_explained_variance_by_hand():
    """Squared errors 2 against a spread of 8 leave 3/4 explained."""
    actual = torch.tensor([[1.0], [3.0], [5.0], [3.0]])
    predicted = torch.tensor([[2.0], [3.0], [4.0], [3.0]])
    same(
        features.explained_variance(actual, predicted),
        torch.tensor([0.75]),
        given={"actual": actual, "predicted": predicted},
        teach="1 - (1 + 0 + 1 + 0) / (4 + 0 + 4 + 0).",
    )


@pytest.mark.exercise("features.explained_variance")
def test_the_right_shape_at_the_wrong_level():
    """A prediction that rises and falls with the neuron but lies 10 too high is worse than its mean."""
    actual = torch.tensor([[0.0, 1.0], [1.0, 2.0], [2.0, 3.0]])
    predicted = torch.tensor([[10.0, 1.0], [11.0, 2.0], [12.0, 3.0]])
    same(
        features.explained_variance(actual, predicted),
        torch.tensor([-149.0, 1.0]),
        given={"actual": actual, "predicted": predicted},
        teach="Each error is 10: 1 - 300 / 2 = -149. A score of 1 for neuron 0 would forgive the wrong level.",
    )


@pytest.mark.exercise("features.explained_variance")
def test_saying_the_mean_explains_nothing():
    """Always predicting the held-out mean scores 0."""
    actual = torch.tensor([[1.0, -2.0], [2.0, 4.0], [6.0, 7.0]])
    predicted = torch.full((3, 2), 3.0)
    same(
        features.explained_variance(actual, predicted),
        torch.tensor([0.0, 0.0]),
        given={"actual": actual, "predicted": predicted},
        teach=(
            "The spread is measured around the neuron's own mean on these positions (here 3), each neuron on its own."
        ),
    )


@pytest.mark.exercise("features.explained_variance")
def test_a_constant_neuron_has_nothing_to_explain():
    """A neuron that is constant on these positions has no explained variance: nan."""
    actual = torch.tensor([[2.0, 0.0], [2.0, 2.0]])
    predicted = torch.tensor([[1.0, 0.0], [2.0, 1.0]])
    got = features.explained_variance(actual, predicted)
    holds(
        bool(got[0].isnan()),
        "1 - error / 0 is minus infinity (or nan when the error is 0 too). Neither minus infinity nor 0 would be true.",
        given={"actual": actual, "predicted": predicted},
        got=got,
        expected="nan for neuron 0",
    )
    same(got[1:], torch.tensor([0.5]), teach="The other neuron is not affected.", what="neuron 1")
    holds(
        bool(features.explained_variance(torch.tensor([[2.0]]), torch.tensor([[1.0]])).isnan().all()),
        "On a single position every neuron is constant: there is no variance to explain.",
        given={"actual": [[2.0]], "predicted": [[1.0]]},
        expected="nan",
    )


@pytest.mark.exercise("features.explained_variance")
def test_explained_variance_agrees_with_scikit_learn(seed):
    """On random predictions it agrees with scikit-learn's R^2, neuron by neuron."""
    from sklearn.metrics import r2_score

    actual = torch.randn(20, 3, generator=seeded(seed)) * torch.tensor([1.0, 5.0, 0.2]) + 2.0
    predicted = 0.7 * actual + 0.5 * torch.randn(20, 3, generator=seeded(seed + 1))
    expected = r2_score(actual.numpy(), predicted.numpy(), multioutput="raw_values")
    same(
        features.explained_variance(actual, predicted),
        torch.tensor(expected, dtype=torch.float32),
        given={"actual": actual, "predicted": predicted},
        teach="The spread is that of the actual activations; the prediction's own variance plays no part.",
        atol=1e-4,
        rtol=1e-4,
    )
