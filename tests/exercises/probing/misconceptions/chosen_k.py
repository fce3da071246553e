"""Wrong answers to probing.chosen_k that learners give, with the sentence to say for each."""

import torch

from mi_tutor.tutor.misconceptions import misconception, outcome, probe


@probe("probing.chosen_k")
def observe_chosen_k(chosen_k):
    """Luck in the test, near ties, ks out of order, sizes at which each standard error decides differently."""

    def hits(rows, *right):
        return torch.stack([torch.arange(rows) < n for n in right])

    def result(ks, validation, test):
        return outcome(lambda: list(chosen_k(ks, validation, test)))

    yield result([1, 2, 4, 8], hits(100, 50, 70, 90, 89), hits(10, 5, 10, 8, 7))
    yield result([1, 2, 8], hits(100, 90, 92, 93), hits(10, 7, 6, 9))
    yield result([8, 16, 1, 4], hits(100, 93, 92, 60, 92), hits(10, 9, 8, 4, 6))
    # Together: a line that is narrower or wider for another reason gives other answers on the neighbours.
    yield [result([3, 5], hits(40, n, 37), hits(10, 9, 8)) for n in (34, 35, 36)]
    yield [
        result([2, 6], hits(rows, n, best), hits(5, 2, 4)) for rows, n, best in ((23, 16, 18), (100, 88, 90), (9, 7, 8))
    ]
    yield [result([1, 3], hits(50, n, 20), hits(10, 6, 7)) for n in (0, 10, 15, 18, 19)]
    yield result([5, 6, 7], hits(200, 195, 180, 150), hits(10, 6, 7, 10))


def pick(ks, enough, test):
    k = min(n for n, fits in zip(ks, enough.tolist(), strict=True) if fits)
    return k, float(test[ks.index(k)].float().mean())


def line(rows, correction=1):
    return rows.mean() - rows.std(correction=correction) / len(rows) ** 0.5


@misconception(
    "probing.chosen_k",
    says=(
        "The test rows choose the number of neurons, and then they judge it. What is reported is the luckiest of "
        "several scores. Choose on the validation rows and read one test score."
    ),
)
def chooses_on_the_test_rows(ks, validation, test):
    accuracy = test.float().mean(dim=1)
    best = test[accuracy.argmax()].float()
    enough = accuracy >= best.mean() - best.std() / len(best) ** 0.5
    k = min(n for n, fits in zip(ks, enough.tolist(), strict=True) if fits)
    return k, float(test[ks.index(k)].float().mean())


@misconception(
    "probing.chosen_k",
    says=(
        "You take the number that is best on the test rows. Among several scores the highest is lucky. Choose on the "
        "validation rows and read one test score."
    ),
)
def best_on_the_test(ks, validation, test):
    accuracy = test.float().mean(dim=1)
    return ks[int(accuracy.argmax())], float(accuracy.max())


@misconception(
    "probing.chosen_k",
    says=(
        "You take the number that is best on the validation rows. A lead of one row may be chance; a smaller number "
        "within one standard error of the best is preferred."
    ),
)
def best_on_validation(ks, validation, test):
    accuracy = validation.float().mean(dim=1)
    return pick(ks, accuracy == accuracy.max(), test)


@misconception(
    "probing.chosen_k",
    says=(
        "You allow a whole standard deviation of the rows. How sure the mean is depends on their number: divide by "
        "its square root."
    ),
)
def whole_deviation(ks, validation, test):
    accuracy = validation.float().mean(dim=1)
    best = validation[accuracy.argmax()].float()
    return pick(ks, accuracy >= best.mean() - best.std(), test)


@misconception(
    "probing.chosen_k",
    says=(
        "You use the standard error of each candidate. A worse probe has a larger one, and is let in by its own "
        "uncertainty. The line is drawn once, below the best."
    ),
)
def its_own_standard_error(ks, validation, test):
    rows = validation.float()
    own = rows.std(dim=1) / rows.shape[1] ** 0.5
    return pick(ks, rows.mean(dim=1) + own >= rows.mean(dim=1).max(), test)


@misconception(
    "probing.chosen_k",
    says="Your standard deviation divides by n. The contract has the sample standard deviation, with n - 1.",
)
def divides_by_n(ks, validation, test):
    accuracy = validation.float().mean(dim=1)
    return pick(ks, accuracy >= line(validation[accuracy.argmax()].float(), correction=0), test)


@misconception(
    "probing.chosen_k",
    says=(
        "Of those that are enough you take the one that is listed first. The list may have any order; take the "
        "smallest."
    ),
)
def first_listed(ks, validation, test):
    accuracy = validation.float().mean(dim=1)
    enough = accuracy >= line(validation[accuracy.argmax()].float())
    first = int(enough.int().argmax())
    return ks[first], float(test[first].float().mean())


@misconception(
    "probing.chosen_k",
    says="You take the largest number that is enough. The question is how few neurons the feature needs.",
)
def largest(ks, validation, test):
    accuracy = validation.float().mean(dim=1)
    enough = accuracy >= line(validation[accuracy.argmax()].float())
    k = max(n for n, fits in zip(ks, enough.tolist(), strict=True) if fits)
    return k, float(test[ks.index(k)].float().mean())


@misconception(
    "probing.chosen_k",
    says=(
        "You report the accuracy on the validation rows. It was part of the choice and is therefore too high; the "
        "test rows were kept for this."
    ),
)
def reports_validation(ks, validation, test):
    accuracy = validation.float().mean(dim=1)
    k, _ = pick(ks, accuracy >= line(validation[accuracy.argmax()].float()), test)
    return k, float(accuracy[ks.index(k)])


@misconception(
    "probing.chosen_k",
    says=(
        "The number is chosen on the validation rows, but the score that you report is the best one in the test. Read"
        " the test score of the chosen number."
    ),
)
def reports_the_best_test(ks, validation, test):
    accuracy = validation.float().mean(dim=1)
    k, _ = pick(ks, accuracy >= line(validation[accuracy.argmax()].float()), test)
    return k, float(test.float().mean(dim=1).max())
