"""Chapter 06: judging sparse autoencoders. How good are the features we found?

Four tests. Can the latents be used to change one property and nothing else? Do they agree with a dictionary made from
labels, where labels are known? Does another SAE find them again? What do the usual numbers say? In each test the answer
means something only beside a baseline: the whole vector, a learned subspace, a random match.
"""

from collections.abc import Callable

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from mi_tutor import exercise


@exercise
def latent_interchange(
    base: Float[Tensor, "batch d_model"],
    base_latents: Float[Tensor, "batch feature"],
    source_latents: Float[Tensor, "batch feature"],
    W_dec: Float[Tensor, "feature d_model"],
    b_dec: Float[Tensor, " d_model"],
    mask: Bool[Tensor, " feature"],
    keep_error: bool,
) -> Float[Tensor, "batch d_model"]:
    """An interchange intervention on latents: the base's activation with some latents taken from the source.

    Args:
        base: activations of the base prompts, one a row.
        base_latents: the SAE's latents on them.
        source_latents: the SAE's latents on the source prompts, row by row their partners.
        W_dec, b_dec: the SAE's decoder. A reconstruction is latents W_dec + b_dec.
        mask: True for each latent that is taken from the source. All others are the base's own.
        keep_error: whether what the SAE misses in the base is added to the new reconstruction. If not, the result is
            the plain reconstruction from the mixed latents, and even an empty mask changes the activation.

    Returns:
        the activations to put in at the base prompts.

    Source: Chaudhary and Geiger 2024, who select latents with a mask; the choice about the error is ours.
    """
    raise NotImplementedError


@exercise
def subspace_interchange(
    base: Float[Tensor, "batch d_model"],
    source: Float[Tensor, "batch d_model"],
    basis: Float[Tensor, "d_model direction"],
) -> Float[Tensor, "batch d_model"]:
    """An interchange intervention on a subspace: the base, with its part in the subspace taken from the source.

    Every vector is the sum of a part in the subspace and a part at right angles to it. The first comes from the source,
    the second from the base.

    Args:
        base, source: activations, one a row; row by row they are partners.
        basis: an orthonormal basis of the subspace, one vector a column.

    Returns:
        the activations to put in at the base prompts.

    Source: Geiger et al. 2024, distributed alignment search (DAS): distributed interchange interventions.
    """
    raise NotImplementedError


@exercise
def orthonormal(free: Float[Tensor, "d_model direction"]) -> Float[Tensor, "d_model direction"]:
    """An orthonormal basis of the space that the columns of a matrix span, as a function that can be differentiated.

    DAS learns a subspace by gradient descent. A step of the optimizer does not know that the basis should stay
    orthonormal. So the optimizer moves a matrix of free numbers, and the basis is computed from it.

    Args:
        free: columns that are linearly independent, of any lengths and angles; at most d_model of them.

    Returns:
        a matrix whose columns have norm 1, stand at right angles to each other, and span the same subspace as those of
        `free`. Which of the many such bases is left open. Gradients flow back to `free`.

    Source: the orthogonal parametrisation of Geiger et al. 2024.
    """
    raise NotImplementedError


@exercise
def das_step(
    free: Float[Tensor, "d_model direction"],
    base: Float[Tensor, "batch d_model"],
    source: Float[Tensor, "batch d_model"],
    readout: Callable,
    wanted: Int[Tensor, " batch"],
    optimizer: torch.optim.Optimizer,
) -> float:
    """One step of distributed alignment search: turn the subspace so that an interchange in it has the wanted effect.

    The subspace is spanned by the columns of `free`. Its part of the base is replaced by that of the source, the rest
    of the model is run, and the loss is the cross-entropy of the wanted answers. Use your `orthonormal` and
    `subspace_interchange`.

    Args:
        free: the parameter that is trained; it requires a gradient.
        base, source: activations, one a row.
        readout: the rest of the model: a function from activations (batch x d_model) to logits (batch x answers). It
            is not trained.
        wanted: for each row the number of the answer that the model should give after the interchange. For the property
            that is to be moved that is the source's answer.
        optimizer: any torch optimizer over [free]. Gradients of earlier steps may still be stored.

    Returns:
        the loss before the step, averaged over rows, in nats, as a plain number.

    Source: Geiger et al. 2024.
    """
    raise NotImplementedError


@exercise
def disentangle_scores(
    target_got: Int[Tensor, " pair"],
    target_base: Int[Tensor, " pair"],
    target_source: Int[Tensor, " pair"],
    other_got: Int[Tensor, " pair"],
    other_base: Int[Tensor, " pair"],
    other_source: Int[Tensor, " pair"],
) -> dict[str, float]:
    """Does an intervention move the property it is for, and leave the other one where it was?

    An interchange for the target property (say, the country of a city) is done on pairs of prompts. Afterwards the
    model is asked for the target and for another property (the continent). Only a pair that differs in a property can
    show what happens to it: in a pair of two French cities the country is "moved" whatever one does.

    Args:
        target_got: the model's answer about the target after the interchange, as a number.
        target_base, target_source: the right answers for the base and for the source.
        other_got: the model's answer about the other property after the same interchange.
        other_base, other_source: the right answers for the base and for the source.

    Returns:
        "cause": of the pairs whose targets differ, the fraction in which the answer is now the source's.
        "isolate": of the pairs whose other properties differ, the fraction in which the answer still is the base's.
        "disentangle": the mean of the two. A score over no pairs is nan.

    Source: the cause, isolate and disentangle scores of Huang et al. 2024 (RAVEL), used by Chaudhary and Geiger 2024.
    """
    cause = (target_got == target_source).float().mean().item()
    isolate = (other_got == other_base).float().mean().item()
    return {"cause": cause, "isolate": isolate, "disentangle": (cause + isolate) / 2}


@exercise
def attribute_dictionary(
    x: Float[Tensor, "batch d_model"], values: Int[Tensor, "batch label"], n_classes: int
) -> tuple[Float[Tensor, " d_model"], Float[Tensor, "label class d_model"]]:
    """A dictionary made with labels: for each value of each attribute, how far activations with it lie from the mean.

    It says what an SAE could find if features were these attributes, and so gives SAEs something to be compared with.

    Args:
        x: activations, one a row.
        values: the values of each row's attributes, from 0 to n_classes − 1. For "Then Ann and Bob …, Bob gave a book
            to" the attributes may be the indirect object (Ann), the subject (Bob) and their order.
        n_classes: the largest number of values that an attribute has.

    Returns:
        (mean, directions). mean: of all rows. directions[a, v]: the mean of the rows whose attribute a has value v,
        minus the mean of all rows; zeros where no row has it.

    Source: Makelov et al. 2024, mean feature dictionaries.
    """
    directions = torch.zeros(values.shape[1], n_classes, x.shape[1])
    raise NotImplementedError


@exercise
def from_attributes(
    values: Int[Tensor, "batch label"],
    mean: Float[Tensor, " d_model"],
    directions: Float[Tensor, "label class d_model"],
) -> Float[Tensor, "batch d_model"]:
    """Activations as a dictionary with labels tells them: the mean, and one direction for each attribute.

    Args:
        values: the value of each attribute of each row.
        mean: the mean activation.
        directions: directions[a, v] belongs to value v of attribute a.

    Returns:
        mean + Σₐ directions[a, values[row, a]] for each row.

    Source: Makelov et al. 2024.
    """
    raise NotImplementedError


@exercise
def sparse_edit(
    x: Float[Tensor, "batch d_model"],
    latents: Float[Tensor, "batch feature"],
    wanted: Float[Tensor, "batch feature"],
    W_dec: Float[Tensor, "feature d_model"],
    k: int,
) -> Float[Tensor, "batch d_model"]:
    """Sparse control: change k latents so that the activation comes closer to one with other attributes.

    If the features of an SAE were the attributes, then to change one attribute it would be enough to take out one
    latent and to put in one. Here the k latents are changed whose change writes the longest vector, of the length
    |wantedᵢ − fᵢ| ‖W_dec[i]‖. Each row has k latents of its own.

    Args:
        x: activations, one a row.
        latents: the SAE's latents on them, f.
        wanted: the latents on the counterfactual activation of each row: the same prompt with one attribute changed.
        W_dec: the decoder, its rows of any length.
        k: how many latents may be changed, from 1 to the number of latents.

    Returns:
        x with the chosen latents at their wanted values. What the SAE misses in x stays in.

    Source: the sparse controllability test of Makelov et al. 2024; their choice of latents is greedy in another way.
    """
    raise NotImplementedError


@exercise
def attribute_f1(
    latents: Float[Tensor, "batch feature"], values: Int[Tensor, "batch label"], n_classes: int
) -> Float[Tensor, "feature label class"]:
    """Can a latent be read as one value of one attribute? F1 for every latent, attribute and value.

    Each latent is taken as a detector: it says yes where it is active, above 0. For each value of each attribute the
    right answer is yes on the rows that have it.

    Args:
        latents: at least 0, one row for each activation.
        values: the values of each row's attributes, from 0 to n_classes − 1.
        n_classes: the largest number of values that an attribute has.

    Returns:
        F1 = 2 TP / (active rows + rows with the value), where TP is the number of rows that are both. 0 where there are
        neither active rows nor rows with the value.

    Source: the interpretability test of Makelov et al. 2024.
    """
    raise NotImplementedError


@exercise
def activation_matches(
    a: Float[Tensor, "batch feature"], b: Float[Tensor, "batch hidden"]
) -> tuple[Int[Tensor, " feature"], Float[Tensor, " feature"]]:
    """For each latent of one SAE the latent of another that behaves most like it, by the correlation of activations.

    The two SAEs may have different widths, and may belong to different models, as long as the rows are the same tokens.

    Args:
        a: the latents of the first SAE, one row for each token.
        b: the latents of the second SAE on the same tokens.

    Returns:
        (partner, correlation). partner: for each latent of a the number of the latent of b with the largest Pearson
        correlation (not the largest in size: it keeps its sign). correlation: that correlation. A latent that is 0 on
        all rows has correlation 0 with every other; any partner will do for it.

    Source: Bricken et al. 2023, universality by the correlation of activations; Li et al. 2015 for neurons.
    """
    raise NotImplementedError


@exercise
def held_out_matches(
    a: Float[Tensor, "batch feature"], b: Float[Tensor, "batch hidden"], train: Bool[Tensor, " batch"]
) -> Float[Tensor, " feature"]:
    """How well do the best partners agree on rows that had no part in choosing them?

    The best of thousands is lucky. With few rows some latent correlates highly by chance, most of all where a latent is
    active on a handful of rows.

    Args:
        a, b: the latents of two SAEs on the same tokens, one row for each token.
        train: the rows on which partners are chosen. The others, at least two, are for the score.

    Returns:
        for each latent of a: its Pearson correlation, on the other rows, with the latent of b that correlates best with
        it on the rows of `train`. 0 where one of the two is 0 on all other rows.
    """
    unit = torch.nn.functional.normalize
    correlations = unit(a - a.mean(0), dim=0).T @ unit(b - b.mean(0), dim=0)
    return correlations.max(dim=1).values


@exercise
def chance_level(a: Float[Tensor, "batch feature"], b: Float[Tensor, "batch hidden"], seed: int) -> float:
    """What would the mean best correlation be if the two SAEs had nothing to do with each other?

    The rows of b are shuffled: one order for all of its latents. Each latent keeps how often and how strongly it is
    active, and the latents of b keep what they have to do with each other. Only the tie to a is cut.

    Args:
        a, b: the latents of two SAEs on the same tokens, one row for each token.
        seed: the same seed gives the same order, other seeds give others. Any generator will do. The global random
            state is left alone.

    Returns:
        the largest correlation of each latent of a with any latent of the shuffled b, averaged over those latents of a
        that are active (above 0) on at least one row.
    """
    generator = torch.Generator().manual_seed(seed)
    raise NotImplementedError


@exercise
def mutual_matches(similarity: Float[Tensor, "feature hidden"]) -> Bool[Tensor, " feature"]:
    """Which latents of one SAE have a partner that chooses them in turn?

    Every latent has a best partner, also one that belongs to nobody. To be each other's best is a stricter test, and at
    most as many latents of the first SAE can pass as the second has.

    Args:
        similarity: how alike latent i of the first SAE and latent j of the second are. No two entries are equal.

    Returns:
        True for each latent i of the first SAE whose most similar j has i as its most similar.
    """
    raise NotImplementedError


@exercise
def scorecard(
    x: Float[Tensor, "batch d_model"],
    x_hat: Float[Tensor, "batch d_model"],
    latents: Float[Tensor, "batch feature"],
    far: Float[Tensor, "sample d_model"],
    far_hat: Float[Tensor, "sample d_model"],
    dense: float,
) -> dict[str, float]:
    """What can be said about an SAE from its reconstructions and latents alone.

    Args:
        x, x_hat, latents: held-out activations like those it was trained on, their reconstructions and latents.
        far, far_hat: activations on text of another kind, and their reconstructions.
        dense: a latent is dense where it is active on more than this fraction of rows.

    Returns:
        "explained variance": 1 − squared errors / squared distances from the mean row, both summed over rows and
            d_model, on x.
        "explained variance far": the same on `far`, around the mean row of `far` itself.
        "L0": active latents (above 0) in a row, averaged over rows.
        "dead": the fraction of latents that are active on no row.
        "dense": the fraction of latents that are dense.
    """
    raise NotImplementedError


@exercise
def which_method_separates() -> str:
    """Suppose four ways to move the country of a city and leave its continent had these scores. What would they say?

                                 cause   isolate   disentangle
        whole activation          0.96      0.04          0.50
        subspace learned by DAS   0.90      0.84          0.87
        SAE latents by a mask     0.41      0.80          0.61
        no intervention           0.00      1.00          0.50

    a) The SAE separates country and continent: its disentangle score is well above 0.5, and 0.5 is chance.
    b) The SAE's latents move the country in less than half of the pairs. That the continent stays is largely what an
       intervention with little effect does anyway. A subspace that does both exists, since DAS found one.
    c) The whole activation is as good as no intervention: the model does not keep the country there.
    d) DAS was trained with labels, so its score says nothing about whether the activations separate the two.

    Returns:
        one letter.
    """
    raise NotImplementedError


@exercise
def what_a_match_shows() -> str:
    """Suppose two SAEs, trained on the same activations from other random starts, agree like this. What is shown?

    For each latent of the first the best partner in the second was found. On held-out rows the mean correlation is
    0.71; the same steps with the rows of the second shuffled give 0.01.

    a) 71% of the features are universal.
    b) The features are properties of the model: whatever two SAEs both find is what the model computes with.
    c) Nothing, since a best partner among thousands has a high correlation by chance.
    d) The two SAEs found a good deal in common that the activations must have led them to. Whether other models have
       it too, and whether this model uses it, is another question.

    Returns:
        one letter.
    """
    raise NotImplementedError
