"""Correct answers to chapter 05, written otherwise than the reference."""

import math

import torch


def standard_loss__einsum(x, pre, W_dec, b_dec, coefficient):
    f = pre.relu()
    missing = x - f @ W_dec - b_dec
    error = torch.einsum("bd,bd->", missing, missing) / len(x)
    l1 = torch.einsum("bf,f->", f, W_dec.pow(2).sum(1).sqrt()) / len(x)
    return {"error": error, "l1": l1, "loss": error + coefficient * l1}


def unit_norm_step__row_by_row(W_dec, optimizer):
    radial = (W_dec.grad * W_dec.data).sum(1)
    for i in range(len(W_dec)):
        W_dec.grad[i] = W_dec.grad[i] - radial[i] * W_dec.data[i]
    optimizer.step()
    W_dec.data = torch.nn.functional.normalize(W_dec.data, dim=-1)


def mean_max_cosine__loops(W_dec, known):
    def cosine(k, w):
        return float(torch.dot(k, w) / (k.norm() * w.norm().clamp_min(1e-8)))

    return sum(max(cosine(k, w) for w in W_dec) for k in known) / len(known)


def dead_latents__walks_back(counts, rows, window):
    need, seen = window, torch.zeros(counts.shape[1])
    for one in counts.flip(0):
        if need <= 0:
            break
        seen += one
        need -= rows
    return (seen == 0) & (need <= 0)


def resampled__cumulative_sum(W_enc, b_enc, W_dec, dead, inputs, losses, generator):
    W_enc, b_enc, W_dec = W_enc.clone(), b_enc.clone(), W_dec.clone()
    mean = W_enc[:, ~dead].norm(dim=0).mean()
    reached = losses.square().cumsum(0)
    for i in dead.nonzero()[:, 0].tolist():
        u = torch.rand((), generator=generator) * reached[-1]
        row = min(int((reached <= u).sum()), len(reached) - 1)
        v = inputs[row] / inputs[row].norm()
        W_dec[i], W_enc[:, i], b_enc[i] = v, 0.2 * mean * v, 0.0
    return W_enc, b_enc, W_dec


def topk_latents__loops(pre, k):
    out = torch.zeros_like(pre)
    for i, row in enumerate(pre):
        for j in row.argsort(descending=True)[:k].tolist():
            if row[j] > 0:
                out[i, j] = row[j]
    return out


def batch_topk__a_mask_of_places(pre, k):
    order = pre.flatten().argsort(descending=True)[: k * len(pre)]
    kept = torch.zeros(pre.numel(), dtype=torch.bool)
    kept[order] = True
    return torch.where(kept.view_as(pre), pre.clamp_min(0), 0.0)


def auxiliary_loss__rows(residual, pre, dead, W_dec, k):
    if not dead.any():
        return pre.new_zeros((), requires_grad=True)
    total, ids = 0, dead.nonzero()[:, 0]
    for e, p in zip(residual.detach(), pre, strict=True):
        best = ids[p[ids].argsort(descending=True)[:k]]
        total = total + (e - p[best].relu() @ W_dec[best]).pow(2).sum()
    return total / len(pre)


def auxiliary_loss__masked_with_a_large_number(residual, pre, dead, W_dec, k):
    masked = pre.masked_fill(~dead, -1e9)
    values, places = masked.topk(min(k, masked.shape[1]), dim=-1)
    f = torch.zeros_like(masked).scatter(-1, places, values.relu())
    return (residual.detach() - f @ W_dec).square().sum(-1).mean() * dead.any()


def batch_topk_threshold__infinite_where_silent(latents):
    smallest = torch.where(latents > 0, latents, torch.inf).flatten(1).amin(1)
    return float(smallest[smallest.isfinite()].mean())


def jumprelu__a_function_with_its_own_backward(pre, threshold, bandwidth):
    class JumpReLU(torch.autograd.Function):
        @staticmethod
        def forward(ctx, z, theta):
            ctx.save_for_backward(z, theta)
            return z * (z > theta)

        @staticmethod
        def backward(ctx, grad):
            z, theta = ctx.saved_tensors
            near = (z - theta).abs() < bandwidth / 2
            return grad * (z > theta), (-theta / bandwidth * near * grad).sum(0)

    return JumpReLU.apply(pre, threshold)


def jumprelu__threshold_less_its_own_value(pre, threshold, bandwidth):
    on = (pre > threshold).float()
    near = ((pre - threshold).abs() < bandwidth / 2).float()
    return pre * on - threshold / bandwidth * near * (threshold - threshold.detach())


def splicing_hook__one_position_at_a_time(reconstruct, keep):
    def hook_fn(resid, hook):
        out = resid.clone()
        for text in range(resid.shape[0]):
            for pos in range(resid.shape[1]):
                if not keep[text, pos]:
                    out[text, pos] = reconstruct(resid[text, pos][None])[0]
        return out

    return hook_fn


def specificity_and_sensitivity__scikit_learn(latent, context, threshold):
    from sklearn.metrics import precision_score, recall_score

    on, inside = (latent > threshold).numpy(), context.numpy()
    nan = {"zero_division": float("nan")}
    return float(precision_score(inside, on, **nan)), float(recall_score(inside, on, **nan))


def simulated_latent__a_dictionary(tokens, latent, train):
    seen = {}
    for token, value in zip(tokens[train].flatten().tolist(), latent[train].flatten().tolist(), strict=True):
        seen.setdefault(token, []).append(value)
    means = {token: sum(values) / len(values) for token, values in seen.items()}
    simulated = torch.tensor([means.get(token, 0.0) for token in tokens[~train].flatten().tolist()])
    return float(torch.corrcoef(torch.stack([simulated, latent[~train].flatten()]))[0, 1])


def clamp_latent__row_by_row(x, latents, W_dec, latent, value):
    out = x.clone()
    for i in range(len(x)):
        out[i] = x[i] - latents[i, latent] * W_dec[latent] + value * W_dec[latent]
    return out


def absorption_rate__loop(present, latents, W_dec, parent, main, cosine):
    cosines = W_dec @ parent / parent.norm() / W_dec.norm(dim=1)
    here = absorbed = 0
    for there, f in zip(present.tolist(), latents, strict=True):
        if there:
            here += 1
            absorbed += bool(f[main] <= 0 and ((f > 0) & (cosines > cosine)).any())
    return absorbed / here if here else float("nan")


def topk_latents__row_by_row(pre, k):
    rows = []
    for row in pre:
        kept = row.sort(descending=True, stable=True).indices[:k]
        mask = torch.zeros(len(row))
        mask[kept] = 1.0
        rows.append((row * mask).clamp_min(0.0))
    return torch.stack(rows)


def topk_latents__relu_first_and_ranks(pre, k):
    places = pre.argsort(dim=1, descending=True)
    rank = places.argsort(dim=1)
    return torch.nn.functional.relu(pre).masked_fill(rank >= k, 0.0)


def dead_latents__rows_after_each_step(counts, rows, window):
    later = rows * torch.arange(len(counts) - 1, -1, -1)  # how many rows come after each step
    last = [max([int(n) for n in column.nonzero()], default=-1) for column in counts.T]
    if len(counts) * rows < window:
        return torch.tensor([False] * len(last))
    return torch.tensor([step < 0 or int(later[step]) >= window for step in last])


def l0_and_density__norms_in_float64(latents):
    return torch.linalg.vector_norm(latents.double(), ord=0, dim=1).mean().item(), (latents != 0).double().mean(
        0
    ).float()


def l0_and_density__counts_where(latents):
    n, width = latents.shape
    counts = [0] * width
    for _, column in latents.nonzero().tolist():
        counts[column] += 1
    return sum(counts) / n, torch.tensor(counts) / n


def clamp_latent__one_hot_einsum(x, latents, W_dec, latent, value):
    wanted = latents.clone()
    wanted[:, latent] = value
    return x + torch.einsum("bf,fd->bd", wanted - latents, W_dec)


def clamp_latent__error_kept_apart(x, latents, W_dec, latent, value):
    missed = x.double() - latents.double() @ W_dec.double()
    wanted = latents.double().index_fill(1, torch.tensor(latent), float(value))
    return (wanted @ W_dec.double() + missed).to(x.dtype)


def clamp_latent__in_place_on_a_copy(x, latents, W_dec, latent, value):
    changed = x.clone()
    for row in range(len(x)):
        changed[row] -= latents[row, latent] * W_dec[latent]
        changed[row] += value * W_dec[latent]
    return changed


def loss_recovered__lost_share(clean, spliced, baseline):
    clean, spliced, baseline = (losses.double().sum() for losses in (clean, spliced, baseline))
    if not baseline > clean:
        raise ValueError("no harm done")
    return (1 - (spliced - clean) / (baseline - clean)).item()


def loss_recovered__plain_python(clean, spliced, baseline):
    a, b, c = (math.fsum(losses.tolist()) / len(losses) for losses in (clean, spliced, baseline))
    if c - a <= 0:
        raise ValueError("no harm done")
    return (c - b) / (c - a)
