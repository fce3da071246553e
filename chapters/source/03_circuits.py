# %% [markdown]
# # 03 · Circuits
#
# **How do features compute?**
#
# Chapters 01 and 02 asked what a network represents. This one asks how it computes with that. A **circuit** is a
# subgraph of the network: some of its features, and the weights between them (Olah et al. 2020; survey, 2.2). If the
# features can be understood, and the weights between them can be read, the computation can be followed by hand.
#
# We begin with images, where a weight between two features is a small picture. Then we turn to SmolLM2. There a part
# does not write into the next layer but adds to the residual stream, and attention heads move information between
# positions. At the end you build a working circuit yourself, by writing its weights.
#
# | | |
# |---|---|
# | **You need** | Chapter 00; convolution; matrix products, ranks, softmax |
# | **Time** | about 4½ hours, 20 exercises |
# | **You are here** | 00 start here → 01 features → 02 superposition → **03 circuits** → 04 probing |
#
# ## 1 · What a circuit is
#
# Olah et al. make three claims. **Features** are the units of a network, and they are directions. **Circuits**:
# features are connected by weights, and the circuits that they form can be studied too. **Universality**: the same
# features and circuits form in different models and tasks. They call these claims speculative, and support them by
# examples from one vision model. Keep that in mind: an example shows that a circuit *can* be read, not that all can.

# %%
# %load_ext mi_tutor
import contextlib

import matplotlib.pyplot as plt
import torch
from torch import Tensor

from mi_tutor.exercises import circuits
from mi_tutor.lab import (
    activations,
    corpus,
    decomposition,
    digit_network,
    head_circuits,
    head_weights,
    heads,
    models,
    norms,
    organisms,
    reducing,
    sweeps,
    tasks,
)
from mi_tutor.lab.explorers import checkpoints, logit_lens as logit_lens_explorer, patterns
from mi_tutor.lab.figures import COLORS, claims_table, show, use_style
from mi_tutor.lab.organisms import by_hand, measures
from mi_tutor.tutor.notebook import predict

use_style()
model = models.load("smollm2")

# %% [markdown]
# # Part I · Weights that can be read
#
# ## 2 · A circuit in pictures
#
# The network is small: 6 **channels** of 3 × 3 pixels, then 16 **units** that look at 3 × 3 places of all 6 channels,
# then a readout that takes each unit's highest value in the image. So a unit detects a shape, wherever it is. It is
# trained here, on scikit-learn's 8 × 8 digits, in a few seconds. An L1 penalty on the weights lets connections that
# are not needed go to zero.

# %%
train_digits, test_digits = digit_network.load()
network = digit_network.train(train_digits, seed=1)
right = network(test_digits.images).argmax(1) == test_digits.labels
print(f"{len(train_digits.labels)} training images, {len(test_digits.labels)} test images")
print(f"test accuracy {right.float().mean():.2f}")

# %% [markdown]
# We shall read one unit, number 0. It was not chosen blindly: we trained three networks, looked at three of their 48
# units, all of them selective, and took the one that we could read. First, what makes it fire?

# %%
UNIT = 0
channels = network.channels(train_digits.images)
response = network.units(channels)[:, UNIT]  # image, height, width
peak = response.amax(dim=(1, 2))
by_digit = torch.stack([peak[train_digits.labels == digit].mean() for digit in range(10)])
print("mean of the unit's highest value, digit by digit")
print("  ".join(f"{digit}: {value:.1f}" for digit, value in enumerate(by_digit.tolist())))

# %% jupyter={"source_hidden": true}
best = peak.argsort(descending=True)[:8].tolist()
fig, axes = plt.subplots(2, 8, figsize=(8.6, 2.7))
for column, image in enumerate(best):
    axes[0, column].imshow(train_digits.images[image, 0], cmap="gray_r")
    axes[0, column].set_title(f"a {train_digits.labels[image]}", fontsize=9, fontweight="normal")
    axes[1, column].imshow(response[image], cmap="viridis", vmin=0, vmax=float(peak.max()))
for axis in axes.flat:
    axis.set(xticks=[], yticks=[])
    axis.grid(False)
axes[0, 0].set_ylabel("image", fontsize=9)
axes[1, 0].set_ylabel("unit 0", fontsize=9)
fig.suptitle("The images that excite unit 0 most", fontsize=11, fontweight="bold", x=0.01, ha="left")
show(
    fig,
    alt="Eight images of "
    + ", ".join(str(train_digits.labels[image].item()) for image in best)
    + ". All have a horizontal stroke at the top; the unit is active on that stroke.",
)

# %% [markdown]
# All eight are fives, and the unit sits on the stroke at their top. (In the means, sevens come second.) Chapter 01
# taught us not to stop here: top examples suggest a story. Now we read the weights. Does unit 0 want *a bar*, or *a bar
# at the top*? What in it would know where the top is?
#
# One way to look is to multiply the two layers out, down to the pixels: the **expanded weights** (Voss et al. 2021).

# %% exercise="circuits.expanded_weights"

# %% [markdown]
# Expanded weights leave out the ReLU, so they mix channels that are never active together. The other way is to keep the
# channels apart. How strong is a connection? A large kernel from a channel that is always silent does nothing. So we
# take the kernel's norm (the root of the sum of its squared weights) times the root mean square of the channel's
# activation.

# %%
rms = channels.square().mean(dim=(0, 2, 3)).sqrt()
strength = network.second.flatten(2).norm(dim=2) * rms  # unit, channel
expanded = circuits.expanded_weights(network.first, network.second)
print("strengths of the connections of unit 0, channel by channel")
print("  ".join(f"{channel}: {value:.2f}" for channel, value in enumerate(strength[UNIT].tolist())))

# %% jupyter={"source_hidden": true}
fig, axes = plt.subplots(2, 7, figsize=(9, 3.1))
for channel in range(6):
    axes[0, channel].imshow(network.first[channel], cmap="RdBu_r", vmin=-1.8, vmax=1.8)
    axes[0, channel].set_title(f"channel {channel}", fontsize=9, fontweight="normal")
    axes[1, channel].imshow(network.second[UNIT, channel], cmap="RdBu_r", vmin=-1, vmax=1)
    axes[1, channel].set_xlabel(f"{strength[UNIT, channel]:.1f}", fontsize=9)
axes[0, 6].axis("off")
axes[1, 6].imshow(expanded[UNIT], cmap="RdBu_r", vmin=-2.5, vmax=2.5)
axes[1, 6].set_title("expanded", fontsize=9, fontweight="normal")
for axis in axes.flat:
    axis.set(xticks=[], yticks=[])
    axis.grid(False)
axes[0, 0].set_ylabel("pixels →\nchannel", fontsize=9)
axes[1, 0].set_ylabel("channel →\nunit 0", fontsize=9)
fig.suptitle("Unit 0 is excited by channel 3 in its row, and inhibited by channel 1 above", fontsize=11, x=0.01)
fig._suptitle.set(fontweight="bold", ha="left")
show(
    fig,
    alt="Kernels as red (positive) and blue (negative) squares. Channel 3 over the pixels is positive in its middle "
    "row, channel 1 in its bottom row. Unit 0 has positive weights on channel 3 in the middle row and negative weights "
    "on channel 1 in the top row. The expanded kernel is red right of the middle and blue in the bottom row.",
    caption="Red excites, blue inhibits. Below each kernel of unit 0: the connection's strength.",
)

# %% [markdown]
# Read it:
#
# - **Channel 3** is positive in its middle row: it answers to a horizontal stroke at its own place. (The strong blue
#   and red in its top row largely cancel along a stroke.) Unit 0 is *excited* by it, all along its middle row.
# - **Channel 1** is positive in its bottom row: it answers to a stroke *one row below itself*. Unit 0 is *inhibited* by
#   it from the row above.
#
# We leave out what does not fit this story: a strong weight of channel 1 at the bottom right.
#
# The expanded kernel says less. It is red in the middle row, right of the centre, and blue below: "ink here, none
# below". That is a part of the story. But it adds channel 1 and channel 3 up, though their ReLUs cut off different
# parts, and what makes the top special cannot be seen in it.
#
# But these two see the same stroke! Where a stroke lies in the unit's middle row, channel 3 answers there, and
# channel 1 answers in the row above. One excites, the other inhibits. What is that good for?

# %%
predict(
    "circuits.where_a_bar",
    "We draw one horizontal bar, 4 pixels long, in one of the 8 rows. Where does unit 0 answer most?",
    ["in every row alike: it is a bar detector", "in the top row only", "in the bottom row only"],
)

# %% [markdown]
# To see who says what at each place, split the unit's input into the contributions of the channels. A unit's input is
# a sum, and a sum can be taken apart exactly. You will meet the same idea again in the transformer.

# %% exercise="circuits.channel_contributions"

# %%
bars = torch.zeros(8, 1, 8, 8)
for row in range(8):
    bars[row, 0, row, 2:6] = 1
contributions = circuits.channel_contributions(network.channels(bars), network.second[UNIT])
whole = torch.nn.functional.conv2d(network.channels(bars), network.second, network.second_bias, padding=1)[:, UNIT]
gap = (contributions.sum(dim=1) + network.second_bias[UNIT] - whole).abs().max().item()
print(f"contributions + bias, against the unit's input: largest difference below 1e-5: {gap < 1e-5}")
print("on the second pixel of the bar:")
print(" " * 15 + "".join(f"  channel {channel}" for channel in range(6)))
for row in (0, 3):
    print(f"   bar in row {row}" + "".join(f"{part:+11.1f}" for part in contributions[row, :, row, 3].tolist()))

# %% [markdown]
# Channel 3 adds the same in both rows. Channel 1 takes all of it away in row 3, and nothing in row 0. In row 0
# there is no row above, where channel 1 could sit. Layer 2 pads the channels' maps with zeros, and *zeros do not
# inhibit*. (Padding the image would not do it: one row above the image, channel 1 would see the bar.) So the unit
# computes: **a bar, and no channel 1 above it**. That is true at the top edge only.
#
# This is a circuit: two features, two kernels, and a small algorithm that tells the top by what is missing. A reading
# like this is a hypothesis. It makes predictions that can fail:
#
# 1. Without channel 1, unit 0 answers to bars in every row.
# 2. Without channel 3, the answer to a bar at the top gets weaker.
# 3. Without channel 5, which is stronger than channel 3 but has no role in our story, the preference for the top stays.
#
# To remove a connection we replace its contribution by its mean over the training images. (Zero would also shift the
# unit's input, as if its bias had been changed.)


# %%
def units_without(images: Tensor, connections: Tensor) -> Tensor:
    """Activations of layer 2 when some connections [unit channel] only deliver their mean."""
    second, bias = network.second.clone(), network.second_bias.clone()
    for unit, channel in connections.nonzero().tolist():
        every = circuits.channel_contributions(channels[:, [channel]], network.second[unit, [channel]])
        bias[unit] += every.mean()
        second[unit, channel] = 0
    return torch.nn.functional.conv2d(network.channels(images), second, bias, padding=1).relu()


def connection(*some: int) -> Tensor:
    """The connections from these channels to unit 0."""
    mask = torch.zeros_like(strength, dtype=torch.bool)
    mask[UNIT, list(some)] = True
    return mask


each_row = torch.arange(8)
answers = {}
for name, mask in {"intact": connection(), **{f"without {c}": connection(c) for c in (1, 3, 5)}}.items():
    answers[name] = units_without(bars, mask)[each_row, UNIT, each_row].amax(dim=1)  # along the bar
    inside = answers[name][1:7].mean()
    print(f"{name:10} bar in the top row {answers[name][0]:.1f}, in rows 1 to 6 {inside:.1f}")
means = circuits.channel_contributions(channels, network.second[UNIT]).mean(dim=(0, 2, 3))
print("mean contributions, channel by channel")
print("  ".join(f"{channel}: {mean:+.1f}" for channel, mean in enumerate(means.tolist())))

# %% [markdown]
# Why does the bar at the top get less without channel 1, which adds next to nothing there? Because of the mean. Channel
# 1 takes something away on average, and now it takes that away everywhere, at the top too. What counts for the
# prediction is the *difference* between the top and the other rows.

# %% jupyter={"source_hidden": true}
fig, axis = plt.subplots(figsize=(7, 3.4))
looks = {"intact": ("black", "o"), "without 1": ("red", "s"), "without 3": ("blue", "^"), "without 5": ("grey", "D")}
for name, (color, marker) in looks.items():
    label = name if name == "intact" else name.replace("without", "without channel")
    axis.plot(answers[name], color=COLORS[color], marker=marker, markersize=5, label=label)
axis.set(xlabel="row of the bar (0 is the top)", ylabel="unit 0 on the bar")
axis.set_title("Without channel 1, most of unit 0's preference for the top row is gone")
axis.legend()
show(
    fig,
    alt="Unit 0's answer to a bar against the row of the bar. Intact: "
    f"{answers['intact'][0]:.1f} in the top row, {answers['intact'][1:7].mean():.1f} in the next six. Without channel "
    f"1: {answers['without 1'][0]:.1f} and {answers['without 1'][1:7].mean():.1f}. Without channel 5: "
    f"{answers['without 5'][0]:.1f} and {answers['without 5'][1:7].mean():.1f}.",
)

# %% [markdown]
# All three hold. But look closer: without channel 5 the top is still preferred, though less clearly than before, and
# without channel 3 some answer to a bar at the top is left. The two-channel story is the main part of the computation,
# not all of it.
#
# Bars that we draw are not digits. What does the network lose on real images without this circuit? And here is a trap.
# Whatever one removes from a network does *some* harm. To say that this circuit matters for fives, it must do more harm
# to fives than connections that are as strong. The next function should choose such connections.

# %% exercise="circuits.matched_control"

# %%
circuit = connection(1, 3)
control = circuits.matched_control(strength.flatten(), circuit.flatten()).view_as(circuit)
first_others = torch.zeros_like(circuit.flatten())
first_others[(~circuit).flatten().nonzero().flatten()[:2]] = True


def log_probability(images, labels, connections):
    """Mean log-probability of the right digit, for each digit."""
    logits = network.logits(units_without(images, connections))
    value = logits.log_softmax(dim=1)[torch.arange(len(labels)), labels]
    return torch.stack([value[labels == digit].mean() for digit in range(10)])


intact = log_probability(*test_digits, connection())
change = {
    "circuit": log_probability(*test_digits, circuit) - intact,
    "control": log_probability(*test_digits, control) - intact,
    "the first two others": log_probability(*test_digits, first_others.view_as(circuit)) - intact,
    "unit 0, 1 and 5": log_probability(*test_digits, connection(1, 5)) - intact,
    "unit 0, 3 and 5": log_probability(*test_digits, connection(3, 5)) - intact,
}
print("connections of the control (unit, channel):", [tuple(pair) for pair in control.nonzero().tolist()])
print("strengths: circuit", [f"{s:.2f}" for s in strength[circuit].tolist()], end=", ")
print("control", [f"{s:.2f}" for s in strength[control].tolist()])
fives = test_digits.labels == 5
for name, mask in (("intact", connection()), ("without the circuit", circuit), ("without the control", control)):
    said = network.logits(units_without(test_digits.images[fives], mask)).argmax(dim=1)
    print(f"fives recognised, {name}: {int((said == 5).sum())} of {int(fives.sum())}")
print("\nchange of the log-probability of the right digit")
print(" " * 22 + "".join(f"{digit:7d}" for digit in range(10)))
for name, values in change.items():
    print(f"{name:22}" + "".join(f"{value:+7.2f}" for value in values.tolist()))
like_circuit = []  # every two connections that enter one other unit and are about as strong
wanted = strength[circuit].sum()
for unit in range(len(strength)):
    for one, two in torch.combinations(torch.arange(6)).tolist():
        if unit != UNIT and (strength[unit, [one, two]].sum() - wanted).abs() < wanted / 4:
            mask = torch.zeros_like(circuit)
            mask[unit, [one, two]] = True
            like_circuit.append((log_probability(*test_digits, mask) - intact)[5].item())
worst_pair = min(like_circuit)
print(f"\nfives, two connections of one other unit, as strong within 25%: {len(like_circuit)} pairs, ", end="")
print(f"largest loss {worst_pair:+.2f}")

# %% jupyter={"source_hidden": true}
fig, axis = plt.subplots(figsize=(7, 3.2))
digits = torch.arange(10)
axis.bar(digits - 0.2, change["circuit"], 0.4, color=COLORS["blue"], label="without the circuit")
axis.bar(digits + 0.2, change["control"], 0.4, color=COLORS["orange"], label="without the control", hatch="//")
axis.set(xlabel="digit", ylabel="change of log-probability (nats)", xticks=range(10))
axis.set_title("Removing the circuit hurts fives; the matched control does not")
axis.legend()
axis.grid(visible=False, axis="x")
hit, other = change["circuit"].argmin().item(), change["control"].argmin().item()
show(
    fig,
    alt=f"Bars for each digit. Without the circuit the largest loss is {change['circuit'].min():.2f} nats, for digit "
    f"{hit}; without the control it is {change['control'].min():.2f}, for digit {other}.",
)

# %% [markdown]
# The circuit is specific: fives lose most. Sevens come next, as they should: they have the same bar. The loss is not a
# catastrophe. As the lines above show, most fives are still recognised; the network has other units to tell them by.
#
# How fair is this control? Its connections enter two other units, while the circuit's enter one, a detector of fives.
# So it cannot tell channels 1 and 3 from unit 0 as a whole. The other lines can: within unit 0, channels 1 and 5 are
# stronger together and cost fives less, and no like pair of connections into one other unit costs them as much. The
# first two others in the list are connections of unit 0 too, but weak ones. With them as the control, the comparison
# would have looked finer still, and would have shown nothing.
#
# What this shows: in *one* unit of *one* trained network, one circuit can be read from the weights, it predicts what
# new images do, and the predictions hold after surgery. What it does not show: that most units can be read (we read
# one of three), or that the same circuit would form again. A last look at **universality**:
# is there a unit like it in networks that start from other random weights?

# %%
own = network.units(network.channels(test_digits.images))[:, UNIT].amax(dim=(1, 2))
likeness = {"trained": [], "untrained": []}
SEEDS = (0, 2, 3, 4, 5)  # ours has seed 1
for label, epochs in (("trained", 30), ("untrained", 0)):
    for other_seed in SEEDS:
        another = digit_network.train(train_digits, seed=other_seed, epochs=epochs)
        peaks = another.units(another.channels(test_digits.images)).amax(dim=(2, 3))
        live = peaks.std(dim=0) > 1e-6
        likeness[label].append(torch.corrcoef(torch.cat([own[None], peaks.T[live]]))[0, 1:].max().item())
print(f"correlation with ours, over the test images, of the unit most like it; seeds {SEEDS}")
for label, values in likeness.items():
    print(f"{label:10}", "  ".join(f"{value:.2f}" for value in values))

# %% [markdown]
# Some of the trained networks have a unit that is nearly ours. In others the best is hardly more like it than a unit of
# an untrained network, and untrained units are not at zero, because all units see the same ink. So few networks cannot
# decide about universality. They do show that it needs a baseline, and that it does not come for free.
#
# ## 3 · The residual stream is a sum
#
# In an image network a layer reads the layer before. In a transformer every part reads the **residual stream** and
# adds to it: at each position, x = embedding + all attention outputs + all MLP outputs so far (Elhage et al. 2021;
# survey, 2.2.3). So the parts do not stand in a row. Any part can read what any earlier part wrote.
#
# And an attention layer is itself a sum over its **heads**. Head h gathers values from other positions into the vector
# $z_h$ (`hook_z`), and its output matrix $W_O^h$ writes them into the stream.

# %% exercise="circuits.head_outputs"

# %% [markdown]
# Our example for the rest of Part I is **indirect object identification** (Wang et al. 2022): *When Mary and John went
# to the store, John gave a drink to* … *Mary*. The right answer is the name that occurs once, the indirect object IO.
# The name that occurs twice is the subject S; its second place is S2. The answer is read at the last position, END. The
# measure is the **logit difference**: the logit of IO minus the logit of S. It is a good measure, since whatever raises
# all names alike cancels. (The sentences of this task were chosen so that SmolLM2 does it well. How often it is right
# is no finding.)

# %%
task = tasks.ioi(model, n=100)
print(task.texts[0], "…", models.text(model, [task.answer[0]]))
print(task.texts[4], "…", models.text(model, [task.answer[4]]))
LAYERS = model.cfg.n_layers
names = ["hook_embed", f"blocks.{LAYERS - 1}.hook_resid_post"]
for layer in range(LAYERS):
    names += [f"blocks.{layer}.{place}" for place in ("attn.hook_z", "hook_attn_out", "hook_mlp_out")]


def at_end(ids: Tensor) -> dict[str, Tensor]:
    """The named activations at END, 10 prompts at a time."""
    pieces = []
    for some in ids.split(10):
        found = activations.run_with(model, some, names)
        pieces.append({name: found[name][:, -1].clone() for name in names})
    return {name: torch.cat([piece[name] for piece in pieces]) for name in names}


end = at_end(task.clean.ids)
written = torch.stack(
    [
        circuits.head_outputs(end[f"blocks.{layer}.attn.hook_z"][:, None], model.blocks[layer].attn.W_O)[:, 0]
        for layer in range(LAYERS)
    ]
).transpose(1, 2)  # layer head batch d_model
attention = torch.stack([end[f"blocks.{layer}.hook_attn_out"] for layer in range(LAYERS)])
mlp = torch.stack([end[f"blocks.{layer}.hook_mlp_out"] for layer in range(LAYERS)])
print("heads:", tuple(written.shape), "= layer, head, batch, d_model")

# %% [markdown]
# Now put everything that is added to the stream into one list. The function below was written for that, and its sum is
# wrong. Find out by how much.

# %% exercise="circuits.stream_parts"

# %%
parts = circuits.stream_parts(end["hook_embed"], written, attention, mlp)
final = end[f"blocks.{LAYERS - 1}.hook_resid_post"]
del end, written, attention, mlp  # parts holds it all
part_names = ["embed"]
for layer in range(LAYERS):
    part_names += [*(f"{layer}.{head}" for head in range(9)), f"bias {layer}", f"mlp {layer}"]
off = ((parts.sum(dim=0) - final).norm(dim=-1) / final.norm(dim=-1)).max().item()
biases = torch.tensor([name.startswith("bias") for name in part_names])
n_biases, n_parts = int(biases.sum()), int((~biases).sum())
print(f"{n_parts} parts and {n_biases} biases")
print(f"sum against the final residual stream: relative difference below 1e-5: {off < 1e-5}")
largest = (parts[biases].norm(dim=-1) / final.norm(dim=-1)).max().item()
print(f"the largest bias part is below 1e-5 of the stream: {largest < 1e-5} (SmolLM2 has no output biases)")

# %% [markdown]
# ## 4 · The logit lens
#
# At the end of the stream the model applies a norm and the unembedding. What if it did so earlier? The **logit lens**
# (nostalgebraist 2020) reads the stream after every layer as if it were the last.

# %%
predict(
    "circuits.when_decided",
    "After which of the 30 layers (0 to 29) does the logit lens first clearly prefer the right name?",
    ["by layer 5", "by layer 15", "after layer 20", "only after the last one"],
)

# %% exercise="circuits.logit_lens"

# %%
norm = norms.final_norm(model)
added = parts[1:].unflatten(0, (LAYERS, -1)).sum(dim=1)  # by each layer
stream = torch.cat([parts[:1], added]).cumsum(dim=0)  # the embedding, then after each layer
rows = torch.arange(len(task))
lens = []
for stage in stream.split(1):  # one stage at a time: all logits of one stage take 20 MB
    logits = circuits.logit_lens(stage, norm.gain, model.W_U, norm.eps)[0]
    lens.append((logits[rows, task.answer] - logits[rows, task.wrong]).mean().item())
names_apart = (model.W_U[:, task.answer] - model.W_U[:, task.wrong]).T * norm.gain
undivided = (stream * names_apart).sum(dim=-1).mean(dim=1)  # as if there were no denominator
length = stream.square().mean(dim=-1).sqrt().mean(dim=1)
print("                logit difference   before the norm divides   root mean square")
for stage in (0, 10, 20, 22, 23, 24, 25, 28, 29, 30):
    where = "embedding" if stage == 0 else f"after layer {stage - 1}"
    print(f"{where:15} {lens[stage]:+17.2f} {undivided[stage]:+25.1f} {length[stage]:18.1f}")
own_lens = decomposition.logit_lens(model, task[:4].clean, stages=[24])[0]
mine = circuits.logit_lens(stream[24:25, :4], norm.gain, model.W_U, norm.eps)[0]
print("the lab's logit lens agrees:", torch.allclose(own_lens, mine, atol=1e-2))

# %% jupyter={"source_hidden": true}
fig, axis = plt.subplots(figsize=(7, 3.3))
jump = max(range(1, 31), key=lambda stage: lens[stage] - lens[stage - 1]) - 1
axis.plot(range(-1, 30), lens, marker="o", markersize=4)
axis.axvline(jump, color=COLORS["grey"], linestyle=":", linewidth=1)
axis.set(xlabel="read after layer (−1: the embedding)", ylabel="logit difference, IO − S")
axis.set_title(f"By the lens the answer appears in one step, in layer {jump}")
show(
    fig,
    alt=f"Mean logit difference of the logit lens, flat, slightly below zero, until layer {jump - 1} "
    f"({lens[jump]:.1f}), {lens[jump + 1]:.1f} after layer {jump}, at most {max(lens):.1f}, {lens[-1]:.1f} at the end.",
)

# %% [markdown]
# The answer appears in one step. Until then the lens slightly prefers the *wrong* name. Afterwards the difference
# falls, for two reasons. Layer 24 takes some of it away: its heads write against the answer, as section 5 will show.
# After that the parts still add to it, but the stream doubles in length, and the norm divides everything by more.
#
# Mind what the lens cannot see: that nothing is *readable in the directions of the unembedding* does not say that
# nothing is *known*. The earlier layers may have found out which name came twice, and may have written it in a form
# that later layers read and the unembedding does not. Section 6 shows a head of an earlier layer that matters so.
#
# Is this step usual? nostalgebraist looked at ordinary text, at every position and at the whole distribution: does the
# lens already name the token that the model will name at the end? That is another question. Here it is, for
# eight English sentences.

# %%
sentences = models.tokens(model, corpus.texts("english")[:8])
real = sentences.mask.clone()
real[:, 0] = False  # the start mark says nothing
STAGES = (0, 5, 10, 15, 20, 24, 26, 28, 29, 30)
kept = {
    f"blocks.{stage}.hook_resid_pre" if stage < LAYERS else f"blocks.{LAYERS - 1}.hook_resid_post": stage
    for stage in STAGES
}
text_streams = reducing.reduce_with(model, sentences, dict.fromkeys(kept, lambda stream: stream[real]))
text_streams = {kept[name]: value for name, value in text_streams.items()}
said_last = circuits.logit_lens(text_streams[LAYERS][None], norm.gain, model.W_U, norm.eps)[0].argmax(dim=-1)
agreement, token_rank = {}, {}
for stage in STAGES:
    lens_logits = circuits.logit_lens(text_streams[stage][None], norm.gain, model.W_U, norm.eps)[0]
    agreement[stage] = (lens_logits.argmax(dim=-1) == said_last).float().mean().item()
    token_rank[stage] = (lens_logits > lens_logits.gather(1, said_last[:, None])).sum(dim=1).median().item()
print(f"{len(said_last)} positions; after layer −1 is the embedding, rank 0 is the first")
print("after layer                   ", "".join(f"{stage - 1:6}" for stage in STAGES))
print("same first token as at the end", "".join(f"{agreement[stage]:6.2f}" for stage in STAGES))
print("median rank of the final token", "".join(f"{token_rank[stage]:6}" for stage in STAGES))
del text_streams, lens_logits

# %% [markdown]
# On ordinary text the approach *is* gradual, as nostalgebraist saw it in GPT-2, though the last layer still changes the
# first token at many positions. The two names are a special case: which of them is right is brought to END by
# attention, and attention brings it in one layer.
#
# Is there an answer in your own text? The explorer shows the lens on up to 24 tokens.

# %%
logit_lens_explorer.explore(model)

# %% [markdown]
# ## 5 · Who wrote the answer? Direct logit attribution
#
# The lens shows when. Now we ask who. The final logit difference is a dot product of the normed stream with one
# direction, and the stream is a sum of parts. So each part has a share, the **direct logit attribution**. Only the norm
# stands in the way, because it divides by a number that depends on all parts. We take that number from the run and
# hold it still. That is not an approximation of the total: the shares then add up to the model's own logit difference.

# %%
predict(
    "circuits.who_writes",
    "There are 270 heads, 30 MLPs and the embedding. How many of them have a share of more than a tenth of the logit "
    "difference?",
    ["fewer than 5", "5 to 20", "more than 20: the answer is spread out"],
)

# %% exercise="circuits.direct_logit_attribution"

# %%
share = circuits.direct_logit_attribution(parts, norm.gain, model.W_U, task.answer, task.wrong, norm.eps)
logits = activations.logits_at(model, task.clean.ids[:25], -1)
true = logits[rows[:25], task.answer[:25]] - logits[rows[:25], task.wrong[:25]]
print(f"shares add up to the model's logit difference within 0.001: {(share.sum(0)[:25] - true).abs().max() < 1e-3}")
mean_share = share.mean(dim=1)
total = mean_share.sum().item()
is_head = torch.tensor(["." in name for name in part_names])
is_mlp = torch.tensor([name.startswith("mlp") for name in part_names])
print(f"logit difference {total:.2f}, right in {(share.sum(0) > 0).float().mean():.0%} of the prompts")
heads_sum, mlps_sum = mean_share[is_head].sum().item(), mean_share[is_mlp].sum().item()
print(f"up to layer 23: {mean_share[: part_names.index('24.0')].sum():.2f}, by the layers after it: ", end="")
print(f"{mean_share[part_names.index('24.0') :].sum():.2f}")
print(f"heads {heads_sum:.2f}, MLPs {mlps_sum:.2f}, embedding {abs(mean_share[0]):.2f}")
ranked = mean_share.argsort(descending=True).tolist()
for which, some in (("highest", ranked[:7]), ("lowest", ranked[:-6:-1])):
    print(f"{which} shares:\n   " + "  ".join(f"{part_names[i]} {mean_share[i]:+.2f}" for i in some))
large = int((mean_share > total / 10).sum())
print(f"parts with more than a tenth of it: {large}")
movers = sum(mean_share[part_names.index(name)].item() for name in ("23.0", "23.1", "23.2"))
print(f"23.0, 23.1 and 23.2 together {movers:+.2f}")
labs = decomposition.direct_logit_attribution(
    model, decomposition.parts(model, task[:10].clean, heads=True), task.answer[:10], task.wrong[:10]
)
lab_share = dict(zip(labs.names, labs.mean.tolist(), strict=True))
ours = {name: share[i, :10].mean().item() for i, name in enumerate(part_names) if not name.startswith("bias")}
agree = max(abs(lab_share[name] - value) for name, value in ours.items())
print(f"the lab's attribution agrees within 0.001: {agree < 1e-3}")

# %% jupyter={"source_hidden": true}
by_head = mean_share[is_head].view(LAYERS, 9)
fig, axes = plt.subplots(1, 2, figsize=(9, 4.6), width_ratios=[1, 1.25])
limit = by_head.abs().max().item()
image = axes[0].imshow(by_head, cmap="RdBu_r", vmin=-limit, vmax=limit, aspect="auto")
axes[0].set(xlabel="head", ylabel="layer", xticks=range(9))
axes[0].set_title("heads", fontweight="normal", fontsize=10)
axes[0].grid(False)
fig.colorbar(image, ax=axes[0], label="share of the logit difference")
by_layer = by_head.sum(dim=1)
axes[1].barh(torch.arange(LAYERS) - 0.2, by_layer, 0.4, color=COLORS["blue"], label="attention (its heads)")
axes[1].barh(torch.arange(LAYERS) + 0.2, mean_share[is_mlp], 0.4, color=COLORS["orange"], label="MLP", hatch="//")
axes[1].invert_yaxis()
axes[1].set(xlabel="share of the logit difference", ylabel="layer")
axes[1].set_title("layers", fontweight="normal", fontsize=10)
axes[1].legend(loc="upper right")
fig.suptitle(f"A few heads of the last layers write the answer; {part_names[ranked[0]]} most of all", x=0.01)
fig._suptitle.set(fontweight="bold", ha="left", fontsize=11)
show(
    fig,
    alt="Heat map of 30 × 9 heads, white but for a few of layers 23, 24 and 29, and bars by layer. Highest: "
    + ", ".join(f"{part_names[i]} {mean_share[i]:.2f}" for i in ranked[:4])
    + ". Lowest: "
    + ", ".join(f"{part_names[i]} {mean_share[i]:.2f}" for i in ranked[:-3:-1])
    + ".",
)

# %% [markdown]
# What do these heads look at? Here is the attention from END to the two names, for the heads with the largest shares.

# %%
looking = task[:40]
found = heads.patterns(model, looking.clean, [23, 24, 29])
each = torch.arange(len(looking))
centre = model.W_U.mean(dim=1, keepdim=True)  # what a part adds to the average token
scale = norm.scale(stream[-1])
io_first = task.positions["IO"] < task.positions["S1"]  # "Mary and John …, John", else "John and Mary …, John"


def writes(name: str, token: Tensor) -> float:
    """What a part adds to the logit of each prompt's token, above what it adds to the average token."""
    return (
        ((parts[part_names.index(name)] / scale * norm.gain) * (model.W_U[:, token] - centre).T).sum(-1).mean().item()
    )


print("                 share where     attention from END    adds to the logit")
print("head   share  IO first  S first       to IO  to S2           IO      S")
for name in ("23.3", "29.1", "23.0", "23.2", "23.1", "24.4", "29.0"):
    layer, head = map(int, name.split("."))
    own_share = share[part_names.index(name)]
    halves = [own_share[io_first].mean(), own_share[~io_first].mean()]
    at = [found[layer][each, head, -1, looking.positions[place]].mean() for place in ("IO", "S2")]
    to = [writes(name, task.answer), writes(name, task.wrong)]
    print(
        f"{name:6}{own_share.mean():+6.2f}{halves[0]:+10.2f}{halves[1]:+9.2f}{at[0]:12.2f}{at[1]:7.2f}"
        f"{to[0]:+13.2f}{to[1]:+7.2f}"
    )
of_movers = share[[part_names.index(name) for name in ("23.0", "23.1", "23.2")]].sum(dim=0)
movers_by_order = of_movers[io_first].mean().item(), of_movers[~io_first].mean().item()
answer_by_order = share[:, io_first].sum(dim=0).mean().item(), share[:, ~io_first].sum(dim=0).mean().item()
for text, (one, other) in (("23.0, 23.1 and 23.2", movers_by_order), ("all parts", answer_by_order)):
    print(f"{text + ' together:':31}IO first {one:+.2f}, S first {other:+.2f}")

# %% [markdown]
# A head that attends to IO and raises IO is called a **name mover**. On average 23.0, 23.1 and 23.2 are of this kind,
# as in GPT-2 (Wang et al. 2022), and together they write about a third of the difference. But look at the two orders
# of the names. 23.0 helps in both. 23.1 and 23.2 help where S comes first, and where IO comes first they point at the
# wrong name. They seem to write the *second* name, whichever that is. So with S first the three write nearly half of
# the answer, and with IO first next to nothing. The logit difference itself is almost twice as large with S first. **A
# mean can hide two halves.** Half of our prompts have each order; with another mixture the shares would be others.
#
# The largest share belongs to something else: 23.3 attends to S2 and *lowers* S. It leaves IO nearly alone, and it
# helps in both orders. In GPT-2's story no such head carries the answer. (One of its backup heads, 9.7, attends to S2
# and writes negatively, an appendix of the paper says.) Head 24.4 attends to IO and lowers it, a **negative name
# mover**, which GPT-2 has too. It takes from the answer where S comes first, and hardly where IO does. And 29.1 and
# 29.0 hardly look at the names at all: what they write, they did not fetch there. So "a few heads write the answer" is
# right here, and "name movers write it" is a part of the truth.
#
# ## 6 · A small share, a large effect
#
# Does a small share mean that a head is unimportant? We put it to the test on the first 12 prompts, six of each order.
# (So the shares differ a little from those above.) For each head of layers 16 to 29, its output at END is exchanged for
# what the same head wrote at END of a prompt with three *other* names (the "ABC" corruption). The rest of the model
# reacts freely.

# %%
few = task[:12]
exchange = sweeps.noise(
    model,
    few.clean,
    few.corrupted,
    "head",
    few.metrics["logit difference"],
    positions=[int(few.positions["END"][0])],
    layers=range(16, 30),
)
effect = (exchange.values - exchange.into_metric).flatten()
direct = share[is_head].view(LAYERS, 9, -1)[16:, :, :12].mean(dim=-1).flatten()
label = [f"{layer}.{head}" for layer in range(16, 30) for head in range(9)]
each = (exchange.per_prompt - exchange.into_per_prompt).flatten(0, -2)  # head, prompt
print("head    direct share    change when exchanged    where IO is first, S is first")
for i in effect.abs().argsort(descending=True)[:8].tolist():
    one, other = each[i, io_first[:12]].mean(), each[i, ~io_first[:12]].mean()
    print(f"{label[i]:6} {direct[i]:+10.2f} {effect[i]:+18.2f} {one:+20.2f} {other:+12.2f}")
other_z = activations.run_with(model, few.corrupted, "blocks.23.attn.hook_z")["blocks.23.attn.hook_z"][:, -1:]
other_23 = circuits.head_outputs(other_z, model.blocks[23].attn.W_O)[:, 0, 0]
other_share = (other_23 * names_apart[:12] / scale[:12]).sum(dim=-1).mean().item()
mover = label.index("23.0")
print(f"23.0: direct share {direct[mover]:+.2f}, when exchanged {other_share:+.2f}; change of the answer ", end="")
print(f"{effect[mover]:+.2f}")

# %% jupyter={"source_hidden": true}
fig, axis = plt.subplots(figsize=(6.2, 4.2))
hidden_head = min((i for i in range(len(label)) if direct[i].abs() < 0.15), key=lambda i: effect[i].item())
axis.scatter(direct, effect, s=18, color=COLORS["blue"])
axis.plot([-1.2, 2.6], [1.2, -2.6], color=COLORS["grey"], linestyle="--", linewidth=1)
axis.text(0.5, -2.4, "dashed: change = −share", fontsize=8, color=COLORS["grey"])
for i in range(len(label)):
    if effect[i].abs() > 0.35 or direct[i].abs() > 0.4:
        under = direct[i] + effect[i] < 0  # the dashed line: so that it runs through no label
        place = {"xytext": (-5, -4), "ha": "right", "va": "top"} if under else {"xytext": (5, 3)}
        axis.annotate(label[i], (direct[i], effect[i]), textcoords="offset points", fontsize=8, **place)
axis.set(xlabel="direct share of the logit difference", ylabel="change when exchanged at END")
axis.set_title(f"Head {label[hidden_head]}: hardly any direct share, a large effect")
show(
    fig,
    alt=f"Scatter of direct share against the change of the logit difference. Head {label[hidden_head]}: share "
    f"{direct[hidden_head]:.2f}, change {effect[hidden_head]:.2f}. Most heads lie near zero in both.",
)

# %% exercise="circuits.what_a_small_attribution_means"

# %% [markdown]
# Look at the last line too. The share of 23.0 is clear. What it writes in the ABC prompt has next to nothing in this
# direction, so by the exchange its whole share is lost. And yet the answer loses only a small part of that: later parts
# make up for the rest (chapter 07 comes back to this). So a direct share is neither necessary nor sufficient for
# importance. What it answers exactly is a smaller question: *who writes into the logits?* To find the heads that act
# through others one has to follow the paths between heads. That is Part II.
#
# The two orders of the names differ here as well. Exchanging 20.0 costs more than twice as much where S comes first.
# Exchanging 24.4 helps where S comes first and not where IO does, so the mean of the two describes neither. (Six
# prompts of each order are few.)

# %%
del parts, added, stream, share, logits, names_apart  # the second part needs the memory

# %% [markdown]
# # Part II · Heads
#
# The MLPs compute at each position on its own. Only attention heads carry something from one position to another. So
# they are where circuits in a transformer become visible first: a head reads from the stream at one place, writes to
# it at another, and a later head can read what it wrote.
#
# ## 7 · A head is two matrices
#
# A head has four weight matrices: query, key, value and output. Elhage et al. (2021) point out that they act in pairs
# only. Write $x_q$ and $x_k$ for the normalised residual vectors (rows) at two positions. The attention score is
#
# $$(x_q W_Q)(x_k W_K)^\top = x_q \,(W_Q W_K^\top)\, x_k^\top,$$
#
# so queries and keys matter only through **QK** $= W_Q W_K^\top$. It says where the head looks. (SmolLM2 has **rotary**
# positions. At distance $r$ a rotation stands in between, $W_Q R_r W_K^\top$; QK is the case $r = 0$.) What the head
# moves when it looks at position $k$ is $x_k W_V W_O$. So values and outputs matter only through **OV** $= W_V W_O$.
# Both matrices have 576 × 576 entries, and both pass through a bottleneck of 64 dimensions: their rank is at most 64.
#
# SmolLM2 saves memory by **grouped-query attention**: 9 query heads share 3 pairs of key and value matrices. Three
# neighbours always look with the same keys and move the same values. They differ in their queries and in what they
# make of the values at the end.

# %% exercise="circuits.kv_head"

# %% exercise="circuits.qk_ov"

# %% [markdown]
# Do these two matrices describe a real head? We take head 6 of layer 18, written 18.6, on a sentence. What it adds to
# the stream must be its attention pattern times $x\,OV$. Scores are harder, since rotary positions turn queries and
# keys by angles that depend on the distance. At distance 0 nothing is turned. So the score of a position with itself
# must be $x\,QK\,x^\top / \sqrt{64}$.

# %%
LAYER, HEAD = 18, 6
sentence = models.tokens(model, "The quick brown fox jumps over the lazy dog, and the quick brown fox sleeps.")
attention = model.blocks[LAYER].attn
names = {
    key: f"blocks.{LAYER}.{key}"
    for key in ("ln1.hook_out", "attn.hook_attn_scores", "attn.hook_pattern", "attn.hook_z")
}
run = activations.run_with(model, sentence, list(names.values()))
x, scores, pattern, z = (run[name][0] for name in names.values())

QK, OV = circuits.qk_ov(attention.W_Q, attention.W_K, attention.W_V, attention.W_O, HEAD)
print(
    "QK and OV:", tuple(QK.shape), "rank", int(torch.linalg.matrix_rank(QK)), "and", int(torch.linalg.matrix_rank(OV))
)
wrong = (pattern[HEAD] @ x @ OV - z[:, HEAD] @ attention.W_O[HEAD]).abs().max().item()
print("what the head adds is its pattern times x OV, to 0.001:", wrong < 1e-3)
own_score = ((x @ QK) * x).sum(dim=-1) / 64**0.5
close = (own_score - scores[HEAD].diag()).abs().max() < 1e-3
print("the scores of positions with themselves are x QK x / 8, to 0.001:", bool(close))
for other in (7, 8, 5):
    shared = circuits.kv_head(HEAD, 9, 3) == circuits.kv_head(other, 9, 3)
    print(f"18.6 and 18.{other} {'share' if shared else 'do not share'} keys and values")

# %% [markdown]
# What does an OV matrix do? One way to read it is to put the embedding before it and the unembedding behind it:
# $W_E\,W_V W_O\,W_U$ has a row for every token that may be looked at and a column for every token whose logit changes.
# This is the **full OV circuit**. Its diagonal tells whether a token raises its own logit: whether the head
# **copies**. The whole matrix would take 9.7 GB. Elhage et al. sum it up by its eigenvalues. We multiply the gains of
# the two norms into the matrices (one says: **fold** them in). We leave out their denominators, one positive number
# for each token. That can change eigenvalues; the cell below prints by how much.

# %% exercise="circuits.copying_score"

# %%
predict(
    "circuits.copying",
    "An induction head finds what followed a token before, and predicts it again. What copying scores do you expect "
    "for five induction heads of SmolLM2?",
    ["all near 1", "all above 0.5", "mixed: some are even below zero"],
)

# %%
gain_final = norms.final_norm(model).gain


def full_ov_factors(layer, head):
    """The two factors of a head's full OV circuit, norms' gains folded in: [d_vocab d_head] and [d_head d_vocab]."""
    attention, gain = model.blocks[layer].attn, norms.attention_norm(model, layer).gain
    w_v = attention.W_V[circuits.kv_head(head, 9, 3)]
    return (model.W_E * gain) @ w_v, (attention.W_O[head] * gain_final) @ model.W_U


some = {"18.6": (18, 6), "17.3": (17, 3), "17.4": (17, 4), "17.5": (17, 5), "18.7": (18, 7), "23.0": (23, 0)}
copying = {name: circuits.copying_score(*full_ov_factors(*where)) for name, where in some.items()}
five = [copying[name] for name in ("18.6", "17.3", "17.4", "17.5", "18.7")]
all_copying = head_weights.full_ov_copying(model)  # the same for all 270 heads
agree = all(abs(copying[name] - all_copying[where]) < 1e-3 for name, where in some.items())
print("the lab's function gives the same:", agree)
print("copying scores:", ", ".join(f"{name} {score:+.2f}" for name, score in copying.items()))
denominator = (model.W_E.square().mean(dim=-1, keepdim=True) + norms.final_norm(model).eps).sqrt()
divided = {
    name: circuits.copying_score(full_ov_factors(*at)[0] / denominator, full_ov_factors(*at)[1])
    for name, at in some.items()
}
moved = max(abs(divided[name] - copying[name]) for name in some)
print(f"with W_E's denominators none of these moves by more than {moved:.2f}")

# %% [markdown]
# By this number the induction heads are no copiers, and 23.0, a name mover of section 5, looks as if it *lowered* what
# it sees. Before we believe it: is $W_E$ what a head of layer 23 reads? $W_E$ is tied to $W_U$ in SmolLM2, and block 0
# rewrites every token before a later head sees it. Wang et al. (2022) therefore read the stream after block 0. We put
# it in the place of $W_E$, for a random sample of tokens. A second version takes away its mean over the tokens: what
# all tokens have in common says nothing about which token it is. And we ask what the heads do in a run, on the stream
# as it is at their own layer: which rank among all logits does the head give to the token it looks at?

# %%
generator = torch.Generator().manual_seed(0)
sample = torch.randint(1000, 40000, (3000,), generator=generator).unique()
entering = []
for piece in sample.split(250):
    pairs_of_tokens = torch.stack([torch.full_like(piece, model.tokenizer.bos_token_id), piece], dim=1)
    entering.append(
        activations.run_with(model, pairs_of_tokens, "blocks.1.hook_resid_pre")["blocks.1.hook_resid_pre"][:, 1].clone()
    )
after_block_0 = torch.cat(entering)
after_block_0 = after_block_0 / after_block_0.square().mean(dim=-1, keepdim=True).sqrt()
sampled_unembed = gain_final[:, None] * model.W_U[:, sample]


def copying_of_all(embedding, unembedding):
    """Copying scores of all heads, [layer head], with these vectors in the place of W_E and W_U.

    M = E V O U has the nonzero eigenvalues of V O (U E), which is small.
    """
    through_tokens = unembedding @ embedding
    scores = torch.zeros(model.cfg.n_layers, model.cfg.n_heads)
    for layer in range(model.cfg.n_layers):
        attention, gain = model.blocks[layer].attn, norms.attention_norm(model, layer).gain[:, None]
        for head in range(model.cfg.n_heads):
            w_v = attention.W_V[circuits.kv_head(head, 9, 3)]
            scores[layer, head] = circuits.copying_score(gain * w_v, attention.W_O[head] @ through_tokens)
    return scores


by_block_0 = copying_of_all(after_block_0, sampled_unembed)
by_difference = copying_of_all(after_block_0 - after_block_0.mean(dim=0), sampled_unembed)


def own_rank(resid, layer, own):
    """For each head of the layer: the rank of a position's own token among the logits that the head writes from it."""
    written = head_circuits.head_output_directions(model, layer, resid)
    ranks = []
    for head in written:
        logits = head @ model.W_U
        ranks.append((logits > logits.gather(1, own[:, None])).sum(dim=1).float())
    return torch.stack(ranks)


context = heads.repeated_tokens(model, n=6, length=12)
own_token = context.ids[:, 1:].flatten()
rank_in_run = {}
for layer in (17, 18, 23):
    at = f"blocks.{layer}.hook_resid_pre"
    rank_in_run[layer] = own_rank(activations.run_with(model, context, at)[at][:, 1:].flatten(0, 1), layer, own_token)
SHOWN = ((17, 3), (17, 4), (17, 5), (18, 6), (18, 7), (23, 0), (23, 1), (23, 2), (23, 3))
print(
    f"{len(sample)} tokens; in a run: {len(own_token)} positions of random tokens, {model.W_U.shape[1]} tokens to rank"
)
print("       copying score" + " " * 41 + "rank in a run")
print("       by W_E  after block 0  less the mean     higher than  in the top 5       median")
for layer, head in SHOWN:
    higher = (by_difference < by_difference[layer, head]).float().mean()
    ranks = rank_in_run[layer][head]
    middle = float(f"{ranks.median():.1g}")
    print(
        f"{layer}.{head} {all_copying[layer, head]:+8.2f} {by_block_0[layer, head]:+14.2f} "
        f"{by_difference[layer, head]:+14.2f} {higher:6.0%} of heads {(ranks < 5).float().mean():13.0%} {middle:12,.0f}"
    )
del sampled_unembed, after_block_0, entering

# %% jupyter={"source_hidden": true}
fig, axes = plt.subplots(1, 2, figsize=(9, 3.5), sharey=True)
reds = [(17, 3), (17, 4), (17, 5), (18, 6), (18, 7)]
for ax, scores, title in zip(
    axes, (all_copying, by_difference), ("W_E", "stream after block 0, less its mean"), strict=True
):
    ax.hist(scores.flatten(), torch.linspace(-1, 1, 41).numpy(), color=COLORS["grey"], alpha=0.6)
    marks = [(where, COLORS["red"]) for where in reds] + [(where, COLORS["blue"]) for where in ((23, 0), (23, 3))]
    for place, ((layer, head), color) in enumerate(sorted(marks, key=lambda mark: scores[mark[0]].item())):
        top = 48 - 4 * place  # lines get shorter to the right, so that none of them runs through a label
        ax.vlines(scores[layer, head], 0, top, color=color, linewidth=1.3)
        ax.text(scores[layer, head] + 0.015, top, f"{layer}.{head}", color=color, fontsize=8, va="top")
    ax.set_title(title, fontweight="normal", fontsize=10)
    ax.set_xlabel("copying score Σλ / Σ|λ|")
    ax.set_xlim(-1.05, 1.2)
    ax.set_xticks([-1, -0.5, 0, 0.5, 1])
    ax.set_ylim(0, 50)
axes[0].set_ylabel("heads (of 270)")
positive_share = (all_copying > 0).float().mean().item()
fig.suptitle("By W_E alone, induction heads (red) do not stand out as copiers", fontweight="bold", x=0.01, ha="left")
show(
    fig,
    alt=f"Two histograms of the copying scores of 270 heads. With W_E {positive_share:.0%} are positive; the five "
    f"clearest induction heads lie between {min(five):.2f} and {max(five):.2f}, 23.0 at {copying['23.0']:.2f}. With "
    "the stream after block 0: "
    + ", ".join(f"{layer}.{head} {by_difference[layer, head]:.2f}" for layer, head in (*reds, (23, 0), (23, 3)))
    + ".",
)

# %% [markdown]
# So the summary fails here, but not because eigenvalues are wrong. With the stream after block 0, the name movers 23.0,
# 23.1 and 23.2 come out among the highest of 270 heads and 23.3 among the lowest, as its work in section 5 and its
# ranks in a run say. 18.6 and 18.7 come near them; the three of layer 17 do not.
#
# In a run the heads of layers 17 and 18 do not put the token itself in front. 18.6 and 18.7 raise it a little: chance
# would rank it in the middle. What stands at their layer is no longer the stream after block 0, and what they write is
# read by eleven more layers. They leave something for later parts.
#
# ## 8 · Where heads look
#
# The next look at a head is its **attention pattern**: for each query position, how the attention is spread over the
# keys. Some patterns come back in every language model and have names. On a text of random tokens that is said twice
# they are easy to tell apart:
#
# ```
# position   0    1  2  3  …  n+1  n+2  n+3  …
# token      BOS  a  b  c  …  a    b    c    …
# ```
#
# | type | where it looks from the second b |
# |---|---|
# | **previous token** | at the second a, just before |
# | **duplicate token** | at the first b |
# | **induction** | at the first c, which followed the first b |
#
# Random tokens have no meaning, so a head that looks at related words finds nothing here.

# %%
predict(
    "circuits.induction_heads",
    "How many of SmolLM2's 270 heads give, on repeated random tokens, more than 40% of their attention to the token "
    "that followed the earlier copy?",
    ["fewer than 3", "5 to 15", "more than 50"],
)

# %% exercise="circuits.head_type_scores"

# %%
N = 48
ids = heads.repeated_tokens(model, n=16, length=N).ids  # 16 texts: BOS, 48 random tokens, the same 48 again
N_LAYERS, N_HEADS = model.cfg.n_layers, model.cfg.n_heads


def pattern_name(layer):
    return f"blocks.{layer}.attn.hook_pattern"


def type_scores(ids, layers=range(N_LAYERS)):
    """The three scores of every head, [layer head] by name. The patterns are reduced as the run passes, never kept."""
    functions = {pattern_name(layer): lambda pattern: circuits.head_type_scores(pattern, N) for layer in layers}
    by_layer = reducing.reduce_with(model, models.as_tokens(model, ids), functions).values()
    by_layer = list(by_layer)
    return {name: torch.stack([scores[name] for scores in by_layer]) for name in by_layer[0]}


parts = [type_scores(half) for half in ids.split(8)]
types = {name: (parts[0][name] + parts[1][name]) / 2 for name in parts[0]}
print("how many heads score above 0.4, and the six highest")
for name, scores in types.items():
    found = ", ".join(f"{head} {score:.2f}" for head, score in heads.top_heads(scores, 6))
    print(f"{name:15} {int((scores > 0.4).sum()):3}   {found}")

# %% jupyter={"source_hidden": true}
fig, axes = plt.subplots(1, 3, figsize=(8.4, 5.2), sharey=True)
for ax, (name, scores) in zip(axes, types.items(), strict=True):
    ax.grid(False)
    picture = ax.imshow(scores, vmin=0, vmax=1, aspect="auto", cmap="Blues")
    for label, score in heads.top_heads(scores, 3):
        layer, head = map(int, label.split("."))
        ink = "white" if score > 0.6 else "black"
        ax.text(head, layer, label, ha="center", va="center", fontsize=6.5, color=ink)
    ax.set_title(name)
    ax.set_xlabel("head")
    ax.set_xticks(range(9))
axes[0].set_ylabel("layer")
fig.colorbar(picture, ax=axes, label="mean attention", shrink=0.6)
fig.suptitle(
    "Few heads have a clear type; induction heads stand in layers 17 to 24", fontweight="bold", x=0.01, ha="left"
)
show(
    fig,
    alt="Three maps of layer by head. "
    + " ".join(
        f"{name}: highest {', '.join(f'{head} {score:.2f}' for head, score in heads.top_heads(scores, 3))}."
        for name, scores in types.items()
    ),
)

# %% [markdown]
# Mind what such a score is: a statement about where a head looks, on these prompts. It knows nothing of what the head
# does with what it finds, and nothing of other prompts. The same three scores on your own text are one call of
# `heads.induction_scores` away.
#
# Look around: choose a text or type your own, a layer and a head. Under the menus stands 18.6 on twelve random tokens,
# for readers without a kernel.

# %%
pattern_view = patterns.PatternView(model)
patterns.explore(pattern_view, layer=18, head=6)

# %%
prompt_twice = list(pattern_view.prompts)[-1]
fig = pattern_view.figure(
    prompt_twice, 18, 6, title="18.6: after some tokens of the second copy,\nto what followed each in the first"
)
show(fig, alt=pattern_view.words(prompt_twice, 18, 6) + " A stripe in the lower left shows it.")
print(pattern_view.words(prompt_twice, 18, 6))
print(pattern_view.words(prompt_twice, 16, 0))
print(pattern_view.words(prompt_twice, 8, 0))

# %% [markdown]
# The first rows of the second copy still rest on the start mark. That is why the score is lower here than on the longer
# texts above. Keep it in mind: the next section shows the same delay in the loss.

# %% [markdown]
# ## 9 · Induction
#
# If a text says "A B … A", it is a good guess that B comes next, whatever A and B are. A model that can use this rule
# learns from its context, with no change of its weights. Olsson et al. (2022) call it **induction** and hold that it
# is a large part of what lets language models learn in context. What does SmolLM2 do on our repeated random tokens?


# %%
def losses(ids, ablate=(), positions=None):
    """Loss of predicting the tokens at `positions` (all but the first by default), with heads mean-ablated.

    In nats: cross-entropy with the natural logarithm.
    """
    positions = torch.arange(1, ids.shape[1]) if positions is None else positions
    layers = sorted({layer for layer, _ in ablate})
    hooks = {
        f"blocks.{layer}.attn.hook_z": circuits.mean_ablation_hook([head for at, head in ablate if at == layer])
        for layer in layers
    }
    with activations.replace(model, hooks) if hooks else contextlib.nullcontext():
        final = activations.run_with(model, ids, "unembed.hook_in")["unembed.hook_in"][:, positions - 1]
    rows = [(text @ model.W_U).log_softmax(dim=-1) for text in final]  # one text at a time: logits are large
    return -torch.stack([row.gather(-1, tokens[positions, None])[:, 0] for row, tokens in zip(rows, ids, strict=True)])


clean = torch.cat([losses(half) for half in ids.split(8)]).mean(dim=0)
first_copy, second_copy = clean[:N].mean().item(), clean[N + 1 :].mean().item()
fig, ax = plt.subplots(figsize=(7.5, 3.4))
ax.plot(range(1, 2 * N + 1), clean, color=COLORS["blue"])
ax.axvline(N + 0.5, color=COLORS["black"], linewidth=0.9, linestyle="--")
ax.text(N + 1.5, 14.5, "the same tokens again →", fontsize=9)
ax.set_xlabel("position of the predicted token")
ax.set_ylabel("loss (nats)")
ax.set_ylim(0, 16)
ax.set_title(f"The second copy is predicted, after some tokens: loss {first_copy:.1f}, then {second_copy:.1f}")
show(
    fig,
    alt=f"Loss by position: about {first_copy:.1f} in the first copy, {second_copy:.1f} in the second.",
)
print(f"first copy {first_copy:.1f} nats, second copy (from its second token) {second_copy:.1f}")
places = (1, 2, 3, 4, 5, 6, 8, 12, 24, 48)
print("token of the second copy:", "".join(f"{place:6}" for place in places))
print("loss:                    ", "".join(f"{clean[N + place - 1]:6.1f}" for place in places))

# %% [markdown]
# The first token of the second copy cannot be foreseen. By the simple rule, "A B … A" gives B, the second could be. The
# model is slower: at the second token the loss is as high as ever, at the fourth half of it is gone, at the twelfth
# nearly all that will go. One match may be chance, a run of them is not. So what SmolLM2 does is more careful than the
# rule. Where do the induction heads themselves look, token by token?

# %%
at_place = torch.arange(N + 1, 2 * N + 1)
stripe = reducing.reduce_with(
    model,
    models.as_tokens(model, ids[:8]),
    {pattern_name(layer): lambda pattern: pattern[:, :, at_place, at_place - N + 1].mean(dim=0) for layer in (17, 18)},
)
print("token of the second copy:", "".join(f"{place:6}" for place in places))
for layer, head in ((17, 4), (18, 6)):
    found = stripe[pattern_name(layer)][head]
    print(f"attention of {layer}.{head}:       ", "".join(f"{found[place - 1]:6.2f}" for place in places))

# %% [markdown]
# At the first repeated token they look there only a little, so not much helps to predict the second. One token later
# they begin to find the place. The first place is special in another way too: before it stands the start mark in the
# first copy and a token in the second. But the loss falls later than the attention rises. At the next tokens 18.6
# already looks at the right place, and the prediction is still poor. Attention alone does not explain that.
#
# Are the induction heads responsible? We take them away and look. Setting a head's output to zero would be a blow of
# its own: later layers have never seen it missing. So we replace what the head gathered by its average. It then says
# the same everywhere.

# %% exercise="circuits.mean_ablation_hook"

# %% [markdown]
# A loss that rises shows little by itself: it might rise for any heads. There must be a control, and it must be fair.
# The function below picks the control heads. It works, and it fools its reader.

# %% exercise="circuits.control_heads"

# %%
ranked = [tuple(map(int, label.split("."))) for label, _ in heads.top_heads(types["induction"], 10)]
few, second = ids[:6], torch.arange(N + 2, 2 * N + 1)  # 6 texts; the second copy from its second token
COUNTS, DRAWS = (1, 2, 5, 10), 3
base = losses(few, (), second).mean().item()
top_loss = {k: losses(few, ranked[:k], second).mean().item() for k in COUNTS}
controls = {k: [circuits.control_heads(ranked[:k], N_HEADS, seed) for seed in range(DRAWS)] for k in COUNTS}
control_loss = {k: [losses(few, draw, second).mean().item() for draw in controls[k]] for k in COUNTS}
print(f"no head ablated: {base:.2f}")
for k in COUNTS:
    drawn = ", ".join(f"{value:.2f}" for value in control_loss[k])
    print(f"top {k:2}: {top_loss[k]:5.2f}    controls: {drawn}")
strays = [f"{layer}.{head}" for draw in controls[1] + controls[2] for layer, head in draw if (layer, head) in ranked]
print("induction heads among the controls of the top 1 and 2:", ", ".join(strays) or "none")

# %% jupyter={"source_hidden": true}
fig, ax = plt.subplots(figsize=(7.5, 3.8))
ax.plot(
    (0, *COUNTS), [base, *top_loss.values()], "o-", color=COLORS["red"], label="heads with the highest induction score"
)
for k in COUNTS:
    label = "control: other heads of the same layers" if k == 1 else None
    ax.plot([k] * DRAWS, control_loss[k], "x", color=COLORS["grey"], label=label)
ax.axhline(first_copy, color=COLORS["black"], linewidth=0.9, linestyle=":")
ax.text(0.1, first_copy - 0.9, "first copy", fontsize=9)
ax.set_xlabel("heads ablated")
ax.set_ylabel("loss on the second copy (nats)")
ax.set_ylim(0, 15)
ax.set_title("Without ten induction heads the model uses little of the first copy")
ax.legend(loc="center right")
show(
    fig,
    alt=f"Loss on the second copy against the number of ablated heads. Induction heads: {base:.1f} rises to "
    f"{top_loss[10]:.1f} with ten. Controls stay between {min(min(v) for v in control_loss.values()):.1f} and "
    f"{max(max(v) for v in control_loss.values()):.1f}.",
)

# %% [markdown]
# Head 18.6 alone costs more than any control of ten heads, and the ten heads many times as much. With ten of 270 heads
# gone the loss is nearer to that of the first copy than to that of the second. So induction heads are necessary for
# most of what the model gains from the repetition. One thing about the control: it holds *other heads of these layers*,
# and some of those may be induction heads too. One of the draws for the top 2 contains 17.5.
#
# ## 10 · Composition: heads that build on heads
#
# An induction head must know, at each position, which token came *before* it. But its keys are made from the stream
# at one position. Somebody has to bring the previous token there first: a **previous-token head** in an earlier layer.
# When a later head reads what an earlier one wrote, they **compose**. There are three ways: the earlier output becomes
# part of the later head's queries (**Q-composition**), keys (**K**) or values (**V**). Induction needs K.
#
# Which earlier head serves as the previous-token head? By their patterns there are two candidates, 16.0 and 11.1, with
# nearly the same score. A **composition score** measures how much of what one head writes lies
# where the other reads.

# %%
predict(
    "circuits.composition",
    "16.0 and 11.1 look at the previous token alike. What do the composition scores with induction head 17.4 say?",
    ["both are high", "one is high, the other is not", "neither: weights of a real model are too noisy"],
)

# %% exercise="circuits.composition_scores"

# %% exercise="circuits.rotated_baseline"


# %%
def circuit_matrices(layer, head):
    """QK and OV of a head, with the gain of the norm in front folded in."""
    attention, gain = model.blocks[layer].attn, norms.attention_norm(model, layer).gain[:, None]
    return circuits.qk_ov(gain * attention.W_Q, gain * attention.W_K, gain * attention.W_V, attention.W_O, head)


reader = (17, 4)
reader_qk, reader_ov = circuit_matrices(*reader)
earlier = [(layer, head) for layer in range(reader[0]) for head in range(N_HEADS)]
composed = {where: circuits.composition_scores(circuit_matrices(*where)[1], reader_qk, reader_ov) for where in earlier}
baseline = circuits.rotated_baseline(circuit_matrices(16, 0)[1], reader_qk.T, 10, seed=0)
print(f"baseline, 16.0 turned at random: {baseline.mean():.3f}, standard deviation {baseline.std():.4f}")
for kind in "QKV":
    values = torch.tensor([composed[where][kind] for where in earlier])
    best = sorted(earlier, key=lambda where: -composed[where][kind])[:3]
    listed = ", ".join(f"{layer}.{head} {composed[layer, head][kind]:.3f}" for layer, head in best)
    print(
        f"{kind}: median of 153 earlier heads {values.median():.3f}; highest {listed}; 11.1 {composed[11, 1][kind]:.3f}"
    )
ov_16 = head_weights.ov(model, 16, 0)
rotated = [head_weights.composition_score(ov_16, head_weights.qk(model, *reader, distance=d).T) for d in (0, 1, 47)]
print("K-composition with 16.0 at distances 0, 1 and 47:", ", ".join(f"{value:.3f}" for value in rotated))

# %% jupyter={"source_hidden": true}
fig, axes = plt.subplots(1, 3, figsize=(9, 3.4), sharey=True)
for ax, kind in zip(axes, "QKV", strict=True):
    for where in earlier:
        special = {(16, 0): "red", (11, 1): "blue"}.get(where)
        ax.plot(
            where[0],
            composed[where][kind],
            "o",
            markersize=6 if special else 3,
            color=COLORS[special or "grey"],
            alpha=1 if special else 0.6,
        )
    ax.axhline(baseline.mean(), color=COLORS["black"], linewidth=0.9, linestyle=":")
    ax.set_title(f"{kind}-composition")
    ax.set_xlabel("layer of the earlier head")
axes[0].set_ylabel("composition score with 17.4")
axes[1].text(12.2, composed[16, 0]["K"], "16.0", color=COLORS["red"], fontsize=9, va="center")
axes[1].text(9.5, composed[11, 1]["K"] + 0.005, "11.1", color=COLORS["blue"], fontsize=9)
fig.suptitle(
    "Of 153 earlier heads, 17.4's keys read 16.0 far more than any other", fontweight="bold", x=0.01, ha="left"
)
show(
    fig,
    alt=f"Composition scores of every earlier head with 17.4. K: 16.0 at {composed[16, 0]['K']:.3f}, the next at "
    f"{sorted(c['K'] for c in composed.values())[-2]:.3f}; the line of chance at {baseline.mean():.3f}. "
    "Q and V show smaller scores.",
)

# %% [markdown]
# The weights single out 16.0, and in the keys above all. 11.1 is the second of 153 there, but it lies just above the
# crowd. (These are the scores at distance 0. 17.4 looks 47 positions back here; the rotation hardly matters.) Chance is
# not the right measure for the crowd, by the way: most real heads are above it, since all heads of a model use some
# directions more than others. Compare with the other heads, too.
#
# But a composition score knows nothing of data: it says that 17.4's keys *can* read 16.0. Whether the model uses it is
# a question for an intervention. We ablate each of the four earlier heads that look at the previous token most, and
# read the induction scores of layers 17 and 18.

# %%
INDUCTION = [(17, 3), (17, 4), (17, 5), (18, 6), (18, 7)]


def induction_after(hooks):
    """Induction scores of the five heads in a run with these hooks."""
    with activations.replace(model, hooks) if hooks else contextlib.nullcontext():
        found = type_scores(few, layers=(17, 18))["induction"]
    return {(layer, head): found[layer - 17, head].item() for layer, head in INDUCTION}


def ablation(*where):
    return {f"blocks.{layer}.attn.hook_z": circuits.mean_ablation_hook([head]) for layer, head in where}


suspects = sorted(earlier, key=lambda where: -types["previous token"][where])[:4]
intact = induction_after({})
after = {where: induction_after(ablation(where)) for where in suspects}
loss_after = {where: losses(few, [where], second).mean().item() for where in suspects}
print("ablated   previous-token score   loss       " + "   ".join(f"{layer}.{head}" for layer, head in INDUCTION))
print(f"{'none':25} {base:11.2f}      " + "   ".join(f"{intact[w]:.2f}" for w in INDUCTION))
for where in suspects:
    scores = "   ".join(f"{after[where][w]:.2f}" for w in INDUCTION)
    name = f"{where[0]}.{where[1]}"
    print(f"{name:8} {types['previous token'][where]:16.2f} {loss_after[where]:11.2f}      {scores}")
same_layer = [induction_after(ablation((16, head)))[17, 4] for head in range(1, 9)]
print(f"\n16.1 to 16.8, one by one: the score of 17.4 stays between {min(same_layer):.2f} and {max(same_layer):.2f}")

# %% exercise="circuits.which_conclusion"

# %% [markdown]
# 11.1 is five layers away from 16.0, so the other heads of layer 16 are a control too. None of them changes
# 17.4's score by much.
#
# Now the way from 16.0 to 17.4. We take a run in which 16.0 is ablated, and carry *only* its queries, *only* its keys
# or *only* its values of layer 17 into an intact run. The heads 17.3, 17.4 and 17.5 share key-value head 1. That
# is why all three fall together. (Values cannot change where a head of the same layer looks. That line is a check
# that the method makes nothing up.)
#
# These keys also contain what MLP 16 made of 16.0's output. So we make two more sets of keys. From the stream of the
# intact run we take out only the vector that 16.0 itself wrote. And to the stream of the run without 16.0 we add only
# that vector.

# %%
parts_of_17 = {part: f"blocks.17.attn.hook_{part}" for part in ("q", "k", "v")}
enters_17 = "blocks.17.hook_resid_pre"
with activations.replace(model, ablation((16, 0))):
    without = activations.run_with(model, few, [*parts_of_17.values(), enters_17])
whole = activations.run_with(model, few, ["blocks.16.attn.hook_z", enters_17])
z_of_16 = whole["blocks.16.attn.hook_z"][:, :, 0]
own_vector = (z_of_16 - z_of_16.mean(dim=(0, 1))) @ model.blocks[16].attn.W_O[0]


def keys_from(stream):
    normed = norms.attention_norm(model, 17)(stream)
    return torch.einsum("bpm,hmd->bphd", normed, model.blocks[17].attn.W_K)


keys_less_vector, keys_with_vector = (
    keys_from(whole[enters_17] - own_vector),
    keys_from(without[enters_17] + own_vector),
)


def only_key_head_1(keys, hook):
    changed = keys.clone()
    changed[:, :, 1] = without[parts_of_17["k"]][:, :, 1]
    return changed


carried = {
    "queries": induction_after({parts_of_17["q"]: lambda activation, hook: without[parts_of_17["q"]]}),
    "values": induction_after({parts_of_17["v"]: lambda activation, hook: without[parts_of_17["v"]]}),
    "keys": induction_after({parts_of_17["k"]: lambda activation, hook: without[parts_of_17["k"]]}),
    "keys, head 1": induction_after({parts_of_17["k"]: only_key_head_1}),
    "keys, less only 16.0's own vector": induction_after({parts_of_17["k"]: lambda keys, hook: keys_less_vector}),
    "keys without 16.0, plus its vector": induction_after({parts_of_17["k"]: lambda keys, hook: keys_with_vector}),
}
print(f"{'intact':36}" + "   ".join(f"{layer}.{head} {intact[layer, head]:.2f}" for layer, head in INDUCTION[:3]))
for name, found in carried.items():
    print(f"{name:36}" + "   ".join(f"{layer}.{head} {found[layer, head]:.2f}" for layer, head in INDUCTION[:3]))

# %% jupyter={"source_hidden": true}
fig, ax = plt.subplots(figsize=(7.5, 3.6))
bars = [("intact", intact), ("11.1 ablated", after[11, 1]), ("16.0 ablated", after[16, 0])]
bars += [
    (f"only {name} of layer 17\nfrom the run without 16.0", carried[name]) for name in ("queries", "values", "keys")
]
for place, where in enumerate(INDUCTION[:3]):
    ax.barh(
        [row + 0.25 * (place - 1) for row in range(len(bars))],
        [found[where] for _, found in bars],
        height=0.22,
        color=[COLORS["blue"], COLORS["sky"], COLORS["green"]][place],
        label=f"{where[0]}.{where[1]}",
    )
ax.set_yticks(range(len(bars)), [name for name, _ in bars])
ax.invert_yaxis()
ax.set_xlabel("induction score")
ax.set_title("16.0 acts through the keys of layer 17")
ax.set_xlim(0, 1)
ax.legend(loc="lower right")
show(
    fig,
    alt="Induction scores of 17.3, 17.4 and 17.5: "
    + "; ".join(f"{name.replace(chr(10), ' ')}: {found[17, 4]:.2f} for 17.4" for name, found in bars)
    + ".",
)

# %% [markdown]
# The score made a forecast, and it held: 17.4's keys read 16.0, and directly. The score makes another one. For 18.6,
# two earlier heads stand out in K-composition.

# %%
for_186 = head_weights.composition_scores(model, "K", (18, 6))
print("K-composition with 18.6:", ", ".join(f"{h} {s:.3f}" for h, s in heads.top_heads(for_186, 4)))
pairs = {
    "none": (),
    "17.8": ((17, 8),),
    "16.0": ((16, 0),),
    "16.0 and 17.8": ((16, 0), (17, 8)),
    "16.0 and 11.1": ((16, 0), (11, 1)),
}
pair_scores = {name: induction_after(ablation(*where)) for name, where in pairs.items()}
print(f"previous-token score of 17.8: {types['previous token'][17, 8]:.2f}")
for name, found in pair_scores.items():
    print(f"mean-ablated {name:14} induction score of 18.6: {found[18, 6]:.2f}, of 18.7: {found[18, 7]:.2f}")

# Another ablation: the head's z is exchanged for its z on other random tokens
other_ids = heads.repeated_tokens(model, n=len(few), length=N, seed=1).ids


def resampled(layer, head):
    name = f"blocks.{layer}.attn.hook_z"
    elsewhere = activations.run_with(model, other_ids, name)[name][:, :, head].clone()

    def exchange_z(z, hook):
        changed = z.clone()
        changed[:, :, head] = elsewhere
        return changed

    return {name: exchange_z}


resampled_scores = {where: induction_after(resampled(*where)) for where in ((17, 8), (16, 0))}
for (layer, head), found in resampled_scores.items():
    name = f"{layer}.{head}"
    print(f"resampled    {name:14} induction score of 18.6: {found[18, 6]:.2f}, of 18.7: {found[18, 7]:.2f}")
loss_178 = losses(few, [(17, 8)], second).mean().item() - base
with activations.replace(model, resampled(17, 8)):
    loss_178_resampled = losses(few, (), second).mean().item() - base
print(f"17.8 alone, rise of the loss: mean-ablated {loss_178:+.2f}, resampled {loss_178_resampled:+.2f}")

# %% [markdown]
# 17.8 is no strong previous-token head. Without it the scores fall a little. But with 16.0 gone, what is left of 18.6's
# induction hangs on 17.8: both together bring it to nothing. One mean ablation at a time would have made 17.8 look
# minor. The picture depends on the ablation, though. When 16.0's output is exchanged for that of other texts, 18.6
# falls to almost nothing at once: with a *wrong* previous token in place of an average one, 17.8 saves little. And
# exchanged like this, 17.8 costs more even alone. 11.1 is nothing of the kind: without 16.0 *and* 11.1 the scores are
# as without 16.0 alone.
#
# ## 11 · How induction heads come to be
#
# Olsson et al. watched language models while they were trained. SmolLM2's early checkpoints are not at hand. So we use
# an **organism**, a small model of our own whose mechanism we know: 2 layers of 4 heads, attention only, trained for
# 4000 steps on a synthetic language of 64 tokens. In this language some tokens are frequent, each token has likely
# successors, and spans of the text come back later. Only the last can be learnt by induction. A model with 1 layer is
# the control.
#
# How much does a model learn from its context? Olsson et al. compare the loss late in a text with the loss early.

# %% exercise="circuits.in_context_score"

# %%
predict(
    "circuits.when_induction",
    "How does the in-context score of the 2-layer model develop in training?",
    ["steadily from the start to the end", "little for long, then fast", "at once, in the first 100 steps"],
)

# %% [markdown]
# **Prefix matching** is what Olsson et al. call the attention to what followed the earlier copy: our induction score,
# here on texts of the synthetic language.

# %%
language = measures.held_out().ids  # 128 texts that no training step saw
EARLY, LATE = list(range(8, 16)), list(range(48, 64))
print("step    in-context score   prefix matching, layer 1     previous token, layer 0")
history = {layers: organisms.induction_history(layers) for layers in (1, 2)}
for step in (0, 400, 1000, 1200, 1300, 1400, 1600, 2000, 4000):
    score = circuits.in_context_score(organisms.induction_model(step)(language), language, EARLY, LATE)
    at = history[2]["step"].index(step)
    prefix = "  ".join(f"{value:.2f}" for value in history[2]["prefix_matching"][at][1])
    before = "  ".join(f"{value:.2f}" for value in history[2]["previous_token"][at][0])
    print(f"{step:4} {score:+14.2f}          {prefix}       {before}")
control_score = circuits.in_context_score(organisms.induction_model(4000, layers=1)(language), language, EARLY, LATE)
print(
    f"1 layer, step 4000: in-context score {control_score:+.2f}, "
    f"highest prefix matching {max(history[1]['prefix_matching'][-1][0]):.2f}"
)

# %%
fig, axes = plt.subplots(3, 1, figsize=(7.5, 6.6), sharex=True)
for layers, dash in ((2, "-"), (1, "--")):
    past, word = history[layers], "2 layers" if layers == 2 else "1 layer"
    axes[0].plot(past["step"], past["loss_copied"], dash, color=COLORS["red"], label=f"copied tokens, {word}")
    axes[0].plot(past["step"], past["loss_fresh"], dash, color=COLORS["grey"], label=f"other tokens, {word}")
    axes[1].plot(past["step"], past["in_context"], dash, color=COLORS["blue"], label=word)
for head in range(4):
    line = [value[1][head] for value in history[2]["prefix_matching"]]
    axes[2].plot(
        history[2]["step"], line, color=COLORS["orange"], label="prefix matching, layer 1" if head == 0 else None
    )
    line = [value[0][head] for value in history[2]["previous_token"]]
    axes[2].plot(
        history[2]["step"],
        line,
        color=COLORS["green"],
        linewidth=1.2,
        label="previous token, layer 0" if head == 0 else None,
    )
score_at = dict(zip(history[2]["step"], history[2]["in_context"], strict=True))
START, END = 1100, 1600
for ax in axes:
    ax.axvspan(START, END, color=COLORS["yellow"], alpha=0.25, linewidth=0)
    ax.legend(loc="upper right", fontsize=8, ncols=2)
axes[0].set_ylabel("loss (nats)")
axes[0].set_ylim(0, 5.6)
axes[1].set_ylim(-1, 0.3)
axes[2].set_ylim(0, 1.3)
axes[1].set_ylabel("in-context score (nats)")
axes[2].set_ylabel("score, one line a head")
axes[2].set_xlabel("training step")
axes[0].set_title(f"Induction heads form within {END - START} of 4000 training steps")
in_window = (score_at[END] - score_at[START]) / (score_at[4000] - score_at[0])
show(
    fig,
    alt=f"Three panels over 4000 steps. Between steps {START} and {END} the loss on copied tokens, the in-context "
    f"score and the prefix-matching scores of all layer-1 heads change together: {in_window:.0%} of the change of the "
    "in-context score. The 1-layer model shows none of this.",
)
print(
    f"in-context score at steps 0, {START}, {END}, 4000: "
    + ", ".join(f"{score_at[s]:+.2f}" for s in (0, START, END, 4000))
)
print(f"share of the change between {START} and {END}: {in_window:.0%}")
control_at = dict(zip(history[1]["step"], history[1]["in_context"], strict=True))
ahead = {step: score_at[step] - control_at[step] for step in (0, START, END, 4000)}
beyond_control = (ahead[END] - ahead[START]) / (ahead[4000] - ahead[0])
print(f"of the lead over the 1-layer model: {beyond_control:.0%}")

# %% [markdown]
# Olsson et al. report that induction heads appear early in training, within a short time, and that the models get
# better at using their context at the same time. Here it looks much like that. For a thousand steps the model learns
# frequencies and successors, and its in-context score moves little. Then, in an eighth of the training, come
# previous-token attention in head 0.1, prefix matching in layer 1, and a large part of the gain from context. (0.1
# goes on sharpening long after. And we chose the window by eye, after the run.) In two other runs, with other seeds
# and data, induction heads formed too, some hundred steps earlier or later. The one-layer control has the same data
# and no such step. It cannot: an induction head needs a head before it. (Its small gain may come from knowing which
# tokens are frequent in this text; we did not test that.) The loss on *other* tokens gets slightly worse: the model
# now expects copies where there are none.
#
# Together in time is not the same as cause: for that, one would have to prevent the heads and see whether the gain
# stays away. The control does a little of that.
#
# Here are the weights that training found: the copying scores and compositions of the finished model.

# %%
organism = organisms.induction()
organism_copying = head_weights.full_ov_copying(organism)[1]
print("copying scores of layer 1:", ", ".join(f"{value:.3f}" for value in organism_copying.tolist()))
chance = head_weights.composition_baseline(organism)
for kind in "QKV":
    for reading in range(4) if kind == "K" else (1,):
        scores = head_weights.composition_scores(organism, kind, (1, reading))[0]
        listed = ", ".join(f"{value:.2f}" for value in scores.tolist())
        print(f"{kind}-composition of 0.0 to 0.3 with 1.{reading}: {listed}   (chance {chance.mean:.2f})")

# %% [markdown]
# In these two respects the small model is as Elhage et al. describe it: the heads of layer 1 copy almost perfectly,
# and the keys of all four read head 0.1 more than the others. The scores look low beside chance. How high can they be?
# Section 12 has a pair of heads that compose perfectly. Compare with their score. Move through the training yourself.

# %%
checkpoint_view = checkpoints.CheckpointView()
checkpoints.explore(checkpoint_view)

# %%
show(
    checkpoint_view.figure(1300, title="Step 1300: in the middle of the change the stripe appears"),
    alt=checkpoint_view.words(1300) + " Head 1.1 begins to attend to what followed the earlier copy.",
)

# %% [markdown]
# ## 12 · An induction head by hand
#
# If we understand the mechanism, we can build it. Take a transformer of two layers with one head each, no MLPs, no
# norms, and cut its stream into four subspaces:
#
# | subspace | holds | written by |
# |---|---|---|
# | `token` | which token stands here | the embedding |
# | `position` | where we are | the position embedding |
# | `previous` | which token stands one position before | head 0.0 |
# | `next` | which token comes next | head 1.0; the unembedding reads it |
#
# Each subspace has one axis an item, and 1 on an axis means "this one". You write the eight matrices of the two heads.

# %% exercise="circuits.previous_token_head"

# %% exercise="circuits.induction_head"


# %%
def by_hand_model(strength, spaces):
    """Two layers of one head each, from your weights."""
    both = zip(circuits.previous_token_head(spaces, strength), circuits.induction_head(spaces, strength), strict=True)
    W_Q, W_K, W_V, W_O = ([[first], [second]] for first, second in both)
    return organisms.assemble(
        W_E=by_hand.embedding(spaces),
        W_pos=by_hand.positions(spaces),
        W_U=by_hand.unembedding(spaces),
        W_Q=W_Q,
        W_K=W_K,
        W_V=W_V,
        W_O=W_O,
    )


spaces = organisms.Spaces(vocabulary=26, context=32)
twice = organisms.repeated(64, 15, seed=1, vocabulary=26)


def right_token(model):
    """Mean probability of the right token in the second copy (from its second token on), how often it is highest."""
    logits = model(twice)[:, 16:-1]
    probability = logits.softmax(dim=-1).gather(-1, twice[:, 17:, None]).mean().item()
    return probability, (logits.argmax(dim=-1) == twice[:, 17:]).float().mean().item()


by_strength = {
    strength: right_token(by_hand_model(strength, spaces)) for strength in (0.0, 1.0, 2.0, 4.0, 6.0, 10.0, 20.0)
}
for strength, (probability, top) in by_strength.items():
    print(f"strength {strength:4.0f}: probability of the right token {probability:.3f}, most probable in {top:.0%}")
mine = by_hand_model(20.0, spaces)
mute = organisms.assemble(**{**mine.weights, "W_O": mine.W_O * torch.tensor([0.0, 1.0])[:, None, None, None]})
print(f"without head 0.0: {right_token(mute)[0]:.3f}")
hand_heads = [circuits.qk_ov(mine.W_Q[layer], mine.W_K[layer], mine.W_V[layer], mine.W_O[layer], 0) for layer in (0, 1)]
hand_composition = circuits.composition_scores(hand_heads[0][1], *hand_heads[1])
print("composition of 0.0 with 1.0:", ", ".join(f"{kind} {value:.2f}" for kind, value in hand_composition.items()))

# %% jupyter={"source_hidden": true}
fig, axes = plt.subplots(1, 2, figsize=(8.4, 4.4))
letters = ["•"] + [chr(96 + token) for token in twice[0, 1:].tolist()]
_, cache = mine.run_with_cache(twice[:1], names_filter=[pattern_name(0), pattern_name(1)])
for layer, ax in enumerate(axes):
    ax.grid(False)
    ax.imshow(cache[pattern_name(layer)][0, 0], vmin=0, vmax=1, cmap="Blues")
    ax.set_xticks(range(31), letters, fontsize=7.5)
    ax.set_yticks(range(31), letters, fontsize=7.5)
    ax.set_xlabel("attends to")
axes[0].set_ylabel("token")
axes[0].set_title("0.0: one position back")
axes[1].set_title("1.0: to what followed this token")
fig.suptitle(
    "Two heads written by hand predict every repeated token, from the second on", fontweight="bold", x=0.01, ha="left"
)
show(
    fig,
    alt="Attention of the hand-written heads on 15 letters that come twice. Head 0.0: the diagonal below the main one. "
    "Head 1.0: spread evenly in the first copy, a sharp stripe in the second.",
    caption="• is the start mark.",
)

# %% [markdown]
# Eight matrices with a single block each, and the model predicts what it has never seen. The K-composition is perfect
# here, and its score is low all the same: a score of 1 needs matrices of rank 1, and these carry 26 tokens (1/√26 is
# 0.20). Two more things to notice. First, the strength matters: attention is soft, and with small scores the right
# position drowns among thirty others. Second, in the first copy head 1.0 finds nothing and spreads its attention evenly
# over everything. A real model solves that differently: there, heads with nothing to find attend to the start mark.
#
# ## 13 · Limits: how heads fool people
#
# **An attention pattern is not an explanation.** A large part of all attention goes to the start mark. Read as "what
# the head uses", that says the start mark is the most important token of all. We remove what the heads gather there:
# the value vectors of position 0 are set to zero, first in the upper layers, 16 to 29, then in the lower ones. For
# comparison we do the same to position 10, one of the 48 of the first copy, in the upper layers.

# %%
upper = range(16, N_LAYERS)
lower = range(16)
from_second = {
    pattern_name(layer): lambda p: p[:, :, N + 1 :, [0, 10]].mean(dim=(0, 1, 2)) for layer in range(N_LAYERS)
}
by_layer = torch.stack(list(reducing.reduce_with(model, models.as_tokens(model, few), from_second).values()))
shares, lower_shares = by_layer[16:].mean(dim=0), by_layer[:16].mean(dim=0)


def loss_without_values_at(position, layers=upper):
    def silence(values, hook):
        changed = values.clone()
        changed[:, position] = 0
        return changed

    with activations.replace(model, {f"blocks.{layer}.attn.hook_v": silence for layer in layers}):
        return losses(few, (), second).mean().item()


without_start = loss_without_values_at(0)
without_tenth = loss_without_values_at(10)
without_start_below = loss_without_values_at(0, lower)
print(f"loss of the second copy {base:.2f}")
print(f"layers 16 to 29, without the values of the start mark, {shares[0]:.0%} of the attention: {without_start:.2f}")
print(f"layers 16 to 29, without the values of position 10, {shares[1]:.1%} of the attention: {without_tenth:.2f}")
print(f"layers 0 to 15, without the values of the start mark, {lower_shares[0]:.0%}: {without_start_below:.2f}")
sizes = activations.run_with(model, few, ["blocks.20.attn.hook_v"])["blocks.20.attn.hook_v"].norm(dim=-1)
ratio = (sizes[:, 0].mean() / sizes[:, 1:].mean()).item()
print(f"layer 20: the start mark's value vectors are {ratio:.2f} times as long as those of other positions")

# %% [markdown]
# In the upper layers, all that attention costs about as much as the little that goes to one ordinary position. (There
# the loss is of another kind: few tokens look at that position, but those need it entirely.) What a head
# moves is attention times value, and in layer 20 the start mark's values are short. So there heads with nothing to find
# seem to rest on it: a softmax must put its weight somewhere.
#
# But this held in the upper half only. In the lower layers the same surgery ruins the model, though the start mark gets
# no more of the attention there. Setting its values to zero also changes its own stream, and so what all later layers
# see at position 0. So "heads only rest there" has to be tested too, layer by layer. A picture of attention shows where
# a head looks, not what it takes. Norm-weighted patterns or an intervention show more.
#
# **A high score is not use.** The ten heads with the highest induction scores, each ablated alone:

# %%
four = few[:4]
base_four = losses(four, (), second).mean().item()
alone = {where: losses(four, [where], second).mean().item() - base_four for where in ranked}
fig, ax = plt.subplots(figsize=(7.5, 4))
for where, cost in alone.items():
    score = types["induction"][where].item()
    ax.plot(score, cost, "o", color=COLORS["blue"])
    below = where == (22, 7)  # 23.8 lies just above it
    offset = (8, -4) if below else (5, 4)
    ax.annotate(f"{where[0]}.{where[1]}", (score, cost), xytext=offset, textcoords="offset points", fontsize=9)
ax.axhline(0, color=COLORS["black"], linewidth=0.9)
ax.set_xlabel("induction score: mean attention to what followed the earlier copy")
ax.set_ylabel("rise of the loss when ablated alone (nats)")
ax.set_title("Heads with like scores matter very differently")
show(
    fig,
    alt="Induction score against the cost of ablation. "
    + ", ".join(f"{at[0]}.{at[1]}: score {types['induction'][at]:.2f}, cost {cost:.2f}" for at, cost in alone.items())
    + ".",
)
for where, cost in alone.items():
    print(f"{where[0]}.{where[1]}: score {types['induction'][where]:.2f}, cost {cost:+.2f} nats")

# %% [markdown]
# Mean-ablated, 17.4 looks where 17.3 looks and costs far less. 18.7 scores less than both and costs more than either.
# (With another ablation the sizes change, see section 10.) A score says where a head looks. What it moves, and whether
# anybody reads that, are other questions.
#
# **And a small effect is not a small role.** Remember 17.8. Mean-ablated alone it cost little, and without 16.0 it
# carried what was left of 18.6. Parts that stand in for each other hide in single ablations. Chapter 07 comes back to
# this.
#
# What else to keep in mind: repeated random tokens are no natural text, and heads that are induction heads here may do
# other things elsewhere. Mean ablation leaves the head's average in place, and other averages give other numbers. All
# of this is one small model.
#
# ## 14 · What we found
#
# %% jupyter={"source_hidden": true}
less_vector = "keys, less only 16.0's own vector"
best_k = composed[16, 0]["K"]
next_k = sorted((scores["K"] for where, scores in composed.items() if where != (16, 0)), reverse=True)[0]
top_writers = [part_names[i] for i in mean_share.argsort(descending=True)[:3].tolist()]
claims_table(
    [
        {
            "claim": "Circuits can be read from the weights, and the reading predicts",
            "paper": "yes, by examples from InceptionV1 (Olah et al. 2020)",
            "measured": f"one unit of one small network: bar at the top {answers['intact'][0]:.1f}, below it "
            f"{answers['intact'][1:7].mean():.1f}; without channel 1, as predicted, "
            f"{answers['without 1'][1:7].mean():.1f} below it. Three of three predictions held, one of them sharp",
            "verdict": "partly",
        },
        {
            "claim": "Universality: the same features form in different networks",
            "paper": "a speculative claim (Olah et al. 2020)",
            "measured": f"nearest unit of {len(SEEDS)} other networks: correlation "
            f"{', '.join(f'{value:.2f}' for value in likeness['trained'])}; untrained ones "
            f"{', '.join(f'{value:.2f}' for value in likeness['untrained'])}",
            "verdict": "partly",
        },
        {
            "claim": "The residual stream is a sum of what all parts write",
            "paper": "yes (Elhage et al. 2021)",
            "measured": f"{n_parts} parts (and {n_biases} biases of zero) add up to the stream within 1e-5: "
            f"{off < 1e-5}",
            "verdict": "held",
        },
        {
            "claim": "Read by the unembedding, the stream nears the model's answer layer by layer",
            "paper": "gradually, on ordinary text, in GPT-2 (nostalgebraist 2020)",
            "measured": "first token as at the end, after layers 9, 19, 25, 28: "
            f"{', '.join(f'{agreement[stage]:.2f}' for stage in (10, 20, 26, 29))} of {len(said_last)} positions. "
            f"One special answer comes in one step: IO against S {lens[jump]:+.1f} before layer {jump}, "
            f"{lens[jump + 1]:+.1f} after it",
            "verdict": "held",
        },
        {
            "claim": "Few late heads write the answer, and some write against it",
            "paper": "name movers and negative name movers in GPT-2 (Wang et al. 2022)",
            "measured": f"{large} of {n_parts} parts have more than a tenth of {total:.2f}, first "
            f"{', '.join(top_writers)}; lowest {part_names[mean_share.argmin().item()]} with {mean_share.min():+.2f}. "
            f"23.3 is no name mover: it attends to S2 and lowers S. The name movers 23.0, 23.1 and 23.2 write "
            f"{movers:+.2f} (IO first {movers_by_order[0]:+.2f}, S first {movers_by_order[1]:+.2f}), the MLPs "
            f"{mlps_sum:+.2f}",
            "verdict": "partly",
        },
        {
            "claim": "Heads copy: the eigenvalues of the full OV circuit are positive",
            "paper": "10 of 12 heads of a one-layer model; induction heads of small models (Elhage et al. 2021)",
            "measured": f"our 2-layer organism: all four induction heads {organism_copying.min():.2f} or more. "
            f"SmolLM2: {positive_share:.0%} of the heads are positive, the five clearest induction heads "
            f"{min(five):+.2f} to {max(five):+.2f}. With the stream after block 0 for W_E: 23.0 "
            f"{by_difference[23, 0]:+.2f}, 18.6 {by_difference[18, 6]:+.2f}, 17.4 {by_difference[17, 4]:+.2f}",
            "verdict": "partly",
        },
        {
            "claim": "Language models have induction heads",
            "paper": "in every transformer with two layers or more that was looked at (Olsson et al. 2022)",
            "measured": f"{int((types['induction'] > 0.4).sum())} of 270 heads above 0.4, highest 18.6 with "
            f"{types['induction'][18, 6]:.2f}; loss on a repeated random text {first_copy:.1f}, then {second_copy:.1f}",
            "verdict": "held",
        },
        {
            "claim": "The model's gain from the earlier copy depends on them",
            "paper": "ablation reduces in-context learning, causal in small models (Olsson et al. 2022)",
            "measured": f"loss {base:.1f}; without the top 2, 5, 10: {top_loss[2]:.1f}, {top_loss[5]:.1f}, "
            f"{top_loss[10]:.1f}; controls of ten heads: at most {max(control_loss[10]):.1f}",
            "verdict": "held",
        },
        {
            "claim": "Induction is K-composition with a previous-token head, and the weights show it",
            "paper": "highest K-composition with the previous-token head of a two-layer model (Elhage et al. 2021)",
            "measured": f"17.4 with 16.0: {best_k:.3f}, the next of 153 heads {next_k:.3f}, chance "
            f"{baseline.mean():.3f}. Keys from the run without 16.0: 17.4's score {intact[17, 4]:.2f} → "
            f"{carried['keys'][17, 4]:.2f}; queries: {carried['queries'][17, 4]:.2f}; keys less only 16.0's own "
            f"vector: {carried[less_vector][17, 4]:.2f}",
            "verdict": "held",
        },
        {
            "claim": "To look at the previous token is not enough to serve induction (our own question)",
            "paper": "—",
            "measured": f"16.0 and 11.1 score {types['previous token'][16, 0]:.2f} and "
            f"{types['previous token'][11, 1]:.2f}; without them the loss is {loss_after[16, 0]:.1f} and "
            f"{loss_after[11, 1]:.1f} (intact {base:.1f})",
            "verdict": "held",
        },
        {
            "claim": "Induction heads form abruptly, and in-context learning with them",
            "paper": "within a narrow window early in training (Olsson et al. 2022)",
            "measured": f"organism, steps {START} to {END} of 4000, a window chosen afterwards: all heads of layer 1 "
            f"form; {in_window:.0%} of the change of the score, {beyond_control:.0%} of the lead over one layer",
            "verdict": "partly",
        },
        {
            "claim": "One-layer models do not form them",
            "paper": "no induction heads, no abrupt change (Olsson et al. 2022)",
            "measured": f"highest prefix-matching score {max(history[1]['prefix_matching'][-1][0]):.2f}; "
            f"in-context score {history[1]['in_context'][-1]:+.2f} against "
            f"{history[2]['in_context'][-1]:+.2f} with two layers",
            "verdict": "held",
        },
        {
            "claim": "The mechanism is enough: two heads can be written down",
            "paper": "described by Elhage et al. 2021",
            "measured": f"from the second repeated token on, probability of the right one "
            f"{by_strength[20.0][0]:.3f}; without head 0.0 {right_token(mute)[0]:.3f}",
            "verdict": "held",
        },
    ]
)

# %% [markdown]
# ## Further work
#
# These have no reference solution.
#
# 1. **What do 18.6 and 17.3 hand on?** They hardly write the token's own logit, and yet without them the second copy
#    is lost. Which later heads read what they write? Start with composition scores of 18.6 with the heads of layers 19
#    to 24. Make a forecast from the weights, and test it by carrying queries, keys or values from an ablated run.
# 2. **Prevent it.** Train the two-layer organism (`mi_tutor/lab/organisms/train_induction.py` shows how) so that
#    induction heads cannot form, for example with the attention of layer 0 held even. Does the in-context score stay
#    where the one-layer control is? Or make it easier: let layer 0 begin as a previous-token head. Does the change
#    come earlier? Use several seeds before you believe an answer.
#
# Next, chapter 04: what is encoded in a vector, and is it used?
