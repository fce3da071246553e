"""Correct answers to chapter 01, written otherwise than the reference."""

import math

import numpy as np
import torch


def top_examples__loops(acts, mask, k):
    peaks = []
    for text in range(len(acts)):
        counted = [(float(acts[text, pos]), pos) for pos in range(acts.shape[1]) if mask[text, pos]]
        if counted:
            value, pos = max(counted, key=lambda pair: (pair[0], -pair[1]))
            peaks.append((-value, text, pos))
    rows = [[text, pos] for _, text, pos in sorted(peaks)[:k]]
    return torch.tensor(rows, dtype=torch.long).reshape(-1, 2)


def top_examples__only_texts_that_count(acts, mask, k):
    texts = mask.any(dim=1).nonzero()[:, 0]
    values = torch.where(mask[texts], acts[texts].double(), float("-inf"))
    best = values.amax(dim=1).sort(descending=True).indices[:k]
    return torch.column_stack([texts[best], values[best].argmax(dim=1)])


def context_window__loops(tokens, pos, radius):
    if pos < 0 or pos >= len(tokens):
        raise ValueError("no such token")
    before = after = ""
    for number, token in enumerate(tokens):
        if 0 < pos - number <= radius:
            before += token
        if 0 < number - pos <= radius:
            after += token
    return before, tokens[pos], after


def context_window__enumerate_positions(tokens, pos, radius):
    if pos not in range(len(tokens)):
        raise ValueError(f"{pos} is outside")
    near = {i: tokens[i] for i in range(pos - radius, pos + radius + 1) if 0 <= i < len(tokens)}
    sides = ("".join(t for i, t in near.items() if keep(i)) for keep in (lambda i: i < pos, lambda i: i > pos))
    before, after = sides
    return before, tokens[pos], after


def auroc__all_pairs(scores, labels):
    if len(labels.unique()) < 2:
        raise ValueError("both classes are needed")
    difference = scores[labels][:, None] - scores[~labels][None]
    return ((difference > 0).double() + 0.5 * (difference == 0).double()).mean(dim=(0, 1))


def auroc__loops(scores, labels):
    pos, neg = (scores[where].tolist() for where in (labels, ~labels))
    if not pos or not neg:
        raise ValueError("a class is missing")
    found = []
    for neuron in range(scores.shape[1]):
        wins = sum((p[neuron] > n[neuron]) + (p[neuron] == n[neuron]) / 2 for p in pos for n in neg)
        found.append(wins / (len(pos) * len(neg)))
    return torch.tensor(found)


def f1_curve__precision_and_recall(scores, labels, thresholds):
    values = []
    for t in thresholds:
        called = scores >= t
        hits = int((called & labels).sum())
        if hits == 0:
            values.append(0.0)
            continue
        precision, recall = hits / int(called.sum()), hits / int(labels.sum())
        values.append(2 * precision * recall / (precision + recall))
    return torch.tensor(values)


def f1_curve__matmul_and_nan_to_num(scores, labels, thresholds):
    called = (scores[None].double() >= thresholds[:, None]).double()
    hits = called @ labels.double()
    return torch.nan_to_num(2 * hits / (called.sum(1) + labels.double().sum()), nan=0.0)


def effective_classes__loops(acts, labels, thresholds):
    found = []
    for neuron, threshold in enumerate(thresholds):
        rates = []
        for label in sorted(set(labels.tolist())):
            values = acts[labels == label, neuron]
            rates.append(float((values > threshold).double().mean()))
        total = sum(rates)
        shares = [rate / total for rate in rates if rate > 0]
        found.append(math.exp(-sum(p * math.log(p) for p in shares)) if shares else 0.0)
    return torch.tensor(found)


def effective_classes__one_hot(acts, labels, thresholds):
    _, number = labels.unique(return_inverse=True)
    member = torch.nn.functional.one_hot(number).double()
    rates = torch.einsum("pc,pn->cn", member, (acts > thresholds).double()) / member.sum(dim=0)[:, None]
    shares = rates / rates.sum(dim=0)
    entropy = -(shares * shares.clamp_min(1e-300).log()).sum(dim=0)
    return torch.nan_to_num(entropy.exp(), nan=0.0)


def predict_by_token__dictionary(train_tokens, train_acts, test_tokens):
    table = {}
    for token, act in zip(train_tokens.tolist(), train_acts, strict=True):
        table.setdefault(token, []).append(act)
    rest = train_acts.mean(dim=0)
    rows = [torch.stack(table[t]).mean(dim=0) if t in table else rest for t in test_tokens.tolist()]
    return torch.stack(rows) if rows else train_acts.new_zeros(0, train_acts.shape[1])


def predict_by_token__matching_matrix(train_tokens, train_acts, test_tokens):
    matches = (test_tokens[:, None] == train_tokens[None]).double()
    counts = matches.sum(dim=1, keepdim=True)
    matches = torch.where(counts > 0, matches / counts.clamp_min(1), 1 / len(train_tokens))
    return matches @ train_acts.double()


def explained_variance__variances(actual, predicted):
    actual, predicted = actual.double(), predicted.double()
    result = 1 - ((actual - predicted) ** 2).mean(0) / actual.var(dim=0, correction=0)
    result[actual.amax(dim=0) == actual.amin(dim=0)] = float("nan")
    return result


def explained_variance__numpy(actual, predicted):
    a, p = actual.numpy().astype(np.float64), predicted.numpy().astype(np.float64)
    found = []
    for n in range(a.shape[1]):
        if len(set(a[:, n])) == 1:
            found.append(np.nan)
        else:
            found.append(1 - np.sum((a[:, n] - p[:, n]) ** 2) / np.sum((a[:, n] - a[:, n].mean()) ** 2))
    return torch.from_numpy(np.array(found))


def difference_of_means__weights(acts, labels, train):
    plus, minus = (train & labels).double(), (train & ~labels).double()
    if plus.sum() == 0 or minus.sum() == 0:
        raise ValueError("a class is missing")
    kept = torch.where(train[:, None], acts.double(), 0.0)
    return (plus / plus.sum() - minus / minus.sum()) @ kept


def difference_of_means__in_place(acts, labels, train):
    total = torch.zeros(acts.shape[1], dtype=torch.float64)
    for sign, wanted in ((1, True), (-1, False)):
        mine = [i for i in range(len(acts)) if train[i] and bool(labels[i]) == wanted]
        if not mine:
            raise ValueError("nothing to average")
        for i in mine:
            total += sign * acts[i] / len(mine)
    return total.float()


def neuron_writes__einsum(w_out, w_unembed, gain, rms):
    effect = torch.einsum("d,d,dv->v", w_out, gain, w_unembed).div_(rms)
    effect -= effect.mean()
    return effect


def neuron_writes__centred_unembedding(w_out, w_unembed, gain, rms):
    centred = w_unembed.double() - w_unembed.double().mean(dim=1, keepdim=True)
    return centred.T @ (w_out * gain).double() / rms
