"""Wrong answers to superposition.what_feature_7_says that learners give, with the sentence to say for each."""

from mi_tutor.tutor.misconceptions import misconception, probe


@probe("superposition.what_feature_7_says")
def observe_what_feature_7_says(what_feature_7_says):
    yield what_feature_7_says()


@misconception(
    "superposition.what_feature_7_says",
    says="Before the ReLU the output is indeed −0.8. But the output passes a ReLU, and its result is never negative.",
)
def forgets_the_output_relu():
    return "a"


@misconception(
    "superposition.what_feature_7_says",
    says=(
        "They share a line, not a direction: W₃·W₇ is −1, so they point opposite ways. A positive h stands for one, a "
        "negative h for the other."
    ),
)
def ignores_the_sign():
    return "c"


@misconception(
    "superposition.what_feature_7_says",
    says=(
        "The squared dot product is a measure of interference over many inputs. For one input the model computes Wᵀ W "
        "x itself."
    ),
)
def squares_the_interference():
    return "d"
