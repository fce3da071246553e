"""Checks of probing.leace: Erase a concept with the smallest change."""

import numpy as np
import pytest
import torch

from mi_tutor.exercises import probing
from mi_tutor.tutor.judge import holds, same, seeded

ROWS = torch.tensor([[0.0, 1.0], [3.0, 4.0], [1.0, 3.0], [0.0, 0.0]])
CONCEPT = torch.tensor([[1.0], [1.0], [0.0], [0.0]])


def example(seed: int) -> tuple[torch.Tensor, torch.Tensor]:
    """40 correlated rows of 5 features, and two columns of numbers that depend on them."""
    generator = seeded(seed)
    features = torch.randn(40, 5, generator=generator) @ torch.randn(5, 5, generator=generator) + 3.0
    concept = features @ torch.randn(5, 2, generator=generator) + 2 * torch.randn(40, 2, generator=generator)
    return features, concept + torch.tensor([10.0, -5.0])


def of_the_paper(features: torch.Tensor, concept: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """The formula of the docstring, by numpy, for features of full rank: whiten, project, unwhiten."""
    x, z = features.double().numpy(), concept.double().numpy()
    mean, x, z = x.mean(0), x - x.mean(0), z - z.mean(0)
    values, vectors = np.linalg.eigh(x.T @ x / len(x))
    white = vectors / np.sqrt(values) @ vectors.T
    q = np.linalg.qr(white @ (x.T @ z / len(x)))[0]
    column_form = np.eye(len(mean)) - np.linalg.inv(white) @ q @ q.T @ white
    return torch.tensor(column_form.T).float(), torch.tensor(mean - column_form @ mean).float()


@pytest.mark.exercise("probing.leace")
def test_nothing_linear_is_left(seed):
    """After the erasure no feature has a covariance with any column of the concept."""
    features, concept = example(seed)
    matrix, offset = probing.leace(features, concept)
    left = (features @ matrix + offset).double()
    covariance = (left - left.mean(dim=0)).T @ (concept - concept.mean(dim=0)).double() / len(left)
    same(
        covariance,
        torch.zeros(5, 2),
        given={"features": features, "concept": concept},
        teach="Where a covariance is left, a linear probe can use it.",
        atol=5e-3,
        what="covariance of the erased features (rows) with the concept (columns)",
    )


@pytest.mark.exercise("probing.leace")
def test_by_hand():
    """Four rows lose (3a - b) / 2 along (1, 1), where (a, b) is the row minus the mean (1, 2)."""
    # covariance with the concept: (1/4, 1/4), a multiple of C = (1, 1). S = [[1.5, 1.75], [1.75, 2.5]];
    # S⁻¹ C is a multiple of R = (3, -1), and C · R = 2.
    same(
        probing.leace(ROWS, CONCEPT),
        (torch.tensor([[-0.5, -1.5], [0.5, 1.5]]), torch.tensor([0.5, 0.5])),
        given={"features": ROWS, "concept": CONCEPT},
        teach="Both classes have the mean (1, 2) then, and no other map with that changes the rows less.",
        atol=1e-3,
        what="(matrix, offset)",
    )


@pytest.mark.exercise("probing.leace")
def test_the_mean_stays(seed):
    """The mean of the rows is the same before and after."""
    features, concept = example(seed)
    matrix, offset = probing.leace(features, concept)
    same(
        (features @ matrix + offset).mean(dim=0),
        features.mean(dim=0),
        given={"features": features, "concept": concept},
        teach="The model needs the mean; the concept is in the differences. What the matrix does to the mean, the "
        "offset makes good.",
        atol=5e-3,
        what="mean of the erased rows",
    )


@pytest.mark.exercise("probing.leace")
def test_the_smallest_change(seed):
    """No other map of this kind changes the rows less: it is the formula of the paper."""
    features, concept = example(seed)
    matrix, offset = probing.leace(features, concept)
    expected, expected_offset = of_the_paper(features, concept)
    change = float((features @ matrix + offset - features).square().sum(dim=1).mean())
    least = float((features @ expected + expected_offset - features).square().sum(dim=1).mean())
    holds(
        change < 1.01 * least + 1e-3,
        "The rows are changed more than needed. To take the concept out of a row, take away what goes along with the "
        "concept, by as much as the row's own prediction of the concept says.",
        given={"features": features, "concept": concept},
        got=f"a mean squared change of {change:.4f}",
        expected=f"{least:.4f}",
    )
    same(
        (matrix, offset),
        (expected, expected_offset),
        given={"features": features, "concept": concept},
        teach="There is only one such map where the features vary in all directions.",
        atol=1e-2,
        rtol=1e-2,
        what="(matrix, offset)",
    )


@pytest.mark.exercise("probing.leace")
def test_classes_as_columns():
    """With a column for each of three classes, all class means become one, and a linear probe says a constant."""
    generator = seeded(5)
    label = torch.tensor([0] * 16 + [1] * 20 + [2] * 12)
    features = torch.randn(48, 4, generator=generator) + torch.eye(4)[label] * 3
    classes = torch.nn.functional.one_hot(label).float()
    matrix, offset = probing.leace(features, classes)
    left = features @ matrix + offset
    means = torch.stack([left[label == c].mean(dim=0) for c in range(3)])
    same(
        means,
        features.mean(dim=0).repeat(3, 1),
        given={"features": "48 × 4", "concept": "a column of 0 and 1 for each of three classes"},
        teach="The three columns add up to 1, so the third follows from the others. All three class means should be "
        "the mean of all rows.",
        atol=1e-2,
        what="means of the classes after the erasure",
    )
    # the best linear probe of each class, by least squares with an intercept, says the class's share for every row
    x = np.column_stack([left.double().numpy(), np.ones(48)])
    said = x @ np.linalg.lstsq(x, classes.double().numpy(), rcond=1e-6)[0]
    same(
        torch.tensor(said).float(),
        torch.tensor([16.0, 20.0, 12.0]).repeat(48, 1) / 48,
        given={"features": "48 × 4", "concept": "a column of 0 and 1 for each of three classes"},
        teach="A linear probe still finds something. It should do no better than a constant.",
        atol=2e-2,
        what="what linear probes say after the erasure",
    )


@pytest.mark.exercise("probing.leace")
def test_where_nothing_varies():
    """A feature that is the same in all rows is left as it is, and does not disturb the others."""
    features = torch.cat([ROWS, torch.full((4, 1), 7.0)], dim=1)
    same(
        probing.leace(features, CONCEPT),
        (torch.tensor([[-0.5, -1.5, 0.0], [0.5, 1.5, 0.0], [0.0, 0.0, 1.0]]), torch.tensor([0.5, 0.5, 0.0])),
        given={"features": features, "concept": CONCEPT},
        teach="The covariance has no inverse here. Its pseudo-inverse is 0 where nothing varies.",
        atol=1e-3,
        what="(matrix, offset)",
    )
