"""Wrong answers to chapter 04, beside the recorded misconceptions."""

from itertools import pairwise

import torch


def _seeded(seed):
    return torch.Generator().manual_seed(seed)


def features_at__reads_from_the_left(activations, lengths, back=0):
    return activations[:, back]


def features_at__clamps_at_the_first(activations, lengths, back=0):
    where = (lengths - 1 - back).clamp(min=0)
    return activations[torch.arange(len(lengths)), where]


def grouped_split__hashes_the_groups(group, validation, test, seed):
    place = (group * 2654435761 + seed * 97) % 1000 / 1000
    in_validation, in_test = place < validation, (place >= validation) & (place < validation + test)
    return ~in_validation & ~in_test, in_validation, in_test


def grouped_split__rounds_up(group, validation, test, seed):
    groups = group.unique()
    n_validation, n_test = -int(-validation * len(groups) // 1), -int(-test * len(groups) // 1)
    if min(n_validation, n_test, len(groups) - n_validation - n_test) < 1:
        raise ValueError("a part without a group")
    order = groups[torch.randperm(len(groups), generator=_seeded(seed))]
    in_validation = torch.isin(group, order[:n_validation])
    in_test = torch.isin(group, order[n_validation : n_validation + n_test])
    return ~in_validation & ~in_test, in_validation, in_test


def standardised__by_the_largest_value(features, train):
    seen = features[train]
    return (features - seen.mean(0)) / (seen - seen.mean(0)).abs().amax(0).clamp_min(1e-12)


def standardised__one_scale_for_all(features, train):
    seen = features[train]
    return (features - seen.mean(0)) / seen.std(correction=0)


def ridge__penalty_on_the_predictions(features, target, penalty):
    x = features - features.mean(0)
    weights = torch.linalg.pinv(x) @ (target - target.mean(0)) / (1 + penalty)
    return weights, target.mean(0) - features.mean(0) @ weights


def ridge__divides_the_penalty_by_rows(features, target, penalty):
    x = features - features.mean(0)
    weights = torch.linalg.solve(x.T @ x + penalty / len(x) * torch.eye(x.shape[1]), x.T @ target)
    return weights, target.mean(0) - features.mean(0) @ weights


def r_squared__mean_over_targets(predicted, target, train_mean):
    each = 1 - (predicted - target).square().sum(0) / (target - train_mean).square().sum(0)
    return each.mean().expand(len(each))


def r_squared__spread_around_zero(predicted, target, train_mean):
    return 1 - (predicted - target).square().sum(0) / target.square().sum(0)


def logistic_gradient__hinge(weights, bias, features, labels, penalty):
    sign = torch.where(labels, 1.0, -1.0)
    short = 1 - sign * (features @ weights + bias)
    pull = -sign * (short > 0)
    loss = short.clamp_min(0).mean() + penalty / 2 * weights @ weights
    return float(loss), pull @ features / len(pull) + penalty * weights, float(pull.mean())


def logistic_gradient__slope_of_the_sigmoid(weights, bias, features, labels, penalty):
    z, y = features @ weights + bias, labels.float()
    p = torch.sigmoid(z)
    loss = (torch.nn.functional.softplus(z) - y * z).mean() + penalty / 2 * weights @ weights
    pull = (p - y) * p * (1 - p)
    return float(loss), pull @ features / len(y) + penalty * weights, float(pull.mean())


def mass_mean__medians(features, labels, tilted):
    up, down = features[labels].median(0).values, features[~labels].median(0).values
    return up - down, float((up + down) @ (up - down) / 2)


def mass_mean__root_of_the_inverse(features, labels, tilted):
    if labels.all() or not labels.any():
        raise ValueError("one class only")
    up, down = features[labels].mean(0), features[~labels].mean(0)
    direction = up - down
    if tilted:
        off = features - torch.where(labels[:, None], up, down)
        values, vectors = torch.linalg.eigh(off.T @ off / len(off))
        keep = values > 1e-6 * values.max()
        direction = vectors[:, keep] @ ((vectors[:, keep].T @ direction) / values[keep].sqrt())
    return direction, float((up + down) @ direction / 2)


def transfer_matrix__at_the_threshold_too(features, labels, train, fit, centre):
    if centre:
        features = [x - x[mask].mean(0) for x, mask in zip(features, train, strict=True)]
    rows = []
    for x, y, mask in zip(features, labels, train, strict=True):
        direction, threshold = fit(x[mask], y[mask])
        sets = zip(features, labels, train, strict=True)
        rows.append([((a[~m] @ direction >= threshold) == b[~m]).float().mean() for a, b, m in sets])
    return torch.tensor(rows)


def transfer_matrix__centre_of_the_source(features, labels, train, fit, centre):
    rows = []
    for x, y, mask in zip(features, labels, train, strict=True):
        middle = x[mask].mean(0) if centre else 0
        direction, threshold = fit(x[mask] - middle, y[mask])
        sets = zip(features, labels, train, strict=True)
        rows.append([(((a[~m] - middle) @ direction > threshold) == b[~m]).float().mean() for a, b, m in sets])
    return torch.tensor(rows)


def balanced_accuracy__one_against_the_rest(predicted, labels):
    right = [((predicted == one) == (labels == one)).float().mean() for one in labels.unique()]
    return float(sum(right) / len(right))


def balanced_accuracy__product_of_shares(predicted, labels):
    right = (predicted == labels).float()
    shares = torch.stack([right[labels == one].mean() for one in labels.unique()])
    return float(shares.prod() ** (1 / len(shares)))


def control_labels__label_from_the_number(types, labels, seed):
    values = labels.unique()
    return values[(types * 7919 + seed) % len(values)]


def control_labels__deals_out_the_occurrences(types, labels, seed):
    mixed = labels[torch.randperm(len(labels), generator=_seeded(seed))]
    kinds, index = types.unique(return_inverse=True)
    return torch.stack([mixed[(index == i).nonzero()[0, 0]] for i in range(len(kinds))])[index]


def rank_neurons__deviation_of_the_negative_rows(features, labels):
    difference = (features[labels].mean(0) - features[~labels].mean(0)) / features[~labels].std(0, correction=0)
    difference = torch.where((features == features[0]).all(0), 0.0, difference)
    return difference.abs().argsort(descending=True), difference


def rank_neurons__by_variance(features, labels):
    difference = (features[labels].mean(0) - features[~labels].mean(0)) / features.var(0, correction=0)
    difference = torch.where((features == features[0]).all(0), 0.0, difference)
    return difference.abs().argsort(descending=True), difference


def greedy_neurons__least_alike_next(features, labels, k):
    if k > features.shape[1]:
        raise ValueError("too few neurons")
    alike = torch.corrcoef(torch.cat([features.T, labels.float()[None]])).nan_to_num().abs()
    chosen = [int(alike[-1, :-1].argmax())]
    while len(chosen) < k:
        cost = alike[chosen, :-1].amax(0)
        cost[chosen] = torch.inf
        chosen.append(int(cost.argmin()))
    return chosen


def greedy_neurons__largest_weights_of_one_fit(features, labels, k):
    if k > features.shape[1]:
        raise ValueError("too few neurons")
    x = torch.cat([features, torch.ones(len(features), 1)], dim=1)
    return (torch.linalg.pinv(x) @ labels.float())[:-1].abs().argsort(descending=True)[:k].tolist()


def chosen_k__error_of_the_worst(ks, validation, test):
    share = validation.float().mean(1)
    worst = validation[share.argmin()].float()
    enough = share >= share.max() - worst.std() / len(worst) ** 0.5
    k = min(n for n, fits in zip(ks, enough.tolist(), strict=True) if fits)
    return k, float(test[ks.index(k)].float().mean())


def chosen_k__within_two_errors(ks, validation, test):
    share = validation.float().mean(1)
    best = validation[share.argmax()].float()
    enough = share >= share.max() - 2 * best.std() / len(best) ** 0.5
    k = min(n for n, fits in zip(ks, enough.tolist(), strict=True) if fits)
    return k, float(test[ks.index(k)].float().mean())


def erased__mean_direction_only(features, directions):
    if not len(directions):
        return features
    unit = directions.mean(0) / directions.mean(0).norm()
    return features - (features @ unit)[:, None] * unit


def erased__zeroes_the_coordinates(features, directions):
    return torch.where((directions != 0).any(0), 0.0, features)


def leace__without_the_covariance_of_features(features, concept):
    x, z = features - features.mean(0), concept - concept.mean(0)
    shared = x.T @ z / len(x)
    matrix = torch.eye(x.shape[1]) - shared @ shared.T / shared.square().sum()
    return matrix, features.mean(0) - features.mean(0) @ matrix


def leace__residual_of_the_regression(features, concept):
    x, z = features - features.mean(0), concept - concept.mean(0)
    weights = torch.linalg.pinv(x) @ z
    matrix = torch.eye(x.shape[1]) - weights @ torch.linalg.pinv(z) @ x
    return matrix, features.mean(0) - features.mean(0) @ matrix


def online_code_length__entropy_of_the_labels(features, labels, n_classes, ends, fit):
    share = labels.bincount(minlength=n_classes) / len(labels)
    bits = -(share * share.clamp_min(1e-9).log2()).sum() * len(labels)
    return float(bits), float(len(labels) * torch.tensor(float(n_classes)).log2() / bits)


def online_code_length__errors_counted(features, labels, n_classes, ends, fit):
    whole = torch.tensor(float(n_classes)).log2()
    bits = ends[0] * whole
    for start, end in pairwise(ends):
        said = fit(features[:start], labels[:start])(features[start:end]).argmax(1)
        bits = bits + (said != labels[start:end]).sum() * whole
    return float(bits), float(len(labels) * whole / bits)
