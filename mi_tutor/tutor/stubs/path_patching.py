"""Chapter 09: path patching. Which part talks to which?

A sender's change is let through to chosen receivers while every other head is held. The functions follow a change from
sender to receiver, turn effects into a circuit, and judge the circuit by what it does alone.
"""

import random
from collections.abc import Callable, Hashable

import torch
from jaxtyping import Bool, Float, Int, Num
from torch import Tensor

from mi_tutor import exercise


@exercise
def direct_to_output(
    run: Callable[[Tensor, dict[str, Tensor]], dict[str, Tensor]],
    into: Num[Tensor, "batch pos"],
    source: Num[Tensor, "batch pos"],
    sender: str,
    heads: list[str],
) -> Float[Tensor, " batch"]:
    """The direct effect of one head on the output: its change goes straight there, no other head passes it on.

    The model is a function. run(prompts, fixed) runs it on the prompts, holds the nodes named in fixed (name -> value)
    and returns the value of every node. A sender is a node that writes: "z c" is what head c writes. What a head
    reads, "q c" and "v c", and its attention, "pattern c", are nodes too, where it has them; some heads have fewer. The
    result of the model is the node "output".

    Args:
        run: the model.
        into: the prompts that are run.
        source: the prompts that the sender takes its output from, one for each of `into`.
        sender: the name of a head.
        heads: the names of all heads, in the order in which the model computes them, the sender among them.

    Returns:
        For each prompt: the output when the sender writes what it writes in the source run and every other head writes
        what it writes in the run of `into`, minus the output of the run of `into`. MLPs answer to the change.
        Source: Wang et al. 2022, section 3.1 and appendix B.
    """
    other, plain = run(source, {}), run(into, {})
    fixed = {f"pattern {head}": plain[f"pattern {head}"] for head in heads if f"pattern {head}" in plain}
    fixed[f"z {sender}"] = other[f"z {sender}"]
    return run(into, fixed)["output"] - plain["output"]


@exercise
def freezing_hooks(
    plain: Float[Tensor, "layer batch pos head d_head"],
    other: Float[Tensor, "layer batch pos head d_head"],
    sender: tuple[int, int],
) -> list[tuple[str, Callable]]:
    """Hooks that hold every head of the model at one run, but for the sender, which writes what it wrote in another.

    Every head means: the others of the sender's layer, and those of all layers before and behind it, too.

    Args:
        plain: z of all heads in the run that is patched.
        other: z of all heads in the source run.
        sender: (layer, head), counted from 0.

    Returns:
        One pair (name, function) a layer, from layer 0 on. The name is "blocks.LAYER.attn.hook_z". function(z, hook)
        takes z of that layer, batch x pos x head x d_head, and returns (does not only change in place) what the layer's
        heads are to write instead. It is called with two arguments in this order; hook is not needed. `plain` and
        `other` are left as they were.
    """
    raise NotImplementedError


@exercise
def direct_path(
    z: Float[Tensor, "batch d_head"],
    z_new: Float[Tensor, "batch d_head"],
    w_o: Float[Tensor, "d_head d_model"],
    residual: Float[Tensor, "batch d_model"],
    gain: Float[Tensor, " d_model"],
    eps: float,
    direction: Float[Tensor, "batch d_model"],
) -> Float[Tensor, " batch"]:
    """The path from a head to the logits through the residual stream alone, without any hook.

    The head's change arrives in the last residual vector as it was written. The final RMSNorm is computed anew on the
    changed vector: norm(x) = x / sqrt(mean of x^2 over d_model + eps) * gain. The logit difference of a prompt is
    norm(x) . direction.

    Args:
        z: the head's output at the last position in the run that is patched.
        z_new: its output there in the source run.
        w_o: the head's output matrix.
        residual: the last residual vector at the last position in the run that is patched, before the final norm.
        gain, eps: of the final norm.
        direction: for each prompt, the column of the unembedding of its correct token minus that of its wrong token.

    Returns:
        For each prompt: the change of the logit difference, patched minus unpatched.
        Source: Goldowsky-Dill et al. 2023, where a path names every node it passes: this one passes no MLP.
    """
    raise NotImplementedError


@exercise
def strong_senders(effects: Float[Tensor, "head batch"], names: list[str], least: float) -> list[str]:
    """From a table of path effects to the senders that go into the circuit.

    Args:
        effects: the effect of each path on each prompt.
        names: of the senders, one a row.
        least: the smallest mean effect that counts, in the units of the effects.

    Returns:
        The names of the senders whose mean effect has a size of at least `least` (in either direction) and is more than
        two standard errors from 0, the largest size first. The standard error is the sample standard deviation over
        prompts (n - 1) divided by the square root of n.

    Raises:
        ValueError: there are fewer than two prompts.
    """
    raise NotImplementedError


@exercise
def receiver_query(
    residual: Float[Tensor, "batch d_model"],
    z: Float[Tensor, "batch d_head"],
    z_new: Float[Tensor, "batch d_head"],
    w_o: Float[Tensor, "d_head d_model"],
    gain: Float[Tensor, " d_model"],
    eps: float,
    w_q: Float[Tensor, "d_model d_head"],
) -> Float[Tensor, "batch d_head"]:
    """What a receiver asks for when one sender, and nothing else in front of it, says something else.

    The receiver reads the residual stream at the same position through an RMSNorm of its own,
    norm(x) = x / sqrt(mean of x^2 over d_model + eps) * gain, and its query matrix. With w_k or w_v in the place of w_q
    the same function gives its key or its value.

    Args:
        residual: the residual stream that the receiver reads, in the run that is patched.
        z, z_new: the sender's output in the run that is patched, and in the source run.
        w_o: the sender's output matrix.
        gain, eps: of the norm in front of the receiver.
        w_q: the receiver's query matrix.

    Returns:
        The receiver's query on the path from the sender, before the rotation by position.
    """
    raise NotImplementedError


@exercise
def path_effect(
    run: Callable[[Tensor, dict[str, Tensor]], dict[str, Tensor]],
    into: Num[Tensor, "batch pos"],
    source: Num[Tensor, "batch pos"],
    sender: str,
    receivers: list[str],
    heads: list[str],
) -> Float[Tensor, " batch"]:
    """Path patching: what does the output owe to what one head tells chosen receivers directly?

    The model is a function, as in direct_to_output. Receivers are nodes that read: "q c" is the query of head c, "v c"
    its value. On the way from the sender to the receivers all other heads are held. Behind the receivers the model goes
    on as it likes.

    Args:
        run: the model.
        into: the prompts that are run.
        source: the prompts that the sender takes its output from, one for each of `into`.
        sender: the name of a head.
        receivers: names of nodes, all patched together.
        heads: the names of all heads, the sender among them.

    Returns:
        For each prompt: the output of the patched run minus that of the plain run of `into`. In the patched run the
        receivers are held at what the path brings them, and no other node is held.
        Source: Wang et al. 2022, appendix B: four runs.
    """
    raise NotImplementedError


@exercise
def effect_parts(
    plain: Float[Tensor, " batch"],
    direct: Float[Tensor, " batch"],
    indirect: Float[Tensor, " batch"],
    both: Float[Tensor, " batch"],
) -> tuple[float, float, float, float]:
    """A head's total effect in parts: what it says itself, what others say because of it, and what is not a sum.

    Args:
        plain: the metric of each prompt, nothing patched.
        direct: only the direct path to the output is patched; everything else is held.
        indirect: everything else is patched; only the direct path is held.
        both: the head is patched and everything reacts.

    Returns:
        (total, direct, indirect, interaction), means over prompts of changes against `plain`. The interaction is what
        the direct and the indirect effect leave of the total when they are added. It is 0 in a linear model.
        Source: Pearl 2001; Vig et al. 2020.
    """
    raise NotImplementedError


@exercise
def two_directions(
    patched: Callable[[Tensor, Tensor], Tensor],
    clean: Num[Tensor, "batch pos"],
    corrupted: Num[Tensor, "batch pos"],
) -> tuple[float, float]:
    """Is a path needed for the answer, and is it enough for it? Two questions, two experiments.

    Args:
        patched: patched(into, source) runs the prompts `into` with the path from the sender patched from `source`, and
            returns the metric of each prompt. With the same prompts twice it gives the metric of the plain run.
        clean, corrupted: the prompts.

    Returns:
        (needed, enough), both as shares of the distance between the plain runs, mean metric of clean minus mean metric
        of corrupted. That distance can be negative. Means are taken over prompts first, shares afterwards.
        needed: the share that the clean run loses when its path carries the corrupted value (noising).
        enough: the share that the corrupted run wins when its path carries the clean value (denoising).

    Raises:
        ValueError: both plain runs have the same mean metric, so there is no distance to take a share of.
    """
    top, bottom = float(patched(clean, clean).mean()), float(patched(corrupted, corrupted).mean())
    if top == bottom:
        raise ValueError("both runs score the same; choose another corruption or metric")
    needed = (top - float(patched(clean, corrupted).mean())) / (top - bottom)
    return needed, needed


@exercise
def which_conclusion() -> str:
    """Noising the path from 20.0 into the queries of the name movers lowers the logit difference. Denoising the same
    path in the corrupted run brings back next to nothing. Which conclusion do the two results support?

    a) The noising result is an accident. A path that is needed must also bring the answer back.
    b) The path does nothing. Where the two directions disagree, the smaller effect is the true one.
    c) The name movers' queries need what 20.0 says, and that alone is not enough to bring the answer back in the
       corrupted run.
    d) 20.0 talks to the name movers through their keys or values and not through their queries.

    Returns:
        The letter of the conclusion.
    """
    raise NotImplementedError


@exercise
def kept_places(
    circuit: list[tuple[int, int, str]],
    places: dict[str, Int[Tensor, " batch"]],
    n_layers: int,
    n_heads: int,
    length: int,
) -> Bool[Tensor, "layer batch pos head"]:
    """A circuit as a mask: which head outputs are kept? The rest will be ablated.

    In a circuit a head has a job at a place. At other places its output is no part of the circuit.

    Args:
        circuit: nodes (layer, head, place), counted from 0; the place is a name such as "S2".
        places: for each name, the position of that token in each prompt, counted from 0.
        n_layers, n_heads: the size of the model.
        length: the number of positions of each prompt.

    Returns:
        True where a node of the circuit stands: at that layer, in each prompt at the prompt's own position, at that
        head. False everywhere else.

    Raises:
        ValueError: a node's place has no entry in places; the message names it.
    """
    batch = len(next(iter(places.values())))
    kept = torch.zeros(n_layers, batch, length, n_heads, dtype=torch.bool)
    raise NotImplementedError


@exercise
def faithfulness(circuit: Float[Tensor, " batch"], model: Float[Tensor, " batch"]) -> tuple[float, float]:
    """Does the circuit alone do what the model does?

    F is the mean of the metric over prompts. C is the circuit, with everything else ablated; M is the whole model.

    Args:
        circuit: the metric of each prompt with the circuit only.
        model: the metric of each prompt with the whole model.

    Returns:
        (|F(M) - F(C)|, F(C) / F(M)), also for a negative F(M). The first is Wang et al.'s definition (2022,
        section 4), in the units of the metric, 0 is best. The second says it as a share: 1 is best,
        above 1 the circuit alone does better than the model.

    Raises:
        ValueError: F(M) is 0, so there is nothing to take a share of.
    """
    raise NotImplementedError


@exercise
def random_circuit(circuit: list[tuple[int, int, str]], n_heads: int, seed: int) -> list[tuple[int, int, str]]:
    """A circuit of other heads to compare with: as many nodes, in the same layers, at the same places.

    Args:
        circuit: different nodes (layer, head, place).
        n_heads: heads of each layer.
        seed: the same seed gives the same circuit; over the seeds every circuit that fits comes up. The random state of
            Python itself is left alone.

    Returns:
        As many different nodes, none of them a node of the circuit, the same number at each pair of layer and place.

    Raises:
        ValueError: a layer has too few other heads at a place; the message names the layer.
    """
    draw = random.Random(seed)
    drawn = []
    for layer, place in sorted({(layer, place) for layer, _, place in circuit}):
        count = sum((a, p) == (layer, place) for a, _, p in circuit)
        if 2 * count > n_heads:
            raise ValueError("too few other heads")
        drawn += [(layer, head, place) for head in draw.sample(range(n_heads), count)]
    return drawn


@exercise
def completeness(
    score: Callable[[set], float], circuit: set[Hashable], model: set[Hashable], subsets: list[set[Hashable]]
) -> list[float]:
    """Does the circuit lack something that the model has? Break both in the same way, and see if they break alike.

    Args:
        score: F, the mean metric of a run in which only the given set of nodes is kept.
        circuit: the nodes of the circuit C.
        model: all nodes M, those of the circuit among them.
        subsets: sets K of nodes that are taken out.

    Returns:
        |F(C without K) - F(M without K)| for each K, in the order given: two scores are compared, not two losses. 0 is
        best.
        Source: Wang et al. 2022, section 4.

    Raises:
        ValueError: a K is no part of the circuit.
    """
    raise NotImplementedError


@exercise
def minimality(
    score: Callable[[set], float], circuit: set[Hashable], partners: dict[Hashable, list[set[Hashable]]]
) -> dict[Hashable, float]:
    """Does the circuit hold anything that is not needed? For each node, look for a setting in which it matters.

    Other nodes may stand in for a node v. Then its loss is seen only when a set K of these others is gone as well.

    Args:
        score: F, the mean metric of a run in which only the given set of nodes is kept.
        circuit: the nodes of the circuit C.
        partners: for some nodes v, the sets K to try beside the empty one. No K holds v.

    Returns:
        For each node v of the circuit the largest |F(C without K and v) - F(C without K)| over the empty set and the
        partners of v. Near 0: nothing shows that v is needed. Source: Wang et al. 2022, section 4.
    """
    raise NotImplementedError
