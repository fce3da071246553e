"""Wrong answers to features.select_neuron that learners give, with the sentence to say for each."""

import torch

from mi_tutor.tutor.misconceptions import misconception, probe

T, F = True, False


@probe("features.select_neuron")
def observe_select_neuron(select_neuron):
    """Each split, and both together, have another winner."""

    def gap(acts, labels):
        return acts[labels].mean(0) - acts[~labels].mean(0)

    train = torch.tensor([[3.0, 2.0, 2.5, -4.0], [0.0, 0.0, 0.0, 0.0]])
    test = torch.tensor([[0.5, 5.0, 4.75, -4.5], [0.0, 0.0, 0.0, 0.0]])
    yield list(select_neuron(train, torch.tensor([T, F]), test, torch.tensor([T, F]), gap))


@misconception(
    "features.select_neuron",
    says=(
        "All texts take part in the choice, the test texts too. The test score is then part of why the neuron was "
        "chosen, and no longer a test."
    ),
)
def chooses_on_everything(train_acts, train_labels, test_acts, test_labels, score):
    all_acts = torch.cat([train_acts, test_acts])
    all_labels = torch.cat([train_labels, test_labels])
    neuron = int(score(all_acts, all_labels).argmax())
    train_scores = score(train_acts, train_labels)
    test_scores = score(test_acts, test_labels)
    return neuron, float(train_scores[neuron]), float(test_scores[neuron])


@misconception(
    "features.select_neuron",
    says=(
        "You choose the neuron on the test texts. Among thousands of neurons some look good there by luck, and "
        "nothing is left to find that out."
    ),
)
def chooses_on_test(train_acts, train_labels, test_acts, test_labels, score):
    test_scores = score(test_acts, test_labels)
    neuron = int(test_scores.argmax())
    return neuron, float(score(train_acts, train_labels)[neuron]), float(test_scores[neuron])


@misconception(
    "features.select_neuron",
    says=(
        "You report the best score on each split. They belong to different neurons: the second number must be that "
        "of the neuron you chose."
    ),
)
def reports_the_best_of_each(train_acts, train_labels, test_acts, test_labels, score):
    train_scores = score(train_acts, train_labels)
    test_scores = score(test_acts, test_labels)
    return int(train_scores.argmax()), float(train_scores.max()), float(test_scores.max())


@misconception(
    "features.select_neuron",
    says=(
        "You choose by absolute value. A neuron that is lowest on the positive texts is not a detector of them "
        "under this score."
    ),
)
def chooses_by_absolute_value(train_acts, train_labels, test_acts, test_labels, score):
    train_scores = score(train_acts, train_labels)
    neuron = int(train_scores.abs().argmax())
    return neuron, float(train_scores[neuron]), float(score(test_acts, test_labels)[neuron])
