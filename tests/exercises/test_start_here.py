"""Checks of chapter 00. Each docstring is the claim that a learner reads."""

import math

import pytest
import torch

from mi_tutor.exercises import start_here
from mi_tutor.lab.tiny import TinyModel
from mi_tutor.tutor.judge import holds, raises, same


def random_numbers(seed: int, *shape: int) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


# --- vector_lengths ---------------------------------------------------------------------------------------------------


@pytest.mark.exercise("start_here.vector_lengths")
def test_three_four_five():
    """The vector [3, 4] has length 5, and [6, 8] has length 10."""
    resid = torch.tensor([[[3.0, 4.0], [6.0, 8.0], [1.0, 0.0]]])
    same(
        start_here.vector_lengths(resid),
        torch.tensor([[5.0, 10.0, 1.0]]),
        given={"resid": resid},
        teach="Square each number, add the squares of one vector, take the square root of each sum.",
    )


@pytest.mark.exercise("start_here.vector_lengths")
def test_negative_numbers():
    """A minus sign does not make a vector shorter: [-3, 4] has length 5 as well."""
    resid = torch.tensor([[[-3.0, 4.0]], [[-5.0, -12.0]]])
    same(
        start_here.vector_lengths(resid),
        torch.tensor([[5.0], [13.0]]),
        given={"resid": resid},
        teach="Squares are never negative, so the sign of a number plays no part.",
    )


@pytest.mark.exercise("start_here.vector_lengths")
def test_shape_of_lengths():
    """Two texts of three positions give 2 × 3 lengths: only the d_model axis is summed away."""
    resid = torch.ones(2, 3, 4)
    same(
        start_here.vector_lengths(resid),
        torch.full((2, 3), 2.0),
        given={"resid": "ones, of shape 2 × 3 × 4"},
        teach="Four ones have length 2, at every position of every text.",
    )


@pytest.mark.exercise("start_here.vector_lengths")
def test_vectors_are_left_alone():
    """The vectors passed in are the same afterwards."""
    resid = torch.tensor([[[3.0, -4.0], [6.0, 8.0]]])
    before = resid.clone()
    start_here.vector_lengths(resid)
    same(
        resid,
        before,
        given={"resid": before},
        teach="You changed the tensor that you were given. Someone else may still be reading it.",
        what="number in `resid`",
    )


@pytest.mark.exercise("start_here.vector_lengths")
def test_lengths_of_random_vectors(seed):
    """On random vectors the lengths agree with Python's own `math.hypot`."""
    resid = random_numbers(seed, 3, 2, 5)
    expected = [[math.hypot(*vector) for vector in text] for text in resid.tolist()]
    same(start_here.vector_lengths(resid), torch.tensor(expected), given={"resid": resid}, atol=1e-4)


# --- top_predictions --------------------------------------------------------------------------------------------------

# exp(logits) are 1, 5, 2, 2/3 and 4/3, which add up to 10.
TEN_SHARES = torch.tensor([[math.log(1.0), math.log(5.0), math.log(2.0), math.log(2.0 / 3), math.log(4.0 / 3)]])


@pytest.mark.exercise("start_here.top_predictions")
def test_order_of_tokens():
    """The most probable token comes first: logits [0, 3, 1] with k = 2 give the ids [1, 2]."""
    logits = torch.tensor([[0.0, 3.0, 1.0]])
    ids, _ = start_here.top_predictions(logits, 2)
    same(ids, torch.tensor([[1, 2]]), given={"logits": logits, "k": 2}, what="first part of the pair, the ids,")


@pytest.mark.exercise("start_here.top_predictions")
def test_share_of_the_whole_vocabulary():
    """A token whose exp(logit) is 5 of 10 in the whole vocabulary has probability 0.5, also when k = 1."""
    _, probabilities = start_here.top_predictions(TEN_SHARES, 1)
    same(
        probabilities,
        torch.tensor([[0.5]]),
        given={"exp(logits)": TEN_SHARES.exp(), "k": 1},
        teach="The probability of a token is its exp(logit), 5, divided by the sum of all five exp(logit), 10.",
        what="probability",
    )


@pytest.mark.exercise("start_here.top_predictions")
def test_k_does_not_change_probabilities():
    """Asking for more tokens does not change the probabilities of the first ones."""
    _, three = start_here.top_predictions(TEN_SHARES, 3)
    same(
        three,
        torch.tensor([[0.5, 0.2, 4 / 30]]),
        given={"exp(logits)": TEN_SHARES.exp(), "k": 3},
        teach="The shares are 5, 2 and 4/3 out of 10.",
        what="probability",
    )


@pytest.mark.exercise("start_here.top_predictions")
def test_each_text_has_its_own_softmax():
    """With two texts, each gets the probabilities of its own logits; neither changes the other's."""
    logits = torch.cat([TEN_SHARES, torch.tensor([[1.0, 1.0, 3.0, 4.0, 1.0]]).log()])
    ids, probabilities = start_here.top_predictions(logits, 2)
    given = {"exp(logits)": logits.exp(), "k": 2}
    same(
        probabilities,
        torch.tensor([[0.5, 0.2], [0.4, 0.3]]),
        given=given,
        teach="Text 0 has the shares 0.5 and 0.2 of its total, text 1 has 0.4 and 0.3 of its own.",
        what="probability",
    )
    same(ids, torch.tensor([[1, 2], [3, 2]]), given=given, what="token id")


@pytest.mark.exercise("start_here.top_predictions")
def test_as_many_texts_as_tokens():
    """With three texts over three tokens, too, each text is divided by its own total."""
    logits = torch.tensor([[1.0, 1.0, 2.0], [5.0, 3.0, 2.0], [1.0, 6.0, 3.0]]).log()
    _, probabilities = start_here.top_predictions(logits, 1)
    same(
        probabilities,
        torch.tensor([[0.5], [0.5], [0.6]]),
        given={"exp(logits)": logits.exp(), "k": 1},
        teach="The totals are 4, 10 and 10. Totals of shape `batch` line up with the tokens; of shape `batch 1`, with "
        "the texts.",
        what="probability",
    )


@pytest.mark.exercise("start_here.top_predictions")
def test_against_plain_python(seed):
    """On random logits, ids and probabilities agree with plain Python, worked out token by token."""
    logits = 3 * random_numbers(seed, 2, 7)
    ids, probabilities = start_here.top_predictions(logits, 4)
    for text, scores in enumerate(logits.tolist()):
        total = sum(math.exp(score) for score in scores)
        order = sorted(range(7), key=lambda token, scores=scores: -scores[token])[:4]
        given = {"logits": logits, "k": 4}
        same(ids[text], torch.tensor(order), given=given, what=f"token id of text {text}")
        shares = torch.tensor([math.exp(scores[token]) / total for token in order])
        same(probabilities[text], shares, given=given, what=f"probability of text {text}")


# --- read_activation --------------------------------------------------------------------------------------------------
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


# --- swap_in ----------------------------------------------------------------------------------------------------------


@pytest.mark.exercise("start_here.swap_in")
def test_exchanges_one_position():
    """Position 1 of one text becomes the new vector; positions 0 and 2 stay."""
    activation = torch.tensor([[[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]])
    replacement = torch.tensor([[7.0, -8.0]])
    same(
        start_here.swap_in(activation.clone(), 1, replacement),
        torch.tensor([[[1.0, 2.0], [7.0, -8.0], [5.0, 6.0]]]),
        given={"activation": activation, "position": 1, "replacement": replacement},
        teach="Only the vector at `position` is exchanged, and the new vector takes its place whole.",
    )


@pytest.mark.exercise("start_here.swap_in")
def test_each_text_gets_its_own_vector():
    """With two texts, position 2 of text i becomes replacement[i]."""
    activation = torch.arange(1.0, 13.0).reshape(2, 3, 2)
    replacement = torch.tensor([[-1.0, -2.0], [-3.0, -4.0]])
    expected = torch.tensor([[[1.0, 2], [3, 4], [-1, -2]], [[7, 8], [9, 10], [-3, -4]]])
    same(
        start_here.swap_in(activation.clone(), 2, replacement),
        expected,
        given={"activation": activation, "position": 2, "replacement": replacement},
        teach="The first axis counts texts, the second positions.",
    )


@pytest.mark.exercise("start_here.swap_in")
def test_original_is_left_alone():
    """The activation that was passed in is the same afterwards as before."""
    activation = torch.tensor([[[1.0, 2.0], [3.0, 4.0]]])
    before = activation.clone()
    start_here.swap_in(activation, 1, torch.tensor([[9.0, 9.0]]))
    same(
        activation,
        before,
        given={"activation": before, "position": 1, "replacement": torch.tensor([[9.0, 9.0]])},
        teach="You wrote into the tensor that you were given. Whoever recorded it now reads your number as a "
        "measurement. Change a copy.",
        what="number in `activation`",
    )


@pytest.mark.exercise("start_here.swap_in")
def test_last_position():
    """Position -1 means the last one, as everywhere in Python."""
    activation = torch.tensor([[[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]], [[7.0, 8.0], [9.0, 1.0], [2.0, 3.0]]])
    replacement = torch.tensor([[-1.0, -2.0], [-3.0, -4.0]])
    expected = activation.clone()
    expected[0, 2], expected[1, 2] = replacement[0], replacement[1]
    same(
        start_here.swap_in(activation, -1, replacement),
        expected,
        given={"activation": activation, "position": -1, "replacement": replacement},
    )


@pytest.mark.exercise("start_here.swap_in")
def test_against_loops(seed):
    """On random numbers it agrees with plain loops over texts and positions."""
    activation, replacement = random_numbers(seed, 3, 4, 2), random_numbers(seed + 1000, 3, 2)
    position = seed % 4
    rows = [
        [replacement[i].tolist() if p == position else vector for p, vector in enumerate(text)]
        for i, text in enumerate(activation.tolist())
    ]
    same(
        start_here.swap_in(activation, position, replacement),
        torch.tensor(rows),
        given={"activation": activation, "position": position, "replacement": replacement},
    )
