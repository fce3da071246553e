"""Wrong answers to circuits.channel_contributions that learners give, with the sentence to say for each."""

import torch

from mi_tutor.tutor.judge import seeded
from mi_tutor.tutor.misconceptions import misconception, probe

conv2d = torch.nn.functional.conv2d


@probe("circuits.channel_contributions")
def observe_channel_contributions(channel_contributions):
    """One bright place under an uneven kernel; two channels, one of which inhibits."""
    acts = torch.zeros(1, 1, 3, 3)
    acts[0, 0, 1, 1] = 2.0
    yield channel_contributions(acts, torch.arange(1.0, 10.0).reshape(1, 3, 3))
    draw = seeded()
    acts = torch.rand(1, 2, 4, 4, generator=draw)
    yield channel_contributions(acts, torch.stack([torch.ones(3, 3), -torch.rand(3, 3, generator=draw)]))


@misconception(
    "circuits.channel_contributions",
    says=(
        "Your contributions pass through a ReLU one by one, so inhibition is lost from the list. The ReLU acts once, "
        "on the sum of all channels and the bias."
    ),
)
def relu_on_each(acts, kernel):
    return conv2d(acts, kernel[:, None], padding=1, groups=len(kernel)).relu()


@misconception(
    "circuits.channel_contributions",
    says=(
        "You turn the kernel before you slide it: a convolution as in signal processing. conv2d, and so this network, "
        "slides it as it is."
    ),
)
def flips_the_kernel(acts, kernel):
    return conv2d(acts, kernel.flip(1, 2)[:, None], padding=1, groups=len(kernel))


@misconception(
    "circuits.channel_contributions",
    says=(
        "You multiply each channel by the sum of its kernel. Its nine weights belong to nine different places: "
        "its shape says where the channel must be active."
    ),
)
def multiplies_by_the_sum(acts, kernel):
    return acts * kernel.sum(dim=(1, 2))[:, None, None]


@misconception(
    "circuits.channel_contributions",
    says=(
        "You give every channel the whole input of the unit. Stop before the sum over channels: contribution c comes "
        "from channel c alone."
    ),
)
def gives_all_to_each(acts, kernel):
    return conv2d(acts, kernel[None], padding=1).expand(-1, len(kernel), -1, -1).clone()
