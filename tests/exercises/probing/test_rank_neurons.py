"""Checks of probing.rank_neurons: Which neurons tell the classes apart?"""

import pytest
import torch

from mi_tutor.exercises import probing
from mi_tutor.tutor.judge import same, seeded

LABELS = torch.tensor([True, True, False, False])
# Neuron 0: means 3 and 1, deviation √2. Neuron 1: 0 and 4, deviation 2. Neuron 2 never changes. Neuron 3: 2 and 2.
FEATURES = torch.tensor([[4.0, 0.0, 5.0, 1.0], [2.0, 0.0, 5.0, 3.0], [2.0, 4.0, 5.0, 2.0], [0.0, 4.0, 5.0, 2.0]])
DIFFERENCE = torch.tensor([2 / 2**0.5, -2.0, 0.0, 0.0])


@pytest.mark.exercise("probing.rank_neurons")
def test_difference_by_hand():
    """Means 3 and 1 with deviation √2 give 1.41, means 0 and 4 with deviation 2 give -2."""
    _, difference = probing.rank_neurons(FEATURES, LABELS)
    same(
        difference[[0, 1, 3]],
        DIFFERENCE[[0, 1, 3]],
        given={"features": FEATURES, "labels": LABELS},
        teach="Mean over positive rows minus mean over negative rows, divided by the deviation over all rows (with n).",
        what="difference of the neurons 0, 1 and 3",
    )


@pytest.mark.exercise("probing.rank_neurons")
def test_the_order_looks_at_the_size():
    """A neuron that is lower by 2 on the positive rows comes before one that is higher by 1.41."""
    # means 2 and 4 with deviation √3, 0 and 4 with 2, 3 and 1 with √2
    features = torch.tensor([[2.0, 0.0, 4.0], [2.0, 0.0, 2.0], [6.0, 4.0, 2.0], [2.0, 4.0, 0.0]])
    same(
        probing.rank_neurons(features, LABELS)[0],
        torch.tensor([1, 2, 0]),
        given={"features": features, "labels": LABELS, "differences": [-0.577, -2.0, 1.414]},
        teach="-2 tells the classes apart better than 1.41. The list names the neurons: the best one is number 1.",
        what="order",
    )


@pytest.mark.exercise("probing.rank_neurons")
def test_a_neuron_that_never_changes():
    """A neuron that never changes has difference 0, also where rounding leaves it a tiny deviation."""
    features = torch.cat([FEATURES[:, :2], torch.full((4, 1), 5.0), torch.full((4, 1), 0.1)], dim=1).repeat(3, 1)[:11]
    labels = LABELS.repeat(3)[:11]
    order, difference = probing.rank_neurons(features, labels)
    same(
        difference[2:],
        torch.zeros(2),
        given={"neuron 2": "5.0 in all 11 rows", "neuron 3": "0.1 in all 11 rows"},
        teach="0 divided by 0 is no number, and a rounding error divided by a rounding error is anything.",
        what="difference of the neurons 2 and 3",
    )
    same(
        sorted(order[:2].tolist()),
        [0, 1],
        given={"neuron 2": "5.0 in all 11 rows", "neuron 3": "0.1 in all 11 rows"},
        teach="A neuron that says nothing comes last.",
        what="first two neurons of the order",
    )
    for rows in (11, 300):
        constant = torch.tensor([0.1, 0.3, 0.7, 5.0]).expand(rows, 4)
        labels = torch.arange(rows) % 3 == 0
        moving = torch.arange(rows)[:, None] % 2 + 0.01 * labels[:, None]
        same(
            probing.rank_neurons(torch.cat([moving, constant], dim=1), labels)[1][1:],
            torch.zeros(4),
            given={"neurons 1 to 4": f"0.1, 0.3, 0.7 and 5.0 in all {rows} rows"},
            teach="0 divided by 0 is no number, and a rounding error divided by a rounding error is anything.",
            what="difference of the neurons 1 to 4",
        )


@pytest.mark.exercise("probing.rank_neurons")
def test_the_scale_of_a_neuron_does_not_count(seed):
    """Neurons multiplied by 0.01 or 100 keep their difference and their place."""
    features = torch.randn(30, 5, generator=seeded(seed)) + torch.arange(30)[:, None] % 2 * torch.tensor(
        [3, -2, 1, 0, 4]
    )
    labels = torch.arange(30) % 2 == 1
    order, difference = probing.rank_neurons(features, labels)
    scaled = features * torch.tensor([0.01, 1.0, 100.0, 10.0, 0.1])
    same(
        probing.rank_neurons(scaled, labels),
        (order, difference),
        given={"features": features, "labels": labels, "neurons multiplied by": [0.01, 1.0, 100.0, 10.0, 0.1]},
        teach="A neuron with large activations is not a better one. Divide by its spread.",
        atol=1e-3,
        what="(order, difference)",
    )


@pytest.mark.exercise("probing.rank_neurons")
def test_all_neurons_in_both_results(seed):
    """`order` sorts the sizes of `difference`, which stays in the order of the neurons."""
    features = torch.randn(40, 6, generator=seeded(seed)) * 3 + 1
    labels = torch.arange(40) % 3 == 0
    order, difference = probing.rank_neurons(features, labels)
    x, y = features.double().numpy(), labels.numpy()
    expected = torch.tensor((x[y].mean(0) - x[~y].mean(0)) / x.std(0)).float()
    same(difference, expected, given={"features": features, "labels": labels}, teach="Neuron 0 first.", atol=1e-4)
    same(
        expected.abs()[order],
        expected.abs().sort(descending=True).values,
        given={"features": features, "labels": labels, "order": order},
        teach="Every neuron once, the largest absolute difference first.",
        atol=1e-4,
        what="sizes in this order",
    )
