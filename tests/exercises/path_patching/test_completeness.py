"""Checks of path_patching.completeness: Do circuit and model break alike?"""

import pytest

from mi_tutor.exercises import path_patching
from mi_tutor.tutor.judge import raises, same, seeded

WORTH = {"a": 1.0, "b": 2.0, "c": 4.0, "x": 8.0, "y": 0.5}


def worth(kept):
    """A model in which every node adds something."""
    return sum(WORTH[node] for node in kept)


def with_backup(kept):
    """x stands in where b is gone: b or x are worth 3, and a is worth 1."""
    return 3.0 * bool({"b", "x"} & set(kept)) + 1.0 * ("a" in kept)


@pytest.mark.exercise("path_patching.completeness")
def test_what_is_missing_shows_in_every_set():
    """In a model that adds up, the gap is the worth of the nodes outside, whatever is taken out."""
    same(
        path_patching.completeness(worth, {"a", "b", "c"}, set(WORTH), [set(), {"a"}, {"b", "c"}]),
        [8.5, 8.5, 8.5],
        given={"worth of nodes": WORTH, "circuit": ["a", "b", "c"]},
        teach="x and y are missing. |7 - 15.5|, |6 - 14.5|, |1 - 9.5|.",
    )


@pytest.mark.exercise("path_patching.completeness")
def test_a_backup_shows_only_when_it_is_called():
    """A circuit without the backup x is faithful, and breaks where the model does not."""
    same(
        path_patching.completeness(with_backup, {"a", "b"}, {"a", "b", "x"}, [set(), {"b"}, {"a"}, {"a", "b"}]),
        [0.0, 3.0, 0.0, 3.0],
        given={"F": "3 if b or x is kept, plus 1 if a is", "circuit": ["a", "b"], "model": ["a", "b", "x"]},
        teach="Take K out of both, circuit and model, and compare the two scores.",
    )


@pytest.mark.exercise("path_patching.completeness")
def test_a_circuit_without_the_brake():
    """A circuit that lacks a node which holds the model down scores more than the model; the gap is positive."""

    def with_brake(kept):
        return 3.0 * ("a" in kept) + 1.0 * ("b" in kept) - 2.0 * ({"a", "x"} <= set(kept))

    same(
        path_patching.completeness(with_brake, {"a", "b"}, {"a", "b", "x"}, [set(), {"a"}, {"b"}]),
        [2.0, 0.0, 2.0],
        given={"F": "3 if a is kept, plus 1 if b is, minus 2 if a and x are", "circuit": ["a", "b"]},
        teach="|4 - 2|, |1 - 1|, |3 - 1|: a distance has no sign.",
    )


@pytest.mark.exercise("path_patching.completeness")
def test_k_is_part_of_the_circuit():
    """A K with a node outside of the circuit is refused."""
    with raises(ValueError, teach="Completeness is defined for K inside the circuit: raise a ValueError."):
        path_patching.completeness(worth, {"a", "b"}, set(WORTH), [{"a"}, {"b", "x"}])


@pytest.mark.exercise("path_patching.completeness")
def test_the_sets_are_left_alone(seed):
    """On a random K it agrees with arithmetic, and the sets that were given are not changed."""
    import torch

    weights = (torch.rand(6, generator=seeded(seed)) + 0.2).tolist()
    worths = dict(zip("abcdef", weights, strict=True))

    def score(kept):
        return sum(worths[node] for node in kept) ** 2

    circuit, model, taken = set("abcd"), set("abcdef"), {"b", "d"}
    expected = abs(score(set("ac")) - score(set("acef")))
    same(
        path_patching.completeness(score, circuit, model, [taken]),
        [expected],
        given={"worth of nodes": worths, "K": sorted(taken)},
        teach="F(C without K) against F(M without K).",
        rtol=1e-3,
    )
    same(sorted(circuit), list("abcd"), teach="Build new sets; do not take nodes out of the given one.", what="circuit")
