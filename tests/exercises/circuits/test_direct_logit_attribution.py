"""Checks of circuits.direct_logit_attribution: Who wrote the answer?"""

import pytest
import torch

from mi_tutor.exercises import circuits
from mi_tutor.tutor.judge import same, seeded

LENS_GAIN = torch.tensor([2.0, 1.0])
DLA_PARTS = torch.tensor([[[3.0, 1.0]], [[-2.0, 6.0]]])  # sum (1, 7), root mean square 5
DLA_UNEMBED = torch.tensor([[4.0, 1.0], [0.0, 10.0]])
FIRST, SECOND = torch.tensor([0]), torch.tensor([1])


@pytest.mark.exercise("circuits.direct_logit_attribution")
def test_attribution_by_hand():
    """Two parts that add up to (1, 7) give 1.6 and −14.4 to the logit difference."""
    # direction: (4 - 1, 0 - 10) * (2, 1) / 5 = (1.2, -2)
    got = circuits.direct_logit_attribution(DLA_PARTS, LENS_GAIN, DLA_UNEMBED, FIRST, SECOND, 0.0)
    same(
        got,
        torch.tensor([[1.6], [-14.4]]),
        given={"parts": DLA_PARTS, "gain": LENS_GAIN, "W_U": DLA_UNEMBED, "correct": 0, "wrong": 1, "eps": 0.0},
        teach="The direction is (4 − 1, 0 − 10) · (2, 1) / 5 = (1.2, −2).",
    )


@pytest.mark.exercise("circuits.direct_logit_attribution")
def test_a_split_part_splits_its_share():
    """If a part is cut in two, the pieces share what it had, and the other parts keep theirs."""
    pieces = torch.stack([DLA_PARTS[0] * 0.25, DLA_PARTS[0] * 0.75, DLA_PARTS[1]])
    same(
        circuits.direct_logit_attribution(pieces, LENS_GAIN, DLA_UNEMBED, FIRST, SECOND, 0.0),
        torch.tensor([[0.4], [1.2], [-14.4]]),
        given={"parts": pieces, "gain": LENS_GAIN, "W_U": DLA_UNEMBED},
        teach="All parts of a text are divided by the same number, the one that belongs to their sum.",
    )


@pytest.mark.exercise("circuits.direct_logit_attribution")
def test_each_text_has_its_scale_and_tokens():
    """Texts do not mix: each has its own scale, its own right and wrong token; eps = 11 stands inside the root."""
    parts = torch.tensor([[[1.0, 0.0], [10.0, 3.0]], [[0.0, 7.0], [0.0, 2.0]]])
    # text 0: mean square 25, root of 36 is 6; text 1: (100 + 25) / 2 = 62.5, root of 73.5
    root = 73.5**0.5
    expected = torch.tensor([[3 * 2 / 6, (-3 * 2 * 10 + 10 * 3) / root], [-10 * 7 / 6, 10 * 2 / root]])
    same(
        circuits.direct_logit_attribution(
            parts, LENS_GAIN, DLA_UNEMBED, torch.tensor([0, 1]), torch.tensor([1, 0]), 11.0
        ),
        expected,
        given={"parts": parts, "correct": [0, 1], "wrong": [1, 0], "eps": 11.0},
        teach="In text 1 right and wrong are exchanged, and the residual stream is longer.",
    )


@pytest.mark.exercise("circuits.direct_logit_attribution")
def test_attributions_add_up_to_the_logit_difference(seed):
    """On random parts they add up to the logit difference behind torch's RMSNorm."""
    draw = seeded(seed)
    parts, gain = torch.randn(5, 3, 4, generator=draw), 1 + torch.rand(4, generator=draw)
    unembed = torch.randn(4, 9, generator=draw)
    correct, wrong = torch.tensor([0, 3, 8]), torch.tensor([2, 7, 1])
    logits = torch.nn.functional.rms_norm(parts.sum(dim=0), (4,), gain, 0.01) @ unembed
    expected = torch.stack([logits[i, correct[i]] - logits[i, wrong[i]] for i in range(3)])
    got = circuits.direct_logit_attribution(parts, gain, unembed, correct, wrong, 0.01)
    same(
        got.sum(dim=0),
        expected,
        given={"gain": gain, "eps": 0.01},
        what="the sum over parts",
        teach="This is the test to run on every decomposition: does it add up to what the model says?",
        atol=1e-3,
        rtol=1e-3,
    )
