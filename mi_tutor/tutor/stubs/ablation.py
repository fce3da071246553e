"""Chapter 07: ablation. What breaks when a part is gone?

A part's output is replaced, the run goes on, and the answer is scored. The functions say by what the part is replaced,
how large the effect is, how sure we are of it, and how much of it the rest of the model makes good.
"""

from collections.abc import Callable

import torch
from jaxtyping import Float, Int
from torch import Tensor

from mi_tutor import exercise


@exercise
def reference_means(
    reference: Float[Tensor, "sample pos head d_head"],
    reference_template: Int[Tensor, " sample"],
    template: Int[Tensor, " batch"],
) -> Float[Tensor, "batch pos head d_head"]:
    """What every head usually says here: its mean output over a reference set, by template and by position.

    A prompt made from one template has the same kind of word at the same position. The mean over reference prompts of
    that template keeps what they share (here is a name, this is the end) and averages away what differs (which name).

    Args:
        reference: z, the head outputs before the output matrix, on the reference prompts.
        reference_template: the template of each reference prompt, any whole numbers.
        template: the template of each prompt that is going to be run. Their own activations take no part.

    Returns:
        For each prompt to be run, at each position, for each head: the mean over the reference prompts of the same
        template at the same position.
        Source: the knockouts of Wang et al. 2022, section 2.1; Hanna et al. 2023.

    Raises:
        ValueError: a template of the prompts has no reference prompt; the message names it.
    """
    means = []
    raise NotImplementedError


@exercise
def heads_to_ablate(heads: list[tuple[int, int]], n_layers: int, n_heads: int, keep: bool) -> dict[int, list[int]]:
    """A set of heads as a plan for hooks: which heads are to be ablated in which layer?

    Two questions about a set. Remove it: is it needed? Keep it and ablate every other head: is it enough?

    Args:
        heads: the set, as pairs (layer, head) counted from 0, in any order. A pair may occur twice.
        n_layers, n_heads: the size of the model.
        keep: False to ablate the heads of the set, True to ablate all heads of the model that are not in it.

    Returns:
        layer -> the heads to ablate there, in increasing order and each once. A layer without any has no entry.

    Raises:
        ValueError: a pair is not a head of the model (negative numbers do not count from the end).
    """
    raise NotImplementedError


@exercise
def replacing_hook(
    values: Float[Tensor, "batch pos head d_head"], heads: list[int], positions: Int[Tensor, " batch"] | None
) -> Callable:
    """A hook that replaces the outputs of some heads of one layer, everywhere or at one position of each prompt.

    Args:
        values: what to put in, one vector for each prompt, position and head. Only the entries of the chosen heads
            and positions are used.
        heads: the heads to replace, counted from 0.
        positions: one position for each prompt, counted from 0; or None to replace at all positions.

    Returns:
        A function hook_fn(z, hook) for hook_z. z has shape batch x pos x head x d_head; hook is not needed. It returns
        z with the chosen entries replaced; z itself is left as it was.
    """

    raise NotImplementedError


@exercise
def total_effect(
    clean_logits: Float[Tensor, "batch d_vocab"],
    ablated_logits: Float[Tensor, "batch d_vocab"],
    correct: Int[Tensor, " batch"],
    wrong: Int[Tensor, " batch"],
) -> Float[Tensor, " batch"]:
    """What an ablation does to the answer, prompt by prompt: the change of the logit difference.

    The logit difference of a run is logit(correct) - logit(wrong), each prompt with its own two tokens. The effect is
    called total because everything after the ablated part reacts to its absence.

    Args:
        clean_logits: the logits at the last position, nothing ablated.
        ablated_logits: those of the same prompts with a part ablated.
        correct, wrong: two token ids for each prompt.

    Returns:
        (ablated logit difference) - (clean logit difference) of each prompt, in logits. Negative: the part helped.
    """
    raise NotImplementedError


@exercise
def resample_partners(template: Int[Tensor, " batch"], seed: int) -> Int[Tensor, " batch"]:
    """For resample ablation: from which other prompt does each prompt get its activation?

    The new activation is a real one; only its combination with the rest of the run is new. It must come from another
    prompt, or nothing is ablated; and from one of the same template, so that positions mean the same.

    Args:
        template: the template of each prompt, any whole numbers.
        seed: the same seed gives the same partners; over the seeds, every prompt of the template but itself comes up
            as a prompt's partner. The global random state is left alone.

    Returns:
        partner[i], the index of the prompt that gives its activation to prompt i: never i, always of i's template,
        and each prompt gives exactly once.

    Raises:
        ValueError: a template has only one prompt, which has no other to take from.
    """
    if (template.unique(return_counts=True)[1] == 1).any():
        raise ValueError("a template has only one prompt")
    generator = torch.Generator().manual_seed(seed)
    partner = torch.empty_like(template)
    for one in template.unique():
        members = (template == one).nonzero()[:, 0]
        partner[members] = members[torch.randperm(len(members), generator=generator)]
    return partner


@exercise
def paired_effect(clean: Float[Tensor, " batch"], ablated: Float[Tensor, " batch"]) -> tuple[float, float]:
    """The mean effect over prompts, and how sure we are of it.

    Both runs have the same prompts, so each prompt is its own control: how hard a prompt is cancels in its difference.

    Args:
        clean: the metric of each prompt, nothing ablated.
        ablated: the metric of the same prompts, in the same order, with a part ablated.

    Returns:
        (mean of ablated - clean, its standard error). The standard error is the sample standard deviation of the
        differences (with n - 1) divided by the square root of n, the number of prompts.

    Raises:
        ValueError: there are fewer than two prompts; one difference says nothing about the spread.
    """
    if len(clean) < 2:
        raise ValueError("a standard error needs at least two prompts")
    mean = float(ablated.mean() - clean.mean())
    return mean, float(((clean.var() + ablated.var()) / len(clean)) ** 0.5)


@exercise
def direct_effect(
    z: Float[Tensor, "batch head d_head"],
    z_new: Float[Tensor, "batch head d_head"],
    w_o: Float[Tensor, "head d_head d_model"],
    residual: Float[Tensor, "batch d_model"],
    gain: Float[Tensor, " d_model"],
    eps: float,
    direction: Float[Tensor, "batch d_model"],
) -> Float[Tensor, "batch head"]:
    """What replacing each head would do to the logit difference if nothing after it reacted.

    A head adds z @ w_o to the residual stream. The model ends with RMSNorm and the unembedding, so the logit difference
    is (residual / rms * gain) . direction with rms = sqrt(mean of residual^2 over d_model + eps). The denominator rms
    is frozen at the value it has in the clean run, prompt by prompt; then the effects of several heads add up.

    Args:
        z: the outputs of all heads of one layer at the last position, in the clean run.
        z_new: what replaces them.
        w_o: the output matrices of these heads.
        residual: the last residual vector of the clean run at the last position, before the final norm.
        gain, eps: of the final norm.
        direction: for each prompt, the column of the unembedding of its correct token minus that of its wrong token.

    Returns:
        For each prompt and head: the change of the logit difference on the direct path. Negative: the head helped.
    """
    raise NotImplementedError


@exercise
def compensated_share(direct: Float[Tensor, " batch"], total: Float[Tensor, " batch"]) -> float:
    """Which share of the damage did the rest of the model make good?

    The direct effect is the damage done; the total effect is the damage that is left after later parts have reacted.
    Compensation is their difference.

    Args:
        direct: the direct effect of an ablation on each prompt.
        total: its total effect on the same prompts.

    Returns:
        (mean direct effect - mean total effect) / (mean direct effect). 0: nothing was made good. 1: all was. Below 0:
        later parts made it worse. Above 1: they overdid it. nan where the mean direct effect is 0.
    """
    raise NotImplementedError


@exercise
def bootstrap_interval(
    rows: Float[Tensor, "batch feature"], statistic: Callable[[Tensor], float], n: int, level: float, seed: int
) -> tuple[float, float]:
    """How far would a number move with other prompts of the same kind? The percentile bootstrap.

    Args:
        rows: one row for each prompt, with all measurements that belong to that prompt (for instance its direct and its
            total effect).
        statistic: a function of such rows that gives one number, for instance a share of two means.
        n: how many samples to draw. Each has as many rows as there are, drawn one by one with equal chances, so that a
            row can come up several times. A row stays whole.
        level: the share of the samples' statistics that the interval holds, such as 0.9.
        seed: the same seed gives the same interval. Any generator will do. The global random state is left alone.

    Returns:
        (low, high): the (1 - level) / 2 quantile and the (1 + level) / 2 quantile of the n statistics.
        Source: Efron 1979.
    """
    generator = torch.Generator().manual_seed(seed)
    raise NotImplementedError


@exercise
def which_reading() -> str:
    """Which statement do the measurements of head 23.0 in this section support, and no more than support?

    a) Head 23.0 plays no part on these prompts. Its ablation leaves the logit difference as it was.
    b) Head 23.0 adds to the logit difference directly. When it is ablated, later parts react and put back about as much
       as it took away; the total effect alone would not have shown either.
    c) The direct effect is an error of the frozen norm. The true effect is the one that the model shows.
    d) The model contains heads that were trained to stand by and to take over the naming when head 23.0 fails.

    Returns:
        The letter of the statement.
    """
    raise NotImplementedError
