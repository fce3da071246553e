"""Wrong answers to path_patching.direct_to_output that learners give, with the sentence to say for each."""

import torch

from mi_tutor.lab.named_nodes import HEADS, run
from mi_tutor.tutor.misconceptions import misconception, probe


@probe("path_patching.direct_to_output")
def observe_direct_to_output(direct_to_output):
    """Prompts that differ in both words, some with a silent MLP; early and late senders."""
    into = torch.tensor([[1.0, 1.0], [0.5, -2.0], [0.0, -0.5]])
    source = torch.tensor([[0.0, 3.0], [2.0, 1.0], [3.0, -0.5]])
    for sender in HEADS:
        yield direct_to_output(run, into, source, sender, HEADS)
    yield direct_to_output(without_parts, into, source, "e", ["e", "f"])


def without_parts(prompts, fixed):
    """A model whose heads have no node but z."""
    first = fixed.get("z e", prompts[:, 0])
    second = fixed.get("z f", 2 * (prompts[:, 1] + first))
    return {"z e": first, "z f": second, "output": prompts[:, 1] + first + second}


@misconception(
    "path_patching.direct_to_output",
    says=(
        "You froze too little: the attention patterns are held, but the values still move. A head that reads the "
        "change through its values passes it on, and then the path is not direct."
    ),
)
def holds_patterns_only(run, into, source, sender, heads):
    other, plain = run(source, {}), run(into, {})
    fixed = {f"pattern {head}": plain[f"pattern {head}"] for head in heads if f"pattern {head}" in plain}
    fixed[f"z {sender}"] = other[f"z {sender}"]
    return run(into, fixed)["output"] - plain["output"]


@misconception(
    "path_patching.direct_to_output",
    says="Heads behind the sender react to its change. That is the total effect of the sender, not the direct one.",
)
def holds_nothing(run, into, source, sender, heads):
    other, plain = run(source, {}), run(into, {})
    return run(into, {f"z {sender}": other[f"z {sender}"]})["output"] - plain["output"]


@misconception(
    "path_patching.direct_to_output",
    says=(
        "You hold the heads at the wrong run: all of them write what they wrote in the source run. Then every head is "
        "patched, not only the sender."
    ),
)
def holds_at_the_source_run(run, into, source, sender, heads):
    other, plain = run(source, {}), run(into, {})
    return run(into, {f"z {head}": other[f"z {head}"] for head in heads})["output"] - plain["output"]


@misconception(
    "path_patching.direct_to_output",
    says="The subtraction is turned round: plain minus patched. An effect is the patched output minus the plain one.",
)
def subtracts_backwards(run, into, source, sender, heads):
    other, plain = run(source, {}), run(into, {})
    fixed = {f"z {head}": plain[f"z {head}"] for head in heads} | {f"z {sender}": other[f"z {sender}"]}
    return plain["output"] - run(into, fixed)["output"]


@misconception(
    "path_patching.direct_to_output",
    says="You took the two runs the wrong way round: the source prompts run, and the sender's value comes from `into`.",
)
def exchanges_the_runs(run, into, source, sender, heads):
    other, plain = run(into, {}), run(source, {})
    fixed = {f"z {head}": plain[f"z {head}"] for head in heads} | {f"z {sender}": other[f"z {sender}"]}
    return run(source, fixed)["output"] - plain["output"]


@misconception(
    "path_patching.direct_to_output",
    says="The effect is always 0: either the sender or the output itself is held at the plain run.",
)
def holds_the_sender_too(run, into, source, sender, heads):
    other, plain = run(source, {}), run(into, {})
    fixed = {f"z {sender}": other[f"z {sender}"]} | {f"z {head}": plain[f"z {head}"] for head in heads}
    return run(into, fixed)["output"] - plain["output"]


@misconception(
    "path_patching.direct_to_output",
    says="You return the output of the patched run. An effect is its distance from the plain run.",
)
def forgets_the_plain_run(run, into, source, sender, heads):
    other, plain = run(source, {}), run(into, {})
    fixed = {f"z {head}": plain[f"z {head}"] for head in heads} | {f"z {sender}": other[f"z {sender}"]}
    return run(into, fixed)["output"]


@misconception(
    "path_patching.direct_to_output",
    says="Your MLP does not answer: it is held, too. On this path only heads are held.",
)
def holds_the_mlp_too(run, into, source, sender, heads):
    other, plain = run(source, {}), run(into, {})
    fixed = {f"z {head}": plain[f"z {head}"] for head in heads} | {f"z {sender}": other[f"z {sender}"]}
    fixed |= {"mlp": plain["mlp"]} if "mlp" in plain else {}
    return run(into, fixed)["output"] - plain["output"]


@misconception(
    "path_patching.direct_to_output",
    says=(
        "You hold what a head's output is made of. A head that has neither a pattern nor values to hold still passes "
        "the change on. Hold what every head has."
    ),
)
def holds_what_heads_are_made_of(run, into, source, sender, heads):
    other, plain = run(source, {}), run(into, {})
    names = [f"{part} {head}" for head in heads for part in ("pattern", "v")]
    fixed = {name: plain[name] for name in names if name in plain} | {f"z {sender}": other[f"z {sender}"]}
    return run(into, fixed)["output"] - plain["output"]
