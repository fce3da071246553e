"""Checks of probing.ridge: Ridge regression in closed form."""

import pytest
import torch

from mi_tutor.exercises import probing
from mi_tutor.tutor.judge import same, seeded


def example(seed: int, rows: int, columns: int) -> tuple[torch.Tensor, torch.Tensor]:
    generator = seeded(seed)
    features = torch.randn(rows, columns, generator=generator) + torch.linspace(-2, 3, columns)
    target = features @ torch.randn(columns, 2, generator=generator) + torch.randn(rows, 2, generator=generator)
    return features, target + torch.tensor([10.0, -4.0])


@pytest.mark.exercise("probing.ridge")
def test_by_hand():
    """Two rows, 0 → 1 and 2 → 5, with penalty 2: the weight is 1 and the intercept 2."""
    # around the means the rows are ±1 and the targets ±2, so the weight is 4 / (2 + 2); then 3 = 1 · 1 + intercept
    features, target = torch.tensor([[0.0], [2.0]]), torch.tensor([[1.0], [5.0]])
    same(
        probing.ridge(features, target, 2.0),
        (torch.tensor([[1.0]]), torch.tensor([2.0])),
        given={"features": features, "target": target, "penalty": 2.0},
        teach="Around their means the rows are -1 and 1 and the targets -2 and 2. The weight is their sum of products "
        "divided by (sum of squares + penalty), 4 / (2 + 2), and the intercept 3 - 1 · 1.",
        atol=1e-4,
    )


@pytest.mark.exercise("probing.ridge")
def test_the_intercept_is_free():
    """Targets that are all 100 higher change the intercept by 100 and no weight."""
    features, target = example(0, 12, 3)
    weights, intercepts = probing.ridge(features, target, 5.0)
    same(
        probing.ridge(features, target + 100.0, 5.0),
        (weights, intercepts + 100.0),
        given={"features": features, "penalty": 5.0},
        teach="A penalty on the intercept pulls every prediction towards 0, wherever the targets lie.",
        atol=2e-3,
    )


@pytest.mark.exercise("probing.ridge")
def test_as_scikit_learn(seed):
    """It agrees with scikit-learn's Ridge for two targets and three penalties."""
    from sklearn.linear_model import Ridge

    features, target = example(seed, 30, 5)
    for penalty in (0.3, 4.0, 60.0):
        model = Ridge(alpha=penalty).fit(features.double().numpy(), target.double().numpy())
        same(
            probing.ridge(features, target, penalty),
            (torch.tensor(model.coef_.T).float(), torch.tensor(model.intercept_).float()),
            given={"features": features, "target": target, "penalty": penalty},
            teach="The penalty stands on the diagonal only, beside the sum over rows, as scikit-learn's alpha does.",
            atol=2e-3,
            what="(weights, intercepts)",
        )


@pytest.mark.exercise("probing.ridge")
def test_without_penalty():
    """With penalty 0 it is the least-squares fit."""
    features, target = example(3, 15, 4)
    ones = torch.ones(15, 1)
    fit = torch.linalg.lstsq(torch.cat([features, ones], dim=1).double(), target.double()).solution.float()
    same(
        probing.ridge(features, target, 0.0),
        (fit[:4], fit[4]),
        given={"features": features, "target": target, "penalty": 0.0},
        teach="Nothing but the squared errors is left to be made small.",
        atol=2e-3,
    )


@pytest.mark.exercise("probing.ridge")
def test_more_features_than_rows():
    """With more features than rows the penalty makes the answer unique."""
    from sklearn.linear_model import Ridge

    features, target = example(4, 6, 10)
    model = Ridge(alpha=1.0).fit(features.double().numpy(), target.double().numpy())
    same(
        probing.ridge(features, target, 1.0),
        (torch.tensor(model.coef_.T).float(), torch.tensor(model.intercept_).float()),
        given={"features": features, "target": target, "penalty": 1.0},
        teach="The penalty times the unit matrix makes the matrix invertible.",
        atol=2e-3,
    )
