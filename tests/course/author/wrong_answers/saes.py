"""Wrong answers to chapter 05, beside the recorded misconceptions."""

import torch


def encode__subtracts_the_mean_of_the_bias(x, W_enc, b_enc, b_dec):
    return torch.relu(x @ W_enc + b_enc - b_dec.mean())


def unit_norm_step__projects_what_has_its_shape(W_dec, optimizer):
    for p in optimizer.param_groups[0]["params"]:
        if p.grad is not None and p.shape == W_dec.shape:
            p.grad -= (p.grad * p.data).sum(-1, keepdim=True) * p.data
    optimizer.step()
    W_dec.data /= W_dec.data.norm(dim=-1, keepdim=True)


def unit_norm_step__projects_every_parameter(W_dec, optimizer):
    with torch.no_grad():
        for group in optimizer.param_groups:
            for p in group["params"]:
                p.grad -= (p.grad * p).sum(-1, keepdim=True) * p
    optimizer.step()
    with torch.no_grad():
        W_dec /= W_dec.norm(dim=-1, keepdim=True)


def unit_norm_step__projects_after_the_step(W_dec, optimizer):
    optimizer.step()
    with torch.no_grad():
        W_dec.grad -= (W_dec.grad * W_dec).sum(-1, keepdim=True) * W_dec
        W_dec /= W_dec.norm(dim=-1, keepdim=True)


def mean_max_cosine__forgets_the_sign_and_divides_by_zero(W_dec, known):
    a = W_dec / W_dec.norm(dim=-1, keepdim=True)
    b = known / known.norm(dim=-1, keepdim=True)
    return float((b @ a.T).abs().amax(1).mean())


def resampled__norm_of_all_columns_and_plain_losses(W_enc, b_enc, W_dec, dead, inputs, losses, generator):
    W_enc, b_enc, W_dec = W_enc.clone(), b_enc.clone(), W_dec.clone()
    length = 0.2 * W_enc.norm(dim=0).mean()
    for i in dead.nonzero()[:, 0]:
        v = inputs[torch.multinomial(losses, 1, generator=generator)[0]]
        v = v / v.norm()
        W_dec[i], W_enc[:, i], b_enc[i] = v, v * length, 0
    return W_enc, b_enc, W_dec


def auxiliary_loss__too_many_and_the_residual_trained(residual, pre, dead, W_dec, k):
    values, places = torch.where(dead, pre, 0.0).topk(k, dim=-1)
    f = torch.zeros_like(pre).scatter(-1, places, values.relu())
    return (residual - f @ W_dec).square().sum(-1).mean()


def batch_topk_threshold__a_large_number_for_silence(latents):
    flat = latents.flatten(1)
    return flat.masked_fill(flat == 0, 1e9).amin(1).mean().item()


def jumprelu__a_smooth_step(pre, threshold, bandwidth):
    return pre * torch.sigmoid((pre - threshold) / bandwidth)


def jumprelu_l0__no_gradient_but_a_graph(pre, threshold, bandwidth):
    return (pre > threshold).float().sum(-1).mean() + 0 * threshold.sum()


def splicing_hook__reconstructs_what_is_kept_too(reconstruct, keep):
    return lambda resid, hook: reconstruct(resid.flatten(0, 1)).view_as(resid)


def absorption_rate__cosine_without_the_norm_of_the_row(present, latents, W_dec, parent, main, cosine):
    on = latents > 0
    absorbed = present & ~on[:, main] & (on & (W_dec @ parent / parent.norm() > cosine)).any(1)
    return float(absorbed.sum() / present.sum())


def clamp_latent__decodes_anew(x, latents, W_dec, latent, value):
    f = latents.clone()
    f[:, latent] = value
    return f @ W_dec


def topk_latents__k_smallest(pre, k):
    values, places = pre.topk(k, dim=-1, largest=False)
    return torch.zeros_like(pre).scatter(-1, places, values.relu())


def topk_latents__all_but_the_k_largest(pre, k):
    places = pre.topk(k, dim=-1).indices
    return pre.relu().scatter(-1, places, 0.0)


def topk_latents__sorted_to_the_front(pre, k):
    kept = pre.sort(dim=-1, descending=True).values[:, :k].relu()
    return torch.nn.functional.pad(kept, (0, pre.shape[1] - k))


def topk_latents__one_fewer(pre, k):
    limit = pre.topk(k, dim=-1).values[:, -1:]
    return torch.where(pre > limit, pre, 0.0).relu()


def topk_latents__limit_taken_off(pre, k):
    limit = pre.sort(dim=-1, descending=True).values[:, min(k, pre.shape[1] - 1)][:, None]
    values, places = (pre - limit).topk(k, dim=-1)
    return torch.zeros_like(pre).scatter(-1, places, values.relu())


def topk_latents__sizes_of_the_kept(pre, k):
    values, places = pre.topk(k, dim=-1)
    return torch.zeros_like(pre).scatter(-1, places, values.abs())


def _window(counts, rows, window):
    steps = -(-window // rows)
    return steps, len(counts) < steps, torch.zeros(counts.shape[1], dtype=torch.bool)


def dead_latents__silent_in_some_step(counts, rows, window):
    steps, early, none = _window(counts, rows, window)
    return none if early else (counts[-steps:] == 0).any(dim=0)


def dead_latents__active_once_at_most(counts, rows, window):
    steps, early, none = _window(counts, rows, window)
    return none if early else counts[-steps:].sum(0) <= 1


def dead_latents__one_step_more(counts, rows, window):
    steps = window // rows + 1
    return _window(counts, rows, window)[2] if len(counts) < steps else counts[-steps:].sum(0) == 0


def dead_latents__leaves_the_newest_out(counts, rows, window):
    steps, early, none = _window(counts, rows, window)
    return none if early else counts[-steps - 1 : -1].sum(0) == 0


def dead_latents__all_dead_when_early(counts, rows, window):
    steps, early, none = _window(counts, rows, window)
    return ~none if early else counts[-steps:].sum(0) == 0


def dead_latents__waits_for_more_than_a_window(counts, rows, window):
    steps, _, none = _window(counts, rows, window)
    return none if len(counts) <= steps else counts[-steps:].sum(0) == 0


def _active(latents):
    return (latents > 0).float()


def l0_and_density__active_rows_only(latents):
    active = _active(latents)
    some = active[active.any(dim=1)]
    return float(some.sum(-1).mean()), some.mean(0)


def l0_and_density__median_row(latents):
    active = _active(latents)
    return float(active.sum(-1).median()), active.mean(0)


def l0_and_density__axes_swapped(latents):
    active = _active(latents)
    return float(active.sum(0).mean()), active.mean(1)


def l0_and_density__living_latents_only(latents):
    active = _active(latents)
    living = active[:, active.any(dim=0)]
    return float(living.mean() * latents.shape[1]), active.mean(0)


def l0_and_density__silent_ones(latents):
    silent = (latents <= 0).float()
    return float(silent.sum(-1).mean()), silent.mean(0)


def l0_and_density__shares_of_the_activity(latents):
    active = _active(latents)
    return float(active.sum(-1).mean()), active.sum(0) / active.sum()


def clamp_latent__all_latents_taken_out(x, latents, W_dec, latent, value):
    return x + (value - latents.sum(dim=1))[:, None] * W_dec[latent]


def clamp_latent__unit_direction(x, latents, W_dec, latent, value):
    change = value - latents[:, latent]
    return x + change[:, None] * W_dec[latent] / W_dec[latent].norm()


def clamp_latent__change_of_the_mean_row(x, latents, W_dec, latent, value):
    return x + (value - latents[:, latent].mean()) * W_dec[latent]


def clamp_latent__old_minus_new(x, latents, W_dec, latent, value):
    return x + (latents[:, latent] - value)[:, None] * W_dec[latent]


def clamp_latent__at_least_the_value(x, latents, W_dec, latent, value):
    change = (value - latents[:, latent]).clamp_min(0.0)
    return x + change[:, None] * W_dec[latent]


def clamp_latent__next_latent(x, latents, W_dec, latent, value):
    following = (latent + 1) % len(W_dec)
    return x + (value - latents[:, following])[:, None] * W_dec[following]


def _harm(clean, baseline):
    if baseline.mean() <= clean.mean():
        raise ValueError("no harm")


def loss_recovered__spliced_against_clean(clean, spliced, baseline):
    _harm(clean, baseline)
    return float((spliced.mean() - clean.mean()) / (baseline.mean() - clean.mean()))


def loss_recovered__of_perplexities(clean, spliced, baseline):
    _harm(clean, baseline)
    a, b, c = (losses.mean().exp() for losses in (clean, spliced, baseline))
    return float((c - b) / (c - a))


def loss_recovered__medians(clean, spliced, baseline):
    _harm(clean, baseline)
    a, b, c = (losses.quantile(0.5) for losses in (clean, spliced, baseline))
    return float((c - b) / (c - a))


def loss_recovered__tokens_that_lost_something(clean, spliced, baseline):
    _harm(clean, baseline)
    worse = baseline > clean
    return float((baseline - spliced)[worse].mean() / (baseline - clean)[worse].mean())


def loss_recovered__share_of_tokens(clean, spliced, baseline):
    _harm(clean, baseline)
    return float((spliced < baseline).float().mean())


def loss_recovered__says_1_where_there_is_no_harm(clean, spliced, baseline):
    if baseline.mean() <= clean.mean():
        return 1.0
    return float((baseline.mean() - spliced.mean()) / (baseline.mean() - clean.mean()))
