# %% [markdown]
# # 08 · Activation patching
#
# **Where does the answer come from?**
#
# Ablation takes a part away. **Activation patching** puts something in: the activation that the same part has on
# another prompt. Take a prompt that the model answers and a partner that differs in one respect. Move one activation
# from one run to the other. If the answer moves with it, the activation carries what the two prompts differ in.
#
# There are many ways to do this, and they do not agree. This chapter shows which choices decide: the direction, the
# corruption, the metric, the number of layers patched at once. At the end we check what the survey says of each
# technique (3.2.1, 3.2.2, Table 3), pro by pro and con by con, with a number for each.
#
# | | |
# |---|---|
# | **You need** | Chapters 00, 03 and 07: hooks, heads, ablation |
# | **Time** | 4 hours, 12 exercises |
# | **You are here** | … → 07 ablation → **08 patching** → 09 path patching → … |
#
# At the end you can sweep a model in both directions, choose a corruption and a metric and say what the choice costs,
# trace a fact, tell what a set of parts does beyond its members, and write down a hypothesis so that an experiment can
# refute it.

# %%
# %load_ext mi_tutor
from collections import namedtuple
from functools import partial
from itertools import combinations

import matplotlib.pyplot as plt
import torch

from mi_tutor.exercises import patching
from mi_tutor.lab import activations, models, sweeps, tasks
from mi_tutor.lab.explorers.patching import explore
from mi_tutor.lab.figures import COLORS, claims_table, show, use_style
from mi_tutor.lab.last_position import LastPosition
from mi_tutor.lab.metrics import LogitDifference
from mi_tutor.lab.tasks.cities import CITIES, TEMPLATES
from mi_tutor.lab.tasks.indirect_object import FRESH_TEMPLATES
from mi_tutor.lab.tokens import tokens
from mi_tutor.tutor.notebook import predict

use_style()
torch.set_grad_enabled(False)
model = models.load("smollm2")
LAYERS, HEADS = model.cfg.n_layers, model.cfg.n_heads
EMBED = "hook_embed"
BYTES = 80_000_000  # of working memory for a sweep
RESID = [activations.residual_name(layer) for layer in range(LAYERS)]
Z = [f"blocks.{layer}.attn.hook_z" for layer in range(LAYERS)]
MLP = [f"blocks.{layer}.hook_mlp_out" for layer in range(LAYERS)]


def two(value):
    """Rounded to two digits; adding 0 turns -0 into 0."""
    return round(float(value), 2) + 0.0


def error(values):
    return float(values.std() / len(values) ** 0.5)


def pm(values):
    """Mean over prompts ± its standard error."""
    return f"{two(values.mean()):+.2f} ± {error(values):.2f}"


def io_first(task):
    return task.positions["IO"] < task.positions["S1"]


def by_order(values, task):
    """Mean ± standard error, then the mean of the prompts that name IO first and of those that name S first."""
    first = io_first(task)
    return f"{pm(values):>15}{two(values[first].mean()):>+10.2f}{two(values[~first].mean()):>+9.2f}"


# %% [markdown]
# ## 1 · One patch
#
# The task is indirect object identification again (IOI; Wang et al. 2022). "When Mary and John met at the market, John
# gave a book to" goes on with " Mary", the indirect object IO. John is the subject S, at S1 and S2. END is the last
# token. The score is the **logit difference**, logit(IO) − logit(S) at END.
#
# Half of the prompts name IO first, half name S first. Chapter 07 saw that heads treat the two orders differently. A
# mean over both can describe neither, so where they part we show them apart.
#
# A patch needs a partner. The first one changes a single token: S2 becomes the other name, and with it the right
# answer. This is a **symmetric token replacement**. Both prompts are ordinary.

# %%
PROMPTS = 16
flip = tasks.ioi(model, n=PROMPTS, seed=0, corruption="s2_flip")
eight = flip[:8]  # half of them for the runs that cost most
LD = eight.metrics["logit difference"]
print("clean:    ", flip.texts[0])
print("corrupted:", flip.corrupted_texts[0])
print(
    f"{int(io_first(flip).sum())} of {len(flip)} prompts name IO first, and {int(io_first(eight).sum())} of the eight"
)

# %% [markdown]
# Two directions are possible. **Denoising** runs the corrupted prompt and puts clean activations in: what is enough to
# bring the answer back? **Noising** runs the clean prompt and puts corrupted activations in: what is needed?
#
# Both use the same hook.

# %% exercise="patching.patching_hook"

# %% [markdown]
# Before you run it: the stream that enters layer 12 at S2 is made clean in the corrupted run. Everything else stays
# corrupted.

# %%
predict(
    "patching.layer_12_at_s2",
    "How much of the way to the clean logit difference does this one patch go?",
    ["about nothing", "about a half", "all of it"],
)


# %%
def streams_of(prompts, names=RESID):
    found = activations.run_with(model, prompts, names)
    return torch.stack([found[name] for name in names])


clean_streams, corrupted_streams = streams_of(eight.clean), streams_of(eight.corrupted)


def patched(layer, position, *, denoise):
    into, source = (eight.corrupted, clean_streams) if denoise else (eight.clean, corrupted_streams)
    hook = patching.patching_hook(source[layer], eight.positions[position][:, None])
    with activations.replace(model, RESID[layer], hook):
        return LD(activations.logits_at(model, into))


clean_ld, corrupted_ld = (LD(activations.logits_at(model, one)) for one in (eight.clean, eight.corrupted))
print(f"without a patch: clean {clean_ld.mean():+.2f}, corrupted {corrupted_ld.mean():+.2f}")
for position in ("S2", "END"):
    for layer in (12, 24):
        back, gone = patched(layer, position, denoise=True), patched(layer, position, denoise=False)
        print(f"layer {layer}, {position:3}: denoised {back.mean():+.2f}, noised {gone.mean():+.2f}")

# %% [markdown]
# At layer 12 the stream at S2 is all that matters of what the two runs differ in. At layer 24 little of it is left
# there, and END has most. Somewhere between the information has moved.
#
# To see where, patch every layer from 12 on at every position. Two thoughts make this cheap. A patch in layer L leaves
# the layers before it alone, so the run can start at L. And patches at different positions do not need each other, so
# that they fit into one batch.

# %% exercise="patching.patch_each_position"


# %%
def rest_of_model(streams, layer):
    """Logits at END, from residual streams [batch pos d_model] that enter the layer."""
    with model.hooks(fwd_hooks=[("unembed.hook_in", lambda x, hook: x[:, -1:])]):
        return model(streams, start_at_layer=layer)[:, -1]


def score_of_first(streams):
    """Logit difference of streams that all belong to the first prompt (a metric takes [..., prompt, d_vocab])."""
    return eight[0].metrics["logit difference"](rest_of_model(streams, 21)[:, None])[:, 0]


row = patching.patch_each_position(clean_streams[21][0], corrupted_streams[21][0], score_of_first)
UPPER = list(range(12, LAYERS))
residual = sweeps.denoise(model, eight.clean, eight.corrupted, "residual", LD, layers=UPPER, labels=eight.labels)
print(
    "your row of layer 21 is that of sweeps.denoise:",
    bool((row - residual.per_prompt[21 - UPPER[0], :, 0]).abs().max() < 1e-2),
)
print(f"first prompt: clean {clean_ld[0]:+.1f}, corrupted {corrupted_ld[0]:+.1f}; denoised in layer 21 at")
for word, value in zip(eight.words[0], row, strict=True):
    if abs(value - corrupted_ld[0]) > 0.2:
        print(f"  {word.strip('·'):8} {value:+.1f}")

# %% [markdown]
# `sweeps.denoise` does the same for many layers and prompts at once; `lab/sweeps/__init__.py` says how. Two logit
# differences are the ends of the scale. We want a number that is 0 for the corrupted run and 1 for the clean run.

# %% exercise="patching.normalised_effect"

# %% [markdown]
# A `Sweep` remembers the metric of the run that is patched (`into_per_prompt`) and of the run that the values come from
# (`source_per_prompt`). For a denoising sweep these are corrupted and clean. In a noising sweep the run that is patched
# is clean and the values come from the corrupted run; the same fraction then says how much is lost. The labels of
# positions: "S1|IO" is S1 in some prompts and IO in the others; "S1+1" is the token after S1.


# %%
def fraction(sweep):
    """Your normalised effect for a whole sweep: how far each patch goes towards the run that the values come from."""
    shape = sweep.per_prompt.shape
    flat = sweep.per_prompt.reshape(-1, shape[-1])
    return patching.normalised_effect(flat, sweep.into_per_prompt, sweep.source_per_prompt).reshape(shape[:-1])


grid = fraction(residual)
s2, end = int(flip.positions["S2"][0]), flip.clean.ids.shape[1] - 1
others = [p for p in range(end) if p != s2]
step = {layer: grid[layer - UPPER[0]] for layer in UPPER}  # layer → fraction at each position
fresh_flip = tasks.ioi(model, n=8, seed=50, corruption="s2_flip", templates=FRESH_TEMPLATES)
STEPS = list(range(19, 26))
on_fresh = fraction(
    sweeps.denoise(
        model,
        fresh_flip.clean,
        fresh_flip.corrupted,
        "residual",
        fresh_flip.metrics["logit difference"],
        layers=STEPS,
        positions={name: fresh_flip.positions[name] for name in ("S2", "END")},
    )
)
print(f"{'layer that the clean stream enters':36}" + "".join(f"{layer:>6}" for layer in STEPS))
for name, values in (
    ("S2", [step[layer][s2] for layer in STEPS]),
    ("END", [step[layer][end] for layer in STEPS]),
    ("S2, other sentences", on_fresh[:, 0]),
    ("END, other sentences", on_fresh[:, 1]),
):
    print(f"{name:36}" + "".join(f"{two(v):>6.2f}" for v in values))
print(f"largest effect at any other position: {two(grid[:, others].abs().max()):.2f}")

# %% jupyter={"source_hidden": true}
fig, ax = plt.subplots(figsize=(8, 4.6))
image = ax.imshow(grid.T, cmap="RdBu_r", vmin=-1, vmax=1, aspect="auto", extent=(11.5, 29.5, end + 0.5, -0.5))
ax.set_yticks(range(end + 1), [*eight.labels[:end], "END"], fontsize=9)
ax.set_xlabel("layer that the clean stream enters")
ax.grid(visible=False)
ax.set_title("Which name comes twice: at S2 until about layer 20, then at END")
fig.colorbar(image, label="fraction of the way to the clean run")
show(
    fig,
    alt="Denoising the residual stream, layer by position, IOI with S2 flipped. At S2, layers 19 to 25: "
    + ", ".join(f"{two(step[layer][s2]):.2f}" for layer in STEPS)
    + "; at END: "
    + ", ".join(f"{two(step[layer][end]):.2f}" for layer in STEPS)
    + f". Largest elsewhere: {two(grid[:, others].abs().max()):.2f}.",
)

# %% [markdown]
# A whole route in one picture. There are two steps, one in layer 20 and one in layer 23, on other sentences too. Which
# layer crosses a half depends on the sentences; the steps do not. The picture says *where*, not *by what*. Something
# carried the information from S2 to END there, and the picture does not name it.
#
# ## 2 · Two directions, two questions
#
# Noising of a part asks whether the answer survives without it. Denoising of a part asks whether it alone brings the
# answer back. These look like one question read twice. They are not. Take a logic gate. Both inputs are on in the clean
# run and off in the corrupted run. 1 means that the answer is there.

# %%
print(f"{'':9}{'denoise P':>11}{'Q':>4}{'both':>6}{'noise P':>11}{'Q':>4}{'both':>6}")
denoised = [p and q for p, q in ((1, 0), (0, 1), (1, 1))]
noised = [p and q for p, q in ((0, 1), (1, 0), (0, 0))]
print(f"{'P and Q':9}{denoised[0]:>11}{denoised[1]:>4}{denoised[2]:>6}{noised[0]:>11}{noised[1]:>4}{noised[2]:>6}")

# %% [markdown]
# Noising finds each member of an AND. Denoising one member alone shows nothing. So a small effect can mean "no part" or
# "the wrong direction".

# %% exercise="patching.which_gate"

# %% [markdown]
# See Heimersheim & Nanda (2024) for more of such gates. Two directions are easily run. But six numbers need not come
# from a gate, as we shall see.
#
# We take a corruption that removes more: three new names, none twice (ABC). There is no indirect object to find. Each
# head of layers 16 to 29 is patched at all positions, in both directions. Earlier layers are not searched.

# %%
abc = tasks.ioi(model, n=PROMPTS, seed=0, corruption="abc")
LATE = range(16, LAYERS)
predict(
    "patching.head_16_0",
    "Head 16.0 copies, to the token after the first name, which name stood there. Which direction finds it under ABC?",
    ["denoising", "noising", "both", "neither"],
)

# %%
few = abc[:4]  # a search over 126 heads; the test comes after it
FEW_LD = few.metrics["logit difference"]
by_denoising = sweeps.denoise(model, few.clean, few.corrupted, "head", FEW_LD, layers=LATE, max_bytes=BYTES)
by_noising = sweeps.noise(model, few.clean, few.corrupted, "head", FEW_LD, layers=LATE, max_bytes=BYTES)
restores, destroys = fraction(by_denoising), fraction(by_noising)  # what is brought back, what is lost
print(f"clean {by_noising.into_metric:.2f}, corrupted {by_denoising.into_metric:.2f}")
strongest = torch.maximum(restores.abs(), destroys.abs()).flatten().argsort(descending=True)[:10].tolist()
print("largest in either direction:", ", ".join(f"{16 + k // HEADS}.{k % HEADS}" for k in strongest))

# %% jupyter={"source_hidden": true}
fig, ax = plt.subplots(figsize=(6.4, 4.8))
ax.axline((0, 0), slope=1, color=COLORS["grey"], linewidth=0.8)
ax.scatter(destroys, restores, s=14, color=COLORS["blue"])
for k in strongest:
    x, y, name = float(destroys.flatten()[k]), float(restores.flatten()[k]), f"{16 + k // HEADS}.{k % HEADS}"
    offset, side = ((5, -5), "left") if y < x else ((-5, 2), "right")  # away from the line
    ax.annotate(name, (x, y), xytext=offset, textcoords="offset points", fontsize=9, ha=side, va="center")
ax.set_xlabel("noising: share of the difference that is lost")
ax.set_ylabel("denoising: share that is brought back")
ax.set_title("Several heads show in one direction only, by this metric")
show(
    fig,
    alt="Heads of layers 16 to 29 under ABC, noising against denoising. "
    + "; ".join(
        f"{16 + k // HEADS}.{k % HEADS}: noising {two(destroys.flatten()[k]):.2f}, denoising "
        f"{two(restores.flatten()[k]):.2f}"
        for k in strongest
    )
    + ".",
)

# %% [markdown]
# On the grey line both directions give the same share. Four prompts are few, and the heads were picked from a crowd on
# these very prompts. So we test five of them on sixteen others. (`Whole` runs them. You need not read its code.)

# %% jupyter={"source_hidden": true}
# Whole: runs that are changed at all positions, in layers 16 and later
START = 16


class Whole:
    """Runs of a task that are changed at all positions, in layers 16 and later."""

    def __init__(self, task, layers=(16, 17, 20, 23)):
        self.task, self.score = task, task.metrics["logit difference"]
        rows, where = torch.arange(len(task)), task.positions
        with_s2 = task.corrupted.ids.clone()
        with_s2[rows, where["S2"]] = task.clean.ids[rows, where["S2"]]
        prompts = {"clean": task.clean.ids, "corrupted": task.corrupted.ids, "clean S2": with_s2}
        self.z, self.stream = {}, {}
        for run, ids in prompts.items():
            found = activations.run_with(model, ids, [RESID[START], *(Z[layer] for layer in layers)])
            self.stream[run], self.z[run] = found[RESID[START]], {layer: found[Z[layer]] for layer in layers}
        self.base = {run: self.logits(run, {}) for run in prompts}
        self.way = (self.score(self.base["clean"]) - self.score(self.base["corrupted"])).mean()

    def logits(self, run, heads):
        """END logits of a run in which each of the heads {(layer, head): run} has its output of another run."""

        def put(z, hook, layer, head, source):
            z = z.clone()
            z[:, :, head] = self.z[source][layer][:, :, head]
            return z

        hooks = [(Z[a], partial(put, layer=a, head=b, source=source)) for (a, b), source in heads.items()]
        with model.hooks(fwd_hooks=[*hooks, ("unembed.hook_in", lambda x, hook: x[:, -1:])]):
            return model(self.stream[run], start_at_layer=START)[:, -1]


# %%
unseen = Whole(tasks.ioi(model, n=16, seed=21, corruption="abc"))
NAMED = [(16, 0), (17, 4), (20, 0), (23, 0), (23, 3)]
denoised = {head: unseen.logits("corrupted", {head: "clean"}) for head in NAMED}
noised = {head: unseen.logits("clean", {head: "corrupted"}) for head in NAMED}
brought, lost = {}, {}
print(f"{'head':6}{'denoising brings back':>23}{'noising takes away':>23}   (± standard error)")
for a, b in NAMED:
    brought[a, b] = (unseen.score(denoised[a, b]) - unseen.score(unseen.base["corrupted"])) / unseen.way
    lost[a, b] = (unseen.score(unseen.base["clean"]) - unseen.score(noised[a, b])) / unseen.way
    print(f"{a}.{b:<4}{pm(brought[a, b]):>23}{pm(lost[a, b]):>23}")

# %% [markdown]
# 16.0, 17.4 and 20.0 are found by noising only, as in an AND. 23.0 is found by denoising only, as in an OR. 23.3 is
# found by both. The story is ready to be told: the first three need each other, for 23.0 others stand in. Before you
# tell it, ask three things.
#
# ### What does the metric ask for?
#
# The logit difference asks for IO and S of the clean prompt. The ABC run has other names. So we put a second question
# to the same runs, about *their own* two names: the logit of the name at IO's place minus that of the name at S1's
# place.

# %%
predict(
    "patching.own_names",
    "Noised, 20.0 takes nearly half of the difference. Denoised in the ABC run, how far does it set the run's own two "
    "names apart?",
    ["hardly at all", "by less than half of what noising takes", "by at least what noising takes"],
)


# %%
def own_names(task):
    """Logit difference of the names that the corrupted prompt holds at IO's and at S1's place."""
    rows = torch.arange(len(task))
    return LogitDifference(*(task.corrupted.ids[rows, task.positions[place]] for place in ("IO", "S1")))


OWN = own_names(unseen.task)
print(f"{'':6}{'denoised under ABC, effect on':>31}")
print(
    f"{'head':6}{'clean names':>16}{'its own names':>15}{'IO first':>10}{'S first':>9}"
    f"{'noising takes':>17}{'IO first':>10}{'S first':>9}"
)
own_effect = {}
for a, b in NAMED:
    by_clean = unseen.score(denoised[a, b]) - unseen.score(unseen.base["corrupted"])
    own_effect[a, b] = OWN(denoised[a, b]) - OWN(unseen.base["corrupted"])
    by_noising = by_order(lost[a, b] * unseen.way, unseen.task)
    print(f"{a}.{b:<3}{pm(by_clean):>16}{by_order(own_effect[a, b], unseen.task)}  {by_noising}")

# %% [markdown]
# 20.0 and 17.4 were there all the time. In the run's own names 17.4 does about what noising takes and 20.0 more, in
# both orders. Their message is a *place*: "not the name at S1's place". It works at once on other names. Denoising did
# not miss them. The metric could not see them, for it asks for names that this run does not hold. 23.3 is the reverse:
# it moves the difference of the clean names and hardly that of the run's own. (Three other sets, seeds 33 and 77 and
# seed 91 on other sentences: 20.0 +2.6 to +3.0 by the run's own names, 17.4 +1.9 to +2.1, 23.3 +0.2 to +0.5.)
#
# ### Is it an AND, and with what?
#
# By neither metric 16.0 does anything. It says which name stood in front of it, and this says something only to a head
# that finds the same name again, at S2. In the ABC run there is none. So this *is* an AND, and a claim of an AND can be
# tested: make the other input clean as well. We put the clean S at S2. And if 16.0 acts through 17.4, and 17.4 through
# 20.0, then holding the later head at its clean output should save the answer.

# %%
with_both = unseen.logits("clean S2", {(16, 0): "clean"})
own_base = OWN(unseen.base["corrupted"])
and_table = {
    "16.0 clean": own_effect[16, 0],
    "S2 clean": OWN(unseen.base["clean S2"]) - own_base,
    "both": OWN(with_both) - own_base,
}
and_table["both − 16.0 − S2"] = and_table["both"] - and_table["16.0 clean"] - and_table["S2 clean"]
print(f"{'ABC, its own names':30}{'change':>15}{'IO first':>10}{'S first':>9}")
for name, values in and_table.items():
    print(f"{name:30}{by_order(values, unseen.task)}")
chain = {
    "16.0": {(16, 0): "corrupted"},
    "16.0, with 17.4 held clean": {(16, 0): "corrupted", (17, 4): "clean"},
    "17.4": {(17, 4): "corrupted"},
    "17.4, with 20.0 held clean": {(17, 4): "corrupted", (20, 0): "clean"},
}
print(f"\n{'noised: share lost':30}{'share':>15}{'IO first':>10}{'S first':>9}")
for name, heads in chain.items():
    chain[name] = (unseen.score(unseen.base["clean"]) - unseen.score(unseen.logits("clean", heads))) / unseen.way
    print(f"{name:30}{by_order(chain[name], unseen.task)}")
del unseen, denoised, noised, with_both  # logits are large

# %% [markdown]
# Alone neither does what both do together: 16.0 and S2 are an AND. (On the three other sets the surplus is +1.8 to
# +2.0. There we also made the test that could fail. With the clean IO at S2 instead of S a clean 16.0 turns the answer
# the other way, by 1.5 to 2.0. With a name that stands nowhere else it adds -0.2 to +0.35, within 1.2 errors of 0.
# So the other input is *the same name*, not any change at S2.) And most of what 16.0 takes is saved by holding
# 17.4, about half of what 17.4 takes by holding 20.0. They work one after the other, and not only so.
#
# ### Who makes it good?
#
# Last the name movers 23.0, 23.1 and 23.2. They act at END only, and a run that is changed at END only can be had
# cheaply (`LastPosition`, chapter 07). `Pair` holds the two runs of a task; you need not read its code. Beside the
# patched heads it can *hold* later ones at what they say in the unpatched run, so that they cannot react. 24.4, which
# pushes down the name that these push up (chapter 07), is held by itself as well.


# %% jupyter={"source_hidden": true}
# Pair: two runs, changed at END only
class Pair:
    """A clean and a corrupted run, changed at END only.

    noised: embeddings of the corrupted run, for a corruption by noise; without it the task's corrupted prompts.
    like: another Pair with the same clean prompts, whose clean run is taken over.
    """

    def __init__(self, task, noised=None, like=None):
        self.task, self.score = task, task.metrics["logit difference"]
        self.ends, self.z, self.mlp, self.base = {}, {}, {}, {}
        if like is not None:
            self.ends["clean"], self.z["clean"] = like.ends["clean"], like.z["clean"]
            self.mlp["clean"], self.base["clean"] = like.mlp["clean"], like.base["clean"]
        else:
            self._run("clean", task.clean)
        if noised is None:
            self._run("corrupted", task.corrupted)
        else:
            with activations.replace(model, EMBED, lambda e, hook: noised[:, : e.shape[1]]):
                self._run("corrupted", task.clean)

    def _run(self, run, prompts):
        found = {}

        def note(activation, hook, name):
            found[name] = activation

        self.ends[run] = LastPosition(model, prompts)
        self.base[run] = self.ends[run].logits([(name, partial(note, name=name)) for name in (*Z, *MLP)])
        self.z[run], self.mlp[run] = (torch.stack([found[name] for name in names]) for names in (Z, MLP))

    def logits(self, heads, *, denoise, hold=(), hold_mlps=False):
        """END logits of one run with these heads taken from the other, and the heads of `hold` as they were."""
        into, source = ("corrupted", "clean") if denoise else ("clean", "corrupted")
        plan = {}
        for run, chosen in ((into, hold), (source, heads)):  # a head in both is patched
            for layer, head in chosen:
                plan.setdefault(layer, []).append((head, run))

        def put(z, hook, layer):
            z = z.clone()
            for head, run in plan[layer]:
                z[:, :, head] = self.z[run][layer][:, :, head]
            return z

        hooks = [(Z[layer], partial(put, layer=layer)) for layer in plan]
        if hold_mlps:
            first = min(layer for layer, _ in heads)
            hooks += [(MLP[k], lambda out, hook, k=k: self.mlp[into][k]) for k in range(first, LAYERS)]
        return self.ends[into].logits(hooks)

    def effect(self, heads, *, denoise, score=None, **held):
        """Change of the metric on each prompt."""
        score, into = score or self.score, "corrupted" if denoise else "clean"
        return score(self.logits(heads, denoise=denoise, **held)) - score(self.base[into])

    def share(self, heads, *, denoise, score=None):
        """The same as a share of the difference between the runs: brought back, or taken away."""
        score = score or self.score
        whole = (score(self.base["clean"]) - score(self.base["corrupted"])).mean() * (1 if denoise else -1)
        return self.effect(heads, denoise=denoise, score=score) / whole


# %%
of_abc = Pair(abc)
of_fresh = Pair(tasks.ioi(model, n=16, seed=50, corruption="abc", templates=FRESH_TEMPLATES))
same = of_abc.logits([], denoise=True) - activations.logits_at(model, abc.corrupted)
print(
    "patching no head changes no logit, and the short way gives what the long way gives:", bool(same.abs().max() < 1e-2)
)
MOVERS = [(23, 0), (23, 1), (23, 2)]
LATER = [(layer, head) for layer in range(24, LAYERS) for head in range(HEADS)]
HELD = {
    "nothing held": {},
    "24.4 held": {"hold": [(24, 4)]},
    "all other heads of 24 to 29 held": {"hold": [head for head in LATER if head != (24, 4)]},
    "all later heads and MLPs held": {"hold": LATER, "hold_mlps": True},
}
movers = {}
for title, pair in (("ABC, the sixteen prompts", of_abc), ("ABC, other sentences", of_fresh)):
    print(f"\n{title:46}{'change':>15}{'IO first':>10}{'S first':>9}")
    for denoise in (True, False):
        run = "denoised" if denoise else "noised"
        for name, held in HELD.items():
            if denoise and name.startswith("all other"):
                continue
            movers[title, denoise, name] = pair.effect(MOVERS, denoise=denoise, **held)
            print(f"{f'{run}, {name}':46}{by_order(movers[title, denoise, name], pair.task)}")
        held = HELD["all later heads and MLPs held"]
        movers[title, denoise, "sum"] = sum(pair.effect([head], denoise=denoise, **held) for head in MOVERS)
        print(f"{'… and the sum of the three one by one':46}{by_order(movers[title, denoise, 'sum'], pair.task)}")
one_mover = {name: of_abc.effect([(23, 0)], denoise=False, **HELD[name]) for name in ("nothing held", "24.4 held")}
print("\n23.0 alone, the sixteen prompts:")
for name, values in one_mover.items():
    print(f"{f'noised, {name}':46}{by_order(values, abc)}")

# %% [markdown]
# Noised, the three cost little. Hold 24.4, and they cost about as much as they bring. Hold all other later heads
# instead, and next to nothing changes. So their loss costs little because *24.4 lets go*. (It is so on the three other
# sets: noised -0.2, -0.8 and 0.0, with 24.4 held -1.4, -1.8 and -1.6; denoised +1.3, +1.5 and +1.5.) 23.0 alone is
# missed, too, once 24.4 is held, by about half of what it brings when denoised. 24.4 pushes down the name that the
# movers push up (chapter 07); when they push less, so does it. In the ABC run it cannot react, for IO is not in the
# prompt: denoised, holding it changes little. That is a brake, not an OR. A brake does not do the movers' work. A table
# of parts without negative ones cannot show it.
#
# Can the three stand in for *each other*? They are heads of one layer, patched at one position. None sees another. With
# everything later held their effects add up, losses and gains alike. An asymmetry between the directions can say:
# something later reacts.
#
# Look at the orders, too. With IO first the three do next to nothing together; with S first they bring back three
# quarters of the difference (section 7 prints it). Here other prompts shift the numbers: with S first 0.5 to 0.75 of
# the difference, with IO first mostly nothing, but a quarter on one set of other sentences. 23.1 and 23.2 favour the
# *second* name, whoever that is (section 6).
#
# A large effect is a real change of the metric, and no more is known of it. A small one can mean: no part, the wrong
# direction, a metric that cannot see, or something that reacts.
#
# ## 3 · The corruption
#
# What is the partner? The survey names two kinds. **Symmetric token replacement** puts other tokens in, as above.
# **Gaussian noise** adds noise to the embeddings of the subject's tokens, three standard deviations of it (Meng et al.
# 2022). It needs no second prompt. What does it cost?

# %% exercise="patching.noise_subject"

# %% [markdown]
# Zhang & Nanda (2024) suspect that noise takes the model where it has never been. To look at this we need a measure of
# "far".

# %% exercise="patching.off_distribution"

# %% [markdown]
# The noise goes to the three names of the prompt. Natural is what the stream holds on 32 other prompts, clean and ABC.
# Beside the distance we print the length of the stream, where the two part.

# %%
embeddings = activations.run_with(model, flip.clean, EMBED)[EMBED]
rows = torch.arange(PROMPTS)
is_name, is_s2 = (torch.zeros(flip.clean.ids.shape, dtype=torch.bool) for _ in range(2))
for place in ("S1", "IO", "S2"):
    is_name[rows, flip.positions[place]] = True
is_s2[rows, flip.positions["S2"]] = True
SEEDS = range(3)
on_names = [patching.noise_subject(embeddings, is_name, embeddings[is_name], 3.0, seed) for seed in SEEDS]
on_s2 = patching.noise_subject(embeddings, is_s2, embeddings[is_name], 3.0, 0)

DEPTHS = [0, 1, 3, 6, 12, 18, 24, 27]
depth_names = [RESID[layer] for layer in DEPTHS]
more = tasks.ioi(model, n=16, seed=7)
natural = torch.cat([streams_of(more.clean, depth_names), streams_of(more.corrupted, depth_names)], dim=1)


def under_noise(noised, function):
    with activations.replace(model, EMBED, lambda e, hook: noised):
        return function()


runs = {
    "S2 flipped": streams_of(eight.corrupted, depth_names),
    "ABC": streams_of(abc[:8].corrupted, depth_names),
    **{
        f"noise, seed {seed}": under_noise(on_names[seed][:8], lambda: streams_of(eight.clean, depth_names))
        for seed in SEEDS
    },
}


def farness(streams, position):
    return torch.stack(
        [patching.off_distribution(streams[k][:, position], natural[k][:, position]).mean() for k in range(len(DEPTHS))]
    )


far = {name: {p: farness(streams, where) for p, where in (("S2", s2), ("END", end))} for name, streams in runs.items()}
lengths = {name: streams[1, :, s2].norm(dim=-1) for name, streams in {**runs, "natural": natural}.items()}
SHOWN = (0, 1, 2, 7)
print(f"{'distance, natural spreads':28}" + "".join(f"{f'S2, {DEPTHS[k]}':>8}" for k in SHOWN) + f"{'END, 27':>9}")
for name, found in far.items():
    print(f"{name:28}" + "".join(f"{found['S2'][k]:>8.1f}" for k in SHOWN) + f"{found['END'][-1]:>9.1f}")
print("\nlength of the stream at S2, layer 1, smallest to largest:")
for name in ("natural", *runs):
    print(f"{name:28}{lengths[name].min():>8.0f} to {lengths[name].max():.0f}")
del runs

# %% jupyter={"source_hidden": true}
fig, axes = plt.subplots(1, 2, figsize=(9, 3.8), sharey=True)
for ax, place in zip(axes, ("S2", "END"), strict=True):
    for name, color in (("S2 flipped", "blue"), ("ABC", "sky"), ("noise, seed 0", "red")):
        ax.plot(DEPTHS, far[name][place], color=COLORS[color], marker="o", markersize=3, label=name)
    ax.set_xlabel("layer")
    ax.set_title(f"at {place}", fontweight="normal")
axes[0].set_ylabel("distance from natural activations\n(natural spreads)")
axes[0].legend()
fig.suptitle(
    "At S2 noise is far out where it is put in, then nearer than natural, then drifts out again",
    x=0.01,
    ha="left",
    fontsize=11,
    fontweight="bold",
)
show(
    fig,
    alt="Distance of the residual stream from natural activations by layer, at S2 and END. "
    + "; ".join(
        f"{name}: S2 " + ", ".join(f"{f['S2'][k]:.1f} at layer {DEPTHS[k]}" for k in SHOWN) for name, f in far.items()
    )
    + ".",
)

# %% [markdown]
# Token replacement is near 1 at every depth. That had to come out: its prompts are draws from the generator that gave
# the natural ones. (At END and layer 0 all prompts hold the same token. There is no spread, and no point is drawn.)
#
# Noise is far out where it is put in. At layer 1 its distance is *below* 1. That is no recovery. Its streams there are
# shorter than natural ones. What enters layer 1 is nearly all MLP 0's output (section 5), and MLP 0 gives little for
# an input that it does not know. Later it drifts out again. All this is at S2. At END
# noise stays as near as the others. A distance from the mean finds what is far out and misses what has collapsed. One
# number for "natural" is not enough.
#
# And a natural source does not make a natural run. In every patched run one part speaks of other names than the rest.
#
# Now the question that counts. Do the corruptions name the same heads? First we noise each head of layers 16 to 29 at
# END with its output under three corruptions. Then we denoise some of them. A run under noise can be denoised as well
# as any other. Noise on S2 alone comes as a fourth: it touches the token that the flip changes.

# %%
of_flip = Pair(flip, like=of_abc)
of_noise = {
    "noise on the names": Pair(flip, on_names[0], like=of_abc),
    "noise on the names, seed 1": Pair(flip, on_names[1], like=of_abc),
    "noise on S2": Pair(flip, on_s2, like=of_abc),
}
PAIRS = {"S2 flipped": of_flip, "ABC": of_abc, **of_noise}
length = flip.clean.ids.shape[1]


def noised_with(pair):
    """Effects of noising each late head at END (other positions are given, and not read)."""
    values = pair.z["corrupted"][16:, :8].expand(-1, -1, length, -1, -1)
    return sweeps.patch(model, eight.clean, values, "head", LD, layers=LATE, positions=-1, max_bytes=BYTES).effects


by_corruption = {name: noised_with(PAIRS[name]) for name in ("S2 flipped", "ABC", "noise on the names")}


def correlation(a, b):
    return torch.corrcoef(torch.stack([a.flatten(), b.flatten()]))[0, 1].item()


def top_heads(effects, n=5):
    order = effects.abs().flatten().argsort(descending=True)[:n].tolist()
    return [(16 + at // HEADS, at % HEADS) for at in order]


LARGE = [(20, 0), (23, 3), (29, 0), (29, 1)]
small_ones = torch.ones(len(LATE), HEADS, dtype=torch.bool)
for a, b in LARGE:
    small_ones[a - 16, b] = False
agree, agree_small = {}, {}
print("noised at END, change of the logit difference:")
for name, effects in by_corruption.items():
    print(f"  {name:20}" + ", ".join(f"{a}.{b} {effects[a - 16, b]:+.2f}" for a, b in top_heads(effects)))
print(f"\n{'correlation over heads':46}{'all':>6}{'without four':>14}")
for one, other in combinations(by_corruption, 2):
    x, y = by_corruption[one], by_corruption[other]
    agree[one, other], agree_small[one, other] = correlation(x, y), correlation(x[small_ones], y[small_ones])
    print(f"  {f'{one}, {other}':44}{agree[one, other]:>6.2f}{agree_small[one, other]:>14.2f}")

WATCHED = [(20, 0), (23, 3), (29, 1)]
back = {}
print("\ndenoised at END, fraction brought back:")
print(f"  {'':28}" + "".join(f"{f'{a}.{b}':>8}" for a, b in WATCHED))
for name, pair in PAIRS.items():
    for head in WATCHED:
        back[name, head] = pair.share([head], denoise=True)
    print(f"  {name:28}" + "".join(f"{two(back[name, head].mean()):>8.2f}" for head in WATCHED))
print(
    "20.0, ± standard error: "
    + "; ".join(f"{name} {pm(back[name, (20, 0)])}" for name in ("S2 flipped", "ABC", "noise on S2"))
)
del PAIRS, of_noise

# %% [markdown]
# Noised, the corruptions share 23.3, 20.0 and 29.1 among their largest heads; the others agree less. Denoised, they
# part about 20.0: much under the flip, little or nothing under ABC and under noise on the names. But noise as such need
# not be the reason. Noise on S2 alone gives 20.0 about as much as the flip does, with a large error; two more draws
# give 0.44 and 0.57. That suggests that *which tokens* are corrupted decides, for it decides which names are left for
# the head to choose between. With this error it is not settled.
#
# The corruption is a part of the question. Say what your two prompts differ in; that is all a patch can find. The flip
# has an example that no direction repairs: prompt and partner share the first clause, so what 16.0 copies there is the
# same in both runs, and 16.0 is invisible.
#
# ## 4 · The metric
#
# We have looked at the logit difference only. Two other metrics are in use. The **probability** of the answer was used
# for causal tracing. **KL divergence** from the clean run looks at every token.

# %% exercise="patching.run_metrics"

# %% [markdown]
# One patch, three metrics. Under ABC a clean 23.3 at END brings back two thirds of the logit difference, more than any
# other head.

# %%
predict(
    "patching.metric_23_3",
    "What will probability and KL say of the same patch?",
    ["both about as much", "both about a half of it", "both about nothing", "one of them much, the other nothing"],
)

# %%
METRICS = ("logit difference", "probability", "KL")
HEADS_SHOWN = [(20, 0), (23, 0), (23, 2), (23, 3), (24, 4), (29, 0), (29, 1)]


def shares(pair, heads):
    """Fraction brought back by denoising each head, by each of your metrics: name → [head]."""
    task, clean = pair.task, pair.base["clean"]
    scored = [
        patching.run_metrics(logits, clean, task.answer, task.wrong)
        for logits in (pair.base["corrupted"], clean, *(pair.logits([head], denoise=True) for head in heads))
    ]
    return {
        name: patching.normalised_effect(
            torch.stack([one[name] for one in scored[2:]]), scored[0][name], scored[1][name]
        )
        for name in METRICS
    }


by_metric = {"ABC": shares(of_abc, HEADS_SHOWN), "S2 flipped": shares(of_flip, HEADS_SHOWN)}
for corruption, found in by_metric.items():
    print(f"{f'{corruption}, fraction brought back':34}" + "".join(f"{f'{a}.{b}':>8}" for a, b in HEADS_SHOWN))
    for name in METRICS:
        print(f"{name:34}" + "".join(f"{two(v):>8.2f}" for v in found[name]))
    print()
logits = of_abc.logits([(23, 3)], denoise=True)
moved = (logits - logits.mean(dim=1, keepdim=True)) - (
    of_abc.base["corrupted"] - of_abc.base["corrupted"].mean(dim=1, keepdim=True)
)
rows = torch.arange(PROMPTS)
print(
    "23.3 clean under ABC, against the mean of all logits: "
    f"IO {pm(moved[rows, abc.answer])}, S {pm(moved[rows, abc.wrong])}"
)

# %% jupyter={"source_hidden": true}
fig, axes = plt.subplots(1, 2, figsize=(9, 3.8), sharey=True)
for ax, found in zip(axes, by_metric.values(), strict=True):
    for k, (name, color) in enumerate(zip(METRICS, ("blue", "orange", "grey"), strict=True)):
        places = torch.arange(len(HEADS_SHOWN)) + 0.27 * (k - 1)
        ax.bar(places, found[name], width=0.27, color=COLORS[color], label=name)
    ax.axhline(0, color=COLORS["black"], linewidth=0.8)
    ax.set_xticks(range(len(HEADS_SHOWN)), [f"{a}.{b}" for a, b in HEADS_SHOWN])
    ax.set_xlabel("head denoised at END")
    ax.grid(visible=False, axis="x")
axes[0].set_title("ABC: the metrics quarrel about 23.3")
axes[1].set_title("S2 flipped: they agree on the largest three")
axes[0].set_ylabel("fraction brought back")
axes[0].legend()
show(
    fig,
    alt="Fraction brought back by denoising one head at END, by three metrics. "
    + ". ".join(
        f"{corruption}: "
        + "; ".join(
            f"{a}.{b} " + ", ".join(f"{two(found[name][k]):.2f}" for name in METRICS)
            for k, (a, b) in enumerate(HEADS_SHOWN)
        )
        for corruption, found in by_metric.items()
    )
    + " (logit difference, probability, KL).",
)

# %% [markdown]
# Under ABC the three quarrel about 23.3, and all are right. The corrupted prompt does not contain the clean subject.
# 23.3, made clean, lowers the logit of a name that this run would never say, and the logit difference counts it. (It
# lowers IO's too, far less.) By KL the run is a little farther from the clean one, on other prompts too (-0.09 to
# -0.14, error 0.04 at most). Zhang & Nanda avoid this: in their definition the second name is the *answer of the
# corrupted prompt*, as in our flip. ABC has no answer; the clean subject was our choice. Under the flip all three agree
# on the largest heads.
#
# The probability near 0 has the opposite fault. Under ABC no single head lifts it off the ground, so it sees nobody.
# Under the flip it hardly sees what holds the answer down, such as 29.0: it starts near 0 and cannot go below.
#
# Report two metrics. Where they part, say what the patch does to each logit.
#
# A last trap of measuring. Answers are read at the end of the prompt, and in a batch of prompts of different lengths
# that is not position −1.

# %% exercise="patching.end_logits"

# %%
chosen = [c for c in CITIES if c[0] in ("Paris", "Lisbon", "Cape Town", "Mexico City", "Johannesburg", "Cairo")]
batch = tokens(model, [TEMPLATES["country"].format(city=city) for city, *_ in chosen])
right = torch.tensor([int(tokens(model, f" {country}", bos=False).ids[0, 0]) for _, country, _ in chosen])
padded_logits = model(batch.ids)
at_end, at_minus_one = patching.end_logits(padded_logits, batch.mask), padded_logits[:, -1]
print("lengths:", batch.lengths.tolist())
for name, logits in (("at the last token", at_end), ("at -1", at_minus_one)):
    probability = logits.softmax(dim=-1)[torch.arange(len(right)), right]
    print(f"{name:18} mean probability of the country {probability.mean():.2f}")
del padded_logits

# %% [markdown]
# The numbers at −1 are not visibly wrong. Nothing crashes.
#
# ## 5 · Tracing a fact, with windows
#
# Meng et al. (2022) ask where a model recalls a fact. Their **causal tracing** noises the subject, restores one hidden
# state at a time and looks whether the answer comes back. We do it for "The city of Cairo is located in the country
# of". We take the five of sixteen cities that the model is most sure of, as the paper takes facts that its model knows.
# There the probability is close to 1, and a logit more or less does not show in it. So we read the logit difference,
# right country minus a wrong one, beside it.

# %%
FACTS = 5
Facts = namedtuple("Facts", "task noise resid noised_resid mlp noised_mlp noised clean")
known = tasks.country(model, n=16, seed=0)
order = known.measure(model)["probability"].argsort(descending=True)
city = int(known.positions["CITY"][0])
city_embeddings = activations.run_with(model, known.clean, EMBED)[EMBED][:, city]
trace_layers = [0, 3, 12, 18, 23, 24]
traced = [RESID[layer] for layer in trace_layers]


def scores(task, logits):
    """Probability of the country and logit difference: {name: [... prompt]}."""
    return {name: task.metrics[name](logits) for name in ("probability", "logit difference")}


def with_noise(task, seed=0):
    """Clean and noised run of some facts: streams, MLP outputs and scores."""
    e = activations.run_with(model, task.clean, EMBED)[EMBED]
    at_city = torch.zeros(task.clean.ids.shape, dtype=torch.bool)
    at_city[:, city] = True
    noise = patching.noise_subject(e, at_city, city_embeddings, 3.0, seed)
    clean = activations.run_with(model, task.clean, [*traced, *MLP])
    noised = under_noise(noise, lambda: activations.run_with(model, task.clean, [*traced, *MLP]))
    parts = [torch.stack([run[name] for name in names]) for names in (traced, MLP) for run in (clean, noised)]
    ends = (
        scores(task, under_noise(noise, lambda: activations.logits_at(model, task.clean))),
        scores(task, activations.logits_at(model, task.clean)),
    )
    return Facts(task, noise, *parts, *ends)


def brought_back(facts, logits):
    """Your normalised effect of patched logits [... prompt d_vocab], by both metrics."""
    found = scores(facts.task, logits)
    return {
        name: patching.normalised_effect(
            found[name].reshape(-1, len(facts.task)), facts.noised[name], facts.clean[name]
        ).reshape(found[name].shape[:-1])
        for name in found
    }


facts = with_noise(known[order[:FACTS]])
other_facts = with_noise(known[order[FACTS : FACTS + 8]])
facts_end = facts.task.clean.ids.shape[1] - 1
for name, some in (("traced", facts), ("eight others", other_facts)):
    print(f"{name}: " + ", ".join(row[city].strip("·") for row in some.task.words))
    for score in ("probability", "logit difference"):
        print(f"  {score}: clean {some.clean[score].mean():.2f}, city noised {some.noised[score].mean():.2f}")

# %% [markdown]
# First the residual stream, layer by layer and position by position. Here the noised run is the corrupted one.

# %%
per_position = facts_end + 1 - city  # positions before the city do not differ
trace = {}
for k, layer in enumerate(trace_layers):
    where = range(city, facts_end + 1 if layer else city + 1)  # at layer 0 the runs differ at the city only
    streams = facts.noised_resid[k].repeat(len(where), 1, 1, 1)
    for at, position in enumerate(where):
        streams[at, :, position] = facts.resid[k][:, position]
    logits = rest_of_model(streams.flatten(0, 1), layer).unflatten(0, (-1, FACTS))
    for name, values in brought_back(facts, logits).items():
        full = torch.zeros(per_position)
        full[: len(where)] = values
        trace.setdefault(name, []).append(full)
trace = {name: torch.stack(values) for name, values in trace.items()}  # layer, position from CITY on
fact_labels = ["CITY", *facts.task.words[0][city + 1 : facts_end], "END"]
print(f"{'layer':30}" + "".join(f"{layer:>6}" for layer in trace_layers))
for at, place in ((0, "CITY"), (-1, "END")):
    for name, values in trace.items():
        print(f"{f'{place}, {name}':30}" + "".join(f"{two(v):>6.2f}" for v in values[:, at]))

# %% jupyter={"source_hidden": true}
fig, ax = plt.subplots(figsize=(7.5, 3.6))
shown = trace["logit difference"]
image = ax.imshow(shown.T, cmap="RdBu_r", vmin=-1, vmax=1, aspect="auto")
ax.set_yticks(range(per_position), fact_labels)
ax.set_xticks(range(len(trace_layers)), trace_layers)
ax.set_xlabel("layer that the restored stream enters (some layers only)")
ax.grid(visible=False)
ax.set_title("What the country needs is at the city, and after layer 23 at END")
fig.colorbar(image, label="fraction of the logit difference")
show(
    fig,
    alt="Causal trace of five country facts: fraction of the logit difference brought back, layer by position. At the "
    "city: "
    + ", ".join(f"layer {layer} {two(shown[k, 0]):.2f}" for k, layer in enumerate(trace_layers))
    + "; at END: "
    + ", ".join(f"layer {layer} {two(shown[k, -1]):.2f}" for k, layer in enumerate(trace_layers))
    + ".",
)

# %% [markdown]
# It looks like Meng's picture: an early site at the subject's last token, a late site at the last token. A little
# stands at " in". (At layer 0 it must be 1: only this embedding was noised.) When does the early site fade? By logit
# difference a third goes between layers 3 and 18. The rest goes in one step in layer 23, when END gets it. Near 1 the
# probability hardly sees the first part of the loss. (The eight others: 1.00 at layer 3, 0.61 at 18, 0.51 at 23 by
# logit difference; 0.99, 0.85 and 0.49 by probability.)
#
# Is the early site where the fact is *recalled*? A control: restore the stream and keep the MLPs at that token from
# using it (a **severed** trace).

# %% exercise="patching.severed_hooks"


# %%
def severed(facts, layer, free=()):
    """Logits when the stream is restored at the city and the MLPs there are held, except those of `free` layers."""
    k = trace_layers.index(layer)
    where = torch.full((len(facts.task),), city)
    hooks = patching.severed_hooks(layer, where, facts.resid[k], facts.noised_mlp)
    hooks = {name: hook for name, hook in hooks.items() if name not in {MLP[one] for one in free}}
    hooks[EMBED] = lambda e, hook: facts.noise
    with activations.replace(model, hooks):
        return activations.logits_at(model, facts.task.clean)


def with_error(facts, logits):
    """The same fraction with its standard error over facts, in words, by both metrics."""
    found, words = scores(facts.task, logits), []
    for name, mean in brought_back(facts, logits[None]).items():
        whole = (facts.clean[name] - facts.noised[name]).mean()
        words.append(f"{two(mean):.2f} ± {error((found[name] - facts.noised[name]) / whole):.2f}")
    return words


held = [brought_back(facts, severed(facts, layer)) for layer in trace_layers]
swapped = sweeps.denoise(
    model,
    facts.task.clean,
    facts.task.corrupted,
    "residual",
    facts.task.metrics["logit difference"],
    layers=trace_layers,
    positions={"CITY": city},
)
print(f"{'CITY, by logit difference; layer':40}" + "".join(f"{layer:>6}" for layer in trace_layers))
for name, values in (
    ("restored after noise", trace["logit difference"][:, 0]),
    ("… with MLPs there held", torch.stack([one["logit difference"] for one in held])),
    ("restored after a swapped city", fraction(swapped)[:, 0]),
):
    print(f"{name:40}" + "".join(f"{two(v):>6.2f}" for v in values))
FREE = {"all MLPs held": (), "MLP 0 free, 1 to 29 held": (0,), "1 to 29 free, MLP 0 held": range(1, LAYERS)}
sever = {}
print(f"\n{'':24}{'the five facts':^31}{'eight others':^31}")
print(f"{'restored at layer 0':24}" + f"{'probability':>13}{'logit difference':>18}" * 2)
for name, free in FREE.items():
    logits = [severed(some, 0, free) for some in (facts, other_facts)]
    sever[name] = [brought_back(some, one) for some, one in zip((facts, other_facts), logits, strict=True)]
    words = [*with_error(facts, logits[0]), *with_error(other_facts, logits[1])]
    print(f"{name:24}" + "".join(f"{word:>{width}}" for word, width in zip(words, (13, 18, 13, 18), strict=True)))
enters = activations.run_with(model, facts.task.clean, RESID[1])[RESID[1]]
norms = {
    "embedding": activations.run_with(model, facts.task.clean, EMBED)[EMBED],
    "noised embedding": facts.noise,
    "output of MLP 0": facts.mlp[0],
    "stream that enters layer 1": enters,
}
print("\nlength at CITY")
for name, x in norms.items():
    print(f"  {name:26}{x[:, city].norm(dim=-1).mean():>3.0f}")
double = tasks.country(model, n=20, seed=0, tokens_per_city=2)

# %% [markdown]
# The severed row must be read with care. Held from layer 0 on, nothing comes back, and holding MLP 0 alone does as
# much. The embedding of a city is short, the output of MLP 0 thirty times longer. What enters layer 1 *is* MLP 0's
# output. Held at what it said of the noised token, it drowns the restored embedding. Held does not mean absent. Leave
# MLP 0 free and hold all later ones, and about 0.6 of the answer comes back, for eight other cities as well: attention
# can carry that much from the token as MLP 0 writes it. MLPs 1 to 29 at the city add the rest, and by logit difference
# those from 18 on add nothing. (By probability they do: on the eight others 0.85 with them and 0.70 without, on these
# five with another draw of noise 0.91 and 0.82.)
#
# After a swapped city the value does not fade before layer 23. In both runs the city is clean again at layer 18, so
# what differs is what the corruption has left at the *other* positions by then. What a swapped city has left costs
# next to nothing, what noise has left costs a third (the eight others, at layer 18: 0.97 after the swap, 0.61 after
# noise). The corruption decides again.
#
# All our cities have one token. Meng's subjects have several, and there the last token must first learn of the others.
# So we take names of two tokens, noise both and restore the last one.

# %%
last = int(double.positions["CITY"][0])
double = double[double.measure(model)["probability"].argsort(descending=True)[:FACTS]]
both = torch.zeros(double.clean.ids.shape, dtype=torch.bool)
both[:, last - 1 : last + 1] = True
double_embeddings = activations.run_with(model, double.clean, EMBED)[EMBED]
double_noise = patching.noise_subject(double_embeddings, both, city_embeddings, 3.0, 0)
double_clean = streams_of(double.clean, traced)
double_noised = under_noise(double_noise, lambda: streams_of(double.clean, traced))
ends = (
    scores(double, under_noise(double_noise, lambda: activations.logits_at(model, double.clean))),
    scores(double, activations.logits_at(model, double.clean)),
)
of_double = {name: [] for name in ends[0]}
for k, layer in enumerate(trace_layers):
    streams = double_noised[k].clone()
    streams[:, last] = double_clean[k][:, last]
    for name, values in scores(double, rest_of_model(streams, layer)).items():
        of_double[name].append(patching.normalised_effect(values[None], ends[0][name], ends[1][name])[0])
print("cities:", ", ".join("".join(row[last - 1 : last + 1]).strip("·") for row in double.words))
print(
    f"probability of the country: clean {ends[1]['probability'].mean():.2f}, noised {ends[0]['probability'].mean():.2f}"
)
print(f"{'last token restored; layer':30}" + "".join(f"{layer:>6}" for layer in trace_layers))
for name, values in of_double.items():
    print(f"{name:30}" + "".join(f"{two(v):>6.2f}" for v in values))

# %% [markdown]
# With two tokens the early layers are not enough: the last token alone does not name the city. The value rises while
# attention brings the first token's part over. Then it falls, as with one token. (How far it rises, and from where it
# falls, the metrics tell differently.)

# %% exercise="patching.which_conclusion"

# %% [markdown]
# A trace says where information *passes*. Where it is recalled the trace does not say.
#
# ### Windows
#
# Meng et al. also restore the *outputs* of MLPs. A single layer brings back little in their model, so they restore ten
# neighbouring layers at once and draw the effect at the window's centre.

# %% exercise="patching.window_layers"


# %%
def restored(facts, plans, source, position, hook="mlp"):
    """Brought back when the outputs of each plan's layers are restored at one position: metric → [plan]."""
    n, ids, found = len(facts.task), facts.task.clean.ids, []
    for start in range(0, len(plans), 6):
        some = plans[start : start + 6]
        rows = {layer: [k for k, plan in enumerate(some) if layer in plan] for layer in range(LAYERS)}

        def put(out, hook, layer, rows=rows, some=some):
            out = out.unflatten(0, (len(some), n)).clone()
            out[rows[layer], :, position] = source[layer][:, position]
            return out.flatten(0, 1)

        hooks = {f"blocks.{k}.hook_{hook}_out": partial(put, layer=k) for k in rows if rows[k]}
        hooks[EMBED] = lambda e, hook, some=some: facts.noise.repeat(len(some), 1, 1)
        with activations.replace(model, hooks):
            logits = activations.logits_at(model, ids.repeat(len(some), 1))
        found.append(brought_back(facts, logits.unflatten(0, (len(some), n))))
    return {name: torch.cat([one[name] for one in found]) for name in found[0]}


CENTRES = list(range(0, LAYERS, 3))  # of windows of ten
SINGLE = [*range(11), *(layer for layer in CENTRES if layer > 10)]
plans = [[layer] for layer in SINGLE] + [patching.window_layers(layer, 10, LAYERS) for layer in CENTRES]
by_plan = restored(facts, plans, facts.mlp, city)
single = {name: dict(zip(SINGLE, values, strict=False)) for name, values in by_plan.items()}
windows = {
    name: {
        1: torch.stack([single[name][layer] for layer in CENTRES]),
        10: values[len(SINGLE) :],
    }
    for name, values in by_plan.items()
}
print("fraction of the probability brought back by windows of MLPs at CITY")
print(f"{'centre of the window':22}" + "".join(f"{centre:>6}" for centre in CENTRES))
for window, values in windows["probability"].items():
    print(f"{f'window of {window}':22}" + "".join(f"{two(v):>6.2f}" for v in values))

# %% jupyter={"source_hidden": true}
fig, ax = plt.subplots(figsize=(7.5, 4))
for (window, values), color in zip(windows["probability"].items(), ("black", "red"), strict=True):
    ax.plot(CENTRES, values, color=COLORS[color], marker="o", markersize=3, label=f"window of {window}")
ax.set_xlabel("centre of the window (MLPs restored at CITY)")
ax.set_ylabel("fraction of probability brought back")
ax.set_title("A window of ten shows the effect of MLP 0 at layer 3 as well")
ax.legend()
show(
    fig,
    alt="Fraction of the probability brought back when MLP outputs at the city are restored in windows of 1 and 10 "
    "layers. "
    + "; ".join(
        f"window {w}: " + ", ".join(f"{two(v):.2f} around {c}" for c, v in zip(CENTRES, values, strict=True))
        for w, values in windows["probability"].items()
    )
    + ".",
)

# %% [markdown]
# MLP 0 alone brings everything back. That is no finding about facts: to restore MLP 0 is to restore the token, as we
# saw. But look what a window makes of it. MLP 3 brings back next to nothing, the window of ten around it (layers 0 to
# 7) everything. Read as a picture of layers this is invented. A window is a set, and its effect belongs to the set.
#
# So MLP 0 is left out for the next question.

# %%
predict(
    "patching.window_10",
    "MLPs 1 to 10 are restored at the city together. How does what they bring back compare with the sum of the ten "
    "single effects?",
    ["about the sum", "more than the sum", "less than the sum", "that depends on the metric"],
)

# %%
TEN = list(range(1, 11))
draw = torch.Generator().manual_seed(0)
scattered = [sorted((1 + torch.randperm(20, generator=draw)[:10]).tolist()) for _ in range(6)]
of_sets = restored(facts, [TEN, *scattered], facts.mlp, city)
ten = {name: [(values[0].item(), sum(single[name][k].item() for k in TEN))] for name, values in of_sets.items()}
for seed in (1, 2):
    again = with_noise(facts.task, seed)
    for name, values in restored(again, [TEN, *([k] for k in TEN)], again.mlp, city).items():
        ten[name].append((values[0].item(), values[1:].sum().item()))
print("MLPs 1 to 10, three draws of noise: brought back together, of the sum of the single effects")
print(f"{'':18}" + "".join(f"{f'seed {seed}':>16}" for seed in range(3)) + f"{'mean':>16}")
for name, found in ten.items():
    found.append((sum(a for a, _ in found) / 3, sum(b for _, b in found) / 3))
    print(f"{name:18}" + "".join(f"{f'{two(a):.2f} of {two(b):.2f}':>16}" for a, b in found))
del again
print(
    "ten at random out of MLPs 1 to 20, by logit difference: "
    + ", ".join(f"{two(v):.2f}" for v in of_sets["logit difference"][1:].sort().values)
)

# %% [markdown]
# By probability the ten bring back more together than one by one, in every draw. By logit difference they do not: the
# two are equal on average, and single draws go both ways. Far below 1 the probability goes like exp(logit): equal steps
# of the logit make ever larger steps of probability. So steps that merely add up look like more than their sum. No
# interaction is shown. And "neighbouring" is not what counts: some sets drawn at random bring back as much.
#
# The late site can be asked in the same way. The attention outputs of single layers are restored at the last token,
# then those of windows.

# %%
ATTENTION = [f"blocks.{layer}.hook_attn_out" for layer in range(LAYERS)]
clean_attention = streams_of(facts.task.clean, ATTENTION)
late_layers = list(range(20, 26))
plans = [[layer] for layer in late_layers] + [patching.window_layers(22, window, LAYERS) for window in (3, 5, 10)]
at_last = restored(facts, plans, clean_attention, facts_end, hook="attn")
print(f"{'attention at END':20}" + "".join(f"{layer:>6}" for layer in late_layers) + "   22±1   22±2   17–26")
for name, values in at_last.items():
    print(
        f"{name:20}"
        + "".join(f"{two(v):>6.2f}" for v in values[: len(late_layers)])
        + "".join(f"{two(v):>7.2f}" for v in values[len(late_layers) :])
    )

# %% [markdown]
# One layer of attention, 23, carries most of the country to the last token. The single sweep finds it at once. The
# windows bring back more, and no longer say which layer it was.
#
# ## 6 · What single patches hide
#
# An effect belongs to a set. For each set of parts we can ask what it does beyond its members.

# %% exercise="patching.interaction"

# %%
SETS = {
    "20.0 and 19.2": [(20, 0), (19, 2)],
    "23.0, 23.1, 23.2": MOVERS,
    "… and 24.4": [*MOVERS, (24, 4)],
    "20.0 and 23.3": [(20, 0), (23, 3)],
}
extra, together = {}, {}
for denoise in (False, True):
    title = "denoised under ABC" if denoise else "noised with ABC"
    print(f"{'':18}" + "".join(f"{half:^29}" for half in ("IO first", "S first")) + f"{'all':>15}")
    print(f"{title:18}" + f"{'sum':>9}{'joint':>7}{'interaction':>13}" * 2 + f"{'interaction':>15}")
    for name, heads in SETS.items():
        alone = torch.stack([of_abc.effect([head], denoise=denoise) for head in heads])
        joint = of_abc.effect(heads, denoise=denoise)
        first, line = io_first(abc), f"{name:18}"
        together[name, denoise], extra[name, denoise] = joint, joint - alone.sum(dim=0)
        for some in (first, ~first):
            inter = patching.interaction(alone[:, some], joint[some])
            line += (
                f"{two(alone[:, some].sum(dim=0).mean()):>+9.2f}{two(joint[some].mean()):>+7.2f}{two(inter):>+13.2f}"
            )
        print(line + f"{pm(extra[name, denoise]):>15}")
    print()
in_flip = [of_flip.effect(heads, denoise=False) for heads in ([(20, 0)], [(19, 2)], [(20, 0), (19, 2)])]
print(f"S2 flipped, 20.0 and 19.2 noised: interaction {by_order(in_flip[2] - in_flip[0] - in_flip[1], flip)}")
print(f"\n{'single heads, ABC':24}{'change':>15}{'IO first':>10}{'S first':>9}")
for (a, b), denoise in [((20, 0), False), *((head, True) for head in (*MOVERS, (23, 3), (24, 4), (29, 0), (29, 1)))]:
    label = f"{a}.{b} {'denoised' if denoise else 'noised'}"
    print(f"{label:24}{by_order(of_abc.effect([(a, b)], denoise=denoise), abc)}")

# %% [markdown]
# Read the halves. 20.0 and 19.2 stand in for each other, but only with IO first: together they take far more than one
# by one. With S first 19.2 is idle (20.0 alone makes nearly all of their sum), and nothing interacts. The flip shows
# the same halves. The mean describes neither.
#
# The movers are the reverse. 23.1 and 23.2 write the *second* name, whoever that is: denoised, they help with S first
# and harm with IO first. With S first they take more together than one by one, and bring back less. From section 2 we
# know what this is. They cannot react to each other; something later reacts to their sum. Is it 24.4 again? No. The
# three other sets of section 2, noised: the interaction is -0.6 to -0.8. With 24.4 held it is larger, -0.9 to -1.2;
# with all other later heads held -0.4 to -0.6; with all later heads and MLPs held 0.0. So 24.4 hides the movers' loss,
# but it does not make the surplus. Several later heads and MLPs make it together. Nor is it a matter of S first alone:
# on those sets the noised interaction is larger with IO first (-0.7 to -1.2) than with S first (-0.5). A negative
# interaction alone does not tell "they stand in for each other" from "a third one reacts".
#
# 20.0 and 23.3 add up here, although one comes before the other. That is true of ABC only. Noised with the flip, on
# the three other sets, they take 0.8 to 1.3 more together than one by one, with errors of 0.2 to 0.5. An interaction
# belongs to the corruption, too.
#
# ## 7 · Hypothesis, test, revise
#
# A circuit is not read off a sweep. It is proposed, tested and corrected (survey, 3.2.2, point 5). What makes this more
# than storytelling is to write the prediction down before the run. Each entry below has a claim, a bound that would
# refute it, and what came. A bound needs an error: when the result is within two standard errors of it, the entry is
# *undecided*.

# %%
log = {}


def test(claim, values, task, at_least=None, at_most=None):
    """Print a claim on the mean of some shares, its bound and what came; keep it under the claim's number."""
    bound = at_most if at_least is None else at_least
    above = (values.mean() - bound) * (1 if at_most is None else -1)
    sure = above.abs() > 2 * error(values)
    verdict = ("stands" if above > 0 else "REFUTED") if sure else "undecided"
    log[claim.split()[0]] = values.mean().item(), error(values), verdict
    asked = f"{'≥' if at_most is None else '≤'} {bound:.1f}"
    print(f"{claim:41}{asked:>7}{by_order(values, task)}  {verdict}")


FOUR = [*MOVERS, (23, 3)]
SIX = [*FOUR, (29, 0), (29, 1)]
EIGHT = [*SIX, (24, 4), (24, 5)]
four, six, eight_heads = (of_abc.share(heads, denoise=True) for heads in (FOUR, SIX, EIGHT))
flip_eight = of_flip.share(EIGHT, denoise=True)
P_IO = abc.metrics["probability"]
pick = torch.Generator().manual_seed(0)
pool = [head for head in ((a, b) for a in range(20, LAYERS) for b in range(HEADS)) if head not in EIGHT]
at_random = torch.stack(
    [
        of_abc.share([pool[k] for k in torch.randperm(len(pool), generator=pick)[:8].tolist()], denoise=True)
        for _ in range(4)
    ]
)
print(f"{'share of the difference':41}{'bound':>7}{'mean':>15}{'IO first':>10}{'S first':>9}")
test("1 The three movers at END are enough", of_abc.share(MOVERS, denoise=True), abc, at_least=0.7)
test("2 … and needed", of_abc.share(MOVERS, denoise=False), abc, at_least=0.5)
test("3 Revised: with 23.3 they are enough", four, abc, at_least=0.7)
test("4 29.0 and 29.1 add to these", six - four, abc, at_least=0)
test("5 24.4 and 24.5 take from these", eight_heads - six, abc, at_most=0)
test("6 The eight are needed", of_abc.share(EIGHT, denoise=False), abc, at_least=0.7)
test(
    "7 S2 flip: 20.0 adds nothing to the eight",
    of_flip.share([*EIGHT, (20, 0)], denoise=True) - flip_eight,
    flip,
    at_most=0.1,
)
test("8 On other sentences the eight are enough", of_fresh.share(EIGHT, denoise=True), of_fresh.task, at_least=0.7)
test("9 Control: 8 other late heads do as well", at_random.mean(dim=0), abc, at_least=0.5)
test(
    "10 Enough of the eight: 23.3, 29.1, 23.0",
    of_abc.share([(23, 3), (29, 1), (23, 0)], denoise=True),
    abc,
    at_least=0.7,
)
test("11 By probability the eight are enough", of_abc.share(EIGHT, denoise=True, score=P_IO), abc, at_least=0.7)
print(f"\n{'the eight, denoised under ABC':48}{by_order(eight_heads, abc)}")
print("the four random sets of eight heads: " + ", ".join(f"{two(v):.2f}" for v in at_random.mean(dim=1)))
everything = [(layer, head) for layer in LATE for head in range(HEADS)]
print(
    "check of the machinery, all heads of layers 16 to 29, by probability: "
    f"{two(of_abc.share(everything, denoise=True, score=P_IO).mean()):.2f}"
)

# %% [markdown]
# Entries 1 and 2 are the story that one would have told from the literature. Both are refuted. For 1 the halves say
# why: with S first the three do much, with IO first little. For 2 both halves are below the bound: with S first 24.4
# makes up for much of the loss (section 2). With 23.3 the set does what was asked (3). 29.0 and 29.1 add to it (4),
# 24.4 and 24.5 work against it (5); differences are paired, so their errors are small. Not any eight would do: other
# heads do nothing (9). But three of them do as much as all, or more (10). "Enough" by this metric rewards whoever
# leaves the opponents out.
#
# Entry 7 is refuted: 20.0 does not only feed the eight. It is asked under the flip for a reason. Under ABC 20.0 does
# nothing by this metric whatever else is clean, and the entry would have stood: a test that cannot fail is none. 6 and
# 8 are undecided. Their means lie above the bound by less than two errors, and more prompts would settle it. We ran
# the log again on the three other sets of section 2. 6 gives 0.72, 0.96 and 0.85, the eight 0.79,
# 1.00 and 0.90. All six are above the bound, three of them by more than two errors. Two entries that stand here are
# undecided on one of these sets: 3 (0.83 ± 0.11; then 1.19 and 1.00) and 5 (-0.15 ± 0.09; then -0.32 and -0.27). All
# others keep their verdict on all three. The three of entry 10 bring 0.14 to 0.21 more than the eight, each time by
# more than two errors.
#
# Entry 11 is the important one. Eight heads bring back most of the logit difference and hardly any of the probability.
# They set the two names apart. They do not make either likely: this run has names of its own. "Enough" was true of the
# metric, not of the answer. The last line is no finding. END's own stream knows nothing of the names at layer 16, so
# all that it learns comes by these heads. The loop goes on from here, with a better question.
#
# ## 8 · Explore
#
# Choose a component, a direction, a corruption and a metric, and read the grid. It is made of two prompts, one of each
# order: enough to look, too few to conclude. Below stands one of them for readers without a kernel.


# %%
def look(component, direction, corruption, metric_name):
    task = tasks.ioi(model, n=2, seed=0, corruption=corruption)
    run = sweeps.denoise if direction == "denoise" else sweeps.noise
    options = {"positions": -1}
    if component == "residual":
        options = {"labels": task.labels, "layers": list(range(0, LAYERS, 3))}
    return run(model, task.clean, task.corrupted, component, task.metrics[metric_name], **options)


explore(look)
sample = look("head", "noise", "s2_flip", "logit difference")
sample.show(title="Noising each head at END, S2 flipped, two prompts")

# %% [markdown]
# ## 9 · Limits, and a researcher's check list
#
# * **A patch compares two runs.** It sees what the two prompts differ in and nothing else. What both share is
#   invisible, as 16.0 is in the flip.
# * **A metric sees some answers only.** Under ABC the names that it asks for are not there.
# * **Enough is not needed, and needed is not enough.** And more than enough is a warning: a share above 1 says that
#   opponents were left out.
# * **A place is not a mechanism.** The residual sweep gives a route. Which part talks to which is chapter 09.
# * **A window is a set.** Its effect belongs to the set, not to the layer at its centre.
# * **A mean over both orders can describe neither.** The signs of 23.3, 29.0 and 29.1, of 23.0 denoised and of 20.0
#   noised are the same in both, on three other sets as well. 23.1 and 23.2 change with the order, 24.4 and many
#   interactions on most sets.
# * **One small model,** sixteen prompts a set and five facts. Second digits are not to be trusted.
#
# | | the question | where this page asks it |
# |---|---|---|
# | 1 | **Baseline.** Does the machinery do nothing when it should, and everything when it should? | sections 2, 7 |
# | 2 | **Control.** What do as many random parts do? | sections 5 (windows), 7 |
# | 3 | **Both directions.** And if they part: who reacts? What can the metric see? | section 2 |
# | 4 | **Two corruptions.** Do they change the same tokens? | sections 3, 4, 5; entry 7 of the log |
# | 5 | **Two metrics.** Where they part, which logit moves? | sections 4, 5, 7 |
# | 6 | **Two templates.** | sections 1, 2, and entry 8 of the log |
# | 7 | **Both orders of the names.** | sections 2, 6, 7 |
# | 8 | **Error bars.** On prompts that were not used to choose? | sections 2, 3, 6, 7; unseen: section 2, entry 8 |
#
# Where we fall short: the eight heads of the log were known from sweeps on sentences like these, so only entry 8 is a
# test on unseen ones. The three heads of entry 10 were even found on prompts of this seed. Section 3 has no second set
# of sentences, and its correlations with noise rest on one draw. The facts have one template, and the five were chosen
# for their probability.
#
# ## 10 · Table 3 of the survey, with numbers
#
# The survey's Table 3 lists pros and cons in words. Each of them can be asked of our model. Effects of ablation are
# those of noising with the ABC run, which is resample ablation (chapter 07). Where stability is the question, zero is
# set against a mean over a reference set, which is the survey's knockout, on heads that a sweep by zero has found.

# %%
by_zero = sweeps.patch(
    model, few.clean, "zero", "head", FEW_LD, layers=range(15), positions=-1, text="zero", max_bytes=BYTES
).effects
hurt = [divmod(k, HEADS) for k in by_zero.flatten().argsort()[:3].tolist()]
mean_z = of_abc.z["corrupted"].mean(dim=1, keepdim=True)  # over the ABC prompts
dose = {}
for factor in (0, 0.5, 1, 2):
    for a, b in hurt:

        def put(z, hook, a=a, b=b, factor=factor):
            z = z.clone()
            z[:, :, b] = factor * mean_z[a, :, :, b]
            return z

        after = of_abc.score(of_abc.ends["clean"].logits([(Z[a], put)]))
        dose[(a, b), factor] = after - of_abc.score(of_abc.base["clean"])
print(f"{'early head at END':20}{'zero':>16}{'half the mean':>16}{'the mean':>16}{'twice the mean':>16}")
for a, b in hurt:
    print(f"{f'{a}.{b}':20}" + "".join(f"{pm(dose[(a, b), factor]):>16}" for factor in (0, 0.5, 1, 2)))


# %% jupyter={"source_hidden": true}
# the table below: each claim, and the number that we measured for it
def mean_dose(factor):
    return sum(dose[head, factor].mean().item() for head in hurt) / len(hurt)


def both_ways(head):
    return f"noising takes {two(lost[head].mean()):.2f}, denoising brings {two(brought[head].mean()):.2f}"


cells = grid.abs() > 0.12
places = sorted({"END" if p == end else eight.labels[p] for p in cells.any(dim=0).nonzero()[:, 0].tolist()})
at_end = {head: of_abc.share([head], denoise=False).mean() for head in ((16, 0), (17, 4))}
FIRST = "ABC, the sixteen prompts"
moved_by = {
    key: movers[FIRST, *key].mean().item()
    for key in ((True, "nothing held"), (False, "nothing held"), (False, "24.4 held"))
}
pair_20 = extra["20.0 and 19.2", False]
ten_p, ten_ld = ten["probability"][-1], ten["logit difference"][-1]
claims_table(
    [
        {
            "claim": "Ablation +: identifies critical components",
            "paper": "simple and effective",
            "measured": f"one run a head; 16.0 takes {two(lost[16, 0].mean()):.2f} of the difference (unseen prompts), "
            f"the median head of layers 16 to 29 {two(destroys.abs().median()):.2f}",
            "verdict": "held",
        },
        {
            "claim": "Ablation +: causal links",
            "paper": "between components and outputs",
            "measured": f"noising 16.0 takes {two(lost[16, 0].mean()):.2f}; with 17.4 held clean "
            f"{two(chain['16.0, with 17.4 held clean'].mean()):.2f}: the link is real and runs mostly through 17.4",
            "verdict": "held",
        },
        {
            "claim": "Ablation −: unintended disruptions",
            "paper": "in other parts",
            "measured": f"three early heads at END: by zero {mean_dose(0):+.2f} on average, by half the mean "
            f"{mean_dose(0.5):+.2f}, by the mean {two(mean_dose(1)):+.2f}, by twice the mean {mean_dose(2):+.2f}: zero "
            "takes a constant away that later layers count on",
            "verdict": "held" if mean_dose(0) < -0.1 < mean_dose(1) else "did not replicate",
        },
        {
            "claim": "Ablation −: misses redundant components",
            "paper": "may miss",
            "measured": f"23.0: {both_ways((23, 0))}; at END it costs {one_mover['nothing held'].mean():+.2f}, with "
            f"24.4 held {one_mover['24.4 held'].mean():+.2f}: half of why it is not missed is 24.4, which reacts",
            "verdict": "partly",
        },
        {
            "claim": "Activation patching +: granular",
            "paper": "control over activations",
            "measured": f"{int(cells.sum())} of {cells.numel()} cells above 0.12, all at " + ", ".join(places),
            "verdict": "held",
        },
        {
            "claim": "Activation patching +: traces the flow",
            "paper": "isolates circuits",
            "measured": f"S2 {two(step[20][s2]):.2f} → {two(step[21][s2]):.2f} in layer 20, → {two(step[24][s2]):.2f} "
            "in layer 23; a route, no circuit yet",
            "verdict": "partly",
        },
        {
            "claim": "Activation patching −: the corruption decides",
            "paper": "sensitive",
            "measured": f"20.0 denoised: {two(back['S2 flipped', (20, 0)].mean()):.2f} (S2 flipped), "
            f"{two(back['ABC', (20, 0)].mean()):.2f} (ABC), through the names that the metric asks for",
            "verdict": "held",
        },
        {
            "claim": "Activation patching −: the metric decides",
            "paper": "interpretation can vary",
            "measured": "23.3 under ABC: "
            + ", ".join(f"{name} {two(by_metric['ABC'][name][3]):.2f}" for name in METRICS),
            "verdict": "held",
        },
        {
            "claim": "Knockouts +: preserve stability",
            "paper": "by a mean over a reference set",
            "measured": f"the same three heads: zero {mean_dose(0):+.2f}, mean {two(mean_dose(1)):+.2f}",
            "verdict": "held" if mean_dose(0) < 3 * mean_dose(1) else "partly",
        },
        {
            "claim": "Knockouts +: identify compensation",
            "paper": "backup circuits",
            "measured": f"the movers bring {moved_by[True, 'nothing held']:+.2f} and cost "
            f"{moved_by[False, 'nothing held']:+.2f}; with 24.4 held they cost {moved_by[False, '24.4 held']:+.2f}: "
            "compensation is seen, and it is no backup",
            "verdict": "partly",
        },
        {
            "claim": "Knockouts −: sets must be tested",
            "paper": "careful multi-component testing",
            "measured": f"20.0 and 19.2 together beyond their sum: {pm(pair_20)}; IO first "
            f"{two(pair_20[io_first(abc)].mean()):+.2f}",
            "verdict": "held" if pair_20.mean() < -2 * error(pair_20) else "partly",
        },
        {
            "claim": "Knockouts −: less granular",
            "paper": "than activation patching",
            "measured": f"17.4 at all positions {two(lost[17, 4].mean()):.2f}, at END "
            f"{two(at_end[17, 4]):.2f} (other prompts): a knockout can be made by position as well",
            "verdict": "did not replicate",
        },
        {
            "claim": "Sliding window +: interactions of layers",
            "paper": "captures",
            "measured": f"MLPs 1 to 10, three draws, together of sum: probability {ten_p[0]:.2f} of {ten_p[1]:.2f}, "
            f"logit difference {ten_ld[0]:.2f} of {ten_ld[1]:.2f}",
            "verdict": "partly",
        },
        {
            "claim": "Sliding window −: unrelated components",
            "paper": "may introduce noise",
            "measured": f"MLP 3 alone {two(single['probability'][3]):.2f}, the window of ten around it (0 to 7) "
            f"{two(windows['probability'][10][1]):.2f}",
            "verdict": "held",
        },
        {
            "claim": "Sliding window −: more computation",
            "paper": "higher complexity",
            "measured": f"{LAYERS} runs for each size of window, as many as for single layers",
            "verdict": "did not replicate",
        },
    ]
)

# %% [markdown]
# One entry of Table 3 is missing: that a sliding window sees long-range dependencies better. We cannot test it. The
# distance between the city and END is the same in all our rows. "Misses redundant components" needs a hedge: with 24.4
# held 23.0 costs half of what it brings, so 24.4 is half of the reason. And the three early heads were picked by their
# loss under zero. Picked by their loss under the mean instead (135 heads of layers 0 to 14, eight other prompts) the
# worst three cost 0.05 each by the mean and 0.02 to 0.12 by zero. So "preserves stability" does not rest on the
# choice.
#
# ## 11 · Claims of the papers
#
# The last row is our own question. No paper claims it. Its verdict says only that the movers alone are not enough.

# %% jupyter={"source_hidden": true}
# the table below: each claim, and the number that we measured for it
noise_20 = [back[name, (20, 0)].mean() for name in ("noise on the names", "noise on the names, seed 1", "noise on S2")]
in_abc, in_flip_ = by_metric["ABC"], by_metric["S2 flipped"]
at = {layer: k for k, layer in enumerate(trace_layers)}
claims_table(
    [
        {
            "claim": "Gaussian noise leaves the distribution, token replacement does not",
            "paper": "suspected from the attention of name movers under noise (Zhang & Nanda 2024); survey 3.2.2",
            "measured": f"another measure: S2 at layer 0 {far['noise, seed 0']['S2'][0]:.1f} natural spreads away; at "
            f"layer 1 {far['noise, seed 0']['S2'][1]:.1f}, with a length of {lengths['noise, seed 0'].mean():.0f} for "
            f"{lengths['natural'].mean():.0f}; token replacement is near 1 by its making, which tests nothing",
            "verdict": "partly",
        },
        {
            "claim": "The two corruptions can name different components",
            "paper": "when denoised (Zhang & Nanda 2024)",
            "measured": f"20.0 denoised: flip {two(back['S2 flipped', (20, 0)].mean()):.2f}, noise on the names "
            f"{two(noise_20[0]):.2f} and {two(noise_20[1]):.2f}, noise on S2 {two(noise_20[2]):.2f}: it seems to "
            "differ with the tokens, not with noise as such",
            "verdict": "partly",
        },
        {
            "claim": "Probability can miss parts with a negative effect",
            "paper": "Zhang & Nanda 2024",
            "measured": "29.0 under the flip: " + ", ".join(f"{name} {two(in_flip_[name][5]):.2f}" for name in METRICS),
            "verdict": "held",
        },
        {
            "claim": "The logit difference is the safe choice",
            "paper": "with the corrupted prompt's answer as the second name (Zhang & Nanda 2024); survey 3.2.2",
            "measured": f"23.3 under the flip, so defined: {two(in_flip_['logit difference'][3]):.2f} (KL "
            f"{two(in_flip_['KL'][3]):.2f}); under ABC, with a name that the run lacks: "
            f"{two(in_abc['logit difference'][3]):.2f} (KL {two(in_abc['KL'][3]):.2f})",
            "verdict": "held",
        },
        {
            "claim": "A window shows more than the sum of its layers",
            "paper": "GPT-2 XL: 1.4 to 1.75 times the peak of the summed single effects (Zhang & Nanda 2024)",
            "measured": f"MLPs 1 to 10, three draws: probability {ten_p[0]:.2f} of {ten_p[1]:.2f}, logit difference "
            f"{ten_ld[0]:.2f} of {ten_ld[1]:.2f}",
            "verdict": "partly",
        },
        {
            "claim": "An early site at the subject's last token, a late site at the last token",
            "paper": "GPT-2 XL (Meng et al. 2022)",
            "measured": f"logit difference: city, layer 12 {two(trace['logit difference'][at[12], 0]):.2f}; END, layer "
            f"24 {two(trace['logit difference'][at[24], -1]):.2f}; five facts, one draw",
            "verdict": "held",
        },
        {
            "claim": "Middle MLPs at the subject decide",
            "paper": "GPT-2 XL (Meng et al. 2022)",
            "measured": f"with MLPs 1 to 29 held {two(sever['MLP 0 free, 1 to 29 held'][0]['probability']):.2f} of "
            f"the probability and {two(sever['MLP 0 free, 1 to 29 held'][0]['logit difference']):.2f} of the logit "
            f"difference still come back; eight other facts "
            f"{two(sever['MLP 0 free, 1 to 29 held'][1]['probability']):.2f} and "
            f"{two(sever['MLP 0 free, 1 to 29 held'][1]['logit difference']):.2f}",
            "verdict": "partly",
        },
        {
            "claim": "Severed from its MLPs the early site is worth less",
            "paper": "Meng et al. 2022",
            "measured": f"layer 0: {two(trace['logit difference'][0, 0]):.2f} → "
            f"{two(held[0]['logit difference']):.2f}, with MLP 0 alone held "
            f"{two(sever['1 to 29 free, MLP 0 held'][0]['logit difference']):.2f}; layer 3: "
            f"{two(trace['logit difference'][1, 0]):.2f} → {two(held[1]['logit difference']):.2f}; layer 18: "
            f"{two(trace['logit difference'][3, 0]):.2f} → {two(held[3]['logit difference']):.2f}",
            "verdict": "held",
        },
        {
            "claim": "Three name movers alone bring the answer (IOI; our own question)",
            "paper": "its circuit of 26 heads, the others averaged, keeps most of it: another test (Wang et al. 2022)",
            "measured": f"denoised alone {two(log['1'][0]):.2f} ± {log['1'][1]:.2f} of the logit difference, with 23.3 "
            f"{two(log['3'][0]):.2f} ± {log['3'][1]:.2f}; by probability, all eight {two(log['11'][0]):.2f}",
            "verdict": "did not replicate",
        },
    ]
)

# %% [markdown]
# ## Further work
#
# These have no reference.
#
# 1. **What else makes the answer likely?** Entry 11 of the log is open. Find the smallest set of heads and MLPs at END
#    that brings back 80% of the probability under ABC. Write each hypothesis down before its run, and report on prompts
#    that had no part in the search.
# 2. **When does a noised run deceive?** Find a task and a place where Gaussian noise and token replacement disagree
#    about a head by more than their error bars, although they touch the same tokens. Is the stream off the distribution
#    there? Vary the number of standard deviations from 0.5 to 5.
#
# Next, chapter 09: from places to the edges between them.
