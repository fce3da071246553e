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


def features_at__somebody_elses_length(activations, lengths, back=0):
    _refuse(lengths, back)
    return activations[torch.arange(len(lengths)), lengths.sort().values - 1 - back]


def features_at__at_the_length_itself(activations, lengths, back=0):
    _refuse(lengths, back)
    return activations[torch.arange(len(lengths)), (lengths - back).clamp_max(activations.shape[1] - 1)]


def features_at__counts_forward(activations, lengths, back=0):
    _refuse(lengths, back)
    return activations[torch.arange(len(lengths)), back]


def features_at__the_longest_prompts_end(activations, lengths, back=0):
    _refuse(lengths, back)
    return activations[:, int(lengths.max()) - 1 - back]


def features_at__mean_up_to_there(activations, lengths, back=0):
    _refuse(lengths, back)
    ends = (lengths - back).tolist()
    return torch.stack([row[:end].mean(dim=0) for row, end in zip(activations, ends, strict=True)])


def features_at__stops_at_the_start(activations, lengths, back=0):
    if back < 0:
        raise ValueError("no such token")
    return activations[torch.arange(len(lengths)), (lengths - 1 - back).clamp_min(0)]


def _refuse(lengths, back):
    if back < 0 or int(lengths.min()) <= back:
        raise ValueError("no such token")


def _scaled(features, train, mean, spread):
    seen = features[train]
    return torch.where((seen == seen[0]).all(dim=0), 0.0, (features - mean) / spread)


def standardised__divides_by_the_variance(features, train):
    seen = features[train]
    return _scaled(features, train, seen.mean(dim=0), seen.var(dim=0, correction=0))


def standardised__one_scale_for_all_features(features, train):
    seen = features[train]
    return _scaled(features, train, seen.mean(), seen.std(correction=0))


def standardised__median_and_deviation(features, train):
    seen = features[train]
    return _scaled(features, train, seen.median(dim=0).values, seen.std(dim=0, correction=0))


def standardised__between_0_and_1(features, train):
    seen = features[train]
    return _scaled(features, train, seen.amin(dim=0), seen.amax(dim=0) - seen.amin(dim=0))


def standardised__across_the_features_of_a_row(features, train):
    return _scaled(features, train, features.mean(dim=1, keepdim=True), features.std(dim=1, correction=0, keepdim=True))


def standardised__learns_from_the_held_out_rows(features, train):
    held_out = features[~train]
    return _scaled(features, train, held_out.mean(dim=0), held_out.std(dim=0, correction=0))


def standardised__held_out_rows_stay_as_they_are(features, train):
    seen = features[train]
    scaled = _scaled(features, train, seen.mean(dim=0), seen.std(dim=0, correction=0))
    return torch.where(train[:, None], scaled, features)


def _sums(predicted, target, train_mean):
    return (predicted - target).square().sum(dim=0), (target - train_mean).square().sum(dim=0)


def r_squared__ratio_upside_down(predicted, target, train_mean):
    error, spread = _sums(predicted, target, train_mean)
    return torch.where(spread > 0, 1 - spread / error, torch.nan)


def r_squared__ratio_of_the_roots(predicted, target, train_mean):
    error, spread = _sums(predicted, target, train_mean)
    return torch.where(spread > 0, 1 - (error / spread).sqrt(), torch.nan)


def r_squared__mean_over_the_targets(predicted, target, train_mean):
    error, spread = _sums(predicted, target, train_mean)
    found = torch.where(spread > 0, 1 - error / spread, torch.nan)
    return found.nanmean().expand(len(found)).clone()


def r_squared__baseline_without_a_mean(predicted, target, train_mean):
    error, spread = _sums(predicted, target, torch.zeros_like(train_mean))
    return torch.where((target != train_mean).any(dim=0), 1 - error / spread, torch.nan)


def r_squared__mean_of_the_ratios(predicted, target, train_mean):
    ratios = (predicted - target).square() / (target - train_mean).square().clamp_min(1e-9)
    return torch.where((target != train_mean).any(dim=0), 1 - ratios.mean(dim=0), torch.nan)


def r_squared__zero_where_nothing_varies(predicted, target, train_mean):
    error, spread = _sums(predicted, target, train_mean)
    return torch.where(spread > 0, 1 - error / spread, 0.0)


def balanced_accuracy__median_of_the_classes(predicted, labels):
    right = (predicted == labels).float()
    return float(torch.stack([right[labels == one].mean() for one in labels.unique()]).median())


def balanced_accuracy__only_the_classes_that_were_said(predicted, labels):
    right = (predicted == labels).float()
    said = [one for one in labels.unique() if (predicted == one).any()]
    return float(torch.stack([right[labels == one].mean() for one in said]).mean()) if said else 0.0


def balanced_accuracy__two_classes_only(predicted, labels):
    common = labels.mode().values
    yes, no = labels == common, labels != common
    right = (predicted == labels).float()
    return float((right[yes].mean() + (right[no].mean() if no.any() else right[yes].mean())) / 2)


def balanced_accuracy__above_chance(predicted, labels):
    right = (predicted == labels).float()
    shares = torch.stack([right[labels == one].mean() for one in labels.unique()])
    chance = 1 / len(shares)
    return float((shares.mean() - chance) / (1 - chance)) if len(shares) > 1 else float(shares.mean())


def balanced_accuracy__geometric_mean(predicted, labels):
    right = (predicted == labels).float()
    shares = torch.stack([right[labels == one].mean() for one in labels.unique()])
    return float(shares.prod() ** (1 / len(shares)))


def _means(features, labels):
    if labels.all() or not labels.any():
        raise ValueError("one class")
    return features[labels].mean(dim=0), features[~labels].mean(dim=0)


def _inverse(features, labels, up, down):
    deviation = (features - torch.where(labels[:, None], up, down)).double()
    return torch.linalg.pinv(deviation.T @ deviation / len(features), hermitian=True).to(features.dtype)


def mass_mean__threshold_from_the_positive_mean(features, labels, tilted):
    up, down = _means(features, labels)
    direction = _inverse(features, labels, up, down) @ (up - down) if tilted else up - down
    return direction, float(up @ direction)


def mass_mean__from_the_mean_of_all(features, labels, tilted):
    up, down = _means(features, labels)
    direction = up - features.mean(dim=0)
    if tilted:
        direction = _inverse(features, labels, up, down) @ direction
    return direction, float((up + down) @ direction / 2)


def mass_mean__tilts_the_other_way(features, labels, tilted):
    up, down = _means(features, labels)
    direction = up - down if tilted else _inverse(features, labels, up, down) @ (up - down)
    return direction, float((up + down) @ direction / 2)


def mass_mean__tilts_twice(features, labels, tilted):
    up, down = _means(features, labels)
    direction = up - down
    if tilted:
        inverse = _inverse(features, labels, up, down)
        direction = inverse @ inverse @ direction
    return direction, float((up + down) @ direction / 2)


def mass_mean__covariance_of_the_positive_rows(features, labels, tilted):
    up, down = _means(features, labels)
    direction = up - down
    if tilted:
        deviation = (features[labels] - up).double()
        inverse = torch.linalg.pinv(deviation.T @ deviation / int(labels.sum()), hermitian=True)
        direction = inverse.to(features.dtype) @ direction
    return direction, float((up + down) @ direction / 2)
