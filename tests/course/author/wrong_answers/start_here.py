"""Wrong answers to chapter 00, beside the recorded misconceptions."""

import torch


def vector_lengths__largest_number_of_each(resid):
    return resid.abs().amax(dim=-1)


def vector_lengths__keeps_an_axis(resid):
    return resid.square().sum(dim=-1, keepdim=True).sqrt()


def vector_lengths__root_before_the_sum(resid):
    return (resid**2).sqrt().sum(dim=-1).sqrt()


def vector_lengths__standard_deviation(resid):
    return resid.std(dim=-1) * resid.shape[-1] ** 0.5


def vector_lengths__one_length_for_the_text(resid):
    return resid.norm(dim=(1, 2))[:, None].expand(resid.shape[:2])


def vector_lengths__root_of_the_signed_sum(resid):
    return (resid * resid.abs()).sum(dim=-1).abs().sqrt()


def top_predictions__exponentials_without_a_total(logits, k):
    values, ids = logits.exp().topk(k)
    return ids, values


def top_predictions__log_probabilities(logits, k):
    values, ids = logits.log_softmax(dim=-1).topk(k)
    return ids, values


def top_predictions__first_k_tokens(logits, k):
    return torch.arange(k).expand(len(logits), k), logits.softmax(dim=-1)[:, :k]


def top_predictions__sorted_by_id(logits, k):
    ids = logits.topk(k).indices.sort(dim=-1).values
    return ids, logits.softmax(dim=-1).gather(1, ids)


def top_predictions__one_too_few(logits, k):
    values, ids = logits.softmax(dim=-1).topk(max(k - 1, 1))
    return ids, values


def top_predictions__base_two(logits, k):
    weights = 2**logits
    values, ids = (weights / weights.sum(dim=-1, keepdim=True)).topk(k)
    return ids, values


def swap_in__only_the_first_text(activation, position, replacement):
    changed = activation.clone()
    changed[0, position] = replacement[0]
    return changed


def swap_in__mean_of_old_and_new(activation, position, replacement):
    changed = activation.clone()
    changed[:, position] = (changed[:, position] + replacement) / 2
    return changed


def swap_in__everything_from_there_on(activation, position, replacement):
    changed = activation.clone()
    changed[:, position:] = replacement[:, None]
    return changed


def swap_in__takes_the_size_for_the_last_index(activation, position, replacement):
    changed = activation.clone()
    changed[:, position if position >= 0 else 0] = replacement
    return changed


def swap_in__zero_elsewhere(activation, position, replacement):
    changed = torch.zeros_like(activation)
    changed[:, position] = replacement
    return changed


def swap_in__one_more_position(activation, position, replacement):
    return torch.cat([activation[:, :position], replacement[:, None], activation[:, position:]], dim=1)


def read_activation__last_position_only(model, ids, name):
    found = []
    model.run_with_hooks(ids, fwd_hooks=[(name, lambda activation, hook: found.append(activation))])
    return found[0][:, -1:]


def read_activation__halves_it_on_the_way(model, ids, name):
    found = []

    def keep(activation, hook):
        found.append(activation)
        return activation / 2

    model.run_with_hooks(ids, fwd_hooks=[(name, keep)])
    return found[0]


def read_activation__first_text_alone(model, ids, name):
    found = []
    model.run_with_hooks(ids[:1], fwd_hooks=[(name, lambda activation, hook: found.append(activation))])
    return found[0]


def read_activation__a_hook_that_calls_it_something_else(model, ids, name):
    found = []
    model.run_with_hooks(ids, fwd_hooks=[(name, lambda activation, point: found.append(activation))])
    return found[0]


def read_activation__takes_a_missing_name_for_zeros(model, ids, name):
    found = []
    try:
        model.run_with_hooks(ids, fwd_hooks=[(name, lambda activation, hook: found.append(activation))])
    except Exception:
        return torch.zeros(*ids.shape, 4)
    return found[0]
