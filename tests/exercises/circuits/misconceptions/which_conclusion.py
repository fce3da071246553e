"""Wrong answers to circuits.which_conclusion that learners give, with the sentence to say for each."""

from mi_tutor.tutor.misconceptions import misconception, probe


@probe("circuits.which_conclusion")
def observe_which_conclusion(which_conclusion):
    yield which_conclusion().strip().lower()


@misconception(
    "circuits.which_conclusion",
    says=(
        "You conclude from one task to the whole model. These prompts are repeated random tokens, and read were their "
        "loss and five induction scores. On other text head 11.1 may matter."
    ),
)
def useless_everywhere() -> str:
    return "a"


@misconception(
    "circuits.which_conclusion",
    says=(
        "A backup would have shown in the run without 16.0: there 11.1 was in place, and the induction heads of layer "
        "17 lost their attention all the same."
    ),
)
def backup() -> str:
    return "b"


@misconception(
    "circuits.which_conclusion",
    says=(
        "An ablation tells that something depends on the head, not that the head does it by itself. When 16.0 goes, "
        "the attention of the induction heads goes with it; and ablating those heads costs the prediction as well."
    ),
)
def does_it_alone() -> str:
    return "d"
