"""Wrong answers to patching.patching_hook that learners give, with the sentence to say for each."""

import torch

from mi_tutor.tutor.misconceptions import misconception, outcome, probe


@probe("patching.patching_hook")
def observe_patching_hook(patching_hook):
    """One and several positions, none, and what happens to the input."""
    own, source = torch.arange(24.0).reshape(3, 4, 2), 100 + torch.arange(24.0).reshape(3, 4, 2)
    for positions in ([[1], [1], [1]], [[0], [3], [2]], [[0, 2], [1, 2], [3, 0]]):
        yield outcome(
            lambda positions=positions: patching_hook(source.clone(), torch.tensor(positions))(own.clone(), hook=None)
        )
    kept, kept_source = own.clone(), source.clone()
    outcome(lambda: patching_hook(kept_source, torch.tensor([[0], [1], [2]]))(kept, hook=None))
    yield kept
    yield kept_source


@misconception(
    "patching.patching_hook",
    says=(
        "You write into the activation that comes in. Whoever kept it as the unpatched run now holds the patched one."
    ),
)
def writes_in_place(source, positions):
    def hook_fn(activation, hook):
        rows = torch.arange(len(positions))[:, None]
        activation[rows, positions] = source[rows, positions]
        return activation

    return hook_fn


@misconception(
    "patching.patching_hook",
    says=(
        "You patch every listed position in every prompt. Each row of positions belongs to one prompt: pair it with "
        "the prompt's number."
    ),
)
def every_position_in_every_prompt(source, positions):
    def hook_fn(activation, hook):
        patched, where = activation.clone(), positions.flatten()
        patched[:, where] = source[:, where]
        return patched

    return hook_fn


@misconception(
    "patching.patching_hook",
    says=(
        "The prompts' numbers stand in one row, and the table of positions has a row for each prompt. Paired like "
        "this, a number goes with a column of the table. Make the numbers a column, [:, None], so that each goes "
        "with its row."
    ),
)
def rows_without_a_column(source, positions):
    def hook_fn(activation, hook):
        patched, rows = activation.clone(), torch.arange(len(positions))
        patched[rows, positions] = source[rows, positions]
        return patched

    return hook_fn


@misconception(
    "patching.patching_hook",
    says=(
        "You replace the whole activation, at all positions. A patch of everything brings the other run back whole "
        "and tells nothing about a place."
    ),
)
def patches_everything(source, positions):
    def hook_fn(activation, hook):
        return source.clone()

    return hook_fn


@misconception(
    "patching.patching_hook",
    says="You keep the chosen positions and replace all the others. The chosen ones are to come from the other run.",
)
def patches_the_others(source, positions):
    def hook_fn(activation, hook):
        rows = torch.arange(len(positions))[:, None]
        patched = source.clone()
        patched[rows, positions] = activation[rows, positions]
        return patched

    return hook_fn


@misconception(
    "patching.patching_hook",
    says="You patch only the first position of each row. A row can name several.",
)
def only_the_first_position(source, positions):
    def hook_fn(activation, hook):
        patched, rows = activation.clone(), torch.arange(len(positions))
        patched[rows, positions[:, 0]] = source[rows, positions[:, 0]]
        return patched

    return hook_fn


@misconception(
    "patching.patching_hook",
    says="You add the other run's activation to what is there. A patch replaces: the old value must be gone.",
)
def adds_the_source(source, positions):
    def hook_fn(activation, hook):
        patched, rows = activation.clone(), torch.arange(len(positions))[:, None]
        patched[rows, positions] += source[rows, positions]
        return patched

    return hook_fn


@misconception(
    "patching.patching_hook",
    says=(
        "You write the patched run's activation into source. The next patch would be made from it, and it no longer "
        "is the other run. Work on a clone."
    ),
)
def writes_into_the_source(source, positions):
    def hook_fn(activation, hook):
        chosen = torch.zeros(activation.shape[:2], dtype=torch.bool)
        chosen[torch.arange(len(positions))[:, None], positions] = True
        source[~chosen] = activation[~chosen]
        return source

    return hook_fn


@misconception(
    "patching.patching_hook",
    says=("You patch all prompts at the first prompt's positions. Each row of positions belongs to one prompt."),
)
def positions_of_the_first_prompt(source, positions):
    def hook_fn(activation, hook):
        patched = activation.clone()
        patched[:, positions[0]] = source[:, positions[0]]
        return patched

    return hook_fn


@misconception(
    "patching.patching_hook",
    says=("All prompts get the first prompt's activation. Each prompt has its own row in source."),
)
def source_of_the_first_prompt(source, positions):
    def hook_fn(activation, hook):
        patched, rows = activation.clone(), torch.arange(len(positions))[:, None]
        patched[rows, positions] = source[0, positions]
        return patched

    return hook_fn
