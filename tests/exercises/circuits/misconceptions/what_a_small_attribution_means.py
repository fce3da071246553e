"""Wrong answers to circuits.what_a_small_attribution_means that learners give, with the sentence to say for each."""

from mi_tutor.tutor.misconceptions import misconception, probe


@probe("circuits.what_a_small_attribution_means")
def observe_what_a_small_attribution_means(what_a_small_attribution_means):
    yield what_a_small_attribution_means()


@misconception(
    "circuits.what_a_small_attribution_means",
    says=(
        "The frozen scale loses nothing: with it, the attributions add up to the model's logit difference. A share of "
        "zero is the true direct share."
    ),
)
def blames_the_frozen_scale():
    return "a"


@misconception(
    "circuits.what_a_small_attribution_means",
    says=(
        "An exchange that does no more than replace one head's output at one position, by what it writes for other "
        "names, and takes a good part of the answer away, is evidence that the head matters. Direct attribution is not "
        "the measure of importance, only of one way."
    ),
)
def calls_the_head_unimportant():
    return "c"


@misconception(
    "circuits.what_a_small_attribution_means",
    says=(
        "The attribution is of the head's own vector, before anything is added to it. No other part can cancel it "
        "there: it would have a share of its own."
    ),
)
def cancels_the_share():
    return "d"
