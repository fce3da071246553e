"""Ridge regression at many stages and with many penalties, each judged on groups that it has not seen."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import torch
from jaxtyping import Float, Int
from torch import Tensor

from mi_tutor.lab.probes.grouping import folds, group_index

PENALTIES = tuple(float(10**power) for power in range(1, 6))


class RidgePredictions(NamedTuple):
    """predicted: for every row by a probe that has not seen its group. Float[stage row target].

    penalty: the one chosen in each outer part. Float[stage part].
    mean: the mean of the targets of the training rows of each row's probe, what a probe without features would say.
        Float[row target].
    """

    predicted: Float[Tensor, "stage row target"]
    penalty: Float[Tensor, "stage part"]
    mean: Float[Tensor, "row target"]

    def r_squared(self, targets: Float[Tensor, "row target"], rows: Int[Tensor, "draw"] | slice = slice(None)):
        """1 - squared error / squared error of the training mean, of each stage and target, over these rows."""
        wrong = (self.predicted[:, rows] - targets[rows]).square().sum(dim=1)
        return 1 - wrong / (self.mean[rows] - targets[rows]).square().sum(dim=0)


def ridge_by_group(
    stages: Iterable[Float[Tensor, "row d_model"]],
    targets: Float[Tensor, "row target"],
    groups: Sequence | Int[Tensor, "row"],
    n: int = 5,
    penalties: Sequence[float] = PENALTIES,
    seed: int = 0,
) -> RidgePredictions:
    """Predict every row from probes that were trained and tuned on other groups.

    The groups are dealt into n parts. To predict a part, a probe is trained on all others but the next, and the next
    part chooses the penalty; then it is trained on all others with this penalty. Features are scaled by the training
    rows. The penalty is that of `probing.ridge`: penalty * |w|², added to the sum of squared errors over the rows; the
    intercept is free.

    Args:
        stages: features of the rows, one tensor a stage, for instance a `Readings`.

    The sums of products are taken once for each part and added up, so that no training set is read twice.
    """
    part = folds(group_index(groups), n, seed)
    targets = targets.double()
    predicted, chosen, mean = [], [], torch.empty_like(targets)
    for features in stages:
        features, here, penalty = features.double(), torch.empty_like(targets), []
        sums = [_products(features[part == one], targets[part == one]) for one in range(n)]
        total = sum(sums)
        for one in range(n):
            judging, testing = part == (one + 1) % n, part == one
            tuning, training = total - sums[one] - sums[(one + 1) % n], total - sums[one]
            fits = fit_from_products(tuning, targets.shape[1], penalties)
            wrong = [(features[judging] @ weights + bias - targets[judging]).square().sum() for weights, bias in fits]
            best = penalties[int(torch.stack(wrong).argmin())]
            weights, bias = fit_from_products(training, targets.shape[1], [best])[0]
            here[testing] = features[testing] @ weights + bias
            mean[testing] = training[-1, -1 - targets.shape[1] : -1] / training[-1, -1]
            penalty.append(best)
        predicted.append(here)
        chosen.append(torch.tensor(penalty))
    return RidgePredictions(torch.stack(predicted).float(), torch.stack(chosen), mean.float())


def _products(features: Tensor, targets: Tensor) -> Float[Tensor, "column column"]:
    """All sums of products of features, targets and 1, in this order: what least squares needs to know of the rows."""
    columns = torch.cat([features, targets, torch.ones(len(features), 1, dtype=features.dtype)], dim=1)
    return columns.T @ columns


def fit_from_products(
    products: Float[Tensor, "column column"], n_targets: int, penalties: Sequence[float]
) -> list[tuple[Float[Tensor, "d_model target"], Float[Tensor, "target"]]]:
    """Ridge on scaled features for each penalty, as (weights, bias) for the features as they are."""
    rows, width = products[-1, -1], len(products) - n_targets - 1
    mean = products[-1, :-1] / rows
    centred = products[:-1, :-1] - rows * mean[:, None] * mean
    scale = (centred.diagonal()[:width] / rows).clamp_min(0).sqrt()
    scale = torch.where(scale > 1e-6 * (1 + mean[:width].abs()), scale, torch.inf)  # a constant feature gets no weight
    gram = centred[:width, :width] / scale[:, None] / scale
    aimed = centred[:width, width:] / scale[:, None]
    fits = []
    for penalty in penalties:
        factor = torch.linalg.cholesky(gram + penalty * torch.eye(width, dtype=gram.dtype))
        weights = torch.cholesky_solve(aimed, factor) / scale[:, None]
        fits.append((weights, mean[width:] - mean[:width] @ weights))
    return fits
