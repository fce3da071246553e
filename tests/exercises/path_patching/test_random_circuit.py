"""Checks of path_patching.random_circuit: Mend: what would other heads have given?"""

import random
from collections import Counter

import pytest

from mi_tutor.exercises import path_patching
from mi_tutor.tutor.judge import holds, raises, same

CIRCUIT = [(23, 0, "END"), (23, 1, "END"), (23, 2, "END"), (17, 4, "S2"), (17, 4, "END"), (16, 0, "S1+1")]


def by_place(nodes):
    return dict(Counter((layer, place) for layer, _, place in nodes))


@pytest.mark.exercise("path_patching.random_circuit")
def test_equal_size_layers_and_places(seed):
    """There are as many different nodes at each layer and place as in the circuit."""
    drawn = path_patching.random_circuit(list(CIRCUIT), 9, seed)
    given = {"circuit": CIRCUIT, "n_heads": 9, "seed": seed}
    same(len(drawn), 6, given=given, teach="The circuit has six nodes.", what="size")
    same(by_place(drawn), by_place(CIRCUIT), given=given, teach="Late heads do more than early ones.", what="nodes")


@pytest.mark.exercise("path_patching.random_circuit")
def test_always_different_nodes():
    """In forty draws no node comes twice, none is missing, and all heads exist."""
    for seed in range(40):
        drawn = path_patching.random_circuit(list(CIRCUIT), 9, seed)
        holds(
            len(set(drawn)) == len(drawn),
            "A node comes twice, so this circuit is smaller than the one it is compared with.",
            given={"seed": seed},
            got=drawn,
        )
        holds(
            by_place(drawn) == by_place(CIRCUIT),
            "At some layer and place there are not as many nodes as in the circuit.",
            given={"seed": seed},
            got=by_place(drawn),
            expected=by_place(CIRCUIT),
        )
        holds(all(0 <= head < 9 for _, head, _ in drawn), "Heads are counted from 0 to 8.", given={"seed": seed})


@pytest.mark.exercise("path_patching.random_circuit")
def test_none_of_the_circuit():
    """In forty draws no node of the circuit comes up."""
    for seed in range(40):
        drawn = path_patching.random_circuit(list(CIRCUIT), 9, seed)
        holds(
            not set(drawn) & set(CIRCUIT),
            "A baseline with nodes of the circuit is partly the circuit itself.",
            given={"seed": seed},
            got=sorted(set(drawn) & set(CIRCUIT)),
            expected=[],
        )


@pytest.mark.exercise("path_patching.random_circuit")
def test_every_other_head_comes_up():
    """Over the seeds every head of the layer that is not in the circuit at that place is drawn."""
    found = {node for seed in range(120) for node in path_patching.random_circuit(list(CIRCUIT), 9, seed)}
    for layer, place in ((23, "END"), (17, "S2")):
        same(
            sorted(head for a, head, p in found if (a, p) == (layer, place)),
            [h for h in range(9) if (layer, h, place) not in CIRCUIT],
            given={"layer": layer, "place": place, "seeds": "0 to 119"},
            teach="Every circuit that fits should have a chance.",
            what="heads drawn",
        )


@pytest.mark.exercise("path_patching.random_circuit")
def test_every_set_of_heads_comes_up():
    """Over the seeds every pair of other heads is drawn, neighbours or not, and two groups do not go in step."""
    circuit = [(3, 0, "END"), (3, 1, "END"), (7, 0, "END"), (7, 1, "END")]
    pairs, steps = set(), set()
    for seed in range(200):
        nodes = path_patching.random_circuit(list(circuit), 6, seed)
        third, seventh = (tuple(sorted(head for a, head, _ in nodes if a == layer)) for layer in (3, 7))
        pairs.add(third)
        steps.add(third == seventh)
    same(
        sorted(pairs),
        [(a, b) for a in range(2, 6) for b in range(a + 1, 6)],
        given={"circuit": circuit, "n_heads": 6, "seeds": "0 to 199"},
        teach="A block of neighbours is only some of the circuits that fit.",
        what="pairs drawn in layer 3",
    )
    holds(
        False in steps,
        "Layer 3 and layer 7 always get the same heads: both groups start from the same random state.",
        given={"circuit": circuit, "n_heads": 6, "seeds": "0 to 199"},
    )


@pytest.mark.exercise("path_patching.random_circuit")
def test_a_head_is_taken_at_its_place_only():
    """A head of the circuit is free at another place, where it is no node."""
    circuit = [(2, 0, "END"), (2, 1, "S2")]
    nodes = [node for seed in range(60) for node in path_patching.random_circuit(list(circuit), 3, seed)]
    same(
        [sorted({head for _, head, p in nodes if p == place}) for place in ("END", "S2")],
        [[1, 2], [0, 2]],
        given={"circuit": circuit, "n_heads": 3, "seeds": "0 to 59"},
        teach="2.1 is a node at S2. At END it is one of the other heads, and should have a chance there.",
        what="heads drawn at END, at S2",
    )


@pytest.mark.exercise("path_patching.random_circuit")
def test_one_seed_one_circuit():
    """A seed gives one circuit, seeds differ, and Python's own random state is left alone."""
    random.seed(3)
    expected = random.random()
    random.seed(3)
    first = path_patching.random_circuit(list(CIRCUIT), 9, 5)
    same(random.random(), expected, teach="Use a generator of your own.", what="next random number")
    same(
        path_patching.random_circuit(list(CIRCUIT), 9, 5), first, teach="Two calls with one seed agree.", what="circuit"
    )
    different = {tuple(sorted(path_patching.random_circuit(list(CIRCUIT), 9, seed))) for seed in range(10)}
    holds(len(different) > 3, "Ten seeds give next to no different circuits.", got=len(different))


@pytest.mark.exercise("path_patching.random_circuit")
def test_too_few_other_heads():
    """Where a layer has too few other heads it refuses in words of its own; a layer with just enough is served."""
    same(
        sorted(path_patching.random_circuit([(0, 1, "END"), (0, 2, "END")], 4, 0)),
        [(0, 0, "END"), (0, 3, "END")],
        given={"circuit": [(0, 1, "END"), (0, 2, "END")], "n_heads": 4},
        teach="Heads 0 and 3 are left.",
    )
    said = ""
    with raises(ValueError, teach="Two nodes and one other head: raise a ValueError."):
        try:
            path_patching.random_circuit([(0, 1, "END"), (0, 2, "END")], 3, 0)
        except ValueError as error:
            said = str(error)
            raise
    holds(
        "population" not in said,
        "It is refused, but by Python's own sentence about samples, which names neither layer nor heads. Look whether "
        "there are enough before you draw, and say what is missing.",
        given={"circuit": [(0, 1, "END"), (0, 2, "END")], "n_heads": 3},
        got=said,
    )
