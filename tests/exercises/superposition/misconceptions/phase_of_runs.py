"""Wrong answers to superposition.phase_of_runs that learners give, with the sentence to say for each."""

import torch

from mi_tutor.tutor.misconceptions import misconception, probe


@probe("superposition.phase_of_runs")
def observe_phase_of_runs(phase_of_runs):
    """Mirror images, a majority that is stuck, the order of the runs, all four phases."""
    two = torch.tensor([[[1.0, -1.0]], [[-1.0, 1.0]]])
    yield phase_of_runs(two, torch.tensor([0.01, 0.02]))
    yield phase_of_runs(torch.tensor([[[1.0, 0.1]], [[1.0, 0.0]], [[1.0, -0.9]]]), torch.tensor([0.3, 0.2, 0.1]))
    yield phase_of_runs(torch.tensor([[[0.1, 1.0]], [[1.0, 0.0]], [[1.0, 0.1]]]), torch.tensor([0.1, 0.2, 0.3]))
    yield phase_of_runs(torch.tensor([[[1.0, 0.9]], [[0.2, -1.0]], [[0.0, -1.2]]]), torch.tensor([0.3, 0.1, 0.2]))
    yield phase_of_runs(torch.tensor([[[1.0, 0.6]], [[1.0, 0.6]], [[1.0, 0.0]]]), torch.tensor([0.3, 0.2, 0.1]))
    yield phase_of_runs(torch.tensor([[[0.2, 0.3]]]), torch.tensor([0.1]))
    yield phase_of_runs(torch.tensor([[[-0.9, 0.1]]]), torch.tensor([0.1]))


def _phase(first, extra):
    names = {(True, True): "superposition", (True, False): "first only", (False, True): "extra only"}
    return names.get((bool(first), bool(extra)), "neither")


@misconception(
    "superposition.phase_of_runs",
    says=(
        "The weights are averaged over the runs before anybody looks at them. [1, −1] and [−1, 1] are the same "
        "solution and average to nothing. Random starts differ by signs that mean nothing; choose a run, do not mix "
        "them."
    ),
)
def averages_the_weights(W, loss):
    mean = W.mean(dim=0)[0]
    first, extra = (mean.abs() > 0.5).tolist()
    if first and extra:
        return "superposition"
    if first:
        return "first only"
    return "extra only" if extra else "neither"


@misconception(
    "superposition.phase_of_runs",
    says=(
        "You average the sizes of the weights. The signs no longer cancel, but stuck runs still count as much as the "
        "best one. Which number tells a stuck run from a good one?"
    ),
)
def averages_the_sizes(W, loss):
    mean = W.abs().mean(dim=0)[0]
    return _phase(*(mean > 0.5).tolist())


@misconception(
    "superposition.phase_of_runs",
    says=(
        "You let the runs vote. Most of them may be stuck in the same poor solution; the one with the lowest loss "
        "decides."
    ),
)
def majority_vote(W, loss):
    return _phase(*((W[:, 0].abs() > 0.5).float().mean(0) > 0.5).tolist())


@misconception(
    "superposition.phase_of_runs",
    says="You take the run with the highest loss: the worst of them all.",
)
def takes_the_worst(W, loss):
    return _phase(*(W[loss.argmax(), 0].abs() > 0.5).tolist())


@misconception(
    "superposition.phase_of_runs",
    says=(
        "A weight of −1 represents a feature as well as +1 does. Compare the size, not the signed value, with the "
        "threshold."
    ),
)
def ignores_negative_weights(W, loss):
    return _phase(*(W[loss.argmin(), 0] > 0.5).tolist())
