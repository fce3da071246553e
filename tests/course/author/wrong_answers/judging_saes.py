"""Wrong answers to chapter 06, beside the recorded misconceptions."""

import torch

from mi_tutor.exercises import judging_saes


def latent_interchange__error_of_the_source(base, base_latents, source_latents, W_dec, b_dec, mask, keep_error):
    mixed = torch.where(mask, source_latents, base_latents)
    return base + (mixed - source_latents) @ W_dec if keep_error else mixed @ W_dec + b_dec


def latent_interchange__only_where_the_source_is_active(
    base, base_latents, source_latents, W_dec, b_dec, mask, keep_error
):
    mixed = torch.where(mask & (source_latents > 0), source_latents, base_latents)
    return base + (mixed - base_latents) @ W_dec if keep_error else mixed @ W_dec + b_dec


def disentangle_scores__three_mistakes_at_once(
    target_got, target_base, target_source, other_got, other_base, other_source
):
    cause = (target_got != target_base).float().mean().item()
    isolate = (other_got != other_source).float().mean().item()
    return {"cause": cause, "isolate": isolate, "disentangle": (cause + isolate) / 2}


def disentangle_scores__out_of_all_pairs(target_got, target_base, target_source, other_got, other_base, other_source):
    cause = ((target_got == target_source) & (target_base != target_source)).float().mean().item()
    isolate = ((other_got == other_base) & (other_base != other_source)).float().mean().item()
    return {"cause": cause, "isolate": isolate, "disentangle": (cause + isolate) / 2}


def subspace_interchange__rows_of_the_basis(base, source, basis):
    return base + (source - base) @ basis.T @ basis


def subspace_interchange__halfway(base, source, basis):
    return base + 0.5 * (source - base) @ basis @ basis.T


def orthonormal__a_basis_of_the_whole_space(free):
    return torch.linalg.svd(free).U


def orthonormal__another_span(free):
    return torch.linalg.qr(free - free.mean(0)).Q


def das_step__sum_over_rows(free, base, source, readout, wanted, optimizer):
    changed = judging_saes.subspace_interchange(base, source, judging_saes.orthonormal(free))
    loss = torch.nn.functional.cross_entropy(readout(changed), wanted, reduction="sum")
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.item()


def das_step__a_tensor_without_its_graph(free, base, source, readout, wanted, optimizer):
    changed = judging_saes.subspace_interchange(base, source, judging_saes.orthonormal(free))
    loss = torch.nn.functional.cross_entropy(readout(changed), wanted)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.detach()


def attribute_dictionary__each_attribute_its_own_mean(x, values, n_classes):
    directions = torch.zeros(values.shape[1], n_classes, x.shape[1])
    for label in range(values.shape[1]):
        kinds = values[:, label].unique().tolist()
        means = torch.stack([x[values[:, label] == value].mean(0) for value in kinds])
        mean = means.mean(0)
        directions[label, kinds] = means - mean
    return mean, directions


def attribute_dictionary__sums_in_place_of_means(x, values, n_classes):
    has = torch.nn.functional.one_hot(values, n_classes).float()
    return x.mean(0), torch.einsum("blc,bd->lcd", has, x - x.mean(0))


def from_attributes__rows_share_one_memory(values, mean, directions):
    rows = mean.expand(len(values), -1)
    for label in range(values.shape[1]):
        for row in range(len(values)):
            rows[row] += directions[label, values[row, label]]
    return rows


def from_attributes__the_first_attribute_only(values, mean, directions):
    return mean + directions[0, values[:, 0]]


def sparse_edit__k_in_the_whole_batch(x, latents, wanted, W_dec, k):
    change = wanted - latents
    size = change.abs() * W_dec.norm(dim=-1)
    return x + (change * (size >= size.flatten().topk(k).values[-1])) @ W_dec


def sparse_edit__reconstructs(x, latents, wanted, W_dec, k):
    change = wanted - latents
    places = (change.abs() * W_dec.norm(dim=-1)).topk(k, dim=-1).indices
    return latents.scatter(-1, places, wanted.gather(-1, places)) @ W_dec


def attribute_f1__classes_from_the_rows(latents, values, n_classes):
    active = latents.sign()
    has = torch.stack([values == value for value in range(int(values.max()) + 1)], dim=-1).float()
    both = torch.einsum("bf,blc->flc", active, has)
    return 2 * both / (active.sum(0)[:, None, None] + has.sum(0)).clamp_min(1)


def attribute_f1__active_above_one_half(latents, values, n_classes):
    active = (latents > 0.5).float()
    has = torch.nn.functional.one_hot(values, n_classes).float()
    both = torch.einsum("bf,blc->flc", active, has)
    return 2 * both / (active.sum(0)[:, None, None] + has.sum(0)).clamp_min(1)


def activation_matches__partner_of_the_other_side(a, b):
    unit = torch.nn.functional.normalize
    correlation, partner = (unit(a - a.mean(0), dim=0).T @ unit(b - b.mean(0), dim=0)).max(dim=0)
    return partner, correlation


def activation_matches__dead_gets_minus_one(a, b):
    x, y = a - a.mean(0), b - b.mean(0)
    table = (x.T @ y / (x.norm(dim=0)[:, None] * y.norm(dim=0))).nan_to_num(-1.0)
    return table.argmax(1), table.max(1).values


def held_out_matches__centred_before_the_split(a, b, train):
    a, b = a - a.mean(0), b - b.mean(0)
    partner, _ = judging_saes.activation_matches(a[train], b[train])
    return torch.cosine_similarity(a[~train], b[~train][:, partner], dim=0)


def held_out_matches__mean_of_both_parts(a, b, train):
    partner, seen = judging_saes.activation_matches(a[train], b[train])
    x, y = a[~train], b[~train][:, partner]
    return (seen + torch.cosine_similarity(x - x.mean(0), y - y.mean(0), dim=0)) / 2


def chance_level__rolls_the_rows_by_the_seed(a, b, seed):
    _, correlation = judging_saes.activation_matches(a, b.roll(seed, dims=0))
    return correlation[(a > 0).any(0)].mean().item()


def chance_level__largest_of_all(a, b, seed):
    order = torch.randperm(len(b), generator=torch.Generator().manual_seed(seed))
    return judging_saes.activation_matches(a, b[order])[1].max().item()


def mutual_matches__above_the_mean_of_the_column(similarity):
    partner = similarity.argmax(1)
    return similarity.amax(1) >= similarity.mean(0)[partner]


def mutual_matches__first_come(similarity):
    taken, found = set(), []
    for row in similarity:
        found.append(int(row.argmax()) not in taken)
        taken.add(int(row.argmax()))
    return torch.tensor(found)


def scorecard__far_in_the_units_of_near(x, x_hat, latents, far, far_hat, dense):
    active = (latents > 0).float()
    spread = (x - x.mean(0)).square().sum()
    return {
        "explained variance": (1 - (x - x_hat).square().sum() / spread).item(),
        "explained variance far": (1 - (far - far_hat).square().sum() / spread).item(),
        "L0": active.sum(1).mean().item(),
        "dead": (active.sum(0) == 0).float().mean().item(),
        "dense": (active.mean(0) > dense).float().mean().item(),
    }


def scorecard__sum_of_activations_for_l0(x, x_hat, latents, far, far_hat, dense):
    active = (latents > 0).float()
    told = [
        (1 - (rows - hat).square().sum() / (rows - rows.mean(0)).square().sum()).item()
        for rows, hat in ((x, x_hat), (far, far_hat))
    ]
    return {
        "explained variance": told[0],
        "explained variance far": told[1],
        "L0": latents.sum(1).mean().item(),
        "dead": (active.sum(0) == 0).float().mean().item(),
        "dense": (active.mean(0) > dense).float().mean().item(),
    }


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
