"""Wrong answers to judging_saes.scorecard that learners give, with the sentence to say for each."""

import torch

from mi_tutor.tutor.judge import seeded
from mi_tutor.tutor.misconceptions import misconception, probe

KEYS = ("explained variance", "explained variance far", "L0", "dead", "dense")


@probe("judging_saes.scorecard")
def observe_scorecard(scorecard):
    """All five numbers: means away from 0, dead, rare and dense latents, one of them exactly at the limit."""
    g = seeded(6)
    x, far = torch.randn(10, 3, generator=g) + 4, 3 * torch.randn(6, 3, generator=g) - 9
    x_hat, far_hat = x + 0.3 * torch.randn(10, 3, generator=g), far + torch.randn(6, 3, generator=g)
    latents = (torch.arange(10)[:, None] < torch.tensor([0, 1, 4, 5, 6, 9, 10])) * torch.tensor(
        [1, 2, 3, 0.5, 1, 2, 0.1]
    )
    got = scorecard(x, x_hat, latents, far, far_hat, 0.5)
    for key in KEYS:
        yield float(got[key])


def _explained(x, x_hat, centre):
    return (1 - (x - x_hat).square().sum() / (x - centre).square().sum()).item()


def _card(x, x_hat, latents, far, far_hat, limit, **changed):
    active = (latents > 0).float()
    density = active.mean(0)
    card = {
        "explained variance": _explained(x, x_hat, x.mean(0)),
        "explained variance far": _explained(far, far_hat, far.mean(0)),
        "L0": active.sum(1).mean().item(),
        "dead": (density == 0).float().mean().item(),
        "dense": (density > limit).float().mean().item(),
    }
    return card | changed


@misconception(
    "judging_saes.scorecard",
    says=(
        "For far text you measure the spread around the mean of x. Far activations lie far from it, so even a poor "
        "reconstruction of them seems to explain almost everything."
    ),
)
def centres_far_text_on_near_text(x, x_hat, latents, far, far_hat, dense):
    told = {"explained variance far": _explained(far, far_hat, x.mean(0))}
    return _card(x, x_hat, latents, far, far_hat, dense, **told)


@misconception(
    "judging_saes.scorecard",
    says="You measure the spread around 0 in both explained variances. It is around the mean row.",
)
def spreads_around_zero(x, x_hat, latents, far, far_hat, dense):
    told = {"explained variance": _explained(x, x_hat, 0), "explained variance far": _explained(far, far_hat, 0)}
    return _card(x, x_hat, latents, far, far_hat, dense, **told)


@misconception(
    "judging_saes.scorecard",
    says="Rare latents count as dead with you. A dead one is active on no row at all.",
)
def counts_rare_as_dead(x, x_hat, latents, far, far_hat, dense):
    rare = ((latents > 0).float().mean(0) <= 0.1).float().mean().item()
    return _card(x, x_hat, latents, far, far_hat, dense, dead=rare)


@misconception(
    "judging_saes.scorecard",
    says="You return numbers of latents for dead and dense. Fractions can be compared between SAEs of other widths.",
)
def returns_numbers(x, x_hat, latents, far, far_hat, dense):
    density = (latents > 0).float().mean(0)
    counts = {"dead": float((density == 0).sum()), "dense": float((density > dense).sum())}
    return _card(x, x_hat, latents, far, far_hat, dense, **counts)


@misconception(
    "judging_saes.scorecard",
    says="A latent exactly at the limit counts as dense with you. It has to be active on more than this fraction.",
)
def counts_the_limit_itself(x, x_hat, latents, far, far_hat, dense):
    share = ((latents > 0).float().mean(0) >= dense).float().mean().item()
    return _card(x, x_hat, latents, far, far_hat, dense, dense=share)


@misconception(
    "judging_saes.scorecard",
    says="Your L0 counts the latents that are active anywhere. It is about one row, averaged over rows.",
)
def counts_l0_over_the_batch(x, x_hat, latents, far, far_hat, dense):
    return _card(x, x_hat, latents, far, far_hat, dense, L0=float((latents > 0).any(0).sum()))


@misconception(
    "judging_saes.scorecard",
    says=(
        "You divide coordinate by coordinate and average the shares. A coordinate that hardly varies then counts as "
        "much as the largest. Sum errors and distances first, then divide once."
    ),
)
def averages_over_coordinates(x, x_hat, latents, far, far_hat, dense):
    def explained(x, x_hat):
        return (1 - (x - x_hat).square().sum(0) / (x - x.mean(0)).square().sum(0)).mean().item()

    told = {"explained variance": explained(x, x_hat), "explained variance far": explained(far, far_hat)}
    return _card(x, x_hat, latents, far, far_hat, dense, **told)


@misconception(
    "judging_saes.scorecard",
    says="You measure the spread around the mean of all entries. The mean row has a mean for each coordinate.",
)
def spreads_around_one_number(x, x_hat, latents, far, far_hat, dense):
    told = {
        "explained variance": _explained(x, x_hat, x.mean()),
        "explained variance far": _explained(far, far_hat, far.mean()),
    }
    return _card(x, x_hat, latents, far, far_hat, dense, **told)
