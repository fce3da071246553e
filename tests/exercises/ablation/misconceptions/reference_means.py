"""Wrong answers to ablation.reference_means that learners give, with the sentence to say for each."""

import torch

from mi_tutor.tutor.judge import seeded
from mi_tutor.tutor.misconceptions import misconception, outcome, probe


@probe("ablation.reference_means")
def observe_reference_means(reference_means):
    """Templates of unequal size and odd numbers, more and fewer prompts than references, one without references."""
    reference = torch.randn(6, 3, 2, 2, generator=seeded()) + torch.arange(6.0)[:, None, None, None]
    kinds = torch.tensor([7, 2, 7, 2, 7, 5])
    for wanted in ([2, 7], [5, 2, 2, 7, 7, 5, 2, 7]):
        yield outcome(lambda wanted=wanted: reference_means(reference, kinds, torch.tensor(wanted)))
    missing = outcome(lambda: reference_means(reference, kinds, torch.tensor([2, 4])))
    yield "refused" if isinstance(missing, str) else bool(missing.isfinite().all())


def with_templates(reference, kinds, template):
    if not torch.isin(template, kinds).all():
        raise ValueError(f"no reference for template {template[~torch.isin(template, kinds)][0]}")
    return torch.stack([reference[kinds == one].mean(dim=0) for one in template.tolist()])


@misconception(
    "ablation.reference_means",
    says=(
        "You average over positions as well. At one position there is a name, at another the end of the sentence; what "
        "a head usually says at the one is unusual at the other. Keep the axis of positions."
    ),
)
def averages_over_positions(reference, reference_template, template):
    means = with_templates(reference, reference_template, template)
    return means.mean(dim=1, keepdim=True).expand(-1, reference.shape[1], -1, -1).clone()


@misconception(
    "ablation.reference_means",
    says=(
        "You take one mean over all reference prompts. In another template other words stand at the same position, so "
        "your mean says what no prompt of this template would."
    ),
)
def ignores_templates(reference, reference_template, template):
    with_templates(reference, reference_template, template)
    return reference.mean(dim=0).expand(len(template), -1, -1, -1).clone()


@misconception(
    "ablation.reference_means",
    says=(
        "You take one mean over all prompts and all positions, so every place of every prompt gets the same vector. "
        "Keep the axis of positions, and give each template a mean of its own."
    ),
)
def one_mean_for_everything(reference, reference_template, template):
    with_templates(reference, reference_template, template)
    return reference.mean(dim=(0, 1)).expand(len(template), reference.shape[1], -1, -1).clone()


@misconception(
    "ablation.reference_means",
    says=(
        "Two countings are mixed up. The number of a template is a label: it need not count up from 0, and it is no "
        "row. And the two sets of prompts have a length each: ask which of the reference prompts carry the label."
    ),
)
def takes_numbers_for_rows(reference, reference_template, template):
    table = torch.stack([reference[reference_template == one].mean(dim=0) for one in reference_template.unique()])
    return table[template]


@misconception(
    "ablation.reference_means",
    says=(
        "You accept a template that has no reference prompt. The mean over nothing is nan, and it spreads to every "
        "logit of the run."
    ),
)
def averages_over_nothing(reference, reference_template, template):
    return torch.stack([reference[reference_template == one].mean(dim=0) for one in template.tolist()])


@misconception(
    "ablation.reference_means",
    says=(
        "You average the heads of a layer together. Each head is replaced by what that head usually says, not by what "
        "its neighbours say."
    ),
)
def averages_over_heads(reference, reference_template, template):
    means = with_templates(reference, reference_template, template)
    return means.mean(dim=2, keepdim=True).expand(-1, -1, reference.shape[2], -1).clone()


@misconception(
    "ablation.reference_means",
    says=(
        "You divide by the number of all reference prompts. Each mean has the number of prompts of its own template "
        "below the line."
    ),
)
def divides_by_all(reference, reference_template, template):
    with_templates(reference, reference_template, template)
    return torch.stack([reference[reference_template == one].sum(dim=0) for one in template.tolist()]) / len(reference)
