"""Wrong answers to ablation.total_effect that learners give, with the sentence to say for each."""

import torch

from mi_tutor.tutor.misconceptions import misconception, probe


@probe("ablation.total_effect")
def observe_total_effect(total_effect):
    """Answers in opposite roles, and a third token that changes much."""
    clean = torch.tensor([[5.0, 0.0, 1.0], [2.0, 6.0, 0.0], [0.5, 1.0, 8.0], [3.0, -2.0, 0.0]])
    ablated = torch.tensor([[4.0, 0.5, 9.0], [2.5, 5.0, 3.0], [0.0, 2.0, 7.0], [0.0, -1.0, 6.0]])
    yield total_effect(clean, ablated, torch.tensor([0, 1, 2, 0]), torch.tensor([2, 0, 1, 1]))
    yield total_effect(clean[:1], ablated[:1], torch.tensor([1]), torch.tensor([0]))


def per_row(logits, correct, wrong):
    rows = torch.arange(len(correct))
    return logits[rows, correct] - logits[rows, wrong]


@misconception(
    "ablation.total_effect",
    says=(
        "You average the logits over the prompts before you subtract. But each prompt has its own correct and wrong "
        "token; in the average nobody knows whose answer is whose."
    ),
)
def averages_logits_first(clean_logits, ablated_logits, correct, wrong):
    change = (ablated_logits - clean_logits).mean(dim=0)
    return change[correct] - change[wrong]


@misconception(
    "ablation.total_effect",
    says=(
        "Your sign is turned: you give clean minus ablated. Here an effect is what the ablation changes, so a helpful "
        "part has a negative one."
    ),
)
def turns_the_sign(clean_logits, ablated_logits, correct, wrong):
    return per_row(clean_logits, correct, wrong) - per_row(ablated_logits, correct, wrong)


@misconception(
    "ablation.total_effect",
    says=(
        "You read the correct token's logit alone. A part that raises both names equally would look important for "
        "telling them apart."
    ),
)
def reads_the_correct_logit_only(clean_logits, ablated_logits, correct, wrong):
    rows = torch.arange(len(correct))
    return ablated_logits[rows, correct] - clean_logits[rows, correct]


@misconception(
    "ablation.total_effect",
    says=(
        "You give the ablated logit difference itself. An effect is a change: what was there without the ablation must "
        "be taken off, prompt by prompt."
    ),
)
def forgets_the_clean_run(clean_logits, ablated_logits, correct, wrong):
    return per_row(ablated_logits, correct, wrong)


@misconception(
    "ablation.total_effect",
    says=(
        "You compare probabilities. That is another metric: it also moves when a third token takes probability away, "
        "and it is flat near 0 and 1."
    ),
)
def compares_probabilities(clean_logits, ablated_logits, correct, wrong):
    clean, ablated = clean_logits.softmax(dim=-1), ablated_logits.softmax(dim=-1)
    return per_row(ablated, correct, wrong) - per_row(clean, correct, wrong)


@misconception(
    "ablation.total_effect",
    says=(
        "You divide by the clean logit difference. That is a share, not a change in logits, and for a prompt that the "
        "model finds hard you divide by almost nothing."
    ),
)
def divides_by_the_clean_difference(clean_logits, ablated_logits, correct, wrong):
    clean = per_row(clean_logits, correct, wrong)
    return (per_row(ablated_logits, correct, wrong) - clean) / clean
