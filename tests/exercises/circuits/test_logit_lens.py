"""Checks of circuits.logit_lens: What would it say if it stopped here?"""

import pytest
import torch

from mi_tutor.exercises import circuits
from mi_tutor.tutor.judge import same, seeded

LENS_GAIN = torch.tensor([2.0, 1.0])
LENS_UNEMBED = torch.tensor([[1.0, 0.0, 1.0], [0.0, 1.0, -1.0]])


@pytest.mark.exercise("circuits.logit_lens")
def test_lens_by_hand():
    """The vector (1, 7) has a root mean square of 5 and gives the logits 0.4, 1.4 and −1."""
    resid = torch.tensor([[[1.0, 7.0]]])
    same(
        circuits.logit_lens(resid, LENS_GAIN, LENS_UNEMBED, 0.0),
        torch.tensor([[[0.4, 1.4, -1.0]]]),
        given={"resid": resid, "gain": LENS_GAIN, "W_U": LENS_UNEMBED, "eps": 0.0},
        teach="sqrt((1 + 49) / 2) = 5; (1, 7) / 5 · (2, 1) = (0.4, 1.4); then the three columns of W_U.",
    )


@pytest.mark.exercise("circuits.logit_lens")
def test_every_layer_has_its_own_scale():
    """Ten times the vector gives the same logits: each layer and text is divided by its own root mean square."""
    resid = torch.tensor([[[1.0, 7.0], [10.0, 70.0]], [[100.0, 700.0], [-1.0, -7.0]]])
    row = torch.tensor([0.4, 1.4, -1.0])
    same(
        circuits.logit_lens(resid, LENS_GAIN, LENS_UNEMBED, 0.0),
        torch.stack([torch.stack([row, row]), torch.stack([row, -row])]),
        given={"resid": resid, "gain": LENS_GAIN, "W_U": LENS_UNEMBED, "eps": 0.0},
        teach="The lens asks what the model would say if this layer were the last: the norm would see this vector.",
    )


@pytest.mark.exercise("circuits.logit_lens")
def test_eps_stands_inside_the_root():
    """With eps = 11 the vector (1, 7) is divided by 6."""
    resid = torch.tensor([[[1.0, 7.0]]])
    same(
        circuits.logit_lens(resid, LENS_GAIN, LENS_UNEMBED, 11.0),
        torch.tensor([[[2 / 6, 7 / 6, -5 / 6]]]),
        given={"resid": resid, "gain": LENS_GAIN, "W_U": LENS_UNEMBED, "eps": 11.0},
        teach="sqrt(25 + 11) = 6: the mean of the squares, plus eps, and then the root.",
    )


@pytest.mark.exercise("circuits.logit_lens")
def test_lens_agrees_with_torch(seed):
    """On random vectors it agrees with torch's own RMSNorm."""
    draw = seeded(seed)
    resid = 3 * torch.randn(4, 2, 6, generator=draw) + 1
    gain, unembed = torch.randn(6, generator=draw), torch.randn(6, 6, generator=draw)
    expected = torch.nn.functional.rms_norm(resid, (6,), gain, 0.1) @ unembed
    same(
        circuits.logit_lens(resid, gain, unembed, 0.1),
        expected,
        given={"gain": gain, "eps": 0.1},
        teach="torch.nn.functional.rms_norm, then W_U. Column v of W_U belongs to token v.",
        atol=1e-4,
    )
