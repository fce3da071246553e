"""Wrong answers to ablation.replacing_hook that learners give, with the sentence to say for each."""

import torch

from mi_tutor.tutor.misconceptions import misconception, outcome, probe


@probe("ablation.replacing_hook")
def observe_replacing_hook(replacing_hook):
    """No positions and own positions, one head, several, none; what happens to the input."""
    z, values = torch.arange(36.0).reshape(3, 3, 4, 1), 100 + torch.arange(36.0).reshape(3, 3, 4, 1)
    positions = torch.tensor([2, 0, 2])
    for heads, where in (([1], None), ([0, 3], None), ([2], positions), ([1, 3, 0], positions)):
        yield outcome(
            lambda heads=heads, where=where: replacing_hook(values.clone(), heads, where)(z.clone(), hook=None)
        )
    for where in (None, positions):
        yield outcome(lambda where=where: replacing_hook(values.clone(), [], where)(z.clone(), hook=None))
    kept = z.clone()
    replacing_hook(values.clone(), [1], None)(kept, hook=None)
    yield kept


@misconception(
    "ablation.replacing_hook",
    says=(
        "You write into the z that comes in. Whoever kept it as the clean activation now holds the ablated one, and "
        "the difference between the two is 0. Work on a copy."
    ),
)
def writes_in_place(values, heads, positions):
    def hook_fn(z, hook):
        if positions is None:
            z[:, :, heads] = values[:, :, heads]
            return z
        rows = torch.arange(len(z))
        for head in heads:
            z[rows, positions, head] = values[rows, positions, head]
        return z

    return hook_fn


@misconception(
    "ablation.replacing_hook",
    says=(
        "z[:, positions] replaces all the listed positions in every prompt. positions holds one position for each "
        "prompt: pair it with the prompts' own numbers."
    ),
)
def every_position_in_every_prompt(values, heads, positions):
    def hook_fn(z, hook):
        z = z.clone()
        where = torch.arange(z.shape[1]) if positions is None else positions
        for head in heads:
            z[:, where, head] = values[:, where, head]
        return z

    return hook_fn


@misconception(
    "ablation.replacing_hook",
    says="You replace at all positions, also when positions are given. Then more is gone than was asked.",
)
def ignores_the_positions(values, heads, positions):
    def hook_fn(z, hook):
        z = z.clone()
        z[:, :, heads] = values[:, :, heads]
        return z

    return hook_fn


@misconception(
    "ablation.replacing_hook",
    says="You replace every head but the chosen ones. Keeping a set is another experiment, with another answer.",
)
def replaces_the_others(values, heads, positions):
    def hook_fn(z, hook):
        out = z.clone()
        rows = torch.arange(len(z))
        for head in range(z.shape[2]):
            if head not in heads:
                if positions is None:
                    out[:, :, head] = values[:, :, head]
                else:
                    out[rows, positions, head] = values[rows, positions, head]
        return out

    return hook_fn


@misconception(
    "ablation.replacing_hook",
    says=(
        "You take the new values of all prompts from the first one. Each prompt has a row of its own in values: its "
        "template is another, or its resampled partner."
    ),
)
def first_row_for_all(values, heads, positions):
    def hook_fn(z, hook):
        out = z.clone()
        for row in range(len(z)):
            where = slice(None) if positions is None else positions[row]
            for head in heads:
                out[row, where, head] = values[0, where, head]
        return out

    return hook_fn


@misconception(
    "ablation.replacing_hook",
    says="You set the chosen heads to zero. What is to be put in stands in values.",
)
def puts_in_zero(values, heads, positions):
    def hook_fn(z, hook):
        out = z.clone()
        for row in range(len(z)):
            for head in heads:
                out[row, slice(None) if positions is None else positions[row], head] = 0
        return out

    return hook_fn


@misconception(
    "ablation.replacing_hook",
    says=(
        "You index prompts, positions and heads with three lists side by side. They are then read in step: prompt 0 "
        "with the first head, prompt 1 with the second. Each head is to be replaced in each prompt."
    ),
)
def reads_the_lists_in_step(values, heads, positions):
    def hook_fn(z, hook):
        z = z.clone()
        if positions is None:
            z[:, :, heads] = values[:, :, heads]
        else:
            rows = torch.arange(len(z))
            z[rows, positions, heads] = values[rows, positions, heads]
        return z

    return hook_fn


@misconception(
    "ablation.replacing_hook",
    says=(
        "With positions your hook gives back z as it came: nothing is replaced. If you index twice, as in "
        "z[rows, positions][:, heads] = …, look at the first pair of brackets. Indexing with tensors or lists makes a "
        "copy, and you write into that copy. All indices belong into one pair."
    ),
)
def writes_into_a_copy(values, heads, positions):
    def hook_fn(z, hook):
        out = z.clone()
        if positions is None:
            out[:, :, heads] = values[:, :, heads]
        else:
            rows = torch.arange(len(z))
            out[rows, positions][:, heads] = values[rows, positions][:, heads]
        return out

    return hook_fn


@misconception(
    "ablation.replacing_hook",
    says=(
        "Your hook gives back z as it came, with positions and without. Either what you changed is not what you "
        "return, or you write into a copy: indexing with tensors or lists makes one, and a second pair of brackets "
        "behind it writes there."
    ),
)
def changes_nothing(values, heads, positions):
    def hook_fn(z, hook):
        out = z.clone()
        rows = torch.arange(len(z))
        where = torch.arange(z.shape[1])[None] if positions is None else positions[:, None]
        out[rows[:, None], where][:, :, heads] = values[rows[:, None], where][:, :, heads]
        return out

    return hook_fn
