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
# faithfulness, completeness and minimality, beside baselines that could beat it.

# %%
# %load_ext mi_tutor
import random
from itertools import pairwise
from typing import NamedTuple

import matplotlib.pyplot as plt
import torch

from mi_tutor.exercises import path_patching
from mi_tutor.lab import activations, heads, models, named_nodes, paths, tasks
from mi_tutor.lab.explorers.circuit_graph import explore as explore_graph
from mi_tutor.lab.explorers.paths import explore
from mi_tutor.lab.figures import COLORS, claims_table, show, use_style
from mi_tutor.lab.last_position import LastPosition
from mi_tutor.lab.norms import attention_norm, final_norm
from mi_tutor.lab.paths import Edge, cut
from mi_tutor.lab.tasks.indirect_object import FRESH_TEMPLATES
from mi_tutor.tutor.notebook import predict

use_style()
torch.set_grad_enabled(False)
model = models.load("smollm2")
LAYERS, HEADS = model.cfg.n_layers, model.cfg.n_heads
ROOM = 150_000_000  # bytes of working memory for each sweep

# %% [markdown]
# ## 1 · A path by hand
#
# We begin with a network of four heads and one MLP, in which everything is one number. Its **stream** starts as x1.
# Head a adds x0. Head b adds the square of the stream. The MLP doubles a positive stream. Head c adds stream times
# (stream + 1). Head d takes away half of the stream, and the rest is the output. What a head writes is its z. Heads b
# and c write their pattern times their value; a writes x0 as it is; d writes minus its product.
# `named_nodes.run(prompts, fixed)` runs the network and holds some **nodes** at values that we choose.

# %%
into, source = torch.tensor([[1.0, 1.0]]), torch.tensor([[0.0, 1.0]])
plain, other = named_nodes.run(into, {}), named_nodes.run(source, {})
print(f"{'':11}{'x0 = 1':>8}{'x0 = 0':>8}")
for name, value in plain.items():
    print(f"{name:11}{value.item():>8.1f}{other[name].item():>8.1f}")

# %% [markdown]
# A **path** leads from a **sender**, a node that writes, to a **receiver**, a node that reads. Let head a, and nothing
# else, say what it says when x0 is 0. If everybody may react we get the **total effect**. For the **direct effect** no
# head may pass the change on: every other head is held at what it wrote in the plain run. An MLP passes nothing from
# one position to another. Wang et al. do not hold it but let it answer, and so does this function. It was written in a
# hurry.

# %% exercise="path_patching.direct_to_output"

# %%
print(f"{'head':6}{'total':>8}{'direct':>8}")
for head in named_nodes.HEADS:
    total = named_nodes.run(into, {f"z {head}": other[f"z {head}"]})["output"] - plain["output"]
    direct = path_patching.direct_to_output(named_nodes.run, into, source, head, named_nodes.HEADS)
    print(f"{head:6}{total.item():>8.1f}{direct.item():>8.1f}")

# %% [markdown]
# Head a moves the output by 72 in all, and by 2 directly. Nearly everything that it does, it does through others.
# Head c is the other way round: head d takes back half of what c says, so the direct effect is larger than the total
# one. Head d is last, nobody can react, and both numbers agree.
#
# ## 2 · Who speaks to the answer?
#
# Now SmolLM2 and indirect object identification. "When Mary and John met at the market, John gave a book to" goes on
# with " Mary". IO is Mary, S is John, standing at S1 and S2; S1+1 is the token after S1; END is the last token. The
# metric is the logit difference, logit(IO) − logit(S) at END.
#
# In **noising** the clean prompt runs and a path carries its value from a corrupted prompt. We use two corruptions.
# **ABC** has three other names, none of them twice. **S2 flip** keeps both names and turns S2 into IO: "Mary and
# John …, Mary gave", and the answer is now John.
#
# In half of the prompts IO comes first, in the other half S. Chapter 07 found heads that treat the two orders
# differently, so nearly every number on this page stands for all 16 prompts and for each order by itself.

# %%
task = tasks.ioi(model, n=16, seed=0)
flipped = tasks.ioi(model, n=16, seed=0, corruption="s2_flip")
LD = task.metrics["logit difference"]
IO_FIRST = task.positions["IO"] < task.positions["S1"]
ORDERS = {"all": torch.ones(16, dtype=torch.bool), "IO first": IO_FIRST, "S first": ~IO_FIRST}
print("IO first: ", task.texts[0], "→", models.text(model, task.answer[:1]))
print("ABC:      ", task.corrupted_texts[0])
print("S2 flip:  ", flipped.corrupted_texts[0])
print("S first:  ", task.texts[1], "→", models.text(model, task.answer[1:2]))
print(f"\n{'':18}" + "".join(f"{order:>10}" for order in ORDERS))
scores = {name: task.measure(model, tokens) for name, tokens in (("clean", None), ("ABC", task.corrupted))}
scores["S2 flip"] = task.measure(model, flipped.corrupted)
clean_ld, clean_p = scores["clean"]["logit difference"], scores["clean"]["probability"]
for name, found in scores.items():
    values = found["logit difference"]
    print(f"{'LD, ' + name:18}" + "".join(f"{values[rows].mean():>10.2f}" for rows in ORDERS.values()))
print(f"{'P(IO), clean':18}" + "".join(f"{clean_p[rows].mean():>10.2f}" for rows in ORDERS.values()))

# %% [markdown]
# With S first the model does much better. (IO is then the name it read last before S2.)
#
# We shall make a circuit of what we find, so we need rules for who is in. They stand here, before the first sweep.
#
# > 1. **To the answer:** a head whose direct path changes the logit difference by at least 0.5 under ABC.
# > 2. **To another head:** at least 0.15, as such paths are weaker; into queries under S2 flip, all others under ABC.
# > 3. **Clear:** the mean is more than two standard errors from 0.
# > 4. **Two orders:** it is enough to pass in the mean of all 16 prompts or in the mean of one of the two orders.
# > 5. **Pattern:** induction and duplicate-token heads of layers before 20 are also in if, on random tokens, more than
# >    half of their attention is where their name says. Teams of weak senders escape rules 1 and 2.
#
# The limits are not innocent; section 8 says what we knew when we set them.

# %%
predict(
    "path_patching.direct",
    "Heads 23.0, 23.1 and 23.2 attend from END to names, 23.0 mostly to IO, and copy them. Head 23.3 attends to S2. "
    "Whose direct path to the logits matters most?",
    ["23.0", "23.1 or 23.2", "23.3"],
)

# %% [markdown]
# To hold all heads but one we hook every layer's `hook_z`, the place where TransformerLens keeps the z of its heads.

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
    return path_patching.direct_path(z, new, W_O[layer][head], clean_end, norm.gain, norm.eps, direction_of(task))


clean_z, clean_end = gathered(task.clean)
abc_z, abc_end = gathered(task.corrupted)
sender = (23, 3)
with model.hooks(fwd_hooks=path_patching.freezing_hooks(clean_z, abc_z, sender)):
    answering = LD(activations.logits_at(model, task.clean)) - clean_ld
lab = paths.noise(model, task.clean, task.corrupted, "logits", LD, senders=["23.3"])
lab_frozen = paths.noise(model, task.clean, task.corrupted, "logits", LD, senders=["23.3"], mlps="frozen")
print(f"23.3 to the logits, MLPs answering, your hooks: {answering.mean():+.2f}, the lab: {lab.effects[0]:+.2f}")
print(f"23.3 to the logits, residual only, your sum:    {straight(*sender).mean():+.2f}, ", end="")
print(f"the lab: {lab_frozen.effects[0]:+.2f}")

# %% [markdown]
# Both agree with `lab.paths`. Its `paths.noise` measures all senders into one set of receivers in a few seconds.
# `mlps="frozen"` holds the MLPs, too. It is the same calculation: with attention held, positions do not meet, so a
# change can be carried on as one vector.
#
# The two definitions differ: the MLPs behind 23.3 add to what it says. Wang et al. count them as part of the path;
# Goldowsky-Dill et al. name every MLP that a path leads through. "Direct effect" needs a word about MLPs.
#
# Now the rules as code.

# %% exercise="path_patching.strong_senders"


# %%
def signed(value):
    """Two digits with a sign; adding 0 turns -0 into 0."""
    return f"{round(float(value), 2) + 0.0:+.2f}"


def pm(values):
    """Mean and standard error over prompts."""
    return f"{signed(values.mean())} ± {values.std() / len(values) ** 0.5:.2f}"


def changes(sweep):
    return sweep.per_prompt - sweep.into_per_prompt


def of_sender(sweep, name):
    """The effect of one sender on each prompt."""
    return changes(sweep)[sweep.axes["sender"].index(name)]


def by_order(values, width=16):
    """Means and standard errors: all prompts, IO first, S first."""
    return "".join(f"{pm(values[rows]):>{width}}" for rows in ORDERS.values())


HEADER = "".join(f"{order:>16}" for order in ORDERS)


def largest(sweep):
    """The size of each sender's effect, in the order in which it is larger."""
    return torch.stack([changes(sweep)[:, rows].mean(dim=1).abs() for rows in ORDERS.values()]).amax(dim=0)


def strongest(sweep, n):
    return [sweep.axes["sender"][k] for k in largest(sweep).argsort(descending=True).tolist()[:n]]


def table(sweep, title, n):
    print(f"{title:28}{HEADER}")
    for name in strongest(sweep, n):
        print(f"{name:28}{by_order(of_sender(sweep, name))}")


def strong(sweep, least):
    """Rules 1 to 4: the senders that pass in all prompts or in one order."""
    names = list(sweep.axes["sender"])
    passing = {
        name for rows in ORDERS.values() for name in path_patching.strong_senders(changes(sweep)[:, rows], names, least)
    }
    return [name for name in strongest(sweep, len(names)) if name in passing]


# %%
to_logits = paths.noise(
    model, task.clean, task.corrupted, "logits", LD, senders="heads", max_bytes=ROOM, text="to the logits"
)
table(to_logits, "to the logits, ABC", 11)
direct_senders = strong(to_logits, 0.5)
print("\nrule 1:", ", ".join(direct_senders))
more = tasks.ioi(model, n=16, seed=5)
second = paths.noise(
    model, more.clean, more.corrupted, "logits", more.metrics["logit difference"], senders=direct_senders, text="again"
)
swapped_orders = {"IO first": more.positions["IO"] < more.positions["S1"]}
swapped_orders["S first"] = ~swapped_orders["IO first"]
print("\nthe same heads on 16 other prompts:")
print(f"{'':28}" + "".join(f"{order:>16}" for order in swapped_orders))
for name in direct_senders:
    effects = of_sender(second, name)
    print(f"{name:28}" + "".join(f"{pm(effects[rows]):>16}" for rows in swapped_orders.values()))

# %% jupyter={"source_hidden": true}
names = strongest(to_logits, 11)
in_each_order = [
    path_patching.strong_senders(changes(to_logits)[:, rows], list(to_logits.axes["sender"]), 0.5)
    for rows in (IO_FIRST, ~IO_FIRST)
]
fig, ax = plt.subplots(figsize=(7, 4.8))
for shift, order, color in ((0.2, "IO first", "orange"), (-0.2, "S first", "blue")):
    effects = torch.stack([of_sender(to_logits, name)[ORDERS[order]] for name in names])
    where = torch.arange(len(names)).flip(0) + shift
    error = effects.std(dim=1) / effects.shape[1] ** 0.5
    ax.barh(where, effects.mean(dim=1), 0.38, xerr=2 * error, color=COLORS[color], ecolor=COLORS["black"], label=order)
ax.set_yticks(range(len(names)), names[::-1])
ax.axvline(0, color=COLORS["black"], linewidth=0.8)
ax.set_xlabel("change of the logit difference by the direct path (bars: 2 standard errors)\nleft: the path helps")
means = {name: [of_sender(to_logits, name)[rows].mean().item() for rows in (IO_FIRST, ~IO_FIRST)] for name in names}
turning = [
    name
    for name in direct_senders
    if means[name][0] * means[name][1] < 0 and all(name in found for found in in_each_order)
]
ax.set_title(f"{names[0]} is strongest; {', '.join(turning)} turn with the order of the names")
ax.legend()
show(
    fig,
    alt="Direct paths to the logits, noised with ABC, IO first and S first: "
    + ", ".join(f"{name} {signed(means[name][0])} and {signed(means[name][1])}" for name in names)
    + ".",
    caption="8 prompts of each order, MLPs answer.",
)

# %% [markdown]
# This is not the story of GPT-2 small. There the name movers, which copy IO, carry the answer, and the heads that point
# at a name negatively write against it. Here the strongest single path belongs to a head that reads S2, and it helps in
# both orders. 23.0, which copies IO, is far behind.
#
# And look at the two orders apart. 23.1 and 23.2 help in one and harm in the other. The mean of both is then near
# nothing, and nothing in it says so: the error of 23.2 is that of 23.3. A mean over prompts can hide two mechanisms.
#
# To see what holds beyond these prompts, we ran 48 others outside this notebook: 24 of the same templates and 24 of
# new ones. All of this comes back there, and 23.7 turns with the order, too.
#
# What do these heads read, and what do they write? We look at the attention from END, and at what each adds to the two
# logits: its output at END minus that in the ABC run, through the final norm with its scale frozen, then unembedded.
# The last column is in the spirit of the **copying score** of Wang et al. (2022). We take the place that the head looks
# at most and ask what it writes from there. How often is the token of that place among the five that it *raises* most,
# and how often among the five that it *lowers* most?

# %%
NAMED = [(20, 0), (19, 2)] + [tuple(map(int, name.split("."))) for name in sorted(direct_senders)]
SEEN = sorted({layer for layer, _ in NAMED})
PATTERN = {layer: f"blocks.{layer}.attn.hook_pattern" for layer in SEEN}
VALUE = {layer: f"blocks.{layer}.attn.hook_v" for layer in SEEN}
found = activations.run_with(model, task.clean, [*PATTERN.values(), *VALUE.values()])
every = torch.arange(len(task))
scale = norm.scale(clean_end)
PLACES = ("IO", "S1", "S2", "END")


def copied(layer, head, place):
    """How often the token at this place is among the five that the head raises, and lowers, most from there."""
    at, shared = task.positions[place], head * found[VALUE[layer]].shape[2] // HEADS
    said = norm.linear(found[VALUE[layer]][every, at, shared] @ W_O[layer][head]) @ unembed
    tokens = task.clean.ids[every, at][:, None]
    return [(said.topk(5, dim=1, largest=up).indices == tokens).any(dim=1).float().mean() for up in (True, False)]


def read_and_written(layer, head):
    looks = found[PATTERN[layer]][:, head, -1]
    attention = {p: looks[every, task.positions[p]] for p in PLACES}
    message = (clean_z[layer, :, -1, head] - abc_z[layer, :, -1, head]) @ W_O[layer][head]
    said = norm.linear(message) / scale
    return attention, *((said * unembed[:, ids].T).sum(dim=1) for ids in (task.answer, task.wrong))


print(f"{'':16}{'attention from END to':28}{'adds to logit':>16}  among the five most")
print(f"{'':16}" + "".join(f"{p:>7}" for p in PLACES) + f"{'IO':>8}{'S':>8}  {'raised':>7}{'lowered':>9}  at")
copies = {}
for layer, head in NAMED:
    attention, io, s = read_and_written(layer, head)
    most = max(PLACES, key=lambda p: attention[p].mean().item())
    copies[f"{layer}.{head}"] = copied(layer, head, most)
    for order in ("IO first", "S first"):
        rows = ORDERS[order]
        name = f"{layer}.{head}" if order == "IO first" else ""
        print(f"{name:6}{order:10}" + "".join(f"{attention[p][rows].mean():>7.2f}" for p in PLACES), end="")
        print(f"{signed(io[rows].mean()):>8}{signed(s[rows].mean()):>8}", end="")
        up, down = copies[f"{layer}.{head}"]
        print(f"  {up:>7.2f}{down:>9.2f}  {most}" if order == "IO first" else "")
MOVERS = [name for name in sorted(direct_senders) if copies[name][0] > 0.5]
print("raise the token they look at, in more than half of the prompts:", ", ".join(MOVERS))

# %% [markdown]
# Four heads of layer 23 look at names and raise what they look at: 23.0, 23.1, 23.2 and 23.7, the **name movers**.
# 23.0 raises mostly IO in both orders. The other three write more of the *second* name: that is IO when S comes first,
# and S when IO comes first. (Then they look at S2 as well as at S1.) This is why their direct effects turn with the
# order, that of 23.7 least clearly.
#
# 23.3 looks at S2 and lowers S: a **negative copier**, which works for the answer. 24.4 looks at IO and lowers it, a
# negative *name mover* as in GPT-2 small. With IO first it looks at S2 as much, and lowers both names. 20.0 and
# 19.2 look at S2 and write little about either name. 29.0 and 29.1 look at END itself. One lowers both names, the other
# raises both, and IO to S in the same ratio. It is as if they scaled down and up what stands there. That is a guess.
#
# ## 3 · Who speaks to the name movers?
#
# A head chooses where to look by its queries. So we ask: who changes the queries of the name movers at END? With one
# sender and the residual stream alone, this is again a matter of adding vectors.

# %% exercise="path_patching.receiver_query"

# %%
norm_23 = attention_norm(model, 23)
STREAM, QUERY = "blocks.23.hook_resid_pre", "blocks.23.attn.hook_q"
at_23 = activations.run_with(model, task.clean, STREAM)[STREAM][:, -1]
flip_z = gathered(flipped.corrupted)[0]
w_q = model.blocks[23].attn.W_Q.detach()
ours = path_patching.receiver_query(
    at_23, clean_z[20, :, -1, 0], flip_z[20, :, -1, 0], W_O[20][0], norm_23.gain, norm_23.eps, w_q[0]
)
MLPS = [f"blocks.{layer}.hook_mlp_out" for layer in range(20, 23)]
said = activations.run_with(model, task.clean, [*MLPS, QUERY])
frozen_mlps = [(name, lambda x, hook, kept=said[name]: kept) for name in MLPS]
with model.hooks(fwd_hooks=[*path_patching.freezing_hooks(clean_z, flip_z, (20, 0)), *frozen_mlps]):
    by_hooks = activations.run_with(model, task.clean, QUERY)[QUERY][:, -1, 0]
print("your query is that of a run with everything held:", bool((ours - by_hooks).abs().max() < 1e-3))
turned = torch.cosine_similarity(ours, said[QUERY][:, -1, 0], dim=1).mean()
print(f"cosine of 23.0's query with and without the message of 20.0: {turned:.2f}")

# %% [markdown]
# The whole experiment needs four runs, and any model that can be asked for named nodes will do.

# %% exercise="path_patching.path_effect"

# %% [markdown]
# We dress SmolLM2 up as such a model. Its nodes are "z 20.0", "q 23.0" and so on. The output is the logit difference.
# Four prompts, two of each order, will do for a comparison with the lab.

# %%
four, four_flipped = task[:4], flipped[:4]
ALL_HEADS = [f"{layer}.{head}" for layer in range(LAYERS) for head in range(HEADS)]
HOOK = {"z": "blocks.{}.attn.hook_z", "q": "blocks.{}.attn.hook_q"}


def setting(values, place=slice(None)):
    """A hook that sets some heads, head → value, at the places of the run."""

    def hook(x, hook):
        x = x.clone()
        for head, value in values.items():
            x[:, place, head] = value
        return x

    return hook


def ask(prompts, fixed):
    """SmolLM2 as a network of named nodes: z of every head, the queries of layer 23, and the output."""
    by_hook = {}
    for node, value in fixed.items():
        kind, name = node.split()
        layer, head = map(int, name.split("."))
        by_hook.setdefault(HOOK[kind].format(layer), {})[head] = value
    with model.hooks(fwd_hooks=[(name, setting(values)) for name, values in by_hook.items()]):
        found = activations.run_with(model, prompts, [*Z, QUERY, LAST])
    nodes = {f"z {layer}.{head}": found[Z[layer]][:, :, head] for layer in range(LAYERS) for head in range(HEADS)}
    nodes |= {f"q 23.{head}": found[QUERY][:, :, head] for head in range(HEADS)}
    return nodes | {"output": (norm(found[LAST][:, -1]) * direction_of(four)).sum(dim=1)}


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
print("20.0 into the queries of the name movers, four prompts: yours and the lab's agree:", end=" ")
print(bool((effect - changes(lab)[0]).abs().max() < 1e-3))

# %%
predict(
    "path_patching.queries",
    "At END, under S2 flip: how many of the 207 heads in front of layer 23 change the logit difference by 0.15 or more "
    "through the queries of the name movers, in one order of the names or in both?",
    ["1 or 2", "3 to 6", "about 15", "more than 30"],
)

# %%
END = task.positions["END"]
late = [f"{layer}.{head}" for layer in range(14, 23) for head in range(HEADS)]
into_q = {
    name: paths.noise(
        model,
        some.clean,
        some.corrupted,
        MOVERS,
        LD,
        through="q",
        senders=senders,
        positions=END,
        max_bytes=ROOM,
        text=name,
    )
    for name, some, senders in (("S2 flip", flipped, "heads"), ("ABC", task, late))
}
for name, sweep in into_q.items():
    table(sweep, f"into the queries, {name}", 5)
query_senders = strong(into_q["S2 flip"], 0.15)
print("rule 2:", ", ".join(query_senders))

# %% jupyter={"source_hidden": true}
fig, axes = plt.subplots(1, 4, figsize=(9.4, 4.2), sharey=True)
panels = [(name, order) for name in into_q for order in ("IO first", "S first")]
for ax, (name, order) in zip(axes, panels, strict=True):
    effects = dict(zip(into_q[name].axes["sender"], changes(into_q[name])[:, ORDERS[order]].mean(dim=1), strict=True))
    grid = torch.tensor([effects[one] for one in late]).reshape(9, HEADS)
    image = ax.imshow(grid, cmap="RdBu_r", vmin=-4.5, vmax=4.5, aspect="auto", origin="lower")
    ax.grid(visible=False)
    ax.set_xticks(range(HEADS))
    ax.set_yticks(range(9), range(14, 23))
    ax.set_xlabel("sender: head")
    ax.set_title(f"{name}, {order}\n20.0: {signed(effects['20.0'])}", fontsize=10)
axes[0].set_ylabel("sender: layer")
fig.colorbar(image, ax=axes, label="change of the logit difference")
fig.suptitle(
    "One head speaks to the name movers' queries, loudest under S2 flip",
    fontsize=11,
    fontweight="bold",
    x=0.01,
    ha="left",
)
show(
    fig,
    alt="Paths from heads of layers 14 to 22 into the queries of the name movers at END. Head 20.0: "
    + ", ".join(
        f"{name}, {order} {signed(of_sender(into_q[name], '20.0')[ORDERS[order]].mean())}" for name, order in panels
    )
    + ".",
    caption="8 prompts of each order. Blue: the path helps.",
)

# %% [markdown]
# Almost all of it is one head. 19.2 follows far behind. 20.0 and 19.2 help the answer: they are **S-inhibition heads**.
# 21.5 works against the answer, and 22.4 helps with IO first only. We give neither a name. On the 48 other prompts 21.5
# is as large again; 22.4 is smaller (-0.15 with IO first).
#
# The corruption decides how much we see. ABC takes a message away. S2 flip turns it around, and the name movers are
# led to the wrong name. Noising by removal and noising by contradiction are two questions.
#
# What is the message? Is it a name, "S is John"? Or a place, "the subject is the one who was named second"? ABC and S2
# flip change both. We take 20.0's message from three more prompts: other names in the same order; the same two names
# exchanged ("John and Mary …, John"); other names and exchanged.

# %%
predict(
    "path_patching.message",
    "20.0's message to the name movers comes from another prompt. Which change does the harm?",
    ["other names in the same order", "the same names, exchanged", "both do, about alike"],
)

# %% [markdown]
# All of this happens at END. So the positions before it are run once, and `LastPosition` (chapter 07) runs END as often
# as we like. Your hooks hold the heads; a second run sets the receivers' queries to what the first one brought them.
# `hold` names heads behind the receivers that are not allowed to react.

# %%
FROM_23 = [f"blocks.{layer}.attn.hook_q" for layer in range(21, LAYERS)]


def at_end(z):
    return z[:, :, -1:]


def held_at(values, chosen):
    """Hooks that set some heads at END to these values."""
    by_layer = {}
    for name in chosen:
        layer, head = map(int, name.split("."))
        by_layer.setdefault(layer, {})[head] = values[layer, :, -1, head]
    return [(Z[layer], setting(values, -1)) for layer, values in by_layer.items()]


def path_at_end(run, own_z, other_z, sender, receivers, hold=()):
    """The metric when the sender's message reaches the queries of the receivers only ("logits": the direct path)."""
    asked = {}
    held = path_patching.freezing_hooks(at_end(own_z), at_end(other_z), sender)
    logits = run.logits(
        [*held, *((name, lambda q, hook, name=name: asked.update({name: q.clone()})) for name in FROM_23)]
    )
    if receivers == "logits":
        return LD(logits)
    by_layer = {}
    for name in receivers:
        layer, head = map(int, name.split("."))
        hook = f"blocks.{layer}.attn.hook_q"
        by_layer.setdefault(hook, {})[head] = asked[hook][:, -1, head]
    return LD(run.logits([*((name, setting(values, -1)) for name, values in by_layer.items()), *held_at(own_z, hold)]))


def exchanged(some):
    """The prompts' ids with IO and S1 exchanged: S stays the subject and stands at the other place."""
    ids = some.clean.ids.clone()
    for place, other in (("IO", "S1"), ("S1", "IO")):
        ids[every, some.positions[place]] = some.clean.ids[every, some.positions[other]]
    return ids


# %%
end = LastPosition(model, task.clean)
renamed = tasks.ioi(model, n=16, seed=0, corruption="random_names")
renamed_exchanged = renamed.corrupted.ids.clone()
for place, opposite in (("IO", "S1"), ("S1", "IO")):
    renamed_exchanged[every, task.positions[place]] = renamed.corrupted.ids[every, task.positions[opposite]]
MESSAGES = {
    "other names, same order": at_end(gathered(renamed.corrupted)[0]).clone(),
    "same names, exchanged": at_end(gathered(exchanged(task))[0]).clone(),
    "other names, exchanged": at_end(gathered(renamed_exchanged)[0]).clone(),
    "S2 flip": at_end(flip_z),
    "ABC": at_end(abc_z),
}


def from_20(other_z, receivers, hold=()):
    return path_at_end(end, clean_z, other_z, (20, 0), receivers, hold) - clean_ld


agree = from_20(flip_z, MOVERS) - of_sender(into_q["S2 flip"], "20.0")
print("END alone gives what the lab gives:", bool(agree.abs().max() < 1e-3), "\n")
message = {name: from_20(z, MOVERS) for name, z in MESSAGES.items()}
unrepaired = {name: from_20(MESSAGES[name], MOVERS, ["24.4"]) for name in MESSAGES}
print(f"{'20.0 into the queries from':28}{HEADER}")
for name, values in message.items():
    print(f"{name:28}{by_order(values)}")
print(f"\n{'the same, 24.4 held':28}{HEADER}")
for name, values in unrepaired.items():
    print(f"{name:28}{by_order(values)}")

# %% jupyter={"source_hidden": true}
fig, ax = plt.subplots(figsize=(8, 3.8))
for shift, order, color in ((-0.2, "IO first", "orange"), (0.2, "S first", "blue")):
    values = torch.stack([effects[ORDERS[order]] for effects in message.values()])
    error = values.std(dim=1) / values.shape[1] ** 0.5
    where = torch.arange(len(message)) + shift
    ax.bar(where, values.mean(dim=1), 0.38, yerr=2 * error, color=COLORS[color], ecolor=COLORS["black"], label=order)
ax.axhline(0, color=COLORS["black"], linewidth=0.8)
ax.set_xticks(range(len(message)), [name.replace(", ", ",\n") for name in message])
ax.set_xlabel("where 20.0's message comes from")
ax.set_ylabel("change of the logit difference")
ax.set_title("Other names do next to nothing, exchanged names about as much as S2 flip")
ax.legend()
show(
    fig,
    alt="20.0 into the queries of the name movers, by where the message comes from: "
    + "; ".join(f"{name} {pm(values)}" for name, values in message.items())
    + ".",
    caption="8 prompts of each order; bars: 2 standard errors.",
)

# %% [markdown]
# The name is hardly in it. With other names in the same order next to nothing happens. With the same two names
# exchanged the answer falls about as much as by S2 flip. So 20.0 does not say "S is John". It says *which of the two
# places* is the subject's, and the name movers turn away from it. Wang et al. (2022, appendix A) split what their
# S-inhibition heads say into a name and a position in this way, and found the position to matter most. (Our templates
# keep the names at fixed tokens. So "place" may be the number of the token, or being named first. On the new templates
# other names did -0.3 ± 0.1 with S first, against -4.1 for exchanged ones.)
#
# The second table is a warning. Behind the receivers the model goes on as it likes, and it repairs. Hold 24.4 at what
# it wrote in the clean run, and the same path is worth about twice as much, with ABC and IO first three times. When the
# name movers no longer say IO, 24.4, which pushes down what they say, lets go. **A path effect is what is left after
# the repair.**
#
# Do the name movers turn? And who else listens to 20.0? Going backwards we asked for the receivers that we had chosen.
# Now we go forwards, from 20.0 into the queries of every later head.

# %%
PATTERN_23 = "blocks.23.attn.hook_pattern"


def attention_after(values):
    seen = {}
    end.logits([*held_at(values, ["20.0", "19.2"]), (PATTERN_23, lambda x, hook: seen.update(x=x[:, :, -1].clone()))])
    return {p: seen["x"][every, :, task.positions[p]] for p in ("IO", "S1", "S2")}


looks = {"clean": attention_after(clean_z), "ABC": attention_after(abc_z), "S2 flip": attention_after(flip_z)}
print("attention from END, with the messages of 20.0 and 19.2 as they were, of ABC, of S2 flip")
print(f"{'':15}" + "".join(f"{name:>21} " for name in looks))
print(f"{'':15}" + "".join("".join(f"{p:>7}" for p in after) + " " for after in looks.values()))
for name in [*MOVERS, "23.3"]:
    head = int(name.split(".")[1])
    for order in ("IO first", "S first"):
        print(f"{name if order == 'IO first' else '':6}{order:9}", end="")
        for after in looks.values():
            print("".join(f"{after[p][ORDERS[order]][:, head].mean():>7.2f}" for p in after), end=" ")
        print()


def heads_of(*layers):
    return [f"{layer}.{head}" for layer in layers for head in range(HEADS)]


others_of_23 = [name for name in heads_of(23) if name not in [*MOVERS, "23.3"]]
LISTENERS = {
    "name movers": MOVERS,
    **{f"  {name}": [name] for name in MOVERS},
    "23.3": ["23.3"],
    "other heads of layer 23": others_of_23,
    "layers 21 and 22": heads_of(21, 22),
    "24.4": ["24.4"],
    "other heads from layer 24": [name for name in heads_of(*range(24, LAYERS)) if name != "24.4"],
    "all queries from layer 21": heads_of(*range(21, LAYERS)),
}
listening = {
    name: {who: from_20(MESSAGES[name], receivers) for who, receivers in LISTENERS.items()}
    for name in ("ABC", "S2 flip")
}
for name, effects in listening.items():
    print(f"\n{'20.0 into queries, ' + name:28}{HEADER}")
    for who, values in effects.items():
        print(f"{who:28}{by_order(values)}")
    total = LD(end.logits(held_at(MESSAGES[name], ["20.0"]))) - clean_ld
    print(f"{'20.0 in all':28}{by_order(total)}")

# %% [markdown]
# They do turn. With the flipped message the name movers look less at IO and more at S1. 23.3 stands in the same layer,
# and its attention hardly moves.
#
# The second table says that the receivers were well chosen, and that they are not all. The name movers take most of the
# message; the other heads of layer 23 take some, too, and are in no circuit of ours. Had we left 23.7 out, whose direct
# effect is near nothing in the mean over both orders, this table would have shown it. Going backwards finds only what
# leads to the receivers that one has chosen. The line "all queries" is larger than all that 20.0 does. There the later
# heads, and 24.4 among them, have their queries set, too. So they cannot see what the name movers now say.
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
def four_runs(layer, head, hold=()):
    new = abc_z[layer, :, -1, head]
    change = ((new - clean_z[layer, :, -1, head]) @ W_O[layer][head])[:, None]
    patching = [*held_at(abc_z, [f"{layer}.{head}"]), *held_at(clean_z, hold)]
    around = LD(end.logits([*patching, (LAST, lambda x, hook: x - change)]))
    return clean_ld, clean_ld + straight(layer, head), around, LD(end.logits(patching))


parts = {}
print(f"{'':6}{'total':>8}{'direct':>8}{'indirect':>10}{'interaction':>13}{'total: IO first':>18}{'S first':>9}")
for layer, head in [(23, 3), (23, 0), (20, 0), (19, 2), (24, 4), (29, 1)]:
    runs = four_runs(layer, head)
    parts[layer, head] = path_patching.effect_parts(*runs)
    total, direct, indirect, rest = map(signed, parts[layer, head])
    halves = [signed((runs[3] - runs[0])[rows].mean()) for rows in (IO_FIRST, ~IO_FIRST)]
    print(f"{layer}.{head:<3}{total:>8}{direct:>8}{indirect:>10}{rest:>13}{halves[0]:>18}{halves[1]:>9}")

alone, answered = straight(23, 3), of_sender(to_logits, "23.3")
everyone = four_runs(23, 3)[3] - clean_ld
print(f"\n{'23.3':28}{HEADER}")
for name, values in (
    ("direct, residual alone", alone),
    ("what MLPs add", answered - alone),
    ("what later heads add", everyone - answered),
    ("total", everyone),
    ("total, 24.4 held", four_runs(23, 3, ["24.4"])[3] - clean_ld),
):
    print(f"{name:28}{by_order(values)}")

# %% [markdown]
# 20.0 speaks through others only. 23.0 does both, and the two nearly cancel: what it says directly, later parts take
# back. This is the self-repair of chapter 07, seen as a decomposition.
#
# 23.3 seems to speak for itself. The second table shows that it does not: the MLPs behind it add to what it says, and
# later heads take most of that back, with IO first more than with S first. A small indirect effect can be two large
# ones.
#
# The interaction is small beside the totals. In a linear model it would be 0; this one has norms and MLPs behind the
# heads.
#
# ## 5 · Two directions
#
# So far we noised: the clean run lost a path. The opposite is **denoising**: the corrupted run gets a path back. The
# next function claims to report both.

# %% exercise="path_patching.two_directions"


# %%
class Run(NamedTuple):
    """Prompts that run at END: ids [prompt pos], the run itself, and z [layer prompt pos head d_head]."""

    ids: torch.Tensor
    end: LastPosition
    z: torch.Tensor


RUNS = [
    Run(ids, LastPosition(model, ids), z)
    for ids, z in ((task.clean.ids, clean_z), (task.corrupted.ids, abc_z), (flipped.corrupted.ids, flip_z))
]


def run_of(ids):
    return next(run for run in RUNS if torch.equal(run.ids, ids))


def both_ways(patch, corrupted):
    """Shares needed and enough. patch(a, b) → the metric of run a with something patched from run b."""

    def patched(into, source):
        a, b = run_of(into), run_of(source)
        return LD(a.end.logits()) if a is b else patch(a, b)

    return path_patching.two_directions(patched, task.clean.ids, corrupted.ids)


def path(sender, receivers):
    return lambda a, b: path_at_end(a.end, a.z, b.z, sender, receivers)


def all_queries(a, b):
    """The name movers' queries as they are in the other run, whoever made them."""
    seen = {}
    b.end.logits([(QUERY, lambda q, hook: seen.update(q=q.clone()))])
    wanted = [int(name.split(".")[1]) for name in MOVERS]
    return LD(a.end.logits([(QUERY, setting({head: seen["q"][:, -1, head] for head in wanted}, -1))]))


ways = {}
print(f"{'':42}{'distance':>10}{'needed':>8}{'enough':>8}")
for title, patch, some in (
    ("23.3 → logits, ABC", path((23, 3), "logits"), task),
    ("20.0 → q of name movers, ABC", path((20, 0), MOVERS), task),
    ("20.0 → q of name movers, S2 flip", path((20, 0), MOVERS), flipped),
):
    ways[title] = both_ways(patch, some.corrupted)
    distance = (clean_ld - LD(run_of(some.corrupted.ids).end.logits())).mean()
    print(f"{title:42}{distance:>10.2f}{ways[title][0]:>8.2f}{ways[title][1]:>8.2f}")

# %% [markdown]
# Mind the column "distance": a share under ABC and a share under S2 flip are parts of different wholes. Look at the
# line of 20.0 with ABC once more before you answer.

# %% exercise="path_patching.which_conclusion"

# %%
for title, some in (("ABC", task), ("S2 flip", flipped)):
    ways["all", title] = both_ways(all_queries, some.corrupted)
    needed, enough = ways["all", title]
    print(f"{'all queries of the name movers, ' + title:42}{'':10}{needed:>8.2f}{enough:>8.2f}")

# %% [markdown]
# This is a control, and it takes the meaning out of one number above. In the ABC run even *all* of the clean queries
# bring back nothing. Neither name stands in that prompt, so no query could find it. The zero belongs to the corruption
# and says nothing about 20.0. S2 flip has both names, and there the path brings something back. Before you read a zero,
# ask what could have made it anything else.
#
# ## 6 · Further back
#
# 20.0 and 19.2 attend from END to S2. What they read there are values. Who made them? And the heads that did so, how
# did they know? Each answer becomes the receiver of the next question. We ask the heads of layers 12 to 18; and, since
# we suspect them, all earlier heads with the right pattern. These roles need no names, so we measure the patterns where
# there are none: on random tokens that come twice. A previous-token head looks one token back. A duplicate-token head
# looks at the earlier copy of its token, an **induction head** at the token after it (chapter 03).

# %%
repeats = heads.repeated_tokens(model, n=6, length=30)
patterns = heads.head_scores(model, repeats)
print("".join(f"{kind:20}" for kind in patterns))
for row in zip(*(heads.top_heads(value, 8) for value in patterns.values()), strict=True):
    print("".join(f"{name:6}{score:<14.2f}" for name, score in row))


def by_pattern(kind, below=20):
    """Rule 5: more than half of the attention where the name of the role says, in layers that can reach 20.0."""
    return [n for n, score in heads.top_heads(patterns[kind], 20) if score > 0.5 and int(n.split(".")[0]) < below]


induction, duplicate = by_pattern("induction"), by_pattern("duplicate token")
print("rule 5, induction:", ", ".join(induction), "· duplicate token:", ", ".join(duplicate))

# %%
early = [name for name in duplicate if int(name.split(".")[0]) < 12]
at_s2 = {}
for name, some, senders in (
    ("ABC", task, [*early, *heads_of(*range(12, 19))]),
    ("S2 flip", flipped, [*duplicate, *induction]),
):
    at_s2[name] = paths.noise(
        model,
        some.clean,
        some.corrupted,
        ["20.0", "19.2"],
        LD,
        through="v",
        senders=senders,
        positions=task.positions["S2"],
        max_bytes=ROOM,
        text="values at S2",
    )
table(at_s2["ABC"], "values at S2, ABC", 5)
for name in duplicate:
    print(f"{name + ' (duplicate token)':28}{by_order(of_sender(at_s2['ABC'], name))}")
to_values = strong(at_s2["ABC"], 0.15)
print("rule 2:", ", ".join(to_values), "\n")
table(at_s2["S2 flip"], "values at S2, S2 flip", 3)

# %% [markdown]
# The induction head 17.4 is far ahead, and under ABC most of its effect is with S first. With IO first it is not clear
# here; on the 48 other prompts it is, and small (-0.3 ± 0.1, against -2.1 with S first). No duplicate-token head passes
# rule 2, here or there. They come in by their pattern only.
#
# An induction head at S2 finds the token after the earlier copy. So its key at S1+1 must know which token stood before.
# Who tells it? We ask the layer in front of the first induction heads, and all heads that look one token back for more
# than a third of their attention.

# %%
looking_back = [
    name
    for name, score in heads.top_heads(patterns["previous token"], 20)
    if score > 1 / 3 and int(name.split(".")[0]) < 16
]
to_keys = paths.noise(
    model,
    task.clean,
    task.corrupted,
    induction,
    LD,
    through="k",
    senders=[*looking_back, *heads_of(16)],
    positions=task.positions["S1+1"],
    max_bytes=ROOM,
    text="keys at S1+1",
)
print("asked: all of layer 16, and", ", ".join(looking_back))
table(to_keys, "keys at S1+1, ABC", 3)
previous = strong(to_keys, 0.15)
print("rule 2:", ", ".join(previous))

# %% [markdown]
# 16.0 at S1+1 tells the induction heads which token stood before, and they use it as a key: the K-composition of
# chapter 03. So the story runs backwards from the answer to the tokens. Mind how small some of its edges are, and that
# each effect is what remains after 24.4 and others have reacted.
#
# ## 7 · The circuit
#
# We write down what the rules have found, each head at its place.


# %%
def nodes_of(names, place):
    return [(*map(int, name.split(".")), place) for name in names]


in_order = sorted(direct_senders)
GROUPS = {
    "previous token": nodes_of(previous, "S1+1"),
    "duplicate token": nodes_of(sorted(duplicate), "S2"),
    "induction": nodes_of(sorted({*induction, *to_values}), "S2"),
    "to the queries": nodes_of(sorted(query_senders), "END"),
    "name movers": nodes_of(MOVERS, "END"),
    "negative mover": nodes_of([name for name in in_order if name == "24.4"], "END"),
    "negative copier": nodes_of([name for name in in_order if name == "23.3"], "END"),
    "unknown role": nodes_of([name for name in in_order if name.startswith("29.")], "END"),
}
CIRCUIT = sorted({node for group in GROUPS.values() for node in group})
missing = [name for name in direct_senders if nodes_of([name], "END")[0] not in CIRCUIT]
print(f"{len(CIRCUIT)} nodes of {LAYERS * HEADS} heads × {task.clean.ids.shape[1]} positions")
for group, nodes in GROUPS.items():
    print(f"  {group:16} " + ", ".join(f"{a}.{b} at {p}" for a, b, p in nodes))
print("strong direct senders without a place in it:", ", ".join(missing) or "none")

# %% jupyter={"source_hidden": true}
WHERE = {"S1+1": 0.4, "S2": 2.3, "END": 6.0}
HEIGHT = {
    2: 0,
    8: 1,
    14: 2.2,
    16: 3.4,
    17: 4.6,
    18: 6.0,
    19: 6.0,
    20: 7.2,
    21: 8.3,
    22: 9.2,
    23: 10.8,
    24: 12.6,
    29: 13.6,
}
SPREAD = {17: 0.75, 18: -0.75, 23: 0.85, 29: 4.6}
ASIDE = {19: -0.9, 21: 0.7, 22: -1.9, 24: 1.9}
group_of = {node: group for group, nodes in GROUPS.items() for node in nodes}
tint = dict(zip(GROUPS, ("grey", "orange", "green", "red", "blue", "yellow", "purple", "sky"), strict=True))
place_of = {}
fig, ax = plt.subplots(figsize=(8.6, 7.2))
for layer, head, place in CIRCUIT:
    beside = [b for a, b, p in CIRCUIT if (a, p) == (layer, place)]
    shift = SPREAD.get(layer, 0) * (beside.index(head) - (len(beside) - 1) / 2) + ASIDE.get(layer, 0)
    place_of[layer, head] = (WHERE[place] + shift, HEIGHT[layer])
    color = tint[group_of[layer, head, place]]
    ax.annotate(
        f"{layer}.{head}",
        place_of[layer, head],
        ha="center",
        va="center",
        fontsize=9,
        color="black" if color in ("sky", "orange", "purple", "yellow") else "white",
        bbox={"boxstyle": "round", "facecolor": COLORS[color], "edgecolor": "none"},
        zorder=3,
    )
for group, color in tint.items():
    ax.plot([], [], marker="s", linestyle="", color=COLORS[color], label=group)
ANSWER = (WHERE["END"], 15.2)
ax.annotate("logit difference", ANSWER, ha="center", va="bottom", fontweight="bold", zorder=3)


def edge(a, b, effects, along=0.5):
    """An arrow as wide as its effect is large; beside it the effect with IO first and with S first."""
    first, second = (effects[rows].mean().item() for rows in (IO_FIRST, ~IO_FIRST))
    style = {"arrowstyle": "->", "color": COLORS["black"], "shrinkA": 11, "shrinkB": 13}
    ax.annotate("", b, a, arrowprops={**style, "linewidth": 0.6 + min(max(abs(first), abs(second)), 3)}, zorder=1)
    x, y = a[0] + along * (b[0] - a[0]), a[1] + along * (b[1] - a[1])
    box = {"facecolor": "white", "edgecolor": "none", "pad": 0.8}
    text = " | ".join(f"{round(value, 1) + 0.0:+.1f}" for value in (first, second))
    ax.text(x, y, text, fontsize=8, ha="center", va="center", zorder=2, bbox=box)


def at_head(name):
    return place_of[tuple(map(int, name.split(".")))]


for name in direct_senders:
    along = {"23.0": 0.24, "23.1": 0.44, "23.2": 0.24, "23.3": 0.44, "23.7": 0.24}.get(name, 0.5)
    edge(at_head(name), ANSWER, of_sender(to_logits, name), along=along)
for name in query_senders:
    edge(at_head(name), at_head("23.1"), of_sender(into_q["S2 flip"], name), along=0.35)
for name in to_values:
    edge(at_head(name), at_head("20.0"), of_sender(at_s2["ABC"], name))
for name in previous:
    edge(at_head(name), at_head("17.3"), of_sender(to_keys, name))
ax.set_xticks(list(WHERE.values()), list(WHERE))
ticks = [layer for layer in HEIGHT if layer not in (2, 19)]
ax.set_yticks([HEIGHT[layer] for layer in ticks], ["18, 19" if layer == 18 else layer for layer in ticks])
ax.set_ylim(0, 16)
ax.set_xlim(-0.4, 9)
ax.set_xlabel("position")
ax.set_ylabel("layer (not to scale)")
ax.grid(visible=False)
ax.legend(loc="lower right")
ax.set_title(f"The circuit: {len(CIRCUIT)} nodes; the strongest edge to the answer has no known source")
show(
    fig,
    alt="The circuit. "
    + "; ".join(f"{group}: {', '.join(f'{a}.{b} at {p}' for a, b, p in nodes)}" for group, nodes in GROUPS.items())
    + f". Strongest edges: 23.3 to the logits {pm(of_sender(to_logits, '23.3'))}, 20.0 to the queries of the "
    f"name movers {pm(of_sender(into_q['S2 flip'], '20.0'))} (S2 flip).",
    caption="Arrows: path effects in logits, IO first | S first, when the message is corrupted. Negative: the path "
    "helps the answer; positive: it works against it. Into the queries S2 flip, all others ABC. The receivers of a "
    "sweep are patched together, and the arrow leads to one of them. Nodes without an arrow came in by their pattern.",
)

# %% [markdown]
# ## 8 · Is the circuit faithful?
#
# The test: keep these heads, each only at its place, and ablate every other head at every position by its mean over ABC
# prompts of the same template (Wang et al. 2022). MLPs are left alone.

# %% exercise="path_patching.kept_places"

# %% exercise="path_patching.faithfulness"

# %%
predict(
    "path_patching.faithful",
    "Some twenty nodes stay, about 4,000 are ablated. How much of the logit difference is left?",
    ["less than a quarter", "a quarter to a half", "half to three quarters", "more than that"],
)

# %% [markdown]
# `Bench` holds prompts and the means that replace what is not kept. The positions before END do not see END. So they
# are run once for each set of nodes that is kept there, and END alone as often as we like. "REST" stands for all nodes
# that are not in the circuit; circuit and REST together are the whole model.

# %%
REST = "everything else"


class Score(NamedTuple):
    """Of each prompt: logit difference, P(IO), the logits of IO and S against the mean of all, the likeliest token."""

    ld: torch.Tensor
    p: torch.Tensor
    io: torch.Tensor
    s: torch.Tensor
    says: torch.Tensor


class Bench:
    def __init__(self, some, others):
        self.task, z = some, gathered(others.corrupted)[0]
        self.means = torch.stack([z[:, others.template == one].mean(dim=1) for one in some.template.tolist()], dim=1)
        io_first = some.positions["IO"] < some.positions["S1"]
        self.orders = {"all": torch.ones_like(io_first), "IO first": io_first, "S first": ~io_first}
        self.model = self.scored(activations.logits_at(model, some.clean))
        self.scores, self.starts = {}, {}  # what has been run; the two last starts

    def scored(self, logits):
        rows, at = torch.arange(len(logits)), logits - logits.mean(dim=1, keepdim=True)
        ld, p = (self.task.metrics[name](logits) for name in ("logit difference", "probability"))
        return Score(ld, p, at[rows, self.task.answer], at[rows, self.task.wrong], logits.argmax(dim=1))

    def hooks(self, kept, here):
        """Keep these nodes and put the means in the place of all others, at the positions `here`."""
        places, length = self.task.positions, self.task.clean.ids.shape[1]
        mask = path_patching.kept_places(sorted(kept - {REST}), places, LAYERS, HEADS, length)
        if REST in kept:
            mask |= ~path_patching.kept_places(CIRCUIT, places, LAYERS, HEADS, length)

        def keeping(layer):
            return lambda z, hook: torch.where(mask[layer][:, here, :, None], z, self.means[layer][:, here])

        return [(name, keeping(layer)) for layer, name in enumerate(Z)]

    def before_end(self, kept):
        """The positions before END with these nodes only."""
        if kept not in self.starts:
            self.starts = dict(list(self.starts.items())[-1:])
            with model.hooks(fwd_hooks=self.hooks(kept, slice(0, -1))):
                self.starts[kept] = LastPosition(model, self.task.clean)
        return self.starts[kept]

    def run(self, kept):
        kept = frozenset(kept)
        if kept not in self.scores:
            early = frozenset(node for node in kept if node == REST or node[2] != "END")
            self.scores[kept] = self.scored(self.before_end(early).logits(self.hooks(kept, slice(-1, None))))
        return self.scores[kept]

    def __call__(self, kept):
        """The logit difference of each prompt with these nodes only."""
        return self.run(kept).ld


bench = Bench(task, tasks.ioi(model, n=24, seed=1))
print("keeping every node changes nothing:", bool((bench({*CIRCUIT, REST}) - bench.model.ld).abs().max() < 1e-3))
with model.hooks(fwd_hooks=bench.hooks(set(CIRCUIT), slice(None))):
    at_once = LD(activations.logits_at(model, task.clean))
print("the short way gives what a run of all positions gives:", bool((at_once - bench(CIRCUIT)).abs().max() < 1e-3))


# %%
def interval(statistic, n_prompts, seed=0, draws=400):
    """The 90% percentile bootstrap over prompts (chapter 07) of a function of the drawn rows."""
    generator = torch.Generator().manual_seed(seed)
    values = [statistic(torch.randint(n_prompts, (n_prompts,), generator=generator)) for _ in range(draws)]
    low, high = torch.tensor(values).quantile(torch.tensor([0.05, 0.95])).tolist()
    return low, high


def share_of(alone, whole):
    return path_patching.faithfulness(alone, whole)[1]


def judged(title, kept, on):
    """F(C) and its share of F(M), by order; each prompt's own gap; P(IO); how often IO is the likeliest token."""
    found, whole = on.run(kept), on.model
    shares = {order: share_of(found.ld[rows], whole.ld[rows]) for order, rows in on.orders.items()}
    low, high = interval(lambda r: share_of(found.ld[r], whole.ld[r]), len(found.ld))
    own = (found.ld - whole.ld).abs().mean()
    first = int((found.says == on.task.answer).sum())
    print(f"{title:22}{found.ld.mean():>6.2f}{shares['all']:>7.2f}  {f'{low:.2f} to {high:.2f}':13}", end="")
    print(f"{shares['IO first']:>10.2f}{shares['S first']:>9.2f}{own:>9.2f}{found.p.mean():>8.3f}{first:>7}")
    return shares


BY_PATTERN = [node for node in CIRCUIT if node in GROUPS["duplicate token"] or node[:2] in ((17, 3), (17, 5), (18, 7))]
ONLY_23_3 = [(23, 3, "END")]
head_line = f"{'':22}{'F':>6}{'share':>7}  {'90% interval':13}{'IO first':>10}{'S first':>9}{'own gap':>9}"
head_line += f"{'P(IO)':>8}{'first':>7}"
print("\n" + head_line)
shares = {
    "model": judged("the whole model", {*CIRCUIT, REST}, bench),
    "circuit": judged("the circuit", CIRCUIT, bench),
    "paired": judged("without 23.7 and 24.4", set(CIRCUIT) - {(23, 7, "END"), (24, 4, "END")}, bench),
    "known": judged("without 29.0 and 29.1", set(CIRCUIT) - set(GROUPS["unknown role"]), bench),
    "strong": judged("without rule 5", set(CIRCUIT) - set(BY_PATTERN), bench),
    "24.5": judged("with 24.5 at END", [*CIRCUIT, (24, 5, "END")], bench),
    "23.3": judged("23.3 alone", ONLY_23_3, bench),
    "nothing": judged("no head", [], bench),
}
said = [models.text(model, [token]) for token in bench.run(CIRCUIT).says.tolist()]
print(
    "the circuit's likeliest token:",
    ", ".join(f"{t!r} {said.count(t)}" for t in sorted(set(said), key=lambda t: -said.count(t))[:2]),
)
other_means = Bench(task, tasks.ioi(model, n=24, seed=2))
means_share = share_of(other_means(CIRCUIT), other_means.model.ld)
del other_means
print(f"the circuit's share with the means of 24 other ABC prompts: {means_share:.2f}")

# %% [markdown]
# The rules give a circuit that does about seven tenths. But read the other columns. The **own gap** is how far circuit
# and model are apart on a single prompt, on average; the mean of F hides it, as prompts that err in opposite directions
# cancel. P(IO) falls to a tenth of the model's, and the likeliest token is mostly " the". "First" counts the prompts
# whose likeliest token is IO: of the model's twelve one is left. The circuit is partly faithful to a *difference*
# between two names. It does not say names.
#
# 23.3 alone has a share that is nearly as large. With IO first it even does better than the whole model (1.46), with S
# first badly. The other nodes take from IO first and give to S first. The mean share hardly sees that; the own gap
# does. How large all this is depends on the prompts, as the second table below will show.
#
# Four of the eight direct senders are in only because rule 4 looks at the orders apart: 23.1, 23.2, 23.7 and 24.4. The
# table leaves out the two that the first version of this chapter had missed, 23.7 and 24.4. The mean share is then
# about the same, and IO first suffers. 24.5, which misses rule 1 by little, changes little.
#
# What would any twenty heads have given? The baseline must be like the circuit in everything but which heads it holds.
# The next function is to draw one. It was written in a hurry, so mend it.

# %% exercise="path_patching.random_circuit"

# %%
try:
    path_patching.random_circuit(CIRCUIT, HEADS, 0)
except ValueError as error:
    print("a random circuit for all nodes:", error)
REPLACED = [node for node in CIRCUIT if node not in ONLY_23_3]
drawn = [set(path_patching.random_circuit(REPLACED, HEADS, seed)) - set(ONLY_23_3) for seed in range(6)]
baselines = {"random heads": drawn, "random heads and 23.3": [some | set(ONLY_23_3) for some in drawn]}
baselines |= {"23.3 alone": [set(ONLY_23_3)], "no head": [set()], "the circuit": [set(CIRCUIT)]}
level = {}
print(f"{'':24}{'share, lowest to highest':>26}{'own gap':>10}{'P(IO)':>8}")
for name, sets in baselines.items():
    runs = [bench.run(some) for some in sets]
    level[name] = torch.tensor([share_of(run.ld, bench.model.ld) for run in runs])
    own = torch.stack([(run.ld - bench.model.ld).abs().mean() for run in runs]).mean()
    span = f"{level[name].min():.2f} to {level[name].max():.2f}" if len(sets) > 1 else f"{level[name][0]:.2f}"
    print(f"{name:24}{span:>26}{own:>10.2f}{torch.stack([run.p.mean() for run in runs]).mean():>8.3f}")

# %% [markdown]
# The function refuses: in layer 23 the circuit holds more than half of the heads. So we draw for all nodes but 23.3,
# and put 23.3 in or leave it out by hand; where a draw holds it, we take it out. Random heads do worse than no heads at
# all, which we cannot explain, so to beat them is nothing. The harder opponent is 23.3 alone. In share the circuit is
# hardly better than it, by own gap and by P(IO) clearly, on these prompts.
#
# Now the confession. The limits of section 2 were *not* chosen blind. 0.5 and 0.15 logits come from an earlier version
# of this chapter, for which about ten sets of nodes had been scored, on partly other prompts. "More than half" in rule
# 5 and "in one of the two orders" in rule 4 were set before anything was scored with them here; but other prompts had
# told us that rule 4 would let 23.7 and 24.4 in. The first line of the next table says what another limit for patterns
# would have done. Then we judge once more, on prompts that were run for the first time when all rules stood: 24 of the
# same templates, and 24 of templates that had no part in the sweeps.

# %%
print(head_line)
by_lower_limit = nodes_of(
    [name for name, score in heads.top_heads(patterns["duplicate token"], 20) if 0.35 < score <= 0.5], "S2"
)
added = ", ".join(f"{a}.{b}" for a, b, _ in by_lower_limit)
shares["lower"] = judged(f"with {added}", [*CIRCUIT, *by_lower_limit], bench)
NEW = {
    "new prompts": {"seed": 101},
    "new templates": {"seed": 103, "templates": FRESH_TEMPLATES},
}
for name, chosen in NEW.items():
    on = Bench(tasks.ioi(model, n=24, **chosen), tasks.ioi(model, n=24, **chosen | {"seed": chosen["seed"] + 1}))
    print(f"{name}: the whole model scores {on.model.ld.mean():.2f}, P(IO) {on.model.p.mean():.3f}")
    shares[name] = judged("  the circuit", CIRCUIT, on)
    shares[name, "23.3"] = judged("  23.3 alone", ONLY_23_3, on)
    del on

# %% [markdown]
# Two lessons. The first line has three more duplicate-token heads, those with a score above 0.35 instead of 0.5. The
# share goes from seven tenths to one (on the 48 other prompts to 1.07 and 0.93). A reader who is shown only this number
# would call the circuit perfect. The own gap falls by 0.1 to 0.3 only. So a share can be tuned by a limit that nobody
# asks about.
#
# And the new prompts. The circuit's share is about the same there, lower with IO first and higher with S first. 23.3
# alone has nearly that share, or more. Its own gap is larger by 0.1 and 0.4 only, on the first prompts by 1.6, on the
# 48 others by 0.7. One thing is the same on all five sets of prompts: 23.3 alone has more than the circuit with IO
# first and less with S first. So the mean share is mostly that of one head. The others bring S first and some P(IO), a
# tenth of the model's. "The circuit" of this task in this model is at best half found.
#
# ## 9 · Group by group
#
# We build the circuit up group by group: from the answer backwards, as we found it, and from the tokens forwards.

# %%
predict(
    "path_patching.monotone",
    "Every group was let in by our rules. Does the addition of a group lower the logit difference by more than 0.5, in "
    "at least one order of the names?",
    ["no", "yes, on the way back from the answer", "yes, on the way forwards from the tokens", "yes, in both ways"],
)

# %%
ways_up = {
    "from the answer backwards": list(reversed(GROUPS)),
    "from the tokens forwards": list(GROUPS),
}
climbs = {}
for way, steps in ways_up.items():
    kept, climb = set(), [bench.run([])]
    for group in steps:
        kept |= set(GROUPS[group])
        climb.append(bench.run(kept))
    climbs[way] = climb
    print(f"{way:28}{'all':>8}{'IO first':>10}{'S first':>9}{'P(IO)':>9}")
    for name, run in zip(["nothing", *(f"+ {group}" for group in steps)], climb, strict=True):
        values = [run.ld[rows].mean() for rows in ORDERS.values()]
        print(f"  {name:26}{values[0]:>8.2f}{values[1]:>10.2f}{values[2]:>9.2f}{run.p.mean():>9.3f}")
backwards = climbs["from the answer backwards"]
at_movers = ways_up["from the answer backwards"].index("name movers")
before, after = backwards[at_movers : at_movers + 2]
print("\nthe name movers' step, change of the logits against the mean of all:")
for order, rows in ORDERS.items():
    print(f"  {order:10} IO {pm((after.io - before.io)[rows])}   S {pm((after.s - before.s)[rows])}")
drops = {
    (way, order): [
        f"+ {group}"
        for group, (a, b) in zip(ways_up[way], pairwise(climb), strict=True)
        if b.ld[ORDERS[order]].mean() < a.ld[ORDERS[order]].mean() - 0.5
    ]
    for way, climb in climbs.items()
    for order in ("IO first", "S first")
}
for (way, order), names in drops.items():
    print(f"additions that lower it by more than 0.5, {way}, {order}: {', '.join(names) or 'none'}")
cost = {order: (after.ld - before.ld)[ORDERS[order]].mean().item() for order in ("IO first", "S first")}

# %% jupyter={"source_hidden": true}
fig, axes = plt.subplots(1, 2, figsize=(9.4, 4.2), sharey=True)
for ax, (way, climb) in zip(axes, climbs.items(), strict=True):
    for order, color, marker in (("IO first", "orange", "o"), ("S first", "blue", "s")):
        values = [run.ld[ORDERS[order]].mean() for run in climb]
        ax.plot(values, color=COLORS[color], marker=marker, label=order)
        ax.axhline(bench.model.ld[ORDERS[order]].mean(), color=COLORS[color], linewidth=0.9, linestyle="--")
    ax.set_xticks(range(len(climb)), ["nothing", *(f"+ {group}" for group in ways_up[way])], rotation=40, ha="right")
    ax.set_title(way, fontsize=10)
axes[0].set_ylabel("logit difference, the rest ablated")
axes[0].legend()
fig.suptitle(
    f"The name movers' step: {signed(cost['IO first'])} logits with IO first, {signed(cost['S first'])} with S first",
    fontsize=11,
    fontweight="bold",
    x=0.01,
    ha="left",
)
show(
    fig,
    alt="Logit difference as groups are added, IO first and S first. "
    + ". ".join(
        f"{way}: " + ", ".join(f"{run.ld[IO_FIRST].mean():.2f} and {run.ld[~IO_FIRST].mean():.2f}" for run in climb)
        for way, climb in climbs.items()
    )
    + ".",
    caption="Dashed: the whole model. Every other head is ablated at every position by its ABC mean.",
)

# %% [markdown]
# Backwards, 23.3 brings most of the score. Then the name movers come, and with IO first nearly all of it is gone again;
# with S first little changes. (Elsewhere: -3.7 and 0.0 on the same templates, -2.4 and -0.8 on new ones.) The lines of
# the logits say why. The name movers raise both names in both orders, with S first about alike. With IO first they
# raise S far more than IO. Left alone they do not know which name is the wrong one. The message about the place would
# tell them. But the group "to the queries" repairs little by itself, because its own inputs are still ablated. Only
# with the last group, 16.0, does the score come back.
#
# Forwards, three groups do nothing at all. They could not: as long as every head at END is ablated, nobody reads what
# they found. So a part has no value of its own. What it is worth depends on who else is there, and a list of heads
# sorted by single effects and cut somewhere inherits that.
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
SUBSETS |= {f"random half {k + 1}": set(draw.sample(CIRCUIT, len(CIRCUIT) // 2)) for k in range(2)}


def mean_score(kept):
    return bench(kept).mean().item()


gaps = path_patching.completeness(mean_score, set(CIRCUIT), MODEL, list(SUBSETS.values()))
points = {name: [bench(whole - taken) for whole in (MODEL, set(CIRCUIT))] for name, taken in SUBSETS.items()}
print(
    f"{'K, taken out':18}{'F(C∖K)':>8}{'F(M∖K)':>8}{'gap':>7}   {'F(C∖K) − F(M∖K)':>18}{'IO first':>10}{'S first':>9}"
)
for (name, (m, c)), gap in zip(points.items(), gaps, strict=True):
    halves = [signed((c - m)[rows].mean()) for rows in (IO_FIRST, ~IO_FIRST)]
    print(f"{name:18}{c.mean():>8.2f}{m.mean():>8.2f}{gap:>7.2f}   {pm(c - m):>18}{halves[0]:>10}{halves[1]:>9}")
incompleteness, worst = max(zip(gaps, SUBSETS, strict=True))

# %% jupyter={"source_hidden": true}
BESIDE = {  # where a label stands that would cover a point, a line or another label at the right of its point
    "nothing": (-6, 3, "right"),
    "duplicate token": (2, -12, "right"),
    "induction": (6, -6, "left"),
    "negative copier": (6, -8, "left"),
    "random half 1": (10, -14, "left"),
    "random half 2": (10, -14, "left"),
}
fig, ax = plt.subplots(figsize=(6, 5.4))
flat = {name: (m.mean().item(), c.mean().item()) for name, (m, c) in points.items()}
low, high = min(map(min, flat.values())) - 0.4, max(map(max, flat.values())) + 0.4
ax.plot([low, high], [low, high], color=COLORS["black"], linewidth=0.8)
for name, (m, c) in flat.items():
    ax.scatter(m, c, s=26, color=COLORS["orange" if name.startswith("random") else "blue"])
    right, up, side = BESIDE.get(name, (6, -3, "left"))
    ax.annotate(name, (m, c), fontsize=8, textcoords="offset points", xytext=(right, up), ha=side)
ax.set_xlim(low, high + 1.6)
ax.set_xlabel("F(M∖K): model without K (logits)")
ax.set_ylabel("F(C∖K): circuit without K (logits)")
ax.set_title(f"K = {worst}: circuit and model differ by {incompleteness:.1f} logits")
show(
    fig,
    alt="Score of the circuit against score of the model with the same nodes taken out; on the diagonal the circuit is "
    f"complete. Largest gap {incompleteness:.2f}, K = {worst}.",
)

# %% [markdown]
# With nothing taken out the gap is 1.3 already; the circuit lacks that much. (Here nearly all of it with S first; on
# other prompts both orders have their part.) Compare what each loses from there. Without 16.0 the circuit loses nearly
# two logits and the model less than one: the model has other ways to learn what 16.0 says, and the circuit does not
# hold them. Without 24.4 the model gets better and the circuit does not, so the head has another meaning among few
# heads than among all. Without all four name movers neither loses anything in the mean (elsewhere 0.3 at most). The
# model repairs (chapter 07), and the circuit never owed its mean score to them. The small gaps of the random halves say
# little. There both scores are low.
#
# So the circuit is not complete. This is the redundancy that the survey warns of (4.2), found by breaking things.
#
# **Minimality** asks the opposite: is there anything in it that need not be there? For every node v there should be a K
# with a large |F(C∖(K∪{v})) − F(C∖K)|. We try the empty K and the rest of v's own group. In the circuit of Wang et al.
# every head reaches one percent of the model's score. Is that much? The control adds random nodes of the same layers
# and places to the circuit, one at a time.

# %% exercise="path_patching.minimality"

# %%
PARTNERS = {node: [set(nodes) - {node}] for nodes in GROUPS.values() for node in nodes if len(nodes) > 1}
minimal = path_patching.minimality(mean_score, set(CIRCUIT), PARTNERS)
strangers = sorted(drawn[0])
control = {node: abs(mean_score({*CIRCUIT, node}) - mean_score(set(CIRCUIT))) for node in strangers}
percent = 0.01 * bench.model.ld.mean().item()
passed = [sum(value >= percent for value in scores.values()) for scores in (minimal, control)]
print(f"at least one percent of the model's score ({percent:.3f}):")
print(
    f"  {passed[0]} of {len(minimal)} nodes of the circuit, {passed[1]} of {len(control)} random nodes (empty K only)"
)
bar = max(control.values())
below = [node for node, value in minimal.items() if value <= bar]


def called(nodes, scores):
    return ", ".join(f"{a}.{b} at {p} {scores[a, b, p]:.2f}" for a, b, p in nodes)


ranked = sorted(minimal, key=lambda node: minimal[node])
print("strongest random nodes:\n ", called(sorted(control, key=lambda n: -control[n])[:3], control))
print("weakest of the circuit:\n ", called(ranked[:5], minimal))
print("strongest of the circuit:\n ", called(reversed(ranked[-5:]), minimal))

# %% jupyter={"source_hidden": true}
fig, ax = plt.subplots(figsize=(7, 5))
ax.barh(
    [f"{a}.{b} at {p}" for a, b, p in ranked],
    [minimal[node] for node in ranked],
    color=[COLORS[tint[group_of[node]]] for node in ranked],
)
ax.axvline(bar, color=COLORS["black"], linestyle="--", linewidth=1, label="strongest of the random nodes")
ax.set_xlabel("minimality score (logits)")
ax.set_title(f"{len(below)} of {len(CIRCUIT)} nodes do not stand out from random ones")
ax.legend(loc="lower right")
show(
    fig,
    alt=f"Minimality scores: {called(reversed(ranked), minimal)}. Strongest random node {bar:.2f}.",
    caption="K: the empty set or the rest of the node's group. Colours as in the figure of the circuit.",
)

# %% [markdown]
# Eighteen of twenty nodes pass the limit of one percent, and so does a third of the random nodes: the limit separates
# little. Against the strongest of this draw twelve stand out. But a draw is luck. Outside this notebook we added every
# other head of these layers at S2 and at END, 80 nodes in turn. 78 stay below the bar or at it. 24.5 at END changes the
# score by 0.4, and 8.1 at S2 by 1.1, more than sixteen nodes of the circuit (on the 48 other prompts 1.4 and 1.0). On
# random tokens 8.1 looks at the earlier copy for a quarter of its attention; rule 5 asked for half. So the control
# found what the rules had missed.
#
# The circuit's nodes get the larger of two scores, the others that of the empty K alone; so the control is mild.
# The heads 29.0 and 29.1 stand out one by one, though both together can be left out at little cost: each is needed only
# because the other is there. Our K were few; a larger search can raise any of these scores.
#
# ## 11 · Explore
#
# Choose receivers, their input and a place, and see who speaks to them. Try the queries of 23.3: who tells it where to
# look? Below stands one answer for readers without a kernel.

# %%
CHOICES = ["23.0 23.1 23.2 23.7", "23.3", "20.0 19.2", "17.3 17.4 18.6", "24.4", "29.0 29.1"]
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
        max_bytes=ROOM,
    )
    return sweep.heads()


explore(who_speaks, CHOICES, list(four.positions))
asked = heads_of(*range(17, 23))
silent = paths.noise(
    model,
    task.clean,
    flipped.corrupted,
    ["23.3"],
    LD,
    through="q",
    senders=asked,
    positions=END,
    max_bytes=ROOM,
    text="queries of 23.3",
)
table(silent, "queries of 23.3, S2 flip", 4)

# %% jupyter={"source_hidden": true}
grid = changes(silent).mean(dim=1).reshape(6, HEADS)
fig, ax = plt.subplots(figsize=(6, 3.2))
image = ax.imshow(grid, cmap="RdBu_r", vmin=-4.5, vmax=4.5, aspect="auto", origin="lower")
ax.grid(visible=False)
ax.set_xticks(range(HEADS))
ax.set_yticks(range(6), range(17, 23))
ax.set_xlabel("sender: head")
ax.set_ylabel("sender: layer")
loudest = strongest(silent, 1)[0]
ax.set_title(
    f"Queries of 23.3: the loudest of layers 17 to 22 is {loudest}, {signed(of_sender(silent, loudest).mean())}"
)
fig.colorbar(image, ax=ax, label="change of the logit difference")
show(fig, alt=f"Paths into the queries of 23.3 at END, on a scale from -4.5 to 4.5; the loudest {loudest}.")

# %%
print("23.3 at END: attention to the token at S2, and what it adds to that token's logit")
print("(against the mean of all tokens)")
for name, z, ids in (("clean", clean_z, task.clean.ids), ("ABC", abc_z, task.corrupted.ids)):
    pattern = activations.run_with(model, ids, PATTERN_23)[PATTERN_23][every, 3, -1, task.positions["S2"]]
    residual = clean_end if name == "clean" else abc_end
    logits = norm.linear(z[23, :, -1, 3] @ W_O[23][3]) / norm.scale(residual) @ unembed
    latest = ids[every, task.positions["S2"]]
    adds = logits[every, latest] - logits.mean(dim=1)
    print(f"  {name:6} attention {pattern.mean():.2f}, logit {pm(adds)}")

# %% [markdown]
# Compare the scale with the figure of section 3. The loudest message into the queries of 23.3 is worth a quarter of a
# logit, and turning it around *raises* the answer. We asked layers 17 to 22 only, and only under S2 flip. So who
# decides that 23.3 looks at S2?
#
# The last lines say something about it. In the ABC run no name comes twice. There 23.3 still looks at the third name,
# less, and lowers it by seven tenths as much. So most of what it does needs no repetition: it pushes down the latest
# name. This may be why it scores alone, without any head that finds a duplicate.
#
# The second explorer is the circuit as a graph. Cut its edges. A cut edge carries what its sender says in the run with
# S2 flipped; a later head hears what an earlier one says after its cut. Some cuts follow for readers without a kernel.

# %%
EDGES = [
    *(Edge(name, "20.0", "v", "S2") for name in ("17.4", "18.6")),
    *(Edge("20.0", name, "q", "END") for name in MOVERS),
    *(Edge(name, "logits", "", "END") for name in (*MOVERS, "23.3", "24.4")),
]
eight, eight_flipped, eight_io_first = task[:8], flipped[:8], IO_FIRST[:8]
eight_ld = eight.metrics["logit difference"]


def after_cutting(edges):
    return eight_ld(cut(model, eight.clean.ids, eight_flipped.corrupted.ids, edges, eight.positions))


def score(edges):
    values = after_cutting(edges)
    halves = {"IO first": values[eight_io_first], "S first": values[~eight_io_first]}
    return {"logit difference": values.mean().item()} | {name: half.mean().item() for name, half in halves.items()}


explore_graph(EDGES, score)
uncut = after_cutting([])
CUTS = {
    "20.0 → q of movers": [edge for edge in EDGES if edge.sender == "20.0"],
    "movers → logits": [edge for edge in EDGES if edge.receiver == "logits" and edge.sender in MOVERS],
    "24.4 → logits": [edge for edge in EDGES if edge.sender == "24.4"],
}
cuts = {name: after_cutting(edges) - uncut for name, edges in CUTS.items()}
for one in ("movers → logits", "20.0 → q of movers"):
    cuts[f"{one}, and 24.4 → logits"] = after_cutting(CUTS[one] + CUTS["24.4 → logits"]) - uncut
print(f"{'cut':38}{'change':>14}{'IO first':>10}{'S first':>9}{'sum of single cuts':>20}")
for name, change in cuts.items():
    halves = [signed(change[rows].mean()) for rows in (eight_io_first, ~eight_io_first)]
    single = [cuts[one] for one in name.split(", and ")]
    total = signed(sum(single).mean()) if len(single) > 1 else ""
    print(f"{name:38}{pm(change):>14}{halves[0]:>10}{halves[1]:>9}{total:>20}")

# %% [markdown]
# Into the logits the edges add up: movers and 24.4 cut together change the answer by -3.0, the single cuts sum to -2.9.
# Only MLPs and the final norm lie on these edges, and here they hardly mix them. Further back edges do not add up.
# 20.0's edges and 24.4's together cost 4.9 logits, the single cuts sum to -2.2. With its edge cut, 24.4 can no longer
# make good what the movers lose. Eight prompts are few, but the difference has this sign in both orders of the names.
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
    ("negative name movers", "10.7, 11.10", short(GROUPS["negative mover"])),
    ("backup name movers", "9.0, 9.7, 10.1, 10.2, 10.6,", "not looked for"),
    ("", "10.10, 11.2, 11.9", ""),
    ("negative copier of S", "— (the backup head 9.7 is like one)", short(GROUPS["negative copier"])),
    ("S-inhibition", "7.3, 7.9, 8.6, 8.10", "20.0, 19.2"),
    ("", "", "(also to the queries: 21.5, 22.4)"),
    ("induction", "5.5, 5.8, 5.9, 6.9", short(GROUPS["induction"])),
    ("duplicate token", "0.1, 0.10, 3.0", short(GROUPS["duplicate token"])),
    ("previous token", "2.2, 4.11", short(GROUPS["previous token"])),
    ("role not known", "—", short(GROUPS["unknown role"])),
    ("circuit", "26 heads", f"{len(CIRCUIT)} heads"),
    ("share of F(M)", "0.87", f"{shares['circuit']['all']:.2f}"),
]
print(f"{'role':22}{'GPT-2 small (reported)':37}SmolLM2 (measured)")
for role, theirs, ours in TABLE:
    print(f"{role:22}{theirs:37}{ours}")

# %% [markdown]
# ## 13 · Limits, and a check list
#
# * **A path effect depends on the corruption.** ABC and S2 flip differ by a factor of several for the same path.
# * **It depends on what is held, in front and behind.** With MLPs held or answering, 23.3 has two direct effects. With
#   24.4 held, the message of 20.0 is worth twice as much.
# * **Chosen receivers.** Going backwards finds only what leads to them.
# * **One sender at a time misses teams.** The duplicate-token heads are weak one by one. That is why rule 5 takes them
#   by pattern.
# * **Heads only.** Every MLP was left alone. "The circuit" is what attention does, given all MLPs.
# * **The mean is a message, too.** What is ablated still says what template and position this is.
# * **Chosen limits.** Another limit, another circuit (section 8).
# * **Faithful to a number.** The circuit keeps a part of a logit difference and loses the probability of the answer.
# * **Few prompts.** A standard error from 8 prompts is uncertain itself, and rule 4 asks three times.
# * **One small model, one task, eight templates.**
#
# A researcher's check list for your own circuits, with where this chapter did it.
#
# | | Ask | Here |
# |---|---|---|
# | 1 | **Baseline.** Does the machinery do nothing when it should? What does the empty circuit score? | section 8 |
# | 2 | **Control that can fail.** Random heads, a circuit of one head, random nodes? | sections 8, 10 |
# | 3 | **A zero.** What could have made it anything else? | section 5 |
# | 4 | **Both directions.** Needed *and* enough? Backwards *and* forwards? | sections 5, 3 |
# | 5 | **Two corruptions.** Which message is removed, which turned around? | sections 3, 5; 6 for the values |
# | 6 | **More than one metric.** Logit difference, probability, own gap? | section 8; the sweeps use one |
# | 7 | **More than one template.** Sentences that had no part? | section 8 only |
# | 8 | **Both orders of the names.** | every sweep; sections 8 to 10; not section 5 and not minimality |
# | 9 | **Rules before results.** And a confession where that is not so? | sections 2, 8 |
# | 10 | **Repair.** What is taken back behind the receivers? | sections 3, 4 |
#
# Where we fall short: the sweeps were run on 16 prompts of four templates with one metric. What we say of "the 48 other
# prompts" (`tasks.ioi` with n=24: seed 41, and seed 43 with FRESH_TEMPLATES) was measured outside this notebook, and
# for a few heads only. The means of the ablation come from 24 prompts.

# %% jupyter={"source_hidden": true}
q_flip, q_abc = (of_sender(into_q[name], "20.0") for name in ("S2 flip", "ABC"))
name_only, place_only = message["other names, same order"], message["same names, exchanged"]


def passes(sweep, name, least):
    """In how many of the two orders does the sender pass rules 2 and 3?"""
    return sum(
        name in path_patching.strong_senders(changes(sweep)[:, rows], list(sweep.axes["sender"]), least)
        for rows in (IO_FIRST, ~IO_FIRST)
    )


def verdict(good, half):
    return "held" if good else "partly" if half else "did not replicate"


def two(values):
    return f"{pm(values)} (IO first {signed(values[IO_FIRST].mean())}, S first {signed(values[~IO_FIRST].mean())})"


leading = strongest(to_logits, 1)[0]
lost = clean_ld.mean() - flat["name movers"][0]
through_induction = [passes(at_s2["ABC"], name, 0.15) for name in to_values if name in induction]
through_duplicate = [passes(at_s2["ABC"], name, 0.15) for name in duplicate]
into_keys = [passes(to_keys, name, 0.15) for name in previous]
new_share, template_share = (shares[name] for name in NEW)
signed_gaps = {name: (c - m) for name, (m, c) in points.items()}
large = [n for n, d in signed_gaps.items() if d.mean().abs() > 0.15 * bench.model.ld.mean()]
claims_table(
    [
        {
            "claim": "Name movers carry the answer to the logits",
            "paper": "9.6, 9.9, 10.0 in GPT-2 small have the strongest direct effects for it (Wang et al. 2022)",
            "measured": f"23.0 {two(of_sender(to_logits, '23.0'))}; strongest is {leading}, which reads S2: "
            f"{two(of_sender(to_logits, leading))}; all four movers taken out of the model: {signed(-lost)}",
            "verdict": verdict(leading in MOVERS, "23.0" in direct_senders),
        },
        {
            "claim": "S-inhibition heads act through the queries of copying heads",
            "paper": "7.3, 7.9, 8.6, 8.10 (Wang et al. 2022)",
            "measured": f"20.0 into the queries of {', '.join(MOVERS)}: ABC {two(q_abc)}, S2 flip {two(q_flip)}",
            "verdict": verdict(max(q_flip[IO_FIRST].mean(), q_flip[~IO_FIRST].mean()) < -0.5, q_flip.mean() < -0.5),
        },
        {
            "claim": "Their message is mostly a position, less a name",
            "paper": "position signal larger than token signal (Wang et al. 2022, appendix A)",
            "measured": f"20.0's message from other names {two(name_only)}, from exchanged names {two(place_only)}",
            "verdict": verdict(name_only.mean().abs() < 0.25 * place_only.mean().abs(), place_only.mean() < -0.5),
        },
        {
            "claim": "They read at S2 what induction heads wrote there",
            "paper": "through their values (Wang et al. 2022)",
            "measured": f"17.4, ABC: {two(of_sender(at_s2['ABC'], '17.4'))}; S2 flip: "
            f"{two(of_sender(at_s2['S2 flip'], '17.4'))}",
            "verdict": verdict(max(through_induction, default=0) == 2, max(through_induction, default=0) == 1),
        },
        {
            "claim": "… and what duplicate-token heads wrote there",
            "paper": "0.1 and 3.0, through the values; 0.10, through the keys (Wang et al. 2022)",
            "measured": ", ".join(f"{name} {two(of_sender(at_s2['ABC'], name))}" for name in duplicate)
            + "; none passes rule 2" * (max(through_duplicate) == 0),
            "verdict": verdict(max(through_duplicate) == 2, max(through_duplicate) == 1),
        },
        {
            "claim": "Previous-token heads speak to the keys of induction heads",
            "paper": "2.2 and 4.11, by K-composition (Wang et al. 2022)",
            "measured": f"16.0 into the keys at S1+1: {two(of_sender(to_keys, '16.0'))}",
            "verdict": verdict(max(into_keys, default=0) == 2, max(into_keys, default=0) == 1),
        },
        {
            "claim": "A small circuit does most of the task",
            "paper": "26 heads, 87% of the logit difference (Wang et al. 2022)",
            "measured": f"{len(CIRCUIT)} heads, share "
            + "; ".join(
                f"{name} {found['all']:.2f} (IO first {found['IO first']:.2f}, S first {found['S first']:.2f})"
                for name, found in (
                    ("here", shares["circuit"]),
                    ("new prompts", new_share),
                    ("new templates", template_share),
                )
            )
            + f"; P(IO) {bench.run(CIRCUIT).p.mean():.2f} of {clean_p.mean():.2f}; 23.3 alone "
            f"{shares['23.3']['all']:.2f}",
            "verdict": verdict(
                min(one[order] for one in (shares["circuit"], new_share, template_share) for order in one) > 0.8,
                min(one["all"] for one in (shares["circuit"], new_share, template_share)) > 0.4,
            ),
        },
        {
            "claim": "The circuit is complete",
            "paper": "small gaps for most K, large ones for K found by a greedy search (Wang et al. 2022)",
            "measured": f"largest gap {incompleteness:.2f} of {bench.model.ld.mean():.2f}, K = {worst}; "
            f"above 15% of F(M) for {len(large)} of {len(SUBSETS)} K",
            "verdict": verdict(not large, len(large) < len(SUBSETS) / 2),
        },
        {
            "claim": "Every node is needed in some setting",
            "paper": "all change the score by at least 1% (Wang et al. 2022)",
            "measured": f"{passed[0]} of {len(minimal)} by 1%, and {passed[1]} of {len(control)} random ones, too; "
            f"{len(below)} nodes do not stand out from random ones",
            "verdict": verdict(
                passed[0] == len(minimal) and passed[1] < 0.1 * len(control), passed[0] > 0.8 * len(minimal)
            ),
        },
        {
            "claim": "To keep more heads of the mechanism can be worse (our own question)",
            "paper": "—",
            "measured": f"the name movers added to what follows them: IO first {signed(cost['IO first'])}, S first "
            f"{signed(cost['S first'])}",
            "verdict": verdict(max(cost.values()) < -0.5, min(cost.values()) < -0.5),
        },
    ]
)

# %% [markdown]
# ## Further work
#
# These have no reference.
#
# 1. **Who tells 23.3 where to look?** Its direct effect is the strongest of all. Try its queries under more
#    corruptions, its keys and values at S2, MLPs as senders, and several senders together. Write the sub-circuit down
#    and test it with faithfulness, keeping only 23.3 among the heads of layers 21 and later.
# 2. **A better circuit of equal size.** Search for a circuit that is as small and more complete: add the node that
#    lowers the largest completeness gap, take out the node with the smallest minimality score, and go on. Judge each
#    prompt's own gap and P(IO), in both orders, on prompts and templates that the search did not see. Is the circuit
#    that you end with the same from another seed?
#
# And two tasks to finish the three chapters with. Write the rules down before the first sweep.
#
# 3. **The circuit for greater-than.** `tasks.greater_than(model)` has prompts, partners and metrics. MLPs carry much
#    of it (chapter 07), so take them in as senders and receivers. Who tells them which year it was?
# 4. **IOI in another model.** Where a model hub can be reached, `models.load` takes any name that TransformerLens
#    knows. The instruments here serve Llama-like models, for example `HuggingFaceTB/SmolLM2-360M`, and say so where
#    they do not serve one. Which of the roles do you find again, and in which layers?
#
# Next, chapter 10: does the method carry to another task?
