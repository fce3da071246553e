"""Wrong answers to path_patching.completeness that learners give, with the sentence to say for each."""

from mi_tutor.tutor.misconceptions import misconception, outcome, probe


@probe("path_patching.completeness")
def observe_completeness(completeness):
    """A model with a backup and a node that holds down; a K outside of the circuit."""

    def score(kept):
        kept = set(kept)
        return 3.0 * bool({"b", "x"} & kept) + 1.0 * ("a" in kept) - 0.5 * ("c" in kept) - 2.0 * ("y" in kept)

    circuit, model = set("abc"), set("abcxy")
    yield outcome(lambda: completeness(score, set(circuit), set(model), [set(), {"b"}, {"a", "c"}, {"a", "b"}]))
    yield outcome(lambda: completeness(score, set(circuit), set(model), [{"x"}]))
    given = set(circuit), set(model)
    outcome(lambda: completeness(score, *given, [{"b"}]))
    yield given == (circuit, model)


def inside(circuit, subsets):
    if any(not taken <= circuit for taken in subsets):
        raise ValueError("every K must be a part of the circuit")


@misconception(
    "path_patching.completeness",
    says=(
        "K is taken out of the circuit only, and the model stays whole. Completeness breaks both in the same way and "
        "asks whether they break alike."
    ),
)
def leaves_the_model_whole(score, circuit, model, subsets):
    inside(circuit, subsets)
    return [abs(score(circuit - taken) - score(model)) for taken in subsets]


@misconception(
    "path_patching.completeness",
    says=(
        "You compare the circuit with itself, with and without K. That says how much K matters, not whether "
        "something is missing."
    ),
)
def compares_the_circuit_with_itself(score, circuit, model, subsets):
    inside(circuit, subsets)
    return [abs(score(circuit - taken) - score(circuit)) for taken in subsets]


@misconception(
    "path_patching.completeness",
    says=(
        "Your differences have a sign. The circuit may break more than the model or less; both are incomplete, and"
        " in a mean they cancel."
    ),
)
def keeps_the_sign(score, circuit, model, subsets):
    inside(circuit, subsets)
    return [score(circuit - taken) - score(model - taken) for taken in subsets]


@misconception(
    "path_patching.completeness",
    says="You keep K and take the rest out. K is what is removed.",
)
def keeps_only_k(score, circuit, model, subsets):
    inside(circuit, subsets)
    return [abs(score(taken) - score((model - circuit) | taken)) for taken in subsets]


@misconception(
    "path_patching.completeness",
    says="A K with nodes outside of the circuit is accepted. Taking those out changes the model and not the circuit.",
)
def accepts_any_k(score, circuit, model, subsets):
    return [abs(score(circuit - taken) - score(model - taken)) for taken in subsets]


@misconception(
    "path_patching.completeness",
    says=(
        "You take the sets out one after another, so that the second K is taken from what the first has left. Each"
        " K starts from the whole circuit."
    ),
)
def takes_more_and_more(score, circuit, model, subsets):
    inside(circuit, subsets)
    found, gone = [], set()
    for taken in subsets:
        gone |= taken
        found.append(abs(score(circuit - gone) - score(model - gone)))
    return found


@misconception(
    "path_patching.completeness",
    says=(
        "You compare losses: what circuit and model lose when K goes. The definition compares the two scores that are "
        "left."
    ),
)
def compares_losses(score, circuit, model, subsets):
    inside(circuit, subsets)
    return [abs((score(circuit) - score(circuit - taken)) - (score(model) - score(model - taken))) for taken in subsets]


@misconception(
    "path_patching.completeness",
    says=(
        "You give model minus circuit, with its sign. A circuit that scores more than the model is incomplete, too: it "
        "lacks what holds the model back."
    ),
)
def keeps_the_other_sign(score, circuit, model, subsets):
    inside(circuit, subsets)
    return [score(model - taken) - score(circuit - taken) for taken in subsets]


@misconception(
    "path_patching.completeness",
    says="K is taken out of the model only, and the circuit stays whole. Completeness breaks both in the same way.",
)
def leaves_the_circuit_whole(score, circuit, model, subsets):
    inside(circuit, subsets)
    return [abs(score(circuit) - score(model - taken)) for taken in subsets]


@misconception(
    "path_patching.completeness",
    says=(
        "You take nodes out of the sets that were given, and the next K, or the next call, finds them gone. Make new "
        "sets."
    ),
)
def changes_the_given_sets(score, circuit, model, subsets):
    found = []
    for taken in subsets:
        inside(circuit, [taken])
        circuit -= taken
        model -= taken
        found.append(abs(score(circuit) - score(model)))
    return found
