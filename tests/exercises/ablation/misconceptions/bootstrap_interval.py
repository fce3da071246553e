"""Wrong answers to ablation.bootstrap_interval that learners give, with the sentence to say for each."""

import torch

from mi_tutor.tutor.judge import seeded
from mi_tutor.tutor.misconceptions import misconception, probe


@probe("ablation.bootstrap_interval", atol=0.03, rtol=0.0)
def observe_bootstrap_interval(bootstrap_interval):
    """A mean, a lopsided mean, a share whose rows belong together, sizes of samples, the seed, the world's state."""
    half = (torch.arange(36) % 2).float()[:, None]

    def mean(rows):
        return float(rows[:, 0].mean())

    yield list(bootstrap_interval(half, mean, 4000, 0.9, 0))
    yield list(bootstrap_interval(half, mean, 4000, 0.5, 0))
    lopsided = torch.zeros(20, 1)
    lopsided[0] = 10.0
    yield list(bootstrap_interval(lopsided, mean, 4000, 0.9, 3))
    pairs = torch.tensor([[1.0, 2.0], [10.0, 20.0], [3.0, 6.0], [2.0, 4.0]])
    yield list(bootstrap_interval(pairs, lambda rows: float(rows[:, 1].mean() / rows[:, 0].mean()), 300, 0.9, 0))
    with torch.random.fork_rng():
        torch.manual_seed(3)
        before = torch.get_rng_state()
        first = bootstrap_interval(half, mean, 30, 0.8, 1)
        yield bool(torch.equal(before, torch.get_rng_state()))
        yield list(first) == list(bootstrap_interval(half, mean, 30, 0.8, 1))
        yield list(first) == list(bootstrap_interval(half, mean, 30, 0.8, 2))


def quantiles(values, level):
    return tuple(torch.tensor(values).quantile(torch.tensor([(1 - level) / 2, (1 + level) / 2])).tolist())


@misconception(
    "ablation.bootstrap_interval",
    says=(
        "You draw every column on its own. The measurements of a prompt belong together; your samples pair one "
        "prompt's damage with another one's repair."
    ),
)
def tears_rows_apart(rows, statistic, n, level, seed):
    generator, drawn = seeded(seed), []
    for _ in range(n):
        columns = [column[torch.randint(len(rows), (len(rows),), generator=generator)] for column in rows.T]
        drawn.append(statistic(torch.stack(columns, dim=1)))
    return quantiles(drawn, level)


@misconception(
    "ablation.bootstrap_interval",
    says=(
        "You draw without putting back. Every sample is then the same set of prompts in another order, and the "
        "interval has no width."
    ),
)
def draws_without_putting_back(rows, statistic, n, level, seed):
    generator = seeded(seed)
    drawn = [statistic(rows[torch.randperm(len(rows), generator=generator)]) for _ in range(n)]
    return quantiles(drawn, level)


@misconception(
    "ablation.bootstrap_interval",
    says=(
        "You leave (1 - level) outside on each side, twice too much. What is outside is shared by the two sides: with "
        "a level of 0.9, 5% below and 5% above."
    ),
)
def leaves_too_much_outside(rows, statistic, n, level, seed):
    generator = seeded(seed)
    drawn = [statistic(rows[torch.randint(len(rows), (len(rows),), generator=generator)]) for _ in range(n)]
    return tuple(torch.tensor(drawn).quantile(torch.tensor([min(1 - level, level), max(1 - level, level)])).tolist())


@misconception(
    "ablation.bootstrap_interval",
    says=(
        "You take quantiles of the prompts' own values. They say how far one prompt is from another; asked is how far "
        "the statistic of all prompts would move."
    ),
)
def quantiles_of_the_prompts(rows, statistic, n, level, seed):
    generator = seeded(seed)
    drawn = [statistic(rows[torch.randint(len(rows), (1,), generator=generator)]) for _ in range(n)]
    return quantiles(drawn, level)


@misconception(
    "ablation.bootstrap_interval",
    says=(
        "You draw samples of half the size. A statistic of fewer prompts moves more, so the interval is too wide by a "
        "factor of about 1.4."
    ),
)
def draws_half_as_many(rows, statistic, n, level, seed):
    generator = seeded(seed)
    size = len(rows) // 2
    drawn = [statistic(rows[torch.randint(len(rows), (size,), generator=generator)]) for _ in range(n)]
    return quantiles(drawn, level)


@misconception(
    "ablation.bootstrap_interval",
    says=(
        "You give a centre plus and minus a multiple of the samples' standard deviation. That assumes a bell curve; a "
        "share of two means has a lopsided one. Take the quantiles."
    ),
)
def assumes_a_bell_curve(rows, statistic, n, level, seed):
    generator = seeded(seed)
    drawn = [statistic(rows[torch.randint(len(rows), (len(rows),), generator=generator)]) for _ in range(n)]
    values = torch.tensor(drawn)
    reach = float(torch.erfinv(torch.tensor(level)) * 2**0.5 * values.std())
    return float(values.mean()) - reach, float(values.mean()) + reach


@misconception(
    "ablation.bootstrap_interval",
    says="You seed the global generator. Everything random that runs after your function is then changed by it.",
)
def seeds_everything(rows, statistic, n, level, seed):
    torch.manual_seed(seed)
    drawn = [statistic(rows[torch.randint(len(rows), (len(rows),))]) for _ in range(n)]
    return quantiles(drawn, level)


@misconception(
    "ablation.bootstrap_interval",
    says="You do not use the seed, so a second draw cannot be compared with the first.",
)
def ignores_the_seed(rows, statistic, n, level, seed):
    generator = seeded(0)
    drawn = [statistic(rows[torch.randint(len(rows), (len(rows),), generator=generator)]) for _ in range(n)]
    return quantiles(drawn, level)
