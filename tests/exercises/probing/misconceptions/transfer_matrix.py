"""Wrong answers to probing.transfer_matrix that learners give, with the sentence to say for each."""

import torch

from mi_tutor.tutor.misconceptions import misconception, outcome, probe


@probe("probing.transfer_matrix")
def observe_transfer_matrix(transfer_matrix):
    """Sets that contradict each other and themselves; shifted, unbalanced, with a far testing row; the inputs."""

    def fit(features, labels):
        positive, negative = features[labels].mean(dim=0), features[~labels].mean(dim=0)
        return positive - negative, (positive + negative) @ (positive - negative) / 2

    first = torch.tensor([1.0, -1.0, 2.0, -2.0, 3.0, -3.0, -1.5, 2.5])[:, None]
    second = torch.tensor([-1.0, 1.0, -2.0, 2.0, 1.0, -3.0, 0.5])[:, None]
    features = [first, second]
    labels = [torch.tensor([1, 0, 1, 0, 1, 0, 1, 1]).bool(), torch.tensor([1, 0, 1, 0, 0, 0, 0]).bool()]
    train = [torch.arange(8) < 4, torch.arange(7) < 4]
    yield outcome(lambda: transfer_matrix(features, labels, train, fit, False))
    seen = set()

    def spy(features, labels):
        seen.add(len(labels))
        return fit(features, labels)

    outcome(lambda: transfer_matrix(features, labels, train, spy, False))
    yield sorted(seen)
    means = set()

    def weigh(features, labels):
        means.add(round(float(features.mean()), 3) + 0.0)
        return fit(features, labels)

    moving = [first.clone() + 5.0, second.clone() - 3.0]
    outcome(lambda: transfer_matrix(moving, labels, train, weigh, True))
    yield sorted(means)
    third = torch.tensor([0.0, 8.0, 7.0, 9.0, 7.0, 4.0, 5.5, 5.4, 100.0])[:, None]
    third_labels, third_train = torch.tensor([0, 1, 1, 1, 1, 0, 0, 0, 1]).bool(), torch.arange(9) < 4
    given = [first.clone(), third.clone()]
    yield outcome(lambda: transfer_matrix(given, [labels[0], third_labels], [train[0], third_train], fit, True))
    yield given
    shifted = [first.clone(), first + 50.0]
    yield outcome(lambda: transfer_matrix(shifted, [labels[0]] * 2, [train[0]] * 2, fit, True))


def moved(features, train, centre):
    return [x - x[mask].mean(dim=0) for x, mask in zip(features, train, strict=True)] if centre else features


def accuracy(probe_, x, y):
    return ((x @ probe_[0] > probe_[1]) == y).float().mean()


def table(features, labels, train, fit, tested):
    """One row for each probe; tested(i, j) is the mask of the rows of set j that count for the probe of set i."""
    rows = []
    for i, (x, y, mask) in enumerate(zip(features, labels, train, strict=True)):
        fitted = fit(x[mask], y[mask])
        where = [tested(i, j) for j in range(len(features))]
        rows.append([accuracy(fitted, features[j][w], labels[j][w]) for j, w in enumerate(where)])
    return torch.tensor(rows)


@misconception(
    "probing.transfer_matrix",
    says="Rows and columns are exchanged: [i, j] is trained on set i and tested on set j.",
)
def transposed(features, labels, train, fit, centre):
    return table(moved(features, train, centre), labels, train, fit, lambda i, j: ~train[j]).T.contiguous()


@misconception(
    "probing.transfer_matrix",
    says=(
        "All rows of a set are tested, those it was trained on among them. The diagonal then looks better than the "
        "rest by memory alone. Test on the held-out rows only."
    ),
)
def judged_by_all_rows(features, labels, train, fit, centre):
    everything = [torch.ones_like(mask) for mask in train]
    return table(moved(features, train, centre), labels, train, fit, lambda i, j: everything[j])


@misconception(
    "probing.transfer_matrix",
    says=(
        "Other sets are tested whole, only the own set on its held-out rows. Then the numbers of a column are about "
        "different rows and cannot be compared. Test on the held-out rows of every set."
    ),
)
def other_sets_whole(features, labels, train, fit, centre):
    return table(
        moved(features, train, centre),
        labels,
        train,
        fit,
        lambda i, j: ~train[j] if i == j else torch.ones_like(train[j]),
    )


@misconception(
    "probing.transfer_matrix",
    says="The accuracy is that on the training rows. A probe of many dimensions gets those right whatever they say.",
)
def judged_by_training_rows(features, labels, train, fit, centre):
    return table(moved(features, train, centre), labels, train, fit, lambda i, j: train[j])


@misconception(
    "probing.transfer_matrix",
    says="The probes are fitted to all rows of their set. Its held-out rows are then no test any more.",
)
def trains_on_all_rows(features, labels, train, fit, centre):
    rows = []
    for x, y in zip(moved(features, train, centre), labels, strict=True):
        fitted = fit(x, y)
        tests = zip(moved(features, train, centre), labels, train, strict=True)
        rows.append([accuracy(fitted, a[~mask], b[~mask]) for a, b, mask in tests])
    return torch.tensor(rows)


@misconception(
    "probing.transfer_matrix",
    says=(
        "Your centre lies halfway between the class means. To know it you need the labels of the set that is to be "
        "tested. The mean of all its training rows needs none."
    ),
)
def centres_with_labels(features, labels, train, fit, centre):
    if centre:
        halves = [
            (x[m & y].mean(dim=0) + x[m & ~y].mean(dim=0)) / 2 for x, y, m in zip(features, labels, train, strict=True)
        ]
        features = [x - half for x, half in zip(features, halves, strict=True)]
    return table(features, labels, train, fit, lambda i, j: ~train[j])


@misconception(
    "probing.transfer_matrix",
    says="The centre is the mean of all rows of a set, the testing rows among them. Use its training rows only.",
)
def centres_on_all_rows(features, labels, train, fit, centre):
    features = [x - x.mean(dim=0) for x in features] if centre else features
    return table(features, labels, train, fit, lambda i, j: ~train[j])


@misconception(
    "probing.transfer_matrix",
    says=(
        "The testing rows get a centre of their own. Then they have taken part in the preparation; move them by the "
        "mean of the training rows of their set."
    ),
)
def centres_the_test_by_itself(features, labels, train, fit, centre):
    if centre:
        features = [
            torch.where(m[:, None], x - x[m].mean(dim=0), x - x[~m].mean(dim=0))
            for x, m in zip(features, train, strict=True)
        ]
    return table(features, labels, train, fit, lambda i, j: ~train[j])


@misconception(
    "probing.transfer_matrix",
    says="`centre` changes nothing: the sets stay where they are, and a set that lies elsewhere is all on one side.",
)
def never_centres(features, labels, train, fit, centre):
    return table(features, labels, train, fit, lambda i, j: ~train[j])


@misconception(
    "probing.transfer_matrix",
    says=(
        "You centre in place: the tensors or the list that you were given are changed. Whoever uses them next finds "
        "other features in them."
    ),
)
def centres_in_place(features, labels, train, fit, centre):
    if centre:
        for x, mask in zip(features, train, strict=True):
            x -= x[mask].mean(dim=0)
    return table(features, labels, train, fit, lambda i, j: ~train[j])


@misconception(
    "probing.transfer_matrix",
    says=(
        "Only the sets that are tested are moved; the probe is trained on rows where they were. Its threshold then "
        "belongs to another place. Move every set before anything else."
    ),
)
def centres_the_tests_only(features, labels, train, fit, centre):
    rows = []
    for x, y, mask in zip(features, labels, train, strict=True):
        fitted = fit(x[mask], y[mask])
        tests = zip(moved(features, train, centre), labels, train, strict=True)
        rows.append([accuracy(fitted, a[~m], b[~m]) for a, b, m in tests])
    return torch.tensor(rows)


@misconception(
    "probing.transfer_matrix",
    says="You give the share of rows that the probe gets wrong. Asked is the accuracy, the share that it gets right.",
)
def share_of_errors(features, labels, train, fit, centre):
    return 1 - table(moved(features, train, centre), labels, train, fit, lambda i, j: ~train[j])


@misconception(
    "probing.transfer_matrix",
    says=(
        "All sets are moved by one and the same vector, the mean over all of them. A shift between two sets is then "
        "as large as before. Each set has a mean of its own."
    ),
)
def centres_on_the_mean_of_all_sets(features, labels, train, fit, centre):
    away = torch.cat([x[mask] for x, mask in zip(features, train, strict=True)]).mean(dim=0) if centre else 0.0
    return table([x - away for x in features], labels, train, fit, lambda i, j: ~train[j])


@misconception(
    "probing.transfer_matrix",
    says=(
        "The set that is tested is moved by the mean of the set that was trained on. A shift between the two stays as"
        " large as it was. Each set has a mean of its own."
    ),
)
def centres_on_the_source(features, labels, train, fit, centre):
    rows = []
    for x, y, mask in zip(features, labels, train, strict=True):
        away = x[mask].mean(dim=0) if centre else 0.0
        fitted = fit(x[mask] - away, y[mask])
        tests = zip(features, labels, train, strict=True)
        rows.append([accuracy(fitted, a[~m] - away, b[~m]) for a, b, m in tests])
    return torch.tensor(rows)
