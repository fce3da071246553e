"""Wrong answers to probing.online_code_length that learners give, with the sentence to say for each."""

import itertools
import math

import torch

from mi_tutor.tutor.misconceptions import misconception, outcome, probe


@probe("probing.online_code_length", atol=1e-3)
def observe_online_code_length(online_code_length):
    """A probe that counts labels, with a class that never occurs; one block; blocks that end too early."""

    def fit(features, labels):
        counts = torch.bincount(labels, minlength=5) + 1.0
        return lambda x: (counts / counts.sum()).repeat(len(x), 1)

    features, labels = torch.arange(10.0)[:, None], torch.tensor([0, 0, 1, 0, 0, 3, 0, 2, 0, 0])
    found = outcome(lambda: online_code_length(features, labels, 5, [2, 3, 6, 10], fit))
    yield from found if isinstance(found, tuple) else [found] * 2
    found = outcome(lambda: online_code_length(features, labels, 5, [10], fit))
    yield from found if isinstance(found, tuple) else [found] * 2
    for ends in ([2, 5], [2, 12]):
        found = outcome(lambda ends=ends: online_code_length(features, labels, 5, ends, fit))
        yield "refused" if isinstance(found, str) and found == "refused" else "accepted"


def reaches_the_end(ends, labels):
    if ends[-1] != len(labels):
        raise ValueError("the blocks do not end with the last row")


def coded(features, labels, ends, fit, seen):
    """The bits of each block but the first; seen(i) is the slice of rows that the probe of block i is trained on."""
    costs = []
    for i in range(1, len(ends)):
        rows, block = seen(i), slice(ends[i - 1], ends[i])
        probability = fit(features[rows], labels[rows])(features[block])
        costs.append(-float(probability.gather(1, labels[block, None]).log2().sum()))
    return costs


def told(bits, labels, n_classes):
    return bits, len(labels) * math.log2(n_classes) / bits if bits else math.inf


def before(ends):
    return lambda i: slice(0, ends[i - 1])


@misconception(
    "probing.online_code_length",
    says=(
        "The probe of a block is trained on that block as well. The receiver does not have it yet, so he cannot read "
        "the message."
    ),
)
def trains_on_the_block(features, labels, n_classes, ends, fit):
    reaches_the_end(ends, labels)
    costs = coded(features, labels, ends, fit, lambda i: slice(0, ends[i]))
    return told(ends[0] * math.log2(n_classes) + sum(costs), labels, n_classes)


@misconception(
    "probing.online_code_length",
    says=(
        "One probe, trained on all rows, codes all blocks. That is the training loss: a probe that learned noise by "
        "heart would look best. The receiver only has the blocks before."
    ),
)
def trains_on_everything(features, labels, n_classes, ends, fit):
    reaches_the_end(ends, labels)
    costs = coded(features, labels, ends, fit, lambda i: slice(0, len(labels)))
    return told(ends[0] * math.log2(n_classes) + sum(costs), labels, n_classes)


@misconception(
    "probing.online_code_length",
    says="The first block is sent for nothing. Its labels cost log2(n_classes) bits each.",
)
def forgets_the_first_block(features, labels, n_classes, ends, fit):
    reaches_the_end(ends, labels)
    return told(sum(coded(features, labels, ends, fit, before(ends))), labels, n_classes)


@misconception(
    "probing.online_code_length",
    says=(
        "You mix units: what the probes code is counted with the natural logarithm, the first block with log2. Bits "
        "are log2."
    ),
)
def natural_logarithm_of_the_probes(features, labels, n_classes, ends, fit):
    reaches_the_end(ends, labels)
    costs = sum(coded(features, labels, ends, fit, before(ends))) * math.log(2)
    return told(ends[0] * math.log2(n_classes) + costs, labels, n_classes)


@misconception(
    "probing.online_code_length",
    says=(
        "You count with the natural logarithm throughout. The compression is right; the length is in nats, not in bits."
    ),
)
def counts_in_nats(features, labels, n_classes, ends, fit):
    reaches_the_end(ends, labels)
    bits = ends[0] * math.log2(n_classes) + sum(coded(features, labels, ends, fit, before(ends)))
    return bits * math.log(2), told(bits, labels, n_classes)[1]


@misconception(
    "probing.online_code_length",
    says="Each probe is trained on the last block alone. The receiver has all blocks that were sent before.",
)
def trains_on_the_last_block(features, labels, n_classes, ends, fit):
    reaches_the_end(ends, labels)
    starts = [0, *ends]
    costs = coded(features, labels, ends, fit, lambda i: slice(starts[i - 1], ends[i - 1]))
    return told(ends[0] * math.log2(n_classes) + sum(costs), labels, n_classes)


@misconception(
    "probing.online_code_length",
    says="Your compression is upside down. Twice as short a message is a compression of 2.",
)
def compression_upside_down(features, labels, n_classes, ends, fit):
    reaches_the_end(ends, labels)
    bits = ends[0] * math.log2(n_classes) + sum(coded(features, labels, ends, fit, before(ends)))
    return bits, 1 / told(bits, labels, n_classes)[1]


@misconception(
    "probing.online_code_length",
    says=(
        "You count the classes that occur in the labels. Sender and receiver agree on n_classes before, and a class "
        "may happen not to occur."
    ),
)
def counts_the_classes_that_occur(features, labels, n_classes, ends, fit):
    reaches_the_end(ends, labels)
    n = len(labels.unique())
    return told(ends[0] * math.log2(n) + sum(coded(features, labels, ends, fit, before(ends))), labels, n)


@misconception(
    "probing.online_code_length",
    says="You give the mean cost of a label. Asked is the length of the whole message.",
)
def mean_cost(features, labels, n_classes, ends, fit):
    reaches_the_end(ends, labels)
    bits = ends[0] * math.log2(n_classes) + sum(coded(features, labels, ends, fit, before(ends)))
    return bits / len(labels), told(bits, labels, n_classes)[1]


@misconception(
    "probing.online_code_length",
    says="Blocks that do not end with the last row are accepted. The labels behind them are never sent. Refuse.",
)
def accepts_any_ends(features, labels, n_classes, ends, fit):
    costs = coded(features, labels, ends, fit, before(ends))
    return told(ends[0] * math.log2(n_classes) + sum(costs), labels, n_classes)


@misconception(
    "probing.online_code_length",
    says=(
        "You count the probability of the label that the probe thinks likeliest. What is sent is the true label, and "
        "an unexpected one is dear."
    ),
)
def cost_of_the_likeliest(features, labels, n_classes, ends, fit):
    reaches_the_end(ends, labels)
    bits = ends[0] * math.log2(n_classes)
    for start, end in itertools.pairwise(ends):
        bits -= float(fit(features[:start], labels[:start])(features[start:end]).amax(dim=1).log2().sum())
    return told(bits, labels, n_classes)


@misconception(
    "probing.online_code_length",
    says=(
        "Each probe codes all rows up to the end of its block. The earlier ones were sent before; code the new rows "
        "only."
    ),
)
def sends_earlier_blocks_again(features, labels, n_classes, ends, fit):
    reaches_the_end(ends, labels)
    bits = ends[0] * math.log2(n_classes)
    for start, end in itertools.pairwise(ends):
        probability = fit(features[:start], labels[:start])(features[:end])
        bits -= float(probability.gather(1, labels[:end, None]).log2().sum())
    return told(bits, labels, n_classes)
