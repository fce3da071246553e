"""Checks of path_patching.kept_places: A circuit as a mask."""

import pytest
import torch

from mi_tutor.exercises import path_patching
from mi_tutor.tutor.judge import raises, same, seeded

PLACES = {"S2": torch.tensor([2, 1]), "END": torch.tensor([3, 3])}


def marks(*entries: tuple[int, int, int, int]) -> torch.Tensor:
    """Three layers, two prompts, four positions, two heads; True at these (layer, prompt, position, head)."""
    mask = torch.zeros(3, 2, 4, 2, dtype=torch.bool)
    for entry in entries:
        mask[entry] = True
    return mask


@pytest.mark.exercise("path_patching.kept_places")
def test_each_prompt_has_its_own_position():
    """Head 1.0 at S2 is kept at position 2 of the first prompt and at position 1 of the second."""
    same(
        path_patching.kept_places([(1, 0, "S2")], PLACES, 3, 2, 4),
        marks((1, 0, 2, 0), (1, 1, 1, 0)),
        given={"circuit": [(1, 0, "S2")], "places": PLACES},
        teach="Prompt and position go together as a pair.",
        what="mask",
    )


@pytest.mark.exercise("path_patching.kept_places")
def test_nodes_come_together():
    """A head with two places is kept at both, and other nodes beside it."""
    circuit = [(0, 1, "END"), (2, 0, "END"), (2, 0, "S2")]
    same(
        path_patching.kept_places(circuit, PLACES, 3, 2, 4),
        marks((0, 0, 3, 1), (0, 1, 3, 1), (2, 0, 3, 0), (2, 1, 3, 0), (2, 0, 2, 0), (2, 1, 1, 0)),
        given={"circuit": circuit, "places": PLACES},
        teach="Three nodes and two prompts: six entries.",
        what="mask",
    )


@pytest.mark.exercise("path_patching.kept_places")
def test_two_places_at_one_token():
    """Two places can be the same token of a prompt. A head that stands at both is kept there."""
    circuit, places = [(1, 0, "S2"), (1, 0, "latest name")], {**PLACES, "latest name": torch.tensor([2, 3])}
    same(
        path_patching.kept_places(circuit, places, 3, 2, 4),
        marks((1, 0, 2, 0), (1, 1, 1, 0), (1, 1, 3, 0)),
        given={"circuit": circuit, "places": places},
        teach="In the first prompt both nodes mark position 2. What one node has marked, another must not take back.",
        what="mask",
    )


@pytest.mark.exercise("path_patching.kept_places")
def test_an_empty_circuit():
    """Without nodes nothing is kept."""
    same(
        path_patching.kept_places([], PLACES, 3, 2, 4),
        marks(),
        given={"circuit": [], "places": PLACES},
        teach="Everything will be ablated.",
        what="mask",
    )


@pytest.mark.exercise("path_patching.kept_places")
def test_unknown_place():
    """A place without positions is refused by name."""
    with raises(ValueError, teach="A node that is silently left out makes another circuit.", match="S9"):
        path_patching.kept_places([(0, 0, "S2"), (0, 0, "S9")], PLACES, 3, 2, 4)


@pytest.mark.exercise("path_patching.kept_places")
def test_against_loops(seed):
    """On a random circuit it agrees with a loop over prompts."""
    g = seeded(seed)
    places = {name: torch.randint(6, (5,), generator=g) for name in "xyz"}
    circuit = [(int(a), int(b), "xyz"[int(c)]) for a, b, c in torch.randint(3, (7, 3), generator=g)]
    expected = torch.zeros(4, 5, 6, 3, dtype=torch.bool)
    for layer, head, place in circuit:
        for prompt in range(5):
            expected[layer, prompt, int(places[place][prompt]), head] = True
    same(
        path_patching.kept_places(circuit, places, 4, 3, 6),
        expected,
        given={"circuit": circuit, "places": places},
        teach="layer, prompt, the prompt's position, head.",
        what="mask",
    )
