"""Wrong answers to start_here.read_activation that learners give, with the sentence to say for each."""

import torch

from mi_tutor.lab.tiny import TinyModel
from mi_tutor.tutor.misconceptions import misconception, probe


@probe("start_here.read_activation")
def observe_read_activation(read_activation):
    """What comes back at two places, what a reading does to the run, and how many hooks it leaves behind."""
    ids = torch.tensor([[2, 1, 3], [5, 4, 2]])
    model, later = TinyModel(), []
    yield read_activation(model, ids, "blocks.0.hook_resid_pre")
    yield model.hooks_left()
    model.reset_hooks()
    model.add_hook("blocks.1.hook_resid_post", lambda activation, hook: later.append(activation))
    yield read_activation(model, ids, "blocks.1.hook_resid_pre")
    yield later[-1:]


@misconception(
    "start_here.read_activation",
    says="You return what `run_with_hooks` returns. Those are the logits, the result at the end of the run. The "
    "activation is what your hook was called with, in the middle of it.",
)
def returns_the_logits(model, ids, name):
    return model.run_with_hooks(ids, fwd_hooks=[(name, lambda activation, hook: None)])


@misconception(
    "start_here.read_activation",
    says="You always read at layer 0, whatever `name` says. The caller chooses the place.",
)
def always_reads_layer_0(model, ids, name):
    found = []
    model.run_with_hooks(
        ids, fwd_hooks=[("blocks.0.hook_resid_pre", lambda activation, hook: found.append(activation))]
    )
    return found[0]


@misconception(
    "start_here.read_activation",
    says="You return the first text only. An activation has a batch axis in front; keep it, also when there is just "
    "one text.",
)
def drops_the_batch(model, ids, name):
    found = []
    model.run_with_hooks(ids, fwd_hooks=[(name, lambda activation, hook: found.append(activation))])
    return found[0][0]


@misconception(
    "start_here.read_activation",
    says="You left your hook on the model. From now on it acts in every run, and nobody will remember why. Give it to "
    "one run with `run_with_hooks`, which takes it off at the end.",
)
def leaves_the_hook_on(model, ids, name):
    found = []
    model.add_hook(name, lambda activation, hook: found.append(activation))
    model(ids)
    return found[0]


@misconception(
    "start_here.read_activation",
    says="Nothing was found. Either no run ever called your hook, or the hook did not keep what it was given. Both "
    "steps are needed: the hook stores the activation, and the model has to run with the hook.",
)
def finds_nothing(model, ids, name):
    found = []

    def keep(activation, hook):
        found.append(activation)

    return found[0]


@misconception(
    "start_here.read_activation",
    says="Your hook returns a tensor that differs from what came in, so the rest of the run goes on with that one. You "
    "measured by changing the thing. A hook that only reads returns None.",
)
def replaces_while_reading(model, ids, name):
    found = []

    def keep(activation, hook):
        found.append(activation)
        return activation[:1].expand_as(activation) * 0

    model.run_with_hooks(ids, fwd_hooks=[(name, keep)])
    return found[0]


@misconception(
    "start_here.read_activation",
    says="You return the list that the activation was put into. Return what is in it: the run put one tensor there.",
)
def returns_the_list(model, ids, name):
    found = []
    model.run_with_hooks(ids, fwd_hooks=[(name, lambda activation, hook: found.append(activation))])
    return found


@misconception(
    "start_here.read_activation",
    says="The list you return is still empty. If your hook assigns to `found` with `=`, Python makes a new local name "
    "inside the hook, and the list outside stays as it was. Change the list itself instead.",
)
def assigns_a_local_name(model, ids, name):
    found = []

    def keep(activation, hook):
        found = activation  # noqa: F841

    model.run_with_hooks(ids, fwd_hooks=[(name, keep)])
    return found
