"""Wrong answers to patching.which_gate that learners give, with the sentence to say for each."""

from mi_tutor.tutor.misconceptions import misconception, probe


@probe("patching.which_gate")
def observe_which_gate(which_gate):
    yield which_gate().strip().lower()


@misconception(
    "patching.which_gate",
    says="If both were needed, one clean part in a corrupted run would not be enough. Denoising P alone gives 1.",
)
def gate_a() -> str:
    return "a"


@misconception(
    "patching.which_gate",
    says=(
        "In a chain, noising P corrupts Q as well, and the answer is gone. Noising P alone leaves 1, so the answer "
        "reaches the end without P."
    ),
)
def gate_b() -> str:
    return "b"


@misconception(
    "patching.which_gate",
    says=(
        "Noising one part alone shows that the other is enough, not that neither is used. Look at what noising both "
        "does, and at what denoising one does."
    ),
)
def gate_d() -> str:
    return "d"
