"""Wrong answers to path_patching.kept_places that learners give, with the sentence to say for each."""

import torch

from mi_tutor.tutor.misconceptions import misconception, outcome, probe


@probe("path_patching.kept_places")
def observe_kept_places(kept_places):
    """Places that differ from prompt to prompt, a head at two places, an unknown place."""
    places = {"S2": torch.tensor([2, 1, 4]), "END": torch.tensor([3, 3, 5])}
    yield outcome(lambda: kept_places([(1, 0, "S2"), (2, 1, "END"), (2, 1, "S2")], places, 3, 3, 6).int())
    yield outcome(lambda: kept_places([(0, 1, "S9"), (1, 2, "END")], places, 3, 3, 6).int())


def empty(places, n_layers, n_heads, length):
    return torch.zeros(n_layers, len(next(iter(places.values()))), length, n_heads, dtype=torch.bool)


def check(place, places):
    if place not in places:
        raise ValueError(f"there is no place {place}")


@misconception(
    "path_patching.kept_places",
    says=(
        "You keep each head at the positions of all prompts in every prompt. A bare slice and a list of positions make "
        "a grid; prompt and position have to go together as pairs."
    ),
)
def makes_a_grid(circuit, places, n_layers, n_heads, length):
    kept = empty(places, n_layers, n_heads, length)
    for layer, head, place in circuit:
        check(place, places)
        kept[layer, :, places[place], head] = True
    return kept


@misconception(
    "path_patching.kept_places",
    says=(
        "You keep the heads at all positions. In this circuit a head has its job at one place; elsewhere it is ablated."
    ),
)
def keeps_all_positions(circuit, places, n_layers, n_heads, length):
    kept = empty(places, n_layers, n_heads, length)
    for layer, head, place in circuit:
        check(place, places)
        kept[layer, :, :, head] = True
    return kept


@misconception(
    "path_patching.kept_places",
    says="You take the first prompt's position for all prompts. The same name stands at other positions in others.",
)
def first_prompt_for_all(circuit, places, n_layers, n_heads, length):
    kept = empty(places, n_layers, n_heads, length)
    for layer, head, place in circuit:
        check(place, places)
        kept[layer, :, places[place][0], head] = True
    return kept


@misconception(
    "path_patching.kept_places",
    says="Your mask says what is ablated. Asked for is what is kept.",
)
def marks_the_rest(circuit, places, n_layers, n_heads, length):
    kept = empty(places, n_layers, n_heads, length)
    for layer, head, place in circuit:
        check(place, places)
        kept[layer, torch.arange(kept.shape[1]), places[place], head] = True
    return ~kept


@misconception(
    "path_patching.kept_places",
    says=(
        "Nodes at an unknown place are left out without a word. A smaller circuit than the one that was meant is "
        "then judged."
    ),
)
def skips_unknown_places(circuit, places, n_layers, n_heads, length):
    kept = empty(places, n_layers, n_heads, length)
    for layer, head, place in circuit:
        if place in places:
            kept[layer, torch.arange(kept.shape[1]), places[place], head] = True
    return kept


@misconception(
    "path_patching.kept_places",
    says="You keep whole layers at the node's place. A node is one head of the layer.",
)
def keeps_whole_layers(circuit, places, n_layers, n_heads, length):
    kept = empty(places, n_layers, n_heads, length)
    for layer, _, place in circuit:
        check(place, places)
        kept[layer, torch.arange(kept.shape[1]), places[place]] = True
    return kept


@misconception(
    "path_patching.kept_places",
    says="A node at an unknown place ends in a KeyError. The contract asks for a ValueError that names the place.",
)
def lets_the_key_error_through(circuit, places, n_layers, n_heads, length):
    kept = empty(places, n_layers, n_heads, length)
    for layer, head, place in circuit:
        kept[layer, torch.arange(kept.shape[1]), places[place], head] = True
    return kept


@misconception(
    "path_patching.kept_places",
    says="Only the last node of the circuit is kept. Is the mask made anew for each node?",
)
def keeps_the_last_node(circuit, places, n_layers, n_heads, length):
    kept = empty(places, n_layers, n_heads, length)
    for layer, head, place in circuit:
        check(place, places)
        kept = empty(places, n_layers, n_heads, length)
        kept[layer, torch.arange(kept.shape[1]), places[place], head] = True
    return kept
