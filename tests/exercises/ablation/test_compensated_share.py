"""Checks of ablation.compensated_share: Which share was made good?"""

import math

import pytest
import torch

from mi_tutor.exercises import ablation
from mi_tutor.tutor.judge import holds, same


@pytest.mark.exercise("ablation.compensated_share")
def test_a_third_is_made_good():
    """A damage of 3 of which 2 are left was made good by a third."""
    direct, total = torch.tensor([-3.0, -3.0]), torch.tensor([-2.0, -2.0])
    same(
        ablation.compensated_share(direct, total),
        1 / 3,
        given={"direct": direct, "total": total},
        teach="Of the direct effect -3 the later parts took back 1.",
    )


@pytest.mark.exercise("ablation.compensated_share")
def test_means_before_the_share():
    """The means are taken first: prompts with little damage do not count as much as those with a lot."""
    direct, total = torch.tensor([-4.0, -1.0]), torch.tensor([-1.0, -1.5])
    same(
        ablation.compensated_share(direct, total),
        0.5,
        given={"direct": direct, "total": total},
        teach="The mean damage is 2.5, and 1.25 is left. The mean of the two prompts' shares, 3/4 and -1/2, is another "
        "number, and it explodes when one direct effect is near 0.",
    )


@pytest.mark.exercise("ablation.compensated_share")
@pytest.mark.parametrize("left, share", [(-3.0, -0.5), (0.5, 1.25), (0.0, 1.0), (-2.0, 0.0)])
def test_worse_and_overdone(left, share):
    """Later parts may make it worse (below 0) or overdo it (above 1)."""
    direct, total = torch.tensor([-1.0, -3.0]), torch.tensor([left, left])
    same(
        ablation.compensated_share(direct, total),
        share,
        given={"direct": direct, "total": total},
        teach="The share is reported as it is. Cutting it to 0 … 1 would hide what happened.",
    )


@pytest.mark.exercise("ablation.compensated_share")
def test_compensation_of_a_harmful_head():
    """A head that held the answer down can be compensated, too: the signs turn, the share stays."""
    direct, total = torch.tensor([2.0, 4.0]), torch.tensor([1.0, 1.0])
    same(
        ablation.compensated_share(direct, total),
        2 / 3,
        given={"direct": direct, "total": total},
        teach="Its removal should raise the logit difference by 3, and it rises by 1.",
    )


@pytest.mark.exercise("ablation.compensated_share")
def test_no_damage_no_share():
    """Without a mean direct effect there is no share: nan."""
    got = ablation.compensated_share(torch.tensor([1.0, -1.0]), torch.tensor([0.5, 0.25]))
    holds(
        isinstance(got, float) and math.isnan(got),
        "A share of nothing is no number. Return nan.",
        given={"direct": [1.0, -1.0], "total": [0.5, 0.25]},
        got=got,
        expected=math.nan,
    )
