"""Wrong answers to features.neuron_writes that learners give, with the sentence to say for each."""

import torch

from mi_tutor.tutor.misconceptions import misconception, probe


@probe("features.neuron_writes")
def observe_neuron_writes(neuron_writes):
    """A square unembedding, a gain and an rms that matter, a common part in all logits."""
    w_out, gain = torch.tensor([1.0, 2.0, -0.5]), torch.tensor([2.0, 0.5, 3.0])
    unembed = torch.tensor([[1.0, 0.0, -4.0], [0.0, 3.0, 3.5], [10.0, 12.0, 11.0]])
    yield neuron_writes(w_out, unembed, gain, 4.0)


def centred(logits):
    return logits - logits.mean()


@misconception(
    "features.neuron_writes",
    says=(
        "You leave out the gain of the final norm. It scales every residual dimension differently before the "
        "unembedding, so the order of the tokens changes."
    ),
)
def forgets_the_gain(w_out, w_unembed, gain, rms):
    return centred((w_out / rms) @ w_unembed)


@misconception(
    "features.neuron_writes",
    says="You leave out the denominator of the norm. Your logits are too large by a factor of rms.",
)
def forgets_the_rms(w_out, w_unembed, gain, rms):
    return centred((w_out * gain) @ w_unembed)


@misconception(
    "features.neuron_writes",
    says="You multiply by rms. A norm divides: the longer the residual vector, the less one neuron can change.",
)
def multiplies_by_the_rms(w_out, w_unembed, gain, rms):
    return centred((w_out * rms * gain) @ w_unembed)


@misconception(
    "features.neuron_writes",
    says=(
        "You normalise the neuron's own output vector. The model normalises the whole residual vector, in which "
        "this neuron is one small part."
    ),
)
def normalises_the_neuron(w_out, w_unembed, gain, rms):
    return centred((w_out / w_out.square().mean().sqrt() * gain) @ w_unembed)


@misconception(
    "features.neuron_writes",
    says=(
        "You do not subtract the mean over the vocabulary. What is added to all logits alike changes no "
        "probability, but hides what differs."
    ),
)
def keeps_the_common_part(w_out, w_unembed, gain, rms):
    return (w_out / rms * gain) @ w_unembed


@misconception(
    "features.neuron_writes",
    says=(
        "You multiply with the unembedding the wrong way round. Its rows belong to residual dimensions, its columns"
        " to tokens."
    ),
)
def transposes_the_unembedding(w_out, w_unembed, gain, rms):
    turned = w_unembed.T if w_unembed.shape[0] == w_unembed.shape[1] else w_unembed
    return centred((w_out / rms * gain) @ turned)
