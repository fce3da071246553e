# %% [markdown]
# # 09 · Path patching
#
# **Which part talks to which?**
#
# Patching a head tells that the answer depends on it. It does not tell who listens. Head 20.0 moves the answer and
# writes almost nothing in its direction, so somebody must read it. **Path patching** changes what one head says *to
# one listener*, and to nobody else (survey, 3.2.1; Wang et al. 2022, Goldowsky-Dill et al. 2023). With it we take a
# behaviour apart, from the answer backwards, until we reach the tokens. What we get is a **circuit**: nodes, edges,
# and a claim that the rest of the model may be thrown away. The second half of the chapter tests that claim.
#
# | | |
# |---|---|
# | **You need** | Chapters 03, 07 and 08: heads, ablation by template means, patching |
# | **Time** | 4 to 5 hours, 14 exercises |
# | **You are here** | … → 07 ablation → 08 patching → **09 path patching** → 10 greater-than → … |
#
# At the end you can measure the effect of a single path, build a circuit from a table of such effects, and judge it by
# faithfulness, completeness and minimality, beside random circuits.

# %%
# %load_ext mi_tutor
import random
from functools import cache
from itertools import pairwise

import matplotlib.pyplot as plt
import torch

from mi_tutor.exercises import path_patching
from mi_tutor.lab import activations, heads, models, named_nodes, paths, tasks
from mi_tutor.lab.explorers.paths import explore
from mi_tutor.lab.figures import COLORS, claims_table, show, use_style
from mi_tutor.lab.last_position import LastPosition
from mi_tutor.lab.norms import attention_norm, final_norm
from mi_tutor.lab.tasks.indirect_object import FRESH_TEMPLATES
from mi_tutor.tutor.notebook import predict

use_style()
torch.set_grad_enabled(False)
model = models.load("smollm2")
LAYERS, HEADS = model.cfg.n_layers, model.cfg.n_heads

# %% [markdown]
# ## 1 · A path by hand
#
# We begin with a network of four heads and one MLP, in which everything is one number. Its stream starts as x1. Head a
# adds x0. Head b adds the square of the stream. The MLP doubles a positive stream. Head c adds stream times (stream
# + 1). Head d takes away half of the stream, and the rest is the output. Every head has a pattern and a value, and it
# writes their product. `named_nodes.run(prompts, fixed)` runs it and holds some nodes at values that we choose.

# %%
into, source = torch.tensor([[1.0, 1.0]]), torch.tensor([[0.0, 1.0]])
plain, other = named_nodes.run(into, {}), named_nodes.run(source, {})
print(f"{'':11}{'x0 = 1':>8}{'x0 = 0':>8}")
for name, value in plain.items():
    print(f"{name:11}{value.item():>8.1f}{other[name].item():>8.1f}")

# %% [markdown]
# Let head a, and nothing else, say what it says when x0 is 0. If everybody may react we get the **total effect**. For
# the **direct effect** nobody may pass the change on: every other head is held at what it wrote in the plain run. An
# MLP reads one position and has no say in who talks to whom. Wang et al. let it answer, and so does this function. It
# was written in a hurry.

# %% exercise="path_patching.direct_to_output"

# %%
print(f"{'head':6}{'total':>8}{'direct':>8}")
for head in named_nodes.HEADS:
    total = named_nodes.run(into, {f"z {head}": other[f"z {head}"]})["output"] - plain["output"]
    direct = path_patching.direct_to_output(named_nodes.run, into, source, head, named_nodes.HEADS)
    print(f"{head:6}{total.item():>8.1f}{direct.item():>8.1f}")

# %% [markdown]
# Head a moves the output by 72 in all, and by 2 directly. Nearly everything that it does, it does through others.
# Head d is last, nobody can react, and both numbers agree.
#
# ## 2 · Who speaks to the answer?
#
# Now SmolLM2 and indirect object identification. "When Mary and John met at the market, John gave a book to" goes on
# with " Mary". IO is Mary, S is John, standing at S1 and S2; S1+1 is the token after S1; END is the last token. The
# metric is the logit difference, logit(IO) − logit(S) at END. The corrupted partner (ABC) has three other names, none
# of them twice. In **noising** the clean prompt runs and a path carries its corrupted value.

# %%
task = tasks.ioi(model, n=16, seed=0)
flipped = tasks.ioi(model, n=16, seed=0, corruption="s2_flip")
few, few_flipped = task[:12], flipped[:12]
LD = few.metrics["logit difference"]
print("clean:    ", task.texts[0], "→", models.text(model, task.answer[:1]))
print("ABC:      ", task.corrupted_texts[0])
print("S2 flip:  ", flipped.corrupted_texts[0])
clean_ld = task.measure(model)["logit difference"]
for name, tokens in (("clean", None), ("ABC", task.corrupted), ("S2 flip", flipped.corrupted)):
    print(f"logit difference, {name}: {task.measure(model, tokens)['logit difference'].mean():.2f}")

# %%
predict(
    "path_patching.direct",
    "Heads 23.0, 23.1 and 23.2 attend from END to IO and copy names. Head 23.3 attends to S2. Whose direct path to the "
    "logits matters most?",
    ["23.0", "23.1 or 23.2", "23.3"],
)

# %% [markdown]
# To hold all heads but one we hook `hook_z` of every layer.

# %% exercise="path_patching.freezing_hooks"

# %% [markdown]
# For a path to the logits through the residual stream alone we do not even need a run. Everything adds up in the
# stream, so the head's change arrives as it was written.

# %% exercise="path_patching.direct_path"

# %%
Z = [f"blocks.{layer}.attn.hook_z" for layer in range(LAYERS)]
LAST = f"blocks.{LAYERS - 1}.hook_resid_post"
norm, unembed = final_norm(model), model.W_U.detach()
W_O = [model.blocks[layer].attn.W_O.detach() for layer in range(LAYERS)]


def gathered(tokens):
    """z of all heads [layer batch pos head d_head] and the last residual vector at END [batch d_model]."""
    found = activations.run_with(model, tokens, [*Z, LAST])
    return torch.stack([found[name] for name in Z]), found[LAST][:, -1]


def direction_of(some):
    return (unembed[:, some.answer] - unembed[:, some.wrong]).T


def straight(layer, head):
    """The path from a head to the logits through the residual stream alone."""
    z, new = clean_z[layer, :, -1, head], abc_z[layer, :, -1, head]
    return path_patching.direct_path(z, new, W_O[layer][head], clean_end, norm.gain, norm.eps, direction_of(few))


clean_z, clean_end = gathered(few.clean)
abc_z = gathered(few.corrupted)[0]
sender = (23, 3)
with model.hooks(fwd_hooks=path_patching.freezing_hooks(clean_z, abc_z, sender)):
    answering = LD(activations.logits_at(model, few.clean)) - clean_ld[: len(few)]
lab = paths.noise(model, few.clean, few.corrupted, "logits", LD, senders=["23.3"])
lab_frozen = paths.noise(model, few.clean, few.corrupted, "logits", LD, senders=["23.3"], mlps="frozen")
print(f"23.3 to the logits, MLPs answering, your hooks: {answering.mean():+.2f}, the lab: {lab.effects[0]:+.2f}")
print(f"23.3 to the logits, residual only, your sum:    {straight(*sender).mean():+.2f}, ", end="")
print(f"the lab: {lab_frozen.effects[0]:+.2f}")

# %% [markdown]
# Both agree with `lab.paths`, which measures all senders into one set of receivers in a few seconds. It is the same
# calculation. With attention held, positions do not meet, so a change can be carried on as one vector.
#
# The two definitions differ by more than a quarter: the MLPs behind 23.3 add to what it says. Wang et al. count them as
# part of the path; Goldowsky-Dill et al. name every MLP that a path leads through. "Direct effect" needs a word about
# MLPs.


# %%
def signed(value):
    """Two digits with a sign; adding 0 turns -0 into 0."""
    return f"{round(float(value), 2) + 0.0:+.2f}"


def changes(sweep):
    return sweep.per_prompt - sweep.into_per_prompt


def listed(sweep, n=6):
    """The strongest senders in words, with standard errors."""
    effects = changes(sweep)
    mean, error = effects.mean(dim=1), effects.std(dim=1) / effects.shape[1] ** 0.5
    order = mean.abs().argsort(descending=True).tolist()[:n]
    return ", ".join(f"{sweep.axes['sender'][k]} {signed(mean[k])} ± {error[k]:.2f}" for k in order)


def strong(sweep, least):
    return path_patching.strong_senders(changes(sweep), list(sweep.axes["sender"]), least)


to_logits = paths.noise(model, few.clean, few.corrupted, "logits", LD, senders="heads", text="to the logits")
order = changes(to_logits).mean(dim=1).abs().argsort(descending=True).tolist()[:12]
effects = changes(to_logits)[order]
names = [to_logits.axes["sender"][k] for k in order]
fig, ax = plt.subplots(figsize=(7, 4))
colors = [COLORS["blue"] if row.mean() < 0 else COLORS["red"] for row in effects]
error = effects.std(dim=1) / len(few) ** 0.5
ax.barh(names[::-1], effects.mean(dim=1).flip(0), xerr=2 * error.flip(0), color=colors[::-1], ecolor=COLORS["black"])
ax.axvline(0, color=COLORS["black"], linewidth=0.8)
ax.set_xlabel("change of the logit difference by the direct path (bars: 2 standard errors)")
ax.set_title(f"The strongest direct path is that of {names[0]}, the head that reads S2")
show(
    fig,
    alt=f"Direct paths to the logits, noised with ABC. {listed(to_logits, 5)}.",
    caption=f"{len(few)} prompts, MLPs answer. Blue: the path helps the answer.",
)

# %% [markdown]
# This is not the story of GPT-2 small. There the name movers, which copy IO, carry the answer, and the heads that point
# at a name negatively write against it. Here the strongest single path belongs to a head that reads S2 and pushes the
# *wrong* name down. 23.0, which copies IO, is behind. 29.0 and 29.1 stand in the last layer, and no role of theirs is
# known.
#
# Which of them belong into a circuit? Each has a mean and a standard error. We need a rule. It should be fixed before
# we know what the circuit scores; section 8 says how far we kept to that.

# %% exercise="path_patching.strong_senders"

# %%
direct_senders = strong(to_logits, 0.5)
print("direct senders of at least 0.5 logits:", ", ".join(direct_senders))
print("strongest:", listed(to_logits, 8))

# %% [markdown]
# What do these heads read, and what do they write? We look at the attention from END, and at what each adds to the two
# logits: its output at END minus that in the ABC run, through the final norm with its scale frozen, then unembedded.
# The last column is the **copying score**: how often the token that the head would attend to is among the five that it
# raises most (Wang et al. 2022).

# %%
NAMED = [(20, 0), (19, 2), (23, 0), (23, 1), (23, 2), (23, 3), (24, 4), (24, 5), (29, 0), (29, 1)]
PATTERN = {layer: f"blocks.{layer}.attn.hook_pattern" for layer in (19, 20, 23, 24, 29)}
found = activations.run_with(model, few.clean, list(PATTERN.values()))
rows = torch.arange(len(few))
at_names = torch.zeros_like(few.clean.ids, dtype=torch.bool)
for place in ("IO", "S1"):
    at_names[rows, few.positions[place]] = True
copying = dict(zip((23, 24, 29), heads.copying_scores(model, few.clean.ids, [23, 24, 29], where=at_names), strict=True))
scale = norm.scale(clean_end)
print(f"{'head':6}{'looks at IO':>12}{'at S1':>8}{'at S2':>8}{'logit IO':>10}{'logit S':>10}{'copying':>9}")
for layer, head in NAMED:
    looks = [found[PATTERN[layer]][rows, head, -1, few.positions[p]].mean().item() for p in ("IO", "S1", "S2")]
    message = (clean_z[layer, :, -1, head] - abc_z[layer, :, -1, head]) @ W_O[layer][head]
    said = norm.linear(message) / scale
    io, s = ((said * unembed[:, ids].T).sum(dim=1).mean() for ids in (few.answer, few.wrong))
    copies = f"{copying[layer][head]:.2f}" if layer in copying else ""
    print(
        f"{layer}.{head:<4}{looks[0]:>11.2f}{looks[1]:>8.2f}{looks[2]:>8.2f}{signed(io):>10}{signed(s):>10}{copies:>9}"
    )

# %% [markdown]
# 23.0, 23.1 and 23.2 look at names and raise what they look at: **name movers**. Mind the columns of the two logits.
# They raise the wrong name, too, 23.1 nearly as much as the right one. 23.3 looks at S2 and lowers S: it copies the
# subject negatively. 24.4 looks at IO and lowers it, as the negative name movers of GPT-2 small do. 20.0 and 19.2
# look at S2 and say next to nothing about either name. 29.0 and 29.1 look at none of the names and move the logits
# all the same. We do not know what they do.
#
# ## 3 · Who speaks to the name movers?
#
# A head chooses where to look by its queries. So we ask: who changes the queries of 23.0, 23.1 and 23.2 at END? With
# one sender and the residual stream alone, this is again a matter of adding vectors.

# %% exercise="path_patching.receiver_query"

# %%
norm_23 = attention_norm(model, 23)
STREAM, QUERY = "blocks.23.hook_resid_pre", "blocks.23.attn.hook_q"
at_23 = activations.run_with(model, few.clean, STREAM)[STREAM][:, -1]
flip_z = gathered(few_flipped.corrupted)[0]
w_q = model.blocks[23].attn.W_Q.detach()
ours = path_patching.receiver_query(
    at_23, clean_z[20, :, -1, 0], flip_z[20, :, -1, 0], W_O[20][0], norm_23.gain, norm_23.eps, w_q[0]
)
frozen_mlps = [
    (f"blocks.{layer}.hook_mlp_out", lambda x, hook, kept=kept: kept)
    for layer in range(20, 23)
    for kept in [activations.run_with(model, few.clean, f"blocks.{layer}.hook_mlp_out")[f"blocks.{layer}.hook_mlp_out"]]
]
with model.hooks(fwd_hooks=[*path_patching.freezing_hooks(clean_z, flip_z, (20, 0)), *frozen_mlps]):
    by_hooks = activations.run_with(model, few.clean, QUERY)[QUERY][:, -1, 0]
plain_query = activations.run_with(model, few.clean, QUERY)[QUERY][:, -1, 0]
print("your query is that of a run with everything held:", bool((ours - by_hooks).abs().max() < 1e-3))
turned = torch.cosine_similarity(ours, plain_query, dim=1).mean()
print(f"cosine of 23.0's query with and without the message of 20.0: {turned:.2f}")

# %% [markdown]
# The whole experiment needs four runs, and any model that can be asked for named nodes will do.

# %% exercise="path_patching.path_effect"

# %% [markdown]
# We dress SmolLM2 up as such a model. Its nodes are "z 20.0", "q 23.0" and so on. The output is the logit difference.
# Four prompts will do for a comparison with the lab.

# %%
four, four_flipped = task[:4], flipped[:4]
ALL_HEADS = [f"{layer}.{head}" for layer in range(LAYERS) for head in range(HEADS)]
HOOK = {"z": "blocks.{}.attn.hook_z", "q": "blocks.{}.attn.hook_q"}


def ask(prompts, fixed):
    """SmolLM2 as a network of named nodes: z of every head, the queries of layer 23, and the output."""
    by_hook = {}
    for node, value in fixed.items():
        kind, name = node.split()
        layer, head = map(int, name.split("."))
        by_hook.setdefault(HOOK[kind].format(layer), {})[head] = value

    def setting(values):
        def hook(x, hook):
            x = x.clone()
            for head, value in values.items():
                x[:, :, head] = value
            return x

        return hook

    with model.hooks(fwd_hooks=[(name, setting(values)) for name, values in by_hook.items()]):
        found = activations.run_with(model, prompts, [*Z, QUERY, LAST])
    nodes = {f"z {layer}.{head}": found[Z[layer]][:, :, head] for layer in range(LAYERS) for head in range(HEADS)}
    nodes |= {f"q 23.{head}": found[QUERY][:, :, head] for head in range(HEADS)}
    return nodes | {"output": (norm(found[LAST][:, -1]) * direction_of(four)).sum(dim=1)}


MOVERS = ["23.0", "23.1", "23.2"]
effect = path_patching.path_effect(
    ask, four.clean.ids, four_flipped.corrupted.ids, "20.0", [f"q {head}" for head in MOVERS], ALL_HEADS
)
lab = paths.noise(
    model,
    four.clean,
    four_flipped.corrupted,
    MOVERS,
    four.metrics["logit difference"],
    through="q",
    senders=["20.0"],
)
print("20.0 into the queries of the name movers, four prompts")
print("  yours:  ", ", ".join(signed(v) for v in effect))
print("  the lab:", ", ".join(signed(v) for v in changes(lab)[0]))

# %%
predict(
    "path_patching.queries",
    "How many of the 207 heads in front of layer 23 change the logit difference by more than 0.15 through the queries "
    "of the name movers?",
    ["1 to 3", "about 10", "more than 20"],
)

# %%
END = few.positions["END"]
into_q = {
    name: paths.noise(
        model, some.clean, some.corrupted, MOVERS, LD, through="q", senders="heads", positions=END, text=name
    )
    for name, some in (("ABC", few), ("S2 flip", few_flipped))
}
for name, sweep in into_q.items():
    print(f"{name:8} strongest: {listed(sweep, 5)}")
inhibition = strong(into_q["S2 flip"], 0.15)
print("S-inhibition heads, by S2 flip:", ", ".join(inhibition))

fig, axes = plt.subplots(1, 2, figsize=(10, 4.2), sharey=True)
for ax, (name, sweep) in zip(axes, into_q.items(), strict=True):
    image = ax.imshow(sweep.heads()[14:23], cmap="RdBu_r", vmin=-3, vmax=3, aspect="auto", origin="lower")
    ax.grid(visible=False)
    ax.set_xticks(range(HEADS))
    ax.set_yticks(range(9), range(14, 23))
    ax.set_xlabel("sender: head")
    top = sweep.top(1)[0]
    ax.set_title(f"{name}: {top['sender']} {top['effect']:+.2f}")
axes[0].set_ylabel("sender: layer")
fig.colorbar(image, ax=axes, label="change of the logit difference")
show(
    fig,
    alt="Paths from heads of layers 14 to 22 into the queries of 23.0, 23.1 and 23.2 at END. "
    + ". ".join(f"{name}: {listed(sweep, 3)}" for name, sweep in into_q.items())
    + ".",
    caption="The same paths with two corruptions. Heads before layer 14 have no effect to be seen.",
)

# %% [markdown]
# Almost all of it is one head. And the corruption decides how much we see. ABC takes a message away: "S is John"
# becomes "there is no S". S2 flip turns it around: "S is Mary". Then the name movers look at the wrong name, and the
# answer falls by several times as much. Noising by removal and noising by contradiction are two questions.
#
# Does the attention of the name movers follow? We let 20.0 and 19.2 say at END what they say in the other run.

# %%
PATTERN_23 = "blocks.23.attn.hook_pattern"
end = LastPosition(model, few.clean)


def attention_after(values, senders):
    seen = {}

    def note(pattern, hook):
        seen["pattern"] = pattern[:, :, -1].clone()

    def setting(layer, head):
        def hook(z, hook):
            z = z.clone()
            z[:, -1, head] = values[layer, :, -1, head]
            return z

        return f"blocks.{layer}.attn.hook_z", hook

    end.logits([*(setting(*sender) for sender in senders), (PATTERN_23, note)])
    return {p: seen["pattern"][rows, :, few.positions[p]].mean(dim=0) for p in ("IO", "S1", "S2")}


INHIBITION = [tuple(map(int, name.split("."))) for name in inhibition]
looks = {
    "clean": attention_after(clean_z, []),
    "ABC message": attention_after(abc_z, INHIBITION),
    "flipped message": attention_after(flip_z, INHIBITION),
}
print(f"attention from END, with the messages of {' and '.join(inhibition)} changed:")
print(f"{'':17}" + "".join(f"{f'23.{h} ' + p:>10}" for h in range(4) for p in ("IO", "S1")))
for name, places in looks.items():
    print(f"{name:17}" + "".join(f"{places[p][h]:>10.2f}" for h in range(4) for p in ("IO", "S1")))

# %% [markdown]
# It does. With the ABC message the name movers look less at IO and more at S1. With the flipped message they look at
# S1 more than at IO. So 20.0 and 19.2 tell the name movers where not to look: they are **S-inhibition heads**. 23.3
# stands in the same layer, and its attention to the two names hardly moves.
#
# ## 4 · Direct, indirect, total
#
# A head speaks to the answer, and it speaks to others who speak to the answer. Do the two add up to what it does in
# all?

# %% exercise="path_patching.effect_parts"

# %% [markdown]
# Four runs at END for each head: nothing patched; the direct path only (residual stream alone); everything but the
# direct path; both. For the third the head is patched and its change is taken out of the last residual vector again.


# %%
def four_runs(layer, head):
    new = abc_z[layer, :, -1, head]
    change = ((new - clean_z[layer, :, -1, head]) @ W_O[layer][head])[:, None]

    def patch(z, hook):
        z = z.clone()
        z[:, -1, head] = new
        return z

    patching = (f"blocks.{layer}.attn.hook_z", patch)
    plain = LD(end.logits())
    around = LD(end.logits([patching, (LAST, lambda x, hook: x - change)]))
    return plain, plain + straight(layer, head), around, LD(end.logits([patching]))


parts = {}
print(f"{'':6}{'total':>8}{'direct':>8}{'indirect':>10}{'interaction':>13}")
for layer, head in [(23, 3), (23, 0), (20, 0), (19, 2), (24, 4), (29, 1)]:
    parts[layer, head] = path_patching.effect_parts(*four_runs(layer, head))
    total, direct, indirect, rest = map(signed, parts[layer, head])
    print(f"{layer}.{head:<3}{total:>8}{direct:>8}{indirect:>10}{rest:>13}")

# %% [markdown]
# 23.3 speaks for itself. 20.0 speaks through others only. 23.0 does both, and the two nearly cancel: what it says
# directly, later parts take back. This is the self-repair of chapter 07, seen as a decomposition. The interaction is
# small for all six. That is a measurement, no law. The parts would add up exactly in a linear model, and this one has
# norms and MLPs behind the heads.
#
# ## 5 · Two directions
#
# So far we noised: the clean run lost a path. The opposite is **denoising**: the corrupted run gets a path back. The
# next function reports both and ran only one of them.

# %% exercise="path_patching.two_directions"


# %%
def both_ways(some, receivers, senders, **options):
    """Shares needed and enough for paths from one sender to receivers."""
    metric = some.metrics["logit difference"]

    def patched(into, source):
        if torch.equal(into, source):
            return metric(activations.logits_at(model, into))
        return paths.patch(model, into, source, receivers, metric, senders=senders, **options).per_prompt[0]

    return path_patching.two_directions(patched, some.clean.ids, some.corrupted.ids)


FROM_20 = {"senders": ["20.0"], "through": "q", "positions": -1}
ways = {}
print(f"{'path':34}{'needed':>8}{'enough':>8}")
for title, some, receivers, options in (
    ("23.3 → logits, ABC", task[:8], "logits", {"senders": ["23.3"]}),
    ("20.0 → q of name movers, ABC", task[:8], MOVERS, FROM_20),
    ("20.0 → q of name movers, S2 flip", flipped[:8], MOVERS, FROM_20),
):
    ways[title] = both_ways(some, receivers, **options)
    print(f"{title:34}{ways[title][0]:>8.2f}{ways[title][1]:>8.2f}")

# %% [markdown]
# Look at the line of 20.0 with ABC once more before you answer.

# %% exercise="path_patching.which_conclusion"

# %% [markdown]
# ## 6 · Further back
#
# 20.0 and 19.2 attend from END to S2. What they read there are values. Who made them? And the heads that did so, how
# did they know? Each answer becomes the receiver of the next question.

# %%
eight = task[:8]
at_s2 = paths.noise(
    model,
    eight.clean,
    eight.corrupted,
    inhibition,
    eight.metrics["logit difference"],
    through="v",
    senders="heads",
    positions=eight.positions["S2"],
    text="values at S2",
)
print("into the values of", " and ".join(inhibition), "at S2:", listed(at_s2, 6))
to_inhibition = strong(at_s2, 0.15)
print("at least 0.15 and clear:", ", ".join(to_inhibition))

# %% [markdown]
# 17.4 looks from S2 at S1+1: an **induction head** (chapter 03). It finds the token after the earlier copy, so its key
# at S1+1 must know which token stood before. 14.3 looks from S2 at S1: a **duplicate-token head**. These roles need no
# names, so we can measure them where there are none: on random tokens that come twice.

# %%
repeats = heads.repeated_tokens(model, n=6, length=30)
scores = heads.head_scores(model, repeats)
for kind, value in scores.items():
    print(f"{kind:16}" + ", ".join(f"{name} {score:.2f}" for name, score in heads.top_heads(value, 7)))
induction = [name for name, score in heads.top_heads(scores["induction"], 9) if score > 0.6]
duplicate = [name for name, score in heads.top_heads(scores["duplicate token"], 9) if score > 0.35]
print("induction heads, by score above 0.6:", ", ".join(induction))
print("duplicate-token heads, by score above 0.35:", ", ".join(duplicate))

# %%
to_keys = paths.noise(
    model,
    few.clean,
    few.corrupted,
    induction,
    LD,
    through="k",
    senders=[f"{layer}.{head}" for layer in (14, 15, 16) for head in range(HEADS)],
    positions=few.positions["S1+1"],
    text="keys at S1+1",
)
print("into the keys of", ", ".join(induction), "at S1+1:", listed(to_keys, 4))
previous = strong(to_keys, 0.15)
print("previous-token heads:", ", ".join(previous))

# %% [markdown]
# 16.0 at S1+1 tells the induction heads which token stood before, and they use it as a key: the K-composition of
# chapter 03. So the story runs backwards from the answer to the tokens. Mind how small some of its edges are, against
# a logit difference of 5, and how few duplicate-token heads pass the rule. One sender at a time, a team of weak
# senders is invisible.
#
# ## 7 · The circuit
#
# We write down what the sweeps have found, by the rules of the sections above, each head at its place. Two kinds of
# nodes are no strong senders: 23.1 and 23.2, which share their keys and values with 23.0; and those induction and
# duplicate-token heads that were found by their patterns on random tokens only.


# %%
def nodes_of(names, place):
    return [(*map(int, name.split(".")), place) for name in names]


GROUPS = {
    "previous token": nodes_of(previous, "S1+1"),
    "duplicate token": nodes_of(duplicate, "S2"),
    "induction": nodes_of(induction, "S2"),
    "S-inhibition": nodes_of(inhibition, "END"),
    "name movers": nodes_of(MOVERS, "END"),
    "negative copier": nodes_of(["23.3"], "END"),
    "unknown role": nodes_of([name for name in direct_senders if name.startswith("29.")], "END"),
}
CIRCUIT = sorted({node for group in GROUPS.values() for node in group})
missing = [name for name in direct_senders if nodes_of([name], "END")[0] not in CIRCUIT]
print(f"{len(CIRCUIT)} nodes of {LAYERS * HEADS} heads × {task.clean.ids.shape[1]} positions")
for group, nodes in GROUPS.items():
    print(f"  {group:16} " + ", ".join(f"{a}.{b} at {p}" for a, b, p in nodes))
print("strong direct senders without a place in it:", ", ".join(missing) or "none")

# %%
WHERE = {"S1+1": 0.5, "S2": 2.4, "END": 5.0}
HEIGHT = {2: 0, 5: 1, 8: 2, 14: 3, 15: 4, 16: 4.9, 17: 5.8, 18: 7.0, 19: 7.0, 20: 8.2, 23: 10.8, 29: 13.0}
SPREAD = {17: 0.6, 23: 0.62, 29: 2.3}
group_of = {node: group for group, nodes in GROUPS.items() for node in nodes}
tint = dict(zip(GROUPS, ("grey", "orange", "green", "red", "blue", "purple", "sky"), strict=True))
place_of = {}
fig, ax = plt.subplots(figsize=(9.5, 6.6))
for layer, head, place in CIRCUIT:
    beside = [b for a, b, p in CIRCUIT if (a, p) == (layer, place)]
    shift = SPREAD.get(layer, 0) * (beside.index(head) - (len(beside) - 1) / 2) + (0.7 if layer == 19 else 0)
    place_of[layer, head] = (WHERE[place] + shift, HEIGHT[layer])
    color = tint[group_of[layer, head, place]]
    ax.annotate(
        f"{layer}.{head}",
        place_of[layer, head],
        ha="center",
        va="center",
        fontsize=9,
        color="black" if color in ("sky", "orange", "purple") else "white",
        bbox={"boxstyle": "round", "facecolor": COLORS[color], "edgecolor": "none"},
        zorder=3,
    )
for group, color in tint.items():
    ax.plot([], [], marker="s", linestyle="", color=COLORS[color], label=group)
ANSWER = (WHERE["END"], 15.2)
ax.annotate("logit difference", ANSWER, ha="center", va="center", fontweight="bold", zorder=3)


def edge(a, b, effect, along=0.5):
    """An arrow as wide as its effect is large, and the effect beside it."""
    style = {"arrowstyle": "->", "color": COLORS["black"], "shrinkA": 11, "shrinkB": 13}
    ax.annotate("", b, a, arrowprops={**style, "linewidth": 0.7 + min(abs(effect), 3)}, zorder=1)
    x, y = a[0] + along * (b[0] - a[0]), a[1] + along * (b[1] - a[1])
    box = {"facecolor": "white", "edgecolor": "none", "pad": 0.8}
    ax.text(x, y, signed(effect), fontsize=8, ha="center", va="center", zorder=2, bbox=box)


def found_effect(sweep, name):
    return float(changes(sweep).mean(dim=1)[sweep.axes["sender"].index(name)])


def at_head(name):
    return place_of[tuple(map(int, name.split(".")))]


for name in direct_senders:
    if tuple(map(int, name.split("."))) in place_of:
        edge(at_head(name), ANSWER, found_effect(to_logits, name))
for name in inhibition:
    edge(at_head(name), at_head("23.1"), found_effect(into_q["S2 flip"], name), along=0.4)
for name in to_inhibition:
    if tuple(map(int, name.split("."))) in place_of:
        edge(at_head(name), at_head("20.0"), found_effect(at_s2, name))
for name in previous:
    edge(at_head(name), at_head("17.4"), found_effect(to_keys, name))
ax.set_xticks(list(WHERE.values()), list(WHERE))
ticks = [layer for layer in HEIGHT if layer != 19]
ax.set_yticks([HEIGHT[layer] for layer in ticks], ["18, 19" if layer == 18 else layer for layer in ticks])
ax.set_ylim(-1, 16)
ax.set_xlim(-0.2, 7)
ax.set_xlabel("position")
ax.set_ylabel("layer (not to scale)")
ax.grid(visible=False)
ax.legend(loc="lower right")
ax.set_title(f"{len(CIRCUIT)} nodes carry a name from S1 and S2 to the answer")
show(
    fig,
    alt="The circuit. "
    + "; ".join(f"{group}: {', '.join(f'{a}.{b} at {p}' for a, b, p in nodes)}" for group, nodes in GROUPS.items())
    + f". Strongest edges: 23.3 to the logits {signed(found_effect(to_logits, '23.3'))}, 20.0 to the queries of the "
    f"name movers {signed(found_effect(into_q['S2 flip'], '20.0'))} (S2 flip).",
    caption="Arrows: path effects of the sweeps, in logits. Into the queries: S2 flip; all others: ABC. The receivers "
    "of a sweep are patched together, and the arrow leads to one of them. Nodes without arrows were found by pattern.",
)

# %% [markdown]
# ## 8 · Is the circuit faithful?
#
# A picture with arrows convinces easily. The test: keep these heads, each only at its place, and ablate every other
# head at every position by its mean over ABC prompts of the same template (Wang et al. 2022). MLPs are left alone.

# %% exercise="path_patching.kept_places"

# %% exercise="path_patching.faithfulness"

# %%
predict(
    "path_patching.faithful",
    "Seventeen nodes stay, about 4,000 are ablated. How much of the logit difference is left?",
    ["less than a quarter", "about half", "more than three quarters", "more than the whole model has"],
)

# %%
REST = "everything else"


class Bench:
    """Prompts with the means that replace what is not kept. `logits(kept)` runs the kept nodes alone."""

    def __init__(self, some, others):
        self.task, z = some, gathered(others.corrupted)[0]
        self.means = torch.stack([z[:, others.template == one].mean(dim=1) for one in some.template.tolist()], dim=1)
        self.metric = some.metrics["logit difference"]
        self.model = self.metric(activations.logits_at(model, some.clean))
        self.scores = cache(self._scores)

    def _scores(self, kept):
        """The logit difference of each prompt with only these nodes; REST stands for all that are not in CIRCUIT."""
        places, length = self.task.positions, self.task.clean.ids.shape[1]
        mask = path_patching.kept_places(sorted(kept - {REST}), places, LAYERS, HEADS, length)
        if REST in kept:
            mask |= ~path_patching.kept_places(CIRCUIT, places, LAYERS, HEADS, length)
        hooks = [
            (Z[layer], lambda z, hook, layer=layer: torch.where(mask[layer][..., None], z, self.means[layer]))
            for layer in range(LAYERS)
            if not mask[layer].all()
        ]
        with model.hooks(fwd_hooks=hooks):
            return self.metric(activations.logits_at(model, self.task.clean))

    def __call__(self, kept):
        return self.scores(frozenset(kept))


bench = Bench(task, tasks.ioi(model, n=24, seed=1))
fresh = Bench(
    tasks.ioi(model, n=16, seed=3, templates=FRESH_TEMPLATES), tasks.ioi(model, n=24, seed=4, templates=FRESH_TEMPLATES)
)
unseen = Bench(
    tasks.ioi(model, n=16, seed=11, templates=FRESH_TEMPLATES),
    tasks.ioi(model, n=24, seed=12, templates=FRESH_TEMPLATES),
)
everything = bench({*CIRCUIT, REST})
print("keeping every node changes nothing:", bool((everything - bench.model).abs().max() < 1e-3))


def interval(statistic, n_prompts, seed=0, draws=400):
    """The 90% percentile bootstrap over prompts (chapter 07) of a function of the drawn rows."""
    generator = torch.Generator().manual_seed(seed)
    values = [statistic(torch.randint(n_prompts, (n_prompts,), generator=generator)) for _ in range(draws)]
    low, high = torch.tensor(values).quantile(torch.tensor([0.05, 0.95])).tolist()
    return low, high


def judged(title, kept, on):
    alone = on(set(kept))
    gap, share = path_patching.faithfulness(alone, on.model)
    low, high = interval(lambda r: path_patching.faithfulness(alone[r], on.model[r])[1], len(alone))
    print(f"{title:34}{alone.mean():>8.2f}{gap:>8.2f}{share:>8.2f}   {low:.2f} to {high:.2f}")
    return share


KNOWN = [node for node in CIRCUIT if node not in GROUPS["unknown role"]]
print(f"whole model: {bench.model.mean():.2f}; on fresh templates: {fresh.model.mean():.2f}")
print(f"{'':34}{'F(C)':>8}{'gap':>8}{'share':>8}   90% interval of the share")
shares = {
    "circuit": judged("the circuit", CIRCUIT, bench),
    "fresh": judged("the circuit, fresh templates", CIRCUIT, fresh),
    "known": judged("without 29.0 and 29.1", KNOWN, bench),
    "known, fresh": judged("the same, fresh templates", KNOWN, fresh),
    "nothing": judged("no head kept", [], bench),
    "24.5": judged("the circuit and 24.5 at END", [*CIRCUIT, (24, 5, "END")], bench),
    "unseen": judged("the circuit, unseen prompts", CIRCUIT, unseen),
}

# %% [markdown]
# The circuit misses about half a logit, and its share is about nine tenths. On templates that had no part in the
# sweeps the share is nearly the same. The intervals are wide; 16 prompts are few.
#
# Now the confession. The limits (0.5 and 0.15 logits, scores of 0.6 and 0.35) were *not* chosen blind. While this
# chapter was written, about ten sets of nodes were scored on the first prompts, and some of them on the prompts of
# the fresh templates, before the limits were fixed. 24.5 misses the limit of 0.5 by a hair; the table says what it
# would have cost to let it in. That is why there is a last line: new prompts, of the fresh templates, that were run
# once, when all limits stood.
# On them the share is about three quarters, with an interval from a half to one. That is lower than on any set that we
# had looked at, and it is the number to believe.
#
# 29.0 and 29.1 can be left out without loss. Each has a strong direct effect, and the two have opposite signs. A rule
# that looks at single paths takes both in. So there is more than one circuit of this quality, and "the circuit" is a
# way of speaking.
#
# What would any seventeen heads have given? The baseline must be like the circuit in everything but which heads it
# holds. This one is not.

# %% exercise="path_patching.random_circuit"

# %%
random_shares = torch.tensor(
    [
        path_patching.faithfulness(bench(set(path_patching.random_circuit(CIRCUIT, HEADS, seed))), bench.model)[1]
        for seed in range(8)
    ]
)
print("random circuits, share:", ", ".join(f"{share:.2f}" for share in random_shares.sort().values))
print(f"best of {len(random_shares)}: {random_shares.max():.2f}; the circuit: {shares['circuit']:.2f}")

# %% [markdown]
# ## 9 · More is not always better
#
# We build the circuit up group by group: from the answer backwards, as we found it, and from the tokens forwards.

# %%
predict(
    "path_patching.monotone",
    "Every group that is added was found because the answer needs it. Does an addition lower the logit difference by "
    "more than 0.1?",
    ["no", "yes, on the way back from the answer", "yes, on the way forwards from the tokens", "yes, in both orders"],
)

# %%
ways_up = {
    "from the answer backwards": list(reversed(GROUPS)),
    "from the tokens forwards": list(GROUPS),
}
climbs = {}
for way, order in ways_up.items():
    kept, climb = set(), [bench(set()).mean().item()]
    for group in order:
        kept |= set(GROUPS[group])
        climb.append(bench(kept).mean().item())
    climbs[way] = climb
    print(
        f"{way}: nothing {climb[0]:.2f}; " + "; ".join(f"+ {g} {v:.2f}" for g, v in zip(order, climb[1:], strict=True))
    )
drops = {way: sum(after < before - 0.1 for before, after in pairwise(climb)) for way, climb in climbs.items()}
fig, ax = plt.subplots(figsize=(8.5, 4.4))
for (way, climb), color, marker in zip(climbs.items(), ("blue", "orange"), ("o", "s"), strict=True):
    ax.plot(climb, color=COLORS[color], marker=marker, label=way)
    for step, group in enumerate(ways_up[way]):
        offset = 9 if color == "blue" and step != 4 else -14
        if step == 4 and color == "orange":
            offset = 9
        ax.annotate(
            f"+ {group}",
            (step + 1, climb[step + 1]),
            fontsize=7.5,
            ha="center",
            xytext=(0, offset),
            textcoords="offset points",
            color=COLORS[color],
        )
ax.axhline(bench.model.mean(), color=COLORS["black"], linewidth=0.8, linestyle="--", label="whole model")
ax.set_xlabel("groups kept")
ax.set_ylabel("logit difference, the rest ablated")
backwards = climbs["from the answer backwards"]
fall = max(before - after for before, after in pairwise(backwards))
ax.set_title(f"On the way back from the answer, adding the name movers costs {fall:.1f} logits")
ax.set_ylim(-0.3, 5.7)
ax.legend(loc=(0.36, 0.6))
show(
    fig,
    alt="Logit difference as groups are added. "
    + ". ".join(f"{way}: " + ", ".join(f"{v:.2f}" for v in climb) for way, climb in climbs.items())
    + ".",
    caption="Every other head ablated at every position by its ABC mean.",
)

# %% [markdown]
# With 23.3 more than half of the score is back. Add the name movers, which were found because the answer needs them,
# and most of it is gone again. Without S-inhibition heads they look at both names and raise both. From the tokens
# forwards nothing happens for three groups, and nearly everything with the last ones. So a part has no value of its
# own. What it is worth depends on who else is there, and a list of heads sorted by single effects and cut somewhere
# inherits that.
#
# ## 10 · Complete? Minimal?
#
# A circuit can be faithful and wrong: it may lack a part that does nothing as long as nothing is broken.
# **Completeness** breaks circuit and model in the same way. For every K in C, |F(C∖K) − F(M∖K)| should be small.

# %% exercise="path_patching.completeness"

# %%
draw = random.Random(0)
MODEL = {*CIRCUIT, REST}
SUBSETS = {"nothing": set(), **{group: set(nodes) for group, nodes in GROUPS.items()}}
SUBSETS |= {f"random half {k + 1}": set(draw.sample(CIRCUIT, len(CIRCUIT) // 2)) for k in range(3)}


def score_on(drawn):
    return lambda kept: bench(kept)[drawn].mean().item()


every = torch.arange(len(task))
gaps = path_patching.completeness(score_on(every), set(CIRCUIT), MODEL, list(SUBSETS.values()))
print(f"{'K, taken out':18}{'F(C∖K)':>8}{'F(M∖K)':>8}{'gap':>7}   90% interval")
for (name, taken), gap in zip(SUBSETS.items(), gaps, strict=True):
    low, high = interval(
        lambda r, taken=taken: path_patching.completeness(score_on(r), set(CIRCUIT), MODEL, [taken])[0], len(task)
    )
    c, m = (score_on(every)(some - taken) for some in (set(CIRCUIT), MODEL))
    print(f"{name:18}{c:>8.2f}{m:>8.2f}{gap:>7.2f}   {low:.2f} to {high:.2f}")
incompleteness, worst = max(zip(gaps, SUBSETS, strict=True))

fig, ax = plt.subplots(figsize=(6, 5.4))
points = {name: [score_on(every)(some - taken) for some in (MODEL, set(CIRCUIT))] for name, taken in SUBSETS.items()}
low, high = min(map(min, points.values())) - 0.4, max(map(max, points.values())) + 0.4
ax.plot([low, high], [low, high], color=COLORS["black"], linewidth=0.8)
for name, (m, c) in points.items():
    ax.scatter(m, c, s=26, color=COLORS["orange" if name.startswith("random") else "blue"])
    left = name in ("unknown role", "S-inhibition", "random half 1")
    down = -11 if name == "induction" else -3
    side = {"xytext": (-6, 2), "ha": "right"} if left else {"xytext": (6, down)}
    ax.annotate(name, (m, c), fontsize=8, textcoords="offset points", **side)
ax.set_xlim(low, high + 1.2)
ax.set_xlabel("F(M∖K): model without K (logits)")
ax.set_ylabel("F(C∖K): circuit without K (logits)")
ax.set_title(f"K = {worst}: circuit and model differ by {incompleteness:.1f} logits")
show(
    fig,
    alt="Score of the circuit against score of the model with the same nodes taken out; on the diagonal the circuit is "
    f"complete. Largest gap {incompleteness:.2f}, K = {worst}.",
)

# %% [markdown]
# Without S-inhibition, or without 29.0 and 29.1, circuit and model lose about the same. Without the previous-token
# head or the duplicate-token heads they do not. The model loses little, and the circuit loses several times as much.
# The model has other ways to learn at S2 that this name came before, and the circuit does not hold them. It is
# faithful and not complete. This is the redundancy that the survey warns of (4.2), found by breaking things.
#
# **Minimality** asks the opposite: is there anything in it that need not be there? For every node v there should be a K
# with a large |F(C∖(K∪{v})) − F(C∖K)|. We try the empty K and the rest of v's own group.

# %% exercise="path_patching.minimality"

# %%
PARTNERS = {node: [set(nodes) - {node}] for nodes in GROUPS.values() for node in nodes if len(nodes) > 1}
minimal = path_patching.minimality(score_on(every), set(CIRCUIT), PARTNERS)
spans = {
    node: interval(
        lambda r, node=node: max(
            abs(score_on(r)(set(CIRCUIT) - k - {node}) - score_on(r)(set(CIRCUIT) - k))
            for k in [set(), *PARTNERS.get(node, [])]
        ),
        len(task),
        draws=200,
    )
    for node in CIRCUIT
}
ranked = sorted(minimal, key=lambda node: minimal[node])
fig, ax = plt.subplots(figsize=(7, 4.8))
values = [minimal[node] for node in ranked]
bars = torch.tensor([[minimal[n] - spans[n][0], spans[n][1] - minimal[n]] for n in ranked]).clamp_min(0).T
ax.barh(
    [f"{a}.{b} at {p}" for a, b, p in ranked],
    values,
    xerr=bars,
    color=[COLORS[tint[group_of[node]]] for node in ranked],
    ecolor=COLORS["black"],
)
ax.set_xlabel("minimality score (logits; bars: 90% bootstrap interval)")
weak = [node for node in ranked if minimal[node] < 0.1 * bench.model.mean()]
ax.set_title(f"{len(weak)} of {len(CIRCUIT)} nodes change less than a tenth of the model's score")
show(
    fig,
    alt="Minimality scores. "
    + ", ".join(f"{a}.{b} at {p}: {minimal[a, b, p]:.2f}" for a, b, p in reversed(ranked))
    + ".",
    caption="K: the empty set or the rest of the node's group. Colours as in the figure of the circuit.",
)
print("weakest:", ", ".join(f"{a}.{b} at {p} {minimal[a, b, p]:.2f}" for a, b, p in ranked[:5]))
print("strongest:", ", ".join(f"{a}.{b} at {p} {minimal[a, b, p]:.2f}" for a, b, p in reversed(ranked[-5:])))

# %% [markdown]
# All nodes pass the limit of Wang et al., one percent of the model's score. The duplicate-token heads are the
# weakest. Taken one by one, most of them change little, and as a group they are worth more than a logit (section
# above). Our K were few: the empty set and the rest of the group. A larger search can only raise these scores. The
# interval of a largest value is a little too high, as each draw takes its own maximum.
#
# ## 11 · Explore
#
# Choose receivers, their input and a place, and see who speaks to them. Try the queries of 23.3: who tells it where to
# look? Below stands one answer for readers without a kernel.

# %%
CHOICES = ["23.0 23.1 23.2", "23.3", "20.0 19.2", "17.3 17.4 18.6", "24.4", "29.0 29.1"]
four_ld = four.metrics["logit difference"]


def who_speaks(receivers, through, place):
    sweep = paths.noise(
        model,
        four.clean,
        four_flipped.corrupted,
        receivers.split(),
        four_ld,
        through=through,
        senders="heads",
        positions=four.positions[place],
    )
    return sweep.heads()


explore(who_speaks, CHOICES, list(four.positions))
silent = paths.noise(
    model,
    few.clean,
    few_flipped.corrupted,
    ["23.3"],
    LD,
    through="q",
    senders=[f"{layer}.{head}" for layer in range(17, 23) for head in range(HEADS)],
    positions=END,
    text="queries of 23.3",
)
print("into the queries of 23.3 at END, S2 flip:", listed(silent, 4))
grid = silent.heads()[17:23]
fig, ax = plt.subplots(figsize=(6, 3.2))
image = ax.imshow(grid, cmap="RdBu_r", vmin=-3, vmax=3, aspect="auto", origin="lower")
ax.grid(visible=False)
ax.set_xticks(range(HEADS))
ax.set_yticks(range(6), range(17, 23))
ax.set_xlabel("sender: head")
ax.set_ylabel("sender: layer")
ax.set_title("No head moves the answer through the queries of 23.3")
fig.colorbar(image, ax=ax, label="change of the logit difference")
show(fig, alt=f"Paths into the queries of 23.3 at END, on a scale from -3 to 3: {listed(silent, 3)}.")

# %% [markdown]
# The strongest messages into the queries of 23.3 are worth about a tenth of a logit, and they help. On ABC prompts
# there is even less. So who decides that 23.3 looks at S2? Its query may be much the same on all prompts, and the key
# at S2 may decide; or many senders say a little each. That is the first open task below.
#
# ## 12 · Two models, one task
#
# Wang et al. (2022) took GPT-2 small apart in the same way. Its column is what they report; ours is what this notebook
# found.


# %%
def short(nodes):
    return ", ".join(f"{a}.{b}" for a, b, _ in nodes)


TABLE = [
    ("name movers", "9.6, 9.9, 10.0", short(GROUPS["name movers"])),
    (
        "negative heads",
        "negative name movers 10.7, 11.10, against the answer",
        "23.3 copies S negatively, for the answer",
    ),
    ("S-inhibition", "7.3, 7.9, 8.6, 8.10", short(GROUPS["S-inhibition"])),
    ("induction", "5.5, 5.8, 5.9, 6.9", short(GROUPS["induction"])),
    ("duplicate token", "0.1, 0.10, 3.0", short(GROUPS["duplicate token"])),
    ("previous token", "2.2, 4.11", short(GROUPS["previous token"])),
    ("role not known", "—", short(GROUPS["unknown role"])),
    ("circuit", "26 heads", f"{len(CIRCUIT)} heads"),
    ("share of F(M)", "0.87", f"{shares['circuit']:.2f}"),
]
print(f"{'role':18}{'GPT-2 small (reported)':54}SmolLM2 (measured)")
for role, theirs, ours in TABLE:
    print(f"{role:18}{theirs:54}{ours}")

# %% [markdown]
# ## 13 · Limits
#
# * **A path effect depends on the corruption.** ABC and S2 flip differ by a factor of several for the same path.
# * **It depends on what is held.** With MLPs held or answering, 23.3 has two direct effects. Say which.
# * **One sender at a time misses teams.** The duplicate-token heads are weak one by one. That is why we took them by
#   pattern, and the completeness test shows what such additions are worth.
# * **Heads only.** Every MLP was left alone. "The circuit" is what attention does, given all MLPs.
# * **The mean is a message, too.** What is ablated still says what template and position this is.
# * **Chosen limits.** A circuit found with limits that were adjusted on the way is partly fitted (section 8).
# * **Faithful on average.** F is a mean over prompts. Two prompts that err in opposite directions cancel.
# * **One small model, one task, eight sentences.**

# %%
q_flip, q_abc = (found_effect(into_q[name], "20.0") for name in ("S2 flip", "ABC"))
claims_table(
    [
        {
            "claim": "Name movers carry the answer to the logits",
            "paper": "9.6, 9.9, 10.0 in GPT-2 small have the strongest direct effects for it (Wang et al. 2022)",
            "measured": f"23.0 {signed(found_effect(to_logits, '23.0'))}; strongest is 23.3, which reads S2: "
            f"{signed(found_effect(to_logits, '23.3'))}",
            "verdict": "partly",
        },
        {
            "claim": "S-inhibition heads act through the queries of the name movers",
            "paper": "7.3, 7.9, 8.6, 8.10 (Wang et al. 2022)",
            "measured": f"20.0 into the queries: {signed(q_abc)} (ABC), {signed(q_flip)} (S2 flip)",
            "verdict": "held" if q_flip < -1 else "partly",
        },
        {
            "claim": "They read at S2 what induction and duplicate-token heads wrote there",
            "paper": "through their values (Wang et al. 2022)",
            "measured": listed(at_s2, 3),
            "verdict": "held" if "17.4" in to_inhibition else "did not replicate",
        },
        {
            "claim": "Previous-token heads speak to the keys of induction heads",
            "paper": "2.2 and 4.11, by K-composition (Wang et al. 2022)",
            "measured": listed(to_keys, 1) + " into keys at S1+1",
            "verdict": "held" if previous == ["16.0"] else "partly",
        },
        {
            "claim": "A small circuit does most of the task",
            "paper": "26 heads, 87% of the logit difference (Wang et al. 2022)",
            "measured": f"{len(CIRCUIT)} heads, {shares['circuit']:.0%}; fresh templates {shares['fresh']:.0%}, "
            f"unseen prompts of these {shares['unseen']:.0%}; best "
            f"random circuit {random_shares.max():.0%}",
            "verdict": "held"
            if abs(1 - shares["circuit"]) <= 0.15 and min(shares["fresh"], shares["unseen"]) >= 0.8
            else "partly",
        },
        {
            "claim": "The circuit is complete",
            "paper": "small gaps for most K, large ones for K found by a greedy search (Wang et al. 2022)",
            "measured": f"largest gap {incompleteness:.2f} of {bench.model.mean():.2f}, without the {worst} group",
            "verdict": "held" if incompleteness < 0.15 * bench.model.mean() else "did not replicate",
        },
        {
            "claim": "Every node is needed in some setting",
            "paper": "all change the score by at least 1% (Wang et al. 2022)",
            "measured": f"smallest {min(values) / bench.model.mean():.0%}; {len(weak)} of {len(CIRCUIT)} below 10%",
            "verdict": "held" if min(values) >= 0.01 * bench.model.mean() else "partly",
        },
        {
            "claim": "Keeping more of the circuit is never worse (our own question)",
            "paper": "—",
            "measured": f"adding a group lowers the score in {sum(drops.values())} of {2 * len(GROUPS)} steps; "
            f"the name movers without S-inhibition by {fall:.2f}",
            "verdict": "did not replicate" if sum(drops.values()) else "held",
        },
    ]
)

# %% [markdown]
# ## Further work
#
# These have no reference.
#
# 1. **Who tells 23.3 where to look?** Its direct effect is the strongest of all, and no head speaks to its queries. Try
#    its keys and values at S2, MLPs as senders, and several senders together. Write the sub-circuit down and test it
#    with faithfulness, keeping only 23.3 among the heads of layers 21 and later.
# 2. **A better circuit of equal size.** Search for a circuit that is as small and more complete: add the node that
#    lowers the largest completeness gap, take out the node with the smallest minimality score, and go on. Judge on
#    prompts and templates that the search did not see. Is the circuit that you end with the same from another seed?
#
# Next, chapter 10: does the method carry to another task?
