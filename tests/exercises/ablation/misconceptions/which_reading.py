"""Wrong answers to ablation.which_reading that learners give, with the sentence to say for each."""

from mi_tutor.tutor.misconceptions import misconception, probe


@probe("ablation.which_reading")
def observe_which_reading(which_reading):
    yield which_reading().strip().lower()


@misconception(
    "ablation.which_reading",
    says=(
        "A total effect of 0 has two explanations: nothing was done, or something was done and made good. The direct "
        "effect and the run in which later heads are held tell them apart."
    ),
)
def reading_a() -> str:
    return "a"


@misconception(
    "ablation.which_reading",
    says=(
        "When all later heads and MLPs are held at their clean outputs, the model itself loses what the direct effect "
        "says. So the direct effect is no artefact; what differs between the two runs is the reaction."
    ),
)
def reading_c() -> str:
    return "c"


@misconception(
    "ablation.which_reading",
    says=(
        "The measurements show that heads react, and by how much. Why training made them so was not measured. Most of "
        "the repair comes from heads that held the answer down before and now do so less; none was seen to stand by "
        "idle."
    ),
)
def reading_d() -> str:
    return "d"
