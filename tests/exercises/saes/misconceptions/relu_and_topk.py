"""Wrong answers to saes.relu_and_topk that learners give, with the sentence to say for each."""

from mi_tutor.tutor.misconceptions import misconception, probe


@probe("saes.relu_and_topk")
def observe_relu_and_topk(relu_and_topk):
    yield relu_and_topk().strip().lower()


@misconception(
    "saes.relu_and_topk",
    says=(
        "A zero takes a place of the k only when no positive entry is left to take it. Write both orders down for the "
        "row 3, 1, -1, -5."
    ),
)
def relu_last() -> str:
    return "b"


@misconception(
    "saes.relu_and_topk",
    says=(
        "The entry -1 takes the third place because no third positive entry is there. It becomes 0 and pushes nobody "
        "out. It would be otherwise if the k were chosen by size without the sign."
    ),
)
def relu_first() -> str:
    return "c"


@misconception(
    "saes.relu_and_topk",
    says="The row in the question has two positive entries and k is 3. How many of its latents are above zero?",
)
def always_k() -> str:
    return "d"
