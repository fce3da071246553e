"""Wrong answers to ablation.heads_to_ablate that learners give, with the sentence to say for each."""

from mi_tutor.tutor.misconceptions import misconception, outcome, probe


@probe("ablation.heads_to_ablate")
def observe_heads_to_ablate(heads_to_ablate):
    """Unsorted and repeated pairs, layers kept whole and empty, no pairs, heads of another model."""
    heads = [(2, 1), (0, 2), (2, 0), (2, 1)]
    for keep in (False, True):
        yield outcome(lambda keep=keep: heads_to_ablate(list(heads), 4, 3, keep))
        yield outcome(lambda keep=keep: heads_to_ablate([(0, 0), (0, 1)], 2, 2, keep))
        yield outcome(lambda keep=keep: heads_to_ablate([], 2, 2, keep))
        for pair in ((3, 0), (0, 3), (-1, 0), (0, -1)):
            found = outcome(lambda keep=keep, pair=pair: heads_to_ablate([(0, 0), pair], 3, 3, keep))
            yield "refused" if found == "refused" else "accepted"


def refuse_strangers(heads, n_layers, n_heads):
    if any(not (0 <= layer < n_layers and 0 <= head < n_heads) for layer, head in heads):
        raise ValueError("no such head")


def planned(pairs):
    plan = {}
    for layer, head in sorted(set(pairs)):
        plan.setdefault(layer, []).append(head)
    return plan


@misconception(
    "ablation.heads_to_ablate",
    says=(
        "Keeping a set, you ablate the other heads of its own layers only. In a layer without kept heads all heads are "
        "others, and yours go on working."
    ),
)
def forgets_the_other_layers(heads, n_layers, n_heads, keep):
    refuse_strangers(heads, n_layers, n_heads)
    if not keep:
        return planned(heads)
    layers = {layer for layer, _ in heads}
    return planned((layer, head) for layer in layers for head in range(n_heads) if (layer, head) not in heads)


@misconception(
    "ablation.heads_to_ablate",
    says="You do not look at keep: the set itself is ablated both times.",
)
def ignores_keep(heads, n_layers, n_heads, keep):
    refuse_strangers(heads, n_layers, n_heads)
    return planned(heads)


@misconception(
    "ablation.heads_to_ablate",
    says="keep is turned round: you ablate the set that was to be kept, and the other way round.",
)
def turns_keep_round(heads, n_layers, n_heads, keep):
    refuse_strangers(heads, n_layers, n_heads)
    every = [(layer, head) for layer in range(n_layers) for head in range(n_heads)]
    return planned(pair for pair in every if (pair in heads) == keep)


@misconception(
    "ablation.heads_to_ablate",
    says=(
        "You keep every head whose number is in the set, in any layer. Head 1 of layer 2 and head 1 of layer 0 have "
        "nothing in common but the number."
    ),
)
def looks_at_numbers_only(heads, n_layers, n_heads, keep):
    refuse_strangers(heads, n_layers, n_heads)
    if not keep:
        return planned(heads)
    numbers = {head for _, head in heads}
    return planned((layer, head) for layer in range(n_layers) for head in range(n_heads) if head not in numbers)


@misconception(
    "ablation.heads_to_ablate",
    says="Layers with nothing to ablate get an empty list. A layer without any should have no entry.",
)
def lists_empty_layers(heads, n_layers, n_heads, keep):
    refuse_strangers(heads, n_layers, n_heads)
    return {layer: [head for head in range(n_heads) if ((layer, head) in heads) != keep] for layer in range(n_layers)}


@misconception(
    "ablation.heads_to_ablate",
    says=(
        "A head that the model does not have is accepted. It is ablated nowhere, and its effect would be reported as 0."
    ),
)
def accepts_strangers(heads, n_layers, n_heads, keep):
    every = [(layer, head) for layer in range(n_layers) for head in range(n_heads)]
    return planned(pair for pair in every if (pair in heads) != keep)


@misconception(
    "ablation.heads_to_ablate",
    says=(
        "You list the heads as they were given, repeated ones twice and out of order. It is a set: each head once, in "
        "increasing order."
    ),
)
def lists_as_given(heads, n_layers, n_heads, keep):
    refuse_strangers(heads, n_layers, n_heads)
    every = [(layer, head) for layer in range(n_layers) for head in range(n_heads)]
    plan = {}
    for layer, head in [pair for pair in every if pair not in heads] if keep else heads:
        plan.setdefault(layer, []).append(head)
    return plan
