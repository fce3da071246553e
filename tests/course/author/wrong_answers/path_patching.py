"""Wrong answers to chapter 09, beside the recorded misconceptions."""

import random

import torch


def _held(plain, other, sender, heads):
    return {f"z {head}": plain[f"z {head}"] for head in heads} | {f"z {sender}": other[f"z {sender}"]}


def direct_to_output__holds_later_heads_alone(run, into, source, sender, heads):
    other, plain = run(source, {}), run(into, {})
    later = heads[heads.index(sender) + 2 :]  # off by one: the next head reacts
    return run(into, _held(plain, other, sender, later))["output"] - plain["output"]


def direct_to_output__holds_earlier_heads_alone(run, into, source, sender, heads):
    other, plain = run(source, {}), run(into, {})
    return run(into, _held(plain, other, sender, heads[: heads.index(sender)]))["output"] - plain["output"]


def direct_to_output__runs_the_source_prompts(run, into, source, sender, heads):
    other, plain = run(source, {}), run(into, {})
    return run(source, _held(plain, other, sender, heads))["output"] - plain["output"]


def direct_to_output__against_the_source_run(run, into, source, sender, heads):
    other, plain = run(source, {}), run(into, {})
    return run(into, _held(plain, other, sender, heads))["output"] - other["output"]


def direct_to_output__mean_over_prompts(run, into, source, sender, heads):
    other, plain = run(source, {}), run(into, {})
    effect = run(into, _held(plain, other, sender, heads))["output"] - plain["output"]
    return effect.mean().expand(len(effect))


def _hooks(held):
    def holding(value):
        return lambda z, hook: value

    return [(f"blocks.{layer}.attn.hook_z", holding(value)) for layer, value in enumerate(held)]


def freezing_hooks__layers_from_one(plain, other, sender):
    held = plain.clone()
    held[sender[0] - 1, :, :, sender[1]] = other[sender[0] - 1, :, :, sender[1]]
    return _hooks(held)


def freezing_hooks__head_and_position_exchanged(plain, other, sender):
    held = plain.clone()
    held[sender[0], :, sender[1]] = other[sender[0], :, sender[1]]
    return _hooks(held)


def freezing_hooks__layer_and_head_exchanged(plain, other, sender):
    held = plain.clone()
    head, layer = sender
    held[layer % len(plain), :, :, head % plain.shape[3]] = other[layer % len(plain), :, :, head % plain.shape[3]]
    return _hooks(held)


def freezing_hooks__only_from_the_senders_layer_on(plain, other, sender):
    held = plain.clone()
    held[sender[0], :, :, sender[1]] = other[sender[0], :, :, sender[1]]
    return _hooks(held)[sender[0] :]


def freezing_hooks__changes_and_returns_nothing(plain, other, sender):
    held = plain.clone()
    held[sender[0], :, :, sender[1]] = other[sender[0], :, :, sender[1]]
    return [(f"blocks.{k}.attn.hook_z", lambda z, hook, k=k: (z.copy_(held[k]), None)[1]) for k in range(len(held))]


def _normed(x, gain, eps):
    return x / (x.square().mean(dim=-1, keepdim=True) + eps).sqrt() * gain


def _score(x, gain, eps, direction):
    return (_normed(x, gain, eps) * direction).sum(dim=-1)


def _change(first, second, gain, eps, direction):
    return _score(second, gain, eps, direction) - _score(first, gain, eps, direction)


def direct_path__new_residual_is_the_message(z, z_new, w_o, residual, gain, eps, direction):
    return _change(residual, z_new @ w_o, gain, eps, direction)


def direct_path__takes_the_old_one_out_twice(z, z_new, w_o, residual, gain, eps, direction):
    return _change(residual - z @ w_o, residual + (z_new - z) @ w_o, gain, eps, direction)


def direct_path__layer_norm(z, z_new, w_o, residual, gain, eps, direction):
    before, after = residual, residual + (z_new - z) @ w_o
    centred = [x - x.mean(dim=-1, keepdim=True) for x in (before, after)]
    return _change(*centred, gain, eps, direction)


def direct_path__first_prompts_direction(z, z_new, w_o, residual, gain, eps, direction):
    return _change(residual, residual + (z_new - z) @ w_o, gain, eps, direction[:1])


def direct_path__divides_by_the_mean_square(z, z_new, w_o, residual, gain, eps, direction):
    old, new = residual, residual + (z_new - z) @ w_o
    first, second = ((x / (x.square().mean(-1, True) + eps) * gain * direction).sum(-1) for x in (old, new))
    return second - first


def _clear(effects, factor=2.0):
    if effects.shape[1] < 2:
        raise ValueError("two prompts at least")
    mean, error = effects.mean(dim=1), effects.std(dim=1) / effects.shape[1] ** 0.5
    return mean, error, mean.abs() > factor * error


def _sorted(names, size, taken):
    return [names[row] for row in size.argsort(descending=True).tolist() if taken[row]]


def strong_senders__one_condition_is_enough(effects, names, least):
    mean, _, clear = _clear(effects)
    return _sorted(names, mean.abs(), clear | (mean.abs() >= least))


def strong_senders__strictly_more_than_least(effects, names, least):
    mean, _, clear = _clear(effects)
    return _sorted(names, mean.abs(), clear & (mean.abs() > least))


def strong_senders__at_least_two_errors(effects, names, least):
    mean, error, _ = _clear(effects)
    return _sorted(names, mean.abs(), (mean.abs() >= 2 * error) & (mean.abs() >= least))


def strong_senders__sorts_by_clearness(effects, names, least):
    mean, error, clear = _clear(effects)
    return _sorted(names, mean.abs() / (error + 1e-9), clear & (mean.abs() >= least))


def strong_senders__errors_beyond_least(effects, names, least):
    mean, error, _ = _clear(effects)
    return _sorted(names, mean.abs(), mean.abs() - 2 * error >= least)


def receiver_query__gain_before_the_rms(residual, z, z_new, w_o, gain, eps, w_q):
    return _normed((residual + (z_new - z) @ w_o) * gain, torch.ones_like(gain), eps) @ w_q


def receiver_query__norms_the_query(residual, z, z_new, w_o, gain, eps, w_q):
    query = ((residual + (z_new - z) @ w_o) * gain) @ w_q
    return query / (query.square().mean(dim=-1, keepdim=True) + eps).sqrt()


def receiver_query__plain_query(residual, z, z_new, w_o, gain, eps, w_q):
    return _normed(residual, gain, eps) @ w_q


def receiver_query__forgets_eps(residual, z, z_new, w_o, gain, eps, w_q):
    return _normed(residual + (z_new - z) @ w_o, gain, 0.0) @ w_q


def receiver_query__layer_norm(residual, z, z_new, w_o, gain, eps, w_q):
    x = residual + (z_new - z) @ w_o
    return _normed(x - x.mean(dim=-1, keepdim=True), gain, eps) @ w_q


def _last(run, into, values):
    return run(into, values)["output"] - run(into, {})["output"]


def path_effect__receivers_from_the_source_run(run, into, source, sender, receivers, heads):
    other = run(source, {})
    return _last(run, into, {node: other[node] for node in receivers})


def path_effect__last_run_from_the_source(run, into, source, sender, receivers, heads):
    other, plain = run(source, {}), run(into, {})
    brought = run(into, _held(plain, other, sender, heads))
    return run(source, {node: brought[node] for node in receivers})["output"] - plain["output"]


def path_effect__frees_the_heads_that_receive(run, into, source, sender, receivers, heads):
    other, plain = run(source, {}), run(into, {})
    reading = {node.split()[-1] for node in receivers}
    brought = run(into, _held(plain, other, sender, [head for head in heads if head not in reading]))
    return _last(run, into, {node: brought[node] for node in receivers})


def path_effect__first_receiver_alone(run, into, source, sender, receivers, heads):
    other, plain = run(source, {}), run(into, {})
    brought = run(into, _held(plain, other, sender, heads))
    return _last(run, into, {receivers[0]: brought[receivers[0]]})


def path_effect__patches_what_receivers_write(run, into, source, sender, receivers, heads):
    brought = run(into, {f"z {sender}": run(source, {})[f"z {sender}"]})
    written = [f"z {node.split()[-1]}" for node in receivers if node != "output"]
    return _last(run, into, {node: brought[node] for node in written})


def path_effect__adds_what_the_path_brings(run, into, source, sender, receivers, heads):
    other, plain = run(source, {}), run(into, {})
    brought = run(into, _held(plain, other, sender, heads))
    return _last(run, into, {node: plain[node] + brought[node] for node in receivers})


def path_effect__mean_over_prompts(run, into, source, sender, receivers, heads):
    other, plain = run(source, {}), run(into, {})
    brought = run(into, _held(plain, other, sender, heads))
    effect = _last(run, into, {node: brought[node] for node in receivers})
    return effect.mean().expand(len(effect))


def two_directions__share_of_the_clean_score(patched, clean, corrupted):
    top, bottom = float(patched(clean, clean).mean()), float(patched(corrupted, corrupted).mean())
    if top == bottom:
        raise ValueError("no distance")
    return (top - float(patched(clean, corrupted).mean())) / top, (
        float(patched(corrupted, clean).mean()) - bottom
    ) / top


def _ways(patched, clean, corrupted):
    top, bottom = float(patched(clean, clean).mean()), float(patched(corrupted, corrupted).mean())
    if top == bottom:
        raise ValueError("no distance")
    noised, denoised = float(patched(clean, corrupted).mean()), float(patched(corrupted, clean).mean())
    return (top - noised) / (top - bottom), (denoised - bottom) / (top - bottom)


def two_directions__enough_first(patched, clean, corrupted):
    return _ways(patched, clean, corrupted)[::-1]


def two_directions__cut_to_shares(patched, clean, corrupted):
    return tuple(min(max(share, 0.0), 1.0) for share in _ways(patched, clean, corrupted))


def two_directions__first_prompt_alone(patched, clean, corrupted):
    return _ways(lambda into, source: patched(into, source)[:1], clean, corrupted)


def two_directions__exchanges_into_and_source(patched, clean, corrupted):
    return _ways(lambda into, source: patched(source, into), clean, corrupted)


def _mask(circuit, places, n_layers, n_heads, length, shift=0, layers=0):
    batch = len(next(iter(places.values())))
    kept = torch.zeros(n_layers, batch, length, n_heads, dtype=torch.bool)
    for layer, head, place in circuit:
        if place not in places:
            raise ValueError(f"there is no place {place}")
        kept[(layer + layers) % n_layers, torch.arange(batch), (places[place] + shift) % length, head] = True
    return kept


def kept_places__positions_from_one(circuit, places, n_layers, n_heads, length):
    return _mask(circuit, places, n_layers, n_heads, length, shift=-1)


def kept_places__layers_from_one(circuit, places, n_layers, n_heads, length):
    return _mask(circuit, places, n_layers, n_heads, length, layers=-1)


def kept_places__positions_up_to_the_place(circuit, places, n_layers, n_heads, length):
    return _mask(circuit, places, n_layers, n_heads, length).flip(2).cumsum(dim=2).flip(2) > 0


def kept_places__all_layers(circuit, places, n_layers, n_heads, length):
    return _mask(circuit, places, n_layers, n_heads, length).any(dim=0, keepdim=True).repeat(n_layers, 1, 1, 1)


def kept_places__places_of_other_prompts(circuit, places, n_layers, n_heads, length):
    return _mask(circuit, places, n_layers, n_heads, length).flip(1)


def kept_places__toggles(circuit, places, n_layers, n_heads, length):
    kept = torch.zeros_like(_mask([], places, n_layers, n_heads, length))
    for node in circuit:
        kept ^= _mask([node], places, n_layers, n_heads, length)
    return kept


def _ok(circuit, subsets):
    if any(not taken <= circuit for taken in subsets):
        raise ValueError("K outside of the circuit")


def completeness__share_of_the_models_score(score, circuit, model, subsets):
    _ok(circuit, subsets)
    return [abs(score(circuit - k) / (score(model - k) or 1.0) - 1) for k in subsets]


def completeness__scores_what_is_taken_out(score, circuit, model, subsets):
    _ok(circuit, subsets)
    return [abs(score(k) - score(model - k)) for k in subsets]


def completeness__squares(score, circuit, model, subsets):
    _ok(circuit, subsets)
    return [(score(circuit - k) - score(model - k)) ** 2 for k in subsets]


def completeness__takes_all_of_them_out(score, circuit, model, subsets):
    _ok(circuit, subsets)
    k = set().union(*subsets)
    return [abs(score(circuit - k) - score(model - k)) for _ in subsets]


def completeness__allows_any_k_of_the_model(score, circuit, model, subsets):
    _ok(model, subsets)
    return [abs(score(circuit - k) - score(model - k)) for k in subsets]


def _losses(score, circuit, partners, node):
    return [score(circuit - k) - score(circuit - k - {node}) for k in [set(), *partners.get(node, [])]]


def minimality__smallest(score, circuit, partners):
    return {node: min(map(abs, _losses(score, circuit, partners, node))) for node in circuit}


def minimality__largest_loss(score, circuit, partners):
    return {node: max(0.0, *_losses(score, circuit, partners, node)) for node in circuit}


def minimality__first_partner_alone(score, circuit, partners):
    first = {node: sets[:1] for node, sets in partners.items()}
    return {node: max(map(abs, _losses(score, circuit, first, node))) for node in circuit}


def minimality__partners_of_everybody(score, circuit, partners):
    all_sets = [k for sets in partners.values() for k in sets]
    tried = {node: [k - {node} for k in all_sets] for node in circuit}
    return {node: max(map(abs, _losses(score, circuit, tried, node))) for node in circuit}


def minimality__the_node_alone(score, circuit, partners):
    return {node: max(abs(score({node}) - score(k)) for k in [set(), *partners.get(node, [])]) for node in circuit}


def _drawn(circuit, n_heads, draw):
    result = []
    for layer, place in sorted({(layer, place) for layer, _, place in circuit}):
        free = [head for head in range(n_heads) if (layer, head, place) not in circuit]
        count = n_heads - len(free)
        if count > len(free):
            raise ValueError(f"layer {layer}")
        result += [(layer, head, place) for head in draw(free, count)]
    return result


def random_circuit__first_free_heads(circuit, n_heads, seed):
    return _drawn(circuit, n_heads, lambda free, count: free[:count])


def random_circuit__turned_by_the_seed(circuit, n_heads, seed):
    return _drawn(circuit, n_heads, lambda free, count: [free[(k + seed) % len(free)] for k in range(count)])


def random_circuit__the_same_seed_for_each_group(circuit, n_heads, seed):
    return _drawn(circuit, n_heads, lambda free, count: random.Random(seed).sample(free, count))


def random_circuit__never_the_last_head(circuit, n_heads, seed):
    draw = random.Random(seed)
    return _drawn(circuit, n_heads, lambda free, count: draw.sample(free[: max(count, len(free) - 1)], count))


def random_circuit__exchanges_the_places(circuit, n_heads, seed):
    draw = random.Random(seed)
    places = [place for _, _, place in circuit]
    drawn = _drawn(circuit, n_heads, draw.sample)
    return [(layer, head, place) for (layer, head, _), place in zip(drawn, reversed(places), strict=True)]
