# %% [markdown]
# # 02 · Superposition
#
# **How do more features than dimensions fit?**
#
# SmolLM2's residual stream has 576 dimensions. Surely the model knows of more than 576 things. If each of them had a
# dimension of its own, they would not fit. Yet chapter 01 found features as directions, one after the other.
#
# The **superposition hypothesis** is an answer: a network can represent more features than it has dimensions by
# giving them directions that are not quite orthogonal. It pays with **interference**: features leak into each other.
# That is a good bargain when features are **sparse**, that is, when few are active at the same time.
#
# In a language model nobody can hand us the list of true features. So in this chapter we build worlds in which we
# can. They are small enough to train hundreds of models at once and to work out on paper what should happen. This
# follows *Toy Models of Superposition* (Elhage et al. 2022). At the end we come back to SmolLM2 with a ruler.
#
# | | |
# |---|---|
# | **You need** | Chapter 00; `einsum`; a training step in torch; variance, an integral over two uniform numbers |
# | **Time** | about 4 hours, 14 exercises (three of them mend a faulty analysis) |
# | **You are here** | 00 start here → 01 features → **02 superposition** → 03 circuits |
#
# Words of this chapter. **Density** p = 1 − S: the probability that a feature is active. **Sparsity** S: the
# probability that it is zero. **Instance**: one of many independent models that are trained side by side.
# **Represented**: a feature whose direction has a norm above 0.5.

# %%
# %load_ext mi_tutor
import matplotlib.pyplot as plt
import torch
from torch import Tensor

from mi_tutor.exercises import superposition
from mi_tutor.lab import toy_figures, toy_geometry, toy_training
from mi_tutor.lab.explorers import superposition as explorer
from mi_tutor.lab.figures import COLORS, claims_table, show, use_style
from mi_tutor.tutor.notebook import predict

use_style()

# %% [markdown]
# ## 1 · A world, a model, a loss
#
# **The world.** There are n features. In each sample, feature i is 0 with probability S; else it is uniform on [0,
# 1]. Every feature decides for itself. That is all there is to know in this world, and we know it all.
#
# You will write it for many instances at once. The instances may differ in their sparsity, and that is how one
# training run gives a whole sweep.

# %% exercise="superposition.sparse_batch"

# %% [markdown]
# **The model** has m < n hidden dimensions: h = W x and x' = ReLU(Wᵀ h + b). In the code W is `W`, of shape instance
# × hidden × feature. Column i of an instance's matrix, `W[k, :, i]`, is Wᵢ, the direction of feature i.

# %% exercise="superposition.relu_output"

# %% [markdown]
# **The loss.** Not all features matter equally. Feature i has the importance Iᵢ, and the loss is L = E Σᵢ Iᵢ (xᵢ −
# x'ᵢ)². The mean runs over samples and the sum over features.

# %% exercise="superposition.reconstruction_loss"

# %% exercise="superposition.training_step"

# %% [markdown]
# Now you have a laboratory. The next cell defines `train`, which the whole chapter uses. It starts from random
# weights, calls your `training_step` a few thousand times and measures the final loss on fresh data.


# %%
def train(
    sparsity: Tensor, importance: Tensor, hidden: int, *, steps=2000, batch=256, lr=1e-2, seed=0, scale=0.5, draw=None
) -> tuple[Tensor, Tensor, Tensor]:
    """Train the ReLU output model; return W, b and the final loss of every instance."""
    feature = importance.shape[-1]
    importance = importance.expand(len(sparsity), feature)
    generator = torch.Generator().manual_seed(seed)
    W, b = toy_training.start(len(sparsity), hidden, feature, seed=seed, scale=scale)

    def sample():
        if draw is not None:
            return draw(generator)
        return superposition.sparse_batch(batch, feature, sparsity, generator)

    def loss_of(x):
        return superposition.reconstruction_loss(x, superposition.relu_output(x, W, b), importance)

    toy_training.fit(
        lambda x, optimizer: superposition.training_step(W, b, x, importance, optimizer),
        sample,
        [W, b],
        steps=steps,
        lr=lr,
    )
    return W.detach(), b.detach(), toy_training.evaluate(loss_of, sample)


def best_of(runs: int, loss: Tensor) -> Tensor:
    """For runs of the same setting that stand in consecutive blocks: the index of the best run of each block."""
    return loss.view(-1, runs).argmin(1) + runs * torch.arange(len(loss) // runs)


# %% [markdown]
# Five features, two dimensions. Feature i has the importance 0.9ⁱ, so the first is the most important one. What will
# the model do with the three features that have no dimension?
#
# Training sometimes gets stuck in a poor solution. So each density is trained six times from different starts, and
# the run with the lowest loss is kept. We do this throughout the chapter where it matters.

# %%
predict(
    "superposition.five_dense",
    "All five features are always active (S = 0). How many does the trained model represent?",
    ["2: the two most important ones", "5, all equally badly", "4, in two pairs"],
)

# %%
predict(
    "superposition.five_sparse",
    "Each feature is active in 5% of the samples (S = 0.95). How many does it represent?",
    ["2", "3", "4", "5"],
)

# %%
density = torch.tensor([1.0, 0.5, 0.3, 0.2, 0.1, 0.05])
W_five, _, loss_five = train((1 - density).repeat_interleave(6), 0.9 ** torch.arange(5.0), hidden=2)
W_five = W_five[best_of(6, loss_five)]
represented = (W_five.norm(dim=1) > 0.5).sum(-1).tolist()
for p, count, w in zip(density.tolist(), represented, W_five, strict=True):
    print(f"p = {p:<4.2f}  represented: {count}   {toy_geometry.shape_names(w)}")

# %%
show(
    toy_figures.directions(
        W_five,
        [f"p = {p:.2g}: {count} features" for p, count in zip(density.tolist(), represented, strict=True)],
        columns=3,
        title="The rarer the features, the more fit into two dimensions",
    ),
    alt="Six panels of arrows in a plane, one for each density. Number of represented features from dense to sparse: "
    + ", ".join(map(str, represented))
    + ". Dense: orthogonal arrows. Sparse: a regular pentagon.",
)

# %% [markdown]
# Every dot is the tip of one Wᵢ; dark is important. When all features are always active the model does what principal
# component analysis would do: it keeps the most important features, orthogonal, and drops the rest. As features get
# rarer, others are squeezed in: first opposite to one that is there (a **digon**, or antipodal pair), at last all five
# in a pentagon. Which feature is left out in between is not always the least important one: features 3 and 4 differ
# little in importance (0.73 and 0.66), and so do the losses.
#
# The words in the printed list come from `toy_geometry.shape_names`. It links two represented features when their
# |cosine| is above 0.15, and gives a linked group the name of a shape when all its cosines are within 0.1 of the
# shape's.
#
# ## 2 · Interference
#
# To see who disturbs whom in more than two dimensions we need numbers. The first is the table of all dot products.

# %% exercise="superposition.gram_matrix"

# %%
gram = superposition.gram_matrix(W_five)
show(
    toy_figures.matrices(
        list(gram[[0, 3, 5]]),
        [f"p = {density[k]:.2g}" for k in (0, 3, 5)],
        title="Two features alone, then two pairs, then a pentagon: WᵀW",
        label="Wᵢ · Wⱼ",
        limit=1.35,
    ),
    alt="Three Gram matrices. Dense: two ones on the diagonal. Medium: four ones and two pairs of minus ones. Sparse: "
    "five diagonal entries and a ring of positive and negative off-diagonal entries.",
)

# %% [markdown]
# Look at the blue entries in the middle, the −1s of the two pairs. If feature 3 is active and writes −1 into the
# output of its partner, should that not be a disaster?

# %% exercise="superposition.what_feature_7_says"

# %% [markdown]
# This is why the ReLU matters. It removes negative interference without cost, and a negative bias removes small
# positive interference. A ReLU makes superposition pay, as long as two partners are rarely active together. A linear
# model gains nothing from it: its squared error adds up all interference, whatever its sign, so its best solution is
# the one of principal component analysis.
#
# The Gram matrix is a big table. We want one number for each feature: how much do all others write along its
# direction?

# %% exercise="superposition.interference"

# %% [markdown]
# With it we can look at a larger model: 20 features in 5 dimensions, with importance 0.7ⁱ, at six densities, three
# runs each.

# %%
predict(
    "superposition.twenty",
    "20 features, 5 dimensions, features active 2% of the time. How many are represented?",
    ["5", "about 7", "10 or more", "all 20"],
)

# %%
density_20 = torch.tensor([1.0, 0.5, 0.3, 0.1, 0.05, 0.02])
runs_20 = 3
W_20, _, loss_20 = train((1 - density_20).repeat_interleave(runs_20), 0.7 ** torch.arange(20.0), hidden=5)
W_20 = W_20[best_of(runs_20, loss_20)]
kept_20 = W_20.norm(dim=1) > 0.5
count_20 = kept_20.sum(-1).tolist()
crowded = (kept_20 & (superposition.interference(W_20) > 0.25)).sum(-1).tolist()
print("          represented   of these with interference above 0.25")
for p, count, shared in zip(density_20.tolist(), count_20, crowded, strict=True):
    print(f"p = {p:<4.2f} {count:7d} of 20 {shared:12d}")

# %%
show(
    toy_figures.norms_and_interference(
        W_20,
        superposition.interference(W_20),
        [f"p = {p:.2g}" for p in density_20.tolist()],
        title="Sparser: more features are represented, and more of them share",
    ),
    alt="Six panels of bars, one bar a feature. From dense to sparse the number of represented features is "
    + ", ".join(map(str, count_20))
    + f". In the dense model {crowded[0]} of them have interference above 0.25, in the sparsest {crowded[-1]}.",
)

# %% [markdown]
# A single partner of norm 1 with |cosine| 1/2 makes an interference of 0.25; that is where a bar turns orange. The
# dense models have five clean features. At p = 0.1 and below every represented feature shares.
#
# ## 3 · Geometry
#
# How *much* of a dimension does a feature have? The **feature dimensionality** is the share of its direction that is
# its own: Dᵢ = ‖Wᵢ‖² / Σⱼ (Ŵᵢ·Wⱼ)². The denominator is your interference plus the feature's own ‖Wᵢ‖². When k features
# share d dimensions evenly, each has D = d/k.

# %% exercise="superposition.feature_dimensionality"

# %% [markdown]
# In two dimensions we saw a digon (D = 1/2) and a pentagon (D = 2/5). Other spaces allow other shapes, such as the
# tetrahedron (four corners in three dimensions, 3/4) and the square antiprism: a cube whose top face is turned by 45
# degrees, eight corners in three dimensions, 3/8. We now train four sizes at eleven densities, all features equally
# important, two runs each.

# %%
predict(
    "superposition.plateau",
    "As density falls from 0.9 to 0.03, how will the dimensionality of the features change?",
    [
        "it falls smoothly",
        "it stays at 1, then drops to 0",
        "it jumps between a few values and stays on each for a while",
    ],
)

# %%
sweep = torch.tensor([0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1, 0.05, 0.03])
sizes = {(3, 2): "o", (4, 3): "^", (5, 2): "s", (8, 3): "D"}
shapes, share = {}, {}
for feature, hidden in sizes:
    W, _, loss = train((1 - sweep).repeat_interleave(2), torch.ones(feature), hidden, steps=1500)
    W = W[best_of(2, loss)]
    kept = W.norm(dim=1) > 0.5
    D = superposition.feature_dimensionality(W)
    shapes[feature, hidden] = [toy_geometry.shape_names(w) for w in W]
    share[feature, hidden] = [d[k].tolist() for d, k in zip(D, kept, strict=True)]

for (feature, hidden), names in shapes.items():
    print(f"{feature} features in {hidden} dimensions")
    for p in (0.7, 0.4, 0.1):
        print(f"   p = {p}: {names[sweep.tolist().index(torch.tensor(p).item())]}")

# %% jupyter={"source_hidden": true}
fig, axes = plt.subplots(1, 4, figsize=(9.4, 3.9), sharey=True)
plateaus = {"own dimension": 1, "tetrahedron": 3 / 4, "triangle": 2 / 3, "digon": 1 / 2, "pentagon": 2 / 5}
for axis, ((feature, hidden), marker) in zip(axes, sizes.items(), strict=True):
    for value in [*plateaus.values(), 3 / 8]:
        axis.axhline(value, color=COLORS["grey"], linewidth=0.7, linestyle=":")
    for p, values in zip(sweep.tolist(), share[feature, hidden], strict=True):
        axis.plot([1 / p] * len(values), values, marker, color=COLORS["blue"], markersize=4, alpha=0.7)
    axis.set(
        xscale="log",
        xlabel="1 / p = 1 / (1 − S)",
        xticks=[1, 3, 10, 30],
        xticklabels=["1", "3", "10", "30"],
        ylim=(0, 1.08),
    )
    axis.set_title(f"{feature} features,\n{hidden} dimensions", fontsize=9, fontweight="normal", loc="center")
    axis.grid(False)
axes[0].set_ylabel("dimensionality Dᵢ of\nrepresented features")
for name, value in plateaus.items():
    axes[-1].text(42, value, name, fontsize=8, va="bottom" if name == "tetrahedron" else "center")
axes[-1].text(42, 3 / 8 - 0.045, "square antiprism", fontsize=8, va="center")
fig.suptitle(
    "Below a density of about 0.6, dimensionality sits on a few values",
    fontsize=11,
    fontweight="bold",
    x=0.01,
    ha="left",
)
show(
    fig,
    alt="Four panels of feature dimensionality against 1/p. To the right of 1/p = 2 values lie on a few levels: 1 and "
    "1/2 (digon), 2/5 (pentagon) and about 3/8 (square antiprism), with jumps between them. Near 1/p = 1 they scatter, "
    "around 2/3 and 3/4 among others.",
)

# %% [markdown]
# Below p of about 0.6 the values are few, and each belongs to a shape: digon, pentagon, square antiprism. A sweep does
# not slide from one to the next; it jumps. When we drop the density a little the best shape stays the best; at some
# point another one wins.
#
# In the dense part at the left the points scatter and slide: with equal importances many subspaces are equally good
# there. Three features in two dimensions form a triangle at p = 0.7 and 0.6. Four in three dimensions come close to a
# tetrahedron with some of its corners flipped to the other side, and never form a true one. D does not see such a flip,
# since it knows only squared cosines. So look at the cosines before you name a shape.
#
# A guess of ours failed. We expected three sparse features in two dimensions to form a triangle. They form a digon and
# a feature with its own dimension.
#
# In small models of this kind the jumps come because whole features must fit. What happens when there are plenty?
# Below are 60 equally important features in 12 dimensions. The paper counts how many dimensions each represented
# feature gets on average: D* = m / ‖W‖², where ‖W‖² is the sum of all squared norms (the squared Frobenius norm) and
# m the number of hidden dimensions. The idea is that a represented feature adds about 1 to ‖W‖² and an ignored one 0.

# %%
inverse = torch.logspace(0, 1.5, 14)
W_60, _, _ = train(1 - 1 / inverse, torch.ones(60), hidden=12, steps=2000, lr=5e-3, scale=0.1)
D_star = 12 / W_60.pow(2).sum(dim=(1, 2))
D_60 = superposition.feature_dimensionality(W_60)
kept_60 = W_60.norm(dim=1) > 0.5

fig, axis = plt.subplots(figsize=(7, 3.8))
for x, d, kept in zip(inverse.tolist(), D_60, kept_60, strict=True):
    axis.plot([x] * int(kept.sum()), d[kept].tolist(), "o", color=COLORS["sky"], markersize=3.5, alpha=0.6)
axis.plot(inverse, D_star, color=COLORS["red"], marker="s", markersize=4, label="D* = m / ‖W‖²")
axis.axhline(0.5, color=COLORS["grey"], linewidth=0.8, linestyle=":")
axis.text(33, 0.5, "digon", fontsize=8, va="center")
axis.set(xscale="log", xlabel="1 / p = 1 / (1 − S)", ylabel="dimensions per feature", ylim=(0, 1.1))
axis.set(xticks=[1, 2, 3, 5, 10, 30], xticklabels=["1", "2", "3", "5", "10", "30"])
axis.plot([], [], "o", color=COLORS["sky"], markersize=4, label="Dᵢ of each represented feature")
axis.legend()
on_digon = ((D_60 - 0.5).abs() < 0.03) & kept_60
digon_share = on_digon.sum(-1) / kept_60.sum(-1)
flat = inverse[digon_share > 0.9]
axis.axvspan(1, flat.min().item() / 1.15, color=COLORS["grey"], alpha=0.15, linewidth=0)
axis.text(1.03, 0.04, "too dense to read", fontsize=8)
axis.set_title(f"From 1/p = {flat.min():.1f} to {flat.max():.1f} nearly all represented features form digons")
show(
    fig,
    alt=f"D* falls from 1 to about {D_star[-1]:.2f} as features get sparser. At 1/p between {flat.min():.1f} and "
    f"{flat.max():.1f} more than 90% of the features sit at 1/2; elsewhere they spread.",
)

# %%
print("1/p      D*     share of represented features with D within 0.03 of 1/2")
for x, d, s in zip(inverse.tolist(), D_star.tolist(), digon_share.tolist(), strict=True):
    print(f"{x:5.1f}   {d:4.2f}   {s:4.2f}")
kept_norms = [W_60[k].norm(dim=0)[kept_60[k]] for k in (0, -1)]
for place, norms in zip(("densest", "sparsest"), kept_norms, strict=True):
    print(f"{place}: {len(norms)} of 60 represented, mean norm {norms.mean():.1f}")

# %% [markdown]
# Read the figure from 1/p of about 2. To the left the features are dense and equally important: any 12-dimensional
# subspace is as good as any other, every feature is kept a little, and neither D* nor Dᵢ means much. At the right all
# 60 are in and the Dᵢ lie near 12/60 = 0.2. Their norms are above 1, so ‖W‖² counts each as more than one feature and
# D* falls below the dots.
#
# Only the digon plateau is clear at this size and budget. The paper, with 400 features, 30 dimensions and longer
# training, also sees lines at 2/3, 3/4, 2/5 and 3/8. We found most of those shapes, but in models of the right size.
#
# Play with it. The explorer trains four small models at each move of a slider and shows the best.

# %%
explorer.explore()

# %%
settings = [(0.0, 5, 0.9), (0.7, 5, 0.9), (0.95, 5, 0.9), (0.95, 5, 0.6), (0.97, 8, 0.9)]
models_shown = [explorer.train(*setting) for setting in settings]
show(
    explorer.figure(models_shown, title="Sparsity adds features, importance decay removes them"),
    alt="Five settings with directions and Gram matrices: " + "; ".join(model.words for model in models_shown) + ".",
)

# %% [markdown]
# ## 4 · A phase diagram
#
# What decides between *ignore*, *give a dimension* and *superpose*? Take the smallest case: two features, one
# dimension. The first feature has importance 1, the extra one has importance r. W is just two numbers, and there are
# three sensible ways to choose them: [1, 0], [0, 1] and the digon [1, −1]. For each the expected loss can be worked
# out on paper. A feature that is given up gets its best bias, the mean. The digon gets b = 0: then a feature that is
# active alone comes out exactly. That is not the best bias when both are often active. We keep it because it makes the
# sum doable, and shall see what it costs.

# %% exercise="superposition.expected_losses"

# %% [markdown]
# Before you trust a formula, try it on data. We give your `relu_output` exactly these weights and many samples.

# %%
p, r = torch.tensor([0.7]), torch.tensor([0.5])
ways = {
    "first only": ([1.0, 0.0], [0.0, 0.35]),
    "extra only": ([0.0, 1.0], [0.35, 0.0]),
    "superposition": ([1.0, -1.0], [0.0, 0.0]),
}
theory = superposition.expected_losses(p, r)
x = superposition.sparse_batch(1_000_000, 2, 1 - p, torch.Generator().manual_seed(0))
for name, (w, bias) in ways.items():
    x_hat = superposition.relu_output(x, torch.tensor([[w]]), torch.tensor([bias]))
    sampled = superposition.reconstruction_loss(x, x_hat, torch.tensor([[1.0, 0.5]])).item()
    print(f"{name:14s} formula {theory[name].item():.3f}   a million samples {sampled:.3f}")

# %% [markdown]
# Whichever way has the lowest expected loss should be what training finds. If so, the change is not gradual: where
# two losses cross, the best solution jumps. That is a **phase change**, in the sense that water does not slowly turn
# to ice.
#
# Does training follow the theory? We train 9 × 9 settings of p and r, with 5 runs each: 405 models in one go.

# %%
predict(
    "superposition.stuck",
    "Of five runs of one setting, will all find the same solution?",
    ["yes: the loss has one minimum here", "no: some get stuck in a worse solution", "no two runs agree"],
)

# %%
runs = 5
grid_p, grid_r = torch.logspace(-1.5, 0, 9), torch.logspace(-1, 1, 9)
p, r = (grid.flatten() for grid in torch.meshgrid(grid_p, grid_r, indexing="ij"))
many_p, many_r = p.repeat_interleave(runs), r.repeat_interleave(runs)
W_phase, b_phase, loss_phase = train(
    1 - many_p, torch.stack([torch.ones_like(many_r), many_r], dim=-1), hidden=1, steps=1200, lr=2e-2, scale=1.0
)
theory = superposition.expected_losses(p, r)
names = ["first only", "extra only", "superposition"]
predicted = [names[k] for k in torch.stack([theory[name] for name in names]).argmin(0).tolist()]
one_run = W_phase[3 * 9 * runs + 4 * runs :][:runs, 0]
print(f"Five runs at p = {grid_p[3]:.2f}, r = 1:")
print("\n".join(f"   W = [{a:5.1f}, {b:5.1f}]" for a, b in one_run.tolist()))

# %% [markdown]
# These are runs of one setting. How would you sum them up in one word? Here is somebody's analysis.

# %% exercise="superposition.phase_of_runs"

# %%
found = [
    superposition.phase_of_runs(W_phase[k * runs : (k + 1) * runs], loss_phase[k * runs : (k + 1) * runs])
    for k in range(len(p))
]


def phase_of_mean(W: Tensor) -> str:
    """The analysis as it was before you mended it: look at the mean of the runs' weights."""
    first, extra = (W.mean(0)[0].abs() > 0.5).tolist()
    return {(True, True): "superposition", (True, False): "first only", (False, True): "extra only"}.get(
        (first, extra), "neither"
    )


averaged = [phase_of_mean(W_phase[k * runs : (k + 1) * runs]) for k in range(len(p))]
agree = sum(a == b for a, b in zip(found, predicted, strict=True)) / len(p)
agree_averaged = sum(a == b for a, b in zip(averaged, predicted, strict=True)) / len(p)
print(f"Phases that agree with theory: best run {agree:.0%}, mean of the runs {agree_averaged:.0%}")

rows = lambda phases: [phases[9 * k : 9 * k + 9] for k in reversed(range(9))]  # noqa: E731
show(
    toy_figures.phase_maps(
        [rows(predicted), rows(found), rows(averaged)],
        ["theory: lowest expected loss", "training: best of five runs", "training: mean of five runs"],
        grid_p.flip(0).tolist(),
        grid_r.tolist(),
        title="Training finds the phases of the theory, unless runs are averaged",
    ),
    alt=f"Three phase maps over density and relative importance. Best of five runs agrees with theory in {agree:.0%} "
    f"of the cells; the mean of the runs in {agree_averaged:.0%}, most of it labelled neither.",
)

# %%
differ = [k for k in range(len(p)) if found[k] != predicted[k]]
print("Cells that disagree: loss of the best run, and the lowest of the three formulas")
for k in differ:
    lowest = min(theory[name][k].item() for name in names)
    trained = loss_phase[k * runs : (k + 1) * runs].min().item()
    print(
        f"   p = {p[k]:.2f}, r = {r[k]:4.1f}: {trained:.3f} {lowest:.3f}   theory {predicted[k]}, training {found[k]}"
    )

stuck = 0
for k in range(len(p)):
    losses = loss_phase[k * runs : (k + 1) * runs]
    stuck += int((losses > 1.5 * losses.min() + 1e-4).sum())
print(f"Runs that end above 1.5 times the loss of the best run of their setting: {stuck / len(loss_phase):.0%}")

# %% [markdown]
# The boundary is nearly where the theory puts it. At r = 1 the losses cross at p = 4/7: set p/3 − p²/4 equal to p²/3.
# In all cells that disagree, training is labelled *superposition*. Training may choose any W and b; the theory compares
# three fixed candidates.
#
# - Those away from r = 1 lie on the boundary, where two losses are almost equal. The trained digon is uneven, with a
#   shorter arrow and a positive bias for the less important feature, and is slightly better than all three of ours.
# - At r = 1, p = 0.65 the trained digon is even but short, and has positive biases. It beats all three candidates too.
# - At r = 1, p = 1 both features are always active and nothing distinguishes them. Every W of norm 1 has nearly the
#   same loss: [1, 0], [0, 1], and all between. Which label the best run gets is chance.
#
# Averaging weights over runs turned two thirds of the phases into *neither*. Nothing crashed, and the plot looked like
# a result.
#
# ## 5 · Who is active with whom
#
# So far features were independent. Real ones are not: *Paris* and *France* come together, *French text* and *Python
# code* do not. The paper trains on **correlated** pairs, which are active together, and on **anticorrelated** pairs,
# which never are.
#
# The code below draws both kinds. It compares two worlds that differ in one thing only. Or does it?

# %% exercise="superposition.correlated_batch"

# %%
predict(
    "superposition.correlated",
    "Four rare features in two dimensions usually form two digons. Which partners share a line?",
    [
        "correlated: the two of a pair; anticorrelated: features of different pairs",
        "correlated: features of different pairs; anticorrelated: the two of a pair",
        "any two, in both worlds",
    ],
)

# %%
kinds = ("independent", "correlated", "anticorrelated")
many, pair_density = 48, (0.1, 0.3)
both = torch.tensor(pair_density).repeat_interleave(many)
outcome = {}
for number, kind in enumerate(kinds):

    def draw(generator, kind=kind):
        if kind == "independent":
            return superposition.sparse_batch(256, 4, 1 - both, generator)
        return superposition.correlated_batch(256, 2, both, kind, generator)

    W, _, loss = train(1 - both, torch.ones(4), hidden=2, steps=1200, seed=10 + number, draw=draw)
    unit = torch.nn.functional.normalize(W, dim=1)
    cosine = superposition.gram_matrix(unit)[:, [0, 2], [1, 3]]
    for p_pair, c, runs_loss in zip(pair_density, cosine.split(many), loss.split(many), strict=True):
        for group, chosen_runs in (("all", c), ("best", c[runs_loss.argsort()[: many // 4]])):
            tests = (chosen_runs < -0.9, chosen_runs.abs() < 0.2, chosen_runs > 0.9)
            parts = [part.float().mean().item() for part in tests]
            outcome[group, p_pair, kind] = [*parts, abs(1 - sum(parts))]

print("share of pairs                       opposite  orthogonal  same direction  other")
for (group, p_pair, kind), parts in sorted(outcome.items(), key=lambda item: (item[0][0] == "all", item[0])):
    print(f"{group:5s} runs  p = {p_pair}  {kind:16s}" + "{:10.2f}{:12.2f}{:16.2f}{:7.2f}".format(*parts))
outcome = {(p_pair, kind): parts for (group, p_pair, kind), parts in outcome.items() if group == "best"}

# %% jupyter={"source_hidden": true}
fig, axes = plt.subplots(1, 2, figsize=(7.4, 3.4), sharey=True)
colors = [COLORS["red"], COLORS["blue"], COLORS["green"], "#CCCCCC"]
labels = ["opposite (cos < −0.9)", "orthogonal (|cos| < 0.2)", "same direction (cos > 0.9)", "other"]
for axis, p_pair in zip(axes, (0.1, 0.3), strict=True):
    left = [0.0] * 3
    for part in range(4):
        widths = [outcome[p_pair, kind][part] for kind in kinds]
        axis.barh(
            kinds,
            widths,
            left=left,
            color=colors[part],
            edgecolor="white",
            label=labels[part] if p_pair == 0.1 else None,
        )
        left = [a + b for a, b in zip(left, widths, strict=True)]
    axis.set(xlabel="share of pairs in the best quarter of runs", xlim=(0, 1))
    axis.set_title(f"p = {p_pair}", fontsize=9, fontweight="normal", loc="center")
    axis.grid(False)
axes[0].invert_yaxis()
fig.legend(loc="outside lower center", ncol=2)
fig.suptitle(
    "Best runs: anticorrelated pairs are opposite, correlated ones never",
    fontsize=11,
    fontweight="bold",
    x=0.01,
    ha="left",
)
show(
    fig,
    alt=f"Best quarter of runs. At p = 0.1, correlated pairs are orthogonal in {outcome[0.1, 'correlated'][1]:.0%} of "
    f"the cases, independent ones in {outcome[0.1, 'independent'][1]:.0%}, and anticorrelated ones are opposite in "
    f"{outcome[0.1, 'anticorrelated'][0]:.0%}. At p = 0.3, anticorrelated pairs are opposite in "
    f"{outcome[0.3, 'anticorrelated'][0]:.0%}; correlated ones point the same way in "
    f"{outcome[0.3, 'correlated'][2]:.0%}.",
)

# %% [markdown]
# Each setting has 48 runs. Many get stuck, so the figure shows the quarter with the lowest loss; the table has both.
#
# Were partners put together at random, a given pair would share a digon in a third of the cases, since feature 0 can be
# matched with 1, 2 or 3. Independent features are at about a quarter; with 12 runs that is no clear difference (give or
# take 13 points; with all 48 it is 7). Correlated pairs almost never share a digon: the interference would arrive each
# time. At p = 0.1 they are orthogonal. At p = 0.3 another solution wins: the two get the *same* direction. The model
# then stores their sum, the first principal component of the pair. Anticorrelated pairs share a line: it costs them
# nothing. Every one of the best runs finds this free lunch, but among all runs many stay stuck in another matching,
# more so at p = 0.1, where interference is rare and a wrong matching costs little.
#
# ## 6 · Neurons
#
# The hidden layer so far was linear. Rotate it, h → R h, and W → R W computes the very same outputs. So no axis of
# that space means anything, and "what does neuron 3 stand for?" has no answer in this model. A ReLU on the hidden
# layer changes this. It acts on each axis, and the axes become a **privileged basis**: neurons.

# %% exercise="superposition.absolute_value_model"

# %% [markdown]
# Can a network *compute* in superposition, and not just store? The task is |xᵢ| for sparse xᵢ between −1 and 1.
# Without superposition this needs two neurons a feature: one for the positive half, one for the negative half. So 8
# neurons could serve 4 features.
#
# To measure we use R²ᵢ = 1 − error / variance of |xᵢ|, for each feature: 1 when it is computed exactly, 0 when the
# model outputs the best constant, the mean. If no neuron is shared, Σᵢ R²ᵢ is at most about m/2 = 4: two
# neurons give 1. Spending a single neuron on each of 8 features is no better in sum. It gets one half of |xᵢ| right and
# leaves the other at a constant, so R² is at most about 1/2 each. The importance of feature i is 0.9ⁱ.
#
# The **purity** of a neuron (`neuron_purity`, given beside your exercises) is its largest squared weight over the sum
# of its squared weights. It is 1 when the neuron reads one feature, and 1/n when it reads all n equally.

# %%
predict(
    "superposition.absolute",
    "12 features of which each is active 5% of the time, 8 neurons. What will Σ R² be?",
    ["4: two neurons for each of four features", "more than 4", "less than 4: interference spoils it"],
)

# %%
n_abs, m_abs, runs_abs = 12, 8, 3
density_abs = torch.tensor([1.0, 0.3, 0.1, 0.05, 0.02])
many_p = density_abs.repeat_interleave(runs_abs)
importance = (0.9 ** torch.arange(float(n_abs))).expand(len(many_p), n_abs)
generator = torch.Generator().manual_seed(0)
W_in, b_abs = toy_training.start(len(many_p), m_abs, n_abs, seed=0, scale=0.3)
W_out, _ = toy_training.start(len(many_p), m_abs, n_abs, seed=1, scale=0.3)


def signed() -> Tensor:
    """A batch of sparse features between −1 and 1."""
    x = superposition.sparse_batch(256, n_abs, 1 - many_p, generator)
    return x * (2.0 * (torch.rand(x.shape, generator=generator) < 0.5) - 1)


def absolute_error(x: Tensor) -> Tensor:
    """Squared error of every feature, averaged over the batch."""
    return (x.abs() - superposition.absolute_value_model(x, W_in, W_out, b_abs)).pow(2).mean(0)


def absolute_loss(x: Tensor) -> Tensor:
    return (importance * absolute_error(x)).sum(-1)


toy_training.fit(toy_training.descend(absolute_loss), signed, [W_in, W_out, b_abs], steps=2500)
variance = (many_p / 3 - many_p**2 / 4)[:, None]
with torch.no_grad():
    r2 = 1 - toy_training.evaluate(absolute_error, signed, batches=100) / variance
best = best_of(runs_abs, toy_training.evaluate(absolute_loss, signed, batches=100))
total_r2 = r2[best].sum(-1).tolist()
purity_abs = superposition.neuron_purity(W_in.detach()[best]).median(-1).values.tolist()
for p_one, total, purity in zip(density_abs.tolist(), total_r2, purity_abs, strict=True):
    print(f"p = {p_one:<4.2f}  Σ R² = {total:.1f} (4 without superposition)   median purity of a neuron {purity:.1f}")

# %%
show(
    toy_figures.matrices(
        [W_in.detach()[best[0]], W_in.detach()[best[-1]]],
        [f"W_in at p = {density_abs[k]:.2g}: Σ R² = {total_r2[k]:.1f}" for k in (0, -1)],
        title="Dense: one feature a neuron. Sparse: neurons are shared",
        label="weight",
        limit=1.5,
    ),
    alt="Two input weight matrices of 8 neurons by 12 features. Dense: each row has one large entry. Sparse: rows have "
    "several.",
)

# %% [markdown]
# Dense features: Σ R² is 4, and every neuron reads one feature. Sparse features: the same 8 neurons do the work of
# more than 4 features. Each feature is now spread over neurons and each neuron is **polysemantic**: it reads several
# features.
#
# The columns stand in the order of importance. So look at the left panel again: the fourth of its features is not the
# fourth column. This run is the best of three, and it is stuck: giving up that feature for a more important one would
# lower its loss. Three starts are few.
#
# ## 7 · Superposition is not polysemanticity
#
# Superposition makes neurons polysemantic, always. Suppose no neuron is: each reads at most one feature. Then different
# features use different neurons, so their directions are orthogonal, so there is no superposition. It is tempting to
# turn this around: *the neurons are polysemantic, so there is superposition*. That does not follow (Chan 2024).
#
# We train 5 features in 5 dimensions. Nothing has to share. One model has a linear hidden layer (your `relu_output`),
# the other the same with a ReLU on the hidden layer. For the linear model we report all runs, since nearly all of them
# reach a loss of 0. The ReLU on the hidden layer makes training harder, and stuck runs mix features for that reason
# alone; where we look at a single model we take the best run.

# %%
predict(
    "superposition.no_need",
    "5 features, 5 dimensions, linear hidden layer. What do single hidden units read?",
    ["one feature each: there is room for everybody", "several features each"],
)

# %%
runs_pure = 12
half = torch.full((runs_pure,), 0.5)
W_linear, _, loss_linear = train(half, 0.75 ** torch.arange(5.0), hidden=5, steps=1500)
W_linear = W_linear[loss_linear.argsort()]  # best run first

W_relu, b_relu = toy_training.start(runs_pure, 5, 5, seed=0)
generator = torch.Generator().manual_seed(0)


def relu_hidden_loss(x: Tensor) -> Tensor:
    x_hat = superposition.absolute_value_model(x, W_relu, W_relu, b_relu)  # read and write with the same weights
    return superposition.reconstruction_loss(x, x_hat, (0.75 ** torch.arange(5.0)).expand(runs_pure, 5))


def dense_sample() -> Tensor:
    return superposition.sparse_batch(256, 5, half, generator)


toy_training.fit(toy_training.descend(relu_hidden_loss), dense_sample, [W_relu, b_relu], steps=1500)
W_relu = W_relu.detach()[toy_training.evaluate(relu_hidden_loss, dense_sample).argsort()]  # best run first
purity_linear = superposition.neuron_purity(W_linear).median().item()
purity_relu = superposition.neuron_purity(W_relu).median().item()
worst_cosine = (superposition.gram_matrix(torch.nn.functional.normalize(W_linear, dim=1)) - torch.eye(5)).abs().amax()
print(
    f"median purity over {runs_pure} runs: linear hidden layer {purity_linear:.1f}, ReLU hidden layer {purity_relu:.1f}"
)
print(f"linear hidden layer, over all runs: largest |cosine| of two features {worst_cosine:.1f}")

# %%
show(
    toy_figures.matrices(
        [W_linear[0], superposition.gram_matrix(W_linear)[0], W_relu[0], superposition.gram_matrix(W_relu)[0]],
        ["linear: W", "linear: WᵀW", "ReLU: W", "ReLU: WᵀW"],
        title="Same features, all orthogonal; only the ReLU makes neurons mean something",
        label="weight, or Wᵢ · Wⱼ",
        limit=1.0,
    ),
    alt="Linear hidden layer: W is a mess in which every unit reads several features, and its Gram matrix is the "
    "identity. ReLU hidden layer: W has one entry in each row and column; its Gram matrix is the identity too.",
)

# %% [markdown]
# Nearly every unit of the linear model is polysemantic: the feature that it reads most has only about half of its
# squared weights. And there is **no superposition**: five orthogonal directions in five dimensions, in a rotated basis.
# No feature disturbs another.
#
# So a test for superposition must look at features and not at neurons. Here is one that looks at neurons.

# %% exercise="superposition.superposed"

# %%
cases = {
    "linear, 5 in 5": W_linear,
    "ReLU, 5 in 5, best run": W_relu[:1],  # stuck runs would mix training trouble into the question
    "linear, 5 in 2, p = 0.05": W_five[-1:],
    "the same, rotated": torch.einsum("hg,igf->ihf", toy_geometry.random_rotation(2, seed=3), W_five[-1:]),
    "linear, 20 in 5, p = 1": W_20[:1],
}
verdicts = {}
print("model                      units that read several   features in superposition")
for name, W in cases.items():
    mixed = (superposition.neuron_purity(W) < 0.9).float().mean().item()
    verdicts[name] = superposition.superposed(W).float().sum(-1).mean().item()
    print(f"{name:26s} {mixed:12.0%} {verdicts[name]:24.1f} of {W.shape[-1]}")

# %% [markdown]
# The neurons cannot tell the first row from the third. Your test can, and a rotation does not change its answer.
#
# Your test needed something that we do not have for a language model: the true directions of all features. That is
# the honest state of affairs. In a real model, polysemantic neurons are what we see; superposition is a hypothesis
# about why.
#
# ## 8 · How much room is there?
#
# In 576 dimensions at most 576 directions can be orthogonal. How many can be *nearly* orthogonal?

# %% exercise="superposition.directions_that_fit"

# %%
print("random directions, all pairs nearly orthogonal with probability 1/2 or more (union bound)")
print("  |cosine| ≤    64 dim.     576 dim.    4096 dim.")
for eps in (0.1, 0.2, 0.3, 0.4):
    numbers = [superposition.directions_that_fit(d, eps) for d in (64, 576, 4096)]
    print(f"  {eps:9.1f}" + "".join(f"{n:12,d}" if n < 10**9 else f"{n:12.0e}" for n in numbers))

# %% [markdown]
# Read this table with care. The number grows exponentially with d ε²: at |cosine| ≤ 0.4 there is room for more features
# than anybody could list. This is the argument behind the **Johnson–Lindenstrauss lemma**. But 576 dimensions are not
# many. At |cosine| ≤ 0.2 it vouches for only 224 random directions, with a chance of at least one half; so a set of 224
# certainly exists. That is fewer than the 576 that fit exactly. The bound is loose: draw 576 at random, and most of the
# time they pass. It is at its best for large d ε².
#
# It is a lower bound on what fits. A bound from the other side is Welch's: among N > d directions in d dimensions, some
# pair has |cosine| ≥ √((N − d) / (d (N − 1))).

# %%
for count in (1152, 46_080, 49_152):
    welch = ((count - 576) / (576 * (count - 1))) ** 0.5
    print(f"{count:6,d} directions in 576 dimensions: the largest |cosine| is at least {welch:.3f}")

# %% [markdown]
# So for 49,152 directions the bound does not exclude that all pairs stay below 0.042. It does not say that such a set
# exists. The cosine of two random directions has a spread of 1/√576 = 0.042. Nearly orthogonal is what directions
# are by default; what is hard is that no pair at all sticks out.
#
# Now the real model. SmolLM2 has 30 · 1536 = 46,080 MLP neurons, and each writes one direction into the residual
# stream. Its unembedding, the matrix that turns the last residual stream into logits, has 49,152 directions, one a
# token (we fold in the gain of the final norm). Both are far more than 576.

# %%
predict(
    "superposition.cosines",
    "Cosines between SmolLM2's unembedding directions of two random tokens: how are they distributed?",
    ["around 0, like random directions", "around 0, but wider", "around a value clearly above 0"],
)

# %%
from mi_tutor.lab import models

model = models.load("smollm2")
neurons = torch.cat([models.neuron_outputs(model, layer) for layer in range(len(model.blocks))])
tokens = models.unembed_directions(model, torch.arange(model.cfg.d_vocab))
generator = torch.Generator().manual_seed(0)


def cosines(directions: Tensor, count: int = 3000) -> Tensor:
    """Cosines of all pairs among `count` directions drawn at random."""
    some = directions[torch.randperm(len(directions), generator=generator)[:count]].float()
    unit = torch.nn.functional.normalize(some, dim=-1)
    return (unit @ unit.T)[torch.triu(torch.ones(count, count, dtype=torch.bool), 1)]


measured = {
    "random directions": cosines(torch.randn(3000, 576, generator=generator)),
    "MLP neurons, all layers": cosines(neurons),
    "unembedding": cosines(tokens),
    "unembedding, mean removed": cosines(tokens - tokens.mean(0)),
}
print("directions                    mean    spread    share with |cosine| > 0.2")
for name, c in measured.items():
    mean = round(c.mean().item(), 2) + 0.0  # no minus sign before a zero
    above = 100 * (c.abs() > 0.2).float().mean().item()
    share_above = f"{above:.0f}%" if above > 1 else f"{above:.1g}%"
    print(f"{name:27s} {mean:6.2f}   {c.std():7.3f}   {share_above:>12s}")

by_chance = torch.special.erfc(torch.tensor(0.2 * 576**0.5 / 2**0.5)).item()  # cosines are nearly normal, spread 1/√576
share_neurons = (measured["MLP neurons, all layers"].abs() > 0.2).float().mean().item()
print(
    f"expected by chance above 0.2: {100 * by_chance:.1g}%; "
    f"the neurons have about {share_neurons / by_chance:.1g} times that".replace("e+02", "00")
)

# %% jupyter={"source_hidden": true}
fig, axis = plt.subplots(figsize=(7.4, 3.9))
bins = torch.linspace(-0.6, 1, 161)
for (name, c), color, dash in zip(
    measured.items(), ("black", "blue", "red", "orange"), ("--", "-", "-", "-"), strict=True
):
    height = torch.histogram(c, bins, density=True).hist
    axis.plot((bins[1:] + bins[:-1]) / 2, height.clamp_min(1e-4), dash, color=COLORS[color], label=name)
axis.set(yscale="log", ylim=(1e-3, 300), xlabel="cosine of two directions", ylabel="probability density")
axis.legend(loc="upper left", ncol=2)
axis.set_title("Neurons write nearly orthogonally; tokens share one direction")
show(
    fig,
    alt=f"Distribution of cosines. MLP neurons: around 0, spread "
    f"{measured['MLP neurons, all layers'].std():.3f}, close to random directions with 0.042 but with longer tails. "
    f"Unembedding: mean {measured['unembedding'].mean():.2f}; after removing the mean direction the spread is "
    f"{measured['unembedding, mean removed'].std():.2f}.",
)

# %% [markdown]
# The 46,080 neurons write in directions that are nearly as orthogonal as random ones, with longer tails: the share of
# pairs above 0.2 is small, but hundreds of times larger than by chance. (Here all layers are mixed; inside one layer
# the tails can be longer still.) The token directions are far from orthogonal.
# Most of that is *one* common direction, the mean. It adds the same amount to every logit, and softmax ignores that.
# Without it the spread is still more than twice that of random directions: tokens have structure.
#
# Does this show superposition in SmolLM2? It shows that the model has many more directions than dimensions, and that
# those of the neurons are about as orthogonal as random ones. Random weights would show that too. A neuron is not a
# feature, though, and a token is not one either. Chapter 05 looks for the features.
#
# ## 9 · How this method fools people
#
# **Averaging over runs.** You saw it: solutions that are equal up to a sign or an order cancel.
#
# **Reading neurons.** You saw it: polysemantic units without superposition.
#
# **The start decides.** Training is not the same as the best solution. Below is one density of the sweep of section 3,
# trained again twice from each of two starts: weights of standard deviation 0.1, as there, and 0.5. Both see the
# same batches, in the same order.

# %%
one_density = (1 - 1 / inverse[[4]]).repeat(2)
fig, axis = plt.subplots(figsize=(7, 3.2))
starts = {}
for scale, color in ((0.1, "blue"), (0.5, "orange")):
    W, _, loss = train(one_density, torch.ones(60), hidden=12, steps=2000, lr=5e-3, scale=scale)
    kept = W.norm(dim=1) > 0.5
    values = superposition.feature_dimensionality(W)[kept]
    starts[scale] = ((values - 0.5).abs() < 0.03).float().mean().item()
    axis.hist(
        values.tolist(),
        bins=torch.linspace(0, 1, 41).tolist(),
        alpha=0.7,
        color=COLORS[color],
        label=f"start {scale}: {kept.sum() / 2:.0f} features a run",
    )
    runs_of_start = "  ".join(f"{value:.1f}" for value in loss.sort().values.tolist())
    print(f"1/p = {inverse[4]:.1f}, start {scale}: losses {runs_of_start}; on the digon {starts[scale]:.0%}")
p_one = 1 / inverse[4].item()
print(f"a model that outputs the mean of every feature: {60 * (p_one / 3 - p_one**2 / 4):.1f}")
axis.set(xlabel="dimensionality Dᵢ", ylabel="represented features, two runs")
axis.set_title("The same world, another start: the digons are gone")
axis.legend()
show(
    fig,
    alt=f"Two histograms of dimensionality. From a small start {starts[0.1]:.0%} of represented features sit at 1/2. "
    f"From a large start {starts[0.5]:.0%} do; the others spread, most of them below 1/2.",
)

# %% [markdown]
# The plateau is a property of good solutions. The large start ends in worse ones, both times. A claim about "what the
# model does" needs the loss beside it, and more than one start.
#
# **An average that includes the dead.** How many dimensions does a feature get on average? If ignored features are
# counted in, the answer is another one.

# %%
k = 4
with_dead, without = D_60[k].mean().item(), D_60[k][kept_60[k]].mean().item()
print(f"1/p = {inverse[k]:.1f}: {int(kept_60[k].sum())} of 60 features represented")
print(
    f"mean dimensionality of all 60 features {with_dead:.2f}, of the represented ones {without:.2f}, D* {D_star[k]:.2f}"
)

# %% [markdown]
# **The toy assumes what it shows.** Our features are independent, non-negative, known, and the model is asked to copy
# them. A language model is asked to predict words. Toy models show that superposition *can* arise from sparsity and
# importance. That it does in SmolLM2 has to be shown in SmolLM2.
#
# ## 10 · Bonus: when data are few
#
# If there are few training samples, the model can do something else: memorise the samples themselves and put *them*
# in superposition (Henighan et al. 2023). We train 200 features in 2 dimensions on T fixed samples, scaled to norm 1.
# So a model that outputs 0 has an error of about 1 (a bit less, since 2% of the samples are empty). Two dimensions for
# 200 features are very few, and no model can get far below that on fresh samples.

# %%
from mi_tutor.lab.toy_memorising import memorise

sizes_T = [3, 5, 10, 30, 60, 100, 150, 300, 1000, 3000]
curve = [memorise(T) for T in sizes_T]
worst = max(range(len(curve)), key=lambda k: curve[k].test_loss)
fig, (axis, left, right) = plt.subplots(1, 3, figsize=(9.4, 3.4), width_ratios=[2.2, 1, 1])
axis.plot(sizes_T, [c.train_loss for c in curve], "o-", color=COLORS["blue"], label="training samples")
axis.plot(sizes_T, [c.test_loss for c in curve], "s-", color=COLORS["red"], label="fresh samples")
axis.set(xscale="log", xlabel="number of training samples T", ylabel="squared error of a sample")
axis.axhline(1, color=COLORS["grey"], linewidth=0.8, linestyle=":")
axis.text(500, 1.02, "output 0", fontsize=8)
axis.legend()
axis.set_title("test error has a peak", fontsize=9, fontweight="normal", loc="center")
five = curve[sizes_T.index(5)]
toy_figures.arrows(left, five.hidden)
left.set_title("T = 5: hidden vectors\nof the samples", fontsize=9, fontweight="normal", loc="center")
toy_figures.arrows(right, curve[-1].W[:, curve[-1].W.norm(dim=0).topk(12).indices])
right.set_title("T = 3000: the 12\nlargest features", fontsize=9, fontweight="normal", loc="center")
fig.suptitle(
    "From memorised samples to features, with the worst test error in between",
    fontsize=11,
    fontweight="bold",
    x=0.01,
    ha="left",
)
show(
    fig,
    alt=f"Test error against the number of training samples: {curve[0].test_loss:.1f} for 3, a peak of "
    f"{curve[worst].test_loss:.1f} at T = {sizes_T[worst]}, {curve[-1].test_loss:.2f} for 3000; outputting 0 "
    "costs about 1. With 5 samples their hidden vectors form a pentagon.",
)
long_features = int((curve[-1].W.norm(dim=0) > 0.5).sum())
print(f"test error: {curve[worst].test_loss:.1f} at T = {sizes_T[worst]}, {curve[-1].test_loss:.2f} at T = 3000")
angles = torch.atan2(five.hidden[1], five.hidden[0]).sort().values
gaps = torch.cat([angles.diff(), angles[:1] - angles[-1:] + 2 * torch.pi]).rad2deg()
print(f"T = 5: angles between neighbours {gaps.min():.0f} to {gaps.max():.0f} degrees; a regular pentagon has 72")
print(f"T = 3000: {long_features} of 200 features have a norm above 0.5")

# %% [markdown]
# With five samples the hidden vectors *of the samples* stand in a pentagon. With thousands a pentagon of *features*
# appears: about five are long, and the rest are short. In between the model can do neither well, and the test error
# peaks: **double descent**. Mind the scale. At T = 3000 the test error is only a little below 1: the model reconstructs
# five features of 200, and nearly nothing of a typical sample. The descent is from harmful to almost useless. This is
# one start. With two others the peak was there too (at T = 60 and 100), and one of them put the five samples at uneven
# angles.
#
# ## 11 · The paper and us


# %% jupyter={"source_hidden": true}
def verdict(condition: bool, partly: bool = False) -> str:
    """The word for the table."""
    return "held" if condition else "partly" if partly else "did not replicate"


pentagon_D = superposition.feature_dimensionality(W_five[-1:]).mean().item()
antiprism_D = sum(share[8, 3][-1]) / len(share[8, 3][-1])
paper_shapes = ("tetrahedron", "triangle", "digon", "pentagon", "square antiprism")
named = [name for name in paper_shapes if name in str(shapes)]
missing = [name for name in paper_shapes if name not in named]
claims_table(
    [
        {
            "claim": "Dense features: only the m most important are represented, orthogonally",
            "paper": "5 of 20 in 5 dimensions",
            "measured": f"{count_20[0]} of 20 in 5 dimensions, {represented[0]} of 5 in 2",
            "verdict": verdict(count_20[0] == 5 and represented[0] == 2),
        },
        {
            "claim": "More sparsity, more features than dimensions",
            "paper": "pentagon of 5 features in 2 dimensions",
            "measured": f"{represented[-1]} features in 2 dimensions with mean D {pentagon_D:.2f}; "
            f"{count_20[-1]} of 20 in 5",
            "verdict": verdict(represented[-1] == 5 and count_20[-1] > 5),
        },
        {
            "claim": "Dimensionality sits on plateaus of regular shapes (for us: below p ≈ 0.6)",
            "paper": "3/4, 2/3, 1/2, 2/5, 3/8, with 400 features in 30 dimensions",
            "measured": f"{', '.join(named)} in models of fitting size (antiprism {antiprism_D:.2f}), no "
            f"{' or '.join(missing)}; near p = 1 values scatter; with 60 features in 12 dimensions only 1/2, for 1/p "
            f"from {flat.min():.1f} to {flat.max():.1f}",
            "verdict": "partly",
        },
        {
            "claim": "Sparse enough, three features in two dimensions form a triangle",
            "paper": "not claimed; our own guess (section 3)",
            "measured": f"at p = 0.03: {shapes[3, 2][-1]}",
            "verdict": verdict("triangle" in shapes[3, 2][-1]),
        },
        {
            "claim": "Representing a feature is a phase change, where theory puts it",
            "paper": "theory and training agree by eye",
            "measured": f"{agree:.0%} of 81 cells agree",
            "verdict": verdict(agree > 0.9, agree > 0.7),
        },
        {
            "claim": "Rare correlated features prefer to be orthogonal",
            "paper": "they form local, almost orthogonal bases",
            "measured": f"p = 0.1, best quarter of runs: {outcome[0.1, 'correlated'][1]:.0%} of pairs, against "
            f"{outcome[0.1, 'independent'][1]:.0%} of independent pairs",
            "verdict": verdict(outcome[0.1, "correlated"][1] > outcome[0.1, "independent"][1] + 0.1),
        },
        {
            "claim": "Correlated features may collapse into their principal component",
            "paper": "when features are less sparse",
            "measured": f"best quarter of runs: {outcome[0.3, 'correlated'][2]:.0%} of pairs at p = 0.3, "
            f"{outcome[0.1, 'correlated'][2]:.0%} at p = 0.1",
            "verdict": verdict(outcome[0.3, "correlated"][2] > 0.3),
        },
        {
            "claim": "Anticorrelated features prefer to be opposite",
            "paper": "antipodal when they must share",
            "measured": "best quarter of runs: "
            f"{outcome[0.1, 'anticorrelated'][0]:.0%} of pairs at p = 0.1 and "
            f"{outcome[0.3, 'anticorrelated'][0]:.0%} at p = 0.3, against {outcome[0.1, 'independent'][0]:.0%} and "
            f"{outcome[0.3, 'independent'][0]:.0%} of independent pairs",
            "verdict": verdict(
                outcome[0.1, "anticorrelated"][0] > outcome[0.1, "independent"][0] + 0.2,
                outcome[0.3, "anticorrelated"][0] > outcome[0.3, "independent"][0] + 0.2,
            ),
        },
        {
            "claim": "Models can compute |x| in superposition",
            "paper": "100 features, 40 neurons",
            "measured": f"12 features, 8 neurons: Σ R² {total_r2[0]:.1f} dense, {total_r2[-1]:.1f} at p = 0.02; "
            "4 without superposition",
            "verdict": verdict(total_r2[-1] > 4.5 and total_r2[0] < 4.2),
        },
        {
            "claim": "A ReLU hidden layer aligns features with neurons",
            "paper": "neurons are monosemantic when features are dense enough",
            "measured": f"median purity {purity_relu:.2f} with ReLU, {purity_linear:.2f} without, p = 0.5",
            "verdict": verdict(purity_relu > 0.9 and purity_linear < 0.7),
        },
        {
            "claim": "Polysemantic units do not need superposition",
            "paper": "one of three ways that Chan 2024 names",
            "measured": f"median purity {purity_linear:.1f} with {verdicts['linear, 5 in 5']:.1f} of 5 features "
            "in superposition",
            "verdict": verdict(verdicts["linear, 5 in 5"] < 0.1 and purity_linear < 0.7),
        },
        {
            "claim": "Few samples: the samples themselves form a polygon; test error peaks in between",
            "paper": "10,000 features in 2 dimensions",
            "measured": f"200 features, one start: angles at T = 5 {gaps.min():.0f} to {gaps.max():.0f} degrees, "
            f"peak {curve[worst].test_loss:.1f} "
            f"at T = {sizes_T[worst]}, then {curve[-1].test_loss:.2f} (about 1: output 0)",
            "verdict": verdict(
                (gaps - 72).abs().max().item() < 15 and 0 < worst < len(curve) - 1 and curve[worst].test_loss > 1.2
            ),
        },
    ]
)

# %% [markdown]
# ## Further work
#
# Two tasks without a reference. They are the size of a weekend.
#
# 1. **A phase diagram with room for a surprise.** Take three features in two dimensions, with importances 1, 1 and r.
#    Which candidates for W belong into the theory? Derive their losses, draw the diagram, train, and explain each
#    cell that disagrees. Is there a region for the triangle?
# 2. **Superposition in SmolLM2, against a null model.** The neurons of one layer write into the residual stream.
#    Choose a measure of how far their directions avoid each other (largest cosines, or the fraction of variance in
#    the top k dimensions) and compare with at least two null models: random directions, and directions with the same
#    covariance. What would convince a sceptic that features, and not just neurons, are in superposition?
#
# **Next:** 03, circuits: how features compute.
