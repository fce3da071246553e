"""Wrong answers to superposition.sparse_batch that learners give, with the sentence to say for each."""

import torch

from mi_tutor.tutor.judge import seeded
from mi_tutor.tutor.misconceptions import misconception, probe

from .pairs_of_features import apart


@probe("superposition.sparse_batch", atol=0.04)
def observe_sparse_batch(sparse_batch):
    """Who is active, how strongly, and what is shared between features, instances and samples."""
    x = sparse_batch(4000, 3, torch.tensor([0.2, 0.7]), seeded())
    on = (x != 0).float()
    yield on.mean(dim=(0, 2))
    yield x.sum(dim=(0, 2)) / on.sum(dim=(0, 2)).clamp_min(1)
    yield (x < 0).float().mean()
    yield torch.stack([(on[:, 1, 0] * on[:, 1, 1]).mean(), (on[:, 0, 0] * on[:, 1, 0]).mean()])
    yield (on[:-1, 1, 0] * on[1:, 1, 0]).mean()
    again = sparse_batch(4000, 3, torch.tensor([0.2, 0.7]), seeded())
    yield float(torch.equal(x, again))
    yield torch.stack([apart(x[:, 1, 0], x[:, 1, 1]), apart(x[:, 0, 0], x[:, 1, 0]), apart(x[:-1, 1, 0], x[1:, 1, 0])])
    one = seeded()
    yield float(torch.equal(*(sparse_batch(20, 3, torch.tensor([0.4]), one) for _ in range(2))))


@misconception(
    "superposition.sparse_batch",
    says=(
        "You read the sparsity as the probability of being active. S is the probability of being zero; "
        "a sparsity of 0.99 should leave almost nothing."
    ),
)
def sparsity_as_density(batch, feature, sparsity, generator=None):
    shape = (batch, len(sparsity), feature)
    active = torch.rand(shape, generator=generator) < sparsity[None, :, None]
    return active * torch.rand(shape, generator=generator)


@misconception(
    "superposition.sparse_batch",
    says="Your active values run from −1 to 1. In this model features are never negative: they are uniform on [0, 1].",
)
def values_from_minus_one(batch, feature, sparsity, generator=None):
    shape = (batch, len(sparsity), feature)
    active = torch.rand(shape, generator=generator) >= sparsity[None, :, None]
    return active * (2 * torch.rand(shape, generator=generator) - 1)


@misconception(
    "superposition.sparse_batch",
    says=(
        "You use one random number both to decide whether a feature is active and as its value. Then active features "
        "are always strong: with S = 0.7 they are all above 0.7. The two decisions need separate draws."
    ),
)
def one_draw_for_both(batch, feature, sparsity, generator=None):
    values = torch.rand((batch, len(sparsity), feature), generator=generator)
    return values * (values >= sparsity[None, :, None])


@misconception(
    "superposition.sparse_batch",
    says=(
        "All features of a sample are switched on and off together: your mask has one entry for a sample and an "
        "instance. Each feature should decide for itself."
    ),
)
def whole_samples_at_once(batch, feature, sparsity, generator=None):
    active = torch.rand((batch, len(sparsity), 1), generator=generator) >= sparsity[None, :, None]
    return active * torch.rand((batch, len(sparsity), feature), generator=generator)


@misconception(
    "superposition.sparse_batch",
    says=(
        "Your mask is drawn once and used for the whole batch, so the same features are active in every sample. "
        "Which axes does the mask's shape lack?"
    ),
)
def same_mask_for_every_sample(batch, feature, sparsity, generator=None):
    active = torch.rand((len(sparsity), feature), generator=generator) >= sparsity[:, None]
    return active * torch.rand((batch, len(sparsity), feature), generator=generator)


@misconception(
    "superposition.sparse_batch",
    says=(
        "You ignore `generator`: two calls with the same generator state give different batches, so no run can be "
        "repeated."
    ),
)
def ignores_the_generator(batch, feature, sparsity, generator=None):
    shape = (batch, len(sparsity), feature)
    return (torch.rand(shape) >= sparsity[None, :, None]) * torch.rand(shape)


@misconception(
    "superposition.sparse_batch",
    says=(
        "All instances get the same random numbers; only their sparsities differ. Runs that are meant to be "
        "independent then see the same data. Every instance needs draws of its own."
    ),
)
def shares_the_draws_between_instances(batch, feature, sparsity, generator=None):
    active = torch.rand((batch, 1, feature), generator=generator) >= sparsity[None, :, None]
    return active * torch.rand((batch, 1, feature), generator=generator)


@misconception(
    "superposition.sparse_batch",
    says=(
        "The active features of a sample all have the same strength: your values have one entry for a sample and an "
        "instance. Each feature has a value of its own."
    ),
)
def one_value_for_a_sample(batch, feature, sparsity, generator=None):
    active = torch.rand((batch, len(sparsity), feature), generator=generator) >= sparsity[None, :, None]
    return active * torch.rand((batch, len(sparsity), 1), generator=generator)


@misconception(
    "superposition.sparse_batch",
    says=(
        "You seed a generator inside the function. Then every batch is the same one, and training sees the same "
        "samples over and over. Draw from the generator that comes in, as it comes."
    ),
)
def reseeds_every_time(batch, feature, sparsity, generator=None):
    own, shape = seeded(), (batch, len(sparsity), feature)
    return (torch.rand(shape, generator=own) >= sparsity[None, :, None]) * torch.rand(shape, generator=own)
