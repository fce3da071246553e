"""Correct answers to chapter 04, written otherwise than the reference."""

import statistics

import torch


def features_at__loops(activations, lengths, back=0):
    rows = []
    for prompt, length in zip(activations, lengths.tolist(), strict=True):
        place = length - 1 - back
        if not 0 <= place < length:
            raise ValueError("no such token")
        rows.append(prompt[place])
    return torch.stack(rows)


def features_at__gather(activations, lengths, back=0):
    if back < 0 or back >= int(lengths.min()):
        raise ValueError("no such token")
    where = (lengths - 1 - back)[:, None, None].expand(-1, 1, activations.shape[2])
    return activations.gather(1, where).squeeze(1)


def standardised__column_by_column(features, train):
    columns = []
    for column in features.T:
        seen = column[train].tolist()
        if min(seen) == max(seen):
            columns.append(torch.zeros(len(column)))
        else:
            columns.append((column - statistics.fmean(seen)) / statistics.pstdev(seen))
    return torch.stack(columns, dim=1)


def standardised__float64_and_mean_of_squares(features, train):
    exact = features.double()
    mean = exact[train].mean(0)
    spread = (exact[train] - mean).pow(2).mean(0).sqrt()
    moves = features[train].amax(0) > features[train].amin(0)
    result = torch.zeros_like(exact)
    result[:, moves] = (exact[:, moves] - mean[moves]) / spread[moves]
    return result.to(features.dtype)


def r_squared__loops(predicted, target, train_mean):
    results = []
    for p, t, mean in zip(predicted.T.tolist(), target.T.tolist(), train_mean.tolist(), strict=True):
        missed = sum((a - b) ** 2 for a, b in zip(p, t, strict=True))
        spread = sum((b - mean) ** 2 for b in t)
        results.append(1 - missed / spread if spread else float("nan"))
    return torch.tensor(results)


def r_squared__means_and_einsum(predicted, target, train_mean):
    off, away = (predicted - target).double(), (target - train_mean).double()
    error = torch.einsum("bt,bt->t", off, off) / len(target)
    spread = torch.einsum("bt,bt->t", away, away) / len(target)
    result = (spread - error) / spread
    result[spread == 0] = float("nan")
    return result.float()


def balanced_accuracy__confusion_counts(predicted, labels):
    classes, which = labels.unique(return_inverse=True)
    rows = torch.bincount(which, minlength=len(classes))
    hits = torch.bincount(which[predicted == labels], minlength=len(classes))
    return (hits / rows).mean().item()


def balanced_accuracy__weights_of_rows(predicted, labels):
    sizes = (labels[:, None] == labels[None]).sum(dim=1).double()
    weights = 1 / sizes
    return float(weights[predicted == labels].sum() / weights.sum())


def mass_mean__loop_over_rows(features, labels, tilted):
    positive, negative = [x for x, y in zip(features, labels, strict=True) if y], features[~labels]
    if not positive or len(negative) == 0:
        raise ValueError("one class is missing")
    up, down = sum(positive) / len(positive), negative.sum(0) / len(negative)
    direction = up - down
    if tilted:
        covariance = torch.zeros(len(direction), len(direction), dtype=torch.double)
        for row, label in zip(features, labels, strict=True):
            away = (row - (up if label else down)).double()
            covariance += torch.outer(away, away) / len(features)
        direction = (torch.linalg.pinv(covariance) @ direction.double()).to(features.dtype)
    return direction, float((up @ direction + down @ direction) / 2)


def mass_mean__mixture_of_two_covariances(features, labels, tilted):
    if labels.sum() in (0, len(labels)):
        raise ValueError("one class is missing")
    share = labels.double().mean()
    up, down = features[labels].double(), features[~labels].double()
    direction = up.mean(0) - down.mean(0)
    if tilted:
        within = share * torch.cov(up.T, correction=0) + (1 - share) * torch.cov(down.T, correction=0)
        direction = torch.linalg.lstsq(within, direction[:, None], driver="gelsd").solution[:, 0]
    threshold = torch.stack([up.mean(0), down.mean(0)]).mean(0) @ direction
    return direction.float(), threshold.item()
