"""Wrong answers to judging_saes.disentangle_scores that learners give, with the sentence to say for each."""

import torch

from mi_tutor.tutor.judge import seeded
from mi_tutor.tutor.misconceptions import misconception, probe


@probe("judging_saes.disentangle_scores")
def observe_disentangle_scores(disentangle_scores):
    """Random answers with few values, so that pairs often agree; then pairs that all agree on the target."""
    pairs = torch.randint(0, 3, (41, 6), generator=seeded(3))
    for rows in (pairs, torch.cat([pairs[:, [1, 1, 1]], pairs[:, 3:]], dim=1)):
        got = disentangle_scores(*rows.T)
        for key in ("cause", "isolate", "disentangle"):
            yield "nan" if got[key] != got[key] else float(got[key])


def _share(rows):
    return rows.float().mean().item()


def _both(cause, isolate):
    return {"cause": cause, "isolate": isolate, "disentangle": (cause + isolate) / 2}


@misconception(
    "judging_saes.disentangle_scores",
    says=(
        "You count pairs that cannot show anything. Where base and source agree on a property, doing nothing looks "
        "like moving it, and swapping everything looks like leaving it. Only pairs that differ in it count."
    ),
)
def counts_all_pairs(target_got, target_base, target_source, other_got, other_base, other_source):
    cause = (target_got == target_source).float().mean().item()
    isolate = (other_got == other_base).float().mean().item()
    return {"cause": cause, "isolate": isolate, "disentangle": (cause + isolate) / 2}


@misconception(
    "judging_saes.disentangle_scores",
    says="Any changed answer counts as caused with you. It has to become the source's answer, not just another one.",
)
def counts_any_change(target_got, target_base, target_source, other_got, other_base, other_source):
    moves, stays = target_base != target_source, other_base != other_source
    return _both(_share((target_got != target_base)[moves]), _share((other_got == other_base)[stays]))


@misconception(
    "judging_saes.disentangle_scores",
    says=(
        "For isolate you count answers that did not become the source's. A third answer is damage too: the base's "
        "answer has to stay."
    ),
)
def forgives_a_third_answer(target_got, target_base, target_source, other_got, other_base, other_source):
    moves, stays = target_base != target_source, other_base != other_source
    return _both(_share((target_got == target_source)[moves]), _share((other_got != other_source)[stays]))


@misconception(
    "judging_saes.disentangle_scores",
    says=(
        "You use one set of pairs for both scores: those that differ in the target. Whether the other property stays "
        "shows in pairs that differ in that one."
    ),
)
def one_set_of_pairs(target_got, target_base, target_source, other_got, other_base, other_source):
    moves = target_base != target_source
    return _both(_share((target_got == target_source)[moves]), _share((other_got == other_base)[moves]))


@misconception(
    "judging_saes.disentangle_scores",
    says="Your disentangle score is the product of the two. It is their mean.",
)
def multiplies_the_scores(target_got, target_base, target_source, other_got, other_base, other_source):
    moves, stays = target_base != target_source, other_base != other_source
    cause, isolate = _share((target_got == target_source)[moves]), _share((other_got == other_base)[stays])
    return {"cause": cause, "isolate": isolate, "disentangle": cause * isolate}


@misconception(
    "judging_saes.disentangle_scores",
    says="A score over no pairs is 0 with you. Nothing was measured, so it is nan.",
)
def says_zero_for_nothing(target_got, target_base, target_source, other_got, other_base, other_source):
    moves, stays = target_base != target_source, other_base != other_source
    cause = (target_got == target_source)[moves].sum().item() / max(1, int(moves.sum()))
    isolate = (other_got == other_base)[stays].sum().item() / max(1, int(stays.sum()))
    return _both(cause, isolate)


@misconception(
    "judging_saes.disentangle_scores",
    says=(
        "You count only pairs that differ in both properties. For cause a pair has to differ in the target, whatever "
        "the other property does, and for isolate the other way round."
    ),
)
def only_pairs_that_differ_in_both(target_got, target_base, target_source, other_got, other_base, other_source):
    both = (target_base != target_source) & (other_base != other_source)
    return _both(_share((target_got == target_source)[both]), _share((other_got == other_base)[both]))
