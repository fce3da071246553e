"""Wrong answers to judging_saes.activation_matches that learners give, with the sentence to say for each."""

import torch

from mi_tutor.tutor.judge import seeded
from mi_tutor.tutor.misconceptions import misconception, probe


@probe("judging_saes.activation_matches")
def observe_activation_matches(activation_matches):
    """Latents of several levels and scales, opposites, then a dead one."""
    g = seeded(4)
    a = torch.randn(12, 4, generator=g).relu()
    b = torch.cat(
        [3 * a[:, :2] + 5 + torch.randn(12, 2, generator=g), -a[:, 2:], torch.rand(12, 2, generator=g)], dim=1
    )
    partner, correlation = activation_matches(a, b)
    yield partner
    yield correlation
    dead = torch.tensor([[0.0], [0.0], [0.0]])
    yield torch.nan_to_num(activation_matches(dead, b[:3])[1], nan=-77.0)


def _unit(z):
    return torch.nn.functional.normalize(z, dim=0)


def _best(table):
    correlation, partner = table.max(dim=1)
    return partner, correlation


@misconception(
    "judging_saes.activation_matches",
    says="You do not take off the means. Latents that are often active look alike, whatever they answer to.",
)
def takes_the_cosine(a, b):
    return _best(_unit(a).T @ _unit(b))


@misconception(
    "judging_saes.activation_matches",
    says="You take the correlation that is largest in size. To be active where the other is silent is no match.",
)
def forgets_the_sign(a, b):
    table = _unit(a - a.mean(0)).T @ _unit(b - b.mean(0))
    return _best(table.abs())


@misconception(
    "judging_saes.activation_matches",
    says="You take covariances. They grow with how strongly latents are active, so the loudest latent is the partner.",
)
def takes_the_covariance(a, b):
    return _best((a - a.mean(0)).T @ (b - b.mean(0)) / len(a))


@misconception(
    "judging_saes.activation_matches",
    says="You compare rows. For each token its mean over latents is taken off; a latent's mean is over tokens.",
)
def centres_the_rows(a, b):
    return _best(_unit(a - a.mean(1, keepdim=True)).T @ _unit(b - b.mean(1, keepdim=True)))


@misconception(
    "judging_saes.activation_matches",
    says="A latent that is 0 everywhere has correlation nan with you. It counts as 0.",
)
def leaves_nan(a, b):
    x, y = a - a.mean(0), b - b.mean(0)
    return _best((x / x.norm(dim=0)).T @ (y / y.norm(dim=0)))


@misconception(
    "judging_saes.activation_matches",
    says="You compare who is active where, and not how strongly. The correlation is that of the activations.",
)
def compares_only_who_is_active(a, b):
    x, y = (a > 0).float(), (b > 0).float()
    return _best(_unit(x - x.mean(0)).T @ _unit(y - y.mean(0)))


@misconception(
    "judging_saes.activation_matches",
    says=(
        "Your correlations are too small by the factor (n - 1) / n. `std()` divides by n - 1, so the sum of products "
        "has to be divided by n - 1 too."
    ),
)
def mixes_n_and_n_minus_one(a, b):
    correlation, partner = (_unit(a - a.mean(0)).T @ _unit(b - b.mean(0))).max(dim=1)
    return partner, correlation * (len(a) - 1) / len(a)
