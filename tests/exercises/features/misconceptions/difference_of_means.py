"""Wrong answers to features.difference_of_means that learners give, with the sentence to say for each."""

import torch

from mi_tutor.tutor.misconceptions import misconception, probe

T, F = True, False


@probe("features.difference_of_means")
def observe_difference_of_means(difference_of_means):
    """Test texts far away, unequal classes, a class missing in train."""
    acts = torch.tensor([[2.0, 0.0], [4.0, 2.0], [1.0, 1.5], [5.0, 5.0], [100.0, 100.0], [-50.0, 7.0]])
    labels = torch.tensor([T, T, F, T, T, F])
    train = torch.tensor([T, T, T, T, F, F])
    yield difference_of_means(acts, labels, train)
    for flags in (torch.tensor([T, T, T, T, F, F]), torch.tensor([F, F, F, F, T, T])):
        try:
            yield difference_of_means(acts, flags, train).isnan().any().item()
        except ValueError:
            yield "refused"


def refuse_missing_class(labels, train):
    if not (train & labels).any() or not (train & ~labels).any():
        raise ValueError("class missing")


@misconception(
    "features.difference_of_means",
    says="The test texts move your direction. What you then measure on them is partly what you put in.",
)
def uses_the_test_texts(acts, labels, train):
    refuse_missing_class(labels, train)
    return acts[labels].mean(0) - acts[~labels].mean(0)


@misconception(
    "features.difference_of_means",
    says="You treat every text that is not a positive training text as negative, test texts included.",
)
def takes_the_rest_as_negative(acts, labels, train):
    refuse_missing_class(labels, train)
    positive = train & labels
    return acts[positive].mean(0) - acts[~positive].mean(0)


@misconception(
    "features.difference_of_means",
    says=(
        "You subtract the mean of all training texts. The positives are in that mean too, so the difference is too "
        "short by their share."
    ),
)
def subtracts_the_mean_of_all(acts, labels, train):
    refuse_missing_class(labels, train)
    return acts[train & labels].mean(0) - acts[train].mean(0)


@misconception(
    "features.difference_of_means",
    says=(
        "You normalise the direction. Its length is the distance between the two classes, and steering needs that "
        "scale."
    ),
)
def normalises(acts, labels, train):
    refuse_missing_class(labels, train)
    direction = acts[train & labels].mean(0) - acts[train & ~labels].mean(0)
    return direction / direction.norm()


@misconception(
    "features.difference_of_means",
    says="Your direction points from the positives to the negatives.",
)
def points_the_other_way(acts, labels, train):
    refuse_missing_class(labels, train)
    return acts[train & ~labels].mean(0) - acts[train & labels].mean(0)


@misconception(
    "features.difference_of_means",
    says=(
        "A class without training texts goes unnoticed and gives a direction of nans. The docstring asks for a "
        "ValueError."
    ),
)
def returns_nans(acts, labels, train):
    return acts[train & labels].mean(0) - acts[train & ~labels].mean(0)
