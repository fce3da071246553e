# %% [markdown]
# # 06 · Judging SAEs
#
# **How good are the features we found?**
#
# Chapter 05 trained sparse autoencoders (SAEs) and read their latents. A latent that answers to Arabic looks like a
# feature of the model. But the SAE was never asked for that. It was asked for a small error with few active latents.
# Whether its latents are the model's own units is another question, and it needs other tests.
#
# This chapter makes four:
#
# 1. **Control.** Can latents move one property of a city and leave another where it is? (Chaudhary & Geiger 2024)
# 2. **Comparison.** Do they agree with a dictionary made from labels, where labels are known? (Makelov et al. 2024)
# 3. **Agreement.** Does another SAE find them again? Does one of another model? (Bricken et al. 2023)
# 4. **The score card.** What do the usual numbers say, and what passes them without being a feature?
#
# In each test a number means something only beside a baseline: doing nothing, moving everything, a learned subspace, a
# shuffled partner. "The survey" is the text that this course follows; its section on SAEs is 3.1.4.
#
# | | |
# |---|---|
# | **You need** | Chapter 05: SAEs. Interchanging activations is explained here; chapter 08 goes deeper |
# | **Time** | 4 hours, 16 exercises |
# | **You are here** | … → 05 SAEs → **06 judging SAEs** → 07 ablation → … |
#
# The SAE under test is the course's own: TopK, 4,096 latents of which 32 are active, on the residual stream that enters
# layer 10 of SmolLM2. It is small, and was trained on 196 thousand rows. What it fails at, a better SAE may not. The
# tests are the same for both.

# %%
# %load_ext mi_tutor
import matplotlib.pyplot as plt
import torch

from mi_tutor.exercises import judging_saes
from mi_tutor.lab import activations, corpus, digit_network, models, saes, tasks
from mi_tutor.lab.explorers.interchange import Interchanger, explore
from mi_tutor.lab.figures import COLORS, claims_table, show, use_style
from mi_tutor.lab.judging import cities
from mi_tutor.lab.judging.same_ends import same_ends
from mi_tutor.lab.saes.batches import of_tensor
from mi_tutor.lab.saes.one_layer import model as one_layer
from mi_tutor.lab.saes.splicing import edit
from mi_tutor.lab.tasks.indirect_object import NAMES
from mi_tutor.lab.toy_training import one_thread
from mi_tutor.tutor.notebook import predict

use_style()
torch.set_grad_enabled(False)
model = models.load("smollm2")
sae = saes.pretrained("smollm2")
PLACE = activations.residual_name(10)


def two(value):
    """Rounded to two digits; adding 0 turns -0 into 0."""
    return round(float(value), 2) + 0.0


def explained(x, x_hat):
    """Explained variance around the mean row of x."""
    return float(1 - (x - x_hat).square().sum() / (x - x.mean(0)).square().sum())


ON_TEXT = sae.info["held_out"]["all"]["fve"]
print(f"{sae.feature} latents on {sae.info['name']}; explained variance on held-out text {ON_TEXT:.2f}")

# %% [markdown]
# ## 1 · One vector, two questions
#
# "The city of Lyon is located in the country of" goes on with " France", and "The city of Lyon is located on the
# continent of" with " Europe". Both prompts begin alike. So the activation at " Lyon" is the same in both, and it has
# to serve both questions. Everything that follows changes this one vector, at the moment it enters layer 10, and then
# asks both questions.
#
# `cities.load` takes the cities of one token that the model gives both right answers for, among all countries and all
# continents of the course's list. Every third city is held out: no search in this chapter sees it. The scores are taken
# on pairs of held-out cities.

# %%
task = cities.load(model)
x = task.x
test = task.pairs(32, test=True)
differ = task.right["continent"][test.base] != task.right["continent"][test.source]
kinds = len(set(task.right["country"].tolist()))
print(f"{len(task.names)} cities in {kinds} countries; held out: {int(task.test.sum())}")
print(f"{len(test)} pairs of held-out cities in two countries, {int(differ.sum())} of them on two continents")
for base, source in zip(test.base[:3].tolist(), test.source[:3].tolist(), strict=True):
    print(f"  run {task.names[base]}, take from {task.names[source]}")

# %% [markdown]
# An **interchange intervention** takes a part of the activation from another prompt, the source, and leaves the rest as
# it is in the base. For an SAE the part is a set of latents. There is a choice: what becomes of the SAE's error, the
# part of the activation that the latents do not tell?

# %% exercise="judging_saes.latent_interchange"

# %% [markdown]
# How is an intervention scored? Say it is meant for the country. **Cause** asks whether the country became that of the
# source. **Isolate** asks whether the continent stayed that of the base. The two scores are from the RAVEL benchmark
# (Huang et al. 2024), and Chaudhary and Geiger judged SAEs by them.
#
# The next function has a fault: it gives points for pairs in which nothing could be moved.

# %% exercise="judging_saes.disentangle_scores"


# %%
def answers(new, pairs=test, task=task):
    """What the model answers to each question, as numbers, when `new` stands at the base's city."""
    return {question: task.logits(new, pairs.base, question).argmax(1) for question in cities.QUESTIONS}


def scored(new, target, pairs=test, task=task):
    got, other = answers(new, pairs, task), "continent" if target == "country" else "country"
    known = [
        part
        for question in (target, other)
        for part in (got[question], task.right[question][pairs.base], task.right[question][pairs.source])
    ]
    score = judging_saes.disentangle_scores(*known)
    far = (known[1] != known[2]) & (known[4] != known[5])  # is the one moved and the other kept at once?
    return score | {"both": float(((known[0] == known[2]) & (known[3] == known[4]))[far].float().mean())}


def row(name, score):
    return f"{name:46}{score['cause']:>7.2f}{score['isolate']:>9.2f}{score['disentangle']:>13.2f}{score['both']:>6.2f}"


HEAD = f"{'':46}{'cause':>7}{'isolate':>9}{'disentangle':>13}{'both':>6}"
base, source = x[test.base], x[test.source]
table = {"nothing": scored(base, "country"), "the whole vector": scored(source, "country")}
print(HEAD)
for name, score in table.items():
    print(row(name, score))

# %% [markdown]
# These are the two ends. Doing nothing isolates perfectly, moving everything causes perfectly, and both have a
# disentangle score of one half. One half is not what guessing gives. It is what one gets without any knowledge of the
# property. Read cause and isolate apart.
#
# The last column is our own. For the country, cause is over all pairs and isolate over those on two continents. Their
# mean can be good though no single pair has both. **Both** is the share of pairs on two continents in which the country
# became the source's and the continent stayed the base's. At both ends it is 0.
#
# Moving everything works, so this place does decide both answers.
#
# Now take *all* latents of the SAE from the source. If the latents were a full account of the vector, this would be the
# same as moving everything.

# %%
predict(
    "judging_saes.all_latents",
    "All 4,096 latents from the source; the SAE's error stays that of the base. How often is the country moved?",
    ["almost always", "about half the time", "seldom"],
)

# %%
latents = sae.encode(x)
every = torch.ones(sae.feature, dtype=torch.bool)


def swap_latents(mask, keep_error, pairs=test):
    return judging_saes.latent_interchange(
        x[pairs.base],
        latents[pairs.base],
        latents[pairs.source],
        sae.W_dec.detach(),
        sae.b_dec.detach(),
        mask,
        keep_error,
    )


table["all latents, the base's error kept"] = scored(swap_latents(every, True), "country")
table["all latents, no error"] = scored(swap_latents(every, False), "country")
table["no latents, no error"] = scored(swap_latents(~every, False), "country")
print(HEAD)
for name in list(table)[2:]:
    print(row(name, table[name]))

everyone = torch.arange(len(task.names))
plain = {q: (task.logits(sae(x), everyone, q).argmax(1) == task.right[q]).float().mean() for q in cities.QUESTIONS}
print(f"right answers from reconstructions: country {plain['country']:.2f}, continent {plain['continent']:.2f}")
said = task.logits(sae(x), everyone, "continent").argmax(1)
usual = int(said.mode().values)
print(f"reconstructions answer {task.continents[usual]} for {int((said == usual).sum())} of {len(x)} cities")
common = (x - sae(x))[~task.test].mean(0)  # an error that all cities share
mended = sae(x) + common
told_right = {q: (task.logits(mended, everyone, q).argmax(1) == task.right[q]).float().mean() for q in cities.QUESTIONS}
print(f"the common error given back: country {told_right['country']:.2f}, continent {told_right['continent']:.2f}")
print(f"explained variance on mixed text {ON_TEXT:.2f}, between these cities {explained(x, sae(x)):.2f}", end="")
print(f" ({explained(x, mended):.2f} with the common error given back)")

# %% [markdown]
# The last line explains the first three. On mixed text the SAE explains most of the variance, because rows of mixed
# text differ a great deal: another language, another kind of word. Cities after "The city of" differ little from each
# other. Of *this* variance the SAE explains nothing on balance. Part of its error is the same for all cities. With that
# given back it explains a third of what tells them apart, though hardly more answers are right. What it gets right is
# enough for most countries, when the error is thrown away. (0.97 counts pairs of the 22 held-out cities, 0.77 all 66
# cities.) When the error is kept, it still holds the base's city, and mostly
# wins.
#
# Look at the continents before you praise "all latents, no error" for its disentangle score. Reconstructions answer
# "Europe" for nearly every city. So a base in Europe often "keeps" its continent, whatever is moved. That is the likely
# source of its isolate and its "both": it replaces everything, so it cannot have separated anything. An intervention
# that breaks the model can look as if it spared something.
#
# So the same SAE is good or bad at the same time. **Explained variance is a number about a distribution of rows.** Ask
# for it on the rows of your question.
#
# Which choice is fairer to the SAE? Dropping the error moves the model away from its own computation: with no latent
# exchanged, some answers already change. Chaudhary and Geiger report such a loss of factual knowledge. Keeping it keeps
# the model whole and lets the error answer. We keep both in view.
#
# ## 2 · A subspace that is learned
#
# What would be possible? **Distributed alignment search** (DAS; Geiger et al. 2024) looks for the best subspace by
# gradient descent, with labels. It is not sparse, it explains nothing to a reader, and it is told what to look for. It
# shows how well the property can *at least* be separated at this place. That is what an unsupervised method is measured
# against.
#
# First the intervention.

# %% exercise="judging_saes.subspace_interchange"

# %% [markdown]
# A subspace is given by an orthonormal basis. A gradient step would spoil it: the step moves every number of the basis
# by itself, and afterwards the columns have other lengths and are no longer at right angles. So the step is done on
# free numbers, and the basis is computed from them each time.

# %% exercise="judging_saes.orthonormal"

# %% [markdown]
# Now one step. The rest of the model is a function from the changed vector to logits, `readout`.

# %% exercise="judging_saes.das_step"


# %%
COUNT, EDGE = len(task.names), len(task.countries)
columns = {"country": task.right["country"], "continent": EDGE + task.right["continent"]}


def both_questions(pairs, target):
    """Runs of both questions, and the answers wanted: the source's for the target, the base's for the other."""
    rest = task.site.readout(torch.cat([pairs.base, pairs.base + COUNT]))
    wanted = [columns[q][pairs.source if q == target else pairs.base] for q in cities.QUESTIONS]
    return rest, torch.cat(wanted)


def train_das(target, dimensions=32, steps=25, lr=0.01, size=12):
    """Training pairs only. The start: the first principal components of the training cities."""
    seen = x[~task.test]
    free = torch.linalg.svd(seen - seen.mean(0), full_matrices=False).Vh[:dimensions].T.contiguous()
    free.requires_grad_()
    optimizer = torch.optim.Adam([free], lr=lr)
    losses = []
    with torch.enable_grad(), one_thread():
        for number in range(steps):
            pairs = task.pairs(size, test=False, seed=1 + number)
            rest, wanted = both_questions(pairs, target)
            twice = [torch.cat([x[which], x[which]]) for which in (pairs.base, pairs.source)]
            losses.append(judging_saes.das_step(free, *twice, rest, wanted, optimizer))
    return judging_saes.orthonormal(free.detach()), losses


def ends(losses):
    """The mean loss of the first four steps and of the last four."""
    return f"{sum(losses[:4]) / 4:.1f} → {sum(losses[-4:]) / 4:.1f}"


das, das_losses = {}, {}
das["continent"], das_losses["continent"] = train_das("continent")
print("loss for the continent, first and last four steps:", ends(das_losses["continent"]))

# %%
das["country"], das_losses["country"] = train_das("country")
print("loss for the country, first and last four steps:", ends(das_losses["country"]))

# %%
predict(
    "judging_saes.das_held_out",
    "The loss fell on 44 training cities. How often does the learned subspace move the country of held-out cities?",
    ["almost always", "about half the time", "seldom"],
)

# %%
train = task.pairs(32, test=False, seed=0)


def swap_subspace(basis, pairs=test):
    return judging_saes.subspace_interchange(x[pairs.base], x[pairs.source], basis)


seen = x[~task.test]
components = torch.linalg.svd(seen - seen.mean(0), full_matrices=False).Vh  # [component d_model]
by_target = {"country": {}, "continent": {}}
print(HEAD)
for target in ("continent", "country"):
    before, label = components[:32].T, "32 dimensions"
    rows = {
        f"{target}: DAS, {label}, training pairs": scored(swap_subspace(das[target], train), target, train),
        f"{target}: DAS, {label}": scored(swap_subspace(das[target]), target),
        f"{target}: its start (PCA), {label}": scored(swap_subspace(before), target),
    }
    by_target[target]["DAS"] = rows[f"{target}: DAS, {label}"]
    by_target[target]["DAS, training pairs"] = rows[f"{target}: DAS, {label}, training pairs"]
    by_target[target]["PCA, as many"] = rows[f"{target}: its start (PCA), {label}"]
    for name, score in rows.items():
        print(row(name, score))
got = answers(swap_subspace(das["country"]))
moved = got["country"] == task.right["country"][test.source]
print(
    f"country by DAS, moved: {int(moved[~differ].sum())} of {int((~differ).sum())} pairs on one continent, "
    f"{int(moved[differ].sum())} of {int(differ.sum())} on two"
)

# %% [markdown]
# For the country the learned subspace is better than its start on held-out cities: nearly the same cause, and it
# isolates more than twice as well. But these averages come from two halves. Within a continent it moves most countries.
# Across continents it moves 4 of 16, and in those four the continent stayed: "both" is a quarter. That is no more than
# its start reaches. What the training gained is that where the country is not moved, the continent mostly stays (in 9
# of 12 pairs). On training pairs "both" is more than a half, so much of what it learned is about 44 cities.
#
# For the continent it moves most of the training pairs and one in eight of the held-out ones, fewer than its start.
# That is a subspace fitted to 44 cities.
#
# What can this comparison show? That the place holds something that moves countries of unseen cities and spares
# continents better than PCA does. It does not show that a country can be moved to another continent cleanly. For the
# continent it shows nothing: DAS fails there too, so no other method can be blamed by it. 44 vectors in 576 dimensions
# can be told apart in many ways that say nothing about other cities, and the training is short. What DAS reaches here
# is a lower bound.

# %% [markdown]
# ## 3 · Latents, components, neurons
#
# Now the unsupervised dictionaries. Each of them writes the vector as a sum: of SAE latents, of principal components
# (PCA), or of the 576 coordinates of the residual stream, which take the part of neurons here. An interchange chooses a
# set of terms. The choice may use labels, since it did for DAS.
#
# Chaudhary and Geiger train a mask by gradient descent. We take one gradient for all three dictionaries. At the middle
# between base and source the gradient of the same loss says how much each term of the difference should lower it. The k
# terms that promise most on training pairs are moved. All three get the same gradient and the same pairs. The
# numbers k are not the same share of each: 32 principal components are most of the 43 that 44 cities have, and 128
# neurons are a fifth of all. The components were also made from these cities. So if the table favours somebody, it is
# not the SAE.


# %% tags=["drifts"]
def gradient(target, pairs):
    """Of the loss, at the middle between base and source: Float[pair d_model]."""
    rest, wanted = both_questions(pairs, target)
    middle = ((x[pairs.base] + x[pairs.source]) / 2).requires_grad_()
    with torch.enable_grad(), one_thread():
        loss = torch.nn.functional.cross_entropy(rest(torch.cat([middle, middle])), wanted, reduction="sum")
        return torch.autograd.grad(loss, middle)[0]


identity = torch.eye(x.shape[1])
DICTIONARIES = {
    "SAE latents": (latents, sae.W_dec.detach()),
    "PCA components": ((x - seen.mean(0)) @ components.T, components),
    "neurons": (x, identity),
}
slopes = {target: gradient(target, train) for target in by_target}


def chosen(name, target, k):
    """A mask of the k terms whose exchange should lower the loss most."""
    codes, W_dec = DICTIONARIES[name]
    promise = -((codes[train.source] - codes[train.base]) * (slopes[target] @ W_dec.T)).mean(0)
    return torch.zeros(len(W_dec), dtype=torch.bool).index_fill(0, promise.topk(min(k, len(W_dec))).indices, True)


def swap_terms(name, mask, pairs=test, keep_error=True):
    codes, W_dec = DICTIONARIES[name]
    bias = sae.b_dec.detach() if name == "SAE latents" else torch.zeros(x.shape[1])
    return judging_saes.latent_interchange(
        x[pairs.base], codes[pairs.base], codes[pairs.source], W_dec, bias, mask, keep_error
    )


SIZES = {"country": (32, 128), "continent": (32,)}
curves = {}
print(HEAD)
for target, sizes in SIZES.items():
    for name in DICTIONARIES:
        for k in sizes:
            if k <= len(DICTIONARIES[name][1]):
                mask = chosen(name, target, k)
                curves[target, name, k] = scored(swap_terms(name, mask), target)
                print(row(f"{target}: {k} {name}", curves[target, name, k]))
without = {
    k: scored(swap_terms("SAE latents", chosen("SAE latents", "country", k), keep_error=False), "country")
    for k in (32, 128)
}
for k, score in without.items():
    print(row(f"country: {k} SAE latents, no error", score))

# %% jupyter={"source_hidden": true}
fig, ax = plt.subplots(figsize=(6.6, 4.8))
marks = {"SAE latents": ("o", "blue"), "PCA components": ("s", "orange"), "neurons": ("^", "green")}
without[0] = table["no latents, no error"]  # what dropping the error alone does
for name, (mark, color) in marks.items():
    points = [(k, curves["country", name, k]) for k in SIZES["country"] if ("country", name, k) in curves]
    at = [p["cause"] for _, p in points], [p["isolate"] for _, p in points]
    ax.scatter(*at, marker=mark, s=60, color=COLORS[color], label=name, zorder=4 if name == "neurons" else 3)
    side = {"SAE latents": (-22, -3), "PCA components": (7, 2), "neurons": (8, -3)}[name]
    for k, p in points:
        ax.annotate(str(k), (p["cause"], p["isolate"]), xytext=side, textcoords="offset points", fontsize=8)
    if name == "SAE latents":
        at = [p["cause"] for p in without.values()], [p["isolate"] for p in without.values()]
        ax.scatter(*at, s=60, facecolor="white", edgecolor=COLORS["blue"], label="SAE latents, no error", zorder=3)
        for k, p in without.items():
            side = (-12, -3) if k == 0 else (5, 5)
            ax.annotate(str(k), (p["cause"], p["isolate"]), xytext=side, textcoords="offset points", fontsize=8)
best = by_target["country"]["DAS"]
ax.scatter([best["cause"]], [best["isolate"]], marker="*", s=160, color=COLORS["red"], label="DAS", zorder=3)
ax.plot([0, 1], [1, 0], ":", color=COLORS["grey"], label="from nothing to everything")
ax.set_xlabel("cause: the country became the source's")
ax.set_ylabel("isolate: the continent stayed the base's")
ax.set_xlim(-0.09, 1.09)
ax.set_ylim(-0.04, 1.08)
ax.legend(loc="lower left")
ax.set_title("DAS lies above mixing nothing with everything;\nSAE latents with the error kept move no country")
show(
    fig,
    alt="Cause against isolate for the country, held-out cities. "
    + "; ".join(
        f"{k} {name}: {two(curves['country', name, k]['cause']):.2f}, {two(curves['country', name, k]['isolate']):.2f}"
        for name in marks
        for k in SIZES["country"]
        if ("country", name, k) in curves
    )
    + "".join(
        f"; {k} SAE latents without the error {two(p['cause']):.2f}, {two(p['isolate']):.2f}"
        for k, p in without.items()
    )
    + f"; DAS {two(best['cause']):.2f}, {two(best['isolate']):.2f}. "
    + "The dotted line runs from doing nothing (0, 1) to moving everything (1, 0).",
)

# %% [markdown]
# The dotted line is what mixing "nothing" with "everything" would give. What separates the two properties lies above
# that line. But not all that lies above it separates: cause counts the pairs on one continent too, where the continent
# cannot show anything. The SAE's latents stay in the corner of doing nothing, even 128 of them. 128 neurons
# are in the other corner: they move the country, and the continent with it. PCA lies on the line. Only the learned
# subspace lies clearly above it. But 13 of the 17 countries that it moves stay on their continent. On the 16 pairs on
# two continents it has cause 0.25 and isolate 0.81, one pair above the line, and in "both" it has a quarter, as 32
# components have. One row of section 1 is
# left out here: all latents without the error would lie as high, and we saw why that is no separation.
#
# Is the choice of latents to blame? Hardly, with the error kept: section 1 moved all 4,096 and changed one country in
# six. A subset can in principle do more than all, since latents may work against each other.
# Without the error 128 latents move a quarter of the countries, and half of the continents are lost. But nearly all of
# this loss has another cause. Dropping the error alone, with no latent moved, keeps 0.56 of the continents (the open
# circle at 0). The 128 latents take it to 0.50, which is one pair. For the continent none of the three dictionaries
# moves more than one pair of 16.

# %% exercise="judging_saes.which_method_separates"

# %% [markdown]
# ### Is layer 10 the place?
#
# A method can only find what is there. Moving the whole vector works at layer 10, but the whole vector also says *which
# city* it is, and later layers can look the rest up. A variable "continent" need not exist yet. We ask the same cities
# in later layers. Two interventions: the whole vector (is this place still used?) and the subspace of the continents'
# means, four dimensions from the training cities (is there a continent to move?).


# %%
def continent_subspace(at):
    """An orthonormal basis of the means of the training cities of each continent, around their common mean."""
    seen, labels = at.x[~at.test], at.right["continent"][~at.test]
    means = torch.stack([seen[labels == one].mean(0) for one in labels.unique()])
    return torch.linalg.svd(means - seen.mean(0), full_matrices=False).Vh[: len(means) - 1].T


by_layer = {}
print(f"{'entering layer':16}{'whole: cause':>14}{'means: cause':>14}{'means: isolate':>16}")
for layer in (10, 16, 22):
    at = task if layer == 10 else task.at_layer(model, layer)
    whole = scored(at.x[test.source], "continent", task=at)
    moved = judging_saes.subspace_interchange(at.x[test.base], at.x[test.source], continent_subspace(at))
    by_layer[layer] = whole, scored(moved, "continent", task=at)
    print(
        f"{layer:<16}{whole['cause']:>14.2f}{by_layer[layer][1]['cause']:>14.2f}{by_layer[layer][1]['isolate']:>16.2f}"
    )

# %% [markdown]
# The whole vector decides the answer even in layer 22, and four dimensions of labels move about a fifth of the
# continents in each of the three layers. So this finds no better place than layer 10. But a fifth is little, and DAS
# did no better. These are three or four of 16 pairs, so they do not show that there is a continent to find. The model
# may well look it up from the city.
#
# ### Try it
#
# Choose two cities and what is moved. The cities at the top of the menus are held out. The figure below shows one pair.
# The tables are the evidence.

# %%
METHODS = {
    "the whole vector": lambda base, source: source,
    "DAS for the country": lambda base, source: judging_saes.subspace_interchange(base, source, das["country"]),
    "DAS for the continent": lambda base, source: judging_saes.subspace_interchange(base, source, das["continent"]),
    "all SAE latents, error kept": lambda base, source: base + sae(source) - sae(base),
    "all SAE latents, no error": lambda base, source: sae(source),
}
changer = Interchanger(task, METHODS)
explore(changer)

# %%
example = next(
    pair
    for pair in zip(test.base.tolist(), test.source.tolist(), strict=True)
    if columns["continent"][pair[0]] != columns["continent"][pair[1]]
)
names = [task.names[city] for city in example]
fig, axes = plt.subplots(1, 2, figsize=(9, 3.6), sharey=True)
told = []
for ax, question in zip(axes, cities.QUESTIONS, strict=True):
    for place, method in enumerate(METHODS):
        new = METHODS[method](x[example[0]][None], x[example[1]][None])
        p = task.logits(new, torch.tensor([example[0]]), question)[0].softmax(-1)
        for offset, city, color in ((-0.18, 0, "grey"), (0.18, 1, "blue")):
            value = float(p[task.right[question][example[city]]])
            ax.barh(place + offset, value, 0.34, color=COLORS[color], label=f"{names[city]}'s" if place == 0 else None)
            told.append(f"{method}, {question}, {names[city]}'s {two(value):.1f}")
    ax.set_xlabel(f"probability of the {question}")
    ax.set_xlim(0, 1)
axes[0].set_yticks(range(len(METHODS)), list(METHODS))
axes[0].invert_yaxis()
axes[1].legend()
title = f"{names[1]} into the run of {names[0]}: only the whole vector moves both answers"
fig.suptitle(title, fontsize=11, x=0.02, ha="left", weight="bold")
show(fig, alt=f"{title}. " + "; ".join(told) + ".")
for method in METHODS:
    best_two = [changer.answers(*names, method, k=1)[question][0][0] for question in cities.QUESTIONS]
    print(f"{method:28} {best_two[0]}, {best_two[1]}")

# %% [markdown]
# The list shows the most probable answer to each question. "DAS for the country" does not bring India: Germany is still
# first, with about a fifth, and the rest is spread over other countries, none of them above that.
# Probabilities are among the answers of the list.


# %% [markdown]
# ## 4 · A dictionary made with labels
#
# Cities gave one kind of test. Makelov et al. (2024) propose a stricter one. Take a task whose attributes are known:
# indirect object identification (IOI), "When Mary and John met at the market, John gave a book to". Its attributes are
# the indirect object (IO, Mary), the subject (S, John), and their order (who is named first). With labels one can make
# the dictionary that an SAE would find *if the features of the activation were these attributes*. Then three questions
# can be asked of an SAE, each beside that dictionary:
#
# * **approximation**: do its reconstructions tell the activation, and do the right thing in the model?
# * **sparse control**: can an attribute be changed with few latents?
# * **interpretability**: does a latent stand for a value of an attribute?
#
# We look at the second mention of the subject, S2: "John" before "gave". With each prompt goes a partner in which S2 is
# the other name ("s2_flip": "Mary gave a book to"), so that the answer turns round. Is it enough to take S2's vector,
# where layer 10 is entered, from the partner? The last row of the table of logit differences will tell. To have enough
# prompts for each name we use ten names.

# %%
ten = NAMES[::8][:10]
ioi = tasks.ioi(model, n=144, seed=3, corruption="s2_flip", names=ten)
ids_of_ten = torch.tensor([models.single_token(model, f" {name}") for name in ten])


def at_s2(prompts):
    """The stream that enters layer 10 at S2, prompt by prompt."""
    pieces = zip(prompts.ids.split(25), ioi.positions["S2"].split(25), strict=True)
    found = [activations.run_with(model, ids, PLACE)[PLACE][torch.arange(len(ids)), where] for ids, where in pieces]
    return torch.cat(found)


def number(tokens):
    return (tokens[:, None] == ids_of_ten).int().argmax(1)


ATTRIBUTES = ("IO", "S", "order")
values = torch.stack([number(ioi.answer), number(ioi.wrong), (ioi.positions["IO"] < ioi.positions["S1"]).long()], dim=1)
s2 = at_s2(ioi.clean)
learn = torch.arange(len(s2)) < 120  # the last 24 prompts are for testing
print(f"{len(ioi)} prompts with the names {', '.join(ten)}")
print(ioi.texts[0], "|", dict(zip(ATTRIBUTES, values[0].tolist(), strict=True)))

# %% exercise="judging_saes.attribute_dictionary"

# %% [markdown]
# A dictionary also has to go back: from the values of the attributes to an activation. An SAE adds up its active
# latents' directions and `b_dec`. Here each attribute adds the direction of its value, and the mean takes the place of
# `b_dec`.

# %% exercise="judging_saes.from_attributes"

# %% [markdown]
# How much of the variance at S2 do the attributes explain, on prompts that did not make the dictionary? One attribute
# at a time, then all three, then the SAE, which has seen no label.

# %%
predict(
    "judging_saes.attribute_variance",
    "Which attribute explains most of what differs at S2 when layer 10 is entered?",
    ["the indirect object", "the subject", "the order of the names"],
)


# %%
def with_labels(which):
    """A dictionary of some of the attributes, and its reconstructions of the test prompts."""
    mean, directions = judging_saes.attribute_dictionary(s2[learn], values[learn][:, which], len(ten))
    return mean, directions, judging_saes.from_attributes(values[~learn][:, which], mean, directions)


told = {name: explained(s2[~learn], with_labels([k])[2]) for k, name in enumerate(ATTRIBUTES)}
told["all three"] = explained(s2[~learn], with_labels([0, 1, 2])[2])
s2_latents = sae.encode(s2)
told["SAE, 32 latents"] = explained(s2[~learn], sae(s2[~learn]))
common_s2 = (s2 - sae(s2))[learn].mean(0)
told["SAE, and its common error"] = explained(s2[~learn], sae(s2[~learn]) + common_s2)
for name, value in told.items():
    print(f"{name:26}{two(value):>6.2f}")

# %% [markdown]
# The name that stands at S2 explains nearly everything. The indirect object and the order explain less than nothing on
# unseen prompts: their means are noise beside the name. Are these two absent, or only small? A linear probe tells. It
# is fitted on five sixths of the prompts and asked about the last sixth, in turn.


# %%
def probed(labels, folds=6, penalty=100.0):
    """Share of the prompts whose value a ridge probe names, fitted on the other folds."""
    one_hot, fold = torch.nn.functional.one_hot(labels).float(), torch.arange(len(s2)) % folds
    right = 0
    for held in range(folds):
        fit = fold != held
        centred, mean = s2 - s2[fit].mean(0), one_hot[fit].mean(0)
        gram = centred[fit].T @ centred[fit] + penalty * torch.eye(s2.shape[1])
        weights = torch.linalg.solve(gram, centred[fit].T @ (one_hot[fit] - mean))
        right += int(((centred @ weights + mean).argmax(1) == labels)[~fit].sum())
    return right / len(s2)


by_probe = {name: probed(values[:, k]) for k, name in enumerate(ATTRIBUTES)}
order_of_rows = torch.randperm(len(s2), generator=torch.Generator().manual_seed(0))
print(f"{'right answers of a probe':26}{'labels':>8}{'shuffled':>10}")
for k, name in enumerate(ATTRIBUTES):
    print(f"{name:26}{two(by_probe[name]):>8.2f}{two(probed(values[order_of_rows, k])):>10.2f}")

# %% [markdown]
# Both are there. A probe reads the order in every prompt and the indirect object in about three of four. So the
# variance that means explain is no measure of what an activation holds. The two are small beside the name.
# Makelov et al. call it feature occlusion when, in the features that an SAE learns, a larger concept hides a smaller
# one. Here the means of labels show the same. A paper that reports "the SAE has no
# latent for the order" should say whether a probe finds it.
#
# The SAE explains next to nothing, as with the cities, and again part of its error is the same for all prompts. With
# that given back it explains about a third of what labels explain. Among prompts of one kind the vectors differ
# mostly by the name, and names are rare in the text that the SAE has read.
#
# **Approximation in the model.** The question is what the model does with them. The logit difference, logit(IO) −
# logit(S), on the test prompts, with S2's vector replaced.

# %%
some = ioi[list(range(120, 144))]
rows_some = slice(120, 144)
LD = some.metrics["logit difference"]


def ld_with(new):
    """Mean logit difference when `new` stands at S2 where layer 10 is entered."""

    def put(stream, hook):
        stream = stream.clone()
        stream[torch.arange(len(new)), some.positions["S2"]] = new
        return stream

    with activations.replace(model, PLACE, put):
        return float(LD(activations.logits_at(model, some.clean)).mean())


clean_x, flipped_x = s2[rows_some], at_s2(ioi.corrupted)[rows_some]
mean, directions, _ = with_labels([0, 1, 2])
ld = {
    "as it is": ld_with(clean_x),
    "told by the attributes": ld_with(judging_saes.from_attributes(values[rows_some], mean, directions)),
    "reconstructed by the SAE": ld_with(sae(clean_x)),
    "the mean of all prompts": ld_with(mean.expand_as(clean_x)),
    "S2 is the other name": ld_with(flipped_x),
}
for name, value in ld.items():
    print(f"{name:28}{value:>+7.1f}")

# %% [markdown]
# The last row turns the answer round: S2's vector decides it. With the dictionary of labels the model works as before.
# With the SAE's reconstruction it keeps 2.7 of its 4.4 logits, although the SAE explains almost none of the variance
# between these rows. So the two measures of approximation do not agree here. The model needs to know which name it is,
# and a poor copy can be enough for that.
#
# **Sparse control.** S2 becomes the other name. In the model that turns the answer round. With the dictionary of labels
# one direction is taken out and one is put in. With the SAE: how many latents must change?

# %% exercise="judging_saes.sparse_edit"

# %%
predict(
    "judging_saes.sparse_control",
    "32 latents are active before and after. How many must change for half of the effect of the other name's vector?",
    ["1 or 2", "about 8", "more than 16", "all of them do not"],
)

# %%
flipped_latents = sae.encode(flipped_x)
swapped = values[rows_some][:, [1, 0, 2]]  # S2 is now IO's name; the order of the names stays


def share(value):
    """0 for the plain run, 1 for the exchange of the whole vector."""
    return (ld["as it is"] - value) / (ld["as it is"] - ld["S2 is the other name"])


one = torch.stack(
    [directions[1, new] - directions[1, old] for new, old in zip(swapped[:, 1], values[rows_some][:, 1], strict=True)]
)
control = {"labels, 1 out and 1 in": share(ld_with(clean_x + one))}
for k in (2, 16, sae.feature):
    edited = judging_saes.sparse_edit(clean_x, s2_latents[rows_some], flipped_latents, sae.W_dec.detach(), k)
    control["SAE, all latents" if k == sae.feature else f"SAE, {k} latents"] = share(ld_with(edited))
changes = ((s2_latents[rows_some] - flipped_latents) != 0).sum(1).float().mean()
for name, value in control.items():
    print(f"{name:28}{two(value):>6.2f}")
print(f"latents that differ between the two: {changes:.0f} on average")

# %% [markdown]
# With labels one exchange does it all. Two latents, the two whose change writes most, do next to nothing. The exchange
# of all that differ, about 50, does less than half. Most of what tells the names apart is in the SAE's error, and the
# error is kept. What the latents do hold is spread over many of them. That is not what Makelov et al. call
# over-splitting, where different examples of one value have different latents: the next test finds one good latent for
# each name.
#
# **Interpretability.** A latent that stands for "S is Emma" should be active on the prompts with that subject and on no
# others. F1 measures both.

# %% exercise="judging_saes.attribute_f1"

# %%
f1 = judging_saes.attribute_f1(s2_latents[learn], values[learn], len(ten))  # [latent attribute value]
f1_test = judging_saes.attribute_f1(s2_latents[~learn], values[~learn], len(ten))
mixed = values[learn][torch.randperm(int(learn.sum()), generator=torch.Generator().manual_seed(0))]
f1_chance = judging_saes.attribute_f1(s2_latents[learn], mixed, len(ten))
best_f1 = {}
print(f"{'mean over values of the best F1':34}{'chosen on':>10}{'by chance':>11}{'tested':>8}{'by chance':>11}")
for k, name in enumerate(ATTRIBUTES):
    span = slice(None) if name != "order" else slice(0, 2)
    top, which = f1[:, k, span].max(0)
    tested = f1_test[:, k, span].gather(0, which[None])[0]
    lucky, at_random = f1_chance[:, k, span].max(0)  # chosen for labels that mean nothing
    tested_lucky = f1_test[:, k, span].gather(0, at_random[None])[0]
    best_f1[name] = [float(v.mean()) for v in (top, lucky, tested, tested_lucky)]
    print(f"{name:34}" + "".join(f"{two(v):>{w}.2f}" for v, w in zip(best_f1[name], (10, 11, 8, 11), strict=True)))

# %% [markdown]
# The first two columns are about the prompts on which latents were chosen. By chance means: the same choice among 4,096
# latents, for labels that were shuffled. It is far from 0, and it is higher for the order. The order has two values,
# each in half of the prompts, and a latent that is always active has F1 2/3 for both. The last two columns are about
# 24 unseen prompts. Compare each number with its neighbour.
#
# Each subject has a latent that tells it on the prompts of the choice, and on unseen ones the mean is still 0.90. The
# indirect object has hardly any: what looked
# like F1 of a third was luck. The order is told a little better than by luck. A probe read both from the same vectors,
# so what is missing is a single latent for them. Whether all latents together tell them was not asked.
#
# So there are latents that *read* the subject. Do they *move* it? The two that were exchanged above are those that
# write most, and they may be others. We exchange the readable ones.

# %%
readable = f1[:, ATTRIBUTES.index("S")].max(0)[1].unique()  # the best latent of each name
moved = clean_x + (flipped_latents - s2_latents[rows_some])[:, readable] @ sae.W_dec.detach()[readable]
control["SAE, the latents that read S"] = share(ld_with(moved))
print(f"{len(readable)} latents that read the subject, exchanged: {two(control['SAE, the latents that read S']):.2f}")

# %% [markdown]
# No. The latents that read the subject best, one for each name, are exchanged, and the logit difference stays where it
# was. **A latent that can be read need not be a handle.**

# %% [markdown]
# ## 5 · Do two SAEs find the same?
#
# If latents are features of the model, a second SAE should find them too, whatever random numbers it started from. And
# if features are universal, an SAE on another model should find some of them as well. The survey calls this
# universality and counts it among the strengths of SAEs.
#
# We train three small SAEs together on the same 5,628 rows, ten times over: two that differ only in their start, and
# one twice as wide. The text is English, French, German, Spanish, Python and numbers. Arabic, Hebrew and DNA are kept
# for later, as text of another kind.

# %%
LATIN, FAR = ["english", "french", "german", "spanish", "python", "digits"], ["arabic", "hebrew", "dna"]
learn_texts, test_texts = corpus.load(LATIN, "train", 24), corpus.load(LATIN, "test", 10)
far_texts = corpus.load(FAR, "test", 6)
NEURONS = activations.neuron_name(9)  # the neurons that write just before layer 10
learn_harvest = activations.harvest(model, learn_texts.texts, [PLACE])
learn_rows, learn_ids = learn_harvest[PLACE], learn_harvest.ids
harvest = activations.harvest(model, test_texts.texts, [PLACE, NEURONS])
rows = harvest[PLACE]
far_harvest = activations.harvest(model, far_texts.texts, [PLACE, NEURONS])
far = far_harvest[PLACE]
print(f"{len(learn_rows)} rows for training, {len(rows)} of the same kinds for testing, {len(far)} of other kinds")

# %%
mean_row = learn_rows.mean(0)
scale = float((learn_rows - mean_row).norm(dim=1).mean()) / rows.shape[1] ** 0.5
small = {
    "first": saes.make("topk", 576, 1024, k=16, seed=0),
    "other start": saes.make("topk", 576, 1024, k=16, seed=1),
    "twice as wide": saes.make("topk", 576, 2048, k=16, seed=2),
}
untrained = [saes.make("topk", 576, 1024, k=16, seed=seed) for seed in (3, 4)]
recipe = saes.Recipe(lr=3e-3, lr_warm_up=20, revive="auxiliary", dead_after=5_000)
with torch.enable_grad(), one_thread():
    saes.train(small, of_tensor((learn_rows - mean_row) / scale, 512), recipe, steps=100)
for each in (*small.values(), *untrained):
    each.change_units(mean_row, scale)
    each.requires_grad_(False)
small = {**small, "the course's": sae}
codes = {name: each.encode(rows) for name, each in small.items()}
raw = [each.encode(rows) for each in untrained]
for name, each in small.items():
    print(f"{name:16}{each.feature:>6} latents, explained variance {explained(rows, each(rows)):.1f}")

# %% [markdown]
# Which latents belong together? Two SAEs have no common numbering. On the same tokens their activations can be
# compared.

# %% exercise="judging_saes.activation_matches"

# %% [markdown]
# A best partner among a thousand is the luckiest of a thousand. The next function reports it on the very rows that it
# was chosen on. Mend it.

# %% exercise="judging_saes.held_out_matches"

# %% [markdown]
# And how high would the best correlation be if the two SAEs had nothing to do with each other?

# %% exercise="judging_saes.chance_level"

# %%
predict(
    "judging_saes.untrained",
    "Two SAEs that were never trained, other random starts, on the same rows. What is the mean best correlation?",
    ["about that of shuffled rows", "clearly above it, below that of trained ones", "as high as for trained ones"],
)

# %% tags=["drifts"]
even = harvest.document % 2 == 0  # the partner is chosen on every second text, and tested on the others


COLUMNS = ("same rows", "by chance", "held out", "by chance")


def agreement(a, b, choose=even):
    """Mean best correlation: chosen and scored on all rows, then on held-out texts; each beside that of shuffled b."""
    alive = (a[choose] > 0).any(0) & (a[~choose] > 0).any(0)
    a = a[:, alive]
    by_chance = judging_saes.chance_level(a, b, 0)
    found = judging_saes.activation_matches(a, b)[1].mean()
    held = judging_saes.held_out_matches(a, b, choose).mean()
    mixed = b[torch.randperm(len(b), generator=torch.Generator().manual_seed(1))]
    held_by_chance = judging_saes.held_out_matches(a, mixed, choose).mean()
    return float(found), by_chance, float(held), float(held_by_chance)


def agreement_table(title, found):
    print(f"{title:32}" + "".join(f"{column:>11}" for column in COLUMNS))
    for name, numbers in found.items():
        print(f"{name:32}" + "".join(f"{two(v):>11.2f}" for v in numbers))


pairs = {
    "another start": (codes["first"], codes["other start"]),
    "twice as wide": (codes["first"], codes["twice as wide"]),
    "the course's, 4,096 latents": (codes["first"], codes["the course's"]),
    "trained and untrained": (codes["first"], raw[0]),
    "two that are untrained": (raw[0], raw[1]),
}
agree = {name: agreement(a, b) for name, (a, b) in pairs.items()}
agreement_table("mean best correlation", agree)
few = torch.arange(len(rows)) < 150
by_luck = judging_saes.chance_level(codes["first"][few], codes["other start"][few], 0)
print(f"another start, same rows, by chance, with 150 rows only: {by_luck:.2f}")

# %% [markdown]
# The first column is too high: the partner was chosen on these rows. The second says what luck makes of the same rows:
# up to half of it, and the more, the more latents there are to choose from. With few rows luck finds a great deal: a
# best correlation around 0.7 among 1,024 latents means nothing on 150 rows. On held-out texts luck finds nothing, and
# only then can the numbers be read as they are. Of the first column about half is left for trained pairs, and about a
# third where an untrained SAE takes part. Two SAEs that were never trained agree a little too, since rows that are
# alike activate the same random directions. Two trained ones agree about three times as well as those.
#
# One reason why the mean over latents is low may be that many latents are rare: one that is active on five rows cannot
# be tested on 2,000. How much of it that explains we did not measure.
#
# What do the partners agree on? In chapter 05 about a quarter of the latents it looked at answered to
# one token or a few. A dictionary that has one
# latent for each kind of token needs no training and knows nothing of context. How well does it match?

# %% tags=["drifts"]
kinds_of_token, token_number = harvest.ids.unique(return_inverse=True)
one_hot = torch.nn.functional.one_hot(token_number, len(kinds_of_token)).float()
by_token = judging_saes.held_out_matches(codes["first"], one_hot, even)
by_sae = judging_saes.held_out_matches(codes["first"], codes["other start"], even)
alive_first = (codes["first"][even] > 0).any(0) & (codes["first"][~even] > 0).any(0)
in_sae, in_tokens = float(by_sae[alive_first].mean()), float(by_token[alive_first].mean())
print(
    f"the first SAE's latents, on held-out texts: partner in the other SAE {in_sae:.2f}, a single token {in_tokens:.2f}"
)
good = alive_first & (by_sae > 0.7)
as_well = float((by_token[good] > by_sae[good] - 0.1).float().mean())
print(f"of those with a partner above 0.7, a token does as well (within 0.1) for {as_well:.2f}")

# %% [markdown]
# A table of tokens, which knows nothing of the model, gets three quarters as far as the other SAE. Of the latents with
# a good partner about half are told as well by a single token. Both SAEs have read the same tokens. That part of the
# agreement is about the input and not about the model.
#
# There is a second way to match: by what latents write, the cosine of their decoder rows. And there is a stricter rule:
# the partner has to choose back.

# %% exercise="judging_saes.mutual_matches"

# %% tags=["drifts"]
unit = torch.nn.functional.normalize
draw = torch.Generator().manual_seed(0)
random_rows = [unit(torch.randn(1024, 576, generator=draw), dim=1) for _ in range(2)]
written = {
    "another start": (small["first"].W_dec, small["other start"].W_dec),
    "untrained": (untrained[0].W_dec, untrained[1].W_dec),
    "random directions": random_rows,
}
cosines = {}
print(f"{'decoder rows':22}{'mean best cosine':>18}{'chosen in turn':>16}{'cosine of those':>17}")
for name, (a, b) in written.items():
    table_ = unit(a, dim=1) @ unit(b, dim=1).T
    mutual = judging_saes.mutual_matches(table_)
    top = table_.max(1).values
    cosines[name] = float(top.mean()), float(mutual.float().mean()), float(top[mutual].mean())
    print(f"{name:22}" + "".join(f"{v:>{w}.2f}" for v, w in zip(cosines[name], (18, 16, 17), strict=True)))

# %% [markdown]
# "Four in ten choose each other" sounds like agreement. Random directions do better. Suppose all similarities are luck,
# in a table of n rows and n columns. A given entry is the largest of its row with probability 1/n. It is the largest of
# its row and its column, 2n − 1 entries, with probability 1/(2n − 1). So a latent's best partner chooses back with
# probability n / (2n − 1), which is about one half. The share says nothing alone. The cosines do: they are more than
# twice as high as between random directions, and far from 1. Two starts have found related dictionaries, not the same
# one.
#
# ### Another model
#
# The course has a second model with an SAE: the one-layer transformer of chapter 05, trained on other text with other
# tokens, and 2,048 latents on its 512 MLP neurons. Two models cut text differently. We take the places where tokens of
# both end at the same character. There both have read the same. Neurons are MLP neurons here: the 512 of the small
# model, and in SmolLM2 those that write just before layer 10.

# %%
tiny, tiny_sae = one_layer.load(), saes.pretrained("one_layer")
shared = test_texts.texts + far_texts.texts
tiny_neurons = activations.harvest(tiny, shared, ["blocks.0.mlp.hook_post"])["blocks.0.mlp.hook_post"]
here, there, text_number = same_ends(model.tokenizer, tiny.tokenizer, shared)
big_rows = torch.cat([rows, far])[here]
big_neurons = torch.cat([harvest[NEURONS], far_harvest[NEURONS]])[here]
choose = text_number % 2 == 0
for name in ("other start", "twice as wide"):
    codes.pop(name, None)  # no longer needed; room for what follows
pairs = None
big = sae.encode(big_rows)
big = big[:, (big > 0).any(0)]
tiny_latents = tiny_sae.encode(tiny_neurons[there])
across = {
    "SAE latents, SAE latents": agreement(tiny_latents, big, choose),
    "neurons, neurons": agreement(tiny_neurons[there], big_neurons, choose),
    "SAE latents, neurons": agreement(tiny_latents, big_neurons, choose),
}
print(f"{len(here)} places of {len(shared)} texts")
agreement_table("one layer, SmolLM2", across)
best_partner = judging_saes.held_out_matches(tiny_latents, big, choose)
active_tiny = int((tiny_latents > 0).any(0).sum())
with_partner = int((best_partner > 0.5).sum())
print(f"latents with a partner above 0.5 on held-out texts: {with_partner} of {active_tiny}")
del tiny, tiny_sae, tiny_neurons, tiny_latents, big, big_rows, big_neurons, here, there  # room for what follows

# %% [markdown]
# Across models the latents agree less than the neurons do. That is the opposite of what Bricken et al. report for two
# one-layer models. Do not make too much of it. 2,500 places are few, and a rare latent suffers more from that than a
# dense neuron: on the same rows most of the latents' agreement is luck. The models also differ in depth, tokens and
# text. And the places differ: the small model's SAE reads MLP neurons, SmolLM2's reads the residual stream, while the
# neurons compared are MLP neurons in both. What can be said is that this page does not confirm it. About one in sixteen
# latents of the small model does have a partner above 0.5. (How many would by luck was not counted; the mean by luck is
# 0.00.)

# %% exercise="judging_saes.what_a_match_shows"

# %% [markdown]
# ## 6 · A score card
#
# The survey asks for standardised benchmarks. Here are the usual numbers in one function, and after it those that need
# the model or labels.

# %% exercise="judging_saes.scorecard"

# %% [markdown]
# Beside the SAEs we put two impostors. One is **untrained**. The other is a **token table**: its latent number i is
# active on token i, and writes the mean activation of that token. It looks at no context at all. `attribute_dictionary`
# makes it, with the token as the only attribute.

# %%
kinds_seen = learn_ids.unique()


def token_values(ids):
    """The number of each token in the table; tokens it has not seen share the last number, whose direction is zero."""
    place = torch.searchsorted(kinds_seen, ids).clamp_max(len(kinds_seen) - 1)
    return torch.where(kinds_seen[place] == ids, place, len(kinds_seen))[:, None]


token_mean, token_directions = judging_saes.attribute_dictionary(
    learn_rows, token_values(learn_ids), len(kinds_seen) + 1
)


def by_table(ids):
    return judging_saes.from_attributes(token_values(ids), token_mean, token_directions)


def card(name):
    if name == "token table":
        hot = torch.nn.functional.one_hot(token_values(harvest.ids)[:, 0], len(kinds_seen) + 1).float()
        hats = by_table(harvest.ids), hot, by_table(far_harvest.ids)
    else:
        each = {**small, "untrained": untrained[0]}[name]
        hats = each(rows), each.encode(rows), each(far)
    return judging_saes.scorecard(rows, hats[0], hats[1], far, hats[2], 0.1)


NAMES_OF = [*small, "untrained", "token table"]
cards = {name: card(name) for name in NAMES_OF}

# %% [markdown]
# **Loss recovered** needs the model: the cross-entropy of the next token when reconstructions stand in for the
# activations, between that with the mean row (0) and that of the model as it is (1).

# %%
pieces = [models.tokens(model, text).ids[0] for text in test_texts.texts]
ids = torch.stack([piece[:33] for piece in pieces if len(piece) >= 33][:6])
limit = sae.info["norm_limit"]


def cross_entropy(function=None):
    """Nats a token, when function(rows) stands in for the activations; BOS stays."""
    if function is None:
        final = activations.run_with(model, ids, "unembed.hook_in")["unembed.hook_in"]
    else:
        with activations.replace(model, PLACE, edit(function, limit)):
            final = activations.run_with(model, ids, "unembed.hook_in")["unembed.hook_in"]
    each = [  # one text at a time: the logits of 50 thousand tokens take room
        torch.nn.functional.cross_entropy(one[1:-1] @ model.W_U, right[2:])
        for one, right in zip(final, ids, strict=True)
    ]
    return float(torch.stack(each).mean())


clean_ce, mean_ce = cross_entropy(), cross_entropy(lambda r: mean_row.expand_as(r))
stand_in = {name: small[name] for name in ("first", "twice as wide", "the course's")}
stand_in["untrained"] = untrained[0]
stand_in["token table"] = lambda r: by_table(ids[:, 1:].flatten()).view_as(r)
recovered = {name: (mean_ce - cross_entropy(function)) / (mean_ce - clean_ce) for name, function in stand_in.items()}
print(f"clean {clean_ce:.1f}, mean row {mean_ce:.1f} nats; recovered:")
for name, value in recovered.items():
    print(f"  {name:16}{two(value):>6.2f}")

# %% [markdown]
# **Sparse-probing gain** needs labels: how well does the best single latent tell a class, against the best single
# coordinate of the activations? The best is chosen on every second text and tested on the others. A linear probe on all
# 576 coordinates is the ceiling. Balanced accuracy is the mean of the share of right answers in the class and outside
# it: 0.5 is guessing.


# %% tags=["nbval-ignore-output"]
def best_column(table, labels, fit):
    """Balanced accuracy, on rows outside `fit`, of the single column that tells the class best within it."""
    high, low = table[fit & labels].mean(0), table[fit & ~labels].mean(0)
    yes = torch.where(high > low, table > (high + low) / 2, table < (high + low) / 2)

    def accuracy(which):
        return (yes[which & labels].float().mean(0) + (~yes[which & ~labels]).float().mean(0)) / 2

    return float(accuracy(~fit)[accuracy(fit).argmax()])


def linear_probe(labels, fit):
    centred = rows - rows[fit].mean(0)
    gram = centred[fit].T @ centred[fit] + 100 * torch.eye(rows.shape[1])
    weights = torch.linalg.solve(gram, centred[fit].T @ (labels[fit].float() - labels[fit].float().mean()))
    return best_column((centred @ weights)[:, None], labels, fit)


label_of_text = torch.tensor(test_texts.label_index)
probing = {}
print(
    f"{'balanced accuracy':18}{'neuron':>8}{'untrained':>11}{'first':>8}{'course':>8}{'token table':>13}{'all 576':>9}"
)
for label in ("french", "german", "python"):
    labels = label_of_text[harvest.document] == test_texts.label_names.index(label)
    probing[label] = [
        best_column(table_, labels, even) for table_ in (rows, raw[0], codes["first"], codes["the course's"], one_hot)
    ] + [linear_probe(labels, even)]
    print(f"{label:18}" + "".join(f"{v:>{w}.2f}" for v, w in zip(probing[label], (8, 11, 8, 8, 13, 9), strict=True)))

# %% [markdown]
# **Absorption** needs the truth, so we make a toy. A general feature (the parent) is present in 4 rows of 10, a special
# one (the child) only where the parent is. A sparse code is cheaper if the child's latent writes both, and the parent's
# latent falls silent there. Chapter 05 shows the mechanism. Here only the score matters, beside the explained variance.
#
# The parent's latent is the one that best tells the parent alone from rows without it, the child's latent the one that
# best tells the child. A row is absorbed if the first is silent, the second is active, and the second writes more of
# the parent than the child's own direction holds. The last column shows this: the cosine of the child's latent with the
# parent.

# %%
made = torch.Generator().manual_seed(7)
directions_of_toy = unit(torch.randn(26, 24, generator=made), dim=1)
present = torch.rand(20_000, 26, generator=made) < 0.06
present[:, 0] = torch.rand(20_000, generator=made) < 0.4  # the parent
present[:, 1] = present[:, 0] & (torch.rand(20_000, generator=made) < 0.3)  # the child
toy = (present * (0.8 + 0.4 * torch.rand(present.shape, generator=made))) @ directions_of_toy
toy_scale = float(toy.norm(dim=1).mean()) / 24**0.5
toy_saes = {
    "standard": saes.make("standard", 24, 52, seed=0),
    "topk": saes.make("topk", 24, 52, k=3, seed=0),
    "batch_topk": saes.make("batch_topk", 24, 52, k=3, seed=0),
}
recipes = {name: saes.Recipe(lr=1e-2, sparsity=1.0 if name == "standard" else 0.0) for name in toy_saes}
with torch.enable_grad(), one_thread():
    saes.train(toy_saes, of_tensor(toy / toy_scale, 256), recipes, steps=500)
alone, both = present[:, 0] & ~present[:, 1], present[:, 1]  # the parent without the child, and with it
truly = float(directions_of_toy[0] @ directions_of_toy[1])  # what the child's own direction holds of the parent
absorbed = {}
print(f"{'':14}{'explained variance':>20}{'absorbed: child there':>24}{'child not there':>17}{'cosine':>9}")
for name, each in toy_saes.items():
    active = each.encode(toy / toy_scale) > 0
    main = int((active[alone].float().mean(0) - active[~present[:, 0]].float().mean(0)).argmax())
    childs = int((active[both].float().mean(0) - active[~both].float().mean(0)).argmax())
    cosine = float(unit(each.W_dec, dim=1)[childs] @ directions_of_toy[0])
    taken = ~active[:, main] & active[:, childs] & (cosine > truly + 0.1)
    absorbed[name] = (
        explained(toy / toy_scale, each(toy / toy_scale)),
        *(float(taken[k].float().mean()) for k in (both, alone)),
        cosine,
    )
    print(f"{name:14}" + "".join(f"{two(v):>{w}.2f}" for v, w in zip(absorbed[name], (20, 24, 17, 9), strict=True)))
print(f"cosine of the two directions themselves: {truly:.2f}")

# %% [markdown]
# The TopK SAE has the worst parent latent: where the child is there, it is silent in about half of the rows, and the
# child's latent writes the parent in its place. That latent has a cosine of 0.7 with the parent, the child's own
# direction only 0.2. Somebody who reads the first as "the parent" is wrong on those rows. The standard SAE's child
# latent leans to the parent too, but there the parent's latent does not fall silent. The TopK SAE's explained variance,
# 0.93, is the lowest of the three. But one would call 0.93 good, and nothing in it says which latent is wrong. It is
# one toy and one run of each kind, so it does not rank kinds.
#
# Now the rest on one card; absorption stays with the toy.

# %% tags=["drifts"]
agreement_of = {"first": agree["another start"], "untrained": agree["two that are untrained"]}
for part in (0, 2):  # a name of two words or more in two lines
    print(f"{'':24}" + "".join(f"{name.rpartition(' ')[part]:>11}" for name in NAMES_OF))
for key in cards["first"]:
    digits = 0 if key == "L0" else 2
    print(f"{key:24}" + "".join(f"{cards[name][key]:>11.{digits}f}" for name in NAMES_OF))
for title, numbers in (
    ("loss recovered", recovered),
    (
        "probing gain, mean of 3",
        {
            name: sum(probing[one][k] - probing[one][0] for one in probing) / 3
            for name, k in (("first", 2), ("the course's", 3), ("untrained", 1), ("token table", 4))
        },
    ),
    ("agreement of two seeds", {name: numbers[2] for name, numbers in agreement_of.items()}),
):
    print(
        f"{title:24}"
        + "".join(f"{two(numbers[name]):>11.2f}" if name in numbers else f"{'–':>11}" for name in NAMES_OF)
    )

# %% [markdown]
# | number | what it does not tell |
# |---|---|
# | explained variance | *which* variance: between cities none (section 1). Whether latents are right |
# | L0 | the token table has one active latent in each row, and reads no context |
# | dead, dense | a latent can be alive and mean nothing: in the untrained SAE nearly every latent is alive |
# | loss recovered | the average token is easy. A fact can be lost at hardly any cost to the average (section 1) |
# | explained variance far | whether the SAE was trained on such text. The course's SAE was |
# | probing gain | all classes that we did not think of |
# | absorption | needs the truth, or a probe in its place |
# | agreement of seeds | what it is about: tokens and the geometry of the rows give some too (untrained SAEs) |
#
# The token table reads no context, has one active latent, and recovers almost two thirds of the loss. The two small
# SAEs that were tried recover more than four fifths, and the best latent of the first is worse than a single coordinate
# at telling two languages and Python. The course's SAE is ahead on variance, loss and probing, with twice the active
# latents and a fifth of its latents silent on these rows. And it is the one that failed in sections 1, 3 and 4. (The
# small ones were not put to those tests.) Its share of the loss is a little above 1: on these 186 tokens its
# reconstructions predict slightly better than the model itself, which we take for luck. They are too few for a second
# digit. No single row would have told you all this.
#
# ## 7 · Another architecture
#
# The survey names other architectures as a direction. Nothing in an SAE is about transformers. The digits network of
# chapter 03 is a small convolutional network: 16 units, each a detector that runs over the 8 × 8 image. The rows are
# what the 16 units say at one place. Do SAEs help here, where the units were already readable?

# %%
digits_train, digits_test = digit_network.load()
with torch.enable_grad():
    network = digit_network.train(digits_train, epochs=15)


def at_places(data):
    """The 16 units at each place of each image: Float[image place unit]."""
    return network.units(network.channels(data.images)).flatten(2).transpose(1, 2)


def accuracy_with(units, data):
    return float((network.logits(units.transpose(1, 2).unflatten(2, (8, 8))).argmax(1) == data.labels).float().mean())


train_places, test_places = at_places(digits_train), at_places(digits_test)
flat = train_places.flatten(0, 1)
unit_mean, unit_scale = flat.mean(0), float((flat - flat.mean(0)).norm(dim=1).mean()) / 4
digit_saes = {f"seed {seed}": saes.make("topk", 16, 48, k=3, seed=seed) for seed in (0, 1)}
with torch.enable_grad(), one_thread():
    saes.train(digit_saes, of_tensor((flat - unit_mean) / unit_scale, 512), saes.Recipe(lr=1e-2), steps=300)
for each in digit_saes.values():
    each.change_units(unit_mean, unit_scale)
first_sae = digit_saes["seed 0"]
found = {name: each.encode(test_places) for name, each in digit_saes.items()}
kept = accuracy_with(first_sae(test_places), digits_test)
right = {
    "as it is": accuracy_with(test_places, digits_test),
    "reconstructed, 3 of 48 latents": kept,
    "the mean row everywhere": accuracy_with(unit_mean.expand_as(test_places), digits_test),
}
for name, value in right.items():
    print(f"{name:34}{two(value):>6.2f} right")
half_images = (torch.arange(len(test_places)) % 2 == 0).repeat_interleave(64)
digit_agree = agreement(found["seed 0"].flatten(0, 1), found["seed 1"].flatten(0, 1), half_images)
told_agreement = [f"{column} {round(v, 1) + 0.0:.1f}" for column, v in zip(COLUMNS, digit_agree, strict=True)]
print("agreement of two seeds:", ", ".join(told_agreement))
digit_labels = digits_test.labels[:, None]
digit_f1 = {
    "units": judging_saes.attribute_f1(test_places.amax(1), digit_labels, 10)[:, 0].max(0).values.mean(),
    "latents": judging_saes.attribute_f1(found["seed 0"].amax(1), digit_labels, 10)[:, 0].max(0).values.mean(),
}
print("best F1 for a digit, mean of ten:", ", ".join(f"{name} {value:.1f}" for name, value in digit_f1.items()))

# %% [markdown]
# The machinery carries over without a change. Three latents at each place keep most of the network's
# accuracy. (What the three largest units would keep was not tried.) But with 16 dimensions
# and 48 latents two starts agree only halfway, and a latent that is active *somewhere* in the image is about as poor a
# detector of a digit as a unit is. A detector that always says yes has F1 0.18 here, so neither tells much. Both
# are also chosen and scored on the same images, the latents from three times as many. What a single place shows is a
# stroke, not a digit. F1 against digits asks for the wrong attribute.

# %% [markdown]
# ## 8 · Limits, and a researcher's check list
#
# * **One SAE, one layer, one small model.** Where our SAE loses, a larger one on more text may not.
# * **The SAE was trained on mixed text,** and both tasks use rows that differ mostly by one name. That is the hardest
#   case for it, and a common one in circuit work.
# * **Labels find what one thought of.** F1 and probing gain reward an SAE for our attributes, not for the model's.
# * **44 cities are few to learn a subspace from.** What DAS reaches on held-out cities is a lower bound of what is
#   there.
# * **The choice of latents is greedy.** One gradient at one point ranks them. A trained mask may find a better set.
# * **Small sets of pairs.** 32 pairs of 22 cities, of which 16 pairs are of two continents: one pair is 0.06 of
#   isolate, and a score in the middle has a standard error of 0.09 (cause) to 0.13 (isolate), or more, since the pairs
#   share 22 cities. Only large differences count.
# * **Small SAEs, one pair of starts.** The agreement in section 5 is that of SAEs of 1,024 latents trained on 5,628
#   rows. More data may make two starts more alike. DAS, too, is one run.
# * **Most cities are European.** "Europe" is right for more than half of them, so a continent kept says little.
#
# | | ask | where this page asks it |
# |---|---|---|
# | 1 | **Both ends.** What do nothing and everything score? | sections 1, 3 |
# | 2 | **Rows of the question.** Is the variance explained that matters, or that of all text? | sections 1, 4 |
# | 3 | **The error.** Kept or dropped? What does dropping it cost before anything is moved? | section 1 |
# | 4 | **The place.** Is the property there at all, for any method? | sections 3, 4 |
# | 5 | **A ceiling with labels.** What does a learned subspace reach on unseen examples? | sections 2, 4 |
# | 6 | **The same choice for all.** Did every dictionary get the same gradient, pairs and numbers? | section 3 |
# | 7 | **Held out, and shuffled.** Was the partner chosen on the rows that it is scored on? | section 5 |
# | 8 | **An impostor.** What does an untrained SAE score? A table of tokens? | sections 5, 6 |
# | 9 | **Text of another kind.** | section 6 |
# | 10 | **Both in one case.** Do two good averages come from different pairs? | section 2 |
#
# ## 9 · Claims
#
# Rows of the survey's Table 2 and of section 3.1.4 that belong here. Numbers are computed from this page's variables.

# %% jupyter={"source_hidden": true}
country_das, country_sae = (
    by_target["country"]["DAS"],
    {k: curves["country", "SAE latents", k] for k in SIZES["country"]},
)
best_k = max(country_sae, key=lambda k: country_sae[k]["disentangle"])
best_neuron = max((curves["country", "neurons", k] for k in SIZES["country"]), key=lambda s: s["disentangle"])
best_pca = max(
    (s for key, s in curves.items() if key[:2] == ("country", "PCA components")), key=lambda s: s["disentangle"]
)


def told_scores(score):
    return f"cause {two(score['cause']):.2f}, isolate {two(score['isolate']):.2f}, both {two(score['both']):.2f}"


claims_table(
    [
        {
            "claim": "SAEs do not separate a city's country and continent as DAS does",
            "paper": "four open SAEs of GPT-2 small, none near DAS (Chaudhary & Geiger 2024; survey, Table 2)",
            "measured": f"continent: DAS {told_scores(by_target['continent']['DAS'])}; 32 latents "
            f"{told_scores(curves['continent', 'SAE latents', 32])}. Country: DAS {told_scores(country_das)}; {best_k} "
            f"latents {told_scores(country_sae[best_k])}. DAS itself fails at the continent",
            "verdict": "partly",  # the country, yes; for the continent DAS itself fails
        },
        {
            "claim": "SAEs do not beat neurons at it",
            "paper": "they struggle to reach that baseline (Chaudhary & Geiger 2024)",
            "measured": f"country: {best_k} latents {told_scores(country_sae[best_k])}; neurons "
            f"{told_scores(best_neuron)}; PCA {told_scores(best_pca)}",
            "verdict": "partly"  # neurons that move the country move the continent with it
            if country_sae[best_k]["disentangle"] < best_neuron["disentangle"] + 0.05
            else "did not replicate",
        },
        {
            "claim": "Reconstructions cost the model facts",
            "paper": "degraded factual knowledge (survey 3.1.4, on Chaudhary & Geiger 2024)",
            "measured": f"right answers with reconstructions at the city: country {plain['country']:.2f}, continent "
            f"{plain['continent']:.2f}, of 1.00",
            "verdict": "held" if plain["country"] < 0.95 else "did not replicate",
        },
        {
            "claim": "SAEs tell the attributes of a task reasonably well",
            "paper": "IOI, GPT-2 small: interpretable latents, worse control than labels (Makelov et al. 2024)",
            "measured": f"explained variance at S2: labels {two(told['all three']):.2f}, SAE "
            f"{two(told['SAE, 32 latents']):.2f}; "
            f"logit difference {ld['as it is']:+.1f}, labels {ld['told by the attributes']:+.1f}, SAE "
            f"{ld['reconstructed by the SAE']:+.1f}; a probe reads IO {two(by_probe['IO']):.2f}, order "
            f"{two(by_probe['order']):.2f}",
            "verdict": "partly",
        },
        {
            "claim": "Attributes can be controlled with few latents",
            "paper": "position, IO a little, by SAEs of the task; others need 32 or more (Makelov et al. 2024)",
            "measured": "share of the exchange's effect: " + ", ".join(f"{n} {two(v):.2f}" for n, v in control.items()),
            "verdict": "held"
            if control["SAE, 2 latents"] > 0.8
            else "partly"
            if control["SAE, 16 latents"] > 0.4
            else "did not replicate",
        },
        {
            "claim": "A value of an attribute has a latent of its own (monosemantic latents)",
            "paper": "survey 3.1.4",
            "measured": "held-out F1 of the best latent: "
            + ", ".join(
                f"{name} {two(numbers[2]):.2f} (by chance {two(numbers[3]):.2f})" for name, numbers in best_f1.items()
            ),
            "verdict": "partly",
        },
        {
            "claim": "Performance depends on the task",
            "paper": "sensitive to architecture and task (survey, Table 2, on Makelov et al. 2024)",
            "measured": f"explained variance of one SAE: mixed text {ON_TEXT:.2f}, S2 of IOI "
            f"{two(told['SAE, 32 latents']):.2f}, cities {two(explained(x, sae(x))):.2f}",
            "verdict": "held",
        },
        {
            "claim": "Features are consistent across runs",
            "paper": "universality (survey 3.1.4)",
            "measured": f"another start, held out {agree['another start'][2]:.2f} (by chance "
            f"{two(agree['another start'][3]):.2f}, two untrained {agree['two that are untrained'][2]:.2f}, a single "
            f"token {in_tokens:.2f})",
            "verdict": "partly",
        },
        {
            "claim": "Features are more universal than neurons",
            "paper": "two one-layer models (Bricken et al. 2023)",
            "measured": f"one layer and SmolLM2, held out: latents {across['SAE latents, SAE latents'][2]:.2f}, "
            f"neurons {across['neurons, neurons'][2]:.2f} (by chance "
            f"{two(across['SAE latents, SAE latents'][3]):.2f}, {two(across['neurons, neurons'][3]):.2f}); "
            f"{with_partner} of {active_tiny} latents above 0.5",
            "verdict": "held"
            if across["SAE latents, SAE latents"][2] > across["neurons, neurons"][2] + 0.05
            else "did not replicate",
        },
        {
            "claim": "SAEs work on other architectures (a direction of the survey)",
            "paper": "survey 3.1.4",
            "measured": f"digits network: accuracy {right['as it is']:.2f} → {kept:.2f} with 3 of 48 latents; best "
            f"F1 for a digit: units {digit_f1['units']:.1f}, latents {digit_f1['latents']:.1f}",
            "verdict": "partly",
        },
        {
            "claim": "SAEs and text of another kind (a direction of the survey)",
            "paper": "survey 3.1.4",
            "measured": "explained variance, like the training text and other: "
            + ", ".join(
                f"{name} {cards[name]['explained variance']:.2f}, {cards[name]['explained variance far']:.2f}"
                for name in ("first", "the course's")
            )
            + "; only the course's was trained on both",
            "verdict": "partly",
        },
    ]
)

# %% [markdown]
# ## Further work
#
# These have no reference.
#
# 1. **An SAE for the question.** Train an SAE on activations at city tokens, from many sentences with many cities, at
#    layer 16. Does it separate country and continent where the general SAE does not? Say beforehand what you would
#    count as success, and test on cities that neither the SAE nor your choice of latents has seen. Makelov et al. train
#    on the task's own activations in this way.
# 2. **A better impostor.** Build a dictionary without looking inside the model (tokens, pairs of tokens, the language)
#    and push it as high on the score card as you can. Then add a number to the card that it fails and an honest SAE
#    passes. Which of the published metrics does your impostor pass?
#
# Next, chapter 07: what breaks when a part is gone?
