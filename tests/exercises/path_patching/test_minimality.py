"""Checks of path_patching.minimality: Is every node needed?"""

import pytest

from mi_tutor.exercises import path_patching
from mi_tutor.tutor.judge import same, seeded


def either(kept):
    """a or b give 5, c takes 2 away, idle does nothing."""
    kept = set(kept)
    return 5.0 * bool({"a", "b"} & kept) - 2.0 * ("c" in kept)


@pytest.mark.exercise("path_patching.minimality")
def test_alone_they_stand_in_for_each_other():
    """With the empty set only, two heads that do the same job both look useless."""
    same(
        path_patching.minimality(either, {"a", "b", "c", "idle"}, {}),
        {"a": 0.0, "b": 0.0, "c": 2.0, "idle": 0.0},
        given={"F": "5 if a or b is kept, minus 2 if c is"},
        teach="Without partners K is empty: |F(C without v) - F(C)|. The size counts, not the sign.",
    )


@pytest.mark.exercise("path_patching.minimality")
def test_a_partner_brings_it_out():
    """With its partner gone, each of the two is worth 5."""
    partners = {"a": [{"b"}], "b": [{"c"}, {"a", "c"}], "idle": [{"a"}, {"a", "b"}]}
    same(
        path_patching.minimality(either, {"a", "b", "c", "idle"}, partners),
        {"a": 5.0, "b": 5.0, "c": 2.0, "idle": 0.0},
        given={"F": "5 if a or b is kept, minus 2 if c is", "partners": partners},
        teach="Both runs are without K; one is without v as well. The largest over all K counts.",
    )


@pytest.mark.exercise("path_patching.minimality")
def test_a_node_has_partners_of_its_own():
    """A set that is listed for one node is not tried for another."""
    partners = {"a": [{"b"}], "c": [{"a"}]}
    same(
        path_patching.minimality(either, {"a", "b", "c"}, {node: list(sets) for node, sets in partners.items()}),
        {"a": 5.0, "b": 0.0, "c": 2.0},
        given={"F": "5 if a or b is kept, minus 2 if c is", "partners": partners},
        teach="b has no partners, so only the empty K is tried for it. The set {a} belongs to c.",
    )


@pytest.mark.exercise("path_patching.minimality")
def test_the_empty_set_is_tried_too():
    """A partner that does the damage itself does not hide what the node does alone."""

    def both(kept):
        return 4.0 * ({"a", "b"} <= set(kept))

    same(
        path_patching.minimality(both, {"a", "b"}, {"a": [{"b"}]}),
        {"a": 4.0, "b": 4.0},
        given={"F": "4 if a and b are both kept", "partners": {"a": [{"b"}]}},
        teach="Without b, a makes no difference; with b it makes 4. The empty K belongs to the sets that are tried.",
    )


@pytest.mark.exercise("path_patching.minimality")
def test_each_k_by_itself():
    """Two partner sets are two settings; together they can hide the node."""

    def score(kept):
        kept = set(kept)
        return 3.0 * bool({"a", "b"} & kept) * ("c" in kept)

    partners = {"a": [{"b"}, {"c"}]}
    same(
        path_patching.minimality(score, {"a", "b", "c"}, partners),
        {"a": 3.0, "b": 0.0, "c": 3.0},
        given={"F": "3 if c is kept and a or b is", "partners": partners},
        teach="Without b, a is worth 3. Without c nothing is worth anything, and without both neither.",
    )
    same(partners, {"a": [{"b"}, {"c"}]}, teach="The lists of partners belong to the caller.", what="partners")


@pytest.mark.exercise("path_patching.minimality")
def test_help_here_and_harm_there():
    """A node counts by its largest size, whichever sign the difference has in that setting."""

    def score(kept):
        table = {(True, True): 1.0, (True, False): -3.0, (False, True): 0.0, (False, False): 0.0}
        turned = {(True, True): -1.0, (True, False): 3.0, (False, True): 0.0, (False, False): 0.0}
        return table["a" in kept, "b" in kept] + turned["c" in kept, "d" in kept]

    partners = {"a": [{"b"}], "c": [{"d"}]}
    same(
        path_patching.minimality(score, set("abcd"), {node: list(sets) for node, sets in partners.items()}),
        {"a": 3.0, "b": 4.0, "c": 3.0, "d": 4.0},
        given={"F": "a adds 1 with b and -3 without it; c adds -1 with d and 3 without it", "partners": partners},
        teach="With b, a makes 1; without b it makes -3, and the size 3 counts. First the sizes, then the largest.",
    )


@pytest.mark.exercise("path_patching.minimality")
def test_against_a_loop(seed):
    """On a random model it agrees with a loop."""
    import torch

    table = torch.randn(16, generator=seeded(seed)).tolist()

    def score(kept):
        return table[sum(1 << "abcd".index(node) for node in kept)]

    circuit, partners = set("abcd"), {"a": [{"b"}, {"c", "d"}], "d": [{"a"}]}
    expected = {}
    for node in "abcd":
        sizes = []
        for taken in [set()] + partners.get(node, []):
            left = {other for other in circuit if other not in taken}
            sizes.append(abs(score({other for other in left if other != node}) - score(left)))
        expected[node] = max(sizes)
    same(
        path_patching.minimality(score, circuit, partners),
        expected,
        given={"partners": partners},
        teach="The largest over the empty set and the partners.",
    )
    same(sorted(circuit), list("abcd"), teach="Build new sets; do not take nodes out of the given one.", what="circuit")
