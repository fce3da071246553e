"""Wrong answers to superposition.correlated_batch that learners give, with the sentence to say for each."""

import torch

from mi_tutor.tutor.judge import seeded
from mi_tutor.tutor.misconceptions import misconception, probe

from .pairs_of_features import apart


@probe("superposition.correlated_batch", atol=0.05)
def observe_correlated_batch(correlated_batch):
    """For both kinds: how often each is active, who is active with whom, whether values are shared; then bad input."""
    for kind in ("correlated", "anticorrelated"):
        x = correlated_batch(4000, 2, torch.tensor([0.4]), kind, seeded())[:, 0]
        on = (x > 0).float()
        yield on.mean(0)
        yield torch.stack([(on[:, 0] * on[:, 1]).mean(), (on[:, 0] * on[:, 2]).mean()])
        yield 5 * (x[:, 0] * x[:, 1]).mean()
        yield x.sum() / on.sum()
        x = correlated_batch(4000, 2, torch.tensor([0.4, 0.4]), kind, seeded())
        yield torch.stack([((x[:, 0, 0] > 0) & (x[:, 1, 0] > 0)).float().mean(), apart(x[:, 0, 0], x[:, 1, 0])])
        yield apart(x[:, 0, 0], x[:, 0, 2])
    one = seeded()
    yield float(torch.equal(*(correlated_batch(20, 2, torch.tensor([0.4]), "correlated", one) for _ in range(2))))
    correlated_batch(4, 1, torch.tensor([0.6]), "anticorrelated", seeded())


def _values(active, generator):
    return active * torch.rand(active.shape, generator=generator)


def _check(kind, density):
    if kind not in ("correlated", "anticorrelated"):
        raise ValueError("kind should be correlated or anticorrelated")
    if kind == "anticorrelated" and (density > 0.5).any():
        raise ValueError("density above 1/2")


@misconception(
    "superposition.correlated_batch",
    says=(
        "Anticorrelated features are active half as often as correlated ones here: the pair is active with "
        "probability p, and then a coin chooses one. A model trained on this data meets sparser features too, and you "
        "could not tell which of the two made the difference."
    ),
)
def halves_the_density(batch, pair, density, kind, generator=None):
    if kind not in ("correlated", "anticorrelated"):
        raise ValueError(f'kind should be "correlated" or "anticorrelated", not {kind!r}.')
    if kind == "anticorrelated" and (density > 0.5).any():
        raise ValueError("Two features that are never active together can each have a density of at most 1/2.")
    p = density[None, :, None]
    pair_active = torch.rand((batch, len(density), pair), generator=generator) < p
    if kind == "correlated":
        active = torch.stack([pair_active, pair_active], dim=-1)
    else:
        heads = torch.rand((batch, len(density), pair), generator=generator) < 0.5
        active = torch.stack([pair_active & heads, pair_active & ~heads], dim=-1)
    active = active.flatten(2)
    return active * torch.rand(active.shape, generator=generator)


@misconception(
    "superposition.correlated_batch",
    says=(
        "For the anticorrelated kind exactly one of each pair is always active: the second with probability 1 − p. "
        "Each should be active with probability p, and both may be silent."
    ),
)
def always_one_of_the_pair(batch, pair, density, kind, generator=None):
    _check(kind, density)
    p = density[None, :, None]
    first = torch.rand((batch, len(density), pair), generator=generator) < p
    second = first if kind == "correlated" else ~first
    return _values(torch.stack([first, second], dim=-1).flatten(2), generator)


@misconception(
    "superposition.correlated_batch",
    says=(
        "You silence the second feature of a pair whenever the first is active. The two are never on together, but "
        "the second is active with probability p (1 − p), less often than the first."
    ),
)
def second_loses_ties(batch, pair, density, kind, generator=None):
    _check(kind, density)
    p = density[None, :, None]
    first = torch.rand((batch, len(density), pair), generator=generator) < p
    other = torch.rand((batch, len(density), pair), generator=generator) < p
    second = first if kind == "correlated" else other & ~first
    return _values(torch.stack([first, second], dim=-1).flatten(2), generator)


@misconception(
    "superposition.correlated_batch",
    says=(
        "Partners get the very same value, so they are one feature written twice. They should share when they are "
        "active, not how strongly."
    ),
)
def copies_the_value(batch, pair, density, kind, generator=None):
    _check(kind, density)
    p = density[None, :, None]
    u = torch.rand((batch, len(density), pair), generator=generator)
    value = torch.rand((batch, len(density), pair), generator=generator)
    second = (u < p) if kind == "correlated" else (u >= p) & (u < 2 * p)
    return torch.stack([(u < p) * value, second * value], dim=-1).flatten(2)


@misconception(
    "superposition.correlated_batch",
    says="Your partners are i and i + pair. In the docstring they are neighbours: 2k and 2k + 1.",
)
def partners_far_apart(batch, pair, density, kind, generator=None):
    _check(kind, density)
    p = density[None, :, None]
    u = torch.rand((batch, len(density), pair), generator=generator)
    second = (u < p) if kind == "correlated" else (u >= p) & (u < 2 * p)
    return _values(torch.cat([u < p, second], dim=-1), generator)


@misconception(
    "superposition.correlated_batch",
    says=(
        "A density above 1/2 goes through for the anticorrelated kind. Two features that are never on together cannot "
        "each be on more than half of the time; say so with a ValueError."
    ),
)
def accepts_impossible_densities(batch, pair, density, kind, generator=None):
    if kind not in ("correlated", "anticorrelated"):
        raise ValueError("kind should be correlated or anticorrelated")
    p = density[None, :, None]
    u = torch.rand((batch, len(density), pair), generator=generator)
    second = (u < p) if kind == "correlated" else (u >= p) & (u < 2 * p)
    return _values(torch.stack([u < p, second], dim=-1).flatten(2), generator)


@misconception(
    "superposition.correlated_batch",
    says=(
        "Both kinds now have the same density, but the wrong one: every feature is active with probability p / 2. "
        "`density` is the probability of each single feature, not of its pair."
    ),
)
def halves_both_kinds(batch, pair, density, kind, generator=None):
    _check(kind, density)
    p = density[None, :, None] / 2
    u = torch.rand((batch, len(density), pair), generator=generator)
    second = (u < p) if kind == "correlated" else (u >= p) & (u < 2 * p)
    return _values(torch.stack([u < p, second], dim=-1).flatten(2), generator)


@misconception(
    "superposition.correlated_batch",
    says=(
        "You let every pair be active with probability 2p, whatever the kind. That is right for anticorrelated "
        "features, which take turns. Correlated ones are active whenever their pair is: how often is that now?"
    ),
)
def doubles_both_kinds(batch, pair, density, kind, generator=None):
    _check(kind, density)
    p = density[None, :, None]
    u = torch.rand((batch, len(density), pair), generator=generator)
    active = u < 2 * p
    first, second = (active, active) if kind == "correlated" else (u < p, active & (u >= p))
    return _values(torch.stack([first, second], dim=-1).flatten(2), generator)


def _on(u, p, kind):
    second = (u < p) if kind == "correlated" else (u >= p) & (u < 2 * p)
    return torch.stack([u < p, second], dim=-1).flatten(2)


@misconception(
    "superposition.correlated_batch",
    says=(
        "All instances share the decision who is active: it is drawn once for a sample. Runs that are meant to be "
        "independent then see the same pattern. Which axis does its shape lack?"
    ),
)
def shares_the_decision_between_instances(batch, pair, density, kind, generator=None):
    _check(kind, density)
    u = torch.rand((batch, 1, pair), generator=generator)
    return _values(_on(u, density[None, :, None], kind), generator)


@misconception(
    "superposition.correlated_batch",
    says=(
        "All instances share their values: they are drawn once for a sample. The instances decide for themselves who "
        "is active, but not how strongly."
    ),
)
def shares_the_values_between_instances(batch, pair, density, kind, generator=None):
    _check(kind, density)
    active = _on(torch.rand((batch, len(density), pair), generator=generator), density[None, :, None], kind)
    return active * torch.rand((batch, 1, 2 * pair), generator=generator)


@misconception(
    "superposition.correlated_batch",
    says=(
        "Every pair gets the values of the first pair: they are drawn for one pair and repeated. Pairs are independent "
        "of each other, in who is active and in how strongly."
    ),
)
def repeats_the_values_over_pairs(batch, pair, density, kind, generator=None):
    _check(kind, density)
    active = _on(torch.rand((batch, len(density), pair), generator=generator), density[None, :, None], kind)
    return active * torch.rand((batch, len(density), 2), generator=generator).repeat(1, 1, pair)


@misconception(
    "superposition.correlated_batch",
    says=(
        "You seed a generator inside the function. Then every batch is the same one, and training sees the same "
        "samples over and over. Draw from the generator that comes in, as it comes."
    ),
)
def reseeds_every_time_in_pairs(batch, pair, density, kind, generator=None):
    _check(kind, density)
    own = seeded()
    return _values(_on(torch.rand((batch, len(density), pair), generator=own), density[None, :, None], kind), own)
