"""Wrong answers to saes.dead_latents that learners give, with the sentence to say for each."""

import torch

from mi_tutor.tutor.misconceptions import misconception, outcome, probe


@probe("saes.dead_latents")
def observe_dead_latents(dead_latents):
    """Windows of whole and broken steps, latents that fell silent early and late, and too short a history."""
    counts = torch.tensor(
        [[5, 0, 0, 3, 2, 1], [4, 0, 0, 2, 0, 1], [0, 8, 0, 7, 0, 0], [5, 0, 0, 0, 0, 0], [9, 0, 0, 0, 0, 1]]
    )
    for rows, window in ((10, 30), (10, 25), (10, 20), (10, 50), (4, 5)):
        yield outcome(lambda rows=rows, window=window: dead_latents(counts, rows, window).long())
    for rows, window in ((10, 51), (10, 200), (2, 4)):
        yield outcome(lambda rows=rows, window=window: dead_latents(counts, rows, window).long())


@misconception(
    "saes.dead_latents",
    says=(
        "You look at one batch. A latent for something that turns up once in ten thousand rows is silent on nearly "
        "every batch, and it is alive."
    ),
)
def looks_at_the_last_batch(counts, rows, window):
    return counts[-1] == 0


@misconception(
    "saes.dead_latents",
    says=(
        "You look at the whole history. Latents that were active early in training and have died since then are not "
        "found; only the last `window` rows count."
    ),
)
def looks_at_the_whole_history(counts, rows, window):
    if len(counts) * rows < window:
        return torch.zeros(counts.shape[1], dtype=torch.bool)
    return counts.sum(0) == 0


@misconception(
    "saes.dead_latents",
    says=(
        "You round the number of steps down, so your window holds fewer rows than asked where a step does not divide "
        "it."
    ),
)
def rounds_down(counts, rows, window):
    if len(counts) * rows < window:
        return torch.zeros(counts.shape[1], dtype=torch.bool)
    return counts[-max(1, window // rows) :].sum(0) == 0


@misconception(
    "saes.dead_latents",
    says="You take `window` steps. The window is given in rows, and each step has many.",
)
def counts_the_window_in_steps(counts, rows, window):
    if len(counts) < window:
        return torch.zeros(counts.shape[1], dtype=torch.bool)
    return counts[-window:].sum(0) == 0


@misconception(
    "saes.dead_latents",
    says=(
        "You take the last `window` entries of counts. These are steps, and the window is given in rows: each step has "
        "`rows` of them. So yours reaches back too far, in the end over the whole history."
    ),
)
def slices_steps_by_rows(counts, rows, window):
    return counts[-window:].sum(0) == 0


@misconception(
    "saes.dead_latents",
    says="Your window lies at the beginning of the training. The newest step is the last one.",
)
def takes_the_first_steps(counts, rows, window):
    steps = -(-window // rows)
    if len(counts) < steps:
        return torch.zeros(counts.shape[1], dtype=torch.bool)
    return counts[:steps].sum(0) == 0


@misconception(
    "saes.dead_latents",
    says=(
        "You declare latents dead before a whole window has been seen. At the first step that would be all that the "
        "first batch did not happen to need."
    ),
)
def declares_too_early(counts, rows, window):
    steps = -(-window // rows)
    return counts[-steps:].sum(0) == 0


@misconception(
    "saes.dead_latents",
    says=(
        "A latent that was active on few rows of the window is dead with you. One active row is enough to be alive: "
        "rare features need rare latents."
    ),
)
def calls_the_rare_dead(counts, rows, window):
    steps = -(-window // rows)
    if len(counts) < steps:
        return torch.zeros(counts.shape[1], dtype=torch.bool)
    return counts[-steps:].sum(0) < 0.1 * steps * rows


@misconception(
    "saes.dead_latents",
    says="You turn it round: your function is True for the latents that were active.",
)
def says_who_is_alive(counts, rows, window):
    steps = -(-window // rows)
    if len(counts) < steps:
        return torch.zeros(counts.shape[1], dtype=torch.bool)
    return counts[-steps:].sum(0) > 0
