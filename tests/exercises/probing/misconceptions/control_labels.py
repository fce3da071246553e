"""Wrong answers to probing.control_labels that learners give, with the sentence to say for each."""

import torch

from mi_tutor.tutor.judge import seeded
from mi_tutor.tutor.misconceptions import misconception, probe


@probe("probing.control_labels", atol=0.06, rtol=0.0)
def observe_control_labels(control_labels):
    """One label a type? The real counts kept? Shares, of types and of occurrences, agreement, the seed, the world."""
    types = torch.arange(1500).repeat(2)
    labels = ((torch.arange(3000) * 7919 + 3) % 10 < 7).long()
    found = control_labels(types, labels, 0)
    yield bool((found[:1500] == found[1500:]).all())
    yield bool(found.sum() == labels.sum())
    yield float(found.float().mean())
    own = (types * 31 % 10 < 5).long()
    yield float((control_labels(types, own, 1) == own).float().mean())
    skewed = torch.cat([torch.zeros(3000, dtype=torch.long), torch.arange(1, 1001)])
    yield float((control_labels(skewed, (skewed > 0).long(), 2)[3000:]).float().mean())
    pair = [control_labels(torch.tensor([3, 8]), torch.tensor([0, 1]), seed).tolist() for seed in range(600)]
    yield sum(a == b for a, b in pair) / 600
    with torch.random.fork_rng():
        torch.manual_seed(3)
        before = torch.get_rng_state()
        first = control_labels(types, labels, 1)
        yield bool(torch.equal(before, torch.get_rng_state()))
        yield bool(torch.equal(first, control_labels(types, labels, 1)))
        yield bool(torch.equal(first, control_labels(types, labels, 2)))


def majority(types, labels):
    distinct, which = types.unique(return_inverse=True)
    return which, torch.stack([labels[which == i].mode().values for i in range(len(distinct))])


@misconception(
    "probing.control_labels",
    says=(
        "You draw a label for each occurrence. No probe can learn that, so its control accuracy says nothing about "
        "what it could remember. One label for each type is what can be learned by heart."
    ),
)
def one_label_an_occurrence(types, labels, seed):
    return labels[torch.randint(len(labels), (len(labels),), generator=seeded(seed))]


@misconception(
    "probing.control_labels",
    says=(
        "You shuffle the real labels among the occurrences. Then one type has many labels, and nothing can be "
        "learned. Draw one label for each type."
    ),
)
def shuffles_the_labels(types, labels, seed):
    return labels[torch.randperm(len(labels), generator=seeded(seed))]


@misconception(
    "probing.control_labels",
    says=(
        "All labels are equally frequent in what you return. The real ones are not; who always says the commonest one"
        " is then better in the real task than in the control, and it looks like selectivity."
    ),
)
def equal_chances(types, labels, seed):
    distinct, which = types.unique(return_inverse=True)
    kinds = labels.unique()
    return kinds[torch.randint(len(kinds), (len(distinct),), generator=seeded(seed))][which]


@misconception(
    "probing.control_labels",
    says=(
        "Every type gets its own most frequent real label. That is the real task without its hard cases, not a "
        "control: the labels should mean nothing."
    ),
)
def its_own_majority(types, labels, seed):
    which, own = majority(types, labels)
    return own[which]


@misconception(
    "probing.control_labels",
    says=(
        "Each type gets the real label of another type: you deal them out like cards. Their frequencies are then "
        "those of types, not of occurrences, and the draws depend on each other."
    ),
)
def deals_out_the_types_labels(types, labels, seed):
    which, own = majority(types, labels)
    return own[torch.randperm(len(own), generator=seeded(seed))][which]


@misconception(
    "probing.control_labels",
    says=(
        "You draw with the frequencies that labels have among types. A frequent word counts once there. Count "
        "occurrences, as the accuracy does."
    ),
)
def frequencies_among_types(types, labels, seed):
    which, own = majority(types, labels)
    return own[torch.randint(len(own), (len(own),), generator=seeded(seed))][which]


@misconception(
    "probing.control_labels",
    says="You seed the global generator. Everything random that runs after your function is then changed by it.",
)
def seeds_everything(types, labels, seed):
    torch.manual_seed(seed)
    distinct, which = types.unique(return_inverse=True)
    return labels[torch.randint(len(labels), (len(distinct),))][which]


@misconception(
    "probing.control_labels",
    says="You do not use the seed. One draw of random labels may be lucky; another seed should give other labels.",
)
def ignores_the_seed(types, labels, seed):
    distinct, which = types.unique(return_inverse=True)
    return labels[torch.randint(len(labels), (len(distinct),), generator=seeded(0))][which]


@misconception(
    "probing.control_labels",
    says="You draw from the global generator. The seed then decides nothing, and a second call gives something else.",
)
def draws_globally(types, labels, seed):
    distinct, which = types.unique(return_inverse=True)
    return labels[torch.randint(len(labels), (len(distinct),))][which]
