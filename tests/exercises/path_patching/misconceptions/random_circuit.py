"""Wrong answers to path_patching.random_circuit that learners give, with the sentence to say for each."""

import random

from mi_tutor.tutor.misconceptions import misconception, outcome, probe


@probe("path_patching.random_circuit")
def observe_random_circuit(random_circuit):
    """Over many seeds: doubles, nodes of the circuit, layers, places, heads; too few heads; the seed; the world."""
    circuit = [(5, 0, "END"), (5, 1, "END"), (5, 2, "END"), (2, 4, "S2"), (1, 0, "S2")]
    many = [outcome(lambda seed=seed: random_circuit(list(circuit), 9, seed)) for seed in range(60)]
    yield any(drawn == "refused" for drawn in many)
    many = [drawn for drawn in many if drawn != "refused"]
    yield any(len(set(drawn)) < len(drawn) for drawn in many)
    yield any(len(drawn) < len(circuit) for drawn in many)
    yield any(set(drawn) & set(circuit) for drawn in many)
    yield all(sorted(a for a, _, _ in drawn) == [1, 2, 5, 5, 5] for drawn in many)
    yield all(sorted(p for _, _, p in drawn) == ["END"] * 3 + ["S2"] * 2 for drawn in many)
    yield len({tuple(sorted(drawn)) for drawn in many}) > 5
    yield sorted(map(str, outcome(lambda: random_circuit([(0, 1, "x"), (0, 2, "x")], 4, 0))))
    yield outcome(lambda: random_circuit([(0, 1, "x"), (0, 2, "x")], 3, 0)) == "refused"
    state = random.getstate()
    random.seed(1)
    before = random.getstate()
    first = random_circuit(list(circuit), 9, 3)
    yield before == random.getstate()
    yield first == random_circuit(list(circuit), 9, 3)
    random.setstate(state)


def others(circuit, n_heads, layer, place):
    return [(layer, head, place) for head in range(n_heads) if (layer, head, place) not in circuit]


def groups(circuit):
    found = {}
    for layer, _, place in circuit:
        found[layer, place] = found.get((layer, place), 0) + 1
    return sorted(found.items())


@misconception(
    "path_patching.random_circuit",
    says=(
        "Your random circuit may hold nodes of the circuit itself. Then the baseline is good because it is partly what "
        "it is compared with."
    ),
)
def draws_from_all_heads(circuit, n_heads, seed):
    draw = random.Random(seed)
    drawn = []
    for layer, place in sorted({(layer, place) for layer, _, place in circuit}):
        count = sum((a, p) == (layer, place) for a, _, p in circuit)
        if 2 * count > n_heads:
            raise ValueError("too few other heads")
        drawn += [(layer, head, place) for head in draw.sample(range(n_heads), count)]
    return drawn


@misconception(
    "path_patching.random_circuit",
    says="A node can be drawn twice, and the circuit is then smaller than it claims to be.",
)
def draws_twice(circuit, n_heads, seed):
    draw = random.Random(seed)
    drawn = []
    for (layer, place), count in groups(circuit):
        free = others(circuit, n_heads, layer, place)
        if count > len(free):
            raise ValueError("too few other heads")
        drawn += [draw.choice(free) for _ in range(count)]
    return drawn


@misconception(
    "path_patching.random_circuit",
    says=(
        "The numbers of nodes in each layer are not those of the circuit. A head in another layer can do other things; "
        "the baseline is to differ from the circuit in nothing but which heads they are."
    ),
)
def mixes_the_layers(circuit, n_heads, seed):
    draw = random.Random(seed)
    drawn = []
    for place in sorted({p for _, _, p in circuit}):
        layers = sorted({a for a, _, p in circuit if p == place} | {max(a for a, _, _ in circuit)})
        count = sum(p == place for _, _, p in circuit)
        free = [node for layer in layers for node in others(circuit, n_heads, layer, place)]
        if count > len(free):
            raise ValueError("too few other heads")
        drawn += draw.sample(free, count)
    return drawn


@misconception(
    "path_patching.random_circuit",
    says="You do not use the seed, so there is one random circuit only, and a baseline of one draw.",
)
def ignores_the_seed(circuit, n_heads, seed):
    draw = random.Random(0)
    drawn = []
    for (layer, place), count in groups(circuit):
        free = others(circuit, n_heads, layer, place)
        if count > len(free):
            raise ValueError("too few other heads")
        drawn += draw.sample(free, count)
    return drawn


@misconception(
    "path_patching.random_circuit",
    says=(
        "You use Python's own generator. Everything random that comes after your function is changed by it. The first "
        "line has made one for you."
    ),
)
def seeds_the_world(circuit, n_heads, seed):
    random.seed(seed)
    drawn = []
    for (layer, place), count in groups(circuit):
        free = others(circuit, n_heads, layer, place)
        if count > len(free):
            raise ValueError("too few other heads")
        drawn += random.sample(free, count)
    return drawn


@misconception(
    "path_patching.random_circuit",
    says=(
        "Where a layer has too few other heads you go on all the same, and nobody is told. What comes out then is no "
        "baseline of the kind that the contract promises."
    ),
)
def takes_what_there_is(circuit, n_heads, seed):
    draw = random.Random(seed)
    drawn = []
    for (layer, place), count in groups(circuit):
        free = others(circuit, n_heads, layer, place)
        drawn += draw.sample(free, min(count, len(free)))
    return drawn


@misconception(
    "path_patching.random_circuit",
    says=("Some of your circuits have too few nodes. Are nodes left out after the draw? Draw from what may be taken."),
)
def filters_afterwards(circuit, n_heads, seed):
    return [node for node in draws_from_all_heads(circuit, n_heads, seed) if node not in circuit]


@misconception(
    "path_patching.random_circuit",
    says=(
        "Two calls with one seed give two circuits: you draw with Python's own generator. The first line has made one "
        "from the seed."
    ),
)
def draws_from_the_world(circuit, n_heads, seed):
    drawn = []
    for (layer, place), count in groups(circuit):
        free = others(circuit, n_heads, layer, place)
        if count > len(free):
            raise ValueError("too few other heads")
        drawn += random.sample(free, count)
    return drawn
