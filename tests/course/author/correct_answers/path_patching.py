"""Correct answers to chapter 09, written otherwise than the reference."""

import functools
import itertools
import math
import random
import statistics
from collections import Counter, defaultdict

import torch


def direct_to_output__loop_over_heads(run, into, source, sender, heads):
    plain = run(into, {})
    fixed = {}
    for head in heads:
        name = "z " + head
        fixed[name] = run(source, {})[name] if head == sender else plain[name]
    patched = run(into, fixed)
    return patched["output"].sub(plain["output"])


def direct_to_output__sender_put_in_last(run, into, source, sender, heads):
    fixed = {name: value.clone() for name, value in run(into, {}).items() if name in {f"z {head}" for head in heads}}
    fixed.update({f"z {sender}": run(source, {})[f"z {sender}"]})
    return -(run(into, {})["output"] - run(into, fixed)["output"])


def _hold(z, hook, value):
    return value


def freezing_hooks__partial(plain, other, sender):
    hooks = []
    for layer in range(plain.shape[0]):
        value = plain[layer].clone()
        if layer == sender[0]:
            value[..., sender[1], :] = other[layer][..., sender[1], :]
        hooks.append((f"blocks.{layer}.attn.hook_z", functools.partial(_hold, value=value)))
    return hooks


def freezing_hooks__where_inside_the_hook(plain, other, sender):
    chosen = (torch.arange(plain.shape[3]) == sender[1])[:, None]

    def of(layer):
        def hold(z, hook=None):
            return torch.where(chosen, other[layer], plain[layer]) if layer == sender[0] else plain[layer].clone()

        return hold

    return [("blocks." + str(layer) + ".attn.hook_z", of(layer)) for layer in range(len(plain))]


def freezing_hooks__in_place_and_returned(plain, other, sender):
    def hold(z, hook, layer=0):
        z[:] = plain[layer]
        if layer == sender[0]:
            z[:, :, sender[1]] = other[layer, :, :, sender[1]]
        return z

    names = [f"blocks.{layer}.attn.hook_z" for layer in range(len(plain))]
    return [(name, lambda z, hook, layer=layer: hold(z, hook, layer)) for layer, name in enumerate(names)]


def direct_path__einsum_in_float64(z, z_new, w_o, residual, gain, eps, direction):
    before = residual.double()
    after = before + torch.einsum("bh,hm->bm", z_new.double(), w_o.double()) - z.double() @ w_o.double()
    scores = []
    for x in (before, after):
        scale = torch.rsqrt(torch.einsum("bm,bm->b", x, x) / x.shape[1] + eps)
        scores.append(torch.einsum("bm,m,bm,b->b", x, gain.double(), direction.double(), scale))
    return scores[1] - scores[0]


def direct_path__prompt_by_prompt(z, z_new, w_o, residual, gain, eps, direction):
    changes = []
    for k in range(len(z)):
        old = residual[k]
        new = old - torch.mv(w_o.T, z[k]) + torch.mv(w_o.T, z_new[k])
        first, second = (torch.dot(x * gain, direction[k]) / math.sqrt(float((x**2).mean()) + eps) for x in (old, new))
        changes.append(second - first)
    return torch.stack(changes)


def strong_senders__plain_python(effects, names, least):
    if effects.shape[1] <= 1:
        raise ValueError("more prompts, please")
    kept = []
    for name, row in zip(names, effects.tolist(), strict=True):
        mean, error = statistics.fmean(row), statistics.stdev(row) / math.sqrt(len(row))
        if abs(mean) >= least and abs(mean) > 2 * error:
            kept.append((abs(mean), name))
    return [name for _, name in sorted(kept, key=lambda pair: pair[0], reverse=True)]


def strong_senders__variance_over_n(effects, names, least):
    n = effects.size(1)
    if n < 2:
        raise ValueError("one prompt has no spread")
    mean = effects.double().sum(1) / n
    squares = (effects.double() - mean[:, None]).pow(2).sum(1) / (n * (n - 1))
    passing = torch.nonzero((mean.abs() >= least) & (mean.square() > 4 * squares)).flatten().tolist()
    passing.sort(key=lambda row: -abs(float(mean[row])))
    return [names[row] for row in passing]


def receiver_query__project_then_divide(residual, z, z_new, w_o, gain, eps, w_q):
    x = residual.double() - (z - z_new).double() @ w_o.double()
    scale = torch.sqrt(x.pow(2).sum(dim=1) / x.shape[1] + eps)
    return ((w_q.double() * gain.double()[:, None]).T @ x.T / scale).T  # a transposed view


def receiver_query__row_by_row(residual, z, z_new, w_o, gain, eps, w_q):
    result = torch.empty(len(z), w_q.shape[1])
    for k, x in enumerate(residual.unbind()):
        x = x.clone()
        x -= torch.einsum("h,hm->m", z[k], w_o)
        x += torch.einsum("h,hm->m", z_new[k], w_o)
        result[k] = (gain * x * torch.rsqrt(torch.linalg.vector_norm(x) ** 2 / len(x) + eps)) @ w_q
    return result


def path_effect__step_by_step(run, into, source, sender, receivers, heads):
    plain = run(into, {})
    held = {}
    for head in heads:
        held["z " + head] = plain["z " + head]
    held["z " + sender] = run(source, {})["z " + sender]
    on_the_way = run(into, held)
    last = {}
    for receiver in receivers:
        last[receiver] = on_the_way[receiver].clone()
    return run(into, last)["output"] - plain["output"]


def path_effect__through_dict_filters(run, into, source, sender, receivers, heads):
    own = f"z {sender}"
    runs = [run(prompts, {}) for prompts in (into, source)]
    held = {k: v for k, v in runs[0].items() if k in {f"z {h}" for h in heads}}
    held[own] = runs[1][own]
    third = run(into, held)
    fourth = run(into, dict(zip(receivers, map(third.__getitem__, receivers), strict=True)))
    return torch.stack([fourth["output"], -runs[0]["output"]]).sum(0)


def effect_parts__means_first_in_float64(plain, direct, indirect, both):
    base, a, b, c = (torch.mean(x.double()).item() for x in (plain, direct, indirect, both))
    return c - base, a - base, b - base, c - a - b + base


def effect_parts__in_place_and_stacked(plain, direct, indirect, both):
    changes = torch.stack([both, direct, indirect])
    changes -= plain
    total, straight, around = changes.mean(1).tolist()
    return (total, straight, around, float((changes[0] - changes[1] - changes[2]).mean()))


def two_directions__one_run_a_direction_first(patched, clean, corrupted):
    def mean(into, source):
        values = patched(into, source).double()
        return (values.sum() / values.numel()).item()

    noised, denoised = mean(clean, corrupted), mean(corrupted, clean)
    distance = mean(clean, clean) - mean(corrupted, corrupted)
    if distance == 0:
        raise ValueError("no distance")
    return 1 - (noised - mean(corrupted, corrupted)) / distance, 1 - (mean(clean, clean) - denoised) / distance


def two_directions__table_of_runs(patched, clean, corrupted):
    runs = {"a": clean, "b": corrupted}
    f = {x + y: statistics.fmean(patched(runs[x], runs[y]).tolist()) for x, y in itertools.product("ab", "ab")}
    try:
        return (f["aa"] - f["ab"]) / (f["aa"] - f["bb"]), (f["ba"] - f["bb"]) / (f["aa"] - f["bb"])
    except ZeroDivisionError as error:
        raise ValueError("the plain runs agree") from error


def which_conclusion__spelled_with_spaces():
    return " c "


def which_conclusion__capital():
    return "C"


def kept_places__one_hot(circuit, places, n_layers, n_heads, length):
    batch = next(iter(places.values())).shape[0]
    counts = torch.zeros(n_layers, n_heads, batch, length)
    for layer, head, place in circuit:
        if place not in places:
            raise ValueError(f"{place} is nowhere")
        counts[layer, head] += torch.nn.functional.one_hot(places[place].long(), length)
    return (counts > 0).permute(0, 2, 3, 1)  # not contiguous


def kept_places__every_prompt(circuit, places, n_layers, n_heads, length):
    for place in {node[2] for node in circuit} - set(places):
        raise ValueError(f"where is {place}?")
    batch = {len(value) for value in places.values()}.pop()
    mask = torch.full((n_layers, batch, length, n_heads), False)
    for (layer, head, place), prompt in itertools.product(circuit, range(batch)):
        mask[layer, prompt, places[place][prompt].item(), head] = True
    return mask


def faithfulness__sums(circuit, model):
    if sum(model.tolist()) == 0:
        raise ValueError("F(M) is 0")
    return abs(sum(model.double().tolist()) - sum(circuit.double().tolist())) / len(model), (
        circuit.double().sum() / model.double().sum()
    ).item()


def faithfulness__mean_difference(circuit, model):
    base = model.mean()
    if not base:
        raise ValueError("no share of nothing")
    return (circuit - model).mean().abs().item(), (1 + (circuit - model).mean() / base).item()


def random_circuit__shuffled_heads(circuit, n_heads, seed):
    draw = random.Random(seed)
    wanted = Counter((layer, place) for layer, _, place in circuit)
    result = []
    for (layer, place), count in wanted.items():
        heads = [head for head in range(n_heads) if (layer, head, place) not in set(circuit)]
        if len(heads) < count:
            raise ValueError(f"too few heads in layer {layer}")
        draw.shuffle(heads)
        result.extend((layer, head, place) for head in heads[:count])
    return result


def random_circuit__generator_of_torch(circuit, n_heads, seed):
    generator, used = torch.Generator().manual_seed(seed), defaultdict(list)
    for layer, head, place in circuit:
        used[layer, place].append(head)
    result = []
    for (layer, place), heads in used.items():
        if 2 * len(heads) > n_heads:
            raise ValueError(f"layer {layer}: {n_heads - len(heads)} heads are left")
        order = [head for head in torch.randperm(n_heads, generator=generator).tolist() if head not in heads]
        result += [(layer, head, place) for head in order[: len(heads)]]
    return sorted(result)


def completeness__loop(score, circuit, model, subsets):
    gaps = []
    for taken in subsets:
        if not circuit.issuperset(taken):
            raise ValueError("K is no part of the circuit")
        without = [{node for node in nodes if node not in taken} for nodes in (circuit, model)]
        gaps.append(max(score(without[0]), score(without[1])) - min(score(without[0]), score(without[1])))
    return gaps


def completeness__discards_from_copies(score, circuit, model, subsets):
    gaps = []
    for taken in subsets:
        small, large = set(circuit), set(model)
        for node in taken:
            if node not in small:
                raise ValueError(f"{node} is not in the circuit")
            small.discard(node)
            large.discard(node)
        gaps.append(math.fabs(score(large) - score(small)))
    return gaps


def minimality__loops(score, circuit, partners):
    result = {}
    for node in circuit:
        result[node] = abs(score(circuit - {node}) - score(circuit))
        for taken in partners.get(node, ()):
            left = {other for other in circuit if other not in taken}
            result[node] = max(result[node], abs(score(left) - score(left - {node})))
    return result


def minimality__tensor_of_losses(score, circuit, partners):
    result = {}
    for node in circuit:
        settings = [frozenset(), *map(frozenset, partners.get(node, []))]
        losses = [score(circuit.difference(k)) - score(circuit.difference(k, [node])) for k in settings]
        result[node] = torch.tensor(losses, dtype=torch.float64).abs().max().item()
    return dict(sorted(result.items(), reverse=True))
