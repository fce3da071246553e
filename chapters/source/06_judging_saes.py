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
# shuffled partner. Most errors in this field are a missing baseline.
#
# | | |
# |---|---|
# | **You need** | Chapters 05 and 08: SAEs, and moving an activation from one run to another |
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
from mi_tutor.lab.tasks.indirect_object import NAMES
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


print(f"{sae.feature} latents on {sae.info['name']}; explained variance on held-out text {sae.info['held_out']['fve']:.2f}")

# %% [markdown]
# ## 1 · One vector, two questions
#
# "The city of Lyon is located in the country of" goes on with " France", and "The city of Lyon is located on the
# continent of" with " Europe". Both prompts begin alike. So the activation at " Lyon" is the same in both, and it has to
# serve both questions. Everything that follows changes this one vector, at the moment it enters layer 10, and then asks
# both questions.
#
# `cities.load` takes the cities of one token that the model gives both right answers for, among all countries and all
# continents of the course's list. Every third city is held out: no search in this chapter sees it. The scores are taken
# on pairs of held-out cities.

# %%
task = cities.load(model)
x = task.x
test = task.pairs(40, test=True)
differ = task.right["continent"][test.base] != task.right["continent"][test.source]
kinds = len(set(task.right["country"].tolist()))
print(f"{len(task.names)} cities in {kinds} countries; held out: {int(task.test.sum())}")
print(f"{len(test)} pairs of held-out cities in two countries, {int(differ.sum())} of them on two continents")
for base, source in zip(test.base[:3].tolist(), test.source[:3].tolist(), strict=True):
    print(f"  run {task.names[base]}, take from {task.names[source]}")

# %% [markdown]
# An **interchange intervention** takes a part of the activation from another prompt, the source, and leaves the rest as
# it is in the base. For an SAE the part is a set of latents. There is a choice: what becomes of the SAE's error, the part
# of the activation that the latents do not tell?

# %% exercise="judging_saes.latent_interchange"

# %% [markdown]
# How is an intervention scored? Say it is meant for the country. **Cause** asks whether the country became that of the
# source. **Isolate** asks whether the continent stayed that of the base. The two scores are from the RAVEL benchmark
# (Huang et al. 2024), and Chaudhary and Geiger judged SAEs by them.
#
# The next function has a fault that makes an intervention that does nothing look useful.

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
    return judging_saes.disentangle_scores(*known)


def row(name, score):
    return f"{name:38}" + "".join(f"{score[key]:>13.2f}" for key in ("cause", "isolate", "disentangle"))


HEAD = f"{'':38}{'cause':>13}{'isolate':>13}{'disentangle':>13}"
base, source = x[test.base], x[test.source]
table = {"nothing": scored(base, "country"), "the whole vector": scored(source, "country")}
print(HEAD)
for name, score in table.items():
    print(row(name, score))

# %% [markdown]
# These are the two ends. Doing nothing isolates perfectly, moving everything causes perfectly, and both have a
# disentangle score of one half. So one half is no chance level of guessing. It is what one gets without any knowledge of
# the property. Read cause and isolate apart.
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
        x[pairs.base], latents[pairs.base], latents[pairs.source], sae.W_dec.detach(), sae.b_dec.detach(), mask, keep_error
    )


table["all latents, the base's error kept"] = scored(swap_latents(every, True), "country")
table["all latents, no error"] = scored(swap_latents(every, False), "country")
table["no latents, no error"] = scored(swap_latents(~every, False), "country")
print(HEAD)
for name in list(table)[2:]:
    print(row(name, table[name]))

everyone = torch.arange(len(task.names))
plain = {q: (task.logits(sae(x), everyone, q).argmax(1) == task.right[q]).float().mean() for q in cities.QUESTIONS}
error = x - sae(x)
share = error.square().sum() / (x - x.mean(0)).square().sum()
print(f"right answers from reconstructions: country {plain['country']:.2f}, continent {plain['continent']:.2f} (were 1.00)")
print(f"explained variance on mixed text {sae.info['held_out']['fve']:.2f}, between these cities {explained(x, sae(x)):.2f}")

# %% [markdown]
# The last two lines explain the first three. On mixed text the SAE explains most of the variance, because rows of mixed
# text differ a great deal: another language, another kind of word. Cities after "The city of" differ little from each
# other. Of *this* variance the SAE explains nothing on balance: its errors are as large as what tells the cities apart.
# What it does get right is enough for most answers, when the error is thrown away. When the error is kept, it still
# holds the base's city, and mostly wins.
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
# says how well the property *can* be separated at this place. That is what an unsupervised method is measured against.
#
# First the intervention.

# %% exercise="judging_saes.subspace_interchange"

# %% [markdown]
# A subspace is given by an orthonormal basis. A gradient step would spoil it.

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


def train_das(target, dimensions, steps, lr=0.01, size=8):
    """Training pairs only. The start: the first principal components of the training cities."""
    seen = x[~task.test]
    free = torch.linalg.svd(seen - seen.mean(0), full_matrices=False).Vh[:dimensions].T.contiguous()
    free.requires_grad_()
    optimizer = torch.optim.Adam([free], lr=lr)
    losses = []
    with torch.enable_grad():
        for number in range(steps):
            pairs = task.pairs(size, test=False, seed=1 + number)
            rest, wanted = both_questions(pairs, target)
            twice = [torch.cat([x[which], x[which]]) for which in (pairs.base, pairs.source)]
            losses.append(judging_saes.das_step(free, *twice, rest, wanted, optimizer))
    return judging_saes.orthonormal(free.detach()), losses


DIMENSIONS = {"continent": 16, "country": 32}
das, das_losses = {}, {}
das["continent"], das_losses["continent"] = train_das("continent", DIMENSIONS["continent"], steps=20)
print("loss for the continent, mean of five steps:", [round(sum(das_losses["continent"][k : k + 5]) / 5, 1) for k in (0, 15)])

# %%
das["country"], das_losses["country"] = train_das("country", DIMENSIONS["country"], steps=30)
print("loss for the country, mean of five steps:", [round(sum(das_losses["country"][k : k + 5]) / 5, 1) for k in (0, 25)])

# %%
predict(
    "judging_saes.das_held_out",
    "The loss fell on 44 training cities. How often does the learned subspace move the country of held-out cities?",
    ["almost always", "about half the time", "seldom"],
)

# %%
train = task.pairs(40, test=False, seed=0)


def swap_subspace(basis, pairs=test):
    return judging_saes.subspace_interchange(x[pairs.base], x[pairs.source], basis)


seen = x[~task.test]
components = torch.linalg.svd(seen - seen.mean(0), full_matrices=False).Vh  # [component d_model]
by_target = {"country": {}, "continent": {}}
print(f"{'':38}{'cause':>13}{'isolate':>13}{'disentangle':>13}")
for target in ("continent", "country"):
    size = DIMENSIONS[target]
    before = components[:size].T
    label = f"{size} dimensions"
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

# %% [markdown]
# PROSE_DAS
#
# A simpler method needs no gradient. The means of the training cities of each continent span four dimensions. That
# is `attribute_dictionary`, which you write in section 4.

# %% [markdown]
# ## 3 · Latents, components, neurons
#
# Now the unsupervised dictionaries. Each of them writes the vector as a sum: of SAE latents, of principal components
# (PCA), or of the 576 coordinates of the residual stream, which take the part of neurons here. An interchange chooses a
# set of terms. The choice may use labels, since it did for DAS.
#
# Chaudhary and Geiger train a mask by gradient descent. We take one gradient for all three dictionaries. At the middle
# between base and source the gradient of the same loss says how much each term of the difference should lower it. The k
# terms that promise most on training pairs are moved. All three dictionaries get the same gradient, so none is favoured.


# %%
def gradient(target, pairs):
    """Of the loss, at the middle between base and source: Float[pair d_model]."""
    rest, wanted = both_questions(pairs, target)
    middle = ((x[pairs.base] + x[pairs.source]) / 2).requires_grad_()
    with torch.enable_grad():
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


SIZES = {"country": (8, 32, 128), "continent": (32,)}
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
    k: scored(swap_terms("SAE latents", chosen("SAE latents", "country", k), keep_error=False), "country") for k in (32, 128)
}
for k, score in without.items():
    print(row(f"country: {k} SAE latents, no error", score))

# %%
fig, ax = plt.subplots(figsize=(6.6, 4.8))
marks = {"SAE latents": ("o", "blue"), "PCA components": ("s", "orange"), "neurons": ("^", "green")}
for name, (mark, color) in marks.items():
    points = [(k, curves["country", name, k]) for k in SIZES["country"] if ("country", name, k) in curves]
    ax.plot([p["cause"] for _, p in points], [p["isolate"] for _, p in points], marker=mark, color=COLORS[color], label=name)
    for k, p in points:
        ax.annotate(str(k), (p["cause"], p["isolate"]), xytext=(4, 4), textcoords="offset points", fontsize=8)
    if name == "SAE latents":
        ax.plot(
            [without[k]["cause"] for k in without],
            [without[k]["isolate"] for k in without],
            "--",
            marker="o",
            markerfacecolor="white",
            color=COLORS["blue"],
            label="SAE latents, no error",
        )
best = by_target["country"]["DAS"]
ax.scatter([best["cause"]], [best["isolate"]], marker="*", s=160, color=COLORS["red"], label="DAS", zorder=3)
ax.plot([0, 1], [1, 0], ":", color=COLORS["grey"], label="from nothing to everything")
ax.set_xlabel("cause: the country became the source's")
ax.set_ylabel("isolate: the continent stayed the base's")
ax.set_xlim(-0.04, 1.04)
ax.set_ylim(-0.04, 1.08)
ax.legend(loc="lower left")
ax.set_title("Country and continent: FIGTITLE")
show(
    fig,
    alt="Cause against isolate for the country, held-out cities. "
    + "; ".join(
        f"{k} {name}: {two(curves['country', name, k]['cause']):.2f}, {two(curves['country', name, k]['isolate']):.2f}"
        for name in marks
        for k in SIZES["country"]
        if ("country", name, k) in curves
    )
    + f"; DAS {two(best['cause']):.2f}, {two(best['isolate']):.2f}. "
    + "The dotted line runs from doing nothing (0, 1) to moving everything (1, 0).",
)

# %% [markdown]
# PROSE_MASKS

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
for layer in (10, 16, 20, 24):
    at = task if layer == 10 else task.at_layer(model, layer)
    whole = scored(at.x[test.source], "continent", task=at)
    moved = judging_saes.subspace_interchange(at.x[test.base], at.x[test.source], continent_subspace(at))
    by_layer[layer] = whole, scored(moved, "continent", task=at)
    print(f"{layer:<16}{whole['cause']:>14.2f}{by_layer[layer][1]['cause']:>14.2f}{by_layer[layer][1]['isolate']:>16.2f}")

# %% [markdown]
# PROSE_LAYERS
#
# ### Try it
#
# Choose two cities and what is moved. The cities at the top of the menus are held out.

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
example = next(pair for pair in zip(test.base.tolist(), test.source.tolist(), strict=True) if columns["continent"][pair[0]] != columns["continent"][pair[1]])
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
fig.suptitle(f"The run of {names[0]}, with a part taken from {names[1]}", fontsize=11, x=0.02, ha="left", weight="bold")
show(fig, alt=f"The run of {names[0]}, a part from {names[1]}. " + "; ".join(told) + ".")

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
# We look at the second mention of the subject, S2. Chapter 08 showed that the stream at S2 decides the answer up to
# about layer 20. To have enough prompts for each name we use ten names.

# %%
ten = NAMES[::8][:10]
ioi = tasks.ioi(model, n=200, seed=3, corruption="s2_flip", names=ten)
ids_of_ten = torch.tensor([models.single_token(model, f" {name}") for name in ten])


def at_s2(prompts):
    """The stream that enters layer 10 at S2, prompt by prompt."""
    pieces = zip(prompts.ids.split(25), ioi.positions["S2"].split(25), strict=True)
    found = [
        activations.run_with(model, ids, PLACE)[PLACE][torch.arange(len(ids)), where] for ids, where in pieces
    ]
    return torch.cat(found)


def number(tokens):
    return (tokens[:, None] == ids_of_ten).int().argmax(1)


ATTRIBUTES = ("IO", "S", "order")
values = torch.stack(
    [number(ioi.answer), number(ioi.wrong), (ioi.positions["IO"] < ioi.positions["S1"]).long()], dim=1
)
s2 = at_s2(ioi.clean)
learn = torch.arange(len(s2)) < 150  # the last 50 prompts are for testing
print(f"{len(ioi)} prompts with the names {', '.join(ten)}")
print(ioi.texts[0], "|", dict(zip(ATTRIBUTES, values[0].tolist(), strict=True)))

# %% exercise="judging_saes.attribute_dictionary"

# %% exercise="judging_saes.from_attributes"

# %% [markdown]
# How much of the variance at S2 do the attributes explain, on prompts that did not make the dictionary? One attribute at
# a time, then all three, then the SAE, which has seen no label.

# %%
predict(
    "judging_saes.attribute_variance",
    "Which attribute explains most of what differs at S2 when layer 10 is entered?",
    ["the indirect object", "the subject, whose name stands there", "the order of the names"],
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
for name, value in told.items():
    print(f"{name:18}{two(value):>6.2f}")

# %% [markdown]
# PROSE_APPROX
#
# **Approximation in the model.** The question is what the model does with them. The logit difference, logit(IO) −
# logit(S), on the test prompts, with S2's vector replaced.

# %%
some = ioi[list(range(150, 182))]
rows_some = slice(150, 182)
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
# PROSE_LD
#
# **Sparse control.** S2 becomes the other name. In the model that turns the answer round. With the dictionary of labels
# one direction is taken out and one is put in. With the SAE: how many latents must change?

# %% exercise="judging_saes.sparse_edit"

# %%
predict(
    "judging_saes.sparse_control",
    "32 latents are active before and after. How many must change to get half of the effect of the whole exchange?",
    ["1 or 2", "about 8", "more than 16"],
)

# %%
flipped_latents = sae.encode(flipped_x)
swapped = values[rows_some][:, [1, 0, 2]]  # S2 is now IO's name; the order of the names stays


def share(value):
    """0 for the plain run, 1 for the exchange of the whole vector."""
    return (ld["as it is"] - value) / (ld["as it is"] - ld["S2 is the other name"])


one = torch.stack([directions[1, new] - directions[1, old] for new, old in zip(swapped[:, 1], values[rows_some][:, 1], strict=True)])
control = {"labels, 1 out and 1 in": share(ld_with(clean_x + one))}
for k in (2, 8, 32, 64):
    edited = judging_saes.sparse_edit(clean_x, s2_latents[rows_some], flipped_latents, sae.W_dec.detach(), k)
    control[f"SAE, {k} latents"] = share(ld_with(edited))
changes = ((s2_latents[rows_some] - flipped_latents) != 0).sum(1).float().mean()
for name, value in control.items():
    print(f"{name:28}{two(value):>6.2f}")
print(f"latents that differ between the two: {changes:.0f} on average")

# %% [markdown]
# PROSE_CONTROL
#
# **Interpretability.** A latent that stands for "S is Mary" should be active on the prompts with that subject and on no
# others. F1 measures both.

# %% exercise="judging_saes.attribute_f1"

# %%
f1 = judging_saes.attribute_f1(s2_latents[learn], values[learn], len(ten))  # [latent attribute value]
f1_test = judging_saes.attribute_f1(s2_latents[~learn], values[~learn], len(ten))
shuffled = values[learn][torch.randperm(int(learn.sum()), generator=torch.Generator().manual_seed(0))]
f1_chance = judging_saes.attribute_f1(s2_latents[learn], shuffled, len(ten))
best_f1 = {}
print(f"{'mean over values of the best F1':34}{'chosen on':>10}{'tested':>9}{'labels shuffled':>17}")
for k, name in enumerate(ATTRIBUTES):
    span = slice(None) if name != "order" else slice(0, 2)
    top, which = f1[:, k, span].max(0)
    tested = f1_test[:, k, span].gather(0, which[None])[0]
    best_f1[name] = float(top.mean()), float(tested.mean()), float(f1_chance[:, k, span].max(0).values.mean())
    print(f"{name:34}{best_f1[name][0]:>10.2f}{best_f1[name][1]:>9.2f}{best_f1[name][2]:>17.2f}")

# %% [markdown]
# PROSE_F1
#
