"""Wrong answers to judging_saes.chance_level that learners give, with the sentence to say for each."""

import torch

from mi_tutor.tutor.judge import seeded
from mi_tutor.tutor.misconceptions import misconception, probe


def _sparse(rows, features, seed):
    return (torch.randn(rows, features, generator=seeded(seed)) - 0.5).relu()


@probe("judging_saes.chance_level", atol=0.06)
def observe_chance_level(chance_level):
    """Averages over seeds: an SAE and its copy, copies of one latent, dead latents; then the world's random state."""
    a = _sparse(100, 5, 1)
    yield sum(chance_level(a, a, s) for s in range(40)) / 40
    one, other = _sparse(12, 1, 4), _sparse(12, 1, 5)
    yield sum(chance_level(one, other.repeat(1, 30), s) for s in range(200)) / 200
    b = _sparse(15, 200, 7)
    yield sum(chance_level(torch.cat([torch.zeros(15, 9), a[:15, :3]], dim=1), b, s) for s in range(20)) / 20
    corner = torch.eye(4)
    yield sum(chance_level(corner[:, :2], corner, s) for s in range(250)) / 250
    with torch.random.fork_rng():
        torch.manual_seed(3)
        before = torch.get_rng_state()
        chance_level(a, a, 1)
        yield bool(torch.equal(before, torch.get_rng_state()))
    yield bool(abs(chance_level(a, a, 1) - chance_level(a, a, 2)) > 1e-6)


def _best(a, b):
    unit = torch.nn.functional.normalize
    return (unit(a - a.mean(0), dim=0).T @ unit(b - b.mean(0), dim=0)).amax(1)


def _living(a, best):
    return best[(a > 0).any(0)].mean().item()


@misconception(
    "judging_saes.chance_level",
    says=(
        "Each latent of b is shuffled by itself. That cuts the ties among the latents of b as well, and copies of one "
        "latent get many chances instead of one."
    ),
)
def shuffles_each_latent(a, b, seed):
    order = torch.rand(b.shape, generator=seeded(seed)).argsort(0)
    return _living(a, _best(a, b.gather(0, order)))


@misconception(
    "judging_saes.chance_level",
    says=(
        "Your level is the best match of the real SAEs: their rows still belong together. To give latents other "
        "numbers, or to move the rows of both SAEs alike, cuts no tie."
    ),
)
def shuffles_the_numbers(a, b, seed):
    return _living(a, _best(a, b[:, torch.randperm(b.shape[1], generator=seeded(seed))]))


@misconception(
    "judging_saes.chance_level",
    says=(
        "You replace b by normal random numbers. Latents are silent on most rows and strong on a few, and such latents "
        "find lucky matches more often."
    ),
)
def takes_normal_numbers(a, b, seed):
    return _living(a, _best(a, torch.randn(b.shape, generator=seeded(seed))))


@misconception(
    "judging_saes.chance_level",
    says="Dead latents of a are averaged in. They match nothing by definition and hide how lucky the others are.",
)
def averages_over_the_dead_too(a, b, seed):
    return _best(a, b[torch.randperm(len(b), generator=seeded(seed))]).mean().item()


@misconception(
    "judging_saes.chance_level",
    says="You average all correlations with the shuffled b. The level for a best match is that of the best matches.",
)
def averages_all_correlations(a, b, seed):
    unit, shuffled = torch.nn.functional.normalize, b[torch.randperm(len(b), generator=seeded(seed))]
    table = unit(a - a.mean(0), dim=0).T @ unit(shuffled - shuffled.mean(0), dim=0)
    return _living(a, table.mean(1))


@misconception(
    "judging_saes.chance_level",
    says="You seed the global generator. Everything random that runs afterwards is changed by it.",
)
def seeds_the_world(a, b, seed):
    torch.manual_seed(seed)
    return _living(a, _best(a, b[torch.randperm(len(b))]))


@misconception(
    "judging_saes.chance_level",
    says=(
        "You draw rows of b with replacement: some come twice and some never, so latents of b are active more or less "
        "often than they were. Shuffling keeps each row once."
    ),
)
def draws_with_replacement(a, b, seed):
    return _living(a, _best(a, b[torch.randint(len(b), (len(b),), generator=seeded(seed))]))
