"""Wrong answers to patching.severed_hooks that learners give, with the sentence to say for each."""

import torch

from mi_tutor.tutor.misconceptions import misconception, outcome, probe


@probe("patching.severed_hooks")
def observe_severed_hooks(severed_hooks):
    """The names of the hooks and what each of them does to zeros."""
    stream, mlps = torch.arange(100.0, 106.0).reshape(2, 3, 1), torch.arange(200.0, 224.0).reshape(4, 2, 3, 1)

    def made(layer):
        hooks = severed_hooks(layer, torch.tensor([2, 0]), stream.clone(), mlps.clone())
        return [
            [name, outcome(lambda name=name: hooks[name](torch.zeros(2, 3, 1), hook=None))] for name in sorted(hooks)
        ]

    for layer in (0, 1, 3):
        yield outcome(lambda layer=layer: made(layer))


def putting(source, positions):
    def hook_fn(activation, hook):
        patched, rows = activation.clone(), torch.arange(len(positions))
        patched[rows, positions] = source[rows, positions]
        return patched

    return hook_fn


def build(layer, positions, stream, mlps, frozen):
    hooks = {f"blocks.{layer}.hook_resid_pre": putting(stream, positions)}
    return hooks | {f"blocks.{one}.hook_mlp_out": putting(mlps[one], positions) for one in frozen}


@misconception(
    "patching.severed_hooks",
    says=(
        "You froze too little: only this layer's MLP is held. The restored stream goes on, and the MLPs of all "
        "later layers read it too."
    ),
)
def freezes_one_layer(layer, positions, clean_stream, corrupted_mlp):
    return build(layer, positions, clean_stream, corrupted_mlp, [layer])


@misconception(
    "patching.severed_hooks",
    says=(
        "You froze too little: the MLP of the layer itself goes free. It comes after the place where the stream "
        "enters the layer, so it reads what you restored."
    ),
)
def leaves_the_layer_itself(layer, positions, clean_stream, corrupted_mlp):
    return build(layer, positions, clean_stream, corrupted_mlp, range(layer + 1, len(corrupted_mlp)))


@misconception(
    "patching.severed_hooks",
    says="You freeze the earlier MLPs. They ran before the stream was restored; the ones to hold back come after it.",
)
def freezes_the_earlier(layer, positions, clean_stream, corrupted_mlp):
    return build(layer, positions, clean_stream, corrupted_mlp, range(layer))


@misconception(
    "patching.severed_hooks",
    says=(
        "You freeze every MLP, also those below the layer. In a corrupted run these stay corrupted by themselves; "
        "only those that can read the restored stream are asked for."
    ),
)
def freezes_all(layer, positions, clean_stream, corrupted_mlp):
    return build(layer, positions, clean_stream, corrupted_mlp, range(len(corrupted_mlp)))


@misconception(
    "patching.severed_hooks",
    says="All frozen MLPs get the output of the layer where the stream is restored. Each is to be held at its own.",
)
def one_output_for_all(layer, positions, clean_stream, corrupted_mlp):
    held = corrupted_mlp[layer].expand_as(corrupted_mlp)
    return build(layer, positions, clean_stream, held, range(layer, len(corrupted_mlp)))


@misconception(
    "patching.severed_hooks",
    says=(
        "All frozen MLPs get the output of the last layer. If your hooks are functions made in a loop: such a "
        "function looks the loop's variable up when it is called, and by then it has its last value."
    ),
)
def last_output_for_all(layer, positions, clean_stream, corrupted_mlp):
    held = corrupted_mlp[-1].expand_as(corrupted_mlp)
    return build(layer, positions, clean_stream, held, range(layer, len(corrupted_mlp)))


@misconception(
    "patching.severed_hooks",
    says="You count corrupted_mlp from the restored layer on. Its first entry belongs to layer 0.",
)
def counts_from_the_layer(layer, positions, clean_stream, corrupted_mlp):
    hooks = {f"blocks.{layer}.hook_resid_pre": putting(clean_stream, positions)}
    for one in range(layer, len(corrupted_mlp)):
        hooks[f"blocks.{one}.hook_mlp_out"] = putting(corrupted_mlp[one - layer], positions)
    return hooks


@misconception(
    "patching.severed_hooks",
    says=(
        "You restore the stream in every layer from here on. It is put in once, where it enters the layer; what "
        "later layers make of it is the question."
    ),
)
def restores_again_and_again(layer, positions, clean_stream, corrupted_mlp):
    later = range(layer, len(corrupted_mlp))
    hooks = build(layer, positions, clean_stream, corrupted_mlp, later)
    return hooks | {f"blocks.{one}.hook_resid_pre": putting(clean_stream, positions) for one in later}


@misconception(
    "patching.severed_hooks",
    says="You freeze the MLPs and restore nothing. The clean stream is to be put in where it enters the layer.",
)
def restores_nothing(layer, positions, clean_stream, corrupted_mlp):
    hooks = build(layer, positions, clean_stream, corrupted_mlp, range(layer, len(corrupted_mlp)))
    return {name: hook for name, hook in hooks.items() if "mlp" in name}


@misconception(
    "patching.severed_hooks",
    says=(
        "You freeze the MLPs at all positions. Only at the restored one are they held; elsewhere they go on as they do."
    ),
)
def freezes_all_positions(layer, positions, clean_stream, corrupted_mlp):
    hooks = {f"blocks.{layer}.hook_resid_pre": putting(clean_stream, positions)}
    for one in range(layer, len(corrupted_mlp)):
        hooks[f"blocks.{one}.hook_mlp_out"] = lambda activation, hook, one=one: corrupted_mlp[one].clone()
    return hooks


@misconception(
    "patching.severed_hooks",
    says='The L in "blocks.L.hook_mlp_out" stands for a number, the layer. There is no hook of that name.',
)
def takes_l_literally(layer, positions, clean_stream, corrupted_mlp):
    hooks = build(layer, positions, clean_stream, corrupted_mlp, [len(corrupted_mlp) - 1])
    return {"blocks.L." + name.split(".")[-1]: hook for name, hook in hooks.items()}


@misconception(
    "patching.severed_hooks",
    says="You restore the stream without freezing any MLP. That is the ordinary trace, to which this is the control.",
)
def freezes_nothing(layer, positions, clean_stream, corrupted_mlp):
    return build(layer, positions, clean_stream, corrupted_mlp, [])


@misconception(
    "patching.severed_hooks",
    says=("The last layer's MLP goes free. It reads the restored stream too, so hold it as well."),
)
def leaves_out_the_last(layer, positions, clean_stream, corrupted_mlp):
    return build(layer, positions, clean_stream, corrupted_mlp, range(layer, len(corrupted_mlp) - 1))


@misconception(
    "patching.severed_hooks",
    says=(
        "A hook on an MLP fails when it is called: what it is to put in has the wrong shape. If you gave it "
        "corrupted_mlp whole: that holds all layers, and each MLP is held at its own output."
    ),
)
def all_layers_to_each_hook(layer, positions, clean_stream, corrupted_mlp):
    hooks = {f"blocks.{layer}.hook_resid_pre": putting(clean_stream, positions)}
    for one in range(layer, len(corrupted_mlp)):
        hooks[f"blocks.{one}.hook_mlp_out"] = putting(corrupted_mlp, positions)
    return hooks


@misconception(
    "patching.severed_hooks",
    says=(
        "The names of your MLP hooks count from 0, and the outputs from the restored layer. In the name stands the "
        "number that the layer has in the model."
    ),
)
def names_from_zero(layer, positions, clean_stream, corrupted_mlp):
    hooks = {f"blocks.{layer}.hook_resid_pre": putting(clean_stream, positions)}
    for one, output in enumerate(corrupted_mlp[layer:]):
        hooks[f"blocks.{one}.hook_mlp_out"] = putting(output, positions)
    return hooks


@misconception(
    "patching.severed_hooks",
    says=(
        "You restore the stream at all positions. It is to be clean at each prompt's one position, or nothing is left "
        "to trace."
    ),
)
def whole_clean_stream(layer, positions, clean_stream, corrupted_mlp):
    hooks = build(layer, positions, clean_stream, corrupted_mlp, range(layer, len(corrupted_mlp)))
    return hooks | {f"blocks.{layer}.hook_resid_pre": lambda activation, hook: clean_stream.clone()}


@misconception(
    "patching.severed_hooks",
    says=(
        "Each prompt is changed at the positions of all prompts. A position belongs to one prompt: pair it with the "
        "prompt's number."
    ),
)
def every_position_for_every_prompt(layer, positions, clean_stream, corrupted_mlp):
    def putting_at_all(source):
        def hook_fn(activation, hook):
            patched = activation.clone()
            patched[:, positions] = source[:, positions]
            return patched

        return hook_fn

    hooks = {f"blocks.{layer}.hook_resid_pre": putting_at_all(clean_stream)}
    for one in range(layer, len(corrupted_mlp)):
        hooks[f"blocks.{one}.hook_mlp_out"] = putting_at_all(corrupted_mlp[one])
    return hooks


@misconception(
    "patching.severed_hooks",
    says=("All prompts are changed at the first prompt's position. Each prompt has its own."),
)
def position_of_the_first_prompt(layer, positions, clean_stream, corrupted_mlp):
    same_for_all = positions[:1].expand_as(positions)
    return build(layer, same_for_all, clean_stream, corrupted_mlp, range(layer, len(corrupted_mlp)))
