"""Wrong answers to probing.greedy_neurons that learners give, with the sentence to say for each."""

import torch

from mi_tutor.tutor.misconceptions import misconception, outcome, probe


@probe("probing.greedy_neurons")
def observe_greedy_neurons(greedy_neurons):
    """Copies, signs, scales and means that matter; neurons that say nothing; more neurons than there are."""
    for features in EXAMPLES:
        yield outcome(lambda features=features: [int(i) for i in greedy_neurons(features.float(), LABELS, 3)])
    nothing = torch.stack([LABELS.float(), 2 * LABELS.float() + 1, torch.full((8,), 3.0)], dim=1)
    yield outcome(lambda: len(set(greedy_neurons(nothing, LABELS, 3))))
    found = outcome(lambda: greedy_neurons(nothing, LABELS, 4))
    yield "refused" if isinstance(found, str) and found == "refused" else "accepted"


LABELS = torch.tensor([1, 1, 1, 0, 0, 0, 1, 0]).bool()
EXAMPLES = tuple(
    torch.tensor([[int(digit) for digit in row] for row in rows.split()])
    for rows in (
        "63723 71335 92256 60245 65744 91752 50723 74776",
        "39376 08066 56454 15386 46544 09154 19295 14454",
        "41532 33334 53353 23506 24657 03407 11647 02447",
    )
)


def enough(features, k):
    if k > features.shape[1]:
        raise ValueError("too few neurons")


def error(features, labels, neurons, intercept=True):
    columns = [features[:, [i]].double() for i in neurons] + [torch.ones(len(features), 1).double()] * intercept
    x, y = torch.cat(columns, dim=1), labels.double()
    return float((y - x @ (torch.linalg.pinv(x) @ y)).square().sum())


def forward(features, labels, k, judge, again=False):
    """Take the neuron with the smallest judge(chosen, neuron) in each step, the lowest number of nearly equal ones."""
    chosen: list[int] = []
    for _ in range(k):
        scores = {i: judge(chosen, i) for i in range(features.shape[1]) if again or i not in chosen}
        smallest = min(scores.values())
        chosen.append(next(i for i, score in scores.items() if score <= smallest + 1e-9))
    return chosen


def right(features, labels, k):
    return forward(features, labels, k, lambda chosen, i: error(features, labels, [*chosen, i]))


@misconception(
    "probing.greedy_neurons",
    says=(
        "You take the neurons that are best one by one. The second may only repeat what the first said. Ask what each"
        " adds to those that were chosen."
    ),
)
def best_one_by_one(features, labels, k):
    enough(features, k)
    return forward(features, labels, k, lambda chosen, i: error(features, labels, [i]))


@misconception(
    "probing.greedy_neurons",
    says="A neuron can be chosen twice. The second time it adds nothing, and you have fewer than k neurons.",
)
def chooses_again(features, labels, k):
    enough(features, k)
    return forward(features, labels, k, lambda chosen, i: error(features, labels, [*chosen, i]), again=True)


@misconception(
    "probing.greedy_neurons",
    says=(
        "You choose the neuron that alone fits best what the chosen ones left over. But it will be fitted together "
        "with them: what it shares with them costs nothing then, and should not count against it. Fit all of them "
        "anew with each candidate."
    ),
)
def fits_what_is_left(features, labels, k):
    enough(features, k)
    x = features.double() - features.double().mean(dim=0)

    def judge(chosen, i):
        if x[:, i].norm() < 1e-9:
            return 0.0
        known = x[:, chosen]
        left = labels.double() - labels.double().mean()
        if chosen:
            left = left - known @ (torch.linalg.pinv(known) @ left)
        return -float((x[:, i] @ left).square() / x[:, i].square().sum())

    return forward(features, labels, k, judge)


@misconception(
    "probing.greedy_neurons",
    says=(
        "Your fit has no intercept. A neuron that is never near 0 then serves as one, and is chosen for that. Centre,"
        " or add a column of ones."
    ),
)
def no_intercept(features, labels, k):
    enough(features, k)
    return forward(features, labels, k, lambda chosen, i: error(features, labels, [*chosen, i], intercept=False))


@misconception(
    "probing.greedy_neurons",
    says=(
        "Neurons that are low on the positive rows come last in what you choose. A fit may use them with a negative "
        "weight; look at the size, not at the sign."
    ),
)
def only_upwards(features, labels, k):
    enough(features, k)
    x, y = features.double(), labels.double()
    x, y = x - x.mean(dim=0), y - y.mean()

    def judge(chosen, i):
        known = x[:, chosen]
        left = x[:, i] - known @ (torch.linalg.pinv(known) @ x[:, i]) if chosen else x[:, i]
        return 0.0 if left.norm() < 1e-6 else -float(left @ y / left.norm())

    return forward(features, labels, k, judge)


@misconception(
    "probing.greedy_neurons",
    says=(
        "A neuron with large activations is preferred for its scale. In a fit the weight makes good for the scale; "
        "divide by the size of the neuron (of what is left of it)."
    ),
)
def prefers_large_ones(features, labels, k):
    enough(features, k)
    x, y = features.double(), labels.double()
    x, y = x - x.mean(dim=0), y - y.mean()

    def judge(chosen, i):
        known = x[:, chosen]
        left = x[:, i] - known @ (torch.linalg.pinv(known) @ x[:, i]) if chosen else x[:, i]
        return -abs(float(left @ y))

    return forward(features, labels, k, judge)


@misconception(
    "probing.greedy_neurons",
    says=(
        "The best set of k neurons is searched. That is more than is asked, and another answer: no choice is taken "
        "back."
    ),
)
def best_set(features, labels, k):
    enough(features, k)
    sets = torch.combinations(torch.arange(features.shape[1]), k).tolist()
    errors = [error(features, labels, neurons) for neurons in sets]
    best = next(neurons for neurons, e in zip(sets, errors, strict=True) if e <= min(errors) + 1e-9)
    return sorted(best, key=lambda i: error(features, labels, [i]))


@misconception(
    "probing.greedy_neurons",
    says="When more neurons are asked for than there are, you answer all the same. Refuse.",
)
def accepts_too_many(features, labels, k):
    return right(features, labels, min(k, features.shape[1]))
