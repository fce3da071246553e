"""Checks of judging_saes.attribute_f1: Can a latent be read as an attribute?"""

import pytest
import torch

from mi_tutor.exercises import judging_saes
from mi_tutor.tutor.judge import same, seeded

from .on_copies import on_copies

LATENTS = torch.tensor([[1.0, 0.0], [0.2, 0.0], [0.0, 0.0], [3.0, 0.0]])
VALUES = torch.tensor([[0, 1], [0, 0], [0, 1], [2, 1]])
GIVEN = {"latents": LATENTS, "values": VALUES, "n_classes": 3}


@pytest.mark.exercise("judging_saes.attribute_f1")
def test_f1_by_hand():
    """A latent active on rows 0, 1, 3 meets the values (0, 0, 0, 2) and (1, 0, 1, 1) with these F1."""
    same(
        on_copies(judging_saes.attribute_f1)(LATENTS, VALUES, 3)[0],
        torch.tensor([[4 / 6, 0.0, 2 / 4], [2 / 4, 4 / 6, 0.0]]),
        given=GIVEN,
        teach="3 rows are active. Value 0 of attribute 0 is on 3 rows, 2 of them active; its value 2 on 1 row, an "
        "active one. Value 0 of attribute 1 is on 1 row, an active one; its value 1 on 3 rows, 2 of them active.",
        what="F1 of latent 0",
    )


@pytest.mark.exercise("judging_saes.attribute_f1")
def test_a_silent_latent_detects_nothing():
    """A latent that is never active has F1 = 0 for every value, also for those that no row has."""
    same(
        on_copies(judging_saes.attribute_f1)(LATENTS, VALUES, 3)[1],
        torch.zeros(2, 3),
        given=GIVEN,
        teach="Value 1 of attribute 0 is on no row: 0 / 0 counts as 0 here.",
        what="F1 of latent 1",
    )


@pytest.mark.exercise("judging_saes.attribute_f1")
def test_the_last_values_may_be_on_no_row():
    """With n_classes = 5 there are five classes, though no row has value 3 or 4."""
    got = on_copies(judging_saes.attribute_f1)(LATENTS, VALUES, 5)
    teach = "n_classes says how many values there are. The values of these rows end at 2."
    same(list(got.shape), [2, 2, 5], given={**GIVEN, "n_classes": 5}, teach=teach, what="shape")
    same(got[:, :, 3:], torch.zeros(2, 2, 2), given={**GIVEN, "n_classes": 5}, what="F1 of values 3 and 4")


@pytest.mark.exercise("judging_saes.attribute_f1")
def test_strength_does_not_matter():
    """How strongly a latent is active does not matter."""
    same(
        on_copies(judging_saes.attribute_f1)(100 * LATENTS, VALUES, 3),
        on_copies(judging_saes.attribute_f1)(0.001 * LATENTS, VALUES, 3),
        given=GIVEN,
        what="F1",
    )


@pytest.mark.exercise("judging_saes.attribute_f1")
def test_f1_agrees_with_scikit_learn(seed):
    """On random rows it agrees with scikit-learn."""
    from sklearn.metrics import f1_score

    g = seeded(seed)
    latents, values = torch.randn(30, 4, generator=g).relu(), torch.randint(0, 3, (30, 2), generator=g)
    expected = [
        [
            [f1_score((values[:, a] == v).numpy(), (latents[:, f] > 0).numpy(), zero_division=0) for v in range(4)]
            for a in range(2)
        ]
        for f in range(4)
    ]
    same(
        on_copies(judging_saes.attribute_f1)(latents, values, 4),  # no row has the last value
        torch.tensor(expected, dtype=torch.float32),
        given={"latents": latents, "values": values, "n_classes": 4},
        what="F1",
    )
