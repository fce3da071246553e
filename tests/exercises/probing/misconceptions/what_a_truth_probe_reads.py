"""Wrong answers to probing.what_a_truth_probe_reads that learners give, with the sentence to say for each."""

from mi_tutor.tutor.misconceptions import misconception, probe


@probe("probing.what_a_truth_probe_reads")
def observe_what_a_truth_probe_reads(what_a_truth_probe_reads):
    yield what_a_truth_probe_reads().strip().lower()


@misconception(
    "probing.what_a_truth_probe_reads",
    says=(
        "Who guesses is right half of the time. This probe is right far less often than that, so it reads something, "
        "and reads it the wrong way round."
    ),
)
def reading_a() -> str:
    return "a"


@misconception(
    "probing.what_a_truth_probe_reads",
    says=(
        "A probe that gives all of them one answer is right on half of them, because half are true. To fall far below"
        " one half it has to tell them apart and name them wrongly."
    ),
)
def reading_b() -> str:
    return "b"


@misconception(
    "probing.what_a_truth_probe_reads",
    says=(
        "The probe is good on new cities in the plain statements, and it is wrong on the negated ones with "
        "regularity. Neither is possible if nothing in the activations tells right countries from wrong ones."
    ),
)
def reading_c() -> str:
    return "c"


@misconception(
    "probing.what_a_truth_probe_reads",
    says=(
        "A probe that reads truth would be right on the negated statements, too, or at least more often than a coin. "
        "Look at this entry of the table: row cities, column neg_cities."
    ),
)
def reading_e() -> str:
    return "e"
