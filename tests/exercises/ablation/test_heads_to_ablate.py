"""Checks of ablation.heads_to_ablate: Remove a set, or keep only it."""

import pytest

from mi_tutor.exercises import ablation
from mi_tutor.tutor.judge import raises, same


@pytest.mark.exercise("ablation.heads_to_ablate")
def test_remove_a_set():
    """To remove a set is to ablate its heads, gathered by layer."""
    heads = [(2, 1), (0, 2), (2, 0)]
    same(
        ablation.heads_to_ablate(heads, 3, 3, False),
        {0: [2], 2: [0, 1]},
        given={"heads": heads, "n_layers": 3, "n_heads": 3, "keep": False},
        teach="Layer 1 has none, so it has no entry. Layer 2 has two, in increasing order.",
    )


@pytest.mark.exercise("ablation.heads_to_ablate")
def test_keep_a_set():
    """To keep a set is to ablate every other head, in layers without kept heads as well."""
    heads = [(2, 1), (0, 2), (2, 0)]
    same(
        ablation.heads_to_ablate(heads, 4, 3, True),
        {0: [0, 1], 1: [0, 1, 2], 2: [2], 3: [0, 1, 2]},
        given={"heads": heads, "n_layers": 4, "n_heads": 3, "keep": True},
        teach="In layers 1 and 3 nothing is kept, so everything goes.",
    )


@pytest.mark.exercise("ablation.heads_to_ablate")
def test_a_layer_that_is_kept_whole():
    """A layer of which all heads are kept has no entry."""
    heads = [(0, 0), (0, 1)]
    same(
        ablation.heads_to_ablate(heads, 2, 2, True),
        {1: [0, 1]},
        given={"heads": heads, "n_layers": 2, "n_heads": 2, "keep": True},
        teach="An entry with an empty list is no entry: no hook is needed there.",
    )
    everything = [(0, 0), (0, 1), (1, 0), (1, 1)]
    same(
        ablation.heads_to_ablate(everything, 2, 2, True),
        {},
        given={"heads": everything, "n_layers": 2, "n_heads": 2, "keep": True},
        teach="The whole model is a set of heads too. Keeping it ablates nothing.",
    )


@pytest.mark.exercise("ablation.heads_to_ablate")
def test_a_pair_given_twice():
    """A pair that is given twice counts once."""
    same(
        ablation.heads_to_ablate([(1, 1), (1, 1), (1, 0)], 2, 3, False),
        {1: [0, 1]},
        given={"heads": [(1, 1), (1, 1), (1, 0)], "n_layers": 2, "n_heads": 3, "keep": False},
        teach="It is a set of heads. Each is ablated or not.",
    )


@pytest.mark.exercise("ablation.heads_to_ablate")
def test_the_empty_set():
    """Nothing to remove is an empty plan; nothing to keep ablates the whole model."""
    same(ablation.heads_to_ablate([], 2, 2, False), {}, given={"heads": [], "keep": False}, teach="No hook at all.")
    same(
        ablation.heads_to_ablate([], 2, 2, True),
        {0: [0, 1], 1: [0, 1]},
        given={"heads": [], "keep": True},
        teach="The baseline of every keep-only experiment: all heads gone.",
    )


@pytest.mark.exercise("ablation.heads_to_ablate")
@pytest.mark.parametrize("pair", [(3, 0), (0, 3), (-1, 0), (0, -1)])
def test_a_head_of_another_model(pair):
    """A pair that is no head of the model is refused with a ValueError."""
    for keep in (True, False):
        with raises(
            ValueError,
            given={"heads": [(0, 0), pair], "n_layers": 3, "n_heads": 3, "keep": keep},
            teach="A head that does not exist cannot be ablated. Told nothing, you would publish its effect as 0.",
        ):
            ablation.heads_to_ablate([(0, 0), pair], 3, 3, keep)
