"""Wrong answers to judging_saes.held_out_matches that learners give, with the sentence to say for each."""

import torch

from mi_tutor.tutor.judge import seeded
from mi_tutor.tutor.misconceptions import misconception, probe


@probe("judging_saes.held_out_matches")
def observe_held_out_matches(held_out_matches):
    """Few rows, so that partners change; then a latent that is silent on the other rows."""
    g = seeded(8)
    a, b = torch.randn(16, 4, generator=g).relu(), torch.randn(16, 9, generator=g).relu()
    train = torch.arange(16) % 3 != 0
    yield held_out_matches(a, b, train)
    a[~train, 0] = 0
    yield torch.nan_to_num(held_out_matches(a, b, train)[:1], nan=-77.0)


def _table(a, b):
    unit = torch.nn.functional.normalize
    return unit(a - a.mean(0), dim=0).T @ unit(b - b.mean(0), dim=0)


@misconception(
    "judging_saes.held_out_matches",
    says=(
        "The rows that are scored had a part in choosing the partners. The best of many is lucky on the rows it was "
        "chosen on, so two SAEs that have nothing in common seem to agree."
    ),
)
def chooses_on_all_rows(a, b, train):
    unit = torch.nn.functional.normalize
    correlations = unit(a - a.mean(0), dim=0).T @ unit(b - b.mean(0), dim=0)
    return correlations.max(dim=1).values


@misconception(
    "judging_saes.held_out_matches",
    says="You score on the training rows, where the partners were chosen.",
)
def scores_on_the_training_rows(a, b, train):
    return _table(a[train], b[train]).max(dim=1).values


@misconception(
    "judging_saes.held_out_matches",
    says="You choose the partners anew on the other rows. They are to be those of the training rows.",
)
def chooses_again(a, b, train):
    return _table(a[~train], b[~train]).max(dim=1).values


@misconception(
    "judging_saes.held_out_matches",
    says="You choose partners on all rows and score them on the others. The others are among those that chose.",
)
def chooses_on_all_scores_on_the_rest(a, b, train):
    partner = _table(a, b).argmax(1)
    return _table(a[~train], b[~train])[torch.arange(a.shape[1]), partner]


@misconception(
    "judging_saes.held_out_matches",
    says="You exchange the two parts: partners are chosen on the other rows and scored on those of train.",
)
def exchanges_the_parts(a, b, train):
    partner = _table(a[~train], b[~train]).argmax(1)
    return _table(a[train], b[train])[torch.arange(a.shape[1]), partner]


@misconception(
    "judging_saes.held_out_matches",
    says="Where a latent is silent on all other rows you return nan. It agrees with nothing there: 0.",
)
def leaves_nan(a, b, train):
    partner = _table(a[train], b[train]).argmax(1)
    x, y = a[~train] - a[~train].mean(0), b[~train][:, partner] - b[~train][:, partner].mean(0)
    return (x * y).sum(0) / (x.norm(dim=0) * y.norm(dim=0))


@misconception(
    "judging_saes.held_out_matches",
    says=(
        "Each latent chooses twice: partners on the training rows, and then on the other rows the best among all "
        "partners. The second choice is made on the rows that are scored, so luck comes back. Latent i is scored with "
        "its own partner."
    ),
)
def chooses_among_the_partners(a, b, train):
    partner = _table(a[train], b[train]).argmax(1)
    return _table(a[~train], b[~train][:, partner]).max(dim=1).values


@misconception(
    "judging_saes.held_out_matches",
    says=(
        "On the other rows you take off the means of the training rows. A correlation on some rows is around the means "
        "of these rows."
    ),
)
def keeps_the_training_means(a, b, train):
    partner = _table(a[train], b[train]).argmax(1)
    mine, theirs = a[~train] - a[train].mean(0), (b[~train] - b[train].mean(0))[:, partner]
    return torch.cosine_similarity(mine, theirs, dim=0)
