"""Checks of start_here.read_activation: Read a vector while the model runs."""

import pytest
import torch

from mi_tutor.exercises import start_here
from mi_tutor.lab.tiny import TinyModel
from mi_tutor.tutor.judge import holds, raises, same

# TinyModel: token t starts as [t, t*t, 1]; layer 0 adds the position before once, layer 1 adds it twice. No two axes
# have the same size, so that a message about a shape can name the axes.
SHORT = torch.tensor([[1, 2]])
IDS = torch.tensor([[1, 2, 3, 1], [4, 0, 5, 2]])
TINY = "tiny: token t starts as [t, t*t, 1]; layer 0 adds to each vector the one before it, layer 1 adds it twice"


@pytest.mark.exercise("start_here.read_activation")
def test_reads_what_enters_layer_0():
    """Entering layer 0, token t is the vector [t, t·t, 1]: tokens 1 and 2 give [1, 1, 1] and [2, 4, 1]."""
    same(
        start_here.read_activation(TinyModel(), SHORT, "blocks.0.hook_resid_pre"),
        torch.tensor([[[1.0, 1, 1], [2, 4, 1]]]),
        given={"model": TINY, "ids": SHORT, "name": "blocks.0.hook_resid_pre"},
        teach="Return the activation that the hook was called with, all of it.",
        what="activation",
    )


@pytest.mark.exercise("start_here.read_activation")
def test_reads_the_place_that_was_named():
    """Entering layer 1, layer 0 has added to each vector the one before it: [1, 1, 1] and [3, 5, 2]."""
    same(
        start_here.read_activation(TinyModel(), SHORT, "blocks.1.hook_resid_pre"),
        torch.tensor([[[1.0, 1, 1], [3, 5, 2]]]),
        given={"model": TINY, "ids": SHORT, "name": "blocks.1.hook_resid_pre"},
        teach="Read at the place called `name`; the caller chooses it.",
        what="activation",
    )


@pytest.mark.exercise("start_here.read_activation")
def test_reads_all_texts():
    """With two texts the activation of both comes back, of shape 2 × 4 × 3: two texts, four tokens, three numbers."""
    same(
        start_here.read_activation(TinyModel(), IDS, "blocks.1.hook_resid_pre"),
        torch.tensor(
            [
                [[1.0, 1, 1], [3, 5, 2], [5, 13, 2], [4, 10, 2]],
                [[4, 16, 1], [4, 16, 2], [5, 25, 2], [7, 29, 2]],
            ]
        ),
        given={"model": TINY, "ids": IDS, "name": "blocks.1.hook_resid_pre"},
        teach="Keep the batch axis: the hook sees all texts at once.",
        what="activation",
    )


@pytest.mark.exercise("start_here.read_activation")
def test_reading_changes_nothing():
    """Reading does not change the run: the last layer puts out what it puts out without you."""
    model, seen = TinyModel(), []
    untouched = torch.tensor([[[1.0, 1, 1], [5, 7, 4]]])
    model.add_hook("blocks.1.hook_resid_post", lambda activation, hook: seen.append(activation))
    start_here.read_activation(model, SHORT, "blocks.0.hook_resid_pre")
    given = {"model": TINY, "ids": SHORT, "name": "blocks.0.hook_resid_pre"}
    holds(seen, "The model was never run to its end. Run it once on `ids`.", given=given)
    same(
        seen[-1],
        untouched,
        given=given,
        teach="Your hook changed the activation on its way through. A hook that only reads returns None.",
        what="output of the last layer",
    )


@pytest.mark.exercise("start_here.read_activation")
def test_no_hook_stays():
    """Afterwards no hook of yours is left on the model, and a second reading on other tokens is right too."""
    model = TinyModel()
    start_here.read_activation(model, IDS[:1], "blocks.0.hook_resid_post")
    holds(
        model.hooks_left() == 0,
        "A hook is still on the model. It would go on acting in every later run. `run_with_hooks` takes its hooks off.",
        got=f"{model.hooks_left()} left",
        expected="0 left",
    )
    same(
        start_here.read_activation(model, IDS[1:], "blocks.0.hook_resid_post"),
        torch.tensor([[[4.0, 16, 1], [4, 16, 2], [5, 25, 2], [7, 29, 2]]]),
        given={"model": TINY, "ids": IDS[1:], "name": "blocks.0.hook_resid_post"},
        teach="Each call reads its own run.",
        what="second activation",
    )


@pytest.mark.exercise("start_here.read_activation")
def test_unknown_name():
    """If the model has no such name, the model's own error comes through."""
    with raises(KeyError, teach="Pass `name` on to the model and do not catch its error; do not guess another place."):
        start_here.read_activation(TinyModel(), IDS, "blocks.7.hook_resid_pre")
