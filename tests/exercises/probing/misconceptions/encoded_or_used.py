"""Wrong answers to probing.encoded_or_used that learners give, with the sentence to say for each."""

from mi_tutor.tutor.misconceptions import misconception, probe


@probe("probing.encoded_or_used")
def observe_encoded_or_used(encoded_or_used):
    yield encoded_or_used().strip().lower()


@misconception(
    "probing.encoded_or_used",
    says=(
        "A linear probe that is right on cities it was not trained on has learned no list of cities. What it reads "
        "has to be in the activations. That they are not needed there for the answer is another matter."
    ),
)
def reading_b() -> str:
    return "b"


@misconception(
    "probing.encoded_or_used",
    says=(
        "You take for granted that what can be read is used; that was the question. It is true that LEACE left some of "
        "it. But the mean over many cities says nothing of this city's continent. Look what the answers do with it."
    ),
)
def reading_c() -> str:
    return "c"


@misconception(
    "probing.encoded_or_used",
    says=(
        "Only one layer was changed, at one token. The end of the prompt may have read the continent from the city in"
        " an earlier layer, and nothing of that was erased."
    ),
)
def reading_d() -> str:
    return "d"


@misconception(
    "probing.encoded_or_used",
    says=(
        "Look at the row of stage 28 once more, in the columns of the erased continent and of the mean. An answer that "
        "became wrong would show as a large negative change of the logit difference."
    ),
)
def reading_e() -> str:
    return "e"
