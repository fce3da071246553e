"""Checks of probing.mass_mean: A probe from two means."""

import pytest
import torch

from mi_tutor.exercises import probing
from mi_tutor.tutor.judge import raises, same, seeded

T, F = True, False


@pytest.mark.exercise("probing.mass_mean")
def test_by_hand():
    """Means (3, 1) and (0, 2) give the direction (3, -1) and the threshold 3."""
    # halfway between the means is (1.5, 1.5), and along (3, -1) that is 3
    features = torch.tensor([[2.0, 0.0], [0.0, 0.0], [4.0, 2.0], [0.0, 2.0], [0.0, 4.0]])
    labels = torch.tensor([T, F, T, F, F])
    same(
        probing.mass_mean(features, labels, False),
        (torch.tensor([3.0, -1.0]), 3.0),
        given={"features": features, "labels": labels, "tilted": False},
        teach="The direction points from the negative mean to the positive one and keeps its length. The threshold "
        "is where the point halfway between the means lies on it.",
        what="(direction, threshold)",
    )


@pytest.mark.exercise("probing.mass_mean")
def test_classes_of_different_size():
    """With 1 positive and 4 negative rows the threshold still lies halfway between the two means."""
    features = torch.tensor([[10.0], [0.0], [2.0], [1.0], [1.0]])
    labels = torch.tensor([T, F, F, F, F])
    same(
        probing.mass_mean(features, labels, False),
        (torch.tensor([9.0]), 9.0 * 5.5),
        given={"features": features, "labels": labels, "tilted": False},
        teach="Halfway between 10 and 1 is 5.5. How many rows a class has does not move its mean.",
        what="(direction, threshold)",
    )


@pytest.mark.exercise("probing.mass_mean")
def test_tilted_by_hand():
    """The covariance within the classes tilts the direction (2, 0) to (8, -4), with threshold 4."""
    # deviations ±(1, 1) and ±(0, 1): S = [[0.5, 0.5], [0.5, 1]], its inverse [[4, -2], [-2, 2]]; halfway is (1, 1)
    features = torch.tensor([[1.0, 0.0], [3.0, 2.0], [0.0, 0.0], [0.0, 2.0]])
    labels = torch.tensor([T, T, F, F])
    same(
        probing.mass_mean(features, labels, True),
        (torch.tensor([8.0, -4.0]), 4.0),
        given={"features": features, "labels": labels, "tilted": True},
        teach="Each row's deviation is from the mean of its own class, and the outer products are averaged over all "
        "rows. The threshold lies halfway along the tilted direction.",
        atol=1e-3,
        what="(direction, threshold)",
    )


@pytest.mark.exercise("probing.mass_mean")
def test_as_linear_discriminant_analysis(seed):
    """Tilted, it is the discriminant of scikit-learn's linear discriminant analysis for equally frequent classes."""
    from sklearn.discriminant_analysis import LinearDiscriminantAnalysis

    generator = seeded(seed)
    features = torch.randn(40, 3, generator=generator) @ torch.tensor(
        [[1.0, 0.8, 0.0], [0.0, 0.6, 0.5], [0.0, 0.0, 1.0]]
    )
    labels = torch.arange(40) % 4 == 0
    features[labels] += torch.tensor([1.0, -0.5, 2.0])
    model = LinearDiscriminantAnalysis(solver="lsqr").fit(features.double().numpy(), labels.numpy())
    # scikit-learn's intercept holds the logarithm of the classes' odds, here 10 to 30
    threshold = -float(model.intercept_[0]) + float(torch.tensor(10 / 30).log())
    same(
        probing.mass_mean(features, labels, True),
        (torch.tensor(model.coef_[0]).float(), threshold),
        given={"features": features, "labels": labels, "tilted": True},
        teach="pinv(S) times the difference of the means, with S averaged over all rows.",
        atol=5e-3,
        rtol=1e-3,
        what="(direction, threshold)",
    )


@pytest.mark.exercise("probing.mass_mean")
def test_a_feature_that_never_changes():
    """A feature that is the same in all rows gets weight 0 in the tilted direction, and nothing breaks."""
    features = torch.tensor([[1.0, 0.0, 5.0], [3.0, 2.0, 5.0], [0.0, 0.0, 5.0], [0.0, 2.0, 5.0]])
    labels = torch.tensor([T, T, F, F])
    same(
        probing.mass_mean(features, labels, True),
        (torch.tensor([8.0, -4.0, 0.0]), 4.0),
        given={"features": features, "labels": labels, "tilted": True},
        teach="S has no inverse here. The pseudo-inverse of the contract leaves such a feature out.",
        atol=1e-3,
        what="(direction, threshold)",
    )


@pytest.mark.exercise("probing.mass_mean")
@pytest.mark.parametrize("label", [True, False])
@pytest.mark.parametrize("tilted", [False, True])
def test_one_class_only(label, tilted):
    """With rows of one class only, a ValueError is raised."""
    with raises(
        ValueError,
        given={"labels": [label] * 3, "tilted": tilted},
        teach="The mean of no rows is nan, and a probe of nan says no to everything.",
    ):
        probing.mass_mean(torch.tensor([[1.0], [2.0], [4.0]]), torch.tensor([label] * 3), tilted)
