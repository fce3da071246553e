"""Wrong answers to circuits.control_heads that learners give, with the sentence to say for each."""

import torch

from mi_tutor.tutor.misconceptions import misconception, probe


@probe("circuits.control_heads", atol=0.12, rtol=0.0)
def observe_control_heads(control_heads):
    """Over many draws: layers kept? overlap? repeats? how often is one head drawn? the global state? too few heads?"""
    tested = [(3, 0), (3, 1), (8, 5)]
    draws = [control_heads(tested, 6, seed) for seed in range(120)]
    yield sum(sorted(layer for layer, _ in draw) == [3, 3, 8] for draw in draws) / 120
    yield float(any(set(draw) & set(tested) for draw in draws))
    yield float(any(len(set(draw)) < len(draw) for draw in draws))
    yield sum((3, 4) in draw for draw in draws) / 120
    alike = [control_heads([(3, 0), (8, 0)], 6, seed) for seed in range(120)]
    yield sum(len({head for _, head in draw}) == 1 for draw in alike) / 120
    torch.manual_seed(0)
    one = control_heads(tested, 6, 7)
    two = control_heads(tested, 6, 7)
    yield float(sorted(one) == sorted(two))
    torch.manual_seed(0)
    free = torch.rand(1).item()
    torch.manual_seed(0)
    control_heads(tested, 6, 7)
    yield float(torch.rand(1).item() == free)
    try:
        control_heads([(0, 0), (0, 1), (0, 2)], 4, 0)
        yield "accepted"
    except ValueError:
        yield "refused"


@misconception(
    "circuits.control_heads",
    says=(
        "You draw from all layers up to the last one tested. A random head is then mostly in a layer without tested "
        "heads, and a difference may come from the layer alone."
    ),
)
def draws_from_any_layer(heads, n_heads, seed):
    generator = torch.Generator().manual_seed(seed)
    layers = range(max(layer for layer, _ in heads) + 1)
    others = [(layer, head) for layer in layers for head in range(n_heads) if (layer, head) not in heads]
    if len(others) < len(heads):
        raise ValueError("There are too few other heads for a control.")
    order = torch.randperm(len(others), generator=generator)[: len(heads)]
    return [others[i] for i in order.tolist()]


@misconception(
    "circuits.control_heads",
    says=(
        "Heads under test can turn up in their own control. Then the control does some of the damage that you want to "
        "compare it with."
    ),
)
def may_draw_the_tested_heads(heads, n_heads, seed):
    generator = torch.Generator().manual_seed(seed)
    control = []
    for layer in sorted({layer for layer, _ in heads}):
        needed = sum(at == layer for at, _ in heads)
        if n_heads - needed < needed:
            raise ValueError("There are too few other heads for a control.")
        control += [(layer, head) for head in torch.randperm(n_heads, generator=generator)[:needed].tolist()]
    return control


@misconception(
    "circuits.control_heads",
    says=(
        "You draw each head on its own and can draw the same one twice. A control with fewer heads than the test does "
        "less damage for that reason alone."
    ),
)
def draws_with_replacement(heads, n_heads, seed):
    generator = torch.Generator().manual_seed(seed)
    control = []
    for layer, _ in heads:
        others = [head for head in range(n_heads) if (layer, head) not in heads]
        if len(others) < sum(at == layer for at, _ in heads):
            raise ValueError("There are too few other heads for a control.")
        control.append((layer, others[int(torch.randint(len(others), (1,), generator=generator))]))
    return control


@misconception(
    "circuits.control_heads",
    says=(
        "You take the first free heads of the layer. Their order is no lottery: every seed gives the same control, and "
        "one control says nothing about how much controls vary."
    ),
)
def takes_the_first_free_ones(heads, n_heads, seed):
    control = []
    for layer in sorted({layer for layer, _ in heads}):
        tested = {head for at, head in heads if at == layer}
        others = [head for head in range(n_heads) if head not in tested]
        if len(others) < len(tested):
            raise ValueError("There are too few other heads for a control.")
        control += [(layer, head) for head in others[: len(tested)]]
    return control


@misconception(
    "circuits.control_heads",
    says=(
        "You seed torch's global random state. Everything random that runs after your function is then changed by it. "
        "Use a torch.Generator of your own."
    ),
)
def seeds_the_whole_world(heads, n_heads, seed):
    torch.manual_seed(seed)
    control = []
    for layer in sorted({layer for layer, _ in heads}):
        tested = {head for at, head in heads if at == layer}
        others = [head for head in range(n_heads) if head not in tested]
        if len(others) < len(tested):
            raise ValueError("There are too few other heads for a control.")
        control += [(layer, others[i]) for i in torch.randperm(len(others))[: len(tested)].tolist()]
    return control


@misconception(
    "circuits.control_heads",
    says=(
        "Where a layer has too few other heads you return a smaller control without a word. A smaller control does "
        "less damage, and the comparison flatters the heads under test."
    ),
)
def returns_fewer_silently(heads, n_heads, seed):
    generator = torch.Generator().manual_seed(seed)
    control = []
    for layer in sorted({layer for layer, _ in heads}):
        tested = {head for at, head in heads if at == layer}
        others = [head for head in range(n_heads) if head not in tested]
        order = torch.randperm(len(others), generator=generator)[: len(tested)]
        control += [(layer, others[i]) for i in order.tolist()]
    return control


@misconception(
    "circuits.control_heads",
    says=(
        "In each layer you start a generator anew, with the same seed. So layers with the same number of tested heads "
        "always draw the same places, and most fair controls never come up."
    ),
)
def starts_anew_in_each_layer(heads, n_heads, seed):
    control = []
    for layer in sorted({layer for layer, _ in heads}):
        generator = torch.Generator().manual_seed(seed)
        tested = {head for at, head in heads if at == layer}
        others = [head for head in range(n_heads) if head not in tested]
        if len(others) < len(tested):
            raise ValueError("There are too few other heads for a control.")
        order = torch.randperm(len(others), generator=generator)[: len(tested)]
        control += [(layer, others[i]) for i in order.tolist()]
    return control


@misconception(
    "circuits.control_heads",
    says=(
        "Your control comes from the right layers, but all of them are drawn from together. So one layer may get too "
        "many and another none. Draw in each layer as many as are under test there."
    ),
)
def draws_from_the_tested_layers_together(heads, n_heads, seed):
    generator = torch.Generator().manual_seed(seed)
    layers = sorted({layer for layer, _ in heads})
    others = [(layer, head) for layer in layers for head in range(n_heads) if (layer, head) not in heads]
    if len(others) < len(heads):
        raise ValueError("There are too few other heads for a control.")
    order = torch.randperm(len(others), generator=generator)[: len(heads)]
    return [others[i] for i in order.tolist()]
