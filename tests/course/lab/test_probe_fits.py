"""Splits by group, ridge over stages and intervals over groups, each against an independent way."""

import numpy as np
import pytest
import torch
from sklearn.linear_model import Ridge
from sklearn.preprocessing import StandardScaler

from mi_tutor.lab import probes
from mi_tutor.lab.probes.ridge import _products, fit_from_products


@pytest.fixture
def rows():
    """120 rows of 8 features with very unlike scales, one of them constant; two targets; 12 groups of unequal size."""
    generator = torch.Generator().manual_seed(0)
    features = (
        torch.randn(120, 8, generator=generator) * torch.tensor([1, 50, 0.1, 1, 0, 3, 1, 1]) + torch.arange(8) * 9
    )
    targets = features[:, :2] * torch.tensor([1, 0.1]) + torch.randn(120, 2, generator=generator) + 5
    groups = [int(at**0.5) for at in range(120)]
    return features, targets, groups


def test_the_rows_of_a_group_are_in_one_part_and_parts_are_of_one_size(rows):
    _, _, groups = rows
    part = probes.folds(groups, 4, seed=1)
    for group in set(groups):
        assert len({int(p) for p, g in zip(part, groups, strict=True) if g == group}) == 1
    assert part.bincount().min() >= 25 and len(part.bincount()) == 4
    assert not torch.equal(probes.folds(range(20), 4, seed=1), probes.folds(range(20), 4, seed=2))


def test_groups_can_be_names():
    assert torch.equal(probes.folds(["b", "a", "b", "c"], 3), probes.folds([7, 1, 7, 2], 3))


def test_more_parts_than_groups_is_refused():
    with pytest.raises(ValueError, match="There are 2 groups"):
        probes.folds([0, 1, 1], 3)


@pytest.mark.parametrize("penalty", [0.5, 100.0])
def test_ridge_agrees_with_scikit_learn(rows, penalty):
    features, targets, _ = rows
    weights, bias = fit_from_products(_products(features.double(), targets.double()), 2, [penalty])[0]
    scaler = StandardScaler().fit(features)
    expected = Ridge(alpha=penalty).fit(scaler.transform(features), targets)
    np.testing.assert_allclose(
        features.double() @ weights + bias, expected.predict(scaler.transform(features)), atol=1e-4
    )


def test_every_row_is_predicted_by_a_probe_that_has_not_seen_its_group(rows):
    features, targets, groups = rows
    part = probes.folds(groups, 4, seed=0)
    found = probes.ridge_by_group([features, features * 2], targets, groups, 4, penalties=[3.0])
    for one in range(4):
        train, test = part != one, part == one
        scaler = StandardScaler().fit(features[train])
        expected = Ridge(alpha=3.0).fit(scaler.transform(features[train]), targets[train])
        np.testing.assert_allclose(
            found.predicted[0, test], expected.predict(scaler.transform(features[test])), atol=1e-3
        )
        torch.testing.assert_close(found.mean[test], targets[train].mean(dim=0).expand(int(test.sum()), 2))
    torch.testing.assert_close(found.predicted[0], found.predicted[1], atol=1e-3, rtol=1e-3)  # scale does not matter


def test_the_penalty_is_chosen_on_the_part_that_follows(rows):
    features, targets, groups = rows
    part = probes.folds(groups, 4, seed=0)
    penalties = [1.0, 1e6]
    found = probes.ridge_by_group([features], targets, groups, 4, penalties)
    for one in range(4):
        judge = part == (one + 1) % 4
        train = ~judge & (part != one)
        scaler = StandardScaler().fit(features[train])
        wrong = [
            (
                (
                    Ridge(alpha=p)
                    .fit(scaler.transform(features[train]), targets[train])
                    .predict(scaler.transform(features[judge]))
                    - targets[judge].numpy()
                )
                ** 2
            ).sum()
            for p in penalties
        ]
        assert found.penalty[0, one] == penalties[int(np.argmin(wrong))]


def test_noise_is_not_predicted(rows):
    _, targets, groups = rows
    noise = torch.randn(120, 30, generator=torch.Generator().manual_seed(5))
    assert probes.ridge_by_group([noise], targets, groups, 4).r_squared(targets).max() < 0.05


def test_r_squared_by_hand():
    found = probes.ridge.RidgePredictions(
        torch.tensor([[[1.0], [2.0], [3.0]]]), torch.ones(1, 1), torch.tensor([[2.0], [2.0], [2.0]])
    )
    targets = torch.tensor([[1.0], [1.0], [4.0]])
    assert found.r_squared(targets).item() == pytest.approx(1 - 2 / 6)
    assert found.r_squared(targets, torch.tensor([2])).item() == pytest.approx(1 - 1 / 4)


def test_an_interval_over_groups_is_wider_than_one_over_rows():
    values = torch.arange(10.0).repeat_interleave(20)
    groups = values.long()

    def mean(draw):
        return float(values[draw].mean())

    low, high = probes.group_interval(mean, groups, n=400)
    narrow = probes.group_interval(mean, torch.arange(200), n=400)
    assert high - low > 3 * (narrow[1] - narrow[0])
    expected = 2 * 1.645 * (values.var(correction=0) / 10) ** 0.5  # normal approximation, 10 independent groups
    assert high - low == pytest.approx(float(expected), rel=0.15)


def test_a_curve_gets_an_interval_at_every_point():
    values = torch.stack([torch.arange(8.0), torch.zeros(8)])
    low, high = probes.group_interval(lambda draw: values[:, draw].mean(dim=1), torch.arange(8), n=50)
    assert low.shape == high.shape == (2,) and low[0] < 3.5 < high[0] and low[1] == high[1] == 0


def test_the_same_seed_gives_the_same_interval():
    def share(draw):
        return float((draw % 3 == 0).float().mean())

    assert probes.group_interval(share, range(30), seed=3) == probes.group_interval(share, range(30), seed=3)
