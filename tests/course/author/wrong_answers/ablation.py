"""Wrong answers to chapter 07, beside the recorded misconceptions."""

import math

import torch


def _by_template(reference, reference_template, template, reduce):
    means = []
    for wanted in template.tolist():
        same = reference[reference_template == wanted]
        if len(same) == 0:
            raise ValueError(f"template {wanted} has no reference prompt")
        means.append(reduce(same))
    return torch.stack(means)


def reference_means__first_prompt_of_the_template(reference, reference_template, template):
    return _by_template(reference, reference_template, template, lambda same: same[0])


def reference_means__sums(reference, reference_template, template):
    return _by_template(reference, reference_template, template, lambda same: same.sum(dim=0))


def reference_means__medians(reference, reference_template, template):
    return _by_template(reference, reference_template, template, lambda same: same.median(dim=0).values)


def reference_means__zeros_for_a_missing_template(reference, reference_template, template):
    match = (template[:, None] == reference_template[None]).float()
    return torch.einsum("br,rphe->bphe", match / match.sum(dim=1, keepdim=True).clamp_min(1), reference)


def reference_means__templates_in_order(reference, reference_template, template):
    known = reference_template.unique()
    if not set(template.tolist()) <= set(known.tolist()):
        raise ValueError(f"missing: {set(template.tolist()) - set(known.tolist())}")
    table = torch.stack([reference[reference_template == one].mean(dim=0) for one in known])
    return table[torch.arange(len(template)) % len(known)]


def reference_means__everything_but_the_template(reference, reference_template, template):
    if not set(template.tolist()) <= set(reference_template.tolist()):
        raise ValueError(f"missing: {set(template.tolist()) - set(reference_template.tolist())}")
    rest = [reference[reference_template != wanted] for wanted in template.tolist()]
    return torch.stack([(some if len(some) else reference).mean(dim=0) for some in rest])


def _difference(logits, correct, wrong):
    rows = torch.arange(len(correct))
    return logits[rows, correct] - logits[rows, wrong]


def total_effect__mean_for_all_prompts(clean_logits, ablated_logits, correct, wrong):
    effect = _difference(ablated_logits, correct, wrong) - _difference(clean_logits, correct, wrong)
    return effect.mean().expand(len(effect))


def total_effect__size_of_the_change(clean_logits, ablated_logits, correct, wrong):
    return (_difference(ablated_logits, correct, wrong) - _difference(clean_logits, correct, wrong)).abs()


def total_effect__first_prompts_tokens(clean_logits, ablated_logits, correct, wrong):
    change = ablated_logits - clean_logits
    return change[:, correct[0]] - change[:, wrong[0]]


def total_effect__adds_the_wrong_token(clean_logits, ablated_logits, correct, wrong):
    rows, change = torch.arange(len(correct)), ablated_logits - clean_logits
    return change[rows, correct] + change[rows, wrong]


def total_effect__probability_of_the_answer(clean_logits, ablated_logits, correct, wrong):
    rows = torch.arange(len(correct))
    return ablated_logits.softmax(dim=-1)[rows, correct] - clean_logits.softmax(dim=-1)[rows, correct]


def total_effect__best_other_token(clean_logits, ablated_logits, correct, wrong):
    rows = torch.arange(len(correct))

    def score(logits):
        others = logits.clone()
        others[rows, correct] = -torch.inf
        return logits[rows, correct] - others.amax(dim=-1)

    return score(ablated_logits) - score(clean_logits)


def paired_effect__forgets_the_root(clean, ablated):
    if len(clean) < 2:
        raise ValueError("too few")
    change = ablated - clean
    return float(change.mean()), float(change.std() / len(change))


def paired_effect__population_deviation(clean, ablated):
    if len(clean) < 2:
        raise ValueError("too few")
    change = ablated - clean
    return float(change.mean()), float(change.std(correction=0) / len(change) ** 0.5)


def paired_effect__median(clean, ablated):
    if len(clean) < 2:
        raise ValueError("too few")
    change = ablated - clean
    return float(change.median()), float(change.std() / len(change) ** 0.5)


def paired_effect__relative_to_the_clean_run(clean, ablated):
    if len(clean) < 2:
        raise ValueError("too few")
    change = (ablated - clean) / clean
    return float(change.mean()), float(change.std() / len(change) ** 0.5)


def paired_effect__half_a_confidence_interval(clean, ablated):
    if len(clean) < 2:
        raise ValueError("too few")
    change = ablated - clean
    return float(change.mean()), float(1.96 * change.std() / len(change) ** 0.5)


def paired_effect__differences_of_the_sorted(clean, ablated):
    if len(clean) < 2:
        raise ValueError("too few")
    change = ablated.sort().values - clean.sort().values
    return float(change.mean()), float(change.std() / len(change) ** 0.5)


def compensated_share__turned_round(direct, total):
    damage = float(direct.mean())
    return (float(total.mean()) - damage) / damage if damage else math.nan


def compensated_share__divides_by_the_sum(direct, total):
    damage, left = float(direct.mean()), float(total.mean())
    return (damage - left) / (damage + left) if damage else math.nan


def compensated_share__medians(direct, total):
    damage, left = float(direct.median()), float(total.median())
    return (damage - left) / damage if damage else math.nan


def compensated_share__size_below(direct, total):
    damage, left = float(direct.mean()), float(total.mean())
    return (damage - left) / abs(damage) if damage else math.nan


def compensated_share__one_for_no_damage(direct, total):
    damage, left = float(direct.mean()), float(total.mean())
    return (damage - left) / damage if damage else 1.0


def compensated_share__slope(direct, total):
    d, t = direct - direct.mean(), total - total.mean()
    return float(1 - (d * t).sum() / (d * d).sum())


def _direct(z, z_new, w_o, residual, gain, eps, direction):
    change = torch.einsum("bhe,hed->bhd", z_new - z, w_o)
    rms = (residual.square().mean(dim=-1) + eps).sqrt()
    return torch.einsum("bhd,d,bd->bh", change, gain, direction) / rms[:, None]


def direct_effect__forgets_eps(z, z_new, w_o, residual, gain, eps, direction):
    return _direct(z, z_new, w_o, residual, gain, 0.0, direction)


def direct_effect__one_direction_for_all(z, z_new, w_o, residual, gain, eps, direction):
    return _direct(z, z_new, w_o, residual, gain, eps, direction[:1].expand_as(direction))


def direct_effect__head_0s_matrix(z, z_new, w_o, residual, gain, eps, direction):
    return _direct(z, z_new, w_o[:1].expand_as(w_o), residual, gain, eps, direction)


def direct_effect__all_heads_together(z, z_new, w_o, residual, gain, eps, direction):
    found = _direct(z, z_new, w_o, residual, gain, eps, direction)
    return found.sum(dim=1, keepdim=True).expand_as(found)


def direct_effect__unit_directions(z, z_new, w_o, residual, gain, eps, direction):
    unit = direction / direction.norm(dim=-1, keepdim=True)
    return _direct(z, z_new, w_o, residual, gain, eps, unit)


def direct_effect__multiplies_by_the_root(z, z_new, w_o, residual, gain, eps, direction):
    rms = (residual.square().mean(dim=-1) + eps).sqrt()
    return _direct(z, z_new, w_o, residual, gain, eps, direction) * rms[:, None] ** 2


def _plan(chosen):
    plan = {}
    for layer, head in sorted(chosen):
        plan.setdefault(layer, []).append(head)
    return plan


def _model(n_layers, n_heads):
    return {(layer, head) for layer in range(n_layers) for head in range(n_heads)}


def heads_to_ablate__maps_heads_to_layers(heads, n_layers, n_heads, keep):
    model = _model(n_layers, n_heads)
    if not set(heads) <= model:
        raise ValueError("no such head")
    return _plan({(head, layer) for layer, head in (model - set(heads) if keep else set(heads))})


def heads_to_ablate__counts_from_one(heads, n_layers, n_heads, keep):
    model = _model(n_layers, n_heads)
    if not set(heads) <= model:
        raise ValueError("no such head")
    return _plan({(layer, head + 1) for layer, head in (model - set(heads) if keep else set(heads))})


def heads_to_ablate__keeps_what_occurs_twice(heads, n_layers, n_heads, keep):
    model = _model(n_layers, n_heads)
    if not set(heads) <= model:
        raise ValueError("no such head")
    plan = {}
    for layer, head in sorted(model - set(heads)) if keep else sorted(heads):
        plan.setdefault(layer, []).append(head)
    return plan


def heads_to_ablate__negative_numbers_from_the_end(heads, n_layers, n_heads, keep):
    model = _model(n_layers, n_heads)
    chosen = {(layer % n_layers, head % n_heads) for layer, head in heads}
    if any(abs(layer) > n_layers or abs(head) > n_heads for layer, head in heads):
        raise ValueError("no such head")
    return _plan(model - chosen if keep else chosen)


def heads_to_ablate__drops_strangers(heads, n_layers, n_heads, keep):
    model = _model(n_layers, n_heads)
    return _plan(model - set(heads) if keep else model & set(heads))


def heads_to_ablate__nothing_for_an_empty_set(heads, n_layers, n_heads, keep):
    model = _model(n_layers, n_heads)
    if not set(heads) <= model:
        raise ValueError("no such head")
    if not heads:
        return {}
    return _plan(model - set(heads) if keep else set(heads))
