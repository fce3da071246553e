"""Correct answers to chapter 04, written otherwise than the reference."""

import math
import random
from collections import Counter

import torch


def features_at__loop(activations, lengths, back=0):
    rows = []
    for row, n in zip(activations, lengths.tolist(), strict=True):
        if not 0 <= back < n:
            raise ValueError("no token that far back")
        rows.append(row[:n][n - 1 - back])
    return torch.stack(rows)


def features_at__gather(activations, lengths, back=0):
    if back < 0 or back >= lengths.min():
        raise ValueError("no token that far back")
    index = (lengths - 1 - back)[:, None, None].expand(-1, 1, activations.shape[2])
    return activations.gather(1, index)[:, 0]


def grouped_split__random_module(group, validation, test, seed):
    ids = sorted(set(group.tolist()))
    n_validation, n_test = round(validation * len(ids)), round(test * len(ids))
    if n_validation < 1 or n_test < 1 or len(ids) - n_validation - n_test < 1:
        raise ValueError("a part without a group")
    random.Random(seed).shuffle(ids)
    places = {one: place for place, one in enumerate(ids)}
    place = torch.tensor([places[one] for one in group.tolist()])
    in_validation, in_test = place < n_validation, (place >= n_validation) & (place < n_validation + n_test)
    return place >= n_validation + n_test, in_validation, in_test


def standardised__column_by_column(features, train):
    out = features.clone()
    for j in range(features.shape[1]):
        column = features[train, j]
        if column.min() == column.max():
            out[:, j] = 0
        else:
            out[:, j] = (out[:, j] - column.mean()) / ((column - column.mean()) ** 2).mean().sqrt()
    return out


def ridge__column_of_ones(features, target, penalty):
    x = torch.cat([features, torch.ones(len(features), 1)], dim=1)
    unpenalised = penalty * torch.eye(x.shape[1])
    unpenalised[-1, -1] = 0
    weights = torch.linalg.pinv(x.T @ x + unpenalised) @ (x.T @ target)
    return weights[:-1], weights[-1]


def ridge__inverse(features, target, penalty):
    x = features - features.mean(0)
    weights = torch.linalg.inv(x.T @ x + penalty * torch.eye(x.shape[1])) @ x.T @ target
    return weights, (target - features @ weights).mean(0)


def r_squared__loops(predicted, target, train_mean):
    out = []
    for j in range(target.shape[1]):
        top = sum((float(p) - float(t)) ** 2 for p, t in zip(predicted[:, j], target[:, j], strict=True))
        bottom = sum((float(t) - float(train_mean[j])) ** 2 for t in target[:, j])
        out.append(1 - top / bottom if bottom else math.nan)
    return torch.tensor(out)


def logistic_gradient__autograd(weights, bias, features, labels, penalty):
    with torch.enable_grad():
        w = weights.detach().clone().requires_grad_()
        b = torch.as_tensor(bias, dtype=w.dtype).clone().requires_grad_()
        z = features @ w + b
        loss = torch.nn.functional.softplus(torch.where(labels, -z, z)).mean() + penalty / 2 * (w**2).sum()
        loss.backward()
    return loss.item(), w.grad, b.grad.item()


def logistic_gradient__logaddexp(weights, bias, features, labels, penalty):
    z = features @ weights + bias
    loss = torch.logaddexp(torch.zeros_like(z), torch.where(labels, -z, z)).mean() + penalty / 2 * weights.norm() ** 2
    error = torch.sigmoid(z) - labels.to(z.dtype)
    return loss.item(), (features * error[:, None]).mean(0) + penalty * weights, error.mean().item()


def mass_mean__class_by_class(features, labels, tilted):
    if labels.sum() in (0, len(labels)):
        raise ValueError("one class only")
    up, down = features[labels], features[~labels]
    direction = up.mean(0) - down.mean(0)
    if tilted:
        up_off, down_off = up - up.mean(0), down - down.mean(0)
        direction = torch.linalg.pinv((up_off.T @ up_off + down_off.T @ down_off) / len(features)) @ direction
    return direction, ((up.mean(0) @ direction + down.mean(0) @ direction) / 2).item()


def transfer_matrix__two_loops(features, labels, train, fit, centre):
    result = []
    for x, y, mask in zip(features, labels, train, strict=True):
        direction, threshold = fit(x[mask] - (x[mask].mean(0) if centre else 0), y[mask])
        row = []
        for x2, y2, mask2 in zip(features, labels, train, strict=True):
            moved = x2[~mask2] - (x2[mask2].mean(0) if centre else 0)
            said = torch.einsum("bf,f->b", moved, direction) > threshold
            row.append((said == y2[~mask2]).sum().item() / len(moved))
        result.append(row)
    return torch.tensor(result)


def balanced_accuracy__counters(predicted, labels):
    rows, hits = Counter(labels.tolist()), Counter(labels[predicted == labels].tolist())
    return sum(hits[one] / n for one, n in rows.items()) / len(rows)


def control_labels__multinomial(types, labels, seed):
    generator = torch.Generator().manual_seed(seed)
    values, counts = labels.unique(return_counts=True)
    drawn = {}
    for one in types.tolist():
        if one not in drawn:
            drawn[one] = values[torch.multinomial(counts.float(), 1, generator=generator)].item()
    return torch.tensor([drawn[one] for one in types.tolist()])


def rank_neurons__one_by_one(features, labels):
    difference = []
    for column in features.T:
        steady = column.max() == column.min()
        apart = column[labels].mean() - column[~labels].mean()
        difference.append(0.0 if steady else float(apart / column.std(correction=0)))
    order = sorted(range(len(difference)), key=lambda i: -abs(difference[i]))
    return torch.tensor(order), torch.tensor(difference)


def greedy_neurons__fits_every_candidate(features, labels, k):
    if k > features.shape[1]:
        raise ValueError("too few neurons")
    y, chosen = labels.double()[:, None], []
    for _ in range(k):
        errors = torch.full((features.shape[1],), torch.inf, dtype=torch.float64)
        for j in set(range(features.shape[1])) - set(chosen):
            x = torch.cat([torch.ones(len(y), 1), features[:, [*chosen, j]]], dim=1).double()
            errors[j] = (x @ torch.linalg.pinv(x) @ y - y).square().sum()
        chosen.append(int(errors.argmin()))
    return chosen


def chosen_k__share(ks, validation, test):
    share = validation.float().mean(1)
    best = share.max()
    error = (best * (1 - best) / (validation.shape[1] - 1)) ** 0.5
    k = min(k for k, one in zip(ks, share, strict=True) if one >= best - error)
    return k, test[ks.index(k)].float().mean().item()


def erased__gram_schmidt(features, directions):
    basis = []
    for direction in directions:
        rest = direction / direction.norm()
        for _ in range(2):
            for one in basis:
                rest = rest - (rest @ one) * one
        if rest.norm() > 1e-5:
            basis.append(rest / rest.norm())
    for one in basis:
        features = features - (features @ one)[:, None] * one
    return features


def leace__as_in_the_paper(features, concept):
    mean = features.double().mean(0)
    x, z = features.double() - mean, concept.double() - concept.double().mean(0)
    vectors, values, _ = torch.linalg.svd(x.T @ x / len(x))
    vectors, values = vectors[:, values > 1e-9 * values[0]], values[values > 1e-9 * values[0]]
    white, back = (vectors @ torch.diag(values**power) @ vectors.T for power in (-0.5, 0.5))
    columns = white @ (x.T @ z / len(x))
    projection = columns @ torch.linalg.pinv(columns, rtol=1e-6)
    matrix = (torch.eye(len(mean)) - back @ projection @ white).T
    return matrix.to(features.dtype), (mean - mean @ matrix).to(features.dtype)


def online_code_length__label_by_label(features, labels, n_classes, ends, fit):
    if ends[-1] != len(features):
        raise ValueError("the blocks do not end with the last row")
    bits, start = ends[0] * math.log2(n_classes), ends[0]
    for end in ends[1:]:
        probe = fit(features[:start], labels[:start])
        for p, label in zip(probe(features[start:end]), labels[start:end], strict=True):
            bits -= math.log2(float(p[label]))
        start = end
    return bits, len(labels) * math.log2(n_classes) / bits


def what_a_truth_probe_reads__capital():
    return "D"


def encoded_or_used__capital():
    return " A"


def features_at__loops(activations, lengths, back=0):
    rows = []
    for prompt, length in zip(activations, lengths.tolist(), strict=True):
        place = length - 1 - back
        if not 0 <= place < length:
            raise ValueError("no such token")
        rows.append(prompt[place])
    return torch.stack(rows)


def standardised__float64_and_mean_of_squares(features, train):
    exact = features.double()
    mean = exact[train].mean(0)
    spread = (exact[train] - mean).pow(2).mean(0).sqrt()
    moves = features[train].amax(0) > features[train].amin(0)
    result = torch.zeros_like(exact)
    result[:, moves] = (exact[:, moves] - mean[moves]) / spread[moves]
    return result.to(features.dtype)


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
