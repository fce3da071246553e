"""Wrong answers to superposition.feature_dimensionality that learners give, with the sentence to say for each."""

import torch

from mi_tutor.tutor.misconceptions import misconception, probe


@probe("superposition.feature_dimensionality")
def observe_feature_dimensionality(feature_dimensionality):
    """Unequal norms, a zero column, as many dimensions as features."""
    yield feature_dimensionality(torch.tensor([[[3.0, -2.0], [0.0, 1.0]]]))
    yield feature_dimensionality(torch.tensor([[[1.0, 0.5, 0.0], [0.0, 2.0, 0.0]]]))


def _dimensionality(W, others):
    norms = W.pow(2).sum(1)
    return torch.where(norms > 0, norms / others, torch.zeros_like(norms))


@misconception(
    "superposition.feature_dimensionality",
    says=(
        "Your denominator leaves out the feature itself. Then a feature that is alone divides by zero, and an even "
        "pair gets 1 instead of 1/2: the share should count the owner too."
    ),
)
def leaves_itself_out(W):
    unit = torch.nn.functional.normalize(W, dim=1)
    shared = torch.einsum("ihf,ihg->ifg", unit, W).pow(2)
    return _dimensionality(W, shared.sum(-1) - shared.diagonal(dim1=1, dim2=2))


@misconception(
    "superposition.feature_dimensionality",
    says=(
        "You scale no vector to norm 1: the denominator grows with the fourth power of the norm, the numerator with "
        "the second."
    ),
)
def unscaled_denominator(W):
    return _dimensionality(W, torch.einsum("ihf,ihg->ifg", W, W).pow(2).sum(-1))


@misconception(
    "superposition.feature_dimensionality",
    says="You scale both vectors in the denominator to norm 1. Only Ŵᵢ has norm 1; Wⱼ keeps its own.",
)
def both_unit_in_the_denominator(W):
    unit = torch.nn.functional.normalize(W, dim=1)
    return _dimensionality(W, torch.einsum("ihf,ihg->ifg", unit, unit).pow(2).sum(-1))


@misconception(
    "superposition.feature_dimensionality",
    says="Your numerator is the norm, not the squared norm: a lone feature of norm 1/4 would get 4 instead of 1.",
)
def norm_not_squared(W):
    unit = torch.nn.functional.normalize(W, dim=1)
    total = torch.einsum("ihf,ihg->ifg", unit, W).pow(2).sum(-1)
    norms = W.norm(dim=1)
    return torch.where(norms > 0, norms / total, torch.zeros_like(norms))


@misconception(
    "superposition.feature_dimensionality",
    says="A feature that is zero gives 0/0 = nan in your code. It is not represented: its dimensionality is 0.",
)
def nan_for_dead_features(W):
    unit = torch.nn.functional.normalize(W, dim=1)
    return W.pow(2).sum(1) / torch.einsum("ihf,ihg->ifg", unit, W).pow(2).sum(-1)


@misconception(
    "superposition.feature_dimensionality",
    says="You scale the rows of W, the hidden dimensions. The direction of a feature is a column.",
)
def unit_rows_in_the_denominator(W):
    unit = torch.nn.functional.normalize(W, dim=2)
    return _dimensionality(W, torch.einsum("ihf,ihg->ifg", unit, W).pow(2).sum(-1))


@misconception(
    "superposition.feature_dimensionality",
    says=(
        "You use cosines throughout, so both vectors of every product have norm 1. Only Ŵᵢ does: Wⱼ keeps its norm, "
        "and the numerator is ‖Wᵢ‖². A short feature should not crowd out a long one."
    ),
)
def only_cosines(W):
    unit = torch.nn.functional.normalize(W, dim=1)
    total = torch.einsum("ihf,ihg->ifg", unit, unit).pow(2).sum(-1)
    return torch.where(total > 0, 1 / total, torch.zeros_like(total))
