"""Wrong answers to judging_saes.which_method_separates that learners give, with the sentence to say for each."""

from mi_tutor.tutor.misconceptions import misconception, probe


@probe("judging_saes.which_method_separates")
def observe_which_method_separates(which_method_separates):
    yield which_method_separates().strip().lower()


@misconception(
    "judging_saes.which_method_separates",
    says=(
        "0.5 is what doing nothing gets, and doing everything. A little above it does not tell which of the two it is "
        "close to: look at cause and isolate one by one."
    ),
)
def above_one_half() -> str:
    return "a"


@misconception(
    "judging_saes.which_method_separates",
    says=(
        "The two have one mean and opposite parts. Exchanging the whole activation moves the country in 96 of 100 "
        "pairs, so the country is there; it moves the continent as well."
    ),
)
def equal_means() -> str:
    return "c"


@misconception(
    "judging_saes.which_method_separates",
    says=(
        "Labels help to find the subspace, they do not put it there. Scored on pairs that had no part in learning, it "
        "shows that the two properties can be moved apart. It does say that the comparison with an SAE, which had no "
        "labels when it was trained, is between unequal means."
    ),
)
def labels_spoil_it() -> str:
    return "d"
