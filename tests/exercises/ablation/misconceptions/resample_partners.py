"""Wrong answers to ablation.resample_partners that learners give, with the sentence to say for each."""

import torch

from mi_tutor.tutor.judge import seeded
from mi_tutor.tutor.misconceptions import misconception, outcome, probe


def neighbours(template, prompt):
    """The prompts that stand before and after this one in the list of its template."""
    members = (template == template[prompt]).nonzero()[:, 0]
    place = members.tolist().index(prompt)
    return {int(members.roll(1)[place]), int(members.roll(-1)[place])}


@probe("ablation.resample_partners", atol=0.05)
def observe_resample_partners(resample_partners):
    """Fixed points, templates, giving once, the spread, neighbours, the seed, the world's state, a lonely prompt."""
    template = torch.tensor([0, 4, 0, 4, 4, 0, 4, 0, 0])
    drawn = [resample_partners(template, seed) for seed in range(60)]
    yield any(bool((partner == torch.arange(9)).any()) for partner in drawn)
    yield all(torch.equal(template[partner], template) for partner in drawn)
    yield all(torch.equal(partner.sort().values, torch.arange(9)) for partner in drawn)
    yield len({int(partner[2]) for partner in drawn})
    yield all(int(partner[i]) in neighbours(template, i) for partner in drawn for i in range(9))
    with torch.random.fork_rng():
        torch.manual_seed(3)
        before = torch.get_rng_state()
        first = resample_partners(template, 1)
        yield bool(torch.equal(before, torch.get_rng_state()))
    yield bool(torch.equal(first, resample_partners(template, 1)))
    yield isinstance(outcome(lambda: resample_partners(torch.tensor([0, 0, 3]), 0)), str)


def refuse_lonely(template):
    if (template.unique(return_counts=True)[1] == 1).any():
        raise ValueError("a template has only one prompt")


@misconception(
    "ablation.resample_partners",
    says=(
        "You shuffle the prompts of a template, and a shuffle may leave a prompt in its place. It then gets its own "
        "activation, and its effect of exactly 0 is averaged in as if it had been measured."
    ),
)
def shuffles_freely(template, seed):
    if (template.unique(return_counts=True)[1] == 1).any():
        raise ValueError("a template has only one prompt")
    generator = torch.Generator().manual_seed(seed)
    partner = torch.empty_like(template)
    for one in template.unique():
        members = (template == one).nonzero()[:, 0]
        partner[members] = members[torch.randperm(len(members), generator=generator)]
    return partner


@misconception(
    "ablation.resample_partners",
    says=(
        "You shuffle all prompts together. Some prompts then get their own activation, and many that of another "
        "template, where other words stand at the same position."
    ),
)
def shuffles_everything(template, seed):
    refuse_lonely(template)
    return torch.randperm(len(template), generator=seeded(seed))


@misconception(
    "ablation.resample_partners",
    says=(
        "No prompt is its own partner, but partners come from any template. There other words stand at the same "
        "position."
    ),
)
def crosses_templates(template, seed):
    refuse_lonely(template)
    order = torch.randperm(len(template), generator=seeded(seed))
    partner = torch.empty_like(template)
    partner[order] = order.roll(1)
    return partner


@misconception(
    "ablation.resample_partners",
    says=(
        "You draw a partner for each prompt on its own. Some prompts give several times, others never, so the "
        "activations that are put in are no longer distributed as the natural ones are."
    ),
)
def draws_each_on_its_own(template, seed):
    generator = seeded(seed)
    refuse_lonely(template)
    partner = torch.empty_like(template)
    for i in range(len(template)):
        others = [j for j in range(len(template)) if j != i and template[j] == template[i]]
        partner[i] = others[int(torch.randint(len(others), (1,), generator=generator))]
    return partner


@misconception(
    "ablation.resample_partners",
    says=(
        "Whatever the seed, each prompt's partner is its neighbour in the list of its template. If the prompts are "
        "listed in some order, neighbours are related: the one may always name the two people in the other order. And "
        "there is no second draw to compare with."
    ),
)
def always_the_next(template, seed):
    refuse_lonely(template)
    partner = torch.empty_like(template)
    for one in template.unique():
        members = (template == one).nonzero()[:, 0]
        partner[members] = members.roll(-1)
    return partner


@misconception(
    "ablation.resample_partners",
    says=(
        "Each prompt gets its neighbour in the list of all prompts, whatever its template and whatever the seed. In "
        "another template other words stand at the same position, and there is no second draw to compare with."
    ),
)
def the_neighbour_of_any_template(template, seed):
    refuse_lonely(template)
    return torch.arange(len(template)).roll(1)


@misconception(
    "ablation.resample_partners",
    says=(
        "Your partners are the same for every seed. One draw has its luck; with several seeds one could see how much "
        "of the result is luck."
    ),
)
def ignores_the_seed(template, seed):
    refuse_lonely(template)
    generator = seeded(0)
    partner = torch.empty_like(template)
    for one in template.unique():
        members = (template == one).nonzero()[:, 0]
        order = members[torch.randperm(len(members), generator=generator)]
        partner[order] = order.roll(1)
    return partner


@misconception(
    "ablation.resample_partners",
    says="You seed the global generator. Everything random that runs after your function is then changed by it.",
)
def seeds_the_world(template, seed):
    torch.manual_seed(seed)
    refuse_lonely(template)
    partner = torch.empty_like(template)
    for one in template.unique():
        members = (template == one).nonzero()[:, 0]
        order = members[torch.randperm(len(members))]
        partner[order] = order.roll(1)
    return partner


@misconception(
    "ablation.resample_partners",
    says=(
        "A template with a single prompt is not refused: the prompt becomes its own partner, and nothing is ablated "
        "there."
    ),
)
def accepts_a_lonely_prompt(template, seed):
    generator = seeded(seed)
    partner = torch.empty_like(template)
    for one in template.unique():
        members = (template == one).nonzero()[:, 0]
        order = members[torch.randperm(len(members), generator=generator)]
        partner[order] = order.roll(1)
    return partner
