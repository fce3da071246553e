"""Wrong answers to path_patching.path_effect that learners give, with the sentence to say for each."""

import torch

from mi_tutor.lab.named_nodes import HEADS, run
from mi_tutor.tutor.misconceptions import misconception, probe


@probe("path_patching.path_effect")
def observe_path_effect(path_effect):
    """Prompts that differ in both words; near and far receivers, one and two."""
    into, source = torch.tensor([[1.0, 1.0], [0.5, -2.0]]), torch.tensor([[0.0, 3.0], [2.0, 1.0]])
    for sender, receivers in (("a", ["q b"]), ("a", ["v c"]), ("b", ["q c", "v d"]), ("c", ["v d"]), ("a", ["output"])):
        yield path_effect(run, into, source, sender, receivers, HEADS)


def frozen(plain, other, sender, heads):
    return {f"z {head}": plain[f"z {head}"] for head in heads} | {f"z {sender}": other[f"z {sender}"]}


@misconception(
    "path_patching.path_effect",
    says=(
        "You froze too little: on the way only the sender is set, and heads between it and the receivers pass its "
        "change on. What arrives is not the direct message alone."
    ),
)
def freezes_nothing_on_the_way(run, into, source, sender, receivers, heads):
    other, plain = run(source, {}), run(into, {})
    brought = run(into, {f"z {sender}": other[f"z {sender}"]})
    return run(into, {node: brought[node] for node in receivers})["output"] - plain["output"]


@misconception(
    "path_patching.path_effect",
    says=(
        "In the last run heads are still held that do not read the message themselves. Behind the receivers everything "
        "is to react. Hold the heads on the way only."
    ),
)
def holds_the_heads_at_the_end(run, into, source, sender, receivers, heads):
    other, plain = run(source, {}), run(into, {})
    brought = run(into, frozen(plain, other, sender, heads))
    reading = {node.split()[-1] for node in receivers}
    held = {f"z {head}": plain[f"z {head}"] for head in heads if head not in reading}
    return run(into, held | {node: brought[node] for node in receivers})["output"] - plain["output"]


@misconception(
    "path_patching.path_effect",
    says="You froze at the wrong run: on the way the heads write what they wrote in the source run.",
)
def freezes_at_the_source_run(run, into, source, sender, receivers, heads):
    other, plain = run(source, {}), run(into, {})
    brought = run(into, {f"z {head}": other[f"z {head}"] for head in heads})
    return run(into, {node: brought[node] for node in receivers})["output"] - plain["output"]


@misconception(
    "path_patching.path_effect",
    says=(
        "The receivers take what they read in the source run. There every sender says something else; you asked about "
        "one. This is activation patching of the receivers' inputs."
    ),
)
def takes_the_source_inputs(run, into, source, sender, receivers, heads):
    other, plain = run(source, {}), run(into, {})
    return run(into, {node: other[node] for node in receivers})["output"] - plain["output"]


@misconception(
    "path_patching.path_effect",
    says="You patched from the wrong run: `source` runs, and the sender's value comes from `into`.",
)
def exchanges_the_runs(run, into, source, sender, receivers, heads):
    other, plain = run(into, {}), run(source, {})
    brought = run(source, frozen(plain, other, sender, heads))
    return run(source, {node: brought[node] for node in receivers})["output"] - plain["output"]


@misconception(
    "path_patching.path_effect",
    says=(
        "The sender keeps its new value in the last run. Then it also speaks to everybody else, and to the output."
        " Only "
        "the receivers are to be changed there."
    ),
)
def lets_the_sender_speak_to_all(run, into, source, sender, receivers, heads):
    other, plain = run(source, {}), run(into, {})
    brought = run(into, frozen(plain, other, sender, heads))
    fixed = {node: brought[node] for node in receivers} | {f"z {sender}": other[f"z {sender}"]}
    return run(into, fixed)["output"] - plain["output"]


@misconception(
    "path_patching.path_effect",
    says=(
        "You give the direct effect on the output, whoever the receivers are. Either the run in which all other heads "
        "are held is your last one, or they are still held in it."
    ),
)
def stops_after_three(run, into, source, sender, receivers, heads):
    other, plain = run(source, {}), run(into, {})
    return run(into, frozen(plain, other, sender, heads))["output"] - plain["output"]


@misconception(
    "path_patching.path_effect",
    says="Each receiver is patched in a run of its own, and the effects are added. They are to be patched together.",
)
def one_receiver_at_a_time(run, into, source, sender, receivers, heads):
    other, plain = run(source, {}), run(into, {})
    brought = run(into, frozen(plain, other, sender, heads))
    return sum(run(into, {node: brought[node]})["output"] - plain["output"] for node in receivers)


@misconception(
    "path_patching.path_effect",
    says="The subtraction is turned round: plain minus patched. An effect is the patched output minus the plain one.",
)
def subtracts_backwards(run, into, source, sender, receivers, heads):
    other, plain = run(source, {}), run(into, {})
    brought = run(into, frozen(plain, other, sender, heads))
    return plain["output"] - run(into, {node: brought[node] for node in receivers})["output"]


@misconception(
    "path_patching.path_effect",
    says=(
        "The effect is always 0, even on the output itself: what the receivers get is what they read in the plain run. "
        "Who sends, and from which run?"
    ),
)
def sends_nothing(run, into, source, sender, receivers, heads):
    plain = run(into, {})
    return run(into, {node: plain[node] for node in receivers})["output"] - plain["output"]


@misconception(
    "path_patching.path_effect",
    says=(
        "Receivers in heads have no effect: in your last run every head is still held, the receivers' own, too, so "
        "nothing comes out of them. Hold the heads on the way only."
    ),
)
def holds_all_heads_at_the_end(run, into, source, sender, receivers, heads):
    other, plain = run(source, {}), run(into, {})
    brought = run(into, frozen(plain, other, sender, heads))
    held = {f"z {head}": plain[f"z {head}"] for head in heads}
    return run(into, held | {node: brought[node] for node in receivers})["output"] - plain["output"]


@misconception(
    "path_patching.path_effect",
    says="You return the output of the patched run. An effect is its distance from the plain run.",
)
def forgets_the_plain_run(run, into, source, sender, receivers, heads):
    other, plain = run(source, {}), run(into, {})
    brought = run(into, frozen(plain, other, sender, heads))
    return run(into, {node: brought[node] for node in receivers})["output"]


@misconception(
    "path_patching.path_effect",
    says="On the way to the receivers your MLP does not answer: it is held, too. Only heads are held there.",
)
def holds_the_mlp_on_the_way(run, into, source, sender, receivers, heads):
    other, plain = run(source, {}), run(into, {})
    brought = run(into, frozen(plain, other, sender, heads) | {"mlp": plain["mlp"]})
    return run(into, {node: brought[node] for node in receivers})["output"] - plain["output"]
