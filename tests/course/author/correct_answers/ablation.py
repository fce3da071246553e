"""Correct answers to chapter 07, written otherwise than the reference."""

import math
import statistics

import torch


def reference_means__matching_matrix(reference, reference_template, template):
    match = (template[:, None] == reference_template[None]).double()
    if (match.sum(dim=1) == 0).any():
        missing = int(template[match.sum(dim=1) == 0][0])
        raise ValueError(f"nothing to average for template {missing}")
    return torch.einsum("br,rphe->bphe", match / match.sum(dim=1, keepdim=True), reference.double())


def reference_means__one_mean_a_template(reference, reference_template, template):
    known = {int(t): reference[reference_template == t].mean(dim=0) for t in reference_template.unique()}
    result = reference.new_empty(len(template), *reference.shape[1:])
    for number, wanted in enumerate(template.tolist()):
        if wanted not in known:
            raise ValueError(f"no reference for {wanted}")
        result[number] = known[wanted]
    return result


def total_effect__gather(clean_logits, ablated_logits, correct, wrong):
    def difference(logits):
        picked = logits.double().gather(1, torch.stack([correct, wrong], dim=1).long())
        return picked[:, 0] - picked[:, 1]

    return difference(ablated_logits) - difference(clean_logits)


def total_effect__loops(clean_logits, ablated_logits, correct, wrong):
    effects = []
    for clean, ablated, right, other in zip(clean_logits, ablated_logits, correct, wrong, strict=True):
        effects.append((ablated[right] - ablated[other]) - (clean[right] - clean[other]))
    return torch.stack(effects)


def paired_effect__statistics_module(clean, ablated):
    changes = [b - a for a, b in zip(clean.double().tolist(), ablated.double().tolist(), strict=True)]
    if len(changes) < 2:
        raise ValueError("two prompts are the least")
    return statistics.fmean(changes), statistics.stdev(changes) / math.sqrt(len(changes))


def paired_effect__variance_by_hand(clean, ablated):
    change, n = (ablated - clean).double(), clean.numel()
    if n <= 1:
        raise ValueError("too few prompts")
    mean = change.sum() / n
    return mean, ((change - mean).square().sum() / (n - 1) / n).sqrt()


def compensated_share__one_minus(direct, total):
    mean = direct.double().mean()
    return 1 - (total.double().mean() / mean).item() if mean != 0 else math.nan


def compensated_share__sums(direct, total):
    if direct.sum() == 0:
        return float("nan")
    return (direct - total).sum() / direct.sum()


def direct_effect__loops(z, z_new, w_o, residual, gain, eps, direction):
    result = torch.zeros(z.shape[:2])
    for prompt in range(z.shape[0]):
        rms = math.sqrt(float((residual[prompt] ** 2).mean()) + eps)
        for head in range(z.shape[1]):
            before, after = z[prompt, head] @ w_o[head], z_new[prompt, head] @ w_o[head]
            result[prompt, head] = ((after - before) / rms * gain) @ direction[prompt]
    return result


def direct_effect__direction_pulled_back(z, z_new, w_o, residual, gain, eps, direction):
    rms = torch.sqrt(torch.linalg.vector_norm(residual.double(), dim=-1) ** 2 / residual.shape[-1] + eps)
    pulled = torch.einsum("hed,bd->bhe", w_o.double(), (gain * direction).double() / rms[:, None])
    return ((z_new.double() - z.double()) * pulled).sum(dim=2)


def heads_to_ablate__sets(heads, n_layers, n_heads, keep):
    whole = {(layer, head) for layer in range(n_layers) for head in range(n_heads)}
    mine = set(map(tuple, heads))
    if mine - whole:
        raise ValueError("no such head")
    plan = {}
    for layer, head in sorted(whole - mine if keep else mine):
        plan[layer] = plan.get(layer, []) + [head]
    return plan


def heads_to_ablate__table_of_booleans(heads, n_layers, n_heads, keep):
    table = torch.zeros(n_layers, n_heads, dtype=torch.bool)
    for layer, head in heads:
        if layer < 0 or head < 0 or layer >= n_layers or head >= n_heads:
            raise ValueError(f"({layer}, {head}) is not a head of the model")
        table[layer, head] = True
    table ^= keep
    return {layer: row.nonzero()[:, 0].tolist() for layer, row in enumerate(table) if row.any()}
