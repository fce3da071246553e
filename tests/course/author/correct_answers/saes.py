"""Correct answers to chapter 05, written otherwise than the reference."""

import math

import torch


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


def dead_latents__walks_back(counts, rows, window):
    seen, alive = 0, torch.zeros(counts.shape[1], dtype=torch.bool)
    for step in range(len(counts) - 1, -1, -1):
        if seen >= window:
            break
        alive |= counts[step] > 0
        seen += rows
    return ~alive if seen >= window else torch.zeros_like(alive)


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
