"""Correct answers to chapter 06, written otherwise than the reference."""

import statistics

import torch


def disentangle_scores__pair_by_pair(target_got, target_base, target_source, other_got, other_base, other_source):
    moved, kept = [], []
    rows = torch.stack([target_got, target_base, target_source, other_got, other_base, other_source], dim=1)
    for got, base, source, other, its_base, its_source in rows.tolist():
        if base != source:
            moved.append(got == source)
        if its_base != its_source:
            kept.append(other == its_base)
    cause, isolate = (statistics.fmean(hits) if hits else float("nan") for hits in (moved, kept))
    return {"disentangle": statistics.fmean([cause, isolate]), "isolate": isolate, "cause": cause}


def disentangle_scores__counts(target_got, target_base, target_source, other_got, other_base, other_source):
    differ = torch.stack([target_base != target_source, other_base != other_source])
    right = torch.stack([target_got == target_source, other_got == other_base])
    shares = (right & differ).sum(dim=1).double() / differ.sum(dim=1)
    return {"cause": float(shares[0]), "isolate": float(shares[1]), "disentangle": float(shares.sum() / 2)}


def from_attributes__one_hot(values, mean, directions):
    picked = torch.nn.functional.one_hot(values, directions.shape[1]).to(directions.dtype)
    return mean + torch.einsum("blc,lcd->bd", picked, directions)


def from_attributes__attribute_by_attribute(values, mean, directions):
    result = mean.repeat(len(values), 1)
    for label, of_label in enumerate(directions):
        result += of_label[values[:, label]]
    return result


def mutual_matches__both_are_best(similarity):
    best_of_row = similarity == similarity.amax(dim=1, keepdim=True)
    best_of_column = similarity == similarity.amax(dim=0, keepdim=True)
    return (best_of_row & best_of_column).any(dim=1)


def mutual_matches__lists(similarity):
    rows, columns = similarity.tolist(), similarity.T.tolist()
    partner = [row.index(max(row)) for row in rows]
    return torch.tensor([columns[j].index(max(columns[j])) == i for i, j in enumerate(partner)])


def activation_matches__corrcoef(a, b):
    table = torch.corrcoef(torch.cat([a, b], dim=1).T.double())[: a.shape[1], a.shape[1] :].nan_to_num(0.0)
    return table.argmax(dim=1), table.amax(dim=1).float()


def activation_matches__pair_by_pair(a, b):
    partner, best = [], []
    for one in a.T.double():
        found = []
        for other in b.T.double():
            x, y = one - one.mean(), other - other.mean()
            scale = float((x @ x * (y @ y)).sqrt())
            found.append(float(x @ y) / scale if scale > 0 else 0.0)
        best.append(max(found))
        partner.append(found.index(best[-1]))
    return torch.tensor(partner), torch.tensor(best)
