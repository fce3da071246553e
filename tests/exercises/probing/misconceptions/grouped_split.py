"""Wrong answers to probing.grouped_split that learners give, with the sentence to say for each."""

import torch

from mi_tutor.tutor.judge import seeded
from mi_tutor.tutor.misconceptions import misconception, outcome, probe


@probe("probing.grouped_split")
def observe_grouped_split(grouped_split):
    """Leaks, lost rows, sizes with equal and unequal groups, the seed, the world's state, parts without a group."""

    def sizes(group, validation, test):
        found = set()
        for seed in range(20):
            parts = grouped_split(group, validation, test, seed)
            found.add(tuple(len(group[mask].unique()) for mask in parts))
        return found

    def told(found):
        return list(next(iter(found))) if len(found) == 1 else "varies"

    equal = torch.arange(10).repeat(5) * 7 - 10
    yield any(sum(size) > 10 for size in sizes(equal, 0.18, 0.3))
    yield all((sum(mask.int() for mask in grouped_split(equal, 0.18, 0.3, seed)) == 1).all() for seed in range(20))
    yield told(sizes(torch.arange(10).repeat(5), 0.18, 0.3))
    yield told(sizes(equal, 0.18, 0.3))
    yield told(sizes(torch.repeat_interleave(torch.tensor([20, 1, 2, 1, 9, 1, 3, 1, 12, 1])) * 7 - 10, 0.18, 0.3))
    with torch.random.fork_rng():
        torch.manual_seed(3)
        before = torch.get_rng_state()
        first = torch.stack(grouped_split(equal, 0.18, 0.3, 1))
        yield bool(torch.equal(before, torch.get_rng_state()))
        yield bool((torch.stack(grouped_split(equal, 0.18, 0.3, 1)) == first).all())
        yield all(bool((torch.stack(grouped_split(equal, 0.18, 0.3, seed)) == first).all()) for seed in range(2, 12))
    for validation, test in ((0.05, 0.3), (0.3, 0.05), (0.5, 0.5)):
        found = outcome(lambda v=validation, t=test: grouped_split(torch.arange(4).repeat(10), v, t, 0))
        yield "refused" if isinstance(found, str) and found == "refused" else "accepted"


def counted(groups, validation, test):
    n_validation, n_test = round(validation * len(groups)), round(test * len(groups))
    if min(n_validation, n_test, len(groups) - n_validation - n_test) < 1:
        raise ValueError("a part would get no group")
    return n_validation, n_test


def parts_of(group, order, n_validation, n_test):
    validation = torch.isin(group, order[:n_validation])
    test = torch.isin(group, order[n_validation : n_validation + n_test])
    return ~(validation | test), validation, test


@misconception(
    "probing.grouped_split",
    says=(
        "You draw rows, and nothing keeps the rows of a group together. A probe is then tested on cities of countries"
        " that it knows from training. Draw groups."
    ),
)
def splits_rows(group, validation, test, seed):
    generator = torch.Generator().manual_seed(seed)
    n = len(group)
    n_validation, n_test = round(validation * n), round(test * n)
    if min(n_validation, n_test, n - n_validation - n_test) < 1:
        raise ValueError(f"{n} rows are too few for parts of {validation} and {test}")
    order = torch.randperm(n, generator=generator)
    in_validation = torch.isin(torch.arange(n), order[:n_validation])
    in_test = torch.isin(torch.arange(n), order[n_validation : n_validation + n_test])
    return ~in_validation & ~in_test, in_validation, in_test


@misconception(
    "probing.grouped_split",
    says=(
        "You cut every group in three. Each part then has all groups, as if to balance them, and the test asks for "
        "countries that training has seen. A whole group goes to one part."
    ),
)
def cuts_every_group(group, validation, test, seed):
    counted(group.unique(), validation, test)
    generator = seeded(seed)
    part = torch.zeros(len(group), dtype=torch.long)
    for one in group.unique():
        rows = (group == one).nonzero()[:, 0]
        rows = rows[torch.randperm(len(rows), generator=generator)]
        first, second = -(-len(rows) // 4), -(-len(rows) // 4)
        part[rows[:first]], part[rows[first : first + second]] = 1, 2
    return part == 0, part == 1, part == 2


@misconception(
    "probing.grouped_split",
    says=(
        "The parts are the same for every seed. A result on one fixed choice of groups may be that choice's luck; the"
        " seed is there to draw another."
    ),
)
def same_parts_for_every_seed(group, validation, test, seed):
    groups = group.unique()
    return parts_of(group, groups, *counted(groups, validation, test))


@misconception(
    "probing.grouped_split",
    says=(
        "You fill the parts by numbers of rows. The shares are shares of the groups; how large a group is does not "
        "count."
    ),
)
def counts_rows(group, validation, test, seed):
    groups = group.unique()
    counted(groups, validation, test)
    order = groups[torch.randperm(len(groups), generator=seeded(seed))]
    rows = torch.cumsum((group == order[:, None]).sum(dim=1), dim=0)
    first = int((rows < validation * len(group)).sum()) + 1
    second = int((rows < (validation + test) * len(group)).sum()) + 1
    return parts_of(group, order, first, second - first)


@misconception(
    "probing.grouped_split",
    says="Validation and test have each other's size. They come out in the order train, validation, test.",
)
def swaps_validation_and_test(group, validation, test, seed):
    groups = group.unique()
    n_validation, n_test = counted(groups, validation, test)
    order = groups[torch.randperm(len(groups), generator=seeded(seed))]
    return parts_of(group, order, n_test, n_validation)


@misconception(
    "probing.grouped_split",
    says=(
        "You draw the test groups without regard to the validation groups. Some are in both parts, so the rows that "
        "choose a probe also judge it."
    ),
)
def draws_test_anew(group, validation, test, seed):
    groups, generator = group.unique(), seeded(seed)
    n_validation, n_test = counted(groups, validation, test)
    in_validation = torch.isin(group, groups[torch.randperm(len(groups), generator=generator)[:n_validation]])
    in_test = torch.isin(group, groups[torch.randperm(len(groups), generator=generator)[:n_test]])
    return ~(in_validation | in_test), in_validation, in_test


@misconception(
    "probing.grouped_split",
    says=(
        "The sizes of the parts are left to chance: from seed to seed a part has more groups or fewer. How many "
        "groups a part gets is given, the rounded share of them all; only which ones they are is drawn."
    ),
)
def rolls_for_each_group(group, validation, test, seed):
    groups = group.unique()
    counted(groups, validation, test)
    drawn = torch.rand(len(groups), generator=seeded(seed))
    in_validation = torch.isin(group, groups[drawn < validation])
    in_test = torch.isin(group, groups[(drawn >= validation) & (drawn < validation + test)])
    return ~(in_validation | in_test), in_validation, in_test


@misconception(
    "probing.grouped_split",
    says="You cut off what stands behind the decimal point: 0.18 of 10 groups is 1.8, which is rounded to 2.",
)
def cuts_off_the_fraction(group, validation, test, seed):
    groups = group.unique()
    n_validation, n_test = int(validation * len(groups)), int(test * len(groups))
    if min(n_validation, n_test, len(groups) - n_validation - n_test) < 1:
        raise ValueError("a part would get no group")
    order = groups[torch.randperm(len(groups), generator=seeded(seed))]
    return parts_of(group, order, n_validation, n_test)


@misconception(
    "probing.grouped_split",
    says="You seed the global generator. Everything random that runs after your function is then changed by it.",
)
def seeds_everything(group, validation, test, seed):
    torch.manual_seed(seed)
    groups = group.unique()
    n_validation, n_test = counted(groups, validation, test)
    return parts_of(group, groups[torch.randperm(len(groups))], n_validation, n_test)


@misconception(
    "probing.grouped_split",
    says="A part without any group is handed out. A score on no rows is no score. Refuse.",
)
def hands_out_empty_parts(group, validation, test, seed):
    groups = group.unique()
    n_validation, n_test = round(validation * len(groups)), round(test * len(groups))
    order = groups[torch.randperm(len(groups), generator=seeded(seed))]
    return parts_of(group, order, n_validation, n_test)


@misconception(
    "probing.grouped_split",
    says=(
        "You draw numbers from 0 on and take them for groups. The groups may have any numbers, with gaps: draw places"
        " in the list of the groups that there are."
    ),
)
def takes_places_for_groups(group, validation, test, seed):
    groups = group.unique()
    order = torch.randperm(len(groups), generator=seeded(seed))
    return parts_of(group, order, *counted(groups, validation, test))


@misconception(
    "probing.grouped_split",
    says="You draw from the global generator. The seed then decides nothing, and a second call gives something else.",
)
def draws_globally(group, validation, test, seed):
    groups = group.unique()
    return parts_of(group, groups[torch.randperm(len(groups))], *counted(groups, validation, test))


@misconception(
    "probing.grouped_split",
    says=(
        "You cut the rows where they stand, without a draw. A group that lies across a cut is in two parts, every seed "
        "gives the same, and if the table is sorted, a part holds one kind of rows only. Draw groups."
    ),
)
def cuts_the_rows_where_they_stand(group, validation, test, seed):
    n = len(group)
    place = torch.arange(n)
    in_test = place >= int(n * (1 - test))
    in_validation = (place >= int(n * (1 - validation - test))) & ~in_test
    return ~in_validation & ~in_test, in_validation, in_test


@misconception(
    "probing.grouped_split",
    says=(
        "The numbers of groups are shares of the number of rows. There are more rows than groups, so "
        "validation and test take too many. Count the groups."
    ),
)
def shares_of_the_rows(group, validation, test, seed):
    groups = group.unique()
    n_validation, n_test = round(validation * len(group)), round(test * len(group))
    if min(n_validation, n_test, len(group) - n_validation - n_test) < 1:
        raise ValueError("a part would get no group")
    return parts_of(group, groups[torch.randperm(len(groups), generator=seeded(seed))], n_validation, n_test)


@misconception(
    "probing.grouped_split",
    says=(
        "Training may go without a group in what you accept. Nothing can be learned from no rows: all three parts need "
        "a group."
    ),
)
def accepts_an_empty_training_part(group, validation, test, seed):
    groups = group.unique()
    n_validation, n_test = round(validation * len(groups)), round(test * len(groups))
    if min(n_validation, n_test) < 1:
        raise ValueError("a part would get no group")
    order = groups[torch.randperm(len(groups), generator=seeded(seed))]
    return parts_of(group, order, n_validation, n_test)
