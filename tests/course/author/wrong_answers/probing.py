"""Wrong answers to chapter 04, beside the recorded misconceptions."""

import torch


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


def mass_mean__medians(features, labels, tilted):
    _means(features, labels)
    up, down = features[labels].median(dim=0).values, features[~labels].median(dim=0).values
    direction = _inverse(features, labels, up, down) @ (up - down) if tilted else up - down
    return direction, float((up + down) @ direction / 2)


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
