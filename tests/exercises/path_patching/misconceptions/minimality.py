"""Wrong answers to path_patching.minimality that learners give, with the sentence to say for each."""

from mi_tutor.tutor.misconceptions import misconception, outcome, probe


@probe("path_patching.minimality")
def observe_minimality(minimality):
    """Two nodes that stand in for each other, one that holds down, one that does nothing, one with bad partners."""

    def score(kept):
        kept = set(kept)
        alone = 5.0 * bool({"a", "b"} & kept) - 2.0 * ("c" in kept) + 4.0 * ({"d", "e"} <= kept)
        return alone + 6.0 * bool({"g", "h"} & kept) * ("i" in kept)

    partners = {
        "a": [{"b"}, {"c"}],
        "b": [{"c"}, {"a", "c"}],
        "d": [{"e"}],
        "c": [{"a"}],
        "e": [{"f"}, {"d"}],
        "g": [{"h"}, {"i"}],
    }
    yield outcome(lambda: minimality(score, set("abcdefghi"), partners))

    def turning(kept):
        return 1.0 * ({"a", "b"} <= set(kept)) - 3.0 * ("a" in kept and "b" not in kept)

    yield outcome(lambda: minimality(turning, {"a", "b"}, {"a": [{"b"}]}))


@misconception(
    "path_patching.minimality",
    says=(
        "Only the empty K is tried. Nodes that stand in for each other then all look useless, although the circuit "
        "needs one of them."
    ),
)
def tries_no_partners(score, circuit, partners):
    return {v: abs(score(circuit - {v}) - score(circuit)) for v in circuit}


@misconception(
    "path_patching.minimality",
    says="Without the empty K: where a partner has done the damage already, the node looks useless.",
)
def forgets_the_empty_set(score, circuit, partners):
    return {
        v: max(abs(score(circuit - k - {v}) - score(circuit - k)) for k in (partners.get(v) or [set()]))
        for v in circuit
    }


@misconception(
    "path_patching.minimality",
    says=(
        "You compare with the whole circuit. Then the damage done by K counts as the node's. Both runs are without K; "
        "only the node makes the difference."
    ),
)
def compares_with_the_whole_circuit(score, circuit, partners):
    return {
        v: max(abs(score(circuit - k - {v}) - score(circuit)) for k in [set(), *partners.get(v, [])]) for v in circuit
    }


@misconception(
    "path_patching.minimality",
    says="Your differences have a sign, and a node that holds the answer down never counts as needed. The size counts.",
)
def keeps_the_sign(score, circuit, partners):
    return {
        v: max(score(circuit - k) - score(circuit - k - {v}) for k in [set(), *partners.get(v, [])]) for v in circuit
    }


@misconception(
    "path_patching.minimality",
    says="You average over the sets K. One setting in which the node matters is enough to need it.",
)
def averages_over_sets(score, circuit, partners):
    found = {}
    for v in circuit:
        sets = [set(), *partners.get(v, [])]
        found[v] = sum(abs(score(circuit - k - {v}) - score(circuit - k)) for k in sets) / len(sets)
    return found


@misconception(
    "path_patching.minimality",
    says="Only nodes with partners get a score. Nodes without partners are to be judged, too, with the empty set.",
)
def only_nodes_with_partners(score, circuit, partners):
    return {v: max(abs(score(circuit - k - {v}) - score(circuit - k)) for k in [set(), *partners[v]]) for v in partners}


@misconception(
    "path_patching.minimality",
    says="Each K replaces the result of the one before, so the last one decides. The largest counts.",
)
def the_last_set_wins(score, circuit, partners):
    found = {}
    for v in circuit:
        for k in [set(), *partners.get(v, [])]:
            found[v] = abs(score(circuit - k - {v}) - score(circuit - k))
    return found


@misconception(
    "path_patching.minimality",
    says="You take all partner sets of a node out together. Each K is a setting of its own.",
)
def one_union(score, circuit, partners):
    found = {}
    for v in circuit:
        union = set().union(*partners.get(v, []))
        found[v] = max(abs(score(circuit - k - {v}) - score(circuit - k)) for k in (set(), union))
    return found


@misconception(
    "path_patching.minimality",
    says=(
        "You look for the largest signed difference and take its size afterwards. A node that helps a little in one "
        "setting and hurts much in another is then judged by the wrong one."
    ),
)
def takes_the_size_last(score, circuit, partners):
    return {
        v: abs(max(score(circuit - k) - score(circuit - k - {v}) for k in [set(), *partners.get(v, [])]))
        for v in circuit
    }


@misconception(
    "path_patching.minimality",
    says="Your differences have a sign, and a node that helps never counts as needed. The size counts.",
)
def keeps_the_other_sign(score, circuit, partners):
    return {
        v: max(score(circuit - k - {v}) - score(circuit - k) for k in [set(), *partners.get(v, [])]) for v in circuit
    }
