"""Checks of ablation.resample_partners: Mend: a resample ablation that sometimes ablates nothing."""

import pytest
import torch

from mi_tutor.exercises import ablation
from mi_tutor.tutor.judge import holds, raises, same

MIXED = torch.tensor([0, 4, 0, 4, 4, 0, 4, 0, 0])


@pytest.mark.exercise("ablation.resample_partners")
def test_no_prompt_is_its_own_partner():
    """No prompt gets its own activation, whatever the seed."""
    template = torch.zeros(4, dtype=torch.long)
    for seed in range(40):
        partner = ablation.resample_partners(template, seed)
        holds(
            not (partner == torch.arange(4)).any(),
            "A prompt that gets its own activation back is not ablated at all. Of all orders of four prompts, five in "
            "eight leave at least one prompt in its place.",
            given={"template": template, "seed": seed},
            got=partner,
        )


@pytest.mark.exercise("ablation.resample_partners")
def test_partners_share_a_template():
    """A partner is always of the same template."""
    for seed in range(20):
        partner = ablation.resample_partners(MIXED, seed)
        same(
            MIXED[partner],
            MIXED,
            given={"template": MIXED, "seed": seed, "partner": partner},
            teach="In another template other words stand at the same position.",
            what="template of each partner",
        )
    pairs = torch.tensor([7, 2, 2, 7])
    same(
        ablation.resample_partners(pairs, 0),
        torch.tensor([3, 2, 1, 0]),
        given={"template": pairs, "seed": 0},
        teach="Each template has two prompts: each of them takes from the other.",
        what="partners",
    )


@pytest.mark.exercise("ablation.resample_partners")
def test_each_prompt_gives_once():
    """Each prompt gives its activation exactly once, so the set of activations is the natural one."""
    for seed in range(20):
        partner = ablation.resample_partners(MIXED, seed)
        same(
            partner.sort().values,
            torch.arange(9),
            given={"template": MIXED, "seed": seed, "partner": partner},
            teach="If one prompt gives twice, another never does, and the average over prompts moves.",
            what="sorted partners",
        )


@pytest.mark.exercise("ablation.resample_partners")
def test_every_other_prompt_comes_up():
    """Over the seeds, every other prompt of the template comes up as a partner."""
    seen = {int(ablation.resample_partners(MIXED, seed)[2]) for seed in range(80)}
    same(
        sorted(seen),
        [0, 5, 7, 8],
        given={"template": MIXED},
        teach="Prompt 2 is of template 0, with the prompts 0, 5, 7 and 8. A partner that is always the same neighbour "
        "makes the result hang on the order of the prompts.",
        what="partners of prompt 2 over 80 seeds",
    )


@pytest.mark.exercise("ablation.resample_partners")
def test_partners_are_reproducible():
    """The same seed gives the same partners, and torch's own random state is left alone."""
    template = torch.zeros(30, dtype=torch.long)
    torch.manual_seed(5)
    expected = torch.rand(1)
    torch.manual_seed(5)
    first = ablation.resample_partners(template, 1)
    same(
        torch.rand(1),
        expected,
        teach="torch.manual_seed inside the function changes every random number that comes after it.",
        what="next random number",
    )
    same(ablation.resample_partners(template, 1), first, teach="Two calls with one seed should agree.", what="partners")
    holds(
        not torch.equal(ablation.resample_partners(template, 2), first),
        "Seeds 1 and 2 give the same partners for thirty prompts. The seed must matter, or no spread can be measured.",
    )


@pytest.mark.exercise("ablation.resample_partners")
def test_a_lonely_prompt_is_refused():
    """A template with a single prompt is refused with a ValueError."""
    with raises(ValueError, teach="The prompt has nobody to take from. Silently keeping its own would ablate nothing."):
        ablation.resample_partners(torch.tensor([0, 0, 3]), 0)
