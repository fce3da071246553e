"""Wrong answers to path_patching.which_conclusion that learners give, with the sentence to say for each."""

from mi_tutor.tutor.misconceptions import misconception, probe


@probe("path_patching.which_conclusion")
def observe_which_conclusion(which_conclusion):
    yield which_conclusion().strip().lower()


@misconception(
    "path_patching.which_conclusion",
    says="Needed and enough are two questions. A key is needed to start a car, and is not enough without fuel.",
)
def an_accident() -> str:
    return "a"


@misconception(
    "path_patching.which_conclusion",
    says="Neither direction is the true one. They are two experiments in two different runs, and each result stands.",
)
def the_smaller_is_true() -> str:
    return "b"


@misconception(
    "path_patching.which_conclusion",
    says=(
        "The path that was patched leads into the queries, and noising it had an effect. Keys and values were not "
        "touched."
    ),
)
def through_other_inputs() -> str:
    return "d"
