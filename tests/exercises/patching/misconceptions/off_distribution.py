"""Wrong answers to patching.off_distribution that learners give, with the sentence to say for each."""

import torch

from mi_tutor.tutor.misconceptions import misconception, outcome, probe


@probe("patching.off_distribution")
def observe_off_distribution(off_distribution):
    """An uneven cloud away from zero, points inside and outside; clouds of one, of two, and of equal activations."""
    natural = torch.tensor([[13.0, 4.0, 1.0], [7.0, 4.0, 2.0], [10.0, 8.0, 3.0], [11.0, 0.0, 9.0]])
    judged = torch.tensor([[10.0, 14.0, 3.0], [0.0, 0.0, 0.0], [10.0, 4.0, 4.0]])
    equal = natural[:1].repeat(2, 1)
    for few in (natural[:1], natural[:2], equal):
        yield refuses(off_distribution, judged, few)
    finite = outcome(lambda: bool(off_distribution(judged, equal).isfinite().any()))
    # One observation: a finite result alone does not say by what was divided.
    yield [outcome(lambda: off_distribution(judged, natural)), finite is True]


def refuses(off_distribution, judged, natural):
    found = outcome(lambda: off_distribution(judged, natural))
    return found if isinstance(found, str) else "a result"


def checked(natural):
    if len(natural) < 2:
        raise ValueError("too few")


@misconception(
    "patching.off_distribution",
    says="You measure from zero. Activations rarely lie around zero; ordinary is what is near their mean.",
)
def measures_from_zero(activations, natural):
    checked(natural)
    spread = (natural - natural.mean(dim=0)).square().sum(dim=1).mean().sqrt()
    return activations.norm(dim=1) / spread


@misconception(
    "patching.off_distribution",
    says=(
        "You measure from the mean of the activations that are judged. If all of them are far out, none seems to be."
    ),
)
def centres_on_the_judged(activations, natural):
    checked(natural)
    spread = (natural - natural.mean(dim=0)).square().sum(dim=1).mean().sqrt()
    return (activations - activations.mean(dim=0)).norm(dim=1) / spread


@misconception(
    "patching.off_distribution",
    says="You give the bare distance. Without the spread as a unit nobody can tell whether 10 is much.",
)
def no_unit(activations, natural):
    checked(natural)
    return (activations - natural.mean(dim=0)).norm(dim=1)


@misconception(
    "patching.off_distribution",
    says=(
        "Your unit is the spread of single numbers around their dimension's mean, not of vectors. Even natural "
        "activations then come out far away, the farther the more dimensions there are."
    ),
)
def spread_of_single_numbers(activations, natural):
    checked(natural)
    centre = natural.mean(dim=0)
    return (activations - centre).norm(dim=1) / (natural - centre).square().mean().sqrt()


@misconception(
    "patching.off_distribution",
    says=(
        "You divide each dimension by its own spread. That is another measure, in which a dimension that hardly "
        "varies counts as much as the largest. Here all dimensions share one unit."
    ),
)
def scales_each_dimension(activations, natural):
    checked(natural)
    centre = natural.mean(dim=0)
    return ((activations - centre) / (natural - centre).square().mean(dim=0).sqrt()).norm(dim=1)


@misconception(
    "patching.off_distribution",
    says=(
        "You divide the sum of squares by one less than the number of natural activations. The spread asked for is "
        "a plain mean over them."
    ),
)
def one_less_in_the_spread(activations, natural):
    checked(natural)
    return (activations - natural.mean(dim=0)).norm(dim=1) / natural.var(dim=0).sum().sqrt()


@misconception(
    "patching.off_distribution",
    says="Your unit is the mean distance. Asked for is the root of the mean *square*, which counts far ones more.",
)
def mean_distance(activations, natural):
    checked(natural)
    centre = natural.mean(dim=0)
    return (activations - centre).norm(dim=1) / (natural - centre).norm(dim=1).mean()


@misconception(
    "patching.off_distribution",
    says="Your unit is a mean of squares without its root, and your distance is none. The two then differ in kind.",
)
def no_root_in_the_unit(activations, natural):
    checked(natural)
    centre = natural.mean(dim=0)
    return (activations - centre).norm(dim=1) / (natural - centre).square().sum(dim=1).mean()


@misconception(
    "patching.off_distribution",
    says="You do not take the root: distance and spread are squared. Twice as far then counts four times.",
)
def squared(activations, natural):
    checked(natural)
    centre = natural.mean(dim=0)
    return (activations - centre).square().sum(dim=1) / (natural - centre).square().sum(dim=1).mean()


@misconception(
    "patching.off_distribution",
    says="A single natural activation gives a spread of 0 and you divide by it. Refuse.",
)
def does_not_refuse(activations, natural):
    centre = natural.mean(dim=0)
    return (activations - centre).norm(dim=1) / (natural - centre).square().sum(dim=1).mean().sqrt()


@misconception(
    "patching.off_distribution",
    says=(
        "You refuse natural activations that are all equal. Only fewer than two are to be refused; a spread of 0 gives "
        "a result that is not finite."
    ),
)
def refuses_no_spread(activations, natural):
    checked(natural)
    centre = natural.mean(dim=0)
    spread = (natural - centre).square().sum(dim=1).mean().sqrt()
    if spread < 1e-6:
        raise ValueError("no spread")
    return (activations - centre).norm(dim=1) / spread


@misconception(
    "patching.off_distribution",
    says=(
        "Your unit is one standard deviation over all numbers of all dimensions. It mixes the differences between "
        "dimensions in, and it is the size of a number. The unit is to be the size of a vector: a distance."
    ),
)
def spread_over_everything(activations, natural):
    checked(natural)
    return (activations - natural.mean(dim=0)).norm(dim=1) / natural.std()


@misconception(
    "patching.off_distribution",
    says=("Your unit is the length of the natural activations, counted from zero. The spread counts from their mean."),
)
def length_as_unit(activations, natural):
    checked(natural)
    centre = natural.mean(dim=0)
    return (activations - centre).norm(dim=1) / natural.square().sum(dim=1).mean().sqrt()


@misconception(
    "patching.off_distribution",
    says=(
        "Your centre is one number, a mean over all dimensions. The mean activation is a vector: each dimension has a "
        "mean of its own."
    ),
)
def one_number_as_centre(activations, natural):
    checked(natural)
    centre = natural.mean()
    return (activations - centre).norm(dim=1) / (natural - centre).square().sum(dim=1).mean().sqrt()


@misconception(
    "patching.off_distribution",
    says=(
        "In your spread each natural activation is compared with the mean of its own numbers. Compare it with the mean "
        "activation, which is taken over samples."
    ),
)
def means_within_an_activation(activations, natural):
    checked(natural)
    centre = natural.mean(dim=0)
    spread = (natural - natural.mean(dim=1, keepdim=True)).square().sum(dim=1).mean().sqrt()
    return (activations - centre).norm(dim=1) / spread


@misconception(
    "patching.off_distribution",
    says=(
        "Your unit is the spread of the activations that are judged. If all of them are far out, none seems to be: "
        "centre and unit both come from the natural ones."
    ),
)
def unit_of_the_judged(activations, natural):
    checked(natural)
    centre = natural.mean(dim=0)
    return (activations - centre).norm(dim=1) / (activations - centre).square().sum(dim=1).mean().sqrt()


@misconception(
    "patching.off_distribution",
    says=(
        "Your unit is the spread of the judged activations around their own mean. It says nothing about what is "
        "natural: centre and unit both come from the natural ones."
    ),
)
def unit_of_the_judged_around_their_mean(activations, natural):
    checked(natural)
    centre = natural.mean(dim=0)
    own = activations - activations.mean(dim=0)
    return (activations - centre).norm(dim=1) / own.square().sum(dim=1).mean().sqrt()


@misconception(
    "patching.off_distribution",
    says=(
        "Where all natural activations are equal, your result is finite. Something keeps your unit from being 0. There "
        "is no natural unit then, and a finite number would hide it: let the division give what it gives."
    ),
)
def adds_to_the_spread(activations, natural):
    checked(natural)
    centre = natural.mean(dim=0)
    return (activations - centre).norm(dim=1) / ((natural - centre).square().sum(dim=1).mean().sqrt() + 1e-8)


@misconception(
    "patching.off_distribution",
    says=(
        "You divide each dimension by its own standard deviation. That is another measure, in which a dimension that "
        "hardly varies counts as much as the largest. Here all dimensions share one unit."
    ),
)
def scales_each_dimension_by_std(activations, natural):
    checked(natural)
    centre = natural.mean(dim=0)
    return ((activations - centre) / natural.std(dim=0)).norm(dim=1)


@misconception(
    "patching.off_distribution",
    says=(
        "Your unit is the mean of the dimensions' standard deviations, the size of one number. The unit is to be the "
        "size of a vector: a distance."
    ),
)
def mean_of_the_deviations(activations, natural):
    checked(natural)
    centre = natural.mean(dim=0)
    return (activations - centre).norm(dim=1) / natural.std(dim=0).mean()


@misconception(
    "patching.off_distribution",
    says=(
        "Your unit says how much the natural distances differ from each other. Where all natural activations are "
        "equally far from their mean it is 0. The unit is their typical distance itself."
    ),
)
def spread_of_the_distances(activations, natural):
    checked(natural)
    centre = natural.mean(dim=0)
    return (activations - centre).norm(dim=1) / (natural - centre).norm(dim=1).std()


@misconception(
    "patching.off_distribution",
    says=(
        "Your unit is the root of the *sum* of squared distances. It grows with the number of natural activations; the "
        "spread is the root of their mean."
    ),
)
def sum_of_squares(activations, natural):
    checked(natural)
    centre = natural.mean(dim=0)
    return (activations - centre).norm(dim=1) / (natural - centre).norm()


@misconception(
    "patching.off_distribution",
    says=("You refuse two natural activations. Two have a spread; only fewer are to be refused."),
)
def refuses_two(activations, natural):
    if len(natural) <= 2:
        raise ValueError("too few")
    centre = natural.mean(dim=0)
    return (activations - centre).norm(dim=1) / (natural - centre).square().sum(dim=1).mean().sqrt()


@misconception(
    "patching.off_distribution",
    says=(
        "You subtract no mean, neither from the activations nor from the natural ones. Activations rarely lie around "
        "zero; ordinary is what is near the natural mean."
    ),
)
def no_centre_at_all(activations, natural):
    checked(natural)
    return activations.norm(dim=1) / natural.square().sum(dim=1).mean().sqrt()


@misconception(
    "patching.off_distribution",
    says=("You give the bare length. Ordinary is what is near the natural mean, and the natural spread is the unit."),
)
def length_alone(activations, natural):
    checked(natural)
    return activations.norm(dim=1)


@misconception(
    "patching.off_distribution",
    says=(
        "Your unit is the spread of all numbers of all dimensions around one mean. Each dimension has a mean of its "
        "own, and the unit is to be the size of a vector: a distance."
    ),
)
def plain_spread_over_everything(activations, natural):
    checked(natural)
    return (activations - natural.mean(dim=0)).norm(dim=1) / natural.std(correction=0)
