"""Wrong answers to path_patching.freezing_hooks that learners give, with the sentence to say for each."""

import torch

from mi_tutor.tutor.misconceptions import misconception, probe


@probe("path_patching.freezing_hooks")
def observe_freezing_hooks(freezing_hooks):
    """Names, what each hook returns, and what has become of the two runs."""
    plain = torch.arange(1.0, 25.0).reshape(3, 2, 2, 2, 1)
    other = -plain
    before = other.clone()
    hooks = freezing_hooks(plain, other, (1, 0))
    yield [name for name, _ in hooks]
    for _, hook in hooks:
        z = torch.full((2, 2, 2, 1), 99.0)
        result = hook(z, None)
        yield z if result is None else result
    yield bool((plain == -before).all())  # written into or not, whatever was written
    yield bool((other == before).all())


def named(layer):
    return f"blocks.{layer}.attn.hook_z"


@misconception(
    "path_patching.freezing_hooks",
    says=(
        "All your hooks hold the same layer, the last one. A function made in a loop looks its variable up when it is "
        "called, and by then the loop is over."
    ),
)
def binds_late(plain, other, sender):
    held = plain.clone()
    held[sender[0], :, :, sender[1]] = other[sender[0], :, :, sender[1]]
    hooks = []
    for layer in range(len(held)):
        hooks.append((named(layer), lambda z, hook: held[layer]))  # noqa: B023
    return hooks


@misconception(
    "path_patching.freezing_hooks",
    says=(
        "You froze too little: only the sender's layer has a hook. The heads behind it see the change and pass it on, "
        "so what arrives at the receiver is not the sender's message alone."
    ),
)
def freezes_one_layer(plain, other, sender):
    held = plain[sender[0]].clone()
    held[:, :, sender[1]] = other[sender[0], :, :, sender[1]]
    return [(named(sender[0]), lambda z, hook: held)]


@misconception(
    "path_patching.freezing_hooks",
    says="The whole layer of the sender comes from the other run. Its neighbours in the layer are to be held.",
)
def sends_the_whole_layer(plain, other, sender):
    held = plain.clone()
    held[sender[0]] = other[sender[0]]
    return [(named(k), lambda z, hook, value=value: value) for k, value in enumerate(held)]


@misconception(
    "path_patching.freezing_hooks",
    says=(
        "You froze at the wrong run: all heads write what they wrote in the source run, and the sender what it "
        "wrote here."
    ),
)
def exchanges_the_runs(plain, other, sender):
    held = other.clone()
    held[sender[0], :, :, sender[1]] = plain[sender[0], :, :, sender[1]]
    return [(named(k), lambda z, hook, value=value: value) for k, value in enumerate(held)]


@misconception(
    "path_patching.freezing_hooks",
    says=(
        "You write into the plain run itself. The next sender is then measured against a run that holds this one's"
        " change."
    ),
)
def spoils_the_plain_run(plain, other, sender):
    plain[sender[0], :, :, sender[1]] = other[sender[0], :, :, sender[1]]
    return [(named(k), lambda z, hook, value=value: value) for k, value in enumerate(plain)]


@misconception(
    "path_patching.freezing_hooks",
    says="Only the heads that share the sender's number are held, and the others of each layer run on.",
)
def holds_one_head_a_layer(plain, other, sender):
    def make(k):
        def hook(z, hook):
            z = z.clone()
            z[:, :, sender[1]] = (other if k == sender[0] else plain)[k, :, :, sender[1]]
            return z

        return hook

    return [(named(k), make(k)) for k in range(len(plain))]


@misconception(
    "path_patching.freezing_hooks",
    says="In the sender's layer the other heads are not held: they go on with what they would write now.",
)
def frees_the_neighbours(plain, other, sender):
    layer, head = sender

    def sending(z, hook):
        z = z.clone()
        z[:, :, head] = other[layer, :, :, head]
        return z

    hooks = [(named(k), lambda z, hook, value=value: value) for k, value in enumerate(plain.clone())]
    hooks[layer] = (named(layer), sending)
    return hooks


@misconception(
    "path_patching.freezing_hooks",
    says="The sender still writes what it would write now. It is to write what it wrote in the source run.",
)
def lets_the_sender_run(plain, other, sender):
    layer, head = sender

    def sending(z, hook):
        value = plain[layer].clone()
        value[:, :, head] = z[:, :, head]
        return value

    hooks = [(named(k), lambda z, hook, value=value: value) for k, value in enumerate(plain.clone())]
    hooks[layer] = (named(layer), sending)
    return hooks


@misconception(
    "path_patching.freezing_hooks",
    says="The sender is held at the plain run like all other heads, so nothing is sent.",
)
def holds_the_sender_too(plain, other, sender):
    return [(named(k), lambda z, hook, value=value: value) for k, value in enumerate(plain.clone())]


@misconception(
    "path_patching.freezing_hooks",
    says="The sender's value comes from the source run at the last position only. It is wanted at all positions.",
)
def patches_the_last_position(plain, other, sender):
    held = plain.clone()
    held[sender[0], :, -1, sender[1]] = other[sender[0], :, -1, sender[1]]
    return [(named(k), lambda z, hook, value=value: value) for k, value in enumerate(held)]
