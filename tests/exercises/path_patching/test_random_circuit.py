"""Checks of path_patching.random_circuit: Mend: a baseline that is half the circuit."""

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
    drawn = path_patching.random_circuit(CIRCUIT, 9, seed)
    given = {"circuit": CIRCUIT, "n_heads": 9, "seed": seed}
    same(len(set(drawn)), 6, given=given, teach="A node that comes twice makes the circuit smaller.", what="size")
    same(by_place(drawn), by_place(CIRCUIT), given=given, teach="Late heads do more than early ones.", what="nodes")


@pytest.mark.exercise("path_patching.random_circuit")
def test_always_different_nodes():
    """In forty draws no node ever comes twice, and all heads exist."""
    for seed in range(40):
        drawn = path_patching.random_circuit(CIRCUIT, 9, seed)
        holds(
            len(set(drawn)) == len(CIRCUIT),
            "A node comes twice, so this circuit is smaller than the one it is compared with.",
            given={"seed": seed},
            got=drawn,
        )
        holds(all(0 <= head < 9 for _, head, _ in drawn), "Heads are counted from 0 to 8.", given={"seed": seed})


@pytest.mark.exercise("path_patching.random_circuit")
def test_none_of_the_circuit():
    """In forty draws no node of the circuit comes up."""
    for seed in range(40):
        drawn = path_patching.random_circuit(CIRCUIT, 9, seed)
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
    found = {node for seed in range(120) for node in path_patching.random_circuit(CIRCUIT, 9, seed)}
    for layer, place in ((23, "END"), (17, "S2")):
        same(
            sorted(head for a, head, p in found if (a, p) == (layer, place)),
            [h for h in range(9) if (layer, h, place) not in CIRCUIT],
            given={"layer": layer, "place": place, "seeds": "0 to 119"},
            teach="Every circuit that fits should have a chance.",
            what="heads drawn",
        )


@pytest.mark.exercise("path_patching.random_circuit")
def test_one_seed_one_circuit():
    """A seed gives one circuit, seeds differ, and Python's own random state is left alone."""
    random.seed(3)
    expected = random.random()
    random.seed(3)
    first = path_patching.random_circuit(CIRCUIT, 9, 5)
    same(random.random(), expected, teach="Use a generator of your own.", what="next random number")
    same(path_patching.random_circuit(CIRCUIT, 9, 5), first, teach="Two calls with one seed agree.", what="circuit")
    different = {tuple(sorted(path_patching.random_circuit(CIRCUIT, 9, seed))) for seed in range(10)}
    holds(len(different) > 3, "Ten seeds give next to no different circuits.", got=len(different))


@pytest.mark.exercise("path_patching.random_circuit")
def test_too_few_other_heads():
    """Where a layer has too few other heads it refuses; a layer with just enough is served."""
    same(
        sorted(path_patching.random_circuit([(0, 1, "END"), (0, 2, "END")], 4, 0)),
        [(0, 0, "END"), (0, 3, "END")],
        given={"circuit": [(0, 1, "END"), (0, 2, "END")], "n_heads": 4},
        teach="Heads 0 and 3 are left.",
    )
    with raises(ValueError, teach="Two nodes and one other head: raise a ValueError."):
        path_patching.random_circuit([(0, 1, "END"), (0, 2, "END")], 3, 0)
