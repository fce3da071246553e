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
        "You take for granted that what can be read is used; that was the question. The mean over many cities says "
        "nothing of this city's continent, and with it the answers stay as well. They may rest on what was passed on "
        "before."
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
