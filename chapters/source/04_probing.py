# %% [markdown]
# # 04 · Probing
#
# **What is encoded, and is it used?**
#
# A **probe** is a small model that is trained to read something from the activations of a large one: where a city lies,
# whether a statement is true, what kind of word a token is. If the probe succeeds on examples it has not seen, the
# activations hold the information (survey, 3.1.1). That is all it says. The probe may have done the work itself. It may
# read something that only goes along with what you meant. And the model may never use what the probe found.
#
# | | |
# |---|---|
# | **You need** | Chapters 00 and 01: hooks, the residual stream, neurons, AUROC |
# | **Time** | 5 hours, 18 exercises |
# | **You are here** | … → 03 circuits → **04 probing** → 05 SAEs → … → 07 ablation → … |
#
# You will build every kind of probe in the survey's Table 1: linear, nonlinear, sparse. And you will build what keeps
# you from being fooled by them: splits by group, baselines, control tasks, erasure. At the end you can train a probe,
# say what its accuracy is worth, name a simpler story that would explain it, and test whether the model uses what the
# probe reads.

# %%
# %load_ext mi_tutor
import re
from collections import Counter

import matplotlib.pyplot as plt
import torch
from torch import nn

from mi_tutor.exercises import features, probing
from mi_tutor.lab import activations, models, probes, sweeps, tasks
from mi_tutor.lab.explorers import layer_curves, transfer, world_map
from mi_tutor.lab.explorers.layer_curves import Curve
from mi_tutor.lab.figures import COLORS, claims_table, show, use_style
from mi_tutor.lab.last_position import LastPosition
from mi_tutor.lab.tasks.cities import CITIES
from mi_tutor.tutor.notebook import predict

use_style()
torch.set_grad_enabled(False)
model = models.load("smollm2")
LAYERS = model.cfg.n_layers
EVERY = list(range(LAYERS + 1))
BYTES = 80_000_000  # of working memory for a sweep


def two(value):
    """Two digits; adding 0 turns -0 into 0."""
    return f"{round(float(value), 2) + 0.0:.2f}"


def signed(value):
    return f"{round(float(value), 2) + 0.0:+.2f}"


def pm(change):
    """Mean of changes with its standard error."""
    return f"{signed(change.mean())} ± {change.std() / len(change) ** 0.5:.2f}"


def interval(value, low, high):
    return f"{two(value)} ({two(low)} to {two(high)})"


def over(rows, groups):
    """Mean of the rows with its 90% bootstrap interval over groups."""
    return rows.mean(), *probes.group_interval(lambda draw: rows[draw].mean(), groups, n=300)


# %% [markdown]
# ## 1 · One vector for each example
#
# Our first question is Gurnee and Tegmark's (2024): does a language model know where cities lie? We have a table of
# 2,000 cities (GeoNames, CC BY 4.0) with latitude and longitude. The prompt is "The city of Lyon". The features are the
# residual stream at the last token of the name. No later token is there that could help, and none of the prompt says
# where the city is.
#
# We call the residual stream that enters layer *l* **stage** *l*. Stage 0 is the embedding, stage 30 the final stream.
# Names differ in length, so the prompts are padded on the right. The first exercise picks the right vector.

# %% exercise="probing.features_at"

# %%
cities = probes.cities()
prompts = models.tokens(model, [f"The city of {city.name}" for city in cities])
some = models.Tokens(prompts.ids[:200:50], prompts.mask[:200:50])
name = activations.residual_name(16)
stream = activations.run_with(model, some, name)[name]
print("cities:", ", ".join(city.name for city in cities[:200:50]), "· tokens:", some.lengths.tolist())
for back in (0, 1):
    at = (some.lengths - 1 - back).tolist()
    strings = [models.token_strings(model, row)[where] for row, where in zip(some.ids, at, strict=True)]
    print(f"{back} back: {' '.join(strings)} → {tuple(probing.features_at(stream, some.lengths, back).shape)}")
cosine = torch.cosine_similarity(stream[:, -1], probing.features_at(stream, some.lengths))
print("cosine of the last column with the right vector:", " ".join(f"{c:.2f}" for c in cosine))

# %% [markdown]
# The last column of a padded batch is a vector too. Nothing complains when you take it by mistake.
#
# `probes.read` does the same for all 2,000 prompts and all 31 stages in one pass, and keeps the result on disk. The
# first time takes a minute or less; from then on it is there at once.

# %%
at_city = probes.read(model, prompts)
places = torch.tensor([[city.latitude, city.longitude] for city in cities])
countries = probes.group_index([city.country for city in cities])
print(f"{len(at_city)} stages of {tuple(at_city[0].shape)}; {len(countries.unique())} countries")
same = (at_city[16][:200:50] - probing.features_at(stream, some.lengths)).abs().max() / stream.abs().max()
print("your function reads the same vectors:", bool(same < 1e-3))

# %% [markdown]
# ## 2 · Honest numbers
#
# A probe with 576 weights and 2,000 examples can learn much by heart. So it is judged on examples that were held out.
# *Which* are held out decides what the number means. The next function was written in a hurry.

# %% exercise="probing.grouped_split"

# %% [markdown]
# So was this one.

# %% exercise="probing.standardised"

# %% [markdown]
# Now the probe. **Ridge regression** finds the weights $w$ and the intercept $b$ that make
# $\sum_i (x_i \cdot w + b - y_i)^2 + \lambda\,|w|^2$ as small as can be. The rows $x_i$ are `features`, $y_i$ is
# `target`, $\lambda$ is `penalty`.

# %% exercise="probing.ridge"

# %% [markdown]
# $R^2$ says how much of the spread a prediction explains. On held-out countries there is a choice to make: the spread
# around which mean?

# %% exercise="probing.r_squared"

# %%
predict(
    "probing.country_gap",
    "Longitude of a city from stage 16. With random cities held out, R² is about 0.5. With whole countries held out?",
    ["about the same", "clearly lower, between 0.2 and 0.4", "near 0: the probe had learned countries by heart"],
)


# %%
def judged(x, target, group, seed):
    """R² on the test groups; the penalty is chosen on the validation groups."""
    train, validation, test = probing.grouped_split(group, 0.2, 0.2, seed)
    z, mean = probing.standardised(x, train), target[train].mean(dim=0)
    scores = {}
    for penalty in probes.PENALTIES:
        weights, bias = probing.ridge(z[train], target[train], penalty)
        scores[penalty] = probing.r_squared(z[validation] @ weights + bias, target[validation], mean).mean()
    weights, bias = probing.ridge(z[train], target[train], max(scores, key=scores.get))
    return probing.r_squared(z[test] @ weights + bias, target[test], mean)


each = torch.arange(len(cities))
chance = torch.randperm(len(cities), generator=torch.Generator().manual_seed(0))
tests = {
    "random cities held out": (at_city[16], places, each),
    "countries held out": (at_city[16], places, countries),
    "countries held out, embedding (stage 0)": (at_city[0], places, countries),
    "random cities held out, shuffled places": (at_city[16], places[chance], each),
}
split_scores = {}
print(f"{'R² on held-out rows, mean of 5 splits':45}{'latitude':>18}{'longitude':>18}")
for label, (x, target, group) in tests.items():
    found = torch.stack([judged(x, target, group, seed) for seed in range(5)])
    split_scores[label] = found.mean(dim=0)
    cells = [f"{two(m)} ± {two(s)}" for m, s in zip(found.mean(0), found.std(0), strict=True)]
    print(f"{label:45}{cells[0]:>18}{cells[1]:>18}")

from sklearn.linear_model import Ridge

scaled = probing.standardised(at_city[16], torch.ones(len(cities), dtype=torch.bool))
ours = probing.ridge(scaled, places, 1000.0)
theirs = Ridge(alpha=1000.0).fit(scaled, places)
apart = (scaled @ ours[0] + ours[1] - torch.tensor(theirs.predict(scaled), dtype=torch.float32)).abs().max()
print("largest difference from scikit-learn's predictions below 0.01 degrees:", bool(apart < 0.01))

# %% [markdown]
# The ± is the standard deviation over splits. Cities of one country lie close together, and their names look alike. A
# probe that has seen other Vietnamese cities recognises a Vietnamese name. That is knowledge of a sort, but it is not a
# map. With countries held out the probe must place a city between countries that it knows. This number is lower and
# less certain, and it is the one we report from here on.
#
# ## 3 · Space
#
# Which stages know where cities are? `probes.ridge_by_group` does what `judged` does for all stages, five-fold: every
# city is predicted by a probe that has not seen its country, and every city is tested once. So the numbers differ from
# those of section 2, whose splits vary a good deal. A 90% **bootstrap interval** goes with them: 300 times we draw as
# many countries as there are, with replacement, and keep the middle 90% of the results. We compare with three
# baselines. A **bag of tokens** gives the probe the token ids of the name and no model at all. **Shuffled** gives each
# city another city's place. And random cities held out shows what the split hides.

# %%
by_country = probes.ridge_by_group((at_city[stage] for stage in EVERY), places, countries)
FEW = EVERY[::10]
by_row = probes.ridge_by_group((at_city[stage] for stage in FEW), places, each).r_squared(places)
occurring = Counter(token for row, mask in zip(prompts.ids, prompts.mask, strict=True) for token in row[mask].tolist())
kept = [token for token, times in occurring.items() if times > 2]
bag = torch.stack([(prompts.ids == token).sum(dim=1) for token in kept], dim=1).float()
by_tokens = probes.ridge_by_group([bag], places, countries)
of_tokens = by_tokens.r_squared(places)[0]
shuffled = probes.ridge_by_group([at_city[16]], places[chance], countries).r_squared(places[chance])[0]

space = by_country.r_squared(places)
space_low, space_high = probes.group_interval(lambda rows: by_country.r_squared(places, rows), countries, n=300)
space_curves = {}
for column, axis in enumerate(("latitude", "longitude")):
    flat = torch.ones(len(EVERY))
    space_curves[axis] = {
        "countries held out": Curve(EVERY, space[:, column], space_low[:, column], space_high[:, column]),
        "random cities held out": Curve(FEW, by_row[:, column]),
        "bag of tokens, countries held out": Curve(EVERY, flat * of_tokens[column]),
        "shuffled places": Curve(EVERY, flat * shuffled[column]),
    }
TOLD = 20  # one stage for every report; the best of 31 would be chosen on the test rows
print(f"R², countries held out: stage {TOLD} with its 90% interval over countries, and the baselines")
for column, axis in enumerate(("latitude", "longitude")):
    at_told = interval(space[TOLD, column], space_low[TOLD, column], space_high[TOLD, column])
    print(f"  {axis:10} {at_told}   bag of tokens {two(of_tokens[column])}   shuffled {two(shuffled[column])}")
fig = layer_curves.figure(
    space_curves["longitude"],
    title="Longitude builds up over the first half of the layers",
    ylabel="R² of longitude on held-out cities",
    chance=0,
)
show(
    fig,
    alt=f"R² of longitude by stage. Countries held out: rises from {space[0, 1]:.2f} at the embedding to about "
    f"{space[16:, 1].mean():.2f} from stage 16 on. Random cities held out: higher by at least "
    f"{two((by_row - space[FEW])[:, 1].min())} everywhere. Bag of tokens: {two(of_tokens[1])}. Shuffled: "
    f"{two(shuffled[1])}.",
    caption="Bands: 90% bootstrap intervals over countries; the probes are held fixed.",
)

# %% [markdown]
# The information is spread over layers: it grows until about stage 16 and stays. A look at the map says more than
# $R^2$.

# %%
world = world_map.WorldMap(cities, by_country.predicted)
km = world.kilometres(TOLD)
baseline_km = world_map.WorldMap(cities, by_country.mean[None]).kilometres(0)
american = torch.tensor([city.country == "United States" for city in cities])
west = by_country.predicted[TOLD][american, 1].median()
print(f"median longitude of the United States: {places[american, 1].median():.0f}, predicted {west:.0f}")
print(f"median distance {km.median():.0f} km; always saying the training mean: {baseline_km.median():.0f} km")
show(
    world.figure(TOLD, title=f"Stage {TOLD}: Asia comes apart in the east, all cities are pulled towards the middle"),
    alt="Two maps of 2,000 cities coloured by continent: true places, and places predicted with the country held out. "
    "In the predicted map Asia lies in the east, Europe in the north, South America a little in the west. The clouds "
    "overlap and are drawn to the centre; much of North America lies on the cloud of Europe and Africa.",
)

# %% [markdown]
# The map is blurred. Asia lies in the east, Europe in the north, South America a little in the west. The cities of the
# United States, placed by a probe that has seen no other city of this country, land in the middle, near Europe. How
# much of a map is that? First a question about $R^2$ itself.

# %%
predict(
    "probing.only_continent",
    "Somebody knows the continent of each city and nothing else, and says the mean place of that continent for every "
    "city of it. R² of longitude?",
    ["about 0.2, half of the probe's", "about 0.4, as the probe", "about 0.6", "above 0.8"],
)

# %%
continent_of = probes.group_index([city.continent for city in cities])


def within(values, group):
    """Deviation of each row from the mean of its group."""
    n = int(group.max()) + 1
    total = torch.zeros(n, values.shape[1]).index_add(0, group, values)
    return values - (total / group.bincount(minlength=n).clamp_min(1)[:, None])[group]


def within_correlation(predicted, rows):
    """Do the deviations of places and predictions from the means of their continents go together?"""
    true, guess = within(places[rows], continent_of[rows]), within(predicted[rows], continent_of[rows])
    return (true * guess).sum(dim=0) / (true.square().sum(dim=0) * guess.square().sum(dim=0)).sqrt()


oracle = 1 - within(places, continent_of).square().sum(dim=0) / (places - places.mean(dim=0)).square().sum(dim=0)
print("only the continent known, and its mean said for every city:")
print(f"  R² of latitude {two(oracle[0])}, of longitude {two(oracle[1])}")
print("\ncorrelation of predicted and true deviations within continents, countries held out:")
print(f"{'':37}{'latitude':23}longitude")
inside = {}
for source, predicted in (
    (f"stage {TOLD}", by_country.predicted[TOLD]),
    ("embedding", by_country.predicted[0]),
    ("bag of tokens", by_tokens.predicted[0]),
):
    ends = probes.group_interval(lambda rows, p=predicted: within_correlation(p, rows), countries, n=300)
    inside[source] = [interval(*three) for three in zip(within_correlation(predicted, each), *ends, strict=True)]
    print(f"  {source:35}{inside[source][0]:23}{inside[source][1]}")


def gained(rows):
    """How much more of it stage TOLD has than the embedding."""
    return within_correlation(by_country.predicted[TOLD], rows) - within_correlation(by_country.predicted[0], rows)


ends = probes.group_interval(gained, countries, n=300)
more = [interval(*three) for three in zip(gained(each), *ends, strict=True)]
print(f"  {f'stage {TOLD} minus embedding, paired':35}{more[0]:23}{more[1]}")
print(f"stage {TOLD}, one continent at a time:")
for name in ("Africa", "Asia", "Europe", "North America", "South America"):
    here = torch.tensor([city.continent == name for city in cities]).nonzero().flatten()
    latitude, longitude = map(two, within_correlation(by_country.predicted[TOLD], here))
    print(f"  {name:34}{latitude:>5}{longitude:>23}")

# %% [markdown]
# Who knows the continent and nothing about the places in it scores far above our probe. So a high $R^2$ does not need a
# map. What speaks for one is the correlation within continents. At stage 20 it is weak, and its intervals lie above 0.
# The embedding and the bare tokens have less of it: about a tenth for latitude, and none for longitude that we could
# tell from 0. So the model adds something that is finer than continents, and not much. And it is an average: longitude
# goes with the truth inside Europe (about 0.5) and not inside the Americas; in South America neither coordinate does.
#
# ## 4 · Truth
#
# Marks and Tegmark (2024) ask whether models represent the truth of a statement. Their probes are linear. The first is
# logistic regression. We fit it by gradient, so the gradient is yours.

# %% exercise="probing.logistic_gradient"

# %% [markdown]
# The second, **mass-mean**, needs no fitting: its direction is the difference of the two class means.

# %% exercise="probing.mass_mean"

# %% [markdown]
# The statements are made from templates, half of them true, and every word (capital letters aside) stands in true and
# false statements equally often. We read them at the full stop.

# %%
NAMES = list(probes.SETS)
sets, read_sets, labels = {}, {}, {}
for key in NAMES:
    sets[key] = probes.statements(key)
    labels[key] = torch.tensor(sets[key].labels)
    read_sets[key] = probes.read(model, models.tokens(model, sets[key].texts))
    uneven = probes.uneven_words(sets[key]) or "none"
    print(f"{key}: {len(sets[key])} statements, uneven words: {uneven}")
    print(f"   {sets[key].texts[0]}  {sets[key].texts[1]}")


def logistic(x, y):
    return probing.fit_logistic(x, y, 0.1)


def difference(x, y):
    return probing.mass_mean(x, y, False)


def tilted(x, y):
    return probing.mass_mean(x, y, True)


def right_by_fold(x, y, groups, fit):
    """For each row whether a probe that was trained on other groups is right."""
    part, right = probes.folds(groups, 5), torch.empty(len(y), dtype=torch.bool)
    for one in range(5):
        train = part != one
        z = probing.standardised(x, train)
        direction, threshold = fit(z[train], y[train])
        right[~train] = (z[~train] @ direction > threshold) == y[~train]
    return right


from sklearn.linear_model import LogisticRegression

z = probing.standardised(read_sets["cities"][12], torch.ones(len(labels["cities"]), dtype=torch.bool))
ours = logistic(z, labels["cities"])
theirs = LogisticRegression(C=1 / (0.1 * len(z)), max_iter=2000, tol=1e-8).fit(z, labels["cities"])
agree = (ours[0] - torch.tensor(theirs.coef_[0], dtype=torch.float32)).norm() / ours[0].norm()
print("weights as scikit-learn's, up to 1%:", bool(agree < 0.01))

# %%
TRUTH_STAGES = [0, 3, 6, 9, 10, 11, 12, 15, 18, 24, 30]
truth_curves, truth_right = {}, {}
for key in ("cities", "sp_en", "larger"):
    truth_curves[key] = {}
    for method, fit in (("logistic", logistic), ("mass-mean", difference)):
        right = torch.stack(
            [right_by_fold(read_sets[key][s], labels[key], sets[key].groups, fit) for s in TRUTH_STAGES]
        ).float()
        low, high = probes.group_interval(lambda rows, r=right: r[:, rows].mean(dim=1), sets[key].groups, n=200)
        truth_curves[key][method] = Curve(TRUTH_STAGES, right.mean(dim=1), low, high)
        truth_right[key, method] = right
print("accuracy at stage " + "".join(f"{stage:6}" for stage in TRUTH_STAGES))
for key, curves in truth_curves.items():
    for method, curve in curves.items():
        print(f"{key:8}{method:10}" + "".join(f"{value:6.2f}" for value in curve.value))
print()


def word_counts(texts):
    """How often each word that occurs occurs in each text."""
    words = [Counter(re.findall(r"[\w'-]+", text.lower())) for text in texts]
    known = sorted(set().union(*words))
    return torch.tensor([[one[word] for word in known] for one in words]).float()


def token_counts(texts):
    """How often each of the model's tokens occurs in each text."""
    batch = models.tokens(model, texts)
    number = batch.ids[batch.mask].unique()
    return torch.stack([((batch.ids == token) & batch.mask).sum(dim=1) for token in number], dim=1).float()


of_words, of_ids = (
    {k: right_by_fold(counts(sets[k].texts), labels[k], sets[k].groups, logistic).float() for k in truth_curves}
    for counts in (word_counts, token_counts)
)
for bag_of, found in (("lower-case words", of_words), ("the model's tokens", of_ids)):
    print(f"bag of {bag_of}, logistic, the same folds:", end=" ")
    print(" · ".join(f"{key} {two(right.mean())}" for key, right in found.items()))
lines = {f"{key}, {m}": truth_curves[key][m] for key in ("cities", "sp_en") for m in ("logistic", "mass-mean")}
fig = layer_curves.figure(
    lines,
    title="At the full stop, true and false cities come apart between stages 9 and 12",
    ylabel="accuracy on held-out groups",
    chance=0.5,
)
show(
    fig,
    alt="Accuracy by stage. "
    + " ".join(
        f"{name}: {two(curve.value[1])} at stage 3, {two(curve.value[3])} at 9, {two(curve.value[6])} at 12, "
        f"{two(curve.value[-1])} at 30."
        for name, curve in lines.items()
    ),
    caption="Bands: 90% bootstrap intervals over groups.",
)

# %% [markdown]
# Two things are worth a thought. At the full stop nearly all of the rise happens within three layers. (What an
# earlier token holds is not asked here.) And in the early stages the Spanish–English probe is *worse* than a coin,
# reliably. Our balance does this. Each English word stands in one true and one false statement, in two different
# groups. A probe that learns "statements with *moon* are true" meets *moon* in the held-out group with the other
# label. The bag of words, which has no model at all, falls deeper. Below one half here means "I remember words", not
# "I know the opposite".
#
# On "larger" both statements of a pair have the same words, so a bag of lower-case words is worth one half exactly.
# That does not clear the set. The first word has a capital letter, so it is another token, and a bag of the model's
# tokens does about as well as the logistic probe without any model.
#
# ### Does it carry over?
#
# A probe of truth should know truth about other things, too. We train on each set and test on each.

# %% exercise="probing.transfer_matrix"

# %%
predict(
    "probing.negation",
    'Trained on "The city of X is in Y", tested on "The city of X is not in Y" (other cities). Accuracy?',
    ["about as high", "about one half", "far below one half"],
)

# %%
# One split for sets about the same things: no city may be learned from in one set and tested in another.
train_of = {}
for key, seed in zip(NAMES, (0, 0, 1, 1, 2), strict=True):
    train, validation, test = probing.grouped_split(torch.tensor(sets[key].groups), 0.1, 0.3, seed)
    train_of[key] = train | validation
FITS = {"logistic": logistic, "mass-mean": difference, "mass-mean, tilted": tilted}


def scaled_sets(stage):
    """All sets on one scale, that of all training rows together."""
    rows, mask = torch.cat([read_sets[key][stage] for key in NAMES]), torch.cat([train_of[key] for key in NAMES])
    return list(probing.standardised(rows, mask).split([len(labels[key]) for key in NAMES]))


SEEN = (9, 12, 15, 21, 27)
matrices = {f"{m}{', centred' if centre else ''}": {} for m in list(FITS)[:2] for centre in (False, True)}
for stage in SEEN:
    x = scaled_sets(stage)
    for centre in (False, True):
        for method in list(FITS)[:2]:
            matrices[f"{method}{', centred' if centre else ''}"][stage] = probing.transfer_matrix(
                x, [labels[key] for key in NAMES], [train_of[key] for key in NAMES], FITS[method], centre
            )
STAGE = 12  # chosen by looking at the curves above, which are test scores
show(
    transfer.figure(
        {name: matrices[name][STAGE] for name in ("logistic", "mass-mean, centred")},
        NAMES,
        title=f"Stage {STAGE}: a probe of cities is wrong about negated cities",
    ),
    alt="Two tables of accuracies, trained on one set and tested on another. "
    + " ".join(
        f"{method}: diagonal {two(m.diagonal().min())} to {two(m.diagonal().max())}, cities to negated cities "
        f"{two(m[0, 1])}, larger to smaller {two(m[2, 3])}, Spanish–English to cities {two(m[4, 0])}."
        for method, m in ((name, matrices[name][STAGE]) for name in ("logistic", "mass-mean, centred"))
    ),
)
some_pairs = ((0, 1), (2, 3), (0, 4), (4, 0), (0, 2))
print(f"accuracy at stage {STAGE}")
print(f"{'trained on':19}" + "".join(f"{NAMES[source]:>12}" for source, _ in some_pairs))
print(f"{'tested on':19}" + "".join(f"{NAMES[target]:>12}" for _, target in some_pairs))
for method, found in matrices.items():
    print(f"{method:19}" + "".join(f"{found[STAGE][pair]:12.2f}" for pair in some_pairs))

# %% [markdown]
# Look at the first row of the tables: the probe of cities, on new cities and on negated ones.

# %% exercise="probing.what_a_truth_probe_reads"

# %% [markdown]
# Numbers can be read in the same way. On "larger" the logistic probe is above 0.9, and was so at stage 3 already. Does
# it read whether the statement is true? Then it would be right about "smaller", too. It is wrong there nearly always.
# It reads whether the large number comes first, which is the right answer to one question and the wrong answer to the
# other. The capital letter is enough for that: "Ninety" at the beginning stands for a large first number. The mass-mean
# table says the same in another way. On cities the probes of larger and smaller lie on opposite sides of one half.
#
# What is it for cities? We can look for what goes along with truth in one set and against it in the other. One
# candidate is plain likelihood, the log probability of the words (natural logarithms, so the unit is called nats). Does
# the model find "Lyon is in France" more likely than "Lyon is in Chile"? It should. Does "not" change that?


# %%
def log_probability(texts):
    """Log probability of each text given BOS, in nats."""
    batch = models.tokens(model, texts)
    text, position = batch.mask[:, 1:].nonzero(as_tuple=True)  # the place in front of each token but BOS
    final = probes.read(model, batch, (text, position), names=["unembed.hook_in"])[0]
    token = batch.ids[text, position + 1]
    value = [
        (rows @ model.W_U).log_softmax(dim=1).gather(1, ids[:, None])[:, 0]
        for rows, ids in zip(final.split(100), token.split(100), strict=True)
    ]
    return torch.zeros(len(texts)).index_add(0, text, torch.cat(value))


PAIRS = 50
z12 = dict(zip(NAMES, scaled_sets(STAGE), strict=True))
cities_probe, _ = logistic(z12["cities"][train_of["cities"]], labels["cities"][train_of["cities"]])
likelier = {}
print("of pairs that no probe has seen: the true statement is the likelier one; correlation, over")
print("pairs, of true minus false between log probability and the logit of the probe of cities")
for key in NAMES:
    unseen = (~train_of[key]).nonzero().flatten()[: 2 * PAIRS]  # the two of a pair are neighbours
    y = labels[key][unseen]
    likely, logit = log_probability([sets[key].texts[at] for at in unseen]), z12[key][unseen] @ cities_probe
    apart = torch.stack([value[y] - value[~y] for value in (likely, logit)])
    likelier[key] = over((apart[0] > 0).float(), range(len(apart[0])))
    rows = probes.group_interval(lambda draw, a=apart: torch.corrcoef(a[:, draw])[0, 1], range(len(apart[0])), n=300)
    print(f"{key:11}{len(apart[0])} pairs  {interval(*likelier[key])}  {interval(torch.corrcoef(apart)[0, 1], *rows)}")

# %% [markdown]
# The model's own likelihood behaves as the probe of cities does: high for cities, upside down for negated cities, near
# a coin for numbers in words. And the two go together pair by pair, in every set: the more likely the true statement is
# next to its false twin, the farther it lies along the direction of the probe. So this probe does not read truth. What
# it found is close to *these two belong together*. A correlation of about one half is no proof that it reads
# likelihood, but it is the simpler story. And it is a story about a probe that has seen plain statements only.
#
# ### Direction or threshold?
#
# From cities to Spanish–English a probe can fail in two ways: its direction says nothing there, or its threshold sits
# at the wrong place. AUROC (chapter 01) needs no threshold. It asks only whether true statements lie farther along the
# direction than false ones.

# %%
print("trained on cities, tested on     accuracy   centred on the target   AUROC")
for method, fit in FITS.items():
    direction, threshold = fit(z12["cities"][train_of["cities"]], labels["cities"][train_of["cities"]])
    for target in ("neg_cities", "sp_en"):
        test = ~train_of[target]
        score = z12[target][test] @ direction
        accuracy = ((score > threshold) == labels[target][test]).float().mean()
        middle = z12[target][train_of[target]].mean(dim=0) @ direction
        centred = ((score > middle) == labels[target][test]).float().mean()
        ranked = features.auroc(score[:, None], labels[target][test])[0]
        print(f"{method:18} {target:13}{accuracy:9.2f}{centred:24.2f}{ranked:8.2f}")

# %% [markdown]
# From cities to Spanish–English it was the threshold. The AUROC of 0.79 says that the direction ranks the statements
# well. Centred on the target, the two plain probes are right in 0.77 of them. On the negated cities no threshold helps:
# the direction itself is turned round. The tilted probe carries over worst. It has 420 training rows for 576
# dimensions, so in some directions the rows hardly vary. There the pseudo-inverse of the covariance is large, and the
# tilt makes much of them. It is meant for new rows of the same set.
#
# ### Another training set
#
# A probe that has seen plain statements only is free to take association for truth. Marks and Tegmark train on
# statements together with their negations as well. One probe for both kinds, each set centred on its own training rows:

# %%
BOTH, joint = ("cities", "neg_cities"), {}
print("trained on cities and neg_cities together; AUROC on rows that were held out:")
for stage in (12, 18):
    x = {key: rows - rows[train_of[key]].mean(dim=0) for key, rows in zip(NAMES, scaled_sets(stage), strict=True)}
    direction, _ = logistic(
        torch.cat([x[key][train_of[key]] for key in BOTH]), torch.cat([labels[key][train_of[key]] for key in BOTH])
    )
    for key in NAMES:
        held = ~train_of[key]
        joint[stage, key] = features.auroc((x[key][held] @ direction)[:, None], labels[key][held])[0].item()
    print(f"stage {stage}  " + " · ".join(f"{key} {two(joint[stage, key])}" for key in NAMES))

# %% [markdown]
# At stage 18 one direction tells true from false in both kinds of statement, about cities it has not seen. Likelihood
# cannot do that, and neither can *these two belong together*: both are turned round by "not". So the stream does hold
# something nearer to truth, about cities. Whether it is more than that is another question: on numbers the direction
# does little.
#
# ### Push along the direction
#
# Marks and Tegmark go one step further. They add the direction to the model's activations and watch whether its own
# verdict changes. For this the model must have a verdict. We ask it: "… Is this statement true or false? It is". The
# score is logit(" true") − logit(" false").

# %%
ASK = "{} Is this statement true or false? It is"
yes, no = (models.single_token(model, word) for word in (" true", " false"))
asked = (~train_of["cities"]).nonzero().flatten().tolist()
questions = models.tokens(model, [ASK.format(sets["cities"].texts[at]) for at in asked])
verdict, about = labels["cities"][asked], [sets["cities"].groups[at] for at in asked]
own = probes.read(model, questions, names=["unembed.hook_in"])[0] @ (model.W_U[:, yes] - model.W_U[:, no])


def own_auroc(rows):
    return features.auroc(own[rows][:, None], verdict[rows])[0]


own_value = own_auroc(slice(None)).item(), *probes.group_interval(own_auroc, about, n=300)
pairwise = (own[verdict] > own[~verdict]).float()  # both in the order of their cities
print(f"{len(asked)} statements that the probes have not seen; AUROC of the model's own verdict ", end="")
print(f"{own_value[0]:.2f} ({own_value[1]:.2f} to {own_value[2]:.2f});")
print(f"the true one of a pair scores higher: {pairwise.mean():.2f}")

raw, name = read_sets["cities"][STAGE], activations.residual_name(STAGE)
push, _ = probing.mass_mean(raw[train_of["cities"]], labels["cities"][train_of["cities"]], False)
ends = models.tokens(model, [sets["cities"].texts[at] for at in asked]).lengths
usual = int(ends.mode().values)
few = [row for row in range(len(asked)) if ends[row] == usual][:12]
stream = activations.run_with(model, [ASK.format(sets["cities"].texts[asked[row]]) for row in few], name)[name]


def says_true(stream):
    """logit(" true") - logit(" false") at END, going on from this stream."""
    with model.hooks(fwd_hooks=[("unembed.hook_in", lambda final, hook: final[:, -1:])]):
        logits = model(stream, start_at_layer=STAGE)[:, -1]
    return logits[:, yes] - logits[:, no]


unpushed = says_true(stream)


def pushed(vector):
    """Change of the score of 12 questions when this is added at the last word and at the full stop."""
    values = stream.clone()
    values[:, usual - 2 : usual] += vector
    return says_true(values) - unpushed


moved = {factor: pushed(factor * push) for factor in (-8, 8)}
drawn = torch.randint(len(raw), (2, 4), generator=torch.Generator().manual_seed(0))
between = raw[drawn[0]] - raw[drawn[1]]  # two statements drawn at random: directions that do occur in the stream
controls = {
    "random directions": features.random_directions(push, 4, 0),
    "differences of two statements": between * (push.norm() / between.norm(dim=1, keepdim=True)),
}
by_chance = {name: torch.stack([pushed(8 * vector).mean() for vector in some]) for name, some in controls.items()}
share = push.norm() / stream[:, usual - 1].norm(dim=1).mean()
print(f"the direction has {share:.2f} of the length of the stream; changes of the score:")
for factor, change in moved.items():
    print(f"  {factor:+d} × the direction: {pm(change)}")
for control, values in by_chance.items():
    print(f"  +8 × {control} of that length: {', '.join(map(signed, values))}")

# %% [markdown]
# Read the first line before the others. The model's own verdict does not tell true statements from false ones; if
# anything it leans the wrong way. The push is the second disappointment. Eight times the direction moves the score a
# little, and the wrong way round: towards the probe's "true" is away from the model's " true". Two of four arbitrary
# differences of statements move it nearly as far. So the intervention does not replicate here. A verdict that does not
# follow the truth cannot tell whether truth is used. This is one question in one wording, at one stage.
#
# ## 5 · Stronger probes
#
# Why linear? A network with a hidden layer (an MLP) is a stronger probe. How much of a score is the probe's own work?
# Hewitt and Liang (2019) measure it with a **control task**: labels that are random, but fixed for each word type. They
# can only be learned by heart. **Selectivity** is the accuracy on the task minus that on the control task.
#
# The task is Python: is this token part of a keyword, a name, a string, an operator or a number? Python's own
# `tokenize` gives the labels. They are not balanced, so we need another accuracy. This one was written in a hurry.

# %% exercise="probing.balanced_accuracy"

# %% exercise="probing.control_labels"

# %%
predict(
    "probing.mlp_gain",
    "An MLP instead of a linear probe, at stage 12: what happens to accuracy, and to selectivity?",
    ["both rise", "accuracy rises a little, selectivity falls", "accuracy stays, selectivity rises"],
)

# %%
code = probes.python_tokens(model)
CODE_STAGES = [0, 4, 12, 20, 30]
code_names = [
    activations.residual_name(s) if s < LAYERS else f"blocks.{LAYERS - 1}.hook_resid_post" for s in CODE_STAGES
]
at_code = probes.read(model, code.prompts, (code.row, code.position), names=code_names)
control = probing.control_labels(code.type, code.label, 0)
train, validation, test = probing.grouped_split(code.row, 0.1, 0.25, 0)
counts = ", ".join(f"{name} {n}" for name, n in zip(probes.CLASSES, code.label.bincount().tolist(), strict=True))
print(f"{len(code)} tokens of {int(code.row.max()) + 1} pieces of code:\n   {counts}")
most = int(code.label[train].mode().values)
always = torch.full_like(code.label[test], most)
print(
    f'always "{probes.CLASSES[most]}": accuracy {(always == code.label[test]).float().mean():.2f}, balanced '
    f"{probing.balanced_accuracy(always, code.label[test]):.2f}"
)


def trained(x, y, hidden=0, epochs=10, outputs=None, loss=nn.functional.cross_entropy, decay=0.0):
    """A linear probe, or one with a hidden layer, fitted with Adam. Returns a function of features."""
    with torch.enable_grad(), torch.random.fork_rng():
        torch.manual_seed(0)
        outputs = outputs or int(y.max()) + 1
        width = x.shape[1]
        layers = (
            [nn.Linear(width, hidden), nn.ReLU(), nn.Linear(hidden, outputs)] if hidden else [nn.Linear(width, outputs)]
        )
        net = nn.Sequential(*layers)
        optimiser = torch.optim.Adam(net.parameters(), 1e-3, weight_decay=decay)
        for _ in range(epochs):
            for rows in torch.randperm(len(x)).split(256):
                optimiser.zero_grad()
                loss(net(x[rows]), y[rows]).backward()
                optimiser.step()
    return net.requires_grad_(False)


PROBES = {"linear": 0, "MLP, 256 hidden": 256}
right_code = {}
for place, stage in enumerate(CODE_STAGES):
    z = probing.standardised(at_code[place], train)
    for method, hidden in PROBES.items():
        for kind, y in (("task", code.label), ("control", control)):
            said = trained(z[train], y[train], hidden)(z[test]).argmax(dim=1)
            right_code[method, kind, stage] = (said == y[test]).float()
            if kind == "task" and stage in (0, 12):
                print(
                    f"stage {stage:2} {method:16} accuracy {(said == y[test]).float().mean():.2f}, balanced "
                    f"{probing.balanced_accuracy(said, y[test]):.2f}"
                )
pieces = code.row[test]
selectivity = {}
print("\naccuracy at stage        " + "".join(f"{stage:6}" for stage in CODE_STAGES))
for method in PROBES:
    task_right, control_right = (
        torch.stack([right_code[method, kind, s] for s in CODE_STAGES]) for kind in ("task", "control")
    )
    gap = task_right - control_right
    low, high = probes.group_interval(lambda rows, g=gap: g[:, rows].mean(dim=1), pieces, n=300)
    selectivity[method] = Curve(CODE_STAGES, gap.mean(dim=1), low, high)
    for kind, right in (("task", task_right), ("control", control_right)):
        print(f"{f'{method}, {kind}':25}" + "".join(f"{value:6.2f}" for value in right.mean(dim=1)))
show(
    layer_curves.figure(
        selectivity,
        title="The stronger probe is less selective at every stage",
        ylabel="selectivity",
        chance=0,
    ),
    alt="Selectivity by stage. "
    + " ".join(
        f"{name}: from {two(curve.value[0])} at the embedding to {two(curve.value[-1])} at stage {CODE_STAGES[-1]}."
        for name, curve in selectivity.items()
    )
    + " Both rise; the MLP lies below the linear probe throughout.",
    caption="Bands: 90% bootstrap intervals over pieces of code.",
)

# %% [markdown]
# The MLP gains at most a point or so on the task, and about ten points on nonsense. At the embedding it is hardly
# selective at all: a vector there is the token's identity and nothing else, and from that both kinds of labels can be
# learned by heart.
#
# Mind what the rise is made of. From stage 12 to 30 the task loses a few points and the control task loses more,
# because later streams hold less of the token's identity. Selectivity compares probes on one representation. Between
# stages it mixes the two.
#
# Gurnee and Tegmark found that MLP probes read little more about space than linear ones. We look.

# %%
part = probes.folds(countries, 5)
space_gain = {}
for stage in (8, 16, 24):
    guess = {method: torch.empty_like(places) for method in ("linear", "MLP")}
    middle = torch.empty_like(places)
    for one in range(5):
        test, validation = part == one, part == (one + 1) % 5
        train = ~test & ~validation
        z, mean, scale = probing.standardised(at_city[stage], train), places[train].mean(0), places[train].std(0)
        goal = (places - mean) / scale
        candidates = {}
        for penalty in probes.PENALTIES:
            weights, bias = probing.ridge(z[train], goal[train], penalty)
            candidates["linear", penalty] = lambda rows, w=weights, b=bias: rows @ w + b
        for epochs in (2, 4, 8, 16):
            candidates["MLP", epochs] = trained(
                z[train], goal[train], 64, epochs, outputs=2, loss=nn.functional.mse_loss, decay=1e-2
            )
        wrong = {key: (net(z[validation]) - goal[validation]).square().mean() for key, net in candidates.items()}
        for method in guess:
            choice = min((key for key in wrong if key[0] == method), key=wrong.get)
            guess[method][test] = candidates[choice](z[test]) * scale + mean
        middle[test] = mean

    def scores(rows, guess=guess, middle=middle):
        """R² over both coordinates together: linear, MLP, and the gain."""
        spread = (middle[rows] - places[rows]).square().sum()
        linear, mlp = (1 - (guess[method][rows] - places[rows]).square().sum() / spread for method in guess)
        return torch.stack([linear, mlp, mlp - linear])

    space_gain[stage] = scores(each), *probes.group_interval(scores, countries, n=300)
    value, low, high = space_gain[stage]
    print(
        f"stage {stage:2}: R² linear {two(value[0])}, MLP {two(value[1])}, gain {interval(value[2], low[2], high[2])}"
    )

# %% [markdown]
# At stages 8 and 16 the network gains nothing. At stage 24 it gains a few hundredths, with an interval that begins
# about 0. Little is left in these activations that a linear probe misses and this network finds.
#
# ## 6 · Few neurons
#
# A probe over all 576 dimensions says *that* something is encoded, not *where*. A **sparse probe** may use only k
# neurons (Gurnee et al. 2023). If k = 1 is enough, there is a neuron for the feature; if it takes a hundred, the
# feature is spread over many. The neurons are those of the MLPs. How to choose k of 1536? First by their class means.

# %% exercise="probing.rank_neurons"

# %% [markdown]
# Neurons that are good one by one may say the same thing. So we also choose greedily.

# %% exercise="probing.greedy_neurons"

# %% [markdown]
# A third way is a penalty on the sum of absolute weights (L1), which sets most of them to 0. It comes finished, below
# (FISTA is the name of the search for these weights: going downhill with momentum). Last, how many neurons does a
# feature need? The function that decides was written in a hurry.

# %% exercise="probing.chosen_k"

# %%
predict(
    "probing.best_neuron",
    "The best single neuron of layer 20 (of 1536) tells Python keywords from as many other tokens, on held-out code. "
    "Accuracy?",
    ["about 0.55", "about 0.75", "about 0.95"],
)

# %%
NEURON_LAYERS = [4, 12, 20, 28]
KS = [1, 2, 4, 8, 16, 32, 64, 128]
rare = torch.isin(code.label, torch.tensor([0, 2]))  # all keywords and strings, every third of the others
use = rare | (torch.arange(len(code)) % 3 == 0)
at_neurons = probes.read(
    model,
    code.prompts,
    (code.row[use], code.position[use]),
    names=[activations.neuron_name(layer) for layer in NEURON_LAYERS],
)
piece, kinds = code.row[use], code.label[use]
parts = probing.grouped_split(piece, 0.2, 0.3, 1)


def even(part, y, seed=0):
    """Rows of the part, as many positive as negative: then plain accuracy is balanced accuracy."""
    positive, negative = (part & y).nonzero().flatten(), (part & ~y).nonzero().flatten()
    draw = torch.randperm(len(negative), generator=torch.Generator().manual_seed(seed))[: len(positive)]
    return torch.cat([positive, negative[draw]])


def by_l1(x, y, ks, steps=60):
    """The neurons whose weight is not 0 in a least-squares fit with an L1 penalty, for about k of them each."""
    target = y.float() - y.float().mean()
    gram, aim = x.T @ x / len(x), x.T @ target / len(x)
    rate = 1 / torch.linalg.eigvalsh(gram)[-1]
    weights, found = torch.zeros(x.shape[1]), {}
    for penalty in aim.abs().max() * torch.logspace(0, -2.2, 30):
        ahead, pace = weights.clone(), 1.0
        for _ in range(steps):  # FISTA (Beck and Teboulle 2009)
            step = ahead - rate * (gram @ ahead - aim)
            new = step.sign() * (step.abs() - rate * penalty).clamp_min(0)
            faster = (1 + (1 + 4 * pace**2) ** 0.5) / 2
            ahead, weights, pace = new + (pace - 1) / faster * (new - weights), new, faster
        used = weights.nonzero().flatten()
        for k in ks:
            if len(used) <= k:
                found[k] = used.tolist()
    return {k: chosen for k, chosen in found.items() if chosen}


def k_right(x, y, rows, chosen):
    """Train on these neurons; whether the probe is right on the validation and on the test rows."""
    direction, threshold = probing.fit_logistic(x[rows[0]][:, chosen], y[rows[0]], 1e-3)
    return [(x[part][:, chosen] @ direction > threshold) == y[part] for part in rows[1:]]


sparse, needed, even_test = {}, {}, {}
for feature in ("keyword", "string"):
    y = kinds == probes.CLASSES.index(feature)
    rows = [even(part, y) for part in parts]
    even_test[feature] = rows[2]
    for place, layer in enumerate(NEURON_LAYERS):
        x = probing.standardised(at_neurons[place], parts[0])
        order, gap = probing.rank_neurons(x[rows[0]], y[rows[0]])
        ways = {"mean difference": {k: order[:k].tolist() for k in KS}}
        if layer == 20:
            shuffle = torch.randperm(len(order), generator=torch.Generator().manual_seed(0))
            greedy = probing.greedy_neurons(x[rows[0]], y[rows[0]], 32)
            ways["greedy"] = {k: greedy[:k] for k in KS if k <= 32}
            ways["L1"] = by_l1(x[rows[0]], y[rows[0]], KS)
            ways["random neurons"] = {k: shuffle[:k].tolist() for k in KS}
            ways["all neurons"] = {1536: list(range(1536))}
        for way, choices in ways.items():
            right = {k: k_right(x, y, rows, chosen) for k, chosen in choices.items()}
            sparse[feature, layer, way] = {k: both[1].float() for k, both in right.items()}
            if way == "mean difference":
                needed[feature, layer] = probing.chosen_k(
                    KS, torch.stack([right[k][0] for k in KS]), torch.stack([right[k][1] for k in KS])
                )
print(f"{'test accuracy, layer 20':24}" + "".join(f"{f'k={k}':>7}" for k in KS) + f"{'all':>7}")
for feature in ("keyword", "string"):
    for way in ("mean difference", "greedy", "L1", "random neurons"):
        found = sparse[feature, 20, way]
        cells = "".join(f"{found[k].mean():7.2f}" if k in found else f"{'–':>7}" for k in KS)
        whole = f"{sparse[feature, 20, 'all neurons'][1536].mean():7.2f}" if way == "mean difference" else ""
        print(f"{feature + ', ' + way:24}{cells}{whole}")
print("\nneurons needed, and test accuracy with them")
print(f"{'':8}" + "".join(f"{f'layer {layer}':>13}" for layer in NEURON_LAYERS))
for feature in ("keyword", "string"):
    cells = [f"{needed[feature, layer][0]} ({needed[feature, layer][1]:.2f})" for layer in NEURON_LAYERS]
    print(f"{feature:8}" + "".join(f"{cell:>13}" for cell in cells))

# %% jupyter={"source_hidden": true}
fig, axes = plt.subplots(1, 2, figsize=(9.0, 3.6), sharey=True)
for ax, feature in zip(axes, ("keyword", "string"), strict=True):
    for way, color, marker in (
        ("mean difference", "blue", "o"),
        ("greedy", "orange", "s"),
        ("L1", "green", "^"),
        ("random neurons", "grey", "D"),
    ):
        found = sparse[feature, 20, way]
        ax.plot(list(found), [v.mean() for v in found.values()], color=COLORS[color], marker=marker, label=way)
    whole = sparse[feature, 20, "all neurons"][1536].mean()
    ax.axhline(whole, color="black", linewidth=1, linestyle=":", label="all neurons")
    ax.set(xscale="log", xlabel="number of neurons k")
    ax.set_xticks(KS, KS)
    ax.minorticks_off()
    ax.set_title(feature, fontweight="normal")
axes[0].set_ylabel("accuracy on held-out pieces of code")
axes[0].legend(loc="lower right")
fig.suptitle(
    "Layer 20: how neurons are chosen matters while they are few", x=0.01, ha="left", fontsize=11, fontweight="bold"
)
show(
    fig,
    alt="Accuracy against the number of neurons, layer 20. "
    + " ".join(
        f"{feature}, mean difference: {two(sparse[feature, 20, 'mean difference'][1].mean())} with one neuron, "
        f"{two(sparse[feature, 20, 'mean difference'][32].mean())} with 32; random neurons: "
        f"{two(sparse[feature, 20, 'random neurons'][1].mean())} and "
        f"{two(sparse[feature, 20, 'random neurons'][32].mean())}."
        for feature in ("keyword", "string")
    )
    + " Greedy choice lies at or a little above the mean difference, L1 from 16 neurons on. A dotted line "
    "is the probe on all neurons.",
)

# %% [markdown]
# For neither feature one neuron is enough. The best one goes a long way towards strings and less far towards keywords;
# the rest comes in small steps, with dozens. Greedy choice is ahead by up to five hundredths in the middle of the
# curve, L1 only from 16 neurons on. ("–": greedy stops at 32, and L1 had no fit with so few.) Where the table of layers
# says 128, read "128 or more": it is the most we tried. The numbers jump from layer to layer, because the validation
# parts are small. "Tens, not one" is all they say.
#
# ## 7 · What a ranking is worth
#
# A probe can also rank neurons: by its weights. Antverg and Belinkov (2022) ask what such a ranking is worth. We ask it
# where we can also ask the model.
#
# The prompt is "The city of Lyon is located on the continent of". At END the model answers " Europe" (task
# `continent`); END is the last token. Its score is the **logit difference**: the logit of the right continent minus
# that of another one. The neurons are those of MLP 24 at END. We rank them three ways for Europe
# against the rest: by the weight of a linear probe, by the mean difference, and by the effect on the answer when the
# neuron alone is replaced by its value in a prompt about another continent.

# %%
predict(
    "probing.random_neurons",
    "A logistic probe for Europe on 80 neurons of MLP 24. The 80 with the largest probe weights, or 80 at random?",
    ["largest weights, by 0.1 or more", "about the same", "random, by 0.1 or more"],
)

# %%
RANKED = 24
asked_cities = {name for name, *_ in CITIES}  # the cities of the task are kept for the model's answers
taken, chosen = Counter(), []
for city in cities:
    european = city.continent == "Europe"
    full = taken[european] >= 250 or taken[city.country] >= 20
    if city.name not in asked_cities and city.continent != "Oceania" and not full:
        taken[european] += 1
        taken[city.country] += 1
        chosen.append(city)
HIDDEN = activations.neuron_name(RANKED)
at_end = probes.read(
    model,
    models.tokens(model, [f"The city of {city.name} is located on the continent of" for city in chosen]),
    names=[HIDDEN],
)[HIDDEN]
europe = torch.tensor([city.continent == "Europe" for city in chosen])
nations = probes.group_index([city.country for city in chosen])
train, _, test = probing.grouped_split(nations, 0.1, 0.4, 0)
test_of_ranking = test
x = probing.standardised(at_end, train)
weights, _ = probing.fit_logistic(x[train], europe[train], 0.03)
order, gap = probing.rank_neurons(x[train], europe[train])

continents = tasks.continent(model)
europe_token = models.single_token(model, " Europe")
of_europe = continents[(continents.answer == europe_token) | (continents.wrong == europe_token)]
choose, judge = of_europe[:4], of_europe[4:44]
print(f"{len(judge)} prompts that set Europe against another continent, after 4 to choose by")
single = sweeps.patch(
    model,
    choose.clean,
    choose.corrupted,
    "neuron",
    choose.metrics["logit difference"],
    layers=[RANKED],
    positions=-1,
    text="neurons",
    max_bytes=BYTES,
).effects
rankings = {
    "probe weight": weights.abs().argsort(descending=True),
    "mean difference": order,
    "effect of ablation": single.argsort(),
} | {f"random {seed}": torch.randperm(len(weights), generator=torch.Generator().manual_seed(seed)) for seed in range(5)}


def rank_correlation(a, b):
    ranks = torch.stack([v.abs().argsort().argsort().float() for v in (a, b)])
    return torch.corrcoef(ranks)[0, 1].item()


print("rank correlations of the absolute values over 1536 neurons:")
print(f"  probe weight with effect {rank_correlation(weights, single):+.2f}")
print(f"  mean difference with effect {rank_correlation(gap, single):+.2f}")
print(f"  probe weight with mean difference {rank_correlation(weights, gap):+.2f}")

end = LastPosition(model, judge.clean)
score = judge.metrics["logit difference"]
unharmed, usual_value = score(end.logits()), at_end.mean(dim=0)


def without(which):
    """Change of the logit difference of each prompt when these neurons are set to their mean at END."""

    def hook(hidden, hook):
        hidden = hidden.clone()
        hidden[:, -1, which] = usual_value[which]
        return hidden

    return score(end.logits([(HIDDEN, hook)])) - unharmed


SIZES = (5, 20, 80)
ranking_results = {}
for way, ranked in rankings.items():
    for k in SIZES:
        top = ranked[:k]
        direction, threshold = probing.fit_logistic(x[train][:, top], europe[train], 0.03)
        right = ((x[test][:, top] @ direction > threshold) == europe[test]).float()
        ranking_results[way, k] = right, without(top)
DRAWS = [way for way in rankings if way.startswith("random")]
for k in SIZES:  # the mean of five random rankings, row by row
    pairs = [ranking_results[way, k] for way in DRAWS]
    ranking_results["random", k] = tuple(torch.stack(values).mean(dim=0) for values in zip(*pairs, strict=True))
print(f"\n{'accuracy of a probe on the top k':>47}{'change of the logit difference without them':>45}")
print(f"{'':20}" + "".join(f"{f'k={k}':>9}" for k in SIZES) + "".join(f"{f'k={k}':>15}" for k in SIZES))
for way in ("probe weight", "mean difference", "effect of ablation", "random"):
    cells = "".join(f"{two(ranking_results[way, k][0].mean()):>9}" for k in SIZES)
    print(f"{way:20}{cells}" + "".join(f"{pm(ranking_results[way, k][1]):>15}" for k in SIZES))
singles = [ranking_results[way, 80][0].mean() for way in DRAWS]
print(f"five random rankings, k=80: accuracies {two(min(singles))} to {two(max(singles))}")
strong = torch.stack(
    [
        trained(x[train][:, top], europe[train].long(), 256, 30)(x[test][:, top]).argmax(dim=1) == europe[test].long()
        for top in (rankings[way][:80] for way in DRAWS)
    ]
).float()
print(
    f"an MLP probe on the same five sets of 80: {two(strong.mean())}; logit difference unharmed: {two(unharmed.mean())}"
)

# %% [markdown]
# Eighty neurons at random serve the probe nearly as well as the eighty with its largest weights, as the grey line of
# section 6 suggested. A stronger probe, the MLP, reads about as much from them. Neither set matters much to the answer.
# So Antverg and Belinkov's warning holds here: a good probe does not make a good ranking of neurons. It can be strong
# because it *learns* much from neurons that matter little to the model. The neurons that do matter are others: the
# probe's weights hardly correlate with the effects. The mean difference is the better of the two probe rankings, and
# still a poor guide. A ranking by a probe tells where information can be read. It does not tell where the model reads
# it.
#
# ## 8 · Encoded, and used?
#
# The strongest test removes the information and looks what happens to the answer. First, how to remove a subspace.

# %% exercise="probing.erased"

# %% [markdown]
# Which subspace? **Iterative null-space projection** (INLP; Ravfogel et al. 2020) trains a probe, removes its
# direction, trains again, and so on. LEACE (Belrose et al. 2023) does in one step what is needed, and no more, on the
# rows that it is fitted on: it makes the covariance of every feature with the concept 0. For classes this means that no
# linear predictor has a smaller loss than a constant, whatever the loss, as long as it is convex in the prediction.
# (Squared error and cross-entropy are. The share of wrong answers is not.)

# %% exercise="probing.leace"

# %%
predict(
    "probing.late_erasure",
    "The continent is erased at the city's token, at stage 28, where a probe reads it as well as at stage 16. What "
    "does the answer do?",
    ["it breaks: the model can no longer know", "it gets worse by about half", "nothing"],
)

# %% [markdown]
# We erase the continent at the last token of the city's name, at one stage at a time. The eraser is fitted on cities of
# the table that the task does not ask about. **Amnesic probing** (Elazar et al. 2021) compares such an erasure with the
# removal of as many random directions. Ours are drawn with the covariance of the activations, so that they take away at
# least as much. A second control is sharper. We deal the countries out to five *made-up continents*, with your
# `control_labels`, and erase those with LEACE.

# %%
FIVE = sorted({continent for *_, continent in CITIES})
known = torch.tensor([city.continent in FIVE and city.name not in asked_cities for city in cities])
which = torch.tensor([FIVE.index(city.continent) if city.continent in FIVE else 0 for city in cities])
train, _, _ = probing.grouped_split(countries, 0.1, 0.3, 0)
train, unseen = train & known, (~train & known).nonzero().flatten()
concept = nn.functional.one_hot(which, len(FIVE)).float()
made_up = nn.functional.one_hot(probing.control_labels(countries[train], which[train], 0), len(FIVE)).float()


def judged_again(x, y, says):
    """Balanced accuracy of a new probe, on countries that neither it nor the eraser has seen.

    On the rows of its own fit an eraser leaves nothing to learn from. So the new probe learns from half of the
    countries that the eraser has not seen, and is tested on the other half; both ways, for two ways to halve them.
    """
    found = []
    for seed in range(2):
        part = probes.folds(countries[unseen], 2, seed)
        for learn, judge in ((unseen[part == 0], unseen[part == 1]), (unseen[part == 1], unseen[part == 0])):
            z = probing.standardised(x, torch.isin(each, learn))
            found.append(probing.balanced_accuracy(says(z[learn], y[learn], z[judge]), y[judge]))
    return sum(found) / len(found)


def continent_said(x, y, new):
    """What a ridge probe for the five continents says of new rows."""
    goal = nn.functional.one_hot(y, len(FIVE)).float()
    weights, bias = probing.ridge(x, goal - goal.mean(dim=0), 1000.0)
    return (new @ weights + bias).argmax(dim=1)


def random_directions_like(x, n, seed):
    """n directions drawn at random with the covariance of the rows of x."""
    mix = torch.randn(n, len(x), generator=torch.Generator().manual_seed(seed))
    return mix @ (x - x.mean(dim=0)) / len(x) ** 0.5


ERASE_AT = [8, 16, 22, 24, 28]
half = continents[::2]
rows, city_at = torch.arange(len(half)), half.positions["CITY"]
clean = activations.run_with(model, half.clean, [activations.residual_name(stage) for stage in ERASE_AT])
readable, of_fit, size, put_in = {}, [], {}, {"continent": [], "made-up continents": [], "random": [], "mean": []}


def linked(x):
    """The largest covariance of a feature with a continent on the rows of the fit."""
    return ((x[train] - x[train].mean(0)).T @ (concept[train] - concept[train].mean(0))).abs().max()


for stage in ERASE_AT:
    x, stream = at_city[stage], clean[activations.residual_name(stage)]
    here, mean = stream[rows, city_at], x[train].mean(dim=0)
    matrix, offset = probing.leace(x[train], concept[train])
    gone = x @ matrix + offset
    readable[stage] = judged_again(x, which, continent_said), judged_again(gone, which, continent_said)
    of_fit.append(linked(gone) / linked(x))
    other, moved_back = probing.leace(x[train], made_up)
    some = random_directions_like(x[train], len(FIVE) - 1, 1)
    new = {
        "continent": here @ matrix + offset,
        "made-up continents": here @ other + moved_back,
        "random": mean + probing.erased(here - mean, some),
        "mean": mean.expand_as(here),
    }
    for way, values in new.items():
        changed = stream.clone()
        changed[rows, city_at] = values
        put_in[way].append(changed)
        size[way, stage] = ((values - here).norm(dim=1) / (here - mean).norm(dim=1)).mean()
metric = half.metrics["logit difference"]
erasures = {
    way: sweeps.patch(
        model,
        half.clean,
        torch.stack(values),
        "residual",
        metric,
        layers=ERASE_AT,
        positions=city_at,
        text=way,
        max_bytes=BYTES,
    )
    for way, values in put_in.items()
}
before = erasures["continent"].into_per_prompt
for way in ("continent", "made-up continents", "random"):
    share = torch.stack([size[way, stage] for stage in ERASE_AT])
    print(f"{way:19}changes {two(share.min())} to {two(share.max())} of what sets a city apart from the mean")
print(f"{len(half)} prompts, logit difference {before.mean():.2f}, right {(before > 0).float().mean():.2f}; ", end="")
print(f"the answer is Europe in {int((half.answer == europe_token).sum())}")
print("rows of the fit: covariance with the continents after LEACE is 0:", bool(max(of_fit) < 1e-3))
print("\nbalanced accuracy of new probes on unseen countries, and change of the logit difference")
print("when this is erased at the city's token, or all is replaced by the mean:")
widths = {way: max(15, len(way) + 2) for way in erasures}
print("stage   probe  after LEACE" + "".join(f"{way:>{width}}" for way, width in widths.items()))
erasure_curves = {}
for at, stage in enumerate(ERASE_AT):
    cells = ""
    for way, sweep in erasures.items():
        change = sweep.per_prompt.reshape(len(ERASE_AT), -1)[at] - before
        cells += f"{pm(change):>{widths[way]}}"
    print(f"{stage:5}{readable[stage][0]:8.2f}{readable[stage][1]:13.2f}{cells}")

# %% jupyter={"source_hidden": true}
fig, (left, right) = plt.subplots(1, 2, figsize=(9.5, 3.6))
left.plot(ERASE_AT, [readable[s][0] for s in ERASE_AT], color=COLORS["blue"], marker="o", label="as it is")
left.plot(ERASE_AT, [readable[s][1] for s in ERASE_AT], color=COLORS["red"], marker="s", label="after LEACE")
left.axhline(1 / len(FIVE), color=COLORS["grey"], linestyle=":", linewidth=1)
left.set(xlabel="stage", ylabel="balanced accuracy, unseen countries", ylim=(0, 1), xticks=ERASE_AT)
left.set_title("encoded", fontweight="normal")
left.legend()
for way, color, marker, label in (
    ("continent", "red", "s", "continent erased"),
    ("made-up continents", "purple", "x", "made-up continents erased"),
    ("random", "grey", "D", "random directions removed"),
    ("mean", "orange", "v", "all replaced by the mean"),
):
    found = erasures[way].per_prompt.reshape(len(ERASE_AT), -1)
    low, high = probes.group_interval(lambda draw, f=found: f[:, draw].mean(dim=1), rows, n=300)
    right.plot(ERASE_AT, found.mean(dim=1), color=COLORS[color], marker=marker, label=label)
    right.fill_between(ERASE_AT, low, high, color=COLORS[color], alpha=0.15, linewidth=0)
    erasure_curves[label] = Curve(ERASE_AT, found.mean(dim=1), low, high)
right.axhline(before.mean(), color=COLORS["grey"], linestyle=":", linewidth=1)
right.set(xlabel="stage of the intervention", ylabel="logit difference of the answer", ylim=(-3.2, 7.2))
right.set_xticks(ERASE_AT)
right.set_title("used", fontweight="normal")
right.legend(loc="lower left")
fig.suptitle(
    "From stage 24 on the continent is still encoded at the city, and no longer used there",
    x=0.01,
    ha="left",
    fontsize=11,
    fontweight="bold",
)
show(
    fig,
    alt="Left: balanced accuracy of a probe for the continent at the city's token, as it is "
    f"{two(readable[16][0])} at stage 16 and {two(readable[28][0])} at 28, after LEACE {two(readable[16][1])} and "
    f"{two(readable[28][1])}. Right: logit difference of the answer, {two(before.mean())} untouched. "
    + " ".join(
        f"{label}: {two(curve.value[ERASE_AT.index(16)])} at stage 16, {two(curve.value[-1])} at 28."
        for label, curve in erasure_curves.items()
    ),
    caption="Bands: 90% bootstrap intervals over prompts.",
)

# %% [markdown]
# Left and right tell different stories. The probe reads the continent as well at stage 28 as at stage 16. The answer
# depends on it at stage 16 and not at stage 28. Look at the line of the mean before you take this for a fact about
# continents: at stages 24 and 28 *nothing* at this token matters any more. The continent is encoded there, and nobody
# reads it there. Near the end this must be so: only attention carries something from the city to END, and few layers
# are left that could. What we measured is how early it begins: between stages 22 and 24.
#
# Look at the red line on the left. On the rows of its own fit LEACE leaves a linear probe nothing: that is the theorem.
# Trained on those rows again, by squared error or cross-entropy, a probe can do no better than a constant, whatever the
# data. So we asked on countries that neither the eraser nor the new probe has seen. There the erasure takes less than
# half of what the probe reads above chance (0.20). Some 1,200 cities do not pin down a covariance of 576 dimensions.
#
# Look at the stages up to 22, too. Erasing the continent hurts, and far more than either control: the random
# directions, which take away more of the stream, and the made-up continents, which take away somewhat less. So it is
# the continent that matters. But the answer does not turn round. The mean, which removes everything that sets the city
# apart, does much more. Two things may be behind this, and we cannot tell them apart here: the eraser leaves some of
# the continent, and the answer may rest on more than what a linear probe for continents finds.
#
# INLP removes one probe's direction after another. How many does it take, and what do they take along?

# %%
x = at_city[16]
mean, deviation = x[train].mean(dim=0), x[train].std(dim=0, correction=0)
z = (x - mean) / deviation
in_europe = which == FIVE.index("Europe")
found = probing.null_space_directions(z[train], in_europe[train], 16, 0.1)
here = clean[activations.residual_name(16)][rows, city_at]


def europe_said(x, y, new):
    direction, threshold = logistic(x, y == 1)
    return (new @ direction > threshold).long()


print("stage 16, Europe or not: balanced accuracy of a new probe, and change of the logit difference")
matrix, offset = probing.leace(z[train], in_europe[train, None].float())
table = {"nothing": (lambda v: v), "LEACE, 1 direction": (lambda v: v @ matrix + offset)}
at_random = random_directions_like(z[train], 16, 1)
for name, directions in (("INLP", found), ("random", at_random)):
    for n in (1, 4, 16):
        table[f"{name}, {n} direction{'s' * (n > 1)}"] = lambda v, some=directions[:n]: probing.erased(v, some)
inlp = {}
for label, erase in table.items():
    changed = clean[activations.residual_name(16)].clone()
    changed[rows, city_at] = erase((here - mean) / deviation) * deviation + mean
    with model.hooks(fwd_hooks=[("unembed.hook_in", lambda final, hook: final[:, -1:])]):
        change = metric(model(changed, start_at_layer=16)[:, -1]) - before
    inlp[label] = judged_again(erase(z), in_europe.long(), europe_said), change
    print(f"  {label:24}{inlp[label][0]:6.2f}   {pm(change)}")

# %% [markdown]
# On countries that nothing was fitted on, the one direction of LEACE takes more from a new probe than the first of
# INLP, and at least as much as the first four. With 16 a new probe is near one half. The answer loses most of what it
# loses with the first direction already. Random directions leave the probe as it was. Sixteen of them may cost the
# answer something, too; the error of that number is nearly as large as the number. That is why an erasure should be
# small, and compared with a control of its size.

# %% exercise="probing.encoded_or_used"

# %% [markdown]
# ## 9 · How easily is it read?
#
# Accuracy asks how much a probe can read when it has learned all it can. Voita and Titov (2020) ask for the effort as
# well: how many bits does it take to send the labels to somebody who has the activations and learns on the way? A
# representation from which little data is enough gives a short code.

# %% exercise="probing.online_code_length"


# %%
def with_probabilities(x, y, hidden=0):
    net = trained(x, y, hidden, epochs=15, outputs=len(probes.CLASSES))
    return lambda rows: net(rows).softmax(dim=1)


def with_an_mlp(x, y):
    return with_probabilities(x, y, 256)


# Rows are sent piece by piece, so that each block comes from pieces that were not learned from.
pieces_in_order = torch.randperm(int(code.row.max()) + 1, generator=torch.Generator().manual_seed(0))
sent = torch.cat([(code.row == piece).nonzero().flatten() for piece in pieces_in_order])
ends = [int(len(sent) * share) for share in (0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64)] + [len(sent)]
code_length = {}
print(f"{'task':>33}{'control':>29}")
print("stage and probe" + "   bits a token  compression" * 2)
for stage, method in [(s, "linear") for s in (0, 12, 30)] + [(0, "MLP")]:
    z = probing.standardised(at_code[CODE_STAGES.index(stage)][sent], torch.arange(len(sent)) < ends[0])
    cells = ""
    for kind, y in (("task", code.label), ("control", control)):
        fit = with_an_mlp if method == "MLP" else with_probabilities
        bits, compression = probing.online_code_length(z, y[sent], len(probes.CLASSES), ends, fit)
        code_length[kind, stage, method] = bits / len(sent), compression
        cells += f"{bits / len(sent):15.2f}{compression:13.1f}"
    print(f"{f'{stage}, {method}':15}{cells}")

# %% [markdown]
# The gap between task and control grows with the stage, as selectivity did, and from stage 12 on for the same reason:
# the control task gets harder. The control task costs more than the task at every stage: it has to be learned type by
# type, and each type that comes for the first time costs its full price. For the MLP at the embedding, the two
# accuracies of section 5 differed by a few points only. The two codes differ much more.
#
# ## 10 · Explore
#
# Three explorers over what this chapter measured. For readers without a kernel the figures above stand for the first
# and the third, and a map of another stage follows here.

# %%
layer_curves.explore(
    {f"space: {axis}": curves for axis, curves in space_curves.items()}
    | {f"truth: {key}": curves for key, curves in truth_curves.items()}
    | {"selectivity on Python tokens": selectivity, "logit difference after an erasure": erasure_curves},
    ylabel="see the menu",
)
world_map.explore(world)
transfer.explore(matrices, NAMES)
show(
    world.figure(3, title="Stage 3: only hints of the continents"),
    alt="The world map predicted from stage 3: a wide cloud in which the colours of all continents lie on top of each "
    "other, Asia somewhat to the east, the Americas somewhat to the west.",
)

# %% [markdown]
# ## 11 · Limits, and a check list
#
# | | Ask | Here |
# |---|---|---|
# | 1 | **Split.** Can a held-out row be known from its neighbours in training? | section 2 |
# | 2 | **Leaks.** Has anything that was estimated (scale, penalty, k, threshold) seen the test rows? | sections 2, 6 |
# | 3 | **Baselines.** Embedding, bag of tokens or words, shuffled labels, always the same class | sections 2 to 5 |
# | 4 | **A simpler story.** What else would score as high? | section 3: continents; section 4: word order, likelihood |
# | 5 | **Other data.** Does the probe survive a negation, another topic? | section 4 |
# | 6 | **The probe's own part.** Control task, selectivity, code length | sections 5, 9 |
# | 7 | **Rankings.** Would random neurons serve as well? Several draws | sections 6 (one draw), 7 (five) |
# | 8 | **Use.** Does the behaviour change when it is erased, and more than by a control erasure? | section 8 |
# | 9 | **Uncertainty.** Intervals over groups, not over rows | sections 3 to 6, claims |
# | 10 | **Other templates.** Does it hold in other words? | not done: one template for each set |
#
# What else we did not do. The intervals hold the trained probes fixed; they speak of other test countries, statements
# and pieces of code, not of other training sets. The networks are trained from one seed. Stage 12 of section 4 was
# chosen by its test scores. Gurnee and Tegmark read times as well as places; we have no table of times. The eraser is
# linear: what a nonlinear reader could still find is open. And the model is small. That a probe of its plain statements
# reads association says little about models that can judge a statement when they are asked.
#
# The table goes by the survey's Table 1: linear, nonlinear, sparse, other. Intervals are 90% bootstrap intervals over
# groups. The verdicts are computed from the numbers beside them; the rules stand in the folded cell.


# %% jupyter={"source_hidden": true}
def verdict(all_of_it, some_of_it=False):
    return "held" if all_of_it else "partly" if some_of_it else "did not replicate"


def carried(source, target, fit, centre):
    """Accuracy at STAGE on held-out rows of another set, with its interval over groups."""
    rows, held = train_of[source], ~train_of[target]
    x = {key: z12[key] - (z12[key][train_of[key]].mean(dim=0) if centre else 0) for key in (source, target)}
    direction, threshold = fit(x[source][rows], labels[source][rows])
    right = (x[target][held] @ direction > threshold) == labels[target][held]
    return over(right.float(), torch.tensor(sets[target].groups)[held])


def code_gap(stage):
    """Selectivity of the linear probe minus that of the MLP, token by token."""
    linear, mlp = (right_code[m, "task", stage] - right_code[m, "control", stage] for m in PROBES)
    return over(linear - mlp, pieces)


low, high = space_low[TOLD], space_high[TOLD]
at12 = TRUTH_STAGES.index(STAGE)
told = {m: over(truth_right["cities", m][at12], sets["cities"].groups) for m in ("logistic", "mass-mean")}
negated = carried("cities", "neg_cities", logistic, False)
spanish, spanish_raw, larger = (
    carried("cities", target, difference, centre)
    for target, centre in (("sp_en", True), ("sp_en", False), ("larger", True))
)
unselective = code_gap(12)
one_neuron, all_neurons = (
    {f: over(sparse[f, 20, way][k], piece[even_test[f]]) for f in ("keyword", "string")}
    for way, k in (("mean difference", 1), ("all neurons", 1536))
)
by_ranking = {
    way: (over(ranking_results[way, 80][0], nations[test_of_ranking]), ranking_results[way, 80][1])
    for way in ("random", "probe weight", "effect of ablation")
}


def erasing(way, stage):
    """Change of the logit difference with its interval over prompts."""
    found = erasures[way].per_prompt.reshape(len(ERASE_AT), -1)[ERASE_AT.index(stage)]
    return over(found - before, range(len(before)))


mid, late, mid_made_up, mid_random = (
    erasing(*at) for at in (("continent", 16), ("continent", 28), ("made-up continents", 16), ("random", 16))
)
gains = {stage: [value[2] for value in found] for stage, found in space_gain.items()}
mlp_right = [right_code["MLP, 256 hidden", kind, 0].mean() for kind in ("task", "control")]
mlp_bits = [code_length[kind, 0, "MLP"][0] for kind in ("task", "control")]
pushes = torch.cat(list(by_chance.values()))
claims_table(
    [
        {
            "claim": "Linear: places can be read from activations",
            "paper": "linear probes of Llama-2 recover latitude and longitude (Gurnee and Tegmark 2024)",
            "measured": f"stage {TOLD}, countries held out: latitude {interval(space[TOLD, 0], low[0], high[0])}, "
            f"longitude {interval(space[TOLD, 1], low[1], high[1])}; bag of tokens {two(of_tokens[0])} and "
            f"{two(of_tokens[1])}; the continent alone would give {two(oracle[0])} and {two(oracle[1])}",
            "verdict": verdict(bool((low > oracle).all()), bool((low > of_tokens).all())),
        },
        {
            "claim": "Nonlinear: an MLP reads little more about space",
            "paper": "minimal improvement (Gurnee and Tegmark 2024)",
            "measured": "gain in R²: " + "; ".join(f"stage {s} {interval(*three)}" for s, three in gains.items()),
            "verdict": verdict(
                max(float(three[2]) for three in gains.values()) < 0.05,
                max(float(three[0]) for three in gains.values()) < 0.06,
            ),
        },
        {
            "claim": "Linear: true and false statements are separated",
            "paper": "in LLaMA-2 models, for several sets of statements (Marks and Tegmark 2024)",
            "measured": f"cities, stage {STAGE}: "
            + ", ".join(f"{m} {interval(*three)}" for m, three in told.items())
            + f"; bag of words {two(of_words['cities'].mean())}",
            "verdict": verdict(all(three[1] > 0.6 for three in told.values())),
        },
        {
            "claim": "A probe of cities carries over to other topics",
            "paper": "probes transfer between sets, better in larger models (Marks and Tegmark 2024)",
            "measured": f"mass-mean, centred on the target: to sp_en {interval(*spanish)}, to larger "
            f"{interval(*larger)}; not centred: to sp_en {interval(*spanish_raw)}",
            "verdict": verdict(spanish[1] > 0.5 and larger[1] > 0.5, spanish[1] > 0.5),
        },
        {
            "claim": "Truth of statements is a direction, for plain and negated ones",
            "paper": "at sufficient scale, truth is represented linearly (Marks and Tegmark 2024)",
            "measured": f"trained on cities, tested on negated cities {interval(*negated)}; likelihood prefers the "
            f"true one in {two(likelier['cities'][0])} of the plain, {two(likelier['neg_cities'][0])} of the negated "
            f"pairs; "
            f"trained on both kinds, stage 18: AUROC {two(joint[18, 'cities'])} and {two(joint[18, 'neg_cities'])}, "
            f"on larger {two(joint[18, 'larger'])}",
            "verdict": verdict(negated[1] > 0.5, min(joint[18, key] for key in BOTH) > 0.8),
        },
        {
            "claim": "Pushing along the direction flips the model's verdict",
            "paper": "false statements are treated as true and the reverse (Marks and Tegmark 2024)",
            "measured": f"own verdict: AUROC {interval(*own_value)}; +8 × the direction {pm(moved[8])}, eight other "
            f"directions {signed(pushes.min())} to {signed(pushes.max())}",
            "verdict": verdict(moved[8].mean() > pushes.max() and own_value[1] > 0.5),
        },
        {
            "claim": "Nonlinear: a strong probe is less selective",
            "paper": "MLP probes of part of speech (Hewitt and Liang 2019)",
            "measured": f"Python tokens, stage 12: selectivity {two(selectivity['linear'].value[2])} linear, "
            f"{two(selectivity['MLP, 256 hidden'].value[2])} MLP; difference {interval(*unselective)}",
            "verdict": verdict(unselective[1] > 0),
        },
        {
            "claim": "Sparse: few neurons carry a feature, how few depends on it",
            "paper": "from single neurons to superposed sets, by feature and layer (Gurnee et al. 2023)",
            "measured": "layer 20, "
            + "; ".join(
                f"{feature}: one neuron {interval(*one_neuron[feature])}, all {interval(*all_neurons[feature])}, "
                f"needed {needed[feature, 20][0]}{' or more' * (needed[feature, 20][0] == KS[-1])}"
                for feature in ("keyword", "string")
            ),
            "verdict": verdict(
                any(one_neuron[f][2] > all_neurons[f][1] and needed[f, 20][0] == 1 for f in one_neuron),
                all(one_neuron[f][1] > 0.6 for f in one_neuron),
            ),
        },
        {
            "claim": "Other: a probe's accuracy does not vouch for its ranking",
            "paper": "rankings and probes must be judged apart (Antverg and Belinkov 2022)",
            "measured": f"80 neurons of MLP {RANKED}: accuracy "
            + ", ".join(f"{interval(*found[0])} {way}" for way, found in by_ranking.items())
            + "; change of the answer without them "
            + ", ".join(f"{signed(found[1].mean())} {way}" for way, found in by_ranking.items()),
            "verdict": verdict(
                by_ranking["random"][0][0] > by_ranking["probe weight"][0][0] - 0.1
                and by_ranking["probe weight"][1].mean() > by_ranking["effect of ablation"][1].mean() / 4
            ),
        },
        {
            "claim": "Other: encoded is not the same as used",
            "paper": "encoded and used information differ (Antverg and Belinkov 2022)",
            "measured": f"continent at the city's token: probe {two(readable[16][0])} at stage 16, "
            f"{two(readable[28][0])} at 28; change of the logit difference when it is erased {interval(*mid)} and "
            f"{interval(*late)}",
            "verdict": verdict(readable[28][0] > readable[16][0] - 0.1 and late[0].abs() < 0.1 and mid[2] < -0.5),
        },
        {
            "claim": "Amnesic: what is erased matters, not how much",
            "paper": "compared with the removal of random directions (Elazar et al. 2021)",
            "measured": f"stage 16: continent {interval(*mid)}, made-up continents {interval(*mid_made_up)}, random "
            f"directions {interval(*mid_random)}",
            "verdict": verdict(mid[2] < min(mid_made_up[1], mid_random[1])),
        },
        {
            "claim": "LEACE removes what a linear probe can read",
            "paper": "a theorem, on the training rows (Belrose et al. 2023)",
            "measured": "rows of the fit: no covariance is left; countries that the eraser has not seen, stage 16: "
            f"probe {two(readable[16][0])} before, {two(readable[16][1])} after, chance {two(1 / len(FIVE))}",
            "verdict": verdict(readable[16][1] < 1 / len(FIVE) + 0.05, readable[16][1] < readable[16][0] - 0.05),
        },
        {
            "claim": "Code length tells more than accuracy",
            "paper": "it separates task and control where accuracy hardly does (Voita and Titov 2020)",
            "measured": f"embedding, MLP: accuracy {two(mlp_right[0])} and {two(mlp_right[1])}, bits a token "
            f"{two(mlp_bits[0])} and {two(mlp_bits[1])}",
            "verdict": verdict(mlp_bits[1] > 1.3 * mlp_bits[0] and mlp_right[0] - mlp_right[1] < 0.1),
        },
    ]
)

# %% [markdown]
# ## Further work
#
# These have no reference.
#
# 1. **A truth probe that survives more than "not".** Section 4 trains on cities and negated cities together. Which
#    further sets make it carry over to numbers and words? Find a set of plain statements on which likelihood and truth
#    disagree, and see which of them the probe follows.
# 2. **Where does the continent go?** Erase it at END instead of at the city, stage by stage, and at both. Is there a
#    stage at which erasing at either place does nothing and at both breaks the answer? Which heads move it?
#
# Next, chapter 05: features without labels.
