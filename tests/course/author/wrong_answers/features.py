"""Wrong answers to chapter 01, beside the recorded misconceptions."""

import torch


def top_examples__ranks_by_the_mean(acts, mask, k):
    means = (acts * mask).sum(dim=1) / mask.sum(dim=1).clamp_min(1)
    order = means.masked_fill(~mask.any(dim=1), -torch.inf).argsort(descending=True)
    order = order[mask.any(dim=1)[order]]
    where = acts.masked_fill(~mask, -torch.inf).argmax(dim=1)
    return torch.stack([order, where[order]], dim=1)[:k]


def top_examples__last_counted_position(acts, mask, k):
    peaks = acts.masked_fill(~mask, -torch.inf).amax(dim=1)
    order = peaks.argsort(descending=True)
    order = order[peaks[order] > -torch.inf]
    last = (mask * torch.arange(mask.shape[1])).argmax(dim=1)
    return torch.stack([order, last[order]], dim=1)[:k]


def top_examples__position_among_the_counted(acts, mask, k):
    peaks, where = acts.masked_fill(~mask, -torch.inf).max(dim=1)
    order = peaks.argsort(descending=True)
    order = order[peaks[order] > -torch.inf]
    among = (mask.long().cumsum(dim=1) - 1).gather(1, where[:, None])[:, 0]
    return torch.stack([order, among[order]], dim=1)[:k]


def top_examples__one_too_few(acts, mask, k):
    peaks, where = acts.masked_fill(~mask, -torch.inf).max(dim=1)
    order = peaks.argsort(descending=True)
    order = order[peaks[order] > -torch.inf]
    return torch.stack([order, where[order]], dim=1)[: k - 1]


def top_examples__only_positive_peaks(acts, mask, k):
    peaks, where = acts.masked_fill(~mask, -torch.inf).max(dim=1)
    order = peaks.argsort(descending=True)
    order = order[peaks[order] > 0]
    return torch.stack([order, where[order]], dim=1)[:k]


def context_window__both_sides_one_short(tokens, pos, radius):
    if not 0 <= pos < len(tokens):
        raise ValueError("outside")
    return "".join(tokens[max(0, pos - radius + 1) : pos]), tokens[pos], "".join(tokens[pos + 1 : pos + radius])


def context_window__counts_letters(tokens, pos, radius):
    if not 0 <= pos < len(tokens):
        raise ValueError("outside")
    before, after = "".join(tokens[:pos]), "".join(tokens[pos + 1 :])
    return before[len(before) - radius :], tokens[pos], after[:radius]


def context_window__nearest_first(tokens, pos, radius):
    if not 0 <= pos < len(tokens):
        raise ValueError("outside")
    before = tokens[max(0, pos - radius) : pos]
    return "".join(reversed(before)), tokens[pos], "".join(tokens[pos + 1 : pos + 1 + radius])


def context_window__moves_the_window_inside(tokens, pos, radius):
    if not 0 <= pos < len(tokens):
        raise ValueError("outside")
    start = min(max(0, pos - radius), max(0, len(tokens) - 2 * radius - 1))
    window = tokens[start : start + 2 * radius + 1]
    return "".join(window[: pos - start]), tokens[pos], "".join(window[pos - start + 1 :])


def context_window__strips_the_spaces(tokens, pos, radius):
    if not 0 <= pos < len(tokens):
        raise ValueError("outside")
    sides = tokens[max(0, pos - radius) : pos], tokens[pos + 1 : pos + 1 + radius]
    return "".join(sides[0]).strip(), tokens[pos].strip(), "".join(sides[1]).strip()


def context_window__raises_another_error(tokens, pos, radius):
    if not 0 <= pos < len(tokens):
        raise IndexError("outside")
    return "".join(tokens[max(0, pos - radius) : pos]), tokens[pos], "".join(tokens[pos + 1 : pos + 1 + radius])


def auroc__accuracy_at_the_middle(scores, labels):
    if len(labels.unique()) < 2:
        raise ValueError("one class")
    return ((scores > scores.median(dim=0).values) == labels[:, None]).float().mean(dim=0)


def auroc__divides_by_all_pairs_of_texts(scores, labels):
    if len(labels.unique()) < 2:
        raise ValueError("one class")
    difference = scores[labels][:, None] - scores[~labels][None]
    wins = (difference > 0).float() + (difference == 0).float() / 2
    return wins.sum(dim=(0, 1)) / (len(labels) * (len(labels) - 1) / 2)


def auroc__mean_difference(scores, labels):
    if len(labels.unique()) < 2:
        raise ValueError("one class")
    gap = scores[labels].mean(dim=0) - scores[~labels].mean(dim=0)
    return 0.5 + gap / (2 * scores.std(dim=0).clamp_min(1e-6))


def auroc__pairs_of_neighbours(scores, labels):
    if len(labels.unique()) < 2:
        raise ValueError("one class")
    n = min(int(labels.sum()), int((~labels).sum()))
    difference = scores[labels][:n] - scores[~labels][:n]
    return ((difference > 0).float() + (difference == 0).float() / 2).mean(dim=0)


def auroc__one_number_for_all_neurons(scores, labels):
    if len(labels.unique()) < 2:
        raise ValueError("one class")
    difference = scores[labels][:, None] - scores[~labels][None]
    return ((difference > 0).float() + (difference == 0).float() / 2).mean().expand(scores.shape[1])


def auroc__half_where_a_class_is_missing(scores, labels):
    if len(labels.unique()) < 2:
        return torch.full((scores.shape[1],), 0.5)
    difference = scores[labels][:, None] - scores[~labels][None]
    return ((difference > 0).float() + (difference == 0).float() / 2).mean(dim=(0, 1))


def f1_curve__computes_recall(scores, labels, thresholds):
    called = scores >= thresholds[:, None]
    return (called & labels).sum(dim=1) / labels.sum().clamp_min(1)


def f1_curve__geometric_mean(scores, labels, thresholds):
    called = scores >= thresholds[:, None]
    hits = (called & labels).sum(dim=1).float()
    return hits / (called.sum(dim=1) * labels.sum()).clamp_min(1).sqrt()


def f1_curve__overlap_over_union(scores, labels, thresholds):
    called = scores >= thresholds[:, None]
    return (called & labels).sum(dim=1) / (called | labels).sum(dim=1).clamp_min(1)


def f1_curve__calls_what_is_below(scores, labels, thresholds):
    called = scores <= thresholds[:, None]
    hits = (called & labels).sum(dim=1)
    return 2 * hits / (called.sum(dim=1) + labels.sum()).clamp_min(1)


def f1_curve__best_so_far(scores, labels, thresholds):
    called = scores >= thresholds[:, None]
    hits = (called & labels).sum(dim=1)
    return (2 * hits / (called.sum(dim=1) + labels.sum()).clamp_min(1)).cummax(dim=0).values


def f1_curve__one_where_nothing_is_to_be_found(scores, labels, thresholds):
    called = scores >= thresholds[:, None]
    size = called.sum(dim=1) + labels.sum()
    return torch.where(size == 0, 1.0, 2 * (called & labels).sum(dim=1) / size)


def _rates(acts, labels, thresholds):
    fires = (acts > thresholds).float()
    return torch.stack([fires[labels == label].mean(dim=0) for label in labels.unique()])


def effective_classes__one_over_the_sum_of_squares(acts, labels, thresholds):
    rates = _rates(acts, labels, thresholds)
    shares = rates / rates.sum(dim=0).clamp_min(1e-12)
    return torch.where(rates.sum(dim=0) > 0, 1 / shares.square().sum(dim=0), 0.0)


def effective_classes__sign_of_the_entropy(acts, labels, thresholds):
    rates = _rates(acts, labels, thresholds)
    shares = rates / rates.sum(dim=0).clamp_min(1e-12)
    return torch.where(rates.sum(dim=0) > 0, torch.xlogy(shares, shares).sum(dim=0).exp(), 0.0)


def effective_classes__one_for_a_silent_neuron(acts, labels, thresholds):
    rates = _rates(acts, labels, thresholds)
    shares = rates / rates.sum(dim=0).clamp_min(1e-12)
    return (-torch.xlogy(shares, shares).sum(dim=0)).exp()


def effective_classes__first_threshold_for_all(acts, labels, thresholds):
    rates = _rates(acts, labels, thresholds[:1])
    shares = rates / rates.sum(dim=0).clamp_min(1e-12)
    return torch.where(rates.sum(dim=0) > 0, (-torch.xlogy(shares, shares).sum(dim=0)).exp(), 0.0)


def effective_classes__shares_over_neurons(acts, labels, thresholds):
    rates = _rates(acts, labels, thresholds)
    shares = rates / rates.sum(dim=1, keepdim=True).clamp_min(1e-12)
    return torch.where(rates.sum(dim=0) > 0, (-torch.xlogy(shares, shares).sum(dim=0)).exp(), 0.0)


def effective_classes__softmax_of_the_rates(acts, labels, thresholds):
    rates = _rates(acts, labels, thresholds)
    shares = rates.softmax(dim=0)
    return torch.where(rates.sum(dim=0) > 0, (-torch.xlogy(shares, shares).sum(dim=0)).exp(), 0.0)


def predict_by_token__median(train_tokens, train_acts, test_tokens):
    rest, rows = train_acts.mean(dim=0), []
    for token in test_tokens:
        mine = train_acts[train_tokens == token]
        rows.append(mine.median(dim=0).values if len(mine) else rest)
    return torch.stack(rows)


def predict_by_token__keeps_the_first(train_tokens, train_acts, test_tokens):
    rest, rows = train_acts.mean(dim=0), []
    for token in test_tokens:
        mine = train_acts[train_tokens == token]
        rows.append(mine[0] if len(mine) else rest)
    return torch.stack(rows)


def predict_by_token__nan_for_unseen(train_tokens, train_acts, test_tokens):
    return torch.stack([train_acts[train_tokens == token].mean(dim=0) for token in test_tokens])


def predict_by_token__one_mean_for_all_neurons(train_tokens, train_acts, test_tokens):
    rest, rows = train_acts.mean().expand(train_acts.shape[1]), []
    for token in test_tokens:
        mine = train_acts[train_tokens == token]
        rows.append(mine.mean(dim=0) if len(mine) else rest)
    return torch.stack(rows)


def predict_by_token__mean_of_the_test_tokens_for_unseen(train_tokens, train_acts, test_tokens):
    seen = torch.isin(train_tokens, test_tokens)
    rest, rows = train_acts[seen].mean(dim=0), []
    for token in test_tokens:
        mine = train_acts[train_tokens == token]
        rows.append(mine.mean(dim=0) if len(mine) else rest)
    return torch.stack(rows)


def predict_by_token__shrinks_towards_the_mean(train_tokens, train_acts, test_tokens):
    rest, rows = train_acts.mean(dim=0), []
    for token in test_tokens:
        mine = train_acts[train_tokens == token]
        rows.append((mine.sum(dim=0) + rest) / (len(mine) + 1))
    return torch.stack(rows)


def explained_variance__one_number_for_all(actual, predicted):
    error, spread = (actual - predicted).square().sum(), (actual - actual.mean(dim=0)).square().sum()
    return (1 - error / spread).expand(actual.shape[1])


def explained_variance__spread_of_the_prediction(actual, predicted):
    spread = (predicted - predicted.mean(dim=0)).square().sum(dim=0)
    constant = (actual == actual[0]).all(dim=0)
    return torch.where(constant, torch.nan, 1 - (actual - predicted).square().sum(dim=0) / spread)


def explained_variance__error_without_one(actual, predicted):
    spread = (actual - actual.mean(dim=0)).square().sum(dim=0)
    constant = (actual == actual[0]).all(dim=0)
    return torch.where(constant, torch.nan, (actual - predicted).square().sum(dim=0) / spread)


def explained_variance__absolute_errors(actual, predicted):
    spread = (actual - actual.mean(dim=0)).abs().sum(dim=0)
    constant = (actual == actual[0]).all(dim=0)
    return torch.where(constant, torch.nan, 1 - (actual - predicted).abs().sum(dim=0) / spread)


def explained_variance__zero_for_a_constant_neuron(actual, predicted):
    spread = (actual - actual.mean(dim=0)).square().sum(dim=0)
    constant = (actual == actual[0]).all(dim=0)
    return torch.where(constant, 0.0, 1 - (actual - predicted).square().sum(dim=0) / spread)


def explained_variance__mean_error_over_the_whole_spread(actual, predicted):
    spread = (actual - actual.mean(dim=0)).square().sum(dim=0)
    constant = (actual == actual[0]).all(dim=0)
    return torch.where(constant, torch.nan, 1 - (actual - predicted).square().mean(dim=0) / spread)


def difference_of_means__sums(acts, labels, train):
    plus, minus = acts[train & labels], acts[train & ~labels]
    if not len(plus) or not len(minus):
        raise ValueError("a class is missing")
    return plus.sum(dim=0) - minus.sum(dim=0)


def difference_of_means__one_divisor(acts, labels, train):
    plus, minus = acts[train & labels], acts[train & ~labels]
    if not len(plus) or not len(minus):
        raise ValueError("a class is missing")
    return (plus.sum(dim=0) - minus.sum(dim=0)) / int(train.sum())


def difference_of_means__medians(acts, labels, train):
    plus, minus = acts[train & labels], acts[train & ~labels]
    if not len(plus) or not len(minus):
        raise ValueError("a class is missing")
    return plus.median(dim=0).values - minus.median(dim=0).values


def difference_of_means__learns_from_the_held_out_texts(acts, labels, train):
    plus, minus = acts[~train & labels], acts[~train & ~labels]
    if not len(plus) or not len(minus):
        raise ValueError("a class is missing")
    return plus.mean(dim=0) - minus.mean(dim=0)


def difference_of_means__zero_without_a_class(acts, labels, train):
    plus, minus = acts[train & labels], acts[train & ~labels]
    if not len(plus) or not len(minus):
        return torch.zeros(acts.shape[1])
    return plus.mean(dim=0) - minus.mean(dim=0)


def difference_of_means__halves_it(acts, labels, train):
    plus, minus = acts[train & labels], acts[train & ~labels]
    if not len(plus) or not len(minus):
        raise ValueError("a class is missing")
    return (plus.mean(dim=0) - minus.mean(dim=0)) / 2


def neuron_writes__divides_by_the_square_of_rms(w_out, w_unembed, gain, rms):
    logits = (w_out * gain) @ w_unembed / rms**2
    return logits - logits.mean()


def neuron_writes__gain_after_the_unembedding(w_out, w_unembed, gain, rms):
    logits = w_out @ w_unembed / rms * gain.mean()
    return logits - logits.mean()


def neuron_writes__probabilities(w_out, w_unembed, gain, rms):
    return (w_out / rms * gain @ w_unembed).softmax(dim=0)


def neuron_writes__standard_scores(w_out, w_unembed, gain, rms):
    logits = (w_out / rms * gain) @ w_unembed
    return (logits - logits.mean()) / logits.std()


def neuron_writes__centres_the_weights(w_out, w_unembed, gain, rms):
    return ((w_out - w_out.mean()) / rms * gain) @ w_unembed


def neuron_writes__log_softmax(w_out, w_unembed, gain, rms):
    return (w_out / rms * gain @ w_unembed).log_softmax(dim=0)
