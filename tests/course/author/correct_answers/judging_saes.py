"""Correct answers to chapter 06 in other styles than the solutions: loops, one-hot tables, projections, numpy."""

import torch

from mi_tutor.exercises import judging_saes


def latent_interchange__one_number_at_a_time(base, base_latents, source_latents, W_dec, b_dec, mask, keep_error):
    mixed = base_latents.clone()
    for row in range(len(base)):
        for latent in range(len(mask)):
            if mask[latent]:
                mixed[row, latent] = source_latents[row, latent]
    new = torch.einsum("bf,fd->bd", mixed, W_dec) + b_dec
    if keep_error:
        new = new + (base - (base_latents @ W_dec + b_dec))
    return new


def latent_interchange__weighted_by_the_mask(base, base_latents, source_latents, W_dec, b_dec, mask, keep_error):
    take = mask.float()
    told = (base_latents * (1 - take) + source_latents * take) @ W_dec + b_dec
    return told + keep_error * (base - base_latents @ W_dec - b_dec)


def subspace_interchange__two_projections(base, source, basis):
    projection = torch.einsum("di,ei->de", basis, basis)
    return base - base @ projection + source @ projection


def subspace_interchange__direction_by_direction(base, source, basis):
    new = base.clone()
    for direction in basis.T:
        new = new + torch.outer((source - base) @ direction, direction)
    return new


def orthonormal__gram_schmidt(free):
    columns = []
    for column in free.T:
        for earlier in columns:
            column = column - (column @ earlier) * earlier
        columns.append(column / column.norm())
    return torch.stack(columns, dim=1)


def orthonormal__left_singular_vectors(free):
    return torch.linalg.svd(free, full_matrices=False).U


def das_step__log_probabilities_picked_out(free, base, source, readout, wanted, optimizer):
    optimizer.zero_grad()
    basis = judging_saes.orthonormal(free)
    log_p = readout(judging_saes.subspace_interchange(base, source, basis)).log_softmax(-1)
    loss = -log_p[torch.arange(len(wanted)), wanted].mean()
    loss.backward()
    optimizer.step()
    return float(loss)


def das_step__gradient_set_by_hand(free, base, source, readout, wanted, optimizer):
    changed = judging_saes.subspace_interchange(base, source, judging_saes.orthonormal(free))
    loss = torch.nn.functional.nll_loss(readout(changed).log_softmax(-1), wanted)
    (free.grad,) = torch.autograd.grad(loss, [free])
    optimizer.step()
    return loss.detach().item()


def disentangle_scores__pair_by_pair(target_got, target_base, target_source, other_got, other_base, other_source):
    moved, kept = [], []
    for pair in range(len(target_got)):
        if target_base[pair] != target_source[pair]:
            moved.append(float(target_got[pair] == target_source[pair]))
        if other_base[pair] != other_source[pair]:
            kept.append(float(other_got[pair] == other_base[pair]))
    cause = sum(moved) / len(moved) if moved else float("nan")
    isolate = sum(kept) / len(kept) if kept else float("nan")
    return {"cause": cause, "isolate": isolate, "disentangle": (cause + isolate) / 2}


def disentangle_scores__sums_of_products(target_got, target_base, target_source, other_got, other_base, other_source):
    moves, stays = (target_base != target_source).float(), (other_base != other_source).float()
    cause = float(((target_got == target_source) * moves).sum() / moves.sum())
    isolate = float(((other_got == other_base) * stays).sum() / stays.sum())
    return {"cause": cause, "isolate": isolate, "disentangle": 0.5 * cause + 0.5 * isolate}


def attribute_dictionary__every_class_in_turn(x, values, n_classes):
    mean, directions = x.mean(0), torch.zeros(values.shape[1], n_classes, x.shape[1])
    for label in range(values.shape[1]):
        for value in range(n_classes):
            has = values[:, label] == value
            if has.any():
                directions[label, value] = x[has].mean(0) - mean
    return mean, directions


def attribute_dictionary__one_hot_sums(x, values, n_classes):
    has = torch.nn.functional.one_hot(values, n_classes).float()
    counts = has.sum(0)[..., None]
    sums = torch.einsum("blc,bd->lcd", has, x - x.mean(0))
    return x.mean(0), sums / counts.clamp_min(1)


def from_attributes__one_hot(values, mean, directions):
    has = torch.nn.functional.one_hot(values, directions.shape[1]).float()
    return mean + torch.einsum("blc,lcd->bd", has, directions)


def from_attributes__added_up_row_by_row(values, mean, directions):
    rows = mean.expand(len(values), -1).clone()
    for row, its_values in zip(rows, values, strict=True):
        for label, value in enumerate(its_values):
            row += directions[label, value]
    return rows


def sparse_edit__sorted_row_by_row(x, latents, wanted, W_dec, k):
    rows = []
    for row, have, want in zip(x, latents, wanted, strict=True):
        written = (want - have)[:, None] * W_dec
        rows.append(row + written[written.norm(dim=1).argsort(descending=True)[:k]].sum(0))
    return torch.stack(rows)


def sparse_edit__above_the_kth_length(x, latents, wanted, W_dec, k):
    written = (wanted - latents)[:, :, None] * W_dec
    lengths = written.norm(dim=2)
    least = lengths.sort(dim=1, descending=True).values[:, k - 1 : k]
    return x + (written * (lengths >= least)[:, :, None]).sum(1)


def attribute_f1__three_loops(latents, values, n_classes):
    found = torch.zeros(latents.shape[1], values.shape[1], n_classes)
    for latent in range(latents.shape[1]):
        for label in range(values.shape[1]):
            for value in range(n_classes):
                says, has = latents[:, latent] > 0, values[:, label] == value
                if says.any() or has.any():
                    found[latent, label, value] = 2 * (says & has).sum() / (says.sum() + has.sum())
    return found


def attribute_f1__precision_and_recall(latents, values, n_classes):
    says = latents.sign()
    has = torch.stack([values == value for value in range(n_classes)], dim=-1).float()
    both = torch.tensordot(says, has, dims=([0], [0]))
    precision, recall = both / says.sum(0)[:, None, None], both / has.sum(0)
    return (2 * precision * recall / (precision + recall)).nan_to_num(0.0)


def activation_matches__corrcoef(a, b):
    table = torch.corrcoef(torch.cat([a, b], dim=1).T)[: a.shape[1], a.shape[1] :].nan_to_num(0.0)
    return table.argmax(1), table.max(1).values


def activation_matches__pair_by_pair(a, b):
    partners, best = [], []
    for mine in a.T:
        found = [float(torch.cosine_similarity(mine - mine.mean(), theirs - theirs.mean(), dim=0)) for theirs in b.T]
        partners.append(max(range(len(found)), key=found.__getitem__))
        best.append(max(found))
    return torch.tensor(partners), torch.tensor(best)


def held_out_matches__a_table_of_each_part(a, b, train):
    unit = torch.nn.functional.normalize
    tables = [
        unit(x - x.mean(0), dim=0).T @ unit(y - y.mean(0), dim=0)
        for x, y in ((a[train], b[train]), (a[~train], b[~train]))
    ]
    return tables[1].gather(1, tables[0].argmax(1, keepdim=True))[:, 0]


def held_out_matches__partner_by_partner(a, b, train):
    partner, _ = judging_saes.activation_matches(a[train], b[train])
    pairs = torch.stack([a[~train], b[~train][:, partner]])
    x, y = pairs - pairs.mean(1, keepdim=True)
    scale = (x.square().sum(0) * y.square().sum(0)).sqrt()
    return torch.where(scale > 0, (x * y).sum(0) / scale, torch.zeros(()))


def chance_level__numpy_generator(a, b, seed):
    import numpy as np

    order = torch.from_numpy(np.random.default_rng(seed).permutation(len(b)))
    best = judging_saes.activation_matches(a, b[order])[1]
    return float(best[(a != 0).any(0)].mean())


def chance_level__sorted_random_numbers(a, b, seed):
    order = torch.rand(len(b), generator=torch.Generator().manual_seed(seed)).argsort()
    alive = a.amax(0) > 0
    return judging_saes.activation_matches(a[:, alive], b[order])[1].mean().item()


def mutual_matches__one_by_one(similarity):
    found = []
    for latent in range(similarity.shape[0]):
        partner = int(similarity[latent].argmax())
        found.append(int(similarity[:, partner].argmax()) == latent)
    return torch.tensor(found)


def mutual_matches__largest_of_row_and_column(similarity):
    of_row = similarity == similarity.amax(1, keepdim=True)
    of_column = similarity == similarity.amax(0, keepdim=True)
    return (of_row & of_column).any(1)


def scorecard__variances_of_columns(x, x_hat, latents, far, far_hat, dense):
    def explained(rows, told):
        return float(1 - (rows - told).pow(2).mean(0).sum() / rows.var(0, correction=0).sum())

    density = (latents != 0).double().mean(0)
    return {
        "explained variance": explained(x, x_hat),
        "explained variance far": explained(far, far_hat),
        "L0": float(density.sum()),
        "dead": float((latents.amax(0) == 0).double().mean()),
        "dense": float((density > dense).double().mean()),
    }


def scorecard__counts(x, x_hat, latents, far, far_hat, dense):
    counts = torch.count_nonzero(latents, dim=0)
    card = {"L0": int(counts.sum()) / len(latents)}
    card["dead"] = int((counts == 0).sum()) / len(counts)
    card["dense"] = int((counts > dense * len(latents)).sum()) / len(counts)
    for name, rows, told in (("explained variance", x, x_hat), ("explained variance far", far, far_hat)):
        card[name] = 1 - float((rows - told).norm() ** 2 / (rows - rows.mean(0)).norm() ** 2)
    return card


def disentangle_scores__counts(target_got, target_base, target_source, other_got, other_base, other_source):
    differ = torch.stack([target_base != target_source, other_base != other_source])
    right = torch.stack([target_got == target_source, other_got == other_base])
    shares = (right & differ).sum(dim=1).double() / differ.sum(dim=1)
    return {"cause": float(shares[0]), "isolate": float(shares[1]), "disentangle": float(shares.sum() / 2)}


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
