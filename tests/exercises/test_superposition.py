"""Checks of chapter 02: superposition. Expected values come from hand, quadrature, or loops over plain numbers."""

import ctypes
import math
import threading

import pytest
import torch

from mi_tutor.exercises import superposition
from mi_tutor.tutor.judge import chosen, holds, raises, same


def seeded(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def random_model(seed: int, instance: int = 3, hidden: int = 2, feature: int = 4) -> tuple[torch.Tensor, torch.Tensor]:
    generator = seeded(seed)
    W = torch.randn(instance, hidden, feature, generator=generator)
    return W, 0.5 * torch.randn(instance, feature, generator=generator)


def turned(degrees: float) -> torch.Tensor:
    a = math.radians(degrees)
    return torch.tensor([[math.cos(a), -math.sin(a)], [math.sin(a), math.cos(a)]])


def polygon(corners: int, norm: float = 1.0) -> torch.Tensor:
    angles = 2 * math.pi * torch.arange(corners) / corners
    return norm * torch.stack([angles.cos(), angles.sin()])[None]


# ---------------------------------------------------------------- sparse_batch


@pytest.mark.exercise("superposition.sparse_batch")
def test_sparse_batch_shape(seed):
    """A batch is sample × instance × feature, and its values lie between 0 and 1."""
    x = superposition.sparse_batch(7, 5, torch.tensor([0.3, 0.6, 0.0]), seeded(seed))
    same(tuple(x.shape), (7, 3, 5), what="shape", teach="The axes are batch, instance, feature, in this order.")
    holds(
        ((x >= 0) & (x <= 1)).all(),
        "Active features are uniform on [0, 1]: no value is negative or above 1.",
        got=x,
    )


@pytest.mark.exercise("superposition.sparse_batch")
def test_sparse_batch_extremes(seed):
    """Sparsity 0 means that everything is active, sparsity 1 that nothing is."""
    x = superposition.sparse_batch(400, 4, torch.tensor([0.0, 1.0]), seeded(seed))
    share = (x != 0).float().mean(dim=(0, 2))
    holds(
        share[0] > 0.99 and share[1] == 0,
        "Sparsity is the probability of being zero: with [0, 1] the first instance is dense, the second empty.",
        given={"sparsity": torch.tensor([0.0, 1.0])},
        expected="share of non-zero entries [1, 0]",
        got=share,
    )


@pytest.mark.exercise("superposition.sparse_batch")
def test_sparse_batch_share_of_zeros(seed):
    """The share of zeros in each instance is its own sparsity."""
    sparsity = torch.tensor([0.2, 0.9, 0.7])
    x = superposition.sparse_batch(4000, 5, sparsity, seeded(seed))
    same(
        (x == 0).float().mean(dim=(0, 2)),
        sparsity,
        atol=0.03,
        what="share of zeros",
        given={"sparsity": sparsity},
        teach="Each entry is zero with the sparsity of its instance (the middle axis).",
    )


@pytest.mark.exercise("superposition.sparse_batch")
def test_sparse_batch_uniform_when_active(seed):
    """Active values are uniform: their mean is 1/2 and their mean square is 1/3, at every sparsity."""
    x = superposition.sparse_batch(6000, 5, torch.tensor([0.0, 0.8]), seeded(seed))
    for instance in (0, 1):
        active = x[:, instance][x[:, instance] > 0]
        same(
            torch.stack([active.mean(), active.pow(2).mean()]),
            torch.tensor([1 / 2, 1 / 3]),
            atol=0.03,
            what="mean and mean square of the active values",
            teach="An active feature is uniform on [0, 1], whatever the sparsity: the strength does not depend on "
            "the number that decided whether it is active.",
        )


@pytest.mark.exercise("superposition.sparse_batch")
def test_sparse_batch_is_independent(seed):
    """Features, samples and instances are drawn independently."""
    x = superposition.sparse_batch(6000, 2, torch.tensor([0.5, 0.5]), seeded(seed))
    on = (x != 0).float()
    together = torch.stack(
        [
            (on[:, 0, 0] * on[:, 0, 1]).mean(),
            (on[:, 0, 0] * on[:, 1, 0]).mean(),
            (on[:-1, 0, 0] * on[1:, 0, 0]).mean(),
        ]
    )
    same(
        together,
        torch.full((3,), 0.25),
        atol=0.04,
        what="share of both active (two features, two instances, two samples)",
        given={"sparsity": torch.tensor([0.5, 0.5])},
        teach="Each entry has a draw of its own: at sparsity 1/2 two entries are both active a quarter of the time.",
    )
    values = x[(on[:, 0, 0] * on[:, 1, 0]).bool()][:, :, 0]
    holds(
        (values[:, 0] - values[:, 1]).abs().mean() > 0.2,
        "Instances should have values of their own, not copies of the same ones.",
    )
    values = x[:, 0][(on[:, 0, 0] * on[:, 0, 1]).bool()]
    holds(
        (values[:, 0] - values[:, 1]).abs().mean() > 0.2,
        "The features of a sample should have values of their own, not copies of the same one.",
    )


@pytest.mark.exercise("superposition.sparse_batch")
def test_sparse_batch_uses_the_generator(seed):
    """The same generator state gives the same batch, and torch's global state is left alone."""
    before = torch.get_rng_state()
    one = superposition.sparse_batch(20, 3, torch.tensor([0.4]), seeded(seed))
    two = superposition.sparse_batch(20, 3, torch.tensor([0.4]), seeded(seed))
    holds(
        torch.equal(one, two),
        "With the same generator state two batches should be equal: pass `generator` to every draw.",
    )
    holds(torch.equal(before, torch.get_rng_state()), "All randomness should come from `generator` when one is given.")
    again = seeded(seed)
    first, second = (superposition.sparse_batch(20, 3, torch.tensor([0.4]), again) for _ in range(2))
    holds(
        not torch.equal(first, second),
        "Two batches drawn one after the other from one generator should differ: use it as it comes, do not reseed.",
    )
    free = [superposition.sparse_batch(20, 3, torch.tensor([0.4])) for _ in range(2)]
    holds(not torch.equal(*free), "Without a generator torch's global one is used, and two batches differ.")


# ---------------------------------------------------------------- relu_output


@pytest.mark.exercise("superposition.relu_output")
def test_relu_output_by_hand():
    """Three features in two dimensions: x' = ReLU(Wᵀ(W x) + b), worked out by hand."""
    # W = [[1, 0, 2], [0, 1, -1]], x = [1, 2, 1]: h = [3, 1]; Wᵀh = [3, 1, 5]; + b = [2, 2, -1]
    W = torch.tensor([[[1.0, 0.0, 2.0], [0.0, 1.0, -1.0]]])
    b = torch.tensor([[-1.0, 1.0, -6.0]])
    x = torch.tensor([[[1.0, 2.0, 1.0]]])
    same(
        superposition.relu_output(x, W, b),
        torch.tensor([[[2.0, 2.0, 0.0]]]),
        given={"x": x, "W": W, "b": b},
        teach="h = W x = [3, 1], Wᵀ h = [3, 1, 5], with b [2, 2, −1], and the ReLU comes last.",
    )


@pytest.mark.exercise("superposition.relu_output")
def test_relu_output_hidden_is_linear():
    """The hidden layer has no ReLU: a negative hidden value is passed on."""
    # h = -2; Wᵀh = [2, -2]; + b = [2.5, -2] -> [2.5, 0]
    W, b = torch.tensor([[[-1.0, 1.0]]]), torch.tensor([[0.5, 0.0]])
    x = torch.tensor([[[2.0, 0.0]]])
    same(
        superposition.relu_output(x, W, b),
        torch.tensor([[[2.5, 0.0]]]),
        given={"x": x, "W": W, "b": b},
        teach="Here h = −2, and −2 · −1 + 0.5 = 2.5. The hidden layer is linear; the only ReLU is at the output.",
    )


@pytest.mark.exercise("superposition.relu_output")
def test_relu_output_square():
    """With as many dimensions as features the columns of W are still the features' directions."""
    # h = W x = [1, 0]; Wᵀh = [1, 2]; + b = [0.5, 2.25]
    W, b = torch.tensor([[[1.0, 2.0], [0.0, 1.0]]]), torch.tensor([[-0.5, 0.25]])
    x = torch.tensor([[[1.0, 0.0]]])
    same(
        superposition.relu_output(x, W, b),
        torch.tensor([[[0.5, 2.25]]]),
        given={"x": x, "W": W, "b": b},
        teach="In: h = W x = [1, 0], the first column of W. Out: Wᵀ h = [1, 2], its dot product with each column.",
    )


@pytest.mark.exercise("superposition.relu_output")
def test_relu_output_keeps_instances_apart():
    """Each instance uses its own weights and its own biases."""
    W = torch.tensor([[[1.0, 0.0]], [[0.0, 3.0]]])
    b = torch.tensor([[0.0, 0.25], [0.5, 1.0]])
    x = torch.tensor([[[1.0, 1.0], [1.0, 1.0]], [[2.0, 0.0], [0.0, 2.0]]])
    expected = torch.tensor([[[1.0, 0.25], [0.5, 10.0]], [[2.0, 0.25], [0.5, 19.0]]])
    same(
        superposition.relu_output(x, W, b),
        expected,
        given={"x": x, "W": W, "b": b},
        teach="Instance k of the batch goes through W[k] and b[k] only.",
    )


@pytest.mark.exercise("superposition.relu_output")
def test_relu_output_against_loops(seed):
    """On random weights every sample agrees with plain loops over the definition."""
    W, b = random_model(seed)
    x = torch.rand(5, 3, 4, generator=seeded(seed + 1000))
    expected = torch.zeros(5, 3, 4)
    for sample in range(5):
        for k in range(3):
            h = [sum(float(W[k, j, i] * x[sample, k, i]) for i in range(4)) for j in range(2)]
            for i in range(4):
                expected[sample, k, i] = max(0.0, sum(float(W[k, j, i]) * h[j] for j in range(2)) + float(b[k, i]))
    same(
        superposition.relu_output(x, W, b), expected, atol=1e-4, teach="Compare with the definition, sample by sample."
    )


# ---------------------------------------------------------------- reconstruction_loss


@pytest.mark.exercise("superposition.reconstruction_loss")
def test_reconstruction_loss_one_sample():
    """One sample, two features: each squared error is weighted by its importance, then they are summed."""
    x, x_hat = torch.tensor([[[1.0, 0.5]]]), torch.tensor([[[0.5, 0.0]]])
    importance = torch.tensor([[2.0, 3.0]])
    same(
        superposition.reconstruction_loss(x, x_hat, importance),
        torch.tensor([1.25]),  # 2 * 0.25 + 3 * 0.25
        given={"x": x, "x_hat": x_hat, "importance": importance},
        teach="2 · 0.5² + 3 · 0.5² = 1.25: weighted by the importance as it stands, summed over the features.",
    )


@pytest.mark.exercise("superposition.reconstruction_loss")
def test_reconstruction_loss_averages_samples():
    """Over the batch the loss is a mean: repeating the samples does not change it."""
    x = torch.tensor([[[1.0, 0.0]], [[0.0, 1.0]], [[0.0, 0.0]], [[0.5, 0.5]]])
    x_hat, importance = torch.zeros_like(x), torch.tensor([[4.0, 1.0]])
    # per sample: 4, 1, 0, 1.25 -> mean 1.5625
    same(
        superposition.reconstruction_loss(x, x_hat, importance),
        torch.tensor([1.5625]),
        given={"x": x, "x_hat": x_hat, "importance": importance},
        teach="The four samples cost 4, 1, 0 and 1.25; their mean is 1.5625.",
    )
    same(
        superposition.reconstruction_loss(x.repeat(3, 1, 1), x_hat.repeat(3, 1, 1), importance),
        torch.tensor([1.5625]),
        teach="The same samples three times over have the same mean.",
    )


@pytest.mark.exercise("superposition.reconstruction_loss")
def test_reconstruction_loss_per_instance():
    """Each instance gets its own loss, with its own importances."""
    x = torch.tensor([[[1.0, 0.0], [1.0, 0.0], [0.0, 1.0]]])
    x_hat = torch.tensor([[[0.0, 0.0], [0.0, 1.0], [0.0, 3.0]]])
    importance = torch.tensor([[0.5, 7.0], [2.0, 3.0], [9.0, 0.25]])
    same(
        superposition.reconstruction_loss(x, x_hat, importance),
        torch.tensor([0.5, 5.0, 1.0]),
        given={"x": x, "x_hat": x_hat, "importance": importance},
        teach="Do not mix instances: 0.5 · 1, 2 · 1 + 3 · 1, and 0.25 · 4.",
    )


@pytest.mark.exercise("superposition.reconstruction_loss")
def test_reconstruction_loss_against_loops(seed):
    """On random data it agrees with plain loops over the definition."""
    generator = seeded(seed)
    x, x_hat = torch.rand(6, 2, 3, generator=generator), torch.rand(6, 2, 3, generator=generator)
    importance = 0.2 + torch.rand(2, 3, generator=generator)
    expected = torch.zeros(2)
    for k in range(2):
        for sample in range(6):
            for i in range(3):
                expected[k] += float(importance[k, i] * (x[sample, k, i] - x_hat[sample, k, i]) ** 2) / 6
    same(
        superposition.reconstruction_loss(x, x_hat, importance),
        expected,
        teach="Compare with the definition, term by term.",
    )


# ---------------------------------------------------------------- training_step


def by_hand_loss(W, b, x, importance) -> torch.Tensor:
    """The loss of each instance written with matrices, apart from the learner's functions."""
    losses = []
    for k in range(len(W)):
        y = torch.relu(x[:, k] @ W[k].T @ W[k] + b[k])
        losses.append(((x[:, k] - y) ** 2 @ importance[k]).mean())
    return torch.stack(losses)


def one_instance_trained_alone(W, b, x, importance, lr: float, steps: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Plain gradient descent on each instance by itself."""
    after_W, after_b = [], []
    for k in range(len(W)):
        w, c = W[k : k + 1].clone(), b[k : k + 1].clone()
        for _ in range(steps):
            w.requires_grad_(), c.requires_grad_()
            loss = by_hand_loss(w, c, x[:, k : k + 1], importance[k : k + 1]).sum()
            gw, gc = torch.autograd.grad(loss, [w, c])
            w, c = (w - lr * gw).detach(), (c - lr * gc).detach()
        after_W.append(w[0]), after_b.append(c[0])
    return torch.stack(after_W), torch.stack(after_b)


def to_train(seed: int):
    W, b = random_model(seed)
    x = torch.rand(8, 3, 4, generator=seeded(seed + 500))
    importance = 0.3 + torch.rand(3, 4, generator=seeded(seed + 900))
    return W, b, x, importance


@pytest.mark.exercise("superposition.training_step")
def test_training_step_returns_the_loss_before():
    """It returns the loss of each instance on this batch, as it was before the step."""
    W, b, x, importance = to_train(3)
    expected = by_hand_loss(W, b, x, importance)
    W.requires_grad_(), b.requires_grad_()
    got = superposition.training_step(W, b, x, importance, torch.optim.SGD([W, b], lr=0.3))
    same(
        got,
        expected,
        atol=1e-4,
        teach="Return the losses that you computed before the optimizer's step, one for each instance.",
    )
    holds(
        not got.requires_grad,
        "Return the loss without its graph (detach): a stored graph keeps the whole batch in memory.",
    )


@pytest.mark.exercise("superposition.training_step")
def test_training_step_moves_each_instance_as_if_alone(seed):
    """After one step each instance stands where it would stand if it were trained alone."""
    W, b, x, importance = to_train(seed)
    expected_W, expected_b = one_instance_trained_alone(W, b, x, importance, lr=0.05, steps=1)
    holds((W - expected_W).abs().max() > 1e-4, "This check needs a gradient; please report seed.")
    W.requires_grad_(), b.requires_grad_()
    superposition.training_step(W, b, x, importance, torch.optim.SGD([W, b], lr=0.05))
    teach = (
        "With plain gradient descent and learning rate 0.05, W should move by −0.05 · gradient of its own loss. "
        "Was there a step, and is the gradient divided by the number of instances, or taken of something else?"
    )
    same(W, expected_W, atol=1e-4, what="W after the step", teach=teach)
    same(b, expected_b, atol=1e-4, what="b after the step", teach=teach)


@pytest.mark.exercise("superposition.training_step")
def test_training_step_starts_from_fresh_gradients(seed):
    """Gradients of earlier steps do not leak into the next one."""
    W, b, x, importance = to_train(seed)
    expected_W, expected_b = one_instance_trained_alone(W, b, x, importance, lr=0.02, steps=4)
    W.requires_grad_(), b.requires_grad_()
    optimizer = torch.optim.SGD([W, b], lr=0.02)
    W.grad, b.grad = torch.ones_like(W), torch.ones_like(b)
    for _ in range(4):
        superposition.training_step(W, b, x, importance, optimizer)
    same(
        W,
        expected_W,
        atol=1e-3,
        what="W after four steps",
        teach="backward() adds to the gradients that are there already. They have to be cleared in every step.",
    )
    same(
        b,
        expected_b,
        atol=1e-3,
        what="b after four steps",
        teach="The biases should be trained with fresh gradients too.",
    )


@pytest.mark.exercise("superposition.training_step")
def test_training_step_learns():
    """A hundred steps lower the loss of every instance."""
    W, b, x, importance = to_train(5)
    W, b = (0.3 * W).requires_grad_(), (0.1 * b).requires_grad_()
    optimizer = torch.optim.Adam([W, b], lr=0.02)
    losses = torch.stack([superposition.training_step(W, b, x, importance, optimizer) for _ in range(100)])
    holds(
        (losses[-1] < 0.7 * losses[0]).all(),
        "After 100 steps on one batch every instance should have lost at least 30% of its loss.",
        expected="last loss below 0.7 of the first",
        got=losses[-1] / losses[0],
    )


@pytest.mark.exercise("superposition.training_step")
def test_training_step_leaves_the_step_to_the_optimizer(seed):
    """The optimizer takes the step: with momentum, three steps go as far as momentum carries them."""
    W, b, x, importance = to_train(seed)
    expected_W, expected_b = W.clone().requires_grad_(), b.clone().requires_grad_()
    by_hand = torch.optim.SGD([expected_W, expected_b], lr=0.02, momentum=0.9)
    for _ in range(3):
        grads = torch.autograd.grad(by_hand_loss(expected_W, expected_b, x, importance).sum(), [expected_W, expected_b])
        expected_W.grad, expected_b.grad = grads
        by_hand.step()
    W.requires_grad_(), b.requires_grad_()
    optimizer = torch.optim.SGD([W, b], lr=0.02, momentum=0.9)
    for _ in range(3):
        superposition.training_step(W, b, x, importance, optimizer)
    same(
        W,
        expected_W,
        atol=1e-3,
        what="W after three steps with momentum",
        teach="How far a step goes is the optimizer's business: call its step and change nothing by hand.",
    )


# ---------------------------------------------------------------- gram_matrix


@pytest.mark.exercise("superposition.gram_matrix")
def test_gram_matrix_by_hand():
    """Three features in two dimensions: all nine dot products of columns."""
    W = torch.tensor([[[1.0, 0.0, 2.0], [0.0, 3.0, -1.0]]])
    expected = torch.tensor([[[1.0, 0.0, 2.0], [0.0, 9.0, -3.0], [2.0, -3.0, 5.0]]])
    same(
        superposition.gram_matrix(W),
        expected,
        given={"W": W},
        teach="Entry (i, j) is the dot product of columns i and j of W, norms included.",
    )


@pytest.mark.exercise("superposition.gram_matrix")
def test_gram_matrix_square_case():
    """With as many dimensions as features it still compares columns, not rows."""
    W = torch.tensor([[[1.0, 2.0], [0.0, 1.0]]])
    same(
        superposition.gram_matrix(W),
        torch.tensor([[[1.0, 2.0], [2.0, 5.0]]]),
        given={"W": W},
        teach="The columns of W are [1, 0] and [2, 1]. WᵀW, not WWᵀ.",
    )


@pytest.mark.exercise("superposition.gram_matrix")
def test_gram_matrix_against_loops(seed):
    """Each instance has its own matrix, equal to loops over pairs of columns."""
    W, _ = random_model(seed)
    expected = torch.tensor([[[float((w[:, i] * w[:, j]).sum()) for j in range(4)] for i in range(4)] for w in W])
    same(
        superposition.gram_matrix(W),
        expected,
        atol=1e-4,
        teach="Work instance by instance; none sees another's weights.",
    )


# ---------------------------------------------------------------- what_feature_7_says


@pytest.mark.exercise("superposition.what_feature_7_says")
def test_what_feature_7_says():
    """The output of feature 7 when only its antipode is active."""
    chosen(superposition.what_feature_7_says(), "superposition.what_feature_7_says", "e6ec905e92eb2d26")


# ---------------------------------------------------------------- interference


@pytest.mark.exercise("superposition.interference")
def test_interference_orthogonal_is_zero():
    """Orthogonal features do not interfere, whatever their norms."""
    W = torch.tensor([[[2.0, 0.0], [0.0, 0.5]]])
    same(
        superposition.interference(W),
        torch.zeros(1, 2),
        given={"W": W},
        teach="Nothing is shared here; a feature's own norm is not interference.",
    )


@pytest.mark.exercise("superposition.interference")
def test_interference_norms():
    """The measured direction is scaled to norm 1, the interfering feature keeps its norm."""
    W = torch.tensor([[[3.0, -2.0]]])
    same(
        superposition.interference(W),
        torch.tensor([[4.0, 9.0]]),
        given={"W": W},
        teach="Along the unit direction of feature 0 the other writes −2, so 4; along that of feature 1, −3, so 9.",
    )


@pytest.mark.exercise("superposition.interference")
def test_interference_triangle_and_zero():
    """A triangle of unit features has interference 1/2 each; a feature that is zero has none and causes none."""
    W = torch.cat([polygon(3), torch.zeros(1, 2, 1)], dim=-1)
    same(
        superposition.interference(W),
        torch.tensor([[0.5, 0.5, 0.5, 0.0]]),
        given={"W": W},
        teach="Each pair has cosine −1/2: 1/4 + 1/4 = 1/2. A zero column has no direction: 0, not nan.",
    )


@pytest.mark.exercise("superposition.interference")
def test_interference_against_loops(seed):
    """On random weights it agrees with loops over j ≠ i, instance by instance."""
    W, _ = random_model(seed, feature=5)
    expected = torch.zeros(3, 5)
    for k in range(3):
        for i in range(5):
            unit = W[k, :, i] / W[k, :, i].norm()
            expected[k, i] = sum(float(unit @ W[k, :, j]) ** 2 for j in range(5) if j != i)
    same(superposition.interference(W), expected, atol=1e-3, teach="Compare with the definition, feature by feature.")


# ---------------------------------------------------------------- feature_dimensionality


@pytest.mark.exercise("superposition.feature_dimensionality")
def test_feature_dimensionality_own_dimension():
    """A feature with a dimension of its own has dimensionality 1, however short it is."""
    W = torch.tensor([[[0.25, 0.0], [0.0, 3.0]]])
    same(
        superposition.feature_dimensionality(W),
        torch.ones(1, 2),
        given={"W": W},
        teach="Along its own direction nobody else writes: D = ‖Wᵢ‖² / ‖Wᵢ‖² = 1. The sum includes "
        "j = i, and there only one of the two factors is scaled to norm 1.",
    )


@pytest.mark.exercise("superposition.feature_dimensionality")
def test_feature_dimensionality_of_shapes():
    """Digon 1/2, triangle 2/3, pentagon 2/5, tetrahedron 3/4."""
    digon = torch.tensor([[[1.5, -1.5]]])
    tetrahedron = torch.tensor([[[1.0, 1.0, -1.0, -1.0], [1.0, -1.0, 1.0, -1.0], [1.0, -1.0, -1.0, 1.0]]])
    shapes = {"digon": digon, "triangle": polygon(3, 0.7), "pentagon": polygon(5, 1.1), "tetrahedron": tetrahedron}
    expected = {"digon": 1 / 2, "triangle": 2 / 3, "pentagon": 2 / 5, "tetrahedron": 3 / 4}
    for name, W in shapes.items():
        same(
            superposition.feature_dimensionality(W),
            torch.full((1, W.shape[-1]), expected[name]),
            given={"W": W},
            what=f"dimensionality in the {name}",
            teach=f"In a {name} of equal norms the features share the dimensions equally.",
        )


@pytest.mark.exercise("superposition.feature_dimensionality")
def test_feature_dimensionality_unequal():
    """An uneven pair shares its line unevenly: squared norms 9 and 1 give 9/10 and 1/10."""
    W = torch.tensor([[[3.0, -1.0]]])
    same(
        superposition.feature_dimensionality(W),
        torch.tensor([[0.9, 0.1]]),
        given={"W": W},
        teach="Feature 0: 9 / (9 + 1). Feature 1: 1 / (1 + 9). Only Ŵᵢ is scaled to norm 1; Wⱼ keeps its norm.",
    )


@pytest.mark.exercise("superposition.feature_dimensionality")
def test_feature_dimensionality_dead():
    """A feature whose direction is zero has dimensionality 0 and takes nothing from the others."""
    W = torch.tensor([[[1.0, 0.0, -1.0], [0.0, 0.0, 0.0]]])
    same(
        superposition.feature_dimensionality(W),
        torch.tensor([[0.5, 0.0, 0.5]]),
        given={"W": W},
        teach="A zero column is not represented: D = 0, not nan.",
    )


@pytest.mark.exercise("superposition.feature_dimensionality")
def test_feature_dimensionality_against_loops(seed):
    """On random weights it agrees with loops over the definition, instance by instance."""
    W, _ = random_model(seed, feature=5)
    expected = torch.zeros(3, 5)
    for k in range(3):
        for i in range(5):
            unit = W[k, :, i] / W[k, :, i].norm()
            expected[k, i] = float(W[k, :, i].norm()) ** 2 / sum(float(unit @ W[k, :, j]) ** 2 for j in range(5))
    same(
        superposition.feature_dimensionality(W),
        expected,
        atol=1e-4,
        teach="Compare with the definition, feature by feature.",
    )


# ---------------------------------------------------------------- expected_losses


def same_losses(got, expected: dict, teach: dict[str, str], **options) -> None:
    """Compare the three ways one by one, each with the words that belong to it."""
    holds(
        isinstance(got, dict) and set(got) == set(expected),
        "Return a dictionary with exactly the three names of the docstring.",
        expected=sorted(expected),
        got=sorted(map(str, got)) if isinstance(got, dict) else got,
    )
    for name, value in expected.items():
        same(got[name], value, what=f"loss of {name!r}", teach=teach[name], **options)


@pytest.mark.exercise("superposition.expected_losses")
def test_expected_losses_dense():
    """Without sparsity (p = 1) and with r = 1: giving up a feature costs 1/12, sharing costs 1/3."""
    one = torch.ones(1)
    given_up = "A feature replaced by its best constant loses its variance, and a uniform number has variance 1/12."
    same_losses(
        superposition.expected_losses(one, one),
        {
            "first only": torch.tensor([1 / 12]),
            "extra only": torch.tensor([1 / 12]),
            "superposition": torch.tensor([1 / 3]),
        },
        {
            "first only": given_up,
            "extra only": given_up,
            "superposition": "Both are always active. What comes out for each when x₁ > x₂, and what when x₁ < x₂?",
        },
        given={"density": one, "importance": one},
    )


@pytest.mark.exercise("superposition.expected_losses")
def test_expected_losses_by_hand():
    """p = 1/2 and r = 2: 10/48, 5/48 and 1/8."""
    density, importance = torch.tensor([0.5]), torch.tensor([2.0])
    same_losses(
        superposition.expected_losses(density, importance),
        {
            "first only": torch.tensor([10 / 48]),
            "extra only": torch.tensor([5 / 48]),
            "superposition": torch.tensor([1 / 8]),
        },
        {
            "first only": "The extra feature is given up here, so an error of importance r = 2 is left.",
            "extra only": "The first feature is given up here, so an error of importance 1 is left.",
            "superposition": "How often is there an error at all, and with what weight does each feature's count?",
        },
        given={"density": density, "importance": importance},
    )


def quadrature(p: float, r: float, W: tuple[float, float], b: tuple[float, float], points: int = 120) -> float:
    """The expected loss by the midpoint rule over the four cases of who is active."""
    grid = (torch.arange(points, dtype=torch.float64) + 0.5) / points
    zero, total = torch.zeros(1, dtype=torch.float64), 0.0
    for x1, p1 in ((grid, p), (zero, 1 - p)):
        for x2, p2 in ((grid, p), (zero, 1 - p)):
            h = W[0] * x1[:, None] + W[1] * x2[None, :]
            e1 = (x1[:, None] - (W[0] * h + b[0]).clamp_min(0)) ** 2
            e2 = (x2[None, :] - (W[1] * h + b[1]).clamp_min(0)) ** 2
            total += p1 * p2 * float((e1 + r * e2).mean())
    return total


@pytest.mark.exercise("superposition.expected_losses")
def test_expected_losses_against_quadrature():
    """Every formula equals the integral over all inputs, for several densities and importances."""
    cases = [(1.0, 0.3), (0.6, 1.7), (0.2, 0.5), (0.05, 4.0)]
    expected = {
        "first only": torch.tensor([quadrature(p, r, (1, 0), (0, p / 2)) for p, r in cases]),
        "extra only": torch.tensor([quadrature(p, r, (0, 1), (p / 2, 0)) for p, r in cases]),
        "superposition": torch.tensor([quadrature(p, r, (1, -1), (0, 0)) for p, r in cases]),
    }
    density, importance = (torch.tensor(column) for column in zip(*cases, strict=True))
    moments = "Check the mean and the mean square of one sparse feature, which is 0 most of the time."
    pair = "Check how often both features are active, and what is lost when one is and when both are."
    same_losses(
        superposition.expected_losses(density, importance),
        expected,
        {"first only": moments, "extra only": moments, "superposition": pair},
        rtol=1e-3,
        given={"density": density, "importance": importance},
    )


# ---------------------------------------------------------------- phase_of_runs


def runs(*rows: tuple[float, float]) -> torch.Tensor:
    return torch.tensor(rows)[:, None, :]


@pytest.mark.exercise("superposition.phase_of_runs")
def test_phase_of_runs_mirror_images():
    """[1, −1] and [−1, 1] are one and the same solution: superposition."""
    W, loss = runs((1.0, -1.0), (-1.0, 1.0)), torch.tensor([0.010, 0.011])
    same(
        superposition.phase_of_runs(W, loss),
        "superposition",
        given={"W": W, "loss": loss},
        teach="Runs differ by a sign that has no meaning; added up they cancel.",
    )


@pytest.mark.exercise("superposition.phase_of_runs")
def test_phase_of_runs_takes_the_best():
    """Three stuck runs do not outvote the best one."""
    W = runs((1.0, 0.1), (-0.98, 0.0), (1.02, -0.97), (0.99, 0.02))
    loss = torch.tensor([0.030, 0.031, 0.004, 0.029])
    same(
        superposition.phase_of_runs(W, loss),
        "superposition",
        given={"W": W, "loss": loss},
        teach="Run 2 has the lowest loss; the others are stuck and say nothing about the setting.",
    )
    loss = torch.tensor([0.030, 0.031, 0.090, 0.029])
    same(
        superposition.phase_of_runs(W, loss),
        "first only",
        given={"W": W, "loss": loss},
        teach="With these losses run 3 is the best one, and it represents the first feature only.",
    )


@pytest.mark.exercise("superposition.phase_of_runs")
def test_phase_of_runs_names_all_phases():
    """Each of the four phases gets its name; the sign of a weight does not matter."""
    loss = torch.tensor([0.2])
    cases = [
        ((-0.9, 0.2), "first only"),
        ((0.3, -1.1), "extra only"),
        ((-0.6, 0.7), "superposition"),
        ((0.4, -0.1), "neither"),
    ]
    for row, phase in cases:
        W = runs(row)
        same(
            superposition.phase_of_runs(W, loss),
            phase,
            given={"W": W, "loss": loss},
            teach="A feature is represented when |Wᵢ| > 0.5; column 0 is the first feature, column 1 the extra one.",
        )


@pytest.mark.exercise("superposition.phase_of_runs")
def test_phase_of_runs_random(seed):
    """Wherever the best run stands among the others, it decides."""
    generator = seeded(seed)
    W = torch.tensor([1.0, -0.1]) * torch.sign(torch.randn(9, 1, 1, generator=generator))
    best = int(torch.randint(9, (1,), generator=generator))
    W[best, 0] = torch.tensor([0.05, -1.0])
    loss = 0.5 + torch.rand(9, generator=generator)
    loss[best] = 0.1
    same(
        superposition.phase_of_runs(W, loss),
        "extra only",
        given={"W": W, "loss": loss},
        teach=f"Run {best} has the lowest loss.",
    )


# ---------------------------------------------------------------- correlated_batch


@pytest.mark.exercise("superposition.correlated_batch")
def test_correlated_batch_shape(seed):
    """There are two features for each pair, with values between 0 and 1."""
    x = superposition.correlated_batch(50, 3, torch.tensor([0.4, 0.2]), "correlated", seeded(seed))
    same(
        tuple(x.shape),
        (50, 2, 6),
        what="shape",
        teach="The axes are batch, instance, feature; three pairs are six features.",
    )
    holds(((x >= 0) & (x <= 1)).all(), "Active features are uniform on [0, 1].", got=x)


@pytest.mark.exercise("superposition.correlated_batch")
def test_correlated_batch_together(seed):
    """Correlated: features 2k and 2k + 1 are active together or not at all."""
    x = superposition.correlated_batch(400, 2, torch.tensor([0.3, 0.6]), "correlated", seeded(seed))
    on = x > 0
    same(
        float((on[..., 0::2] != on[..., 1::2]).float().mean()),
        0.0,
        atol=0.005,
        what="share of pairs with only one active",
        teach="The partners are neighbours: features 0 and 1, features 2 and 3. They share one decision.",
    )


@pytest.mark.exercise("superposition.correlated_batch")
def test_correlated_batch_never_together(seed):
    """Anticorrelated: at most one of features 2k and 2k + 1 is active."""
    x = superposition.correlated_batch(400, 2, torch.tensor([0.3, 0.5]), "anticorrelated", seeded(seed))
    on = x > 0
    same(
        float((on[..., 0::2] & on[..., 1::2]).float().mean()),
        0.0,
        what="share of pairs with both active",
        teach="Two anticorrelated features are never active in the same sample.",
    )


@pytest.mark.exercise("superposition.correlated_batch")
@pytest.mark.parametrize("kind", ["correlated", "anticorrelated"])
def test_correlated_batch_same_density(kind, seed):
    """Under both kinds every single feature is active with the same probability p."""
    density = torch.tensor([0.1, 0.45])
    x = superposition.correlated_batch(6000, 2, density, kind, seeded(seed))
    same(
        (x > 0).float().mean(0),
        density[:, None].expand(2, 4),
        atol=0.035,
        what="share of samples in which each feature is active",
        given={"density": density, "kind": kind},
        teach="If a kind also changes how often a feature is active, a comparison of kinds compares sparsities too.",
    )


@pytest.mark.exercise("superposition.correlated_batch")
@pytest.mark.parametrize("kind", ["correlated", "anticorrelated"])
def test_correlated_batch_values_and_pairs_are_independent(kind, seed):
    """Partners share when they are active, not how strongly; pairs and instances do not know of each other."""
    x = superposition.correlated_batch(4000, 2, torch.tensor([0.5, 0.5]), kind, seeded(seed))
    given, on = {"density": torch.tensor([0.5, 0.5]), "kind": kind}, x > 0
    active = x[on]
    same(
        torch.stack([active.mean(), active.pow(2).mean()]),
        torch.tensor([1 / 2, 1 / 3]),
        atol=0.035,
        what="mean and mean square of the active values",
        given=given,
        teach="An active feature is uniform on [0, 1].",
    )
    first, others = x[:, 0, 0], {"another pair": x[:, 0, 2], "another instance": x[:, 1, 0]}
    for name, other in others.items():
        both = (first > 0) & (other > 0)
        same(
            float(both.float().mean()),
            0.25,
            atol=0.04,
            what=f"share of samples in which feature 0 and one of {name} are both active",
            given=given,
            teach="At density 1/2 two features that are drawn independently are both active a quarter of the time.",
        )
    if kind == "correlated":
        others["the same pair"] = x[:, 0, 1]
    for name, other in others.items():
        both = (first > 0) & (other > 0)
        same(
            float((first - other)[both].abs().mean()),
            1 / 3,
            atol=0.05,
            what=f"mean distance of the values of feature 0 and of one of {name}, both active",
            given=given,
            teach="Two independent uniform values are 1/3 apart on average; one value used twice has distance 0.",
        )


@pytest.mark.exercise("superposition.correlated_batch")
def test_correlated_batch_refuses():
    """An unknown kind, and an anticorrelated density above 1/2, are refused with a ValueError."""
    with raises(ValueError, teach="An unknown kind should be refused."):
        superposition.correlated_batch(4, 1, torch.tensor([0.2]), "independent")
    with raises(ValueError, teach="Two features that are never active together cannot each be active 60% of the time."):
        superposition.correlated_batch(4, 1, torch.tensor([0.2, 0.6]), "anticorrelated")
    x = superposition.correlated_batch(4, 1, torch.tensor([0.2, 0.6]), "correlated")
    same(tuple(x.shape), (4, 2, 2), what="shape", teach="A correlated density of 0.6 is fine.")


@pytest.mark.exercise("superposition.correlated_batch")
def test_correlated_batch_uses_the_generator(seed):
    """The same generator state gives the same batch."""
    one, two = (
        superposition.correlated_batch(30, 2, torch.tensor([0.4]), "anticorrelated", seeded(seed)) for _ in range(2)
    )
    holds(torch.equal(one, two), "Pass `generator` to every draw.")
    again = seeded(seed)
    first, second = (superposition.correlated_batch(30, 2, torch.tensor([0.4]), "correlated", again) for _ in range(2))
    holds(
        not torch.equal(first, second),
        "Two batches drawn one after the other from one generator should differ: use it as it comes, do not reseed.",
    )


# ---------------------------------------------------------------- absolute_value_model


@pytest.mark.exercise("superposition.absolute_value_model")
def test_absolute_value_model_exact():
    """Two neurons a feature compute |x| exactly: one for the positive half, one for the negative half."""
    W_in, W_out = torch.tensor([[[1.0], [-1.0]]]), torch.tensor([[[1.0], [1.0]]])
    x = torch.tensor([[[0.5]], [[-0.75]], [[0.0]]])
    same(
        superposition.absolute_value_model(x, W_in, W_out, torch.zeros(1, 1)),
        torch.tensor([[[0.5]], [[0.75]], [[0.0]]]),
        given={"x": x, "W_in": W_in, "W_out": W_out},
        teach="Each neuron passes one sign of x, and the outputs add up to |x|. Without the hidden ReLU they cancel.",
    )


@pytest.mark.exercise("superposition.absolute_value_model")
def test_absolute_value_model_by_hand():
    """Two features, two neurons, separate weights for reading and writing, a bias at the output."""
    # reads: [1*1 + 2*(-1), -1*1 + 0] = [-1, -1] -> 0, 0 for sample 0; sample 1: [1*(-1)+2*1, 1] = [1, 1]
    W_in = torch.tensor([[[1.0, 2.0], [-1.0, 0.0]]])
    W_out = torch.tensor([[[3.0, -1.0], [0.5, -2.0]]])
    b = torch.tensor([[0.25, 2.0]])
    x = torch.tensor([[[1.0, -1.0]], [[-1.0, 1.0]]])
    # sample 0: b alone; sample 1: [3 + 0.5 + 0.25, -1 - 2 + 2 -> 0]
    same(
        superposition.absolute_value_model(x, W_in, W_out, b),
        torch.tensor([[[0.25, 2.0]], [[3.75, 0.0]]]),
        given={"x": x, "W_in": W_in, "W_out": W_out, "b": b},
        teach="Read with W_in, ReLU, write with W_out, add b, ReLU.",
    )


@pytest.mark.exercise("superposition.absolute_value_model")
def test_absolute_value_model_against_loops(seed):
    """On random weights every instance agrees with plain matrices."""
    W_in, b = random_model(seed)
    W_out, _ = random_model(seed + 77)
    x = 2 * torch.rand(6, 3, 4, generator=seeded(seed)) - 1
    expected = torch.stack(
        [((x[:, k] @ W_in[k].T).clamp_min(0) @ W_out[k] + b[k]).clamp_min(0) for k in range(3)], dim=1
    )
    same(
        superposition.absolute_value_model(x, W_in, W_out, b),
        expected,
        atol=1e-4,
        teach="Instance k uses W_in[k], W_out[k], b[k].",
    )


# ---------------------------------------------------------------- superposed


@pytest.mark.exercise("superposition.superposed")
def test_superposed_plain_cases():
    """Orthogonal features are not in superposition; an antipodal pair is."""
    orthogonal = torch.tensor([[[1.0, 0.0], [0.0, -1.0]]])
    same(
        superposition.superposed(orthogonal),
        torch.tensor([[False, False]]),
        given={"W": orthogonal},
        teach="Nothing is shared here.",
    )
    mixed = torch.tensor([[[1.0, -1.0, 0.0], [0.0, 0.0, 1.0]]])
    same(
        superposition.superposed(mixed),
        torch.tensor([[True, True, False]]),
        given={"W": mixed},
        teach="Features 0 and 1 share a line (cosine −1; the sign does not matter), feature 2 has its own.",
    )


@pytest.mark.exercise("superposition.superposed")
def test_superposed_only_represented():
    """A feature that is not represented is not in superposition, and does not put another one there."""
    W = torch.tensor([[[1.0, -0.2, 0.3], [0.0, 0.0, 0.3]]])
    same(
        superposition.superposed(W),
        torch.tensor([[False, False, False]]),
        given={"W": W},
        teach="Features 1 and 2 have norms below 0.5. They are leftovers, and leftovers do not count, on either side.",
    )
    same(
        superposition.superposed(W, norm=0.1),
        torch.tensor([[True, True, True]]),
        given={"W": W, "norm": 0.1},
        teach="With `norm` at 0.1 all three are represented, and each has a partner with |cosine| of 0.7 or more.",
    )


@pytest.mark.exercise("superposition.superposed")
def test_superposed_rotated_orthogonal():
    """A rotated orthogonal basis is not in superposition, though every neuron reads every feature."""
    W = turned(45)[None]
    same(
        superposition.superposed(W),
        torch.tensor([[False, False]]),
        given={"W": W},
        teach="Both neurons are polysemantic, yet the features stand at right angles and can be read apart exactly.",
    )


@pytest.mark.exercise("superposition.superposed")
def test_superposed_ignores_the_axes(seed):
    """Rotating the hidden space never changes the answer."""
    W = torch.tensor([[1.0, -0.9, 0.0, 0.05], [0.0, 0.0, 1.1, 0.0]])
    rotation = torch.linalg.qr(torch.randn(2, 2, generator=seeded(seed)))[0]
    for turned_W in (W[None], (rotation @ W)[None], (turned(30) @ W)[None]):
        same(
            superposition.superposed(turned_W),
            torch.tensor([[True, True, False, False]]),
            given={"W": turned_W},
            teach="Dot products and norms of columns do not change under rotation; single entries of W do.",
        )


@pytest.mark.exercise("superposition.superposed")
def test_superposed_cosine_threshold():
    """Whether a direction is shared is judged by the cosine, not by the dot product, and per instance."""
    long = 4 * torch.tensor([[1.0, 0.2], [0.0, 0.98]])  # cosine 0.2, dot product 3.2
    short = 0.6 * torch.tensor([[1.0, 0.6], [0.0, 0.8]])  # cosine 0.6, dot product 0.216
    W = torch.stack([long, short])
    same(
        superposition.superposed(W),
        torch.tensor([[False, False], [True, True]]),
        given={"W": W},
        teach="The cosines are 0.2 and 0.6; the threshold is 0.3.",
    )
    same(
        superposition.superposed(W, cosine=0.1),
        torch.tensor([[True, True], [True, True]]),
        given={"W": W, "cosine": 0.1},
        teach="With the threshold `cosine` at 0.1 both pairs count.",
    )


@pytest.mark.exercise("superposition.superposed")
def test_superposed_asks_for_one_partner():
    """Three partners with a cosine of 0.25 each do not add up to one partner above 0.3."""
    W = torch.tensor(
        [[[1.0, 0.25, 0.25, 0.25], [0.0, 0.968, -0.0645, -0.0645], [0.0, 0.0, 0.966, -0.069], [0.0, 0.0, 0.0, 0.9637]]]
    )
    same(
        superposition.superposed(W),
        torch.tensor([[False, False, False, False]]),
        given={"W": W},
        teach="Feature 0 has cosine 0.25 with each of the others. No single partner is above the threshold of 0.3.",
    )


# ---------------------------------------------------------------- directions_that_fit


def union_bound(count: int, d: int, cosine: float) -> float:
    return count * (count - 1) / 2 * 2 * math.exp(-d * cosine**2 / 2)


@pytest.mark.exercise("superposition.directions_that_fit")
def test_directions_that_fit_by_hand():
    """d = 100, ε = 0.2, failure 1/2: N (N − 1) ≤ 3.69, so two directions."""
    # 0.5 * exp(100 * 0.04 / 2) = 0.5 * 7.389 = 3.69; 2 * 1 = 2 fits, 3 * 2 = 6 does not
    same(
        superposition.directions_that_fit(100, 0.2),
        2,
        given={"d": 100, "cosine": 0.2, "failure": 0.5},
        teach="Two directions make one pair: the bound is 2 · exp(−2) = 0.27. Three make three pairs: 0.81, above 1/2.",
    )


@pytest.mark.exercise("superposition.directions_that_fit")
def test_directions_that_fit_smollm2():
    """In SmolLM2's 576 dimensions with |cosine| at most 0.2 the bound gives 224 directions."""
    same(
        superposition.directions_that_fit(576, 0.2),
        224,
        given={"d": 576, "cosine": 0.2, "failure": 0.5},
        teach="N (N − 1) ≤ 0.5 · exp(11.52) = 50,355 holds for N = 224 (49,952) and not for N = 225 (50,400).",
    )


@pytest.mark.exercise("superposition.directions_that_fit")
@pytest.mark.parametrize("d, cosine, failure", [(40, 0.5, 0.9), (300, 0.25, 0.1), (128, 0.4, 0.5), (50, 0.1, 0.01)])
def test_directions_that_fit_is_the_largest(d, cosine, failure):
    """N satisfies the bound and N + 1 does not."""
    count = superposition.directions_that_fit(d, cosine, failure)
    given = {"d": d, "cosine": cosine, "failure": failure}
    holds(count >= 1, "One direction always fits: it makes no pair.", given=given, got=count, expected="at least 1")
    holds(
        union_bound(count, d, cosine) <= failure,
        "The union bound is above `failure` for this N.",
        given=given,
        got=count,
    )
    holds(
        union_bound(count + 1, d, cosine) > failure,
        "One more direction would still satisfy the bound.",
        given=given,
        got=count,
    )


class CutOff(Exception):
    """Thrown into a call that takes too long."""


def within(seconds: float, function, *arguments):
    """The result of a call, or None when it takes longer: then it is cut off (at its next line of Python)."""
    ended = {}

    def call():
        try:
            ended["result"] = function(*arguments)
        except BaseException as error:  # handed to the thread that waits
            ended["error"] = error

    thread = threading.Thread(target=call, daemon=True)
    thread.start()
    thread.join(seconds)
    if thread.is_alive():
        ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread.ident), ctypes.py_object(CutOff))
        thread.join(seconds)
        return None
    if "error" in ended:
        raise ended["error"]
    return ended["result"]


@pytest.mark.exercise("superposition.directions_that_fit")
def test_directions_that_fit_without_counting():
    """In 4096 dimensions with |cosine| at most 0.4 about 10^71 directions fit, and the answer comes at once."""
    given = {"d": 4096, "cosine": 0.4, "failure": 0.5}
    count = within(2.0, superposition.directions_that_fit, 4096, 0.4)
    holds(
        count is not None,
        "After two seconds there was no answer, so the call was cut off. Counting up to 10^71 never ends: solve the "
        "inequality for N.",
        given=given,
    )
    holds(count >= 1, "One direction always fits: it makes no pair.", given=given, got=count, expected="at least 1")
    same(
        math.log10(count),
        (math.log(0.5) + 4096 * 0.4**2 / 2) / 2 / math.log(10),
        atol=1e-6,
        what="logarithm of N to base 10",
        given=given,
        teach="For large N, N (N − 1) is nearly N², and the bound holds up to N² = failure · exp(d ε² / 2).",
    )


@pytest.mark.exercise("superposition.directions_that_fit")
def test_directions_that_fit_is_an_exponential():
    """Twice the dimensions square the number: room grows exponentially with d."""
    one, two = superposition.directions_that_fit(200, 0.3, 1.0), superposition.directions_that_fit(400, 0.3, 1.0)
    holds(
        abs(math.log(two) / math.log(max(one, 2)) - 2) < 0.02,
        "log N should grow in proportion to d.",
        given={"cosine": 0.3, "failure": 1.0},
        expected="log N(400) / log N(200) = 2",
        got=math.log(two) / math.log(max(one, 2)),
    )
