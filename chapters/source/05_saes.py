# %% [markdown]
# # 05 · Sparse autoencoders
#
# **Can we find the features without labels?**
#
# Chapter 01 found features as directions, chapter 04 reads them out with probes. Both need somebody who says what to
# look for, and text that is labelled for it. A language model knows of many things for which nobody has a label. And
# chapter 02 showed why looking at single neurons does not help: more features than dimensions share the space.
#
# A **sparse autoencoder** (SAE) finds directions from activations alone. It uses one assumption: of the many features
# only a few are active at a time. It writes each activation as a sum of a few directions out of a long list, and learns
# the list.
#
# This chapter has two halves. In the first we live in a world whose true features we know, and build the five kinds
# of SAE that are in use. There we can see what each of them finds, misses and distorts. In the second half we take SAEs
# of language models, where nobody knows the truth, and ask how one can judge them all the same. The claims are those of
# the survey's section 3.1.4 and Table 2. Its two critical rows have a chapter of their own, 06.
#
# | | |
# |---|---|
# | **You need** | Chapters 00 to 02; gradients in torch; `topk`, `scatter`, masks |
# | **Time** | about 5 hours, 28 exercises (four mend a faulty analysis, three are questions to read) |
# | **You are here** | … → 02 superposition → 03 circuits → **05 saes** → … → 07 ablation → … |
#
# Words of this chapter. **Latent**: one entry of the SAE's hidden layer, fᵢ. We keep the word *feature* for what is
# really in the data, and ask whether a latent is one. **Dictionary**: the list of directions that latents write,
# `W_dec`. **L0**: the number of active latents in a row, on average. **Row**: one activation vector x.

# %%
# %load_ext mi_tutor
from itertools import pairwise

import matplotlib.pyplot as plt
import torch
from torch.nn.functional import normalize

from mi_tutor.exercises import saes
from mi_tutor.lab import activations, corpus, models
from mi_tutor.lab import saes as lab_saes
from mi_tutor.lab.explorers.frontier import Frontier, explore as explore_frontier
from mi_tutor.lab.explorers.latents import explore
from mi_tutor.lab.figures import COLORS, claims_table, show, token_rows, use_style
from mi_tutor.lab.progress import progress_bar
from mi_tutor.lab.saes.activity import collect
from mi_tutor.lab.saes.batches import of_tensor
from mi_tutor.lab.saes.feature_page import Pages
from mi_tutor.lab.saes.one_layer import model as one_layer
from mi_tutor.lab.toy_training import one_thread
from mi_tutor.tutor.notebook import predict

use_style()

# %% [markdown]
# ## 1 · A world whose features we know
#
# There are 36 features and 24 dimensions. Each feature has a direction, a random one of norm 1. In a row each feature
# is active with probability 0.06, independently of the others. Its strength s is then uniform between 1 and 3. A row is
# the sum of its features on top of a constant vector:
#
# x = s F + c
#
# In the code F is `known` (36 × 24), s is `strength`, c is `constant`. Activations of real models have a large constant
# part too. The SAE will see x and nothing else.

# %%
D_MODEL, FEATURES, DENSITY, LATENTS = 24, 36, 0.06, 72
generator = torch.Generator().manual_seed(0)
known = normalize(torch.randn(FEATURES, D_MODEL, generator=generator), dim=-1)
constant = 3 * normalize(torch.randn(D_MODEL, generator=generator), dim=0)


def world(rows, seed, density=DENSITY):
    """Strengths of the features and the activations that they make."""
    random = torch.Generator().manual_seed(seed)
    active = torch.rand(rows, FEATURES, generator=random) < density
    strength = active * (1 + 2 * torch.rand(rows, FEATURES, generator=random))
    return strength, strength @ known + constant


_, x_train = world(51_200, seed=1)
strength, x_test = world(8_192, seed=2)
present = strength > 0
cosines = (known @ known.T - torch.eye(FEATURES)).abs()
print(f"active features in a row: {present.sum(-1).float().mean():.1f} on average, {present.sum(-1).max()} at most")
print(f"largest |cosine| of a feature with another one: {cosines.amax(1).mean():.2f} on average")
print(f"largest |cosine| of a feature with a neuron (an axis): {known.abs().amax(1).mean():.2f} on average")

# %% [markdown]
# No axis is a feature, and the features are not orthogonal: 36 directions in 24 dimensions cannot be. Each one has some
# other that it leaks into.
#
# The encoder of the standard SAE has one weight vector and one bias for each latent:
#
# f = ReLU((x − b_dec) W_enc + b_enc)
#
# and the decoder writes x' = f W_dec + b_dec. First the encoder.

# %% exercise="saes.encode"

# %% [markdown]
# Suppose that somebody handed us the truth: b_dec = c, W_dec = F, and for the encoder W_enc = Fᵀ and b_enc = 0. Every
# latent reads along its own feature.

# %%
predict(
    "saes.true_directions",
    "On average 2.2 features are active in a row. How many of the 36 latents of this SAE are?",
    ["about 2", "about 4", "about 9", "about 18"],
)

# %%
print("b_enc    L0    of the active latents, true   of the true features, active")
true_encoder = {}
for bias in (0.0, -0.5, -1.0, -1.5):
    latents = saes.encode(x_test, known.T, torch.full((FEATURES,), bias), constant)
    both = ((latents > 0) & present).sum().item()
    true_encoder[bias] = (
        (latents > 0).sum(-1).float().mean().item(),
        both / (latents > 0).sum().item(),
        both / present.sum().item(),
    )
    print("{:5.1f} {:6.1f} {:18.0%} {:29.0%}".format(bias, *true_encoder[bias]))
without_b_dec = saes.encode(x_test, known.T, torch.full((FEATURES,), -1.0), torch.zeros(D_MODEL))
wrong_start = (without_b_dec > 0).sum(-1).float().mean().item()
print(f"b_enc = -1 without subtracting b_dec: L0 {wrong_start:.1f}")

# %% [markdown]
# Even the true directions are not enough. Every active feature leaks into many others, and a latent that reads a small
# positive number counts as active. A negative bias removes most of the leaking. It also makes nearly every latent
# smaller than the feature it stands for, and silences weak features. Keep this in mind: it will come back as
# *shrinkage*.
#
# **From sparse coding to the autoencoder.** There is an older way to find f when the directions are known: search for
# it. **Sparse coding** (Olshausen and Field 1996) makes
#
# ‖x − b_dec − f W_dec‖² + λ Σᵢ fᵢ
#
# as small as it can, for each row by itself, over all f ≥ 0. The best known search walks down the gradient of the error
# and subtracts a little from every latent, again and again (ISTA; Daubechies et al. 2004). Its first step, from f = 0,
# is f = ReLU(((x − b_dec) W_decᵀ − λ/2) / L), where L is a number that fixes the step size. That is your encoder, with
# W_enc = W_decᵀ / L and a negative bias. An SAE is sparse coding with the search replaced by one step that is learned.


# %%
def sparse_code(x, W_dec, b_dec, coefficient, steps):
    """Latents of at least 0 that make error + coefficient * L1 small, by `steps` of ISTA."""
    L = torch.linalg.matrix_norm(W_dec, 2) ** 2
    latents = torch.zeros(len(x), len(W_dec))
    for _ in range(steps):
        missing = x - b_dec - latents @ W_dec
        latents = (latents + (missing @ W_dec.T - coefficient / 2) / L).relu()
    return latents


def quality(x, latents, x_hat):
    """L0 and the fraction of variance explained."""
    explained = 1 - (x - x_hat).square().sum() / (x - x.mean(0)).square().sum()
    return (latents > 0).sum(-1).float().mean().item(), explained.item()


print("steps    L0   variance explained   of the active latents, true")
searched = {}
for steps in (1, 10, 100):
    latents = sparse_code(x_test, known, constant, 0.5, steps)
    searched[steps] = quality(x_test, latents, latents @ known + constant)
    honest = ((latents > 0) & present).sum().item() / (latents > 0).sum().item()
    print(f"{steps:5d} {searched[steps][0]:6.1f} {searched[steps][1]:14.2f} {honest:23.0%}")

# %% [markdown]
# A hundred steps of search find nearly what is there. One step does not. An encoder has only one step, but its weights
# and biases may be anything, and it is trained for that. How much is lost compared with the search is called the
# **amortisation gap**. At the end of this half we will see it, mixed with other losses.
#
# ## 2 · Two terms that pull against each other
#
# Nobody hands us the truth. So we learn W_dec, W_enc and the biases from x. The error alone would not do: with 72
# latents for 24 dimensions there are many exact ways to write x, and most use many latents at once. The second term
# asks for few. L0 itself has no useful gradient, so the **standard** SAE pays for the sum of its latents, the L1 norm.

# %% exercise="saes.standard_loss"

# %% [markdown]
# Why the norms in the L1 term? Take the true dictionary. Make every direction ten times as long and every latent ten
# times as small. The reconstruction is the same.

# %%
pre = (x_test - constant) @ known.T - 1
print("direction norm   error   plain sum of latents   your l1")
for length in (1, 10):
    terms = saes.standard_loss(x_test, pre / length, length * known, constant, 1.0)
    plain = (pre / length).relu().sum(-1).mean()
    print(f"{length:14d} {terms['error'].item():7.2f} {plain.item():15.2f} {terms['l1'].item():16.2f}")

# %% [markdown]
# With the plain sum the penalty could be made as small as one likes, at no cost. There are two ways out: weight each
# latent by the norm of its direction, as you did, or hold every direction at norm 1. Bricken et al. (2023) hold the
# norm. There is a catch, and somebody's training step has fallen for it.

# %% exercise="saes.unit_norm_step"

# %% [markdown]
# Now training. The next cell defines `start` and `train` for the whole first half. A set of weights is a dictionary of
# tensors. A kind of SAE is a function from a batch and its weights to a loss and latents. `train` calls this function
# and your `unit_norm_step` a thousand times.
#
# Directions start at random and the encoder as their transpose. The seed of the start is another one than that of the
# world, for a reason that section 3 shows.


# %%
def start(seed=0, latents=LATENTS, **extra):
    """Weights before training: random directions, the encoder their transpose, biases zero."""
    random = torch.Generator().manual_seed(1_000_003 * (seed + 1))
    rows = normalize(torch.randn(latents, D_MODEL, generator=random), dim=-1)
    weights = {"W_enc": rows.T.clone(), "b_enc": torch.zeros(latents), "W_dec": rows, "b_dec": torch.zeros(D_MODEL)}
    return {name: value.clone().requires_grad_() for name, value in (weights | extra).items()}


def pre_of(x, w):
    """What the encoder computes before its activation function."""
    return (x - w["b_dec"]) @ w["W_enc"] + w["b_enc"]


def error_of(x, latents, w):
    return (x - latents @ w["W_dec"] - w["b_dec"]).square().sum(-1).mean()


def train(loss_of, w, *, data=x_train, steps=1000, batch=256, lr=1e-2, step_of=None, after=None):
    """Train the tensors of w in place. Returns on how many rows of each batch each latent was active."""
    optimizer = torch.optim.Adam(w.values(), lr=lr)
    counts = torch.zeros(steps, len(w["W_dec"]), dtype=torch.long)
    step_of = step_of or saes.unit_norm_step
    with one_thread():
        for step in progress_bar(range(steps), "Training"):
            # The rate rises over 50 steps and falls over the last fifth.
            optimizer.param_groups[0]["lr"] = lr * min(1, (step + 1) / 50, 5 * (1 - step / steps))
            x = data[(torch.arange(batch) + step * batch) % len(data)]
            loss, latents = loss_of(x, w)
            optimizer.zero_grad()
            loss.backward()
            counts[step] = (latents > 0).sum(0)
            step_of(w["W_dec"], optimizer)
            if after is not None:
                after(step, w, optimizer, counts[: step + 1])
    for value in w.values():
        value.requires_grad_(False)
    return counts


def standard(coefficient):
    def loss_of(x, w):
        pre = pre_of(x, w)
        return saes.standard_loss(x, pre, w["W_dec"], w["b_dec"], coefficient)["loss"], pre.detach().relu()

    return loss_of


def encode(x, w):
    return saes.encode(x, w["W_enc"], w["b_enc"], w["b_dec"])


# %% [markdown]
# Does the projection matter? We train with your step and with the step as you found it. From the same starts, on the
# same batches. The column after the seed is what Adam stores at step 500: how much of its running mean of the gradient
# points along the direction itself, where no step can go.

# %%
predict(
    "saes.projecting",
    "How much does leaving out the projection cost, in variance explained?",
    ["nothing that shows in two digits", "a few hundredths", "more than a tenth"],
)


# %%
def normalise_only(W_dec, optimizer):
    """The step as it was before you mended it."""
    optimizer.step()
    with torch.no_grad():
        W_dec /= W_dec.norm(dim=-1, keepdim=True)


stored, trained, by_seed = {}, {}, {}  # trained: by kind and setting, all from start(0)


def look_at_adam(step, w, optimizer, counts):
    if step == 500:
        mean = optimizer.state[w["W_dec"]]["exp_avg"]
        along = (mean * w["W_dec"]).sum(-1)
        stored[now] = (along.square().sum() / mean.square().sum()).item()


print("step            seed  of Adam's mean, along the direction  variance explained   L0  test loss")
projecting = {}
for name, step_of in (("with projection", saes.unit_norm_step), ("without", normalise_only)):
    for seed in (0, 1):
        now, w = (name, seed), start(seed)
        counts = train(standard(1.0), w, step_of=step_of, after=look_at_adam)
        latents = encode(x_test, w)
        projecting[now] = quality(x_test, latents, latents @ w["W_dec"] + w["b_dec"])
        if step_of is saes.unit_norm_step:
            by_seed[seed] = w
        terms = saes.standard_loss(x_test, pre_of(x_test, w), w["W_dec"], w["b_dec"], 1.0)
        projecting[now] += (terms["loss"].item(),)
        l0, explained, loss = projecting[now]
        print(f"{name:15}{seed:>5}{stored[now]:>37.1f}{explained:>20.2f}{l0:>5.0f}{loss:>11.2f}")

# %% [markdown]
# With the projection Adam stores next to nothing along the direction. Without it, a tenth to a fifth of what it stores
# (of the squared norm of its mean) points where no step can go. And it costs nothing that shows: the variance explained
# and L0 are the same, and the loss on test rows differs by about 0.01 or less. Bricken et al. report a small gain in
# the loss. With two starts in this world we cannot see it; a gain below 0.02 would not show. The mended step is still
# the right one, because what it does is what one believes it does.
#
# ## 3 · Are the true features in the dictionary?
#
# Variance explained says nothing about directions. Here we know them, so we can ask for each true feature how close the
# nearest row of the dictionary comes.

# %% exercise="saes.mean_max_cosine"

# %% [markdown]
# There are older methods that take activations apart without labels. **PCA** finds orthogonal directions of large
# variance. **ICA** finds directions whose readings are as far from a bell curve as possible, which sparse features are.
# **NMF** writes non-negative data as non-negative sums of non-negative parts. Our activations have both signs, so NMF
# gets each coordinate twice, once its positive and once its negative part. PCA and ICA do not know the sign of a
# direction. They may use each of their 24 both ways round.

# %%
predict(
    "saes.who_recovers",
    "Which method comes closest to the 36 directions?",
    ["PCA (24 directions)", "ICA (24 directions)", "NMF (72 directions)", "the standard SAE (72 directions)"],
)


# %%
def principal_components(x):
    """The directions of largest variance, orthogonal to each other."""
    return torch.linalg.svd(x, full_matrices=False)[2]


def independent_components(x, random, steps=200):
    """FastICA (Hyvärinen 1999): rotate white data until the readings are as far from a bell curve as they get."""
    _, size, axes = torch.linalg.svd(x, full_matrices=False)
    white = x @ axes.T / size * len(x) ** 0.5
    turn = torch.linalg.qr(torch.randn(len(size), len(size), generator=random).double())[0]
    for _ in range(steps):
        y = (white @ turn.T).tanh()
        left, _, right = torch.linalg.svd(y.T @ white / len(x) - (1 - y.square()).mean(0)[:, None] * turn)
        turn = left @ right
    return (turn * size) @ axes


def non_negative_parts(x, count, random, steps=200):
    """NMF by multiplicative steps (Lee and Seung 2001): x ≈ amount @ parts, nothing below zero."""
    amount = torch.rand(len(x), count, generator=random).double()
    parts = torch.rand(count, x.shape[1], generator=random).double()
    for _ in range(steps):
        amount *= x @ parts.T / (amount @ (parts @ parts.T)).clamp_min(1e-9)
        parts *= amount.T @ x / (amount.T @ amount @ parts).clamp_min(1e-9)
    return parts


with one_thread():
    random = torch.Generator().manual_seed(21)
    centred = (x_test[:4096] - x_test[:4096].mean(0)).double()  # in double precision: rounding decides nothing
    pca, ica = principal_components(centred).float(), independent_components(centred, random).float()
    parts = non_negative_parts(torch.cat([centred.relu(), (-centred).relu()], dim=-1), LATENTS, random).float()
    nmf = parts[:, :D_MODEL] - parts[:, D_MODEL:]
w = start(0, latents=24)
train(standard(1.0), w)
random_rows = torch.randn(LATENTS, D_MODEL, generator=torch.Generator().manual_seed(11))
dictionaries = {
    "random": random_rows,
    "neurons": torch.cat([torch.eye(D_MODEL), -torch.eye(D_MODEL)]),
    "PCA": torch.cat([pca, -pca]),
    "NMF": nmf,
    "ICA": torch.cat([ica, -ica]),
    "SAE, 24 latents": w["W_dec"],
    "SAE": by_seed[0]["W_dec"],
}


def nearest(dictionary):
    """For each true feature, the largest cosine with a row."""
    return (known @ normalize(dictionary, dim=-1).T).amax(1)


toy_recovery = {name: saes.mean_max_cosine(rows, known) for name, rows in dictionaries.items()}
toy_found = {name: int((nearest(rows) > 0.9).sum()) for name, rows in dictionaries.items()}
print("                 rows   mean max cosine   features with cosine above 0.9")
for name, rows in dictionaries.items():
    print(f"{name:15s} {len(rows):5d} {toy_recovery[name]:14.1f} {toy_found[name]:19d} of 36")

# %% jupyter={"source_hidden": true}
fig, axis = plt.subplots(figsize=(7, 3.6))
styles = zip(dictionaries, ("grey", "black", "orange", "purple", "sky", "green", "blue"), "v.sD^<o", strict=True)
for name, color, marker in styles:
    values = nearest(dictionaries[name]).sort(descending=True).values
    axis.plot(range(1, 37), values.tolist(), marker=marker, markersize=3, color=COLORS[color], label=name, linewidth=1)
axis.axhline(0.9, color=COLORS["grey"], linestyle=":", linewidth=0.8)
axis.set(xlabel="true features, best first", ylabel="cosine with the nearest row", ylim=(0.1, 1.02))
axis.legend(ncol=4, loc="lower left")  # below all lines
axis.set_title("The SAE has all 36 directions, ICA half of them, PCA and NMF none")
show(
    fig,
    alt="For each method the cosine of the nearest row with each true feature, sorted. SAE: all near 1. Mean max "
    "cosine: " + ", ".join(f"{name} {value:.1f}" for name, value in toy_recovery.items()) + ".",
)

# %% [markdown]
# The SAE has all of them, without ever having seen a strength or a label. PCA is hardly better than random rows: its
# directions are orthogonal, and variance is large where several features happen to point alike. NMF does no better on
# data that are not made of non-negative parts. ICA finds half of them. Its idea is the right one, but it cannot have
# more directions than there are dimensions, 24 for 36 features. An SAE with 24 latents is under the same limit and is
# about level with ICA. (This is one start. PCA, ICA and NMF were given 4,096 rows, the SAE 51,200.) What the SAE can do
# and ICA cannot is to be
# **overcomplete**. Sparse coding with a learned dictionary can be that too, and is the older method nearest to an SAE.
# It pays with a search for every row. We have not run it.
#
# The world is made to the SAE's taste: independent features, one direction each, no noise.
#
# Three warnings about this number. It asks only whether the features are in the dictionary, not what else is in it.
# So a longer dictionary can only gain, even one of random rows:

# %%
many = normalize(torch.randn(100_000, D_MODEL, generator=torch.Generator().manual_seed(12)), dim=-1)
for rows in (72, 1_000, 100_000):
    print(f"{rows:6d} random rows: mean max cosine {saes.mean_max_cosine(many[:rows], known):.1f}")
own = normalize(by_seed[0]["W_dec"], dim=-1)
latent_side = (own @ known.T).amax(1)
print(f"the SAE's 72 latents: {(latent_side > 0.9).sum() / 72:.0%} lie within 0.9 of some feature")
far, f = latent_side <= 0.9, encode(x_test, by_seed[0])
print(
    f"the others make up {(f[:, far] > 0).sum() / (f > 0).sum():.0%} of all active latents of the test rows, ", end=""
)
print(f"and {f[:, far].sum() / f.sum():.0%} of their sum")

# %% [markdown]
# A third of the latents are near no feature. All features have a latent without them, so they are left over. They are
# active on few rows, and weakly. This number does not see them. So compare only dictionaries of one size, and keep the
# random one in the table. Second, a recovery that is too good to be true may be that. Here is an SAE that was never
# trained. Its start was drawn with seed 0, as the world was:

# %%
untrained = torch.randn(LATENTS, D_MODEL, generator=torch.Generator().manual_seed(0))
print(f"untrained, seed of the world: mean max cosine {saes.mean_max_cosine(untrained, known):.1f}")
print(f"untrained, seed of `start`:   mean max cosine {saes.mean_max_cosine(start(0)['W_dec'].detach(), known):.1f}")

# %% [markdown]
# The same numbers in the same order: half of its directions *are* the features. We made this mistake once. So measure
# before training too. Third, this number needs the truth. For a language model nobody has it.
#
# ## 4 · Dead latents
#
# A latent that is never active gets no gradient from the error: its direction writes nothing. And none from the
# penalty: a ReLU that is off does not pass one on. So the weights of a latent that is silent on all rows stand still,
# once Adam's running mean has died away. After that only b_dec, which all latents share, can wake it. Such a latent is
# called **dead**. Before one can cure this, one has to count it. Here is somebody's count.

# %% exercise="saes.dead_latents"

# %%
w = start(2)
counts = train(standard(1.0), w)
WINDOW = 12_800
last_batch = counts[-1] == 0
dead = saes.dead_latents(counts, 256, WINDOW)
awake = (encode(x_test, w)[:, last_batch] > 0).any(0)
print(f"silent in the last batch: {last_batch.sum()} of {LATENTS}, dead over {WINDOW} rows: {dead.sum()}")
print(f"of those silent in the last batch, active on some fresh row: {awake.sum()}")

# %% [markdown]
# Each of the latents that were silent in the last batch is alive. In 256 rows a feature comes about 15 times, but the
# SAE has twice as many latents as there are features, and some of them are active on few rows. Had we replaced them
# after each batch, we would have destroyed what they learned. "Dead" is a statement about a window, so always say how
# long it was.

# %% [markdown]
# Now we make it happen. The world is the same. There are 48 latents. The encoder starts in random directions of its
# own, not as the transpose of the decoder, and all biases start at −2.
#
# Bricken et al. (2023) cure dead latents by **resampling**: now and then each dead latent gets a new start at an input
# that is reconstructed badly.

# %% exercise="saes.resampled"

# %%
predict(
    "saes.sleepers",
    "48 latents, this start, no cure. How many of the 36 features will have a living latent within cosine 0.9?",
    ["all 36", "about 30", "about 20"],
)


# %% tags=["drifts"]
def badly_started(seed):
    w = start(seed, latents=48)
    own_directions = torch.randn(48, D_MODEL, generator=torch.Generator().manual_seed(500 + seed))
    with torch.no_grad():
        w["W_enc"].copy_(normalize(own_directions, dim=-1).T)
        w["b_enc"].fill_(-2.0)
    return w


def resample(step, w, optimizer, counts):
    """Give dead latents a new start, with rows that training may see. Adam forgets what it knew of them."""
    if step not in (250, 400, 550, 700):
        return
    dead = saes.dead_latents(counts, 256, WINDOW)
    if not dead.any():
        return
    with torch.no_grad():
        x = x_train[step * 16 :][:4096]
        losses = (x - encode(x, w) @ w["W_dec"] - w["b_dec"]).square().sum(-1)
        random = torch.Generator().manual_seed(step)
        fresh = saes.resampled(w["W_enc"], w["b_enc"], w["W_dec"], dead, x - w["b_dec"], losses, random)
        places = {"W_enc": (slice(None), dead), "b_enc": dead, "W_dec": dead}
        for (name, place), value in zip(places.items(), fresh, strict=True):
            w[name].copy_(value)
            for moment in ("exp_avg", "exp_avg_sq"):
                optimizer.state[w[name]][moment][place] = 0


def living(w, dead):
    return int((nearest(w["W_dec"][~dead]) > 0.9).sum())


print("                 seed   dead of 48   features found   variance explained")
sleepers, dead_at, woken = {}, {}, {}
for name, after in (("no cure", None), ("resampled", resample)):
    for seed in (0, 1):
        w = badly_started(seed)
        counts = train(standard(1.0), w, after=after)
        dead = saes.dead_latents(counts, 256, WINDOW)
        latents = encode(x_test, w)
        explained = quality(x_test, latents, latents @ w["W_dec"] + w["b_dec"])[1]
        sleepers[name, seed] = (int(dead.sum()), living(w, dead), explained)
        early = saes.dead_latents(counts[:250], 256, WINDOW)
        woken[name, seed] = [int(one.sum()) for one in (early, early & (counts[250:].sum(0) > 0), early & dead)]
        dead_at[name, seed] = [int(saes.dead_latents(counts[:step], 256, WINDOW).sum()) for step in range(50, 1001, 25)]
        print("{:16s} {:4d} {:9d} {:13d} of 36 {:16.2f}".format(name, seed, *sleepers[name, seed]))
for seed in (0, 1):
    then, later, still = woken["no cure", seed]
    print(f"no cure, seed {seed}: {then} dead at step 250; {later} of them active on some row later, ", end="")
    print(f"{still} dead at the end")

# %% jupyter={"source_hidden": true} tags=["drifts"]
fig, axis = plt.subplots(figsize=(7, 3.2))
for name, color in (("no cure", "red"), ("resampled", "blue")):
    for seed, line in ((0, "-"), (1, "--")):
        label = f"{name}, seed {seed}"
        axis.plot(range(50, 1001, 25), dead_at[name, seed], line, color=COLORS[color], label=label)
for step in (250, 400, 550, 700):
    axis.axvline(step, color=COLORS["grey"], linewidth=0.7, linestyle=":")
axis.set(xlabel="step (dotted: resampling)", ylabel=f"latents dead over {WINDOW} rows", ylim=(0, None))
axis.legend()
axis.set_title("Without a new start, nearly half of the latents are dead at the end")
show(
    fig,
    alt="Number of dead latents over training. Without a cure "
    + " and ".join(str(sleepers["no cure", seed][0]) for seed in (0, 1))
    + " of 48 are dead at the end; with resampling "
    + " and ".join(str(sleepers["resampled", seed][0]) for seed in (0, 1))
    + ".",
)

# %% [markdown]
# Without a cure nearly half of the latents are dead at the end, and a third or more of the features have no latent. The
# dead of step 250 are not all gone for good: 11 of 16 and 5 of 20 are active again on some row. But most of them are
# dead at the end as well. With resampling nearly all features are found. (Until step 250 the runs are the same, and
# blue covers red.) The blue lines climb again between the dotted ones: a new start is not for good, and the last came
# at step 700. A few latents are dead at the end all the same. But 48 is more than 36, so some are not needed.
#
# The better cure is not to need one. From the start of section 2, the encoder being the transpose of the decoder and
# the biases 0, no latent of the standard SAE was dead above. (In section 10 one of another start is silent.) It is the
# usual start today (Gao et al. 2024).
#
# ## 5 · Sparsity by decree: TopK
#
# The L1 penalty is an indirect way to get few active latents. One has to find a λ by trial, and the penalty shrinks
# what it is paid on. A **TopK** SAE (Makhzani and Frey 2013; Gao et al. 2024) does without: it keeps the k largest
# pre-activations of each row and sets the others to zero. There is no penalty at all. The loss is the error.

# %% exercise="saes.topk_latents"

# %% exercise="saes.relu_and_topk"

# %% [markdown]
# The question has made-up numbers. Here is the same on our world: the pre-activations of a TopK SAE with k = 4, before
# training and after.


# %%
def topk(k):
    def loss_of(x, w):
        latents = saes.topk_latents(pre_of(x, w), k)
        return error_of(x, latents, w), latents.detach()

    return loss_of


w = start(0)
print("              both orders equal   rows with fewer than 4 active    L0")
for moment in ("before training", "after"):
    with torch.no_grad():
        pre = pre_of(x_test, w)
        latents = saes.topk_latents(pre, 4)
        equal = torch.equal(latents, saes.topk_latents(pre.relu(), 4))
    active = (latents > 0).sum(-1)
    print(f"{moment:16s} {equal!s:>8} {(active < 4).float().mean():26.0%} {active.float().mean():22.1f}")
    if moment == "before training":
        counts_topk = train(topk(4), w)
trained["topk", 4] = w

# %% [markdown]
# So k is an upper limit. After training some rows get by with fewer latents than they may have.
#
# How do the dead fare under TopK? A latent that never is among the k gets no gradient here either.

# %%
predict(
    "saes.topk_dead",
    "TopK with k = 4, 72 latents for 36 features, a good start. How many latents are dead at the end?",
    ["none", "about 5", "20 or more"],
)

# %% tags=["drifts"]
dead_topk = saes.dead_latents(counts_topk, 256, WINDOW)
print(f"dead over the last {WINDOW} rows: {dead_topk.sum()} of {LATENTS}; features found: {living(w, dead_topk)} of 36")

# %% [markdown]
# More than a quarter of the latents are dead, and nearly all features are found. There are 36 of them, so half of the
# 72 latents are not needed. With the bad start of section 4 it is another matter.
#
# Gao et al. (2024) keep latents alive in another way. The residual e = x − x' is what the living latents miss. An
# **auxiliary loss** asks the dead ones to reconstruct it. Then they have something to learn, and one day they are among
# the k.

# %% exercise="saes.auxiliary_loss"


# %% tags=["drifts"]
def topk_with_auxiliary(k, seen, weight=1 / 32, k_dead=8):
    """TopK whose dead latents also reconstruct the residual. `seen` collects counts, so that it knows the dead."""

    def loss_of(x, w):
        pre = pre_of(x, w)
        latents = saes.topk_latents(pre, k)
        residual = x - latents @ w["W_dec"] - w["b_dec"]
        dead = saes.dead_latents(torch.stack(seen[-50:]), 256, WINDOW) if seen else torch.zeros(len(w["W_dec"])) > 1
        seen.append((latents > 0).sum(0))
        extra = saes.auxiliary_loss(residual, pre, dead, w["W_dec"], k_dead)
        return residual.square().sum(-1).mean() + weight * extra, latents.detach()

    return loss_of


auxiliary = {}
print("48 latents, bad start, k = 3")
print("weight   seed   dead of 48   features found   variance explained")
for weight in (0, 1 / 32, 1):
    for seed in (0, 1):
        w = badly_started(seed)
        counts = train(topk_with_auxiliary(3, [], weight), w)
        dead = saes.dead_latents(counts, 256, WINDOW)
        with torch.no_grad():
            latents = saes.topk_latents(pre_of(x_test, w), 3)
        explained = quality(x_test, latents, latents @ w["W_dec"] + w["b_dec"])[1]
        auxiliary[weight, seed] = (int(dead.sum()), living(w, dead), explained)
        print("{:6.2f} {:6d} {:9d} {:13d} of 36 {:16.2f}".format(weight, seed, *auxiliary[weight, seed]))

# %% [markdown]
# From this start TopK does badly: about two thirds of the latents are dead at the end, and most features are missed.
# The auxiliary loss brings latents back, with weight 1 more than with the 1/32 that Gao et al. use. (The two weights
# cannot be compared one to one: in their published code the auxiliary error is normalised, ours is not.) It does not
# bring back all of them in a thousand steps. Twelve of the 48 are not needed, but at weight 1 there are still 11 and 6
# features without a latent.

# %% [markdown]
# ## 6 · One budget for many rows
#
# Rows of our world have between 0 and 10 active features. A TopK SAE gives each of them the same k. **BatchTopK**
# (Bussmann et al. 2024) shares the budget out over the batch: of all its entries the largest (rows · k) are kept.

# %% exercise="saes.batch_topk"


# %% tags=["drifts"]
def batch_topk(k):
    def loss_of(x, w):
        latents = saes.batch_topk(pre_of(x, w), k)
        return error_of(x, latents, w), latents.detach()

    return loss_of


w = start(0)
train(batch_topk(3), w)
trained["batch_topk", 3] = w
how_many = present.sum(-1)
with torch.no_grad():
    by_row = (saes.batch_topk(pre_of(x_test, w), 3) > 0).sum(-1).float()
    by_four = (saes.topk_latents(pre_of(x_test, trained["topk", 4]), 4) > 0).sum(-1).float()
print("true features in the row   " + "".join(f"{number:6d}" for number in range(7)))
print("latents, BatchTopK, k = 3  " + "".join(f"{by_row[how_many == number].mean():6.1f}" for number in range(7)))
print("latents, TopK, k = 4       " + "".join(f"{by_four[how_many == number].mean():6.1f}" for number in range(7)))

# %% [markdown]
# TopK spends four latents on nearly every row, also on a row with one feature. BatchTopK spends them where they are
# needed.
#
# Take one row with two active features, and look at it in two batches: among 255 rows without any active feature, and
# among 255 rows with four or more. We do so for 64 such rows.

# %%
predict(
    "saes.neighbours",
    "Does the row have the same latents in both batches?",
    ["yes, a row is encoded by itself", "no: more of them among the busy rows", "no: fewer among the busy rows"],
)

# %% tags=["drifts"]
one = x_test[how_many == 2][:64]
quiet, busy = x_test[how_many == 0][:255], x_test[how_many >= 4][:255]


def in_batch(rows, k=3):
    """The latents of each of the 64 rows, when it is encoded with 255 others."""
    batches = torch.cat([one[:, None], rows.expand(64, 255, D_MODEL)], dim=1)
    with torch.no_grad():
        return torch.stack([saes.batch_topk(pre_of(batch, w), k)[0] for batch in batches])


with_quiet, with_busy = in_batch(quiet), in_batch(busy)
print(f"latents of the row: {(with_quiet > 0).sum(-1).float().mean():.1f} among quiet rows, ", end="")
print(f"{(with_busy > 0).sum(-1).float().mean():.1f} among busy ones")
changed = ((with_quiet > 0) != (with_busy > 0)).any(-1).float().mean().item()
print(f"rows for which the two sets of latents differ: {changed:.0%}")

# %% [markdown]
# That is the price of a shared budget: what a token means to the SAE would depend on the texts it is looked at with.
# So after training a fixed threshold takes over.

# %% exercise="saes.batch_topk_threshold"

# %%
with torch.no_grad():
    in_training = torch.stack([saes.batch_topk(pre_of(batch, w), 3) for batch in x_train[:12_800].split(256)])
    cut = saes.batch_topk_threshold(in_training)
    pre = pre_of(x_test, w)
    fixed, shared = pre * (pre > cut), saes.batch_topk(pre, 3)
same = ((fixed > 0) == (shared > 0)).all(-1).float().mean().item()
print(f"threshold {cut:.1f}; L0 {(fixed > 0).sum(-1).float().mean():.1f} with it, ", end="")
print(f"{(shared > 0).sum(-1).float().mean():.1f} over all {len(x_test)} rows at once")
print(f"rows with the same latents both ways: {same:.0%}")

# %% [markdown]
# ## 7 · A threshold that learns: JumpReLU
#
# Now each row is encoded by itself, and nearly all rows have the same latents as with the shared budget. But a
# threshold chosen afterwards is one number for all latents. A **JumpReLU** SAE (Rajamanoharan et al. 2024; Lieberum et
# al. 2024 trained Gemma Scope with it) learns one for each, θᵢ:
#
# fᵢ = zᵢ if zᵢ > θᵢ, else 0
#
# Here z is the pre-activation, `pre` in the code. Nothing is subtracted from a latent that passes. The penalty is L0
# itself. Both are steps, and steps have no useful gradient. Move θ a little: for almost every row nothing changes, so
# the gradient of a row is 0. Averaged over very many rows, though, the loss does change smoothly with θ, since a few
# rows lie just at the threshold. What is needed is an estimate of *that* derivative. It counts the rows that lie within
# ε/2 of the threshold: a **straight-through estimator**.

# %% exercise="saes.jumprelu"

# %% exercise="saes.jumprelu_l0"

# %% [markdown]
# Is the estimate right? One latent is enough to see. Let it read a feature with noise: z = s + noise, with s a strength
# of our world (six rows of a hundred) and noise of standard deviation 0.3. Its loss is (s − f)² + λ H with λ = 1. We
# compute the mean loss of 400,000 rows at many thresholds and take the slope of this curve: the truth. Then your
# functions compute their gradient, with three windows ε, on batches of 256 rows and on 40,000 rows.

# %%
random = torch.Generator().manual_seed(3)
true_s = (torch.rand(400_000, generator=random) < DENSITY) * (1 + 2 * torch.rand(400_000, generator=random))
z = true_s + 0.3 * torch.randn(400_000, generator=random)
grid = torch.linspace(0.3, 1.5, 13)


def mean_loss(theta):
    passed = z > theta
    return ((true_s - z * passed).square() + passed.float()).mean().item()


def estimate(rows, bandwidth):
    """The gradient that the learner's functions give for θ, for every θ of the grid."""
    theta = grid.clone().requires_grad_()
    pre = z[rows, None].expand(-1, len(grid))
    latents = saes.jumprelu(pre, theta, bandwidth)
    error = (true_s[rows, None] - latents).square().sum(-1).mean()
    (error + saes.jumprelu_l0(pre, theta, bandwidth)).backward()
    return theta.grad


slope = torch.tensor([(mean_loss(theta + 0.05) - mean_loss(theta - 0.05)) / 0.1 for theta in grid.tolist()])
batches = torch.arange(100 * 256).view(100, 256)
print("  ε    distance to the slope, 40,000 rows   spread over batches of 256")
estimates = {}
for bandwidth in (0.05, 0.5, 2.0):
    whole = estimate(torch.arange(40_000), bandwidth)
    by_batch = torch.stack([estimate(rows, bandwidth) for rows in batches])
    estimates[bandwidth] = (whole, by_batch.std(0))
    bias, noise = (whole - slope).abs().mean().item(), by_batch.std(0).mean().item()
    print(f"{bandwidth:4.2f} {bias:22.2f} {noise:32.2f}")

# %% jupyter={"source_hidden": true}
fig, axes = plt.subplots(1, 3, figsize=(9.4, 3.3), sharey=True)
for axis, (bandwidth, (whole, spread)) in zip(axes, estimates.items(), strict=True):
    axis.fill_between(
        grid.tolist(),
        (whole - spread).tolist(),
        (whole + spread).tolist(),
        color=COLORS["sky"],
        alpha=0.4,
        linewidth=0,
        label="± spread of a batch",
    )
    axis.plot(grid.tolist(), whole.tolist(), "o-", color=COLORS["blue"], markersize=3, label="estimate, 40,000 rows")
    axis.plot(grid.tolist(), slope.tolist(), color=COLORS["black"], linestyle="--", label="slope of the mean loss")
    axis.axhline(0, color=COLORS["grey"], linewidth=0.7)
    axis.set_title(f"ε = {bandwidth}", fontsize=9, fontweight="normal", loc="center")
    axis.set(xlabel="threshold θ", ylim=(-1.3, 0.8))
axes[0].set_ylabel("d loss / d θ")
axes[2].legend(fontsize=8)
fig.suptitle(
    "A narrow window is right on average and noisy, a wide one is steady and wrong",
    fontsize=11,
    fontweight="bold",
    x=0.01,
    ha="left",
)
show(
    fig,
    alt="Slope of the mean loss against the threshold, with the estimates for three windows. Narrow: the estimate of "
    "40,000 rows follows the slope, but single batches scatter widely. Wide: little scatter, and far off at nearly "
    "all thresholds.",
)

# %% [markdown]
# The window trades one error for another. With ε = 0.05 the estimate is right on average, but few rows of a batch lie
# in the window, so each single batch is noisy. With ε = 2 it takes rows for near that are not, and points the wrong way
# about where the loss is lowest: its zero is not where that of the slope is. In between both errors are small. We train
# with ε = 0.5.
#
# In training θ is kept positive by learning its logarithm.


# %%
def jumprelu(coefficient, bandwidth=0.5):
    def loss_of(x, w):
        pre, threshold = pre_of(x, w), w["log_threshold"].exp()
        latents = saes.jumprelu(pre, threshold, bandwidth)
        loss = error_of(x, latents, w) + coefficient * saes.jumprelu_l0(pre, threshold, bandwidth)
        return loss, latents.detach()

    return loss_of


w = start(0, log_threshold=torch.full((LATENTS,), 0.5).log())
train(jumprelu(1.0), w)
trained["jumprelu", 1.0] = w
with torch.no_grad():
    pre, theta = pre_of(x_test, w), w["log_threshold"].exp()
    latents = saes.jumprelu(pre, theta, 0.5)
alive = (latents > 0).any(0)
print(f"thresholds of living latents: from 0.5 at the start to {theta[alive].mean():.1f} on average; ", end="")
l0, explained = quality(x_test, latents, latents @ w["W_dec"] + w["b_dec"])
print(f"L0 {l0:.1f}, variance explained {explained:.2f}")
with torch.no_grad():
    by_number = {"JumpReLU": latents, "standard": encode(x_test, by_seed[0])}
by_number = {
    name: [(values[how_many == number] > 0).sum(-1).float().mean().item() for number in range(7)]
    for name, values in by_number.items()
}
print("true features in the row" + "".join(f"{number:6d}" for number in range(7)))
for name, values in by_number.items():
    print(f"latents, {name:15s}" + "".join(f"{value:6.1f}" for value in values))

# %% [markdown]
# The thresholds have risen by themselves, and a row has more latents where there is more in it. This is what the survey
# means when it says that JumpReLU adjusts the number of active neurons to the input. BatchTopK does so too, and so does
# a ReLU.
#
# ## 8 · Whether, and how strongly: Gated
#
# A third way to spare the strength (Rajamanoharan et al. 2024). A **Gated** SAE decides *whether* a latent is active in
# one path and *how strongly* in another. The L1 penalty is paid in the first path only.

# %% exercise="saes.gated_encode"

# %% [markdown]
# The gate is a step again, and no gradient passes it. Here the way out is another: the gate's positive part has to
# reconstruct x as well, with a decoder that it cannot change.

# %% exercise="saes.gated_losses"


# %%
def gated_parts(w):
    return w["W_enc"], w["b_enc"], w["r_mag"], w["b_mag"], w["b_dec"]


def gated(coefficient):
    def loss_of(x, w):
        latents, gate = saes.gated_encode(x, *gated_parts(w))
        error, sparsity, auxiliary = saes.gated_losses(x, latents, gate, w["W_dec"], w["b_dec"])
        return error + coefficient * sparsity + auxiliary, latents.detach()

    return loss_of


w = start(0, r_mag=torch.zeros(LATENTS), b_mag=torch.zeros(LATENTS))
train(gated(2.0), w)
trained["gated", 2.0] = w
latents, gate = saes.gated_encode(x_test, *gated_parts(w))
opened = gate.relu()
both = latents > 0
print(f"size of active latents: {latents[both].mean():.1f}; what their gates say: {opened[both].mean():.1f}")

# %% [markdown]
# The gate is still shrunk by its penalty. The magnitude has a scale and a bias of its own, and is
# much larger. Whether it is right, the next section looks.
#
# ## 9 · Shrinkage
#
# Think of one feature that is alone in its row, with strength s, and a latent that reads it. The standard SAE pays
# (s − f)² + λ f. Where is the lowest point?

# %%
predict(
    "saes.shrunk",
    "λ = 1 and a feature of strength 2. How large should its latent be, to make (2 − f)² + λ f smallest?",
    ["2: the error decides", "1.9", "1.5", "1"],
)

# %% [markdown]
# Set the derivative to zero: −2 (s − f) + λ = 0, so f = s − λ/2. A latent comes out too small by λ/2, whatever the
# strength. That is **shrinkage**. In the world we can look: for each feature we take the latent with the nearest
# direction and compare its value with the true strength, on rows where both are active.


# %% tags=["drifts"]
def latents_of(kind, setting, w):
    """The latents of the test rows, as the kind is used after training."""
    with torch.no_grad():
        pre = pre_of(x_test, w)
        if kind == "standard":
            return encode(x_test, w)
        if kind == "topk":
            return saes.topk_latents(pre, setting)
        if kind == "batch_topk":
            batches = x_train[:12_800].split(256)
            cut = saes.batch_topk_threshold(torch.stack([saes.batch_topk(pre_of(x, w), setting) for x in batches]))
            return pre * (pre > cut)
        if kind == "jumprelu":
            return saes.jumprelu(pre, w["log_threshold"].exp(), 0.5)
        return saes.gated_encode(x_test, *gated_parts(w))[0]


trained["standard", 1.0] = by_seed[0]
shown = {"standard": 1.0, "topk": 4, "batch_topk": 3, "jumprelu": 1.0, "gated": 2.0}
edges = torch.linspace(1, 3, 9)
middle = (edges[1:] + edges[:-1]) / 2
written, offset, alone = {}, {}, {}
for kind, setting in shown.items():
    w = trained[kind, setting]
    latents = latents_of(kind, setting, w)
    cosine = known @ w["W_dec"].T
    best = cosine.argmax(1)
    kept = cosine.amax(1) > 0.9
    f, s = latents[:, best[kept]], strength[:, kept]
    both = (f > 0) & (s > 0)
    place = torch.bucketize(s[both], edges[1:-1])
    written[kind] = torch.stack([f[both][place == number].mean() for number in range(8)])
    offset[kind] = (written[kind] - middle).mean().item()
    lonely = present[:, kept] & (how_many == 1)[:, None]
    whole = (latents @ w["W_dec"]) @ known[kept].T
    alone[kind] = [(value - s)[lonely].mean().item() for value in (f, whole)]
print("rows with one feature:   nearest latent − s   whole reconstruction along the feature − s")
for kind, values in alone.items():
    print("{:12s} {:31.1f} {:32.1f}".format(kind, *values))

# %% jupyter={"source_hidden": true}
fig, axis = plt.subplots(figsize=(6.4, 4))
axis.plot([1, 3], [1, 3], color=COLORS["grey"], linestyle=":", label="as strong as the feature")
axis.plot([1, 3], [0.5, 2.5], color=COLORS["grey"], linestyle="--", label="s − λ/2 with λ = 1")
for (kind, values), color, marker in zip(
    written.items(), ("red", "blue", "sky", "green", "purple"), "osD^v", strict=True
):
    axis.plot(middle.tolist(), values.tolist(), marker + "-", color=COLORS[color], label=kind, linewidth=1)
axis.set(xlabel="strength s of the feature", ylabel="mean of its latent, where active")
axis.legend()
axis.set_title("The standard SAE writes its features far too weakly")
show(
    fig,
    alt="Mean latent against true strength for five kinds. The standard SAE lies far below the diagonal, "
    "below s − λ/2 too. TopK and BatchTopK are near the diagonal. JumpReLU is above it for weak features and below it "
    "for strong ones; Gated falls to the dashed line for the strongest. Mean distances: "
    + ", ".join(f"{kind} {value:+.1f}" for kind, value in offset.items())
    + ".",
)

# %% [markdown]
# The standard SAE lies lowest, by about 0.8. The formula says 0.5. The printed rows have a single feature, as the
# formula has. There the whole reconstruction, measured along the feature, is short by about 0.6, which is close to it.
# The nearest latent alone is short by more, because other latents write a part of the feature. The other four kinds pay
# nothing for the size of the latent itself (Gated pays for that of its gate). TopK and BatchTopK lie a little below the
# diagonal. JumpReLU writes weak features too strongly and strong ones too weakly, and its mean hides both: the points
# are means where the latent is active, and a weak feature passes the threshold only when others leak in. Gated is right
# for weak features. The strongest it writes half a unit too weakly. There it meets the dashed line, by accident: its
# own λ is 2, and is paid by the gate. In rows with one feature its reconstruction as a whole is nearly right, so other
# latents write the rest.
#
# Where the truth is unknown one cannot draw this figure. Rajamanoharan et al. (2024) measure shrinkage from the
# reconstructions alone: by which one factor would they have to be stretched to fit best?

# %% exercise="saes.shrinkage"

# %%
print("                       γ     mean latent − strength")
gamma = {}
for kind, setting in shown.items():
    w = trained[kind, setting]
    x_hat = latents_of(kind, setting, w) @ w["W_dec"] + w["b_dec"]
    gamma[kind] = saes.shrinkage(x_test, x_hat, w["b_dec"])
    print(f"{kind:12s} {setting!s:>5} {gamma[kind]:8.2f} {offset[kind]:14.1f}")

# %% [markdown]
# Read side by side, the two columns ask different questions. γ is about the reconstruction as a whole: the standard SAE
# writes about four fifths of what it should, all others exactly enough. For these four it had to come out so. Scale all
# their latents by one number, and nothing in their loss changes but the error. So training picks the best scale, and at
# its end γ is 1 by construction, whatever the dictionary. The second column is about single latents. There the others
# are a little low on average, although their γ is 1. So γ = 1 does not say that a latent measures its feature.
#
# ## 10 · The frontier
#
# Which kind is best? There is no single number. With more active latents an SAE as a rule reconstructs better. So one
# trains each kind at several sparsities and draws variance explained against L0: a **frontier**. A kind is better where
# its frontier lies above. Here are fifteen SAEs, and five from another start, all made of your functions.

# %%
predict(
    "saes.frontier",
    "At L0 = 3, which kind explains most variance in this world?",
    ["standard", "TopK", "BatchTopK", "JumpReLU", "Gated"],
)

# %% tags=["drifts"]
losses = {"standard": standard, "topk": topk, "batch_topk": batch_topk, "jumprelu": jumprelu, "gated": gated}
sweep = {
    "standard": (0.6, 1.0, 2.0),
    "topk": (2, 3, 4),
    "batch_topk": (2, 3, 4),
    "jumprelu": (0.3, 1.0, 2.0),
    "gated": (1.0, 2.0, 4.0),
}
extras = {
    "jumprelu": {"log_threshold": torch.full((LATENTS,), 0.5).log()},
    "gated": {"r_mag": torch.zeros(LATENTS), "b_mag": torch.zeros(LATENTS)},
}


def judge(kind, setting, w):
    """L0, variance explained, features with a living latent within cosine 0.9, latents silent on all test rows."""
    latents = latents_of(kind, setting, w)
    alive = (latents > 0).any(0)
    features = int((nearest(w["W_dec"][alive]) > 0.9).sum())
    return (*quality(x_test, latents, latents @ w["W_dec"] + w["b_dec"]), features, int((~alive).sum()))


def fitted_anew(x, latents):
    """Strengths with the least squared error on the latents that are active, true directions. [batch feature]"""
    fitted = []
    for x_part, part in zip(x.split(1024), latents.split(1024), strict=True):
        on = (part > 0).float()
        gram = on[:, :, None] * (known @ known.T) * on[:, None] + torch.diag_embed(1 - on + 1e-4)
        fitted.append(torch.linalg.solve(gram, on * ((x_part - constant) @ known.T)))
    return torch.cat(fitted)


frontier, second = {}, {}
for kind, settings in sweep.items():
    for setting in settings:
        if (kind, setting) not in trained:
            w = start(0, **extras.get(kind, {}))
            train(losses[kind](setting), w)
            trained[kind, setting] = w
        frontier[kind, setting] = judge(kind, setting, trained[kind, setting])
    w = start(1, **extras.get(kind, {}))
    train(losses[kind](settings[1]), w)
    second[kind] = judge(kind, settings[1], w)
search, search_fitted = [], []
for coefficient in (0.2, 0.5, 1.0, 2.0):
    latents = sparse_code(x_test, known, constant, coefficient, 100)
    search.append(quality(x_test, latents, latents @ known + constant))
    fitted = fitted_anew(x_test, latents) @ known + constant
    search_fitted.append((search[-1][0], quality(x_test, latents, fitted)[1]))


def at_l0(kind, wanted):
    """Variance explained at a given L0, on the straight line between the two nearest settings."""
    points = sorted(frontier[kind, setting] for setting in sweep[kind])
    for (a, low, *_), (b, high, *_) in pairwise(points):
        if a <= wanted <= b:
            return low + (high - low) * (wanted - a) / (b - a)
    return float("nan")


print("kind        setting    L0   variance explained   features found   latents silent")
for (kind, setting), (l0, explained, number, silent) in frontier.items():
    print(f"{kind:12s} {setting!s:>5} {l0:7.1f} {explained:14.2f} {number:18d} of 36 {silent:9d} of 72")
print("another start, middle setting:")
for kind, (l0, explained, number, silent) in second.items():
    print(f"{kind:12s} {sweep[kind][1]!s:>5} {l0:7.1f} {explained:14.2f} {number:18d} of 36 {silent:9d} of 72")
at_three = {kind: at_l0(kind, 3.0) for kind in sweep}
print(
    "search with true directions, strengths fitted anew: "
    + ", ".join(f"{explained:.2f} at L0 {l0:.1f}" for l0, explained in search_fitted)
)
print("variance explained at L0 = 3: " + ", ".join(f"{kind} {value:.2f}" for kind, value in at_three.items()))

# %% [markdown]
# Kinds can be compared at equal L0 only, and few of the fifteen have the same. So one reads between them, on the
# straight line from one setting to the next. A frontier bends, so this line lies a little below it, most for JumpReLU
# and Gated, whose settings are far apart. A hundredth or two between kinds says nothing. The explorer does this at any
# L0, for four measures: variance explained, the squared error itself, features found, and silent latents. It does not
# read beyond a kind's own settings. Without a kernel, the figure below it shows two of the four.

# %% tags=["drifts"]
spread = (x_test - x_test.mean(0)).square().sum(-1).mean().item()


def measures_of(points):
    """A kind's SAEs for the explorer: L0, then as many measures as were taken."""
    l0, explained, *counted = zip(*points, strict=True)
    errors = [spread * (1 - one) for one in explained]
    names = "fraction of variance explained", "squared error of a row", "features found, of 36", "silent latents, of 72"
    return Frontier(list(l0), dict(zip(names, (explained, errors, *counted), strict=False)))


explore_frontier(
    {kind: measures_of([frontier[kind, setting] for setting in sweep[kind]]) for kind in sweep}
    | {"search, true directions": measures_of(search), "the same, fitted anew": measures_of(search_fitted)}
)

# %% jupyter={"source_hidden": true} tags=["drifts"]
fig, (left, right) = plt.subplots(1, 2, figsize=(9.4, 4))
for kind, color, marker in zip(sweep, ("red", "blue", "sky", "green", "purple"), "osD^v", strict=True):
    points = sorted(frontier[kind, setting] for setting in sweep[kind])
    l0, explained, number, _ = zip(*points, strict=True)
    left.plot(l0, explained, marker + "-", color=COLORS[color], label=kind, linewidth=1)
    right.plot(l0, number, marker + "-", color=COLORS[color], linewidth=1)
left.plot(*zip(*sorted(search), strict=True), "--", color=COLORS["black"], label="search, true directions")
left.plot(
    *zip(*sorted(search_fitted), strict=True), "-.", color=COLORS["grey"], label="the same, strengths fitted anew"
)
left.set(xlabel="L0 (active latents in a row)", ylabel="fraction of variance explained", ylim=(0.52, 1.02))
right.set(xlabel="L0 (active latents in a row)", ylabel="features found, of 36", ylim=(0, 37))
for axis in (left, right):
    axis.axvline(present.sum(-1).float().mean(), color=COLORS["grey"], linestyle=":", linewidth=0.8)
left.legend(fontsize=8, loc="lower right")
right.text(2.3, 2, "dotted: active features\nin the world", fontsize=8)
fig.suptitle(
    "BatchTopK explains most, the standard SAE finds most features", fontsize=11, fontweight="bold", x=0.01, ha="left"
)
found_at = {kind: [frontier[kind, setting][2] for setting in sweep[kind]] for kind in sweep}
show(
    fig,
    alt="Left: variance explained against L0; at L0 = 3: "
    + ", ".join(f"{kind} {value:.2f}" for kind, value in at_three.items())
    + f". Search along the true directions, strengths fitted anew: {search_fitted[1][1]:.2f} at L0 "
    f"{search_fitted[1][0]:.1f}. Right: features found at the three settings: "
    + ", ".join(f"{kind} {numbers[0]}, {numbers[1]}, {numbers[2]}" for kind, numbers in found_at.items())
    + ".",
)

# %% [markdown]
# Left: the standard SAE has the lowest frontier, as the papers report. Its shrinkage costs it variance. BatchTopK and
# JumpReLU have the highest. They neither shrink as a whole nor give every row the same number of latents. That is not
# the whole reason: Gated does neither too, and is about level with TopK. The dashed line knows the true directions and
# searches, but it pays for size as the standard SAE does. So it shrinks too, and at small L0 BatchTopK is above it. The
# dash-dotted line keeps the latents that the search has chosen and fits their strengths anew, without a penalty. The
# distance to this line, which exists only near L0 = 2.2, has several parts: the amortisation gap, wrong directions, for
# the standard SAE shrinkage, for TopK the fixed k. We have not separated them.
#
# Right: what we came for. The order is another one. The standard SAE finds all features, TopK nearly all. BatchTopK
# leaves several out and explains more variance all the same. How can that be? The features overlap. So the latents of a
# feature's neighbours, together, can write much of it, and it has no latent of its own. Or one latent points between
# two features and serves both. An error that is small does not need the true directions, it needs good ones. Where the
# truth is unknown only the left panel can be drawn. It is one world, a thousand steps and two starts, and one should
# not conclude that L1 is better. But that the left panel ranks dictionaries by truth has been refuted by example.
#
# The last column of the table is a third order. The standard SAE has no silent latent in these runs, or one. TopK
# leaves a third of the 72 silent or more. There are 36 features, so half of the latents may be silent and nothing is
# missing.
#
# You have built all five kinds. The lab has them too, as `lab_saes.make(kind, ...)`, with a trainer that can be stopped
# and goes on. Do they compute what you do?

# %%
agree = {}
for kind, setting in shown.items():
    w = trained[kind, setting]
    options = {"k": setting} if "topk" in kind else {"bandwidth": 0.5} if kind == "jumprelu" else {}
    theirs = lab_saes.make(kind, D_MODEL, LATENTS, **options)
    state = {name: value for name, value in w.items() if name in dict(theirs.named_parameters())}
    theirs.load_state_dict(state, strict=False)
    yours = losses[kind](setting)(x_test[:256], w)[0].item()
    out = theirs.losses(x_test[:256])
    weight = 0 if "topk" in kind else setting
    agree[kind] = abs(yours - (out.error + weight * out.penalty + out.extra).item()) < 1e-3
print(", ".join(f"{kind}: {'same loss' if same else 'DIFFERENT'}" for kind, same in agree.items()))

# %% [markdown]
# # Second half: SAEs of language models
#
# From here on nobody knows the true features. What is left are questions that one can ask of any SAE. Does it
# reconstruct? Does the model still work on what it reconstructs? Does a latent answer to one thing, and to all of it?
# Can its activity be predicted? Does the model change as it should when a latent is changed?
#
# ## 11 · Two models, two SAEs
#
# * **SmolLM2, layer 10.** A TopK SAE with 4,096 latents and k = 32 on the residual stream that enters layer 10. It was
#   trained on about 196,000 rows, four times over: English prose and code of the standard library, and the training
#   texts of the course's corpus.
# * **A one-layer transformer**, in the set-up of Bricken et al. (2023): one layer of attention, then an MLP with 512
#   neurons. It was trained for this course on a small mix of English, code, six other languages, DNA, base64, hex and
#   numbers. Its SAE is a standard one (L1) with 2,048 latents on the 512 neurons.
#
# How they were trained stands in `mi_tutor/lab/saes/train_smollm2.py` and `train_one_layer.py`.
#
# The corpus has twelve kinds of text. Of each kind we cut stretches of 63 tokens, from the training texts and from the
# test texts. No SAE was trained on the test texts. Wherever a latent or a threshold is chosen by its score, this is
# done on training texts, and it is graded on test texts. The rules of section 15 are written on one half of the test
# texts and graded on the other.

# %%
KINDS, LENGTH = corpus.labels(), 63
RESID, NEURONS, BEFORE = activations.residual_name(10), activations.neuron_name(0), activations.neuron_name(9)
smollm2, little = models.load("smollm2"), one_layer.load()
sae, little_sae = lab_saes.pretrained("smollm2"), lab_saes.pretrained("one_layer")


def stretches(model, split, count):
    """Token ids [text pos] with BOS in front: `count` stretches of each kind of text, in the order of KINDS."""
    rows = []
    for kind in KINDS:
        ids = model.tokenizer("\n".join(corpus.texts(kind, split)), add_special_tokens=False)["input_ids"]
        rows += [ids[start : start + LENGTH] for start in range(0, count * LENGTH, LENGTH)]
    rows = torch.tensor(rows)
    return torch.cat([torch.full((len(rows), 1), model.tokenizer.bos_token_id), rows], dim=1)


def read(model, ids, names):
    """Activations of all tokens but BOS; rows in the order of `ids`."""
    whole = models.Tokens(ids, torch.ones_like(ids, dtype=torch.bool))
    return activations.harvest(model, whole, names, dtype=torch.float16)


COUNT, LITTLE_COUNT = 6, 12
ids = {split: stretches(smollm2, split, COUNT) for split in ("train", "test")}
harvest = {split: read(smollm2, ids[split], [BEFORE, RESID]) for split in ids}
little_ids = {split: stretches(little, split, LITTLE_COUNT) for split in ("train", "test")}
little_harvest = {split: read(little, little_ids[split], NEURONS) for split in little_ids}
kind_of = torch.arange(len(KINDS)).repeat_interleave(COUNT * LENGTH)
little_kind = torch.arange(len(KINDS)).repeat_interleave(LITTLE_COUNT * LENGTH)
print(f"SmolLM2: {len(harvest['test'])} test tokens, {sae.feature} latents on {sae.d_model} dimensions")
count = len(little_harvest["test"])
print(f"one layer: {count} test tokens, {little_sae.feature} latents on {little_sae.d_model} neurons")

# %% [markdown]
# ## 12 · How sparse, how good, how costly
#
# Two readings of the same table of latents. **L0** counts the active latents of a row. The **density** of a latent is
# the share of rows on which it is active.

# %% exercise="saes.l0_and_density"

# %%
predict(
    "saes.densities",
    "SmolLM2's SAE has 4,096 latents, and 32 are active in a row. Of the latents, how many are active on more than a "
    "tenth of all rows?",
    ["none: 32 of 4,096 is below 1%", "fewer than 1% of the latents", "about 10% of the latents"],
)


# %%
def encoded(own, rows):
    """Latents as a sparse tensor that holds the active ones only; `.to_dense()` gives the table. Saves memory."""
    return torch.cat([own.encode(part).half().to_sparse() for part in rows.split(512)])


x, neurons = {}, {}
latents, little_latents = {}, {}
for split in ("train", "test"):
    x[split] = harvest[split][RESID].float()
    neurons[split] = little_harvest[split][NEURONS].float()
    latents[split] = encoded(sae, x[split])
    little_latents[split] = encoded(little_sae, neurons[split])
del little_harvest  # `neurons` has its numbers
measured = {}
print("latents of   L0  silent on these rows  active on more than a tenth  median density")
for name, f in (("SmolLM2", latents["test"]), ("one layer", little_latents["test"])):
    l0, density = saes.l0_and_density(f.to_dense())
    silent = (density == 0).float().mean().item()
    measured[name] = {"l0": l0, "density": density, "silent": silent, "dense": int((density > 0.1).sum())}
    print(f"{name:10}{l0:>5.0f}{silent:>22.0%}{measured[name]['dense']:>29}{density.median():>16.2%}")

# %%
fig, axes = plt.subplots(1, 2, figsize=(8, 3.2))
for ax, (name, one) in zip(axes, measured.items(), strict=True):
    density = one["density"]
    ax.hist(density[density > 0].log10(), bins=30, color=COLORS["blue"])
    ax.axvline(-1, color=COLORS["black"], linewidth=0.9, linestyle="--")
    ax.set_xlabel("log10 of the density (dashed: a tenth)")
    ax.set_ylabel("latents")
    ax.set_title(f"{name}: {one['dense']} above a tenth")
show(
    fig,
    alt="Histograms of the densities of latents on a logarithmic axis. "
    + " ".join(
        f"{name}: {one['dense']} latents are active on more than a tenth of the rows, {one['silent']:.0%} on none."
        for name, one in measured.items()
    ),
)
few_dense = measured["SmolLM2"]["density"] > 0.1
print(
    f"SmolLM2: the dense latents are {few_dense.float().mean():.1%} of all, and "
    f"{(latents['test'].to_dense()[:, few_dense] > 0).float().sum(-1).mean():.1f} of the "
    f"{measured['SmolLM2']['l0']:.0f} that are active in a row."
)

# %% [markdown]
# In SmolLM2 fewer than one latent in a hundred takes about a sixth of the places of a row, on average. L0 is a mean and
# hides it. (Latents that were silent on these rows are in no bar. The lone bars at the left end are the latents active
# on one row, on two, and so on.) What the dense ones mean is a question at the end of this chapter.
#
# The next number is about reconstruction. A colleague reports it for an SAE of the residual stream, and it is
# surprisingly high.

# %% exercise="saes.explained_variance"

# %%
predict(
    "saes.constant_reconstruction",
    'A "reconstruction" that says the mean row at every token: what share of the squared length of SmolLM2\'s '
    "activations does it get right?",
    ["about 0", "about a tenth", "about a half"],
)


# %%
def against_zero(x, x_hat):
    """What the function said before it was mended."""
    return 1 - float((x - x_hat).square().sum() / x.square().sum())


rows = x["test"]
rebuilt, little_rebuilt = (
    torch.cat([own(part) for part in one.split(512)]) for own, one in ((sae, rows), (little_sae, neurons["test"]))
)
always_mean = rows.mean(0).expand_as(rows)
print(f"{'':28}{'about the mean':>16}{'against zero':>16}")
for name, guess in (("the SAE", rebuilt), ("the mean row, always", always_mean)):
    print(f"{name:28}{saes.explained_variance(rows, guess):>16.2f}{against_zero(rows, guess):>16.2f}")
huge = torch.cat([rows, 100 * rows[:1]])  # such as the row of BOS
with_huge = saes.explained_variance(huge, torch.cat([always_mean, 99 * rows[:1]]))
print(f"the mean row, and one huge row nearly right: {with_huge:.2f} about the mean")
fve = {kind: saes.explained_variance(rows[kind_of == k], rebuilt[kind_of == k]) for k, kind in enumerate(KINDS)}
fve_all = saes.explained_variance(rows, rebuilt)
fve_little = saes.explained_variance(neurons["test"], little_rebuilt)
print("by kind of text:", ", ".join(f"{kind} {value:.2f}" for kind, value in fve.items()))
print(f"one layer: {fve_little:.2f}")
del rebuilt, little_rebuilt, huge

# %% [markdown]
# Three lessons. The baseline matters: about half of the squared length is a constant. One row of huge norm, such as
# the one of BOS in most language models, can make any reconstruction look good. The lab leaves BOS out everywhere.
# And the mean over all text hides that the Romance and Germanic languages are reconstructed worse than strings of
# digits. (Each kind has its own mean row here, so the kinds are not a partition of the total.)
#
# ### Does the model still work?
#
# Explained variance treats every direction alike. The model does not. So let the model go on from the reconstruction
# and look at its loss. That is **splicing in**.

# %% exercise="saes.splicing_hook"

# %% exercise="saes.loss_recovered"

# %% [markdown]
# Four runs on the same tokens: the model as it is; with reconstructions; with the mean row; with zeros. And a fifth
# that is not usual and should be: x plus a **random** error that is, at every token, exactly as long as the SAE's.

# %%
predict(
    "saes.random_error",
    "Which replacement at layer 10 raises SmolLM2's loss more: the SAE's reconstruction, or the true activation plus a "
    "random vector as long as the SAE's error?",
    ["the reconstruction", "the random error", "they are about equal"],
)


# %%
def finals(model, ids, name, reconstruct):
    """What the unembedding reads in the places that predict a token after the second; BOS is kept as it is."""
    each = []
    for part in ids.split(4):  # a run also makes logits, a large tensor for each text
        keep = torch.zeros(part.shape, dtype=torch.bool)
        keep[:, 0] = True
        if reconstruct is None:
            final = activations.run_with(model, part, "unembed.hook_in")["unembed.hook_in"]
        else:
            with activations.replace(model, name, saes.splicing_hook(reconstruct, keep)):
                final = activations.run_with(model, part, "unembed.hook_in")["unembed.hook_in"]
        each.append(final[:, 1:-1])
    return torch.cat(each)


def log_chances_at(model, rows):
    return (rows @ model.W_U + model.b_U).log_softmax(-1)


def losses_and_kl(model, ids, final, clean):
    """Cross-entropy, and KL from the predictions of the clean run, of each token after the second, text by text."""
    ce, kl = [], []
    for one, row, unchanged in zip(ids, final, clean, strict=True):
        said, meant = log_chances_at(model, row), log_chances_at(model, unchanged)
        ce.append(-said.gather(-1, one[2:, None])[:, 0])
        kl.append((meant.exp() * (meant - said)).sum(-1))
    return torch.stack(ce), torch.stack(kl)


def replacements(own, rows):
    random = torch.Generator().manual_seed(0)
    mean = rows.mean(0)

    def noisy(x):
        noise = torch.randn(x.shape, generator=random)
        return x + noise * ((own(x) - x).norm(dim=-1) / noise.norm(dim=-1))[:, None]

    return {
        "clean": None,
        "SAE": own,
        "random error": noisy,
        "mean row": lambda x: mean.expand_as(x),
        "zero": torch.zeros_like,
    }


splice_ids = ids["test"][::COUNT]  # one text of each kind
jobs = {
    "SmolLM2": (smollm2, splice_ids, RESID, replacements(sae, x["train"])),
    "one layer": (
        little,
        little_ids["test"][:: LITTLE_COUNT // 4],
        NEURONS,
        replacements(little_sae, neurons["train"]),
    ),
}
ce, recovered, versus_random = {}, {}, {}


def mean_and_error(by_text):
    """The mean over texts and its standard error."""
    return by_text.mean().item(), (by_text.std() / len(by_text) ** 0.5).item()


with torch.no_grad():
    for name, (model, batch, place, each) in jobs.items():
        final = {what: finals(model, batch, place, one) for what, one in each.items()}
        both = {what: losses_and_kl(model, batch, one, final["clean"]) for what, one in final.items()}
        ce[name] = {what: one for what, (one, _) in both.items()}
        kl = {what: one for what, (_, one) in both.items()}
        flat = {what: one.flatten() for what, one in ce[name].items()}
        print(f"{name}: " + ", ".join(f"{what} {one.mean():.2f}" for what, one in flat.items()) + " nats")
        for base in ("zero", "mean row"):
            if flat[base].mean() > flat["clean"].mean():
                recovered[name, base] = saes.loss_recovered(flat["clean"], flat["SAE"], flat[base])
                with_noise = saes.loss_recovered(flat["clean"], flat["random error"], flat[base])
                print(f"   recovered, from {base}: SAE {recovered[name, base]:.2f}, random error {with_noise:.2f}")
            else:
                print(f"   from {base}: the loss is below the clean one, so there is nothing to recover")
        each_kl = ", ".join(f"{what} {kl[what].mean():.2f}" for what in ("SAE", "random error"))
        print(f"   KL from the clean predictions: {each_kl} nats")
        for measure, values in (("cross-entropy", ce[name]), ("KL", kl)):
            gap, error = mean_and_error((values["SAE"] - values["random error"]).mean(1))
            versus_random[name, measure] = gap, error
            print(f"   {measure}, SAE less random error: {gap:+.2f} ± {error:.2f} nats (standard error over texts)")
        by_kind = (kl["SAE"] - kl["random error"]).view(len(KINDS), -1).mean(1).tolist()
        most = sorted(zip(by_kind, KINDS, strict=True), reverse=True)[:3]
        print("   by KL it is largest for " + ", ".join(f"{kind} ({gap:+.2f})" for gap, kind in most))
del final, both, kl

# %% [markdown]
# The share recovered sounds like perfection in both models. In nats the reconstruction costs SmolLM2 about 0.2, which
# is not small for a language model. And the baseline matters: for the one-layer model the mean row is a worse
# replacement than zeros, so recovery "from the mean row" looks better there. In SmolLM2 it is the other way round.
#
# By cross-entropy an error that points anywhere costs no less than the SAE's. Cross-entropy is a blunt tool for this: a
# change may lower it at one token and raise it at the next. The **KL divergence** asks how far the predictions are from
# the model's own. It is 0 where they are equal, and never below. By KL the SAE's error costs more than a random one in
# both models: by about a quarter in SmolLM2, by more than a half in the one-layer model. English and Python show it
# most. Gurnee (2024) reports this for other SAEs and models by both measures, the loss and KL, and there the SAE's
# error costs about 2 to 4.5 times as much. Ours agrees in KL only, and the effect is smaller. In SmolLM2 ours rests on
# twelve stretches of text, one of each kind, and is little more than twice its standard error.
#
# ## 13 · A latent for Arabic, one for DNA
#
# Bricken et al. describe latents that answer to Arabic script, to Hebrew, to DNA, to base64, and measure how well. To
# do so on billions of tokens without labels they use a **proxy**: a number, computed from the text, that says how much
# a token speaks for the context.

# %% exercise="saes.log_likelihood_ratio"

# %%
CONTEXTS = ["arabic", "hebrew", "dna", "base64", "python"]
flat_ids = {split: one[:, 1:].flatten() for split, one in ids.items()}
little_flat = {split: one[:, 1:].flatten() for split, one in little_ids.items()}


def evidence(tokens, context, d_vocab):
    """The log-likelihood ratio with light smoothing; 0 for tokens that never occurred."""
    ratio = saes.log_likelihood_ratio(tokens, context, d_vocab, alpha=0.01)
    return torch.where(tokens.bincount(minlength=d_vocab) > 0, ratio, 0.0)


proxy, proxy_train = {}, {}
print(f"the proxy of each test token, from {len(little_flat['train'])} training tokens; one-layer model's vocabulary")
print(f"{'':8}{'in the context':>16}{'outside':>9}{'largest':>9}   most telling tokens")
for kind in CONTEXTS:
    inside = little_kind == KINDS.index(kind)
    ratio = evidence(little_flat["train"], inside, little.cfg.d_vocab)
    proxy[kind], proxy_train[kind] = ratio[little_flat["test"]], ratio[little_flat["train"]]
    best = models.token_strings(little, ratio.topk(5).indices)
    print(
        f"{kind:8}{proxy[kind][inside].mean():>16.1f}{proxy[kind][~inside].mean():>9.1f}"
        f"{proxy[kind].max():>9.1f}   {' '.join(best)}"
    )

# %% [markdown]
# Twelve kinds of text have equal shares here, so no token can reach more than ln 12 ≈ 2.5 nats. A token that never
# occurred would get almost that much for every context, because the same α weighs more in the smaller text. That says
# nothing, so `evidence` puts 0 there. And the proxy of a token is not the context: many tokens occur in several kinds
# of text, and a stretch of Python contains English words. We do have labels, so we grade latents on the contexts
# themselves, and use the proxy beside them.

# %% exercise="saes.specificity_and_sensitivity"

# %% [markdown]
# One number for both is **F1**, 2 · specificity · sensitivity / (specificity + sensitivity). It is high only where both
# are. For each kind of text we take the latent with the highest F1 on the training texts. A latent that answers to one
# thing is called **monosemantic**.

# %%
predict(
    "saes.best_arabic",
    "The one-layer model's best latent for Arabic, chosen on training texts, counted as active above 0. On test texts, "
    "which is higher?",
    ["specificity: when active, it is Arabic", "sensitivity: on Arabic, it is active", "both are above 0.9"],
)


# %% tags=["drifts"]
def f1_scores(values, contexts, share):
    """F1 [context unit] of each unit for each context, active above a share of the unit's largest value."""
    scores = []
    for part in values.split(256, dim=1):  # all units at once would take much memory
        active = (part > share * part.amax(0)).float()
        scores.append(2 * (contexts.float() @ active) / (active.sum(0) + contexts.sum(-1, keepdim=True)))
    return torch.cat(scores, dim=1)


def choose(values, contexts, shares=(0.0,)):
    """For each context the best detector on these rows: (F1, unit, threshold)."""
    scores = torch.stack([f1_scores(values, contexts, share) for share in shares])
    best, where = scores.transpose(0, 1).flatten(1).max(-1)
    units = where % values.shape[1]
    thresholds = torch.tensor(shares)[where // values.shape[1]] * values.amax(0)[units]
    return list(zip(best.tolist(), units.tolist(), thresholds.tolist(), strict=True))


def contexts_of(label, kinds=KINDS):
    return torch.stack([label == KINDS.index(kind) for kind in kinds])


def f1_from(pair):
    specificity, sensitivity = pair
    return 2 * specificity * sensitivity / max(specificity + sensitivity, 1e-9)


groups = {
    "one layer": (little_latents, little_kind),
    "SmolLM2": (latents, kind_of),
}
found = {}
for name, (values, label) in groups.items():
    print(f"{name:10}{'latent':>8}{'train F1':>10}{'specificity':>13}{'sensitivity':>13}{'test F1':>9}")
    contexts, test = contexts_of(label), values["test"].to_dense()
    chosen = choose(values["train"].to_dense(), contexts)
    for kind, context, (score, unit, _) in zip(KINDS, contexts, chosen, strict=True):
        pair = saes.specificity_and_sensitivity(test[:, unit], context, 0.0)
        found[name, kind] = (unit, *pair)
        print(f"{kind:10}{unit:>8}{score:>10.2f}{pair[0]:>13.2f}{pair[1]:>13.2f}{f1_from(pair):>9.2f}")

# %% [markdown]
# Is that good? It needs something to compare with.
#
# * **Neurons.** The 512 neurons of the one-layer model, from which its SAE is made. For SmolLM2 the 1,536 neurons of
#   the MLP of layer 9, just before the place of the SAE; they can be negative, so each counts twice, once a sign.
# * **Random directions.** 2,048 of them, in the space of the SAE's input, from the mean row. They were never trained.
#   The best of so many arbitrary detectors may be a good one.
#
# A neuron is above 0 on far more rows than a latent (in the one-layer model on about a third), so "active above 0"
# would be unfair to it. In this comparison each unit, latents too, gets the best of eight thresholds between 0 and 0.7
# of its largest value. The threshold is chosen with the unit, on the training texts.

# %%
predict(
    "saes.best_neuron",
    "In the one-layer model: which detects Arabic best on test texts (F1), with its best threshold?",
    ["the best latent, by far", "the best latent, just", "the best neuron"],
)

# %% tags=["drifts"]
SHARES = [0.1 * step for step in range(8)]


def random_directions(train, test, count):
    """relu of projections of the centred rows on random directions."""
    directions = torch.randn(train.shape[1], count, generator=torch.Generator().manual_seed(7))
    mean = train.mean(0)
    return [torch.cat([((part - mean) @ directions).relu().half() for part in one.split(512)]) for one in (train, test)]


def both_signs(values):
    return torch.cat([values.relu(), (-values).relu()], dim=1)


def graded(train, test, label, kinds):
    """Test F1 of the unit and threshold that are best on the training rows, for each kind."""
    contexts = contexts_of(label, kinds)
    best = choose(train, contexts, SHARES)
    return {
        kind: f1_from(saes.specificity_and_sensitivity(test[:, unit], context, threshold))
        for kind, context, (_, unit, threshold) in zip(kinds, contexts, best, strict=True)
    }


units = {}
for name, own, label, rows_of in (
    ("one layer", little_latents, little_kind, neurons),
    ("SmolLM2", latents, kind_of, x),
):
    units[name, "latents"] = graded(own["train"].to_dense(), own["test"].to_dense(), label, CONTEXTS)
    if name == "one layer":
        units[name, "neurons"] = graded(neurons["train"], neurons["test"], label, CONTEXTS)
    else:
        near = [both_signs(harvest[split][BEFORE]) for split in ("train", "test")]
        units[name, "neurons"] = graded(*near, label, CONTEXTS)
        del near, harvest["train"]
    units[name, "random"] = graded(*random_directions(rows_of["train"], rows_of["test"], 2048), label, CONTEXTS)

fig, axes = plt.subplots(1, 2, figsize=(8.4, 3.4), sharey=True)
for ax, name in zip(axes, ("one layer", "SmolLM2"), strict=True):
    for place, (what, color) in enumerate((("latents", "blue"), ("neurons", "orange"), ("random", "grey"))):
        heights = list(units[name, what].values())
        ax.bar([at + 0.27 * (place - 1) for at in range(len(CONTEXTS))], heights, 0.25, color=COLORS[color], label=what)
    ax.set_xticks(range(len(CONTEXTS)), CONTEXTS)
    ax.set_title(name)
axes[0].set_ylabel("F1 on test texts")
axes[0].set_ylim(0, 1.2)
axes[0].legend(loc="upper left", ncol=3, fontsize=8)
show(
    fig,
    alt="F1 of the best latent, neuron and random direction for five kinds of text. "
    + " ".join(
        f"{name}, {what}: " + ", ".join(f"{kind} {score:.2f}" for kind, score in units[name, what].items()) + "."
        for name in ("one layer", "SmolLM2")
        for what in ("latents", "neurons", "random")
    ),
)
wins = {
    (name, other): sum(units[name, "latents"][kind] > units[name, other][kind] for kind in CONTEXTS)
    for name in ("one layer", "SmolLM2")
    for other in ("neurons", "random")
}
for (name, other), count in wins.items():
    print(f"{name}: the best latent beats the best of the {other} for {count} of {len(CONTEXTS)} kinds of text")

# %% [markdown]
# In SmolLM2 the best latent is ahead each time, for Python only by a hair of the best random direction. (The neurons of
# one MLP are a weak opponent for a stream that ten layers have written into.) In the one-layer model it is so for the
# scripts and base64. For DNA and Python the best neuron is better, and so is the best of 2,048 directions that nobody
# trained. DNA is so unlike the rest that perhaps much in the model is about it. A latent for DNA is therefore no news
# by itself. What an SAE adds has to be seen against such detectors, and they are seldom shown.
#
# ### Weak activations
#
# So far "active" was one bit. Bricken et al. look at the whole range: which share of the activations of a given size
# falls into the context?

# %%
predict(
    "saes.weak_activations",
    "The Arabic latent of the one-layer model: is it as specific where it is weakly active as where it is strong?",
    ["yes, about equally", "weak activations are less specific", "weak activations are more specific"],
)

# %% tags=["drifts"]
BOUNDS = torch.linspace(0, 1, 6)
by_range, weak_and_strong = {}, {}
print("of the activations in each fifth of the range, the share that is in the context")
for name, (values, label) in groups.items():
    print(f"{name:10}{'weakest':>11}{'second':>11}{'third':>11}{'fourth':>11}{'strongest':>11}")
    test = values["test"].to_dense()
    for kind in CONTEXTS:
        column, context = test[:, found[name, kind][0]], label == KINDS.index(kind)
        edges = BOUNDS * column.max()
        inside = [(column > low) & (column <= high) for low, high in pairwise(edges)]
        by_range[name, kind] = [context[one].float().mean().item() for one in inside]
        weak, strong = (column > 0) & (column <= edges[1]), column > edges[2]
        weak_and_strong[name, kind] = [context[one].float().mean().item() for one in (weak, strong)]
        print(f"  {kind:8}" + "".join(f"{share:>11.2f}" for share in by_range[name, kind]))
del test, column

# %% [markdown]
# Weak activations tell little: below a fifth of the largest value most of them are outside the context, in most rows
# of the table. Above two fifths the one-layer latents are as specific as they are said to be. (The strongest ranges
# hold few activations, some fewer than ten.) So "the latent is active" and "the latent is strongly active" are two
# statements. A list of top examples shows only the second.
#
# The last number that Bricken et al. give is a correlation: between the latent and the proxy, token by token. Beside it
# stands the neuron that correlates best on the training texts.

# %%
correlation, test = {}, little_latents["test"].to_dense()
print(f"{'one layer':10}{'latent':>8}{'best neuron':>13}")


def with_proxy(values, target):
    """Correlation of each column with the proxy."""
    centred, target = values.float() - values.float().mean(0), target - target.mean()
    return (target @ centred) / (target.norm() * centred.norm(dim=0).clamp_min(1e-9))


for kind in CONTEXTS:
    unit = found["one layer", kind][0]
    neuron = with_proxy(neurons["train"], proxy_train[kind]).argmax()
    pairs = (test[:, [unit]], neurons["test"][:, [neuron]])
    correlation[kind] = tuple(with_proxy(column, proxy[kind]).item() for column in pairs)
    of_neurons = correlation[kind][1]
    print(f"{kind:10}{correlation[kind][0]:>8.2f}{of_neurons:>13.2f}")
del test

# %% [markdown]
# The latent is ahead for the two scripts, level for base64, and behind for DNA and Python. The comparison favours the
# neuron: it was chosen by this correlation, the latent by F1.
#
# ## 14 · The page of a latent
#
# A latent's **page** shows what one looks at first: the contexts in which it is active, from its strongest activations
# to its weakest, the kinds of text, the tokens whose logits its direction raises, and its nearest neighbours in the
# decoder. The explorer has the pages of all latents of SmolLM2's SAE on the test texts.

# %%
labels = [kind for kind in KINDS for _ in range(COUNT)]
activity = collect(sae, harvest["test"], RESID, labels)
pages = Pages(smollm2, sae, activity)
explore(pages, latent=found["SmolLM2", "dna"][0])

# %% [markdown]
# Without a kernel: three latents that were chosen by how often they are active, not by how nice they look. They are
# those in the middle of the list of all that are active on at least ten tokens.

# %% tags=["nbval-ignore-output"]
# Counts decide which latents these are, and another processor may count one row more. So nbval does not compare this.
often = (activity.counts >= 10).nonzero()[:, 0]
middle = often[activity.counts[often].argsort(stable=True)][len(often) // 2 :][:3].tolist()
for latent in middle:
    page = pages.page(latent, contexts=3)
    shown = [
        (f"{low:.1f}–{high:.1f}", context.strings, context.values)
        for low, high, _, contexts in page.ranges[::2]
        for context in contexts[:2]
    ]
    kinds = sorted(page.classes, key=lambda one: -one[2])[:2]
    told = ", ".join(f"{kind} {share:.0%}" for kind, _, share in kinds)
    raised = " ".join(token for token, _ in page.promoted[:4])
    token_rows(shown, vmax=page.top, caption=f"Latent {latent}: {told}; raises {raised}")

# %% [markdown]
# You may feel that you know what these latents do. The next section tests that feeling with a number.
#
# ## 15 · Explain a latent, and grade the explanation
#
# An explanation is worth something if it predicts. Bills et al. (2023) let a language model write the explanation and
# another one predict with it. Ours come without a language model, and so they are exact: a **rule** is a set of tokens,
# and it says that the latent is active on these tokens and nowhere else.
#
# A colleague has graded such rules. Something is wrong with the grades.

# %% exercise="saes.detection_score"

# %%
predict(
    "saes.rules",
    "A rule knows only the current token. For what share of SmolLM2's latents does it reach F1 of 0.5 on new texts?",
    ["below 10%", "10% to 40%", "40% to 70%", "above 70%"],
)

# %% [markdown]
# Half of the texts of each kind write the rules, the other half grades them. Both halves are test texts of the SAE. We
# take latents that are active on at least ten tokens of each half, and every eighth of them. A "text" here is a stretch
# of 63 tokens. Stretches follow each other, so a text that is cut at the end of one goes on in the other half.
#
# The same function grades two other languages for rules. In place of a token it can be given anything that has a
# number: a **pair** of the token and the one before it, or the **kind** of the text. The control is a rule that was
# written for another latent.


# %%
def numbered(*columns):
    """One number for each different combination of the columns."""
    return torch.stack(columns, dim=-1).flatten(0, -2).unique(dim=0, return_inverse=True)[1].view(columns[0].shape)


def graded_rules(ids, label, values):
    """F1 on held-out texts for each latent: rules of tokens, of pairs, of kinds; graded by their author; control."""
    words = ids[:, 1:]
    text_kind = label.view(len(words), -1)
    writes = torch.arange(len(words)) % 2 == 0
    vocabularies = {
        "token": numbered(words),
        "pair": numbered(words, ids[:, :-1]),
        "kind": text_kind,
    }
    active = (values > 0).view(len(words), LENGTH, -1)
    enough = (active[writes].float().sum((0, 1)) >= 10) & (active[~writes].float().sum((0, 1)) >= 10)
    chosen = enough.nonzero()[::8, 0]
    on = active[:, :, chosen].permute(2, 0, 1)
    scores = {
        name: torch.tensor([saes.detection_score(each, one, writes) for one in on]).nan_to_num(0.0)
        for name, each in vocabularies.items()
    }
    twice = torch.arange(2 * len(words)) < len(words)  # the same texts write the rule and grade it
    everything = vocabularies["token"].repeat(2, 1)
    scores["graded by its author"] = torch.tensor(
        [saes.detection_score(everything, one.repeat(2, 1), twice) for one in on]
    )
    other = on.roll(1, dims=0)
    mixed = torch.where(writes[:, None], other, on)  # the rule of the latent before it in the list
    scores["another latent's rule"] = torch.tensor(
        [saes.detection_score(vocabularies["token"], one, writes) for one in mixed]
    ).nan_to_num(0.0)
    return chosen, scores


rules = {
    "one layer": graded_rules(little_ids["test"], little_kind, little_latents["test"].to_dense()),
    "SmolLM2": graded_rules(ids["test"], kind_of, latents["test"].to_dense()),
}
good = {}
for name, (chosen, scores) in rules.items():
    print(f"{name}: {len(chosen)} latents{'median F1':>24}{'F1 at least 0.5':>18}")
    for what, score in scores.items():
        good[name, what] = (score >= 0.5).float().mean().item()
        print(f"    {what:24}{score.median():>16.2f}{good[name, what]:>18.0%}")
strong = little_latents["test"].to_dense()
strong *= strong > 0.2 * strong.amax(0)
of_strong = graded_rules(little_ids["test"], little_kind, strong)[1]["token"]
good["one layer", "strong"] = (of_strong >= 0.5).float().mean().item()
pairs, writes = numbered(ids["test"][:, 1:], ids["test"][:, :-1]), torch.arange(len(ids["test"])) % 2 == 0
new = 1 - torch.isin(pairs[~writes], pairs[writes]).float().mean().item()
print(f"SmolLM2: {new:.0%} of the pairs of tokens in the texts that grade occur in none of the texts that write")
print("one layer, active only above a fifth of the largest value: ", end="")
print(f"token rules reach 0.5 for {good['one layer', 'strong']:.0%}")
del strong

# %% jupyter={"source_hidden": true}
fig, axes = plt.subplots(1, 2, figsize=(8.4, 3.4))
for ax, (name, (_, scores)) in zip(axes, rules.items(), strict=True):
    for what, color in (("token", "blue"), ("kind", "orange"), ("graded by its author", "grey")):
        ordered = scores[what].sort(descending=True).values
        ax.plot(torch.linspace(0, 1, len(ordered)), ordered, color=COLORS[color], label=what)
    ax.set_xlabel("share of the latents")
    ax.set_title(name)
axes[0].set_ylabel("F1")
axes[0].legend()
show(
    fig,
    alt="F1 of rules, latents sorted from the best explained to the worst. "
    + " ".join(
        f"{name}: at least 0.5 for {good[name, 'token']:.0%} by tokens, {good[name, 'kind']:.0%} by the kind of text, "
        f"{good[name, 'graded by its author']:.0%} where the texts that wrote the rule grade it."
        for name in rules
    ),
)

# %% [markdown]
# Graded by its author, the rule of a typical latent of SmolLM2 looks like an explanation. On new texts two out of three
# of those are gone. Pairs, a richer language, do not help here: most pairs of tokens in the new texts have never been
# seen. The kind of the text explains next to nothing. It takes a latent that is active on most tokens of a text, and
# there are few. So for about a quarter of these latents a set of tokens tells with F1 of 0.5 or more when they are
# active. For the rest we have no explanation in this language. That is not to say that there is none.
#
# The few per cent of the one-layer model cannot be compared with that. Its SAE is a standard one, with a long tail of
# weak activations, which section 13 found to tell little. The last line counts a latent as active only above a fifth of
# its largest value. Then several times as many can be explained. (These are not the same 255 latents: fewer are active
# often enough in this sense.)
#
# Detection asks only whether a latent is active. **Simulation** asks how strongly. In place of a set of tokens there is
# a table: for each token the latent's mean activation.

# %% exercise="saes.simulated_latent"

# %%
predict(
    "saes.latents_or_neurons",
    "By the median correlation of simulation and truth: are the latents of the one-layer model's SAE easier to "
    "simulate from the token than its neurons?",
    ["latents are easier", "neurons are easier", "about equal"],
)


# %%
def simulated(ids, columns):
    """Held-out correlation with the table of tokens, for each column [token unit]."""
    words = numbered(ids[:, 1:])
    writes = torch.arange(len(words)) % 2 == 0
    each = [saes.simulated_latent(words, one.reshape(words.shape), writes) for one in columns.T]
    return torch.tensor(each).nan_to_num(0.0)


chosen = rules["one layer"][0]
centred = neurons["test"] - neurons["test"].mean(0)
components = torch.linalg.eigh(centred.T @ centred).eigenvectors[:, -64:]
rotation = torch.linalg.qr(torch.randn(512, 512, generator=torch.Generator().manual_seed(3)))[0]
of_latents = little_latents["test"].to_dense()[:, chosen]
along_random = (centred @ rotation[:, ::4]).relu()
shares = (of_latents > 0).float().mean(0)[torch.randperm(len(chosen), generator=torch.Generator().manual_seed(0))]


def as_rare(columns):
    """Each column less a threshold of its own, 0 below it: active on as few rows as one of the latents."""
    cuts = [column.quantile(1 - share) for column, share in zip(columns.T, shares, strict=False)]
    return (columns - torch.stack(cuts)).relu()


columns = {
    "latents": of_latents,
    "neurons": neurons["test"][:, ::4],
    "neurons made as rare": as_rare(neurons["test"][:, ::4]),
    "random directions": along_random,
    "directions made as rare": as_rare(along_random),
    "principal components": torch.cat([centred @ components, -centred @ components], dim=1).relu(),
}
simulations = {}
print("one layer                      active on   median correlation   at least 0.5")
for what, values in columns.items():
    simulations[what] = score = simulated(little_ids["test"], values)
    share = (values > 0).float().mean(0).median()
    above = (score >= 0.5).float().mean()
    print(f"{len(score):3} {what:24}{share:>11.0%}{score.median():>18.2f}{above:>18.0%}")
del columns

# %% [markdown]
# As they stand, neurons and even random directions are easier to simulate. But they are active on a third and on half
# of all tokens, latents on about 3%, so that a latent's table rests on few texts. The two rows "made as rare" put that
# right: each neuron or direction is cut off at a threshold and is active on as few tokens as a latent. Now the neurons
# are level with the latents, and random directions are behind. So the first comparison was one of densities. At equal
# density latents are ahead of random directions, as Cunningham et al. (2023) report, and level with neurons, which they
# do not. Principal components were not made as rare, so about them this says nothing. Ours is another measure than
# theirs. And how well random directions do is a warning: in a shallow model nearly everything is to a good part
# predictable from the token.
#
# ## 16 · Steer
#
# A latent that stands for something should also move the model. We set it to a value of our choice and leave all the
# rest of the activation as it is, the error of the SAE included.

# %% exercise="saes.clamp_latent"

# %% [markdown]
# Six English prompts. The latents are those of section 13. The value is given in units of the largest activation on the
# training texts. What we read at the last position is P, the probability of all tokens together that speak for the kind
# of text: those that are at least three times as likely in it as in all text. P can grow a thousand times and still be
# small, so the table has the gain of ln P.
#
# Two things to compare with, both about as long as the change by the latent at twice its largest value: four other
# latents, and the **difference of means** of chapter 01, from the mean row to the mean row of this kind of text. That
# one was told what to look for.

# %%
predict(
    "saes.steering",
    "Which raises the probability of tokens of its kind of text more, at equal length?",
    ["the latent's direction", "the difference of means", "sometimes one, sometimes the other"],
)

# %%
PROMPTS = [
    "The weather in the north was",
    "My sister works as a",
    "In the morning we went to",
    "The results of the study show that",
    "He opened the door and saw",
    "The price of bread has",
]
prompts = models.tokens(smollm2, PROMPTS)
STEERED = ["arabic", "hebrew", "russian", "dna", "python"]
telling, steered = {}, {}
for kind in STEERED:
    ratio = evidence(flat_ids["train"], kind_of == KINDS.index(kind), smollm2.cfg.d_vocab)
    telling[kind] = (ratio.exp() > 3).nonzero()[:, 0]


def clamped(latent, value):
    """An edit of the residual stream: one latent has this value at every position but BOS."""

    def change(resid, hook):
        rows = resid[:, 1:].flatten(0, 1)
        new = saes.clamp_latent(rows, sae.encode(rows), sae.W_dec, latent, value)
        return torch.cat([resid[:, :1], new.view_as(resid[:, 1:])], dim=1)

    return change


def shifted(direction):
    return lambda resid, hook: torch.cat([resid[:, :1], resid[:, 1:] + direction], dim=1)


def log_chances(changes, kind):
    """For each edit of the stream: ln of the probability of the kind's tokens at the end, mean over the prompts.

    All edits go through the model in one batch, each on its own copy of the prompts.
    """
    copies = models.Tokens(*(one.repeat(len(changes), 1) for one in prompts))

    def each(resid, hook):
        parts = resid.chunk(len(changes))
        return torch.cat([change(part, hook) for change, part in zip(changes, parts, strict=True)])

    with activations.replace(smollm2, RESID, each):
        probability = activations.logits_at(smollm2, copies).softmax(-1)
    return probability[:, telling[kind]].sum(-1).log().view(len(changes), -1).mean(-1)


alive = (measured["SmolLM2"]["density"] > 0.001).nonzero()[:, 0]
others = alive[torch.randperm(len(alive), generator=torch.Generator().manual_seed(0))[:4]].tolist()
TIMES = (1, 2, 4)
print("gain of ln P over the unchanged model, in nats")
print(f"{'':15}{'latent':>9}{'latent':>9}{'latent':>9}{'others':>9}{'best of':>10}{'means':>9}{'P at':>14}")
print(f"{'':8}{'value':>7}{'× 1':>9}{'× 2':>9}{'× 4':>9}{'× 2':>9}{'them':>10}{'× 2':>9}{'latent × 4':>14}")
largest = latents["train"].to_dense().amax(0)
for kind in STEERED:
    latent = found["SmolLM2", kind][0]
    top = largest[latent].item()
    means = x["train"][kind_of == KINDS.index(kind)].mean(0) - x["train"].mean(0)
    changes = [shifted(0 * means), *(clamped(latent, times * top) for times in TIMES)]
    changes += [shifted(2 * top * means / means.norm()), *(clamped(other, 2 * top) for other in others)]
    unchanged, *gains = log_chances(changes, kind).tolist()
    gains = [gain - unchanged for gain in gains]
    at_latent, of_means, of_others = gains[: len(TIMES)], gains[len(TIMES)], gains[len(TIMES) + 1 :]
    steered[kind] = {"latent": at_latent[1], "others": max(of_others), "means": of_means}
    print(
        f"{kind:8}{top:>7.0f}"
        + "".join(f"{gain:>+9.1f}" for gain in at_latent)
        + f"{sum(of_others) / len(of_others):>+9.1f}{max(of_others):>+10.1f}{of_means:>+9.1f}"
        + f"{torch.tensor(unchanged + at_latent[-1]).exp():>14.3f}"
    )

# %% [markdown]
# The latents of Arabic, Russian and DNA move the model further than others do on average. That of Hebrew hardly does,
# and that of Python has next to no effect. The average is a mild opponent, though: any strong push makes rare tokens
# likelier. Against the best of the four others two of the five latents are clearly ahead, Russian and DNA. At four
# times its largest value the Russian one makes the model write Russian with a probability of about three quarters. For
# the others P stays small, and in our texts no value comes near this. At equal length the difference of means gains
# more in every row, for the three scripts by a great deal. It was given the labels of a few thousand tokens. The latent
# needed labels only to be found.
#
# ## 17 · Two ways in which a dictionary bends the truth
#
# Both are said of SAEs of language models. There, nobody can show them beyond doubt, because nobody knows the truth. So
# back to worlds that we make.
#
# ### General and special
#
# In this world there are animals. Half of the rows with an animal have a dog, and "dog" never comes without "animal".
# Each writes its own direction, and the two are orthogonal. Twelve other features come and go on their own. An ideal
# dictionary has 14 directions. The SAEs get 24 latents, so there is room.

# %%
predict(
    "saes.absorption",
    'A standard SAE with λ = 2 has a latent that writes "animal". On which share of the rows with a dog, which are '
    "animals too, is it active?",
    ["on nearly all", "on about two thirds", "on about a third", "on none"],
)

# %% [markdown]
# If it is silent on some of them, does another latent write "animal" there in its place?

# %% exercise="saes.absorption_rate"

# %%
ZOO = 20


def zoo(rows, seed, implied):
    """Rows of a world with animal, dog and twelve other features: activations, presence, directions."""
    fixed, random = torch.Generator().manual_seed(11), torch.Generator().manual_seed(seed)
    basis = torch.linalg.qr(torch.randn(ZOO, ZOO, generator=fixed))[0]
    here = torch.rand(rows, 14, generator=random) < 0.08
    here[:, 0] = torch.rand(rows, generator=random) < 0.2
    dog = torch.rand(rows, generator=random)
    here[:, 1] = (here[:, 0] & (dog < 0.5)) if implied else dog < 0.1
    strength = here * (1 + 0.5 * torch.rand(rows, 14, generator=random))
    return 2.5 * strength @ basis[:14], here, basis[:14]


zoo_kinds = {
    "standard, λ 0.5": ("standard", {}, 0.5),
    "standard, λ 2": ("standard", {}, 2.0),
    "TopK, k 2": ("topk", {"k": 2}, 0.0),
    "JumpReLU, λ 1": ("jumprelu", {}, 1.0),
}
absorbed, in_plane = {}, {}
for implied in (True, False):
    train_rows, _, _ = zoo(20_000, 1, implied)
    test_rows, here, directions = zoo(6_000, 2, implied)
    made = {name: lab_saes.make(kind, ZOO, 24, **more) for name, (kind, more, _) in zoo_kinds.items()}
    recipes = {
        name: lab_saes.Recipe(lr=1e-2, sparsity=weight, sparsity_warm_up=100)
        for name, (_, _, weight) in zoo_kinds.items()
    }
    with one_thread():
        lab_saes.train(made, of_tensor(train_rows, 256), recipes, steps=800)
    for name, one in made.items():
        with torch.no_grad():
            f, W_dec = one.encode(test_rows), one.W_dec.detach()
            main = torch.cosine_similarity(W_dec, directions[:1], dim=-1).argmax().item()
            rate = saes.absorption_rate(here[:, 0], f, W_dec, directions[0], main, 0.3)
            on_dogs = (f[here[:, 0] & here[:, 1], main] > 0).float().mean().item()
            on_rest = (f[here[:, 0] & ~here[:, 1], main] > 0).float().mean().item()
            dog_latent = torch.cosine_similarity(W_dec, directions[1:2], dim=-1).argmax()
            writes_parent = torch.cosine_similarity(W_dec[dog_latent], directions[0], dim=0).item()
            toward = torch.nn.functional.normalize(W_dec, dim=-1) @ directions[:2].T  # cosines with animal, with dog
            on = torch.stack([(f[rows] > 0).float().mean(0) for rows in (here[:, 1], here[:, 0] & ~here[:, 1])], dim=1)
        absorbed[name, implied] = (rate, on_dogs, on_rest, writes_parent)
        in_plane[name, implied] = torch.cat([toward, on], dim=1)[toward.norm(dim=1) > 0.9]
print(f"{'':18}{'animal latent active on':>28}{'cosine of dog latent':>22}{'absorbed':>10}")
print(f"{'':18}{'dogs':>12}{'other animals':>16}{'with animal':>22}")
for implied in (True, False):
    print("every dog is an animal" if implied else "control: dogs come on their own")
    for name in zoo_kinds:
        rate, on_dogs, on_rest, cosine = (round(value, 1) + 0.0 for value in absorbed[name, implied])
        print(f"  {name:16}{on_dogs:>12.1f}{on_rest:>16.1f}{cosine:>22.1f}{rate:>10.1f}")
print("every dog is an animal: the latents that write animal, dog or a mixture of the two, and little else")
print(f"{'':18}{'cosine with animal':>20}{'with dog':>10}{'active on dogs':>17}{'on other animals':>19}")
for name in ("standard, λ 2", "TopK, k 2"):
    for row in in_plane[name, True].tolist():
        print("  {:16}{:>20.1f}{:>10.1f}{:>17.1f}{:>19.1f}".format(name, *(round(one, 1) + 0.0 for one in row)))

# %% [markdown]
# The standard SAE has a hole in a general feature: with a strong penalty the animal latent is silent on most dogs. The
# lower table shows who stands in: two latents that are active on dogs and write a good part of "animal" themselves.
# ("Absorbed" is a share of all animals, and half of them are dogs. So for the standard SAE it is half of the share of
# dogs on which the animal latent is silent. All of this is one start.) With a weaker penalty there is less of it. In
# the control world, where dogs do not imply animals, the hole is gone. So it comes from the implication and from the
# price of an active latent, not from a poor fit.
#
# TopK has the largest absorbed share, and another story. None of its latents writes "animal" alone. One writes animal
# and dog together, one animal *less* dog, one dog less animal. The measure takes the one nearest to "animal", which is
# the second. It is silent on dogs, and the first stands in, on dogs and on most other animals. So the share cannot tell
# a hole from a pair of features that was cut along other lines: look at the directions too. In the control the animal
# latent of TopK is silent on most dogs as well, so for TopK the hole does not need the implication. The absorbed share
# is small there, 0.1. JumpReLU at this setting has no hole. That is one setting, and its L0 was left free.

# %% [markdown]
# ### Splitting
#
# Now a world of families. There are four of them with four members each. A member's direction is that of its family
# plus something of its own. In each row two families show up, each with one member. What does an SAE find: families or
# members?

# %%
predict(
    "saes.splitting",
    "An SAE with 4 latents, and one with 32. Which directions do they find?",
    ["both the members", "both the families", "the narrow one families, the wide one members"],
)

# %%
CLAN, FAMILIES, MEMBERS = 24, 4, 4
random = torch.Generator().manual_seed(5)
basis = torch.linalg.qr(torch.randn(CLAN, CLAN, generator=random))[0]
centres, own_part = basis[:FAMILIES], basis[FAMILIES : FAMILIES + FAMILIES * MEMBERS]
members = torch.nn.functional.normalize(centres.repeat_interleave(MEMBERS, 0) + 0.7 * own_part, dim=-1)


def clans(rows, seed):
    random = torch.Generator().manual_seed(seed)
    two = torch.rand(rows, FAMILIES, generator=random).topk(2).indices
    member = two * MEMBERS + torch.randint(MEMBERS, (rows, 2), generator=random)
    size = 1 + torch.rand(rows, 2, generator=random)
    return 2.3 * (size[..., None] * members[member]).sum(1)


clan_rows, WIDTHS = clans(20_000, 1), (4, 8, 16, 32)
widths = {str(width): lab_saes.make("topk", CLAN, width, k=2) for width in WIDTHS}
clan_recipe = lab_saes.Recipe(lr=1e-2, revive="auxiliary", dead_after=2000)
with one_thread():
    lab_saes.train(widths, of_tensor(clan_rows, 256), clan_recipe, steps=600)
recovery = {}
print("found, with a cosine above 0.9")
print("latents  families of 4  members of 16  variance explained")
for width, one in widths.items():
    with torch.no_grad():
        explained = saes.explained_variance(clan_rows[:4000], one(clan_rows[:4000]))
        used = torch.nn.functional.normalize(one.W_dec, dim=-1)[(one.encode(clan_rows[:4000]) > 0).any(0)]
    recovery[width] = [int(((used @ truth.T).amax(0) > 0.9).sum()) for truth in (centres, members)]
    print(f"{width:>7}{recovery[width][0]:>15}{recovery[width][1]:>15}{explained:>20.1f}")
fig, ax = plt.subplots(figsize=(6, 3.4))
for place, (what, color, marker) in enumerate((("families", "blue", "o"), ("members", "orange", "s"))):
    shares = [one[place] / (4, 16)[place] for one in recovery.values()]
    ax.plot(list(recovery), shares, marker, ls="-", color=COLORS[color], label=what)
ax.set_xlabel("latents")
ax.set_ylabel("share found (cosine above 0.9)")
ax.set_title("A narrow SAE finds families, a wide one members")
ax.legend()
show(
    fig,
    alt="Families (of 4) and members (of 16) found by SAEs of four widths: "
    + "; ".join(f"{width} latents {one[0]} and {one[1]}" for width, one in recovery.items()),
)

# %% [markdown]
# Both are true of this world, the family and the member. Which of them a latent stands for was decided by the number of
# latents that we asked for. In between, with 8 or 16, the SAE is caught between the two. With 16 latents there would be
# room for every member, and 600 steps of training do not find them all. The narrow end was forced: with 4 latents and
# two families in each row nothing else fits. The question is the wide end, and it has one start.
#
# ## 18 · Read what an SAE gives you
#
# Two questions to read. After the first comes a table of our own: the densest latents of SmolLM2's SAE, those that were
# silent on the test texts, and those that were active on few tokens but on one word only. A kind of text counts for a
# dense latent if the latent is active on more than 5% of its tokens. The correlation is the larger of two, without
# sign: with the first principal component and with the second.

# %% exercise="saes.three_strange_latents"

# %%
rows, f = x["test"], latents["test"].to_dense()
centred = rows - rows.mean(0)
scores_of_rows = centred @ torch.linalg.eigh(centred.T @ centred).eigenvectors[:, -2:]
density = measured["SmolLM2"]["density"]


def correlation_with(one, other):
    return torch.corrcoef(torch.stack([one, other]))[0, 1].abs().item()


densest = density.topk(3).indices.tolist()
by_axis = {
    latent: max(correlation_with(f[:, latent].float(), scores_of_rows[:, axis]) for axis in (0, 1))
    for latent in densest
}
print("dense latent  share of rows  kinds of text  correlation with a principal component")
for latent in densest:
    kinds_on = sum((f[kind_of == k, latent] > 0).float().mean() > 0.05 for k in range(len(KINDS)))
    print(f"{latent:12}{density[latent]:>15.0%}{f'{kinds_on} of 12':>15}{by_axis[latent]:>40.1f}")
silent = density == 0
awake = (latents["train"].to_dense()[:, silent] > 0).any(0).float().mean().item()
print(f"silent: {int(silent.sum())} latents on the test texts; {awake:.0%} of them are active on the training texts")
times_active = (density * len(rows)).round()
rare = (times_active >= 3) & (times_active <= 6)
one_token, complete = [], []
for latent in rare.nonzero()[:, 0].tolist():
    words = flat_ids["test"][f[:, latent] > 0]
    if len(words.unique()) == 1:
        one_token.append(latent)
        complete.append(len(words) / (flat_ids["test"] == words[0]).sum().item())
print(
    f"rare: {int(rare.sum())} latents on 3 to 6 tokens; {len(one_token)} on one and the same token, "
    f"{sum(c == 1 for c in complete)} on all its occurrences"
)
del f, centred

# %% [markdown]
# "Silent here" is not "dead": nearly half of the silent ones are active on as many other texts of the same kinds,
# though on texts that the SAE was trained on. The question's latent 8 had been silent for half of the training, which
# is another thing.

# %% exercise="saes.one_latent_or_three"

# %% [markdown]
# Section 17 has the same in a world with known truth: four latents found families, 32 found members, and both
# describe what is there. Absorption looks like it from afar. The difference is the hole: after splitting, no latent
# for the general thing is left over; after absorption there is one, and it is silent where it should speak.
#
# ## 19 · Limits, made to happen
#
# **Choosing and grading on the same texts.** Among 4,096 latents the best one fits something by luck. Here is a
# "context" that is nothing: a random twelfth of the texts of all kinds. The best of all latents for it, graded on
# the same texts, and on texts that had no part in the choice.

# %%
predict(
    "saes.nothing",
    "The best F1 for a context that is nothing: a random set of texts?",
    ["near 0", "about 0.2", "above 0.5"],
)

# %%
draws = torch.Generator().manual_seed(2)
chance, again = (
    (torch.rand(10, len(KINDS) * COUNT, generator=draws) < 1 / len(KINDS)).repeat_interleave(LENGTH, dim=1)
    for _ in range(2)
)
train_latents, test_latents = latents["train"].to_dense(), latents["test"].to_dense()
picked = choose(train_latents, chance)
fresh = [
    f1_from(saes.specificity_and_sensitivity(test_latents[:, unit], context, 0.0))
    for (_, unit, _), context in zip(picked, again, strict=True)
]
single = torch.stack([torch.arange(len(kind_of)) // LENGTH == text for text in range(0, len(KINDS) * COUNT, COUNT)])
alone = [score for score, *_ in choose(train_latents, single)]
nothing = (sum(score for score, *_ in picked) / len(picked), sum(fresh) / len(fresh))
print(f"a random twelfth of the texts: best F1 {nothing[0]:.2f} on the same texts, {nothing[1]:.2f} on others")
print(f"a single text: best F1 {sum(alone) / len(alone):.2f} on the same text")
del train_latents, test_latents

# %% [markdown]
# So 0.25 is what the best of 4,096 latents makes of nothing, as long as it is graded where it was chosen. (A latent
# that is always active would have 0.15.) A single text of 63 tokens has its best latent as well, with 0.27. The F1 of
# most latents of section 13 stands far above that, and it was measured on other texts.
#
# * **A high share of the loss recovered is not a small loss.** Section 12 has the numbers. The share depends on the
#   baseline, and which one flatters is another one in each of the two models.
# * **Best of many.** A latent for a context is found by asking for it. The SAE was trained without labels, but the
#   latent was chosen with them. A probe (chapter 04) that gets the same labels is the fair opponent.
# * **A latent is not its name.** "Arabic" is our word. Its latent is silent on a good part of the Arabic tokens, and
#   section 13 counts them.
# * **Tokens explain a lot.** Where a rule of tokens tells the context as well as the latent does, nothing has been
#   shown about meaning. We have not run this rule as a detector of contexts.
# * **The corpus is small.** The SAEs saw about 200,000 rows each, those of Bricken et al. billions. Our one-layer model
#   is a poor language model (4.6 nats a token on the test texts). What does not replicate here may do so at scale.
#
# | | a researcher's check list for an SAE and its latents | where |
# |---|---|---|
# | 1 | The features of a toy first: recovered? Against ICA, random rows, and before training | section 3 |
# | 2 | Dead over a window of how many rows? | section 4 |
# | 3 | L0 with the whole histogram of densities: silent, dense? | sections 12, 18 |
# | 4 | Explained variance about the mean, without rows of huge norm, by kind of text | section 12 |
# | 5 | Shrinkage of single latents; γ of the whole is 1 by construction where size costs nothing | section 9 |
# | 6 | Kinds compared at equal L0, from more than one start. A better frontier is not a truer dictionary | section 10 |
# | 7 | Loss in nats, the share recovered from two baselines, a random error of equal length, KL | section 12 |
# | 8 | Chosen on one text, graded on another; both specificity and sensitivity | sections 13, 19 |
# | 9 | Neurons and random directions as opponents, with thresholds as good | section 13 |
# | 10 | The whole range of activations, weak ones too | sections 13, 14 |
# | 11 | An explanation that was graded on held-out text, and a control explanation | section 15 |
# | 12 | Steering against other latents and a supervised direction, at equal length | section 16 |
# | 13 | Other widths and seeds. Does the feature stay? | section 17, chapter 06 |
#
# ## 20 · Paper against us


# %% jupyter={"source_hidden": true} tags=["drifts"]
def both_numbers(name, kind):
    _, specificity, sensitivity = found[name, kind]
    return f"{kind} {specificity:.2f}/{sensitivity:.2f}"


BRICKEN = ("arabic", "hebrew", "dna", "base64")
specific = sum(found["one layer", kind][1] > 0.9 for kind in BRICKEN)
strongly = {name: sum(weak_and_strong[name, kind][1] > 0.9 for kind in BRICKEN) for name in groups}
sensitive = sum(found["one layer", kind][2] > 0.9 for kind in BRICKEN)
halfway = [sum(found["one layer", kind][place] > 0.5 for kind in BRICKEN) for place in (1, 2)]
stronger = sum(weak_and_strong["one layer", kind][1] > weak_and_strong["one layer", kind][0] for kind in BRICKEN)
median = {what: score.median().item() for what, score in simulations.items()}
raised = sum(one["latent"] > one["others"] + 1 for one in steered.values())
beats_means = sum(one["latent"] > one["means"] for one in steered.values())
holes = absorbed["standard, λ 2", True]
claims_table(
    [
        {
            "claim": "A sparse autoencoder recovers known features from a superposition",
            "paper": "toy data (Sharkey et al. 2022)",
            "measured": f"mean max cosine {toy_recovery['SAE']:.1f}; {toy_found['SAE']} of 36 features within 0.9, "
            f"{toy_found['random']} by random rows",
            "verdict": "held" if toy_found["SAE"] >= 34 else "partly",
        },
        {
            "claim": "It finds more than PCA and ICA do",
            "paper": "on language models, by automatic interpretability, "
            "mostly in early layers (Cunningham et al. 2023)",
            "measured": f"another measure, features recovered of 36: SAE {toy_found['SAE']}, with 24 latents "
            f"{toy_found['SAE, 24 latents']}, ICA {toy_found['ICA']}, PCA {toy_found['PCA']}, "
            f"NMF {toy_found['NMF']}",
            "verdict": "held" if toy_found["SAE"] > 1.5 * max(toy_found["ICA"], toy_found["PCA"]) else "partly",
        },
        {
            "claim": "Taking the gradient along the directions out improves training",
            "paper": "a small gain (Bricken et al. 2023)",
            "measured": "loss on test rows, two starts only: with "
            + " and ".join(f"{projecting['with projection', seed][2]:.2f}" for seed in (0, 1))
            + ", without "
            + " and ".join(f"{projecting['without', seed][2]:.2f}" for seed in (0, 1)),
            "verdict": ("did not replicate", "partly", "held")[
                sum(projecting["with projection", seed][2] < projecting["without", seed][2] - 0.02 for seed in (0, 1))
            ],
        },
        {
            "claim": "Resampling brings dead latents back",
            "paper": "Bricken et al. 2023",
            "measured": f"48 latents: {sleepers['no cure', 0][0]} and {sleepers['no cure', 1][0]} dead without, "
            f"{sleepers['resampled', 0][0]} and {sleepers['resampled', 1][0]} with; features found "
            f"{sleepers['no cure', 0][1]} → {sleepers['resampled', 0][1]} and {sleepers['no cure', 1][1]} → "
            f"{sleepers['resampled', 1][1]} of 36",
            "verdict": "held",
        },
        {
            "claim": "The auxiliary loss brings dead latents of TopK back",
            "paper": "with weight 1/32 of a normalised error (Gao et al. 2024)",
            "measured": "dead of 48, two bad starts: "
            + "; ".join(
                f"weight {weight:.2f}: {auxiliary[weight, 0][0]} and {auxiliary[weight, 1][0]}"
                for weight in (0, 1 / 32, 1)
            )
            + "; features found at weight 1: "
            + " and ".join(f"{auxiliary[1, seed][1]} of 36" for seed in (0, 1)),
            "verdict": "held"
            if all(
                auxiliary[weight, seed][0] < 0.6 * auxiliary[0, seed][0] for seed in (0, 1) for weight in (1 / 32, 1)
            )
            else "partly"
            if all(auxiliary[1, seed][0] < 0.6 * auxiliary[0, seed][0] for seed in (0, 1))
            else "did not replicate",
        },
        {
            "claim": "JumpReLU adjusts the number of active latents to the input",
            "paper": "Lieberum et al. 2024, as the survey puts it (3.1.4, Table 2)",
            "measured": f"one true feature in the row: {by_number['JumpReLU'][1]:.1f} latents, five: "
            f"{by_number['JumpReLU'][5]:.1f}; the standard SAE does so too: {by_number['standard'][1]:.1f} and "
            f"{by_number['standard'][5]:.1f}",
            "verdict": "held" if by_number["JumpReLU"][5] > 2 * by_number["JumpReLU"][1] else "did not replicate",
        },
        {
            "claim": "Only the L1 penalty on the latents themselves shrinks the reconstruction as a whole",
            "paper": "Gated has γ near 1 (Rajamanoharan et al. 2024)",
            "measured": "γ: "
            + ", ".join(f"{kind} {value:.2f}" for kind, value in gamma.items())
            + " (1 by construction for all but the standard kind)",
            "verdict": "held"
            if gamma["standard"] < 0.9 and min(gamma["gated"], gamma["jumprelu"]) > 0.97
            else "partly",
        },
        {
            "claim": "At equal L0 JumpReLU and Gated explain more than the standard SAE, BatchTopK more than TopK",
            "paper": "on language models (Rajamanoharan et al. 2024, Bussmann et al. 2024)",
            "measured": "toy world, L0 = 3: " + ", ".join(f"{kind} {value:.2f}" for kind, value in at_three.items()),
            "verdict": "held"
            if min(at_three["jumprelu"], at_three["gated"]) > at_three["standard"] + 0.005
            and at_three["batch_topk"] > at_three["topk"] + 0.005
            else "partly",
        },
        {
            "claim": "The kind with the best frontier has the truest dictionary (our own question)",
            "paper": "not claimed; often assumed when kinds are compared",
            "measured": "features found at three settings: "
            + "; ".join(f"{kind} {numbers[0]}, {numbers[1]}, {numbers[2]}" for kind, numbers in found_at.items()),
            "verdict": "did not replicate" if max(found_at["batch_topk"]) < min(found_at["standard"]) else "partly",
        },
        {
            "claim": "SAEs decompose MLP activations into monosemantic features: Arabic, Hebrew, DNA, base64",
            "paper": "one-layer transformer, 512 neurons (Bricken et al. 2023); survey, Table 2",
            "measured": "best latents, specificity/sensitivity: "
            + ", ".join(both_numbers("one layer", kind) for kind in BRICKEN),
            "verdict": "held" if specific == 4 else "partly" if strongly["one layer"] == 4 else "did not replicate",
        },
        {
            "claim": "They are specific",
            "paper": "high activation specificity (Bricken et al. 2023); survey, 3.1.4",
            "measured": f"one layer, where active at all: above 0.9 for {specific} of 4, above 0.5 for {halfway[0]}; "
            f"where above two fifths of the range, above 0.9 for {strongly['one layer']} of 4 "
            f"(SmolLM2: {strongly['SmolLM2']})",
            "verdict": "held" if specific == 4 else "partly" if halfway[0] == 4 else "did not replicate",
        },
        {
            "claim": "They are sensitive",
            "paper": "survey, 3.1.4",
            "measured": f"one layer, active above 0: above 0.9 for {sensitive} of 4, above 0.5 for {halfway[1]}; "
            "SmolLM2: " + ", ".join(both_numbers("SmolLM2", kind) for kind in BRICKEN),
            "verdict": "held" if sensitive == 4 else "partly" if halfway[1] == 4 else "did not replicate",
        },
        {
            "claim": "Weak activations are less specific",
            "paper": "Bricken et al. 2023",
            "measured": "share in the context below a fifth of the range and above two fifths: "
            + ", ".join("{} {:.2f} and {:.2f}".format(kind, *weak_and_strong["one layer", kind]) for kind in BRICKEN),
            "verdict": "held" if stronger == 4 else "partly" if stronger else "did not replicate",
        },
        {
            "claim": "A latent tells a context better than the best neuron",
            "paper": "Bricken et al. 2023; survey, 3.1.4",
            "measured": f"test F1: one layer {wins['one layer', 'neurons']} of 5 kinds, SmolLM2 "
            f"{wins['SmolLM2', 'neurons']} of 5; against random directions {wins['one layer', 'random']} and "
            f"{wins['SmolLM2', 'random']} of 5",
            "verdict": "held" if wins["one layer", "neurons"] + wins["SmolLM2", "neurons"] >= 9 else "partly",
        },
        {
            "claim": "Latents agree with computed proxies better than neurons do",
            "paper": "log-likelihood ratio (Bricken et al. 2023); survey, validation methods",
            "measured": "correlation, latent against best neuron: "
            + ", ".join(f"{kind} {one:.2f} against {other:.2f}" for kind, (one, other) in correlation.items()),
            "verdict": "held" if all(one > other for one, other in correlation.values()) else "partly",
        },
        {
            "claim": "Latents are easier to explain than neurons, random directions and principal components",
            "paper": "automatic explanations by a language model (Cunningham et al. 2023)",
            "measured": "tables of tokens, median held-out correlation: "
            + ", ".join(f"{what} {value:.2f}" for what, value in median.items()),
            "verdict": "held"
            if median["latents"] == max(median.values())
            else "partly"
            if median["latents"] > median["directions made as rare"] + 0.03
            else "did not replicate",
        },
        {
            "claim": "The model works on reconstructions",
            "paper": "most of the loss recovered (Bricken et al. 2023)",
            "measured": f"SmolLM2 {ce['SmolLM2']['clean'].mean():.2f} → {ce['SmolLM2']['SAE'].mean():.2f} nats, "
            f"recovered {recovered['SmolLM2', 'zero']:.2f} from zero",
            "verdict": "held" if recovered["SmolLM2", "zero"] > 0.9 else "partly",
        },
        {
            "claim": "An SAE's error hurts more than a random one of the same length",
            "paper": "by KL and by loss, about 2 to 4.5 times (Gurnee 2024)",
            "measured": "SAE less random error, nats: "
            + "; ".join(
                f"{name}, {measure} {gap:+.2f} ± {error:.2f}" for (name, measure), (gap, error) in versus_random.items()
            ),
            "verdict": "held"
            if all(gap > 2 * error for gap, error in versus_random.values())
            else "partly"
            if any(gap > 2 * error for gap, error in versus_random.values())
            else "did not replicate",
        },
        {
            "claim": "Features can be used to steer",
            "paper": "Templeton et al. 2024",
            "measured": f"{raised} of {len(steered)} latents raise ln P of their tokens by 1 more than any of four "
            f"others; more than the difference of means {beats_means} of {len(steered)}: "
            + ", ".join(f"{kind} {one['latent']:+.1f} against {one['means']:+.1f}" for kind, one in steered.items()),
            "verdict": "held" if raised == len(steered) else "partly" if raised else "did not replicate",
        },
        {
            "claim": "General features have holes (absorption)",
            "paper": "Chanin et al. 2024, language models",
            "measured": f"toy, standard SAE: active on a share of {holes[1]:.1f} of the dogs and of "
            f"{holes[2]:.1f} of the other animals; of {absorbed['standard, λ 2', False][1]:.1f} of the dogs where dogs "
            "do not imply animals",
            "verdict": "held" if holes[1] < 0.5 < absorbed["standard, λ 2", False][1] else "partly",
        },
        {
            "claim": "Features split in wider SAEs",
            "paper": "Bricken et al. 2023",
            "measured": "toy, families of 4 and members of 16 found: "
            + ", ".join(f"{width} latents {one[0]} and {one[1]}" for width, one in recovery.items()),
            "verdict": "held" if recovery["4"] == [4, 0] and recovery["32"][1] > 10 > recovery["32"][0] else "partly",
        },
    ]
)

# %% [markdown]
# Of the row of Lieberum et al. (2024) in the survey's Table 2 we have the JumpReLU, in sections 7 to 10. The rest of
# the row, SAEs for every layer of models with billions of parameters, is too large for the machines that this course is
# for. `fetch_gemma_scope` of the lab reads their SAEs where a model hub can be reached. The rows of Chaudhary and
# Geiger (2024) and of Makelov et al. (2024) ask whether latents are the parts that a model computes with. That is
# chapter 06.
#
# ## Further work
#
# These have no reference.
#
# 1. **Fill the hole.** Change the training so that the animal latent of section 17 is active on dogs, without losing
#    the dog. One idea is to train several widths in one SAE, in which the first latents must reconstruct alone. Report
#    absorption, L0 and explained variance together, and keep the control.
# 2. **A better explainer.** The rules of section 15 know a token, a pair, or the kind of text. Write a language of
#    rules in which more latents can be explained: a position in the word, an open bracket, a topic. Grade it on texts
#    that had no part in your search, and say what it costs in parameters.
#
# Next, chapter 06: how good are these features, by what the model does with them?
