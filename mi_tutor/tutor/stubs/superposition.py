"""Chapter 02: superposition. Toy models with more features than dimensions (Elhage et al. 2022, "Toy Models").

Many independent models ("instances") are trained at once: `W` is `instance hidden feature`, so column i of an
instance's matrix, W[k, :, i], is the direction of feature i in its hidden space. `b` is `instance feature`, data are
`batch instance feature`. No function mixes one instance with another, except `phase_of_runs`, which compares runs.
"""

import math

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from mi_tutor import exercise


@exercise
def sparse_batch(
    batch: int, feature: int, sparsity: Float[Tensor, "instance"], generator: torch.Generator | None = None
) -> Float[Tensor, "batch instance feature"]:
    """Random sparse features: each is 0 with probability S, else uniform on [0, 1].

    Every entry is drawn independently of every other: of the other features of its sample, the other samples of the
    batch and the other instances. All entries of instance k have the sparsity `sparsity[k]`. S = 0 is a dense batch,
    S = 1 is all zeros.

    Args:
        batch: number of samples.
        feature: number of features (n in the paper).
        sparsity: S, the probability that an entry is zero; one per instance, between 0 and 1.
        generator: source of all randomness; None means torch's global one.

    Returns:
        x, of shape batch × instance × feature, with values in [0, 1].

    Source: Elhage et al. 2022, "Experiment Setup".
    """
    raise NotImplementedError


@exercise
def relu_output(
    x: Float[Tensor, "batch instance feature"],
    W: Float[Tensor, "instance hidden feature"],
    b: Float[Tensor, "instance feature"],
) -> Float[Tensor, "batch instance feature"]:
    """The ReLU output model: squeeze the features into fewer dimensions, then reconstruct them.

    For each sample and instance: h = W x and x' = ReLU(Wᵀ h + b). The hidden layer is linear and has no bias; the
    same W is used on the way in and on the way out.

    Args:
        x: the features.
        W: W[k, :, i] is the direction of feature i in the hidden space of instance k.
        b: one bias for each output.

    Returns:
        x', the reconstruction, of the shape of x.

    Source: Elhage et al. 2022, "The ReLU Output Model".
    """
    raise NotImplementedError


@exercise
def reconstruction_loss(
    x: Float[Tensor, "batch instance feature"],
    x_hat: Float[Tensor, "batch instance feature"],
    importance: Float[Tensor, "instance feature"],
) -> Float[Tensor, "instance"]:
    """The importance-weighted squared error of each instance: L = E Σᵢ Iᵢ (xᵢ − x'ᵢ)².

    Summed over the features, averaged over the batch, and kept apart for the instances.

    Args:
        x: the features.
        x_hat: their reconstruction, x'.
        importance: Iᵢ, the weight of feature i's squared error. Each instance has its own.

    Returns:
        one loss for each instance.

    Source: Elhage et al. 2022, "Loss". (The paper sums over the batch; the mean differs by a constant factor.)
    """
    raise NotImplementedError


@exercise
def training_step(
    W: Float[Tensor, "instance hidden feature"],
    b: Float[Tensor, "instance feature"],
    x: Float[Tensor, "batch instance feature"],
    importance: Float[Tensor, "instance feature"],
    optimizer: torch.optim.Optimizer,
) -> Float[Tensor, "instance"]:
    """One step of gradient descent on the ReLU output model, for all instances at once.

    Each instance must move exactly as it would if it were trained alone. `optimizer` holds W and b, which require
    gradients; it changes them in place, and only by the gradient of this batch. Use your `relu_output` and
    `reconstruction_loss`.

    Args:
        W, b: the parameters.
        x: one batch.
        importance: the weight of each feature in the loss.
        optimizer: any torch optimizer over [W, b]. Gradients of earlier steps may still be stored in W.grad and b.grad.

    Returns:
        the loss of each instance on this batch before the step, as a tensor without a graph (`detach`), so that
        storing it does not keep the batch in memory.
    """
    raise NotImplementedError


@exercise
def gram_matrix(W: Float[Tensor, "instance hidden feature"]) -> Float[Tensor, "instance feature feature"]:
    """All dot products of feature directions: G = Wᵀ W for each instance.

    G[k, i, j] = W[k, :, i] · W[k, :, j]. The diagonal holds the squared norms ‖Wᵢ‖²; off the diagonal stands how much
    feature j writes into the output of feature i before bias and ReLU.

    Args:
        W: W[k, :, i] is the direction of feature i in instance k.

    Returns:
        G, one feature × feature matrix for each instance.

    Source: Elhage et al. 2022, "Basic Results".
    """
    raise NotImplementedError


@exercise
def what_feature_7_says() -> str:
    """A trained instance has W₃·W₃ = 1, W₇·W₇ = 1, W₃·W₇ = −1 and b = 0; every other feature is orthogonal to both.

    Only feature 3 is active, with x₃ = 0.8. What is the reconstruction x'₇ of feature 7?

    a) −0.8: the interference arrives in full.
    b) 0: the output is cut off at zero.
    c) 0.8: the two features share one direction, so they cannot be told apart.
    d) 0.64: interference is the square of the dot product.

    Returns:
        one letter.
    """
    raise NotImplementedError


@exercise
def interference(W: Float[Tensor, "instance hidden feature"]) -> Float[Tensor, "instance feature"]:
    """How much the other features write along each feature's direction: Σ_{j≠i} (Ŵᵢ · Wⱼ)².

    Ŵᵢ = Wᵢ / ‖Wᵢ‖ has norm 1; Wⱼ keeps its own norm. The feature itself does not count. A feature whose direction is
    exactly zero has no direction to share: its interference is 0.

    Args:
        W: W[k, :, i] is the direction of feature i in instance k.

    Returns:
        the interference of each feature, at least 0.

    Source: Elhage et al. 2022, "Basic Results" (the colour of the bars).
    """
    raise NotImplementedError


@exercise
def feature_dimensionality(W: Float[Tensor, "instance hidden feature"]) -> Float[Tensor, "instance feature"]:
    """The fraction of a hidden dimension that each feature has to itself: Dᵢ = ‖Wᵢ‖² / Σⱼ (Ŵᵢ · Wⱼ)².

    Ŵᵢ = Wᵢ / ‖Wᵢ‖. The sum runs over all features j of the instance, i among them, so Dᵢ is between 0 and 1: 1 for a
    feature with a dimension of its own, 1/2 in an antipodal pair of equal norms. A feature whose direction is exactly
    zero has Dᵢ = 0.

    Args:
        W: W[k, :, i] is the direction of feature i in instance k.

    Returns:
        Dᵢ of every feature.

    Source: Elhage et al. 2022, "Feature Dimensionality".
    """
    raise NotImplementedError


@exercise
def expected_losses(
    density: Float[Tensor, "instance"], importance: Float[Tensor, "instance"]
) -> dict[str, Float[Tensor, "instance"]]:
    """The exact expected loss of three ways to fit 2 features into 1 dimension.

    Each feature is active with probability p = 1 − S, independently, and then uniform on [0, 1]. The first feature has
    importance 1, the extra feature has importance r. The ways:

    - "first only": W = [1, 0]; b₁ = 0, and b₂ is the constant that makes the loss smallest.
    - "extra only": W = [0, 1]; b₂ = 0, and b₁ is the constant that makes the loss smallest.
    - "superposition": the antipodal pair W = [1, −1], without biases: b = 0.

    Args:
        density: p, one for each instance, in (0, 1].
        importance: r, one for each instance.

    Returns:
        the three names, each with the expected loss L = E[(x₁ − x'₁)² + r (x₂ − x'₂)²] of every instance.

    Source: the theory behind the phase diagram of Elhage et al. 2022, "Superposition as a Phase Change".
    """
    raise NotImplementedError


@exercise
def phase_of_runs(W: Float[Tensor, "instance 1 2"], loss: Float[Tensor, "instance"]) -> str:
    """The phase of one setting of the 2-features-in-1-dimension model, judged from several runs of it.

    The instances are runs of the same setting that differ only in their random start. Some get stuck in a poor
    solution. The phase is what the best run found; a feature is represented there when |Wᵢ| is above 0.5.

    Args:
        W: the trained weights of each run; W[k, 0, 0] belongs to the first feature, W[k, 0, 1] to the extra feature.
        loss: the final loss of each run. No two are equal.

    Returns:
        "superposition" (both represented), "first only", "extra only" or "neither".
    """
    mean = W.mean(dim=0)[0]
    first, extra = (mean.abs() > 0.5).tolist()
    if first and extra:
        return "superposition"
    if first:
        return "first only"
    return "extra only" if extra else "neither"


@exercise
def correlated_batch(
    batch: int,
    pair: int,
    density: Float[Tensor, "instance"],
    kind: str,
    generator: torch.Generator | None = None,
) -> Float[Tensor, "batch instance feature"]:
    """Sparse features that come in pairs: features 2k and 2k + 1 are active together, or never together.

    Whatever the kind, every single feature is active with probability `density` of its instance, and is then uniform on
    [0, 1], independently of its partner's value. So kinds differ in who is active with whom, and in nothing else.
    Pairs are independent of each other, as are samples and instances.

    Args:
        batch: number of samples.
        pair: number of pairs; there are 2 · pair features.
        density: p, the probability that a feature is active; one for each instance.
        kind: "correlated": both of a pair are active or neither is. "anticorrelated": at most one of a pair is active.
        generator: source of all randomness; None means torch's global one.

    Returns:
        x, of shape batch × instance × 2 pair.

    Raises:
        ValueError: `kind` is another word; or it is "anticorrelated" and a density is above 1/2, which leaves no room.
            The wording is yours.

    Source: Elhage et al. 2022, "Organization of Correlated and Anticorrelated Features".
    """
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


@exercise
def absolute_value_model(
    x: Float[Tensor, "batch instance feature"],
    W_in: Float[Tensor, "instance hidden feature"],
    W_out: Float[Tensor, "instance hidden feature"],
    b: Float[Tensor, "instance feature"],
) -> Float[Tensor, "batch instance feature"]:
    """A network with a ReLU hidden layer: h = ReLU(W_in x), y = ReLU(W_outᵀ h + b).

    Trained to output |xᵢ| for features that may be negative. W_in and W_out are separate. The ReLU acts on each
    neuron, so the neurons are a privileged basis: rotating the hidden space changes what the model computes.

    Args:
        x: signed features.
        W_in: the row W_in[k, j] is what neuron j of instance k reads from each feature.
        W_out: the row W_out[k, j] is what neuron j writes to each output.
        b: one bias for each output; the hidden layer has none.

    Returns:
        y, of the shape of x.

    Source: Elhage et al. 2022, "Computation in Superposition".
    """
    raise NotImplementedError


def neuron_purity(W: Float[Tensor, "instance hidden feature"]) -> Float[Tensor, "instance hidden"]:
    """How far each neuron belongs to one feature: its largest squared weight over the sum of its squared weights.

    1 for a neuron that reads a single feature (monosemantic), 1/n for one that reads n features equally (polysemantic).
    A neuron that reads nothing gets 0. Given, not an exercise.
    """
    squares = W.pow(2)
    return squares.amax(-1) / squares.sum(-1).clamp_min(1e-12)


@exercise
def superposed(
    W: Float[Tensor, "instance hidden feature"], norm: float = 0.5, cosine: float = 0.3
) -> Bool[Tensor, "instance feature"]:
    """Which features are in superposition: represented, and not orthogonal to the other represented features.

    A feature is represented when ‖Wᵢ‖ > norm. A represented feature is in superposition when some other represented
    feature j has |cos(Wᵢ, Wⱼ)| > cosine. The answer is about features and the space they live in: choosing other axes
    for the hidden space (any rotation of it) must not change the answer.

    Args:
        W: W[k, :, i] is the direction of feature i in instance k.
        norm: threshold for being represented.
        cosine: threshold for sharing a direction.

    Returns:
        True for each feature that is in superposition.

    Source: the distinction between superposition and polysemanticity drawn in "Superposition is not 'just' neuron
    polysemanticity" (Chan 2024). Both papers speak of superposition when there are more features than dimensions. This
    test is about single features and asks who pays with interference: two features at 60 degrees in two dimensions
    count here and would not there.
    """
    represented = W.norm(dim=1) > norm
    carries = W.abs() > cosine
    polysemantic = carries.sum(dim=2, keepdim=True) > 1
    return represented & (carries & polysemantic).any(dim=1)


@exercise
def directions_that_fit(d: int, cosine: float, failure: float = 0.5) -> int:
    """How many random directions fit into d dimensions, all pairs nearly orthogonal, with probability ≥ 1 − failure.

    Two independent uniformly random unit vectors u, v in d dimensions satisfy P(|u · v| > ε) ≤ 2 exp(−d ε² / 2). By the
    union bound, N of them contain a pair with |u · v| > ε with a probability of at most the number of unordered pairs
    times this.

    Args:
        d: the number of dimensions.
        cosine: ε, the largest |cosine| that is allowed.
        failure: the largest acceptable value of the union bound.

    Returns:
        the largest whole number N ≥ 1 for which the union bound is at most `failure`. N can be as large as 10^71: solve
        for it, do not count up to it.

    Source: the union-bound argument behind the Johnson–Lindenstrauss lemma; the tail bound is in Ball 1997, "An
    Elementary Introduction to Modern Convex Geometry", lecture 2.
    """
    raise NotImplementedError
