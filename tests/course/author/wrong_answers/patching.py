"""Wrong answers to chapter 08, beside the recorded misconceptions."""

import torch


def patch_each_position__clean_run_first(clean, corrupted, finish):
    streams = corrupted.repeat(len(corrupted), 1, 1)
    each = torch.arange(len(corrupted))
    streams[each, each] = clean
    streams[0] = clean
    return finish(streams)


def patch_each_position__mean_of_both(clean, corrupted, finish):
    streams = corrupted.repeat(len(corrupted), 1, 1)
    each = torch.arange(len(corrupted))
    streams[each, each] = (clean + corrupted) / 2
    return finish(streams)


def patch_each_position__positions_from_the_end(clean, corrupted, finish):
    streams = corrupted.repeat(len(corrupted), 1, 1)
    each = torch.arange(len(corrupted))
    streams[each, each.flip(0)] = clean.flip(0)
    return finish(streams)


def patch_each_position__adds_the_clean_stream(clean, corrupted, finish):
    streams = corrupted.repeat(len(corrupted), 1, 1)
    each = torch.arange(len(corrupted))
    streams[each, each] += clean
    return finish(streams)


def patch_each_position__clean_up_to_there(clean, corrupted, finish):
    own = torch.ones(len(clean), len(clean)).tril().bool()[:, :, None]
    return finish(torch.where(own, clean[None], corrupted[None]))


def patch_each_position__next_position(clean, corrupted, finish):
    own = torch.eye(len(clean)).bool().roll(1, dims=1)[:, :, None]
    return finish(torch.where(own, clean[None], corrupted[None]))


def _way(corrupted, clean):
    start, goal = corrupted.mean(), clean.mean()
    if (goal - start).abs() < 1e-6:
        raise ValueError("no way")
    return start, goal


def normalised_effect__distance_from_the_goal(patched, corrupted, clean):
    start, goal = _way(corrupted, clean)
    return (goal - patched.mean(dim=1)) / (goal - start)


def normalised_effect__without_the_start(patched, corrupted, clean):
    start, goal = _way(corrupted, clean)
    return patched.mean(dim=1) / (goal - start)


def normalised_effect__divides_by_the_sum(patched, corrupted, clean):
    start, goal = _way(corrupted, clean)
    return (patched.mean(dim=1) - start) / (goal + start)


def normalised_effect__medians(patched, corrupted, clean):
    _way(corrupted, clean)
    start, goal = corrupted.median(), clean.median()
    return (patched.median(dim=1).values - start) / (goal - start)


def normalised_effect__percent(patched, corrupted, clean):
    start, goal = _way(corrupted, clean)
    return 100 * (patched.mean(dim=1) - start) / (goal - start)


def normalised_effect__best_patch_is_one(patched, corrupted, clean):
    start, _ = _way(corrupted, clean)
    way = patched.mean(dim=1) - start
    return way / way.amax()


def _refuse(mask):
    if not bool(mask.any(dim=1).all()):
        raise ValueError("no token")


def end_logits__mean_over_real_tokens(logits, mask):
    _refuse(mask)
    return (logits * mask[..., None]).sum(dim=1) / mask.sum(dim=1)[:, None]


def end_logits__one_before_the_last(logits, mask):
    _refuse(mask)
    last = (mask * torch.arange(mask.shape[1])).argmax(dim=1)
    return logits[torch.arange(len(logits)), (last - 1).clamp_min(0)]


def end_logits__longest_prompts_end_for_all(logits, mask):
    _refuse(mask)
    return logits[:, (mask * torch.arange(mask.shape[1])).amax()]


def end_logits__real_tokens_packed(logits, mask):
    _refuse(mask)
    first = mask.int().argmax(dim=1)
    return logits[torch.arange(len(logits)), mask.sum(dim=1) - 1 - first]


def end_logits__largest_of_each_token(logits, mask):
    _refuse(mask)
    return logits.masked_fill(~mask[..., None], -torch.inf).amax(dim=1)


def end_logits__refuses_any_padding(logits, mask):
    if not bool(mask.all()):
        raise ValueError("padding")
    return logits[:, -1]


def _metrics(run_logits, clean_logits, answer, wrong, **changed):
    rows = torch.arange(len(answer))
    run, clean = run_logits.log_softmax(dim=-1), clean_logits.log_softmax(dim=-1)
    return {
        "logit difference": run_logits[rows, answer] - run_logits[rows, wrong],
        "probability": run[rows, answer].exp(),
        "KL": (clean.exp() * (clean - run)).sum(dim=-1),
    } | changed


def run_metrics__kl_in_bits(run_logits, clean_logits, answer, wrong):
    whole = _metrics(run_logits, clean_logits, answer, wrong)
    return whole | {"KL": whole["KL"] / torch.tensor(2.0).log()}


def run_metrics__symmetric_kl(run_logits, clean_logits, answer, wrong):
    one = _metrics(run_logits, clean_logits, answer, wrong)
    other = _metrics(clean_logits, run_logits, answer, wrong)["KL"]
    return one | {"KL": (one["KL"] + other) / 2}


def run_metrics__cross_entropy(run_logits, clean_logits, answer, wrong):
    run, clean = run_logits.log_softmax(dim=-1), clean_logits.softmax(dim=-1)
    return _metrics(run_logits, clean_logits, answer, wrong, KL=-(clean * run).sum(dim=-1))


def run_metrics__difference_of_probabilities(run_logits, clean_logits, answer, wrong):
    rows, chances = torch.arange(len(answer)), run_logits.softmax(dim=-1)
    difference = chances[rows, answer] - chances[rows, wrong]
    return _metrics(run_logits, clean_logits, answer, wrong, **{"logit difference": difference})


def run_metrics__change_of_the_probability(run_logits, clean_logits, answer, wrong):
    one = _metrics(run_logits, clean_logits, answer, wrong)
    before = _metrics(clean_logits, clean_logits, answer, wrong)["probability"]
    return one | {"probability": one["probability"] - before}


def run_metrics__most_probable_token(run_logits, clean_logits, answer, wrong):
    best = run_logits.softmax(dim=-1).amax(dim=-1)
    return _metrics(run_logits, clean_logits, answer, wrong, probability=best)


def _refuse_window(layer, window, n_layers):
    if not 0 <= layer < n_layers or window < 1:
        raise ValueError("no such window")


def window_layers__ends_at_the_layer(layer, window, n_layers):
    _refuse_window(layer, window, n_layers)
    return list(range(max(layer - window + 1, 0), layer + 1))


def window_layers__leaves_the_centre_out(layer, window, n_layers):
    _refuse_window(layer, window, n_layers)
    first = layer - window // 2
    return [n for n in range(first, first + window) if 0 <= n < n_layers and n != layer]


def window_layers__every_second_layer(layer, window, n_layers):
    _refuse_window(layer, window, n_layers)
    return [n for n in range(layer - window + 1, layer + window, 2) if 0 <= n < n_layers]


def window_layers__from_above(layer, window, n_layers):
    _refuse_window(layer, window, n_layers)
    first = layer - window // 2
    return [n for n in range(first, first + window) if 0 <= n < n_layers][::-1]


def window_layers__blocks_side_by_side(layer, window, n_layers):
    _refuse_window(layer, window, n_layers)
    first = layer // window * window
    return list(range(first, min(first + window, n_layers)))


def window_layers__allows_no_layers(layer, window, n_layers):
    if not 0 <= layer < n_layers or window < 0:
        raise ValueError("no such window")
    first = layer - window // 2
    return list(range(max(first, 0), min(first + window, n_layers)))


def interaction__median_over_prompts(single, joint):
    return float((joint - single.sum(dim=0)).median())


def interaction__divides_by_the_parts(single, joint):
    return float((joint - single.sum(dim=0)).mean() / len(single))


def interaction__takes_the_first_part_off(single, joint):
    return float((joint - single[0]).mean())


def interaction__product_of_the_parts(single, joint):
    return float((joint - single.prod(dim=0)).mean())


def interaction__share_of_the_joint_effect(single, joint):
    return float((joint - single.sum(dim=0)).mean() / joint.mean())


def interaction__first_prompt(single, joint):
    return float((joint - single.sum(dim=0))[0])
