"""Wrong answers to superposition.superposed that learners give, with the sentence to say for each."""

import math

import torch

from mi_tutor.tutor.misconceptions import misconception, probe


@probe("superposition.superposed")
def observe_superposed(superposed):
    """A rotated basis, leftovers, long and short columns, both thresholds, a feature shared by all neurons."""
    c, s = math.cos(0.7), math.sin(0.7)
    yield superposed(torch.tensor([[[c, -s], [s, c]]])).int()
    yield superposed(torch.tensor([[[1.0, -0.3, 0.3], [0.0, 0.0, 0.3]]])).int()
    yield superposed(torch.tensor([[[4.0, 0.8], [0.0, 3.92]], [[0.6, 0.36], [0.0, 0.48]]])).int()
    yield superposed(torch.tensor([[[1.0, -1.0, 0.0], [0.0, 0.0, 1.0]]])).int()
    yield superposed(torch.tensor([[[1.0, -0.2], [0.0, 0.1]]]), norm=0.1).int()
    yield superposed(torch.tensor([[[1.0, 0.15], [0.0, 0.99]]]), cosine=0.1).int()
    # two unit directions with cosine 0.5, then 0.6: squared they are below and above 0.3, and D is 0.80 and 0.74
    yield superposed(torch.tensor([[[1.0, 0.5], [0.0, 0.866]]])).int()
    yield superposed(torch.tensor([[[1.0, 0.6], [0.0, 0.8]]])).int()


@misconception(
    "superposition.superposed",
    says=(
        "This asks the neurons: a feature counts when a neuron that carries it carries another one too. That is "
        "polysemanticity, and it depends on the axes. Rotate an orthogonal basis and every neuron is polysemantic, "
        "though no feature shares its direction with another."
    ),
)
def asks_the_neurons(W, norm=0.5, cosine=0.3):
    represented = W.norm(dim=1) > norm
    carries = W.abs() > cosine
    polysemantic = carries.sum(dim=2, keepdim=True) > 1
    return represented & (carries & polysemantic).any(dim=1)


@misconception(
    "superposition.superposed",
    says=(
        "You compare dot products with a threshold for cosines. Long features then seem to share what they do not "
        "share, and short ones seem not to share what they do."
    ),
)
def dot_products_for_cosines(W, norm=0.5, cosine=0.3):
    represented = W.norm(dim=1) > norm
    shares = torch.einsum("ihf,ihg->ifg", W, W).abs() > cosine
    shares = shares & ~torch.eye(W.shape[-1], dtype=torch.bool)
    return represented & (shares & represented[:, None, :]).any(-1)


@misconception(
    "superposition.superposed",
    says=(
        "You look only for positive cosines. The antipodal pair, the commonest form of superposition, has cosine −1 "
        "and escapes you."
    ),
)
def misses_antipodes(W, norm=0.5, cosine=0.3):
    represented = W.norm(dim=1) > norm
    unit = torch.nn.functional.normalize(W, dim=1)
    shares = torch.einsum("ihf,ihg->ifg", unit, unit) > cosine
    shares = shares & ~torch.eye(W.shape[-1], dtype=torch.bool)
    return represented & (shares & represented[:, None, :]).any(-1)


@misconception(
    "superposition.superposed",
    says=(
        "Leftover features with tiny norms count as partners in your code. Only represented features can put another "
        "into superposition."
    ),
)
def leftovers_as_partners(W, norm=0.5, cosine=0.3):
    represented = W.norm(dim=1) > norm
    unit = torch.nn.functional.normalize(W, dim=1)
    shares = torch.einsum("ihf,ihg->ifg", unit, unit).abs() > cosine
    shares = shares & ~torch.eye(W.shape[-1], dtype=torch.bool)
    return represented & shares.any(-1)


@misconception(
    "superposition.superposed",
    says=(
        "Every feature has cosine 1 with itself. Leave out the diagonal, or all represented features are in "
        "superposition."
    ),
)
def compares_with_itself(W, norm=0.5, cosine=0.3):
    represented = W.norm(dim=1) > norm
    unit = torch.nn.functional.normalize(W, dim=1)
    shares = torch.einsum("ihf,ihg->ifg", unit, unit).abs() > cosine
    return represented & (shares & represented[:, None, :]).any(-1)


@misconception(
    "superposition.superposed",
    says=(
        "You call all represented features superposed as soon as there are more of them than dimensions, and none "
        "otherwise. That is a count for the whole space; the question is which features share."
    ),
)
def counts_dimensions(W, norm=0.5, cosine=0.3):
    represented = W.norm(dim=1) > norm
    return represented & (represented.sum(-1, keepdim=True) > W.shape[1])


@misconception(
    "superposition.superposed",
    says=(
        "You compare the interference with the threshold. That is a sum of squares over all other features, with their "
        "norms. The question is about one partner at a time: is there a represented one with |cos| above the threshold?"
    ),
)
def interference_above_the_threshold(W, norm=0.5, cosine=0.3):
    return _interference(W) > cosine


@misconception(
    "superposition.superposed",
    says=(
        "You compare the interference of represented features with the threshold. Interference is a sum of squares "
        "over all other features, with their norms. Ask for a single represented partner and its |cos|."
    ),
)
def interference_of_the_represented(W, norm=0.5, cosine=0.3):
    return (W.norm(dim=1) > norm) & (_interference(W) > cosine)


@misconception(
    "superposition.superposed",
    says=(
        "You ask whether the dimensionality is below 1 − `cosine`. Dimensionality sums over all features. The question "
        "is about one partner at a time: is there a represented one with |cos| above the threshold?"
    ),
)
def dimensionality_below_one(W, norm=0.5, cosine=0.3):
    squares = W.pow(2).sum(1)
    share = squares / (squares + _interference(W)).clamp_min(1e-12)
    return (W.norm(dim=1) > norm) & (share < 1 - cosine)


@misconception(
    "superposition.superposed",
    says="You scale the rows of W to norm 1, which belong to neurons. The direction of a feature is a column.",
)
def scales_the_rows(W, norm=0.5, cosine=0.3):
    represented = W.norm(dim=1) > norm
    unit = torch.nn.functional.normalize(W, dim=2)
    shares = torch.einsum("ihf,ihg->ifg", unit, unit).abs() > cosine
    shares = shares & ~torch.eye(W.shape[-1], dtype=torch.bool)
    return represented & (shares & represented[:, None, :]).any(-1)


@misconception(
    "superposition.superposed",
    says=(
        "You ask whether the partner is represented, but not whether the feature itself is. A leftover with a tiny "
        "norm is not in superposition, whatever its direction."
    ),
)
def leftovers_themselves(W, norm=0.5, cosine=0.3):
    represented = W.norm(dim=1) > norm
    unit = torch.nn.functional.normalize(W, dim=1)
    shares = torch.einsum("ihf,ihg->ifg", unit, unit).abs() > cosine
    shares = shares & ~torch.eye(W.shape[-1], dtype=torch.bool)
    return (shares & represented[:, None, :]).any(-1)


def _interference(W):
    unit = torch.nn.functional.normalize(W, dim=1)
    shared = torch.einsum("ihf,ihg->ifg", unit, W).pow(2)
    return shared.sum(-1) - shared.diagonal(dim1=1, dim2=2)
