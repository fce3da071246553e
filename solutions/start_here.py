"""Chapter 00: start here. Look inside a language model, and change one thing.

Four small functions: measure a vector, read a prediction, read an activation with a hook, and replace one vector.
Everything later in the course is built from these four moves.
"""

import torch
from einops import reduce
from jaxtyping import Float, Int
from torch import Tensor

from mi_tutor import exercise


@exercise
def vector_lengths(resid: Float[Tensor, "batch pos d_model"]) -> Float[Tensor, "batch pos"]:
    """How long the vector at each position is: the square root of the sum of its squared numbers.

    Args:
        resid: one vector of d_model numbers for each position of each text.

    Returns:
        The Euclidean length of each vector. The d_model axis is summed away; batch and pos stay. `resid` itself is
        left unchanged.
        Example: the vector [3, 4] has length 5, because 3 * 3 + 4 * 4 = 25 and the square root of 25 is 5.
    """
    squares = resid**2  # each number times itself; same shape as resid
    # solution
    return reduce(squares, "batch pos d_model -> batch pos", "sum").sqrt()


@exercise
def top_predictions(
    logits: Float[Tensor, "batch d_vocab"], k: int
) -> tuple[Int[Tensor, "batch k"], Float[Tensor, "batch k"]]:
    """The k most probable next tokens of each text, and how probable the model finds them.

    Args:
        logits: one score for each token of the vocabulary, for each text. Any number; higher is more likely.
        k: how many tokens to return, at most d_vocab.

    Returns:
        A pair (ids, probabilities), the most probable token first. The probability of a token is its share under a
        softmax over the whole vocabulary: exp(its logit), divided by the sum of exp(logit) over all d_vocab tokens.
        Each text has its own softmax. The k probabilities add up to less than 1 when tokens are left over.
    """
    # solution
    probabilities, ids = torch.softmax(logits, dim=-1).topk(k, dim=-1)
    return ids, probabilities


@exercise
def read_activation(model: object, ids: Int[Tensor, "batch pos"], name: str) -> Float[Tensor, "batch pos d_model"]:
    """The activation with this name, in a run of the model on these tokens. Reading changes nothing.

    Args:
        model: anything with `model.run_with_hooks(ids, fwd_hooks=[(name, function)])`. During the run it calls
            function(activation, hook=...) when it reaches the place called `name`. So the function's second parameter
            must be called `hook`. If the function returns None, the run goes on unchanged; if it returns a tensor,
            the run goes on with that tensor instead.
        ids: the token ids of the texts.
        name: the place to read, one that has a vector for each position, such as "blocks.12.hook_resid_pre". If the
            model has no such name it raises an error itself; do not catch it.

    Returns:
        The whole activation of all texts at that place, as it was in this run. No hook stays on the model afterwards.
    """
    found = []  # somewhere for the hook to put what it sees
    # solution

    def keep(activation: Tensor, hook: object) -> None:
        found.append(activation)

    model.run_with_hooks(ids, fwd_hooks=[(name, keep)])
    return found[0]


@exercise
def swap_in(
    activation: Float[Tensor, "batch pos d_model"], position: int, replacement: Float[Tensor, "batch d_model"]
) -> Float[Tensor, "batch pos d_model"]:
    """The activation with the vector at one position exchanged for another; everything else stays as it was.

    Args:
        activation: the residual stream of one run.
        position: which position to exchange, counted from 0; -1 is the last. The same in every text.
        replacement: the new vector, one for each text. Text i gets replacement[i].

    Returns:
        A new tensor. `activation` itself is left unchanged: someone else may still be reading it.
    """
    # solution
    changed = activation.clone()
    changed[:, position] = replacement
    return changed
