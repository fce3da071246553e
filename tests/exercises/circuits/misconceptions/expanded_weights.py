"""Wrong answers to circuits.expanded_weights that learners give, with the sentence to say for each."""

import torch

from mi_tutor.tutor.judge import seeded
from mi_tutor.tutor.misconceptions import misconception, probe

conv2d = torch.nn.functional.conv2d


@probe("circuits.expanded_weights")
def observe_expanded_weights(expanded_weights):
    """Uneven kernels, several channels, weights of both signs."""
    first, second = torch.zeros(1, 3, 3), torch.zeros(1, 1, 3, 3)
    first[0, 0, 0], second[0, 0, 0, 0] = 3.0, 2.0
    yield expanded_weights(first, second)
    draw = seeded()
    yield expanded_weights(torch.randn(2, 3, 3, generator=draw), torch.randn(3, 2, 3, 3, generator=draw))


@misconception(
    "circuits.expanded_weights",
    says=(
        "Your first kernel is flipped. Convolving the kernels with conv2d slides the one over the other without "
        "turning it; a place a of the second and a place b of the first must land at a + b, not at a − b."
    ),
)
def flips_one_kernel(first, second):
    return conv2d(second, first[None], padding=2)[:, 0]


@misconception(
    "circuits.expanded_weights",
    says=(
        "You average over the channels. The unit adds up what its channels bring, so the ways to one pixel are added "
        "as well."
    ),
)
def averages_over_channels(first, second):
    return torch.nn.functional.conv_transpose2d(second, first[:, None])[:, 0] / len(first)


@misconception(
    "circuits.expanded_weights",
    says=(
        "You combine absolute values. Then an inhibiting way cannot cancel an exciting one, and the kernel shows "
        "excitation where there is none."
    ),
)
def takes_absolute_values(first, second):
    return torch.nn.functional.conv_transpose2d(second.abs(), first.abs()[:, None])[:, 0]


@misconception(
    "circuits.expanded_weights",
    says=(
        "You only follow the middle weight of the second layer. The unit also looks at the eight places around, which "
        "is how it comes to see 5 × 5 pixels."
    ),
)
def follows_the_middle_only(first, second):
    middle = torch.einsum("uc,cxy->uxy", second[:, :, 1, 1], first)
    return torch.nn.functional.pad(middle, (1, 1, 1, 1))


@misconception(
    "circuits.expanded_weights",
    says=(
        "Your second kernel is flipped. Convolving the kernels with conv2d slides the one over the other without "
        "turning it; a place a of the second and a place b of the first must land at a + b, not at b − a."
    ),
)
def flips_the_second_kernel(first, second):
    return conv2d(first[None], second, padding=2)[0]


@misconception(
    "circuits.expanded_weights",
    says=(
        "Your windows overlap, and each overwrites the ones before it. Several ways lead to most pixels; their "
        "products are added up."
    ),
)
def overwrites_where_windows_overlap(first, second):
    out = torch.zeros(len(second), 5, 5)
    for i in range(3):
        for j in range(3):
            out[:, i : i + 3, j : j + 3] = torch.einsum("uc,cxy->uxy", second[:, :, i, j], first)
    return out


@misconception(
    "circuits.expanded_weights",
    says=(
        "You exchange rows and columns of the second kernel: a weight one place below acts as if it stood one place "
        "to the right. The first of the two last axes is the row."
    ),
)
def transposes_the_second_kernel(first, second):
    return torch.nn.functional.conv_transpose2d(second.transpose(2, 3), first[:, None])[:, 0]
