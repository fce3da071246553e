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
