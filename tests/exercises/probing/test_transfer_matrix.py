"""Checks of probing.transfer_matrix: Trained here, tested there."""

import pytest
import torch

from mi_tutor.exercises import probing
from mi_tutor.tutor.judge import same

T, F = True, False


def between_the_means(features, labels):
    """A simple probe for these checks: difference of the class means, threshold halfway."""
    positive, negative = features[labels].mean(dim=0), features[~labels].mean(dim=0)
    direction = positive - negative
    return direction, (positive + negative) @ direction / 2


def column(*values: float) -> torch.Tensor:
    return torch.tensor(values)[:, None]


# Three sets of one feature. In each the first four rows are for training.
# In `plain` high is True; in `turned` high is False; in `shifted` high is True, but all values are 100 higher.
TRAIN = torch.tensor([T, T, T, T, F, F])
PLAIN = column(1.0, -1.0, 2.0, -2.0, 3.0, -3.0)
LABELS = torch.tensor([T, F, T, F, T, F])


@pytest.mark.exercise("probing.transfer_matrix")
def test_rows_train_and_columns_test():
    """Row i belongs to the set that was trained on, column j to the set that was tested on."""
    # Set 0: its first feature is the label, its second is not. So its probe reads the first alone, and is right on
    # both. Set 1: both go with the label, the second three times as strongly, so its probe says of set 0 what the
    # second says. It is so in training and in testing rows: which of them are counted is another check's question.
    first = torch.tensor([[1.0, 2.0], [-1.0, 2.0], [1.0, -2.0], [-1.0, -2.0], [1.0, 2.0], [-1.0, 2.0]])
    second = torch.tensor([[1.0, 3.0], [-1.0, -3.0]]).repeat(3, 1)
    same(
        probing.transfer_matrix([first, second], [LABELS, LABELS], [TRAIN, TRAIN], between_the_means, False),
        torch.tensor([[1.0, 1.0], [0.5, 1.0]]),
        given={
            "features": [first, second],
            "labels of both": LABELS,
            "train": "the first four rows of both",
            "fit": "difference of the means, threshold halfway",
            "centre": False,
        },
        teach="[1, 0] is trained on set 1 and tested on set 0: this probe goes by the second feature, which is right in"
        " half of the rows there. [0, 1] goes by the first feature, which is right in all rows.",
    )


@pytest.mark.exercise("probing.transfer_matrix")
def test_only_held_out_rows_are_tested():
    """Accuracy is counted on rows that were not trained on, on the diagonal and off it."""
    labels = torch.tensor([T, F, T, F, F, T])  # the held-out rows contradict the training rows
    same(
        probing.transfer_matrix([PLAIN, PLAIN], [labels, LABELS], [TRAIN, TRAIN], between_the_means, False),
        torch.tensor([[0.0, 1.0], [0.0, 1.0]]),
        given={"features": [PLAIN[:, 0], PLAIN[:, 0]], "labels": [labels, LABELS], "train": "the first four rows"},
        teach="A row that was trained on, in any set, is no test.",
    )


@pytest.mark.exercise("probing.transfer_matrix")
def test_only_training_rows_are_learned_from():
    """The probe is fitted to the training rows of its set and to nothing else."""
    seen = set()

    def spy(features, labels):
        seen.add((tuple(features[:, 0].tolist()), tuple(labels.tolist())))
        return between_the_means(features, labels)

    other, mask = column(5.0, 6.0, 8.0), torch.tensor([F, T, T])
    probing.transfer_matrix([PLAIN, other], [LABELS, torch.tensor([T, F, T])], [TRAIN, mask], spy, False)
    same(
        sorted(seen),
        [((1.0, -1.0, 2.0, -2.0), (T, F, T, F)), ((6.0, 8.0), (F, T))],
        given={"features": [PLAIN[:, 0], other[:, 0]], "labels": [LABELS, [T, F, T]], "train": [TRAIN, mask]},
        teach="`fit` gets features[i][train[i]] and labels[i][train[i]].",
        what="what fit was given, (features, labels) for each set,",
    )


@pytest.mark.exercise("probing.transfer_matrix")
def test_sets_of_different_size():
    """Sets may have different numbers of rows."""
    small, small_labels, mask = column(4.0, -4.0, 1.0), torch.tensor([T, F, F]), torch.tensor([T, T, F])
    same(
        probing.transfer_matrix([PLAIN, small], [LABELS, small_labels], [TRAIN, mask], between_the_means, False),
        torch.tensor([[1.0, 0.0], [1.0, 0.0]]),
        given={"features": [PLAIN[:, 0], small[:, 0]], "labels": [LABELS, small_labels], "train": [TRAIN, mask]},
        teach="Each set is cut by its own mask.",
    )


@pytest.mark.exercise("probing.transfer_matrix")
def test_centred_on_each_set():
    """With centre=True each set is moved by the mean of its own training rows, so a shifted set transfers."""
    features, labels, train = [PLAIN, PLAIN + 100.0], [LABELS, LABELS], [TRAIN, TRAIN]
    given = {"features": [PLAIN[:, 0], PLAIN[:, 0] + 100.0], "labels": labels, "train": "the first four rows"}
    same(
        probing.transfer_matrix(features, labels, train, between_the_means, False),
        torch.tensor([[1.0, 0.5], [0.5, 1.0]]),
        given=given | {"centre": False},
        teach="Without centring all rows of a shifted set lie on one side of the threshold.",
    )
    same(
        probing.transfer_matrix(features, labels, train, between_the_means, True),
        torch.ones(2, 2),
        given=given | {"centre": True},
        teach="Centred, both sets look alike.",
    )
    apart = torch.tensor([100.0, -40.0, 7.0])
    wide = torch.cat([PLAIN, -PLAIN, torch.zeros(6, 1)], dim=1)
    same(
        probing.transfer_matrix([wide, wide + apart], labels, train, between_the_means, True),
        torch.ones(2, 2),
        given={"features of set 0": wide, "set 1": "the same, moved by (100, -40, 7)", "centre": True},
        teach="Each feature has a mean of its own.",
    )


@pytest.mark.exercise("probing.transfer_matrix")
def test_just_at_the_threshold():
    """A row exactly at the threshold is not called positive."""
    features, labels = column(1.0, -1.0, 0.0, 0.0, 2.0), torch.tensor([T, F, F, F, T])
    same(
        probing.transfer_matrix([features], [labels], [torch.tensor([T, T, F, F, F])], between_the_means, False),
        torch.tensor([[1.0]]),
        given={"features": features[:, 0], "labels": labels, "train": "the first two rows", "threshold": 0.0},
        teach='The probe says "positive" where features @ direction > threshold.',
    )


@pytest.mark.exercise("probing.transfer_matrix")
def test_centred_without_labels():
    """The centre is the mean over all training rows of a set, however unbalanced its classes are."""
    # the second set has training mean 6, so its held-out 7 becomes 1 and 4 becomes -2: both right.
    # halfway between its class means would be 5, and both would be called right as well; so a third row: 5.5, False.
    second = column(0.0, 8.0, 7.0, 9.0, 7.0, 4.0, 5.5)
    labels = torch.tensor([F, T, T, T, T, F, F])
    mask = torch.tensor([T, T, T, T, F, F, F])
    found = probing.transfer_matrix([PLAIN, second], [LABELS, labels], [TRAIN, mask], between_the_means, True)
    same(
        found[0],
        torch.tensor([1.0, 1.0]),
        given={"features of set 1": second[:, 0], "its labels": labels, "its training rows": "the first four"},
        teach="Its training rows 0, 8, 7 and 9 have mean 6. A centre that uses the labels of the set to be tested "
        "gives the answer away; one that uses its testing rows has seen the test.",
        what="row of set 0, whose probe says positive above 0,",
    )


@pytest.mark.exercise("probing.transfer_matrix")
def test_testing_rows_do_not_move_the_centre():
    """A testing row far away leaves the accuracy on the others as it was."""
    second = column(1.0, -1.0, 2.0, -2.0, 0.5, -0.5, 1000.0)
    labels, mask = torch.tensor([T, F, T, F, T, F, T]), torch.tensor([T, T, T, T, F, F, F])
    found = probing.transfer_matrix([PLAIN, second], [LABELS, labels], [TRAIN, mask], between_the_means, True)
    same(
        found,
        torch.ones(2, 2),
        given={"features of set 1": second[:, 0], "its labels": labels, "its training rows": "the first four"},
        teach="The row of 1000 may not take part in the centre: it is for testing only.",
    )


@pytest.mark.exercise("probing.transfer_matrix")
def test_the_sets_stay_as_they_were():
    """The lists and tensors that were given are left as they were."""
    features, labels, train = [PLAIN.clone(), PLAIN + 100.0], [LABELS, LABELS], [TRAIN, TRAIN]
    first, second = features
    probing.transfer_matrix(features, labels, train, between_the_means, True)
    same(
        [features[0], features[1], first, second],
        [PLAIN, PLAIN + 100.0, PLAIN, PLAIN + 100.0],
        teach="Whoever uses the features next would get centred ones. Work on new tensors and a new list.",
        what="features afterwards",
    )


@pytest.mark.exercise("probing.transfer_matrix")
def test_centred_rows_are_moved_and_not_mirrored():
    """With centre=True the probe is fitted to each training row minus the mean, and it reads the testing rows so."""
    seen = []

    def above_zero(features, labels):
        seen.append(tuple(features[:, 0].tolist()))
        return torch.tensor([1.0]), 0.0

    features, labels = column(1.0, 2.0, 6.0, 4.0), torch.tensor([F, F, T, T])
    given = {"features": features[:, 0], "labels": labels, "train": "the first three rows", "centre": True}
    found = probing.transfer_matrix([features], [labels], [torch.tensor([T, T, T, F])], above_zero, True)
    same(
        seen,
        [(-2.0, -1.0, 3.0)],
        given=given,
        teach="The mean of the training rows is 3, and each row loses it.",
        what="features that fit was given",
    )
    same(
        found,
        torch.tensor([[1.0]]),
        given=given | {"fit": 'always says "positive" above 0'},
        teach="The testing row 4 becomes 1, which is above 0.",
    )
