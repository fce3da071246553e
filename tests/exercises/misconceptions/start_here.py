"""Known wrong answers of chapter 00, and the sentence for whoever gives one."""

import torch
from einops import reduce

from mi_tutor.lab.tiny import TinyModel
from mi_tutor.tutor.misconceptions import misconception, probe

# --- vector_lengths ---------------------------------------------------------------------------------------------------


@probe("start_here.vector_lengths")
def observe_vector_lengths(vector_lengths):
    """Three positions, four numbers each, one of them negative: every recorded mistake shows. Then the input."""
    resid = torch.tensor([[[3.0, -4.0, 0.5, 1.0], [1.0, 2.0, 2.0, 7.0], [0.3, 5.0, -1.0, 2.0]]])
    yield vector_lengths(resid)
    yield resid


@misconception(
    "start_here.vector_lengths",
    says="You have the sum of the squares. The length is its square root; without it a vector twice as long counts "
    "four times.",
)
def forgets_the_root(resid):
    return reduce(resid**2, "batch pos d_model -> batch pos", "sum")


@misconception(
    "start_here.vector_lengths",
    says="You summed along the positions, so the vectors of different words are mixed and one number is left for each "
    "dimension. The question is about each position: which axis may disappear?",
)
def sums_along_positions(resid):
    return reduce(resid**2, "batch pos d_model -> batch d_model", "sum").sqrt()


@misconception(
    "start_here.vector_lengths",
    says="You took the mean of the squares. That is the root mean square, a sensible measure, but it does not grow "
    "with the number of dimensions. The length adds the squares up.",
)
def root_mean_square(resid):
    return reduce(resid**2, "batch pos d_model -> batch pos", "mean").sqrt()


@misconception(
    "start_here.vector_lengths",
    says="You added the numbers without their signs. That is another measure (the L1 norm): [3, 4] gives 7 instead of "
    "5. It also happens when each square gets its own root before the sum: add first, then take one root a vector.",
)
def sums_absolute_values(resid):
    return resid.abs().sum(dim=-1)


@misconception(
    "start_here.vector_lengths",
    says="The lengths are right, but you squared the numbers of the tensor that was passed in. `resid **= 2` changes "
    "it in place, so whoever uses it next has squares. `squares` is a new tensor; work with that.",
)
def squares_in_place(resid):
    resid **= 2
    return reduce(resid, "batch pos d_model -> batch pos", "sum").sqrt()


# --- top_predictions --------------------------------------------------------------------------------------------------


@probe("start_here.top_predictions")
def observe_top_predictions(top_predictions):
    """As many texts as tokens, so that a lost axis runs; then two texts, with logits on both sides of zero."""
    yield top_predictions(torch.tensor([[0.5, 2.0, -1.0], [3.0, -0.5, 1.5], [0.25, 1.0, 0.75]]), 3)
    logits = torch.tensor([[0.5, 2.0, -1.0, 1.0], [3.0, -0.5, 1.5, 0.25]])
    yield top_predictions(logits, 2)
    yield top_predictions(logits, 1)


@misconception(
    "start_here.top_predictions",
    says="The probabilities are shares of the k winners only: the losers were thrown away before the softmax. So they "
    "always add up to 1, and with k = 1 the model looks perfectly sure of anything. What is the whole that a "
    "probability is a share of?",
)
def softmax_over_the_winners(logits, k):
    winners, ids = logits.topk(k, dim=-1)
    probabilities = torch.softmax(winners, dim=-1)  # adds up to 1, as probabilities should
    return ids, probabilities


@misconception(
    "start_here.top_predictions",
    says="The softmax runs along the batch axis, so the texts compete with each other for each token. The tokens of "
    "one text should compete. With a single text your code would call every token certain.",
)
def softmax_across_texts(logits, k):
    probabilities, ids = torch.softmax(logits, dim=0).topk(k, dim=-1)
    return ids, probabilities


@misconception(
    "start_here.top_predictions",
    says="You return the logits of the winners. Logits are scores on an open scale, not probabilities: the softmax is "
    "missing.",
)
def returns_logits(logits, k):
    best, ids = logits.topk(k, dim=-1)
    return ids, best


@misconception(
    "start_here.top_predictions",
    says="You return the least probable tokens. Sorting in torch goes upwards unless you say otherwise.",
)
def least_probable_first(logits, k):
    probabilities, ids = torch.softmax(logits, dim=-1).sort(dim=-1)
    return ids[:, :k], probabilities[:, :k]


@misconception(
    "start_here.top_predictions",
    says="You put each logit through a sigmoid. That asks of each token alone whether it is likely, so the whole "
    "vocabulary can add up to far more than 1. One next token is chosen among all: the softmax makes them share.",
)
def sigmoid_of_each(logits, k):
    probabilities, ids = torch.sigmoid(logits).topk(k, dim=-1)
    return ids, probabilities


@misconception(
    "start_here.top_predictions",
    says="The numbers are right, but the pair is the wrong way round. `topk` gives values first and indices second; "
    "this function promises (ids, probabilities).",
)
def values_before_ids(logits, k):
    probabilities, ids = torch.softmax(logits, dim=-1).topk(k, dim=-1)
    return probabilities, ids


@misconception(
    "start_here.top_predictions",
    says="You took shares of the logits themselves. A logit can be negative, and then so is its share. Each logit goes "
    "through exp first; the shares are those of exp(logit).",
)
def shares_of_the_logits(logits, k):
    winners, ids = logits.topk(k, dim=-1)
    return ids, winners / logits.sum(dim=-1, keepdim=True)


@misconception(
    "start_here.top_predictions",
    says="You took shares of the logits themselves, and of all texts together. Each logit goes through exp first. Then "
    "each text is divided by its own total.",
)
def shares_of_all_logits(logits, k):
    winners, ids = logits.topk(k, dim=-1)
    return ids, winners / logits.sum()


@misconception(
    "start_here.top_predictions",
    says="You took shares of the winners' logits. Two things are missing: each logit goes through exp first, and the "
    "whole is the sum over all tokens, the losers too.",
)
def shares_of_the_winners_logits(logits, k):
    winners, ids = logits.topk(k, dim=-1)
    return ids, winners / winners.sum(dim=-1, keepdim=True)


@misconception(
    "start_here.top_predictions",
    says="You took shares of the winners' logits, with one sum for all texts. Each logit goes through exp first, and "
    "the whole is the sum over all tokens of that one text, the losers too.",
)
def shares_of_all_winners_logits(logits, k):
    winners, ids = logits.topk(k, dim=-1)
    return ids, winners / winners.sum()


@misconception(
    "start_here.top_predictions",
    says="Your softmax is applied twice. The first one already gives the probabilities. The second takes them for "
    "logits and makes them nearly equal.",
)
def softmax_twice(logits, k):
    probabilities, ids = torch.softmax(torch.softmax(logits, dim=-1), dim=-1).topk(k, dim=-1)
    return ids, probabilities


@misconception(
    "start_here.top_predictions",
    says="Every text gets the probabilities of text 0: `[0]` picks that one text. Each row of ids belongs to the row "
    "of probabilities with the same number.",
)
def looks_up_in_text_0(logits, k):
    ids = logits.topk(k, dim=-1).indices
    return ids, torch.softmax(logits, dim=-1)[0][ids]


@misconception(
    "start_here.top_predictions",
    says="You divide by the total of all texts together, so a second text makes the first one less probable. Each text "
    "has a total of its own.",
)
def one_total_for_all_texts(logits, k):
    best, ids = (logits.exp() / logits.exp().sum()).topk(k, dim=-1)
    return ids, best


@misconception(
    "start_here.top_predictions",
    says="Your totals have one axis, `batch`, and torch lines it up with the last axis, the tokens. Keep the axis that "
    "was summed: `-> batch 1` in reduce, or `keepdim=True`. Then each text is divided by its own total.",
)
def total_loses_its_axis(logits, k):
    best, ids = (logits.exp() / reduce(logits.exp(), "batch d_vocab -> batch", "sum")).topk(k, dim=-1)
    return ids, best


@misconception(
    "start_here.top_predictions",
    says="Your totals have one axis, `batch`, and torch lines it up with the last axis, the k winners. Keep the axis "
    "that was summed: `-> batch 1` in reduce, or `keepdim=True`. Then each text is divided by its own total.",
)
def total_of_the_winners_loses_its_axis(logits, k):
    winners, ids = logits.topk(k, dim=-1)
    return ids, winners.exp() / reduce(logits.exp(), "batch d_vocab -> batch", "sum")


# --- read_activation --------------------------------------------------------------------------------------------------


@probe("start_here.read_activation")
def observe_read_activation(read_activation):
    """What comes back at two places, what a reading does to the run, and how many hooks it leaves behind."""
    ids = torch.tensor([[2, 1, 3], [5, 4, 2]])
    model, later = TinyModel(), []
    yield read_activation(model, ids, "blocks.0.hook_resid_pre")
    yield model.hooks_left()
    model.reset_hooks()
    model.add_hook("blocks.1.hook_resid_post", lambda activation, hook: later.append(activation))
    yield read_activation(model, ids, "blocks.1.hook_resid_pre")
    yield later[-1:]


@misconception(
    "start_here.read_activation",
    says="You return what `run_with_hooks` returns. Those are the logits, the result at the end of the run. The "
    "activation is what your hook was called with, in the middle of it.",
)
def returns_the_logits(model, ids, name):
    return model.run_with_hooks(ids, fwd_hooks=[(name, lambda activation, hook: None)])


@misconception(
    "start_here.read_activation",
    says="You always read at layer 0, whatever `name` says. The caller chooses the place.",
)
def always_reads_layer_0(model, ids, name):
    found = []
    model.run_with_hooks(
        ids, fwd_hooks=[("blocks.0.hook_resid_pre", lambda activation, hook: found.append(activation))]
    )
    return found[0]


@misconception(
    "start_here.read_activation",
    says="You return the first text only. An activation has a batch axis in front; keep it, also when there is just "
    "one text.",
)
def drops_the_batch(model, ids, name):
    found = []
    model.run_with_hooks(ids, fwd_hooks=[(name, lambda activation, hook: found.append(activation))])
    return found[0][0]


@misconception(
    "start_here.read_activation",
    says="You left your hook on the model. From now on it acts in every run, and nobody will remember why. Give it to "
    "one run with `run_with_hooks`, which takes it off at the end.",
)
def leaves_the_hook_on(model, ids, name):
    found = []
    model.add_hook(name, lambda activation, hook: found.append(activation))
    model(ids)
    return found[0]


@misconception(
    "start_here.read_activation",
    says="Nothing was found. Either no run ever called your hook, or the hook did not keep what it was given. Both "
    "steps are needed: the hook stores the activation, and the model has to run with the hook.",
)
def finds_nothing(model, ids, name):
    found = []

    def keep(activation, hook):
        found.append(activation)

    return found[0]


@misconception(
    "start_here.read_activation",
    says="Your hook returns a tensor that differs from what came in, so the rest of the run goes on with that one. You "
    "measured by changing the thing. A hook that only reads returns None.",
)
def replaces_while_reading(model, ids, name):
    found = []

    def keep(activation, hook):
        found.append(activation)
        return activation[:1].expand_as(activation) * 0

    model.run_with_hooks(ids, fwd_hooks=[(name, keep)])
    return found[0]


@misconception(
    "start_here.read_activation",
    says="You return the list that the activation was put into. Return what is in it: the run put one tensor there.",
)
def returns_the_list(model, ids, name):
    found = []
    model.run_with_hooks(ids, fwd_hooks=[(name, lambda activation, hook: found.append(activation))])
    return found


@misconception(
    "start_here.read_activation",
    says="The list you return is still empty. If your hook assigns to `found` with `=`, Python makes a new local name "
    "inside the hook, and the list outside stays as it was. Change the list itself instead.",
)
def assigns_a_local_name(model, ids, name):
    found = []

    def keep(activation, hook):
        found = activation  # noqa: F841

    model.run_with_hooks(ids, fwd_hooks=[(name, keep)])
    return found


# --- swap_in ----------------------------------------------------------------------------------------------------------


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
