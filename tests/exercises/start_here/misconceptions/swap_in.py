"""Wrong answers to start_here.swap_in that learners give, with the sentence to say for each."""

import torch

from mi_tutor.tutor.misconceptions import misconception, probe


@probe("start_here.swap_in")
def observe_swap_in(swap_in):
    """As many texts as positions, so that a mixed-up axis runs; then the tensor that was passed in."""
    activation = torch.arange(1.0, 19.0).reshape(3, 3, 2)
    replacement = torch.tensor([[-1.0, -2.0], [-3.0, -4.0], [-5.0, -6.0]])
    yield swap_in(activation, 1, replacement)
    yield activation


@misconception(
    "start_here.swap_in",
    says="You changed the tensor that was passed in. A tensor is like a list: a second name for it is not a copy. "
    "Whoever kept the original now holds your changed numbers.",
)
def writes_into_the_original(activation, position, replacement):
    activation[:, position] = replacement
    return activation


@misconception(
    "start_here.swap_in",
    says="Two things: you wrote into the tensor that was passed in, and nothing comes back. Write into a copy, and "
    "return the copy.",
)
def writes_into_the_original_and_returns_nothing(activation, position, replacement):
    activation[:, position] = replacement


@misconception(
    "start_here.swap_in",
    says="Nothing comes back from the function. Return the changed copy.",
)
def returns_nothing(activation, position, replacement):
    changed = activation.clone()
    changed[:, position] = replacement


@misconception(
    "start_here.swap_in",
    says="You indexed the first axis, so text number `position` was overwritten at every position. The first axis "
    "counts texts; the second counts positions.",
)
def indexes_the_batch(activation, position, replacement):
    changed = activation.clone()
    changed[position] = replacement
    return changed


@misconception(
    "start_here.swap_in",
    says="You put the new vector at every position of the text. Then the model sees nothing but that vector, and you "
    "cannot say which position mattered.",
)
def replaces_every_position(activation, position, replacement):
    return replacement[:, None].expand_as(activation).clone()


@misconception(
    "start_here.swap_in",
    says="You added the new vector to the old one, so the position holds both. A swap takes the old one out.",
)
def adds_instead(activation, position, replacement):
    changed = activation.clone()
    changed[:, position] += replacement
    return changed


@misconception(
    "start_here.swap_in",
    says="You give the vector of text 0 to every text. Text i should get replacement[i].",
)
def same_vector_for_all_texts(activation, position, replacement):
    changed = activation.clone()
    changed[:, position] = replacement[0]
    return changed


@misconception(
    "start_here.swap_in",
    says="You count positions from 1. Tensors count from 0, like lists: position 0 is the first token.",
)
def counts_from_one(activation, position, replacement):
    changed = activation.clone()
    changed[:, position - 1] = replacement
    return changed
