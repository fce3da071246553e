"""Wrong answers to chapter 02, beside the recorded misconceptions."""

import torch


def relu_output__subtracts_the_bias(x, W, b):
    return (torch.einsum("bif,ihf,ihg->big", x, W, W) - b).relu()


def relu_output__first_instance_for_all(x, W, b):
    return (torch.einsum("bif,hf,hg->big", x, W[0], W[0]) + b).relu()


def relu_output__sigmoid(x, W, b):
    return (torch.einsum("bif,ihf,ihg->big", x, W, W) + b).sigmoid()


def relu_output__bias_on_the_way_in(x, W, b):
    return torch.einsum("bif,ihf,ihg->big", x + b, W, W).relu()


def relu_output__unit_columns(x, W, b):
    unit = torch.nn.functional.normalize(W, dim=1)
    return (torch.einsum("bif,ihf,ihg->big", x, unit, unit) + b).relu()


def relu_output__returns_the_input_where_it_can(x, W, b):
    return (x + b).relu()


def reconstruction_loss__sums_over_instances(x, x_hat, importance):
    return (importance * (x - x_hat).pow(2)).sum(dim=(1, 2)).mean().expand(x.shape[1])


def reconstruction_loss__root_of_it(x, x_hat, importance):
    return (importance * (x - x_hat).pow(2)).sum(-1).mean(0).sqrt()


def reconstruction_loss__square_of_the_sum(x, x_hat, importance):
    return (importance * (x - x_hat)).sum(-1).pow(2).mean(0)


def reconstruction_loss__difference_of_squares(x, x_hat, importance):
    return (importance * (x.pow(2) - x_hat.pow(2))).sum(-1).mean(0)


def reconstruction_loss__importance_of_the_first_instance(x, x_hat, importance):
    return (importance[0] * (x - x_hat).pow(2)).sum(-1).mean(0)


def reconstruction_loss__only_the_first_sample(x, x_hat, importance):
    return (importance * (x - x_hat).pow(2)).sum(-1)[0]


def gram_matrix__adds_the_instances(W):
    return torch.einsum("ihf,jhg->fg", W, W).expand(W.shape[0], -1, -1)


def gram_matrix__keeps_one_triangle(W):
    return torch.einsum("ihf,ihg->ifg", W, W).triu()


def gram_matrix__divides_by_the_hidden_size(W):
    return torch.einsum("ihf,ihg->ifg", W, W) / W.shape[1]


def gram_matrix__sizes(W):
    return torch.einsum("ihf,ihg->ifg", W, W).abs()


def gram_matrix__distances(W):
    return torch.cdist(W.mT, W.mT)


def gram_matrix__centres_first(W):
    centred = W - W.mean(dim=1, keepdim=True)
    return torch.einsum("ihf,ihg->ifg", centred, centred)


def _shared(W):
    unit = torch.nn.functional.normalize(W, dim=1)
    return torch.einsum("ihf,ihg->ifg", unit, W)


def interference__absolute_values(W):
    shared = _shared(W).abs()
    return shared.sum(-1) - shared.diagonal(dim1=1, dim2=2)


def interference__mean_over_the_others(W):
    shared = _shared(W).pow(2)
    return (shared.sum(-1) - shared.diagonal(dim1=1, dim2=2)) / (W.shape[2] - 1)


def interference__takes_one_off(W):
    return (_shared(W).pow(2).sum(-1) - 1).clamp_min(0)


def interference__the_worst_alone(W):
    shared = _shared(W).pow(2)
    return (shared - torch.diag_embed(shared.diagonal(dim1=1, dim2=2))).amax(dim=-1)


def interference__root(W):
    shared = _shared(W).pow(2)
    return (shared.sum(-1) - shared.diagonal(dim1=1, dim2=2)).clamp_min(0).sqrt()


def interference__later_features_only(W):
    return _shared(W).pow(2).triu(diagonal=1).sum(dim=-1)


def feature_dimensionality__upside_down(W):
    total = _shared(W).pow(2).sum(-1)
    return torch.where(total > 0, total / W.pow(2).sum(1).clamp_min(1e-12), torch.zeros_like(total))


def feature_dimensionality__one_for_dead_features(W):
    norms = W.pow(2).sum(1)
    return torch.where(norms > 0, norms / _shared(W).pow(2).sum(-1), torch.ones_like(norms))


def feature_dimensionality__one_minus_interference(W):
    shared = _shared(W).pow(2)
    return (1 - shared.sum(-1) + shared.diagonal(dim1=1, dim2=2)).clamp(0, 1)


def feature_dimensionality__absolute_values_below(W):
    norms = W.pow(2).sum(1)
    return torch.where(norms > 0, norms / _shared(W).abs().sum(-1), torch.zeros_like(norms))


def feature_dimensionality__hidden_over_features(W):
    return torch.full((W.shape[0], W.shape[2]), W.shape[1] / W.shape[2])


def feature_dimensionality__norms_of_the_whole(W):
    norms = W.pow(2).sum(1)
    return norms / norms.sum(dim=-1, keepdim=True).clamp_min(1e-12)


def _there(W, norm):
    return W.norm(dim=1) > norm


def _cosines(W):
    unit = torch.nn.functional.normalize(W, dim=1)
    return torch.einsum("ihf,ihg->ifg", unit, unit)


def superposed__includes_the_threshold(W, norm=0.5, cosine=0.3):
    there = W.norm(dim=1) >= norm
    shares = (_cosines(W).abs() >= cosine) & ~torch.eye(W.shape[-1], dtype=torch.bool)
    return there & (shares & there[:, None, :]).any(-1)


def superposed__every_represented_one_is_needed(W, norm=0.5, cosine=0.3):
    there = _there(W, norm)
    shares = (_cosines(W).abs() > cosine) | torch.eye(W.shape[-1], dtype=torch.bool)
    return there & (shares | ~there[:, None, :]).all(-1)


def superposed__fixed_thresholds(W, norm=0.5, cosine=0.3):
    there = _there(W, 0.5)
    shares = (_cosines(W).abs() > 0.3) & ~torch.eye(W.shape[-1], dtype=torch.bool)
    return there & (shares & there[:, None, :]).any(-1)


def superposed__swaps_the_thresholds(W, norm=0.5, cosine=0.3):
    there = _there(W, cosine)
    shares = (_cosines(W).abs() > norm) & ~torch.eye(W.shape[-1], dtype=torch.bool)
    return there & (shares & there[:, None, :]).any(-1)


def superposed__any_instance(W, norm=0.5, cosine=0.3):
    there = _there(W, norm)
    shares = (_cosines(W).abs() > cosine) & ~torch.eye(W.shape[-1], dtype=torch.bool)
    return (there & (shares & there[:, None, :]).any(-1)).any(dim=0, keepdim=True).expand(W.shape[0], -1)


def superposed__only_the_longer_of_two(W, norm=0.5, cosine=0.3):
    there, sizes = _there(W, norm), W.norm(dim=1)
    shares = (_cosines(W).abs() > cosine) & (sizes[:, :, None] >= sizes[:, None, :])
    return there & (shares & ~torch.eye(W.shape[-1], dtype=torch.bool) & there[:, None, :]).any(-1)


_NAMES = {(True, True): "superposition", (True, False): "first only", (False, True): "extra only"}


def phase_of_runs__first_run(W, loss):
    return _NAMES.get(tuple((W[0, 0].abs() > 0.5).tolist()), "neither")


def phase_of_runs__represented_in_any_run(W, loss):
    return _NAMES.get(tuple((W[:, 0].abs() > 0.5).any(dim=0).tolist()), "neither")


def phase_of_runs__represented_in_all_runs(W, loss):
    return _NAMES.get(tuple((W[:, 0].abs() > 0.5).all(dim=0).tolist()), "neither")


def phase_of_runs__names_exchanged(W, loss):
    first, extra = (W[loss.argmin(), 0].abs() > 0.5).tolist()
    return _NAMES.get((extra, first), "neither")


def phase_of_runs__squares_above_the_threshold(W, loss):
    return _NAMES.get(tuple((W[loss.argmin(), 0].square() > 0.5).tolist()), "neither")


def phase_of_runs__superposition_without_a_doubt(W, loss):
    return _NAMES.get(tuple((W[loss.argmin(), 0].abs() > 0.5).tolist()), "superposition")


def _losses(density, importance, variance, both):
    return {"first only": importance * variance, "extra only": variance, "superposition": (1 + importance) * both}


def expected_losses__variance_of_the_active(density, importance):
    return _losses(density, importance, density / 12, density**2 / 6)


def expected_losses__mean_without_density(density, importance):
    return _losses(density, importance, density / 3 - density / 4, density**2 / 6)


def expected_losses__both_active_once(density, importance):
    return _losses(density, importance, density / 3 - density**2 / 4, density / 6)


def expected_losses__whole_second_moment(density, importance):
    return _losses(density, importance, density / 3 - density**2 / 4, density**2 / 3)


def expected_losses__sparsity_for_density(density, importance):
    p = 1 - density
    return _losses(p, importance, p / 3 - p**2 / 4, p**2 / 6)


def expected_losses__importance_squared(density, importance):
    return _losses(density, importance**2, density / 3 - density**2 / 4, density**2 / 6)
