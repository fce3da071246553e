"""Wrong answers to saes.loss_recovered that learners give, with the sentence to say for each."""

import torch

from mi_tutor.tutor.misconceptions import misconception, outcome, probe


@probe("saes.loss_recovered")
def observe_loss_recovered(loss_recovered):
    """A good SAE, one worse than the ablation, one better than the model, and an ablation without harm."""
    clean, baseline = torch.tensor([1.0, 3.0, 0.5]), torch.tensor([3.0, 9.0, 1.5])
    yield loss_recovered(clean, torch.tensor([2.0, 3.0, 0.7]), baseline)
    yield loss_recovered(clean, torch.tensor([6.0, 9.5, 4.0]), baseline)
    yield loss_recovered(clean, torch.tensor([1.0, 2.0, 0.5]), baseline)
    for ablated in (clean - 0.5, clean):
        yield outcome(lambda ablated=ablated: loss_recovered(clean, baseline, ablated)) == "refused"


def _refused(clean, baseline):
    if baseline.mean() <= clean.mean():
        raise ValueError("nothing to recover")


@misconception(
    "saes.loss_recovered",
    says=(
        "You take a ratio for each token and average. Tokens that hardly need the activations are divided by almost "
        "nothing and decide the result. Average the losses first."
    ),
)
def averages_ratios(clean, spliced, baseline):
    _refused(clean, baseline)
    return float(((baseline - spliced) / (baseline - clean)).mean())


@misconception(
    "saes.loss_recovered",
    says="You return the share that is lost. 1 is to mean that nothing is lost.",
)
def returns_what_is_lost(clean, spliced, baseline):
    _refused(clean, baseline)
    return float((spliced.mean() - clean.mean()) / (baseline.mean() - clean.mean()))


@misconception(
    "saes.loss_recovered",
    says=(
        "You divide the clean loss by the spliced one. That ratio is near 1 for a bad SAE too, since even an ablated "
        "model has a loss of the same order. The ablated run is the zero of the scale."
    ),
)
def divides_the_losses(clean, spliced, baseline):
    _refused(clean, baseline)
    return float(clean.mean() / spliced.mean())


@misconception(
    "saes.loss_recovered",
    says="You divide by the ablated loss. The most that can be recovered is its distance from the clean loss.",
)
def divides_by_the_ablated_loss(clean, spliced, baseline):
    _refused(clean, baseline)
    return float((baseline.mean() - spliced.mean()) / baseline.mean())


@misconception(
    "saes.loss_recovered",
    says="You cut the result off at 0 and 1. An SAE that does more harm than the ablation is worth knowing about.",
)
def cuts_off_the_ends(clean, spliced, baseline):
    _refused(clean, baseline)
    share = (baseline.mean() - spliced.mean()) / (baseline.mean() - clean.mean())
    return float(share.clamp(0, 1))


@misconception(
    "saes.loss_recovered",
    says="An ablation that does no harm is not refused: the result is then divided by 0 or by a negative number.",
)
def accepts_a_harmless_ablation(clean, spliced, baseline):
    return float((baseline.mean() - spliced.mean()) / (baseline.mean() - clean.mean()))


@misconception(
    "saes.loss_recovered",
    says="Equal means are not refused. An ablation that changes nothing leaves nothing to recover: you divide by 0.",
)
def accepts_an_ablation_without_effect(clean, spliced, baseline):
    if baseline.mean() < clean.mean():
        raise ValueError("nothing to recover")
    return float((baseline.mean() - spliced.mean()) / (baseline.mean() - clean.mean()))
