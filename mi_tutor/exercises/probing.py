"""Chapter 04: probing. What is encoded, and is it used?

A probe is a small model that is trained to read something from another model's activations. The functions take
activations that were already read, split them without leaking, train probes in closed form or by gradient, and ask what
a probe's success can and cannot say.
"""

from collections.abc import Callable
from itertools import pairwise

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from mi_tutor import exercise

# --- first part: activations at one place, honest splits, linear probes


@exercise
def features_at(
    activations: Float[Tensor, "batch pos d_model"], lengths: Int[Tensor, " batch"], back: int = 0
) -> Float[Tensor, "batch d_model"]:
    """The activation of each prompt at its last token, or some tokens before it.

    The prompts have different lengths. Shorter ones are padded on the right, and what the model computes at the padding
    means nothing.

    Args:
        activations: one vector for each prompt and position, padding included.
        lengths: how many real tokens each prompt has, the start mark included; at least 1.
        back: how many tokens before the last real one, 0 for the last one itself.

    Returns:
        One vector for each prompt.

    Raises:
        ValueError: a prompt has no token that far back, or `back` is negative, which would lie in the padding.
    """
    raise NotImplementedError


@exercise
def grouped_split(
    group: Int[Tensor, " batch"], validation: float, test: float, seed: int
) -> tuple[Bool[Tensor, " batch"], Bool[Tensor, " batch"], Bool[Tensor, " batch"]]:
    """Cut rows into three parts, so that rows which belong together stay together.

    Cities of one country have much in common, and so do a statement and its false twin. When one of them is trained on
    and the other tested, a probe that remembers is taken for one that understands.

    Args:
        group: the group of each row, any whole numbers.
        validation, test: the shares of the groups, not of the rows, in these parts. With G groups they get
            round(validation * G) and round(test * G) groups; training gets the rest.
        seed: decides which groups go where. The same seed gives the same parts; over the seeds, every group comes into
            every part. The global random state is left alone.

    Returns:
        (train, validation, test), True for the rows of the part. Every row is in exactly one part, and so is every
        group.

    Raises:
        ValueError: a part would get no group.
    """
    generator = torch.Generator().manual_seed(seed)
    n = len(group)
    n_validation, n_test = round(validation * n), round(test * n)
    if min(n_validation, n_test, n - n_validation - n_test) < 1:
        raise ValueError(f"{n} rows are too few for parts of {validation} and {test}")
    order = torch.randperm(n, generator=generator)
    in_validation = torch.isin(torch.arange(n), order[:n_validation])
    in_test = torch.isin(torch.arange(n), order[n_validation : n_validation + n_test])
    return ~in_validation & ~in_test, in_validation, in_test


@exercise
def standardised(
    features: Float[Tensor, "batch feature"], train: Bool[Tensor, " batch"]
) -> Float[Tensor, "batch feature"]:
    """Bring all features to one scale, without a look at the rows that are held out.

    A penalty on the weights is only fair between features of equal spread. The mean and the spread are estimated, and
    whatever is estimated is part of the training.

    Args:
        features: one row for each example, held out ones included.
        train: True for the rows that may be learned from. The others must not influence the scale.

    Returns:
        For all rows, each feature minus its mean over the training rows, divided by its standard deviation over the
        training rows (with n, not n - 1). A feature that is constant on the training rows is 0 in all rows.
    """
    constant = (features == features[0]).all(dim=0)  # not spread == 0: the mean of equal floats may be off by rounding
    spread = features.std(dim=0, correction=0)
    return torch.where(constant, 0.0, (features - features.mean(dim=0)) / spread)


@exercise
def ridge(
    features: Float[Tensor, "batch feature"], target: Float[Tensor, "batch target"], penalty: float
) -> tuple[Float[Tensor, "feature target"], Float[Tensor, " target"]]:
    """The ridge regression of one or several targets, in closed form.

    For each target, the weights w and the intercept b make this as small as it can be:
    (sum over rows of (row · w + b - target)²) + penalty · (sum of the squared weights). The intercept is not penalised.

    Args:
        features: one row for each example.
        target: the numbers to predict, such as latitude and longitude.
        penalty: at least 0, in the units of the sum over rows (scikit-learn's alpha). At 0 the centred
            features must be linearly independent.

    Returns:
        (weights, intercepts). The prediction for rows x is x @ weights + intercepts.
        Source: the probe of Gurnee and Tegmark 2024.
    """
    raise NotImplementedError


@exercise
def r_squared(
    predicted: Float[Tensor, "batch target"],
    target: Float[Tensor, "batch target"],
    train_mean: Float[Tensor, " target"],
) -> Float[Tensor, " target"]:
    """How much better than always saying the training mean are these predictions, on rows that were held out?

    Held-out countries lie elsewhere, so their own mean would be knowledge that no probe was given. The baseline is the
    best constant that could be learned.

    Args:
        predicted: predictions for the held-out rows.
        target: what is true of these rows.
        train_mean: the mean of each target over the training rows.

    Returns:
        For each target by itself: 1 - (sum of squared errors) / (sum of squared differences from `train_mean`). 1 is
        perfect, 0 is as good as the training mean, and below 0 is worse. nan where a target equals `train_mean` in
        every row; there is nothing to be better at.
    """
    raise NotImplementedError


@exercise
def logistic_gradient(
    weights: Float[Tensor, " feature"],
    bias: float,
    features: Float[Tensor, "batch feature"],
    labels: Bool[Tensor, " batch"],
    penalty: float,
) -> tuple[float, Float[Tensor, " feature"], float]:
    """The loss of a logistic probe, and which way it falls.

    The probe says "positive" with probability p = 1 / (1 + exp(-z)), where z = row · weights + bias is the logit. The
    loss is the mean over rows of -ln(probability given to the row's label), plus penalty / 2 · (sum of the squared
    weights). The bias is not penalised.

    Args:
        weights, bias: of the probe as it is now.
        features: one row for each example.
        labels: True for the positive rows.
        penalty: how much large weights cost. scikit-learn's C is 1 / (number of rows · penalty).

    Returns:
        (loss, its derivative with respect to each weight, its derivative with respect to the bias). All are finite
        for logits of any size: a logit of 200 on a negative row costs 200.
    """
    raise NotImplementedError


def fit_logistic(
    features: Float[Tensor, "batch feature"], labels: Bool[Tensor, " batch"], penalty: float, steps: int = 100
) -> tuple[Float[Tensor, " feature"], float]:
    """Train a logistic probe: follow `logistic_gradient` downhill, in double precision.

    The search is torch's L-BFGS. It learns from the last gradients how the loss curves and so needs few steps.

    Args:
        features, labels, penalty: as for `logistic_gradient`. Standardise the features first.
        steps: at most so many steps.

    Returns:
        (direction, threshold). The probe says "positive" where features @ direction > threshold; the logit is the
        difference of the two.
    """
    exact = features.double()  # in single precision rounding decides where the search ends
    weights, bias = torch.zeros(features.shape[1], dtype=exact.dtype), torch.zeros((), dtype=exact.dtype)
    search = torch.optim.LBFGS(
        [weights, bias], max_iter=steps, tolerance_grad=1e-7, tolerance_change=1e-10, line_search_fn="strong_wolfe"
    )

    def closure() -> float:
        loss, slopes, slope = logistic_gradient(weights, float(bias), exact, labels, penalty)
        weights.grad, bias.grad = slopes.to(exact.dtype), torch.tensor(slope, dtype=exact.dtype)
        return loss

    search.step(closure)
    return weights.to(features.dtype), -float(bias)


# --- second part: truth


@exercise
def mass_mean(
    features: Float[Tensor, "batch feature"], labels: Bool[Tensor, " batch"], tilted: bool
) -> tuple[Float[Tensor, " feature"], float]:
    """A probe without training: the direction from the mean of the negative rows to the mean of the positive rows.

    Features that vary together can pull this direction away from the one that separates the classes best. The tilted
    probe corrects for it with the covariance within the classes.

    Args:
        features: one row for each example.
        labels: True for the positive rows.
        tilted: False for the difference of the two means itself; True for pinv(S) @ (that difference). S is the
            feature × feature covariance within the classes: the mean over all rows of the outer product of a row's
            deviation, from the mean of its own class, with itself. pinv is the pseudo-inverse: the inverse where S has
            one; else directions in which S is 0 go to 0, and it is the inverse in the others (torch.linalg.pinv).

    Returns:
        (direction, threshold). A row is called positive where row · direction > threshold. The threshold lies halfway
        between the two class means, measured along the direction.
        Source: Marks and Tegmark 2024, mass-mean probing.

    Raises:
        ValueError: there is no positive or no negative row.
    """
    raise NotImplementedError


@exercise
def transfer_matrix(
    features: list[Float[Tensor, "_batch feature"]],
    labels: list[Bool[Tensor, " _batch"]],
    train: list[Bool[Tensor, " _batch"]],
    fit: Callable,
    centre: bool,
) -> Float[Tensor, "train test"]:
    """Train a probe on each data set, test it on each: does what it learned hold elsewhere?

    Args:
        features, labels: the rows of each data set. The sets may have different numbers of rows.
        train: True for the rows of each set that may be learned from. The others are for testing only.
        fit: a function (features, labels) -> (direction, threshold) that trains a probe. It says "positive" where
            features @ direction > threshold.
        centre: True to move every set first so that the mean over its own training rows is 0, whatever their labels.
            Its testing rows are moved with it.

    Returns:
        Entry [i, j]: the accuracy of the probe trained on the training rows of set i, on the testing rows of set j.
    """
    raise NotImplementedError


@exercise
def what_a_truth_probe_reads() -> str:
    """A probe of "The city of X is in Y" is tested on new cities, and on "The city of X is not in Y".

    Section 4 of the chapter measures both accuracies: the first row of its tables, columns cities and neg_cities. In
    both sets half of the statements are true, and each city stands in a true and a false one. What do the two
    accuracies say together?

    a) The probe has learned nothing that reaches the negated statements. There it guesses.
    b) The negated statements lie elsewhere in activation space, so that all of them fall on one side of the threshold.
    c) The model does not know in which country these cities are.
    d) The probe reads something that goes along with truth in the plain statements and against it in the negated ones,
       such as whether city and country belong together.
    e) The probe reads whether a statement is true, be it plain or negated.

    Returns:
        The letter of the statement.
    """
    raise NotImplementedError


# --- third part: how much of it is the probe?


@exercise
def balanced_accuracy(predicted: Int[Tensor, " batch"], labels: Int[Tensor, " batch"]) -> float:
    """How often is a probe right when every class counts the same, however rare it is?

    Where some classes are much more frequent than others, a probe that never says a rare one is right most of the time.

    Args:
        predicted: the class that the probe says for each row.
        labels: the true class of each row. Classes are any whole numbers, and numbers may be missing.

    Returns:
        The mean, over the classes that occur among the labels, of the share of a class's rows that the probe gets
        right. Who always says the same class has 1 / (number of these classes) or less.
    """
    right = (predicted == labels).float()
    return float(right.mean())


@exercise
def control_labels(types: Int[Tensor, " token"], labels: Int[Tensor, " token"], seed: int) -> Int[Tensor, " token"]:
    """Labels that mean nothing, for a control task: whoever gets these right has learned them by heart.

    Every word type (every different token id) gets one label at random. A probe can learn it only by remembering which
    type has which label. Its accuracy on the real task minus that on the control task is its selectivity.

    Args:
        types: the token id of each occurrence, training and testing rows together.
        labels: the real label of each occurrence. Only their frequencies count.
        seed: the same seed gives the same labels; another seed draws anew. The global random state is left alone.

    Returns:
        A label for each occurrence. All occurrences of one type have the same. The label of a type is drawn
        independently of the other types and of its own real labels, and each label is as likely as it is frequent among
        the occurrences.
        Source: control tasks, Hewitt and Liang 2019.
    """
    generator = torch.Generator().manual_seed(seed)
    raise NotImplementedError


# --- fourth part: few neurons


@exercise
def rank_neurons(
    features: Float[Tensor, "batch neuron"], labels: Bool[Tensor, " batch"]
) -> tuple[Int[Tensor, " neuron"], Float[Tensor, " neuron"]]:
    """Which neurons, one by one, differ most between the classes?

    The standardised difference of a neuron is (its mean over the positive rows - its mean over the negative rows) /
    (its standard deviation over all rows, with n, not n - 1).

    Args:
        features: the activations, one row for each example.
        labels: True for the positive rows; there are rows of both classes.

    Returns:
        (order, difference). `order` lists all neurons, the one with the largest absolute difference first; ties come in
        any order. `difference` is each neuron's standardised difference with its sign, neuron 0 first. It is 0 for a
        neuron that never changes.
        Source: the mean difference of Gurnee et al. 2023, here in units of the neuron's spread.
    """
    raise NotImplementedError


@exercise
def greedy_neurons(features: Float[Tensor, "batch neuron"], labels: Bool[Tensor, " batch"], k: int) -> list[int]:
    """Choose k neurons that work well together, one after the other.

    The best neurons one by one may all say the same. So each step asks which neuron helps most beside those that were
    chosen: with which of them does a least-squares fit of the labels (1 for True, 0 for False) by an intercept, the
    chosen neurons and this one leave the smallest sum of squared errors? No choice is taken back.

    Args:
        features: the activations, one row for each example.
        labels: True for the positive rows.
        k: how many neurons to choose.

    Returns:
        k different neurons in the order in which they were chosen. Of equally good ones any may be taken. A neuron that
        is constant, or that the chosen ones already determine, leaves the errors as they are.

    Raises:
        ValueError: there are fewer than k neurons.
    """
    raise NotImplementedError


@exercise
def chosen_k(
    ks: list[int], validation: Bool[Tensor, "step batch"], test: Bool[Tensor, "step sample"]
) -> tuple[int, float]:
    """How many neurons does the feature need? Choose on the validation rows, then look at the test rows once.

    The accuracy of a probe with more neurons is often higher by no more than chance. So the smallest number counts that
    is as good as the best, within the best one's standard error.

    Args:
        ks: how many neurons each probe uses, in any order, all different.
        validation: for each probe and each validation row, whether the probe was right.
        test: the same for the test rows. They must not influence the choice.

    Returns:
        (k, accuracy on the test rows of the probe with k neurons). k is the smallest number of neurons whose accuracy
        on the validation rows is at least the best one there minus the standard error of that best one: the sample
        standard deviation of its rows (with n - 1; right counts 1, wrong counts 0) / the square root of their number.
    """
    accuracy = test.float().mean(dim=1)
    best = test[accuracy.argmax()].float()
    enough = accuracy >= best.mean() - best.std() / len(best) ** 0.5
    k = min(n for n, fits in zip(ks, enough.tolist(), strict=True) if fits)
    return k, float(test[ks.index(k)].float().mean())


# --- fifth part: encoded, and used?


@exercise
def erased(
    features: Float[Tensor, "batch d_model"], directions: Float[Tensor, "direction d_model"]
) -> Float[Tensor, "batch d_model"]:
    """Remove a subspace: what is left of each row when its part along some directions is taken away.

    Args:
        features: one row for each example.
        directions: vectors that span the subspace. They may have any length other than 0, need not be orthogonal, and
            one may be a combination of others. There may be none.

    Returns:
        For each row the nearest vector that is orthogonal to all directions.
    """
    raise NotImplementedError


def null_space_directions(
    features: Float[Tensor, "batch d_model"], labels: Bool[Tensor, " batch"], n: int, penalty: float
) -> Float[Tensor, "direction d_model"]:
    """Iterative null-space projection: train a logistic probe, remove its direction, and again, n times.

    Args:
        features, labels, penalty: as for `fit_logistic`.
        n: how many directions to remove.

    Returns:
        The n directions in the order in which they were found, each of length 1 and orthogonal to those before it.
        Source: Ravfogel et al. 2020 (INLP).
    """
    found = torch.zeros(0, features.shape[1], dtype=features.dtype)
    for _ in range(n):
        direction, _ = fit_logistic(erased(features, found), labels, penalty)
        direction = erased(direction[None], found)
        found = torch.cat([found, direction / direction.norm()])
    return found


@exercise
def leace(
    features: Float[Tensor, "batch d_model"], concept: Float[Tensor, "batch concept"]
) -> tuple[Float[Tensor, "d_model d_model"], Float[Tensor, " d_model"]]:
    """The smallest change of the features after which each has covariance 0 with each column of the concept.

    For classes, coded as columns of 0 and 1, this covariance is 0 exactly when no linear predictor has a smaller loss
    on these rows than the best constant, for every loss that is convex in the prediction, such as the squared error or
    the cross-entropy. For other numbers it is so for the squared error. About the share of right answers, which is no
    such loss, and about other rows it promises nothing. Among all maps x -> x @ matrix + offset that reach covariance
    0, this is the one for which the mean squared change of the rows is smallest.

    Args:
        features: one row for each example.
        concept: what is to be erased, as numbers: one column of 0 and 1 for each class, or latitude and longitude.
            Columns may determine each other, as those of all classes do.

    Returns:
        (matrix, offset). The mean of the rows is the same before and after. A direction in which the rows do not vary
        is left as it is.
        Source: Belrose et al. 2023 (LEACE). There, for columns x: x - W⁺ P W (x - mean). W is the inverse root of the
        features' covariance S, the symmetric matrix with W W = pinv(S). P is the orthogonal projection on the columns
        of W C, where C is the covariance of features (rows) with the concept (columns).
    """
    raise NotImplementedError


@exercise
def encoded_or_used() -> str:
    """What do the measurements of section 8 at stage 28 say of the continent at the city's token?

    Four things are measured there: how well a linear probe reads the continent of cities it was not trained on; how
    well it does after LEACE; what LEACE at this place does to the answer at the end of the prompt; and what putting the
    mean over many cities there does to it. Which statement goes as far as these measurements, and no further?

    a) The continent can be read at this place, and the model's answers do not depend on what was erased there.
    b) The probe did the work itself. The model's activations do not hold the continent at this place.
    c) The continent is used at this place. If the answers stay as they are, the erasure has left too much of it.
    d) The model nowhere uses the continent of the city. It answers from other knowledge.
    e) The continent is used at this place: without it the answers become wrong.

    Returns:
        The letter of the statement.
    """
    raise NotImplementedError


@exercise
def online_code_length(
    features: Float[Tensor, "batch feature"],
    labels: Int[Tensor, " batch"],
    n_classes: int,
    ends: list[int],
    fit: Callable,
) -> tuple[float, float]:
    """How many bits does it take to send the labels to somebody who has the features? The online code.

    The labels are sent in blocks. Both sides train the same probe on the blocks that were sent, and the next block is
    coded with the probabilities that this probe gives: a label of probability p costs -log2 p bits. A probe that learns
    from few rows makes the message short. For the first block there is nothing to learn from, and all n_classes labels
    count as equally likely.

    Args:
        features, labels: the rows in the order in which they are sent. Labels are 0 to n_classes - 1.
        n_classes: the number of classes.
        ends: where each block ends, increasing: block 0 is rows 0 to ends[0] - 1, block 1 rows ends[0] to ends[1] - 1.
        fit: a function (features, labels) -> probe. probe(features) gives the probability of each class for each row,
            batch × class.

    Returns:
        (bits in all, compression). The compression is the length of a code in which all labels are equally likely,
        (number of rows) · log2(n_classes), divided by the bits.
        Source: Voita and Titov 2020, the online code.

    Raises:
        ValueError: the last block does not end with the last row.
    """
    raise NotImplementedError
