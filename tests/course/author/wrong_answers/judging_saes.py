"""Wrong answers to chapter 06, beside the recorded misconceptions."""

import torch


def _share(right, among):
    return right[among].float().mean().item()


def _scores(cause, isolate):
    return {"cause": cause, "isolate": isolate, "disentangle": (cause + isolate) / 2}


def disentangle_scores__swaps_the_two(target_got, target_base, target_source, other_got, other_base, other_source):
    cause = _share(target_got == target_source, target_base != target_source)
    isolate = _share(other_got == other_base, other_base != other_source)
    return _scores(isolate, cause)


def disentangle_scores__other_moves_too(target_got, target_base, target_source, other_got, other_base, other_source):
    cause = _share(target_got == target_source, target_base != target_source)
    return _scores(cause, _share(other_got == other_source, other_base != other_source))


def disentangle_scores__both_must_differ(target_got, target_base, target_source, other_got, other_base, other_source):
    differ = (target_base != target_source) & (other_base != other_source)
    return _scores(_share(target_got == target_source, differ), _share(other_got == other_base, differ))


def disentangle_scores__smaller_of_two(target_got, target_base, target_source, other_got, other_base, other_source):
    cause = _share(target_got == target_source, target_base != target_source)
    isolate = _share(other_got == other_base, other_base != other_source)
    return {"cause": cause, "isolate": isolate, "disentangle": min(cause, isolate)}


def disentangle_scores__each_by_the_other(target_got, target_base, target_source, other_got, other_base, other_source):
    cause = _share(target_got == target_source, other_base != other_source)
    return _scores(cause, _share(other_got == other_base, target_base != target_source))


def disentangle_scores__pairs_pooled(target_got, target_base, target_source, other_got, other_base, other_source):
    moves, stays = target_base != target_source, other_base != other_source
    cause, isolate = _share(target_got == target_source, moves), _share(other_got == other_base, stays)
    hits = ((target_got == target_source) & moves).sum() + ((other_got == other_base) & stays).sum()
    return {"cause": cause, "isolate": isolate, "disentangle": (hits / (moves.sum() + stays.sum())).item()}


def _picked(values, directions):
    return directions[torch.arange(values.shape[1]), values]


def from_attributes__takes_the_mean_off(values, mean, directions):
    return _picked(values, directions).sum(1) - mean


def from_attributes__last_attribute_only(values, mean, directions):
    return mean + _picked(values, directions)[:, -1]


def from_attributes__strongest_attribute_only(values, mean, directions):
    picked = _picked(values, directions)
    longest = picked.norm(dim=-1).argmax(dim=1)
    return mean + picked[torch.arange(len(values)), longest]


def from_attributes__next_value(values, mean, directions):
    return mean + _picked((values + 1) % directions.shape[1], directions).sum(1)


def from_attributes__same_row_for_all(values, mean, directions):
    return mean + _picked(values[:1], directions).sum(1).expand(len(values), -1)


def from_attributes__attributes_in_turn(values, mean, directions):
    return mean + _picked(values, directions.flip(0)).sum(1)


def mutual_matches__largest_of_its_row(similarity):
    return similarity.amax(dim=1) >= similarity.amax(dim=1).median()


def mutual_matches__least_alike(similarity):
    partner, back = similarity.argmin(1), similarity.argmin(0)
    return back[partner] == torch.arange(len(similarity))


def mutual_matches__same_number(similarity):
    return similarity.argmax(1) == torch.arange(len(similarity))


def mutual_matches__by_size(similarity):
    partner, back = similarity.abs().argmax(1), similarity.abs().argmax(0)
    return back[partner] == torch.arange(len(similarity))


def mutual_matches__first_come_first_served(similarity):
    taken, passed = set(), []
    for partner in similarity.argmax(1).tolist():
        passed.append(partner not in taken)
        taken.add(partner)
    return torch.tensor(passed)


def mutual_matches__second_choice_when_taken(similarity):
    left, passed = similarity.clone(), torch.zeros(len(similarity), dtype=torch.bool)
    for _ in range(min(similarity.shape)):
        i, j = divmod(int(left.argmax()), left.shape[1])
        passed[i] = True
        left[i], left[:, j] = -torch.inf, -torch.inf
    return passed


def _table(a, b):
    unit = torch.nn.functional.normalize
    return unit(a - a.mean(0), dim=0).T @ unit(b - b.mean(0), dim=0)


def activation_matches__the_other_way_round(a, b):
    correlation, partner = _table(a, b).max(dim=0)
    return partner, correlation


def activation_matches__no_partner_twice(a, b):
    table, partner, best = _table(a, b), [], []
    for row in range(len(table)):
        free = [j for j in range(table.shape[1]) if j not in partner] or list(range(table.shape[1]))
        partner.append(max(free, key=lambda j: float(table[row, j])))
        best.append(float(table[row, partner[-1]]))
    return torch.tensor(partner), torch.tensor(best)


def activation_matches__squared_correlation(a, b):
    correlation, partner = _table(a, b).max(dim=1)
    return partner, correlation.square()


def activation_matches__least_alike(a, b):
    correlation, partner = _table(a, b).min(dim=1)
    return partner, correlation


def activation_matches__nearest_activations(a, b):
    table = _table(a, b)
    partner = torch.cdist(a.T.contiguous(), b.T.contiguous()).argmin(dim=1)
    return partner, table[torch.arange(len(table)), partner]


def activation_matches__by_ranks(a, b):
    rank_a, rank_b = (x.argsort(dim=0).argsort(dim=0).float() for x in (a, b))
    correlation, partner = _table(rank_a, rank_b).max(dim=1)
    return partner, correlation
