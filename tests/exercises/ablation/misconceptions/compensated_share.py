"""Wrong answers to ablation.compensated_share that learners give, with the sentence to say for each."""

import torch

from mi_tutor.tutor.misconceptions import misconception, outcome, probe


@probe("ablation.compensated_share")
def observe_compensated_share(compensated_share):
    """Unequal prompts, worse than direct, overdone, a harmful head, no damage."""
    for direct, total in (
        ([-4.0, -1.0], [-1.0, -1.5]),
        ([-1.0, -3.0], [-3.0, -2.5]),
        ([-1.0, -3.0], [0.5, 0.25]),
        ([2.0, 4.0], [1.0, 1.5]),
        ([1.0, -1.0], [0.5, 0.25]),
    ):
        yield outcome(lambda direct=direct, total=total: compensated_share(torch.tensor(direct), torch.tensor(total)))


@misconception(
    "ablation.compensated_share",
    says=(
        "You average the shares of the prompts. A prompt with a direct effect near 0 has a share of any size, and it "
        "outweighs all others. Average the effects first."
    ),
)
def averages_the_shares(direct, total):
    return float(((direct - total) / direct).mean()) if float(direct.mean()) else float("nan")


@misconception(
    "ablation.compensated_share",
    says=(
        "You divide by the total effect, which is what is left. The whole that the share is taken of is the damage "
        "that was done: the direct effect."
    ),
)
def divides_by_what_is_left(direct, total):
    damage, left = float(direct.mean()), float(total.mean())
    return (damage - left) / left if damage else float("nan")


@misconception(
    "ablation.compensated_share",
    says="You give the share that is left. Asked for is the share that was made good.",
)
def gives_the_share_that_is_left(direct, total):
    damage, left = float(direct.mean()), float(total.mean())
    return left / damage if damage else float("nan")


@misconception(
    "ablation.compensated_share",
    says=(
        "You cut the share to between 0 and 1. Later parts can make it worse or overdo it, and the reader should see "
        "that."
    ),
)
def cuts_to_a_share(direct, total):
    damage, left = float(direct.mean()), float(total.mean())
    return min(1.0, max(0.0, (damage - left) / damage)) if damage else float("nan")


@misconception(
    "ablation.compensated_share",
    says=(
        "You drop the signs of the effects. A total effect on the other side of 0 then looks like damage that is left, "
        "although the later parts overdid the repair."
    ),
)
def drops_the_signs(direct, total):
    damage, left = abs(float(direct.mean())), abs(float(total.mean()))
    return (damage - left) / damage if damage else float("nan")


@misconception(
    "ablation.compensated_share",
    says="You give the compensation in logits. A share says how much of the damage that was.",
)
def gives_logits(direct, total):
    damage, left = float(direct.mean()), float(total.mean())
    return left - damage if damage else float("nan")


@misconception(
    "ablation.compensated_share",
    says="Where the mean direct effect is 0 you answer with 0. There was no damage, so there is no share of it: nan.",
)
def zero_for_no_damage(direct, total):
    damage, left = float(direct.mean()), float(total.mean())
    return (damage - left) / damage if damage else 0.0
