"""Checks of probing.r_squared: How good is a prediction on held-out rows?"""

import pytest
import torch

from mi_tutor.exercises import probing
from mi_tutor.tutor.judge import same, seeded


@pytest.mark.exercise("probing.r_squared")
def test_perfect_and_constant():
    """A perfect prediction has 1, the training mean has 0."""
    target, train_mean = torch.tensor([[1.0], [4.0], [7.0]]), torch.tensor([2.0])
    same(
        probing.r_squared(target, target, train_mean),
        torch.tensor([1.0]),
        given={"predicted": target, "target": target, "train_mean": train_mean},
        teach="Nothing is left to explain.",
    )
    same(
        probing.r_squared(torch.full((3, 1), 2.0), target, train_mean),
        torch.tensor([0.0]),
        given={"predicted": "the training mean, 2, in every row", "target": target, "train_mean": train_mean},
        teach="That is the baseline itself.",
    )


@pytest.mark.exercise("probing.r_squared")
def test_each_target_by_itself():
    """Two targets, with errors 1 of 10 and 16 of 52, have 0.9 and 0.69."""
    predicted = torch.tensor([[2.0, 10.0], [3.0, 16.0]])
    target, train_mean = torch.tensor([[1.0, 10.0], [3.0, 20.0]]), torch.tensor([0.0, 14.0])
    same(
        probing.r_squared(predicted, target, train_mean),
        torch.tensor([0.9, 1 - 16 / 52]),
        given={"predicted": predicted, "target": target, "train_mean": train_mean},
        teach="Squared errors: 1 + 0 and 0 + 16. Squared differences from the training mean: 1 + 9 and 16 + 36. Each "
        "target has a number of its own.",
    )


@pytest.mark.exercise("probing.r_squared")
def test_a_shifted_prediction():
    """Predictions that are all 10 too high score below 0, though they rise and fall with the target."""
    target, train_mean = torch.tensor([[1.0], [2.0], [3.0]]), torch.tensor([0.0])
    same(
        probing.r_squared(target + 10.0, target, train_mean),
        torch.tensor([1 - 300 / 14]),
        given={"predicted": target + 10.0, "target": target, "train_mean": train_mean},
        teach="A map that is 10 degrees off is wrong. A correlation would not notice.",
    )


@pytest.mark.exercise("probing.r_squared")
def test_one_row():
    """One held-out row is enough, since the baseline is the training mean."""
    predicted, target = torch.tensor([[3.0]]), torch.tensor([[5.0]])
    same(
        probing.r_squared(predicted, target, torch.tensor([1.0])),
        torch.tensor([0.75]),
        given={"predicted": predicted, "target": target, "train_mean": [1.0]},
        teach="The error is 2, the baseline's is 4. Their squares have the ratio 1 to 4.",
    )


@pytest.mark.exercise("probing.r_squared")
def test_as_scikit_learn(seed):
    """Where the held-out mean happens to be the training mean, it agrees with scikit-learn's r2_score."""
    from sklearn.metrics import r2_score

    generator = seeded(seed)
    target = torch.randn(25, 3, generator=generator) * torch.tensor([1.0, 20.0, 5.0]) + 7.0
    predicted = target + torch.randn(25, 3, generator=generator) * torch.tensor([0.5, 30.0, 2.0])
    same(
        probing.r_squared(predicted, target, target.mean(dim=0)),
        torch.tensor(r2_score(target.double().numpy(), predicted.double().numpy(), multioutput="raw_values")).float(),
        given={"predicted": predicted, "target": target, "train_mean": target.mean(dim=0)},
        teach="One minus the ratio of two sums of squares, for each target.",
        atol=1e-3,
    )


@pytest.mark.exercise("probing.r_squared")
def test_small_units():
    """Targets in a unit 10,000 times as large have the same R²."""
    predicted, target = torch.tensor([[2.0], [3.0]]) / 10_000, torch.tensor([[1.0], [3.0]]) / 10_000
    same(
        probing.r_squared(predicted, target, torch.tensor([0.0])),
        torch.tensor([0.9]),
        given={"predicted": predicted, "target": target, "train_mean": [0.0]},
        teach="Only where no target differs from the training mean is there nothing to explain. Small numbers are not "
        "none.",
    )


@pytest.mark.exercise("probing.r_squared")
def test_nothing_to_explain():
    """A target that equals the training mean in every row has nan, whatever is predicted."""
    target = torch.tensor([[4.0, 1.0], [4.0, 3.0]])
    same(
        probing.r_squared(torch.tensor([[5.0, 1.0], [4.0, 3.0]]), target, torch.tensor([4.0, 0.0])),
        torch.tensor([torch.nan, 1.0]),
        given={"predicted": [[5.0, 1.0], [4.0, 3.0]], "target": target, "train_mean": [4.0, 0.0]},
        teach="The baseline makes no error there, so no prediction can be measured against it.",
    )


@pytest.mark.exercise("probing.r_squared")
def test_targets_of_small_spread():
    """In units a thousand times larger, where all numbers are small, the result is the same."""
    predicted = torch.tensor([[2.0, 10.0], [3.0, 16.0]]) / 1000
    target, train_mean = torch.tensor([[1.0, 10.0], [3.0, 20.0]]) / 1000, torch.tensor([0.0, 14.0]) / 1000
    same(
        probing.r_squared(predicted, target, train_mean),
        torch.tensor([0.9, 1 - 16 / 52]),
        given={"predicted": predicted, "target": target, "train_mean": train_mean},
        teach="Only a target that equals the training mean in every row leaves nothing to explain. A ratio of two sums "
        "does not depend on the units.",
    )
