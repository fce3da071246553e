"""Checks of features.neuron_writes: What does a neuron write?"""

import pytest
import torch

from mi_tutor.exercises import features
from mi_tutor.tutor.judge import same, seeded

W_OUT = torch.tensor([1.0, 2.0])
W_UNEMBED = torch.tensor([[1.0, 0.0, -4.0], [0.0, 3.0, 3.0]])
GAIN = torch.tensor([2.0, 0.5])


@pytest.mark.exercise("features.neuron_writes")
def test_direct_effect_by_hand():
    """A neuron with output weights (1, 2) on a vocabulary of three tokens."""
    # through the norm: (1 * 2, 2 * 0.5) / 4 = (0.5, 0.25); logits 0.5, 0.75, -1.25 with mean 0.
    same(
        features.neuron_writes(W_OUT, W_UNEMBED, GAIN, 4.0),
        torch.tensor([0.5, 0.75, -1.25]),
        given={"w_out": W_OUT, "w_unembed": W_UNEMBED, "gain": GAIN, "rms": 4.0},
        teach="Divide by rms, multiply by gain, then unembed.",
    )


@pytest.mark.exercise("features.neuron_writes")
def test_what_all_tokens_share_is_removed():
    """What is added to all logits alike is removed."""
    unembed = W_UNEMBED + 10.0
    # each logit gets (0.5 + 0.25) * 10 more, the same for every token.
    same(
        features.neuron_writes(W_OUT, unembed, GAIN, 4.0),
        torch.tensor([0.5, 0.75, -1.25]),
        given={"w_out": W_OUT, "w_unembed": unembed, "gain": GAIN, "rms": 4.0},
        teach="Softmax does not see a constant. Subtract the mean over the vocabulary.",
    )


@pytest.mark.exercise("features.neuron_writes")
def test_square_unembedding_keeps_its_orientation():
    """The unembedding is d_model x d_vocab, also when both sizes are equal."""
    unembed = torch.tensor([[1.0, -1.0], [5.0, -5.0]])
    # (1 * 2, 2 * 0.5) / 1 = (2, 1): 2 * 1 + 1 * 5 = 7.
    same(
        features.neuron_writes(W_OUT, unembed, GAIN, 1.0),
        torch.tensor([7.0, -7.0]),
        given={"w_out": W_OUT, "w_unembed": unembed, "gain": GAIN, "rms": 1.0},
        teach="Rows of w_unembed belong to residual dimensions, columns to tokens.",
    )


@pytest.mark.exercise("features.neuron_writes")
def test_direct_effect_is_the_difference_a_unit_makes(seed):
    """It is what one unit of activation changes in the logits when the norm's denominator is held still."""
    draw = seeded(seed)
    w_out, gain, x = (torch.randn(5, generator=draw, dtype=torch.float64) for _ in range(3))
    unembed = torch.randn(5, 9, generator=draw, dtype=torch.float64)
    rms = x.square().mean().sqrt()
    change = ((x + w_out) / rms * gain) @ unembed - (x / rms * gain) @ unembed
    same(
        features.neuron_writes(w_out.float(), unembed.float(), gain.float(), rms.item()),
        (change - change.mean()).float(),
        given={"rms": rms.item(), "gain": gain, "w_out": w_out},
        teach="Compare the logits with the neuron one unit higher and without, the denominator fixed.",
        atol=1e-3,
        rtol=1e-3,
    )
