"""Wrong answers to circuits.mean_ablation_hook that learners give, with the sentence to say for each."""

import torch

from mi_tutor.tutor.judge import seeded
from mi_tutor.tutor.misconceptions import misconception, probe


@probe("circuits.mean_ablation_hook")
def observe_mean_ablation_hook(mean_ablation_hook):
    """What comes back for one head and for two, and what became of the input."""
    z = torch.randn(3, 4, 4, 2, generator=seeded()) + 1
    for heads in ([1], [0, 3]):
        given = z.clone()
        yield mean_ablation_hook(heads)(given, None)
        yield given


@misconception(
    "circuits.mean_ablation_hook",
    says=(
        "You set the heads to zero. Zero is not neutral: a head's usual output may be far from it, and the later "
        "layers have never seen it missing. What you measure then is partly the shock."
    ),
)
def zero_ablation(heads):
    def hook_fn(z, hook):
        changed = z.clone()
        changed[:, :, heads] = 0
        return changed

    return hook_fn


@misconception(
    "circuits.mean_ablation_hook",
    says=(
        "You average over the texts only, and keep one mean for each position. What the head knows about the position "
        "then stays in the model. Here the average runs over positions, too."
    ),
)
def keeps_the_position(heads):
    def hook_fn(z, hook):
        changed = z.clone()
        changed[:, :, heads] = z[:, :, heads].mean(dim=0, keepdim=True)
        return changed

    return hook_fn


@misconception(
    "circuits.mean_ablation_hook",
    says=(
        "You average over the positions of each text on its own. What the head knows about this text as a whole then "
        "stays in the model. Here the average runs over the texts, too."
    ),
)
def keeps_the_text(heads):
    def hook_fn(z, hook):
        changed = z.clone()
        changed[:, :, heads] = z[:, :, heads].mean(dim=1, keepdim=True)
        return changed

    return hook_fn


@misconception(
    "circuits.mean_ablation_hook",
    says=(
        "You average over the heads, or over the numbers of a vector, as well. Each head keeps its own mean vector: "
        "d_head numbers, averaged over texts and positions only."
    ),
)
def one_number_for_all(heads):
    def hook_fn(z, hook):
        changed = z.clone()
        changed[:, :, heads] = z[:, :, heads].mean()
        return changed

    return hook_fn


@misconception(
    "circuits.mean_ablation_hook",
    says=(
        "You change positions instead of heads. The axes of z are batch, pos, head, d_head: the heads are the third "
        "axis, not the second."
    ),
)
def ablates_positions(heads):
    def hook_fn(z, hook):
        changed = z.clone()
        changed[:, heads] = z[:, heads].mean(dim=(0, 1))
        return changed

    return hook_fn


@misconception(
    "circuits.mean_ablation_hook",
    says=(
        "You write into the tensor that the hook was given. Whoever else holds it, a cache or another hook, now sees "
        "the ablated values."
    ),
)
def edits_in_place(heads):
    def hook_fn(z, hook):
        z[:, :, heads] = z[:, :, heads].mean(dim=(0, 1))
        return z

    return hook_fn


@misconception(
    "circuits.mean_ablation_hook",
    says=(
        "You average over the numbers of a head's vector as well, so the head says one number d_head times. Average "
        "over texts and positions only."
    ),
)
def one_number_for_each_head(heads):
    def hook_fn(z, hook):
        changed = z.clone()
        changed[:, :, heads] = z[:, :, heads].mean(dim=(0, 1, 3), keepdim=True)
        return changed

    return hook_fn


@misconception(
    "circuits.mean_ablation_hook",
    says=(
        "You average over the ablated heads as well, so all of them say the same. Each head keeps a mean vector of "
        "its own."
    ),
)
def one_vector_for_all_heads(heads):
    def hook_fn(z, hook):
        changed = z.clone()
        changed[:, :, heads] = z[:, :, heads].mean(dim=(0, 1, 2))
        return changed

    return hook_fn
