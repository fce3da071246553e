"""Checks of probing.online_code_length: How many bits do the labels cost?"""

import math

import pytest
import torch

from mi_tutor.exercises import probing
from mi_tutor.tutor.judge import raises, same


def by_frequency(n_classes):
    """A probe that ignores the features: it has counted labels, each class once more than it occurred."""

    def fit(features, labels):
        counts = torch.bincount(labels, minlength=n_classes) + 1.0
        return lambda x: (counts / counts.sum()).repeat(len(x), 1)

    return fit


FEATURES = torch.arange(12.0).reshape(6, 2)


@pytest.mark.exercise("probing.online_code_length")
def test_by_hand():
    """Blocks of 2, 1 and 3 rows of 4 classes cost 4, 1 and 4.42 bits."""
    # after rows 0, 0 the counts are 3 1 1 1: label 0 has p = 1/2. After 0, 0, 0 they are 4 1 1 1: 4/7, 4/7, 1/7.
    labels = torch.tensor([0, 0, 0, 0, 0, 2])
    bits = 2 * 2 + 1 + 2 * math.log2(7 / 4) + math.log2(7)
    same(
        probing.online_code_length(FEATURES, labels, 4, [2, 3, 6], by_frequency(4)),
        (bits, 12 / bits),
        given={"labels": labels, "n_classes": 4, "ends": [2, 3, 6], "fit": "counts of each class, plus 1"},
        teach="Two labels of 2 bits are 4 bits. The probe trained on 0, 0 gives the third label 1/2: 1 bit. The one "
        "trained on 0, 0, 0 gives the last three 4/7, 4/7 and 1/7: 0.81 + 0.81 + 2.81 = 4.42 bits. Compression: all "
        "six at 2 bits, divided by the sum.",
        what="(bits, compression)",
    )


@pytest.mark.exercise("probing.online_code_length")
def test_one_block():
    """With a single block there is nothing to learn from, and the compression is 1."""
    labels = torch.tensor([0, 1, 1, 1, 1, 1])
    same(
        probing.online_code_length(FEATURES, labels, 3, [6], by_frequency(3)),
        (6 * math.log2(3), 1.0),
        given={"labels": labels, "n_classes": 3, "ends": [6]},
        teach="All 3 classes count as equally likely, also one that does not occur.",
        what="(bits, compression)",
    )


@pytest.mark.exercise("probing.online_code_length")
def test_what_the_probes_are_trained_on():
    """The probe for a block is trained on all rows before it, in their order, and asked about its rows only."""
    trained, asked = [], []

    def spy(features, labels):
        trained.append([features[:, 0].tolist(), labels.tolist()])

        def probe(x):
            asked.append(x[:, 0].tolist())
            return torch.full((len(x), 2), 0.5)

        return probe

    labels = torch.tensor([1, 0, 0, 1, 1, 0])
    probing.online_code_length(FEATURES, labels, 2, [1, 3, 6], spy)
    same(
        trained,
        [[[0.0], [1]], [[0.0, 2.0, 4.0], [1, 0, 0]]],
        given={"first feature": FEATURES[:, 0], "labels": labels, "ends": [1, 3, 6]},
        teach="The receiver has the blocks that were sent before, all of them, and not the one that comes.",
        what="rows and labels given to fit",
    )
    same(
        sorted(row for rows in asked for row in rows),
        [2.0, 4.0, 6.0, 8.0, 10.0],
        given={"first feature": FEATURES[:, 0], "ends": [1, 3, 6]},
        teach="Each row behind the first block is coded once.",
        what="rows the probes were asked about",
    )


@pytest.mark.exercise("probing.online_code_length")
def test_features_help():
    """A probe that is sure and right makes the message short: only the first block costs much."""

    def fit(features, labels):
        return lambda x: torch.stack([x[:, 0], 1 - x[:, 0]], dim=1)

    features = torch.tensor([[0.75], [0.25], [1.0], [0.5], [0.125], [1.0]])
    labels = torch.tensor([0, 1, 0, 1, 1, 0])
    bits = 2 + 0 + 1 + math.log2(8 / 7) + 0
    same(
        probing.online_code_length(features, labels, 2, [2, 4, 6], fit),
        (bits, 6 / bits),
        given={"features, the probability of label 0": features[:, 0], "labels": labels, "ends": [2, 4, 6]},
        teach="A label of probability p costs -log2 p bits, for the label that is true.",
        what="(bits, compression)",
    )


@pytest.mark.exercise("probing.online_code_length")
@pytest.mark.parametrize("ends", [[2, 5], [2, 7]])
def test_blocks_must_reach_the_end(ends):
    """Blocks that do not end with the last row are refused with a ValueError."""
    with raises(
        ValueError,
        given={"rows": 6, "ends": ends},
        teach="Labels that are never sent cost nothing, and the message would look short.",
    ):
        probing.online_code_length(FEATURES, torch.tensor([0, 1, 1, 0, 1, 0]), 2, ends, by_frequency(2))
