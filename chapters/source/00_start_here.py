# %% [markdown]
# # 00 · Start here
#
# **How do I look inside, and change one thing?**
#
# Nobody wrote the program that a language model runs. It was found by training, and it consists of numbers.
# Mechanistic interpretability asks what those numbers do. In this chapter you open a real model, SmolLM2 with its
# 135 million numbers. You read a vector out of it. You put another vector in its place, and the model moves Paris
# to Japan.
#
# | | |
# |---|---|
# | **You need** | Python: functions, lists, indexing. No machine learning. |
# | **Time** | 60 minutes with the reading, 4 exercises |
# | **You are here** | **00 start here** → 01 features → 02 superposition → … (`%progress` shows the map) |
#
# ## How this course works
#
# Each step is one round of four moves.
#
# 1. **Predict.** You pick an answer before you know it. A guess that can be wrong is what makes a result stick.
# 2. **Build.** You write a short function in an exercise cell.
# 3. **Check.** You run the cell. A card says what holds, what does not, and on which small input.
# 4. **Look.** Your function runs on the real model, and a figure answers your guess.
#
# The page comes with the outputs of our own runs, and yours replace them. So make each guess before you scroll on.
#
# Nobody gets these right at first try every time. These commands help; put one into an empty cell and run it.
#
# | command | what it does |
# |---|---|
# | `%hint` | gives the next hint, one small step at a time |
# | `%reveal` | shows the reference, which is our own solution |
# | `%skip` | goes on without: the reference answers, and you can come back |
# | `%undo` | brings back the version before your last change |
# | `%progress` | shows what is done and how many minutes are left |
#
# Without a name they apply to the exercise whose cell you ran last; `%hint start_here.swap_in` names one.
#
# You can close the notebook and go on tomorrow. Your answers are kept; the notebook's variables are not. Tomorrow,
# click the cell where you stopped and choose *Run → Run All Above Selected Cell*.
#
# **Now click the cell below and press Shift+Enter.** That runs a cell and goes to the next one. Do so with every
# cell. (Ctrl+Enter runs a cell and stays there.) Cells that only draw are folded: run them like the others. A click
# on the bar opens them.

# %%
# %load_ext mi_tutor
import matplotlib.pyplot as plt
import torch
from einops import reduce

from mi_tutor.exercises import start_here
from mi_tutor.lab import activations, models
from mi_tutor.lab.explorers import swapping
from mi_tutor.lab.figures import COLORS, claims_table, show, use_style
from mi_tutor.tutor.notebook import predict

use_style()

# %% [markdown]
# ## 1 · Vectors with names
#
# A **tensor** is a box of numbers. A list of numbers has one axis; a table has two, rows and columns; a tensor may
# have more. Its *shape* says how long each axis is. In this course every axis has a name.
#
# The tensor does not know the names. You give them in order, separated by spaces: the first name is the first axis.
# `reduce` from the library einops adds along axes that you name. Left of the arrow stand all axes. Right of the
# arrow stand those that stay. The others are summed away. Plain arithmetic acts on each number alone: `** 2`
# squares each, `** 0.5` takes the square root of each.

# %%
table = torch.tensor([[1.0, 2.0, 3.0], [10.0, 20.0, 30.0]])
print("shape:", tuple(table.shape))
print("one sum for each row:   ", reduce(table, "row column -> row", "sum"))
print("one sum for each column:", reduce(table, "row column -> column", "sum"))
print("table ** 2:          ", (table**2).tolist())
print("(table ** 2) ** 0.5: ", ((table**2) ** 0.5).tolist())

# %% [markdown]
# Now load the model. That takes a few seconds.
#
# The text that a model is to continue is called a **prompt**. A model does not read letters: the prompt is cut into
# **tokens**, words or pieces of words, each with a number of its own. A **position** is a place in the row of
# tokens, counted from 0. A **batch** is several texts run at once; here it is one.

# %%
model = models.load("smollm2")

TEMPLATE = "The city of {} is located in the country of"
paris = models.tokens(model, TEMPLATE.format("Paris")).ids
print("shape of paris:", tuple(paris.shape), "= batch, pos")
strings = models.token_strings(model, paris[0])
for position, (token, string) in enumerate(zip(paris[0].tolist(), strings, strict=True)):
    print(f"position {position:2d}   token {token:5d}   {string}")

# %% [markdown]
# A `·` stands for a space in front of a word. Position 0 is a start mark that stands in front of every text. Paris
# is at position 4. The model has to say what comes after the last position, 10.
#
# At each position the model keeps a **vector**, a list of 576 numbers. It starts as the vector that belongs to the
# token. Then 30 layers follow, numbered 0 to 29. Each layer reads the vectors and adds something to them. This
# running sum is called the **residual stream**, and its 576 numbers are the axis `d_model`. Whatever one layer
# tells a later one, it tells through the residual stream. A layer has two parts. *Attention* is the part that
# copies information from earlier positions; the *MLP* works on one position alone.
#
# Any tensor that a model computes while it runs is an **activation**, and each has a name.
# `blocks.16.hook_resid_pre` is the residual stream as it enters layer 16: `blocks.16` is the layer, `resid` the
# residual stream, and `pre` says before the layer. A `hook` is how one gets at it; that is part 3.

# %%
labels = [" 0  start mark", *(f"{p:2d}  {strings[p]}" for p in range(1, len(strings)))]  # for figures
MIDDLE = "blocks.16.hook_resid_pre"
resid = activations.run_with(model, paris, MIDDLE)[MIDDLE]
print(tuple(resid.shape), "= batch, pos, d_model")

# %% [markdown]
# These are 11 vectors, each a list of 576 numbers. But *length* means something else here: how far the vector
# reaches, seen as an arrow. It is the square root of the sum of the squares; [3, 4] has length 5. Predict first.

# %%
predict(
    "start_here.longest",
    "One of the 11 vectors entering layer 16 reaches far beyond the others. At which position does it stand?",
    ["0, the start mark", "4, Paris, which decides the answer", "10, the last, where the answer must come out"],
)

# %% [markdown]
# The next code cell is an exercise. Leave its first line, `@exercise` and the strings as they are.
# `Float[Tensor, "batch pos d_model"]` means a tensor of decimal numbers with these axes. The text in triple quotes
# says what the function must do. Replace `raise NotImplementedError` by your code, and run the cell. Use only the
# parameters, and what the chapter's module imports (`torch`, `reduce`): variables of other cells are not visible
# there.

# %% exercise="start_here.vector_lengths"

# %% [markdown]
# Look: your function on the real model.

# %%
lengths = start_here.vector_lengths(resid)[0]
ratio = (lengths[0] / lengths[1:].max()).item()
print(f"position 0: {ratio:.0f} times as long as the longest of the other ten")

# %% jupyter={"source_hidden": true}
fig, ax = plt.subplots(figsize=(7, 3.6))
ax.barh(labels, lengths, color=[COLORS["orange"]] + [COLORS["blue"]] * 10)
ax.invert_yaxis()
ax.set_xlim(0, 1.15 * lengths.max())
ax.grid(visible=False, axis="y")
for p, length in enumerate(lengths.tolist()):
    ax.text(length + 250, p, f"{length:,.0f}", va="center")
ax.set_xlabel("length of the residual vector entering layer 16")
ax.set_title(f"The start mark's vector is {ratio:.0f} times as long as the longest word's")
show(
    fig,
    alt="Bar chart of vector lengths at 11 positions entering layer 16. The start mark's is about "
    f"{lengths[0] / 1000:.0f} thousand; the words' lie between {lengths[1:].min():.0f} and {lengths[1:].max():.0f}.",
)

# %% [markdown]
# Your guess: the start mark is right. The longest vector stands where there is no word at all. Other models do this
# too. The start mark is a place where attention can rest when there is nothing to fetch (Xiao et al. 2023), and
# very large numbers appear there (Sun et al. 2024).
#
# One practical lesson: an average over all positions would be an average of the start mark and little else. The
# course leaves position 0 out of its averages.
#
# ## 2 · From a vector to a prediction
#
# After the last layer, the model turns the vector at a position into one score for each of its 49,152 tokens. Such
# a score is a **logit**. Any number may be a logit. A *softmax* makes probabilities of them: take `exp(logit)` of
# each token, and divide it by the sum over all tokens. The probabilities of the whole vocabulary add up to 1.
#
# In torch, `torch.softmax(x, dim=-1)` does this along the last axis: −1 is the last, as in a list.
# `x.topk(k, dim=-1)` gives a pair (values, indices): the k largest along the last axis, and where they stand.

# %%
values, indices = torch.tensor([[5.0, 9.0, 7.0]]).topk(2, dim=-1)
print("the two largest:", values.tolist(), "  at:", indices.tolist())
logits = activations.logits_at(model, paris, -1)  # at the last position
print("shape of logits:", tuple(logits.shape), "= batch, d_vocab")

# %%
predict(
    "start_here.how_sure",
    "“The city of Paris is located in the country of”: how probable does this small model find its first choice?",
    ["about 0.3", "about 0.6", "above 0.9"],
)

# %% [markdown]
# The function of this exercise has a fault. Run its cell as it stands. Then try `top_predictions(logits, 1)` and
# `top_predictions(logits, 3)` in a cell of your own (the **+** above the notebook adds one).
# `start_here.top_predictions` waits until the fault is mended.

# %% exercise="start_here.top_predictions"

# %%
for city in ("Paris", "Tokyo", "Chicago"):
    ids, probabilities = start_here.top_predictions(activations.logits_at(model, TEMPLATE.format(city), -1), 3)
    shown = [
        f"{s} {p:.2f}" for s, p in zip(models.token_strings(model, ids[0]), probabilities[0].tolist(), strict=True)
    ]
    print(f"{city:8} {'   '.join(shown)}")

# %% [markdown]
# Your guess: above 0.9 is right for Paris. The model is sure of France and Japan. It is not sure of Chicago, where
# most of the probability lies outside the first choice; *the* is how *the United States* begins. The code that you
# were handed would have hidden that: its three numbers always add up to 1.
#
# ## 3 · Read with a hook
#
# A **hook** is a function of yours that the model calls in the middle of its run. You say at which activation. The
# model hands that activation over, waits for your function, and goes on. Here is a hook that prints a shape.


# %%
def tell(activation, hook):
    print("I was called with a tensor of shape", tuple(activation.shape))


_ = model.run_with_hooks(paris, fwd_hooks=[("blocks.12.hook_resid_pre", tell)])

# %% [markdown]
# `fwd_hooks` is a list of pairs: the name of an activation, and the function to call there. The second argument,
# `hook`, describes the place. We do not need it, but the model passes it under that name.
#
# `tell` saw the activation and forgot it. Now write a function that keeps it and gives it back. The check runs your
# function on a model so small that you can work out its numbers by hand. It calls hooks just as SmolLM2 does. Token
# t starts there as the vector [t, t·t, 1]. Layer 0 adds to each vector the one at the position before; layer 1 adds
# it twice.

# %% exercise="start_here.read_activation"

# %% [markdown]
# Look: is it true that a layer only *adds* to the residual stream? Read what enters layer 12, what its two parts
# put out, and what leaves it.

# %%
enters, attention, mlp, leaves = [
    start_here.read_activation(model, paris, f"blocks.12.{place}")
    for place in ("hook_resid_pre", "hook_attn_out", "hook_mlp_out", "hook_resid_post")
]
difference = (enters + attention + mlp - leaves).abs().max().item()
print("enters + attention + mlp, against what leaves:")
print(f"largest difference among {leaves.numel():,} numbers: {difference:.4f}")

# %% [markdown]
# In layer 12 the two sides agree up to rounding. Every layer is built like this: none overwrites what was there
# (Elhage et al. 2021). That is why one can follow information through a model, and why it makes sense to exchange
# one vector.
#
# ## 4 · Change one thing
#
# Take two prompts that differ in one token, and run the model on Paris. In the middle of the run, take out the
# vector at position 4 and put in the one from the Tokyo run. All other vectors stay as Paris made them. This is an
# *interchange intervention* (Geiger et al. 2021), also called activation patching. If the answer changes, the
# vector carried what made the difference.
#
# If `t` has the axes batch, pos, d_model, then `t[:, 2]` is position 2 in every text. `t.clone()` is a copy of `t`;
# `u = t` is only a second name for it.

# %%
tokyo = models.tokens(model, TEMPLATE.format("Tokyo")).ids
CITY, LAST = 4, -1
print("positions at which the prompts differ:", (paris != tokyo)[0].nonzero().flatten().tolist())

# %%
predict(
    "start_here.until_when",
    "Tokyo's vector is put in at the city's position, entering layer L. Up to which L does the model answer Japan?",
    [
        "only the first few: afterwards the later words have taken the city in",
        "up to about the middle, layer 12",
        "until late, beyond layer 20",
    ],
)

# %% exercise="start_here.swap_in"

# %% [markdown]
# Look at one layer first. The hook returns a tensor this time, so the run goes on with it. `activations.replace`
# keeps a hook on the model inside its `with` block.

# %%
NAME = "blocks.12.hook_resid_pre"
donor = start_here.read_activation(model, tokyo, NAME)


def put_tokyo_in(activation, hook):
    return start_here.swap_in(activation, CITY, donor[:, CITY])


with activations.replace(model, NAME, put_tokyo_in):
    ids, probabilities = start_here.top_predictions(activations.logits_at(model, paris, LAST), 3)
print("The city of Paris is located in the country of …")
for string, probability in zip(models.token_strings(model, ids[0]), probabilities[0].tolist(), strict=True):
    print(f"   {string:10} {probability:.2f}")

# %% [markdown]
# One vector out of eleven, and Paris lies in Japan. But are the other vectors not different too? Compare the two
# runs, position by position.

# %%
own = start_here.read_activation(model, paris, NAME)
print("lengths of the differences entering layer 12, Tokyo's run minus Paris's run")
for string, length in zip(labels, start_here.vector_lengths(donor - own)[0].tolist(), strict=True):
    print(f"   {string:14} {length:5.0f}")

# %% [markdown]
# Up to position 3 the runs are equal: a token cannot see what comes after it. From the city on, every vector
# differs, those of *is*, *located* and the rest as well. Each of them might carry the city onwards. So exchange one
# at a time, at every position from 4 to 10 and at every layer. The batch holds seven copies of the Paris prompt,
# one for each position. You need not read this code. It takes about 20 seconds.

# %%
names = [activations.residual_name(layer) for layer in range(model.cfg.n_layers)]
donors = activations.run_with(model, tokyo, names)  # all layers of the Tokyo run at once
japan, france = models.single_token(model, " Japan"), models.single_token(model, " France")
positions = range(CITY, paris.shape[1])
copies = paris.repeat(len(positions), 1)


def answer_after(swap, layer, prompts):
    """Probabilities of the next token [batch d_vocab] when `swap` acts on what enters the layer."""
    with activations.replace(model, names[layer], swap):
        return torch.softmax(activations.logits_at(model, prompts, LAST), dim=-1)


p_japan = torch.zeros(len(positions), len(names))
for layer, name in enumerate(activations.progress_bar(names, "Layers")):

    def swap_each(activation, hook, donor=donors[name]):
        return torch.cat([start_here.swap_in(activation[[i]], p, donor[:, p]) for i, p in enumerate(positions)])

    p_japan[:, layer] = answer_after(swap_each, layer, copies)[:, japan]

works_at_city = [layer for layer in range(len(names)) if p_japan[0, layer] > 0.5]
works_at_last = [layer for layer in range(len(names)) if p_japan[-1, layer] > 0.5]
if not (works_at_city and works_at_last):
    raise ValueError("No swap brought Japan. Run `%check start_here.swap_in`, mend it, then run this cell again.")
until, since = works_at_city[-1], works_at_last[0]

# %% jupyter={"source_hidden": true}
fig, ax = plt.subplots(figsize=(7.5, 3))
image = ax.imshow(p_japan, aspect="auto", vmin=0, vmax=1, cmap="viridis")
ax.grid(visible=False)
ax.set_yticks(range(len(positions)), ["4  Paris ← Tokyo", *labels[5:]])
ax.set_xticks(range(0, 30, 3))
ax.set_xlabel("Tokyo's vector is put in as it enters this layer")
ax.set_ylabel("at this position")
ax.set_title(f"The difference is at the city up to layer {until}, then at the last position")
fig.colorbar(image, label="P(Japan)")
show(
    fig,
    alt="Heat map of the probability of Japan, 7 positions by 30 layers. Two bright stripes and nothing else: the "
    f"city's position for layers {works_at_city[0]} to {until}, and the last position for layers "
    f"{since} to {works_at_last[-1]}.",
)
print(f"city's position: Japan wins at layers {works_at_city[0]} to {until}")
print(f"last position:   Japan wins at layers {since} to {works_at_last[-1]}")
print(f"in between:      P(Japan) is at most {p_japan[1:-1].max():.2f}")

# %% [markdown]
# Your guess: beyond layer 20 is right. The words in between differ in the two runs, but exchanging any one of them
# leaves France in place. The information waits at the city. Layer 23 carries it to the last position, in one step.
# Something in layer 23 looks back at the city. Which part it is, is a question for chapter 08.
#
# One pair of cities may be luck. Here are twelve, each with the next city's vector. You need not read this code
# either. It takes about 10 seconds.

# %%
COUNTRY_OF = {
    "Paris": "France", "Tokyo": "Japan", "Rome": "Italy", "Cairo": "Egypt", "Berlin": "Germany", "Madrid": "Spain",
    "Moscow": "Russia", "Vienna": "Austria", "Beijing": "China", "Delhi": "India", "Oslo": "Norway",
    "Dublin": "Ireland",
}  # fmt: skip
prompts = models.tokens(model, [TEMPLATE.format(city) for city in COUNTRY_OF]).ids
right = torch.tensor([models.single_token(model, f" {country}") for country in COUNTRY_OF.values()])
swapped = right.roll(-1)  # the country of the next city
flips = {}
for layer in activations.progress_bar((0, 12, 20, 23, 24, 28), "Layers"):
    donor = activations.run_with(model, prompts, names[layer])[names[layer]].roll(-1, dims=0)
    flips[layer] = []
    for position in (CITY, LAST):

        def swap(activation, hook, position=position, donor=donor):
            return start_here.swap_in(activation, position, donor[:, position])

        flips[layer].append((answer_after(swap, layer, prompts).argmax(dim=-1) == swapped).sum().item())
print(f"of {len(right)} cities, how many answer with the other city's country")
print("entering layer       " + "".join(f"{layer:5d}" for layer in flips))
print("swap at the city     " + "".join(f"{city:5d}" for city, _ in flips.values()))
print("swap at the last word" + "".join(f"{last:5d}" for _, last in flips.values()))

# %% [markdown]
# ## Explore
#
# Any word can be put into the place of Paris, and it need not be a city. What would you expect of *sushi*? Change
# the words, the layer and the position. The answers come from your `swap_in`.

# %%
swapper = swapping.Swapper(
    model,
    start_here.swap_in,
    TEMPLATE,
    ["Paris", "Tokyo", "sushi", "Mars", "Einstein", "Cairo", "Microsoft", "banana"],
)
swapping.explore(swapper)

# %% jupyter={"source_hidden": true}
guests = [word for word in swapper.words if word not in ("Paris", "Tokyo")]
best = {word: swapper.top("Paris", word, layer=12, position=CITY, k=1)[0] for word in guests}
best = dict(sorted(best.items(), key=lambda item: -item[1][1]))  # most certain first

fig, ax = plt.subplots(figsize=(7.5, 3))
ax.barh([f"{word} → {token.strip('·')}" for word, (token, _) in best.items()], [p for _, p in best.values()])
ax.invert_yaxis()
ax.set_xlim(0, 1)
ax.grid(visible=False, axis="y")
for row, (_, p) in enumerate(best.values()):
    ax.text(p + 0.01, row, f"{p:.2f}", va="center")
ax.set_xlabel("probability of the first choice")
ax.set_title("The answer follows the word that is put in at layer 12")
listed = ", ".join(f"{word} gives {token.strip('·')} {p:.2f}" for word, (token, p) in best.items())
show(fig, alt=f"Bar chart of the first choice and its probability for each word put in: {listed}.")

# %% [markdown]
# The vector need not be a city's: *sushi* leads to Japan. Low bars are not failures of the swap: the model has no
# good country for *banana*. Does the vector hold the answer, or something about the word from which later layers
# work it out? These words alone do not tell. Further work 1 can.
#
# ## How this fools people
#
# Suppose we had only watched France disappear. Put in something meaningless instead: eight random vectors, as long
# as the one they replace. And as a control put in Paris's own vector, which must change nothing.

# %%
own = start_here.read_activation(model, paris, NAME)[:, CITY]
noise = torch.randn(8, own.shape[1], generator=torch.Generator().manual_seed(0))
noise = noise / noise.norm(dim=1, keepdim=True) * own.norm()

print("vector put in     P(France)  P(Japan)   (entering layer 12)")
control = {}
for label, vectors in {"Tokyo's": donors[NAME][:, CITY], "random, mean of 8": noise, "Paris's own": own}.items():

    def swap(activation, hook, vectors=vectors):
        return start_here.swap_in(activation, CITY, vectors)

    result = answer_after(swap, 12, paris.repeat(len(vectors), 1))
    control[label] = (result[:, france].mean().item(), result[:, japan].mean().item())
    print(f"{label:18} {control[label][0]:7.2f}  {control[label][1]:8.2f}")

# %% [markdown]
# Noise destroys France nearly as well as Tokyo does. So the loss of an answer says little: damage without any
# meaning brings it about. Of these three only Tokyo brings Japan. Measure what you put in, not only what you took
# out. And run the control that must change nothing: had it changed something, the fault would have been in our
# code.
#
# There is a second limit. The swap shows *where* the difference between the two prompts can be found. It does not
# show which part of the model put it there, nor in what form.
#
# ## Paper against us

# %% jupyter={"source_hidden": true}
hand_over = f"city up to layer {until}, last position from layer {since}"
claims_table(
    [
        {
            "claim": "Each layer adds its output to the residual stream",
            "paper": "Elhage et al. 2021: the stream is the sum of all earlier outputs",
            "measured": f"in layer 12: largest difference {difference:.4f} among {leaves.numel():,} numbers",
            "verdict": "held" if difference < 1e-3 else "did not replicate",
        },
        {
            "claim": "The first token gets activations far larger than the others",
            "paper": "Sun et al. 2024: in several model families; most often at the first token",
            "measured": f"one text, entering layer 16: {ratio:.0f} times the longest other vector",
            "verdict": "held" if ratio > 10 else "did not replicate",
        },
        {
            "claim": "A fact is found at the subject's last token first, at the last position later",
            "paper": "Meng et al. 2022: two sites in GPT-2 XL; noise on the input, then single clean vectors put back",
            "measured": f"by swapping: {hand_over}; at layer 23 for {flips[23][0]} of {len(right)} cities",
            "verdict": "held" if until < since else "partly",
        },
    ]
)

# %% [markdown]
# ## Further work
#
# We have no solution to these two.
#
# 1. **Another relation.** Try “The people of {} speak the language called”, or a relation of your own. Check first
#    that the model knows the answers. Is it handed over in layer 23 again? Then put Tokyo's vector from the *country*
#    prompt into the *language* prompt of Paris. Does the model say *Japanese*, or *Japan*?
# 2. **A longer way.** Put more words between the city and the end. Does the information still wait at the city?
#
# You can now measure a vector, read a prediction, read an activation and replace one. All that follows is made of
# these.
#
# **Next: chapter 01, features.** What does a single neuron respond to, and is a neuron the right thing to look at?
